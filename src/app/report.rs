//! Owns `siguiente report`: the figures of business days, as a table for people, as CSV or as JSON. Computes none of them.

mod text;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::AppError;
use super::archive::{Archive, Branch, print, word};
use crate::clock::Clock;
use crate::config::{self, Config, Form};
use crate::office::figures::{By, Group, Line, Scope, WeekdayHour, csv};
use crate::office::{Name, Rank, Settings, UserId};
use crate::store::Reports;

/// The figures of a branch's days, and what they are about.
#[derive(Serialize)]
struct Figures<'a> {
    branch: u32,
    name: &'a str,
    time_zone: &'a str,
    from: NaiveDate,
    to: NaiveDate,
    by: By,
    /// Seconds: the Y of the service level.
    answer_within: u32,
    /// What the agents of the lines are called, by their id; without those who were deleted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    agents: BTreeMap<String, &'a str>,
    lines: &'a [Line],
}

/// Prints the figures that are asked for.
pub fn report(config: &Config, asked: &config::Report) -> Result<(), AppError> {
    let mut archive = Archive::open(config)?;
    let Branch { id, office, settings } = archive.one(asked.branch)?;
    let now = Clock::system().now();
    let from = asked.day.or(office.day()).unwrap_or_else(|| settings.calendar().date(now));
    let (to, by) = (asked.to.unwrap_or(from), asked.by.map_or(By::Nothing, By::from));
    let lines = archive.reader.figures(id, &Scope::days(from, to), by, &settings, now)?;
    let names = if by == By::Agent { archive.reader.names()? } else { BTreeMap::new() };
    let name = |group: &Group| group_name(&settings, &names, group);
    let agent = |line: &Line| if let Group::Agent(agent) = line.group { agent } else { None };
    let named = |agent: UserId| Some((agent.to_string(), names.get(&agent)?.as_str()));
    let figures = Figures {
        branch: id.0,
        name: &settings.name,
        time_zone: settings.time_zone.name(),
        from,
        to,
        by,
        answer_within: settings.answer_within,
        agents: lines.iter().filter_map(agent).filter_map(named).collect(),
        lines: &lines,
    };
    print(&match asked.format {
        Form::Text => text::report(&figures, name),
        Form::Csv => csv::report(&lines, name),
        Form::Json => serde_json::to_string_pretty(&figures).map_err(std::io::Error::from)? + "\n",
    })
}

/// What people call it, in the branch's first language; an agent by name and id, for two may have one name.
fn group_name(settings: &Settings, names: &BTreeMap<UserId, String>, group: &Group) -> String {
    let named = |name: Option<&Name>, id: &dyn std::fmt::Display| name.map_or_else(|| id.to_string(), |name| said(settings, name));
    match *group {
        Group::All => "all".into(),
        Group::Service(id) => named(settings.service(id).map(|service| &service.name), &id.0),
        Group::Desk(Some(id)) => named(settings.desk(id).map(|desk| &desk.name), &id),
        Group::Desk(None) => "no desk".into(),
        Group::Agent(None) => "nobody known".into(),
        Group::Agent(Some(agent)) => names.get(&agent).map_or_else(|| agent.to_string(), |name| format!("{name} ({agent})")),
        Group::Priority(Rank::NORMAL) => "normal".into(),
        Group::Priority(rank) => named(settings.classes.iter().find(|class| class.rank == rank).map(|class| &class.name), &rank.0),
        Group::Channel(channel) => word(&channel),
        Group::Hour(hour) => format!("{hour:02}:00"),
        Group::Weekday(day) => weekday(day).into(),
        Group::WeekdayHour(WeekdayHour { weekday: day, hour }) => format!("{} {hour:02}:00", weekday(day)),
        Group::Day(date) => date.to_string(),
    }
}

/// 1 is Monday.
fn weekday(day: u8) -> &'static str {
    WEEKDAYS.get(usize::from(day).wrapping_sub(1)).copied().unwrap_or("?")
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A name in the branch's first language.
pub(super) fn said(settings: &Settings, name: &Name) -> String {
    use crate::office::Lang;
    match settings.languages.first() {
        Some(Lang::En) => name.en.clone(),
        Some(Lang::Es) | None => name.es.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::demo_office;
    use crate::office::{DeskId, ServiceId};

    #[test]
    fn groups_are_called_as_people_call_them() {
        let settings = demo_office();
        let names = BTreeMap::from([(UserId(2), "Inés".to_owned())]);
        let name = |group| group_name(&settings, &names, &group);
        assert_eq!((name(Group::Service(ServiceId(1))), name(Group::Service(ServiceId(99)))), ("Caja".into(), "99".into()));
        assert_eq!((name(Group::Desk(Some(DeskId(99)))), name(Group::Desk(None))), ("99".into(), "no desk".into()));
        assert_eq!((name(Group::Agent(Some(UserId(1)))).len(), name(Group::Agent(None))), (32, "nobody known".into()));
        assert_eq!(name(Group::Agent(Some(UserId(2)))), "Inés (00000000000000000000000000000002)");
        assert_eq!((name(Group::Priority(Rank(0))), name(Group::Priority(Rank(200)))), ("normal".into(), "200".into()));
        assert_eq!(
            (name(Group::Hour(9)), name(Group::Weekday(1)), name(Group::Weekday(7))),
            ("09:00".into(), "Monday".into(), "Sunday".into())
        );
        assert_eq!(name(Group::WeekdayHour(WeekdayHour { weekday: 1, hour: 9 })), "Monday 09:00");
        assert_eq!(name(Group::Day("2026-11-20".parse().unwrap())), "2026-11-20");
    }
}
