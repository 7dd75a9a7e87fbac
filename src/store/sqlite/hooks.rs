//! Owns the tables of web hooks: who is told, how far, what became of the latest deliveries.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::audit;
use super::fault::Failed;
use super::rows::{self, blob, from_word, opaque, optional_word, signed, time, unsigned, word};
use crate::office::{BranchId, HookId, Millis, TicketId};
use crate::store::hooks::{DELIVERIES_KEPT, Delivery, DeliveryState, Held, Hook, HookChange, HookPlace, LogEnd, Told};

pub(super) fn log_end(connection: &Connection, branch: BranchId) -> Result<Option<LogEnd>, Failed> {
    Ok(connection
        .prepare_cached("SELECT epoch, rev FROM branch WHERE id = ?1")?
        .query_row([branch.0], |row| Ok(LogEnd { epoch: row.get(0)?, rev: unsigned(row, 1)? }))
        .optional()?)
}

const HOOK: &str = "id, branch, url, description, events, personal, active, secret, old_secret, old_until, created_at, round, off, failing_since, \
                    delivered_at";

pub(super) fn read(connection: &Connection) -> Result<Vec<Hook>, Failed> {
    let mut statement = connection.prepare_cached(&format!("SELECT {HOOK} FROM hook ORDER BY branch, id"))?;
    Ok(statement.query_map([], hook)?.collect::<Result<_, _>>()?)
}

pub(super) fn place(connection: &mut Connection, hook: HookId) -> Result<HookPlace, Failed> {
    // One transaction, so that cursor and what is held are of one moment.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let rev = transaction
        .prepare_cached("SELECT rev FROM hook_cursor WHERE hook = ?1")?
        .query_row([blob(hook.0)], |row| unsigned(row, 0))
        .optional()?;
    let held = transaction
        .prepare_cached("SELECT ticket, rev, attempts, due FROM hook_held WHERE hook = ?1 ORDER BY ticket")?
        .query_map([blob(hook.0)], |row| {
            Ok(Held { ticket: TicketId(opaque(row, 0)?), rev: unsigned(row, 1)?, attempts: row.get(2)?, due: Millis(row.get(3)?) })
        })?
        .collect::<Result<_, _>>()?;
    Ok(HookPlace { rev: rev.unwrap_or_default(), held })
}

pub(super) fn deliveries(connection: &Connection, hook: HookId, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Delivery)>, Failed> {
    // Beyond what SQLite can count there is nothing.
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT seq, event, kind, code, at, attempts, state, status, error, took, next FROM delivery WHERE hook = ?1 AND seq < ?2
         ORDER BY seq DESC LIMIT ?3",
    )?;
    Ok(statement.query_map(params![blob(hook.0), before, limit], delivery)?.collect::<Result<_, _>>()?)
}

