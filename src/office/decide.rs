//! Owns what becomes of a command: events, or a refusal. Never changes an office but through the entries that it numbers.

use super::branch::Office;
use super::check;
use super::command::{Command, Request};
use super::event::{Entry, Event};
use super::ids::{DeskId, Key, Millis, Rank, ServiceId, TicketId};
use super::refused::Refused;
use super::settings::{Desk, Service, Settings};
use super::ticket::{self, Action, Place, State, Ticket, transition};

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Applied to the office already, and now to be made durable; none when nothing was to be done.
    pub entries: Vec<Entry>,
    /// The ticket that the command was about.
    pub ticket: Option<TicketId>,
    /// The key was used before today: nothing was done again.
    pub repeated: bool,
}

/// What a command leads to at a moment. Turns the business day first where that is due. Never changes the office.
pub fn decide(office: &Office, command: &Command, now: Millis) -> Result<Vec<Event>, Refused> {
    decision(office, command, now).map(|decision| decision.events)
}

impl Office {
    /// Does a command: decides, numbers the entries and applies them. A refusal changes nothing. Keys of earlier days are not known here: their
    /// tickets are in the store.
    pub fn execute(&mut self, request: Request, now: Millis) -> Result<Done, Refused> {
        let Request { command, key } = request;
        if let Some(ticket) = key.as_ref().and_then(|key| self.keyed(key)) {
            return Ok(Done { entries: Vec::new(), ticket: Some(ticket), repeated: true });
        }
        let Decision { events, answer } = decision(self, &command, now)?;
        let ticket = answer.and_then(|answer| events.get(answer)).and_then(Event::ticket);
        let entries = self.enter(events, answer.zip(key), now);
        Ok(Done { entries, ticket, repeated: false })
    }

    /// Numbers events, puts the key on the one that it belongs to, and applies them.
    fn enter(&mut self, events: Vec<Event>, mut key: Option<(usize, Key)>, now: Millis) -> Vec<Entry> {
        let at = self.now(now);
        let number = |(i, event)| {
            let key = key.take_if(|(answer, _)| *answer == i).map(|(_, key)| key);
            let entry = Entry { rev: self.rev() + 1, at, key, event };
            self.apply(&entry);
            entry
        };
        events.into_iter().enumerate().map(number).collect()
    }
}

struct Decision {
    events: Vec<Event>,
    /// Position of the event about the ticket that the command asks for.
    answer: Option<usize>,
}

impl Decision {
    fn one(event: Event) -> Self {
        Self { events: vec![event], answer: Some(0) }
    }

    fn unanswered(events: Vec<Event>) -> Self {
        Self { events, answer: None }
    }
}

fn decision(office: &Office, command: &Command, clock: Millis) -> Result<Decision, Refused> {
    let turn = turn(office, office.now(clock));
    if turn.is_empty() {
        return today(office, command, clock);
    }
    // Once a day: the command is decided on the office as it is after the turn.
    let mut turned = office.clone();
    let mut events = turn.clone();
    turned.enter(turn, None, clock);
    let decision = today(&turned, command, clock)?;
    let answer = decision.answer.map(|answer| events.len() + answer);
    events.extend(decision.events);
    Ok(Decision { events, answer })
}

/// Ends the day that is over and begins the one that is now; nothing when no turn is due.
fn turn(office: &Office, now: Millis) -> Vec<Event> {
    let (Some(settings), Some(closing), Some(turns_at)) = (office.settings(), office.day(), office.turns_at) else {
        return Vec::new();
    };
    if now < turns_at {
        return Vec::new();
    }
    let leftovers = office.tickets().filter_map(|ticket| {
        let state = transition(Some(ticket.state), Action::EndDay)?;
        Some(match (state, ticket.desk) {
            (State::Finished, Some(desk)) => Event::TicketFinished { ticket: ticket.id, desk, reliable: false },
            _ => Event::TicketExpired { ticket: ticket.id },
        })
    });
    let opening = settings.calendar().date(now);
    leftovers.chain([Event::DayClosed { date: closing }, Event::DayOpened { date: opening }]).collect()
}

