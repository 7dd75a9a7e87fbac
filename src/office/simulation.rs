//! Owns what each policy would have made of one day: the day's own arrivals are played through the queue once for every policy, with the desks as
//! they were open and the time that serving took in fact. Only who is called when differs. Never reads a clock and changes no office.
//!
//! What is played is simpler than what was: a desk calls the next one the moment it is free; who was put first or reserved by hand counts as by
//! arrival; whoever is called comes. Who still waits when no desk will open again that serves it is called by the one that closed last.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use super::figures::{DeskTime, Stay};
use super::ids::{DeskId, Millis, Rank, ServiceId};
use super::queue::{Newcomer, Queue};
use super::settings::{Desk, Policy, Served, Settings};
use super::ticket::{End, Place};

/// Of a policy that the branch is not set to.
const FACTOR: u32 = 3;
const NORMALS: u32 = 2;

/// Somebody who begins to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    pub at: Millis,
    pub service: ServiceId,
    pub rank: Rank,
    /// Milliseconds that a desk was busy with this one; `None` where nobody knows: as long as others of the service took that day.
    pub served: Option<i64>,
}

/// When a desk called people: from, until before; in order, apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    pub desk: DeskId,
    pub open: Vec<(Millis, Millis)>,
}

/// What one day gave, whatever the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    pub arrivals: Vec<Arrival>,
    pub shifts: Vec<Shift>,
}

/// What a policy makes of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub policy: Policy,
    /// Normal first, then by rank: the branch's classes, and others of whom somebody came.
    pub classes: Vec<ClassOutcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassOutcome {
    pub rank: Rank,
    /// Those who came and could be called.
    pub people: u64,
    /// Of their waits in milliseconds: the mean, rounded half up, and the 95th percentile by nearest rank. `None` of nobody.
    pub mean: Option<i64>,
    pub p95: Option<i64>,
}

/// One call of a day that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Call {
    /// Place among the arrivals.
    who: usize,
    desk: DeskId,
    at: Millis,
    /// When the desk was free again.
    until: Millis,
}

/// What every policy makes of the day: fifo, strict, accumulating and guarded ratio, the branch's own one with its own number.
///
/// Arrivals in any order. Those of a service that no desk of the day serves are in no outcome.
pub fn outcomes(day: &Day, settings: &Settings) -> Vec<Outcome> {
    let stage = Stage::of(day, settings);
    policies(settings.policy).into_iter().map(|policy| stage.outcome(policy, settings)).collect()
}

/// Fifo, strict, accumulating, guarded ratio.
fn policies(own: Policy) -> [Policy; 4] {
    let factor = if let Policy::Accumulating { factor } = own { factor } else { FACTOR };
    let normals = if let Policy::GuardedRatio { normals } = own { normals } else { NORMALS };
    [Policy::Fifo, Policy::Strict, Policy::Accumulating { factor }, Policy::GuardedRatio { normals }]
}

impl Day {
    /// What the stays and desk times of one business day say; `now` ends what lasts.
    ///
    /// Left out is who cannot be played: appointments that have not come, and who went away while waiting, nobody knows when.
    pub fn of(stays: &[Stay], times: &[DeskTime], now: Millis) -> Self {
        let arrivals = stays.iter().filter_map(|stay| {
            let segment = &stay.segment;
            let gone = segment.end.is_some() && segment.desk.is_none();
            let busy = || Some(segment.ended_at?.0.saturating_sub(segment.last_called_at?.0).saturating_sub(segment.held).max(0));
            let served = if segment.reliable && segment.end != Some(End::Expired) { busy() } else { None };
            (!stay.booked && !gone).then_some(Arrival { at: segment.queued_at, service: segment.service, rank: segment.rank, served })
        });
        let mut open = BTreeMap::<DeskId, Vec<(Millis, Millis)>>::new();
        for time in times {
            open.entry(time.desk).or_default().extend(at_work(time, now));
        }
        let shifts = open.into_iter().map(|(desk, mut open)| {
            open.sort_unstable();
            Shift { desk, open }
        });
        Self { arrivals: arrivals.collect(), shifts: shifts.collect() }
    }
}

