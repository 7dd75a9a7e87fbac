//! Owns the order of those who wait. A ticket is known here by the `rev` of its issue, its arrival: a smaller one came earlier. Never knows
//! tickets' states or desks, and never decides who may be called.
//!
//! A lane holds the waiting tickets of one service and one rank, plus one lane a service for those put first. A lane is an ordered row of
//! slots, numbered by arrival; a slot nearly always holds one ticket, and more only where staff put one directly before or behind another. So
//! the next one is found by looking at the first of each lane, however many wait.

use std::collections::btree_map::{self, BTreeMap};
use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::ids::{Millis, Rank, ServiceId};
use super::policy::precedence;
use super::settings::{Desk, Policy};
use super::ticket::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lane {
    /// Put first by hand: before every other lane, the last one put there first.
    Front,
    Rank(Rank),
}

/// A waiting ticket, seen from the front of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub service: ServiceId,
    pub lane: Lane,
    pub slot: u64,
    /// Since when it counts as waiting.
    pub since: Millis,
    /// Position within the slot.
    pub line: usize,
    pub arrival: u64,
}

/// A ticket that begins to wait, or waits again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newcomer {
    pub arrival: u64,
    pub service: ServiceId,
    pub rank: Rank,
    pub issued_at: Millis,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Row>", into = "Vec<Row>")]
pub(super) struct Queue {
    lanes: BTreeMap<(ServiceId, Lane), BTreeMap<u64, Slot>>,
    spots: BTreeMap<u64, Spot>,
    arrivals: HashMap<ServiceId, BTreeSet<u64>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Slot {
    since: Millis,
    line: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spot {
    service: ServiceId,
    lane: Lane,
    slot: u64,
}

/// A slot as it is stored.
#[derive(Clone, Serialize, Deserialize)]
struct Row {
    service: ServiceId,
    lane: Lane,
    slot: u64,
    since: Millis,
    line: Vec<u64>,
}

impl Queue {
    /// Puts a ticket at its place. `rev` and `now` are those of the event that puts it there.
    pub fn put(&mut self, newcomer: Newcomer, place: Place, policy: Policy, rev: u64, now: Millis) {
        let Newcomer { arrival, service, rank, issued_at } = newcomer;
        self.remove(arrival);
        let own = |slot| Spot { service, lane: Lane::Rank(rank), slot };
        match place {
            Place::ByArrival => self.insert(own(arrival), issued_at, 0, arrival),
            Place::Last => self.insert(own(rev), now, 0, arrival),
            // Slots of the front lane count downwards, so that the last one put there is the first.
            Place::First => self.insert(Spot { service, lane: Lane::Front, slot: u64::MAX - rev }, now, 0, arrival),
            Place::After(k) => match self.anchor(service, policy, now, k) {
                Some((anchor, line)) => {
                    let spot = Spot { service, lane: anchor.lane, slot: anchor.slot };
                    self.insert(spot, anchor.since, line, arrival);
                }
                None => self.insert(own(arrival), issued_at, 0, arrival),
            },
        }
    }

    /// Takes a ticket out, if it is in.
    pub fn remove(&mut self, arrival: u64) {
        let Some(Spot { service, lane, slot }) = self.spots.remove(&arrival) else { return };
        if let btree_map::Entry::Occupied(mut slots) = self.lanes.entry((service, lane)) {
            if let btree_map::Entry::Occupied(mut place) = slots.get_mut().entry(slot) {
                place.get_mut().line.retain(|other| *other != arrival);
                if place.get().line.is_empty() {
                    place.remove();
                }
            }
            if slots.get().is_empty() {
                slots.remove();
            }
        }
        if let Some(arrivals) = self.arrivals.get_mut(&service) {
            arrivals.remove(&arrival);
            if arrivals.is_empty() {
                self.arrivals.remove(&service);
            }
        }
    }

    /// The ticket that this desk is to call now. Costs the number of lanes, not of tickets.
    pub fn next(&self, desk: &Desk, policy: Policy, now: Millis) -> Option<u64> {
        if desk.services.is_empty() {
            return self.first(self.lanes.iter(), policy, now);
        }
        self.first(desk.services.iter().flat_map(|service| self.lanes.range(lanes_of(*service))), policy, now)
    }

    pub fn len(&self) -> usize {
        self.spots.len()
    }

    pub fn len_of(&self, service: ServiceId) -> usize {
        self.arrivals.get(&service).map_or(0, BTreeSet::len)
    }

    /// All that wait, earliest arrival first.
    pub fn by_arrival(&self) -> impl Iterator<Item = u64> + '_ {
        self.spots.keys().copied()
    }

    /// Those waiting for the service who arrived earlier. Costs the number of those who arrived later: nothing for the newest.
    pub fn ahead(&self, service: ServiceId, arrival: u64) -> usize {
        self.arrivals.get(&service).map_or(0, |arrivals| arrivals.len() - arrivals.range(arrival..).count())
    }

    fn insert(&mut self, spot: Spot, since: Millis, line: usize, arrival: u64) {
        let slot = self.lanes.entry((spot.service, spot.lane)).or_default().entry(spot.slot);
        slot.or_insert_with(|| Slot { since, line: Vec::with_capacity(1) }).line.insert(line, arrival);
        self.arrivals.entry(spot.service).or_default().insert(arrival);
        self.spots.insert(arrival, spot);
    }

    /// The k-th of the service in the order in which it would be called now, or the last one, and the position in its slot directly behind
    /// it. For k = 0 the first one, and the position before it.
    fn anchor(&self, service: ServiceId, policy: Policy, now: Millis, k: u32) -> Option<(Head, usize)> {
        let mut lanes: Vec<_> = self.lanes.range(lanes_of(service)).map(|(key, slots)| heads(*key, slots).peekable()).collect();
        let mut anchor = None;
        for _ in 0..k.max(1) {
            let next = lanes
                .iter_mut()
                .filter_map(|lane| lane.peek().map(|head| precedence(policy, head, now)).map(|precedence| (precedence, lane)))
                .min_by_key(|(precedence, _)| *precedence)
                .and_then(|(_, lane)| lane.next());
            match next {
                Some(head) => anchor = Some(head),
                None => break,
            }
        }
        anchor.map(|head| (head, if k == 0 { head.line } else { head.line + 1 }))
    }

    fn first<'a>(&self, lanes: impl Iterator<Item = LaneEntry<'a>>, policy: Policy, now: Millis) -> Option<u64> {
        lanes.filter_map(|(key, slots)| heads(*key, slots).next()).min_by_key(|head| precedence(policy, head, now)).map(|head| head.arrival)
    }
}

