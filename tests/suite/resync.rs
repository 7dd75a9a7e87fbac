//! A screen that was away: what it gets, and that snapshots and changes tell the same story.

use serde_json::{Value, json};

use crate::harness::{Display, TestOffice, random};

/// The changes in an answer, by their number.
fn revs(cola: &Value) -> Vec<u64> {
    assert_eq!(cola["tipo"], "cambios", "{cola}");
    cola["cambios"].as_array().unwrap().iter().map(|change| change["rev"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_gap_is_filled_by_exactly_what_was_missed() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let (epoch, rev) = (display.board.epoch.clone(), display.board.rev);
    office.kiosk().await.take_many("A", 5).await;
    office.desk(1).await.call_next().await;
    for (from, expected) in [(rev, 3..=9), (5, 6..=9), (8, 9..=9), (0, 1..=9)] {
        let missed = display.emit_with_ack("cola", json!({"epoch": epoch, "desde": from})).await["cola"].take();
        assert_eq!((missed["desde"].as_u64(), missed["rev"].as_u64()), (Some(from), Some(9)));
        assert_eq!(revs(&missed), expected.collect::<Vec<_>>(), "after {from}");
    }
    let nothing = display.emit_with_ack("cola", json!({"epoch": epoch, "desde": 9})).await["cola"].take();
    assert_eq!((revs(&nothing), nothing["rev"].as_u64()), (vec![], Some(9)));
    let without_epoch = display.emit_with_ack("cola", json!({"desde": 7})).await["cola"].take();
    assert_eq!(revs(&without_epoch), [8, 9]);
}

#[tokio::test]
async fn what_cannot_be_told_as_changes_is_told_as_a_snapshot() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 3).await;
    let epoch = display.board.epoch.clone();
    let wishes =
        [json!({"epoch": "another", "desde": 3}), json!({"epoch": epoch, "desde": 6}), json!({"epoch": epoch}), json!({}), Value::Null];
    for wish in wishes {
        let answer = display.emit_with_ack("cola", wish.clone()).await;
        assert_eq!((&answer["cola"]["tipo"], &answer["cola"]["rev"]), (&json!("instantanea"), &json!(5)), "{wish}");
    }
    kiosk.take_many("A", 3000).await;
    let answer = display.emit_with_ack("cola", json!({"epoch": epoch, "desde": 5})).await;
    assert_eq!(answer["cola"]["tipo"], "instantanea", "too many to be kept");
}

#[tokio::test]
async fn a_screen_that_was_away_over_a_restart_gets_what_it_missed() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 2).await;
    let mut display = office.display().await;
    office.desk(1).await.call_next().await;
    display.follow_to(6).await;
    let board = display.board.clone();
    drop(display);
    let mut desk = office.desk(2).await;
    desk.call_next().await;
    desk.start().await;

    let office = office.restart().await;
    office.kiosk().await.take("B").await;
    let (mut display, missed) = Display::come_back(office.address(), board).await;
    assert_eq!(revs(&missed), [7, 8, 9, 10]);
    display.agrees().await;
    assert_eq!(display.board.desks[&2], ("A-002".into(), "atendiendo".into()));
    office.clock().advance(std::time::Duration::from_secs(10));
    let mut desk = office.desk(1).await;
    desk.recall().await;
    assert_eq!(display.expect_call("A-001", 1).await["llamada"], 3, "live calls go on after those that it missed");
}

#[tokio::test]
async fn another_database_is_another_story() {
    let office = TestOffice::spawn().await;
    let display = office.display().await;
    office.kiosk().await.take_many("A", 4).await;
    let other = TestOffice::spawn().await;
    other.kiosk().await.take_many("B", 6).await;
    let (mut moved, answer) = Display::come_back(other.address(), display.board.clone()).await;
    assert_eq!(answer["tipo"], "instantanea");
    assert_ne!(moved.board.epoch, display.board.epoch);
    moved.agrees().await;
}

#[tokio::test]
async fn any_work_told_as_changes_makes_the_board_that_a_snapshot_shows() {
    let office = TestOffice::setup().with_settings(|settings| settings.recall_after = 0).spawn().await;
    let mut watching = office.display().await;
    let mut staff = office.client().await;
    let seed = random(u64::MAX);
    println!("seed {seed}");
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut away = office.display().await.board.clone();
    for round in 0..20 {
        for _ in 0..20 {
            let desk = next(3) + 1;
            let service = ["A", "B", "C"][next(3) as usize];
            let place = [json!("inicio"), json!("final"), json!("llegada"), json!({"despues": 1})][next(4) as usize].clone();
            let (event, payload) = match next(10) {
                0..4 => ("siguiente-ticket", json!({"servicio": service, "prioridad": next(4) == 0})),
                4..6 => ("atender-ticket", json!({"escritorio": desk})),
                6 => ("rellamar", json!({"escritorio": desk})),
                7 => ("iniciar", json!({"escritorio": desk})),
                8 => ("devolver", json!({"escritorio": desk, "posicion": place})),
                _ => ([("finalizar"), ("ausente")][next(2) as usize], json!({"escritorio": desk})),
            };
            // Many are refused: there is nobody, or the desk has none.
            staff.emit(event, payload);
        }
        // Commands are answered in their order: all before this one are written then.
        staff.emit_with_ack("siguiente-ticket", Value::Null).await;
        let fresh = watching.fresh().await;
        watching.follow_to(fresh.rev).await;
        assert_eq!(watching.board.shown(), fresh.shown(), "round {round}: live");
        if round % 3 == 0 {
            let (back, _) = Display::come_back(office.address(), away.clone()).await;
            assert_eq!(back.board.shown(), fresh.shown(), "round {round}: after having been away since {}", away.rev);
            away = back.board.clone();
        }
    }
}
