//! Owns the table of the audit log: lines are added, with what they tell of, and read from the newest on. Triggers of the schema refuse
//! everything else.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

use super::accounts::address;
use super::fault::Failed;
use super::rows::{blob, from_word, opaque, unsigned, value, word};
use crate::access::{AuditLine, Author};
use crate::office::{BranchId, DeviceId, Millis, UserId};
use crate::store::audit::{self, AuditFilter, Audited};

/// Adds the lines in their order. Returns how many.
pub(super) fn append(transaction: &Transaction<'_>, lines: &[AuditLine]) -> Result<usize, Failed> {
    if lines.is_empty() {
        return Ok(0);
    }
    audit::check(lines).map_err(Failed::Refused)?;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO audit (at, branch, who, who_id, name, address, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for AuditLine { at, branch, by, address, action, subject, detail } in lines {
        let (who, id, name) = match by {
            Author::Nobody => ("nobody", None, None),
            Author::User { id, name } => ("user", Some(id.0), Some(name)),
            Author::Device { id, name } => ("device", Some(id.0), Some(name)),
            Author::Program => ("program", None, None),
        };
        let (branch, address) = (branch.map(|branch| branch.0), address.map(|address| address.to_string()));
        statement.execute(params![at.0, branch, who, id.map(blob), name, address, word(action)?, subject, detail])?;
    }
    Ok(lines.len())
}

pub(super) fn read(connection: &Connection, filter: &AuditFilter, after: Option<u64>, limit: usize) -> Result<Vec<Audited>, Failed> {
    let AuditFilter { branch, actions, user, from, before } = filter;
    // Beyond what SQLite can count there is nothing, so that all is before it.
    let below = after.and_then(|after| i64::try_from(after).ok());
    let (mut conditions, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut ask = |condition: &str, of: Value| {
        conditions.push(condition.to_owned());
        values.push(of);
    };
    branch.iter().for_each(|branch| ask("branch = ?", value(branch.0)));
    below.iter().for_each(|below| ask("id < ?", value(*below)));
    from.iter().for_each(|from| ask("at >= ?", value(from.0)));
    before.iter().for_each(|before| ask("at < ?", value(before.0)));
    // A device has ids of the same kind.
    user.iter().for_each(|user| ask("who = 'user' AND who_id = ?", value(blob(user.0).to_vec())));
    if let Some(actions) = actions {
        conditions.push(format!("action IN ({})", vec!["?"; actions.len()].join(", ")));
        for action in actions {
            values.push(value(word(action)?));
        }
    }
    values.push(value(i64::try_from(limit).unwrap_or(i64::MAX)));
    let conditions = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT id, at, branch, who, who_id, name, address, action, subject, detail FROM audit {conditions} ORDER BY id DESC LIMIT ?"
    );
    Ok(connection.prepare_cached(&sql)?.query_map(params_from_iter(values), line)?.collect::<Result<_, _>>()?)
}

fn line(row: &Row<'_>) -> rusqlite::Result<Audited> {
    let by = match row.get_ref(3)?.as_str()? {
        "user" => Author::User { id: UserId(opaque(row, 4)?), name: row.get(5)? },
        "device" => Author::Device { id: DeviceId(opaque(row, 4)?), name: row.get(5)? },
        "program" => Author::Program,
        _ => Author::Nobody,
    };
    let address = match row.get_ref(6)? {
        rusqlite::types::ValueRef::Null => None,
        _ => Some(address(row, 6)?),
    };
    Ok(Audited {
        id: unsigned(row, 0)?,
        line: AuditLine {
            at: Millis(row.get(1)?),
            branch: row.get::<_, Option<u32>>(2)?.map(BranchId),
            by,
            address,
            action: from_word(row, 7)?,
            subject: row.get(8)?,
            detail: row.get(9)?,
        },
    })
}
