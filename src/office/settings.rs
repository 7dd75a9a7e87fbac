//! Owns what a branch is set to: services, desks, priority classes, rules. Settings change only by `Event::Configured`, so that the log
//! alone gives the office. Never reads a file.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::check;
use super::day::Calendar;
use super::hours::{Holiday, Week};
use super::ids::{DeskId, Millis, Rank, ServiceId};
use super::ticket::{Action, Place, Ticket, transition};

/// A language that the screens speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Es,
    En,
}

/// Whether the kiosks and displays of a branch must be paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Screens {
    #[default]
    Paired,
    /// Open to whoever is on a private network.
    OpenOnLocalNetwork,
}

/// A name in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    #[schemars(length(min = 1, max = 200))]
    pub es: String,
    #[schemars(length(min = 1, max = 200))]
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub id: ServiceId,
    /// Lasting name on the wire: `a-z`, `0-9`, `-`.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub slug: String,
    /// Before the number: 1 to 3 letters `A-Z`, unique in the branch.
    #[schemars(regex(pattern = "^[A-Z]{1,3}$"))]
    pub prefix: String,
    pub name: Name,
    /// Slug of the group in which a kiosk shows it; none is the top.
    #[serde(default)]
    pub group: Option<String>,
    /// Its own opening hours; none means the branch's.
    #[serde(default)]
    pub hours: Option<Week>,
    /// Numbers a day; none means no end.
    #[serde(default)]
    #[schemars(range(min = 1, max = u32::MAX))]
    pub quota: Option<u32>,
    #[serde(default)]
    pub numbers: Numbers,
    /// Digits of the number; none means the branch's.
    #[serde(default)]
    #[schemars(range(min = 1, max = 6))]
    pub padding: Option<u8>,
    /// Milliseconds that serving one takes, before anything was measured.
    #[serde(default = "defaults::mean")]
    #[schemars(range(min = 1_000, max = 86_400_000))]
    pub mean: i64,
}

/// The numbers of a series: `first`, `first + step` … up to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    #[schemars(range(max = 999_999))]
    pub first: u32,
    #[schemars(range(max = 999_999))]
    pub last: u32,
    #[schemars(range(min = 1, max = u32::MAX))]
    pub step: u32,
    /// After the last comes the first again, where nobody holds that number any more; else there are no more numbers that day.
    pub wrap: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { first: 1, last: 999_999, step: 1, wrap: false }
    }
}

/// How a waiting visitor may say "I need more time".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deferrals {
    /// For how long each time: 1 to 120.
    pub minutes: u16,
    /// How often in a visit: 0 to 10; 0 is not at all.
    pub times: u32,
}

impl Default for Deferrals {
    fn default() -> Self {
        Self { minutes: 10, times: 2 }
    }
}

/// Where a kiosk shows services together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub slug: String,
    pub name: Name,
    /// Slug of the group that it is in; none is the top.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A word that staff choose from: an outcome, a reason for a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub slug: String,
    pub name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub id: DeskId,
    pub name: Name,
    /// Services that this desk serves; none means all, alike.
    #[serde(default)]
    pub services: Vec<Served>,
}

/// A service at a desk. In settings a bare id stands for tier 0 and weight 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "ServedForm", into = "ServedForm")]
pub struct Served {
    pub service: ServiceId,
    /// First those of tier 0; of a higher one only when none of a lower waits.
    pub tier: u8,
    /// Within a tier, a minute of waiting counts as so many.
    pub weight: u32,
}

impl From<ServiceId> for Served {
    fn from(service: ServiceId) -> Self {
        Self { service, tier: 0, weight: 1 }
    }
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a service's id, or an object of service, tier and weight")]
enum ServedForm {
    Alike(ServiceId),
    Ranked(RankedForm),
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RankedForm {
    service: ServiceId,
    #[serde(default)]
    tier: u8,
    #[serde(default = "defaults::weight")]
    #[schemars(range(min = 1, max = 100))]
    weight: u32,
}

impl From<ServedForm> for Served {
    fn from(form: ServedForm) -> Self {
        match form {
            ServedForm::Alike(service) => service.into(),
            ServedForm::Ranked(RankedForm { service, tier, weight }) => Self { service, tier, weight },
        }
    }
}

impl From<Served> for ServedForm {
    fn from(served: Served) -> Self {
        let Served { service, tier, weight } = served;
        if served == service.into() { Self::Alike(service) } else { Self::Ranked(RankedForm { service, tier, weight }) }
    }
}

/// A priority class above normal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Greater than 0, unique.
    #[schemars(range(min = 1, max = 255))]
    pub rank: Rank,
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub slug: String,
    pub name: Name,
}

/// Who is next among the waiting tickets that a desk may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Policy {
    /// By arrival.
    Fifo,
    /// By class, then by arrival.
    Strict,
    /// By waiting time, where a minute of a ticket of rank r counts as `factor`^r minutes.
    Accumulating {
        #[schemars(range(min = 1, max = 100))]
        factor: u32,
    },
    /// After `normals` normal tickets in a row a desk calls a priority one; an older priority ticket comes first in any case.
    GuardedRatio {
        #[schemars(range(min = 1, max = 100))]
        normals: u32,
    },
}

