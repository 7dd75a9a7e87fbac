//! What is told by itself: to a visitor who follows a ticket, and to everybody who wants to know how long it will take.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Lasting, TestOffice};

/// The tickets that a client was told of until now, after one more answer.
async fn told(client: &mut Client, event: &str) -> Vec<Value> {
    client.emit_with_ack("nada", json!({})).await;
    client.take_heard(event).into_iter().map(|mut args| args.remove(0)).collect()
}

async fn follow(client: &mut Client, token: &str) -> Value {
    let answer = client.emit_with_ack("seguir-ticket", json!({"token": token})).await;
    assert_eq!(answer["ok"], true, "{answer}");
    answer["ticket"].clone()
}

#[tokio::test]
async fn who_follows_a_ticket_is_told_at_once_what_becomes_of_it() {
    let office = TestOffice::spawn().await;
    let ticket = office.kiosk().await.take("A").await;
    let token = ticket.token.unwrap();
    let (mut visitor, mut other, mut display) = (office.client().await, office.client().await, office.display().await);
    let own = follow(&mut visitor, &token).await;
    assert_eq!(
        (&own["codigo"], &own["estado"], &own["delante"], &own["token"]),
        (&json!("A-001"), &json!("esperando"), &json!(0), &json!(token))
    );
    for (wish, code) in [
        (json!({"token": "0".repeat(32)}), "unknown_ticket"),
        (json!({"token": "A-001"}), "unknown_ticket"),
        (json!({"ticket": "A-001"}), "bad_request"),
    ] {
        assert_eq!(other.refused("seguir-ticket", wish.clone()).await, code, "{wish}");
    }

    let mut desk = office.desk(2).await;
    desk.call_next().await;
    let call = visitor.expect("llamada", |_| true).await;
    assert_eq!((&call[0]["codigo"], &call[0]["escritorio"]), (&json!("A-001"), &json!(2)));
    let own = visitor.expect("mi-ticket", |args| args[0]["estado"] == "llamado").await;
    assert_eq!((&own[0]["escritorio"], &own[0]["espera"]), (&json!(2), &Value::Null));
    desk.start().await;
    visitor.expect("mi-ticket", |args| args[0]["estado"] == "atendiendo").await;
    desk.finish().await;
    visitor.expect("mi-ticket", |args| args[0]["estado"] == "finalizado").await;
    for client in [&mut other, &mut display] {
        assert_eq!(told(client, "mi-ticket").await, Vec::<Value>::new());
    }
    assert_eq!(told(&mut other, "llamada").await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_wait_is_told_when_it_changes() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let tickets = kiosk.take_many("A", 4).await;
    let mut visitor = office.client().await;
    let own = follow(&mut visitor, tickets[3].token.as_deref().unwrap()).await;
    assert_eq!((&own["delante"], &own["espera"]), (&json!(3), &Value::Null), "no desk is open");

    let mut desk = office.desk(1).await;
    desk.emit_with_ack("abrir-puesto", json!({})).await;
    let own = visitor.expect("mi-ticket", |args| !args[0]["espera"].is_null()).await;
    assert_eq!((&own[0]["delante"], &own[0]["espera"]), (&json!(3), &json!({"desde": 15, "hasta": 20})));
    desk.try_event("atender-ticket", json!({})).await.unwrap();
    let own = visitor.expect("mi-ticket", |args| args[0]["delante"] == 2).await;
    assert_eq!(own[0]["estado"], "esperando");
}

#[tokio::test]
async fn at_the_days_end_the_visitor_hears_the_last_of_it() {
    let office = TestOffice::spawn().await;
    let ticket = office.kiosk().await.take("A").await;
    let mut visitor = office.client().await;
    follow(&mut visitor, ticket.token.as_deref().unwrap()).await;
    office.clock().advance(Duration::from_secs(24 * 3600));
    let own = visitor.expect("mi-ticket", |_| true).await;
    assert_eq!((&own[0]["codigo"], &own[0]["estado"]), (&json!("A-001"), &json!("vencido")));
    assert_eq!(visitor.refused("seguir-ticket", json!({"token": ticket.token})).await, "unknown_ticket");
}

#[tokio::test]
async fn who_comes_back_is_told_how_it_stands_also_after_a_restart() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    let tickets = kiosk.take_many("A", 2).await;
    let mut visitor = Lasting::enter(office.address(), json!({"recovery": true})).await;
    visitor.expect("saludo").await;
    follow(&mut visitor.client, tickets[1].token.as_deref().unwrap()).await;
    let mut back = visitor.return_to(office.address()).await;
    let own = back.expect("mi-ticket").await;
    assert_eq!((&own[0]["codigo"], &own[0]["delante"]), (&json!("A-002"), &json!(1)));

    let office = office.restart().await;
    office.desk(1).await.call_next().await;
    let mut back = back.return_to(office.address()).await;
    let own = back.expect("mi-ticket").await;
    assert_eq!((&own[0]["codigo"], &own[0]["delante"]), (&json!("A-002"), &json!(0)));
    office.desk(2).await.call_next().await;
    assert_eq!(back.expect("llamada").await[0]["codigo"], "A-002");
}

