//! Owns the one transaction that makes a batch durable: the entries and everything that is derived from them. How an event changes a
//! ticket is `office`'s rule, not repeated here.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::fault::{Failed, is_duplicate};
use super::rows::{self, blob, signed, word};
use crate::office::{BranchId, Entry, Event, Key, Ticket, TicketId};
use crate::store::inconsistent::series;
use crate::store::{Batch, CommitError};

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

/// Where a branch's log ends.
struct Head {
    rev: u64,
    day: Option<String>,
}

impl Head {
    fn read(transaction: &Transaction<'_>, branch: BranchId) -> Result<Self, Failed> {
        transaction
            .prepare_cached("SELECT rev, day FROM branch WHERE id = ?1")?
            .query_row([branch.0], |row| Ok(Self { rev: rows::unsigned(row, 0)?, day: row.get(1)? }))
            .optional()?
            .ok_or_else(|| Failed::Refused(CommitError::unknown_branch(branch)))
    }
}

/// A ticket that the batch issues or changes; written once, at the end of the batch.
struct Touched {
    ticket: Ticket,
    /// The day on which it was issued, when this batch issues it.
    issued_on: Option<String>,
    reliable: bool,
    /// Of the first and of the last entry of this batch that is about it.
    first_rev: i64,
    last_rev: i64,
}

struct Writer<'c> {
    connection: &'c Connection,
    branch: BranchId,
    day: Option<String>,
    touched: Vec<Touched>,
    places: HashMap<TicketId, usize>,
    /// Day, series and the last number of the counters that the batch advances.
    counters: Vec<(String, String, u32)>,
    insert_event: CachedStatement<'c>,
    insert_key: CachedStatement<'c>,
    insert_call: CachedStatement<'c>,
}

