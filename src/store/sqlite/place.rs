//! Owns where a database lives: its directory, its lock, and the look at the file before anything may change it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::fault::{broken, store_error, unavailable};
use super::schema;
use crate::store::{StoreError, draw_hex};

pub(super) const DATABASE: &str = "siguiente.db";
const LOCK: &str = "siguiente.lock";
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Up to this size every page is read before the database is used: well under a second. A larger file is checked only as far as
/// opening and loading read it.
const CHECKED_WHOLE: u64 = 256 << 20;

/// A directory that this process alone works on, until the value is dropped.
#[derive(Debug)]
pub(super) struct Place {
    file: PathBuf,
    // Keeps the lock; the file itself stays empty and is never removed, since removing it would let two processes lock two files.
    _lock: File,
    // After the lock, so that the directory goes last.
    _throw_away: Option<ThrowAway>,
}

/// Tells a file from another one that takes its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Place {
    /// Creates the directory when it is missing and locks it.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|error| unavailable("cannot create the directory", dir, &error))?;
        Self::lock(dir, None)
    }

    /// A private directory that is removed on drop.
    pub(super) fn throw_away() -> Result<Self, StoreError> {
        let dir = ThrowAway::create()?;
        let path = dir.0.clone();
        Self::lock(&path, Some(dir))
    }

    fn lock(dir: &Path, throw_away: Option<ThrowAway>) -> Result<Self, StoreError> {
        let path = dir.join(LOCK);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unavailable("cannot open", &path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { file: dir.join(DATABASE), _lock: lock, _throw_away: throw_away }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unavailable("cannot lock", &path, &error)),
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The file that has the database's name now; `None` when there is none.
    pub(super) fn identity(&self) -> Option<Identity> {
        let meta = fs::metadata(&self.file).ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Identity(meta.dev(), meta.ino()))
        }
        #[cfg(not(unix))]
        {
            // Windows does not let an open database be removed or replaced.
            let _ = meta;
            Some(Identity(0, 0))
        }
    }
}

/// Looks at the file without changing it: nothing yet (`false`), or a sound database of ours that this program can read. Only while no
/// connection of this process has it open: closing the file would give up that connection's locks.
pub(super) fn inspect(file: &Path) -> Result<bool, StoreError> {
    let Some(size) = header(file)? else { return Ok(false) };
    let leftovers = Leftovers::beside(file);
    let result = inspect_database(file, size);
    leftovers.remove();
    result.map(|()| true)
}

/// The size of the file; `None` when there is nothing in it.
fn header(path: &Path) -> Result<Option<u64>, StoreError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unavailable("cannot open", path, &error)),
    };
    let size = file.metadata().map_err(|error| unavailable("cannot read", path, &error))?.len();
    if size == 0 {
        return Ok(None);
    }
    let mut magic = [0; MAGIC.len()];
    match file.read_exact(&mut magic) {
        Ok(()) if magic == *MAGIC => Ok(Some(size)),
        Ok(()) => Err(broken(path, "not a database")),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(broken(path, "not a database")),
        Err(error) => Err(unavailable("cannot read", path, &error)),
    }
}

fn inspect_database(file: &Path, size: u64) -> Result<(), StoreError> {
    let sqlite = |error: rusqlite::Error| store_error(&error, file);
    // A connection that may not write: closing it moves nothing from the write-ahead log into the file.
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(sqlite)?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
    if found > schema::KNOWN {
        return Err(StoreError::Newer { found, known: schema::KNOWN });
    }
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(sqlite)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sqlite)?;
    if application != schema::APPLICATION && (tables > 0 || found != 0) {
        return Err(broken(file, "the database of another program"));
    }
    if size <= CHECKED_WHOLE {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sqlite)?;
        if verdict != "ok" {
            return Err(broken(file, "the file is damaged; restore a backup"));
        }
    }
    Ok(())
}

/// The files that reading a database may leave beside it.
struct Leftovers(Vec<PathBuf>);

impl Leftovers {
    /// Those that are not there yet.
    fn beside(file: &Path) -> Self {
        let name = |suffix: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self([name("-wal"), name("-shm")].into_iter().filter(|path| !path.exists()).collect())
    }

    fn remove(self) {
        for path in self.0 {
            // What cannot be removed does no harm: SQLite takes it over.
            let _ = fs::remove_file(path);
        }
    }
}

/// A directory under the system's temporary one, removed with all that is in it.
#[derive(Debug)]
struct ThrowAway(PathBuf);

impl ThrowAway {
    fn create() -> Result<Self, StoreError> {
        let path = std::env::temp_dir().join(format!("siguiente-{}", draw_hex()?));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        // Not `create_dir_all`: a directory that somebody put there before us is not ours.
        builder.create(&path).map_err(|error| unavailable("cannot create the directory", &path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        // Best effort: there is nobody left to tell, and the system clears its temporary directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}