#[tokio::test]
async fn one_client_follows_a_bounded_number_of_tickets() {
    let office = TestOffice::spawn().await;
    let tickets = office.kiosk().await.take_many("A", 21).await;
    let mut visitor = office.client().await;
    for ticket in tickets.iter().chain(&tickets[1..]) {
        follow(&mut visitor, ticket.token.as_deref().unwrap()).await;
    }
    let mut desk = office.desk(1).await;
    for code in ["A-001", "A-002"] {
        desk.call(code).await;
    }
    let call = visitor.expect("llamada", |_| true).await;
    assert_eq!(call[0]["codigo"], "A-002", "the first was left for the last");
    assert_eq!(told(&mut visitor, "llamada").await.len(), 0, "and each is told once");
}

#[tokio::test]
async fn screens_are_told_what_newcomers_can_expect_when_it_changes() {
    let office = TestOffice::setup().with_settings(|settings| settings.services[1].quota = Some(2)).spawn().await;
    let mut display = office.display().await;
    let mut everybody = office.client().await;
    let mut desk = office.desk(1).await;
    desk.emit_with_ack("abrir-puesto", json!({})).await;
    let free =
        json!({"servicio": "caja", "espera": {"desde": 0, "hasta": 5}, "abierto": true, "abre": null, "cierra": null, "quedan": null});
    let heard = display.expect("esperas", |_| true).await;
    assert_eq!(heard[0][0]["servicio"], "caja");
    assert!(!heard[0][0]["espera"].is_null(), "{heard:?} and not {free}");
    assert_eq!((&heard[0][1]["servicio"], &heard[0][1]["quedan"]), (&json!("tramites"), &json!(2)));

    let mut kiosk = office.kiosk().await;
    kiosk.take_many("B", 2).await;
    display.expect("esperas", |args| args[0][1]["quedan"] == 0).await;
    desk.expect("esperas", |args| args[0][1]["quedan"] == 0).await;
    assert_eq!(told(&mut everybody, "esperas").await, Vec::<Value>::new());
    let fresh = office.client().await.emit_with_ack("entrar-pantalla", json!({})).await;
    assert_eq!(fresh["cola"]["servicios"][1]["quedan"], 0);
}

#[tokio::test]
async fn a_newcomer_takes_no_news_away_from_those_who_are_here() {
    let office = TestOffice::setup().with_settings(|settings| settings.services[1].quota = Some(2)).spawn().await;
    let mut display = office.display().await;
    let (mut kiosk, mut newcomer) = (office.kiosk().await, office.client().await);
    kiosk.take_many("B", 2).await;
    let board = newcomer.emit_with_ack("entrar-pantalla", json!({})).await;
    assert_eq!(board["cola"]["servicios"][1]["quedan"], 0);
    display.expect("esperas", |args| args[0][1]["quedan"] == 0).await;
}

#[tokio::test]
async fn a_change_right_behind_a_screens_coming_is_told_too() {
    let office = TestOffice::spawn().await;
    office.kiosk().await.take_many("A", 3).await;
    let (mut desk, mut display) = (office.desk(1).await, office.display().await);
    desk.emit_with_ack("abrir-puesto", json!({})).await;
    display.expect("esperas", |args| !args[0][0]["espera"].is_null()).await;
}

#[tokio::test]
async fn time_alone_closes_a_service_and_screens_are_told() {
    // The scenario begins on a Saturday at 10:00 UTC.
    let hours = json!({"sat": [["09:00", "14:00"]]});
    let office =
        TestOffice::setup().with_settings(|settings| settings.hours = serde_json::from_value(hours).expect("opening hours")).spawn().await;
    let mut display = office.display().await;
    office.clock().advance(Duration::from_secs(4 * 3600));
    let heard = display.expect("esperas", |_| true).await;
    assert_eq!((&heard[0][0]["abierto"], heard[0][0]["abre"].is_i64()), (&json!(false), true), "{heard:?}");
    assert_eq!(office.kiosk().await.refused("siguiente-ticket", json!({})).await, "closed");
    assert_eq!(display.emit_with_ack("entrar-pantalla", json!({})).await["cola"]["servicios"][0]["abierto"], false);
}

#[tokio::test]
async fn a_desk_may_ask_who_is_next_and_why() {
    let office = TestOffice::spawn().await;
    let mut client = office.client().await;
    assert_eq!(client.refused("proximo", json!({})).await, "not_at_desk");
    let mut desk = office.desk(1).await;
    let nobody = desk.emit_with_ack("proximo", json!({})).await;
    assert_eq!((&nobody["ok"], &nobody["ticket"]), (&json!(true), &Value::Null));
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 2).await;
    let next = desk.emit_with_ack("proximo", json!({"idioma": "en"})).await;
    assert_eq!(next["ticket"]["codigo"], "A-001");
    assert!(next["motivo"]["texto"].as_str().is_some_and(|text| !text.is_empty()), "{next}");
    assert_eq!(desk.call_next().await.codigo, "A-001", "as it said");
    assert_eq!(desk.refused("proximo", json!({"escritorio": 9})).await, "unknown_desk");
}
