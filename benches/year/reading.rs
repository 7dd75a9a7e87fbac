//! Owns what reading a year costs: figures of days, a day played under every policy, and the check of the whole.

use std::io::{Error, Result};
use std::path::Path;

use chrono::NaiveDate;
use siguiente::clock::{self, Clock};
use siguiente::office::figures::{By, Scope};
use siguiente::office::{Settings, simulation};
use siguiente::store::{Reader, Reports};

use super::branch::BRANCH;
use super::support::report::{figure, median, table};

/// Figures by everything and by each division, of one day in the middle, of a month, of the year.
pub fn reports(dir: &Path, runs: usize) -> Result<String> {
    let mut reader = Reader::open(dir).map_err(Error::other)?;
    let office = reader.office(BRANCH).map_err(Error::other)?.ok_or_else(|| Error::other("no branch"))?;
    let settings = office.settings().ok_or_else(|| Error::other("no settings"))?;
    let days = days(dir)?;
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Err(Error::other("no days")) };
    let middle = days[days.len() / 2];
    let month = days[(days.len() / 2).saturating_sub(20)];
    let spans = [("a day", middle, middle), ("the last day", *last, *last), ("21 days", month, middle), ("the year", *first, *last)];
    let divisions = [By::Nothing, By::Service, By::Desk, By::Priority, By::Hour, By::Weekday, By::Day];
    let now = Clock::system().now();
    let mut rows = Vec::new();
    for (name, from, to) in spans {
        let mut row = vec![name.to_owned()];
        for by in divisions {
            let mut times = Vec::new();
            for _ in 0..runs {
                let before = clock::instant();
                let lines = reader.figures(BRANCH, &Scope::days(from, to), by, settings, now).map_err(Error::other)?;
                times.push((clock::instant() - before).as_secs_f64() * 1e3);
                if lines.is_empty() {
                    return Err(Error::other(format!("no figures of {from}")));
                }
            }
            row.push(median(&times).map_or_else(String::new, figure));
        }
        rows.push(row);
    }
    let figures = table(&["figures, ms", "all", "by service", "by desk", "by priority", "by hour", "by weekday", "by day"], &rows);
    Ok(format!("{figures}\n{}", played(&mut reader, middle, settings, runs)?))
}

/// A day in the middle, read and played under every policy.
fn played(reader: &mut Reader, day: NaiveDate, settings: &Settings, runs: usize) -> Result<String> {
    let (mut reading, mut playing, mut arrivals) = (Vec::new(), Vec::new(), 0);
    for _ in 0..runs {
        let before = clock::instant();
        let played = reader.played_day(BRANCH, day, Clock::system().now()).map_err(Error::other)?;
        let read = clock::instant();
        let people: u64 = simulation::outcomes(&played, settings)[0].classes.iter().map(|class| class.people).sum();
        playing.push((clock::instant() - read).as_secs_f64() * 1e3);
        reading.push((read - before).as_secs_f64() * 1e3);
        arrivals = played.arrivals.len();
        if people != arrivals as u64 {
            return Err(Error::other(format!("{arrivals} came on {day}, and {people} were called")));
        }
    }
    let figures = [median(&reading), median(&playing)].map(|times| times.map_or_else(String::new, figure));
    let row = [arrivals.to_string()].into_iter().chain(figures).collect();
    Ok(table(&["simulation of a day: arrivals", "read, ms", "played under four policies, ms"], &[row]))
}

/// The whole log replayed and every row compared.
pub fn check(dir: &Path) -> Result<String> {
    let mut reader = Reader::open(dir).map_err(Error::other)?;
    let before = clock::instant();
    let checked = reader.check(BRANCH).map_err(Error::other)?;
    let took = (clock::instant() - before).as_secs_f64();
    if let Some(difference) = checked.differences.first() {
        return Err(Error::other(format!("{} differences: {difference}", checked.found)));
    }
    let row = vec![figure(checked.entries as f64), figure(checked.tickets as f64), figure(took)];
    Ok(table(&["check: entries", "tickets", "s"], &[row]))
}

fn days(dir: &Path) -> Result<Vec<NaiveDate>> {
    let database = rusqlite::Connection::open(dir.join("siguiente.db")).map_err(Error::other)?;
    let mut statement = database.prepare("SELECT DISTINCT day FROM ticket ORDER BY day").map_err(Error::other)?;
    let days = statement.query_map([], |row| row.get::<_, String>(0)).map_err(Error::other)?;
    days.map(|day| day.map_err(Error::other)?.parse().map_err(Error::other)).collect()
}
