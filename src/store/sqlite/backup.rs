//! Owns copies of a database: whole, of one moment, made while a server works on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::fault::{broken, unavailable};
use super::place::DATABASE;
use super::reader::Reader;
use super::{SqliteStore, schema};
use crate::office::BranchId;
use crate::store::StoreError;

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its size.
    pub bytes: u64,
    /// The branches in it, and where the log of each ends.
    pub branches: Vec<(BranchId, u64)>,
}

impl SqliteStore {
    /// Copies the database in `dir` to a new file, as it is at one moment. Commits go on meanwhile. Under its name the copy is whole, on
    /// the disk and read back; until then it stands beside it as `….part`.
    ///
    /// # Errors
    ///
    /// `Unavailable` when there is no database, when `to` is there already, or when the disk refuses. `Broken` when the database, or what
    /// was read back of the copy, is damaged or not ours.
    pub fn backup(dir: &Path, to: &Path) -> Result<Backup, StoreError> {
        let file = dir.join(DATABASE);
        if !file.exists() {
            return Err(StoreError::Unavailable(format!("there is no database in {}", dir.display())));
        }
        if to.exists() {
            return Err(StoreError::Unavailable(format!("{} is there already", to.display())));
        }
        let reader = Reader::beside(&file)?;
        if reader.pragma("application_id")? != schema::APPLICATION {
            return Err(broken(&file, "the database of another program"));
        }
        let part = beside(to, ".part");
        copy(&reader, &part)?;
        let mut copied = Reader::beside(&part)?;
        copied.is_sound("quick_check")?;
        let branches = copied.ends()?;
        drop(copied);
        let bytes = fs::metadata(&part).map_err(|error| unavailable("cannot read", &part, &error))?.len();
        fs::rename(&part, to).map_err(|error| unavailable("cannot name", to, &error))?;
        settle(to)?;
        Ok(Backup { bytes, branches })
    }
}

/// Writes what the reader sees to a new file, without what was deleted, and waits until it is on the disk. One that a broken off copy left
/// is replaced.
pub(super) fn copy(reader: &Reader, to: &Path) -> Result<(), StoreError> {
    let refused = |error| unavailable("cannot write", to, &error);
    let Some(name) = to.to_str() else {
        return Err(StoreError::Unavailable(format!("{} is no name in UTF-8", to.display())));
    };
    remove(to)?;
    reader.vacuum_into(name).inspect_err(|_| drop(fs::remove_file(to)))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(refused)
}

/// Makes a change of names in a file's directory last.
pub(super) fn settle(file: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| unavailable("cannot write", dir, &error))?;
    }
    // Elsewhere a directory cannot be synchronised, and names last as they are changed.
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// The path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a file that may be there.
pub(super) fn remove(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable("cannot remove", file, &error)),
        _ => Ok(()),
    }
}
