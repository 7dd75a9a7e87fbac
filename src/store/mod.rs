//! What a durable log of events must do, and what is kept beside it; the databases that do it. May import `office` and
//! `access`. Knows no actor, no socket and no clock.

mod audit;
mod check;
#[cfg(test)]
mod contract;
mod derived;
mod directory;
mod faulty;
mod hooks;
mod inconsistent;
mod memory;
mod reports;
mod sessions;
mod sqlite;

pub use audit::{AuditFilter, Audited};
pub use check::{Checked, Difference, Problem};
pub use derived::{DeskTime, Pause, Stay, Visit};
pub use directory::{Change, Directory};
pub use faulty::{Faults, Faulty};
pub use hooks::{DELIVERIES_KEPT, Delivery, DeliveryState, Held, Hook, HookChange, HookPlace, Hooks, LogEnd, Off, Told};
pub use memory::MemoryStore;
pub use reports::{Days, Reports};
pub use sessions::SessionText;
pub use sqlite::{Backup, Reader, Restored, SqliteStore};

use chrono::NaiveDate;

use crate::access::AuditLine;
use crate::office::{BranchId, Entry, Key, Ticker, Ticket, TicketId};

/// The entries of one branch to be made durable together.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub branch: BranchId,
    /// In order, without gaps, the first one at the log's end + 1. None at all is a batch that does nothing.
    pub entries: Vec<Entry>,
    /// The office as JSON after the last entry, when the caller wants the next start to begin there. Needs at least one entry.
    pub snapshot: Option<String>,
    /// What is told of the entries in the audit log. Needs at least one entry.
    pub audit: Vec<AuditLine>,
}

/// What is needed to have a branch's office in memory again.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Names this log: drawn when the branch was created, another one when a backup was restored in its place.
    pub epoch: String,
    /// The newest snapshot, if there is one.
    pub snapshot: Option<String>,
    /// Every entry after the snapshot (or from the first one), in order.
    pub entries: Vec<Entry>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A key of this batch was used before: the entry's place in the batch and the ticket that the key stands for. When an earlier entry of
    /// the same batch used it, that ticket is not written either.
    #[error("idempotency key used before")]
    KeyUsed { entry: usize, ticket: TicketId },
    /// The log does not end where the batch begins, or the batch has a gap: somebody else wrote, or an earlier outcome was not what it
    /// seemed. Load again.
    #[error("the log ends at {found}, the batch begins after {expected}")]
    Moved { expected: u64, found: u64 },
    /// Disk full, read-only, corrupt, gone; or the batch contradicts what is stored (a number out of step, an unknown ticket), which is a
    /// bug and said so. Nothing of the batch is in the log. Only where the disk refused the very last flush may a restart find the batch
    /// all the same: who goes on with the same `rev` then gets `Moved`, and the same key still gives the same ticket.
    #[error("{0}")]
    Unavailable(String),
}

/// Why a read or an opening failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the database has schema version {found}, this program knows {known}: it was written by a newer siguiente and is left untouched"
    )]
    Newer { found: i64, known: i64 },
    #[error("another siguiente uses {0}")]
    InUse(String),
    #[error("{path}: {problem}")]
    Broken { path: String, problem: String },
    #[error("{0}")]
    Unavailable(String),
}

/// A log of events a branch, with the tables that are derived from it. Blocking: it belongs on a thread of its own.
pub trait Store: Hooks + Send + 'static {
    /// The branch's log, created empty (with a new epoch) when there is none. Comes before the branch's first commit.
    fn load(&mut self, branch: BranchId) -> Result<Loaded, StoreError>;

    /// Writes the batch in one transaction: the entries, the tables derived from them, keys, counters, snapshot, lines of the audit
    /// log. When it returns `Ok`
    /// everything is on disk; on an error nothing is.
    ///
    /// A key stands for the ticket of the event that carries it. Serials of a day and a prefix go 1, 2, 3 …; calls of the branch have numbers
    /// that no other call has; only an open desk pauses or closes.
    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError>;

    /// The branches that there are, in the order of their ids.
    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError>;

    /// A way to read beside this one: see [`Reports`].
    fn reports(&self) -> Result<Box<dyn Reports>, StoreError>;

    /// Entries with `rev > after`, in order, at most `limit`. None for a branch that does not exist.
    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// What a key was used for: the ticket, as the derived table has it now.
    fn keyed(&mut self, branch: BranchId, key: &Key) -> Result<Option<Ticket>, StoreError>;

    /// Users, unread notes, sign-ins, devices and the branch's ticker, as they are.
    fn directory(&mut self, branch: BranchId) -> Result<Directory, StoreError>;

    /// The branch's ticker alone.
    fn ticker(&mut self, branch: BranchId) -> Result<Option<Ticker>, StoreError>;

    /// Makes these changes in their order, in one transaction: when it returns `Ok` they are on disk. On an error none is; where the disk
    /// refused the very last flush only [`directory`](Self::directory) tells.
    fn record(&mut self, branch: BranchId, changes: &[Change]) -> Result<(), StoreError>;

    /// The branch's sessions that were kept, in the order of their private ids; each with its state.
    fn sessions(&mut self, branch: BranchId) -> Result<Vec<SessionText>, StoreError>;

    /// Keeps these sessions as they are now, or forgets them, in one transaction.
    fn keep_sessions(&mut self, branch: BranchId, changes: &[SessionText]) -> Result<(), StoreError>;

    /// A small durable write, undone or overwritten: says whether a commit would succeed now.
    fn probe(&mut self) -> Result<(), StoreError>;
}

/// A business day as the tables have it: `YYYY-MM-DD`, which sorts as the days do. A date that has no such form is the nearest one that has.
fn day_of(date: NaiveDate) -> String {
    let four_digits = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(date);
    date.clamp(four_digits(0, 1, 1), four_digits(9999, 12, 31)).to_string()
}

/// 128 random bits as 32 hexadecimal digits.
fn draw_hex() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable(format!("no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
