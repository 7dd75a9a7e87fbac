//! Owns what a branch knows at one moment: the state that its log gives, and the questions that can be asked of it. Changed by `evolve` alone;
//! decides nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::deferral::Away;
use super::ids::{BranchId, DeskId, Key, Millis, ServiceId, TicketId, Token, UserId};
use super::pace::Pace;
use super::queue::Queue;
use super::reason::Reason;
use super::settings::Settings;
use super::snapshot::{CounterForm, Stored};
use super::station::Station;
use super::ticket::{Action, State, Ticket, transition};

/// Calls that stay on show.
const SHOWN: usize = 10;

/// One branch, today. As JSON it is a snapshot, which gives back an equal office.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Office {
    pub(super) branch: BranchId,
    pub(super) rev: u64,
    pub(super) at: Millis,
    pub(super) settings: Option<Box<Settings>>,
    pub(super) day: Option<NaiveDate>,
    /// The day was ended, and the next one has not begun.
    pub(super) shut: bool,
    /// The tickets of today by the rev of their issue, which is their order of arrival.
    pub(super) tickets: BTreeMap<u64, Ticket>,
    /// How far each series is.
    pub(super) counters: BTreeMap<String, Counter>,
    /// Numbers given today for each service, booked ones too.
    pub(super) issued: BTreeMap<ServiceId, u32>,
    /// The last call of the branch, over all days.
    pub(super) calls: u64,
    /// The called or serving ticket of each desk that has one.
    pub(super) desks: BTreeMap<DeskId, TicketId>,
    /// The desks that are open.
    pub(super) stations: BTreeMap<DeskId, Station>,
    /// How long serving took lately, over all days.
    pub(super) paces: BTreeMap<ServiceId, Pace>,
    pub(super) keys: BTreeMap<Key, TicketId>,
    pub(super) shown: Vec<Call>,
    pub(super) queue: Queue,
    /// The tickets that are put off.
    pub(super) away: Away,
    /// The last ticket that was called of each service, today.
    pub(super) last_calls: BTreeMap<ServiceId, TicketId>,
    #[serde(skip)]
    pub(super) by_id: HashMap<TicketId, u64>,
    #[serde(skip)]
    pub(super) by_token: HashMap<Token, u64>,
    /// Of several with one code, which has begun anew, all in order of arrival.
    #[serde(skip)]
    pub(super) by_code: HashMap<String, Vec<u64>>,
    /// When the day is over.
    #[serde(skip)]
    pub(super) turns_at: Option<Millis>,
}

/// How far a series is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CounterForm")]
pub(super) struct Counter {
    /// How many numbers were given: 1, 2, 3 … whatever the numbers are.
    pub serial: u32,
    /// The last number.
    pub last: u32,
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
            shut: false,
            tickets: BTreeMap::new(),
            counters: BTreeMap::new(),
            issued: BTreeMap::new(),
            calls: 0,
            desks: BTreeMap::new(),
            stations: BTreeMap::new(),
            paces: BTreeMap::new(),
            keys: BTreeMap::new(),
            shown: Vec::new(),
            queue: Queue::default(),
            away: Away::default(),
            last_calls: BTreeMap::new(),
            by_id: HashMap::new(),
            by_token: HashMap::new(),
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

