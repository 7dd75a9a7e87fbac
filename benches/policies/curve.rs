//! Owns what ordering and estimates cost, with ten to ten thousand people waiting, and how that grows.

use std::hint::black_box;
use std::time::Duration;

use siguiente::clock;
use siguiente::office::{Command, DeskId, Millis, Policy, Rank, Refused, ServiceId};

use super::dice::Dice;
use super::office::{Branch, MINUTE, POLICIES, settings};
use super::report::{figure, table};

const WAITING: [usize; 5] = [10, 100, 500, 1_000, 10_000];
const DESKS: u32 = 20;
/// Of the services, in minutes: 20 desks call about 500 people within the hour that estimates look ahead.
const MEANS: [i64; 5] = [MINUTE, 2 * MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE];
/// One measure takes at least so long.
const SPAN: Duration = Duration::from_millis(2);
const MORNING: Millis = Millis(1_795_161_600_000);

/// What is measured.
#[derive(Clone, Copy)]
enum Work {
    /// Who is next at a desk, and why.
    Next,
    /// What everybody may expect, those who wait and those who would come.
    Expected,
    /// What one newcomer may expect.
    Newcomer,
    /// A number, as it is decided and applied, with what its visitor may expect.
    Issue,
    /// A call and its end, as they are decided and applied.
    Call,
}

const WORK: [(&str, Work); 5] = [
    ("who is next at a desk, and why", Work::Next),
    ("what everybody may expect", Work::Expected),
    ("what one newcomer may expect", Work::Newcomer),
    ("a number given", Work::Issue),
    ("a call and its end", Work::Call),
];

/// The tables, as Markdown.
pub fn measure(runs: usize) -> Result<String, Refused> {
    let offices: Vec<Vec<Branch>> =
        WAITING.iter().map(|waiting| POLICIES.iter().map(|(_, policy)| office(*policy, *waiting)).collect()).collect::<Result<_, _>>()?;
    let mut text = String::new();
    for (name, work) in WORK {
        let mut rows = Vec::new();
        let mut before: Vec<Option<f64>> = vec![None; POLICIES.len()];
        for (waiting, offices) in WAITING.iter().zip(&offices) {
            let mut row = vec![waiting.to_string()];
            for (branch, before) in offices.iter().zip(&mut before) {
                let took = cost(branch, work, *waiting, runs)?;
                let growth = before.map_or_else(String::new, |before| format!(" (×{:.2})", took / before));
                row.push(format!("{}{growth}", figure(took)));
                *before = Some(took);
            }
            rows.push(row);
        }
        let head: Vec<&str> = ["waiting"].into_iter().chain(POLICIES.iter().map(|(name, _)| *name)).collect();
        text += &format!("{name}, µs ({DESKS} desks; in brackets the growth from the line above)\n\n{}\n", table(&head, &rows));
    }
    Ok(text)
}

/// So many wait, all desks are open and each has somebody.
fn office(policy: Policy, waiting: usize) -> Result<Branch, Refused> {
    let mut settings = settings(policy, &MEANS, DESKS);
    settings.padding = 5;
    let mut branch = Branch::new(settings, MORNING)?;
    let mut dice = Dice::new(&[7, waiting as u64]);
    for i in 0..waiting + DESKS as usize {
        let service = ServiceId(dice.next() as u32 % MEANS.len() as u32 + 1);
        // The desks are closed still, so that nothing is foretold.
        branch.issue(service, Rank(dice.chance(0.15).into()), Millis(MORNING.0 + i as i64 * 1_000))?;
    }
    for desk in 1..=DESKS {
        branch.tell(Command::CallNext { desk: DeskId(desk) }, now(waiting))?;
    }
    Ok(branch)
}

fn now(waiting: usize) -> Millis {
    Millis(MORNING.0 + waiting as i64 * 1_000 + 10 * MINUTE)
}

/// Microseconds that it takes once: the smallest of so many measures.
fn cost(branch: &Branch, work: Work, waiting: usize, runs: usize) -> Result<f64, Refused> {
    // What changes the office is not repeated so often that another number of people waits.
    let most = if matches!(work, Work::Issue | Work::Call) { (waiting / 5).max(4) as u32 } else { u32::MAX };
    let (mut least, mut measured, mut repeats) = (f64::INFINITY, 0, most.min(4));
    while measured < runs {
        let mut own = Branch::again(branch);
        let before = clock::instant();
        for i in 0..repeats {
            once(&mut own, work, i)?;
        }
        let took = clock::instant() - before;
        if took < SPAN && repeats < most {
            repeats = repeats.saturating_mul(2).min(most);
        } else {
            least = least.min(took.as_secs_f64() * 1e6 / f64::from(repeats));
            measured += 1;
        }
    }
    Ok(least)
}

fn once(branch: &mut Branch, work: Work, i: u32) -> Result<(), Refused> {
    let (now, desk) = (Millis(branch.office.at().0 + 1_000), DeskId(i % DESKS + 1));
    match work {
        Work::Next => drop(black_box(branch.office.next_for(desk, now))),
        Work::Expected => drop(black_box(branch.office.expected(now))),
        Work::Newcomer => drop(black_box(branch.office.expected_for(ServiceId(i % MEANS.len() as u32 + 1), Rank(0), now))),
        Work::Issue => drop(branch.issue(ServiceId(i % MEANS.len() as u32 + 1), Rank(0), now)?),
        Work::Call => {
            branch.tell(Command::Finish { desk, ticket: None, outcome: None, note: None }, now)?;
            branch.tell(Command::CallNext { desk }, now)?;
        }
    }
    Ok(())
}
