//! Owns what a desk may take back: how the tickets of its last command were before, and which events belong to one command. Never decides whether
//! it is too late, and never changes a ticket.

use serde::{Deserialize, Serialize};

use super::branch::{Call, Office};
use super::event::Event;
use super::ids::{DeskId, Millis, TicketId};
use super::queue::Spot;
use super::ticket::Ticket;

/// A desk's last command that changed tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Undo {
    /// When it was done.
    pub at: Millis,
    /// The last event of it.
    rev: u64,
    /// How many normal tickets the desk had called in a row before.
    pub normals: u32,
    /// The tickets that it changed, in the order in which they changed.
    pub before: Vec<Was>,
    /// A call right behind is part of it.
    to_call: bool,
}

/// A ticket as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Was {
    pub ticket: Ticket,
    /// Where it stood in the queue, if it waited.
    pub spot: Option<Spot>,
    /// Its call on show.
    pub call: Option<Call>,
}

impl Undo {
    pub fn is_about(&self, ticket: TicketId) -> bool {
        self.before.iter().any(|was| was.ticket.id == ticket)
    }

    /// Whether the event with this rev is part of the same command: the call behind the finish that it brought about, the start of service with
    /// the call.
    fn goes_on_with(&self, event: &Event, rev: u64) -> bool {
        let follows = rev == self.rev + 1;
        match event {
            Event::TicketCalled { .. } => follows && self.to_call,
            Event::ServiceStarted { auto, .. } => follows && *auto,
            _ => false,
        }
    }
}

impl Office {
    /// Keeps the tickets' memories in step with an event on `ticket`, which is as it was before the event and stood at `spot`. Gives what is
    /// to be restored where the event restores it.
    pub(super) fn remember(&mut self, event: &Event, ticket: &Ticket, spot: Option<Spot>, at: Millis) -> Option<Was> {
        let restored = self.taken_back(event, ticket.id);
        let desk = event.desk().filter(|_| is_command(event));
        let rev = self.rev;
        let goes_on =
            |desk: DeskId, undo: Option<&Undo>| event.desk() == Some(desk) && undo.is_some_and(|undo| undo.goes_on_with(event, rev));
        // What happened to the ticket besides, or what the desk did next, leaves nothing to be undone.
        for (id, station) in &mut self.stations {
            if !goes_on(*id, station.undo.as_ref()) && restored.is_none() {
                station.undo.take_if(|undo| desk == Some(*id) || undo.is_about(ticket.id));
            }
        }
        let Some(station) = desk.and_then(|desk| self.stations.get_mut(&desk)) else { return restored };
        let call = self.shown.iter().find(|call| call.ticket == ticket.id).copied();
        let undo = station.undo.get_or_insert(Undo { at, rev, normals: station.normals, before: Vec::new(), to_call: false });
        if !undo.is_about(ticket.id) {
            undo.before.push(Was { ticket: ticket.clone(), spot, call });
        }
        undo.rev = rev;
        undo.to_call = matches!(event, Event::TicketFinished { auto: true, .. });
        restored
    }

    fn taken_back(&mut self, event: &Event, ticket: TicketId) -> Option<Was> {
        let Event::TicketRestored { desk, .. } = event else { return None };
        let station = self.stations.get_mut(desk)?;
        let undo = station.undo.as_mut()?;
        let position = undo.before.iter().position(|was| was.ticket.id == ticket)?;
        let was = undo.before.remove(position);
        station.normals = undo.normals;
        station.undo.take_if(|undo| undo.before.is_empty());
        Some(was)
    }
}

/// Whether a desk did this to a ticket by a command that can be undone.
fn is_command(event: &Event) -> bool {
    matches!(
        event,
        Event::TicketCalled { .. }
            | Event::TicketRecalled { .. }
            | Event::ServiceStarted { .. }
            | Event::TicketFinished { .. }
            | Event::TicketMissed { .. }
            | Event::TicketRequeued { .. }
            | Event::TicketHeld { .. }
            | Event::TicketResumed { .. }
            | Event::TicketReleased { .. }
            | Event::TicketTransferred { .. }
    )
}
