//! Owns what happens to tickets without a desk: numbers, bookings, those who go and those who come back, notes.

use super::super::branch::{Counter, Office};
use super::super::check;
use super::super::command::Canceller;
use super::super::estimate::Wait;
use super::super::event::Event;
use super::super::ids::{Millis, Rank, ServiceId, TicketId};
use super::super::numbers;
use super::super::refused::Refused;
use super::super::settings::{Deferrals, Service, Settings};
use super::super::ticket::{self, Action, Place, State, Ticket};
use super::{Decision, allow, configured, known, not_shut, takes_tickets};

/// Characters of a note.
const NOTE_MAX: usize = 2_000;

/// What a newcomer asks for.
pub(super) struct Wish<'a> {
    pub service: ServiceId,
    pub rank: Rank,
    pub name: Option<&'a str>,
    pub booked_for: Option<Millis>,
}

/// What a newcomer gets.
pub(super) struct Given {
    pub number: u32,
    pub code: String,
    pub serial: u32,
    pub expected: Option<i64>,
}

/// The next number for a newcomer like this.
pub(super) fn give(office: &Office, id: TicketId, wish: &Wish, now: Millis) -> Result<Given, Refused> {
    let settings = configured(office)?;
    let service = settings.service(wish.service).ok_or(Refused::UnknownService(wish.service))?;
    if !settings.has_rank(wish.rank) {
        return Err(Refused::UnknownClass(wish.rank));
    }
    if !wish.name.is_none_or(check::is_name) {
        return Err(Refused::BadName);
    }
    if office.ticket(id).is_some() {
        return Err(Refused::UsedId(id));
    }
    if let Some(booked) = wish.booked_for
        && (booked <= now || office.turns_at.is_none_or(|turn| booked >= turn))
    {
        return Err(Refused::BadTime);
    }
    // Who books may do so before it opens: what counts is the time of the appointment.
    takes_tickets(office, settings, service.id, wish.booked_for.unwrap_or(now))?;
    if let Some(quota) = service.quota.filter(|quota| office.issued_for(service.id) >= *quota) {
        return Err(Refused::QuotaReached { service: service.id, quota });
    }
    let (number, code, serial) = number(office, settings, service)?;
    let expected = match wish.booked_for {
        None => office.expected_for(service.id, wish.rank, now),
        Some(_) => Wait::Unknown,
    };
    let expected = if let Wait::Within(millis) = expected { Some(millis) } else { None };
    Ok(Given { number, code, serial, expected })
}

pub(super) fn check_in(office: &Office, ticket: TicketId, now: Millis) -> Result<Decision, Refused> {
    let settings = configured(office)?;
    let ticket = known(office, ticket)?;
    allow(ticket, Action::CheckIn)?;
    takes_tickets(office, settings, ticket.service, now)?;
    Ok(Decision::one(Event::TicketCheckedIn { ticket: ticket.id }))
}

pub(super) fn cancel(office: &Office, ticket: TicketId, by: Canceller) -> Result<Decision, Refused> {
    configured(office)?;
    let ticket = known(office, ticket)?;
    allow(ticket, Action::Cancel)?;
    Ok(Decision::one(Event::TicketCancelled { ticket: ticket.id, by }))
}

pub(super) fn reactivate(office: &Office, ticket: TicketId, place: Option<Place>, now: Millis) -> Result<Decision, Refused> {
    let settings = configured(office)?;
    let ticket = known(office, ticket)?;
    allow(ticket, Action::Reactivate)?;
    not_shut(office, settings)?;
    if office.reactivate_until(ticket).is_none_or(|until| until < now) {
        return Err(Refused::TooLate { code: ticket.code.clone() });
    }
    let service = settings.service(ticket.service).ok_or(Refused::UnknownService(ticket.service))?;
    takes_tickets(office, settings, service.id, now)?;
    if is_held_by_another(office, ticket) {
        return Err(Refused::NoNumbersLeft { service: service.id });
    }
    Ok(Decision::one(Event::TicketReactivated { ticket: ticket.id, place: place.unwrap_or(settings.reactivate) }))
}

/// Who is away already gets the minutes on top of those that are left.
pub(super) fn defer(office: &Office, ticket: TicketId, now: Millis) -> Result<Decision, Refused> {
    let Deferrals { minutes, times } = configured(office)?.deferrals;
    let ticket = known(office, ticket)?;
    allow(ticket, Action::Defer)?;
    if ticket.deferral.times >= times {
        return Err(Refused::TooOften { code: ticket.code.clone(), times });
    }
    let from = ticket.deferral.until.map_or(now, |until| until.max(now));
    let until = Millis(from.0.saturating_add(i64::from(minutes) * 60_000));
    Ok(Decision::one(Event::TicketDeferred { ticket: ticket.id, until }))
}

pub(super) fn come_back(office: &Office, ticket: TicketId, now: Millis) -> Result<Decision, Refused> {
    configured(office)?;
    let ticket = known(office, ticket)?;
    if ticket.state == State::Missed {
        return reactivate(office, ticket.id, None, now);
    }
    allow(ticket, Action::Return)?;
    Ok(Decision::one(returned(office, ticket)))
}

/// Who is away, and whose time is over, waits again.
pub(super) fn end_deferrals(office: &Office, now: Millis) -> Result<Decision, Refused> {
    configured(office)?;
    let due = office.away.due(now).filter_map(|arrival| office.tickets.get(&arrival));
    Ok(Decision::unanswered(due.map(|ticket| returned(office, ticket)).collect()))
}

fn returned(office: &Office, ticket: &Ticket) -> Event {
    Event::TicketReturned { ticket: ticket.id, to: ticket.reserved.filter(|desk| office.station(*desk).is_some()) }
}

/// The same note again is nothing.
pub(super) fn annotate(office: &Office, ticket: TicketId, note: Option<&str>) -> Result<Decision, Refused> {
    configured(office)?;
    let ticket = known(office, ticket)?;
    check_note(note)?;
    if ticket.note.as_deref() == note {
        return Ok(Decision::nothing());
    }
    Ok(Decision::one(Event::TicketNoted { ticket: ticket.id, note: note.map(str::to_owned) }))
}

pub(super) fn check_note(note: Option<&str>) -> Result<(), Refused> {
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if note.is_some_and(|note| note.chars().count() > NOTE_MAX || note.chars().any(bad)) { Err(Refused::BadNote) } else { Ok(()) }
}

/// Whether somebody who is still here got the ticket's code after its series had begun anew.
pub(super) fn is_held_by_another(office: &Office, ticket: &Ticket) -> bool {
    office.by_code(&ticket.code).is_some_and(|other| other.id != ticket.id && !other.state.is_final())
}

fn number(office: &Office, settings: &Settings, service: &Service) -> Result<(u32, String, u32), Refused> {
    let none_left = Refused::NoNumbersLeft { service: service.id };
    let counter = office.counters.get(&service.prefix);
    let Some(number) = numbers::next(counter.map(|counter| counter.last), &service.numbers) else { return Err(none_left) };
    let code = ticket::code(&service.prefix, number, service.padding.unwrap_or(settings.padding));
    if office.is_open_code(&code) {
        return Err(none_left);
    }
    Ok((number, code, counter.map_or(0, |Counter { serial, .. }| *serial).saturating_add(1)))
}
