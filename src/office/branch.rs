//! Owns what a branch knows at one moment: the state that its log gives, and the questions that can be asked of it. Changed by `evolve` alone;
//! decides nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{BranchId, DeskId, Key, Millis, ServiceId, TicketId};
use super::queue::Queue;
use super::settings::Settings;
use super::ticket::{State, Ticket};

/// Calls that stay on show.
pub(super) const SHOWN: usize = 10;

/// One branch, today. As JSON it is a snapshot, which gives back an equal office.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Office {
    pub(super) branch: BranchId,
    pub(super) rev: u64,
    pub(super) at: Millis,
    pub(super) settings: Option<Box<Settings>>,
    pub(super) day: Option<NaiveDate>,
    /// The tickets of today by the rev of their issue, which is their order of arrival.
    pub(super) tickets: BTreeMap<u64, Ticket>,
    /// The last number of each series.
    pub(super) counters: BTreeMap<String, u32>,
    /// The last call of the branch, over all days.
    pub(super) calls: u64,
    /// The called or serving ticket of each desk that has one.
    pub(super) desks: BTreeMap<DeskId, TicketId>,
    pub(super) keys: BTreeMap<Key, TicketId>,
    pub(super) shown: Vec<Call>,
    pub(super) queue: Queue,
    #[serde(skip)]
    pub(super) by_id: HashMap<TicketId, u64>,
    #[serde(skip)]
    pub(super) by_code: HashMap<String, u64>,
    /// When the day is over.
    #[serde(skip)]
    pub(super) turns_at: Option<Millis>,
}

/// One call of a ticket to a desk, as a display shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Numbers the branch's calls, over all days.
    pub call: u64,
    pub rev: u64,
    pub at: Millis,
    pub ticket: TicketId,
    pub desk: DeskId,
    /// How often this ticket had been called, this call included.
    pub calls: u32,
}

impl Office {
    /// A branch without settings, before the first entry of its log.
    pub fn new(branch: BranchId) -> Self {
        Self {
            branch,
            rev: 0,
            at: Millis(i64::MIN),
            settings: None,
            day: None,
            tickets: BTreeMap::new(),
            counters: BTreeMap::new(),
            calls: 0,
            desks: BTreeMap::new(),
            keys: BTreeMap::new(),
            shown: Vec::new(),
            queue: Queue::default(),
            by_id: HashMap::new(),
            by_code: HashMap::new(),
            turns_at: None,
        }
    }

    pub fn branch(&self) -> BranchId {
        self.branch
    }

    /// Position of the last entry applied; 0 before the first.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// Time of the last entry applied; the beginning of time before the first.
    pub fn at(&self) -> Millis {
        self.at
    }

    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_deref()
    }

    /// The business day that is open.
    pub fn day(&self) -> Option<NaiveDate> {
        self.day
    }

    /// When the day is to be turned: `now` when that is due already, `None` without settings.
    pub fn next_turn(&self, now: Millis) -> Option<Millis> {
        self.turns_at.map(|at| at.max(now))
    }

    /// A ticket of today.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(self.by_id.get(&id)?)
    }

    /// A ticket of today by what stands on the paper.
    pub fn by_code(&self, code: &str) -> Option<&Ticket> {
        self.tickets.get(self.by_code.get(code)?)
    }

    /// All tickets of today, in order of arrival.
    pub fn tickets(&self) -> impl DoubleEndedIterator<Item = &Ticket> + '_ {
        self.tickets.values()
    }

    /// The ticket that was issued last today.
    pub fn last_issued(&self) -> Option<&Ticket> {
        self.tickets.last_key_value().map(|(_, ticket)| ticket)
    }

    /// The ticket that a key of today stands for.
    pub fn keyed(&self, key: &Key) -> Option<TicketId> {
        self.keys.get(key).copied()
    }

    /// The ticket that a desk has called or serves.
    pub fn desk_ticket(&self, desk: DeskId) -> Option<&Ticket> {
        self.ticket(*self.desks.get(&desk)?)
    }

    /// The waiting tickets in order of arrival, which is not the order in which they are called.
    pub fn waiting(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.queue.by_arrival().filter_map(|arrival| self.tickets.get(&arrival))
    }

    pub fn waiting_count(&self) -> usize {
        self.queue.len()
    }

    pub fn waiting_for(&self, service: ServiceId) -> usize {
        self.queue.len_of(service)
    }

    /// How many of those who wait for the same service came before; 0 for an unknown ticket. Costs the number of those who wait and came
    /// after it.
    pub fn ahead_of(&self, ticket: TicketId) -> usize {
        let Some(arrival) = self.by_id.get(&ticket) else { return 0 };
        self.tickets.get(arrival).map_or(0, |ticket| self.queue.ahead(ticket.service, *arrival))
    }

    /// The last calls of today, newest first: each ticket once, with its last call. At most ten.
    pub fn calls_on_show(&self) -> &[Call] {
        &self.shown
    }

    /// The time that counts as now: a clock that was set back stands still.
    pub(super) fn now(&self, clock: Millis) -> Millis {
        self.at.max(clock)
    }

    /// Rebuilds what follows from the rest.
    pub(super) fn set_turn(&mut self) {
        self.turns_at = match (self.settings.as_deref(), self.day) {
            (Some(settings), Some(day)) => Some(settings.calendar().start(super::day::after(day))),
            _ => None,
        };
    }
}

