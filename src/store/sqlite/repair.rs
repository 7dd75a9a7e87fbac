//! Owns the way back to tables that are what the log says: what is derived of a branch is dropped and derived again, all in one transaction. Never
//! changes the log.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::fault::{Failed, broken};
use super::rows::{blob, signed, unsigned};
use super::table::Table;
use super::{SqliteStore, read, write};
use crate::office::{BranchId, Event, Office};
use crate::store::check::{self, Checked};
use crate::store::{Problem, StoreError};

/// Entries that are in memory at a time.
const PIECE: usize = 4096;

/// The tables that are derived from the log, each with its rows' branch.
const DERIVED: [&str; 7] = ["ticket", "segment", "call", "idempotency", "counter", "desk_time", "pause"];

impl SqliteStore {
    /// Derives a branch's tables and its snapshot again where they are not what its log says, and gives what was found before. Where nothing was
    /// found nothing is written.
    ///
    /// # Errors
    ///
    /// `Broken` when the log itself cannot be read to its end, has lost its end or contradicts itself: only a backup helps then.
    /// `Unavailable` when the disk refuses. On every error the branch is what it was.
    pub fn repair(&mut self, branch: BranchId) -> Result<Checked, StoreError> {
        self.in_place()?;
        let file = self.place.file().to_owned();
        let refused = |problem: String| Failed::Told(broken(&file, format!("the log of branch {} {problem}", branch.0)));
        self.working(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let checked =
                |transaction: &Transaction<'_>| check::run(&mut Table::of(transaction, branch, &file), branch).map_err(Failed::Told);
            let found = checked(&transaction)?;
            if found.is_sound() {
                return Ok(found);
            }
            if let Some(fault) = found.differences.iter().find(|difference| matches!(difference.problem, Problem::Log(_))) {
                return Err(refused(format!("contradicts itself: {fault}")));
            }
            let said = end(&transaction, branch)?;
            if said > found.entries {
                return Err(refused(format!("should end at {said} and ends at {}", found.entries)));
            }
            rebuild(&transaction, branch).map_err(|failed| match failed {
                // What the log holds was refused, as a batch would be.
                Failed::Refused(why) => refused(format!("contradicts itself: {why}")),
                other => other,
            })?;
            let after = checked(&transaction)?;
            if let Some(left) = after.differences.first() {
                return Err(refused(format!("gives other tables than it should, in {} places: {left}", after.found)));
            }
            transaction.commit()?;
            Ok(found)
        })
    }
}

/// Where the log ends, as the branch has it.
fn end(connection: &Connection, branch: BranchId) -> Result<u64, Failed> {
    Ok(connection.query_row("SELECT rev FROM branch WHERE id = ?1", [branch.0], |row| unsigned(row, 0))?)
}

fn rebuild(connection: &Connection, branch: BranchId) -> Result<(), Failed> {
    for table in DERIVED {
        connection.execute(&format!("DELETE FROM {table} WHERE branch = ?1"), [branch.0])?;
    }
    let mut office = Office::new(branch);
    let mut day = None;
    loop {
        let entries = read::entries(connection, branch, office.rev(), PIECE)?;
        for entry in &entries {
            if let Event::TicketIssued { ticket, .. } = entry.event {
                // A row that was moved to another branch is in the way of the one that belongs here.
                connection.prepare_cached("DELETE FROM ticket WHERE id = ?1")?.execute([blob(ticket.0)])?;
            }
            office.apply(entry);
        }
        // Also of no entries: the branch has no day then.
        write::derive(connection, branch, &entries, &mut day, office.rev())?;
        if entries.len() < PIECE {
            return snapshot(connection, branch, &office);
        }
    }
}

/// The next start begins here.
fn snapshot(connection: &Connection, branch: BranchId, office: &Office) -> Result<(), Failed> {
    connection.execute("DELETE FROM snapshot WHERE branch = ?1", [branch.0])?;
    if office.rev() > 0 {
        let json = serde_json::to_string(office).map_err(|error| Failed::inconsistent(format_args!("no snapshot: {error}")))?;
        connection
            .execute("INSERT INTO snapshot (branch, rev, json) VALUES (?1, ?2, ?3)", params![branch.0, signed(office.rev())?, json])?;
    }
    Ok(())
}
