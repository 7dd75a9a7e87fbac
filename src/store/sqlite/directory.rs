//! Owns the tables of users, notes and the ticker: all of it read at once, changes written together.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::fault::Failed;
use super::rows::{blob, from_word, opaque, word};
use crate::office::{BranchId, Millis, Note, NoteId, Ticker, User, UserId};
use crate::store::{Change, Directory};

pub(super) fn read(connection: &mut Connection, branch: BranchId) -> Result<Directory, Failed> {
    // One transaction, so that no note is without its user.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let users = transaction
        .prepare_cached("SELECT id, name, role, created_at FROM user ORDER BY id")?
        .query_map([], user)?
        .collect::<Result<_, _>>()?;
    let notes = transaction
        .prepare_cached("SELECT id, user, sender, subject, text, sent_at FROM note ORDER BY id")?
        .query_map([], note)?
        .collect::<Result<_, _>>()?;
    Ok(Directory { users, notes, ticker: ticker(&transaction, branch)? })
}

pub(super) fn ticker(connection: &Connection, branch: BranchId) -> Result<Option<Ticker>, Failed> {
    let ticker = connection
        .prepare_cached("SELECT text, at FROM ticker WHERE branch = ?1")?
        .query_row([branch.0], |row| Ok(Ticker { text: row.get(0)?, at: Millis(row.get(1)?) }))
        .optional()?;
    Ok(ticker)
}

/// Writes the changes in their order, all of them or nothing.
pub(super) fn write(connection: &mut Connection, branch: BranchId, changes: &[Change]) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in changes {
        apply(&transaction, branch, change)?;
    }
    transaction.commit()?;
    Ok(())
}

fn apply(transaction: &Transaction<'_>, branch: BranchId, change: &Change) -> Result<(), Failed> {
    match change {
        Change::PutUser(User { id, name, role, created_at }) => transaction
            .prepare_cached(
                "INSERT INTO user (id, name, role, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET name = ?2, role = ?3",
            )?
            .execute(params![blob(id.0), name, word(role)?, created_at.0])?,
        // The notes go with it.
        Change::DropUser(id) => transaction.prepare_cached("DELETE FROM user WHERE id = ?1")?.execute([blob(id.0)])?,
        Change::PutNote(note) => {
            let known = transaction.prepare_cached("SELECT 1 FROM user WHERE id = ?1")?.exists([blob(note.user.0)])?;
            if !known {
                return Err(Failed::inconsistent(format_args!("a note to user {}, who is not there", note.user)));
            }
            let Note { id, user, from, subject, text, sent_at } = note;
            transaction
                .prepare_cached(
                    "INSERT INTO note (id, user, sender, subject, text, sent_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
                )?
                .execute(params![blob(id.0), blob(user.0), from, subject, text, sent_at.0])?
        }
        Change::DropNote { user, note } => {
            transaction.prepare_cached("DELETE FROM note WHERE id = ?1 AND user = ?2")?.execute(params![blob(note.0), blob(user.0)])?
        }
        Change::SetTicker(Some(Ticker { text, at })) => transaction
            .prepare_cached(
                "INSERT INTO ticker (branch, text, at) VALUES (?1, ?2, ?3) ON CONFLICT (branch) DO UPDATE SET text = ?2, at = ?3",
            )?
            .execute(params![branch.0, text, at.0])?,
        Change::SetTicker(None) => transaction.prepare_cached("DELETE FROM ticker WHERE branch = ?1")?.execute([branch.0])?,
    };
    Ok(())
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: UserId(opaque(row, 0)?), name: row.get(1)?, role: from_word(row, 2)?, created_at: Millis(row.get(3)?) })
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: NoteId(opaque(row, 0)?),
        user: UserId(opaque(row, 1)?),
        from: row.get(2)?,
        subject: row.get(3)?,
        text: row.get(4)?,
        sent_at: Millis(row.get(5)?),
    })
}
