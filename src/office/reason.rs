//! Owns why a ticket is next, as one plain sentence can tell it. Explains a choice that was made and never makes one; the texts are made
//! elsewhere.

use serde::Serialize;

use super::ids::{Rank, ServiceId};
use super::policy::{Contender, Rule};
use super::queue::{Lane, Line};
use super::settings::Policy;

/// Why this one. Times are milliseconds; a ticket that was put last waits since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reason {
    /// Nobody else waits whom this desk serves.
    OnlyOne,
    /// Staff put it before all others.
    PutFirst,
    /// Staff put it directly before or behind another one, whose turn it was.
    Placed,
    /// It waits for this desk alone, and nobody of its tier has waited longer.
    Reserved { waited: i64 },
    /// Nobody whom this desk serves has waited longer.
    Arrival { waited: i64 },
    /// Others have waited longer, for `before`; but this desk serves `service` first. Nobody of its tier has waited longer.
    Tier { service: ServiceId, before: ServiceId, waited: i64 },
    /// Its class comes before that of the one who has waited longer.
    Class { rank: Rank, over: Rank },
    /// As its class counts, it has waited longer than the one who came before.
    Accumulated { rank: Rank, waited: i64, counts_as: i64, against: Counted },
    /// As this desk weighs its services, it has waited longer than the one who came before.
    Weight { service: ServiceId, waited: i64, counts_as: i64, against: Counted },
    /// The desk called `normals` normal ones in a row; after `after` of them a priority one has its turn.
    Ratio { rank: Rank, normals: u32, after: u32 },
}

/// The one of the same tier who has waited longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub service: ServiceId,
    pub rank: Rank,
    pub waited: i64,
    pub counts_as: i64,
}

impl Reason {
    /// Why `chosen` came first of `contenders`, which are the heads of all lanes that the desk sees. `placed`: it stands where staff put it.
    /// `alone`: nobody stands behind it in its lane.
    pub(super) fn of(rule: &Rule, chosen: &Contender, placed: bool, alone: bool, contenders: impl Iterator<Item = Contender>) -> Self {
        let reserved = matches!(chosen.head.line, Line::Desk(..));
        let waited = clamped(rule.waited(&chosen.head).into());
        let (mut oldest, mut oldest_of_tier, mut others) = (*chosen, *chosen, !alone);
        let age = |contender: &Contender| (contender.head.since, contender.head.slot, contender.head.arrival);
        for contender in contenders {
            others |= contender.head.arrival != chosen.head.arrival;
            if age(&contender) < age(&oldest) {
                oldest = contender;
            }
            if contender.served.tier == chosen.served.tier && age(&contender) < age(&oldest_of_tier) {
                oldest_of_tier = contender;
            }
        }
        if !others {
            return if reserved { Self::Reserved { waited } } else { Self::OnlyOne };
        }
        if chosen.head.lane == Lane::Front {
            return Self::PutFirst;
        }
        if placed {
            return Self::Placed;
        }
        if oldest_of_tier != *chosen {
            return Self::over(rule, chosen, &oldest_of_tier);
        }
        if reserved {
            return Self::Reserved { waited };
        }
        if oldest != *chosen {
            return Self::Tier { service: chosen.head.line.service(), before: oldest.head.line.service(), waited };
        }
        Self::Arrival { waited }
    }

    /// Why it came before an older one of its tier.
    fn over(rule: &Rule, chosen: &Contender, oldest: &Contender) -> Self {
        let (ours, theirs) = (rule.precedence(chosen), rule.precedence(oldest));
        let (rank, over) = (rank(chosen), rank(oldest));
        let (waited, counts_as) = (clamped(rule.waited(&chosen.head).into()), clamped(rule.counted(chosen)));
        let against = Counted {
            service: oldest.head.line.service(),
            rank: over,
            waited: clamped(rule.waited(&oldest.head).into()),
            counts_as: clamped(rule.counted(oldest)),
        };
        match rule.policy {
            Policy::GuardedRatio { normals } if ours.class != theirs.class => Self::Ratio { rank, normals: rule.normals, after: normals },
            _ if ours.class != theirs.class => Self::Class { rank, over },
            Policy::Accumulating { .. } if ours.score != theirs.score && rank != over => {
                Self::Accumulated { rank, waited, counts_as, against }
            }
            _ if ours.score != theirs.score => Self::Weight { service: chosen.head.line.service(), waited, counts_as, against },
            _ if ours.rank != theirs.rank => Self::Class { rank, over },
            _ => Self::Arrival { waited },
        }
    }
}

fn rank(contender: &Contender) -> Rank {
    match contender.head.lane {
        Lane::Front => Rank::NORMAL,
        Lane::Rank(rank) => rank,
    }
}

