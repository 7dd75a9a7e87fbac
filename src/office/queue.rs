//! Owns the order of those who wait. A ticket is known here by the `rev` of its issue, its arrival: a smaller one came earlier. Never knows
//! tickets' states, and never decides who may be called.
//!
//! A line is what somebody waits for: a service, or one desk alone. A lane holds the waiting tickets of one line and one rank, plus one lane a
//! line for those put first. A lane is an ordered row of slots, by the time since when they wait and then by arrival; a slot nearly always
//! holds one ticket, and more only where staff put one directly before or behind another. So the next one is found by looking at the first of
//! each lane, however many wait.

use std::collections::btree_map::{self, BTreeMap};
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::ids::{DeskId, Millis, Rank, ServiceId};
use super::policy::{Contender, Rule};
use super::reason::Reason;
use super::settings::{Desk, Policy, Served};
use super::ticket::Place;

/// What a ticket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Service(ServiceId),
    /// Reserved for one desk, for a service, whether or not that desk serves it.
    Desk(DeskId, ServiceId),
}

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
    pub line: Line,
    pub lane: Lane,
    pub slot: u64,
    /// Since when it counts as waiting. Never earlier than that of one before it in its lane.
    pub since: Millis,
    /// Position within the slot.
    pub position: usize,
    pub arrival: u64,
}

/// A ticket that begins to wait, or waits again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newcomer {
    pub arrival: u64,
    pub service: ServiceId,
    pub rank: Rank,
    /// Since when it waits, by arrival.
    pub issued_at: Millis,
    /// The one desk that it waits for.
    pub reserved: Option<DeskId>,
}

/// The ticket that a desk is to call, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub arrival: u64,
    pub reason: Reason,
}

/// Where a ticket stood, so that it can be put there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spot {
    line: Line,
    lane: Lane,
    slot: u64,
    /// Within the slot.
    position: usize,
    since: Millis,
    placed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Row>", into = "Vec<Row>")]
pub(super) struct Queue {
    lanes: BTreeMap<(Line, Lane), Slots>,
    /// Where everybody stands, by arrival.
    standing: BTreeMap<u64, Standing>,
    arrivals: HashMap<ServiceId, BTreeSet<u64>>,
}

type Slots = BTreeMap<Order, Slot>;

