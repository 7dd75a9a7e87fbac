//! Owns what becomes of settings and of the business day: its turn, its end and return by hand.

use super::super::branch::Office;
use super::super::event::{Closed, Event};
use super::super::ids::Millis;
use super::super::refused::Refused;
use super::super::settings::Settings;
use super::super::ticket::{Action, State, transition};
use super::{Decision, configured, desks};

/// Ends the day that is over and begins the one that is now; nothing when no turn is due.
pub(super) fn turn(office: &Office, now: Millis) -> Vec<Event> {
    let (Some(settings), Some(turns_at)) = (office.settings(), office.turns_at) else { return Vec::new() };
    if now < turns_at {
        return Vec::new();
    }
    let mut events = ended(office);
    events.push(Event::DayOpened { date: settings.calendar().date(now) });
    events
}

pub(super) fn close(office: &Office) -> Result<Decision, Refused> {
    configured(office)?;
    Ok(Decision::unanswered(if office.is_shut() { Vec::new() } else { ended(office) }))
}

pub(super) fn reopen(office: &Office) -> Result<Decision, Refused> {
    configured(office)?;
    let date = office.day().filter(|_| office.is_shut());
    Ok(Decision::unanswered(date.map(|date| Event::DayReopened { date }).into_iter().collect()))
}

/// The first settings open the first day, too: without them nobody knows which day it is.
pub(super) fn configure(office: &Office, settings: &Settings, now: Millis) -> Result<Decision, Refused> {
    settings.check()?;
    for service in office.settings().into_iter().flat_map(|old| &old.services).filter(|old| settings.service(old.id).is_none()) {
        let open = office.tickets().filter(|ticket| ticket.service == service.id && !ticket.state.is_final()).count();
        if open > 0 {
            return Err(Refused::ServiceInUse { service: service.id, open });
        }
    }
    if let Some(desk) = office.desks.keys().find(|desk| settings.desk(**desk).is_none()) {
        let code = office.desk_ticket(*desk).map_or_else(String::new, |ticket| ticket.code.clone());
        return Err(Refused::DeskInUse { desk: *desk, code });
    }
    let gone = office.stations().map(|(desk, _)| desk).filter(|desk| settings.desk(*desk).is_none());
    let mut events: Vec<_> = gone.flat_map(|desk| desks::closing(office, desk, Closed::Removed)).collect();
    events.push(Event::Configured { settings: Box::new(settings.clone()) });
    if office.day().is_none() {
        events.push(Event::DayOpened { date: settings.calendar().date(now) });
    }
    Ok(Decision::unanswered(events))
}

/// What the end of the day that is open brings: leftovers expire, desks close. Of a day that was ended by hand only the desks are left.
fn ended(office: &Office) -> Vec<Event> {
    let leftovers = office.tickets().filter_map(|ticket| {
        let state = transition(Some(ticket.state), Action::EndDay)?;
        Some(match (state, ticket.desk) {
            (State::Finished, Some(desk)) => {
                Event::TicketFinished { ticket: ticket.id, desk, reliable: false, auto: false, outcome: None, note: None }
            }
            _ => Event::TicketExpired { ticket: ticket.id },
        })
    });
    let desks = office.stations().map(|(desk, _)| Event::DeskClosed { desk, why: Closed::DayOver });
    let day = office.day().filter(|_| !office.is_shut()).map(|date| Event::DayClosed { date });
    leftovers.chain(desks).chain(day).collect()
}
