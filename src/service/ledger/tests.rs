//! Owns the cases of the ledger: what is written together, what is said when, and how each way in which a commit can end leaves memory and
//! disk. The disk is a store in memory; the tests say when it writes and what it answers.

use super::*;
use crate::access::{Author, Signed};
use crate::office::arbitrary::{MORNING, issue, sample};
use crate::office::{By, Canceller, Command, DeskId, Key, Place, State, UserId};
use crate::store::{AuditFilter, CommitError, MemoryStore, Store};

const CENTRE: BranchId = BranchId(1);
const DAY: i64 = 24 * 60 * 60_000;

/// Keeps what it is told, each with the office's position at that moment.
#[derive(Default)]
struct Told {
    entries: Vec<u64>,
    answers: Vec<(u32, Answer, u64)>,
    replaced: usize,
}

impl Scribe<u32> for Told {
    fn before(&mut self, office: &Office, entry: &Entry) {
        assert_eq!(office.rev() + 1, entry.rev, "told with the office right before it");
    }

    fn entry(&mut self, office: &Office, entry: &Entry) {
        assert_eq!(office.rev(), entry.rev, "told with the office right after it");
        self.entries.push(entry.rev);
    }

    fn answer(&mut self, office: &Office, reply: u32, answer: Answer) {
        self.answers.push((reply, answer, office.rev()));
    }

    fn replaced(&mut self, _: &Office) {
        self.replaced += 1;
    }
}

struct Bench {
    store: MemoryStore,
    ledger: Ledger<u32>,
    told: Told,
    now: Millis,
}

impl Bench {
    /// A configured branch, at position 2.
    fn new() -> Self {
        let (mut store, mut told) = (MemoryStore::new(), Told::default());
        let ledger = Ledger::open(CENTRE, store.load(CENTRE).unwrap(), &mut told).unwrap();
        let mut bench = Self { store, ledger, told, now: MORNING };
        bench.submit(0, Command::Configure(Box::new(sample())), None);
        bench.finish();
        bench.told = Told::default();
        bench
    }

    fn submit(&mut self, reply: u32, command: Command, key: Option<&str>) {
        let key = key.map(|key| Key::try_from(key.to_owned()).unwrap());
        self.ledger.submit(Request { command, key, by: By::default() }, None, reply).unwrap();
    }

    /// A command that somebody carries out.
    fn submit_for(&mut self, reply: u32, command: Command, key: Option<&str>) {
        let key = key.map(|key| Key::try_from(key.to_owned()).unwrap());
        let by = Author::User { id: UserId(1), name: "Ana".into() };
        let signed = Signed { by, address: None, branch: Some(CENTRE) };
        self.ledger.submit(Request { command, key, by: By::default() }, Some(signed.into()), reply).unwrap();
    }

    /// What is on disk of the audit log, oldest first.
    fn audited(&self) -> Vec<(&'static str, String)> {
        let mut lines = self.store.reports().unwrap().audit(&AuditFilter::default(), None, usize::MAX).unwrap();
        lines.reverse();
        lines.into_iter().map(|audited| (audited.line.action.code(), audited.line.subject)).collect()
    }

    /// Asks for a ticket whose id is the number of the reply.
    fn take(&mut self, reply: u32, key: Option<&str>) {
        self.submit(reply, issue(TicketId(reply.into()), 1, 0), key);
    }

    fn begin(&mut self) -> Option<Batch> {
        self.ledger.begin(self.now, &mut self.told)
    }

    /// What the store's thread does with a batch.
    fn write(&mut self, batch: &Batch) -> Committed {
        match self.store.commit(batch) {
            Ok(()) => Committed::Done,
            Err(CommitError::KeyUsed { entry, .. }) => {
                let key = batch.entries[entry].key.as_ref().unwrap();
                Committed::KeyUsed { entry, ticket: Box::new(self.store.keyed(CENTRE, key).unwrap().unwrap()) }
            }
            Err(CommitError::Moved { .. }) => Committed::Moved(self.store.load(CENTRE).unwrap()),
            Err(CommitError::Unavailable(problem)) => Committed::Failed(problem),
        }
    }

    fn settle(&mut self, committed: Committed, batch: &Batch) {
        self.ledger.settle(committed, batch, &mut self.told);
    }

    /// Writes and settles until nothing waits.
    fn finish(&mut self) {
        while let Some(batch) = self.begin() {
            let committed = self.write(&batch);
            self.settle(committed, &batch);
        }
        assert!(!self.ledger.is_busy());
    }

