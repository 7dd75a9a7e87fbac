//! Owns the comparison of a branch's derived tables with its log: what the log gives when it is replayed, what stands in the tables, and
//! the differences by name. Holds one business day at a time. Changes nothing.

mod replay;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use self::replay::Replay;
use super::StoreError;
use super::derived::{Call, Counter, DeskTime, Visit};
use crate::office::{BranchId, Entry, Event, Key, Office, Segment, TicketId};

/// Entries that are read at a time.
const CHUNK: usize = 4096;

/// Differences that are named; of a table that was lost, not every row is worth a line.
const NAMED: usize = 100;

/// What is not said of a row: it belongs to the visitor.
const PRIVATE: [&str; 3] = ["token", "name", "note"];

/// What a check found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// Entries of the log, and tickets that it issued.
    pub entries: u64,
    pub tickets: u64,
    /// The first hundred of them.
    pub differences: Vec<Difference>,
    /// All of them.
    pub found: u64,
}

/// A row that is not what the log says.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The table, as the database names it.
    pub table: &'static str,
    pub row: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// The log says that it should be there.
    Missing,
    /// The log knows nothing of it.
    Unexpected,
    /// These columns are wrong: what stands there and what should, without what is private.
    Wrong(Vec<String>),
    /// So many rows, and how many there should be.
    Count { found: u64, expected: u64 },
    /// The log contradicts itself.
    Log(&'static str),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, problem } = self;
        write!(f, "{table}: {row} ")?;
        match problem {
            Problem::Missing => f.write_str("is missing"),
            Problem::Unexpected => f.write_str("should not be there"),
            Problem::Wrong(columns) => write!(f, "is wrong: {}", columns.join(", ")),
            Problem::Count { found, expected } => write!(f, "are {found} and should be {expected}"),
            Problem::Log(what) => f.write_str(what),
        }
    }
}

impl Checked {
    /// The tables are what the log says.
    pub fn is_sound(&self) -> bool {
        self.found == 0
    }

    fn differs(&mut self, table: &'static str, row: impl Into<String>, problem: Problem) {
        self.found += 1;
        if self.differences.len() < NAMED {
            self.differences.push(Difference { table, row: row.into(), problem });
        }
    }

    /// Compares one row, or its absence, with what it should be.
    fn row<T: Serialize + PartialEq>(
        &mut self,
        table: &'static str,
        row: impl FnOnce() -> String,
        found: Option<&T>,
        expected: Option<&T>,
    ) {
        match (found, expected) {
            (None, Some(_)) => self.differs(table, row(), Problem::Missing),
            (Some(_), None) => self.differs(table, row(), Problem::Unexpected),
            (Some(found), Some(expected)) if found != expected => self.differs(table, row(), Problem::Wrong(columns(found, expected))),
            _ => {}
        }
    }

    fn rows<K: Ord, T: Serialize + PartialEq>(
        &mut self,
        table: &'static str,
        name: impl Fn(&K) -> String,
        found: &BTreeMap<K, T>,
        expected: &BTreeMap<K, T>,
    ) {
        for (key, row) in expected {
            self.row(table, || name(key), found.get(key), Some(row));
        }
        for (key, row) in found.iter().filter(|(key, _)| !expected.contains_key(key)) {
            self.row(table, || name(key), Some(row), None);
        }
    }
}

/// What a store shows of one branch, all of one moment.
pub(super) trait Rows {
    fn head(&mut self) -> Result<Head, StoreError>;
    fn entries(&mut self, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;
    fn day(&mut self, day: NaiveDate) -> Result<DayRows, StoreError>;
    fn call(&mut self, number: u64) -> Result<Option<Call>, StoreError>;
    /// The ticket that a key stands for, and the position of the entry that used it.
    fn key(&mut self, key: &Key) -> Result<Option<(TicketId, u64)>, StoreError>;
    fn totals(&mut self) -> Result<Totals, StoreError>;
}

/// What is said of a branch as a whole.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) rev: u64,
    pub(super) day: Option<NaiveDate>,
    /// The newest, and the position that it stands behind.
    pub(super) snapshot: Option<(u64, String)>,
}

/// The rows of one business day.
#[derive(Debug, Default)]
pub(super) struct DayRows {
    /// By the entry that issued them.
    pub(super) tickets: BTreeMap<u64, Visit>,
    /// By the entry that issued the ticket, and their number.
    pub(super) segments: BTreeMap<(u64, u32), Segment>,
    /// By series.
    pub(super) counters: BTreeMap<String, Counter>,
    /// By the entry that opened them.
    pub(super) desk_times: BTreeMap<u64, DeskTime>,
}

/// How many rows a branch has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) tickets: u64,
    pub(super) segments: u64,
    pub(super) calls: u64,
    pub(super) keys: u64,
    pub(super) counters: u64,
    pub(super) desk_times: u64,
    pub(super) pauses: u64,
}

