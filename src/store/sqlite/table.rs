//! Owns what a check reads of one branch: the log's end, its entries, and the rows of a day.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::fault::Failed;
use super::{desk_rows, read, rows, ticket_rows};
use crate::office::{BranchId, DeskId, Entry, Key, Millis, TicketId};
use crate::store::check::{self, DayRows, Head, Totals};
use crate::store::derived::{Call, Counter, Stay};
use crate::store::{StoreError, day_of};

/// One branch's tables, for a check.
pub(super) struct Table<'t> {
    transaction: &'t Transaction<'t>,
    branch: BranchId,
    file: &'t Path,
}

impl<'t> Table<'t> {
    pub(super) fn of(transaction: &'t Transaction<'t>, branch: BranchId, file: &'t Path) -> Self {
        Self { transaction, branch, file }
    }

    fn told<T>(&self, result: Result<T, Failed>) -> Result<T, StoreError> {
        result.map_err(|failed| failed.into_store_error(self.file))
    }

    fn find<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.told(
            self.transaction.prepare_cached(sql).and_then(|mut found| found.query_row(params, read).optional()).map_err(Failed::Sqlite),
        )
    }

    fn all<K: Ord, T>(
        &self,
        sql: &str,
        day: NaiveDate,
        read: fn(&Row<'_>) -> rusqlite::Result<(K, T)>,
    ) -> Result<BTreeMap<K, T>, StoreError> {
        let found = self
            .transaction
            .prepare_cached(sql)
            .and_then(|mut found| found.query_map(params![self.branch.0, day_of(day)], read)?.collect::<Result<_, _>>());
        self.told(found.map_err(Failed::Sqlite))
    }
}

impl check::Rows for Table<'_> {
    fn head(&mut self) -> Result<Head, StoreError> {
        let end = self.find("SELECT rev, day FROM branch WHERE id = ?1", [self.branch.0], |row| {
            Ok((rows::unsigned(row, 0)?, rows::optional_word(row, 1)?))
        })?;
        let (rev, day) = end.unwrap_or_default();
        let snapshot = self
            .find("SELECT rev, json FROM snapshot WHERE branch = ?1", [self.branch.0], |row| Ok((rows::unsigned(row, 0)?, row.get(1)?)))?;
        Ok(Head { rev, day, snapshot })
    }

    fn entries(&mut self, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.told(read::entries(self.transaction, self.branch, after, limit))
    }

    fn day(&mut self, day: NaiveDate) -> Result<DayRows, StoreError> {
        let tickets = format!("SELECT {} FROM ticket WHERE branch = ?1 AND day = ?2", *ticket_rows::VISIT);
        let segments = format!("SELECT {} FROM segment WHERE branch = ?1 AND day = ?2", ticket_rows::STAY);
        let counters = "SELECT series, serial, last FROM counter WHERE branch = ?1 AND day = ?2";
        let desk_times = self.told(desk_rows::read(self.transaction, self.branch, &(day..=day)))?;
        Ok(DayRows {
            tickets: self.all(&tickets, day, |row| ticket_rows::visit(row).map(|visit| (visit.issued_rev, visit)))?,
            segments: self.all(&segments, day, |row| {
                ticket_rows::stay(row).map(|Stay { arrival, segment, .. }| ((arrival, segment.segment), segment))
            })?,
            counters: self.all(counters, day, |row| Ok((row.get(0)?, Counter { serial: row.get(1)?, last: row.get(2)? })))?,
            desk_times: desk_times.into_iter().map(|time| (time.rev, time)).collect(),
        })
    }

    fn call(&mut self, number: u64) -> Result<Option<Call>, StoreError> {
        let number = self.told(rows::signed(number))?;
        self.find(
            "SELECT rev, ticket, desk, at, calls FROM call WHERE branch = ?1 AND seq = ?2",
            [i64::from(self.branch.0), number],
            |row| {
                Ok(Call {
                    rev: rows::unsigned(row, 0)?,
                    ticket: TicketId(rows::opaque(row, 1)?),
                    desk: DeskId(row.get(2)?),
                    at: Millis(row.get(3)?),
                    calls: row.get(4)?,
                })
            },
        )
    }

    fn key(&mut self, key: &Key) -> Result<Option<(TicketId, u64)>, StoreError> {
        self.find("SELECT ticket, rev FROM idempotency WHERE branch = ?1 AND key = ?2", params![self.branch.0, key.as_str()], |row| {
            Ok((TicketId(rows::opaque(row, 0)?), rows::unsigned(row, 1)?))
        })
    }

    fn totals(&mut self) -> Result<Totals, StoreError> {
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table} WHERE branch = ?1");
            self.find(&sql, [self.branch.0], |row| rows::unsigned(row, 0)).map(Option::unwrap_or_default)
        };
        Ok(Totals {
            tickets: count("ticket")?,
            segments: count("segment")?,
            calls: count("call")?,
            keys: count("idempotency")?,
            counters: count("counter")?,
            desk_times: count("desk_time")?,
            pauses: count("pause")?,
        })
    }
}
