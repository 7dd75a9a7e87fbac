//! Owns one simulated day: who comes when, what the three desks do, and what became of everybody. The visitors of a day are the same under
//! every policy; only when they are called differs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use siguiente::office::{Command, DeskId, Done, Millis, Rank, Refused, ServiceId, State, TicketId};

use super::dice::Dice;
use super::office::{Branch, MINUTE};

pub const DESKS: u32 = 3;

/// Of each service: share of the visitors, and how long serving one takes at a desk of middling speed, in milliseconds.
pub const SERVICES: [(f64, i64); 3] = [(0.5, 4 * MINUTE), (0.3, 9 * MINUTE), (0.2, 2 * MINUTE)];

const OPENS: i64 = (8 * 60 + 30) * MINUTE;
const CLOSES: i64 = 14 * 60 * MINUTE;
/// Visitors an hour, in each half hour from the opening on.
const ARRIVALS: [f64; 11] = [20.0, 26.0, 31.0, 34.0, 36.0, 34.0, 31.0, 27.0, 23.0, 18.0, 12.0];
/// What of that comes on a Monday; other days have what is missing then.
const MONDAY: f64 = 1.16;
const OTHER_DAY: f64 = 0.96;
/// Standard deviation of a day's crowd and of a service's length, as parts of their means.
const DAY_SPREAD: f64 = 0.08;
const SERVICE_SPREAD: f64 = 0.7;
/// How long a desk takes for the same work.
const SPEED: [f64; DESKS as usize] = [0.9, 1.0, 1.15];
/// From the call to the desk.
const WALK: f64 = 25_000.0;
/// Visitors who go at once, and how long the others wait before they go, on average: nobody is told, they do not come when they are called.
const GONE: f64 = 0.02;
const PATIENCE: f64 = 240.0 * MINUTE as f64;
/// From one to the next, and from a newcomer's number to the click of a free desk.
const CLICK: i64 = 4_000;
/// Between the calls of one who does not come, and until a desk gives up.
const RECALL: i64 = 40_000;
/// Each desk has a pause, one after the other.
const PAUSE: i64 = 20 * MINUTE;
const PAUSES: [i64; DESKS as usize] = [10 * 60 * MINUTE, (10 * 60 + 25) * MINUTE, (10 * 60 + 50) * MINUTE];

/// Somebody who comes.
#[derive(Debug, Clone)]
pub struct Visitor {
    at: Millis,
    service: ServiceId,
    rank: Rank,
    walk: i64,
    served: f64,
    /// How long this one waits before it goes, at most.
    patience: i64,
}

/// What became of a visitor.
#[derive(Debug, Clone)]
pub struct Visit {
    pub rank: Rank,
    /// From the number to the first call.
    pub wait: i64,
    pub missed: bool,
    /// What the office expected when it gave the number; `None`: more than an hour.
    pub expected: Option<i64>,
    /// What others would have said: the wait of the one called last, and those ahead times the mean by the desks.
    pub last_wait: Option<i64>,
    pub by_number: i64,
}

/// Who comes on this day; so many of one have priority.
pub fn visitors(date: NaiveDate, priority: f64, dice: &mut Dice) -> Vec<Visitor> {
    let (midnight, half_hour) = (midnight(date), 30 * MINUTE);
    let crowd = if date.weekday() == Weekday::Mon { MONDAY } else { OTHER_DAY } * dice.skewed(1.0, DAY_SPREAD);
    let busiest = ARRIVALS.into_iter().fold(0.0, f64::max);
    let mut visitors = Vec::new();
    let mut after = 0.0;
    loop {
        after += dice.exponential(60.0 * MINUTE as f64 / (busiest * crowd));
        let Some(rate) = ARRIVALS.get((after / half_hour as f64) as usize) else { return visitors };
        // As many come as in the busiest half hour, and some of them only seem to.
        if !dice.chance(rate / busiest) {
            continue;
        }
        let service = dice.pick(&SERVICES.map(|(share, _)| share));
        visitors.push(Visitor {
            at: Millis(midnight + OPENS + after as i64),
            service: ServiceId(service as u32 + 1),
            rank: Rank(dice.chance(priority).into()),
            walk: dice.skewed(WALK, 0.5) as i64,
            served: dice.skewed(SERVICES[service].1 as f64 - WALK, SERVICE_SPREAD),
            patience: if dice.chance(GONE) { 0 } else { dice.exponential(PATIENCE) as i64 },
        });
    }
}

/// Plays a day to its end.
pub fn play(branch: &mut Branch, date: NaiveDate, visitors: &[Visitor]) -> Result<Vec<Visit>, Refused> {
    let midnight = midnight(date);
    let mut day = Day {
        branch,
        visitors,
        agenda: BinaryHeap::new(),
        free: VecDeque::new(),
        pausing: Vec::new(),
        told: BTreeMap::new(),
        last_wait: None,
    };
    for desk in (1..=DESKS).map(DeskId) {
        day.plan(Millis(midnight + OPENS), Step::Opens(desk));
        day.plan(Millis(midnight + PAUSES[seat(desk)]), Step::WantsPause(desk));
    }
    for (i, visitor) in visitors.iter().enumerate() {
        day.plan(visitor.at, Step::Comes(i));
    }
    while let Some(Reverse((now, step))) = day.agenda.pop() {
        day.step(step, now)?;
    }
    day.end(Millis(midnight + CLOSES))
}

/// What happens next, at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Opens(DeskId),
    Comes(usize),
    /// The desk looks whom to call.
    Looks(DeskId),
    CallsAgain(DeskId),
    GivesUp(DeskId),
    Arrives(DeskId, usize),
    Finishes(DeskId),
    WantsPause(DeskId),
    EndsPause(DeskId),
}

