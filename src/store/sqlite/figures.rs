//! Owns the figures of an office in SQL: the same definitions as `office::figures` has them, computed where the rows are. What the database
//! cannot know, the branch's wall clock and which desk serves what, is handed to it as small tables.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::fault::Failed;
use super::rows::{blob, from_word, opaque, value, word};
use crate::office::figures::{Accuracy, AtDesks, By, Figures, Group, Line, Scope, Share, Spread};
use crate::office::{BranchId, DeskId, Millis, Rank, ServiceId, Settings, UserId};
use crate::store::day_of;

/// `stay` has one row for each segment of the scope: its group, what became of it, its times.
const STAY: &str = include_str!("figures/stay.sql");

/// Behind `stay`: the counts of each group.
const COUNTS: &str = include_str!("figures/counts.sql");

/// Behind `stay`: of each group and each kind of time, how many there are, their sum, their percentiles and the longest.
const SPREADS: &str = include_str!("figures/spreads.sql");

/// Of each group of desk times: open, paused and idle.
const DESKS: &str = include_str!("figures/desks.sql");

/// The figures of a branch; see [`office::figures::report`](crate::office::figures::report), which gives the same.
pub(super) fn report(
    connection: &Connection,
    branch: BranchId,
    scope: &Scope,
    by: By,
    settings: &Settings,
    now: Millis,
) -> Result<Vec<Line>, Failed> {
    let mut lines: Vec<Line> = Vec::new();
    if by == By::Nothing {
        line(&mut lines, Group::All);
    }
    let stays = Stays::of(connection, branch, scope, by, settings)?;
    let mut statement = connection.prepare_cached(&stays.sql(COUNTS))?;
    let mut found = statement.query(stays.values([value(i64::from(settings.answer_within) * 1_000)]))?;
    while let Some(row) = found.next()? {
        counts(row, &mut line(&mut lines, group(row, by)?).figures)?;
    }
    let mut statement = connection.prepare_cached(&stays.sql(SPREADS))?;
    let mut found = statement.query(stays.values([]))?;
    while let Some(row) = found.next()? {
        spread(row, &mut line(&mut lines, group(row, by)?).figures)?;
    }
    if scope.has_desks(by) {
        desks(connection, branch, scope, by, settings, now, &mut lines)?;
    }
    for Line { figures, .. } in &mut lines {
        // Counted on the way whether they can be said or not.
        figures.desks = figures.desks.filter(|_| scope.has_desks(by)).map(|desks| AtDesks { finished: figures.finished, ..desks });
    }
    lines.sort_unstable_by_key(|line| line.group.order());
    Ok(lines)
}

/// The line of a group, which there is from now on.
fn line(lines: &mut Vec<Line>, group: Group) -> &mut Line {
    let place = lines.iter().position(|line| line.group == group).unwrap_or_else(|| {
        lines.push(Line { group, figures: Figures { desks: Some(AtDesks::default()), ..Figures::default() } });
        lines.len() - 1
    });
    &mut lines[place]
}

/// The beginning of a statement over the stays of a scope, and what is bound to it.
struct Stays {
    sql: String,
    values: Vec<Value>,
}

