//! Owns the rules that every store checks alike before it writes, and the sentences for a batch that breaks them. Such a batch is a bug of
//! its maker or meets a database that something else changed; it is refused whole, so that the log never holds what it cannot mean.

use std::fmt::Display;

use chrono::NaiveDate;

use super::{Batch, CommitError, audit};
use crate::office::{BranchId, DeskId, TicketId};

impl Batch {
    /// The log's end after this batch, when it fits behind `end`.
    pub(super) fn end_after(&self, end: u64) -> Result<u64, CommitError> {
        if self.entries.is_empty() && self.snapshot.is_some() {
            return Err(CommitError::inconsistent("a snapshot comes with the entry that it stands behind"));
        }
        if self.entries.is_empty() && !self.audit.is_empty() {
            return Err(CommitError::inconsistent("lines of the audit log come with the entry that they are about"));
        }
        audit::check(&self.audit)?;
        let mut found = end;
        for entry in &self.entries {
            if entry.rev.checked_sub(1) != Some(found) {
                return Err(CommitError::Moved { expected: entry.rev.saturating_sub(1), found });
            }
            found = entry.rev;
        }
        Ok(found)
    }
}

impl CommitError {
    pub(super) fn inconsistent(what: impl Display) -> Self {
        Self::Unavailable(format!("internal inconsistency, nothing written: {what}"))
    }

    pub(super) fn unknown_branch(branch: BranchId) -> Self {
        Self::inconsistent(format_args!("branch {} was never loaded", branch.0))
    }

    pub(super) fn key_without_ticket(rev: u64) -> Self {
        Self::inconsistent(format_args!("entry {rev} has a key and no ticket that it could stand for"))
    }

    pub(super) fn no_day(rev: u64) -> Self {
        Self::inconsistent(format_args!("entry {rev} needs a business day and none was opened"))
    }

    pub(super) fn issued_twice(code: &str) -> Self {
        Self::inconsistent(format_args!("{code} is issued a second time"))
    }

    pub(super) fn called_twice(call: u64) -> Self {
        Self::inconsistent(format_args!("call {call} was made before"))
    }

    pub(super) fn out_of_step(series: &str, day: NaiveDate, last: u32, serial: u32) -> Self {
        Self::inconsistent(format_args!("number {serial} in series {series} on {day} does not follow {last}"))
    }

    pub(super) fn unknown_ticket(rev: u64, ticket: TicketId) -> Self {
        Self::inconsistent(format_args!("entry {rev} is about ticket {ticket}, which was never issued here"))
    }

    pub(super) fn desk_not_open(rev: u64, desk: DeskId) -> Self {
        Self::inconsistent(format_args!("entry {rev} is about desk {desk}, which is not open"))
    }
}

/// The series that a code belongs to, within which numbers are unique on a day: its prefix.
pub(super) fn series(code: &str) -> &str {
    code.rsplit_once('-').map_or(code, |(prefix, _)| prefix)
}
