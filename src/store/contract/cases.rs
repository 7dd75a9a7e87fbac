//! Owns the cases of writing: what a commit does, and what it refuses whole.

use super::{CENTRE, HARBOUR, Pen, begun, key, keyed};
use crate::office::{BranchId, Closed, DeskId, Entry, Event, Lang, State, TicketId, Token};
use crate::store::{Batch, CommitError, Store};

pub(super) fn an_empty_branch_gets_an_epoch_that_stays(store: &mut impl Store) {
    let first = store.load(CENTRE).unwrap();
    assert_eq!((first.epoch.len(), &first.snapshot, first.entries.len()), (32, &None, 0));
    assert_eq!(store.load(CENTRE).unwrap(), first);
    assert_ne!(store.load(HARBOUR).unwrap().epoch, first.epoch, "each branch has a log of its own");
    assert_eq!(store.load(CENTRE).unwrap(), first);
}

pub(super) fn what_was_committed_is_loaded(store: &mut impl Store) {
    let (mut pen, mut expected) = begun(store, 3);
    let more = [pen.call(1, 4), keyed(pen.issue(7), "k-7"), pen.recall(1, 4)];
    store.commit(&pen.batch(more.clone())).unwrap();
    expected.extend(more);
    assert_eq!(store.load(CENTRE).unwrap().entries, expected);
}

pub(super) fn a_gap_or_a_repetition_is_moved(store: &mut impl Store) {
    let (pen, entries) = begun(store, 2);
    let refused = |store: &mut _, revs: &[u64]| {
        let entries: Vec<_> = revs.iter().map(|&rev| Entry { rev, ..pen.clone().issue(u128::from(rev) + 50) }).collect();
        match Store::commit(store, &pen.batch(entries)) {
            Err(CommitError::Moved { expected, found }) => (expected, found),
            other => panic!("{revs:?}: {other:?}"),
        }
    };
    assert_eq!(refused(store, &[5]), (4, 3), "a gap before the batch");
    assert_eq!(refused(store, &[3]), (2, 3), "the last position again");
    assert_eq!(refused(store, &[1]), (0, 3), "from the start again");
    assert_eq!(refused(store, &[0]), (0, 3), "no position at all");
    assert_eq!(refused(store, &[u64::MAX]), (u64::MAX - 1, 3), "far away");
    assert_eq!(refused(store, &[4, 6]), (5, 4), "a gap inside the batch");
    assert_eq!(refused(store, &[4, 4]), (3, 4), "a repetition inside the batch");
    assert_eq!(store.load(CENTRE).unwrap().entries, entries, "nothing was written");
}

