//! Owns the cases that every store passes, and the small logs that they are made of. A new store adds one line at the end.

use std::collections::HashMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{Batch, CommitError, MemoryStore, SqliteStore, Store};
use crate::office::{BranchId, Channel, DeskId, Entry, Event, Key, Lang, Millis, Place, Rank, ServiceId, State, Ticket, TicketId, Token};

pub(super) const CENTRE: BranchId = BranchId(1);
pub(super) const HARBOUR: BranchId = BranchId(2);

/// Writes a log as an office would: positions, times, numbers and calls follow each other.
#[derive(Debug, Clone)]
pub(super) struct Pen {
    pub(super) branch: BranchId,
    pub(super) rev: u64,
    at: i64,
    numbers: HashMap<&'static str, u32>,
    call: u64,
    calls: HashMap<u128, u32>,
}

impl Pen {
    pub(super) fn new(branch: BranchId) -> Self {
        Self { branch, rev: 0, at: 1_792_589_127_000, numbers: HashMap::new(), call: 0, calls: HashMap::new() }
    }

    pub(super) fn entry(&mut self, event: Event) -> Entry {
        self.rev += 1;
        self.at += 250;
        Entry { rev: self.rev, at: Millis(self.at), key: None, event }
    }

    pub(super) fn open(&mut self, day: u32) -> Entry {
        self.numbers.clear();
        self.entry(Event::DayOpened { date: NaiveDate::from_ymd_opt(2026, 11, day).unwrap() })
    }

    pub(super) fn issue_in(&mut self, series: &'static str, ticket: u128) -> Entry {
        let number = self.numbers.entry(series).or_default();
        *number += 1;
        let number = *number;
        self.entry(Event::TicketIssued {
            ticket: TicketId(ticket),
            token: Token(!ticket),
            number,
            code: format!("{series}-{number:03}"),
            service: ServiceId(series.len() as u32),
            rank: Rank((ticket % 2) as u8),
            channel: Channel::Live,
            lang: if ticket.is_multiple_of(3) { Lang::En } else { Lang::Es },
            name: ticket.is_multiple_of(5).then(|| "Inés Ñandú".to_owned()),
        })
    }

    pub(super) fn issue(&mut self, ticket: u128) -> Entry {
        self.issue_in("A", ticket)
    }

    pub(super) fn call(&mut self, ticket: u128, desk: u32) -> Entry {
        let (call, calls) = self.next_call(ticket);
        self.entry(Event::TicketCalled { ticket: TicketId(ticket), desk: DeskId(desk), call, calls })
    }

    pub(super) fn recall(&mut self, ticket: u128, desk: u32) -> Entry {
        let (call, calls) = self.next_call(ticket);
        self.entry(Event::TicketRecalled { ticket: TicketId(ticket), desk: DeskId(desk), call, calls })
    }

    fn next_call(&mut self, ticket: u128) -> (u64, u32) {
        self.call += 1;
        let calls = self.calls.entry(ticket).or_default();
        *calls += 1;
        (self.call, *calls)
    }

    pub(super) fn batch(&self, entries: impl Into<Vec<Entry>>) -> Batch {
        Batch { branch: self.branch, entries: entries.into(), snapshot: None }
    }
}

pub(super) fn key(text: &str) -> Key {
    Key::try_from(text.to_owned()).unwrap()
}

pub(super) fn keyed(entry: Entry, text: &str) -> Entry {
    Entry { key: Some(key(text)), ..entry }
}

/// A store with an opened day and `tickets` numbers issued in one batch.
pub(super) fn begun(store: &mut impl Store, tickets: u128) -> (Pen, Vec<Entry>) {
    let mut pen = Pen::new(CENTRE);
    store.load(CENTRE).unwrap();
    let mut entries = vec![pen.open(21)];
    entries.extend((1..=tickets).map(|ticket| pen.issue(ticket)));
    store.commit(&pen.batch(entries.clone())).unwrap();
    (pen, entries)
}

fn an_empty_branch_gets_an_epoch_that_stays(store: &mut impl Store) {
    let first = store.load(CENTRE).unwrap();
    assert_eq!((first.epoch.len(), &first.snapshot, first.entries.len()), (32, &None, 0));
    assert_eq!(store.load(CENTRE).unwrap(), first);
    assert_ne!(store.load(HARBOUR).unwrap().epoch, first.epoch, "each branch has a log of its own");
    assert_eq!(store.load(CENTRE).unwrap(), first);
}

