//! Owns the tests of the figures: a small day computed by hand, and what must hold for every day.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::arbitrary::{self, MINUTE, MORNING};
use super::super::ids::{DeskId, Millis, Rank, ServiceId, TicketId, UserId};
use super::super::settings::Settings;
use super::super::ticket::{Channel, End, Segment};
use super::*;

fn at(minute: i64) -> Millis {
    Millis(MORNING.0 + minute * MINUTE)
}

fn day(n: u64) -> NaiveDate {
    "2026-11-20".parse::<NaiveDate>().unwrap() + chrono::Days::new(n)
}

/// Who waits for service 1 from a minute after 09:00 on, the first segment of ticket n.
fn queued(n: u128, minute: i64) -> Stay {
    let segment = Segment {
        ticket: TicketId(n),
        segment: 1,
        service: ServiceId(1),
        rank: Rank::NORMAL,
        channel: Channel::Live,
        desk: None,
        agent: None,
        calls: 0,
        queued_at: at(minute),
        first_called_at: None,
        last_called_at: None,
        started_at: None,
        held: 0,
        deferred: 0,
        deferred_first: 0,
        ended_at: None,
        end: None,
        reliable: true,
    };
    Stay { segment, day: day(0), issued_at: at(minute), expected: None, booked: false }
}

impl Stay {
    fn of(mut self, service: u32, rank: u8) -> Self {
        (self.segment.service, self.segment.rank) = (ServiceId(service), Rank(rank));
        self
    }

    fn expected(mut self, minutes: i64) -> Self {
        self.expected = Some(minutes * MINUTE);
        self
    }

    fn called(mut self, desk: u32, first: i64, last: i64) -> Self {
        let calls = if first == last { 1 } else { 2 };
        let Segment { desk: at_desk, agent, calls: count, first_called_at, last_called_at, .. } = &mut self.segment;
        (*at_desk, *agent, *count) = (Some(DeskId(desk)), Some(UserId(u128::from(desk) + 6)), calls);
        (*first_called_at, *last_called_at) = (Some(at(first)), Some(at(last)));
        self
    }

    fn started(mut self, minute: i64) -> Self {
        self.segment.started_at = Some(at(minute));
        self
    }

    fn ended(mut self, end: End, minute: i64) -> Self {
        (self.segment.end, self.segment.ended_at) = (Some(end), Some(at(minute)));
        self
    }
}

/// Eleven visitors, two desks; it is 10:10.
fn small_day() -> (Vec<Stay>, Vec<DeskTime>) {
    let mut held = queued(2, 1).expected(20).called(1, 10, 11).started(13).ended(End::Finished, 26);
    held.segment.held = 3 * MINUTE;
    let mut sent_on = queued(6, 12).called(1, 30, 30).started(31).ended(End::Finished, 36);
    (sent_on.segment.segment, sent_on.issued_at, sent_on.expected) = (2, at(5), Some(MINUTE));
    let mut booked = queued(7, 0).ended(End::Expired, 65);
    booked.booked = true;
    let mut forgotten = queued(8, 40).of(2, 0).called(2, 45, 45).started(45).ended(End::Finished, 65);
    forgotten.segment.reliable = false;
    let stays = vec![
        queued(1, 0).expected(5).called(1, 4, 4).started(5).ended(End::Finished, 10),
        held,
        queued(3, 2).of(2, 1).called(2, 3, 5).ended(End::Missed, 6),
        queued(4, 3).ended(End::Left, 8),
        queued(5, 3).ended(End::Left, 30),
        queued(6, 5).of(2, 0).called(2, 8, 8).started(8).ended(End::Transferred, 12),
        sent_on,
        booked,
        forgotten,
        queued(9, 45).ended(End::Expired, 65),
        queued(10, 6).ended(End::Cancelled, 7),
        queued(11, 66),
    ];
    let pause = |from, to| PauseTime { from: at(from), to: Some(at(to)), reason: Some("lunch".into()) };
    let times = vec![
        DeskTime { day: day(0), desk: DeskId(1), agent: Some(UserId(7)), opened_at: at(-10), closed_at: None, pauses: vec![pause(40, 50)] },
        DeskTime {
            day: day(0),
            desk: DeskId(2),
            agent: Some(UserId(8)),
            opened_at: at(0),
            closed_at: Some(at(60)),
            pauses: vec![pause(20, 25)],
        },
    ];
    (stays, times)
}

fn small_report(scope: &Scope, by: By, settings: &Settings) -> Vec<Line> {
    let (stays, times) = small_day();
    report(&stays, &times, scope, by, settings, at(70))
}

