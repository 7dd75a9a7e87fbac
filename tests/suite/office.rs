//! One day's work: kiosk, desk and display see the same office, each in its own words.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Heard, Options, TestOffice};

#[tokio::test]
async fn a_visitor_takes_a_number_and_is_called_to_a_desk() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    assert_eq!((display.board.rev, display.board.day.as_deref(), display.board.waiting_total), (2, Some("2026-11-21"), 0));

    let ticket = kiosk.take("A").await;
    assert_eq!((ticket.codigo.as_str(), ticket.numero, ticket.servicio.as_str(), ticket.delante), ("A-001", 1, "caja", Some(0)));
    assert_eq!(ticket.token.as_deref().map(str::len), Some(32));
    let issued = display.follow_to_change("emitido").await;
    assert_eq!(
        (&issued["codigo"], &issued["esperando"], &issued["esperandoTotal"], &issued["ticket"]),
        (&json!("A-001"), &json!(1), &json!(1), &Value::Null)
    );

    let mut desk = office.desk(2).await;
    let called = desk.call_next().await;
    assert_eq!((&called.id, called.estado.as_str(), called.escritorio, called.veces), (&ticket.id, "llamado", Some(2), Some(1)));
    assert_eq!(called.token, None, "the visitor's secret is the visitor's");
    let call = display.expect_call("A-001", 2).await;
    let expected = json!({"rev": 5, "llamada": 1, "codigo": "A-001", "numero": 1, "servicio": "caja", "escritorio": 2, "veces": 1, "idioma": "es", "hora": called.llamado});
    assert_eq!(call, expected);
    display.follow_to(5).await;
    display.agrees().await;
    assert_eq!((display.board.waiting_total, display.board.desks[&2].0.as_str()), (0, "A-001"));

    desk.start().await;
    let ended = desk.finish().await;
    assert_eq!((ended.estado.as_str(), ended.iniciado.is_some(), ended.terminado.is_some()), ("finalizado", true, true));
    display.follow_to(7).await;
    assert!(display.board.desks.is_empty());
}

#[tokio::test]
async fn a_newcomer_is_greeted_by_its_own_id_and_told_how_things_stand() {
    let office = TestOffice::spawn().await;
    let mut first = office.client().await;
    for expected in [("ultimo-ticket", json!([0, null])), ("estado-actual", json!([[]])), ("tickets-pendientes", json!([0]))] {
        assert_eq!(Value::Array(first.expect(expected.0, |_| true).await), expected.1, "{}", expected.0);
    }
    let mut kiosk = office.kiosk().await;
    kiosk.take("B").await;
    kiosk.take("A").await;
    office.desk(1).await.call_next().await;

    let mut english = Client::connect_with(office.address(), Options { auth: Some(json!({"idioma": "en"})), ..Options::default() }).await;
    let greeting = english.next().await.unwrap();
    let text = format!("Welcome! Your id is: {}", english.id);
    let args = vec![json!({"emisor": "Server", "mensaje": text, "id": english.id})];
    assert_eq!(greeting, Heard::Event { name: "saludo".into(), args });
    let last = english.expect("ultimo-ticket", |_| true).await;
    assert_eq!(last, [json!(1), json!({"codigo": "A-001", "numero": 1, "servicio": "caja"})]);
    let attended = english.expect("estado-actual", |_| true).await;
    assert_eq!(attended, [json!([{"numero": 1, "escritorio": 1, "codigo": "B-001", "servicio": "tramites", "rev": 6}])]);
    assert_eq!(english.expect("tickets-pendientes", |_| true).await, [json!(1)]);
}

