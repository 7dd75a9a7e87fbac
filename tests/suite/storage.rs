//! What a failing disk does to the office: nothing is said that is not written, nothing is written twice, and work goes on when it can.

use serde_json::{Value, json};
use siguiente::office::Event;

use crate::harness::{Client, Program, TestOffice, http, log, set_file_limit, within};

#[tokio::test]
async fn what_cannot_be_written_has_not_happened() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    display.follow_to(3).await;
    kiosk.expect("ultimo-ticket", |args| args[0] == 1).await;
    kiosk.take_heard("ultimo-ticket");

    office.faults.fail_all_commits();
    office.faults.fail_probes(true);
    for _ in 0..3 {
        let refusal = kiosk.try_event("siguiente-ticket", json!({"clave": "later", "idioma": "en"})).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.msg.contains("try again")), ("storage_unavailable", true));
    }
    assert_eq!(display.refused("atender-ticket", json!({"escritorio": 1})).await, "storage_unavailable");
    assert_eq!(display.refused("atender-ticket", json!({"escritorio": 9})).await, "unknown_desk", "what needs no disk is answered");
    display.agrees().await;
    assert_eq!(office.desk(2).await.board.waiting_total, 1, "newcomers are let in");
    assert_eq!(kiosk.take_heard("ultimo-ticket"), Vec::<Vec<Value>>::new());
    assert_eq!(http(office.address(), "GET", "/ready", &[]).await.status, 503);
    assert_eq!(http(office.address(), "GET", "/health", &[]).await.status, 200);

    office.faults.heal();
    assert_eq!(kiosk.take_as(json!({"clave": "later"})).await.codigo, "A-002", "no number was lost");
    until_ready(office.address()).await;
    display.follow_to(4).await;
    display.agrees().await;
}

/// The answer may be up to a second old.
async fn until_ready(address: std::net::SocketAddr) {
    within("/ready to say 200", async { while http(address, "GET", "/ready", &[]).await.status != 200 {} }).await;
}

#[tokio::test]
async fn a_commit_that_failed_after_it_happened_is_found_out() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    office.faults.fail_after_commits(1);
    assert_eq!(kiosk.refused("siguiente-ticket", json!({"clave": "doubt"})).await, "storage_unavailable");
    let change = display.follow_to_change("emitido").await;
    assert_eq!(change["codigo"], "A-001", "the screens learn what is on disk");
    display.agrees().await;
    assert_eq!(kiosk.expect("ultimo-ticket", |args| args[0] == 1).await[1]["codigo"], "A-001");
    assert_eq!(kiosk.take_as(json!({"clave": "doubt"})).await.codigo, "A-001");
    assert_eq!(kiosk.take("A").await.codigo, "A-002");
}

#[tokio::test]
async fn who_tries_again_at_once_gets_the_ticket_that_was_in_doubt() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    for round in 0..10 {
        office.faults.fail_after_commits(1);
        let key = json!({"clave": format!("doubt {round}")});
        assert_eq!(kiosk.refused("siguiente-ticket", key.clone()).await, "storage_unavailable");
        let (again, other) = (kiosk.ask("siguiente-ticket", key), kiosk.ask("siguiente-ticket", json!({})));
        assert_eq!(kiosk.answer(again).await.unwrap()["ticket"]["numero"], 2 * round + 1, "round {round}");
        assert_eq!(kiosk.answer(other).await.unwrap()["ticket"]["numero"], 2 * round + 2, "round {round}");
    }
    display.follow_to(22).await;
    display.agrees().await;
    let office = office.restart().await;
    assert_eq!(office.kiosk().await.take("A").await.numero, 21);
}

