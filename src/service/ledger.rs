//! Owns a branch's office in memory, twice, and the rule *durable before spoken*. `working` is where commands are decided, one after the
//! other, while an earlier batch is still being written; `committed` is what is on disk, and all that a screen or an answer ever shows. When
//! a commit fails `working` starts again from `committed`: memory, disk and screens agree.
//!
//! What a command that somebody carries out tells the audit log is written with it, or not at all.
//!
//! Group commit: what arrives while a batch is being written is decided together and written together. Never does I/O itself; who
//! asked it knows for the audit log alone.

use std::collections::VecDeque;

use super::remark::{Behalf, Remark};
use super::writer::Committed;
use crate::access::AuditLine;
use crate::office::{BranchId, Done, Entry, Event, Millis, Office, Refused, Request, Ticket, TicketId};
use crate::store::{Batch, Loaded};

/// Commands decided together at the most.
const MAX_BATCH: usize = 1024;
/// Commands that may wait for the disk.
const MAX_WAITING: usize = 16_384;
/// Entries after which the next start shall not have to read all of them.
const SNAPSHOT_EVERY: u64 = 20_000;

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is done and on disk, now or, with the same key, before.
    Done(Option<TicketId>),
    /// Its key was used on an earlier day, for this ticket.
    Earlier(Box<Ticket>),
    Refused(Refused),
    /// Nothing was written and nothing changed.
    Unavailable,
}

/// Told what happened, in order, with the office as it stands at that moment.
pub trait Scribe<R> {
    /// An entry is on disk, and the next thing that happens to `office`.
    fn before(&mut self, office: &Office, entry: &Entry);

    /// An entry is on disk and in `office`.
    fn entry(&mut self, office: &Office, entry: &Entry);

    fn answer(&mut self, office: &Office, reply: R, answer: Answer);

    /// The log was changed by somebody else and has been read again: whatever was shown may be wrong.
    fn replaced(&mut self, office: &Office);
}

/// A command and who waits for its answer.
struct Pending<R> {
    request: Request,
    /// In whose name; `None` for what the program does by itself.
    behalf: Option<Behalf>,
    reply: R,
}

struct Decided<R> {
    pending: Pending<R>,
    outcome: Result<Done, Refused>,
    /// What the audit log is told of it.
    line: Option<AuditLine>,
}

pub struct Ledger<R> {
    branch: BranchId,
    epoch: String,
    committed: Office,
    working: Office,
    waiting: VecDeque<Pending<R>>,
    /// Decided and being written.
    in_flight: Vec<Decided<R>>,
    writing: bool,
    snapshot_at: u64,
}

/// A stored log that this program cannot make an office of.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the snapshot cannot be read: {0}")]
    Snapshot(#[from] serde_json::Error),
    #[error("the log goes on at {found} after {after}")]
    Gap { after: u64, found: u64 },
}

impl<R> Ledger<R> {
    /// The ledger of a loaded log. `scribe` is told every entry after the snapshot.
    pub fn open(branch: BranchId, loaded: Loaded, scribe: &mut impl Scribe<R>) -> Result<Self, Unreadable> {
        let (committed, snapshot_at) = replay(branch, &loaded, |_| true, scribe)?;
        Ok(Self {
            branch,
            epoch: loaded.epoch,
            working: committed.clone(),
            committed,
            waiting: VecDeque::new(),
            in_flight: Vec::new(),
            writing: false,
            snapshot_at,
        })
    }

    /// What is on disk.
    pub fn office(&self) -> &Office {
        &self.committed
    }

    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Whether a command still waits for its answer.
    pub fn is_busy(&self) -> bool {
        self.writing || !self.waiting.is_empty()
    }