/// Writes the changes in their order, all of them or nothing.
pub(super) fn write(connection: &mut Connection, changes: &[HookChange]) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in changes {
        match change {
            HookChange::Put(hook) => put(&transaction, hook)?,
            HookChange::Drop(id) => {
                // The rest goes with it.
                transaction.prepare_cached("DELETE FROM hook WHERE id = ?1")?.execute([blob(id.0)])?;
            }
            HookChange::Audit(line) => drop(audit::append(&transaction, std::slice::from_ref(line))?),
            HookChange::Told(told) => tell(&transaction, told)?,
            HookChange::Tried(id, delivery) => {
                if transaction.prepare_cached("SELECT 1 FROM hook WHERE id = ?1")?.exists([blob(id.0)])? {
                    record(&transaction, *id, std::slice::from_ref(delivery))?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn put(transaction: &Transaction<'_>, hook: &Hook) -> Result<(), Failed> {
    let end = transaction
        .prepare_cached("SELECT rev FROM branch WHERE id = ?1")?
        .query_row([hook.branch.0], |row| row.get::<_, i64>(0))
        .optional()?
        .ok_or_else(|| Failed::inconsistent(format_args!("a web hook of branch {}, which is not there", hook.branch.0)))?;
    let known: Option<u32> =
        transaction.prepare_cached("SELECT round FROM hook WHERE id = ?1")?.query_row([blob(hook.id.0)], |row| row.get(0)).optional()?;
    let begins = known != Some(hook.round);
    let events = serde_json::to_string(&hook.events).map_err(|_| Failed::inconsistent("kinds of events that are no texts"))?;
    let (old, until) = hook.old_secret.as_ref().map(|(secret, until)| (secret, until.0)).unzip();
    transaction
        .prepare_cached(&format!(
            "INSERT INTO hook ({HOOK}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (id) DO UPDATE SET url = ?3, description = ?4, events = ?5, personal = ?6, active = ?7, secret = ?8, old_secret = ?9,
             old_until = ?10, round = ?12, off = ?13, failing_since = iif(?16, ?14, failing_since), delivered_at = iif(?16, ?15, delivered_at)"
        ))?
        .execute(params![
            blob(hook.id.0),
            hook.branch.0,
            hook.url,
            hook.description,
            events,
            hook.personal,
            hook.active,
            hook.secret,
            old,
            until,
            hook.created_at.0,
            hook.round,
            hook.off.map(word).transpose()?,
            hook.failing_since.map(|at| at.0),
            hook.delivered_at.map(|at| at.0),
            begins,
        ])?;
    if begins {
        transaction
            .prepare_cached("INSERT INTO hook_cursor (hook, rev) VALUES (?1, ?2) ON CONFLICT (hook) DO UPDATE SET rev = ?2")?
            .execute(params![blob(hook.id.0), end])?;
        transaction.prepare_cached("DELETE FROM hook_held WHERE hook = ?1")?.execute([blob(hook.id.0)])?;
    }
    if begins || !hook.active {
        give_up(transaction, hook.id)?;
    }
    Ok(())
}

fn tell(transaction: &Transaction<'_>, told: &Told) -> Result<(), Failed> {
    let id = blob(told.hook.0);
    let changed = transaction
        .prepare_cached(
            "UPDATE hook SET failing_since = ?3, delivered_at = coalesce(?4, delivered_at), active = iif(?5 IS NULL, active, 0),
             off = coalesce(?5, off) WHERE id = ?1 AND round = ?2",
        )?
        .execute(params![
            id,
            told.round,
            told.failing_since.map(|at| at.0),
            told.delivered_at.map(|at| at.0),
            told.off.map(word).transpose()?
        ])?;
    if changed == 0 {
        return Ok(());
    }
    transaction.prepare_cached("UPDATE hook_cursor SET rev = ?2 WHERE hook = ?1")?.execute(params![id, signed(told.rev)?])?;
    for ticket in &told.done {
        transaction.prepare_cached("DELETE FROM hook_held WHERE hook = ?1 AND ticket = ?2")?.execute(params![id, blob(ticket.0)])?;
    }
    for Held { ticket, rev, attempts, due } in &told.held {
        transaction
            .prepare_cached(
                "INSERT INTO hook_held (hook, ticket, rev, attempts, due) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (hook, ticket) DO UPDATE SET rev = ?3, attempts = ?4, due = ?5",
            )?
            .execute(params![id, blob(ticket.0), signed(*rev)?, attempts, due.0])?;
    }
    record(transaction, told.hook, &told.deliveries)?;
    // It may have been switched off while they were under way.
    let active: bool = transaction.prepare_cached("SELECT active FROM hook WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    if active { Ok(()) } else { give_up(transaction, told.hook) }
}

/// What is outstanding is not tried any more.
fn give_up(transaction: &Transaction<'_>, hook: HookId) -> Result<(), Failed> {
    let (pending, failed) = (word(DeliveryState::Pending)?, word(DeliveryState::Failed)?);
    transaction.prepare_cached("UPDATE delivery SET state = ?3, next = NULL WHERE hook = ?1 AND state = ?2")?.execute(params![
        blob(hook.0),
        pending,
        failed
    ])?;
    Ok(())
}

fn record(transaction: &Transaction<'_>, hook: HookId, deliveries: &[Delivery]) -> Result<(), Failed> {
    let id = blob(hook.0);
    for Delivery { event, kind, code, at, attempts, state, status, error, took, next } in deliveries {
        transaction
            .prepare_cached(
                "INSERT INTO delivery (hook, seq, event, kind, code, at, attempts, state, status, error, took, next)
                 VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM delivery WHERE hook = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT (hook, event) DO UPDATE SET kind = ?3, code = ?4, at = ?5, attempts = ?6, state = ?7, status = ?8, error = ?9,
                 took = ?10, next = ?11",
            )?
            .execute(params![id, event, kind, code, at.0, attempts, word(state)?, status, error, took, rows::millis(*next)])?;
    }
    if !deliveries.is_empty() {
        transaction
            .prepare_cached("DELETE FROM delivery WHERE hook = ?1 AND seq <= (SELECT max(seq) FROM delivery WHERE hook = ?1) - ?2")?
            .execute(params![id, signed(DELIVERIES_KEPT)?])?;
    }
    Ok(())
}

fn hook(row: &Row<'_>) -> rusqlite::Result<Hook> {
    let events = row.get_ref(4)?.as_str()?;
    let events = serde_json::from_str(events)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error)))?;
    let old: Option<String> = row.get(8)?;
    Ok(Hook {
        id: HookId(opaque(row, 0)?),
        branch: BranchId(row.get(1)?),
        url: row.get(2)?,
        description: row.get(3)?,
        events,
        personal: row.get(5)?,
        active: row.get(6)?,
        secret: row.get(7)?,
        old_secret: old.zip(time(row, 9)?),
        created_at: Millis(row.get(10)?),
        round: row.get(11)?,
        off: optional_word(row, 12)?,
        failing_since: time(row, 13)?,
        delivered_at: time(row, 14)?,
    })
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<(u64, Delivery)> {
    let delivery = Delivery {
        event: row.get(1)?,
        kind: row.get(2)?,
        code: row.get(3)?,
        at: Millis(row.get(4)?),
        attempts: row.get(5)?,
        state: from_word(row, 6)?,
        status: row.get(7)?,
        error: row.get(8)?,
        took: row.get(9)?,
        next: time(row, 10)?,
    };
    Ok((unsigned(row, 0)?, delivery))
}