struct Day<'a> {
    branch: &'a mut Branch,
    visitors: &'a [Visitor],
    agenda: BinaryHeap<Reverse<(Millis, Step)>>,
    /// Desks with nobody to call, the one that is longest without first.
    free: VecDeque<DeskId>,
    pausing: Vec<DeskId>,
    told: BTreeMap<TicketId, Told>,
    last_wait: Option<i64>,
}

/// What is known of a ticket from the beginning.
struct Told {
    visitor: usize,
    last_wait: Option<i64>,
    by_number: i64,
}

impl Day<'_> {
    fn plan(&mut self, at: Millis, step: Step) {
        self.agenda.push(Reverse((at, step)));
    }

    fn later(&mut self, now: Millis, after: i64, step: Step) {
        self.plan(Millis(now.0 + after), step);
    }

    fn tell(&mut self, command: Command, now: Millis) -> Result<Done, Refused> {
        self.branch.tell(command, now)
    }

    fn step(&mut self, step: Step, now: Millis) -> Result<(), Refused> {
        match step {
            Step::Opens(desk) => {
                self.tell(Command::OpenDesk { desk, take_over: false }, now)?;
                self.later(now, CLICK, Step::Looks(desk));
            }
            Step::Comes(visitor) => self.comes(visitor, now)?,
            Step::Looks(desk) => self.looks(desk, now)?,
            Step::CallsAgain(desk) => {
                self.tell(Command::Recall { desk, ticket: None }, now)?;
                self.later(now, RECALL, Step::GivesUp(desk));
            }
            Step::GivesUp(desk) => {
                self.tell(Command::NoShow { desk, ticket: None }, now)?;
                self.later(now, CLICK, Step::Looks(desk));
            }
            Step::Arrives(desk, visitor) => {
                self.tell(Command::Start { desk, ticket: None }, now)?;
                let served = self.visitors[visitor].served * SPEED[seat(desk)];
                self.later(now, served as i64, Step::Finishes(desk));
            }
            Step::Finishes(desk) => {
                self.tell(Command::Finish { desk, ticket: None, outcome: None, note: None }, now)?;
                self.later(now, CLICK, Step::Looks(desk));
            }
            Step::WantsPause(desk) => {
                self.pausing.push(desk);
                if let Some(place) = self.free.iter().position(|free| *free == desk) {
                    self.free.remove(place);
                    self.looks(desk, now)?;
                }
            }
            Step::EndsPause(desk) => {
                self.tell(Command::OpenDesk { desk, take_over: false }, now)?;
                self.looks(desk, now)?;
            }
        }
        Ok(())
    }

    fn comes(&mut self, visitor: usize, now: Millis) -> Result<(), Refused> {
        let Visitor { service, rank, .. } = self.visitors[visitor];
        let (ahead, desks) = (self.branch.office.waiting_count() as f64, f64::from(DESKS));
        let mean: f64 = SERVICES.iter().map(|(share, mean)| share * *mean as f64).sum();
        let ticket = self.branch.issue(service, rank, now)?;
        self.told.insert(ticket, Told { visitor, last_wait: self.last_wait, by_number: (ahead * mean / desks) as i64 });
        if let Some(desk) = self.free.pop_front() {
            self.later(now, CLICK, Step::Looks(desk));
        }
        Ok(())
    }

    fn looks(&mut self, desk: DeskId, now: Millis) -> Result<(), Refused> {
        if let Some(place) = self.pausing.iter().position(|pausing| *pausing == desk) {
            self.pausing.remove(place);
            self.tell(Command::PauseDesk { desk, reason: None }, now)?;
            self.later(now, PAUSE, Step::EndsPause(desk));
            // It may have been about to call somebody.
            if let Some(other) = self.free.pop_front() {
                self.later(now, CLICK, Step::Looks(other));
            }
            return Ok(());
        }
        let ticket = match self.tell(Command::CallNext { desk }, now) {
            Ok(done) => done.ticket,
            Err(Refused::EmptyQueue { .. }) => None,
            Err(refused) => return Err(refused),
        };
        let Some((ticket, told)) =
            ticket.and_then(|id| self.branch.office.ticket(id)).and_then(|ticket| Some((ticket, self.told.get(&ticket.id)?)))
        else {
            self.free.push_back(desk);
            return Ok(());
        };
        let (visitor, wait) = (told.visitor, now.0 - ticket.issued_at.0);
        self.last_wait = Some(wait);
        let Visitor { patience, walk, .. } = self.visitors[visitor];
        if patience > wait {
            self.later(now, walk, Step::Arrives(desk, visitor));
        } else {
            self.later(now, RECALL, Step::CallsAgain(desk));
        }
        Ok(())
    }

    /// Closes the desks, and says what became of everybody.
    fn end(mut self, closes: Millis) -> Result<Vec<Visit>, Refused> {
        let now = self.branch.office.at().max(closes);
        for desk in (1..=DESKS).map(DeskId) {
            self.tell(Command::CloseDesk { desk, lost: false }, now)?;
        }
        let visit = |(id, told): (TicketId, Told)| {
            let ticket = self.branch.office.ticket(id)?;
            Some(Visit {
                rank: ticket.rank,
                wait: ticket.first_called_at?.0 - ticket.issued_at.0,
                missed: ticket.state == State::Missed,
                expected: ticket.expected,
                last_wait: told.last_wait,
                by_number: told.by_number,
            })
        };
        Ok(self.told.into_iter().filter_map(visit).collect())
    }
}

fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}

fn seat(desk: DeskId) -> usize {
    desk.0 as usize - 1
}