pub(super) fn a_key_in_a_later_batch_is_used(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 0);
    let first = keyed(pen.issue(10), "double click");
    store.commit(&pen.batch([first])).unwrap();
    let before = store.load(CENTRE).unwrap();
    let mut other = pen.clone();
    let batch = [other.issue(11), keyed(other.issue(12), "double click"), other.issue(13)];
    match store.commit(&other.batch(batch)) {
        Err(CommitError::KeyUsed { entry: 1, ticket: TicketId(10) }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(store.load(CENTRE).unwrap(), before, "nothing of the batch is there");
    assert_eq!(store.keyed(CENTRE, &key("double click")).unwrap().unwrap().id, TicketId(10));
    // Neither the number nor the ticket of the refused batch is taken.
    store.commit(&pen.clone().batch([pen.issue(11)])).unwrap();
}

pub(super) fn a_key_twice_in_a_batch_is_used(store: &mut impl Store) {
    let (mut pen, entries) = begun(store, 0);
    let batch = [keyed(pen.issue(10), "k"), pen.issue(11), keyed(pen.issue(12), "k")];
    match store.commit(&pen.batch(batch)) {
        Err(CommitError::KeyUsed { entry: 2, ticket: TicketId(10) }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
    assert_eq!(store.keyed(CENTRE, &key("k")).unwrap(), None);
}

pub(super) fn a_key_of_another_branch_is_free(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 0);
    store.commit(&pen.clone().batch([keyed(pen.issue(10), "k")])).unwrap();
    store.load(HARBOUR).unwrap();
    let mut harbour = Pen::new(HARBOUR);
    let batch = [harbour.open(21), keyed(harbour.issue(20), "k")];
    store.commit(&harbour.batch(batch)).unwrap();
    assert_eq!(store.keyed(CENTRE, &key("k")).unwrap().unwrap().id, TicketId(10));
    assert_eq!(store.keyed(HARBOUR, &key("k")).unwrap().unwrap().id, TicketId(20));
    assert_eq!(store.keyed(BranchId(3), &key("k")).unwrap(), None);
}

pub(super) fn a_key_gives_the_ticket_as_it_is_now(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 0);
    let issued = keyed(pen.issue(15), "k");
    store.commit(&pen.batch([issued.clone()])).unwrap();
    let waiting = store.keyed(CENTRE, &key("k")).unwrap().unwrap();
    assert_eq!((waiting.state, waiting.desk, waiting.code.as_str(), waiting.issued_at), (State::Waiting, None, "A-001", issued.at));
    assert_eq!((waiting.token, waiting.lang, waiting.name.as_deref()), (Token(!15), Lang::En, Some("Inés Ñandú")));
    let called = keyed(pen.call(15, 4), "desk-4-1");
    store.commit(&pen.batch([called.clone()])).unwrap();
    let now = store.keyed(CENTRE, &key("k")).unwrap().unwrap();
    assert_eq!((now.state, now.desk, now.calls, now.last_called_at), (State::Called, Some(DeskId(4)), 1, Some(called.at)));
    assert_eq!(store.keyed(CENTRE, &key("desk-4-1")).unwrap(), Some(now), "the key of a call stands for its ticket");
    assert_eq!(store.keyed(CENTRE, &key("unused")).unwrap(), None);
}

pub(super) fn a_snapshot_and_the_tail_behind_it(store: &mut impl Store) {
    let (mut pen, entries) = begun(store, 2);
    let third = pen.issue(3);
    store.commit(&Batch { snapshot: Some("{\"one\":1}".into()), ..pen.batch([third.clone()]) }).unwrap();
    let loaded = store.load(CENTRE).unwrap();
    assert_eq!((loaded.snapshot.as_deref(), loaded.entries.len()), (Some("{\"one\":1}"), 0));
    let tail = [pen.call(1, 1), pen.call(2, 2)];
    store.commit(&pen.batch(tail.clone())).unwrap();
    let loaded = store.load(CENTRE).unwrap();
    assert_eq!((loaded.snapshot.as_deref(), loaded.entries.as_slice()), (Some("{\"one\":1}"), tail.as_slice()));
    let last = pen.issue(4);
    store.commit(&Batch { snapshot: Some("{\"two\":2}".into()), ..pen.batch([last.clone()]) }).unwrap();
    let loaded = store.load(CENTRE).unwrap();
    assert_eq!((loaded.snapshot.as_deref(), loaded.entries.len()), (Some("{\"two\":2}"), 0), "only the newest counts");
    let all: Vec<_> = entries.into_iter().chain([third]).chain(tail).chain([last]).collect();
    assert_eq!(store.entries(CENTRE, 0, 100).unwrap(), all, "a snapshot takes nothing out of the log");
}

pub(super) fn a_refused_batch_leaves_its_snapshot_out(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 1);
    let used = keyed(pen.issue(2), "k");
    store.commit(&pen.batch([used])).unwrap();
    let again = keyed(pen.issue(3), "k");
    assert!(matches!(store.commit(&Batch { snapshot: Some("{}".into()), ..pen.batch([again]) }), Err(CommitError::KeyUsed { .. })));
    assert_eq!(store.load(CENTRE).unwrap().snapshot, None);
}

pub(super) fn ranges_of_entries(store: &mut impl Store) {
    let (_, all) = begun(store, 9);
    assert_eq!(store.entries(CENTRE, 0, usize::MAX).unwrap(), all);
    assert_eq!(store.entries(CENTRE, 3, 4).unwrap(), all[3..7]);
    assert_eq!(store.entries(CENTRE, 8, 100).unwrap(), all[8..]);
    assert_eq!(store.entries(CENTRE, 3, 0).unwrap(), []);
    assert_eq!(store.entries(CENTRE, 10, 5).unwrap(), []);
    assert_eq!(store.entries(CENTRE, u64::MAX, 5).unwrap(), []);
    assert_eq!(store.entries(HARBOUR, 0, 5).unwrap(), [], "a branch that does not exist");
}

pub(super) fn branches_are_apart(store: &mut impl Store) {
    let (mut centre, _) = begun(store, 5);
    store.load(HARBOUR).unwrap();
    let mut harbour = Pen::new(HARBOUR);
    let first = [harbour.open(21), harbour.issue(101), harbour.call(101, 1)];
    store.commit(&harbour.batch(first.clone())).unwrap();
    // The same call number, code and position as in the other branch.
    store.commit(&centre.clone().batch([centre.call(1, 1)])).unwrap();
    assert_eq!(store.load(HARBOUR).unwrap().entries, first);
    assert_eq!(store.load(CENTRE).unwrap().entries.len(), 7);
    inconsistent(store, &harbour.clone().batch([harbour.call(2, 1)]), "never issued here");
}

