//! Owns a large branch at work: its days, command by command, and a year of them in a database.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::io::{Error, Result};
use std::path::Path;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Weekday};
use siguiente::app::demo_office;
use siguiente::clock::{self, Clock};
use siguiente::office::{
    BranchId, Channel, Command, Desk, DeskId, Entry, Key, Lang, Millis, Name, Office, Rank, Refused, Request, ServiceId, Settings,
    TicketId, Token,
};
use siguiente::store::{Batch, SqliteStore, Store};

use super::dice::Dice;
use super::support::report::figure;

pub const BRANCH: BranchId = BranchId(1);

const DESKS: u32 = 14;
const MINUTE: i64 = 60_000;
const OPENS: i64 = 8 * 60 * MINUTE;
/// Numbers are given in so many minutes.
const OPEN_FOR: f64 = 600.0;
/// Entries that the program writes at most before it keeps a snapshot.
const SNAPSHOT_EVERY: u64 = 20_000;
/// Entries of a commit, for the year: what the program writes in many commits is the same in the tables.
const COMMIT: usize = 2_000;

/// Three services, fourteen desks, one priority class.
pub fn settings() -> Settings {
    let name = |id: u32| Name { es: format!("Escritorio {id}"), en: format!("Desk {id}") };
    let desks = (1..=DESKS).map(|id| Desk { id: DeskId(id), name: name(id), services: Vec::new() }).collect();
    Settings { name: "Large".into(), desks, padding: 4, recall_after: 0, auto_finish: false, ..demo_office() }
}

/// One day: which command comes when. It must be told what became of each before it gives the next one.
pub struct Day {
    agenda: BinaryHeap<Reverse<(Millis, Step)>>,
    dice: Dice,
    /// With nobody to call, the one that is longest without first.
    free: Vec<DeskId>,
    paused: Vec<DeskId>,
    /// With somebody.
    busy: Vec<DeskId>,
    /// Who has yet to come.
    left: u32,
    last: Option<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Opens(DeskId),
    Pauses(DeskId),
    GoesOn(DeskId),
    Comes,
    Calls(DeskId),
    Starts(DeskId),
    Misses(DeskId),
    Transfers(DeskId),
    Finishes(DeskId),
    Closes(DeskId),
}

impl Day {
    pub fn new(date: NaiveDate, tickets: u32) -> Self {
        let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let mut dice = Dice::new(&[date.num_days_from_ce() as u64]);
        let mut agenda = BinaryHeap::new();
        let at = |minutes: f64| Millis(midnight + OPENS + (minutes * MINUTE as f64) as i64);
        for _ in 0..tickets {
            agenda.push(Reverse((at(dice.part() * OPEN_FOR), Step::Comes)));
        }
        for desk in (1..=DESKS).map(DeskId) {
            agenda.push(Reverse((at(0.0), Step::Opens(desk))));
            agenda.push(Reverse((at(60.0 + 30.0 * f64::from(desk.0)), Step::Pauses(desk))));
        }
        Self { agenda, dice, free: Vec::new(), paused: Vec::new(), busy: Vec::new(), left: tickets, last: None }
    }

    /// The next command and its time; `None` at the end of the day.
    pub fn next(&mut self) -> Option<(Millis, Request)> {
        let Reverse((now, step)) = self.agenda.pop()?;
        self.last = Some(step);
        let (ticket, outcome, note) = (None, None, None);
        let command = match step {
            Step::Opens(desk) | Step::GoesOn(desk) => Command::OpenDesk { desk, take_over: false },
            Step::Pauses(desk) => Command::PauseDesk { desk, reason: None },
            Step::Calls(desk) => Command::CallNext { desk },
            Step::Starts(desk) => Command::Start { desk, ticket },
            Step::Misses(desk) => Command::NoShow { desk, ticket },
            Step::Transfers(desk) => Command::Transfer { desk, ticket, service: Some(ServiceId(3)), to: None, place: None },
            Step::Finishes(desk) => Command::Finish { desk, ticket, outcome, note },
            Step::Closes(desk) => Command::CloseDesk { desk, lost: false },
            Step::Comes => Command::Issue {
                id: TicketId(self.id()),
                token: Token(self.id()),
                service: ServiceId(self.dice.pick(&[0.6, 0.35, 0.05]) as u32 + 1),
                rank: Rank(self.dice.chance(0.15).into()),
                channel: Channel::Live,
                lang: Lang::Es,
                name: self.dice.chance(0.3).then(|| "María del Carmen".to_owned()),
                booked_for: None,
            },
        };
        let key = (step == Step::Comes).then(|| Key::try_from(format!("{:032x}", self.id())).ok()).flatten();
        Some((now, Request { key, ..command.into() }))
    }

