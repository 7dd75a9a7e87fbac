//! Owns the tables of users, their sign-ins, and the paired screens.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, Error, OptionalExtension, Row, Transaction, params};

use super::fault::Failed;
use super::rows::{blob, from_word, opaque, time, word};
use crate::access::{Device, Login, PasswordHash, SecretHash};
use crate::office::{BranchId, DeviceId, Grants, LoginId, Millis, Role, User, UserId};
use crate::store::directory;

pub(super) fn users(connection: &Connection) -> Result<Vec<User>, Failed> {
    Ok(connection
        .prepare_cached("SELECT id, name, role, created_at, login, branches, disabled FROM user ORDER BY id")?
        .query_map([], user)?
        .collect::<Result<_, _>>()?)
}

pub(super) fn passwords(connection: &Connection) -> Result<Vec<(UserId, PasswordHash)>, Failed> {
    Ok(connection
        .prepare_cached("SELECT id, password FROM user WHERE password IS NOT NULL ORDER BY id")?
        .query_map([], |row| Ok((UserId(opaque(row, 0)?), PasswordHash::new(row.get(1)?))))?
        .collect::<Result<_, _>>()?)
}

pub(super) fn logins(connection: &Connection) -> Result<Vec<Login>, Failed> {
    Ok(connection
        .prepare_cached("SELECT id, user, secret, created_at, used_at, expires_at, address, agent FROM login ORDER BY id")?
        .query_map([], login)?
        .collect::<Result<_, _>>()?)
}

pub(super) fn devices(connection: &Connection) -> Result<Vec<Device>, Failed> {
    Ok(connection
        .prepare_cached("SELECT id, name, kind, branch, secret, created_at, seen_at FROM device ORDER BY id")?
        .query_map([], device)?
        .collect::<Result<_, _>>()?)
}

/// Makes sure that there is such a user.
pub(super) fn known(transaction: &Transaction<'_>, what: &str, user: UserId) -> Result<(), Failed> {
    let known = transaction.prepare_cached("SELECT 1 FROM user WHERE id = ?1")?.exists([blob(user.0)])?;
    if known { Ok(()) } else { Err(Failed::Refused(directory::unknown_user(what, user))) }
}

pub(super) fn put_user(transaction: &Transaction<'_>, user: &User) -> Result<usize, Failed> {
    let User { id, name, grants, login, disabled, created_at } = user;
    let owner: Option<[u8; 16]> =
        transaction.prepare_cached("SELECT id FROM user WHERE login = ?1")?.query_row([login], |row| row.get(0)).optional()?;
    if owner.is_some_and(|owner| owner != blob(id.0)) {
        return Err(Failed::Refused(directory::account_taken(*id)));
    }
    let branches = match grants {
        Grants::Everywhere(_) => None,
        Grants::In(roles) => {
            Some(serde_json::to_string(roles).map_err(|_| Failed::inconsistent("roles that are no JSON cannot stand in a column"))?)
        }
    };
    Ok(transaction
        .prepare_cached(
            "INSERT INTO user (id, name, role, created_at, login, branches, disabled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2, role = ?3, login = ?5, branches = ?6, disabled = ?7",
        )?
        .execute(params![blob(id.0), name, word(user.role())?, created_at.0, login, branches, disabled])?)
}

pub(super) fn set_password(transaction: &Transaction<'_>, user: UserId, hash: Option<&PasswordHash>) -> Result<usize, Failed> {
    known(transaction, "a password of", user)?;
    Ok(transaction
        .prepare_cached("UPDATE user SET password = ?2 WHERE id = ?1")?
        .execute(params![blob(user.0), hash.map(PasswordHash::as_str)])?)
}

pub(super) fn put_login(transaction: &Transaction<'_>, login: &Login) -> Result<usize, Failed> {
    known(transaction, "a sign-in of", login.user)?;
    let Login { id, user, secret, created_at, used_at, expires_at, address, agent } = login;
    Ok(transaction
        .prepare_cached(
            "INSERT INTO login (id, user, secret, created_at, used_at, expires_at, address, agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![blob(id.0), blob(user.0), secret.0, created_at.0, used_at.0, expires_at.0, address.to_string(), agent])?)
}

pub(super) fn put_device(transaction: &Transaction<'_>, device: &Device) -> Result<usize, Failed> {
    let Device { id, name, kind, branch, secret, created_at, seen_at } = device;
    let seen_at = seen_at.map(|at| at.0);
    Ok(transaction
        .prepare_cached(
            "INSERT INTO device (id, name, kind, branch, secret, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2",
        )?
        .execute(params![blob(id.0), name, word(kind)?, branch.0, secret.0, created_at.0, seen_at])?)
}

/// An address as the program writes it.
pub(super) fn address(row: &Row<'_>, column: usize) -> rusqlite::Result<IpAddr> {
    let text = row.get_ref(column)?.as_str().map_err(|error: FromSqlError| unreadable(column, error))?;
    text.parse().map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let grants = match row.get::<_, Option<String>>(5)? {
        None => Grants::Everywhere(from_word(row, 2)?),
        Some(json) => Grants::In(serde_json::from_str::<BTreeMap<BranchId, Role>>(&json).map_err(|error| unreadable(5, error))?),
    };
    Ok(User {
        id: UserId(opaque(row, 0)?),
        name: row.get(1)?,
        grants,
        login: row.get(4)?,
        disabled: row.get(6)?,
        created_at: Millis(row.get(3)?),
    })
}

fn login(row: &Row<'_>) -> rusqlite::Result<Login> {
    Ok(Login {
        id: LoginId(opaque(row, 0)?),
        user: UserId(opaque(row, 1)?),
        secret: SecretHash(row.get(2)?),
        created_at: Millis(row.get(3)?),
        used_at: Millis(row.get(4)?),
        expires_at: Millis(row.get(5)?),
        address: address(row, 6)?,
        agent: row.get(7)?,
    })
}

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId(opaque(row, 0)?),
        name: row.get(1)?,
        kind: from_word(row, 2)?,
        branch: BranchId(row.get(3)?),
        secret: SecretHash(row.get(4)?),
        created_at: Millis(row.get(5)?),
        seen_at: time(row, 6)?,
    })
}
