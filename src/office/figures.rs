//! Owns the figures of an office: what each one means, and how it is computed from segments and desk times. The definitions are written so
//! that a database can follow them: whole milliseconds, whole counts, nothing rounded on the way. Never reads a clock and knows no office.

mod compute;
pub mod csv;
mod idle;
mod spread;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use super::ids::{DeskId, Millis, Rank, ServiceId, UserId};
use super::ticket::{Channel, Segment};

pub use compute::report;
pub use spread::Spread;

/// A segment, and what reports need of its ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    pub segment: Segment,
    /// The business day on which its ticket was issued.
    pub day: NaiveDate,
    pub issued_at: Millis,
    /// Milliseconds that the visitor was expected to wait when the ticket was issued.
    pub expected: Option<i64>,
    /// An appointment whose visitor has not come, or did not while the segment lasted: the ticket has `booked_for`, and this is its first
    /// segment, whose `queued_at` is `issued_at`.
    pub booked: bool,
}

/// One agent, or nobody that is known, at one desk from opening to closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskTime {
    /// The business day on which it was opened.
    pub day: NaiveDate,
    pub desk: DeskId,
    pub agent: Option<UserId>,
    pub opened_at: Millis,
    /// `None` while it is open.
    pub closed_at: Option<Millis>,
    /// In order, apart.
    pub pauses: Vec<PauseTime>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseTime {
    pub from: Millis,
    /// `None` while it lasts.
    pub to: Option<Millis>,
    /// Slug of one of the branch's reasons.
    pub reason: Option<String>,
}

/// Which stays a report is about: those of its days that have everything that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Business days, both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    #[serde(default)]
    pub service: Option<ServiceId>,
    /// The desk at which the segment ended.
    #[serde(default)]
    pub desk: Option<DeskId>,
    #[serde(default)]
    pub agent: Option<UserId>,
    #[serde(default)]
    pub rank: Option<Rank>,
    #[serde(default)]
    pub channel: Option<Channel>,
}

/// How a report is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    #[default]
    Nothing,
    Service,
    Desk,
    Agent,
    Priority,
    Channel,
    /// Hour of the day on the branch's wall, at which the segment began.
    Hour,
    /// Day of the week on the branch's wall, on which the segment began.
    Weekday,
    /// Both of these, as one who plans a week asks.
    WeekdayHour,
    /// Business day.
    Day,
}

/// One part of a report. In JSON its bare value, `null` for everything and for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Group {
    All,
    Service(ServiceId),
    /// `None`: no desk had it when it ended.
    Desk(Option<DeskId>),
    Agent(Option<UserId>),
    Priority(Rank),
    Channel(Channel),
    /// 0 to 23.
    Hour(u8),
    /// 1 is Monday, 7 is Sunday.
    Weekday(u8),
    WeekdayHour(WeekdayHour),
    Day(NaiveDate),
}

/// An hour of the week; `1-09` is Monday from nine to ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekdayHour {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    pub group: Group,
    #[serde(flatten)]
    pub figures: Figures,
}

/// What happened to the stays of one group.
///
/// A stay is a segment: a ticket that was transferred or brought back has several, each counted where it was. Every stay is exactly one of
/// [`booked`](Self::booked), [`unreliable`](Self::unreliable), [`open`](Self::open), or *counted*, in this order; the first three are left
/// out of everything below them. A counted stay has ended, in exactly one of six ways. It is *called* when it has a last call, however it
/// ended: one that was put back after a call and then left was called. It was *at a desk* when it has a desk: it was called, being served or
/// held when it ended, and did not wait.
///
/// Times of a stay: `queued` when it began; its `first call`, its `last call`, `started` and `ended`; `held`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Visits: stays that are the first segment of their ticket.
    pub tickets: u64,
    /// All stays.
    pub stays: u64,
    /// Appointments whose visitor has not come.
    pub booked: u64,
    /// Finished by the day's end and by nobody: their times say nothing.
    pub unreliable: u64,
    /// Not ended yet.
    pub open: u64,

    pub finished: u64,
    pub transferred: u64,
    pub missed: u64,
    /// Cancelled by the visitor.
    pub left: u64,
    /// Cancelled by the staff.
    pub cancelled: u64,
    pub expired: u64,
    pub called: u64,

    /// Waiting time, `last call − queued − put off before it`, of the called. Its mean is the average speed of answer.
    pub wait: Spread,
    /// `first call − queued − put off before it` of the called.
    pub first_wait: Spread,
    /// Walk time, `started − last call`, of the called that were started.
    pub walk: Spread,
    /// Service time, `ended − started − held`, of those started that were finished, or transferred by the desk that served them.
    pub service: Spread,
    /// `ended − issued` of the finished: the whole visit, on its last segment.
    pub stay: Spread,

    /// Service level X/Y. Above: called with a waiting time of at most Y. Below: the called, and those that ended uncalled after more than Y
    /// from `queued`, without what they were put off, because the visitor left or the day did (`left`, `expired`). Y is the branch's `answer_within`.
    pub in_time: Share,
    /// Missed of the called.
    pub no_show: Share,
    /// Left, missed, or expired while not at a desk, of the counted.
    pub abandoned: Share,
    pub estimates: Accuracy,
    /// Only for everything, or by desk, agent or day, and without a service, priority or channel chosen: nobody can say for which ticket a
    /// desk was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desks: Option<AtDesks>,
}