/// Everything a branch is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// IANA name.
    #[schemars(with = "String")]
    pub time_zone: Tz,
    /// Minute of the local day at which the business day turns: 0 to 1439.
    #[schemars(range(max = 1439))]
    pub cut_over: u16,
    /// The first one is the default.
    #[schemars(length(min = 1))]
    pub languages: Vec<Lang>,
    #[schemars(length(min = 1))]
    pub services: Vec<Service>,
    #[schemars(length(min = 1))]
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
    #[schemars(range(min = 0, max = i64::MAX))]
    pub recall_after: i64,
    /// Digits of the number in the code, filled up with zeros: 1 to 6.
    #[schemars(range(min = 1, max = 6))]
    pub padding: u8,
    /// Opening hours; an empty week is always open.
    #[serde(default)]
    pub hours: Week,
    /// Days with hours of their own, or none.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Minutes before closing from which on no numbers are given.
    #[serde(default)]
    #[schemars(range(max = 1440))]
    pub last_tickets: u16,
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What a desk may say of a visit when it finishes it.
    #[serde(default)]
    pub outcomes: Vec<Word>,
    /// Why a desk may pause.
    #[serde(default)]
    pub pauses: Vec<Word>,
    /// Where a ticket goes that a desk puts back or releases without saying where.
    #[serde(default = "defaults::requeue")]
    pub requeue: Place,
    /// Where a ticket goes that is reactivated.
    #[serde(default = "defaults::reactivate")]
    pub reactivate: Place,
    /// Milliseconds after its end during which a ticket may be reactivated.
    #[serde(default = "defaults::reactivate_within")]
    #[schemars(range(min = 0, max = i64::MAX))]
    pub reactivate_within: i64,
    /// How visitors may put off their turn.
    #[serde(default)]
    pub deferrals: Deferrals,
    /// A kiosk shows with each number how to follow it on a phone.
    #[serde(default = "defaults::follow_on_phone")]
    pub follow_on_phone: bool,
    /// Milliseconds after which a command cannot be undone any more.
    #[serde(default = "defaults::undo_within")]
    #[schemars(range(min = 0, max = 600_000))]
    pub undo_within: i64,
    /// Milliseconds that a desk waits for a session whose connection was lost.
    #[serde(default = "defaults::lease_grace")]
    #[schemars(range(min = 1_000, max = 86_400_000))]
    pub lease_grace: i64,
    /// Seconds within which a call counts as in time, for the service level: Y.
    #[serde(default = "defaults::answer_within")]
    pub answer_within: u32,
    /// Whether kiosks and displays must be paired.
    #[serde(default)]
    pub screens: Screens,
    /// Displays show the name that a visitor gave beside the code.
    #[serde(default)]
    pub names_on_display: bool,
    /// Web hooks may go to this machine and to private networks.
    #[serde(default)]
    pub private_hooks: bool,
}

/// What settings of an earlier version meant, and what is used where nothing is said.
mod defaults {
    use super::super::ticket::Place;

    pub fn mean() -> i64 {
        300_000
    }

    pub fn weight() -> u32 {
        1
    }

    pub fn requeue() -> Place {
        Place::Last
    }

    pub fn reactivate() -> Place {
        Place::Last
    }

    pub fn reactivate_within() -> i64 {
        1_800_000
    }

    pub fn follow_on_phone() -> bool {
        true
    }

    pub fn undo_within() -> i64 {
        10_000
    }

    pub fn lease_grace() -> i64 {
        60_000
    }

    pub fn answer_within() -> u32 {
        900
    }
}

/// A setting that contradicts itself or another: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}", problem.en)]
pub struct BadSettings {
    /// Path into the settings, `services[1].prefix`.
    pub place: String,
    /// In the words of whoever is told.
    pub problem: Name,
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

    /// The last moment at which a ticket of today may be reactivated; `None` for one that is open or was served. May be past already.
    pub fn reactivate_until(&self, ticket: &Ticket) -> Option<Millis> {
        transition(Some(ticket.state), Action::Reactivate)?;
        Some(Millis(ticket.ended_at?.0.saturating_add(self.reactivate_within)))
    }

    /// The branch's business days.
    pub fn calendar(&self) -> Calendar {
        Calendar { zone: self.time_zone, cut_over: self.cut_over }
    }
}

/// A policy as it is written. Read as one object, so that what is wrong in it has a place of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyForm {
    kind: PolicyKind,
    factor: Option<u32>,
    normals: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PolicyKind {
    Fifo,
    Strict,
    Accumulating,
    GuardedRatio,
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PolicyForm { kind, factor, normals } = PolicyForm::deserialize(deserializer)?;
        let foreign = |name, known| Err(D::Error::unknown_field(name, known));
        match (kind, factor, normals) {
            (PolicyKind::Fifo, None, None) => Ok(Self::Fifo),
            (PolicyKind::Strict, None, None) => Ok(Self::Strict),
            (PolicyKind::Accumulating, Some(factor), None) => Ok(Self::Accumulating { factor }),
            (PolicyKind::GuardedRatio, None, Some(normals)) => Ok(Self::GuardedRatio { normals }),
            (PolicyKind::Fifo | PolicyKind::Strict, Some(_), _) => foreign("factor", &["kind"]),
            (PolicyKind::Fifo | PolicyKind::Strict, None, Some(_)) => foreign("normals", &["kind"]),
            (PolicyKind::Accumulating, _, Some(_)) => foreign("normals", &["kind", "factor"]),
            (PolicyKind::GuardedRatio, Some(_), _) => foreign("factor", &["kind", "normals"]),
            (PolicyKind::Accumulating, None, None) => Err(D::Error::missing_field("factor")),
            (PolicyKind::GuardedRatio, None, None) => Err(D::Error::missing_field("normals")),
        }
    }
}

impl Desk {
    pub fn serves(&self, service: ServiceId) -> bool {
        self.served(service).is_some()
    }

    /// How this desk serves a service; `None` when it does not.
    pub fn served(&self, service: ServiceId) -> Option<Served> {
        if self.services.is_empty() { Some(service.into()) } else { self.services.iter().find(|served| served.service == service).copied() }
    }
}
