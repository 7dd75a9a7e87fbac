//! Owns the rules of fairness that hold for every policy, desk and queue: random ones, checked against a slow second opinion that knows
//! neither lanes nor slots. Compiled for tests only.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::arbitrary::{self, MINUTE};
use super::estimate::{AtWork, Pick, Scene, Who, play};
use super::ids::{DeskId, Millis, Rank, ServiceId};
use super::queue::{Newcomer, Queue};
use super::settings::{Desk, Policy, Served};
use super::ticket::Place;

/// A ticket that waits by arrival or as if it had just come, which is all that the second opinion needs to know.
#[derive(Debug, Clone, Copy)]
struct Plain {
    arrival: u64,
    service: ServiceId,
    rank: Rank,
    reserved: Option<DeskId>,
    /// The time since when it waits, and the order among those of the same time.
    age: (Millis, u64),
}

/// Tickets in the order of their arrival: the time since the one before, and what they are; some were put last again, in the end.
#[derive(Debug, Clone)]
struct Crowd {
    came: Vec<Came>,
    again: Vec<prop::sample::Index>,
}

#[derive(Debug, Clone, Copy)]
struct Came {
    after: i64,
    service: u32,
    rank: u8,
    reserved: Option<u32>,
}

impl Crowd {
    /// The queue, those in it, and the moment at which all of them have come.
    fn queue(&self, policy: Policy) -> (Queue, Vec<Plain>, Millis) {
        let (mut queue, mut all, mut now) = (Queue::default(), Vec::new(), Millis(0));
        for (i, came) in self.came.iter().enumerate() {
            now.0 += came.after;
            let arrival = i as u64 + 1;
            let reserved = came.reserved.map(DeskId);
            let plain = Plain { arrival, service: ServiceId(came.service), rank: Rank(came.rank), reserved, age: (now, arrival) };
            queue.put(plain.newcomer(), Place::ByArrival, policy, arrival, now);
            all.push(plain);
        }
        let again = if all.is_empty() { &[] } else { &self.again[..] };
        for (rev, index) in (all.len() as u64 + 1..).zip(again) {
            now.0 += 1_000;
            let plain = &mut all[index.index(self.came.len())];
            queue.put(plain.newcomer(), Place::Last, policy, rev, now);
            plain.age = (now, rev);
        }
        (queue, all, now)
    }
}

impl Plain {
    fn newcomer(&self) -> Newcomer {
        let Self { arrival, service, rank, reserved, age: (issued_at, _) } = *self;
        Newcomer { arrival, service, rank, issued_at, reserved }
    }

    /// How a desk serves it, if it does.
    fn served(&self, desk: &Desk) -> Option<Served> {
        let listed = desk.services.iter().find(|served| served.service == self.service).copied();
        let alike = Served { service: self.service, tier: 0, weight: 1 };
        match self.reserved {
            Some(other) if other != desk.id => None,
            Some(_) => Some(listed.unwrap_or(alike)),
            None if desk.services.is_empty() => Some(alike),
            None => listed,
        }
    }
}

