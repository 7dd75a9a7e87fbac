//! Owns the choice: of several tickets, which is called first at a desk. Looks at the heads of lanes only and never at all that wait. Never
//! changes a queue.
//!
//! Before everything come those put first by hand, then the desk's tiers decide, then the policy. A new policy is a new arm of
//! [`Rule::precedence`]. Whatever it weighs, it must never let a normal ticket overtake an older priority ticket that the same desks serve
//! in the same tier and with the same weight. Tickets that staff put first or behind another one by hand are outside of that rule: that is
//! what they were put there for.

use std::cmp::Reverse;

use super::ids::{Millis, Rank};
use super::queue::{Head, Lane};
use super::settings::{Policy, Served};

/// The first of a lane, as one desk sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contender {
    pub head: Head,
    pub served: Served,
}

/// How a desk chooses at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub policy: Policy,
    /// Normal tickets that the desk called last, in a row.
    pub normals: u32,
    pub at: Millis,
}

/// The smallest is called first. It compares heads of lanes; within a lane the order is the lane's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precedence {
    by_rule: bool,
    pub tier: u8,
    /// A class that comes before any waiting time.
    pub class: Reverse<Rank>,
    pub score: Reverse<u128>,
    /// Among equal scores.
    pub rank: Reverse<Rank>,
    since: Millis,
    slot: u64,
    arrival: u64,
}

impl Rule {
    pub fn precedence(&self, contender: &Contender) -> Precedence {
        let Contender { head: Head { lane, slot, since, arrival, .. }, served } = *contender;
        // Where nothing else counts, the earlier arrival comes first.
        let plain = Precedence {
            by_rule: true,
            tier: served.tier,
            class: Reverse(Rank::NORMAL),
            score: Reverse(self.counted(contender)),
            rank: Reverse(Rank::NORMAL),
            since,
            slot,
            arrival,
        };
        let Lane::Rank(rank) = lane else {
            return Precedence { by_rule: false, tier: 0, score: Reverse(0), since: Millis(0), ..plain };
        };
        match self.policy {
            Policy::Fifo => plain,
            Policy::Strict => Precedence { class: Reverse(rank), ..plain },
            Policy::Accumulating { .. } => Precedence { rank: Reverse(rank), ..plain },
            // Before its turn a priority ticket competes by its age like all others: the oldest one comes first in any case.
            Policy::GuardedRatio { normals } if self.normals >= normals => Precedence { class: Reverse(rank.min(Rank(1))), ..plain },
            Policy::GuardedRatio { .. } => plain,
        }
    }

    /// Milliseconds that it has waited. Whoever came in the future has not.
    pub fn waited(&self, head: &Head) -> u64 {
        self.at.0.saturating_sub(head.since.0).max(0).unsigned_abs()
    }

