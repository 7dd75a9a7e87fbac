//! Owns the computation of a report, stay by stay.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use super::super::ids::Millis;
use super::super::settings::Settings;
use super::super::ticket::End;
use super::idle::Idle;
use super::{Accuracy, AtDesks, By, DeskTime, Figures, Group, Line, Scope, Share, Spread, Stay, WeekdayHour, spread};

/// 5 minutes, to which announced ranges are rounded up.
const STEP: i64 = 300_000;

/// The figures of what lies in the scope, divided. Divided by nothing it has one line in any case; else one for each group in which there is a
/// stay or a desk time, in the order of [`Group::order`].
///
/// All stays of the scope's days are to be given, also those that the scope leaves out: they say when people waited. Settings are those of
/// today, for every day of the past. `now` is the moment of the report.
pub fn report(stays: &[Stay], times: &[DeskTime], scope: &Scope, by: By, settings: &Settings, now: Millis) -> Vec<Line> {
    let mut groups: Vec<(Group, Tally)> = Vec::new();
    if by == By::Nothing {
        groups.push((Group::All, Tally::default()));
    }
    let limit = i64::from(settings.answer_within) * 1_000;
    for stay in stays.iter().filter(|stay| scope.holds(stay)) {
        at(&mut groups, group_of(stay, by, settings.time_zone)).stay(stay, limit);
    }
    if scope.has_desks(by) {
        let idle = Idle::new(stays, settings, now);
        for time in times.iter().filter(|time| scope.holds_desk(time)) {
            let (open, paused) = time.lengths(now);
            let desks = &mut at(&mut groups, group_of_desk(time, by)).desks;
            desks.open += open;
            desks.paused += paused;
            desks.idle += idle.of(time);
        }
    }
    groups.sort_unstable_by_key(|(group, _)| group.order());
    groups.into_iter().map(|(group, tally)| Line { group, figures: tally.figures(scope.has_desks(by)) }).collect()
}

/// The tally of a group. Groups are few, and a day's stays come in runs of the same ones.
fn at(groups: &mut Vec<(Group, Tally)>, group: Group) -> &mut Tally {
    let i = groups.iter().rposition(|(other, _)| *other == group).unwrap_or_else(|| {
        groups.push((group, Tally::default()));
        groups.len() - 1
    });
    &mut groups[i].1
}

fn group_of(stay: &Stay, by: By, zone: Tz) -> Group {
    let segment = &stay.segment;
    let wall = || DateTime::from_timestamp_millis(segment.queued_at.0).unwrap_or_default().with_timezone(&zone);
    match by {
        By::Nothing => Group::All,
        By::Service => Group::Service(segment.service),
        By::Desk => Group::Desk(segment.desk),
        By::Agent => Group::Agent(segment.agent),
        By::Priority => Group::Priority(segment.rank),
        By::Channel => Group::Channel(segment.channel),
        By::Hour => Group::Hour(hour(wall())),
        By::Weekday => Group::Weekday(weekday(wall())),
        By::WeekdayHour => {
            let wall = wall();
            Group::WeekdayHour(WeekdayHour { weekday: weekday(wall), hour: hour(wall) })
        }
        By::Day => Group::Day(stay.day),
    }
}

fn hour(wall: DateTime<Tz>) -> u8 {
    wall.hour() as u8
}

fn weekday(wall: DateTime<Tz>) -> u8 {
    wall.weekday().number_from_monday() as u8
}

fn group_of_desk(time: &DeskTime, by: By) -> Group {
    match by {
        By::Desk => Group::Desk(Some(time.desk)),
        By::Agent => Group::Agent(time.agent),
        By::Day => Group::Day(time.day),
        By::Nothing | By::Service | By::Priority | By::Channel | By::Hour | By::Weekday | By::WeekdayHour => Group::All,
    }
}

impl DeskTime {
    /// Milliseconds open, and paused of these.
    fn lengths(&self, now: Millis) -> (i64, i64) {
        let closed = self.closed_at.unwrap_or(now);
        let paused = self.pauses.iter().map(|pause| (pause.to.unwrap_or(closed).0 - pause.from.0).max(0)).sum();
        ((closed.0 - self.opened_at.0).max(0), paused)
    }
}