/// Who is next, told by the policy's own words over all that wait: first the lowest tier, then one rule after the other.
fn by_the_book(all: &[Plain], desk: &Desk, policy: Policy, normals: u32, now: Millis) -> Option<u64> {
    let eligible: Vec<(Plain, Served)> = all.iter().filter_map(|plain| Some((*plain, plain.served(desk)?))).collect();
    let tier = eligible.iter().map(|(_, served)| served.tier).min()?;
    let mut tier: Vec<(Plain, u128)> = eligible
        .into_iter()
        .filter(|(_, served)| served.tier == tier)
        .map(|(plain, served)| (plain, (now.0 - plain.age.0.0).max(0) as u128 * u128::from(served.weight)))
        .collect();
    let oldest = |tier: &[(Plain, u128)], wanted: &dyn Fn(&Plain) -> bool| {
        let wanted = tier.iter().filter(|(plain, _)| wanted(plain));
        wanted.min_by_key(|(plain, waited)| (Reverse(*waited), plain.age)).map(|(plain, _)| *plain)
    };
    let priority = |plain: &Plain| plain.rank > Rank::NORMAL;
    let chosen = match policy {
        Policy::Fifo => oldest(&tier, &|_| true),
        Policy::Strict => {
            let highest = tier.iter().map(|(plain, _)| plain.rank).max();
            oldest(&tier, &|plain| Some(plain.rank) == highest)
        }
        Policy::Accumulating { factor } => {
            for (plain, waited) in &mut tier {
                *waited *= (0..plain.rank.0).map(|_| u128::from(factor)).product::<u128>();
            }
            tier.sort_by_key(|(plain, waited)| (Reverse(*waited), Reverse(plain.rank), plain.age));
            tier.first().map(|(plain, _)| *plain)
        }
        Policy::GuardedRatio { normals: after } => {
            let first = oldest(&tier, &|_| true);
            let turn = (normals >= after).then(|| oldest(&tier, &priority)).flatten();
            first.filter(priority).or(turn).or_else(|| oldest(&tier, &|plain| !priority(plain)))
        }
    };
    chosen.map(|plain| plain.arrival)
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::Fifo),
        Just(Policy::Strict),
        (1_u32..=10).prop_map(|factor| Policy::Accumulating { factor }),
        (0_u32..=4).prop_map(|normals| Policy::GuardedRatio { normals }),
    ]
}

/// Up to 30 tickets for 4 services, of 3 ranks, a few reserved for a desk; many came within the same millisecond or minute.
fn crowd() -> impl Strategy<Value = Crowd> {
    let after = prop_oneof![2 => Just(0), 3 => 1_i64..5_000, 2 => (1_i64..20).prop_map(|minutes| minutes * MINUTE)];
    let rank = prop_oneof![3 => Just(0_u8), 2 => 1_u8..=2];
    let came = (after, 1_u32..=4, rank, option::weighted(0.15, 1_u32..=3)).prop_map(|(after, service, rank, reserved)| Came {
        after,
        service,
        rank,
        reserved,
    });
    (vec(came, 0..30), vec(any::<prop::sample::Index>(), 0..4)).prop_map(|(came, again)| Crowd { came, again })
}

/// Desk 1, 2 or 3, which serves all alike, or some in tiers and with weights.
fn desk() -> impl Strategy<Value = Desk> {
    let served = (0_u8..=2, prop_oneof![3 => Just(1_u32), 2 => 1_u32..=5]);
    (1_u32..=3, vec(option::of(served), 4)).prop_map(|(id, served)| {
        let listed = (1_u32..).zip(served).filter_map(|(service, served)| {
            let (tier, weight) = served?;
            Some(Served { service: ServiceId(service), tier, weight })
        });
        Desk { services: listed.collect(), ..arbitrary::desk(id, &[]) }
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::First), Just(Place::Last), Just(Place::ByArrival), (0_u32..6).prop_map(Place::After)]
}

