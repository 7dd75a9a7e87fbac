//! Owns what a desk does with tickets: calls and all that follows, hand-overs, and taking back what it did last.

use super::super::branch::Office;
use super::super::command::By;
use super::super::event::Event;
use super::super::ids::{DeskId, Millis, ServiceId, TicketId, UserId};
use super::super::refused::Refused;
use super::super::settings::{Desk, Settings};
use super::super::station::Station;
use super::super::ticket::{Action, Place, State, Ticket};
use super::{Decision, allow, configured, desks, known, not_shut, takes_tickets, tickets};

/// A desk that asks for something.
pub(super) struct AtDesk<'a> {
    office: &'a Office,
    settings: &'a Settings,
    desk: &'a Desk,
    station: Option<&'a Station>,
    by: By,
    /// The desk opens first.
    opening: Option<Event>,
    clock: Millis,
}

impl<'a> AtDesk<'a> {
    pub fn new(office: &'a Office, desk: DeskId, by: By, clock: Millis) -> Result<Self, Refused> {
        let settings = configured(office)?;
        let desk = settings.desk(desk).ok_or(Refused::UnknownDesk(desk))?;
        let opening = desks::access(office, desk.id, by)?;
        Ok(Self { office, settings, desk, station: office.station(desk.id), by, opening, clock })
    }

    /// The desk as it must be for a call: without a pause, and open.
    pub fn ready(mut self) -> Result<Self, Refused> {
        not_shut(self.office, self.settings)?;
        if self.station.is_some_and(|station| station.paused.is_some()) {
            return Err(Refused::DeskPaused { desk: self.desk.id });
        }
        if self.station.is_none() && self.opening.is_none() {
            self.opening = Some(desks::opened(self.office, self.desk.id, None, self.by.agent)?);
        }
        Ok(self)
    }

    /// What it asks for, after it was opened where that is due.
    pub fn does(self, work: impl FnOnce(&Self) -> Result<Decision, Refused>) -> Result<Decision, Refused> {
        let decision = work(&self)?;
        Ok(decision.after(self.opening.into_iter().collect()))
    }

    pub fn call_next(&self) -> Result<Decision, Refused> {
        let finished = self.free()?;
        let next = self.office.next_for(self.desk.id, self.clock);
        let (next, _) = next.ok_or(Refused::EmptyQueue { desk: self.desk.id })?;
        self.called(finished, next)
    }

    pub fn call(&self, ticket: TicketId) -> Result<Decision, Refused> {
        let ticket = known(self.office, ticket)?;
        self.may_serve(ticket)?;
        allow(ticket, Action::Call)?;
        self.called(self.free()?, ticket)
    }

