//! Owns what a branch is set to: services, desks, priority classes, rules. Settings change only by `Event::Configured`, so that the log
//! alone gives the office. Never reads a file.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::check;
use super::day::Calendar;
use super::ids::{DeskId, Rank, ServiceId};

/// A language that the screens speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Es,
    En,
}

/// A name in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub es: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub id: ServiceId,
    /// Lasting name on the wire: `a-z`, `0-9`, `-`.
    pub slug: String,
    /// Before the number: 1 to 3 letters `A-Z`, unique in the branch.
    pub prefix: String,
    pub name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub id: DeskId,
    pub name: Name,
    /// Services that this desk serves; none means all.
    #[serde(default)]
    pub services: Vec<ServiceId>,
}

/// A priority class above normal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Greater than 0, unique.
    pub rank: Rank,
    pub slug: String,
    pub name: Name,
}

/// Who is next among the waiting tickets that a desk may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Policy {
    /// By arrival.
    Fifo,
    /// By waiting time, where a minute of a ticket of rank r counts as `factor`^r minutes.
    Accumulating { factor: u32 },
}

/// Everything a branch is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub name: String,
    pub time_zone: Tz,
    /// Minute of the local day at which the business day turns: 0 to 1439.
    pub cut_over: u16,
    /// The first one is the default.
    pub languages: Vec<Lang>,
    pub services: Vec<Service>,
    pub desks: Vec<Desk>,
    pub classes: Vec<Class>,
    pub policy: Policy,
    /// A desk that calls the next one finishes the one it has.
    pub auto_finish: bool,
    /// `false`: the call starts the service, there is no walk time.
    pub confirm_arrival: bool,
    /// Calls before a ticket counts as no-show.
    pub min_calls: u32,
    /// Milliseconds between two calls of one ticket.
    pub recall_after: i64,
    /// Digits of the number in the code, filled up with zeros: 1 to 6.
    pub padding: u8,
}

/// A setting that contradicts itself or another: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct BadSettings {
    /// Path into the settings, `services[1].prefix`.
    pub place: String,
    pub problem: String,
}

impl Settings {
    /// Checks every rule that the types do not enforce; the first that is broken is the error.
    pub fn check(&self) -> Result<(), BadSettings> {
        check::settings(self)
    }

    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    pub fn desk(&self, id: DeskId) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.id == id)
    }

    /// Whether tickets of this rank may be issued: normal, or one of the classes.
    pub fn has_rank(&self, rank: Rank) -> bool {
        rank == Rank::NORMAL || self.classes.iter().any(|class| class.rank == rank)
    }

    /// The branch's business days.
    pub fn calendar(&self) -> Calendar {
        Calendar { zone: self.time_zone, cut_over: self.cut_over }
    }
}

impl Desk {
    pub fn serves(&self, service: ServiceId) -> bool {
        self.services.is_empty() || self.services.contains(&service)
    }
}