/// Place of a slot in its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    /// Nobody in the front lane waits longer than another: there the number alone counts.
    since: Option<Millis>,
    slot: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Slot {
    since: Millis,
    tickets: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Standing {
    line: Line,
    lane: Lane,
    order: Order,
    /// By hand: before all others, or before or behind another one.
    placed: bool,
}

/// A slot as it is stored.
#[derive(Clone, Serialize, Deserialize)]
struct Row {
    service: ServiceId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    desk: Option<DeskId>,
    lane: Lane,
    slot: u64,
    since: Millis,
    line: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    placed: Vec<u64>,
}

impl Queue {
    /// Puts a ticket at its place. `rev` and `now` are those of the event that puts it there.
    pub fn put(&mut self, newcomer: Newcomer, place: Place, policy: Policy, rev: u64, now: Millis) {
        let Newcomer { arrival, service, rank, issued_at, reserved } = newcomer;
        self.remove(arrival);
        let line = Line::new(service, reserved);
        let own = |slot, since| Spot { line, lane: Lane::Rank(rank), slot, position: 0, since, placed: false };
        let spot = match place {
            Place::ByArrival => own(arrival, issued_at),
            Place::Last => own(rev, now),
            // Slots of the front lane count downwards, so that the last one put there is the first.
            Place::First => Spot { line, lane: Lane::Front, slot: u64::MAX - rev, position: 0, since: now, placed: true },
            Place::After(k) => self.beside(line, policy, now, k).unwrap_or_else(|| own(arrival, issued_at)),
        };
        self.insert(spot, arrival);
    }

    /// Takes a ticket out, if it is in. Tells where it stood.
    pub fn remove(&mut self, arrival: u64) -> Option<Spot> {
        let Standing { line, lane, order, placed } = self.standing.remove(&arrival)?;
        if let Some(arrivals) = self.arrivals.get_mut(&line.service()) {
            arrivals.remove(&arrival);
            if arrivals.is_empty() {
                self.arrivals.remove(&line.service());
            }
        }
        let btree_map::Entry::Occupied(mut slots) = self.lanes.entry((line, lane)) else { return None };
        let btree_map::Entry::Occupied(mut content) = slots.get_mut().entry(order) else { return None };
        let since = content.get().since;
        let position = content.get().tickets.iter().position(|other| *other == arrival)?;
        content.get_mut().tickets.remove(position);
        if content.get().tickets.is_empty() {
            content.remove();
        }
        if slots.get().is_empty() {
            slots.remove();
        }
        Some(Spot { line, lane, slot: order.slot, position, since, placed })
    }

    /// Puts a ticket where it stood once; what came or went there since is left as it is.
    pub fn restore(&mut self, arrival: u64, spot: Spot) {
        self.remove(arrival);
        self.insert(spot, arrival);
    }

    /// The ticket that this desk is to call now, which called `normals` normal ones last. Costs the number of lanes, not of tickets.
    pub fn next(&self, desk: &Desk, policy: Policy, normals: u32, now: Millis) -> Option<Choice> {
        let rule = Rule { policy, normals, at: now };
        let chosen = self.contenders(desk).min_by_key(|contender| rule.precedence(contender))?;
        let Head { line, lane, arrival, .. } = chosen.head;
        let alone = self.lanes.get(&(line, lane)).is_none_or(|slots| heads((line, lane), slots).nth(1).is_none());
        let placed = self.standing.get(&arrival).is_some_and(|standing| standing.placed);
        Some(Choice { arrival, reason: Reason::of(&rule, &chosen, placed, alone, self.contenders(desk)) })
    }

    pub fn len(&self) -> usize {
        self.standing.len()
    }

    /// Those who wait for the service, at whichever desk.
    pub fn len_of(&self, service: ServiceId) -> usize {
        self.arrivals.get(&service).map_or(0, BTreeSet::len)
    }

    /// All that wait, earliest arrival first.
    pub fn by_arrival(&self) -> impl Iterator<Item = u64> + '_ {
        self.standing.keys().copied()
    }

    /// Those waiting for the service who arrived earlier. Costs the number of those who arrived later: nothing for the newest.
    pub fn ahead(&self, service: ServiceId, arrival: u64) -> usize {
        self.arrivals.get(&service).map_or(0, |arrivals| arrivals.len() - arrivals.range(arrival..).count())
    }

    /// Each lane and those in it, first one first.
    pub fn lanes(&self) -> impl Iterator<Item = (Line, Lane, impl Iterator<Item = Head> + '_)> + '_ {
        self.lanes.iter().map(|(key, slots)| (key.0, key.1, heads(*key, slots)))
    }

    /// The first of each lane that the desk sees.
    fn contenders<'a>(&'a self, desk: &'a Desk) -> impl Iterator<Item = Contender> + 'a {
        let every = desk.services.is_empty().then(|| lanes_of(Line::Service(ServiceId(0)), Line::Service(ServiceId(u32::MAX))));
        let some = desk.services.iter().map(|served| lanes_of(Line::Service(served.service), Line::Service(served.service)));
        let own = lanes_of(Line::Desk(desk.id, ServiceId(0)), Line::Desk(desk.id, ServiceId(u32::MAX)));
        every.into_iter().chain(some).chain([own]).flat_map(|range| self.lanes.range(range)).filter_map(|(key, slots)| {
            let head = heads(*key, slots).next()?;
            Some(Contender { head, served: head.line.served_by(desk)? })
        })
    }

    fn insert(&mut self, spot: Spot, arrival: u64) {
        let Spot { line, lane, slot, position, since, placed } = spot;
        let order = Order { since: (lane != Lane::Front).then_some(since), slot };
        let content = self.lanes.entry((line, lane)).or_default().entry(order);
        let tickets = &mut content.or_insert_with(|| Slot { since, tickets: Vec::with_capacity(1) }).tickets;
        tickets.insert(position.min(tickets.len()), arrival);
        self.arrivals.entry(line.service()).or_default().insert(arrival);
        self.standing.insert(arrival, Standing { line, lane, order, placed });
    }

    /// The spot directly behind the k-th of a line, in the order in which a desk would call them now that has called no normal one yet; behind
    /// the last one when there are fewer. For k = 0 the spot before the first one. `None` when nobody waits there.
    fn beside(&self, line: Line, policy: Policy, now: Millis, k: u32) -> Option<Spot> {
        let mut rule = Rule { policy, normals: 0, at: now };
        let mut lanes: Vec<_> = self.lanes.range(lanes_of(line, line)).map(|(key, slots)| heads(*key, slots).peekable()).collect();
        let mut anchor = None;
        for _ in 0..k.max(1) {
            let contender = |head: &Head| Contender { head: *head, served: line.service().into() };
            let next = lanes
                .iter_mut()
                .filter_map(|lane| lane.peek().map(|head| rule.precedence(&contender(head))).map(|precedence| (precedence, lane)))
                .min_by_key(|(precedence, _)| *precedence)
                .and_then(|(_, lane)| lane.next());
            let Some(head) = next else { break };
            rule.normals = if head.lane == Lane::Rank(Rank::NORMAL) { rule.normals.saturating_add(1) } else { 0 };
            anchor = Some(head);
        }
        anchor.map(|Head { line, lane, slot, since, position, .. }| {
            let position = if k == 0 { position } else { position + 1 };
            Spot { line, lane, slot, position, since, placed: true }
        })
    }
}

impl Line {
    fn new(service: ServiceId, reserved: Option<DeskId>) -> Self {
        reserved.map_or(Self::Service(service), |desk| Self::Desk(desk, service))
    }

    pub fn service(self) -> ServiceId {
        match self {
            Self::Service(service) | Self::Desk(_, service) => service,
        }
    }

    /// How a desk serves those who wait here; `None` when it does not. Who is reserved for a desk counts there as others of the same service.
    pub fn served_by(self, desk: &Desk) -> Option<Served> {
        match self {
            Self::Service(service) => desk.served(service),
            Self::Desk(id, service) => (id == desk.id).then(|| desk.served(service).unwrap_or(service.into())),
        }
    }
}

fn lanes_of(first: Line, last: Line) -> RangeInclusive<(Line, Lane)> {
    (first, Lane::Front)..=(last, Lane::Rank(Rank(u8::MAX)))
}

fn heads((line, lane): (Line, Lane), slots: &Slots) -> impl Iterator<Item = Head> + '_ {
    slots.iter().flat_map(move |(Order { slot, .. }, Slot { since, tickets })| {
        let tickets = tickets.iter().enumerate();
        tickets.map(move |(position, arrival)| Head { line, lane, slot: *slot, since: *since, position, arrival: *arrival })
    })
}

