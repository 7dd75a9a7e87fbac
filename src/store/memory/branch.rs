//! Owns one branch in memory: its log, what is derived from it, and what a batch changes.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use crate::office::{DeskId, Entry, Event, Key, Segment, Ticket, TicketId};
use crate::store::derived::{Call, Counter, DeskTime, Segments, Visit};
use crate::store::inconsistent::series;
use crate::store::{Batch, CommitError, Loaded, LogEnd};

/// The day of a ticket and the position of the entry that issued it.
pub(super) type Arrival = (NaiveDate, u64);

#[derive(Debug)]
pub(super) struct Branch {
    epoch: String,
    /// Entry `rev` is at `rev - 1`.
    pub(super) log: Vec<Entry>,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) day: Option<NaiveDate>,
    pub(super) tickets: HashMap<TicketId, Visit>,
    pub(super) arrivals: BTreeMap<Arrival, TicketId>,
    /// By arrival and number.
    pub(super) segments: BTreeMap<(Arrival, u32), Segment>,
    pub(super) calls: HashMap<u64, Call>,
    pub(super) keys: HashMap<Key, (TicketId, u64)>,
    pub(super) counters: BTreeMap<(NaiveDate, String), Counter>,
    /// By the day and the position of the entry that opened them.
    pub(super) desk_times: BTreeMap<(NaiveDate, u64), DeskTime>,
    open: HashMap<DeskId, (NaiveDate, u64)>,
}

#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) rev: usize,
    pub(super) json: String,
}

impl Branch {
    pub(super) fn new(epoch: String) -> Self {
        Self {
            epoch,
            log: Vec::new(),
            snapshot: None,
            day: None,
            tickets: HashMap::new(),
            arrivals: BTreeMap::new(),
            segments: BTreeMap::new(),
            calls: HashMap::new(),
            keys: HashMap::new(),
            counters: BTreeMap::new(),
            desk_times: BTreeMap::new(),
            open: HashMap::new(),
        }
    }

    pub(super) fn loaded(&self) -> Loaded {
        let after = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.rev);
        Loaded {
            epoch: self.epoch.clone(),
            snapshot: self.snapshot.as_ref().map(|snapshot| snapshot.json.clone()),
            entries: self.log[after..].to_vec(),
        }
    }

    pub(super) fn end(&self) -> LogEnd {
        LogEnd { epoch: self.epoch.clone(), rev: self.log.len() as u64 }
    }

    pub(super) fn entries(&self, after: u64, limit: usize) -> Vec<Entry> {
        self.log.iter().skip(usize::try_from(after).unwrap_or(usize::MAX)).take(limit).cloned().collect()
    }

    pub(super) fn keyed(&self, key: &Key) -> Option<Ticket> {
        self.tickets.get(&self.keys.get(key)?.0).map(|visit| visit.ticket.clone())
    }

    pub(super) fn take(&mut self, changes: Changes, batch: &Batch) {
        self.day = changes.day;
        for (id, (visit, segments)) in changes.tickets {
            let arrival = (visit.day, visit.issued_rev);
            self.arrivals.insert(arrival, id);
            if let Some(last) = segments.none_behind {
                let behind = self.segments.range((arrival, last.saturating_add(1))..=(arrival, u32::MAX));
                let gone: Vec<_> = behind.map(|(place, _)| *place).collect();
                for place in gone {
                    self.segments.remove(&place);
                }
            }
            self.segments.extend(segments.changed.into_iter().map(|segment| ((arrival, segment.segment), segment)));
            self.tickets.insert(id, visit);
        }
        self.calls.extend(changes.calls);
        self.keys.extend(changes.keys);
        self.counters.extend(changes.counters);
        for (place, time) in changes.desk_times {
            if time.is_open() {
                self.open.insert(time.desk, place);
            } else if self.open.get(&time.desk) == Some(&place) {
                // And not when another one has begun at the same desk.
                self.open.remove(&time.desk);
            }
            self.desk_times.insert(place, time);
        }
        self.log.extend(batch.entries.iter().cloned());
        if let Some(json) = &batch.snapshot {
            self.snapshot = Some(Snapshot { rev: self.log.len(), json: json.clone() });
        }
    }
}