    /// Puts a command into the queue; gives the reply back when too much is waiting.
    pub fn submit(&mut self, request: Request, behalf: Option<Behalf>, reply: R) -> Result<(), R> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(reply);
        }
        self.waiting.push_back(Pending { request, behalf, reply });
        Ok(())
    }

    /// Decides what waits and gives the batch to be written, unless one is being written. Commands that changed nothing are answered
    /// at once when nothing before them is unwritten.
    pub fn begin(&mut self, now: Millis, scribe: &mut impl Scribe<R>) -> Option<Batch> {
        while !self.writing && !self.waiting.is_empty() {
            let count = self.waiting.len().min(MAX_BATCH);
            for pending in self.waiting.drain(..count) {
                let remark = pending.behalf.as_ref().and_then(|behalf| Remark::of(&self.working, &pending.request, behalf, now));
                let outcome = self.working.execute(pending.request.clone(), now);
                let line = remark.zip(outcome.as_ref().ok()).and_then(|(remark, done)| remark.line(&self.working, &done.entries));
                self.in_flight.push(Decided { pending, outcome, line });
            }
            let entries: Vec<Entry> = self
                .in_flight
                .iter()
                .filter_map(|decided| decided.outcome.as_ref().ok())
                .flat_map(|done| done.entries.iter().cloned())
                .collect();
            if entries.is_empty() {
                self.speak(scribe);
                continue;
            }
            self.writing = true;
            let snapshot = self.snapshot_for(&entries);
            let audit = self.in_flight.iter().filter_map(|decided| decided.line.clone()).collect();
            return Some(Batch { branch: self.branch, entries, snapshot, audit });
        }
        None
    }

    /// Takes in how the batch of the last [`begin`](Self::begin) went.
    pub fn settle(&mut self, committed: Committed, batch: &Batch, scribe: &mut impl Scribe<R>) {
        self.writing = false;
        match committed {
            Committed::Done => {
                if batch.snapshot.is_some() {
                    self.snapshot_at = batch.entries.last().map_or(self.snapshot_at, |entry| entry.rev);
                }
                self.speak(scribe);
            }
            Committed::KeyUsed { entry, ticket } => {
                let at = batch.entries.get(entry).map(|entry| entry.rev);
                self.rewind();
                let index = self.in_flight.iter().position(|decided| decided.holds(at));
                if let Some(decided) = index.map(|index| self.in_flight.remove(index)) {
                    scribe.answer(&self.committed, decided.pending.reply, Answer::Earlier(ticket));
                }
                self.again();
            }
            Committed::Moved(loaded) => self.replace(loaded, scribe),
            Committed::Failed(problem) => {
                log::error!("nothing could be written: {problem}");
                self.rewind();
                for Decided { pending, .. } in std::mem::take(&mut self.in_flight) {
                    scribe.answer(&self.committed, pending.reply, Answer::Unavailable);
                }
            }
        }
    }

    /// Takes in entries that are on disk although their commit seemed to fail.
    pub fn catch_up(&mut self, entries: &[Entry], scribe: &mut impl Scribe<R>) {
        if self.writing {
            return;
        }
        for entry in entries {
            if entry.rev != self.committed.rev() + 1 {
                continue;
            }
            enter(&mut self.committed, entry, scribe);
        }
        self.rewind();
    }

    /// Makes the decided entries the committed truth and answers everybody, in order.
    fn speak(&mut self, scribe: &mut impl Scribe<R>) {
        for Decided { pending, outcome, .. } in std::mem::take(&mut self.in_flight) {
            let answer = match outcome {
                Ok(done) => {
                    for entry in &done.entries {
                        enter(&mut self.committed, entry, scribe);
                    }
                    Answer::Done(done.ticket)
                }
                Err(refused) => Answer::Refused(refused),
            };
            scribe.answer(&self.committed, pending.reply, answer);
        }
    }

    fn replace(&mut self, loaded: Loaded, scribe: &mut impl Scribe<R>) {
        let rev = self.committed.rev();
        let known = self.epoch == loaded.epoch;
        // The same log, further on: told as the changes that they are.
        let replayed = replay(self.branch, &loaded, |entry| known && entry.rev > rev, scribe);
        match replayed {
            Ok((office, snapshot_at)) => {
                let behind = loaded.snapshot.is_some() && snapshot_at > rev;
                let lost = !known || office.rev() < rev || behind;
                self.committed = office;
                self.epoch = loaded.epoch;
                self.snapshot_at = snapshot_at;
                self.rewind();
                if lost {
                    scribe.replaced(&self.committed);
                }
                self.again();
            }
            Err(error) => {
                log::error!("the log cannot be read again: {error}");
                self.rewind();
                for Decided { pending, .. } in std::mem::take(&mut self.in_flight) {
                    scribe.answer(&self.committed, pending.reply, Answer::Unavailable);
                }
            }
        }
    }

    fn rewind(&mut self) {
        self.working = self.committed.clone();
    }

    /// Puts what was in flight back in front, in its order.
    fn again(&mut self) {
        for decided in std::mem::take(&mut self.in_flight).into_iter().rev() {
            self.waiting.push_front(decided.pending);
        }
    }

    fn snapshot_for(&self, entries: &[Entry]) -> Option<String> {
        let turned = entries.iter().any(|entry| matches!(entry.event, Event::DayOpened { .. }));
        let due = self.working.rev() >= self.snapshot_at + SNAPSHOT_EVERY;
        if !turned && !due {
            return None;
        }
        // Without it the next start only takes longer.
        serde_json::to_string(&self.working).inspect_err(|error| log::error!("no snapshot: {error}")).ok()
    }
}

impl<R> Decided<R> {
    fn holds(&self, rev: Option<u64>) -> bool {
        self.outcome.as_ref().is_ok_and(|done| done.entries.iter().any(|entry| Some(entry.rev) == rev))
    }
}

fn enter<R>(office: &mut Office, entry: &Entry, scribe: &mut impl Scribe<R>) {
    scribe.before(office, entry);
    office.apply(entry);
    scribe.entry(office, entry);
}

/// The office of a log, and where its snapshot stands. `scribe` is told the entries that are `news`.
fn replay<R>(
    branch: BranchId,
    loaded: &Loaded,
    news: impl Fn(&Entry) -> bool,
    scribe: &mut impl Scribe<R>,
) -> Result<(Office, u64), Unreadable> {
    let mut office = match &loaded.snapshot {
        Some(json) => serde_json::from_str(json)?,
        None => Office::new(branch),
    };
    let snapshot_at = office.rev();
    for entry in &loaded.entries {
        if entry.rev != office.rev() + 1 {
            return Err(Unreadable::Gap { after: office.rev(), found: entry.rev });
        }
        if news(entry) {
            enter(&mut office, entry, scribe);
        } else {
            office.apply(entry);
        }
    }
    Ok((office, snapshot_at))
}

#[cfg(test)]
mod tests;