fn what_was_committed_is_loaded(store: &mut impl Store) {
    let (mut pen, mut expected) = begun(store, 3);
    let more = [pen.call(1, 4), keyed(pen.issue(7), "k-7"), pen.recall(1, 4)];
    store.commit(&pen.batch(more.clone())).unwrap();
    expected.extend(more);
    assert_eq!(store.load(CENTRE).unwrap().entries, expected);
}

fn a_gap_or_a_repetition_is_moved(store: &mut impl Store) {
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

fn a_key_in_a_later_batch_is_used(store: &mut impl Store) {
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

fn a_key_twice_in_a_batch_is_used(store: &mut impl Store) {
    let (mut pen, entries) = begun(store, 0);
    let batch = [keyed(pen.issue(10), "k"), pen.issue(11), keyed(pen.issue(12), "k")];
    match store.commit(&pen.batch(batch)) {
        Err(CommitError::KeyUsed { entry: 2, ticket: TicketId(10) }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
    assert_eq!(store.keyed(CENTRE, &key("k")).unwrap(), None);
}

fn a_key_of_another_branch_is_free(store: &mut impl Store) {
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

fn a_key_gives_the_ticket_as_it_is_now(store: &mut impl Store) {
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

fn a_snapshot_and_the_tail_behind_it(store: &mut impl Store) {
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

fn a_refused_batch_leaves_its_snapshot_out(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 1);
    let used = keyed(pen.issue(2), "k");
    store.commit(&pen.batch([used])).unwrap();
    let again = keyed(pen.issue(3), "k");
    assert!(matches!(store.commit(&Batch { snapshot: Some("{}".into()), ..pen.batch([again]) }), Err(CommitError::KeyUsed { .. })));
    assert_eq!(store.load(CENTRE).unwrap().snapshot, None);
}

fn ranges_of_entries(store: &mut impl Store) {
    let (_, all) = begun(store, 9);
    assert_eq!(store.entries(CENTRE, 0, usize::MAX).unwrap(), all);
    assert_eq!(store.entries(CENTRE, 3, 4).unwrap(), all[3..7]);
    assert_eq!(store.entries(CENTRE, 8, 100).unwrap(), all[8..]);
    assert_eq!(store.entries(CENTRE, 3, 0).unwrap(), []);
    assert_eq!(store.entries(CENTRE, 10, 5).unwrap(), []);
    assert_eq!(store.entries(CENTRE, u64::MAX, 5).unwrap(), []);
    assert_eq!(store.entries(HARBOUR, 0, 5).unwrap(), [], "a branch that does not exist");
}

fn branches_are_apart(store: &mut impl Store) {
    assert_eq!(store.branches().unwrap(), []);
    store.load(HARBOUR).unwrap();
    let (mut centre, _) = begun(store, 5);
    assert_eq!(store.branches().unwrap(), [CENTRE, HARBOUR]);
    let mut harbour = Pen::new(HARBOUR);
    let first = [harbour.open(21), harbour.issue(101), harbour.call(101, 1)];
    store.commit(&harbour.batch(first.clone())).unwrap();
    // The same call number, code and position as in the other branch.
    store.commit(&centre.clone().batch([centre.call(1, 1)])).unwrap();
    assert_eq!(store.load(HARBOUR).unwrap().entries, first);
    assert_eq!(store.load(CENTRE).unwrap().entries.len(), 7);
    inconsistent(store, &harbour.clone().batch([harbour.call(2, 1)]), "never issued here");
}

fn an_empty_batch_does_nothing(store: &mut impl Store) {
    let (pen, entries) = begun(store, 1);
    store.commit(&pen.batch([])).unwrap();
    inconsistent(store, &Batch { snapshot: Some("{}".into()), ..pen.batch([]) }, "a snapshot comes with");
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
}

fn numbers_go_by_one_in_a_day_and_series(store: &mut impl Store) {
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
        inconsistent(store, &pen.batch(batch), &format!("number {wrong} of series A on 2026-11-21 does not follow 3"));
        assert_eq!(store.load(CENTRE).unwrap().entries.len(), 6, "{why}: nothing written");
    }
    let next_day = [pen.open(22), pen.issue(40), pen.issue_in("B", 41)];
    store.commit(&pen.batch(next_day)).unwrap();
    // The first day is over and its numbers stay taken.
    let mut again = pen.clone();
    let batch = [again.open(21), again.issue(50)];
    inconsistent(store, &again.batch(batch), "number 1 of series A on 2026-11-21 does not follow 3");
}

fn what_cannot_be_is_refused_whole(store: &mut impl Store) {
    let mut early = Pen::new(CENTRE);
    inconsistent(store, &early.batch([early.clone().open(21)]), "branch 1 was never loaded");
    store.load(CENTRE).unwrap();
    inconsistent(store, &early.clone().batch([early.issue(1)]), "no business day");
    let (mut pen, entries) = begun(store, 3);
    store.commit(&pen.clone().batch([pen.call(1, 1)])).unwrap();
    type Write = fn(&mut Pen) -> Vec<Entry>;
    let cases: [(&str, Write); 6] = [
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

fn inconsistent(store: &mut impl Store, batch: &Batch, text: &str) {
    match store.commit(batch) {
        Err(CommitError::Unavailable(said)) => {
            assert!(said.starts_with("internal inconsistency, nothing written: ") && said.contains(text), "{said:?} does not say {text:?}");
        }
        other => panic!("{other:?} where {text:?} was expected"),
    }
}

fn a_probe_succeeds_and_leaves_the_log_alone(store: &mut impl Store) {
    let (_, entries) = begun(store, 1);
    for _ in 0..3 {
        store.probe().unwrap();
    }
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
}

/// What may happen to some ticket; which one is chosen among those to which it may.
#[derive(Debug, Clone, Copy)]
enum Step {
    Issue,
    Call,
    Recall,
    Start,
    Finish,
    Miss,
    Requeue,
    Expire,
    /// What came since the last one becomes a batch.
    Commit,
}

/// A ticket, folded here by hand and not by the office's own rule.
pub(super) fn fold(entries: &[Entry]) -> HashMap<TicketId, Ticket> {
    let mut tickets: HashMap<TicketId, Ticket> = HashMap::new();
    for Entry { at, event, .. } in entries {
        if let Event::TicketIssued { ticket, token, number, code, service, rank, channel, lang, name } = event.clone() {
            let (id, issued_at) = (ticket, *at);
            let (first_called_at, last_called_at, started_at, ended_at) = (None, None, None, None);
            let (state, desk, calls) = (State::Waiting, None, 0);
            tickets.insert(
                id,
                Ticket {
                    id,
                    token,
                    number,
                    code,
                    service,
                    rank,
                    channel,
                    lang,
                    name,
                    state,
                    desk,
                    calls,
                    issued_at,
                    first_called_at,
                    last_called_at,
                    started_at,
                    ended_at,
                },
            );
            continue;
        }
        let Some(ticket) = event.ticket().and_then(|id| tickets.get_mut(&id)) else { continue };
        ticket.state = match event {
            Event::TicketCalled { desk, calls, .. } | Event::TicketRecalled { desk, calls, .. } => {
                (ticket.desk, ticket.calls) = (Some(*desk), *calls);
                ticket.first_called_at = ticket.first_called_at.or(Some(*at));
                ticket.last_called_at = Some(*at);
                State::Called
            }
            Event::ServiceStarted { .. } => {
                ticket.started_at = Some(*at);
                State::Serving
            }
            Event::TicketRequeued { .. } => {
                (ticket.desk, ticket.started_at) = (None, None);
                State::Waiting
            }
            Event::TicketFinished { .. } => State::Finished,
            Event::TicketMissed { .. } => State::Missed,
            Event::TicketExpired { .. } => State::Expired,
            other => panic!("{other:?} is about a ticket and has no rule here"),
        };
        if matches!(ticket.state, State::Finished | State::Missed | State::Expired) {
            ticket.ended_at = Some(*at);
        }
    }
    tickets
}

/// Logs as an office may write them, in batches.
pub(super) fn days() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    let step = prop_oneof![
        4 => Just(Step::Issue), 4 => Just(Step::Call), 1 => Just(Step::Recall), 2 => Just(Step::Start), 2 => Just(Step::Finish),
        1 => Just(Step::Miss), 1 => Just(Step::Requeue), 1 => Just(Step::Expire), 3 => Just(Step::Commit),
    ];
    proptest::collection::vec((step, any::<prop::sample::Index>()), 1..80).prop_map(|steps| {
        let mut pen = Pen::new(CENTRE);
        let mut states: Vec<(u128, State)> = Vec::new();
        let mut batches = vec![vec![pen.open(21)]];
        for (step, pick) in steps {
            if let Step::Commit = step {
                batches.push(Vec::new());
                continue;
            }
            if let Step::Issue = step {
                let ticket = states.len() as u128 + 1;
                states.push((ticket, State::Waiting));
                let entry = keyed(pen.issue_in(["A", "BC"][pick.index(2)], ticket), &format!("key {ticket}"));
                batches.last_mut().unwrap().push(entry);
                continue;
            }
            let fits = |state: State| match step {
                Step::Call => state == State::Waiting,
                Step::Recall | Step::Start | Step::Miss => state == State::Called,
                Step::Finish | Step::Requeue => matches!(state, State::Called | State::Serving),
                _ => matches!(state, State::Waiting | State::Called),
            };
            let able: Vec<usize> = (0..states.len()).filter(|&place| fits(states[place].1)).collect();
            if able.is_empty() {
                continue;
            }
            let (id, state) = &mut states[able[pick.index(able.len())]];
            let (ticket, desk) = (TicketId(*id), DeskId(1 + pick.index(4) as u32));
            let (entry, next) = match step {
                Step::Call => (pen.call(*id, desk.0), State::Called),
                Step::Recall => (pen.recall(*id, desk.0), State::Called),
                Step::Start => (pen.entry(Event::ServiceStarted { ticket, desk }), State::Serving),
                Step::Finish => (pen.entry(Event::TicketFinished { ticket, desk, reliable: pick.index(3) > 0 }), State::Finished),
                Step::Miss => (pen.entry(Event::TicketMissed { ticket, desk }), State::Missed),
                Step::Requeue => (pen.entry(Event::TicketRequeued { ticket, desk, place: Place::After(2) }), State::Waiting),
                _ => (pen.entry(Event::TicketExpired { ticket }), State::Expired),
            };
            *state = next;
            batches.last_mut().unwrap().push(entry);
        }
        batches
    })
}

fn tickets_are_what_the_events_say<S: Store>(make: fn() -> S) {
    let mut runner = TestRunner::new(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() });
    runner
        .run(&days(), |batches| {
            let mut store = make();
            store.load(CENTRE).unwrap();
            for entries in &batches {
                store.commit(&Pen::new(CENTRE).batch(entries.clone())).unwrap();
            }
            let log = batches.concat();
            for ticket in fold(&log).into_values() {
                let stored = store.keyed(CENTRE, &key(&format!("key {}", ticket.id.0))).unwrap();
                prop_assert_eq!(stored, Some(ticket));
            }
            prop_assert_eq!(store.load(CENTRE).unwrap().entries, log);
            Ok(())
        })
        .unwrap();
}

macro_rules! contract {
    ($store:ident, $make:expr) => {
        mod $store {
            use super::*;

            contract!(@cases $make,
                an_empty_branch_gets_an_epoch_that_stays, what_was_committed_is_loaded, a_gap_or_a_repetition_is_moved,
                a_key_in_a_later_batch_is_used, a_key_twice_in_a_batch_is_used, a_key_of_another_branch_is_free,
                a_key_gives_the_ticket_as_it_is_now, a_snapshot_and_the_tail_behind_it, a_refused_batch_leaves_its_snapshot_out,
                ranges_of_entries, branches_are_apart, an_empty_batch_does_nothing, numbers_go_by_one_in_a_day_and_series,
                what_cannot_be_is_refused_whole, a_probe_succeeds_and_leaves_the_log_alone
            );

            #[test]
            fn tickets_are_what_the_events_say() {
                super::tickets_are_what_the_events_say($make);
            }
        }
    };
    (@cases $make:expr, $($case:ident),+) => {
        $(
            #[test]
            fn $case() {
                super::$case(&mut $make());
            }
        )+
    };
}

contract!(memory, MemoryStore::new);
contract!(sqlite, || SqliteStore::throw_away().unwrap());