/// An office as a snapshot keeps it, before the indexes are built again.
#[derive(Deserialize)]
struct Stored {
    branch: BranchId,
    rev: u64,
    at: Millis,
    settings: Option<Box<Settings>>,
    day: Option<NaiveDate>,
    tickets: BTreeMap<u64, Ticket>,
    counters: BTreeMap<String, u32>,
    calls: u64,
    desks: BTreeMap<DeskId, TicketId>,
    keys: BTreeMap<Key, TicketId>,
    shown: Vec<Call>,
    queue: Queue,
}

/// A snapshot whose parts contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("snapshot contradicts itself: {0}")]
pub struct BadSnapshot(&'static str);

impl TryFrom<Stored> for Office {
    type Error = BadSnapshot;

    fn try_from(stored: Stored) -> Result<Self, BadSnapshot> {
        let Stored { branch, rev, at, settings, day, tickets, counters, calls, desks, keys, shown, queue } = stored;
        let by_id: HashMap<_, _> = tickets.iter().map(|(arrival, ticket)| (ticket.id, *arrival)).collect();
        let by_code: HashMap<_, _> = tickets.iter().map(|(arrival, ticket)| (ticket.code.clone(), *arrival)).collect();
        let mut office =
            Self { branch, rev, at, settings, day, tickets, counters, calls, desks, keys, shown, queue, by_id, by_code, turns_at: None };
        office.set_turn();
        office.contradiction().map_or(Ok(office), |problem| Err(BadSnapshot(problem)))
    }
}

impl Office {
    fn contradiction(&self) -> Option<&'static str> {
        let waiting = self.tickets.iter().filter(|(_, ticket)| ticket.state == State::Waiting);
        let held = |(desk, id): (&DeskId, &TicketId)| {
            self.ticket(*id).is_some_and(|ticket| ticket.state.is_active() && ticket.desk == Some(*desk))
        };
        let active = self.tickets.values().filter(|ticket| ticket.state.is_active());
        let checks = [
            (self.by_id.len() == self.tickets.len(), "two tickets with one id"),
            (self.by_code.len() == self.tickets.len(), "two tickets with one code"),
            (waiting.map(|(arrival, _)| *arrival).eq(self.queue.by_arrival()), "the queue is not those who wait"),
            (self.desks.iter().all(held), "a desk holds a ticket that is not its own"),
            (active.count() == self.desks.len(), "a ticket at a desk that does not hold it"),
            (self.tickets.last_key_value().is_none_or(|(arrival, _)| *arrival <= self.rev), "a ticket from after the snapshot"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, problem)| problem)
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{Sample, sample};
    use super::super::command::Command;
    use super::*;

    #[test]
    fn a_new_office_knows_nothing() {
        let office = Office::new(BranchId(3));
        assert_eq!((office.branch(), office.rev(), office.day(), office.next_turn(Millis(5))), (BranchId(3), 0, None, None));
        assert_eq!((office.waiting_count(), office.calls_on_show().len(), office.last_issued()), (0, 0, None));
        let text = serde_json::to_string(&office).unwrap();
        assert_eq!(serde_json::from_str::<Office>(&text).unwrap(), office);
    }

    #[test]
    fn a_snapshot_that_contradicts_itself_is_refused() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.done(Command::Call { desk: DeskId(1), ticket });
        let whole = serde_json::to_value(&sample.office).unwrap();
        assert_eq!(serde_json::from_value::<Office>(whole.clone()).unwrap(), sample.office);
        let mut broken = whole;
        broken["desks"] = serde_json::json!({});
        let error = serde_json::from_value::<Office>(broken).unwrap_err().to_string();
        assert_eq!(error, "snapshot contradicts itself: a ticket at a desk that does not hold it");
    }

    #[test]
    fn the_tenth_call_is_the_last_on_show_and_a_ticket_stands_there_once() {
        let mut settings = sample();
        (settings.auto_finish, settings.recall_after) = (true, 0);
        let mut sample = Sample::new(settings);
        let tickets: Vec<_> = (0..12).map(|_| sample.issue(1, 0)).collect();
        for ticket in &tickets {
            sample.done(Command::Call { desk: DeskId(1), ticket: *ticket });
        }
        sample.done(Command::Recall { desk: DeskId(1), ticket: None });
        let shown: Vec<_> = sample.office.calls_on_show().iter().map(|call| (call.call, call.ticket, call.calls)).collect();
        let mut expected: Vec<_> = (2..12).rev().map(|i| (i as u64 + 1, tickets[i], 1)).collect();
        expected[0] = (13, tickets[11], 2);
        assert_eq!(shown, expected);
    }
}