type LaneEntry<'a> = (&'a (ServiceId, Lane), &'a BTreeMap<u64, Slot>);

fn lanes_of(service: ServiceId) -> std::ops::RangeInclusive<(ServiceId, Lane)> {
    (service, Lane::Front)..=(service, Lane::Rank(Rank(u8::MAX)))
}

fn heads((service, lane): (ServiceId, Lane), slots: &BTreeMap<u64, Slot>) -> impl Iterator<Item = Head> + '_ {
    slots.iter().flat_map(move |(slot, content)| {
        let in_line = content.line.iter().enumerate();
        in_line.map(move |(line, arrival)| Head { service, lane, slot: *slot, since: content.since, line, arrival: *arrival })
    })
}

impl From<Vec<Row>> for Queue {
    fn from(rows: Vec<Row>) -> Self {
        let mut queue = Self::default();
        for Row { service, lane, slot, since, line } in rows {
            for (position, arrival) in line.into_iter().enumerate() {
                queue.insert(Spot { service, lane, slot }, since, position, arrival);
            }
        }
        queue
    }
}

impl From<Queue> for Vec<Row> {
    fn from(queue: Queue) -> Self {
        let slots = queue.lanes.into_iter().flat_map(|((service, lane), slots)| slots.into_iter().map(move |slot| (service, lane, slot)));
        slots.map(|(service, lane, (slot, content))| Row { service, lane, slot, since: content.since, line: content.line }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::sample;
    use super::*;

    const POLICY: Policy = Policy::Fifo;

    fn newcomer(arrival: u64, service: u32, rank: u8) -> Newcomer {
        Newcomer { arrival, service: ServiceId(service), rank: Rank(rank), issued_at: Millis(arrival as i64 * 1000) }
    }

    fn queue(arrivals: &[(u64, u32, u8)]) -> Queue {
        let mut queue = Queue::default();
        for &(arrival, service, rank) in arrivals {
            queue.put(newcomer(arrival, service, rank), Place::ByArrival, POLICY, arrival, Millis(0));
        }
        queue
    }

    fn desk(services: &[u32]) -> Desk {
        Desk { services: services.iter().copied().map(ServiceId).collect(), ..sample().desks[0].clone() }
    }

    fn drained(mut queue: Queue, services: &[u32], policy: Policy, now: i64) -> Vec<u64> {
        let desk = desk(services);
        std::iter::from_fn(|| queue.next(&desk, policy, Millis(now)).inspect(|arrival| queue.remove(*arrival))).collect()
    }

    #[test]
    fn a_desk_sees_only_its_services() {
        let q = queue(&[(1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 2, 1)]);
        assert_eq!(drained(q.clone(), &[2], POLICY, 9000), [2, 4]);
        assert_eq!(drained(q.clone(), &[3, 1], POLICY, 9000), [1, 3]);
        assert_eq!(drained(q, &[], POLICY, 9000), [1, 2, 3, 4]);
    }

    #[test]
    fn places() {
        let base = [(1, 1, 0), (2, 1, 0), (3, 1, 1), (4, 2, 0)];
        let with = |place| {
            let mut q = queue(&base);
            q.put(Newcomer { issued_at: Millis(0), ..newcomer(0, 1, 0) }, place, POLICY, 9, Millis(9000));
            drained(q, &[], POLICY, 9000)
        };
        assert_eq!(with(Place::First), [0, 1, 2, 3, 4]);
        assert_eq!(with(Place::Last), [1, 2, 3, 4, 0]);
        assert_eq!(with(Place::ByArrival), [0, 1, 2, 3, 4]);
        assert_eq!(with(Place::After(0)), [0, 1, 2, 3, 4]);
        assert_eq!(with(Place::After(1)), [1, 0, 2, 3, 4]);
        assert_eq!(with(Place::After(3)), [1, 2, 3, 0, 4]);
        assert_eq!(with(Place::After(u32::MAX)), [1, 2, 3, 0, 4], "behind the last one of its own service");
    }

    #[test]
    fn the_last_one_put_first_is_first() {
        let mut q = queue(&[(1, 1, 1)]);
        for (arrival, rev) in [(5, 11), (6, 12)] {
            q.put(newcomer(arrival, 1, 0), Place::First, POLICY, rev, Millis(9000));
        }
        q.put(newcomer(7, 1, 0), Place::After(0), POLICY, 13, Millis(9000));
        q.put(newcomer(8, 2, 0), Place::After(0), POLICY, 14, Millis(9000));
        assert_eq!(drained(q, &[], POLICY, 9000), [7, 6, 5, 1, 8], "put first within a service is not before other services' first");
    }

    #[test]
    fn put_behind_another_waits_as_long_as_that_one() {
        let policy = Policy::Accumulating { factor: 3 };
        let mut q = queue(&[(1, 1, 1), (2, 1, 0), (3, 1, 0)]);
        q.put(newcomer(4, 1, 0), Place::After(1), policy, 9, Millis(9000));
        assert_eq!(drained(q, &[1], policy, 10_000), [1, 4, 2, 3]);
    }

    #[test]
    fn many_put_behind_the_same_one() {
        let mut q = queue(&[(1, 1, 0), (2, 1, 0)]);
        for arrival in 3..500 {
            q.put(newcomer(arrival, 1, 0), Place::After(1), POLICY, 1000 + arrival, Millis(9000));
        }
        let expected: Vec<u64> = [1].into_iter().chain((3..500).rev()).chain([2]).collect();
        assert_eq!(drained(q, &[1], POLICY, 9000), expected);
    }

    #[test]
    fn counts_by_arrival() {
        let mut q = queue(&[(1, 1, 0), (2, 2, 0), (3, 1, 1), (5, 1, 0)]);
        assert_eq!((q.len(), q.len_of(ServiceId(1)), q.len_of(ServiceId(9))), (4, 3, 0));
        assert_eq!([1, 3, 5].map(|arrival| q.ahead(ServiceId(1), arrival)), [0, 1, 2]);
        q.remove(3);
        assert_eq!(q.ahead(ServiceId(1), 5), 1);
        assert_eq!(q.by_arrival().collect::<Vec<_>>(), [1, 2, 5]);
        for arrival in [1, 2, 5, 5] {
            q.remove(arrival);
        }
        assert_eq!(q, Queue::default(), "nothing is left behind");
    }

    #[test]
    fn is_stored_and_read_back_exactly() {
        let mut q = queue(&[(1, 1, 0), (2, 2, 0), (3, 1, 1)]);
        q.put(newcomer(4, 1, 0), Place::After(1), POLICY, 9, Millis(9000));
        q.put(newcomer(5, 1, 0), Place::First, POLICY, 10, Millis(9000));
        let text = serde_json::to_string(&q).unwrap();
        assert_eq!(serde_json::from_str::<Queue>(&text).unwrap(), q);
    }
}