impl Stays {
    fn of(connection: &Connection, branch: BranchId, scope: &Scope, by: By, settings: &Settings) -> Result<Self, Failed> {
        let (from, to) = (day_of(scope.from), day_of(scope.to));
        let zone = if matches!(by, By::Hour | By::Weekday) { zone(connection, branch, scope, settings.time_zone)? } else { "[]".into() };
        let mut values = vec![value(branch.0), value(from), value(to), value(zone)];
        let mut filters = String::new();
        let chosen = [
            ("service", scope.service.map(|service| value(service.0))),
            ("desk", scope.desk.map(|desk| value(desk.0))),
            ("agent", scope.agent.map(|agent| value(blob(agent.0).to_vec()))),
            ("rank", scope.rank.map(|rank| value(rank.0))),
            ("channel", scope.channel.map(word).transpose()?.map(value)),
        ];
        for (column, chosen) in chosen.into_iter().filter_map(|(column, chosen)| chosen.map(|chosen| (column, chosen))) {
            values.push(chosen);
            filters.push_str(&format!(" AND segment.{column} = ?{}", values.len()));
        }
        let group = match by {
            By::Nothing => "1",
            By::Service => "segment.service",
            By::Desk => "segment.desk",
            By::Agent => "segment.agent",
            By::Priority => "segment.rank",
            By::Channel => "segment.channel",
            By::Hour => {
                "(SELECT (segment.queued_at + ahead) / 3600000 % 24 FROM zone WHERE segment.queued_at >= begins AND segment.queued_at < ends)"
            }
            // The first of January 1970 was a Thursday.
            By::Weekday => {
                "(SELECT ((segment.queued_at + ahead) / 86400000 + 3) % 7 + 1 FROM zone WHERE segment.queued_at >= begins AND segment.queued_at < ends)"
            }
            By::Day => "segment.day",
        };
        Ok(Self { sql: STAY.replace("/* group */", group).replace("/* filters */", &filters), values })
    }

    /// With the rest of the statement; where that has a value of its own, it is the last one.
    fn sql(&self, rest: &str) -> String {
        self.sql.clone() + &rest.replace("?limit", &format!("?{}", self.values.len() + 1))
    }

    fn values(&self, more: impl IntoIterator<Item = Value>) -> impl rusqlite::Params {
        params_from_iter(self.values.iter().cloned().chain(more).collect::<Vec<_>>())
    }
}

