//! Owns what SQLite's failures mean: which error they become and the sentence that an operator reads. Never shows a statement.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use crate::store::{CommitError, StoreError};

/// Why a piece of work on the database did not succeed.
#[derive(Debug)]
pub(super) enum Failed {
    /// By SQLite.
    Sqlite(Error),
    /// By the contract, and why.
    Refused(CommitError),
    /// What is stored cannot be read: what and why.
    Unreadable(String),
    /// Told already, in full.
    Told(StoreError),
}

impl Failed {
    /// The batch contradicts what is stored: a bug of the caller or a changed database. Nothing that trying again would heal.
    pub(super) fn inconsistent(what: impl std::fmt::Display) -> Self {
        Self::Refused(CommitError::inconsistent(what))
    }

    pub(super) fn into_commit_error(self, file: &Path) -> CommitError {
        match self {
            Self::Refused(error) => error,
            Self::Sqlite(error) => CommitError::Unavailable(explain(&error, file)),
            Self::Unreadable(what) => CommitError::Unavailable(format!("{}: {what}", file.display())),
            Self::Told(error) => CommitError::Unavailable(error.to_string()),
        }
    }

    pub(super) fn into_store_error(self, file: &Path) -> StoreError {
        match self {
            Self::Refused(error) => StoreError::Unavailable(error.to_string()),
            Self::Sqlite(error) => store_error(&error, file),
            Self::Unreadable(problem) => StoreError::Broken { path: file.display().to_string(), problem },
            Self::Told(error) => error,
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

/// A key, a code or an id that is there already.
pub(super) fn is_duplicate(error: &Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    let code = error.sqlite_error().map(|failure| failure.extended_code);
    matches!(code, Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE))
}

pub(super) fn store_error(error: &Error, file: &Path) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => broken(file, "the file is damaged; restore a backup"),
        Some(ErrorCode::NotADatabase) => broken(file, "not a database"),
        _ => StoreError::Unavailable(explain(error, file)),
    }
}

pub(super) fn broken(file: &Path, problem: impl Into<String>) -> StoreError {
    StoreError::Broken { path: file.display().to_string(), problem: problem.into() }
}

/// A failure outside SQLite: a directory, a lock.
pub(super) fn unavailable(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{what} {}: {error}", path.display()))
}

/// One sentence for the log and for `/ready`.
fn explain(error: &Error, file: &Path) -> String {
    use ErrorCode::*;
    let path = file.display();
    match error {
        Error::SqliteFailure(failure, _) | Error::SqlInputError { error: failure, .. } => match failure.code {
            DiskFull => format!("no space left for {path}"),
            ReadOnly => format!("{path} cannot be written: the file or its disk is read-only"),
            SystemIoFailure => format!("the disk failed under {path} (SQLite code {})", failure.extended_code),
            DatabaseCorrupt | NotADatabase => format!("{path} is damaged; restore a backup"),
            DatabaseBusy | DatabaseLocked => format!("another program keeps {path} locked"),
            CannotOpen => format!("{path} cannot be opened"),
            PermissionDenied => format!("{path}: permission denied"),
            OutOfMemory => format!("no memory left to work on {path}"),
            _ => format!("{path}: {failure}"),
        },
        // These name columns and types, never a statement or a value.
        Error::FromSqlConversionFailure(..) | Error::IntegralValueOutOfRange(..) | Error::InvalidColumnType(..) => {
            format!("{path} holds a value that cannot be read: {error}")
        }
        _ => format!("{path}: the database refused its work"),
    }
}
