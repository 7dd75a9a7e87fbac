//! Owns the business day: which date a moment belongs to, and when the next one begins. Never reads a clock.
//!
//! A business date begins at the first instant at which a clock on the branch's wall shows the cut-over minute of that date or later.
//! So where the cut-over falls into the hour that is skipped in spring, the day begins when the skipping ends; where it falls into the hour
//! that is lived twice in autumn, the day begins at the first of the two and does not turn back with the clock.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::ids::Millis;

/// Years 1 to 9999: beyond, times count as the nearest of these, so that every function here is total.
const EARLIEST: i64 = -62_135_596_800_000;
const LATEST: i64 = 253_402_300_799_999;

/// The business days of one branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    /// Minute of the local day at which the business day turns: 0 to 1439.
    pub cut_over: u16,
}

impl Calendar {
    /// The business date of a moment: never smaller for a later one.
    pub fn date(&self, at: Millis) -> NaiveDate {
        let at = at.in_calendar();
        let mut date = after(utc(at).with_timezone(&self.zone).date_naive());
        // The calendar date of the moment, or one beside it: two steps, more only round a skipped day.
        while self.start(date) > at {
            date = before(date);
        }
        date
    }

    /// The first instant of a business date. Of a date that the zone skipped altogether: when the next one that exists begins.
    pub fn start(&self, date: NaiveDate) -> Millis {
        self.instant(date, self.cut_over)
    }

    /// The first instant at which the branch's wall shows a minute of a date or later; from 1440 on, minutes are those of the dates behind.
    /// Never earlier for a later minute.
    pub fn instant(&self, date: NaiveDate, minute: u16) -> Millis {
        let local = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
        Millis(match self.zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.timestamp_millis(),
            MappedLocalTime::None => self.gap_end(&local),
        })
    }

    /// The first instant of the business date after the one that `at` belongs to.
    pub fn next_turn(&self, at: Millis) -> Millis {
        self.start(after(self.date(at)))
    }

    fn gap_end(&self, local: &NaiveDateTime) -> i64 {
        match GapInfo::new(local, &self.zone).and_then(|gap| gap.end) {
            Some(end) => end.timestamp_millis(),
            // A gap without an end is unknown to every zone; UTC keeps the function total.
            None => local.and_utc().timestamp_millis(),
        }
    }
}

impl Millis {
    /// The same moment, or the nearest one that the calendar knows.
    pub(super) fn in_calendar(self) -> Self {
        Self(self.0.clamp(EARLIEST, LATEST))
    }
}