    /// What became of it: whether it was done.
    pub fn became(&mut self, done: bool, now: Millis) {
        let Some(step) = self.last.take() else { return };
        let served = self.dice.skewed(4.0, 0.6);
        match step {
            Step::Calls(desk) if done => self.busy.push(desk),
            Step::Misses(desk) | Step::Transfers(desk) | Step::Finishes(desk) if done => self.busy.retain(|busy| *busy != desk),
            _ => {}
        }
        match step {
            // It is there already.
            Step::Transfers(desk) if !done => self.after(now, 1.0, Step::Finishes(desk)),
            Step::Opens(desk) | Step::Misses(desk) | Step::Transfers(desk) | Step::Finishes(desk) => {
                self.after(now, 0.05, Step::Calls(desk));
            }
            Step::Pauses(desk) => {
                self.free.retain(|free| *free != desk);
                self.paused.push(desk);
                self.after(now, 20.0, Step::GoesOn(desk));
            }
            Step::GoesOn(desk) => {
                self.paused.retain(|paused| *paused != desk);
                if !self.busy.contains(&desk) {
                    self.after(now, 0.05, Step::Calls(desk));
                }
            }
            Step::Calls(desk) if done => {
                let next = if self.dice.chance(0.05) { Step::Misses(desk) } else { Step::Starts(desk) };
                self.after(now, 0.4, next);
            }
            Step::Calls(desk) if self.paused.contains(&desk) => {}
            Step::Calls(desk) if self.left == 0 => self.after(now, 1.0, Step::Closes(desk)),
            Step::Calls(desk) => self.free.push(desk),
            Step::Starts(desk) => {
                let next = if self.dice.chance(0.04) { Step::Transfers(desk) } else { Step::Finishes(desk) };
                self.after(now, served, next);
            }
            Step::Comes => {
                self.left -= 1;
                // At the end those who have nothing to do any more look once again, and close.
                let called = if self.left == 0 { self.free.len() } else { 1 };
                for _ in 0..called.min(self.free.len()) {
                    let desk = self.free.remove(0);
                    self.after(now, 0.05, Step::Calls(desk));
                }
            }
            Step::Closes(_) => {}
        }
    }

    fn after(&mut self, now: Millis, minutes: f64, step: Step) {
        self.agenda.push(Reverse((Millis(now.0 + (minutes * MINUTE as f64) as i64), step)));
    }

    fn id(&mut self) -> u128 {
        (u128::from(self.dice.next()) << 64) | u128::from(self.dice.next())
    }
}

/// What of a day may be refused.
pub fn is_expected(refused: &Refused) -> bool {
    matches!(refused, Refused::EmptyQueue { .. } | Refused::DeskPaused { .. } | Refused::SameQueue { .. })
}

/// So many working days, the last one yesterday at the latest.
pub fn dates(days: u32) -> Vec<NaiveDate> {
    let today = DateTime::from_timestamp_millis(Clock::system().now().0).unwrap_or_default().date_naive();
    let back = std::iter::successors(today.checked_sub_days(Days::new(1)), |date| date.checked_sub_days(Days::new(1)));
    let mut dates: Vec<_> = back.filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)).take(days as usize).collect();
    dates.reverse();
    dates
}

/// A year as it stands in the database.
pub struct Year {
    days: u32,
    tickets: u64,
    entries: u64,
    bytes: u64,
    /// Milliseconds that writing it took; `None` when it was there.
    took: Option<f64>,
}

impl Year {
    /// The year in this folder, written when there is none.
    pub fn of(dir: &Path, days: u32, tickets: u32) -> Result<Self> {
        let there = dir.join("siguiente.db").exists();
        let before = clock::instant();
        if !there {
            write(dir, days, tickets)?;
        }
        let took = (clock::instant() - before).as_secs_f64();
        let database = rusqlite::Connection::open(dir.join("siguiente.db")).map_err(Error::other)?;
        let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(Error::other);
        let (tickets, entries) = (count("SELECT count(*) FROM ticket")? as u64, count("SELECT rev FROM branch WHERE id = 1")? as u64);
        drop(database);
        Ok(Self { days, tickets, entries, bytes: fs::metadata(dir.join("siguiente.db"))?.len(), took: (!there).then_some(took) })
    }

    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let megabytes = self.bytes as f64 / 1e6;
        let mut rows = vec![
            row("days", self.days.to_string()),
            row("tickets", figure(self.tickets as f64)),
            row("entries of the log", figure(self.entries as f64)),
            row("size of the file, MB", figure(megabytes)),
            row("bytes a ticket", figure(self.bytes as f64 / self.tickets.max(1) as f64)),
        ];
        rows.extend(self.took.map(|took| row("written in, s", figure(took))));
        rows
    }
}

fn write(dir: &Path, days: u32, tickets: u32) -> Result<()> {
    let mut store = SqliteStore::open(dir).map_err(Error::other)?;
    store.load(BRANCH).map_err(Error::other)?;
    let mut book = Book { store, office: Office::new(BRANCH), entries: Vec::new(), snapshot_at: 0 };
    for (i, date) in dates(days).into_iter().enumerate() {
        if i == 0 {
            let morning = Millis(date.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
            book.tell(Command::Configure(Box::new(settings())).into(), morning)?;
        }
        let mut day = Day::new(date, tickets);
        while let Some((now, request)) = day.next() {
            let done = book.tell(request, now)?;
            day.became(done, now);
        }
    }
    book.commit()
}

/// An office whose entries are written many at a time.
struct Book {
    store: SqliteStore,
    office: Office,
    entries: Vec<Entry>,
    snapshot_at: u64,
}

impl Book {
    fn tell(&mut self, request: Request, now: Millis) -> Result<bool> {
        match self.office.execute(request, now) {
            Ok(done) => self.entries.extend(done.entries),
            Err(refused) if is_expected(&refused) => return Ok(false),
            Err(refused) => return Err(Error::other(refused)),
        }
        if self.entries.len() >= COMMIT {
            self.commit()?;
        }
        Ok(true)
    }

    fn commit(&mut self) -> Result<()> {
        let due = self.office.rev() >= self.snapshot_at + SNAPSHOT_EVERY;
        let snapshot = due.then(|| serde_json::to_string(&self.office)).transpose()?;
        if due {
            self.snapshot_at = self.office.rev();
        }
        let batch = Batch { branch: BRANCH, entries: std::mem::take(&mut self.entries), snapshot, audit: Vec::new() };
        self.store.commit(&batch).map_err(Error::other)
    }
}