    pub fn recall(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Recall)?;
        // The distance, not the difference: by a clock that was set back far, the minimum is over.
        let since = ticket.last_called_at.map_or(u64::MAX, |last| self.clock.0.abs_diff(last.0));
        let minimum = self.settings.recall_after.unsigned_abs();
        if since < minimum {
            let wait = Millis(i64::try_from(minimum - since).unwrap_or(i64::MAX));
            return Err(Refused::TooSoon { code: ticket.code.clone(), wait });
        }
        let (ticket, calls) = (ticket.id, ticket.calls.saturating_add(1));
        Ok(Decision::one(Event::TicketRecalled { ticket, desk: self.desk.id, call: self.office.calls + 1, calls }))
    }

    pub fn start(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Start)?;
        Ok(Decision::one(Event::ServiceStarted { ticket: ticket.id, desk: self.desk.id, auto: false }))
    }

    pub fn finish(&self, named: Option<TicketId>, outcome: Option<&str>, note: Option<&str>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Finish)?;
        if !outcome.is_none_or(|outcome| desks::is_one_of(&self.settings.outcomes, outcome)) {
            return Err(Refused::UnknownOutcome);
        }
        tickets::check_note(note)?;
        let (outcome, note) = (outcome.map(str::to_owned), note.map(str::to_owned));
        Ok(Decision::one(Event::TicketFinished { ticket: ticket.id, desk: self.desk.id, reliable: true, auto: false, outcome, note }))
    }

    pub fn no_show(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Miss)?;
        let (calls, needed) = (ticket.present().calls, self.settings.min_calls);
        if calls < needed {
            return Err(Refused::TooFewCalls { code: ticket.code.clone(), calls, needed });
        }
        Ok(Decision::one(Event::TicketMissed { ticket: ticket.id, desk: self.desk.id }))
    }

    pub fn requeue(&self, named: Option<TicketId>, place: Option<Place>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Requeue)?;
        let place = place.unwrap_or(self.settings.requeue);
        Ok(Decision::one(Event::TicketRequeued { ticket: ticket.id, desk: self.desk.id, place }))
    }

    pub fn hold(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.own(named, Action::Hold)?;
        Ok(Decision::one(Event::TicketHeld { ticket: ticket.id, desk: self.desk.id }))
    }

    /// At the desk that held it, or any other that serves it.
    pub fn resume(&self, ticket: TicketId) -> Result<Decision, Refused> {
        let ticket = known(self.office, ticket)?;
        if ticket.desk != Some(self.desk.id) {
            self.may_serve(ticket)?;
        }
        allow(ticket, Action::Resume)?;
        if let Some(other) = self.office.desk_ticket(self.desk.id) {
            return Err(Refused::DeskBusy { desk: self.desk.id, code: other.code.clone() });
        }
        Ok(Decision::one(Event::TicketResumed { ticket: ticket.id, desk: self.desk.id, agent: self.agent() }))
    }

    pub fn release(&self, ticket: TicketId, place: Option<Place>) -> Result<Decision, Refused> {
        let ticket = known(self.office, ticket)?;
        allow(ticket, Action::Release)?;
        let place = place.unwrap_or(self.settings.requeue);
        Ok(Decision::one(Event::TicketReleased { ticket: ticket.id, desk: self.desk.id, place }))
    }

    pub fn transfer(
        &self,
        named: Option<TicketId>,
        service: Option<ServiceId>,
        to: Option<DeskId>,
        place: Option<Place>,
    ) -> Result<Decision, Refused> {
        let ticket = self.own_or_waiting(named)?;
        let service = service.unwrap_or(ticket.service);
        self.settings.service(service).ok_or(Refused::UnknownService(service))?;
        if let Some(to) = to {
            self.settings.desk(to).ok_or(Refused::UnknownDesk(to))?;
            let opens = to == self.desk.id && self.opening.is_some();
            if self.office.station(to).is_none() && !opens {
                return Err(Refused::DeskClosed { desk: to });
            }
        }
        if (service, to) == (ticket.service, ticket.reserved) {
            return Err(Refused::SameQueue { code: ticket.code.clone() });
        }
        if service != ticket.service {
            takes_tickets(self.office, self.settings, service, self.office.now(self.clock))?;
        }
        let place = place.unwrap_or(Place::ByArrival);
        Ok(Decision::one(Event::TicketTransferred { ticket: ticket.id, desk: self.desk.id, service, to, place }))
    }

    /// Takes back what the desk did last, its tickets in the opposite order.
    pub fn undo(&self) -> Result<Decision, Refused> {
        let nothing = Refused::NothingToUndo { desk: self.desk.id };
        // Whoever opens the desk only now has done nothing there.
        let undo = self.station.filter(|_| self.opening.is_none()).and_then(|station| station.undo.as_ref());
        let Some((undo, last)) = undo.and_then(|undo| Some((undo, undo.before.last()?))) else { return Err(nothing) };
        if self.office.undo_until(self.desk.id).is_none_or(|until| until < self.office.now(self.clock)) {
            return Err(Refused::TooLate { code: last.ticket.code.clone() });
        }
        for ticket in undo.before.iter().map(|was| &was.ticket) {
            self.can_be_again(ticket, &|id| undo.is_about(id))?;
        }
        let restored = |ticket: &Ticket| Event::TicketRestored { ticket: ticket.id, desk: self.desk.id, before: Box::new(ticket.clone()) };
        let events = undo.before.iter().rev().map(|was| restored(&was.ticket)).collect();
        Ok(Decision { events, answer: Some(0) })
    }

    /// Whether a ticket may be what it was: its code, its desk and the desk that it waits for are to be had, but for what is taken back, too.
    fn can_be_again(&self, ticket: &Ticket, taken_back: &dyn Fn(TicketId) -> bool) -> Result<(), Refused> {
        if !ticket.state.is_final() && tickets::is_held_by_another(self.office, ticket) {
            return Err(Refused::NoNumbersLeft { service: ticket.service });
        }
        if let Some(desk) = ticket.reserved.filter(|desk| ticket.state == State::Waiting && self.office.station(*desk).is_none()) {
            return Err(Refused::DeskClosed { desk });
        }
        let other = ticket.desk.filter(|_| ticket.state.is_active()).and_then(|desk| self.office.desk_ticket(desk));
        match other.filter(|other| !taken_back(other.id)) {
            Some(other) => Err(Refused::DeskBusy { desk: self.desk.id, code: other.code.clone() }),
            None => Ok(()),
        }
    }

    /// The ticket that the desk holds, when it is the one named, if one is named, and its state allows the action.
    fn own(&self, named: Option<TicketId>, action: Action) -> Result<&'a Ticket, Refused> {
        let own = self.office.desk_ticket(self.desk.id).ok_or(Refused::NoActiveTicket { desk: self.desk.id })?;
        if named.is_some_and(|named| named != own.id) {
            return Err(Refused::WrongTicket { desk: self.desk.id, code: own.code.clone() });
        }
        allow(own, action)?;
        Ok(own)
    }

    /// The desk's own ticket, or a named one that waits.
    fn own_or_waiting(&self, named: Option<TicketId>) -> Result<&'a Ticket, Refused> {
        match named.map(|named| known(self.office, named)).transpose()? {
            Some(ticket) if !ticket.state.is_active() => allow(ticket, Action::Transfer).map(|()| ticket),
            _ => self.own(named, Action::Transfer),
        }
    }

    /// The desk serves the ticket: one that waits for a single desk is served there and nowhere else.
    fn may_serve(&self, ticket: &Ticket) -> Result<(), Refused> {
        let serves = ticket.reserved.map_or_else(|| self.desk.serves(ticket.service), |desk| desk == self.desk.id);
        if serves { Ok(()) } else { Err(Refused::WrongService { desk: self.desk.id, code: ticket.code.clone() }) }
    }

    /// What frees the desk for a call: nothing, or the end of the ticket that it holds where the branch is set so.
    fn free(&self) -> Result<Option<Event>, Refused> {
        let Some(own) = self.office.desk_ticket(self.desk.id) else { return Ok(None) };
        if !self.settings.auto_finish {
            return Err(Refused::DeskBusy { desk: self.desk.id, code: own.code.clone() });
        }
        allow(own, Action::Finish)?;
        let (ticket, desk) = (own.id, self.desk.id);
        Ok(Some(Event::TicketFinished { ticket, desk, reliable: true, auto: true, outcome: None, note: None }))
    }

    fn called(&self, finished: Option<Event>, next: &Ticket) -> Result<Decision, Refused> {
        allow(next, Action::Call)?;
        let (ticket, desk, agent) = (next.id, self.desk.id, self.agent());
        let answer = finished.iter().len();
        let call = Event::TicketCalled { ticket, desk, call: self.office.calls + 1, calls: next.calls.saturating_add(1), agent };
        let started = (!self.settings.confirm_arrival).then_some(Event::ServiceStarted { ticket, desk, auto: true });
        Ok(Decision { events: finished.into_iter().chain([call]).chain(started).collect(), answer: Some(answer) })
    }

    /// Who acts: who says so, or who opened the desk.
    fn agent(&self) -> Option<UserId> {
        let station = self.station.filter(|_| self.opening.is_none());
        self.by.agent.or(station.and_then(|station| station.agent))
    }
}