fn today(office: &Office, command: &Command, clock: Millis) -> Result<Decision, Refused> {
    let at = |desk: &DeskId| AtDesk::new(office, *desk, clock);
    match command {
        Command::Configure(settings) => configure(office, settings, clock),
        Command::TurnDay => configured(office).map(|_| Decision::unanswered(Vec::new())),
        Command::Issue { id, token, service, rank, channel, lang, name } => {
            let settings = configured(office)?;
            let service = admit(office, settings, *id, *service, *rank, name.as_deref())?;
            let number = office.counters.get(&service.prefix).map_or(1, |last| last.saturating_add(1));
            Ok(Decision::one(Event::TicketIssued {
                ticket: *id,
                token: *token,
                number,
                code: ticket::code(&service.prefix, number, settings.padding),
                service: service.id,
                rank: *rank,
                channel: *channel,
                lang: *lang,
                name: name.clone(),
            }))
        }
        Command::CallNext { desk } => at(desk)?.call_next(),
        Command::Call { desk, ticket } => at(desk)?.call(*ticket),
        Command::Recall { desk, ticket } => at(desk)?.recall(*ticket),
        Command::Start { desk, ticket } => at(desk)?.start(*ticket),
        Command::Finish { desk, ticket } => at(desk)?.finish(*ticket),
        Command::NoShow { desk, ticket } => at(desk)?.no_show(*ticket),
        Command::Requeue { desk, ticket, place } => at(desk)?.requeue(*ticket, *place),
    }
}

fn configured(office: &Office) -> Result<&Settings, Refused> {
    office.settings().ok_or(Refused::NotConfigured)
}

/// The first settings open the first day, too: without them nobody knows which day it is.
fn configure(office: &Office, settings: &Settings, clock: Millis) -> Result<Decision, Refused> {
    settings.check()?;
    for service in office.settings().into_iter().flat_map(|old| &old.services).filter(|old| settings.service(old.id).is_none()) {
        let held = office.desks.keys().filter_map(|desk| office.desk_ticket(*desk)).filter(|ticket| ticket.service == service.id).count();
        let open = office.waiting_for(service.id) + held;
        if open > 0 {
            return Err(Refused::ServiceInUse { service: service.id, open });
        }
    }
    if let Some(desk) = office.desks.keys().find(|desk| settings.desk(**desk).is_none()) {
        let code = office.desk_ticket(*desk).map_or_else(String::new, |ticket| ticket.code.clone());
        return Err(Refused::DeskInUse { desk: *desk, code });
    }
    let mut events = vec![Event::Configured { settings: Box::new(settings.clone()) }];
    if office.day().is_none() {
        events.push(Event::DayOpened { date: settings.calendar().date(office.now(clock)) });
    }
    Ok(Decision::unanswered(events))
}

/// The service that gives a number to a newcomer like this.
fn admit<'a>(
    office: &Office,
    settings: &'a Settings,
    id: TicketId,
    service: ServiceId,
    rank: Rank,
    name: Option<&str>,
) -> Result<&'a Service, Refused> {
    let service = settings.service(service).ok_or(Refused::UnknownService(service))?;
    if !settings.has_rank(rank) {
        return Err(Refused::UnknownClass(rank));
    }
    if !name.is_none_or(check::is_name) {
        return Err(Refused::BadName);
    }
    if office.ticket(id).is_some() {
        return Err(Refused::UsedId(id));
    }
    Ok(service)
}

/// A desk that asks for something.
struct AtDesk<'a> {
    office: &'a Office,
    settings: &'a Settings,
    desk: &'a Desk,
    clock: Millis,
}

impl<'a> AtDesk<'a> {
    fn new(office: &'a Office, desk: DeskId, clock: Millis) -> Result<Self, Refused> {
        let settings = configured(office)?;
        let desk = settings.desk(desk).ok_or(Refused::UnknownDesk(desk))?;
        Ok(Self { office, settings, desk, clock })
    }

