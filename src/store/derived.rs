//! Owns the shapes of what a store derives from the log besides tickets and segments: who was at a desk and when, how far the numbers went,
//! the calls; and how an event changes them. Every store follows these rules, each with its own means.

use chrono::NaiveDate;
use serde::Serialize;

use super::CommitError;
use super::inconsistent::series;
use crate::office::figures;
use crate::office::{Closed, DeskId, Entry, Event, Millis, Segment, Ticket, TicketId, UserId};

/// A ticket where the derived tables have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visit {
    /// The business day on which it was issued.
    pub day: NaiveDate,
    #[serde(flatten)]
    pub ticket: Ticket,
    /// Positions of the entries that issued it and that changed it last.
    pub issued_rev: u64,
    pub rev: u64,
}

/// A segment where the derived tables have it: under its ticket's business day and the position of the entry that issued its ticket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stay {
    pub day: NaiveDate,
    pub arrival: u64,
    #[serde(flatten)]
    pub segment: Segment,
}

/// How long one agent was at one desk. Somebody else there is another desk time; a pause is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeskTime {
    pub day: NaiveDate,
    /// Position of the entry that opened it.
    pub rev: u64,
    pub desk: DeskId,
    pub agent: Option<UserId>,
    pub opened_at: Millis,
    /// `None` while it is open.
    pub closed_at: Option<Millis>,
    /// `None` while it is open, and when another agent took the desk over.
    pub why: Option<Closed>,
    pub pauses: Vec<Pause>,
}

/// When a desk that was open took no next ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pause {
    /// Position of the entry that began it.
    pub rev: u64,
    pub reason: Option<String>,
    pub began_at: Millis,
    /// `None` while it lasts.
    pub ended_at: Option<Millis>,
}

/// What the next number of a day and series is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(super) struct Counter {
    /// How many were given out.
    pub(super) serial: u32,
    /// The last of them.
    pub(super) last: u32,
}

/// A call or recall. Its number is its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Call {
    pub(super) rev: u64,
    pub(super) ticket: TicketId,
    pub(super) desk: DeskId,
    pub(super) at: Millis,
    pub(super) calls: u32,
}

/// What an event does to the time of a desk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DeskChange {
    /// The desk's open time as it is now: on with it, or closed.
    pub(super) present: Option<DeskTime>,
    /// One that begins.
    pub(super) begun: Option<DeskTime>,
}

impl Stay {
    /// As reports take it, with what they need of its ticket.
    pub fn with(self, ticket: &Ticket) -> figures::Stay {
        let Self { day, segment, .. } = self;
        let booked = ticket.booked_for.is_some() && segment.segment == 1 && segment.queued_at == ticket.issued_at;
        figures::Stay { segment, day, issued_at: ticket.issued_at, expected: ticket.expected, booked }
    }
}

impl From<DeskTime> for figures::DeskTime {
    fn from(time: DeskTime) -> Self {
        let DeskTime { day, desk, agent, opened_at, closed_at, pauses, .. } = time;
        let pauses =
            pauses.into_iter().map(|Pause { reason, began_at, ended_at, .. }| figures::PauseTime { from: began_at, to: ended_at, reason });
        Self { day, desk, agent, opened_at, closed_at, pauses: pauses.collect() }
    }
}

impl DeskTime {
    /// What this entry, on this day, does to a desk whose open time is `open`; `None` when it is about no desk's time.
    ///
    /// # Errors
    ///
    /// When a desk is paused or closed that is not open.
    pub(super) fn change(open: Option<Self>, entry: &Entry, day: NaiveDate) -> Result<Option<DeskChange>, CommitError> {
        let Entry { rev, at, event, .. } = entry;
        let not_open = |desk: &DeskId| CommitError::desk_not_open(*rev, *desk);
        let change = match event {
            Event::DeskOpened { desk, agent, .. } => {
                let begun =
                    Self { day, rev: *rev, desk: *desk, agent: *agent, opened_at: *at, closed_at: None, why: None, pauses: Vec::new() };
                match open {
                    None => DeskChange { present: None, begun: Some(begun) },
                    Some(mut present) => {
                        present.go_on(*at);
                        let other = present.agent != *agent;
                        present.closed_at = other.then_some(*at);
                        DeskChange { present: Some(present), begun: other.then_some(begun) }
                    }
                }
            }
            Event::DeskPaused { desk, reason } => {
                let mut present = open.ok_or_else(|| not_open(desk))?;
                present.go_on(*at);
                present.pauses.push(Pause { rev: *rev, reason: reason.clone(), began_at: *at, ended_at: None });
                DeskChange { present: Some(present), begun: None }
            }
            Event::DeskClosed { desk, why } => {
                let mut present = open.ok_or_else(|| not_open(desk))?;
                present.go_on(*at);
                (present.closed_at, present.why) = (Some(*at), Some(*why));
                DeskChange { present: Some(present), begun: None }
            }
            _ => return Ok(None),
        };
        Ok(Some(change))
    }

    pub(super) fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Ends the pause that it is in, if it is in one.
    fn go_on(&mut self, at: Millis) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.ended_at.get_or_insert(at);
        }
    }
}

