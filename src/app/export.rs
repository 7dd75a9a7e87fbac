//! Owns `siguiente export`: walks tickets, segments, calls, the log or the audit log and writes each row as it comes, so that a year needs no more
//! memory than a day. Never writes a token, a session or an idempotency key.

mod rows;
mod sheet;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::AppError;
use super::archive::{Archive, Branch, quietly};
use crate::config::{self, Config, Table};
use crate::office::{BranchId, Calendar, Entry, Event, TicketId};
use crate::store::{AuditFilter, Reader, Reports};
use rows::Words;
use sheet::Sheet;

/// Entries of the log, and lines of the audit log, that are read at a time.
const CHUNK: usize = 4_096;

/// Writes what is asked for to a file or to standard output.
pub fn export(config: &Config, asked: &config::Export) -> Result<(), AppError> {
    let mut archive = Archive::open(config)?;
    let branches = archive.ids(asked.branch)?;
    if asked.file == Path::new("-") {
        // A reader that has enough ends the export, and is no failure.
        return match run(&mut archive, &branches, asked, io::stdout().lock()) {
            Err(AppError::Output(error)) => quietly(Err(error)),
            other => other,
        };
    }
    let mut part = asked.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    // Under its name it is whole.
    let written = File::create(&part).map_err(AppError::Output).and_then(|file| run(&mut archive, &branches, asked, file));
    match written {
        Ok(()) => fs::rename(&part, &asked.file).map_err(AppError::Output),
        Err(error) => {
            // It says nothing of what it lacks.
            let _ = fs::remove_file(&part);
            Err(error)
        }
    }
}

fn run(archive: &mut Archive, branches: &[BranchId], asked: &config::Export, out: impl Write) -> Result<(), AppError> {
    let columns = rows::columns(asked.what, asked.names);
    let mut sheet = Sheet::new(asked.format, columns, BufWriter::with_capacity(64 << 10, out)).map_err(AppError::Output)?;
    let span = Span { from: asked.from.unwrap_or(FIRST), to: asked.to.unwrap_or(LAST) };
    let mut calendars = BTreeMap::new();
    for id in branches {
        let branch = match archive.branch(*id) {
            // Nothing has happened there yet.
            Err(AppError::NotConfigured { .. }) if asked.branch.is_none() => continue,
            other => other?,
        };
        let words = Words::new(&branch, asked.names);
        match asked.what {
            Table::Tickets | Table::Segments => days(&mut archive.reader, &branch, span, asked.what, &words, &mut sheet)?,
            Table::Calls | Table::Events => log(&mut archive.reader, &branch, span, asked.what, &words, &mut sheet)?,
            Table::Audit => drop(calendars.insert(*id, branch.settings.calendar())),
        }
    }
    if asked.what == Table::Audit {
        audit(&mut archive.reader, asked, &calendars, &mut sheet)?;
    }
    sheet.end().map_err(AppError::Output)
}

/// Business days, both included.
#[derive(Clone, Copy)]
struct Span {
    from: NaiveDate,
    to: NaiveDate,
}

/// The days that a database sorts as text does.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
const LAST: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day");

/// Tickets or segments. Each day is of one moment: nothing is kept open while whoever reads the output takes their time.
fn days(
    reader: &mut Reader,
    branch: &Branch,
    span: Span,
    what: Table,
    words: &Words<'_>,
    sheet: &mut Sheet<impl Write>,
) -> Result<(), AppError> {
    let mut from = Some(span.from);
    while let Some(day) = from.filter(|from| *from <= span.to).map(|from| first_day(reader, branch.id, from, span.to)).transpose()? {
        let Some(day) = day else { break };
        let (today, mut found) = (day..=day, Vec::new());
        if what == Table::Tickets {
            reader.tickets(branch.id, &today, &mut |visit| {
                found.push(rows::ticket(words, &visit));
                ControlFlow::Continue(())
            })?;
        } else {
            reader.segments(branch.id, &today, &mut |stay| {
                found.push(rows::segment(words, &stay));
                ControlFlow::Continue(())
            })?;
        }
        for row in found {
            sheet.row(&row).map_err(AppError::Output)?;
        }
        from = day.succ_opt();
    }
    Ok(())
}

/// The first of these days on which a number was given.
fn first_day(reader: &mut Reader, branch: BranchId, from: NaiveDate, to: NaiveDate) -> Result<Option<NaiveDate>, AppError> {
    let mut first = None;
    reader.tickets(branch, &(from..=to), &mut |visit| {
        first = Some(visit.day);
        ControlFlow::Break(())
    })?;
    Ok(first)
}

/// Calls or events. What comes before the first business day (the branch's first settings) belongs to no day, and is there when no first day
/// was asked for.
fn log(
    reader: &mut Reader,
    branch: &Branch,
    span: Span,
    what: Table,
    words: &Words<'_>,
    sheet: &mut Sheet<impl Write>,
) -> Result<(), AppError> {
    let (mut day, mut after) = (None, 0);
    // What stands on the papers of the day.
    let mut codes: HashMap<TicketId, String> = HashMap::new();
    loop {
        let entries = reader.entries(branch.id, after, CHUNK)?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.rev;
        for entry in entries {
            match &entry.event {
                Event::DayOpened { date } => {
                    day = Some(*date);
                    codes.clear();
                }
                Event::TicketIssued { ticket, code, .. } => drop(codes.insert(*ticket, code.clone())),
                _ => {}
            }
            if day.is_some_and(|day| day > span.to) {
                return Ok(());
            }
            if day.map_or(span.from == FIRST, |day| day >= span.from)
                && let Some(row) = row(words, what, day, &entry, &codes)
            {
                sheet.row(&row).map_err(AppError::Output)?;
            }
        }
    }
}

/// Who did what, from the newest line back. Days are those of the branch, or of the first one; what is of no branch has the time of UTC.
fn audit(
    reader: &mut Reader,
    asked: &config::Export,
    calendars: &BTreeMap<BranchId, Calendar>,
    sheet: &mut Sheet<impl Write>,
) -> Result<(), AppError> {
    let days = calendars.values().next().copied().unwrap_or(Calendar { zone: Tz::UTC, cut_over: 0 });
    let filter = AuditFilter {
        branch: asked.branch,
        from: asked.from.map(|day| days.start(day)),
        before: asked.to.and_then(|day| day.succ_opt()).map(|day| days.start(day)),
        ..AuditFilter::default()
    };
    let mut after = None;
    loop {
        let lines = reader.audit(&filter, after, CHUNK)?;
        let Some(last) = lines.last() else { return Ok(()) };
        after = Some(last.id);
        for audited in &lines {
            let zone = audited.line.branch.and_then(|branch| calendars.get(&branch)).map_or(Tz::UTC, |days| days.zone);
            sheet.row(&rows::audited(audited, zone)).map_err(AppError::Output)?;
        }
    }
}

fn row(
    words: &Words<'_>,
    what: Table,
    day: Option<NaiveDate>,
    entry: &Entry,
    codes: &HashMap<TicketId, String>,
) -> Option<Vec<serde_json::Value>> {
    let code = entry.event.ticket().and_then(|ticket| codes.get(&ticket)).map(String::as_str);
    if what == Table::Calls { rows::call(words, day, entry, code) } else { rows::event(words, day, entry) }
}
