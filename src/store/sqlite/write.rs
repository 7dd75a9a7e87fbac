//! Owns the one transaction that makes a batch durable: the entries and everything that is derived from them. How an event changes a
//! ticket is `office`'s rule, not repeated here.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::fault::{Failed, is_duplicate};
use super::rows::{self, blob, signed};
use super::{desk_rows, ticket_rows};
use crate::office::{BranchId, Entry, Event, Key, Ticket, TicketId};
use crate::store::derived::{Call, Counter, Segments, Visit};
use crate::store::inconsistent::series;
use crate::store::{Batch, CommitError, day_of};

/// Writes the batch, all of it or nothing.
pub(super) fn write(connection: &mut Connection, batch: &Batch) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let head = Head::read(&transaction, batch.branch)?;
    let end = batch.end_after(head.rev).map_err(Failed::Refused)?;
    let mut writer = Writer::new(&transaction, batch.branch, head.day)?;
    for (index, entry) in batch.entries.iter().enumerate() {
        writer.entry(index, entry)?;
    }
    writer.finish(end)?;
    if let Some(json) = &batch.snapshot {
        transaction
            .prepare_cached(
                "INSERT INTO snapshot (branch, rev, json) VALUES (?1, ?2, ?3) ON CONFLICT (branch) DO UPDATE SET rev = ?2, json = ?3",
            )?
            .execute(params![batch.branch.0, signed(end)?, json])?;
    }
    // On every earlier return the transaction is dropped, which rolls it back; a refused COMMIT does so too.
    transaction.commit()?;
    Ok(())
}

/// Derives again from entries that are in the log already, of a branch whose tables have nothing of them yet. `day` is the one that they find, then
/// the one that they leave.
pub(super) fn derive(
    connection: &Connection,
    branch: BranchId,
    entries: &[Entry],
    day: &mut Option<NaiveDate>,
    end: u64,
) -> Result<(), Failed> {
    let mut writer = Writer::new(connection, branch, *day)?;
    for (index, entry) in entries.iter().enumerate() {
        let rev = signed(entry.rev)?;
        if let Some(key) = &entry.key {
            writer.key(index, key, entry, rev)?;
        }
        writer.derive(entry, rev)?;
    }
    *day = writer.day;
    writer.finish(end)
}

/// Where a branch's log ends.
struct Head {
    rev: u64,
    day: Option<NaiveDate>,
}

impl Head {
    fn read(transaction: &Transaction<'_>, branch: BranchId) -> Result<Self, Failed> {
        transaction
            .prepare_cached("SELECT rev, day FROM branch WHERE id = ?1")?
            .query_row([branch.0], |row| Ok(Self { rev: rows::unsigned(row, 0)?, day: rows::optional_word(row, 1)? }))
            .optional()?
            .ok_or_else(|| Failed::Refused(CommitError::unknown_branch(branch)))
    }
}

/// A ticket that the batch issues or changes; written once, at the end of the batch.
struct Touched {
    visit: Visit,
    issued: bool,
    segments: Segments,
}

struct Writer<'c> {
    connection: &'c Connection,
    branch: BranchId,
    day: Option<NaiveDate>,
    touched: Vec<Touched>,
    places: HashMap<TicketId, usize>,
    /// Those that the batch advances, by day and series.
    counters: Vec<(NaiveDate, String, Counter)>,
    insert_event: CachedStatement<'c>,
    insert_key: CachedStatement<'c>,
    insert_call: CachedStatement<'c>,
}