/// Normal tickets that a desk had called, and minutes that pass before each of its calls.
fn pauses() -> impl Strategy<Value = (u32, Vec<i64>)> {
    (0_u32..5, vec(0_i64..15, 1..8))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Call after call, by a desk on its own: who is called is who the book says, and no priority ticket that counts at the desk as the called
    /// normal one does is older than that.
    #[test]
    fn a_desk_calls_by_the_book_and_never_a_normal_one_before_an_older_priority_one(
        (crowd, policy, desk, (mut normals, pauses)) in (crowd(), policy(), desk(), pauses())
    ) {
        let (mut queue, mut all, mut now) = crowd.queue(policy);
        for pause in pauses.iter().cycle() {
            now.0 += pause * MINUTE;
            let next = queue.next(&desk, policy, normals, now).map(|choice| choice.arrival);
            prop_assert_eq!(next, by_the_book(&all, &desk, policy, normals, now), "{:?} {:?}", policy, now);
            let Some(next) = next else { break };
            let called = all.remove(all.iter().position(|plain| plain.arrival == next).unwrap());
            let served = called.served(&desk);
            prop_assert!(served.is_some(), "{:?} is not for this desk", called);
            let count = |served: Option<Served>| served.map(|served| (served.tier, served.weight));
            for other in all.iter().filter(|other| called.rank == Rank::NORMAL && other.rank > Rank::NORMAL && other.age < called.age) {
                prop_assert_ne!(count(other.served(&desk)), count(served), "{:?} was overtaken by {:?}", other, called);
            }
            normals = if called.rank == Rank::NORMAL { normals + 1 } else { 0 };
            prop_assert!(queue.remove(next).is_some());
        }
        let left = all.iter().filter(|plain| plain.served(&desk).is_some()).count();
        prop_assert_eq!((left, queue.len()), (0, all.len()), "a desk calls all that it serves and nobody else");
    }

    /// Under every policy nobody is called before an older one of the same class, desk and service.
    #[test]
    fn among_equals_the_oldest_is_called((crowd, policy, desk, (normals, pauses)) in (crowd(), policy(), desk(), pauses())) {
        let (queue, all, mut now) = crowd.queue(policy);
        now.0 += pauses[0] * MINUTE;
        if let Some(choice) = queue.next(&desk, policy, normals, now) {
            let of = |plain: &Plain| (plain.rank, plain.served(&desk).map(|served| (served.tier, served.weight)));
            let called = all.iter().find(|plain| plain.arrival == choice.arrival).unwrap();
            let oldest = all.iter().filter(|plain| of(plain) == of(called)).min_by_key(|plain| plain.age).unwrap();
            prop_assert_eq!(called.arrival, oldest.arrival);
        }
    }

    /// Whoever is put first is called next, wherever a desk sees it, and whoever is put behind the first k of its service comes right behind them.
    #[test]
    fn staff_s_hand_comes_before_the_policy((crowd, policy, desk, k) in (crowd(), policy(), desk(), 0_u32..6)) {
        let (mut queue, all, now) = crowd.queue(policy);
        let service = ServiceId(1);
        let newcomer = Newcomer { arrival: 1_000, service, rank: Rank::NORMAL, issued_at: now, reserved: None };
        queue.put(newcomer, Place::First, policy, 1_000, now);
        let next = queue.next(&desk, policy, 0, now).map(|choice| choice.arrival);
        prop_assert_eq!(next == Some(1_000), desk.serves(service));

        queue.put(newcomer, Place::After(k), policy, 1_001, now);
        let only = Desk { id: DeskId(9), services: vec![service.into()], ..desk };
        let (mut before, mut normals) = (0, 0);
        while let Some(choice) = queue.next(&only, policy, normals, now).filter(|choice| choice.arrival != 1_000) {
            queue.remove(choice.arrival);
            let rank = all[choice.arrival as usize - 1].rank;
            normals = if rank == Rank::NORMAL { normals + 1 } else { 0 };
            before += 1;
        }
        let others = all.iter().filter(|plain| plain.service == service && plain.reserved.is_none()).count();
        // A turn that falls between the two is the desk's: it cannot be known beforehand which one's.
        let turns = matches!(policy, Policy::GuardedRatio { .. });
        prop_assert!(if turns { before >= others.min(k as usize) } else { before == others.min(k as usize) }, "{} before", before);
    }

    /// Whatever was put where, a ticket that is taken out and restored leaves the queue as it was; and so does the stored form.
    #[test]
    fn what_is_restored_stands_as_before(
        (crowd, policy, moves) in (crowd(), policy(), vec((any::<prop::sample::Index>(), place()), 0..12))
    ) {
        let (mut queue, all, now) = crowd.queue(policy);
        for (i, (index, place)) in moves.iter().enumerate().filter(|_| !all.is_empty()) {
            queue.put(all[index.index(all.len())].newcomer(), *place, policy, 100 + i as u64, Millis(now.0 + i as i64));
        }
        let stored: Queue = serde_json::from_str(&serde_json::to_string(&queue).unwrap()).unwrap();
        prop_assert_eq!(&stored, &queue);
        let mut other = queue.clone();
        let spots: Vec<_> = all.iter().map(|plain| (plain.arrival, other.remove(plain.arrival).unwrap())).collect();
        prop_assert_eq!(&other, &Queue::default(), "nothing is left behind");
        for (arrival, spot) in spots.into_iter().rev() {
            other.restore(arrival, spot);
        }
        prop_assert_eq!(&other, &queue, "taken out one after the other and put back in the opposite order");
    }

    /// The calls that the estimate plays are those that the desks make, one after the other, at those moments; and a newcomer is called in it
    /// when it would be called if it had really come, alone.
    #[test]
    fn the_estimate_is_the_policy(
        (crowd, policy, desks, moves) in (crowd(), policy(), vec((desk(), 0_i64..20, 0_u32..4), 1..4), vec((any::<prop::sample::Index>(), place()), 0..4)),
        (service, rank) in (1_u32..=4, 0_u8..=2),
    ) {
        let (mut queue, all, now) = crowd.queue(policy);
        for (i, (index, place)) in moves.iter().enumerate().filter(|_| !all.is_empty()) {
            queue.put(all[index.index(all.len())].newcomer(), *place, policy, 100 + i as u64, now);
        }
        let desks: Vec<(Desk, i64, u32)> =
            (1_u32..).zip(desks).map(|(id, (desk, free, normals))| (Desk { id: DeskId(id), ..desk }, free, normals)).collect();
        let come = Newcomer { arrival: 1_000, service: ServiceId(service), rank: Rank(rank), issued_at: now, reserved: None };
        let picks = played(&queue, &all, &desks, policy, now, &[(come.service, come.rank)]);

        let mut left = queue.clone();
        let mut normals: Vec<u32> = desks.iter().map(|(.., normals)| *normals).collect();
        for (at, desk, arrival) in waiting(&picks) {
            let i = desk.0 as usize - 1;
            let next = left.next(&desks[i].0, policy, normals[i], at).map(|choice| choice.arrival);
            prop_assert_eq!(next, Some(arrival), "desk {} at {:?}", desk, at);
            normals[i] = if all[arrival as usize - 1].rank == Rank::NORMAL { normals[i] + 1 } else { 0 };
            left.remove(arrival);
        }

        let newcomer = picks.iter().find(|pick| matches!(pick.who, Who::Newcomer(..))).map(|pick| (pick.at, pick.desk));
        queue.put(come, Place::ByArrival, policy, 1_000, now);
        let really = waiting(&played(&queue, &all, &desks, policy, now, &[]));
        prop_assert_eq!(newcomer, really.iter().find(|(.., arrival)| *arrival == 1_000).map(|(at, desk, _)| (*at, *desk)));
    }
}