impl Counter {
    /// Counts the number of a ticket that is issued.
    pub(super) fn advance(&mut self, ticket: &Ticket, day: NaiveDate) -> Result<(), CommitError> {
        if self.serial.checked_add(1) != Some(ticket.serial) {
            return Err(CommitError::out_of_step(series(&ticket.code), day, self.serial, ticket.serial));
        }
        *self = Self { serial: ticket.serial, last: ticket.number };
        Ok(())
    }
}

impl Call {
    /// The call that an entry makes, and its number.
    pub(super) fn of(entry: &Entry) -> Option<(u64, Self)> {
        match entry.event {
            Event::TicketCalled { ticket, desk, call, calls, .. } | Event::TicketRecalled { ticket, desk, call, calls } => {
                Some((call, Self { rev: entry.rev, ticket, desk, at: entry.at, calls }))
            }
            _ => None,
        }
    }
}

/// The segments of one ticket that a batch changes: those to write, and after which number those that there are go.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Segments {
    /// At most one of each number, the last said.
    pub(super) changed: Vec<Segment>,
    pub(super) none_behind: Option<u32>,
}

impl Segments {
    /// Applies an event to a ticket, and takes over what that does to its segments. What is behind the present segment is of a past that an
    /// undo took back.
    pub(super) fn apply(&mut self, ticket: &mut Ticket, entry: &Entry) {
        if let Some(closed) = ticket.apply(&entry.event, entry.at) {
            self.put(closed);
        }
        let present = ticket.present();
        if let Event::TicketRestored { .. } = entry.event {
            self.changed.retain(|segment| segment.segment <= present.segment);
            self.none_behind = Some(self.none_behind.map_or(present.segment, |before| before.min(present.segment)));
        }
        self.put(present);
    }

    pub(super) fn put(&mut self, segment: Segment) {
        match self.changed.iter_mut().find(|other| other.segment == segment.segment) {
            Some(other) => *other = segment,
            None => self.changed.push(segment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: DeskId = DeskId(4);

    fn opened(rev: u64, agent: Option<u128>) -> Entry {
        entry(rev, Event::DeskOpened { desk: DESK, session: None, agent: agent.map(UserId) })
    }

    fn paused(rev: u64, reason: &str) -> Entry {
        entry(rev, Event::DeskPaused { desk: DESK, reason: Some(reason.into()) })
    }

    fn closed(rev: u64) -> Entry {
        entry(rev, Event::DeskClosed { desk: DESK, why: Closed::Left })
    }

    /// At ten times its position.
    fn entry(rev: u64, event: Event) -> Entry {
        Entry { rev, at: Millis(rev as i64 * 10), key: None, event }
    }

    /// `(agent, opened, closed, why, pauses)` of every desk time.
    type Row = (Option<u128>, i64, Option<i64>, Option<Closed>, Vec<(i64, Option<i64>)>);

    fn rows(entries: &[Entry]) -> Result<Vec<Row>, String> {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let mut times: Vec<DeskTime> = Vec::new();
        for entry in entries {
            let open = times.pop_if(|time| time.is_open());
            let change = DeskTime::change(open, entry, day).map_err(|error| error.to_string())?.unwrap();
            times.extend([change.present, change.begun].into_iter().flatten());
        }
        let pauses = |time: &DeskTime| time.pauses.iter().map(|pause| (pause.began_at.0, pause.ended_at.map(|at| at.0))).collect();
        Ok(times
            .iter()
            .map(|time| (time.agent.map(|user| user.0), time.opened_at.0, time.closed_at.map(|at| at.0), time.why, pauses(time)))
            .collect())
    }

    #[test]
    fn a_desk_opens_pauses_goes_on_and_closes() {
        let day = [opened(1, Some(7)), paused(2, "café"), opened(3, Some(7)), paused(5, "a"), paused(6, "b"), closed(9)];
        let left = Some(Closed::Left);
        assert_eq!(rows(&day[..2]).unwrap(), [(Some(7), 10, None, None, vec![(20, None)])]);
        assert_eq!(rows(&day).unwrap(), [(Some(7), 10, Some(90), left, vec![(20, Some(30)), (50, Some(60)), (60, Some(90))])]);
    }

    #[test]
    fn another_agent_at_the_desk_is_another_time() {
        let day = [opened(1, None), paused(2, "x"), opened(3, Some(8)), opened(4, Some(8)), closed(5), opened(6, Some(8))];
        let expected = [
            (None, 10, Some(30), None, vec![(20, Some(30))]),
            (Some(8), 30, Some(50), Some(Closed::Left), vec![]),
            (Some(8), 60, None, None, vec![]),
        ];
        assert_eq!(rows(&day).unwrap(), expected);
    }

    #[test]
    fn a_desk_that_is_not_open_is_neither_paused_nor_closed() {
        for entry in [paused(1, "x"), closed(1)] {
            assert!(rows(&[entry]).unwrap_err().ends_with("entry 1 is about desk 4, which is not open"));
        }
    }
}
