//! Owns opening hours: which spans of a business day a branch or service is open, when it closes, when it opens next. Never reads a clock
//! and knows no ticket.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::day::{self, Calendar};
use super::ids::{Millis, ServiceId};
use super::settings::{Name, Settings};

/// How many business days behind the present one are looked at for the next opening or closing.
const HORIZON: usize = 60;

/// A minute of a business day, counted from local midnight of its date; behind 24:00 it is the night that still belongs to the day.
/// Written `"08:30"`, at most `"47:59"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^([0-3][0-9]|4[0-7]):[0-5][0-9]$"))]
pub struct Minute(pub u16);

/// Text that is no [`Minute`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time of the day: it is written \"08:30\", from \"00:00\" to \"47:59\"")]
pub struct BadMinute(String);

/// Open from a minute on, until before another one. Written `["08:00", "14:00"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "(Minute, Minute)", into = "(Minute, Minute)")]
pub struct Span {
    pub from: Minute,
    pub to: Minute,
}

/// Spans for each weekday of the business date, in order; a week without any span is always open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    pub mon: Vec<Span>,
    pub tue: Vec<Span>,
    pub wed: Vec<Span>,
    pub thu: Vec<Span>,
    pub fri: Vec<Span>,
    pub sat: Vec<Span>,
    pub sun: Vec<Span>,
}

/// A date with hours of its own; without any it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub date: NaiveDate,
    #[serde(default)]
    pub name: Option<Name>,
    #[serde(default)]
    pub hours: Vec<Span>,
}

/// Whether a branch or service is open at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    Open {
        /// When it closes; `None` when it does not within 60 days.
        closes: Option<Millis>,
        /// From when on no more numbers are given until it opens again. May be past already.
        last_ticket: Option<Millis>,
    },
    Closed {
        /// When it opens next; `None` when it does not within 60 days.
        opens: Option<Millis>,
    },
}

impl Opening {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// Whether a number may be given at `at`, the moment that this is about: it is open, and the time of the last ticket has not come.
    pub fn takes_tickets(self, at: Millis) -> bool {
        matches!(self, Self::Open { last_ticket, .. } if last_ticket.is_none_or(|last| at < last))
    }
}

impl Settings {
    /// Whether the branch, or one of its services, is open at a moment, and until when or when again.
    ///
    /// A holiday's hours stand in place of the week's. A service with a week of its own is open when both it and the branch are. A service that
    /// does not exist is open as the branch is. Closings that are followed by an opening in the same instant are none.
    pub fn opening(&self, service: Option<ServiceId>, at: Millis) -> Opening {
        if self.never_closes(service) {
            return Opening::Open { closes: None, last_ticket: None };
        }
        let at = at.in_calendar();
        let horizon = self.horizon(at);
        match self.stretches(service, at).find(|stretch| at < stretch.1) {
            Some((from, to)) if from <= at => {
                let closes = Some(to).filter(|to| *to < horizon);
                let last_ticket = closes.map(|closes| Millis(closes.0 - i64::from(self.last_tickets) * 60_000));
                Opening::Open { closes, last_ticket }
            }
            next => Opening::Closed { opens: next.map(|stretch| stretch.0) },
        }
    }

    /// The first moment behind `at` at which the branch or service opens after it was closed; `None` when that is not within 60 days. While
    /// it is open, that is behind its next closing.
    pub fn next_opening(&self, service: Option<ServiceId>, at: Millis) -> Option<Millis> {
        if self.never_closes(service) {
            return None;
        }
        let at = at.in_calendar();
        self.stretches(service, at).map(|stretch| stretch.0).find(|from| *from > at)
    }

    /// When the branch or service is open on a business date: from, until before. In order, never empty, never touching each other.
    pub fn open_spans(&self, service: Option<ServiceId>, date: NaiveDate) -> Vec<(Millis, Millis)> {
        joined(self.spans(self.own_week(service), date).into_iter()).collect()
    }