/// What a batch changes in its branch.
#[derive(Debug, Default)]
pub(super) struct Changes {
    day: Option<NaiveDate>,
    tickets: HashMap<TicketId, (Visit, Segments)>,
    calls: HashMap<u64, Call>,
    keys: HashMap<Key, (TicketId, u64)>,
    counters: HashMap<(NaiveDate, String), Counter>,
    desk_times: BTreeMap<(NaiveDate, u64), DeskTime>,
}

impl Changes {
    /// What this batch changes, or why it cannot be; `issued` are the tickets of all branches.
    pub(super) fn of(batch: &Batch, branch: &Branch, issued: &HashSet<TicketId>) -> Result<Self, CommitError> {
        batch.end_after(branch.log.len() as u64)?;
        let mut changes = Self { day: branch.day, ..Self::default() };
        for (index, entry) in batch.entries.iter().enumerate() {
            changes.entry(branch, issued, index, entry)?;
        }
        Ok(changes)
    }

    /// The tickets in it, of which those that were known before are known once more.
    pub(super) fn issued(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.tickets.keys().copied()
    }

    fn entry(&mut self, branch: &Branch, issued: &HashSet<TicketId>, index: usize, entry: &Entry) -> Result<(), CommitError> {
        if let Some(key) = &entry.key {
            let ticket = entry.event.ticket().ok_or_else(|| CommitError::key_without_ticket(entry.rev))?;
            if let Some(&(ticket, _)) = branch.keys.get(key).or_else(|| self.keys.get(key)) {
                return Err(CommitError::KeyUsed { entry: index, ticket });
            }
            self.keys.insert(key.clone(), (ticket, entry.rev));
        }
        match &entry.event {
            Event::DayOpened { date } => self.day = Some(*date),
            Event::TicketIssued { .. } => self.issue(branch, issued, entry)?,
            Event::DeskOpened { desk, .. } | Event::DeskPaused { desk, .. } | Event::DeskClosed { desk, .. } => {
                self.desk(branch, entry, *desk)?;
            }
            other => {
                if let Some(ticket) = other.ticket() {
                    self.change(branch, entry, ticket)?;
                }
            }
        }
        if let Some((number, call)) = Call::of(entry)
            && (branch.calls.contains_key(&number) || self.calls.insert(number, call).is_some())
        {
            return Err(CommitError::called_twice(number));
        }
        Ok(())
    }

    fn today(&self, entry: &Entry) -> Result<NaiveDate, CommitError> {
        self.day.ok_or_else(|| CommitError::no_day(entry.rev))
    }

    fn issue(&mut self, branch: &Branch, issued: &HashSet<TicketId>, entry: &Entry) -> Result<(), CommitError> {
        let day = self.today(entry)?;
        let Some(ticket) = Ticket::issued(&entry.event, entry.at) else { return Ok(()) };
        let place = (day, series(&ticket.code).to_owned());
        let mut counter = self.counters.get(&place).or_else(|| branch.counters.get(&place)).copied().unwrap_or_default();
        counter.advance(&ticket, day)?;
        self.counters.insert(place, counter);
        if issued.contains(&ticket.id) || self.tickets.contains_key(&ticket.id) {
            return Err(CommitError::issued_twice(&ticket.code));
        }
        let mut segments = Segments::default();
        segments.put(ticket.present());
        self.tickets.insert(ticket.id, (Visit { day, ticket, issued_rev: entry.rev, rev: entry.rev }, segments));
        Ok(())
    }

    fn change(&mut self, branch: &Branch, entry: &Entry, id: TicketId) -> Result<(), CommitError> {
        let (visit, segments) = match self.tickets.entry(id) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let visit = branch.tickets.get(&id).cloned().ok_or_else(|| CommitError::unknown_ticket(entry.rev, id))?;
                slot.insert((visit, Segments::default()))
            }
        };
        segments.apply(&mut visit.ticket, entry);
        visit.rev = entry.rev;
        Ok(())
    }

    fn desk(&mut self, branch: &Branch, entry: &Entry, desk: DeskId) -> Result<(), CommitError> {
        let day = self.today(entry)?;
        let here = self.desk_times.values().rev().find(|time| time.desk == desk);
        let open = match here {
            Some(last) => Some(last).filter(|last| last.is_open()),
            None => branch.open.get(&desk).and_then(|place| branch.desk_times.get(place)),
        };
        if let Some(change) = DeskTime::change(open.cloned(), entry, day)? {
            self.desk_times.extend([change.present, change.begun].into_iter().flatten().map(|time| ((time.day, time.rev), time)));
        }
        Ok(())
    }
}