#[tokio::test]
async fn a_disk_that_only_ever_denies_what_it_did_loses_and_doubles_nothing() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    office.faults.fail_after_all_commits();
    for number in 1..=6 {
        let key = json!({"clave": format!("doubt {number}")});
        assert_eq!(kiosk.refused("siguiente-ticket", key.clone()).await, "storage_unavailable");
        // Who asks again with the same key learns what is on disk, whatever was said of it before.
        assert_eq!(kiosk.take_as(key).await.numero, number);
    }
    display.follow_to(8).await;
    display.agrees().await;
    office.faults.heal();
    assert_eq!(kiosk.take("A").await.numero, 7);
    let office = office.restart().await;
    assert_eq!(office.kiosk().await.take("A").await.numero, 8);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_after_a_failure_is_asked_again() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    office.faults.fail_after_commits(1);
    office.faults.fail_reads(true);
    assert_eq!(kiosk.refused("siguiente-ticket", json!({"clave": "doubt"})).await, "storage_unavailable");
    assert_eq!(
        kiosk.refused("siguiente-ticket", json!({"clave": "doubt"})).await,
        "storage_unavailable",
        "nobody knows where the log ends"
    );
    office.faults.heal();
    display.follow_to(3).await;
    assert_eq!(kiosk.take_as(json!({"clave": "doubt"})).await.codigo, "A-001");
}

#[tokio::test]
async fn nothing_is_spoken_before_it_is_written() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    for event in ["ultimo-ticket", "tickets-pendientes"] {
        kiosk.expect(event, |args| args[0] == 0).await;
    }
    office.faults.hold_commits();
    let asked = kiosk.ask("siguiente-ticket", json!({}));
    office.wait_held().await;
    // Reads are answered meanwhile: whatever was told before these answers has been heard.
    display.agrees().await;
    assert_eq!((display.board.rev, display.take_heard("cola")), (2, vec![]));
    assert_eq!(kiosk.refused("cola", json!({})).await, "not_joined");
    assert_eq!(kiosk.answered(asked), None, "no acknowledgement before the disk has it");
    for event in ["ultimo-ticket", "tickets-pendientes"] {
        assert_eq!(kiosk.take_heard(event), Vec::<Vec<Value>>::new(), "{event}");
    }
    office.faults.release();
    assert_eq!(kiosk.answer(asked).await.unwrap()["ticket"]["codigo"], "A-001");
    display.follow_to(3).await;
}

#[tokio::test]
async fn what_comes_while_the_disk_is_busy_is_written_together() {
    let office = TestOffice::spawn().await;
    let mut kiosks = Vec::new();
    for _ in 0..8 {
        kiosks.push(office.kiosk().await);
    }
    office.faults.hold_commits();
    let first = kiosks[0].ask("siguiente-ticket", json!({}));
    office.wait_held().await;
    let before = office.faults.commits_seen();
    let mut asked = Vec::new();
    for (i, kiosk) in kiosks.iter_mut().enumerate() {
        asked.extend((0..25).map(|_| (i, kiosk.ask("siguiente-ticket", json!({})))));
        // Answered at once, so that all before it have arrived.
        assert_eq!(kiosk.refused("cola", json!({})).await, "not_joined");
    }
    office.faults.release();
    kiosks[0].answer(first).await.unwrap();
    let mut numbers = Vec::new();
    for (i, id) in asked {
        numbers.push(kiosks[i].answer(id).await.unwrap()["ticket"]["numero"].as_u64().unwrap());
    }
    assert!(numbers.into_iter().eq(2..=201), "in the order in which they came");
    assert_eq!(office.faults.commits_seen(), before + 1, "200 commands, one commit");
    let told = kiosks[3].expect("ultimo-ticket", |args| args[0] != 0 && args[0] != 1).await;
    assert_eq!(told[0], 201, "of numbers issued together the last is told");
}

#[tokio::test]
async fn more_than_can_wait_is_refused_and_the_rest_is_served() {
    const EACH: usize = 250;
    const CLIENTS: usize = 16_384 / EACH + 5;
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    office.faults.hold_commits();
    let first = kiosk.ask("siguiente-ticket", Value::Null);
    office.wait_held().await;
    let mut crowd = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = office.client().await;
        let asked: Vec<_> = (0..EACH).map(|_| client.ask("siguiente-ticket", Value::Null)).collect();
        crowd.push((client, asked));
    }
    // Each of these reads behind what it asked for: all of it has reached the hub.
    for (client, _) in &mut crowd {
        client.emit_with_ack("volar", json!({})).await;
    }
    assert_eq!(kiosk.refused("siguiente-ticket", json!({})).await, "overloaded");
    office.faults.release();
    assert_eq!(kiosk.answer(first).await, Ok(json!("Ticket A-001")));
    let (mut numbers, mut refused) = (vec![1], 0);
    for (client, asked) in &mut crowd {
        for id in asked {
            match client.answer(*id).await.unwrap() {
                Value::String(text) => numbers.push(text.strip_prefix("Ticket A-").unwrap().parse().unwrap()),
                answer => {
                    assert_eq!(answer["code"], "overloaded");
                    refused += 1;
                }
            }
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "every number once, and none of those refused");
    assert!(refused > 0 && numbers.len() > 16_000, "{refused} refused");
    assert_eq!(kiosk.take("A").await.numero as usize, numbers.len() + 1);
}

