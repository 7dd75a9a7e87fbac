//! Owns what the service is told other than by clients: by its own threads and by other fronts of the process.

use tokio::sync::oneshot;

use super::api::{Answer, Call};
use super::bootstrap::Parts;
use super::entering::Hashed;
use super::failure::Failure;
use super::filing::{Filed, Files};
use super::founding::Founded;
use super::passwords::Checked;
use super::writer::Committed;
use crate::office::{BranchId, Entry, Lang, Request, Ticket};
use crate::realtime::{Ack, Credit};
use crate::store::{Batch, StoreError};

pub enum Notice {
    /// Look at the clock.
    Tick,
    /// How the batch went that was being written.
    Settled(Committed, Batch),
    /// What a branch's log holds beyond what is known, after a failed commit.
    CaughtUp(BranchId, Result<Vec<Entry>, StoreError>),
    /// What is on disk of a branch that could not be read before.
    Loaded(BranchId, Result<Box<Parts>, StoreError>),
    /// What somebody asked of the past: the acknowledgement, or why there is none. The client counts as waiting until then.
    Recalled { ack: Option<Ack>, lang: Lang, credit: Credit, answer: Result<String, Failure> },
    /// What is on disk of a branch that was to be made, and who waits for it.
    Made(BranchId, Result<Box<Parts>, StoreError>, oneshot::Sender<Result<Answer, Failure>>),
    /// How changes of users, notes or a ticker went.
    Filed(Files, Filed),
    /// Passwords were checked or hashed, and who waits for it.
    Hashed(Checked, Box<Hashed>),
    /// Somebody who set the office up was answered.
    FoundingOver,
    /// How the office of a set-up was written, whose admin is to be made.
    Founded(Box<Founded>, Result<(), Failure>),
    /// A command from within the process.
    Command(BranchId, Request, oneshot::Sender<Result<Option<Ticket>, Failure>>),
    /// A question or a change from another front.
    Call(Call),
    /// Which branches do not work.
    Troubles(oneshot::Sender<Vec<Trouble>>),
    /// Take no more commands; answer when the last one is settled.
    Drain(oneshot::Sender<()>),
}

/// A branch that does not work, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub branch: BranchId,
    pub reason: String,
}