/// How far the wall clock is ahead of UTC while the stays of the scope begin: `[begins, ends, milliseconds]` as JSON.
fn zone(connection: &Connection, branch: BranchId, scope: &Scope, zone: Tz) -> Result<String, Failed> {
    let (first, last): (Option<i64>, Option<i64>) = connection
        .prepare_cached("SELECT min(queued_at), max(queued_at) FROM segment WHERE branch = ?1 AND day BETWEEN ?2 AND ?3")?
        .query_row(params![branch.0, day_of(scope.from), day_of(scope.to)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = (first, last) else { return Ok("[]".into()) };
    let stretches: Vec<String> =
        offsets(zone, first, last).iter().map(|(begins, ends, ahead)| format!("[{begins},{ends},{ahead}]")).collect();
    Ok(format!("[{}]", stretches.join(",")))
}

/// Stretches from `first` until behind `last` in which the offset is the same.
fn offsets(zone: Tz, first: i64, last: i64) -> Vec<(i64, i64, i64)> {
    const HOUR: i64 = 3_600_000;
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

/// The first column, by what the report is divided by.
fn group(row: &Row<'_>, by: By) -> rusqlite::Result<Group> {
    let nobody = row.get_ref(0)? == rusqlite::types::ValueRef::Null;
    Ok(match by {
        By::Nothing => Group::All,
        By::Service => Group::Service(ServiceId(row.get(0)?)),
        By::Desk => Group::Desk(row.get::<_, Option<u32>>(0)?.map(DeskId)),
        By::Agent if nobody => Group::Agent(None),
        By::Agent => Group::Agent(Some(UserId(opaque(row, 0)?))),
        By::Priority => Group::Priority(Rank(row.get(0)?)),
        By::Channel => Group::Channel(from_word(row, 0)?),
        By::Hour => Group::Hour(row.get(0)?),
        By::Weekday => Group::Weekday(row.get(0)?),
        By::Day => Group::Day(from_word(row, 0)?),
    })
}

/// The columns of [`COUNTS`].
fn counts(row: &Row<'_>, figures: &mut Figures) -> rusqlite::Result<()> {
    let count = |name: &str| row.get::<_, i64>(name).map(i64::unsigned_abs);
    let share = |name: &str, of: &str| Ok::<_, rusqlite::Error>(Share { count: count(name)?, of: count(of)? });
    let of: i64 = row.get("foretold")?;
    let errors: i64 = row.get("errors")?;
    *figures = Figures {
        tickets: count("tickets")?,
        stays: count("stays")?,
        booked: count("booked")?,
        unreliable: count("unreliable")?,
        open: count("open")?,
        finished: count("finished")?,
        transferred: count("transferred")?,
        missed: count("missed")?,
        left: count("left")?,
        cancelled: count("cancelled")?,
        expired: count("expired")?,
        called: count("called")?,
        in_time: share("in_time", "answerable")?,
        no_show: share("no_show", "called")?,
        abandoned: share("abandoned", "counted")?,
        estimates: Accuracy { count: count("foretold")?, mean_error: mean(errors, of), inside: share("inside", "foretold")? },
        desks: Some(AtDesks { busy: row.get("busy")?, ..AtDesks::default() }),
        ..Figures::default()
    };
    Ok(())
}

/// The columns of [`SPREADS`].
fn spread(row: &Row<'_>, figures: &mut Figures) -> rusqlite::Result<()> {
    let (count, sum): (i64, i64) = (row.get("n")?, row.get("total")?);
    let spread = Spread {
        count: count.unsigned_abs(),
        mean: mean(sum, count),
        p50: row.get("p50")?,
        p90: row.get("p90")?,
        max: row.get("longest")?,
    };
    let kind: String = row.get("kind")?;
    *match kind.as_str() {
        "wait" => &mut figures.wait,
        "first_wait" => &mut figures.first_wait,
        "walk" => &mut figures.walk,
        "service" => &mut figures.service,
        _ => &mut figures.stay,
    } = spread;
    Ok(())
}

/// Rounded half up; `None` of nothing.
fn mean(sum: i64, count: i64) -> Option<i64> {
    let (sum, count) = (i128::from(sum), i128::from(count));
    if count == 0 { None } else { i64::try_from((2 * sum + count).div_euclid(2 * count)).ok() }
}

/// Adds what the desks' own time says.
fn desks(
    connection: &Connection,
    branch: BranchId,
    scope: &Scope,
    by: By,
    settings: &Settings,
    now: Millis,
    lines: &mut Vec<Line>,
) -> Result<(), Failed> {
    let mut values = vec![value(branch.0), value(day_of(scope.from)), value(day_of(scope.to)), value(now.0), value(served(settings))];
    let mut filters = String::new();
    let chosen = [("desk", scope.desk.map(|desk| value(desk.0))), ("agent", scope.agent.map(|agent| value(blob(agent.0).to_vec())))];
    for (column, chosen) in chosen.into_iter().filter_map(|(column, chosen)| chosen.map(|chosen| (column, chosen))) {
        values.push(chosen);
        filters.push_str(&format!(" AND {column} = ?{}", values.len()));
    }
    let group_by = match by {
        By::Desk => "opened.desk",
        By::Agent => "opened.agent",
        By::Day => "opened.day",
        By::Nothing | By::Service | By::Priority | By::Channel | By::Hour | By::Weekday => "1",
    };
    let mut statement = connection.prepare_cached(&DESKS.replace("/* group */", group_by).replace("/* filters */", &filters))?;
    let mut found = statement.query(params_from_iter(values))?;
    while let Some(row) = found.next()? {
        let desks = line(lines, group(row, by)?).figures.desks.get_or_insert_default();
        (desks.open, desks.paused, desks.idle) = (row.get("open")?, row.get("paused")?, row.get("idle")?);
    }
    Ok(())
}

/// Which desk serves which service, `[desk, service]` as JSON; a desk that serves all has `null`.
fn served(settings: &Settings) -> String {
    let of_desk = |desk: &crate::office::Desk| match desk.services.as_slice() {
        [] => vec![format!("[{},null]", desk.id.0)],
        some => some.iter().map(|served| format!("[{},{}]", desk.id.0, served.service.0)).collect(),
    };
    let all: Vec<String> = settings.desks.iter().flat_map(of_desk).collect();
    format!("[{}]", all.join(","))
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
    }
}
