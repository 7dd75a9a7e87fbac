//! Owns how an entry of the log changes the office. Total: it asks nothing and refuses nothing, because what is in the log has happened.

use super::branch::{Call, Office, SHOWN};
use super::event::{Entry, Event};
use super::ids::{Millis, TicketId};
use super::queue::Newcomer;
use super::settings::Policy;
use super::ticket::{self, Place, State, Ticket};

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
                self.set_turn();
            }
            Event::DayOpened { date } => {
                self.clear_day();
                self.day = Some(*date);
                self.set_turn();
            }
            Event::DayClosed { .. } => {}
            Event::TicketIssued { .. } => self.issued(event, *at),
            Event::TicketCalled { ticket, .. }
            | Event::TicketRecalled { ticket, .. }
            | Event::ServiceStarted { ticket, .. }
            | Event::TicketFinished { ticket, .. }
            | Event::TicketMissed { ticket, .. }
            | Event::TicketRequeued { ticket, .. }
            | Event::TicketExpired { ticket } => self.moved(*ticket, event, *at),
        }
        if let (Some(key), Some(ticket)) = (key, event.ticket()) {
            self.keys.insert(key.clone(), ticket);
        }
    }

    fn clear_day(&mut self) {
        self.tickets.clear();
        self.by_id.clear();
        self.by_code.clear();
        self.counters.clear();
        self.desks.clear();
        self.keys.clear();
        self.shown.clear();
        self.queue = Default::default();
    }

    fn issued(&mut self, event: &Event, at: Millis) {
        let Some(ticket) = Ticket::issued(event, at) else { return };
        let arrival = self.rev;
        self.counters.insert(ticket::series(&ticket.code).to_owned(), ticket.number);
        self.by_id.insert(ticket.id, arrival);
        self.by_code.insert(ticket.code.clone(), arrival);
        self.line_up(arrival, &ticket, Place::ByArrival, at);
        self.tickets.insert(arrival, ticket);
    }

    /// Something happened to a ticket of today: the ticket itself, then the queue, the desk and the display, as its new state says.
    fn moved(&mut self, id: TicketId, event: &Event, at: Millis) {
        let Some(arrival) = self.by_id.get(&id).copied() else { return };
        let Some(mut ticket) = self.tickets.remove(&arrival) else { return };
        let before = ticket.desk;
        ticket.apply(event, at);
        if let Some(desk) = before.filter(|_| !ticket.state.is_active()) {
            self.desks.remove(&desk);
        }
        match ticket.state {
            State::Waiting => {
                let place = if let Event::TicketRequeued { place, .. } = event { *place } else { Place::ByArrival };
                self.line_up(arrival, &ticket, place, at);
            }
            State::Called | State::Serving => {
                self.queue.remove(arrival);
                if let Some(desk) = ticket.desk {
                    self.desks.insert(desk, id);
                }
            }
            State::Finished | State::Missed | State::Expired => self.queue.remove(arrival),
        }
        self.tickets.insert(arrival, ticket);
        if let Event::TicketCalled { ticket, desk, call, calls } | Event::TicketRecalled { ticket, desk, call, calls } = *event {
            self.show(Call { call, rev: self.rev, at, ticket, desk, calls });
        }
    }

    fn line_up(&mut self, arrival: u64, ticket: &Ticket, place: Place, at: Millis) {
        let newcomer = Newcomer { arrival, service: ticket.service, rank: ticket.rank, issued_at: ticket.issued_at };
        let policy = self.settings.as_ref().map_or(Policy::Fifo, |settings| settings.policy);
        self.queue.put(newcomer, place, policy, self.rev, at);
    }

    fn show(&mut self, call: Call) {
        self.calls = call.call;
        self.shown.retain(|other| other.ticket != call.ticket);
        self.shown.insert(0, call);
        self.shown.truncate(SHOWN);
    }
}
