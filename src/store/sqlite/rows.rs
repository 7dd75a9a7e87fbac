//! Owns how values stand in columns: numbers, ids, times, words.

use rusqlite::types::{FromSqlError, Type, Value};
use rusqlite::{Error, Row};
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::fault::Failed;
use crate::office::{DeskId, Millis, UserId};

/// A position or sequence number as SQLite keeps it: 63 bits.
pub(super) fn signed(number: u64) -> Result<i64, Failed> {
    i64::try_from(number).map_err(|_| Failed::inconsistent(format_args!("{number} is beyond the largest number that is stored")))
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| Error::IntegralValueOutOfRange(column, number))
}

/// A 128-bit id; its bytes sort as its text does.
pub(super) fn opaque(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    row.get(column).map(u128::from_be_bytes)
}

pub(super) fn blob(id: u128) -> [u8; 16] {
    id.to_be_bytes()
}

pub(super) fn user(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<UserId>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|bytes| UserId(u128::from_be_bytes(bytes))))
}

pub(super) fn desk(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DeskId>> {
    Ok(row.get::<_, Option<u32>>(column)?.map(DeskId))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Millis))
}

/// The word that the log has for a state, channel or language too.
pub(super) fn word(value: impl Serialize) -> Result<String, Failed> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Failed::inconsistent("a value that is no plain word cannot stand in a column")),
    }
}

pub(super) fn from_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|error: FromSqlError| conversion(column, error))?;
    let words: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(words).map_err(|error| conversion(column, error))
}

pub(super) fn optional_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null { Ok(None) } else { from_word(row, column).map(Some) }
}

/// A value to be bound: what Rust has, as SQLite keeps it.
pub(super) fn value(of: impl Into<Value>) -> Value {
    of.into()
}

pub(super) fn millis(at: Option<Millis>) -> Value {
    at.map(|at| at.0).into()
}

pub(super) fn person(id: Option<UserId>) -> Value {
    id.map(|id| blob(id.0).to_vec()).into()
}

pub(super) fn place(id: Option<DeskId>) -> Value {
    id.map(|id| id.0).into()
}

/// `a, b` as the condition or the change `a = ?3, b = ?4`.
pub(super) fn numbered(columns: &str, first: usize, between: &str) -> String {
    let all: Vec<_> = columns.split(", ").zip(first..).map(|(column, place)| format!("{column} = ?{place}")).collect();
    all.join(between)
}

/// As many placeholders as there are columns.
pub(super) fn placeholders(columns: &str) -> String {
    let all: Vec<_> = (1..=columns.split(", ").count()).map(|place| format!("?{place}")).collect();
    all.join(", ")
}

fn conversion(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
