//! Owns who sits at which desk: opening, pauses, closing, and whether somebody may act there.

use super::super::branch::Office;
use super::super::check;
use super::super::command::{By, Holder};
use super::super::event::{Closed, Event};
use super::super::ids::{DeskId, SessionId, UserId};
use super::super::refused::Refused;
use super::super::settings::Word;
use super::super::station::Station;
use super::super::ticket::Place;
use super::{Decision, configured};

/// By who has it already and has no pause, nothing.
pub(super) fn open(office: &Office, desk: DeskId, by: By, take_over: bool) -> Result<Decision, Refused> {
    known(office, desk)?;
    let station = office.station(desk);
    let (session, agent) = match (by.holder, station) {
        // Without a word about it, whoever has the desk keeps it.
        (Holder::Program, Some(station)) if !take_over => (station.session, by.agent.or(station.agent)),
        (Holder::Program | Holder::Nobody, Some(station)) if station.session.is_none() => (None, by.agent.or(station.agent)),
        (Holder::Program | Holder::Nobody, _) => (None, by.agent),
        (Holder::Session(session), Some(station)) if station.session == Some(session) => (Some(session), by.agent.or(station.agent)),
        (Holder::Session(session), _) => (Some(session), by.agent),
    };
    let same = |station: &Station| (station.session, station.agent) == (session, agent);
    if station.is_some_and(|station| same(station) && station.paused.is_none()) {
        return Ok(Decision::nothing());
    }
    let taken = |station: &Station| station.session.is_some() && station.session != session;
    if !take_over && station.is_some_and(taken) {
        return Err(Refused::DeskTaken { desk });
    }
    let mut events = match elsewhere(office, desk, agent) {
        None => Vec::new(),
        Some(other) if !take_over => return Err(Refused::AgentBusy { desk: other }),
        Some(other) => {
            empty(office, other)?;
            closing(office, other, Closed::Moved)
        }
    };
    events.push(Event::DeskOpened { desk, session, agent });
    Ok(Decision::unanswered(events))
}

pub(super) fn pause(office: &Office, desk: DeskId, by: By, reason: Option<&str>) -> Result<Decision, Refused> {
    known(office, desk)?;
    let opening = access(office, desk, by)?;
    let pauses = &configured(office)?.pauses;
    if !reason.is_none_or(|reason| is_one_of(pauses, reason)) {
        return Err(Refused::UnknownReason);
    }
    let station = office.station(desk);
    if opening.is_none() && station.is_none() {
        return Err(Refused::DeskClosed { desk });
    }
    let same = |station: &Station| station.paused.as_ref().is_some_and(|pause| pause.reason.as_deref() == reason);
    if station.is_some_and(same) {
        return Ok(Decision::nothing());
    }
    let pause = Event::DeskPaused { desk, reason: reason.map(str::to_owned) };
    Ok(Decision::unanswered(opening.into_iter().chain([pause]).collect()))
}

/// Of a desk that is closed already, nothing.
pub(super) fn close(office: &Office, desk: DeskId, by: By, lost: bool) -> Result<Decision, Refused> {
    known(office, desk)?;
    if office.station(desk).is_none() {
        return Ok(Decision::nothing());
    }
    access(office, desk, by)?;
    if !lost {
        empty(office, desk)?;
    }
    Ok(Decision::unanswered(closing(office, desk, if lost { Closed::Lost } else { Closed::Left })))
}

/// What closes an open desk: who waits for it alone goes back to everybody's line.
pub(super) fn closing(office: &Office, desk: DeskId, why: Closed) -> Vec<Event> {
    let reserved = office.waiting().filter(|ticket| ticket.reserved == Some(desk));
    let back = reserved.map(|ticket| Event::TicketRequeued { ticket: ticket.id, desk, place: Place::ByArrival });
    back.chain([Event::DeskClosed { desk, why }]).collect()
}

/// Whether somebody may act at a desk, and what happens first: the desk opens for who holds a session, or is nobody, where no session has it.
pub(super) fn access(office: &Office, desk: DeskId, by: By) -> Result<Option<Event>, Refused> {
    let station = office.station(desk);
    match (by.holder, station) {
        (Holder::Program, _) => Ok(None),
        (Holder::Session(session), Some(station)) if station.session == Some(session) => Ok(None),
        (_, Some(station)) if station.session.is_some() => Err(Refused::DeskTaken { desk }),
        (Holder::Nobody, Some(_)) => Ok(None),
        // A pause ends on purpose only.
        (Holder::Session(_), Some(station)) if station.paused.is_some() => Ok(None),
        (Holder::Nobody, None) => opened(office, desk, None, by.agent).map(Some),
        (Holder::Session(session), _) => opened(office, desk, Some(session), by.agent).map(Some),
    }
}

pub(super) fn opened(office: &Office, desk: DeskId, session: Option<SessionId>, agent: Option<UserId>) -> Result<Event, Refused> {
    match elsewhere(office, desk, agent) {
        Some(other) => Err(Refused::AgentBusy { desk: other }),
        None => Ok(Event::DeskOpened { desk, session, agent }),
    }
}

/// One of the words, where there are any; else any short text.
pub(super) fn is_one_of(words: &[Word], text: &str) -> bool {
    if words.is_empty() { check::is_name(text) } else { words.iter().any(|word| word.slug == text) }
}

/// The other desk at which the agent sits.
fn elsewhere(office: &Office, desk: DeskId, agent: Option<UserId>) -> Option<DeskId> {
    office.stations().find(|(other, station)| *other != desk && station.agent.is_some() && station.agent == agent).map(|(other, _)| other)
}

fn empty(office: &Office, desk: DeskId) -> Result<(), Refused> {
    match office.desk_ticket(desk) {
        Some(ticket) => Err(Refused::DeskBusy { desk, code: ticket.code.clone() }),
        None => Ok(()),
    }
}

fn known(office: &Office, desk: DeskId) -> Result<(), Refused> {
    configured(office)?.desk(desk).map(|_| ()).ok_or(Refused::UnknownDesk(desk))
}
