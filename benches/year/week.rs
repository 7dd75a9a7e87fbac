//! Owns the memory of a process over a week: a whole server in a process of its own, told command by command what people do, with a clock
//! that is moved by hand.

use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use siguiente::app;
use siguiente::clock::Clock;
use siguiente::config::Config;
use siguiente::office::{Millis, Request};
use siguiente::realtime::Tell;
use siguiente::service::{Doors, Notice};
use siguiente::store::SqliteStore;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::branch::{BRANCH, Day, dates, settings};
use super::support::process::Usage;
use super::support::report::{figure, table};

/// A command that takes longer is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// What of a day may be refused: `wrong_state` is a transfer to where the ticket is.
const EXPECTED: [&str; 3] = ["empty_queue", "desk_paused", "wrong_state"];

/// Starts the process and makes a table of what it says.
pub fn measure(days: u32, tickets: u32) -> Result<String> {
    let dir = tempfile::tempdir()?;
    let mut process = Command::new(std::env::current_exe()?);
    process.arg("--live").arg(dir.path());
    process.args(["--week-days", &days.to_string(), "--tickets", &tickets.to_string()]);
    let output = process.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(Error::other("the week did not end well"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let rows: Vec<Vec<String>> = text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    Ok(table(&["days in one process", "commands", "resident at the day's end, MB", "of that SQLite's, MB"], &rows))
}

/// Is that process: prints a line a day.
pub fn live(dir: &Path, days: u32, tickets: u32) -> Result<()> {
    actix::System::new().block_on(async {
        let data = dir.to_str().ok_or_else(|| Error::other("a folder that is no text"))?;
        let args = ["siguiente", "--bind=127.0.0.1:0", "--workers=1", "--data", data];
        let config = Config::parse_from(args, []).map_err(Error::other)?.config;
        let days = dates(days);
        let clock = Clock::manual(Millis(0));
        let begin = |date: &chrono::NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        clock.set(Millis(days.first().map_or(0, begin)));
        let store = SqliteStore::open(dir).map_err(Error::other)?;
        let running = app::start(&config, store, BTreeMap::from([(BRANCH, settings())]), settings, clock.clone(), Doors::Open)
            .map_err(Error::other)?;
        let hub = running.hub();
        for date in &days {
            let (mut day, mut commands) = (Day::new(*date, tickets), 0);
            while let Some((now, request)) = day.next() {
                clock.set(now);
                let what = format!("{:?}", request.command);
                let done = tell(&hub, request).await.map_err(|error| Error::other(format!("{what}: {error}")))?;
                commands += 1;
                day.became(done, now);
            }
            println!("{date}\t{commands}\t{}\t{}", figure(Usage::own().resident / 1e6), figure(of_sqlite() / 1e6));
        }
        drop(hub);
        running.stop().await.map_err(Error::other)
    })
}

/// Bytes that SQLite has taken for all its connections: above all their caches of pages.
fn of_sqlite() -> f64 {
    // SAFETY: reads a counter, and may be called from any thread at any time.
    (unsafe { rusqlite::ffi::sqlite3_memory_used() }) as f64
}

async fn tell(hub: &actix::Addr<siguiente::realtime::Hub<siguiente::service::TicketService>>, request: Request) -> Result<bool> {
    let (reply, answer) = oneshot::channel();
    hub.do_send(Tell(Notice::Command(BRANCH, request, reply)));
    match timeout(PATIENCE, answer).await.map_err(Error::other)?.map_err(Error::other)? {
        Ok(_) => Ok(true),
        Err(failure) if EXPECTED.contains(&failure.code()) => Ok(false),
        Err(failure) => Err(Error::other(format!("refused: {}", failure.code()))),
    }
}
