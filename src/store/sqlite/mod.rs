//! Owns the SQLite database of an office: one file in WAL mode, synchronised at every commit, used by one process at a time. May import
//! `office` and the contract above it. Never reads a clock: every time in it comes with an entry.

mod backup;
mod desk_rows;
mod directory;
mod fault;
mod figures;
mod place;
mod read;
mod reader;
mod repair;
mod restore;
mod rows;
mod schema;
mod sessions;
mod table;
#[cfg(test)]
mod tests;
mod ticket_rows;
mod write;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use self::fault::Failed;
use self::place::{Identity, Place};
use super::{Batch, Change, CommitError, Directory, Loaded, Reports, SessionText, Store, StoreError, draw_hex};
use crate::office::{BranchId, Entry, Key, Ticker, Ticket};

pub use self::backup::Backup;
pub use self::reader::Reader;
pub use self::restore::Restored;

/// Nobody else should hold the file's locks; a backup tool may, for a moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// The durable store: `siguiente.db` in a directory that it locks.
///
/// A failed commit leaves the connection usable: the next one succeeds as soon as the disk lets it. A file that was removed or replaced under
/// the running program is noticed before the next write, which fails until the file is back.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    /// The file that the connection has open.
    identity: Option<Identity>,
    // After the connection: a throw-away directory is removed when nothing in it is open any more.
    place: Place,
}

impl SqliteStore {
    /// Opens `dir/siguiente.db`, creates directory and file when they are missing, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// `InUse` when another store has the directory. `Newer` and `Broken` when the file is from a newer program, damaged, or no database
    /// of this program: nothing in it is changed then. `Unavailable` for everything that the disk or the system refuses.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::at(Place::take(dir)?)
    }

    /// A database in a private temporary directory, with the same promises, that is removed with the value.
    pub fn throw_away() -> Result<Self, StoreError> {
        Self::at(Place::throw_away()?)
    }

    /// A connection of its own that only reads; see [`Reports`]. It may outlive the store, and a file that is put in the database's place
    /// later is not what it reads.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        self.in_place()?;
        Reader::beside(self.place.file())
    }

    fn at(place: Place) -> Result<Self, StoreError> {
        let connection = connect(&place)?;
        Ok(Self { connection, identity: place.identity(), place })
    }

    /// Makes sure that what is written now can be found under the file's name later. A file that took its place is not opened: the
    /// write-ahead log beside it belongs to the old one and would be applied to the new one.
    fn in_place(&self) -> Result<(), StoreError> {
        let problem = match self.place.identity() {
            None => "is gone; put it back, or restart to begin with an empty one",
            now if now != self.identity => "was replaced while in use; stop, put file and write-ahead log in place together, start",
            _ => return Ok(()),
        };
        Err(StoreError::Unavailable(format!("{} {problem}", self.place.file().display())))
    }

    fn working<T>(&mut self, work: impl FnOnce(&mut Connection) -> Result<T, Failed>) -> Result<T, StoreError> {
        work(&mut self.connection).map_err(|failed| failed.into_store_error(self.place.file()))
    }
}

impl Store for SqliteStore {
    fn load(&mut self, branch: BranchId) -> Result<Loaded, StoreError> {
        self.in_place()?;
        let epoch = draw_hex()?;
        self.working(|connection| read::load(connection, branch, &epoch))
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        self.in_place().map_err(|error| CommitError::Unavailable(error.to_string()))?;
        write::write(&mut self.connection, batch).map_err(|failed| failed.into_commit_error(self.place.file()))
    }

    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        self.working(|connection| read::branches(connection))
    }

    fn reports(&self) -> Result<Box<dyn Reports>, StoreError> {
        Ok(Box::new(self.reader()?))
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.working(|connection| read::entries(connection, branch, after, limit))
    }

    fn keyed(&mut self, branch: BranchId, key: &Key) -> Result<Option<Ticket>, StoreError> {
        self.working(|connection| read::keyed(connection, branch, key))
    }

    fn directory(&mut self, branch: BranchId) -> Result<Directory, StoreError> {
        self.in_place()?;
        self.working(|connection| directory::read(connection, branch))
    }

    fn ticker(&mut self, branch: BranchId) -> Result<Option<Ticker>, StoreError> {
        self.in_place()?;
        self.working(|connection| directory::ticker(connection, branch))
    }

    fn record(&mut self, branch: BranchId, changes: &[Change]) -> Result<(), StoreError> {
        self.in_place()?;
        self.working(|connection| directory::write(connection, branch, changes))
    }

    fn sessions(&mut self, branch: BranchId) -> Result<Vec<SessionText>, StoreError> {
        self.in_place()?;
        self.working(|connection| sessions::read(connection, branch))
    }

    fn keep_sessions(&mut self, branch: BranchId, changes: &[SessionText]) -> Result<(), StoreError> {
        self.in_place()?;
        self.working(|connection| sessions::write(connection, branch, changes))
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.in_place()?;
        self.working(probe)
    }
}

/// Inspects the file, opens it, and only then lets anything change it.
fn connect(place: &Place) -> Result<Connection, StoreError> {
    place::inspect(place.file())?;
    let sqlite = |error: rusqlite::Error| fault::store_error(&error, place.file());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(place.file(), flags).map_err(sqlite)?;
    connection.busy_timeout(PATIENCE).map_err(sqlite)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sqlite)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!("{} is on a disk that cannot keep a write-ahead log", place.file().display())));
    }
    // The write-ahead log is merged every 32 MiB: ids and keys are random, so each commit touches pages all over their indexes, and the
    // longer it gathers the more often a page is merged once for many changes.
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16384;
             PRAGMA temp_store = MEMORY;
             PRAGMA wal_autocheckpoint = 8192;
             PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::migrate(&mut connection).map_err(sqlite)?;
    Ok(connection)
}

/// Takes room, gives it back and counts itself, durably: fails where a commit that must grow the file would.
fn probe(connection: &mut Connection) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO probe (id, writes, room) VALUES (1, 1, zeroblob(8192)) ON CONFLICT (id) DO UPDATE SET writes = writes + 1, room = zeroblob(8192)",
        [],
    )?;
    transaction.execute("UPDATE probe SET room = NULL", [])?;
    transaction.commit()?;
    Ok(())
}
