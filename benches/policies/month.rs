//! Owns the comparison: the same months under every policy, and the tables of what came out.

use chrono::{Datelike, NaiveDate, Weekday};
use siguiente::office::{Millis, Policy, Rank, Refused, Wait};

use super::day::{self, DESKS, SERVICES, Visit};
use super::dice::Dice;
use super::office::{Branch, MINUTE, POLICIES, settings};
use super::report::table;

/// Working days of November 2026.
fn days() -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default();
    first.iter_days().take_while(|date| date.month() == 11).filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
}

/// Whose months they are.
#[derive(Clone, Copy)]
struct Crowd {
    seed: u64,
    months: u64,
    /// Percent.
    priority: u8,
}

/// The tables, as Markdown.
pub fn compare(seed: u64, months: u64, priority: u8) -> Result<String, Refused> {
    let crowd = Crowd { seed, months, priority };
    let means = SERVICES.map(|(_, mean)| mean);
    let mut waits = Vec::new();
    let mut estimates = Vec::new();
    for (name, policy) in POLICIES {
        let visits = crowd.play(policy, &means)?;
        waits.extend(waits_of(name, &visits));
        estimates.extend(CLASSES.map(|(class, rank)| error_of(&[name, class], &of(&visits, rank), |visit| visit.expected)));
    }
    let numbers = |(name, policy)| Ok(numbers_of(name, &crowd.play(policy, &means)?));
    let numbers: Vec<_> = NUMBERS.into_iter().map(numbers).collect::<Result<_, Refused>>()?;
    let usual = crowd.play(USUAL, &means)?;
    let twice = crowd.play(USUAL, &means.map(|mean| 2 * mean))?;
    let others = [
        error_of(&["the office: the calls to come, played"], &usual, |visit| visit.expected),
        error_of(&["the same, where all means are set twice too long"], &twice, |visit| visit.expected),
        error_of(&["those ahead × mean ÷ desks"], &usual, |visit| Some(visit.by_number)),
        error_of(&["the wait of the one called last"], &usual, |visit| visit.last_wait),
    ];
    let said = SAID.map(|(name, from, to)| {
        error_of(&[name], &usual, |visit| visit.expected.filter(|said| (from * MINUTE..to * MINUTE).contains(said)))
    });
    let (days, visitors) = (days().count() as u64 * months, usual.len());
    let tables = [
        table(&["policy", "class", "called", "mean wait, min", "median", "P95", "longest", "within 15 min", "did not come"], &waits),
        table(&["policy", "normal: mean wait, min", "P95", "priority: mean wait, min", "P95"], &numbers),
        table(&["policy", "class", "announced", "mean error, min", "bias, min", "P90 of the error", "in the announced range"], &estimates),
        table(&["`accumulating`: said", "of all", "mean error, min", "bias, min", "P90 of the error", "in the announced range"], &said),
        table(
            &["`accumulating`: said by", "announced", "mean error, min", "bias, min", "P90 of the error", "in the announced range"],
            &others,
        ),
    ];
    let a_day = visitors as u64 / days;
    let crowd = format!("{days} days, {visitors} visitors ({a_day} a day), {priority} % with priority, {DESKS} desks, seed {seed}");
    Ok(format!("{crowd}\n\n{}", tables.join("\n")))
}

const USUAL: Policy = Policy::Accumulating { factor: 3 };

/// The policies that have a number, with others.
const NUMBERS: [(&str, Policy); 8] = [
    ("`accumulating`, factor 2", Policy::Accumulating { factor: 2 }),
    ("`accumulating`, factor 3", USUAL),
    ("`accumulating`, factor 5", Policy::Accumulating { factor: 5 }),
    ("`accumulating`, factor 10", Policy::Accumulating { factor: 10 }),
    ("`guarded_ratio`, 1 : 1", Policy::GuardedRatio { normals: 1 }),
    ("`guarded_ratio`, 1 : 2", Policy::GuardedRatio { normals: 2 }),
    ("`guarded_ratio`, 1 : 4", Policy::GuardedRatio { normals: 4 }),
    ("`guarded_ratio`, 1 : 8", Policy::GuardedRatio { normals: 8 }),
];

