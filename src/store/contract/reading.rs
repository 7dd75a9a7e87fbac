//! Owns the cases of reading beside the writer: tickets, segments, desk times, histories.

use std::ops::ControlFlow;

use super::{CENTRE, HARBOUR, Pen, begun, date};
use crate::office::{BranchId, Canceller, Closed, DeskId, End, Entry, Event, Place, ServiceId, Ticket, TicketId, UserId};
use crate::store::{Days, DeskTime, Pause, Reports, Stay, Store, Visit};

/// The tickets of these days.
pub(in crate::store) fn tickets(reports: &mut dyn Reports, days: &Days) -> Vec<Visit> {
    let mut found = Vec::new();
    let mut each = |visit| {
        found.push(visit);
        ControlFlow::Continue(())
    };
    reports.tickets(CENTRE, days, &mut each).unwrap();
    found
}

/// The segments of these days.
pub(in crate::store) fn segments(reports: &mut dyn Reports, days: &Days) -> Vec<Stay> {
    let mut found = Vec::new();
    let mut each = |stay| {
        found.push(stay);
        ControlFlow::Continue(())
    };
    reports.segments(CENTRE, days, &mut each).unwrap();
    found
}

fn is_sound(reports: &mut dyn Reports, branch: BranchId) {
    assert_eq!(reports.check(branch).unwrap().differences, []);
}

pub(super) fn branches_are_named(store: &mut impl Store) {
    assert_eq!(store.branches().unwrap(), []);
    store.load(HARBOUR).unwrap();
    store.load(CENTRE).unwrap();
    assert_eq!(store.branches().unwrap(), [CENTRE, HARBOUR]);
    assert_eq!(store.reports().unwrap().branches().unwrap(), [CENTRE, HARBOUR]);
}

pub(super) fn a_ticket_s_history_is_what_the_log_says_of_it(store: &mut impl Store) {
    let (mut pen, begun) = begun(store, 3);
    let (two, desk) = (TicketId(2), DeskId(4));
    let more = [
        pen.call(1, 5),
        pen.call(2, 4),
        pen.recall(2, 4),
        pen.issue(9),
        pen.entry(Event::TicketMissed { ticket: two, desk }),
        pen.call(9, 4),
    ];
    store.commit(&pen.batch(more.clone())).unwrap();
    let mut reports = store.reports().unwrap();
    let expected = [begun[2].clone(), more[1].clone(), more[2].clone(), more[4].clone()];
    assert_eq!(reports.history(CENTRE, two).unwrap(), expected);
    let mut ticket = Ticket::issued(&expected[0].event, expected[0].at).unwrap();
    for Entry { at, event, .. } in &expected[1..] {
        ticket.apply(event, *at);
    }
    let visit = Visit { day: date(21), ticket, issued_rev: 3, rev: more[4].rev };
    assert_eq!(reports.ticket(CENTRE, two).unwrap(), Some(visit.clone()));
    assert_eq!(reports.find(CENTRE, date(21), "A-002").unwrap(), [visit]);
}

pub(super) fn a_code_may_come_again_on_a_day(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 2);
    let again = |entry: Entry, of_serial: u32| {
        let mut entry = entry;
        if let Event::TicketIssued { number, code, serial, .. } = &mut entry.event {
            (*number, *code, *serial) = (1, "A-001".into(), Some(of_serial));
        }
        entry
    };
    let third = again(pen.clone().issue(7), 3);
    store.commit(&pen.batch([third.clone()])).unwrap();
    pen.issue(7);
    let repeated = [again(pen.clone().issue(8), 3)];
    let error = store.commit(&pen.batch(repeated)).unwrap_err().to_string();
    assert!(error.ends_with("number 3 in series A on 2026-11-21 does not follow 3"), "{error}");
    let mut reports = store.reports().unwrap();
    let ids = |visits: Vec<Visit>| visits.iter().map(|visit| (visit.ticket.id.0, visit.ticket.serial)).collect::<Vec<_>>();
    assert_eq!(ids(reports.find(CENTRE, date(21), "A-001").unwrap()), [(1, 1), (7, 3)]);
    assert_eq!(ids(reports.find(CENTRE, date(22), "A-001").unwrap()), []);
    is_sound(&mut *reports, CENTRE);
}

pub(super) fn tickets_of_days_come_in_order_until_somebody_breaks_off(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 3);
    let later = [pen.open(24), pen.issue_in("B", 20), pen.issue(21), pen.open(25), pen.issue(31)];
    store.commit(&pen.batch(later)).unwrap();
    let mut reports = store.reports().unwrap();
    let mut ids = |from, to| tickets(&mut *reports, &(date(from)..=date(to))).iter().map(|visit| visit.ticket.id.0).collect::<Vec<_>>();
    assert_eq!(ids(1, 30), [1, 2, 3, 20, 21, 31]);
    assert_eq!(ids(22, 24), [20, 21]);
    assert_eq!(ids(25, 25), [31]);
    assert_eq!(ids(22, 23), [0_u128; 0]);
    assert_eq!(ids(25, 21), [0_u128; 0], "no days at all");
    let mut seen = 0;
    let mut four = |visit: Visit| {
        seen = visit.ticket.id.0;
        if seen == 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    reports.tickets(CENTRE, &(date(1)..=date(30)), &mut four).unwrap();
    assert_eq!(seen, 20);
    let of_24 = segments(&mut *reports, &(date(24)..=date(24)));
    assert_eq!(
        of_24.iter().map(|stay| (stay.day, stay.arrival, stay.segment.ticket.0)).collect::<Vec<_>>(),
        [(date(24), 6, 20), (date(24), 7, 21)]
    );
}