fn spread(count: u64, [mean, p50, p90, max]: [i64; 4]) -> Spread {
    let minutes = |n: i64| Some(n * MINUTE);
    Spread { count, mean: minutes(mean), p50: minutes(p50), p90: minutes(p90), max: minutes(max) }
}

impl Stay {
    /// Put off for so many minutes before the first call, and before the last; or in all.
    fn put_off(mut self, first: i64, last: i64) -> Self {
        (self.segment.deferred_first, self.segment.deferred) = (first * MINUTE, last * MINUTE);
        self
    }
}

#[test]
fn what_a_visitor_put_off_is_no_wait_and_does_not_count_against_the_service_level() {
    // Y is 15 minutes.
    let stays = [
        queued(1, 0).expected(5).called(1, 20, 22).ended(End::Finished, 25).put_off(10, 10),
        queued(2, 0).ended(End::Left, 20).put_off(0, 6),
        queued(3, 0).ended(End::Left, 30).put_off(0, 6),
    ];
    let lines = report(&stays, &[], &Scope::days(day(0), day(0)), By::Nothing, &arbitrary::sample(), at(70));
    let figures = &lines[0].figures;
    assert_eq!((figures.wait.max, figures.first_wait.max), (Some(12 * MINUTE), Some(10 * MINUTE)));
    assert_eq!(figures.in_time, Share { count: 1, of: 2 }, "the second left within the time");
    assert_eq!(figures.estimates.count, 0, "nobody can foretell when somebody comes back");
}

#[test]
fn a_small_day_computed_by_hand() {
    let lines = small_report(&Scope::days(day(0), day(0)), By::Nothing, &arbitrary::sample());
    let [Line { group: Group::All, figures }] = &lines[..] else { panic!("one line, not {lines:?}") };
    let expected = Figures {
        tickets: 11,
        stays: 12,
        booked: 1,
        unreliable: 1,
        open: 1,
        finished: 3,
        transferred: 1,
        missed: 1,
        left: 2,
        cancelled: 1,
        expired: 1,
        called: 5,
        // 3, 3, 4, 10, 18 minutes: together 38.
        wait: Spread { mean: Some(456_000), ..spread(5, [0, 4, 18, 18]) },
        // 1, 3, 4, 9, 18.
        first_wait: spread(5, [7, 4, 18, 18]),
        // 0, 1, 1, 2.
        walk: spread(4, [1, 1, 2, 2]),
        // 4, 5, 5, 10.
        service: spread(4, [6, 5, 10, 10]),
        // 10, 25, 31.
        stay: spread(3, [22, 25, 31, 31]),
        // Ticket 6 at its second desk waited 18 minutes; 5 and 9 went uncalled after 27 and 20; 4 left after 5, which counts nowhere.
        in_time: Share { count: 4, of: 7 },
        no_show: Share { count: 1, of: 5 },
        abandoned: Share { count: 4, of: 9 },
        // 5 minutes foretold and 4 waited: within 5 to 10. 20 foretold and 9 waited: not within 20 to 30.
        estimates: Accuracy { count: 2, mean_error: Some(6 * MINUTE), inside: Share { count: 1, of: 2 } },
        desks: Some(AtDesks {
            open: (80 + 60) * MINUTE,
            paused: (10 + 5) * MINUTE,
            busy: (6 + 12 + 1 + 4 + 6) * MINUTE,
            // Desk 1: 0-4, 23-30, 50-65, 66-70. Desk 2: 0-3, 6-8, 12-20, 25-30, 40-45.
            idle: (4 + 7 + 15 + 4 + 3 + 2 + 8 + 5 + 5) * MINUTE,
            finished: 3,
        }),
    };
    assert_eq!(*figures, expected);
    let desks = figures.desks.unwrap();
    assert_eq!((desks.throughput(), desks.utilisation()), (Some(9.0 / 7.0), Some(29.0 / 125.0)));
}

