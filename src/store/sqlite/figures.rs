//! Owns the figures of an office where the rows are: SQL says which stays there are and what became of each, and one pass over them counts,
//! by the same definitions as `office::figures` has them. Percentiles are picked at the end: to rank by window functions costs a year half a
//! minute.

mod clock;
mod idle;
mod tally;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::types::{FromSqlError, Type, Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use self::clock::Wall;
use self::idle::Waits;
use self::tally::{Counted, Fate, Tally};
use super::desk_rows;
use super::fault::Failed;
use super::rows::{blob, desk, from_word, opaque, value, word};
use crate::office::figures::{AtDesks, By, Group, Line, Scope, WeekdayHour};
use crate::office::{BranchId, DeskId, Millis, Rank, ServiceId, Settings, UserId};
use crate::store::day_of;
use crate::store::derived::DeskTime;

/// One row for each segment of the days: its day, its group, whether the scope has it, what became of it, its times.
const STAY: &str = include_str!("figures/stay.sql");

/// The figures of a branch; see [`office::figures::report`](crate::office::figures::report), which gives the same.
pub(super) fn report(
    connection: &Connection,
    branch: BranchId,
    scope: &Scope,
    by: By,
    settings: &Settings,
    now: Millis,
) -> Result<Vec<Line>, Failed> {
    let wall = match by {
        By::Hour | By::Weekday | By::WeekdayHour => Wall::of(connection, branch, scope, settings.time_zone)?,
        _ => Wall::default(),
    };
    let mut parts = Parts { by, settings, now, groups: BTreeMap::new(), times: desk_times(connection, branch, scope, by)? };
    if by == By::Nothing {
        parts.of(Group::All);
    }
    let limit = i64::from(settings.answer_within) * 1_000;
    let (sql, values) = select(branch, scope, by)?;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut present: Option<Day> = None;
    while let Some(row) = found.next()? {
        if present.as_ref().is_none_or(|day| !day.has(row)) {
            present.take().into_iter().for_each(|over| parts.end(over));
        }
        let day = match &mut present {
            Some(day) => day,
            none => none.insert(Day::of(row, parts.times.is_some())?),
        };
        let stay = counted(row)?;
        if row.get(2)? {
            let group = group(row, by, day.date, &wall, stay.queued_at)?;
            parts.of(group).tally.add(&stay, limit);
        }
        if let Some(waits) = day.waits.as_mut().filter(|_| stay.fate != Fate::Booked) {
            waits.stay(ServiceId(row.get(5)?), desk(row, 6)?, &stay, now.0);
        }
    }
    present.into_iter().for_each(|over| parts.end(over));
    Ok(parts.lines())
}

/// The statement over the stays of a scope's days, and what is bound to it. Where desks' own time can be said, all stays of the days are
/// selected: who waits for a desk that is idle need not be in the scope.
fn select(branch: BranchId, scope: &Scope, by: By) -> Result<(String, Vec<Value>), Failed> {
    let mut values = vec![value(branch.0), value(day_of(scope.from)), value(day_of(scope.to))];
    let mut chosen = Vec::new();
    let named = [
        ("service", scope.service.map(|service| value(service.0))),
        ("desk", scope.desk.map(|desk| value(desk.0))),
        ("agent", scope.agent.map(|agent| value(blob(agent.0).to_vec()))),
        ("rank", scope.rank.map(|rank| value(rank.0))),
        ("channel", scope.channel.map(word).transpose()?.map(value)),
    ];
    for (column, named) in named.into_iter().filter_map(|(column, named)| named.map(|named| (column, named))) {
        values.push(named);
        chosen.push(format!("segment.{column} IS ?{}", values.len()));
    }
    let chosen = if chosen.is_empty() { "1".to_owned() } else { chosen.join(" AND ") };
    let filters = if scope.has_desks(by) { String::new() } else { format!(" AND {chosen}") };
    let group = match by {
        By::Service => "segment.service",
        By::Desk => "segment.desk",
        By::Agent => "segment.agent",
        By::Priority => "segment.rank",
        By::Channel => "segment.channel",
        // Told by the day or the times of the row.
        By::Nothing | By::Hour | By::Weekday | By::WeekdayHour | By::Day => "NULL",
    };
    Ok((STAY.replace("/* group */", group).replace("/* chosen */", &chosen).replace("/* filters */", &filters), values))
}

/// What a row is counted by.
fn counted(row: &Row<'_>) -> rusqlite::Result<Counted> {
    let fate = row.get_ref(3)?.as_str().ok().and_then(Fate::of);
    Ok(Counted {
        fate: fate.ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(FromSqlError::InvalidType)))?,
        is_first: row.get(4)?,
        at_desk: row.get_ref(6)? != ValueRef::Null,
        queued_at: row.get(7)?,
        first_called_at: row.get(8)?,
        last_called_at: row.get(9)?,
        started_at: row.get(10)?,
        ended_at: row.get(11)?,
        held: row.get(12)?,
        issued_at: row.get(13)?,
        expected: row.get(14)?,
        deferred: row.get(15)?,
        deferred_first: row.get(16)?,
    })
}

