//! Owns the versions of the schema.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

pub(super) const STEPS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001_log.sql")),
    M::up(include_str!("../migrations/0002_people.sql")),
    M::up(include_str!("../migrations/0003_session.sql")),
    M::up(include_str!("../migrations/0004_office.sql")),
    M::up(include_str!("../migrations/0005_deferral.sql")),
    M::up(include_str!("../migrations/0006_access.sql")),
    M::up(include_str!("../migrations/0007_hooks.sql")),
];

/// The schema version of this program.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// `PRAGMA application_id` of our files, "SGTE".
pub(super) const APPLICATION: i64 = 0x5347_5445;

/// Brings the schema to [`KNOWN`], each step in a transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err,
        // The rest says that the list of steps or the version is wrong, which `KNOWN` and the inspection exclude.
        _ => rusqlite::Error::InvalidQuery,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_steps_are_valid() {
        rusqlite_migration::Migrations::from_slice(super::STEPS).validate().expect("valid migrations");
    }
}