/// What a group has so far: the counts, and the times of which a spread is made when all are there.
#[derive(Default)]
struct Tally {
    figures: Figures,
    desks: AtDesks,
    waits: Vec<i64>,
    first_waits: Vec<i64>,
    walks: Vec<i64>,
    services: Vec<i64>,
    stays: Vec<i64>,
    errors: Vec<i64>,
}

impl Tally {
    fn stay(&mut self, stay: &Stay, limit: i64) {
        let (segment, figures) = (&stay.segment, &mut self.figures);
        figures.stays += 1;
        figures.tickets += u64::from(segment.segment == 1);
        match segment.ended_at.zip(segment.end) {
            _ if stay.booked => figures.booked += 1,
            _ if !segment.reliable => figures.unreliable += 1,
            None => figures.open += 1,
            Some((ended, end)) => self.counted(stay, ended, end, limit),
        }
    }

    fn counted(&mut self, stay: &Stay, ended: Millis, end: End, limit: i64) {
        let (segment, figures) = (&stay.segment, &mut self.figures);
        let since = |from: Millis, to: Millis| to.0.saturating_sub(from.0);
        let at_desk = segment.desk.is_some();
        *match end {
            End::Finished => &mut figures.finished,
            End::Transferred => &mut figures.transferred,
            End::Missed => &mut figures.missed,
            End::Left => &mut figures.left,
            End::Cancelled => &mut figures.cancelled,
            End::Expired => &mut figures.expired,
        } += 1;
        let gone = matches!(end, End::Left | End::Missed) || end == End::Expired && !at_desk;
        figures.abandoned.add(gone);
        match segment.first_called_at.zip(segment.last_called_at) {
            Some((first, last)) => {
                let wait = since(segment.queued_at, last) - segment.deferred;
                let first_wait = since(segment.queued_at, first) - segment.deferred_first;
                figures.called += 1;
                figures.in_time.add(wait <= limit);
                figures.no_show.add(end == End::Missed);
                self.waits.push(wait);
                self.first_waits.push(first_wait);
                self.walks.extend(segment.started_at.map(|started| since(last, started)));
                if let Some(expected) = stay.expected.filter(|_| segment.segment == 1 && segment.deferred_first == 0) {
                    self.foretold(expected, first_wait);
                }
                if at_desk && end != End::Expired {
                    self.desks.busy += since(last, ended) - segment.held;
                }
            }
            None if matches!(end, End::Left | End::Expired) && since(segment.queued_at, ended) - segment.deferred > limit => {
                self.figures.in_time.add(false)
            }
            None => {}
        }
        if let Some(started) = segment.started_at.filter(|_| matches!(end, End::Finished | End::Transferred)) {
            self.services.push(since(started, ended) - segment.held);
        }
        if end == End::Finished {
            self.stays.push(since(stay.issued_at, ended));
        }
    }

    fn foretold(&mut self, expected: i64, wait: i64) {
        let steps = |tenths: i64, time: i64| (tenths * time + 10 * STEP - 1) / (10 * STEP);
        self.errors.push((expected - wait).abs());
        self.figures.estimates.inside.add((steps(8, expected)..=steps(13, expected).max(1)).contains(&steps(10, wait)));
    }

    fn figures(self, with_desks: bool) -> Figures {
        let Self { figures, desks, waits, first_waits, walks, services, stays, errors } = self;
        let Accuracy { inside, .. } = figures.estimates;
        Figures {
            estimates: Accuracy { count: inside.of, mean_error: spread::mean(&errors), inside },
            desks: with_desks.then_some(AtDesks { finished: figures.finished, ..desks }),
            wait: Spread::of(waits),
            first_wait: Spread::of(first_waits),
            walk: Spread::of(walks),
            service: Spread::of(services),
            stay: Spread::of(stays),
            ..figures
        }
    }
}

impl Share {
    fn add(&mut self, counts: bool) {
        self.count += u64::from(counts);
        self.of += 1;
    }
}