pub(super) fn a_transfer_that_was_undone_leaves_one_segment(store: &mut impl Store) {
    let (mut pen, begun) = begun(store, 2);
    let (ticket, desk, days) = (TicketId(1), DeskId(4), date(21)..=date(21));
    let mut reports = store.reports().unwrap();
    let called = pen.call(1, 4);
    let mut before = Ticket::issued(&begun[1].event, begun[1].at).unwrap();
    before.apply(&called.event, called.at);
    let transfer = |pen: &mut Pen| {
        pen.entry(Event::TicketTransferred { ticket, desk, service: ServiceId(9), to: Some(DeskId(2)), place: Place::Last })
    };
    let transferred = transfer(&mut pen);
    store.commit(&pen.batch([called, transferred.clone()])).unwrap();
    let of_one = |reports: &mut dyn Reports| {
        let all = segments(reports, &(date(21)..=date(21))).into_iter().map(|stay| stay.segment);
        all.filter(|segment| segment.ticket == ticket).map(|segment| (segment.segment, segment.service.0, segment.end)).collect::<Vec<_>>()
    };
    assert_eq!(of_one(&mut *reports), [(1, 1, Some(End::Transferred)), (2, 9, None)]);

    let undone = pen.entry(Event::TicketRestored { ticket, desk, before: Box::new(before.clone()) });
    store.commit(&pen.batch([undone])).unwrap();
    assert_eq!(of_one(&mut *reports), [(1, 1, None)]);
    assert_eq!(tickets(&mut *reports, &days)[0].ticket, before);

    // The same within one batch, and on from there.
    let batch = [
        transfer(&mut pen),
        pen.entry(Event::TicketRestored { ticket, desk, before: Box::new(before) }),
        transfer(&mut pen),
        pen.entry(Event::TicketCancelled { ticket, by: Canceller::Visitor }),
        pen.entry(Event::TicketReactivated { ticket, place: Place::First }),
    ];
    store.commit(&pen.batch(batch)).unwrap();
    assert_eq!(of_one(&mut *reports), [(1, 1, Some(End::Transferred)), (2, 9, Some(End::Left)), (3, 9, None)]);
}

pub(super) fn desk_times_and_their_pauses(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 0);
    let (desk, agent) = (DeskId(4), Some(UserId(7)));
    let opened = |pen: &mut Pen, agent| pen.entry(Event::DeskOpened { desk, session: None, agent });
    let first = [opened(&mut pen, agent), pen.entry(Event::DeskPaused { desk, reason: Some("café".into()) })];
    store.commit(&pen.batch(first.clone())).unwrap();
    let mut reports = store.reports().unwrap();
    let mut times = |days: Days| reports.desk_times(CENTRE, &days).unwrap();
    let pause = |ended_at| Pause { rev: 3, reason: Some("café".into()), began_at: first[1].at, ended_at };
    let (rev, opened_at) = (2, first[0].at);
    let here = DeskTime { day: date(21), rev, desk, agent, opened_at, closed_at: None, why: None, pauses: vec![pause(None)] };
    assert_eq!(times(date(21)..=date(21)), std::slice::from_ref(&here));

    // Gone on with, taken over, closed; opened again on another day.
    let rest = [opened(&mut pen, agent), opened(&mut pen, None), pen.entry(Event::DeskClosed { desk, why: Closed::DayOver })];
    let next = [pen.open(22), opened(&mut pen, agent), pen.issue(1)];
    store.commit(&pen.batch([rest.clone(), next.clone()].concat())).unwrap();
    let here = DeskTime { closed_at: Some(rest[1].at), pauses: vec![pause(Some(rest[0].at))], ..here };
    let (closed_at, why) = (Some(rest[2].at), Some(Closed::DayOver));
    let taken = DeskTime { day: date(21), rev: rest[1].rev, desk, agent: None, opened_at: rest[1].at, closed_at, why, pauses: vec![] };
    assert_eq!(times(date(1)..=date(21)), [here.clone(), taken.clone()]);
    let tomorrow = DeskTime { day: date(22), rev: next[1].rev, opened_at: next[1].at, closed_at: None, pauses: vec![], ..here.clone() };
    assert_eq!(times(date(21)..=date(22)), [here, taken, tomorrow]);
    is_sound(&mut *store.reports().unwrap(), CENTRE);
}

pub(super) fn what_is_read_beside_follows_the_commits(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 1);
    let mut reports = store.reports().unwrap();
    let mut other = store.reports().unwrap();
    for ticket in 2..5 {
        store.commit(&pen.clone().batch([pen.issue(ticket)])).unwrap();
        for reports in [&mut reports, &mut other] {
            assert_eq!(tickets(&mut **reports, &(date(21)..=date(21))).len() as u128, ticket);
        }
    }
    // On another thread, while this one commits.
    let reading = std::thread::spawn(move || reports.check(CENTRE).unwrap());
    store.commit(&pen.clone().batch([pen.issue(5)])).unwrap();
    assert!(reading.join().unwrap().is_sound());
}

pub(super) fn nothing_is_there_of_an_unknown_branch(store: &mut impl Store) {
    begun(store, 2);
    let mut reports = store.reports().unwrap();
    let checked = reports.check(HARBOUR).unwrap();
    assert_eq!((checked.entries, checked.tickets, checked.found), (0, 0, 0));
    assert_eq!(reports.history(HARBOUR, TicketId(1)).unwrap(), []);
    assert_eq!(reports.ticket(HARBOUR, TicketId(1)).unwrap(), None);
    assert_eq!(reports.find(HARBOUR, date(21), "A-001").unwrap(), []);
    assert_eq!(reports.desk_times(HARBOUR, &(date(1)..=date(30))).unwrap(), []);
    reports.tickets(HARBOUR, &(date(1)..=date(30)), &mut |visit| panic!("{visit:?}")).unwrap();
}
