//! Owns a second connection to a database, which can only read: reports, exports and checks on any thread, beside the one that commits.
//! The write-ahead log gives each of its reads the database of one moment and keeps no commit waiting.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Statement, Transaction, TransactionBehavior, params};

use super::fault::{Failed, broken, store_error};
use super::rows::{self, blob};
use super::table::Table;
use super::{PATIENCE, SqliteStore, desk_rows, figures, place, read, schema, ticket_rows};
use crate::office::figures::{By, Line, Scope};
use crate::office::{BranchId, Entry, Millis, Office, Settings, TicketId, UserId};
use crate::store::check::{self, Checked};
use crate::store::derived::{DeskTime, Stay, Visit};
use crate::store::{Days, Reports, StoreError, day_of};

/// Reads a database, whether a server works on it or not.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    file: PathBuf,
}

impl Reader {
    /// Opens the database in `dir`. One of an older version is brought up to date first.
    ///
    /// # Errors
    ///
    /// `Unavailable` when there is none, `Newer` and `Broken` as [`SqliteStore::open`] has them, `InUse` when an older program works on it.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let file = dir.join(place::DATABASE);
        if !file.exists() {
            return Err(StoreError::Unavailable(format!("there is no database in {}", dir.display())));
        }
        if Self::beside(&file)?.version()? < schema::KNOWN {
            drop(SqliteStore::open(dir)?);
        }
        let reader = Self::beside(&file)?;
        match reader.version()? {
            found if found > schema::KNOWN => Err(StoreError::Newer { found, known: schema::KNOWN }),
            schema::KNOWN if reader.pragma("application_id")? == schema::APPLICATION => Ok(reader),
            _ => Err(broken(&file, "the database of another program")),
        }
    }

    /// A connection beside the one that commits. Opens no file by other means than SQLite: to close such a file would give up the locks
    /// that this process has on it.
    pub(super) fn beside(file: &Path) -> Result<Self, StoreError> {
        let sqlite = |error: rusqlite::Error| store_error(&error, file);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(sqlite)?;
        connection.busy_timeout(PATIENCE).map_err(sqlite)?;
        // Sorted and grouped rows stay in memory: a report is small.
        connection.execute_batch("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;").map_err(sqlite)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Self { connection, file: file.to_owned() })
    }

    pub(super) fn version(&self) -> Result<i64, StoreError> {
        self.pragma("user_version")
    }

    /// Whether SQLite finds nothing wrong by this check.
    pub(super) fn is_sound(&self, check: &str) -> Result<(), StoreError> {
        let verdict: String = self
            .connection
            .query_row(&format!("PRAGMA {check}(1)"), [], |row| row.get(0))
            .map_err(|error| store_error(&error, &self.file))?;
        if verdict == "ok" { Ok(()) } else { Err(broken(&self.file, "the file is damaged")) }
    }

    /// The branches, and where the log of each ends.
    pub(super) fn ends(&mut self) -> Result<Vec<(BranchId, u64)>, StoreError> {
        self.reading(|transaction| {
            let mut statement = transaction.prepare("SELECT id, rev FROM branch ORDER BY id")?;
            let ends = statement.query_map([], |row| Ok((BranchId(row.get(0)?), rows::unsigned(row, 1)?)))?;
            Ok(ends.collect::<Result<_, _>>()?)
        })
    }

    /// Copies what there is now into a new file.
    pub(super) fn vacuum_into(&self, name: &str) -> Result<(), StoreError> {
        self.connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(|error| store_error(&error, &self.file))
    }

    pub(super) fn pragma(&self, name: &str) -> Result<i64, StoreError> {
        self.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(|error| store_error(&error, &self.file))
    }

    /// Reads all of one moment.
    pub(super) fn reading<T>(&mut self, read: impl FnOnce(&Transaction<'_>) -> Result<T, Failed>) -> Result<T, StoreError> {
        let file = &self.file;
        self.connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(Failed::Sqlite)
            .and_then(|transaction| read(&transaction))
            .map_err(|failed| failed.into_store_error(file))
    }
}

