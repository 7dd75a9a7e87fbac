//! Owns the rows of tickets and their segments: the columns, how they are read and how they are written.

use std::sync::LazyLock;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::fault::{Failed, is_duplicate};
use super::rows::{
    blob, desk, from_word, millis, numbered, opaque, optional_word, person, place, placeholders, signed, time, unsigned, user, value, word,
};
use crate::office::{BranchId, Deferral, Millis, Rank, Segment, ServiceId, Ticket, TicketId, Token};
use crate::store::derived::{Segments, Stay, Visit};
use crate::store::{CommitError, day_of};

/// What no event changes once the ticket is issued.
const FIXED: &str = "id, token, number, code, serial, channel, issued_at, booked_for, expected";

/// What events change.
const CHANGING: &str = "service, rank, lang, name, note, outcome, state, desk, agent, reserved, calls, segment, queued_at, calls_before, \
     first_called_at, last_called_at, started_at, held_at, held, deferrals, deferred_at, deferred_until, \
     deferred, deferred_first, deferred_last, ended_at, cancelled_by, reliable, rev";

/// The columns that [`visit`] reads, in its order.
pub(super) static VISIT: LazyLock<String> = LazyLock::new(|| format!("{FIXED}, {CHANGING}, day, issued_rev"));

/// The columns that [`stay`] reads, in its order.
pub(super) const STAY: &str = "ticket, segment, service, rank, channel, desk, agent, calls, queued_at, first_called_at, last_called_at, \
     started_at, held, deferred, deferred_first, ended_at, ending, reliable, day, arrival";

static INSERT_TICKET: LazyLock<String> = LazyLock::new(|| {
    let columns = format!("{}, branch", *VISIT);
    format!("INSERT INTO ticket ({columns}) VALUES ({})", placeholders(&columns))
});

static UPDATE_TICKET: LazyLock<String> = LazyLock::new(|| format!("UPDATE ticket SET {} WHERE id = ?1", numbered(CHANGING, 2, ", ")));

static PUT_SEGMENT: LazyLock<String> = LazyLock::new(|| {
    let columns = format!("{STAY}, branch");
    // Not `ON CONFLICT DO UPDATE`, which would need the columns a third time: nothing refers to a row of this table.
    format!("INSERT OR REPLACE INTO segment ({columns}) VALUES ({})", placeholders(&columns))
});

/// A ticket out of a row that begins with [`VISIT`].
pub(super) fn visit(row: &Row<'_>) -> rusqlite::Result<Visit> {
    let ticket = Ticket {
        id: TicketId(opaque(row, 0)?),
        token: Token(opaque(row, 1)?),
        number: row.get(2)?,
        code: row.get(3)?,
        serial: row.get(4)?,
        channel: from_word(row, 5)?,
        issued_at: Millis(row.get(6)?),
        booked_for: time(row, 7)?,
        expected: row.get(8)?,
        service: ServiceId(row.get(9)?),
        rank: Rank(row.get(10)?),
        lang: from_word(row, 11)?,
        name: row.get(12)?,
        note: row.get(13)?,
        outcome: row.get(14)?,
        state: from_word(row, 15)?,
        desk: desk(row, 16)?,
        agent: user(row, 17)?,
        reserved: desk(row, 18)?,
        calls: row.get(19)?,
        segment: row.get(20)?,
        queued_at: time(row, 21)?,
        calls_before: row.get(22)?,
        first_called_at: time(row, 23)?,
        last_called_at: time(row, 24)?,
        started_at: time(row, 25)?,
        held_at: time(row, 26)?,
        held: row.get(27)?,
        deferral: Deferral {
            times: row.get(28)?,
            since: time(row, 29)?,
            until: time(row, 30)?,
            total: row.get(31)?,
            before_first: row.get(32)?,
            before_last: row.get(33)?,
        },
        ended_at: time(row, 34)?,
        cancelled_by: optional_word(row, 35)?,
        reliable: row.get(36)?,
    };
    Ok(Visit { ticket, rev: unsigned(row, 37)?, day: from_word(row, 38)?, issued_rev: unsigned(row, 39)? })
}