    /// Who was answered what, for the tickets' ids that are done.
    fn done(&self) -> Vec<(u32, u128)> {
        let ticket = |(reply, answer, _): &(u32, Answer, u64)| match answer {
            Answer::Done(Some(ticket)) => Some((*reply, ticket.0)),
            _ => None,
        };
        self.told.answers.iter().filter_map(ticket).collect()
    }

    fn number(&self, id: u128) -> Option<u32> {
        self.ledger.office().ticket(TicketId(id)).map(|ticket| ticket.number)
    }
}

fn done(ticket: u128) -> Answer {
    Answer::Done(Some(TicketId(ticket)))
}

#[test]
fn what_arrives_during_a_commit_is_written_together_after_it() {
    let mut bench = Bench::new();
    bench.take(1, None);
    let first = bench.begin().unwrap();
    for reply in 2..=4 {
        bench.take(reply, None);
        assert!(bench.begin().is_none(), "one batch at a time");
    }
    assert_eq!((bench.ledger.office().rev(), bench.told.answers.len()), (2, 0), "nothing is shown or said before it is written");
    let committed = bench.write(&first);
    bench.settle(committed, &first);
    assert_eq!(bench.told.answers, [(1, done(1), 3)]);

    let second = bench.begin().unwrap();
    assert_eq!(second.entries.iter().map(|entry| entry.rev).collect::<Vec<_>>(), [4, 5, 6]);
    let committed = bench.write(&second);
    bench.settle(committed, &second);
    assert_eq!(bench.told.entries, [3, 4, 5, 6]);
    assert_eq!(bench.told.answers[1..], [(2, done(2), 4), (3, done(3), 5), (4, done(4), 6)], "each answer with its own moment");
}

#[test]
fn a_refusal_waits_for_what_it_was_decided_upon_and_no_longer() {
    let mut bench = Bench::new();
    let call = || Command::CallNext { desk: DeskId(1) };
    let empty = Answer::Refused(Refused::EmptyQueue { desk: DeskId(1) });
    bench.submit(1, call(), None);
    assert!(bench.begin().is_none());
    assert_eq!(bench.told.answers, [(1, empty, 2)], "nothing to write: said at once");

    bench.take(2, None);
    bench.submit(3, call(), None);
    bench.submit(4, call(), None);
    let batch = bench.begin().unwrap();
    assert_eq!((batch.entries.len(), bench.told.answers.len()), (3, 1), "the desk is busy only if the call before is written");
    bench.settle(Committed::Failed("disk full".into()), &batch);
    let last: Vec<_> = bench.told.answers[1..].iter().map(|(reply, answer, _)| (*reply, answer.clone())).collect();
    assert_eq!(last, [(2, Answer::Unavailable), (3, Answer::Unavailable), (4, Answer::Unavailable)]);
}

#[test]
fn a_batch_and_the_queue_before_it_have_their_limits() {
    let mut bench = Bench::new();
    for reply in 1..=MAX_WAITING as u32 {
        bench.take(reply, None);
    }
    let one_more = Command::TurnDay.into();
    assert_eq!(bench.ledger.submit(one_more, None, 77), Err(77), "given back to be refused");
    assert_eq!(bench.begin().unwrap().entries.len(), MAX_BATCH);
}

#[test]
fn a_failed_commit_changes_nothing_and_the_next_one_gets_its_number() {
    let mut bench = Bench::new();
    bench.take(1, Some("key"));
    bench.take(2, None);
    let batch = bench.begin().unwrap();
    bench.take(3, None);
    let before = bench.ledger.office().clone();
    bench.settle(Committed::Failed("disk full".into()), &batch);
    assert_eq!(bench.told.answers, [(1, Answer::Unavailable, 2), (2, Answer::Unavailable, 2)]);
    assert_eq!((bench.ledger.office(), bench.told.entries.len()), (&before, 0));

    bench.take(4, Some("key"));
    bench.finish();
    assert_eq!(bench.done(), [(3, 3), (4, 4)], "who waited behind it is served, and the key is free");
    assert_eq!((bench.number(3), bench.number(4)), (Some(1), Some(2)));
}

#[test]
fn a_key_twice_in_one_batch_is_one_ticket() {
    let mut bench = Bench::new();
    for reply in 1..=3 {
        bench.take(reply, Some("key"));
    }
    let batch = bench.begin().unwrap();
    assert_eq!(batch.entries.len(), 1);
    let committed = bench.write(&batch);
    bench.settle(committed, &batch);
    assert_eq!(bench.done(), [(1, 1), (2, 1), (3, 1)]);
}