pub(super) fn an_empty_batch_does_nothing(store: &mut impl Store) {
    let (pen, entries) = begun(store, 1);
    store.commit(&pen.batch([])).unwrap();
    inconsistent(store, &Batch { snapshot: Some("{}".into()), ..pen.batch([]) }, "a snapshot comes with");
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
}

pub(super) fn numbers_go_by_one_in_a_day_and_series(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 2);
    let mixed = [pen.issue_in("B", 20), pen.issue(21), pen.issue_in("B", 22)];
    store.commit(&pen.batch(mixed)).unwrap();
    let renumber = |mut entry: Entry, to: u32| {
        if let Event::TicketIssued { number, code, .. } = &mut entry.event {
            (*number, *code) = (to, format!("A-{to:03}"));
        }
        entry
    };
    for (wrong, why) in [(3, "the last one again"), (5, "one skipped"), (1, "from the start"), (0, "none"), (u32::MAX, "far away")] {
        let mut pen = pen.clone();
        let batch = [pen.issue_in("B", 30), renumber(pen.issue(31), wrong)];
        inconsistent(store, &pen.batch(batch), &format!("number {wrong} in series A on 2026-11-21 does not follow 3"));
        assert_eq!(store.load(CENTRE).unwrap().entries.len(), 6, "{why}: nothing written");
    }
    let next_day = [pen.open(22), pen.issue(40), pen.issue_in("B", 41)];
    store.commit(&pen.batch(next_day)).unwrap();
    // The first day is over and its numbers stay taken.
    let mut again = pen.clone();
    let batch = [again.open(21), again.issue(50)];
    inconsistent(store, &again.batch(batch), "number 1 in series A on 2026-11-21 does not follow 3");
}

pub(super) fn what_cannot_be_is_refused_whole(store: &mut impl Store) {
    let mut early = Pen::new(CENTRE);
    inconsistent(store, &early.batch([early.clone().open(21)]), "branch 1 was never loaded");
    store.load(CENTRE).unwrap();
    inconsistent(store, &early.clone().batch([early.issue(1)]), "needs a business day");
    let (mut pen, entries) = begun(store, 3);
    store.commit(&pen.clone().batch([pen.call(1, 1)])).unwrap();
    type Write = fn(&mut Pen) -> Vec<Entry>;
    let cases: [(&str, Write); 8] = [
        ("never issued here", |pen| vec![pen.issue(9), pen.call(99, 1)]),
        ("issued a second time", |pen| vec![pen.issue(9), pen.issue(2)]),
        ("issued a second time", |pen| vec![pen.issue(9), pen.issue(9)]),
        ("call 1 was made before", |pen| {
            pen.call = 0;
            vec![pen.issue(9), pen.call(2, 1)]
        }),
        ("call 2 was made before", |pen| {
            let first = pen.call(2, 1);
            pen.call -= 1;
            vec![first, pen.call(3, 2)]
        }),
        ("is about desk 3, which is not open", |pen| vec![pen.entry(Event::DeskPaused { desk: DeskId(3), reason: None })]),
        ("is about desk 3, which is not open", |pen| {
            let opened = pen.entry(Event::DeskOpened { desk: DeskId(3), session: None, agent: None });
            let close = |pen: &mut Pen| pen.entry(Event::DeskClosed { desk: DeskId(3), why: Closed::Left });
            vec![opened, close(pen), close(pen)]
        }),
        ("no ticket that it could stand for", |pen| vec![pen.issue(9), keyed(pen.open(22), "k")]),
    ];
    for (text, write) in cases {
        let mut pen = pen.clone();
        let batch = write(&mut pen);
        inconsistent(store, &pen.batch(batch), text);
    }
    assert_eq!(store.load(CENTRE).unwrap().entries[..4], entries);
    assert_eq!(store.load(CENTRE).unwrap().entries.len(), 5);
    store.commit(&pen.clone().batch([pen.issue(9)])).unwrap();
}

pub(super) fn inconsistent(store: &mut impl Store, batch: &Batch, text: &str) {
    match store.commit(batch) {
        Err(CommitError::Unavailable(said)) => {
            assert!(said.starts_with("internal inconsistency, nothing written: ") && said.contains(text), "{said:?} does not say {text:?}");
        }
        other => panic!("{other:?} where {text:?} was expected"),
    }
}

pub(super) fn a_probe_succeeds_and_leaves_the_log_alone(store: &mut impl Store) {
    let (_, entries) = begun(store, 1);
    for _ in 0..3 {
        store.probe().unwrap();
    }
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
}