/// A segment out of a row that begins with [`STAY`].
pub(super) fn stay(row: &Row<'_>) -> rusqlite::Result<Stay> {
    let segment = Segment {
        ticket: TicketId(opaque(row, 0)?),
        segment: row.get(1)?,
        service: ServiceId(row.get(2)?),
        rank: Rank(row.get(3)?),
        channel: from_word(row, 4)?,
        desk: desk(row, 5)?,
        agent: user(row, 6)?,
        calls: row.get(7)?,
        queued_at: Millis(row.get(8)?),
        first_called_at: time(row, 9)?,
        last_called_at: time(row, 10)?,
        started_at: time(row, 11)?,
        held: row.get(12)?,
        deferred: row.get(13)?,
        deferred_first: row.get(14)?,
        ended_at: time(row, 15)?,
        end: optional_word(row, 16)?,
        reliable: row.get(17)?,
    };
    Ok(Stay { segment, day: from_word(row, 18)?, arrival: unsigned(row, 19)? })
}

pub(super) fn insert_ticket(connection: &Connection, branch: BranchId, visit: &Visit) -> Result<(), Failed> {
    let ticket = &visit.ticket;
    let fixed = [
        value(blob(ticket.id.0).to_vec()),
        value(blob(ticket.token.0).to_vec()),
        value(ticket.number),
        value(ticket.code.clone()),
        value(ticket.serial),
        value(word(ticket.channel)?),
        value(ticket.issued_at.0),
        millis(ticket.booked_for),
        value(ticket.expected),
    ];
    let place = [value(day_of(visit.day)), value(signed(visit.issued_rev)?), value(branch.0)];
    let values = fixed.into_iter().chain(changing(visit)?).chain(place);
    connection
        .prepare_cached(&INSERT_TICKET)?
        .execute(params_from_iter(values))
        .map_err(|error| if is_duplicate(&error) { Failed::Refused(CommitError::issued_twice(&ticket.code)) } else { error.into() })?;
    Ok(())
}

/// Everything that an event may change: not the id, the number and what belongs to them.
pub(super) fn update_ticket(connection: &Connection, visit: &Visit) -> Result<(), Failed> {
    let values = [value(blob(visit.ticket.id.0).to_vec())].into_iter().chain(changing(visit)?);
    connection.prepare_cached(&UPDATE_TICKET)?.execute(params_from_iter(values))?;
    Ok(())
}

/// Writes what changed in the segments of a ticket.
pub(super) fn put_segments(connection: &Connection, branch: BranchId, visit: &Visit, segments: &Segments) -> Result<(), Failed> {
    let (day, arrival) = (day_of(visit.day), signed(visit.issued_rev)?);
    if let Some(last) = segments.none_behind {
        connection
            .prepare_cached("DELETE FROM segment WHERE branch = ?1 AND day = ?2 AND arrival = ?3 AND segment > ?4")?
            .execute((branch.0, &day, arrival, last))?;
    }
    let mut put = connection.prepare_cached(&PUT_SEGMENT)?;
    for segment in &segments.changed {
        put.execute(params_from_iter([
            value(blob(segment.ticket.0).to_vec()),
            value(segment.segment),
            value(segment.service.0),
            value(segment.rank.0),
            value(word(segment.channel)?),
            place(segment.desk),
            person(segment.agent),
            value(segment.calls),
            value(segment.queued_at.0),
            millis(segment.first_called_at),
            millis(segment.last_called_at),
            millis(segment.started_at),
            value(segment.held),
            value(segment.deferred),
            value(segment.deferred_first),
            millis(segment.ended_at),
            value(segment.end.map(word).transpose()?),
            value(segment.reliable),
            value(day.clone()),
            value(arrival),
            value(branch.0),
        ]))?;
    }
    Ok(())
}

/// The values of [`CHANGING`].
fn changing(visit: &Visit) -> Result<[Value; 29], Failed> {
    let ticket = &visit.ticket;
    Ok([
        value(ticket.service.0),
        value(ticket.rank.0),
        value(word(ticket.lang)?),
        value(ticket.name.clone()),
        value(ticket.note.clone()),
        value(ticket.outcome.clone()),
        value(word(ticket.state)?),
        place(ticket.desk),
        person(ticket.agent),
        place(ticket.reserved),
        value(ticket.calls),
        value(ticket.segment),
        millis(ticket.queued_at),
        value(ticket.calls_before),
        millis(ticket.first_called_at),
        millis(ticket.last_called_at),
        millis(ticket.started_at),
        millis(ticket.held_at),
        value(ticket.held),
        value(ticket.deferral.times),
        millis(ticket.deferral.since),
        millis(ticket.deferral.until),
        value(ticket.deferral.total),
        value(ticket.deferral.before_first),
        value(ticket.deferral.before_last),
        millis(ticket.ended_at),
        value(ticket.cancelled_by.map(word).transpose()?),
        value(ticket.reliable),
        value(signed(visit.rev)?),
    ])
}
