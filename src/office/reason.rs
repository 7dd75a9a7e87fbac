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
