//! Owns opening hours: which spans of a business day a branch or service is open, when it closes, when it opens next. Never reads a clock
//! and knows no ticket.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::day::{self, Calendar};
use super::ids::{Millis, ServiceId};
use super::settings::{Name, Settings};

/// How many business days behind the present one are looked at for the next opening or closing.
const HORIZON: usize = 60;

/// A minute of a business day, counted from local midnight of its date; behind 24:00 it is the night that still belongs to the day.
/// Written `"08:30"`, at most `"47:59"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minute(pub u16);

/// Text that is no [`Minute`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time of the day: it is written \"08:30\", from \"00:00\" to \"47:59\"")]
pub struct BadMinute(String);

/// Open from a minute on, until before another one. Written `["08:00", "14:00"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Minute, Minute)", into = "(Minute, Minute)")]
pub struct Span {
    pub from: Minute,
    pub to: Minute,
}

/// Spans for each weekday of the business date, in order; a week without any span is always open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Tz;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::arbitrary;
    use super::*;

    const MINUTE: i64 = 60_000;
    const CAJA: Option<ServiceId> = Some(ServiceId(1));

    fn at(text: &str) -> Millis {
        Millis(text.parse::<DateTime<chrono::FixedOffset>>().unwrap().timestamp_millis())
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn every_day(spans: &[Span]) -> Week {
        let [mon, tue, wed, thu, fri, sat, sun] = std::array::from_fn(|_| spans.to_vec());
        Week { mon, tue, wed, thu, fri, sat, sun }
    }

    /// Madrid, cut-over at 04:00: weekdays 08:00 to 14:00, Thursdays 16:00 to 20:00 too.
    fn office() -> Settings {
        let morning = vec![span("08:00", "14:00")];
        let thu = vec![span("08:00", "14:00"), span("16:00", "20:00")];
        let hours = Week { mon: morning.clone(), tue: morning.clone(), wed: morning.clone(), thu, fri: morning, ..Week::default() };
        Settings { hours, ..arbitrary::sample() }
    }

    fn holiday(date: &str, hours: &[Span]) -> Holiday {
        Holiday { date: date.parse().unwrap(), name: None, hours: hours.to_vec() }
    }

    #[track_caller]
    fn open_until(settings: &Settings, service: Option<ServiceId>, now: &str, closes: &str) {
        let Opening::Open { closes: found, .. } = settings.opening(service, at(now)) else { panic!("closed at {now}") };
        assert_eq!(found, Some(at(closes)), "at {now}");
    }

    #[track_caller]
    fn closed_until(settings: &Settings, service: Option<ServiceId>, now: &str, opens: &str) {
        assert_eq!(settings.opening(service, at(now)), Opening::Closed { opens: Some(at(opens)) }, "at {now}");
        assert_eq!(settings.next_opening(service, at(now)), Some(at(opens)));
    }

    #[test]
    fn minutes_are_written_with_four_digits() {
        for text in ["00:00", "08:30", "24:00", "47:59"] {
            let minute: Minute = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(minute).unwrap(), text);
        }
        assert_eq!("08:30".parse(), Ok(Minute(510)));
        for text in ["", "8:30", "08:60", "48:00", "08.30", "0830", "+8:30", "08:30:00", "٠٨:٣٠", " 08:30", "-1:00"] {
            assert_eq!(text.parse::<Minute>(), Err(BadMinute(text.into())), "{text:?}");
        }
        let error = serde_json::from_value::<Span>(serde_json::json!(["08:00", "25:99"])).unwrap_err().to_string();
        assert_eq!(error, "\"25:99\" is no time of the day: it is written \"08:30\", from \"00:00\" to \"47:59\"");
    }

    #[test]
    fn hours_are_read_as_they_are_written() {
        let json = serde_json::json!({ "mon": [["08:00", "14:00"], ["16:00", "26:30"]] });
        let week: Week = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(week, Week { mon: vec![span("08:00", "14:00"), span("16:00", "26:30")], ..Week::default() });
        assert_eq!(serde_json::to_value(&week).unwrap()["mon"], json["mon"]);
        assert!(serde_json::from_value::<Week>(serde_json::json!({ "monday": [] })).is_err());
        let day: Holiday = serde_json::from_value(serde_json::json!({ "date": "2026-12-25" })).unwrap();
        assert_eq!(day, holiday("2026-12-25", &[]));
    }

    #[test]
    fn no_hours_are_always_open() {
        let settings = arbitrary::sample();
        for now in [i64::MIN, 0, 1_795_161_600_000, i64::MAX] {
            assert_eq!(settings.opening(CAJA, Millis(now)), Opening::Open { closes: None, last_ticket: None });
        }
        let all_day = Settings { hours: every_day(&[span("04:00", "28:00")]), last_tickets: 30, ..arbitrary::sample() };
        assert_eq!(all_day.opening(None, at("2026-11-20T09:00:00Z")), Opening::Open { closes: None, last_ticket: None });
    }

    #[test]
    fn an_ordinary_week() {
        let office = office();
        // Thursday, 19 November 2026.
        closed_until(&office, None, "2026-11-19T07:59:59.999+01:00", "2026-11-19T08:00:00+01:00");
        open_until(&office, None, "2026-11-19T08:00:00+01:00", "2026-11-19T14:00:00+01:00");
        open_until(&office, None, "2026-11-19T13:59:59.999+01:00", "2026-11-19T14:00:00+01:00");
        closed_until(&office, None, "2026-11-19T14:00:00+01:00", "2026-11-19T16:00:00+01:00");
        closed_until(&office, None, "2026-11-20T14:00:00+01:00", "2026-11-23T08:00:00+01:00");
        assert_eq!(office.next_opening(None, at("2026-11-19T09:00:00+01:00")), Some(at("2026-11-19T16:00:00+01:00")), "while it is open");
    }

    #[test]
    fn numbers_end_before_the_doors_close() {
        let office = Settings { last_tickets: 20, ..office() };
        let (now, last) = (at("2026-11-20T13:39:59.999+01:00"), at("2026-11-20T13:40:00+01:00"));
        let opening = office.opening(None, now);
        assert_eq!(opening, Opening::Open { closes: Some(at("2026-11-20T14:00:00+01:00")), last_ticket: Some(last) });
        assert!(opening.takes_tickets(now) && !office.opening(None, last).takes_tickets(last) && office.opening(None, last).is_open());
        let closed = at("2026-11-20T14:00:00+01:00");
        assert!(!office.opening(None, closed).takes_tickets(closed));
    }

    #[test]
    fn a_holiday_counts_for_all_and_may_have_hours() {
        let mut office = office();
        office.holidays = vec![holiday("2026-11-20", &[]), holiday("2026-11-22", &[span("10:00", "12:00")])];
        closed_until(&office, None, "2026-11-20T09:00:00+01:00", "2026-11-22T10:00:00+01:00");
        open_until(&office, None, "2026-11-22T10:00:00+01:00", "2026-11-22T12:00:00+01:00");
        office.services[0].hours = Some(every_day(&[span("09:00", "11:00")]));
        closed_until(&office, CAJA, "2026-11-20T09:30:00+01:00", "2026-11-22T10:00:00+01:00");
        open_until(&office, CAJA, "2026-11-22T10:00:00+01:00", "2026-11-22T11:00:00+01:00");
        let always = Settings { holidays: vec![holiday("2026-11-20", &[])], ..arbitrary::sample() };
        open_until(&always, None, "2026-11-19T09:00:00+01:00", "2026-11-20T04:00:00+01:00");
        closed_until(&always, None, "2026-11-20T04:00:00+01:00", "2026-11-21T04:00:00+01:00");
    }

    #[test]
    fn a_service_is_open_when_it_and_the_branch_are() {
        let mut office = office();
        let early = vec![span("07:00", "10:00"), span("13:00", "17:00")];
        office.services[0].hours = Some(Week { thu: early, sun: vec![span("09:00", "10:00")], ..Week::default() });
        closed_until(&office, CAJA, "2026-11-19T07:30:00+01:00", "2026-11-19T08:00:00+01:00");
        open_until(&office, CAJA, "2026-11-19T08:00:00+01:00", "2026-11-19T10:00:00+01:00");
        open_until(&office, CAJA, "2026-11-19T13:00:00+01:00", "2026-11-19T14:00:00+01:00");
        open_until(&office, CAJA, "2026-11-19T16:00:00+01:00", "2026-11-19T17:00:00+01:00");
        closed_until(&office, CAJA, "2026-11-20T09:00:00+01:00", "2026-11-26T08:00:00+01:00");
        for other in [None, Some(ServiceId(2)), Some(ServiceId(99))] {
            open_until(&office, other, "2026-11-20T09:00:00+01:00", "2026-11-20T14:00:00+01:00");
        }
        office.services[0].hours = Some(Week::default());
        open_until(&office, CAJA, "2026-11-20T09:00:00+01:00", "2026-11-20T14:00:00+01:00");
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_began() {
        let bar = Settings { hours: Week { fri: vec![span("22:00", "27:30")], ..Week::default() }, ..arbitrary::sample() };
        open_until(&bar, None, "2026-11-21T03:29:00+01:00", "2026-11-21T03:30:00+01:00");
        closed_until(&bar, None, "2026-11-21T03:30:00+01:00", "2026-11-27T22:00:00+01:00");
        let night = Settings { cut_over: 720, hours: every_day(&[span("12:00", "14:00"), span("20:00", "36:00")]), ..arbitrary::sample() };
        open_until(&night, None, "2026-11-21T03:30:00+01:00", "2026-11-21T14:00:00+01:00");
        closed_until(&night, None, "2026-11-21T14:00:00+01:00", "2026-11-21T20:00:00+01:00");
    }

    #[test]
    fn hours_in_the_hour_that_the_clocks_skip_or_repeat() {
        // Madrid skips 02:00 to 03:00 on 29 March and lives it twice on 25 October.
        let office = |spans: &[Span]| Settings { cut_over: 0, hours: every_day(spans), ..arbitrary::sample() };
        let gone = office(&[span("02:10", "02:50")]);
        closed_until(&gone, None, "2026-03-29T00:00:00+01:00", "2026-03-30T02:10:00+02:00");
        open_until(&office(&[span("01:30", "02:30")]), None, "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00");
        open_until(&office(&[span("02:30", "03:30")]), None, "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00");
        let twice = office(&[span("02:10", "02:50")]);
        open_until(&twice, None, "2026-10-25T02:10:00+02:00", "2026-10-25T02:50:00+02:00");
        closed_until(&twice, None, "2026-10-25T02:20:00+01:00", "2026-10-26T02:10:00+01:00");
        open_until(&office(&[span("01:00", "03:00")]), None, "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00");
        let day = office(&[span("08:00", "14:00")]);
        closed_until(&day, None, "2026-03-28T14:00:00+01:00", "2026-03-29T08:00:00+02:00");
        closed_until(&day, None, "2026-10-24T14:00:00+02:00", "2026-10-25T08:00:00+01:00");
    }

    #[test]
    fn an_opening_beyond_60_days_is_none() {
        let mut office = office();
        let first: NaiveDate = "2026-11-20".parse().unwrap();
        let closed = |days| first.iter_days().take(days).map(|date| Holiday { date, name: None, hours: vec![] }).collect();
        office.holidays = closed(60);
        closed_until(&office, None, "2026-11-20T09:00:00+01:00", "2027-01-19T08:00:00+01:00");
        office.holidays = closed(61);
        let now = at("2026-11-20T09:00:00+01:00");
        assert_eq!(office.opening(None, now), Opening::Closed { opens: None });
        assert_eq!(office.next_opening(None, now), None);
    }

    fn weeks() -> impl Strategy<Value = Vec<Vec<Span>>> {
        let day = vec(0_u16..=1440, 0..6).prop_map(|mut minutes| {
            minutes.sort_unstable();
            minutes.dedup();
            minutes.chunks_exact(2).map(|pair| Span { from: Minute(pair[0]), to: Minute(pair[1]) }).collect::<Vec<_>>()
        });
        vec(day, 8)
    }

    fn settings() -> impl Strategy<Value = Settings> {
        let zone = prop_oneof![
            select(chrono_tz::TZ_VARIANTS.to_vec()),
            select(vec![Tz::Europe__Madrid, Tz::America__Santiago, Tz::Australia__Lord_Howe, Tz::Pacific__Apia]),
        ];
        let own = proptest::option::of(weeks());
        (zone, 0_u16..1440, weeks(), own, vec(0_u64..12, 0..4), 0_u16..200).prop_map(|(zone, cut_over, week, own, holidays, last)| {
            let shift = |spans: &[Span]| {
                spans.iter().map(|span| Span { from: Minute(span.from.0 + cut_over), to: Minute(span.to.0 + cut_over) }).collect::<Vec<_>>()
            };
            let week_of = |days: &[Vec<Span>]| {
                let [mon, tue, wed, thu, fri, sat, sun] = std::array::from_fn(|i| shift(&days[i]));
                Week { mon, tue, wed, thu, fri, sat, sun }
            };
            let mut settings = Settings { time_zone: zone, cut_over, last_tickets: last, hours: week_of(&week), ..arbitrary::sample() };
            settings.services[0].hours = own.as_deref().map(week_of);
            let first: NaiveDate = "2026-01-01".parse().unwrap();
            let dates: std::collections::BTreeSet<_> = holidays.into_iter().map(|n| first + chrono::Days::new(n * n * 3)).collect();
            settings.holidays = dates.into_iter().map(|date| Holiday { date, name: None, hours: shift(&week[7]) }).collect();
            settings
        })
    }

    /// Open or not, found in another way: by what the clock on the wall shows. Holds where the wall shows no time twice and skips none.
    fn shows_open(settings: &Settings, week: Option<&Week>, now: Millis) -> bool {
        let date = settings.calendar().date(now);
        let wall = DateTime::from_timestamp_millis(now.0).unwrap().with_timezone(&settings.time_zone).naive_local();
        let minute = (wall - date.and_time(chrono::NaiveTime::MIN)).num_minutes();
        let within = |spans: &[Span]| spans.iter().any(|span| i64::from(span.from.0) <= minute && minute < i64::from(span.to.0));
        let in_week = |week: &Week| week.is_always() || within(week.on(date.weekday()));
        let holiday = settings.holidays.iter().find(|holiday| holiday.date == date);
        holiday.map_or_else(|| in_week(&settings.hours), |holiday| within(&holiday.hours)) && week.is_none_or(in_week)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn open_is_what_the_wall_shows(settings in settings(), minutes in 29_454_000_i64..30_000_000, own: bool) {
            prop_assert_eq!(settings.check(), Ok(()));
            let now = Millis(minutes * MINUTE);
            let service = own.then_some(ServiceId(1));
            let opening = settings.opening(service, now);
            let spans = settings.open_spans(service, settings.calendar().date(now));
            prop_assert_eq!(opening.is_open(), spans.iter().any(|(from, to)| *from <= now && now < *to));
            let offset = |at: Millis| {
                let at = DateTime::from_timestamp_millis(at.0).unwrap().with_timezone(&settings.time_zone);
                chrono::Offset::fix(at.offset()).local_minus_utc()
            };
            let steady = [-26, 26].map(|hours| offset(Millis(now.0 + hours * 60 * MINUTE)) == offset(now)) == [true, true];
            let week = settings.services[0].hours.as_ref().filter(|_| own);
            prop_assert!(!steady || opening.is_open() == shows_open(&settings, week, now));
        }

        #[test]
        fn what_is_told_of_the_future_comes_true(settings in settings(), minutes in 29_454_000_i64..30_000_000, share in 0.0_f64..1.0) {
            let now = Millis(minutes * MINUTE);
            let is_open = |at: i64| settings.opening(CAJA, Millis(at)).is_open();
            let between = |end: Millis| now.0 + ((end.0 - now.0 - 1) as f64 * share) as i64;
            match settings.opening(CAJA, now) {
                Opening::Open { closes, last_ticket } => {
                    prop_assert_eq!(closes.is_some(), last_ticket.is_some());
                    let end = closes.unwrap_or(Millis(now.0 + 59 * 24 * 60 * MINUTE));
                    prop_assert!(end > now && is_open(between(end)) && is_open(end.0 - 1));
                    prop_assert!(closes.is_none() || !is_open(end.0));
                    prop_assert!(settings.next_opening(CAJA, now).is_none_or(|next| closes.is_some_and(|closes| next > closes)));
                }
                Opening::Closed { opens } => {
                    let end = opens.unwrap_or(Millis(now.0 + 59 * 24 * 60 * MINUTE));
                    prop_assert!(end > now && !is_open(between(end)) && !is_open(end.0 - 1));
                    prop_assert!(opens.is_none() || is_open(end.0));
                    prop_assert_eq!(settings.next_opening(CAJA, now), opens);
                }
            }
        }

        #[test]
        fn never_panics(settings in settings(), at: i64, from: u16, to: u16) {
            let mut settings = settings;
            settings.hours.mon.insert(0, Span { from: Minute(from), to: Minute(to) });
            for at in [at, at / 1000, at / 100_000] {
                settings.opening(CAJA, Millis(at));
                settings.next_opening(None, Millis(at));
            }
        }

        #[test]
        fn a_minute_is_read_as_it_is_written(minute in 0_u16..2880, text in "\\PC{0,8}") {
            prop_assert_eq!(Minute(minute).to_string().parse(), Ok(Minute(minute)));
            prop_assert!(text.parse::<Minute>().is_ok_and(|minute| minute.to_string() == text) || text.parse::<Minute>().is_err());
        }
    }
}