/// What is expected, in minutes: from, until before.
const SAID: [(&str, i64, i64); 5] =
    [("less than 1 min", 0, 1), ("1 to 5 min", 1, 5), ("5 to 15 min", 5, 15), ("15 to 30 min", 15, 30), ("30 to 60 min", 30, 61)];

const CLASSES: [(&str, Rank); 2] = [("normal", Rank(0)), ("priority", Rank(1))];

fn of(visits: &[Visit], rank: Rank) -> Vec<Visit> {
    visits.iter().filter(|visit| visit.rank == rank).cloned().collect()
}

impl Crowd {
    fn play(self, policy: Policy, means: &[i64]) -> Result<Vec<Visit>, Refused> {
        let priority = f64::from(self.priority) / 100.0;
        let mut visits = Vec::new();
        for month in 0..self.months {
            let mut branch = Branch::new(settings(policy, means, DESKS), Millis(0))?;
            for date in days() {
                let mut dice = Dice::new(&[self.seed, month, u64::from(date.day())]);
                visits.extend(day::play(&mut branch, date, &day::visitors(date, priority, &mut dice))?);
            }
        }
        Ok(visits)
    }
}

fn waits_of(policy: &str, visits: &[Visit]) -> Vec<Vec<String>> {
    let line = |class: &str, visits: Vec<Visit>| {
        let waits = sorted(&visits);
        let missed = visits.iter().filter(|visit| visit.missed).count();
        let soon = waits.iter().filter(|wait| **wait <= 15 * MINUTE).count();
        let cells = [minutes(mean(&waits)), minutes(part(&waits, 50)), minutes(part(&waits, 95)), minutes(part(&waits, 100))];
        let shares = [share(soon, visits.len()), share(missed, visits.len())];
        [policy.to_owned(), class.to_owned(), visits.len().to_string()].into_iter().chain(cells).chain(shares).collect()
    };
    CLASSES.map(|(class, rank)| line(class, of(visits, rank))).into_iter().chain([line("all", visits.to_vec())]).collect()
}

fn numbers_of(policy: &str, visits: &[Visit]) -> Vec<String> {
    let cells = CLASSES.into_iter().flat_map(|(_, rank)| {
        let waits = sorted(&of(visits, rank));
        [minutes(mean(&waits)), minutes(part(&waits, 95))]
    });
    [policy.to_owned()].into_iter().chain(cells).collect()
}

fn sorted(visits: &[Visit]) -> Vec<i64> {
    let mut waits: Vec<i64> = visits.iter().map(|visit| visit.wait).collect();
    waits.sort_unstable();
    waits
}

/// How well waits were foretold. The range is compared as it is announced: in steps of five minutes.
fn error_of(names: &[&str], visits: &[Visit], said: impl Fn(&Visit) -> Option<i64>) -> Vec<String> {
    let announced: Vec<(i64, i64)> = visits.iter().filter_map(|visit| Some((said(visit)?, visit.wait))).collect();
    let bias: Vec<i64> = announced.iter().map(|(said, wait)| said - wait).collect();
    let mut errors: Vec<i64> = bias.iter().map(|error| error.abs()).collect();
    errors.sort_unstable();
    let inside = |(said, wait): &&(i64, i64)| {
        let wait = wait.unsigned_abs().div_ceil(5 * MINUTE.unsigned_abs()) * 5;
        Wait::Within(*said).range().is_some_and(|range| (u64::from(range.low)..=range.high.into()).contains(&wait))
    };
    let inside = announced.iter().filter(inside).count();
    let figures = [
        share(announced.len(), visits.len()),
        minutes(mean(&errors)),
        format!("{:+.1}", mean(&bias) / MINUTE as f64),
        minutes(part(&errors, 90)),
        share(inside, announced.len()),
    ];
    names.iter().map(|name| (*name).to_owned()).chain(figures).collect()
}

fn mean(values: &[i64]) -> f64 {
    values.iter().sum::<i64>() as f64 / values.len().max(1) as f64
}

/// The smallest value that so many of a hundred do not exceed.
fn part(sorted: &[i64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default() as f64
}

fn minutes(millis: f64) -> String {
    format!("{:.1}", millis / MINUTE as f64)
}

fn share(count: usize, of: usize) -> String {
    format!("{:.0} %", 100.0 * count as f64 / of.max(1) as f64)
}