#[tokio::test]
async fn one_client_cannot_take_all_the_room() {
    let office = TestOffice::spawn().await;
    let (mut greedy, mut other) = (office.client().await, office.kiosk().await);
    office.faults.hold_commits();
    let asked: Vec<_> = (0..20_000).map(|_| greedy.ask("siguiente-ticket", Value::Null)).collect();
    office.wait_held().await;
    let number = other.ask("siguiente-ticket", Value::Null);
    other.emit_with_ack("volar", json!({})).await;
    assert_eq!(other.answered(number), None, "it waits for the disk like everybody and is not turned away");
    office.faults.release();
    assert!(other.answer(number).await.unwrap().as_str().unwrap().starts_with("Ticket A-"));
    for id in asked {
        assert!(greedy.answer(id).await.unwrap().is_string(), "its own are served as well, one after the other");
    }
}

#[tokio::test]
async fn a_command_under_way_at_the_end_is_answered_and_a_late_one_is_told_why_not() {
    let office = TestOffice::spawn().await;
    let (mut early, mut late) = (office.kiosk().await, office.kiosk().await);
    office.faults.hold_commits();
    let under_way = early.ask("siguiente-ticket", json!({"clave": "early"}));
    office.wait_held().await;
    let faults = office.faults.clone();
    let end = tokio::spawn(office.log());
    let refused = within("the server to take no more commands", async {
        loop {
            let asked = late.ask("finalizar", json!({"escritorio": 1}));
            late.emit_with_ack("volar", json!({})).await;
            if let Some(answer) = late.answered(asked) {
                return answer;
            }
        }
    });
    assert_eq!(refused.await["code"], "shutting_down");
    faults.release();
    assert_eq!(early.answer(under_way).await.unwrap()["ticket"]["codigo"], "A-001");
    assert_eq!(early.expect_close().await, Some(1001));
    assert_eq!(late.expect_close().await, Some(1001));
    let log = end.await.unwrap();
    assert!(log.iter().any(|entry| matches!(&entry.event, Event::TicketIssued { code, .. } if code == "A-001")));
}

#[tokio::test]
async fn a_full_disk_is_said_and_when_there_is_room_again_work_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let server = Program::serve_on_a_small_disk(data.path(), 1 << 20).await;
    let mut kiosk = Client::connect(server.address).await;
    let mut last = 0;
    let refusal = loop {
        match kiosk.try_event("siguiente-ticket", json!({"clave": format!("key {}", last + 1)})).await {
            Ok(ticket) => {
                assert_eq!(ticket.numero, last + 1);
                last = ticket.numero;
            }
            Err(refusal) => break refusal,
        }
        assert!(last < 100_000, "the limit does not limit");
    };
    assert_eq!(refusal.code, "storage_unavailable");
    // Full to the last byte: where a commit found no room, the smaller write behind `/ready` might still find some.
    set_file_limit(&server, "0").await;
    assert_eq!(http(server.address, "GET", "/ready", &[]).await.status, 503);
    let board = kiosk.emit_with_ack("entrar-pantalla", Value::Null).await;
    assert_eq!(board["cola"]["esperando"], last, "reads go on");
    assert!(server.stderr.wait("the failure in the log", |line| line.contains("nothing could be written")).await.is_some());

    set_file_limit(&server, "unlimited").await;
    let ticket = kiosk.try_event("siguiente-ticket", json!({"clave": format!("key {}", last + 1)})).await.expect("there is room again");
    assert_eq!(ticket.numero, last + 1);
    until_ready(server.address).await;
    server.kill_9().await;
    let issued = log(data.path()).iter().filter(|entry| matches!(entry.event, Event::TicketIssued { .. })).count();
    assert_eq!(issued, last as usize + 1);
}