/// The calls to come, with the minutes until each desk is free and the normal ones that it had called; serving somebody of service n takes
/// 2 n + 1 minutes.
fn played(
    queue: &Queue,
    all: &[Plain],
    desks: &[(Desk, i64, u32)],
    policy: Policy,
    now: Millis,
    newcomers: &[(ServiceId, Rank)],
) -> Vec<Pick> {
    let at_work = desks.iter().map(|(desk, free, normals)| AtWork { desk, free_at: Millis(now.0 + free * MINUTE), normals: *normals });
    let scene = Scene { queue, policy, now, desks: at_work.collect(), newcomers: newcomers.to_vec() };
    let rank = |arrival: u64| all.get(arrival as usize - 1).map_or(Rank::NORMAL, |plain| plain.rank);
    let mut picks = Vec::new();
    play(
        scene,
        rank,
        |service| (2 * i64::from(service.0) + 1) * MINUTE,
        |pick| {
            picks.push(pick);
            ControlFlow::Continue(())
        },
    );
    picks
}

fn waiting(picks: &[Pick]) -> Vec<(Millis, DeskId, u64)> {
    let arrival = |pick: &Pick| if let Who::Waiting(arrival) = pick.who { Some((pick.at, pick.desk, arrival)) } else { None };
    picks.iter().filter_map(arrival).collect()
}