/// Replays the log and compares.
pub(super) fn run(rows: &mut impl Rows, branch: BranchId) -> Result<Checked, StoreError> {
    let head = rows.head()?;
    let (mut checked, mut replay, mut totals) = (Checked::default(), Replay::new(branch), Totals::default());
    loop {
        let entries = rows.entries(replay.rev(), CHUNK)?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            if let Event::DayOpened { .. } = entry.event {
                end_day(rows, &mut replay, &mut checked, &mut totals)?;
            }
            if let Err(problem) = replay.entry(entry) {
                checked.differs("event", format!("entry {}", entry.rev), Problem::Log(problem));
            }
            marks(rows, entry, &mut checked, &mut totals)?;
            if let Some((_, json)) = head.snapshot.as_ref().filter(|(rev, _)| *rev == entry.rev) {
                snapshot(json, replay.office(), &mut checked);
            }
        }
    }
    end_day(rows, &mut replay, &mut checked, &mut totals)?;
    (checked.entries, checked.tickets) = (replay.rev(), totals.tickets);
    let end = || "its end".to_owned();
    checked.row("branch", end, Some(&(head.rev, head.day)), Some(&(replay.rev(), replay.day())));
    if let Some((rev, _)) = head.snapshot.filter(|(rev, _)| *rev == 0 || *rev > replay.rev()) {
        checked.differs("snapshot", format!("the one behind entry {rev}"), Problem::Unexpected);
    }
    compare_totals(rows.totals()?, totals, &mut checked);
    Ok(checked)
}

/// The call and the key of an entry.
fn marks(rows: &mut impl Rows, entry: &Entry, checked: &mut Checked, totals: &mut Totals) -> Result<(), StoreError> {
    if let Some((number, call)) = Call::of(entry) {
        totals.calls += 1;
        checked.row("call", || format!("call {number}"), rows.call(number)?.as_ref(), Some(&call));
    }
    if let (Some(key), Some(ticket)) = (&entry.key, entry.event.ticket()) {
        totals.keys += 1;
        checked.row("idempotency", || format!("the key of entry {}", entry.rev), rows.key(key)?.as_ref(), Some(&(ticket, entry.rev)));
    }
    Ok(())
}

/// Compares the rows of the day that the replay has come to the end of.
fn end_day(rows: &mut impl Rows, replay: &mut Replay, checked: &mut Checked, totals: &mut Totals) -> Result<(), StoreError> {
    let Some(day) = replay.day() else { return Ok(()) };
    let (expected, found) = (replay.end_day(), rows.day(day)?);
    let code = |arrival: &u64| match expected.tickets.get(arrival).or_else(|| found.tickets.get(arrival)) {
        Some(visit) => format!("{} of {day}", visit.ticket.code),
        None => format!("the ticket of entry {arrival} of {day}"),
    };
    checked.rows("ticket", code, &found.tickets, &expected.tickets);
    checked.rows("segment", |(arrival, number)| format!("{}, segment {number},", code(arrival)), &found.segments, &expected.segments);
    checked.rows("counter", |series| format!("series {series} of {day}"), &found.counters, &expected.counters);
    let opened = |rev: &u64| format!("the desk opened by entry {rev} of {day}");
    checked.rows("desk_time", opened, &found.desk_times, &expected.desk_times);
    totals.tickets += expected.tickets.len() as u64;
    totals.segments += expected.segments.len() as u64;
    totals.counters += expected.counters.len() as u64;
    totals.desk_times += expected.desk_times.len() as u64;
    totals.pauses += expected.desk_times.values().map(|time| time.pauses.len() as u64).sum::<u64>();
    Ok(())
}

fn snapshot(json: &str, office: &Office, checked: &mut Checked) {
    let row = || format!("the one behind entry {}", office.rev());
    match serde_json::from_str::<Office>(json) {
        // Where the text breaks off is enough: it holds names and tokens.
        Err(error) => {
            let problem = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
            checked.differs("snapshot", row(), Problem::Wrong(vec![problem]));
        }
        Ok(found) if found != *office => {
            let parts = [&found, office].map(|office| serde_json::to_value(office).unwrap_or_default());
            let wrong = fields(&parts[0], &parts[1]).into_iter().map(|(name, ..)| name).collect();
            checked.differs("snapshot", row(), Problem::Wrong(wrong));
        }
        Ok(_) => {}
    }
}

fn compare_totals(found: Totals, expected: Totals, checked: &mut Checked) {
    let tables = [
        ("ticket", found.tickets, expected.tickets),
        ("segment", found.segments, expected.segments),
        ("call", found.calls, expected.calls),
        ("idempotency", found.keys, expected.keys),
        ("counter", found.counters, expected.counters),
        ("desk_time", found.desk_times, expected.desk_times),
        ("pause", found.pauses, expected.pauses),
    ];
    for (table, found, expected) in tables.into_iter().filter(|(_, found, expected)| found != expected) {
        checked.differs(table, "all rows", Problem::Count { found, expected });
    }
}

/// `state is "called" and should be "waiting"`, for each column that differs.
fn columns<T: Serialize>(found: &T, expected: &T) -> Vec<String> {
    let [found, expected] = [found, expected].map(|row| serde_json::to_value(row).unwrap_or_default());
    let said = |(name, found, expected): (String, &Value, &Value)| match PRIVATE.contains(&name.as_str()) {
        true => name,
        false => format!("{name} is {found} and should be {expected}"),
    };
    fields(&found, &expected).into_iter().map(said).collect()
}

/// The fields of two objects that differ; of anything else the whole.
fn fields<'v>(found: &'v Value, expected: &'v Value) -> Vec<(String, &'v Value, &'v Value)> {
    let (Value::Object(left), Value::Object(right)) = (found, expected) else {
        return vec![("it".into(), found, expected)];
    };
    let names: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let pair = |name: &&String| (left.get(*name).unwrap_or(&Value::Null), right.get(*name).unwrap_or(&Value::Null));
    names.iter().map(|name| ((*name).clone(), pair(name).0, pair(name).1)).filter(|(_, one, other)| one != other).collect()
}
