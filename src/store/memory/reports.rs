//! Owns the reading of a memory store beside its writer.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::Shared;
use super::branch::Branch;
use crate::office::figures::{self, By, Line, Scope};
use crate::office::{BranchId, Entry, Key, Millis, Office, Settings, TicketId, UserId};
use crate::store::check::{self, Checked, DayRows, Head, Totals};
use crate::store::derived::{Call, DeskTime, Stay, Visit};
use crate::store::{Days, Reports, StoreError};

/// Reads what a [`MemoryStore`](super::MemoryStore) holds.
#[derive(Debug)]
pub(super) struct MemoryReports(pub(super) Shared);

impl MemoryReports {
    fn of<T: Default>(&self, branch: BranchId, read: impl FnOnce(&Branch) -> T) -> Result<T, StoreError> {
        Ok(self.0.lock().branches.get(&branch).map(read).unwrap_or_default())
    }
}

impl Reports for MemoryReports {
    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        Ok(self.0.lock().branch_ids())
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.of(branch, |branch| branch.entries(after, limit))
    }

    fn history(&mut self, branch: BranchId, ticket: TicketId) -> Result<Vec<Entry>, StoreError> {
        self.of(branch, |branch| branch.log.iter().filter(|entry| entry.event.ticket() == Some(ticket)).cloned().collect())
    }

    fn ticket(&mut self, branch: BranchId, ticket: TicketId) -> Result<Option<Visit>, StoreError> {
        self.of(branch, |branch| branch.tickets.get(&ticket).cloned())
    }

    fn find(&mut self, branch: BranchId, day: NaiveDate, code: &str) -> Result<Vec<Visit>, StoreError> {
        self.of(branch, |branch| branch.visits(&(day..=day)).filter(|visit| visit.ticket.code == code).cloned().collect())
    }

    fn tickets(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Visit) -> ControlFlow<()>) -> Result<(), StoreError> {
        // Copied, so that nobody waits for what `each` does.
        let visits = self.of(branch, |branch| branch.visits(days).cloned().collect::<Vec<_>>())?;
        let _ = visits.into_iter().try_for_each(each);
        Ok(())
    }

    fn segments(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Stay) -> ControlFlow<()>) -> Result<(), StoreError> {
        let stays = self.of(branch, |branch| branch.stays(days))?;
        let _ = stays.into_iter().try_for_each(each);
        Ok(())
    }

    fn desk_times(&mut self, branch: BranchId, days: &Days) -> Result<Vec<DeskTime>, StoreError> {
        let range = (*days.start(), 0)..=(*days.end(), u64::MAX);
        self.of(
            branch,
            |branch| if days.is_empty() { Vec::new() } else { branch.desk_times.range(range).map(|(_, time)| time.clone()).collect() },
        )
    }

    fn office(&mut self, branch: BranchId) -> Result<Option<Office>, StoreError> {
        let replayed = |of: &Branch| {
            let mut office = Office::new(branch);
            of.log.iter().for_each(|entry| office.apply(entry));
            Some(office)
        };
        self.of(branch, replayed)
    }

    fn figures(&mut self, branch: BranchId, scope: &Scope, by: By, settings: &Settings, now: Millis) -> Result<Vec<Line>, StoreError> {
        let days = scope.from..=scope.to;
        let stays = self.of(branch, |branch| branch.figured(&days))?;
        let times: Vec<_> = self.desk_times(branch, &days)?.into_iter().map(Into::into).collect();
        Ok(figures::report(&stays, &times, scope, by, settings, now))
    }

    fn names(&mut self) -> Result<BTreeMap<UserId, String>, StoreError> {
        Ok(self.0.lock().people.names())
    }

    fn check(&mut self, branch: BranchId) -> Result<Checked, StoreError> {
        let kept = self.0.lock();
        kept.branches.get(&branch).map_or_else(|| Ok(Checked::default()), |rows| check::run(&mut &*rows, branch))
    }
}

impl Branch {
    fn visits(&self, days: &Days) -> impl Iterator<Item = &Visit> + '_ {
        let range = (*days.start(), 0)..=(*days.end(), u64::MAX);
        let arrivals = (!days.is_empty()).then(|| self.arrivals.range(range));
        arrivals.into_iter().flatten().filter_map(|(_, id)| self.tickets.get(id))
    }

    /// The stays with what reports need of their tickets.
    fn figured(&self, days: &Days) -> Vec<figures::Stay> {
        let of = |stay: Stay| {
            let ticket = &self.tickets.get(&stay.segment.ticket)?.ticket;
            Some(stay.with(ticket))
        };
        self.stays(days).into_iter().filter_map(of).collect()
    }

    fn stays(&self, days: &Days) -> Vec<Stay> {
        if days.is_empty() {
            return Vec::new();
        }
        let range = ((*days.start(), 0), 0)..=((*days.end(), u64::MAX), u32::MAX);
        let stay = |(((day, arrival), _), segment): (&((NaiveDate, u64), u32), &crate::office::Segment)| Stay {
            day: *day,
            arrival: *arrival,
            segment: segment.clone(),
        };
        self.segments.range(range).map(stay).collect()
    }
}

impl check::Rows for &Branch {
    fn head(&mut self) -> Result<Head, StoreError> {
        let snapshot = self.snapshot.as_ref().map(|snapshot| (snapshot.rev as u64, snapshot.json.clone()));
        Ok(Head { rev: self.log.len() as u64, day: self.day, snapshot })
    }

    fn entries(&mut self, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(Branch::entries(self, after, limit))
    }

    fn day(&mut self, day: NaiveDate) -> Result<DayRows, StoreError> {
        let days = day..=day;
        let counters = self.counters.range((day, String::new())..).take_while(|((of, _), _)| *of == day);
        Ok(DayRows {
            tickets: self.visits(&days).map(|visit| (visit.issued_rev, visit.clone())).collect(),
            segments: self.stays(&days).into_iter().map(|stay| ((stay.arrival, stay.segment.segment), stay.segment)).collect(),
            counters: counters.map(|((_, series), counter)| (series.clone(), *counter)).collect(),
            desk_times: self.desk_times.range((day, 0)..=(day, u64::MAX)).map(|((_, rev), time)| (*rev, time.clone())).collect(),
        })
    }

    fn call(&mut self, number: u64) -> Result<Option<Call>, StoreError> {
        Ok(self.calls.get(&number).cloned())
    }

    fn key(&mut self, key: &Key) -> Result<Option<(TicketId, u64)>, StoreError> {
        Ok(self.keys.get(key).copied())
    }

    fn totals(&mut self) -> Result<Totals, StoreError> {
        Ok(Totals {
            tickets: self.tickets.len() as u64,
            segments: self.segments.len() as u64,
            calls: self.calls.len() as u64,
            keys: self.keys.len() as u64,
            counters: self.counters.len() as u64,
            desk_times: self.desk_times.len() as u64,
            pauses: self.desk_times.values().map(|time| time.pauses.len() as u64).sum(),
        })
    }
}