    /// The stretches of time during which it is open without a break, from the business day of `at` to the last one that is looked at.
    fn stretches(&self, service: Option<ServiceId>, at: Millis) -> impl Iterator<Item = (Millis, Millis)> + '_ {
        let own = self.own_week(service);
        let first = self.calendar().date(at);
        let dates = std::iter::successors(Some(first), |date| Some(day::after(*date))).take(HORIZON + 1);
        joined(dates.flat_map(move |date| self.spans(own, date)))
    }

    /// The end of the last business day that is looked at.
    fn horizon(&self, at: Millis) -> Millis {
        let calendar = self.calendar();
        calendar.start((0..=HORIZON).fold(calendar.date(at), |date, _| day::after(date)))
    }

    /// No hours are set at all: most offices, which are asked often and need not look at 60 days to say so.
    fn never_closes(&self, service: Option<ServiceId>) -> bool {
        self.hours.is_always() && self.holidays.is_empty() && self.own_week(service).is_none_or(Week::is_always)
    }

    fn own_week(&self, service: Option<ServiceId>) -> Option<&Week> {
        self.service(service?)?.hours.as_ref()
    }

    fn spans(&self, own: Option<&Week>, date: NaiveDate) -> Vec<(Millis, Millis)> {
        let day = Day::new(self.calendar(), date);
        let branch = match self.holidays.iter().find(|holiday| holiday.date == date) {
            Some(holiday) => day.instants(&holiday.hours),
            None => day.of_week(&self.hours),
        };
        match own {
            Some(week) => both(&branch, &day.of_week(week)),
            None => branch,
        }
    }
}

/// One business day, in which minutes become moments.
struct Day {
    calendar: Calendar,
    date: NaiveDate,
    from: Millis,
    to: Millis,
}

impl Day {
    fn new(calendar: Calendar, date: NaiveDate) -> Self {
        Self { calendar, date, from: calendar.start(date), to: calendar.start(day::after(date)) }
    }

    fn of_week(&self, week: &Week) -> Vec<(Millis, Millis)> {
        if week.is_always() {
            return [(self.from, self.to)].into_iter().filter(|(from, to)| from < to).collect();
        }
        self.instants(week.on(self.date.weekday()))
    }

    /// Without those that the clocks' change leaves nothing of.
    fn instants(&self, spans: &[Span]) -> Vec<(Millis, Millis)> {
        let instant = |minute: Minute| self.calendar.instant(self.date, minute.0).clamp(self.from, self.to);
        spans.iter().map(|span| (instant(span.from), instant(span.to))).filter(|(from, to)| from < to).collect()
    }
}

/// Spans that touch are one.
fn joined(spans: impl Iterator<Item = (Millis, Millis)>) -> impl Iterator<Item = (Millis, Millis)> {
    let mut spans = spans.peekable();
    std::iter::from_fn(move || {
        let (from, mut to) = spans.next()?;
        while let Some(next) = spans.next_if(|next| next.0 <= to) {
            to = to.max(next.1);
        }
        Some((from, to))
    })
}

/// What lies in a span of both lists.
fn both(some: &[(Millis, Millis)], others: &[(Millis, Millis)]) -> Vec<(Millis, Millis)> {
    let cut = |a: &(Millis, Millis)| others.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))).collect::<Vec<_>>();
    some.iter().flat_map(cut).filter(|(from, to)| from < to).collect()
}

impl Week {
    /// The spans of a weekday; none means closed, unless the whole week [is open](Self::is_always).
    pub fn on(&self, day: Weekday) -> &[Span] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    /// No hours are set.
    pub fn is_always(&self) -> bool {
        self.days().all(|(_, spans)| spans.is_empty())
    }

    /// Monday first, each with its name in the settings.
    pub(super) fn days(&self) -> impl Iterator<Item = (&'static str, &[Span])> {
        let Self { mon, tue, wed, thu, fri, sat, sun } = self;
        [("mon", mon), ("tue", tue), ("wed", wed), ("thu", thu), ("fri", fri), ("sat", sat), ("sun", sun)]
            .into_iter()
            .map(|(name, spans)| (name, spans.as_slice()))
    }
}

impl FromStr for Minute {
    type Err = BadMinute;

    fn from_str(text: &str) -> Result<Self, BadMinute> {
        let bad = || BadMinute(text.chars().take(20).collect());
        let two = |digits: &str| (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<u16>().ok())?;
        let (hours, minutes) = text.split_once(':').and_then(|(h, m)| two(h).zip(two(m))).ok_or_else(bad)?;
        if hours < 48 && minutes < 60 { Ok(Self(hours * 60 + minutes)) } else { Err(bad()) }
    }
}

impl TryFrom<String> for Minute {
    type Error = BadMinute;

    fn try_from(text: String) -> Result<Self, BadMinute> {
        text.parse()
    }
}

impl From<Minute> for String {
    fn from(minute: Minute) -> Self {
        minute.to_string()
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<(Minute, Minute)> for Span {
    fn from((from, to): (Minute, Minute)) -> Self {
        Self { from, to }
    }
}

impl From<Span> for (Minute, Minute) {
    fn from(span: Span) -> Self {
        (span.from, span.to)
    }
}