#[test]
fn a_key_of_an_earlier_day_gives_its_ticket_and_the_others_their_numbers() {
    let mut bench = Bench::new();
    bench.take(1, Some("old"));
    bench.finish();
    bench.now.0 += DAY;
    bench.take(2, None);
    bench.take(3, Some("old"));
    bench.take(4, None);
    bench.take(5, Some("old"));
    bench.finish();
    let answers: Vec<_> = bench.told.answers.iter().map(|(reply, ..)| *reply).collect();
    assert_eq!(answers, [1, 3, 5, 2, 4], "the two old ones stand in the way, one after the other");
    for (reply, answer, _) in &bench.told.answers[1..3] {
        let Answer::Earlier(ticket) = answer else { panic!("{reply}: {answer:?}") };
        // As the store has it: the turn of the day comes with the first batch that is written, after these.
        assert_eq!((ticket.id, ticket.state), (TicketId(1), State::Waiting));
    }
    assert_eq!((bench.number(2), bench.number(4)), (Some(1), Some(2)));
}

#[test]
fn a_commit_that_happened_and_was_called_a_failure_is_found_by_the_next_one() {
    let mut bench = Bench::new();
    bench.take(1, Some("key"));
    let batch = bench.begin().unwrap();
    assert!(matches!(bench.write(&batch), Committed::Done));
    bench.settle(Committed::Failed("the flush failed".into()), &batch);
    bench.take(2, Some("key"));
    bench.take(3, None);
    let batch = bench.begin().unwrap();
    let moved = bench.write(&batch);
    assert!(matches!(moved, Committed::Moved(_)), "{moved:?}");
    bench.settle(moved, &batch);
    assert_eq!((bench.told.entries.as_slice(), bench.told.replaced), (&[3][..], 0), "the same log, further on: told as changes");
    bench.finish();
    assert_eq!(bench.done(), [(2, 1), (3, 3)], "the key gives the ticket that was in doubt");
    assert_eq!((bench.number(1), bench.number(3)), (Some(1), Some(2)));
}

#[test]
fn another_log_replaces_what_was_known() {
    let mut bench = Bench::new();
    let mut other = Bench::new();
    other.take(50, None);
    other.finish();
    bench.take(1, None);
    let batch = bench.begin().unwrap();
    let loaded = other.store.load(CENTRE).unwrap();
    let epoch = loaded.epoch.clone();
    bench.settle(Committed::Moved(loaded), &batch);
    assert_eq!((bench.told.replaced, bench.told.entries.len(), bench.ledger.epoch()), (1, 0, epoch.as_str()));
    bench.store = other.store;
    bench.finish();
    assert_eq!((bench.number(50), bench.number(1)), (Some(1), Some(2)), "decided again on the log as it is");
}

#[test]
fn a_log_that_makes_no_office_is_not_taken_over() {
    let mut bench = Bench::new();
    bench.take(1, None);
    bench.take(2, None);
    bench.finish();
    bench.take(3, None);
    let batch = bench.begin().unwrap();
    let mut loaded = bench.store.load(CENTRE).unwrap();
    loaded.entries.remove(0);
    bench.settle(Committed::Moved(loaded.clone()), &batch);
    assert_eq!(bench.told.answers.last(), Some(&(3, Answer::Unavailable, 4)));
    assert_eq!((bench.ledger.office().rev(), bench.told.replaced), (4, 0));

    let open = |loaded: Loaded| Ledger::<u32>::open(CENTRE, loaded, &mut Told::default()).map(|_| ()).unwrap_err();
    assert!(matches!(open(loaded.clone()), Unreadable::Gap { after: 2, found: 4 }));
    loaded.snapshot = Some("{}".into());
    assert!(matches!(open(loaded), Unreadable::Snapshot(_)));
}

#[test]
fn what_a_failure_left_is_caught_up_with_once() {
    let mut bench = Bench::new();
    for reply in 1..=3 {
        bench.take(reply, None);
    }
    let batch = bench.begin().unwrap();
    assert!(matches!(bench.write(&batch), Committed::Done));
    bench.settle(Committed::Failed("the flush failed".into()), &batch);

    bench.take(4, None);
    let next = bench.begin().unwrap();
    bench.ledger.catch_up(&batch.entries, &mut bench.told);
    assert_eq!(bench.told.entries, [0; 0], "not while a batch that was decided without them is being written");
    bench.settle(Committed::Failed("still".into()), &next);

    for _ in 0..2 {
        bench.ledger.catch_up(&batch.entries, &mut bench.told);
        assert_eq!((bench.told.entries.as_slice(), bench.ledger.office().rev()), (&[3, 4, 5][..], 5));
    }
    bench.take(5, None);
    bench.finish();
    assert_eq!((bench.number(3), bench.number(5)), (Some(3), Some(4)));
}

