//! Owns how an entry of the log changes the office. Total: it asks nothing and refuses nothing, because what is in the log has happened.

use super::branch::{Call, Counter, Office};
use super::event::{Entry, Event};
use super::ids::{DeskId, Millis, Rank, TicketId};
use super::pace;
use super::queue::Newcomer;
use super::settings::Policy;
use super::station::{Pause, Station};
use super::ticket::{self, Place, State, Ticket};
use super::undo::Was;

impl Office {
    /// Takes over the next entry of the branch's log: `entry.rev` is one more than [`Office::rev`].
    pub fn apply(&mut self, entry: &Entry) {
        debug_assert_eq!(entry.rev, self.rev + 1, "entries are applied in order");
        let Entry { rev, at, key, event } = entry;
        self.rev = *rev;
        self.at = *at;
        match event {
            Event::Configured { settings } => {
                self.settings = Some(settings.clone());
                // How it was may not be possible any more.
                self.stations.values_mut().for_each(|station| station.undo = None);
                self.set_turn();
            }
            Event::DayOpened { date } => {
                self.clear_day();
                self.day = Some(*date);
                self.set_turn();
            }
            Event::DayClosed { .. } => self.shut = true,
            Event::DayReopened { .. } => self.shut = false,
            Event::DeskOpened { desk, session, agent } => {
                let before = self.stations.remove(desk);
                self.stations.insert(*desk, Station::opened(before, *session, *agent, *at));
            }
            Event::DeskPaused { desk, reason } => {
                if let Some(station) = self.stations.get_mut(desk) {
                    station.paused = Some(Pause { since: *at, reason: reason.clone() });
                }
            }
            Event::DeskClosed { desk, .. } => drop(self.stations.remove(desk)),
            Event::TicketIssued { .. } => self.issued(event, *at),
            Event::TicketNoted { ticket, .. } => self.noted(*ticket, event, *at),
            Event::TicketCheckedIn { ticket }
            | Event::TicketCalled { ticket, .. }
            | Event::TicketRecalled { ticket, .. }
            | Event::ServiceStarted { ticket, .. }
            | Event::TicketFinished { ticket, .. }
            | Event::TicketMissed { ticket, .. }
            | Event::TicketRequeued { ticket, .. }
            | Event::TicketHeld { ticket, .. }
            | Event::TicketResumed { ticket, .. }
            | Event::TicketReleased { ticket, .. }
            | Event::TicketTransferred { ticket, .. }
            | Event::TicketCancelled { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::TicketReturned { ticket, .. }
            | Event::TicketReactivated { ticket, .. }
            | Event::TicketRestored { ticket, .. }
            | Event::TicketExpired { ticket } => self.moved(*ticket, event, *at),
        }
        if let (Some(key), Some(ticket)) = (key, event.ticket()) {
            self.keys.insert(key.clone(), ticket);
        }
    }

    fn clear_day(&mut self) {
        self.tickets.clear();
        self.by_id.clear();
        self.by_token.clear();
        self.by_code.clear();
        self.counters.clear();
        self.issued.clear();
        self.desks.clear();
        self.stations.clear();
        self.keys.clear();
        self.shown.clear();
        self.queue = Default::default();
        self.away = Default::default();
        self.last_calls.clear();
        self.shut = false;
    }

    fn issued(&mut self, event: &Event, at: Millis) {
        let Some(ticket) = Ticket::issued(event, at) else { return };
        let arrival = self.rev;
        let counter = Counter { serial: ticket.serial, last: ticket.number };
        self.counters.insert(ticket::series(&ticket.code).to_owned(), counter);
        *self.issued.entry(ticket.service).or_default() += 1;
        self.by_id.insert(ticket.id, arrival);
        self.by_token.insert(ticket.token, arrival);
        self.by_code.entry(ticket.code.clone()).or_default().push(arrival);
        if ticket.state == State::Waiting {
            self.line_up(arrival, &ticket, Place::ByArrival, at);
        }
        self.tickets.insert(arrival, ticket);
    }

    /// A note is no change of the ticket's state: where it stands it stays.
    fn noted(&mut self, id: TicketId, event: &Event, at: Millis) {
        let Some(arrival) = self.by_id.get(&id).copied() else { return };
        let Some(mut ticket) = self.tickets.remove(&arrival) else { return };
        self.remember(event, &ticket, None, at);
        ticket.apply(event, at);
        self.tickets.insert(arrival, ticket);
    }

    /// Something happened to a ticket of today: the ticket itself, then the queue, the desk and the display, as its new state says.
    fn moved(&mut self, id: TicketId, event: &Event, at: Millis) {
        let Some(arrival) = self.by_id.get(&id).copied() else { return };
        let Some(mut ticket) = self.tickets.remove(&arrival) else { return };
        let spot = match ticket.deferral.until {
            Some(until) => self.away.take(until, arrival),
            None => self.queue.remove(arrival),
        };
        let reserved = ticket.reserved;
        let was = self.remember(event, &ticket, spot, at);
        if let Some(desk) = ticket.desk.filter(|desk| self.desks.get(desk) == Some(&id)) {
            self.desks.remove(&desk);
        }
        // What was measured at a finish that is taken back was a mistake.
        self.measure(&ticket, |pace, took| pace.forget(took));
        ticket.apply(event, at);
        self.measure(&ticket, |pace, took| pace.record(took));
        match (ticket.state, ticket.desk) {
            (State::Waiting, _) => {
                // Who comes back stands where it stood, unless the desk that it waited for is gone.
                let stood = spot.filter(|_| matches!(event, Event::TicketReturned { .. }) && ticket.reserved == reserved);
                match was.as_ref().and_then(|was| was.spot).or(stood) {
                    Some(spot) => self.queue.restore(arrival, spot),
                    None => self.line_up(arrival, &ticket, place(event), at),
                }
            }
            (State::Deferred, _) => {
                if let Some(until) = ticket.deferral.until {
                    self.away.put(until, arrival, was.as_ref().map_or(spot, |was| was.spot));
                }
            }
            (State::Called | State::Serving, Some(desk)) => drop(self.desks.insert(desk, id)),
            _ => {}
        }
        match *event {
            Event::TicketCalled { ticket: id, desk, call, calls, .. } => {
                self.count(desk, ticket.rank);
                self.last_calls.insert(ticket.service, id);
                self.show(Call { call, rev: self.rev, at, ticket: id, desk, calls });
            }
            Event::TicketRecalled { ticket, desk, call, calls } => self.show(Call { call, rev: self.rev, at, ticket, desk, calls }),
            _ => {}
        }
        if let Some(Was { call, .. }) = was {
            self.show_again(id, call);
            if call.is_none() {
                self.forget_call(id);
            }
        }
        self.tickets.insert(arrival, ticket);
    }

    fn line_up(&mut self, arrival: u64, ticket: &Ticket, place: Place, at: Millis) {
        // Who was booked came, as far as the order goes, when the appointment was.
        let issued_at = ticket.booked_for.map_or(ticket.issued_at, |booked| booked.max(ticket.issued_at));
        let Ticket { service, rank, reserved, .. } = *ticket;
        let newcomer = Newcomer { arrival, service, rank, issued_at, reserved };
        let policy = self.settings.as_ref().map_or(Policy::Fifo, |settings| settings.policy);
        self.queue.put(newcomer, place, policy, self.rev, at);
    }

    /// Tells the pace of its service how long a ticket took, if it is finished.
    fn measure(&mut self, ticket: &Ticket, tell: impl FnOnce(&mut pace::Pace, i64)) {
        if let Some(took) = pace::took(&ticket.present()) {
            tell(self.paces.entry(ticket.service).or_default(), took);
        }
    }

    /// A desk called a ticket of this rank.
    fn count(&mut self, desk: DeskId, rank: Rank) {
        if let Some(station) = self.stations.get_mut(&desk) {
            station.normals = if rank == Rank::NORMAL { station.normals.saturating_add(1) } else { 0 };
        }
    }

    fn show(&mut self, call: Call) {
        self.calls = call.call;
        self.shown.retain(|other| other.ticket != call.ticket);
        self.shown.insert(0, call);
        self.shown.truncate(self.calls_kept());
    }

    /// A ticket was never called after all: the one called before it was its service's last.
    fn forget_call(&mut self, ticket: TicketId) {
        let Some(service) = self.last_calls.iter().find(|(_, last)| **last == ticket).map(|(service, _)| *service) else { return };
        let mut shown = self.shown.iter().map(|call| call.ticket);
        match shown.find(|id| self.ticket(*id).is_some_and(|other| other.service == service)) {
            Some(before) => drop(self.last_calls.insert(service, before)),
            None => drop(self.last_calls.remove(&service)),
        }
    }

    /// A ticket's last call was taken back: the one before is on show again, if there was one.
    fn show_again(&mut self, ticket: TicketId, before: Option<Call>) {
        self.shown.retain(|other| other.ticket != ticket);
        if let Some(call) = before {
            let newer = self.shown.iter().take_while(|other| other.call > call.call).count();
            self.shown.insert(newer, call);
            self.shown.truncate(self.calls_kept());
        }
    }
}

/// Where the event puts a ticket that waits after it.
fn place(event: &Event) -> Place {
    match *event {
        Event::TicketRequeued { place, .. }
        | Event::TicketReleased { place, .. }
        | Event::TicketTransferred { place, .. }
        | Event::TicketReactivated { place, .. } => place,
        // It has come now, however long ago its number was given.
        Event::TicketCheckedIn { .. } => Place::Last,
        _ => Place::ByArrival,
    }
}
