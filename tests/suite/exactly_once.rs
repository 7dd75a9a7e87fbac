//! The same key gives the same ticket, for ever: over double clicks, lost acknowledgements, races, a restart and the turn of the day.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::harness::{TestOffice, Ticket};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn one_key_a_hundred_times_from_twenty_connections_is_one_number() {
    let office = TestOffice::spawn().await;
    let tickets = hundred_times(&office, "one").await;
    assert_eq!(tickets.iter().map(|ticket| &ticket.id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!((tickets.len(), tickets[0].codigo.as_str()), (100, "A-001"));
    assert!(tickets.iter().all(|ticket| ticket.token == tickets[0].token));
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-002", "nothing was skipped");

    let office = office.restart().await;
    let again = hundred_times(&office, "one").await;
    assert!(again.iter().all(|ticket| ticket.id == tickets[0].id), "the same after a restart");
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-003");

    let mut display = office.display().await;
    office.clock().advance(DAY);
    display.follow_to_change("jornada").await;
    let yesterday = hundred_times(&office, "one").await;
    assert!(yesterday.iter().all(|ticket| ticket.id == tickets[0].id && ticket.estado == "vencido"), "the same after the day has turned");
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-001", "the first number of the new day");
}

async fn hundred_times(office: &TestOffice, key: &str) -> Vec<Ticket> {
    let mut pressing = Vec::new();
    for _ in 0..20 {
        let mut kiosk = office.kiosk().await;
        let key = key.to_owned();
        pressing.push(tokio::spawn(async move {
            let mut tickets = Vec::new();
            let ids: Vec<_> = (0..5).map(|_| kiosk.ask("siguiente-ticket", json!({"servicio": "A", "clave": key}))).collect();
            for id in ids {
                tickets.push(serde_json::from_value(kiosk.answer(id).await.unwrap()["ticket"].take()).unwrap());
            }
            tickets
        }));
    }
    let mut tickets: Vec<Ticket> = Vec::new();
    for pressed in pressing {
        tickets.extend(pressed.await.unwrap());
    }
    tickets
}

#[tokio::test]
async fn a_key_of_yesterday_harms_nobody_who_is_written_with_it() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let old = [kiosk.take_as(json!({"clave": "old 1"})).await, kiosk.take_as(json!({"clave": "old 2"})).await];
    office.clock().advance(DAY);
    office.display().await.follow_to_change("jornada").await;

    office.faults.hold_commits();
    let first = kiosk.ask("siguiente-ticket", json!({}));
    office.wait_held().await;
    let keys = ["new 1", "old 1", "new 2", "old 2", "new 1", "old 1", "new 3"];
    let batch: Vec<_> = keys.map(|key| kiosk.ask("siguiente-ticket", json!({"clave": key}))).into();
    office.faults.release();
    assert_eq!(kiosk.answer(first).await.unwrap()["ticket"]["codigo"], "A-001");
    let mut codes = Vec::new();
    for (key, id) in keys.iter().zip(batch) {
        let answer = kiosk.answer(id).await.unwrap();
        let ticket: Ticket = serde_json::from_value(answer["ticket"].clone()).unwrap_or_else(|error| panic!("{key}: {error}: {answer}"));
        match key.strip_prefix("old ") {
            Some(number) => assert_eq!(ticket.id, old[number.parse::<usize>().unwrap() - 1].id),
            None => codes.push(ticket.codigo),
        }
    }
    assert_eq!(codes, ["A-002", "A-003", "A-002", "A-004"]);
}

#[tokio::test]
async fn two_kiosks_in_a_race_give_two_numbers() {
    let office = TestOffice::spawn().await;
    let (mut left, mut right) = (office.kiosk().await, office.kiosk().await);
    for round in 0..50 {
        let press = |side: &str| json!({"servicio": "A", "clave": format!("{side} {round}")});
        let twice = [left.ask("siguiente-ticket", press("left")), left.ask("siguiente-ticket", press("left"))];
        let once = right.ask("siguiente-ticket", press("right"));
        let mut numbers = BTreeSet::new();
        for id in twice {
            numbers.insert(left.answer(id).await.unwrap()["ticket"]["numero"].as_u64());
        }
        assert_eq!(numbers.len(), 1, "a double tap");
        numbers.insert(right.answer(once).await.unwrap()["ticket"]["numero"].as_u64());
        assert_eq!(numbers, [Some(2 * round + 1), Some(2 * round + 2)].into());
    }
}

#[tokio::test]
async fn a_number_whose_acknowledgement_was_lost_is_given_again() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    office.faults.hold_commits();
    kiosk.ask("siguiente-ticket", json!({"clave": "lost"}));
    office.wait_held().await;
    drop(kiosk);
    office.faults.release();
    let mut kiosk = office.kiosk().await;
    assert_eq!(kiosk.take_as(json!({"clave": "lost"})).await.codigo, "A-001");
    assert_eq!(kiosk.take("A").await.codigo, "A-002");
}

#[tokio::test]
async fn a_desks_command_that_was_done_is_not_done_again() {
    let office = TestOffice::spawn().await;
    office.kiosk().await.take_many("A", 3).await;
    let mut desk = office.desk(1).await;
    for _ in 0..3 {
        let ticket = desk.try_event("atender-ticket", json!({"clave": "call 1"})).await.unwrap();
        assert_eq!((ticket.codigo.as_str(), ticket.veces), ("A-001", Some(1)));
    }
    let office = office.restart().await;
    let mut desk = office.desk(1).await;
    assert_eq!(desk.try_event("atender-ticket", json!({"clave": "call 1"})).await.unwrap().codigo, "A-001");
    assert_eq!(desk.try_event("atender-ticket", json!({"clave": "call 2"})).await.unwrap().codigo, "A-002");
    desk.try_event("finalizar", json!({"clave": "end 2"})).await.unwrap();
    assert_eq!(desk.try_event("finalizar", json!({"clave": "end 2"})).await.unwrap().codigo, "A-002", "not refused the second time");
    assert_eq!(desk.call_next().await.codigo, "A-003");
}