#[tokio::test]
async fn everybody_hears_the_latest_number_who_is_attended_and_how_many_wait() {
    let office = TestOffice::spawn().await;
    let mut everybody = office.client().await;
    let mut kiosk = office.kiosk().await;
    let mut desk = office.desk(1).await;
    everybody.expect("tickets-pendientes", |args| args[0] == 0).await;
    everybody.take_heard("ultimo-ticket");
    everybody.take_heard("estado-actual");

    for number in 1..=6 {
        kiosk.take("A").await;
        let last = everybody.expect("ultimo-ticket", |_| true).await;
        assert_eq!(last, [json!(number), json!({"codigo": format!("A-00{number}"), "numero": number, "servicio": "caja"})]);
        assert_eq!(everybody.expect("tickets-pendientes", |_| true).await, [json!(number)]);
    }
    for number in 1..=6_u64 {
        desk.call_next().await;
        let attended = everybody.expect("estado-actual", |_| true).await;
        let numbers: Vec<_> = attended[0].as_array().unwrap().iter().map(|line| line["numero"].as_u64().unwrap()).collect();
        let newest_four: Vec<_> = (1..=number).rev().take(4).collect();
        assert_eq!(numbers, newest_four);
        assert_eq!(everybody.expect("tickets-pendientes", |_| true).await, [json!(6 - number)]);
    }
    assert_eq!(desk.refused("atender-ticket", json!({"escritorio": 2})).await, "empty_queue");
    everybody.refused("cola", json!({})).await;
    assert_eq!(everybody.take_heard("estado-actual"), Vec::<Vec<Value>>::new(), "an empty call shows nothing");
    assert_eq!(everybody.take_heard("ultimo-ticket"), Vec::<Vec<Value>>::new());
}

#[tokio::test]
async fn a_client_that_sends_null_gets_the_ticket_as_a_text() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    assert_eq!(kiosk.emit_with_ack("siguiente-ticket", Value::Null).await, "Ticket A-002");
    kiosk.send(r#"4277["siguiente-ticket"]"#);
    assert_eq!(kiosk.answer(77).await, Ok(json!("Ticket A-003")), "no payload at all");
    kiosk.emit("siguiente-ticket", Value::Null);
    assert_eq!(kiosk.take("caja").await.codigo, "A-005", "a number without a callback is a number, too");
}

#[tokio::test]
async fn a_payload_is_understood_as_people_write_it() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let named = json!({"servicio": "tramites", "prioridad": true, "idioma": "en", "nombre": " Ana ", "otra": 1});
    let ticket = kiosk.take_as(named).await;
    assert_eq!((ticket.codigo.as_str(), ticket.prioridad.as_deref(), ticket.idioma.as_str()), ("B-001", Some("prioridad"), "en"));
    for priority in [json!("prioridad"), json!(1)] {
        assert_eq!(kiosk.take_as(json!({"prioridad": priority})).await.prioridad.as_deref(), Some("prioridad"));
    }
    for normal in [json!(false), json!(0), Value::Null] {
        assert_eq!(kiosk.take_as(json!({"servicio": "c", "prioridad": normal})).await.prioridad, None);
    }
    let mut desk = office.client().await;
    for (label, desk_number) in [(json!(2), 2), (json!("2"), 2), (json!("Escritorio 3"), 3), (json!("desk 1"), 1)] {
        let ticket = desk.try_event("atender-ticket", json!({"escritorio": label})).await.unwrap();
        assert_eq!(ticket.escritorio, Some(desk_number), "{label}");
    }
    let mut staff = office.desk(1).await;
    let called = staff.call("c-003").await;
    assert_eq!((called.codigo.as_str(), called.nombre), ("C-003", None));
}

#[tokio::test]
async fn a_desk_that_calls_the_next_one_has_finished_the_one_before() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    let mut desk = office.desk(1).await;
    kiosk.take_many("A", 2).await;
    desk.call_next().await;
    display.follow_to(6).await;
    assert_eq!(desk.call_next().await.codigo, "A-002");
    let change = display.follow_to_change("finalizado").await;
    assert_eq!((&change["codigo"], &change["rev"]), (&json!("A-001"), &json!(7)));
    display.agrees().await;
    assert_eq!(display.board.desks[&1].0, "A-002");
}