/// A desk time without its pauses.
fn at_work(time: &DeskTime, now: Millis) -> Vec<(Millis, Millis)> {
    let closed = time.closed_at.unwrap_or(now);
    let mut open = Vec::new();
    let mut from = time.opened_at;
    for pause in &time.pauses {
        open.push((from, pause.from));
        from = pause.to.unwrap_or(closed);
    }
    open.push((from, closed));
    open.retain(|(from, to)| from < to);
    open
}

/// A day made ready to be played.
struct Stage {
    /// In order of time; `served` is known.
    arrivals: Vec<(Arrival, i64)>,
    seats: Vec<Seat>,
}

/// A desk of the day.
struct Seat {
    desk: Desk,
    open: Vec<(Millis, Millis)>,
    /// What it serves after its last closing, where no other desk does any more.
    over_time: Option<Desk>,
}

impl Stage {
    fn of(day: &Day, settings: &Settings) -> Self {
        let open = day.shifts.iter().filter(|shift| !shift.open.is_empty());
        let desks: Vec<(&Desk, &Shift)> = open.filter_map(|shift| Some((settings.desk(shift.desk)?, shift))).collect();
        let wanted: BTreeSet<ServiceId> = day.arrivals.iter().map(|arrival| arrival.service).collect();
        // The desks of each service that close last.
        let mut last = HashMap::<DeskId, Vec<Served>>::new();
        let mut served = BTreeSet::new();
        let closes = |shift: &Shift| shift.open.iter().map(|(_, to)| *to).max();
        for service in wanted {
            let serving = || desks.iter().filter(|(desk, _)| desk.serves(service));
            let Some(end) = serving().map(|(_, shift)| closes(shift)).max() else { continue };
            served.insert(service);
            for (desk, _) in serving().filter(|(_, shift)| closes(shift) == end) {
                last.entry(desk.id).or_default().extend(desk.served(service));
            }
        }
        let seats = desks.iter().map(|(desk, shift)| {
            let over_time = last.remove(&desk.id).map(|services| Desk { services, ..(*desk).clone() });
            Seat { desk: (*desk).clone(), open: shift.open.clone(), over_time }
        });
        let took = Took::of(&day.arrivals);
        let configured = |service| settings.service(service).map_or(0, |service| service.mean);
        let able = day.arrivals.iter().filter(|arrival| served.contains(&arrival.service));
        let mut arrivals: Vec<(Arrival, i64)> = able
            .map(|arrival| {
                let usual = || took.mean(arrival.service).unwrap_or_else(|| configured(arrival.service));
                (*arrival, arrival.served.unwrap_or_else(usual).max(0))
            })
            .collect();
        arrivals.sort_by_key(|(arrival, _)| arrival.at);
        Self { arrivals, seats: seats.collect() }
    }

    fn outcome(&self, policy: Policy, settings: &Settings) -> Outcome {
        let mut waits = BTreeMap::<Rank, Vec<i64>>::new();
        for rank in settings.classes.iter().map(|class| class.rank).chain([Rank::NORMAL]) {
            waits.entry(rank).or_default();
        }
        for Call { who, at, .. } in self.play(policy) {
            let Arrival { at: came, rank, .. } = self.arrivals[who].0;
            waits.entry(rank).or_default().push(at.0.saturating_sub(came.0));
        }
        Outcome { policy, classes: waits.into_iter().map(|(rank, waits)| ClassOutcome::of(rank, waits)).collect() }
    }

    /// Every call, in order of time.
    fn play(&self, policy: Policy) -> Vec<Call> {
        let mut floor = Floor {
            stage: self,
            policy,
            queue: Queue::default(),
            free: self.seats.iter().enumerate().map(|(seat, of)| (of.open[0].0, seat)).collect(),
            normals: vec![0; self.seats.len()],
            // Moments at which a desk may begin to call: when it opens, after a pause, and after its last closing.
            agenda: self.seats.iter().flat_map(|seat| seat.open.iter().flat_map(|(from, to)| [Reverse(*from), Reverse(*to)])).collect(),
            calls: Vec::with_capacity(self.arrivals.len()),
        };
        let mut coming = self.arrivals.iter().enumerate().peekable();
        loop {
            let next = coming.peek().map(|(_, (arrival, _))| arrival.at).into_iter().chain(floor.agenda.peek().map(|at| at.0)).min();
            let Some(now) = next else { return floor.calls };
            while floor.agenda.peek().is_some_and(|at| at.0 <= now) {
                floor.agenda.pop();
            }
            while let Some((who, (arrival, _))) = coming.next_if(|(_, (arrival, _))| arrival.at <= now) {
                floor.comes(who, arrival);
            }
            floor.call(now);
        }
    }
}