impl<'c> Writer<'c> {
    fn new(connection: &'c Connection, branch: BranchId, day: Option<String>) -> Result<Self, Failed> {
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
        match &entry.event {
            Event::DayOpened { date } => self.day = Some(date.to_string()),
            Event::TicketIssued { number, code, .. } => self.issue(entry, rev, *number, code)?,
            Event::TicketCalled { ticket, desk, call, calls } | Event::TicketRecalled { ticket, desk, call, calls } => {
                self.change(entry, rev, *ticket)?;
                self.insert_call
                    .execute(params![self.branch.0, signed(*call)?, rev, blob(ticket.0), desk.0, entry.at.0, calls])
                    .map_err(|error| if is_duplicate(&error) { Failed::Refused(CommitError::called_twice(*call)) } else { error.into() })?;
            }
            other => {
                if let Some(ticket) = other.ticket() {
                    self.change(entry, rev, ticket)?;
                }
            }
        }
        Ok(())
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

    fn issue(&mut self, entry: &Entry, rev: i64, number: u32, code: &str) -> Result<(), Failed> {
        let Some(day) = self.day.clone() else {
            return Err(Failed::Refused(CommitError::no_day(code)));
        };
        self.count(&day, series(code), number)?;
        let Some(ticket) = Ticket::issued(&entry.event, entry.at) else { return Ok(()) };
        if self.places.insert(ticket.id, self.touched.len()).is_some() {
            return Err(Failed::Refused(CommitError::issued_twice(code)));
        }
        self.touched.push(Touched { ticket, issued_on: Some(day), reliable: true, first_rev: rev, last_rev: rev });
        Ok(())
    }

    /// The counter goes on by exactly one, and the number issued is what it then shows.
    fn count(&mut self, day: &str, series: &str, number: u32) -> Result<(), Failed> {
        let known = self.counters.iter().position(|(d, s, _)| d == day && s == series);
        let place = match known {
            Some(place) => place,
            None => {
                let last: Option<u32> = self
                    .connection
                    .prepare_cached("SELECT last FROM counter WHERE branch = ?1 AND day = ?2 AND series = ?3")?
                    .query_row(params![self.branch.0, day, series], |row| row.get(0))
                    .optional()?;
                self.counters.push((day.to_owned(), series.to_owned(), last.unwrap_or(0)));
                self.counters.len() - 1
            }
        };
        let last = &mut self.counters[place].2;
        if last.checked_add(1) != Some(number) {
            return Err(Failed::Refused(CommitError::out_of_step(series, day, *last, number)));
        }
        *last = number;
        Ok(())
    }

    fn change(&mut self, entry: &Entry, rev: i64, id: TicketId) -> Result<(), Failed> {
        let place = match self.places.get(&id) {
            Some(&place) => place,
            None => {
                let (ticket, reliable) = self
                    .connection
                    .prepare_cached(&format!("SELECT {}, reliable FROM ticket WHERE id = ?1 AND branch = ?2", rows::TICKET))?
                    .query_row(params![blob(id.0), self.branch.0], |row| Ok((rows::ticket(row)?, row.get(rows::TICKET_COLUMNS)?)))
                    .optional()?
                    .ok_or_else(|| Failed::Refused(CommitError::unknown_ticket(entry.rev, id)))?;
                self.places.insert(id, self.touched.len());
                self.touched.push(Touched { ticket, issued_on: None, reliable, first_rev: rev, last_rev: rev });
                self.touched.len() - 1
            }
        };
        let touched = &mut self.touched[place];
        touched.ticket.apply(&entry.event, entry.at);
        touched.last_rev = rev;
        if let Event::TicketFinished { reliable, .. } = entry.event {
            touched.reliable = reliable;
        }
        Ok(())
    }

    /// Writes what was gathered over the batch: tickets, counters, the end of the log.
    fn finish(self, end: u64) -> Result<(), Failed> {
        let connection = self.connection;
        for touched in &self.touched {
            match &touched.issued_on {
                Some(day) => insert_ticket(connection, self.branch, day, touched)?,
                None => update_ticket(connection, touched)?,
            }
        }
        let mut advance = connection.prepare_cached(
            "INSERT INTO counter (branch, day, series, last) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (branch, day, series) DO UPDATE SET last = ?4",
        )?;
        for (day, series, last) in &self.counters {
            advance.execute(params![self.branch.0, day, series, last])?;
        }
        connection.prepare_cached("UPDATE branch SET rev = ?2, day = ?3 WHERE id = ?1")?.execute(params![
            self.branch.0,
            signed(end)?,
            self.day
        ])?;
        Ok(())
    }
}

fn insert_ticket(connection: &Connection, branch: BranchId, day: &str, touched: &Touched) -> Result<(), Failed> {
    let ticket = &touched.ticket;
    let mut statement = connection.prepare_cached(
        "INSERT INTO ticket (id, token, number, code, service, rank, channel, lang, name, state, desk, calls, issued_at, first_called_at,
             last_called_at, started_at, ended_at, branch, day, reliable, issued_rev, rev)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
    )?;
    statement
        .execute(params![
            blob(ticket.id.0),
            blob(ticket.token.0),
            ticket.number,
            ticket.code,
            ticket.service.0,
            ticket.rank.0,
            word(ticket.channel)?,
            word(ticket.lang)?,
            ticket.name,
            word(ticket.state)?,
            ticket.desk.map(|desk| desk.0),
            ticket.calls,
            ticket.issued_at.0,
            ticket.first_called_at.map(|at| at.0),
            ticket.last_called_at.map(|at| at.0),
            ticket.started_at.map(|at| at.0),
            ticket.ended_at.map(|at| at.0),
            branch.0,
            day,
            touched.reliable,
            touched.first_rev,
            touched.last_rev,
        ])
        .map_err(|error| if is_duplicate(&error) { Failed::Refused(CommitError::issued_twice(&ticket.code)) } else { error.into() })?;
    Ok(())
}

/// Everything that an event may change: not the id, the number and what belongs to them.
fn update_ticket(connection: &Connection, touched: &Touched) -> Result<(), Failed> {
    let ticket = &touched.ticket;
    let mut statement = connection.prepare_cached(
        "UPDATE ticket SET service = ?2, rank = ?3, lang = ?4, name = ?5, state = ?6, desk = ?7, calls = ?8, first_called_at = ?9,
             last_called_at = ?10, started_at = ?11, ended_at = ?12, reliable = ?13, rev = ?14
         WHERE id = ?1",
    )?;
    statement.execute(params![
        blob(ticket.id.0),
        ticket.service.0,
        ticket.rank.0,
        word(ticket.lang)?,
        ticket.name,
        word(ticket.state)?,
        ticket.desk.map(|desk| desk.0),
        ticket.calls,
        ticket.first_called_at.map(|at| at.0),
        ticket.last_called_at.map(|at| at.0),
        ticket.started_at.map(|at| at.0),
        ticket.ended_at.map(|at| at.0),
        touched.reliable,
        touched.last_rev,
    ])?;
    Ok(())
}