impl From<Vec<Row>> for Queue {
    fn from(rows: Vec<Row>) -> Self {
        let mut queue = Self::default();
        for Row { service, desk, lane, slot, since, line: tickets, placed } in rows {
            for (position, arrival) in tickets.into_iter().enumerate() {
                let spot = Spot { line: Line::new(service, desk), lane, slot, position, since, placed: placed.contains(&arrival) };
                queue.insert(spot, arrival);
            }
        }
        queue
    }
}

impl From<Queue> for Vec<Row> {
    fn from(queue: Queue) -> Self {
        let Queue { lanes, standing, .. } = queue;
        let slots = lanes.into_iter().flat_map(|(key, slots)| slots.into_iter().map(move |slot| (key, slot)));
        let row = |((line, lane), (Order { slot, .. }, Slot { since, tickets }))| {
            let placed = tickets.iter().filter(|arrival| standing.get(arrival).is_some_and(|standing| standing.placed));
            let desk = if let Line::Desk(desk, _) = line { Some(desk) } else { None };
            Row { service: Line::service(line), desk, lane, slot, since, placed: placed.copied().collect(), line: tickets }
        };
        slots.map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Name;
    use super::*;

    const POLICY: Policy = Policy::Fifo;

    fn newcomer(arrival: u64, service: u32, rank: u8) -> Newcomer {
        Newcomer { arrival, service: ServiceId(service), rank: Rank(rank), issued_at: Millis(arrival as i64 * 1000), reserved: None }
    }

    fn queue(arrivals: &[(u64, u32, u8)]) -> Queue {
        let mut queue = Queue::default();
        for &(arrival, service, rank) in arrivals {
            queue.put(newcomer(arrival, service, rank), Place::ByArrival, POLICY, arrival, Millis(0));
        }
        queue
    }

    fn desk(services: &[u32]) -> Desk {
        let name = Name { es: "Caja".into(), en: "Desk".into() };
        Desk { id: DeskId(1), name, services: services.iter().copied().map(|service| ServiceId(service).into()).collect() }
    }

    fn drained(mut queue: Queue, services: &[u32], policy: Policy, now: i64) -> Vec<u64> {
        let desk = desk(services);
        let next = || {
            let Choice { arrival, .. } = queue.next(&desk, policy, 0, Millis(now))?;
            queue.remove(arrival).map(|_| arrival)
        };
        std::iter::from_fn(next).collect()
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
    fn who_waits_since_later_stands_behind_however_early_it_came() {
        let mut q = queue(&[(2, 1, 0), (3, 1, 0)]);
        q.put(Newcomer { issued_at: Millis(2_500), ..newcomer(1, 1, 0) }, Place::ByArrival, POLICY, 9, Millis(9000));
        assert_eq!(drained(q, &[1], POLICY, 9000), [2, 1, 3]);
    }

    #[test]
    fn a_reserved_ticket_is_seen_at_its_desk_alone_and_counts_there_as_its_service_does() {
        let mut q = queue(&[(1, 1, 0), (3, 2, 0)]);
        for (arrival, service, to) in [(2, 1, 1), (4, 3, 1), (0, 1, 7)] {
            q.put(
                Newcomer { reserved: Some(DeskId(to)), ..newcomer(arrival, service, 0) },
                Place::ByArrival,
                POLICY,
                arrival,
                Millis(9000),
            );
        }
        assert_eq!((q.len_of(ServiceId(1)), q.ahead(ServiceId(1), 2)), (3, 2));
        assert_eq!(drained(q.clone(), &[], POLICY, 9000), [1, 2, 3, 4]);
        assert_eq!(drained(q.clone(), &[2], POLICY, 9000), [2, 3, 4], "reserved for services, too, that the desk does not serve");
        let tiers = [(1, 1, 1), (2, 0, 1)].map(|(service, tier, weight)| Served { service: ServiceId(service), tier, weight });
        let desk = Desk { services: tiers.to_vec(), ..desk(&[]) };
        assert_eq!(q.next(&desk, POLICY, 0, Millis(9000)).map(|choice| choice.arrival), Some(3), "2 is of the later tier");
        q.remove(3);
        assert_eq!(q.next(&desk, POLICY, 0, Millis(9000)).map(|choice| choice.arrival), Some(4), "4 is of the first tier");
    }

    #[test]
    fn a_reserved_ticket_finds_its_place_among_those_of_its_line() {
        let mut q = queue(&[(1, 1, 0), (2, 1, 0)]);
        let put = |q: &mut Queue, arrival, place| {
            q.put(Newcomer { reserved: Some(DeskId(1)), ..newcomer(arrival, 1, 0) }, place, POLICY, arrival, Millis(9000));
        };
        put(&mut q, 5, Place::After(1));
        put(&mut q, 6, Place::After(0));
        put(&mut q, 7, Place::First);
        assert_eq!(drained(q, &[1], POLICY, 9000), [7, 1, 2, 6, 5]);
    }

    #[test]
    fn goes_back_exactly_to_where_it_stood() {
        let mut q = queue(&[(1, 1, 0), (2, 2, 0), (3, 1, 1)]);
        for (arrival, place) in [(4, Place::After(1)), (5, Place::After(1)), (6, Place::First), (7, Place::After(0)), (8, Place::Last)] {
            q.put(newcomer(arrival, 1, 0), place, POLICY, arrival, Millis(9000));
        }
        for arrival in 1..=8 {
            let mut other = q.clone();
            let spot = other.remove(arrival).unwrap();
            let spot = serde_json::from_str(&serde_json::to_string(&spot).unwrap()).unwrap();
            other.put(newcomer(arrival, 2, 1), Place::First, POLICY, 99, Millis(9999));
            other.restore(arrival, spot);
            assert_eq!(other, q, "ticket {arrival}");
        }
        assert_eq!(q.remove(99), None);
    }

    #[test]
    fn goes_back_beside_others_that_have_gone() {
        let mut q = queue(&[(1, 1, 0), (2, 1, 0)]);
        q.put(newcomer(3, 1, 0), Place::After(1), POLICY, 9, Millis(9000));
        let spot = q.remove(3).unwrap();
        q.remove(1);
        q.restore(3, spot);
        assert_eq!(drained(q, &[1], POLICY, 9000), [3, 2]);
    }

    #[test]
    fn is_stored_and_read_back_exactly() {
        let mut q = queue(&[(1, 1, 0), (2, 2, 0), (3, 1, 1)]);
        q.put(newcomer(4, 1, 0), Place::After(1), POLICY, 9, Millis(9000));
        q.put(newcomer(5, 1, 0), Place::First, POLICY, 10, Millis(9000));
        q.put(Newcomer { reserved: Some(DeskId(3)), ..newcomer(6, 1, 0) }, Place::First, POLICY, 11, Millis(9000));
        let text = serde_json::to_string(&q).unwrap();
        assert_eq!(serde_json::from_str::<Queue>(&text).unwrap(), q);
    }
    #[test]
    fn reads_what_an_earlier_version_stored() {
        let text = r#"[{"service":1,"lane":"front","slot":18446744073709551605,"since":9000,"line":[5]},
            {"service":1,"lane":{"rank":0},"slot":1,"since":1000,"line":[1,4]},{"service":2,"lane":{"rank":0},"slot":2,"since":2000,"line":[2]}]"#;
        let mut q = queue(&[(1, 1, 0), (2, 2, 0)]);
        q.put(newcomer(4, 1, 0), Place::After(1), POLICY, 9, Millis(9000));
        q.put(newcomer(5, 1, 0), Place::First, POLICY, 10, Millis(9000));
        let read: Queue = serde_json::from_str(text).unwrap();
        assert_eq!(drained(read, &[], POLICY, 9000), drained(q, &[], POLICY, 9000));
    }
}
