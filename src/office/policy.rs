//! Owns the choice: of several tickets, which is called first. Looks at the heads of lanes only and never at all that wait. Never changes a
//! queue.
//!
//! A new policy is a new arm of [`precedence`]. Whatever it weighs, it must never let a normal ticket overtake an older priority ticket that
//! the same desks may serve. Tickets that staff put first or behind another one by hand are outside of that rule: that is what they were
//! put there for.

use std::cmp::Reverse;

use super::ids::{Millis, Rank};
use super::queue::{Head, Lane};
use super::settings::Policy;

/// The smallest is called first: those put first by hand, then the higher score, the higher rank, the earlier place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Precedence {
    by_rule: bool,
    score: Reverse<u128>,
    rank: Reverse<Rank>,
    slot: u64,
    line: usize,
}

pub(super) fn precedence(policy: Policy, head: &Head, at: Millis) -> Precedence {
    let (score, rank) = match (head.lane, policy) {
        // Slots are places of arrival: in one lane, and over lanes where neither score nor rank counts, the earlier arrival comes first.
        (Lane::Front, _) | (_, Policy::Fifo) => (0, Rank::NORMAL),
        (Lane::Rank(rank), Policy::Accumulating { factor }) => (score(head.since, at, factor, rank), rank),
    };
    Precedence { by_rule: head.lane != Lane::Front, score: Reverse(score), rank: Reverse(rank), slot: head.slot, line: head.line }
}

/// Milliseconds waited, times `factor` to the power of the rank. What is too much to be counted is all alike, and the rank decides.
fn score(since: Millis, at: Millis, factor: u32, rank: Rank) -> u128 {
    let waited = u128::from(at.0.saturating_sub(since.0).max(0).unsigned_abs());
    waited.saturating_mul(u128::from(factor).saturating_pow(u32::from(rank.0)))
}

#[cfg(test)]
mod tests {
    use super::super::ids::ServiceId;
    use super::*;

    fn head(lane: Lane, slot: u64, since: i64) -> Head {
        Head { service: ServiceId(1), lane, slot, since: Millis(since), line: 0, arrival: slot }
    }

    fn first(policy: Policy, heads: &[Head], at: i64) -> u64 {
        heads.iter().min_by_key(|head| precedence(policy, head, Millis(at))).unwrap().arrival
    }

    const NORMAL: Lane = Lane::Rank(Rank(0));
    const URGENT: Lane = Lane::Rank(Rank(1));

    #[test]
    fn fifo_goes_by_arrival_alone() {
        assert_eq!(first(Policy::Fifo, &[head(URGENT, 5, 50), head(NORMAL, 4, 40)], 100), 4);
    }

    #[test]
    fn a_minute_of_priority_counts_factor_minutes() {
        let policy = Policy::Accumulating { factor: 3 };
        let heads = [head(NORMAL, 1, 0), head(URGENT, 2, 60)];
        assert_eq!(first(policy, &heads, 89), 1, "89 against 29 x 3 = 87");
        assert_eq!(first(policy, &heads, 90), 2, "90 against 30 x 3 = 90: the rank breaks the tie");
        assert_eq!(first(policy, &heads, 91), 2);
    }

    #[test]
    fn put_first_comes_before_any_score() {
        let policy = Policy::Accumulating { factor: 100 };
        assert_eq!(first(policy, &[head(Lane::Rank(Rank(255)), 1, 0), head(Lane::Front, 9, 99)], 100), 9);
    }

    #[test]
    fn scores_beyond_counting_go_by_rank_then_arrival() {
        let policy = Policy::Accumulating { factor: 100 };
        let heads = [head(Lane::Rank(Rank(200)), 1, i64::MIN), head(Lane::Rank(Rank(201)), 3, 0), head(Lane::Rank(Rank(201)), 2, 0)];
        assert_eq!(first(policy, &heads, i64::MAX), 2);
    }

    #[test]
    fn an_arrival_in_the_future_has_not_waited() {
        assert_eq!(score(Millis(100), Millis(50), 3, Rank(2)), 0);
    }
}
