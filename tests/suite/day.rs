//! The business day turns in the branch's own time zone, while the office runs or while it is shut, and never turns back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use siguiente::clock::Clock;
use siguiente::office::Millis;

use crate::harness::{Display, TestOffice};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// In Madrid, one minute before midnight of 21 November.
async fn before_midnight() -> TestOffice {
    TestOffice::setup()
        .with_clock(Clock::manual(at("2026-11-21T22:59:00Z")))
        .with_settings(|settings| settings.time_zone = Tz::Europe__Madrid)
        .spawn()
        .await
}

fn at(text: &str) -> Millis {
    Millis(text.parse::<DateTime<Utc>>().expect("a time").timestamp_millis())
}

async fn until_new_day(display: &mut Display, day: &str) {
    while display.board.day.as_deref() != Some(day) {
        display.follow_to(display.board.rev + 1).await;
    }
}

#[tokio::test]
async fn at_midnight_of_the_branch_everything_starts_afresh() {
    let office = before_midnight().await;
    let mut kiosk = office.kiosk().await;
    let mut display = office.display().await;
    let (mut one, mut two) = (office.desk(1).await, office.desk(2).await);
    assert_eq!(display.board.day.as_deref(), Some("2026-11-21"));
    kiosk.take_many("A", 2).await;
    kiosk.take("B").await;
    one.call_next().await;
    one.start().await;
    two.call_next().await;
    display.follow_to(10).await;
    kiosk.expect("estado-actual", |args| args[0][0]["codigo"] == "A-002").await;
    kiosk.take_heard("ultimo-ticket");
    kiosk.take_heard("estado-actual");
    kiosk.take_heard("tickets-pendientes");

    office.clock().advance(MINUTE);
    let mut turn = Vec::new();
    while turn.last().is_none_or(|last: &Value| last["jornada"] != "2026-11-22") {
        let cola = display.expect("cola", |_| true).await.remove(0);
        display.board.take_in(&cola);
        turn.extend(cola["cambios"].as_array().unwrap().iter().cloned());
    }
    let told: Vec<_> = turn.iter().map(|change| (change["tipo"].as_str().unwrap(), change["codigo"].as_str().unwrap_or("-"))).collect();
    let ended = [("finalizado", "A-001"), ("vencido", "A-002"), ("vencido", "B-001"), ("puesto", "-"), ("puesto", "-")];
    assert_eq!(told, [&ended[..], &[("jornada", "-"), ("jornada", "-")]].concat());
    assert_eq!((&turn[3]["estado"], &turn[5]["cerrada"], &turn[6]["cerrada"]), (&json!("cerrado"), &json!(true), &json!(false)));
    display.agrees().await;
    assert_eq!((display.board.waiting_total, display.board.desks.len(), display.board.calls.len()), (0, 0, 0));
    assert_eq!(kiosk.expect("ultimo-ticket", |_| true).await, [json!(0), Value::Null]);
    assert_eq!(kiosk.expect("estado-actual", |_| true).await, [json!([])]);
    kiosk.expect("tickets-pendientes", |args| args[0] == 0).await;

    assert_eq!(kiosk.take("A").await.codigo, "A-001");
    let called = one.call_next().await;
    assert_eq!((called.codigo.as_str(), called.veces), ("A-001", Some(1)));
    assert_eq!(display.expect("llamada", |args| args[0]["llamada"] == 3).await[0]["codigo"], "A-001", "calls are numbered over all days");
    assert_eq!(two.refused("finalizar", json!({})).await, "no_active_ticket");
}

#[tokio::test]
async fn a_command_turns_the_day_before_the_clock_is_looked_at() {
    let office = before_midnight().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 3).await;
    office.clock().advance(MINUTE);
    let first = kiosk.take("A").await;
    assert_eq!((first.codigo.as_str(), first.emitido), ("A-001", at("2026-11-21T23:00:00Z").0));
    assert_eq!(office.desk(1).await.call_next().await.codigo, "A-001", "nobody of yesterday waits any more");
}

#[tokio::test]
async fn an_office_that_was_shut_over_midnight_opens_with_the_new_day() {
    let office = before_midnight().await;
    office.kiosk().await.take_many("A", 2).await;
    let display = office.display().await;
    let board = display.board.clone();
    drop(display);
    let clock = office.clock().clone();
    let office = office.restart_with(|_| assert!(clock.advance(8 * HOUR))).await;
    let (mut display, _) = Display::come_back(office.address(), board).await;
    until_new_day(&mut display, "2026-11-22").await;
    display.agrees().await;
    assert_eq!(display.board.waiting_total, 0);
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-001");

    // The snapshot that the turn left is what the next start begins with.
    let office = office.restart().await;
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-002");
    assert_eq!(office.desk(1).await.call_next().await.codigo, "A-001");
}

#[tokio::test]
async fn a_clock_that_is_set_back_turns_no_day_back_and_doubles_no_number() {
    let office = before_midnight().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    office.clock().advance(2 * MINUTE);
    until_new_day(&mut display, "2026-11-22").await;
    let before = kiosk.take("A").await;
    for back in [2 * MINUTE, 30 * HOUR] {
        office.clock().set(Millis(at("2026-11-21T23:01:00Z").0 - back.as_millis() as i64));
        let after = kiosk.take("A").await;
        assert_eq!(after.numero, if back == 2 * MINUTE { 2 } else { 3 });
        assert_eq!(after.emitido, before.emitido, "time stands still until the clock has caught up");
    }
    let office = office.restart().await;
    let mut display = office.display().await;
    assert_eq!(display.board.day.as_deref(), Some("2026-11-22"));
    assert_eq!(office.kiosk().await.take("A").await.numero, 4);
    display.follow_to_change("emitido").await;
    assert_eq!(display.board.day.as_deref(), Some("2026-11-22"));
}

#[tokio::test]
async fn days_that_nobody_worked_are_not_opened() {
    let office = before_midnight().await;
    let mut display = office.display().await;
    office.kiosk().await.take("A").await;
    office.clock().advance(72 * HOUR);
    until_new_day(&mut display, "2026-11-24").await;
    // Issued, expired, closed, opened.
    assert_eq!(display.board.rev, 6);
    display.agrees().await;
}