    fn call_next(&self) -> Result<Decision, Refused> {
        let finished = self.free()?;
        let next = self.office.queue.next(self.desk, self.settings.policy, self.office.now(self.clock));
        let next = next.and_then(|arrival| self.office.tickets.get(&arrival)).ok_or(Refused::EmptyQueue { desk: self.desk.id })?;
        self.called(finished, next)
    }

    fn call(&self, ticket: TicketId) -> Result<Decision, Refused> {
        let ticket = self.office.ticket(ticket).ok_or(Refused::UnknownTicket(ticket))?;
        if !self.desk.serves(ticket.service) {
            return Err(Refused::WrongService { desk: self.desk.id, code: ticket.code.clone() });
        }
        allow(ticket, Action::Call)?;
        self.called(self.free()?, ticket)
    }

    fn recall(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.held(named, Action::Recall)?;
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

    fn start(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.held(named, Action::Start)?;
        Ok(Decision::one(Event::ServiceStarted { ticket: ticket.id, desk: self.desk.id }))
    }

    fn finish(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.held(named, Action::Finish)?;
        Ok(Decision::one(self.finished(ticket)))
    }

    fn no_show(&self, named: Option<TicketId>) -> Result<Decision, Refused> {
        let ticket = self.held(named, Action::Miss)?;
        let needed = self.settings.min_calls;
        if ticket.calls < needed {
            return Err(Refused::TooFewCalls { code: ticket.code.clone(), calls: ticket.calls, needed });
        }
        Ok(Decision::one(Event::TicketMissed { ticket: ticket.id, desk: self.desk.id }))
    }

    fn requeue(&self, named: Option<TicketId>, place: Place) -> Result<Decision, Refused> {
        let ticket = self.held(named, Action::Requeue)?;
        Ok(Decision::one(Event::TicketRequeued { ticket: ticket.id, desk: self.desk.id, place }))
    }

    /// The ticket that the desk holds, when it is the one named, if one is named, and its state allows the action.
    fn held(&self, named: Option<TicketId>, action: Action) -> Result<&Ticket, Refused> {
        let held = self.office.desk_ticket(self.desk.id).ok_or(Refused::NoActiveTicket { desk: self.desk.id })?;
        if named.is_some_and(|named| named != held.id) {
            return Err(Refused::WrongTicket { desk: self.desk.id, code: held.code.clone() });
        }
        allow(held, action)?;
        Ok(held)
    }

    /// What frees the desk for a call: nothing, or the end of the ticket that it holds where the branch is set so.
    fn free(&self) -> Result<Option<Event>, Refused> {
        let Some(held) = self.office.desk_ticket(self.desk.id) else { return Ok(None) };
        if !self.settings.auto_finish {
            return Err(Refused::DeskBusy { desk: self.desk.id, code: held.code.clone() });
        }
        allow(held, Action::Finish)?;
        Ok(Some(self.finished(held)))
    }

    fn finished(&self, ticket: &Ticket) -> Event {
        Event::TicketFinished { ticket: ticket.id, desk: self.desk.id, reliable: true }
    }

    fn called(&self, finished: Option<Event>, next: &Ticket) -> Result<Decision, Refused> {
        allow(next, Action::Call)?;
        let (ticket, desk) = (next.id, self.desk.id);
        let answer = finished.iter().len();
        let call = Event::TicketCalled { ticket, desk, call: self.office.calls + 1, calls: next.calls.saturating_add(1) };
        let started = (!self.settings.confirm_arrival).then_some(Event::ServiceStarted { ticket, desk });
        Ok(Decision { events: finished.into_iter().chain([call]).chain(started).collect(), answer: Some(answer) })
    }
}

fn allow(ticket: &Ticket, action: Action) -> Result<(), Refused> {
    match transition(Some(ticket.state), action) {
        Some(_) => Ok(()),
        None => Err(Refused::WrongState { code: ticket.code.clone(), state: ticket.state }),
    }
}

#[cfg(test)]
mod tests;
