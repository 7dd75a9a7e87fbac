//! Owns what a log gives when it is read from its first line: the office, and the rows of the day that it has come to. Goes a way of its
//! own: what the stores gather batch by batch is counted here entry by entry, and the tickets are those of the office.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::DayRows;
use crate::office::{BranchId, Entry, Event, Office, Segment, Ticket, TicketId};
use crate::store::derived::{Counter, DeskTime, Visit};
use crate::store::inconsistent::series;

pub(super) struct Replay {
    office: Office,
    day: Option<NaiveDate>,
    tickets: HashMap<TicketId, Traced>,
    counters: BTreeMap<String, Counter>,
    /// Those of the day, and those that are open.
    desk_times: BTreeMap<u64, DeskTime>,
}

/// A ticket of the day.
struct Traced {
    issued_rev: u64,
    rev: u64,
    ticket: Ticket,
    /// Those that lie behind it.
    segments: Vec<Segment>,
}

impl Replay {
    pub(super) fn new(branch: BranchId) -> Self {
        Self { office: Office::new(branch), day: None, tickets: HashMap::new(), counters: BTreeMap::new(), desk_times: BTreeMap::new() }
    }

    pub(super) fn rev(&self) -> u64 {
        self.office.rev()
    }

    pub(super) fn day(&self) -> Option<NaiveDate> {
        self.day
    }

    pub(super) fn office(&self) -> &Office {
        &self.office
    }

    /// Takes over the next entry; the error says how it contradicts those before it.
    pub(super) fn entry(&mut self, entry: &Entry) -> Result<(), &'static str> {
        self.office.apply(entry);
        match &entry.event {
            Event::DayOpened { date } => self.day = Some(*date),
            Event::TicketIssued { ticket, .. } => {
                let issued = Ticket::issued(&entry.event, entry.at).ok_or("issues no ticket")?;
                let counter = self.counters.entry(series(&issued.code).to_owned()).or_default();
                *counter = Counter { serial: counter.serial + 1, last: issued.number };
                if counter.serial != issued.serial {
                    return Err("issues a number out of step");
                }
                let traced = Traced { issued_rev: entry.rev, rev: entry.rev, ticket: issued, segments: Vec::new() };
                if self.tickets.insert(*ticket, traced).is_some() {
                    return Err("issues a ticket a second time");
                }
            }
            Event::DeskOpened { desk, .. } | Event::DeskPaused { desk, .. } | Event::DeskClosed { desk, .. } => {
                let open = self.desk_times.values().rev().find(|time| time.desk == *desk && time.is_open()).cloned();
                let day = self.day.ok_or("is about a desk before the first day")?;
                let change = DeskTime::change(open, entry, day).map_err(|_| "is about a desk that is not open")?;
                let changed = change.into_iter().flat_map(|change| [change.present, change.begun]).flatten();
                self.desk_times.extend(changed.map(|time| (time.rev, time)));
            }
            event => {
                let Some(id) = event.ticket() else { return Ok(()) };
                let Traced { rev, ticket, segments, .. } =
                    self.tickets.get_mut(&id).ok_or("is about a ticket that was not issued that day")?;
                *rev = entry.rev;
                segments.extend(ticket.apply(event, entry.at));
                // Also of a past that an undo took back.
                segments.retain(|segment| segment.segment < ticket.segment);
            }
        }
        Ok(())
    }

    /// The rows that the day gave; the next day begins with those of desks that are still open.
    pub(super) fn end_day(&mut self) -> DayRows {
        let mut rows = DayRows { counters: std::mem::take(&mut self.counters), ..DayRows::default() };
        for (id, Traced { issued_rev, rev, segments, .. }) in self.tickets.drain() {
            // Not the ticket that was traced here: the office is asked.
            let (Some(ticket), Some(day)) = (self.office.ticket(id), self.day) else { continue };
            rows.segments.extend(segments.into_iter().chain([ticket.present()]).map(|segment| ((issued_rev, segment.segment), segment)));
            rows.tickets.insert(issued_rev, Visit { day, ticket: ticket.clone(), issued_rev, rev });
        }
        let (open, closed) = std::mem::take(&mut self.desk_times).into_iter().partition(|(_, time)| time.is_open());
        (self.desk_times, rows.desk_times) = (open, closed);
        let still_open = self.desk_times.iter().filter(|(_, time)| Some(time.day) == self.day);
        rows.desk_times.extend(still_open.map(|(rev, time)| (*rev, time.clone())));
        rows
    }
}
