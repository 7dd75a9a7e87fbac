//! Owns what becomes of a command: events, or a refusal. Never changes an office but through the entries that it numbers. By theme: `day`
//! settings and the business day, `tickets` what happens without a desk, `desks` who sits where, `work` what a desk does with tickets.

#[cfg(test)]
mod away;
mod day;
mod desks;
#[cfg(test)]
mod tests;
mod tickets;
mod work;

use super::branch::Office;
use super::command::{By, Command, Request};
use super::event::{Entry, Event};
use super::ids::{Key, Millis, ServiceId, TicketId};
use super::refused::Refused;
use super::settings::Settings;
use super::ticket::{Action, Ticket, transition};
use work::AtDesk;

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
pub fn decide(office: &Office, command: &Command, by: By, now: Millis) -> Result<Vec<Event>, Refused> {
    decision(office, command, by, now).map(|decision| decision.events)
}

impl Office {
    /// Does a command: decides, numbers the entries and applies them. A refusal changes nothing. Keys of earlier days are not known here: their
    /// tickets are in the store.
    pub fn execute(&mut self, request: Request, now: Millis) -> Result<Done, Refused> {
        let Request { command, key, by } = request;
        if let Some(ticket) = key.as_ref().and_then(|key| self.keyed(key)) {
            return Ok(Done { entries: Vec::new(), ticket: Some(ticket), repeated: true });
        }
        let Decision { events, answer } = decision(self, &command, by, now)?;
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

    fn nothing() -> Self {
        Self::unanswered(Vec::new())
    }

    /// The same, after what must happen before it.
    fn after(self, mut events: Vec<Event>) -> Self {
        let answer = self.answer.map(|answer| events.len() + answer);
        events.extend(self.events);
        Self { events, answer }
    }
}

fn decision(office: &Office, command: &Command, by: By, clock: Millis) -> Result<Decision, Refused> {
    let turn = day::turn(office, office.now(clock));
    if turn.is_empty() {
        return today(office, command, by, clock);
    }
    // Once a day: the command is decided on the office as it is after the turn.
    let mut turned = office.clone();
    turned.enter(turn.clone(), None, clock);
    Ok(today(&turned, command, by, clock)?.after(turn))
}

fn today(office: &Office, command: &Command, by: By, clock: Millis) -> Result<Decision, Refused> {
    let now = office.now(clock);
    let at = |desk| AtDesk::new(office, desk, by, clock);
    match command {
        Command::Configure(settings) => day::configure(office, settings, now),
        Command::TurnDay => configured(office).map(|_| Decision::nothing()),
        Command::CloseDay => day::close(office),
        Command::ReopenDay => day::reopen(office),
        Command::Issue { id, token, service, rank, channel, lang, name, booked_for } => {
            let wish = tickets::Wish { service: *service, rank: *rank, name: name.as_deref(), booked_for: *booked_for };
            let given = tickets::give(office, *id, &wish, now)?;
            Ok(Decision::one(Event::TicketIssued {
                ticket: *id,
                token: *token,
                number: given.number,
                code: given.code,
                service: *service,
                rank: *rank,
                channel: *channel,
                lang: *lang,
                name: name.clone(),
                serial: Some(given.serial),
                booked_for: *booked_for,
                expected: given.expected,
            }))
        }
        Command::CheckIn { ticket } => tickets::check_in(office, *ticket, now),
        Command::Cancel { ticket, by } => tickets::cancel(office, *ticket, *by),
        Command::Reactivate { ticket, place } => tickets::reactivate(office, *ticket, *place, now),
        Command::Defer { ticket } => tickets::defer(office, *ticket, now),
        Command::Return { ticket } => tickets::come_back(office, *ticket, now),
        Command::EndDeferrals => tickets::end_deferrals(office, now),
        Command::Annotate { ticket, note } => tickets::annotate(office, *ticket, note.as_deref()),
        Command::OpenDesk { desk, take_over } => desks::open(office, *desk, by, *take_over),
        Command::PauseDesk { desk, reason } => desks::pause(office, *desk, by, reason.as_deref()),
        Command::CloseDesk { desk, lost } => desks::close(office, *desk, by, *lost),
        Command::CallNext { desk } => at(*desk)?.ready()?.does(AtDesk::call_next),
        Command::Call { desk, ticket } => at(*desk)?.ready()?.does(|desk| desk.call(*ticket)),
        Command::Recall { desk, ticket } => at(*desk)?.does(|desk| desk.recall(*ticket)),
        Command::Start { desk, ticket } => at(*desk)?.does(|desk| desk.start(*ticket)),
        Command::Finish { desk, ticket, outcome, note } => {
            at(*desk)?.does(|desk| desk.finish(*ticket, outcome.as_deref(), note.as_deref()))
        }
        Command::NoShow { desk, ticket } => at(*desk)?.does(|desk| desk.no_show(*ticket)),
        Command::Requeue { desk, ticket, place } => at(*desk)?.does(|desk| desk.requeue(*ticket, *place)),
        Command::Hold { desk, ticket } => at(*desk)?.does(|desk| desk.hold(*ticket)),
        Command::Resume { desk, ticket } => at(*desk)?.does(|desk| desk.resume(*ticket)),
        Command::Release { desk, ticket, place } => at(*desk)?.does(|desk| desk.release(*ticket, *place)),
        Command::Transfer { desk, ticket, service, to, place } => at(*desk)?.does(|desk| desk.transfer(*ticket, *service, *to, *place)),
        Command::Undo { desk } => at(*desk)?.does(AtDesk::undo),
    }
}

fn configured(office: &Office) -> Result<&Settings, Refused> {
    office.settings().ok_or(Refused::NotConfigured)
}

fn known(office: &Office, ticket: TicketId) -> Result<&Ticket, Refused> {
    office.ticket(ticket).ok_or(Refused::UnknownTicket(ticket))
}

fn allow(ticket: &Ticket, action: Action) -> Result<(), Refused> {
    match transition(Some(ticket.state), action) {
        Some(_) => Ok(()),
        None => Err(Refused::WrongState { code: ticket.code.clone(), state: ticket.state }),
    }
}

/// The day was not ended by hand.
fn not_shut(office: &Office, settings: &Settings) -> Result<(), Refused> {
    match office.turns_at.filter(|_| office.is_shut()) {
        Some(turn) if settings.opening(None, turn).is_open() => Err(Refused::Closed { service: None, opens: Some(turn) }),
        Some(turn) => Err(Refused::Closed { service: None, opens: settings.next_opening(None, turn) }),
        None => Ok(()),
    }
}

/// A service takes newcomers at a moment: it is open, and the time of the last ticket has not come.
fn takes_tickets(office: &Office, settings: &Settings, service: ServiceId, at: Millis) -> Result<(), Refused> {
    not_shut(office, settings)?;
    if settings.opening(Some(service), at).takes_tickets(at) {
        return Ok(());
    }
    Err(Refused::Closed { service: Some(service), opens: settings.next_opening(Some(service), at) })
}
