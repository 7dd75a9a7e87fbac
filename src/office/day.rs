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
        let at = Millis(at.0.clamp(EARLIEST, LATEST));
        let mut date = after(utc(at).with_timezone(&self.zone).date_naive());
        // The calendar date of the moment, or one beside it: two steps, more only round a skipped day.
        while self.start(date) > at {
            date = before(date);
        }
        date
    }

    /// The first instant of a business date. Of a date that the zone skipped altogether: when the next one that exists begins.
    pub fn start(&self, date: NaiveDate) -> Millis {
        let local = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(self.cut_over));
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
