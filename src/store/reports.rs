//! Owns what can be read of a store beside its writer: one ticket's history, the tickets, segments and desk times of days, whether the
//! derived tables are what the log says. Never writes.

use std::collections::{BTreeMap, HashMap};
use std::ops::{ControlFlow, RangeInclusive};

use chrono::NaiveDate;

use super::StoreError;
use super::check::Checked;
use super::derived::{DeskTime, Stay, Visit};
use crate::office::figures::{By, Line, Scope};
use crate::office::{BranchId, Entry, Millis, Office, Settings, TicketId, UserId, simulation};

/// Business days, both ends included.
pub type Days = RangeInclusive<NaiveDate>;

/// Reads on a way of its own: on any thread, however long it takes, it never keeps a commit waiting. Each call sees the store as it was at
/// one moment.
pub trait Reports: Send + 'static {
    /// The branches that there are, in the order of their ids.
    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError>;

    /// Entries with `rev > after`, in order, at most `limit`. None for a branch that does not exist.
    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Every entry about one ticket, in order. None for one that was not issued here.
    fn history(&mut self, branch: BranchId, ticket: TicketId) -> Result<Vec<Entry>, StoreError>;

    /// A ticket of any day.
    fn ticket(&mut self, branch: BranchId, ticket: TicketId) -> Result<Option<Visit>, StoreError>;

    /// The tickets with this code on one day, in order of arrival: one, or more where the numbers began again.
    fn find(&mut self, branch: BranchId, day: NaiveDate, code: &str) -> Result<Vec<Visit>, StoreError>;

    /// Hands over every ticket of these days, by day and in order of arrival, one at a time, until `each` breaks off.
    fn tickets(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Visit) -> ControlFlow<()>) -> Result<(), StoreError>;

    /// The segments of the tickets of these days, in the order of the tickets.
    fn segments(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Stay) -> ControlFlow<()>) -> Result<(), StoreError>;

    /// When who was at which desk on these days, in order of opening.
    fn desk_times(&mut self, branch: BranchId, days: &Days) -> Result<Vec<DeskTime>, StoreError>;

    /// The office as it is, by its newest snapshot and what is behind it; `None` for a branch that does not exist. Read-only: who commits
    /// has another one.
    fn office(&mut self, branch: BranchId) -> Result<Option<Office>, StoreError>;

    /// The figures of what lies in the scope, divided: the lines that [`office::figures::report`](crate::office::figures::report) gives, which
    /// also says what settings and `now` are for.
    fn figures(&mut self, branch: BranchId, scope: &Scope, by: By, settings: &Settings, now: Millis) -> Result<Vec<Line>, StoreError>;

    /// What the people who work in the office are called now, whichever branch they work in. Who was deleted has no name any more.
    fn names(&mut self) -> Result<BTreeMap<UserId, String>, StoreError>;

    /// Who came on a business day and which desks were open, to be played under other policies; `now` ends what lasts. A day on which nobody came
    /// is empty.
    fn played_day(&mut self, branch: BranchId, day: NaiveDate, now: Millis) -> Result<simulation::Day, StoreError> {
        let days = day..=day;
        let mut visits = HashMap::new();
        self.tickets(branch, &days, &mut |visit| {
            visits.insert(visit.issued_rev, visit.ticket);
            ControlFlow::Continue(())
        })?;
        let mut stays = Vec::with_capacity(visits.len());
        self.segments(branch, &days, &mut |stay| {
            // One of a ticket that was issued between the two readings is for the next time.
            stays.extend(visits.get(&stay.arrival).map(|ticket| stay.with(ticket)));
            ControlFlow::Continue(())
        })?;
        let times: Vec<_> = self.desk_times(branch, &days)?.into_iter().map(Into::into).collect();
        Ok(simulation::Day::of(&stays, &times, now))
    }

    /// Replays the branch's log and compares what it gives with every row that was derived from it.
    ///
    /// # Errors
    ///
    /// `Broken` when the log itself cannot be read to its end.
    fn check(&mut self, branch: BranchId) -> Result<Checked, StoreError>;
}