/// The date after; the last one that can be counted stays.
pub(super) fn after(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

fn before(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}

fn utc(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn calendar(zone: Tz, hour: u16, minute: u16) -> Calendar {
        Calendar { zone, cut_over: hour * 60 + minute }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Millis {
        Millis(text.parse::<DateTime<Utc>>().unwrap().timestamp_millis())
    }

    /// The day begins at this instant and not a millisecond before, and the day before turns then.
    #[track_caller]
    fn begins(calendar: Calendar, day: &str, instant: &str) {
        let (day, instant) = (date(day), at(instant));
        assert_eq!(utc(calendar.start(day)), utc(instant));
        assert_eq!(calendar.date(instant), day);
        let eve = Millis(instant.0 - 1);
        assert!(calendar.date(eve) < day);
        assert_eq!(calendar.next_turn(eve), instant);
        assert!(calendar.next_turn(instant) > instant);
    }

    #[test]
    fn an_ordinary_day_turns_at_the_cut_over_in_the_branch_s_zone() {
        begins(calendar(Tz::UTC, 0, 0), "2026-11-21", "2026-11-21T00:00:00Z");
        begins(calendar(Tz::Europe__Madrid, 4, 0), "2026-11-21", "2026-11-21T03:00:00Z");
        begins(calendar(Tz::Asia__Kathmandu, 23, 59), "2026-11-21", "2026-11-21T18:14:00Z");
        begins(calendar(Tz::America__Santiago, 3, 30), "2026-06-21", "2026-06-21T07:30:00Z");
    }

    #[test]
    fn the_cut_over_is_in_the_hour_that_spring_skips() {
        // Madrid: 02:00 becomes 03:00 at 01:00 UTC.
        begins(calendar(Tz::Europe__Madrid, 2, 30), "2026-03-29", "2026-03-29T01:00:00Z");
        begins(calendar(Tz::Europe__Madrid, 3, 0), "2026-03-29", "2026-03-29T01:00:00Z");
        begins(calendar(Tz::Europe__Madrid, 1, 59), "2026-03-29", "2026-03-29T00:59:00Z");
        // Santiago and, until 2018, Sao Paulo skip midnight itself: the date has no 00:00.
        begins(calendar(Tz::America__Santiago, 0, 0), "2026-09-06", "2026-09-06T04:00:00Z");
        begins(calendar(Tz::America__Sao_Paulo, 0, 0), "2018-11-04", "2018-11-04T03:00:00Z");
        begins(calendar(Tz::America__Sao_Paulo, 0, 30), "2018-11-04", "2018-11-04T03:00:00Z");
        // Lord Howe moves by half an hour: 02:00 becomes 02:30.
        begins(calendar(Tz::Australia__Lord_Howe, 2, 15), "2026-10-04", "2026-10-03T15:30:00Z");
    }

    #[test]
    fn the_cut_over_is_in_the_hour_that_autumn_repeats() {
        // Madrid: 03:00 becomes 02:00 at 01:00 UTC; 02:30 comes at 00:30 and again at 01:30 UTC.
        let madrid = calendar(Tz::Europe__Madrid, 2, 30);
        begins(madrid, "2026-10-25", "2026-10-25T00:30:00Z");
        assert_eq!(madrid.date(at("2026-10-25T01:10:00Z")), date("2026-10-25"), "02:10 for the second time does not turn back");
        // Santiago and Sao Paulo repeat 23:00 to 24:00: midnight comes once, an hour late.
        begins(calendar(Tz::America__Santiago, 0, 0), "2026-04-05", "2026-04-05T04:00:00Z");
        begins(calendar(Tz::America__Sao_Paulo, 0, 0), "2018-02-18", "2018-02-18T03:00:00Z");
        begins(calendar(Tz::America__Sao_Paulo, 23, 30), "2018-02-17", "2018-02-18T01:30:00Z");
        begins(calendar(Tz::Australia__Lord_Howe, 1, 45), "2026-04-05", "2026-04-04T14:45:00Z");
    }

    #[test]
    fn a_leap_day_is_a_day() {
        let madrid = calendar(Tz::Europe__Madrid, 0, 0);
        begins(madrid, "2028-02-29", "2028-02-28T23:00:00Z");
        begins(madrid, "2028-03-01", "2028-02-29T23:00:00Z");
        begins(madrid, "2027-03-01", "2027-02-28T23:00:00Z");
    }

    #[test]
    fn a_date_that_a_zone_skipped_is_never_opened() {
        // Samoa went from 29 to 31 December 2011.
        let apia = calendar(Tz::Pacific__Apia, 0, 0);
        begins(apia, "2011-12-31", "2011-12-30T10:00:00Z");
        assert_eq!(apia.start(date("2011-12-30")), apia.start(date("2011-12-31")));
        assert_eq!(apia.date(at("2011-12-30T09:59:59Z")), date("2011-12-29"));
    }

    #[test]
    fn times_beyond_the_calendar_are_the_nearest_in_it() {
        let utc = calendar(Tz::UTC, 0, 0);
        assert_eq!(utc.date(Millis(i64::MAX)), date("9999-12-31"));
        assert_eq!(utc.date(Millis(i64::MIN)), date("0001-01-01"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn days_follow_each_other_in_every_zone(
            zone in proptest::sample::select(chrono_tz::TZ_VARIANTS.to_vec()), cut_over in 0_u16..1440, seconds in 0_i64..4_102_444_800,
        ) {
            let calendar = Calendar { zone, cut_over };
            let now = Millis(seconds * 1000);
            let day = calendar.date(now);
            let turn = calendar.next_turn(now);
            prop_assert!(calendar.start(day) <= now && now < turn);
            prop_assert_eq!(calendar.date(Millis(turn.0 - 1)), day);
            prop_assert!(calendar.date(turn) > day);
            prop_assert!(turn.0 - calendar.start(day).0 <= 50 * HOUR);
        }
    }
}