/// A day at one moment.
struct Floor<'s> {
    stage: &'s Stage,
    policy: Policy,
    queue: Queue,
    /// Since when each desk has nobody, or from when on; the one that is longest without comes first.
    free: BTreeSet<(Millis, usize)>,
    /// Normal ones that each desk called last, in a row.
    normals: Vec<u32>,
    agenda: BinaryHeap<Reverse<Millis>>,
    calls: Vec<Call>,
}

impl Floor<'_> {
    fn comes(&mut self, who: usize, arrival: &Arrival) {
        let number = who as u64 + 1;
        let newcomer = Newcomer { arrival: number, service: arrival.service, rank: arrival.rank, issued_at: arrival.at, reserved: None };
        self.queue.put(newcomer, Place::ByArrival, self.policy, number, arrival.at);
    }

    /// Every desk that is free and open calls somebody, if it finds anybody. One that needed no time at all calls again at this moment.
    fn call(&mut self, now: Millis) {
        let free: Vec<_> = self.free.iter().take_while(|(since, _)| *since <= now).copied().collect();
        for (since, seat) in free {
            if self.queue.len() == 0 {
                return;
            }
            let Some(desk) = self.stage.seats[seat].at(now) else { continue };
            let Some(choice) = self.queue.next(desk, self.policy, self.normals[seat], now) else { continue };
            self.queue.remove(choice.arrival);
            let who = choice.arrival as usize - 1;
            let (arrival, served) = &self.stage.arrivals[who];
            let until = Millis(now.0.saturating_add(*served));
            self.normals[seat] = if arrival.rank == Rank::NORMAL { self.normals[seat].saturating_add(1) } else { 0 };
            self.calls.push(Call { who, desk: desk.id, at: now, until });
            self.free.remove(&(since, seat));
            self.free.insert((until, seat));
            self.agenda.push(Reverse(until));
        }
    }
}

impl Seat {
    /// What it serves now; `None` while it is closed.
    fn at(&self, now: Millis) -> Option<&Desk> {
        if self.open.iter().any(|(from, to)| (*from..*to).contains(&now)) {
            return Some(&self.desk);
        }
        let closed = self.open.iter().all(|(_, to)| *to <= now);
        self.over_time.as_ref().filter(|_| closed)
    }
}

/// How long serving took on a day, by service.
struct Took(HashMap<ServiceId, (i128, i128)>);

impl Took {
    fn of(arrivals: &[Arrival]) -> Self {
        let mut sums = HashMap::<_, (i128, i128)>::new();
        for (service, served) in arrivals.iter().filter_map(|arrival| Some((arrival.service, arrival.served?))) {
            let sum = sums.entry(service).or_default();
            *sum = (sum.0 + i128::from(served.max(0)), sum.1 + 1);
        }
        Self(sums)
    }

    fn mean(&self, service: ServiceId) -> Option<i64> {
        self.0.get(&service).and_then(|(sum, count)| i64::try_from(sum / count).ok())
    }
}

impl ClassOutcome {
    fn of(rank: Rank, mut waits: Vec<i64>) -> Self {
        let count = waits.len();
        let sum: i128 = waits.iter().copied().map(i128::from).sum();
        let of = count as i128;
        let mean = (count > 0).then(|| (2 * sum + of).div_euclid(2 * of)).and_then(|mean| i64::try_from(mean).ok());
        let place = (count * 95).div_ceil(100).checked_sub(1);
        let p95 = place.map(|place| *waits.select_nth_unstable(place).1);
        Self { rank, people: count as u64, mean, p95 }
    }
}