/// By what the report is divided.
fn group(row: &Row<'_>, by: By, day: NaiveDate, wall: &Wall, queued_at: i64) -> rusqlite::Result<Group> {
    let nobody = row.get_ref(1)? == ValueRef::Null;
    Ok(match by {
        By::Nothing => Group::All,
        By::Service => Group::Service(ServiceId(row.get(1)?)),
        By::Desk => Group::Desk(row.get::<_, Option<u32>>(1)?.map(DeskId)),
        By::Agent if nobody => Group::Agent(None),
        By::Agent => Group::Agent(Some(UserId(opaque(row, 1)?))),
        By::Priority => Group::Priority(Rank(row.get(1)?)),
        By::Channel => Group::Channel(from_word(row, 1)?),
        By::Hour => Group::Hour(wall.hour(queued_at)),
        By::Weekday => Group::Weekday(wall.weekday(queued_at)),
        By::WeekdayHour => Group::WeekdayHour(WeekdayHour { weekday: wall.weekday(queued_at), hour: wall.hour(queued_at) }),
        By::Day => Group::Day(day),
    })
}

/// The desk times of a scope, by day; none where they cannot be said.
fn desk_times(
    connection: &Connection,
    branch: BranchId,
    scope: &Scope,
    by: By,
) -> Result<Option<BTreeMap<NaiveDate, Vec<DeskTime>>>, Failed> {
    if !scope.has_desks(by) {
        return Ok(None);
    }
    let mut times = BTreeMap::<_, Vec<_>>::new();
    for time in desk_rows::read(connection, branch, &(scope.from..=scope.to))? {
        let chosen = scope.desk.is_none_or(|desk| desk == time.desk) && scope.agent.is_none_or(|agent| time.agent == Some(agent));
        if chosen {
            times.entry(time.day).or_default().push(time);
        }
    }
    Ok(Some(times))
}

/// The business day that the pass has come to.
struct Day {
    /// As the database has it.
    text: String,
    date: NaiveDate,
    /// Where idle desks are asked for.
    waits: Option<Waits>,
}

impl Day {
    fn of(row: &Row<'_>, with_desks: bool) -> rusqlite::Result<Self> {
        Ok(Self { text: row.get(0)?, date: from_word(row, 0)?, waits: with_desks.then(Waits::default) })
    }

    fn has(&self, row: &Row<'_>) -> bool {
        row.get_ref(0).is_ok_and(|day| day == ValueRef::Text(self.text.as_bytes()))
    }
}

/// The groups of a report, in its order.
struct Parts<'s> {
    by: By,
    settings: &'s Settings,
    now: Millis,
    groups: BTreeMap<(bool, u128), Part>,
    /// Those whose day is not over yet; `None` where the desks' own time cannot be said.
    times: Option<BTreeMap<NaiveDate, Vec<DeskTime>>>,
}

struct Part {
    group: Group,
    tally: Tally,
    desks: AtDesks,
}

impl Parts<'_> {
    /// The part of a group, which there is from now on.
    fn of(&mut self, group: Group) -> &mut Part {
        self.groups.entry(group.order()).or_insert_with(|| Part { group, tally: Tally::default(), desks: AtDesks::default() })
    }

    /// A day of which all stays were read.
    fn end(&mut self, day: Day) {
        let (Some(waits), Some(times)) = (day.waits, self.times.as_mut().and_then(|times| times.remove(&day.date))) else { return };
        let wanted = waits.wanted(self.settings);
        for time in &times {
            self.desk(time, wanted.idle(time, self.now));
        }
    }

    fn desk(&mut self, time: &DeskTime, idle: i64) {
        let closed = time.closed_at.unwrap_or(self.now).0;
        let paused: i64 = time.pauses.iter().map(|pause| (pause.ended_at.map_or(closed, |at| at.0) - pause.began_at.0).max(0)).sum();
        let group = match self.by {
            By::Desk => Group::Desk(Some(time.desk)),
            By::Agent => Group::Agent(time.agent),
            By::Day => Group::Day(time.day),
            By::Nothing | By::Service | By::Priority | By::Channel | By::Hour | By::Weekday | By::WeekdayHour => Group::All,
        };
        let desks = &mut self.of(group).desks;
        desks.open += (closed - time.opened_at.0).max(0);
        desks.paused += paused;
        desks.idle += idle;
    }

    fn lines(mut self) -> Vec<Line> {
        let with_desks = self.times.is_some();
        // Days on which nobody came.
        for time in self.times.take().into_iter().flat_map(BTreeMap::into_values).flatten() {
            self.desk(&time, 0);
        }
        let line = |Part { group, tally, desks }| Line { group, figures: tally.figures(with_desks.then_some(desks)) };
        self.groups.into_values().map(line).collect()
    }
}