#[test]
fn the_day_divided() {
    let whole = Scope::days(day(0), day(0));
    let groups = |by| -> Vec<(Group, u64)> {
        small_report(&whole, by, &arbitrary::sample()).into_iter().map(|line| (line.group, line.figures.stays)).collect()
    };
    assert_eq!(groups(By::Service), [(Group::Service(ServiceId(1)), 9), (Group::Service(ServiceId(2)), 3)]);
    assert_eq!(groups(By::Desk), [(Group::Desk(Some(DeskId(1))), 3), (Group::Desk(Some(DeskId(2))), 3), (Group::Desk(None), 6)]);
    assert_eq!(groups(By::Agent), [(Group::Agent(Some(UserId(7))), 3), (Group::Agent(Some(UserId(8))), 3), (Group::Agent(None), 6)]);
    assert_eq!(groups(By::Priority), [(Group::Priority(Rank(0)), 11), (Group::Priority(Rank(1)), 1)]);
    assert_eq!(groups(By::Channel), [(Group::Channel(Channel::Live), 12)]);
    assert_eq!(groups(By::Hour), [(Group::Hour(9), 11), (Group::Hour(10), 1)]);
    assert_eq!(groups(By::Weekday), [(Group::Weekday(5), 12)]);
    let hour = |hour| Group::WeekdayHour(WeekdayHour { weekday: 5, hour });
    assert_eq!(groups(By::WeekdayHour), [(hour(9), 11), (hour(10), 1)]);
    assert_eq!(groups(By::Day), [(Group::Day(day(0)), 12)]);
}

#[test]
fn a_desk_that_does_not_serve_those_who_wait_is_not_idle() {
    let mut settings = arbitrary::sample();
    settings.desks[1].services = vec![ServiceId(2).into()];
    let lines = small_report(&Scope { desk: Some(DeskId(2)), ..Scope::days(day(0), day(0)) }, By::Desk, &settings);
    let [Line { group, figures }] = &lines[..] else { panic!("one line, not {lines:?}") };
    let expected = AtDesks { open: 60 * MINUTE, paused: 5 * MINUTE, busy: (1 + 4) * MINUTE, idle: (1 + 2 + 5) * MINUTE, finished: 0 };
    assert_eq!((*group, figures.desks, figures.stays), (Group::Desk(Some(DeskId(2))), Some(expected), 3));
}

#[test]
fn a_report_of_part_of_the_day() {
    let (settings, whole) = (arbitrary::sample(), Scope::days(day(0), day(0)));
    let only = |scope: Scope| small_report(&scope, By::Nothing, &settings).remove(0).figures;
    let figures = only(Scope { service: Some(ServiceId(2)), ..whole.clone() });
    assert_eq!((figures.stays, figures.missed, figures.unreliable, figures.desks), (3, 1, 1, None));
    assert_eq!(only(Scope { rank: Some(Rank(1)), ..whole.clone() }).no_show, Share { count: 1, of: 1 });
    assert_eq!(only(Scope { agent: Some(UserId(7)), ..whole.clone() }).desks.map(|desks| desks.open), Some(80 * MINUTE));
    assert_eq!(only(Scope { channel: Some(Channel::Rest), ..whole }), Figures::default());
    let nothing = only(Scope::days(day(1), day(9)));
    assert_eq!(nothing, Figures { desks: Some(AtDesks::default()), ..Figures::default() });
}

#[test]
fn who_was_called_and_put_back_was_called() {
    let mut left = queued(1, 0).called(1, 5, 20).ended(End::Left, 30);
    (left.segment.desk, left.segment.agent) = (None, None);
    let held = queued(2, 0).called(1, 40, 40).started(41).ended(End::Expired, 90);
    let lines = report(&[left, held], &[], &Scope::days(day(0), day(0)), By::Nothing, &arbitrary::sample(), at(100));
    let figures = &lines[0].figures;
    assert_eq!((figures.called, figures.in_time, figures.no_show), (2, Share { count: 0, of: 2 }, Share { count: 0, of: 2 }));
    assert_eq!(figures.abandoned, Share { count: 1, of: 2 }, "one who was held by a desk did not abandon");
    assert_eq!(figures.desks.map(|desks| desks.busy), Some(0), "neither the desk's nor worked on until the day's end");
    assert_eq!((figures.walk.count, figures.service.count, figures.stay.count), (1, 0, 0));
}

