//! Owns the table of sessions that clients may find again.

use rusqlite::{Connection, TransactionBehavior, params};

use super::fault::Failed;
use crate::office::BranchId;
use crate::store::SessionText;

pub(super) fn read(connection: &Connection, branch: BranchId) -> Result<Vec<SessionText>, Failed> {
    let sessions = connection
        .prepare_cached("SELECT pid, state FROM session WHERE branch = ?1 ORDER BY pid")?
        .query_map([branch.0], |row| Ok(SessionText { pid: row.get(0)?, state: row.get(1)? }))?
        .collect::<Result<_, _>>()?;
    Ok(sessions)
}

/// Writes the changes in their order, all of them or nothing.
pub(super) fn write(connection: &mut Connection, branch: BranchId, changes: &[SessionText]) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for SessionText { pid, state } in changes {
        match state {
            Some(state) => transaction
                .prepare_cached(
                    "INSERT INTO session (branch, pid, state) VALUES (?1, ?2, ?3) ON CONFLICT (branch, pid) DO UPDATE SET state = ?3",
                )?
                .execute(params![branch.0, pid, state])?,
            None => transaction.prepare_cached("DELETE FROM session WHERE branch = ?1 AND pid = ?2")?.execute(params![branch.0, pid])?,
        };
    }
    transaction.commit()?;
    Ok(())
}
