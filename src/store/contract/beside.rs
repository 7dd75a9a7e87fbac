//! Owns the cases of what reports need besides tickets: ranges of the log read beside the writer, names, a day to be played.

use super::{CENTRE, HARBOUR, begun, date, keyed};
use crate::office::simulation::{Arrival, Shift};
use crate::office::{BranchId, Closed, DeskId, Event, Millis, Rank, Role, ServiceId, TicketId, User, UserId};
use crate::store::{Change, Store};

pub(super) fn ranges_of_entries_are_read_beside_the_writer(store: &mut impl Store) {
    let (mut pen, mut log) = begun(store, 4);
    let mut reports = store.reports().unwrap();
    let more = [keyed(pen.issue(9), "k-9"), pen.call(1, 4)];
    store.commit(&pen.batch(more.clone())).unwrap();
    log.extend(more);
    assert_eq!(reports.entries(CENTRE, 0, usize::MAX).unwrap(), log, "with what came since, keys too");
    assert_eq!(reports.entries(CENTRE, 2, 3).unwrap(), log[2..5]);
    assert_eq!(reports.entries(CENTRE, 6, 10).unwrap(), log[6..], "fewer than asked for");
    for (branch, after, limit) in [(CENTRE, 0, 0), (CENTRE, 7, 5), (CENTRE, u64::MAX, 5), (HARBOUR, 0, 5), (BranchId(9), 0, usize::MAX)] {
        assert_eq!(reports.entries(branch, after, limit).unwrap(), [], "{branch:?} after {after}, at most {limit}");
    }
    // Page by page it is the same.
    let mut paged = Vec::new();
    while let page @ [_, ..] = &reports.entries(CENTRE, paged.len() as u64, 3).unwrap()[..] {
        paged.extend_from_slice(page);
    }
    assert_eq!(paged, log);
    for after in 0..=log.len() as u64 + 1 {
        assert_eq!(reports.entries(CENTRE, after, 2).unwrap(), store.entries(CENTRE, after, 2).unwrap());
    }
}

pub(super) fn names_are_those_of_now(store: &mut impl Store) {
    let mut reports = store.reports().unwrap();
    assert!(reports.names().unwrap().is_empty());
    let user = |id, name: &str| Change::PutUser(User { name: name.into(), ..sample_user(id) });
    store.record(CENTRE, &[user(7, "Ana"), user(u128::MAX, "Inés Ñandú")]).unwrap();
    let named = |names: std::collections::BTreeMap<UserId, String>| names.into_iter().map(|(id, name)| (id.0, name)).collect::<Vec<_>>();
    assert_eq!(named(reports.names().unwrap()), [(7, "Ana".to_owned()), (u128::MAX, "Inés Ñandú".to_owned())]);
    store.record(HARBOUR, &[user(7, "Ana María"), Change::DropUser(UserId(u128::MAX))]).unwrap();
    assert_eq!(named(reports.names().unwrap()), [(7, "Ana María".to_owned())], "in every branch the same");
}

fn sample_user(id: u128) -> User {
    User { id: UserId(id), name: String::new(), role: Role::Agent, created_at: Millis(5) }
}

pub(super) fn a_day_is_there_to_be_played(store: &mut impl Store) {
    let (mut pen, log) = begun(store, 3);
    let (desk, agent) = (DeskId(4), Some(UserId(7)));
    let opened = |pen: &mut super::Pen| pen.entry(Event::DeskOpened { desk, session: None, agent });
    let finished =
        |ticket| Event::TicketFinished { ticket: TicketId(ticket), desk, auto: false, outcome: None, note: None, reliable: true };
    let of_day = [
        opened(&mut pen),
        pen.call(2, 4),
        pen.entry(finished(2)),
        pen.entry(Event::DeskPaused { desk, reason: None }),
        opened(&mut pen),
        pen.entry(Event::TicketCancelled { ticket: TicketId(3), by: crate::office::Canceller::Visitor }),
        pen.entry(Event::DeskClosed { desk, why: Closed::Left }),
        pen.entry(Event::TicketExpired { ticket: TicketId(1) }),
        pen.open(22),
        pen.issue(8),
    ];
    store.commit(&pen.batch(of_day.clone())).unwrap();
    let mut reports = store.reports().unwrap();
    let day = reports.played_day(CENTRE, date(21), Millis(i64::MAX)).unwrap();
    let served = Some(of_day[2].at.0 - of_day[1].at.0);
    // Who went away while waiting, or was sent away by the day's end, is not played.
    assert_eq!(day.arrivals, [Arrival { at: log[2].at, service: ServiceId(1), rank: Rank(0), served }]);
    let open = vec![(of_day[0].at, of_day[3].at), (of_day[4].at, of_day[6].at)];
    assert_eq!(day.shifts, [Shift { desk, open }]);
    let next = reports.played_day(CENTRE, date(22), Millis(i64::MAX)).unwrap();
    assert_eq!((next.arrivals.len(), next.arrivals[0].served, next.shifts), (1, None, Vec::new()));
    for (branch, day) in [(CENTRE, 20), (HARBOUR, 21)] {
        assert_eq!(reports.played_day(branch, date(day), Millis(0)).unwrap(), Default::default());
    }
}