fn clamped(millis: u128) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::ids::{DeskId, Millis};
    use super::super::queue::Head;
    use super::super::settings::Served;
    use super::*;

    const NOW: i64 = 1_000;

    /// Waits for service `service` since `since`, with the arrival of the same number; tier and weight as the desk serves it.
    fn waiting(service: u32, rank: u8, since: i64, tier: u8, weight: u32) -> Contender {
        let (service, arrival) = (ServiceId(service), since.unsigned_abs());
        let (line, lane) = (Line::Service(service), Lane::Rank(Rank(rank)));
        let head = Head { line, lane, slot: arrival, since: Millis(since), position: 0, arrival };
        Contender { head, served: Served { service, tier, weight } }
    }

    fn reserved(contender: Contender) -> Contender {
        Contender { head: Head { line: Line::Desk(DeskId(1), contender.head.line.service()), ..contender.head }, ..contender }
    }

    /// Why the first one came first, as the rule says itself.
    #[track_caller]
    fn why(policy: Policy, normals: u32, contenders: &[Contender]) -> Reason {
        let rule = Rule { policy, normals, at: Millis(NOW) };
        let chosen = contenders.iter().min_by_key(|contender| rule.precedence(contender)).unwrap();
        assert_eq!(chosen, &contenders[0], "the example is wrong");
        Reason::of(&rule, chosen, false, true, contenders.iter().copied())
    }

    #[test]
    fn alone_or_the_oldest() {
        let (old, young) = (waiting(1, 0, 100, 0, 1), waiting(2, 0, 200, 0, 1));
        assert_eq!(why(Policy::Fifo, 0, &[old]), Reason::OnlyOne);
        assert_eq!(why(Policy::Fifo, 0, &[old, young]), Reason::Arrival { waited: 900 });
        assert_eq!(why(Policy::Fifo, 0, &[reserved(old), young]), Reason::Reserved { waited: 900 });
        assert_eq!(why(Policy::Fifo, 0, &[reserved(old)]), Reason::Reserved { waited: 900 });
        let rule = Rule { policy: Policy::Fifo, normals: 0, at: Millis(NOW) };
        assert_eq!(Reason::of(&rule, &old, false, false, [old].into_iter()), Reason::Arrival { waited: 900 }, "others in its lane");
    }

    #[test]
    fn by_hand() {
        let rule = Rule { policy: Policy::Fifo, normals: 0, at: Millis(NOW) };
        let (old, young) = (waiting(1, 0, 100, 0, 1), waiting(2, 0, 200, 0, 1));
        assert_eq!(Reason::of(&rule, &old, true, true, [old, young].into_iter()), Reason::Placed);
        let front = Contender { head: Head { lane: Lane::Front, ..young.head }, ..young };
        assert_eq!(why(Policy::Fifo, 0, &[front, old]), Reason::PutFirst);
    }

    #[test]
    fn the_desk_serves_another_service_first() {
        let contenders = [waiting(1, 0, 300, 0, 1), waiting(2, 1, 100, 1, 9)];
        let reason = Reason::Tier { service: ServiceId(1), before: ServiceId(2), waited: 700 };
        for policy in [Policy::Fifo, Policy::Strict, Policy::Accumulating { factor: 3 }, Policy::GuardedRatio { normals: 0 }] {
            assert_eq!(why(policy, 0, &contenders), reason, "{policy:?}");
        }
        let within = [waiting(1, 1, 300, 0, 1), waiting(1, 0, 200, 0, 1), waiting(2, 0, 100, 1, 1)];
        assert_eq!(why(Policy::Strict, 0, &within), Reason::Class { rank: Rank(1), over: Rank(0) }, "the tier is no news");
    }

    #[test]
    fn by_class_by_count_by_turn() {
        let contenders = [waiting(1, 2, 600, 0, 1), waiting(2, 0, 100, 0, 1)];
        assert_eq!(why(Policy::Strict, 0, &contenders), Reason::Class { rank: Rank(2), over: Rank(0) });
        let against = Counted { service: ServiceId(2), rank: Rank(0), waited: 900, counts_as: 900 };
        let accumulated = Reason::Accumulated { rank: Rank(2), waited: 400, counts_as: 3_600, against };
        assert_eq!(why(Policy::Accumulating { factor: 3 }, 0, &contenders), accumulated);
        assert_eq!(why(Policy::GuardedRatio { normals: 2 }, 3, &contenders), Reason::Ratio { rank: Rank(2), normals: 3, after: 2 });
    }

    #[test]
    fn by_the_weights_of_the_desk() {
        let contenders = [waiting(1, 0, 600, 0, 5), waiting(2, 0, 100, 0, 2)];
        let against = Counted { service: ServiceId(2), rank: Rank(0), waited: 900, counts_as: 1_800 };
        let weighed = Reason::Weight { service: ServiceId(1), waited: 400, counts_as: 2_000, against };
        for policy in [Policy::Fifo, Policy::Strict, Policy::Accumulating { factor: 3 }, Policy::GuardedRatio { normals: 2 }] {
            assert_eq!(why(policy, 0, &contenders), weighed, "{policy:?}");
        }
    }

    #[test]
    fn where_counting_ends_the_class_decides() {
        let contenders = [waiting(1, 255, 600, 0, 1), waiting(1, 254, 100, 0, 1)];
        assert_eq!(why(Policy::Accumulating { factor: 100 }, 0, &contenders), Reason::Class { rank: Rank(255), over: Rank(254) });
    }

    #[test]
    fn has_a_name_for_programs() {
        let text = serde_json::to_string(&Reason::Ratio { rank: Rank(1), normals: 3, after: 2 }).unwrap();
        assert_eq!(text, r#"{"kind":"ratio","rank":1,"normals":3,"after":2}"#);
    }
}
