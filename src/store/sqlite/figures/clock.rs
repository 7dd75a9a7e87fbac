//! Owns the branch's wall clock, for rows: between two changes of the offset, hour and weekday are plain arithmetic.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use rusqlite::{Connection, params};

use super::super::fault::Failed;
use crate::office::BranchId;
use crate::office::figures::Scope;
use crate::store::day_of;

const HOUR: i64 = 3_600_000;

/// From when until when the wall clock is so many milliseconds ahead of UTC.
type Stretch = (i64, i64, i64);

/// How far the wall clock is ahead of UTC while the stays of a scope begin.
#[derive(Default)]
pub(super) struct Wall(Vec<Stretch>);

impl Wall {
    pub(super) fn of(connection: &Connection, branch: BranchId, scope: &Scope, zone: Tz) -> Result<Self, Failed> {
        let (first, last): (Option<i64>, Option<i64>) = connection
            .prepare_cached("SELECT min(queued_at), max(queued_at) FROM segment WHERE branch = ?1 AND day BETWEEN ?2 AND ?3")?
            .query_row(params![branch.0, day_of(scope.from), day_of(scope.to)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self(first.zip(last).map_or_else(Vec::new, |(first, last)| offsets(zone, first, last))))
    }

    /// 0 to 23.
    pub(super) fn hour(&self, at: i64) -> u8 {
        self.local(at).div_euclid(HOUR).rem_euclid(24) as u8
    }

    /// 1 is Monday, 7 is Sunday. The first of January 1970 was a Thursday.
    pub(super) fn weekday(&self, at: i64) -> u8 {
        (self.local(at).div_euclid(24 * HOUR) + 3).rem_euclid(7) as u8 + 1
    }

    fn local(&self, at: i64) -> i64 {
        let place = self.0.partition_point(|(begins, ..)| *begins <= at).saturating_sub(1);
        at + self.0.get(place).map_or(0, |(.., ahead)| *ahead)
    }
}

/// Stretches from `first` until behind `last` in which the offset is the same.
fn offsets(zone: Tz, first: i64, last: i64) -> Vec<Stretch> {
    let ahead = |at: i64| {
        let utc = DateTime::from_timestamp_millis(at).unwrap_or_default().naive_utc();
        i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000
    };
    let mut stretches = vec![(first, first, ahead(first))];
    let mut at = first;
    while at <= last {
        let next = at.saturating_add(HOUR);
        let then = ahead(next);
        if let Some(present) = stretches.last_mut().filter(|present| present.2 != then) {
            // The instant of the change, between the two.
            let (mut before, mut behind) = (at, next);
            while behind - before > 1 {
                let middle = before + (behind - before) / 2;
                if ahead(middle) == present.2 { before = middle } else { behind = middle }
            }
            present.1 = behind;
            stretches.push((behind, behind, then));
        }
        at = next;
    }
    if let Some(present) = stretches.last_mut() {
        present.1 = at.saturating_add(1);
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_millis()
    }

    #[test]
    fn the_wall_clock_s_changes_are_found_to_the_millisecond() {
        let year = (at("2026-01-01T00:00:00Z"), at("2026-12-31T23:59:59Z"));
        let stretches = offsets(Tz::Europe__Madrid, year.0, year.1);
        let (spring, autumn) = (at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z"));
        let found: Vec<_> = stretches.iter().map(|(begins, _, ahead)| (*begins, ahead / 3_600_000)).collect();
        assert_eq!(found, [(year.0, 1), (spring, 2), (autumn, 1)]);
        assert!(stretches.windows(2).all(|pair| pair[0].1 == pair[1].0) && stretches[2].1 > year.1);
        assert_eq!(offsets(Tz::UTC, 5, 5), [(5, 3_600_006, 0)]);

        let wall = Wall(stretches);
        let said = |text: &str| (wall.hour(at(text)), wall.weekday(at(text)));
        assert_eq!(said("2026-03-29T00:59:59.999Z"), (1, 7));
        assert_eq!(said("2026-03-29T01:00:00Z"), (3, 7), "summer");
        assert_eq!(said("2026-10-24T22:00:00Z"), (0, 7));
        assert_eq!(said("2026-10-25T01:30:00Z"), (2, 7), "once more");
        assert_eq!(said("2026-12-31T22:59:59Z"), (23, 4));
        assert_eq!(Wall(vec![(-10 * HOUR, 0, HOUR)]).hour(-2 * HOUR), 23, "before 1970");
    }
}