    /// Whether the day was ended by hand: no more numbers and no more calls until it is opened again, or the next one begins.
    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// A ticket of today.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(self.by_id.get(&id)?)
    }

    /// A ticket of today by what stands on the paper; of several, the one that is open, else the one that was issued last.
    pub fn by_code(&self, code: &str) -> Option<&Ticket> {
        let mut all = self.by_code.get(code)?.iter().rev().filter_map(|arrival| self.tickets.get(arrival));
        all.clone().find(|ticket| !ticket.state.is_final()).or_else(|| all.next())
    }

    /// A ticket of today by the secret of its visitor. How long this takes says nothing of the secrets that there are: where in the table it is
    /// looked for depends on keys that the process draws at its start, and a secret is compared as one number of 128 bits, not digit by digit.
    pub fn by_token(&self, token: Token) -> Option<&Ticket> {
        self.tickets.get(self.by_token.get(&token)?)
    }

    /// All tickets of today, in order of arrival.
    pub fn tickets(&self) -> impl DoubleEndedIterator<Item = &Ticket> + ExactSizeIterator + '_ {
        self.tickets.values()
    }

    /// Those of today that were issued behind this position of the log, in order of arrival.
    pub fn issued_after(&self, rev: u64) -> impl Iterator<Item = &Ticket> + '_ {
        self.tickets.range(rev.saturating_add(1)..).map(|(_, ticket)| ticket)
    }

    /// Whether nobody was ever called here, and nobody has a number today.
    pub fn is_unused(&self) -> bool {
        self.calls == 0 && self.tickets.is_empty()
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

    /// A desk's holder, agent and pause; `None` while it is closed.
    pub fn station(&self, desk: DeskId) -> Option<&Station> {
        self.stations.get(&desk)
    }

    /// The desks that are open, by number.
    pub fn stations(&self) -> impl Iterator<Item = (DeskId, &Station)> + '_ {
        self.stations.iter().map(|(desk, station)| (*desk, station))
    }

    /// The open desk at which an agent sits.
    pub fn desk_of(&self, agent: UserId) -> Option<DeskId> {
        self.stations().find(|(_, station)| station.agent == Some(agent)).map(|(desk, _)| desk)
    }

    /// The ticket that a desk would call now, and why this one; `None` when nobody waits for it. Says nothing of whether the desk may call.
    pub fn next_for(&self, desk: DeskId, now: Millis) -> Option<(&Ticket, Reason)> {
        let settings = self.settings()?;
        let normals = self.station(desk).map_or(0, |station| station.normals);
        let choice = self.queue.next(settings.desk(desk)?, settings.policy, normals, self.now(now))?;
        Some((self.tickets.get(&choice.arrival)?, choice.reason))
    }

    /// Until when a desk may undo what it did last; `None` when there is nothing that it could undo. May be past already.
    pub fn undo_until(&self, desk: DeskId) -> Option<Millis> {
        let undo = self.station(desk)?.undo.as_ref()?;
        Some(Millis(undo.at.0.saturating_add(self.settings()?.undo_within)))
    }

    /// The tickets that are parked, in order of arrival. Costs the number of today's tickets, as the next two do.
    pub fn held(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.tickets().filter(|ticket| ticket.state == State::Held)
    }

    /// The tickets that are for later today, in the order in which they were booked.
    pub fn booked(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.tickets().filter(|ticket| ticket.state == State::Booked)
    }

    /// The tickets that were missed, cancelled or expired, in order of arrival.
    pub fn missed(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.tickets().filter(|ticket| matches!(ticket.state, State::Missed | State::Cancelled | State::Expired))
    }

    /// The last moment at which a ticket may be reactivated; `None` for one that is open or was served. May be past already.
    pub fn reactivate_until(&self, ticket: &Ticket) -> Option<Millis> {
        self.settings()?.reactivate_until(ticket)
    }

    /// The tickets whose visitors need more time, who comes back first in front.
    pub fn deferred(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.away.arrivals().filter_map(|arrival| self.tickets.get(&arrival))
    }

    /// When the first of these waits again by itself. May be past already.
    pub fn next_return(&self) -> Option<Millis> {
        self.away.next()
    }

    /// How often a ticket may still be put off; 0 in a state in which it may not.
    pub fn deferrals_left(&self, ticket: &Ticket) -> u32 {
        let times = self.settings().map_or(0, |settings| settings.deferrals.times);
        transition(Some(ticket.state), Action::Defer).map_or(0, |_| times.saturating_sub(ticket.deferral.times))
    }

    /// The last ticket of a service that was called today.
    pub fn last_called(&self, service: ServiceId) -> Option<&Ticket> {
        self.ticket(*self.last_calls.get(&service)?)
    }

    /// Numbers that were given today for a service, booked ones too.
    pub fn issued_for(&self, service: ServiceId) -> u32 {
        self.issued.get(&service).copied().unwrap_or(0)
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

    /// How many of those who wait for the same service came before, also of one who is away; 0 for an unknown ticket. Costs the number of those who wait and came
    /// after it.
    pub fn ahead_of(&self, ticket: TicketId) -> usize {
        let Some(arrival) = self.by_id.get(&ticket) else { return 0 };
        self.tickets.get(arrival).map_or(0, |ticket| self.queue.ahead(ticket.service, *arrival))
    }

    /// The last calls of today, newest first: each ticket once, with its last call. At most ten.
    pub fn calls_on_show(&self) -> &[Call] {
        &self.shown[..self.shown.len().min(SHOWN)]
    }

    /// Calls that are kept: those on show, and one a desk behind them, which comes back when the desk takes its last call back.
    pub(super) fn calls_kept(&self) -> usize {
        SHOWN + self.settings.as_ref().map_or(0, |settings| settings.desks.len())
    }

    /// Whether a ticket with this code is still open.
    pub(super) fn is_open_code(&self, code: &str) -> bool {
        self.by_code(code).is_some_and(|ticket| !ticket.state.is_final())
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
