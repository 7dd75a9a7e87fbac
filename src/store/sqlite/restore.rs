//! Owns how a backup takes the place of a database: looked through and replayed first, and what it replaces kept.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use rusqlite::{Connection, params};

use super::backup::{beside, copy, remove, settle};
use super::fault::{broken, store_error, unavailable};
use super::place::{self, Place};
use super::reader::Reader;
use super::{SqliteStore, schema};
use crate::office::{BranchId, Millis};
use crate::store::{Reports, StoreError, draw_hex};

/// A backup that is in place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The branches, and where the log of each ends now.
    pub branches: Vec<(BranchId, u64)>,
    /// The database that was there before; `None` when there was none.
    pub kept: Option<PathBuf>,
}

impl SqliteStore {
    /// Puts a backup in the place of the database in `dir`, which is kept aside under a name with this time (UTC). The backup itself is not
    /// changed. Each branch gets a new epoch, so that no client takes the log for the one that it knew; what clients were in the middle of
    /// is forgotten, and everybody signs in anew: a sign-in that was ended since does not come back.
    ///
    /// # Errors
    ///
    /// `InUse` while a server works in `dir`. `Newer` and `Broken` when the backup is of a newer program, damaged, no database of this
    /// program, or when its tables are not what its log says. `Unavailable` for what the disk refuses. On every error the database in
    /// `dir` is what it was.
    pub fn restore(dir: &Path, backup: &Path, at: Millis) -> Result<Restored, StoreError> {
        let place = Place::take(dir)?;
        let work = beside(place.file(), ".restoring");
        let result = prepare(backup, &work).and_then(|branches| {
            let kept = put_in_place(place.file(), &work, at)?;
            Ok(Restored { branches, kept })
        });
        if result.is_err() {
            // What cannot be removed is replaced by the next try.
            for suffix in ["", "-journal", "-wal", "-shm"] {
                let _ = fs::remove_file(beside(&work, suffix));
            }
        }
        result
    }
}

/// Makes a database of the backup that this program can use, and says what is in it.
fn prepare(backup: &Path, work: &Path) -> Result<Vec<(BranchId, u64)>, StoreError> {
    if !place::inspect(backup)? {
        return Err(StoreError::Unavailable(format!("there is no database in {}", backup.display())));
    }
    let source = Reader::beside(backup)?;
    // The whole check, which compares the indexes with their tables, too.
    source.is_sound("integrity_check")?;
    for suffix in ["-journal", "-wal", "-shm"] {
        remove(&beside(work, suffix))?;
    }
    copy(&source, work)?;
    drop(source);

    let sqlite = |error: rusqlite::Error| store_error(&error, work);
    let mut connection = Connection::open(work).map_err(sqlite)?;
    schema::migrate(&mut connection).map_err(sqlite)?;
    let mut reader = Reader::beside(work)?;
    let branches = reader.ends()?;
    for (branch, _) in &branches {
        // Named by the file that somebody gave: the copy of it goes away.
        let checked = reader.check(*branch).map_err(|error| match error {
            StoreError::Broken { problem, .. } => broken(backup, problem),
            other => other,
        })?;
        if let Some(first) = checked.differences.first() {
            let problem = format!("its tables are not what the log of branch {} says, in {} places: {first}", branch.0, checked.found);
            return Err(broken(backup, problem));
        }
    }
    drop(reader);
    for (branch, _) in &branches {
        connection.execute("UPDATE branch SET epoch = ?2 WHERE id = ?1", params![branch.0, draw_hex()?]).map_err(sqlite)?;
    }
    connection.execute_batch("DELETE FROM session; DELETE FROM login").map_err(sqlite)?;
    // Every statement above is on the disk when it returns.
    connection.close().map_err(|(_, error)| sqlite(error))?;
    Ok(branches)
}

/// Names the database aside and the new one as it was named.
fn put_in_place(file: &Path, work: &Path, at: Millis) -> Result<Option<PathBuf>, StoreError> {
    let kept = if file.exists() { Some(keep(file, at)?) } else { None };
    // Left over without their database, and not for another one.
    for suffix in ["-wal", "-shm", "-journal"] {
        remove(&beside(file, suffix))?;
    }
    fs::rename(work, file).map_err(|error| unavailable("cannot name", file, &error))?;
    settle(file)?;
    Ok(kept)
}

/// Keeps the database under another name, and under its own as long as nothing takes its place.
fn keep(file: &Path, at: Millis) -> Result<PathBuf, StoreError> {
    let aside = aside(file, at);
    let refused = |error| unavailable("cannot keep the database as", &aside, &error);
    // Merges the write-ahead log into the file. What is damaged is kept as it is, with its log beside it.
    if matches!(place::inspect(file), Ok(true))
        && let Ok(old) = Connection::open(file)
    {
        let _ = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    let log = beside(file, "-wal");
    if fs::metadata(&log).is_ok_and(|meta| meta.len() > 0) {
        fs::rename(&log, beside(&aside, "-wal")).map_err(refused)?;
    }
    // A second name, so that there is no moment without a database; where the disk knows no second names, another one.
    fs::hard_link(file, &aside).or_else(|_| fs::rename(file, &aside)).map_err(refused)?;
    settle(&aside)?;
    Ok(aside)
}

/// A name that is free: `siguiente-20261122T034427Z.db`.
fn aside(file: &Path, at: Millis) -> PathBuf {
    let time = DateTime::from_timestamp_millis(at.0).unwrap_or_default().format("%Y%m%dT%H%M%SZ");
    let name = |nth: u32| match nth {
        1 => format!("siguiente-{time}.db"),
        _ => format!("siguiente-{time}-{nth}.db"),
    };
    let free = (1..).map(|nth| file.with_file_name(name(nth))).find(|path| !path.exists());
    free.unwrap_or_else(|| file.with_file_name(name(1)))
}
