//! Owns the rows of desk times and their pauses: how they are read and how they are written.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::Failed;
use super::rows::{from_word, millis, optional_word, person, signed, time, unsigned, user, word};
use crate::office::{BranchId, DeskId, Entry, Millis};
use crate::store::derived::{DeskTime, Pause};
use crate::store::{Days, day_of};

/// The columns that [`desk_time`] reads, in its order.
const DESK_TIME: &str = "day, rev, desk, agent, opened_at, closed_at, why";

/// The columns that [`pause`] reads, in its order.
const PAUSE: &str = "rev, reason, began_at, ended_at";

/// The desk times of these days with their pauses, in order of opening.
pub(super) fn read(connection: &Connection, branch: BranchId, days: &Days) -> Result<Vec<DeskTime>, Failed> {
    let days = params![branch.0, day_of(*days.start()), day_of(*days.end())];
    let mut times = connection
        .prepare_cached(&format!("SELECT {DESK_TIME} FROM desk_time WHERE branch = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, rev"))?
        .query_map(days, desk_time)?
        .collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<u64, usize> = times.iter().enumerate().map(|(place, time)| (time.rev, place)).collect();
    let mut statement = connection
        .prepare_cached(&format!("SELECT {PAUSE}, opened FROM pause WHERE branch = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, rev"))?;
    let mut pauses = statement.query(days)?;
    while let Some(row) = pauses.next()? {
        // A pause of no desk time is found by its number: see the check.
        if let Some(time) = places.get(&unsigned(row, 4)?).and_then(|place| times.get_mut(*place)) {
            time.pauses.push(pause(row)?);
        }
    }
    Ok(times)
}

/// A desk time, without its pauses, out of a row that begins with [`DESK_TIME`].
fn desk_time(row: &Row<'_>) -> rusqlite::Result<DeskTime> {
    Ok(DeskTime {
        day: from_word(row, 0)?,
        rev: unsigned(row, 1)?,
        desk: DeskId(row.get(2)?),
        agent: user(row, 3)?,
        opened_at: Millis(row.get(4)?),
        closed_at: time(row, 5)?,
        why: optional_word(row, 6)?,
        pauses: Vec::new(),
    })
}

fn pause(row: &Row<'_>) -> rusqlite::Result<Pause> {
    Ok(Pause { rev: unsigned(row, 0)?, reason: row.get(1)?, began_at: Millis(row.get(2)?), ended_at: time(row, 3)? })
}

/// Writes what an entry does to the time of a desk.
pub(super) fn change(connection: &Connection, branch: BranchId, entry: &Entry, desk: DeskId, day: NaiveDate) -> Result<(), Failed> {
    let open = open(connection, branch, desk)?;
    let Some(change) = DeskTime::change(open, entry, day).map_err(Failed::Refused)? else { return Ok(()) };
    // The one that ends comes first: a desk has one open time.
    if let Some(present) = change.present {
        connection.prepare_cached("UPDATE desk_time SET closed_at = ?4, why = ?5 WHERE branch = ?1 AND day = ?2 AND rev = ?3")?.execute(
            params![branch.0, day_of(present.day), signed(present.rev)?, millis(present.closed_at), present.why.map(word).transpose()?],
        )?;
        for pause in &present.pauses {
            put_pause(connection, branch, &present, pause)?;
        }
    }
    if let Some(begun) = change.begun {
        connection
            .prepare_cached("INSERT INTO desk_time (branch, day, rev, desk, agent, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![branch.0, day_of(begun.day), signed(begun.rev)?, begun.desk.0, person(begun.agent), begun.opened_at.0])?;
    }
    Ok(())
}

/// The open time of a desk, with the one pause that lasts.
fn open(connection: &Connection, branch: BranchId, desk: DeskId) -> Result<Option<DeskTime>, Failed> {
    let found = connection
        .prepare_cached(&format!("SELECT {DESK_TIME} FROM desk_time WHERE branch = ?1 AND desk = ?2 AND closed_at IS NULL"))?
        .query_row((branch.0, desk.0), desk_time)
        .optional()?;
    let Some(mut found) = found else { return Ok(None) };
    found.pauses.extend(
        connection
            .prepare_cached(&format!("SELECT {PAUSE} FROM pause WHERE branch = ?1 AND opened = ?2 AND ended_at IS NULL"))?
            .query_row((branch.0, signed(found.rev)?), pause)
            .optional()?,
    );
    Ok(Some(found))
}

fn put_pause(connection: &Connection, branch: BranchId, of: &DeskTime, pause: &Pause) -> Result<(), Failed> {
    connection
        .prepare_cached(
            "INSERT INTO pause (branch, day, rev, opened, reason, began_at, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (branch, day, rev) DO UPDATE SET ended_at = ?7",
        )?
        .execute(params![
            branch.0,
            day_of(of.day),
            signed(pause.rev)?,
            signed(of.rev)?,
            pause.reason,
            pause.began_at.0,
            millis(pause.ended_at)
        ])?;
    Ok(())
}
