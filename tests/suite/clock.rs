//! The business day over the calendar's odd days: both changes of summer time, a leap day, a week without a restart, in branches of several zones.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use siguiente::clock::Clock;
use siguiente::office::{Event, Millis};

use crate::harness::{Display, TestOffice};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn at(text: &str) -> Millis {
    Millis(text.parse::<DateTime<Utc>>().expect("a time").timestamp_millis())
}

async fn office(zone: Tz, cut_over: u16, now: &str) -> TestOffice {
    let setup = TestOffice::setup().with_clock(Clock::manual(at(now)));
    setup.with_settings(|settings| (settings.time_zone, settings.cut_over) = (zone, cut_over)).spawn().await
}

async fn until_day(display: &mut Display, day: &str) {
    while display.board.day.as_deref() != Some(day) {
        display.follow_to(display.board.rev + 1).await;
    }
}

/// The day is the one before until just before `turn`, and the next one from then on: the first number says so.
async fn turns_at(office: &TestOffice, turn: &str, days: [&str; 2]) {
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    office.clock().set(Millis(at(turn).0 - 1));
    let before = kiosk.take("A").await.numero;
    assert_eq!(display.fresh().await.day.as_deref(), Some(days[0]), "just before {turn}");
    office.clock().set(at(turn));
    assert_eq!(kiosk.take("A").await.numero, 1, "at {turn}, after number {before}");
    until_day(&mut display, days[1]).await;
    display.agrees().await;
}

#[tokio::test]
async fn the_day_on_which_summer_time_begins_has_23_hours() {
    let office = office(Tz::Europe__Madrid, 0, "2026-03-28T12:00:00Z").await;
    turns_at(&office, "2026-03-28T23:00:00Z", ["2026-03-28", "2026-03-29"]).await;
    turns_at(&office, "2026-03-29T22:00:00Z", ["2026-03-29", "2026-03-30"]).await;
}

#[tokio::test]
async fn the_day_on_which_summer_time_ends_has_25_hours() {
    let office = office(Tz::Europe__Madrid, 0, "2026-10-24T12:00:00Z").await;
    turns_at(&office, "2026-10-24T22:00:00Z", ["2026-10-24", "2026-10-25"]).await;
    turns_at(&office, "2026-10-25T23:00:00Z", ["2026-10-25", "2026-10-26"]).await;
}

#[tokio::test]
async fn a_cut_over_that_the_clock_on_the_wall_skips_or_shows_twice_comes_once() {
    // 02:30 in Madrid: on 29 March there is none, on 25 October there are two.
    let spring = office(Tz::Europe__Madrid, 150, "2026-03-28T12:00:00Z").await;
    turns_at(&spring, "2026-03-29T01:00:00Z", ["2026-03-28", "2026-03-29"]).await;
    turns_at(&spring, "2026-03-30T00:30:00Z", ["2026-03-29", "2026-03-30"]).await;
    let autumn = office(Tz::Europe__Madrid, 150, "2026-10-24T12:00:00Z").await;
    turns_at(&autumn, "2026-10-25T00:30:00Z", ["2026-10-24", "2026-10-25"]).await;
    let mut kiosk = autumn.kiosk().await;
    autumn.clock().set(at("2026-10-25T01:30:00Z"));
    assert_eq!(kiosk.take("A").await.numero, 2, "half past two again is no other day");
    turns_at(&autumn, "2026-10-26T01:30:00Z", ["2026-10-25", "2026-10-26"]).await;
}

#[tokio::test]
async fn a_leap_year_has_its_day_and_the_others_have_not() {
    let leap = office(Tz::UTC, 0, "2028-02-28T12:00:00Z").await;
    turns_at(&leap, "2028-02-29T00:00:00Z", ["2028-02-28", "2028-02-29"]).await;
    turns_at(&leap, "2028-03-01T00:00:00Z", ["2028-02-29", "2028-03-01"]).await;
    let other = office(Tz::UTC, 0, "2027-02-28T12:00:00Z").await;
    turns_at(&other, "2027-03-01T00:00:00Z", ["2027-02-28", "2027-03-01"]).await;
}

#[tokio::test]
async fn a_restart_on_the_stroke_of_midnight_turns_the_day_once() {
    let office = office(Tz::America__Argentina__Buenos_Aires, 0, "2026-11-21T12:00:00Z").await;
    office.kiosk().await.take_many("A", 2).await;
    let clock = office.clock().clone();
    let office = office.restart_with(|_| assert!(clock.set(at("2026-11-22T03:00:00Z")))).await;
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-001");
    let office = office.restart().await;
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-002");
    let opened = office.log().await.into_iter().filter(|entry| matches!(entry.event, Event::DayOpened { .. })).count();
    assert_eq!(opened, 2);
}

#[tokio::test]
async fn a_clock_that_is_set_back_over_midnight_and_forward_again_opens_no_day_twice() {
    let office = office(Tz::UTC, 0, "2026-11-21T23:59:59Z").await;
    let mut kiosk = office.kiosk().await;
    assert_eq!(kiosk.take("A").await.numero, 1);
    office.clock().advance(SECOND);
    assert_eq!(kiosk.take("A").await.numero, 1);
    for (time, number) in
        [("2026-11-21T23:00:00Z", 2), ("2026-11-22T00:00:00Z", 3), ("2026-11-20T12:00:00Z", 4), ("2026-11-22T23:59:59Z", 5)]
    {
        office.clock().set(at(time));
        assert_eq!(kiosk.take("A").await.numero, number, "{time}");
    }
    office.clock().set(at("2026-11-23T00:00:00Z"));
    assert_eq!(kiosk.take("A").await.numero, 1);
}

#[tokio::test]
async fn a_week_passes_without_a_restart() {
    let days = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27", "2026-10-28", "2026-10-29"];
    let zones = [(1, Tz::Europe__Madrid), (2, Tz::Asia__Kathmandu), (3, Tz::America__St_Johns)];
    let mut setup = TestOffice::setup().with_clock(Clock::manual(at("2026-10-23T12:00:00Z")));
    for (branch, zone) in zones {
        setup = setup.with_branch(branch, |settings| (settings.name, settings.time_zone) = (zone.name().into(), zone));
    }
    let office = setup.spawn().await;
    let mut displays = Vec::new();
    for (branch, _) in zones {
        displays.push(office.branch(branch).display().await);
    }
    for day in days {
        for (display, (branch, _)) in displays.iter_mut().zip(zones) {
            until_day(display, day).await;
            let tickets = office.branch(branch).kiosk().await.take_many("A", 3).await;
            assert_eq!(tickets.iter().map(|ticket| ticket.numero).collect::<Vec<_>>(), [1, 2, 3], "{day} in branch {branch}");
            assert_eq!(office.branch(branch).desk(1).await.call_next().await.codigo, "A-001", "{day} in branch {branch}");
            display.follow_to_change("llamado").await;
            display.agrees().await;
        }
        // Noon after noon, also where a day has 25 hours.
        office.clock().advance(24 * HOUR);
    }
    for display in &mut displays {
        until_day(display, "2026-10-30").await;
        assert_eq!((display.board.waiting_total, display.board.desks.len()), (0, 0));
    }
    let opened: Vec<_> = office
        .log()
        .await
        .into_iter()
        .filter_map(|entry| if let Event::DayOpened { date } = entry.event { Some(date.to_string()) } else { None })
        .collect();
    assert_eq!(opened.len(), 8, "{opened:?}");
    assert!(opened.windows(2).all(|pair| pair[0] < pair[1]), "{opened:?}");
}