#[test]
fn limits_themselves_are_within() {
    let figures =
        |stays: &[Stay]| report(stays, &[], &Scope::days(day(0), day(0)), By::Nothing, &arbitrary::sample(), at(100)).remove(0).figures;
    let called = |minute: i64, more: i64| {
        let mut stay = queued(1, 0).called(1, minute, minute).ended(End::Missed, 50);
        stay.segment.last_called_at = Some(Millis(at(minute).0 + more));
        stay
    };
    let gone = |end: End, more: i64| {
        let mut stay = queued(1, 0).ended(end, 15);
        stay.segment.ended_at = Some(Millis(at(15).0 + more));
        stay
    };
    let stays = [called(15, 0), called(15, 1), gone(End::Left, 0), gone(End::Left, 1), gone(End::Expired, 1), gone(End::Cancelled, 1)];
    assert_eq!(figures(&stays).in_time, Share { count: 1, of: 4 });
    let inside = |expected: i64, millis: i64| {
        let mut stay = queued(1, 0).expected(expected).called(1, 0, 0).ended(End::Missed, 50);
        stay.segment.first_called_at = Some(Millis(at(0).0 + millis));
        figures(&[stay]).estimates.inside.count
    };
    assert_eq!([0, 1, 10 * MINUTE, 10 * MINUTE + 1].map(|wait| inside(5, wait)), [0, 1, 1, 0], "told 5 to 10 minutes");
    assert_eq!([5 * MINUTE, 5 * MINUTE + 1, 15 * MINUTE, 15 * MINUTE + 1].map(|wait| inside(9, wait)), [0, 1, 1, 0], "told 10 to 15");
}

#[test]
fn a_report_in_json() {
    let line = small_report(&Scope::days(day(0), day(0)), By::Service, &arbitrary::sample()).remove(1);
    let json = serde_json::to_value(&line).unwrap();
    assert_eq!((&json["group"], &json["stays"]), (&serde_json::json!(2), &serde_json::json!(3)));
    assert_eq!(json["no_show"], serde_json::json!({ "count": 1, "of": 2, "share": 0.5 }));
    assert_eq!(json["wait"], serde_json::json!({ "count": 2, "mean": 180_000, "p50": 180_000, "p90": 180_000, "max": 180_000 }));
    assert!(json.get("desks").is_none());
    assert_eq!(serde_json::to_value([Group::All, Group::Desk(None)]).unwrap(), serde_json::json!([null, null]));
    assert_eq!(
        serde_json::to_value([Group::Channel(Channel::Rest), Group::WeekdayHour(WeekdayHour { weekday: 1, hour: 9 }), Group::Day(day(0))])
            .unwrap(),
        serde_json::json!(["rest", "1-09", "2026-11-20"])
    );
    let all = serde_json::to_value(small_report(&Scope::days(day(0), day(0)), By::Nothing, &arbitrary::sample()).remove(0)).unwrap();
    assert_eq!(all["desks"]["utilisation"], serde_json::json!(29.0 / 125.0));
}

fn stay() -> impl Strategy<Value = Stay> {
    let who = (0_u64..3, 1_u32..=3, 0_u8..3, option::of(1_u32..=3), select(vec![Channel::Live, Channel::Rest]), 1_u32..=2);
    let ends = [End::Finished, End::Transferred, End::Missed, End::Left, End::Cancelled, End::Expired];
    let life = (0_i64..600, vec(0_i64..40, 4), option::of(select(ends.to_vec())), 0_u8..8, option::of(0_i64..60));
    (who, life).prop_map(|((days, service, rank, desk, channel, segment), (start, steps, end, kind, expected))| {
        let start = start + days as i64 * 1_440;
        let mut stay = queued(0, start).of(service, rank);
        if kind > 2 {
            stay = stay.called(desk.unwrap_or(1), start + steps[0], start + steps[0] + steps[1]);
            stay.segment.desk = desk.map(DeskId);
        }
        if kind > 3 {
            stay = stay.started(start + steps[0] + steps[1] + steps[2]);
        }
        if let Some(end) = end {
            stay = stay.ended(end, start + steps.iter().sum::<i64>());
        }
        (stay.day, stay.segment.channel, stay.segment.segment) = (day(days), channel, segment);
        (stay.booked, stay.segment.reliable, stay.expected) = (kind == 0, kind != 7, expected.map(|minutes| minutes * MINUTE));
        stay
    })
}

fn desk_time() -> impl Strategy<Value = DeskTime> {
    (0_u64..3, 1_u32..=3, option::of(7_u128..9), 0_i64..300, vec(0_i64..100, 3), any::<bool>()).prop_map(
        |(days, desk, agent, opened, steps, closed)| {
            let opened = opened + days as i64 * 1_440;
            let mut minute = opened;
            let mut pass = |step: i64| {
                minute += step;
                at(minute)
            };
            let pauses = vec![PauseTime { from: pass(steps[0]), to: Some(pass(steps[1])), reason: None }];
            let closed_at = Some(pass(steps[2])).filter(|_| closed || days < 2);
            DeskTime { day: day(days), desk: DeskId(desk), agent: agent.map(UserId), opened_at: at(opened), closed_at, pauses }
        },
    )
}

