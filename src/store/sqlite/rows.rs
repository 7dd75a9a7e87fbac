//! Owns how values stand in columns: numbers, ids, words, and the row of a ticket.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Error, Row};
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::fault::Failed;
use crate::office::{DeskId, Millis, Rank, ServiceId, Ticket, TicketId, Token};

/// The columns that [`ticket`] reads, in its order.
pub(super) const TICKET: &str = "id, token, number, code, service, rank, channel, lang, name, state, desk, calls, issued_at, \
     first_called_at, last_called_at, started_at, ended_at";

/// How many columns [`TICKET`] has.
pub(super) const TICKET_COLUMNS: usize = 17;

/// A ticket out of a row that begins with [`TICKET`].
pub(super) fn ticket(row: &Row<'_>) -> rusqlite::Result<Ticket> {
    Ok(Ticket {
        id: TicketId(opaque(row, 0)?),
        token: Token(opaque(row, 1)?),
        number: row.get(2)?,
        code: row.get(3)?,
        service: ServiceId(row.get(4)?),
        rank: Rank(row.get(5)?),
        channel: from_word(row, 6)?,
        lang: from_word(row, 7)?,
        name: row.get(8)?,
        state: from_word(row, 9)?,
        desk: row.get::<_, Option<u32>>(10)?.map(DeskId),
        calls: row.get(11)?,
        issued_at: Millis(row.get(12)?),
        first_called_at: time(row, 13)?,
        last_called_at: time(row, 14)?,
        started_at: time(row, 15)?,
        ended_at: time(row, 16)?,
    })
}

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

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Millis))
}

fn conversion(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