impl<'c> Writer<'c> {
    fn new(connection: &'c Connection, branch: BranchId, day: Option<NaiveDate>) -> Result<Self, Failed> {
        Ok(Self {
            connection,
            branch,
            day,
            touched: Vec::new(),
            places: HashMap::new(),
            counters: Vec::new(),
            insert_event: connection.prepare_cached("INSERT INTO event (branch, rev, at, key, json) VALUES (?1, ?2, ?3, ?4, ?5)")?,
            insert_key: connection.prepare_cached("INSERT INTO idempotency (branch, key, ticket, rev) VALUES (?1, ?2, ?3, ?4)")?,
            insert_call: connection
                .prepare_cached("INSERT INTO call (branch, seq, rev, ticket, desk, at, calls) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?,
        })
    }

    fn entry(&mut self, index: usize, entry: &Entry) -> Result<(), Failed> {
        let rev = signed(entry.rev)?;
        if let Some(key) = &entry.key {
            self.key(index, key, entry, rev)?;
        }
        let json = serde_json::to_string(&entry.event)
            .map_err(|error| Failed::inconsistent(format_args!("entry {rev} cannot be written: {error}")))?;
        self.insert_event.execute(params![self.branch.0, rev, entry.at.0, entry.key.as_ref().map(Key::as_str), json])?;
        self.derive(entry, rev)
    }

    /// What follows from an entry of the log.
    fn derive(&mut self, entry: &Entry, rev: i64) -> Result<(), Failed> {
        match &entry.event {
            Event::DayOpened { date } => self.day = Some(*date),
            Event::TicketIssued { .. } => self.issue(entry)?,
            Event::DeskOpened { desk, .. } | Event::DeskPaused { desk, .. } | Event::DeskClosed { desk, .. } => {
                desk_rows::change(self.connection, self.branch, entry, *desk, self.today(entry)?)?;
            }
            other => {
                if let Some(ticket) = other.ticket() {
                    self.change(entry, ticket)?;
                }
            }
        }
        if let Some((seq, Call { ticket, desk, at, calls, .. })) = Call::of(entry) {
            self.insert_call
                .execute(params![self.branch.0, signed(seq)?, rev, blob(ticket.0), desk.0, at.0, calls])
                .map_err(|error| if is_duplicate(&error) { Failed::Refused(CommitError::called_twice(seq)) } else { error.into() })?;
        }
        Ok(())
    }

    fn today(&self, entry: &Entry) -> Result<NaiveDate, Failed> {
        self.day.ok_or_else(|| Failed::Refused(CommitError::no_day(entry.rev)))
    }

    /// The unique index says whether the key was used, so that a new key costs no look-up.
    fn key(&mut self, index: usize, key: &Key, entry: &Entry, rev: i64) -> Result<(), Failed> {
        let Some(ticket) = entry.event.ticket() else {
            return Err(Failed::Refused(CommitError::key_without_ticket(entry.rev)));
        };
        match self.insert_key.execute(params![self.branch.0, key.as_str(), blob(ticket.0), rev]) {
            Ok(_) => Ok(()),
            Err(error) if is_duplicate(&error) => {
                let ticket = self
                    .connection
                    .prepare_cached("SELECT ticket FROM idempotency WHERE branch = ?1 AND key = ?2")?
                    .query_row(params![self.branch.0, key.as_str()], |row| rows::opaque(row, 0))?;
                Err(Failed::Refused(CommitError::KeyUsed { entry: index, ticket: TicketId(ticket) }))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn issue(&mut self, entry: &Entry) -> Result<(), Failed> {
        let day = self.today(entry)?;
        let Some(ticket) = Ticket::issued(&entry.event, entry.at) else { return Ok(()) };
        self.count(day, &ticket)?;
        if self.places.insert(ticket.id, self.touched.len()).is_some() {
            return Err(Failed::Refused(CommitError::issued_twice(&ticket.code)));
        }
        let mut segments = Segments::default();
        segments.put(ticket.present());
        let visit = Visit { day, ticket, issued_rev: entry.rev, rev: entry.rev };
        self.touched.push(Touched { visit, issued: true, segments });
        Ok(())
    }

    fn count(&mut self, day: NaiveDate, ticket: &Ticket) -> Result<(), Failed> {
        let series = series(&ticket.code);
        let known = self.counters.iter().position(|(d, s, _)| *d == day && s == series);
        let place = match known {
            Some(place) => place,
            None => {
                let counter = self
                    .connection
                    .prepare_cached("SELECT serial, last FROM counter WHERE branch = ?1 AND day = ?2 AND series = ?3")?
                    .query_row(params![self.branch.0, day_of(day), series], |row| Ok(Counter { serial: row.get(0)?, last: row.get(1)? }))
                    .optional()?;
                self.counters.push((day, series.to_owned(), counter.unwrap_or_default()));
                self.counters.len() - 1
            }
        };
        self.counters[place].2.advance(ticket, day).map_err(Failed::Refused)
    }

    fn change(&mut self, entry: &Entry, id: TicketId) -> Result<(), Failed> {
        let place = match self.places.get(&id) {
            Some(&place) => place,
            None => {
                let visit = self
                    .connection
                    .prepare_cached(&format!("SELECT {} FROM ticket WHERE id = ?1 AND branch = ?2", *ticket_rows::VISIT))?
                    .query_row(params![blob(id.0), self.branch.0], ticket_rows::visit)
                    .optional()?
                    .ok_or_else(|| Failed::Refused(CommitError::unknown_ticket(entry.rev, id)))?;
                self.places.insert(id, self.touched.len());
                self.touched.push(Touched { visit, issued: false, segments: Segments::default() });
                self.touched.len() - 1
            }
        };
        let Touched { visit, segments, .. } = &mut self.touched[place];
        segments.apply(&mut visit.ticket, entry);
        visit.rev = entry.rev;
        Ok(())
    }

    /// Writes what was gathered over the batch: tickets, counters, the end of the log.
    fn finish(self, end: u64) -> Result<(), Failed> {
        let connection = self.connection;
        for Touched { visit, issued, segments } in &self.touched {
            match issued {
                true => ticket_rows::insert_ticket(connection, self.branch, visit)?,
                false => ticket_rows::update_ticket(connection, visit)?,
            }
            ticket_rows::put_segments(connection, self.branch, visit, segments)?;
        }
        let mut advance = connection.prepare_cached(
            "INSERT INTO counter (branch, day, series, serial, last) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (branch, day, series) DO UPDATE SET serial = ?4, last = ?5",
        )?;
        for (day, series, Counter { serial, last }) in &self.counters {
            advance.execute(params![self.branch.0, day_of(*day), series, serial, last])?;
        }
        connection.prepare_cached("UPDATE branch SET rev = ?2, day = ?3 WHERE id = ?1")?.execute(params![
            self.branch.0,
            signed(end)?,
            self.day.map(day_of)
        ])?;
        Ok(())
    }
}