#[tokio::test]
async fn a_call_may_be_repeated_after_a_while_and_is_counted() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    office.kiosk().await.take("A").await;
    let mut desk = office.desk(1).await;
    desk.call_next().await;
    assert_eq!(desk.refused("rellamar", json!({})).await, "too_soon");
    office.clock().advance(Duration::from_secs(3));
    assert_eq!(desk.recall().await.veces, Some(2));
    display.expect_call("A-001", 1).await;
    let again = display.expect_call("A-001", 1).await;
    assert_eq!((&again["llamada"], &again["veces"]), (&json!(2), &json!(2)));
    assert_eq!(display.follow_to_change("rellamado").await["llamada"], 2);
    assert_eq!(display.board.calls, [(2, "A-001".into(), 1, 2)], "one line a ticket: its last call");
    assert_eq!(desk.no_show().await.estado, "ausente");
    assert_eq!(display.follow_to_change("ausente").await["esperandoTotal"], 0);
}

#[tokio::test]
async fn a_ticket_is_put_back_where_the_agent_says() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let mut desk = office.desk(1).await;
    kiosk.take_many("A", 4).await;
    assert_eq!(desk.call_next().await.codigo, "A-001");
    assert_eq!(desk.put_back(json!("inicio")).await.estado, "esperando");
    assert_eq!(desk.call_next().await.codigo, "A-001");
    desk.put_back(json!({"despues": 1})).await;
    assert_eq!(desk.call_next().await.codigo, "A-002", "A-001 waits behind the first one");
    assert_eq!(desk.call_next().await.codigo, "A-001");
    desk.put_back(json!("llegada")).await;
    assert_eq!(desk.call_next().await.codigo, "A-001", "it came before all who wait");
    desk.put_back(json!("final")).await;
    for code in ["A-003", "A-004", "A-001"] {
        assert_eq!(desk.call_next().await.codigo, code);
    }
}

#[tokio::test]
async fn a_desk_that_comes_back_finds_its_ticket() {
    let office = TestOffice::spawn().await;
    office.kiosk().await.take("A").await;
    let mut desk = office.desk(2).await;
    desk.call_next().await;
    desk.start().await;
    drop(desk);
    let mut again = office.desk(2).await;
    assert_eq!(again.board.desks[&2], ("A-001".into(), "atendiendo".into()));
    assert_eq!(again.finish().await.codigo, "A-001");
}

#[tokio::test]
async fn a_minute_of_priority_counts_three() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let mut desk = office.desk(1).await;
    kiosk.take_many("A", 2).await;
    office.clock().advance(Duration::from_secs(60));
    kiosk.take_as(json!({"servicio": "A", "prioridad": true})).await;
    office.clock().advance(Duration::from_secs(20));
    assert_eq!(desk.call_next().await.codigo, "A-001", "80 s against 20 s x 3");
    office.clock().advance(Duration::from_secs(11));
    assert_eq!(desk.call_next().await.codigo, "A-003", "91 s against 31 s x 3");
    assert_eq!(desk.call_next().await.codigo, "A-002");
}

#[tokio::test]
async fn the_wall_shows_no_names_and_the_desk_shows_them() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut desk = office.desk(1).await;
    let ticket = office.kiosk().await.take_as(json!({"servicio": "A", "nombre": "Zenobia"})).await;
    desk.call_next().await;
    let staff = desk.expect("cola", |args| args[0]["rev"] == 5).await;
    assert_eq!(staff[0]["cambios"][1]["ticket"]["nombre"], "Zenobia");
    display.follow_to(5).await;
    let mut snapshot = display.emit_with_ack("cola", json!({"desde": 0})).await.to_string();
    snapshot += &display.emit_with_ack("entrar-pantalla", json!({})).await.to_string();
    for secret in ["Zenobia", &ticket.id, ticket.token.as_deref().unwrap()] {
        assert!(!snapshot.contains(secret), "{secret} in {snapshot}");
    }
}