#[test]
fn the_turn_of_the_day_leaves_a_snapshot_to_begin_with() {
    let mut bench = Bench::new();
    bench.take(1, None);
    bench.finish();
    bench.now.0 += DAY;
    bench.take(2, None);
    let batch = bench.begin().unwrap();
    assert!(batch.snapshot.is_some());
    let committed = bench.write(&batch);
    bench.settle(committed, &batch);
    bench.take(3, None);
    bench.finish();

    let loaded = bench.store.load(CENTRE).unwrap();
    assert_eq!(loaded.entries.len(), 1, "only what came after the snapshot is read again");
    let mut told = Told::default();
    let again = Ledger::<u32>::open(CENTRE, loaded, &mut told).unwrap();
    assert_eq!((again.office(), told.entries.as_slice()), (bench.ledger.office(), &[bench.ledger.office().rev()][..]));
}

fn cancel(ticket: u128) -> Command {
    Command::Cancel { ticket: TicketId(ticket), by: Canceller::Staff }
}

#[test]
fn what_somebody_does_out_of_order_is_told_with_what_it_did() {
    let mut bench = Bench::new();
    (1..=3).for_each(|ticket| bench.take(ticket, None));
    bench.finish();
    bench.submit_for(4, Command::Call { desk: DeskId(1), ticket: TicketId(2) }, None);
    bench.submit_for(5, cancel(3), None);
    bench.submit_for(6, cancel(3), None);
    bench.submit(7, cancel(1), None);
    let batch = bench.begin().unwrap();
    assert_eq!(batch.audit.iter().map(|line| line.action.code()).collect::<Vec<_>>(), ["ticket_out_of_order", "ticket_cancelled"]);
    assert!(batch.audit.iter().all(|line| line.at == batch.entries[0].at && line.branch == Some(CENTRE)));
    let committed = bench.write(&batch);
    bench.settle(committed, &batch);
    let told = [("ticket_out_of_order", "A-002".to_owned()), ("ticket_cancelled", "A-003".to_owned())];
    assert_eq!(bench.audited(), told, "nothing of what was refused, nor of what the program did itself");
    assert!(matches!(bench.told.answers[5].1, Answer::Refused(_)), "{:?}", bench.told.answers[5]);
}

#[test]
fn a_repeated_key_is_told_once() {
    let mut bench = Bench::new();
    bench.take(1, None);
    bench.finish();
    for reply in 2..=3 {
        bench.submit_for(reply, cancel(1), Some("k"));
    }
    bench.finish();
    bench.submit_for(4, cancel(1), Some("k"));
    bench.finish();
    assert_eq!(bench.done()[1..], [(2, 1), (3, 1), (4, 1)]);
    assert_eq!(bench.audited(), [("ticket_cancelled", "A-001".to_owned())]);
    // The next day only the store knows the key: what was decided with it is decided again, without its line.
    bench.now = Millis(MORNING.0 + DAY);
    bench.take(6, None);
    bench.finish();
    bench.submit_for(7, cancel(6), Some("k"));
    let reactivate = Command::Reactivate { ticket: TicketId(6), place: Some(Place::First) };
    bench.submit_for(8, reactivate, None);
    bench.finish();
    assert!(bench.told.answers.iter().any(|(reply, answer, _)| *reply == 7 && matches!(answer, Answer::Earlier(_))));
    assert_eq!(bench.audited().len(), 1, "{:?}", bench.audited());
}

#[test]
fn what_could_not_be_written_is_not_told_and_is_told_when_it_is_done_again() {
    let mut bench = Bench::new();
    bench.take(1, None);
    bench.finish();
    bench.submit_for(2, cancel(1), None);
    let batch = bench.begin().unwrap();
    bench.settle(Committed::Failed("disk full".into()), &batch);
    assert!(bench.begin().is_none());
    assert!(bench.audited().is_empty());
    bench.submit_for(3, cancel(1), None);
    // Somebody else wrote meanwhile: the batch is decided again.
    let other = bench.begin().unwrap();
    let moved = bench.store.load(CENTRE).unwrap();
    bench.settle(Committed::Moved(moved), &other);
    bench.finish();
    assert_eq!(bench.audited(), [("ticket_cancelled", "A-001".to_owned())]);
}
