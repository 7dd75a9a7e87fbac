//! Owns what is read back: a branch's office, ranges of its log, what a key stands for. Changes nothing but that it gives a new branch its
//! row.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::fault::Failed;
use super::{rows, ticket_rows};
use crate::office::{BranchId, Entry, Key, Millis, Office, Ticket};
use crate::store::Loaded;

/// Entries that are in memory at a time where the whole log is read.
const PIECE: usize = 4096;

/// The branch's newest snapshot and every entry behind it; `epoch` is for a branch that does not exist yet.
pub(super) fn load(connection: &mut Connection, branch: BranchId, epoch: &str) -> Result<Loaded, Failed> {
    if let Some(loaded) = load_existing(connection, branch)? {
        return Ok(loaded);
    }
    connection.execute("INSERT INTO branch (id, epoch, rev) VALUES (?1, ?2, 0) ON CONFLICT (id) DO NOTHING", params![branch.0, epoch])?;
    load_existing(connection, branch)?.ok_or_else(|| Failed::Unreadable(format!("branch {} is not there after it was made", branch.0)))
}

fn load_existing(connection: &mut Connection, branch: BranchId) -> Result<Option<Loaded>, Failed> {
    // One transaction, so that log and snapshot are of the same moment.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let head = transaction
        .prepare_cached("SELECT epoch, rev FROM branch WHERE id = ?1")?
        .query_row([branch.0], |row| Ok((row.get::<_, String>(0)?, rows::unsigned(row, 1)?)))
        .optional()?;
    let Some((epoch, end)) = head else { return Ok(None) };
    let snapshot = transaction
        .prepare_cached("SELECT rev, json FROM snapshot WHERE branch = ?1")?
        .query_row([branch.0], |row| Ok((rows::unsigned(row, 0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let after = snapshot.as_ref().map_or(0, |(rev, _)| *rev);
    let entries = entries(&transaction, branch, after, usize::MAX)?;
    let last = entries.last().map_or(after, |entry| entry.rev);
    if last != end {
        return Err(Failed::Unreadable(format!("the log of branch {} should end at {end} and ends at {last}", branch.0)));
    }
    Ok(Some(Loaded { epoch, snapshot: snapshot.map(|(_, json)| json), entries }))
}

/// The office as snapshot and log have it. What comes behind an old snapshot, or behind none, is read piece by piece.
pub(super) fn office(connection: &Connection, branch: BranchId) -> Result<Option<Office>, Failed> {
    let known = connection.prepare_cached("SELECT 1 FROM branch WHERE id = ?1")?.exists([branch.0])?;
    if !known {
        return Ok(None);
    }
    let snapshot: Option<String> =
        connection.prepare_cached("SELECT json FROM snapshot WHERE branch = ?1")?.query_row([branch.0], |row| row.get(0)).optional()?;
    let mut office = match snapshot {
        // Without the text itself: it holds names and tokens.
        Some(json) => serde_json::from_str(&json).map_err(|error| {
            let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
            Failed::Unreadable(format!("the snapshot of branch {} cannot be read: {place}", branch.0))
        })?,
        None => Office::new(branch),
    };
    loop {
        let entries = entries(connection, branch, office.rev(), PIECE)?;
        entries.iter().for_each(|entry| office.apply(entry));
        if entries.len() < PIECE {
            return Ok(Some(office));
        }
    }
}

pub(super) fn branches(connection: &Connection) -> Result<Vec<BranchId>, Failed> {
    Ok(connection
        .prepare_cached("SELECT id FROM branch ORDER BY id")?
        .query_map([], |row| row.get(0).map(BranchId))?
        .collect::<Result<_, _>>()?)
}

pub(super) fn entries(connection: &Connection, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, Failed> {
    // Beyond what SQLite can count there is nothing.
    let Ok(first) = i64::try_from(after) else { return Ok(Vec::new()) };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement =
        connection.prepare_cached("SELECT rev, at, key, json FROM event WHERE branch = ?1 AND rev > ?2 ORDER BY rev LIMIT ?3")?;
    let mut found = statement.query(params![branch.0, first, limit])?;
    let mut entries = Vec::new();
    let mut expected = after;
    while let Some(row) = found.next()? {
        let entry = entry(row, branch)?;
        expected += 1;
        if entry.rev != expected {
            return Err(Failed::Unreadable(format!("entry {expected} of branch {} is missing", branch.0)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// What the key stands for, as the ticket is now.
pub(super) fn keyed(connection: &Connection, branch: BranchId, key: &Key) -> Result<Option<Ticket>, Failed> {
    let sql =
        format!("SELECT {} FROM ticket WHERE id = (SELECT ticket FROM idempotency WHERE branch = ?1 AND key = ?2)", *ticket_rows::VISIT);
    let visit = connection.prepare_cached(&sql)?.query_row(params![branch.0, key.as_str()], ticket_rows::visit).optional()?;
    Ok(visit.map(|visit| visit.ticket))
}

pub(super) fn entry(row: &Row<'_>, branch: BranchId) -> Result<Entry, Failed> {
    let rev = rows::unsigned(row, 0)?;
    // Without the text itself: it holds names and tokens.
    let unreadable =
        |problem: &dyn std::fmt::Display| Failed::Unreadable(format!("entry {rev} of branch {} cannot be read: {problem}", branch.0));
    let key = match row.get::<_, Option<String>>(2)? {
        Some(text) => Some(Key::try_from(text).map_err(|error| unreadable(&error))?),
        None => None,
    };
    let json = row.get_ref(3)?.as_str().map_err(|error| unreadable(&error))?;
    let event =
        serde_json::from_str(json).map_err(|error| unreadable(&format_args!("{:?} at column {}", error.classify(), error.column())))?;
    Ok(Entry { rev, at: Millis(row.get(1)?), key, event })
}