    /// What the time waited counts as, in milliseconds: at this desk, and under a policy that accumulates. What is too much to be counted is
    /// all alike.
    pub fn counted(&self, contender: &Contender) -> u128 {
        let weighted = u128::from(self.waited(&contender.head)) * u128::from(contender.served.weight);
        match (self.policy, contender.head.lane) {
            (Policy::Accumulating { factor }, Lane::Rank(rank)) => {
                weighted.saturating_mul(u128::from(factor).saturating_pow(u32::from(rank.0)))
            }
            _ => weighted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::ServiceId;
    use super::super::queue::Line;
    use super::*;

    const NORMAL: Lane = Lane::Rank(Rank(0));
    const URGENT: Lane = Lane::Rank(Rank(1));
    const RATIO: Policy = Policy::GuardedRatio { normals: 2 };
    const TRIPLE: Policy = Policy::Accumulating { factor: 3 };

    fn head(lane: Lane, slot: u64, since: i64) -> Contender {
        served(lane, slot, since, 0, 1)
    }

    fn served(lane: Lane, slot: u64, since: i64, tier: u8, weight: u32) -> Contender {
        let service = ServiceId(1);
        let head = Head { line: Line::Service(service), lane, slot, since: Millis(since), position: 0, arrival: slot };
        Contender { head, served: Served { service, tier, weight } }
    }

    fn first_of(rule: Rule, contenders: &[Contender]) -> u64 {
        contenders.iter().min_by_key(|contender| rule.precedence(contender)).unwrap().head.arrival
    }

    fn first(policy: Policy, contenders: &[Contender], at: i64) -> u64 {
        first_of(Rule { policy, normals: 0, at: Millis(at) }, contenders)
    }

    #[test]
    fn fifo_goes_by_arrival_alone() {
        assert_eq!(first(Policy::Fifo, &[head(URGENT, 5, 50), head(NORMAL, 4, 40)], 100), 4);
    }

    #[test]
    fn strict_goes_by_class_then_arrival() {
        let urgent = head(Lane::Rank(Rank(2)), 9, 99);
        assert_eq!(first(Policy::Strict, &[head(NORMAL, 1, 0), head(URGENT, 5, 50), urgent], 100), 9);
        assert_eq!(first(Policy::Strict, &[head(NORMAL, 1, 0), head(URGENT, 5, 50), head(URGENT, 4, 40)], 100), 4);
    }

    #[test]
    fn a_minute_of_priority_counts_factor_minutes() {
        let contenders = [head(NORMAL, 1, 0), head(URGENT, 2, 60)];
        assert_eq!(first(TRIPLE, &contenders, 89), 1, "89 against 29 x 3 = 87");
        assert_eq!(first(TRIPLE, &contenders, 90), 2, "90 against 30 x 3 = 90: the rank breaks the tie");
        assert_eq!(first(TRIPLE, &contenders, 91), 2);
    }

    #[test]
    fn the_ratio_gives_priority_its_turn_and_the_oldest_its_own() {
        let at = |normals, contenders: &[Contender]| first_of(Rule { policy: RATIO, normals, at: Millis(100) }, contenders);
        let younger = [head(NORMAL, 1, 10), head(URGENT, 2, 20), head(URGENT, 3, 30)];
        assert_eq!([0, 1, 2, 3].map(|normals| at(normals, &younger)), [1, 1, 2, 2]);
        assert_eq!(at(0, &[head(NORMAL, 3, 30), head(URGENT, 2, 20)]), 2, "an older priority one in any case");
        assert_eq!(at(9, &[head(NORMAL, 3, 30), head(NORMAL, 4, 40)]), 3, "its turn, and nobody there");
    }

    #[test]
    fn a_lower_tier_comes_before_any_score_of_a_higher_one() {
        for policy in [Policy::Fifo, Policy::Strict, TRIPLE, RATIO] {
            assert_eq!(first(policy, &[served(URGENT, 1, 0, 1, 100), served(NORMAL, 2, 99, 0, 1)], 100), 2, "{policy:?}");
        }
    }

    #[test]
    fn a_minute_counts_as_the_weight_says() {
        for policy in [Policy::Fifo, Policy::Strict, TRIPLE, RATIO] {
            let contenders = [served(NORMAL, 1, 0, 0, 1), served(NORMAL, 2, 50, 0, 2)];
            assert_eq!([99, 100, 101].map(|at| first(policy, &contenders, at)), [1, 1, 2], "{policy:?}");
        }
        assert_eq!(first(Policy::Strict, &[served(NORMAL, 1, 0, 0, 100), head(URGENT, 2, 99)], 100), 2, "the class comes before");
    }

    #[test]
    fn put_first_comes_before_tier_and_score() {
        let policy = Policy::Accumulating { factor: 100 };
        assert_eq!(first(policy, &[head(Lane::Rank(Rank(255)), 1, 0), served(Lane::Front, 9, 99, 7, 1)], 100), 9);
    }

    #[test]
    fn scores_beyond_counting_go_by_rank_then_arrival() {
        let policy = Policy::Accumulating { factor: 100 };
        let contenders = [head(Lane::Rank(Rank(200)), 1, i64::MIN), head(Lane::Rank(Rank(201)), 3, 0), head(Lane::Rank(Rank(201)), 2, 0)];
        assert_eq!(first(policy, &contenders, i64::MAX), 2);
    }

    #[test]
    fn an_arrival_in_the_future_has_not_waited() {
        let rule = Rule { policy: TRIPLE, normals: 0, at: Millis(50) };
        assert_eq!(rule.counted(&head(Lane::Rank(Rank(2)), 1, 100)), 0);
    }
}
