//! Owns what is kept beside the log, all of it read at once, changes written together; and the tables of notes and the ticker.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::fault::Failed;
use super::rows::{blob, opaque};
use super::{accounts, audit};
use crate::office::{BranchId, Millis, Note, NoteId, Ticker, UserId};
use crate::store::{Change, Directory};

pub(super) fn read(connection: &mut Connection, branch: BranchId) -> Result<Directory, Failed> {
    // One transaction, so that no note is without its user.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let (users, passwords) = (accounts::users(&transaction)?, accounts::passwords(&transaction)?);
    let (logins, devices) = (accounts::logins(&transaction)?, accounts::devices(&transaction)?);
    let notes = transaction
        .prepare_cached("SELECT id, user, sender, subject, text, sent_at FROM note ORDER BY id")?
        .query_map([], note)?
        .collect::<Result<_, _>>()?;
    Ok(Directory { users, passwords, notes, logins, devices, ticker: ticker(&transaction, branch)? })
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
        Change::PutUser(user) => accounts::put_user(transaction, user)?,
        // Notes and sign-ins go with it.
        Change::DropUser(id) => transaction.prepare_cached("DELETE FROM user WHERE id = ?1")?.execute([blob(id.0)])?,
        Change::SetPassword { user, hash } => accounts::set_password(transaction, *user, hash.as_ref())?,
        Change::PutNote(note) => {
            accounts::known(transaction, "a note to", note.user)?;
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
        Change::PutLogin(login) => accounts::put_login(transaction, login)?,
        Change::TouchLogin { id, used_at } => {
            transaction.prepare_cached("UPDATE login SET used_at = ?2 WHERE id = ?1")?.execute(params![blob(id.0), used_at.0])?
        }
        Change::DropLogin(id) => transaction.prepare_cached("DELETE FROM login WHERE id = ?1")?.execute([blob(id.0)])?,
        Change::DropLoginsOf { user, except } => transaction
            .prepare_cached("DELETE FROM login WHERE user = ?1 AND id IS NOT ?2")?
            .execute(params![blob(user.0), except.map(|id| blob(id.0))])?,
        Change::PutDevice(device) => accounts::put_device(transaction, device)?,
        Change::SeenDevice { id, at } => {
            transaction.prepare_cached("UPDATE device SET seen_at = ?2 WHERE id = ?1")?.execute(params![blob(id.0), at.0])?
        }
        Change::DropDevice(id) => transaction.prepare_cached("DELETE FROM device WHERE id = ?1")?.execute([blob(id.0)])?,
        Change::SetTicker(Some(Ticker { text, at })) => transaction
            .prepare_cached(
                "INSERT INTO ticker (branch, text, at) VALUES (?1, ?2, ?3) ON CONFLICT (branch) DO UPDATE SET text = ?2, at = ?3",
            )?
            .execute(params![branch.0, text, at.0])?,
        Change::SetTicker(None) => transaction.prepare_cached("DELETE FROM ticker WHERE branch = ?1")?.execute([branch.0])?,
        Change::Audit(line) => audit::append(transaction, std::slice::from_ref(line))?,
    };
    Ok(())
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