/// How many of how many. In JSON with `share`, which is `null` of none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(into = "ShareForm")]
pub struct Share {
    pub count: u64,
    pub of: u64,
}

/// How well waits were foretold. Over the called first segments that had an estimate and were not put off before their first
/// call; what came true is `first call − queued`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Accuracy {
    pub count: u64,
    /// Mean of the errors' sizes in milliseconds, rounded half up.
    pub mean_error: Option<i64>,
    /// Those whose wait, rounded up to 5 minutes as the announced range was, lies in that range: 0.8 to 1.3 of the estimate, up to five minutes at least.
    pub inside: Share,
}

/// The desks' own time, in milliseconds. A desk that is open still counts until the moment of the report. In JSON with `throughput` and
/// `utilisation`, which are `null` of no time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(into = "AtDesksForm")]
pub struct AtDesks {
    /// Opened to closed, pauses included.
    pub open: i64,
    pub paused: i64,
    /// Sum of `ended − last call − held` of the counted that were at a desk and did not expire there. What a desk spent on a ticket
    /// before it put it back is not in it.
    pub busy: i64,
    /// Idle with queue: a desk was open, not paused and free while a ticket of a service that it serves waited. An estimate: a segment knows its
    /// last desk only, so what a desk did with a ticket that it put back counts as free, and who waits for one desk alone counts for
    /// every desk that serves the service.
    pub idle: i64,
    /// As in [`Figures::finished`].
    pub finished: u64,
}

impl Share {
    pub fn value(self) -> Option<f64> {
        ratio(self.count as f64, self.of as f64)
    }
}

impl AtDesks {
    /// Finished per hour that a desk was open.
    pub fn throughput(&self) -> Option<f64> {
        ratio(self.finished as f64 * 3_600_000.0, self.open as f64)
    }

    /// `busy ÷ (open − paused)`.
    pub fn utilisation(&self) -> Option<f64> {
        ratio(self.busy as f64, (self.open - self.paused) as f64)
    }
}

fn ratio(count: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| count / of)
}

#[derive(Serialize)]
struct ShareForm {
    count: u64,
    of: u64,
    share: Option<f64>,
}

impl From<Share> for ShareForm {
    fn from(share: Share) -> Self {
        Self { count: share.count, of: share.of, share: share.value() }
    }
}

#[derive(Serialize)]
struct AtDesksForm {
    open: i64,
    paused: i64,
    busy: i64,
    idle: i64,
    finished: u64,
    throughput: Option<f64>,
    utilisation: Option<f64>,
}

impl From<AtDesks> for AtDesksForm {
    fn from(desks: AtDesks) -> Self {
        let AtDesks { open, paused, busy, idle, finished } = desks;
        Self { open, paused, busy, idle, finished, throughput: desks.throughput(), utilisation: desks.utilisation() }
    }
}

impl Scope {
    /// Everything of these business days, both included.
    pub fn days(from: NaiveDate, to: NaiveDate) -> Self {
        Self { from, to, service: None, desk: None, agent: None, rank: None, channel: None }
    }

    pub fn holds(&self, stay: &Stay) -> bool {
        let segment = &stay.segment;
        (self.from..=self.to).contains(&stay.day)
            && self.service.is_none_or(|service| service == segment.service)
            && self.desk.is_none_or(|desk| segment.desk == Some(desk))
            && self.agent.is_none_or(|agent| segment.agent == Some(agent))
            && self.rank.is_none_or(|rank| rank == segment.rank)
            && self.channel.is_none_or(|channel| channel == segment.channel)
    }

    pub fn holds_desk(&self, time: &DeskTime) -> bool {
        (self.from..=self.to).contains(&time.day)
            && self.desk.is_none_or(|desk| desk == time.desk)
            && self.agent.is_none_or(|agent| time.agent == Some(agent))
    }

    /// Whether [`Figures::desks`] can be said.
    pub fn has_desks(&self, by: By) -> bool {
        let whole = self.service.is_none() && self.rank.is_none() && self.channel.is_none();
        whole && matches!(by, By::Nothing | By::Desk | By::Agent | By::Day)
    }
}

impl Group {
    /// Where the group stands in a report, within its kind: as its value says, nobody last.
    pub fn order(&self) -> (bool, u128) {
        let number = match *self {
            Self::All => Some(0),
            Self::Service(service) => Some(service.0.into()),
            Self::Desk(desk) => desk.map(|desk| desk.0.into()),
            Self::Agent(agent) => agent.map(|agent| agent.0),
            Self::Priority(rank) => Some(rank.0.into()),
            Self::Channel(channel) => Some(channel as u128),
            Self::Hour(n) | Self::Weekday(n) => Some(n.into()),
            Self::WeekdayHour(WeekdayHour { weekday, hour }) => Some(u128::from(weekday) * 24 + u128::from(hour)),
            Self::Day(date) => Some(date.to_epoch_days().abs_diff(i32::MIN).into()),
        };
        (number.is_none(), number.unwrap_or_default())
    }
}

impl fmt::Display for WeekdayHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.weekday, self.hour)
    }
}

impl Serialize for WeekdayHour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