impl Reports for Reader {
    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        self.reading(|transaction| read::branches(transaction))
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.reading(|transaction| read::entries(transaction, branch, after, limit))
    }

    fn history(&mut self, branch: BranchId, ticket: TicketId) -> Result<Vec<Entry>, StoreError> {
        self.reading(|transaction| history(transaction, branch, ticket))
    }

    fn ticket(&mut self, branch: BranchId, ticket: TicketId) -> Result<Option<Visit>, StoreError> {
        self.reading(|transaction| visit(transaction, branch, ticket))
    }

    fn find(&mut self, branch: BranchId, day: NaiveDate, code: &str) -> Result<Vec<Visit>, StoreError> {
        self.reading(|transaction| {
            let sql =
                format!("SELECT {} FROM ticket WHERE branch = ?1 AND day = ?2 AND code = ?3 ORDER BY issued_rev", *ticket_rows::VISIT);
            let mut statement = transaction.prepare_cached(&sql)?;
            Ok(statement.query_map(params![branch.0, day_of(day), code], ticket_rows::visit)?.collect::<Result<_, _>>()?)
        })
    }

    fn tickets(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Visit) -> ControlFlow<()>) -> Result<(), StoreError> {
        self.reading(|transaction| {
            // Day by day, so that no more than a day is sorted.
            let sql = format!("SELECT {} FROM ticket WHERE branch = ?1 AND day = ?2 ORDER BY issued_rev", *ticket_rows::VISIT);
            let mut of_day = transaction.prepare_cached(&sql)?;
            let mut next = transaction.prepare_cached("SELECT min(day) FROM ticket WHERE branch = ?1 AND day >= ?2 AND day <= ?3")?;
            let mut from = Some(*days.start());
            while let Some(start) = from.filter(|start| start <= days.end()) {
                let day = next.query_row(params![branch.0, day_of(start), day_of(*days.end())], |row| rows::optional_word(row, 0))?;
                let Some(day): Option<NaiveDate> = day else { break };
                if hand_over(&mut of_day, params![branch.0, day_of(day)], ticket_rows::visit, each)?.is_break() {
                    break;
                }
                from = day.succ_opt();
            }
            Ok(())
        })
    }

    fn segments(&mut self, branch: BranchId, days: &Days, each: &mut dyn FnMut(Stay) -> ControlFlow<()>) -> Result<(), StoreError> {
        self.reading(|transaction| {
            let sql = format!(
                "SELECT {} FROM segment WHERE branch = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, arrival, segment",
                ticket_rows::STAY
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let _ = hand_over(&mut statement, params![branch.0, day_of(*days.start()), day_of(*days.end())], ticket_rows::stay, each)?;
            Ok(())
        })
    }

    fn desk_times(&mut self, branch: BranchId, days: &Days) -> Result<Vec<DeskTime>, StoreError> {
        self.reading(|transaction| desk_rows::read(transaction, branch, days))
    }

    fn office(&mut self, branch: BranchId) -> Result<Option<Office>, StoreError> {
        self.reading(|transaction| read::office(transaction, branch))
    }

    fn figures(&mut self, branch: BranchId, scope: &Scope, by: By, settings: &Settings, now: Millis) -> Result<Vec<Line>, StoreError> {
        self.reading(|transaction| figures::report(transaction, branch, scope, by, settings, now))
    }

    fn names(&mut self) -> Result<BTreeMap<UserId, String>, StoreError> {
        self.reading(|transaction| {
            let mut statement = transaction.prepare_cached("SELECT id, name FROM user")?;
            let names = statement.query_map([], |row| Ok((UserId(rows::opaque(row, 0)?), row.get(1)?)))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    fn check(&mut self, branch: BranchId) -> Result<Checked, StoreError> {
        let file = self.file.clone();
        self.reading(|transaction| check::run(&mut Table::of(transaction, branch, &file), branch).map_err(Failed::Told))
    }
}

fn hand_over<T>(
    statement: &mut Statement<'_>,
    params: impl rusqlite::Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    each: &mut dyn FnMut(T) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Failed> {
    let mut found = statement.query(params)?;
    while let Some(row) = found.next()? {
        if each(read(row)?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn visit(connection: &Connection, branch: BranchId, ticket: TicketId) -> Result<Option<Visit>, Failed> {
    let sql = format!("SELECT {} FROM ticket WHERE id = ?1 AND branch = ?2", *ticket_rows::VISIT);
    Ok(connection.prepare_cached(&sql)?.query_row(params![blob(ticket.0), branch.0], ticket_rows::visit).optional()?)
}

/// What the log says of a ticket stands between the entries that issued it and that changed it last, which are of one day.
fn history(connection: &Connection, branch: BranchId, ticket: TicketId) -> Result<Vec<Entry>, Failed> {
    let Some(visit) = visit(connection, branch, ticket)? else { return Ok(Vec::new()) };
    let mut statement = connection
        .prepare_cached("SELECT rev, at, key, json FROM event WHERE branch = ?1 AND rev BETWEEN ?2 AND ?3 AND ticket = ?4 ORDER BY rev")?;
    let mut found = statement.query(params![branch.0, rows::signed(visit.issued_rev)?, rows::signed(visit.rev)?, ticket.to_string()])?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(read::entry(row, branch)?);
    }
    Ok(entries)
}