const ALL: [By; 10] =
    [By::Nothing, By::Service, By::Desk, By::Agent, By::Priority, By::Channel, By::Hour, By::Weekday, By::WeekdayHour, By::Day];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_parts_are_the_whole(stays in vec(stay(), 0..60), times in vec(desk_time(), 0..8)) {
        let (scope, settings, now) = (Scope::days(day(0), day(2)), arbitrary::sample(), at(3 * 1_440));
        let whole = report(&stays, &times, &scope, By::Nothing, &settings, now).remove(0).figures;
        for by in ALL {
            let parts = report(&stays, &times, &scope, by, &settings, now);
            prop_assert!(parts.windows(2).all(|pair| pair[0].group.order() < pair[1].group.order()), "{:?}", by);
            let sum = |part: fn(&Figures) -> u64| parts.iter().map(|line| part(&line.figures)).sum::<u64>() == part(&whole);
            prop_assert!(sum(|f| f.stays) && sum(|f| f.tickets) && sum(|f| f.called) && sum(|f| f.wait.count) && sum(|f| f.service.count));
            prop_assert!(sum(|f| f.in_time.count) && sum(|f| f.in_time.of) && sum(|f| f.abandoned.count) && sum(|f| f.estimates.count));
            prop_assert_eq!(whole.wait.max, parts.iter().filter_map(|line| line.figures.wait.max).max());
            if scope.has_desks(by) {
                let desks = |part: fn(AtDesks) -> i64| parts.iter().filter_map(|line| line.figures.desks).map(part).sum::<i64>();
                let all = whole.desks.unwrap_or_default();
                prop_assert_eq!((desks(|d| d.open), desks(|d| d.paused), desks(|d| d.idle)), (all.open, all.paused, all.idle));
                prop_assert_eq!(desks(|d| d.busy), all.busy);
            }
        }
    }

    #[test]
    fn every_stay_is_of_one_kind(stays in vec(stay(), 0..60), times in vec(desk_time(), 0..8)) {
        let settings = arbitrary::sample();
        for line in report(&stays, &times, &Scope::days(day(0), day(2)), By::Desk, &settings, at(3 * 1_440)) {
            let f = line.figures;
            let counted = f.finished + f.transferred + f.missed + f.left + f.cancelled + f.expired;
            prop_assert_eq!(f.stays, f.booked + f.unreliable + f.open + counted);
            prop_assert_eq!((f.abandoned.of, f.no_show.of, f.wait.count, f.first_wait.count), (counted, f.called, f.called, f.called));
            prop_assert!(f.called <= counted && f.walk.count <= f.called && f.in_time.of >= f.called && f.in_time.of <= counted);
            let desks = f.desks.unwrap_or_default();
            prop_assert!(0 <= desks.idle && desks.idle <= desks.open - desks.paused && desks.paused <= desks.open);
            prop_assert!(f.wait.p50 <= f.wait.p90 && f.wait.p90 <= f.wait.max && f.wait.mean <= f.wait.max);
        }
    }

    /// Idleness once more, minute by minute.
    #[test]
    fn idle_is_what_a_watch_shows(stays in vec(stay(), 0..20), times in vec(desk_time(), 1..4)) {
        let (mut settings, now) = (arbitrary::sample(), at(3 * 1_440));
        settings.desks[0].services = vec![ServiceId(1).into()];
        let scope = Scope::days(day(0), day(2));
        let found = report(&stays, &times, &scope, By::Nothing, &settings, now).remove(0).figures.desks.unwrap_or_default().idle;
        let during = |from: Millis, to: Option<Millis>, t: Millis| from <= t && t < to.unwrap_or(now);
        let mut expected = 0;
        for time in &times {
            let Some(desk) = settings.desk(time.desk) else { continue };
            for minute in 0..3 * 1_440 {
                let t = at(minute);
                let open = during(time.opened_at, time.closed_at, t) && !time.pauses.iter().any(|pause| during(pause.from, pause.to, t));
                let of_day = || stays.iter().filter(|stay| stay.day == time.day && !stay.booked).map(|stay| &stay.segment);
                let taken = |s: &Segment| s.desk == Some(time.desk) && s.first_called_at.is_some_and(|called| during(called, s.ended_at, t));
                let waits = |s: &Segment| desk.serves(s.service) && during(s.queued_at, s.first_called_at.or(s.ended_at), t);
                expected += i64::from(open && !of_day().any(taken) && of_day().any(waits));
            }
        }
        prop_assert_eq!(found, expected * MINUTE);
    }
}
