//! Visitors who need more time: seen by the visitor, the desk and the log, over a restart, and by whoever means ill.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use siguiente::clock::Clock;
use siguiente::office::{Event, Millis};

use crate::harness::{Client, TestOffice, http};

const MINUTE: Duration = Duration::from_secs(60);

async fn office() -> TestOffice {
    let morning = "2026-11-20T09:00:00Z".parse::<DateTime<Utc>>().expect("a time").timestamp_millis();
    TestOffice::setup().with_clock(Clock::manual(Millis(morning))).spawn().await
}

async fn own(client: &mut Client, event: &str, token: &str) -> Value {
    let answer = client.emit_with_ack(event, json!({"token": token})).await;
    assert_eq!(answer["ok"], true, "{event}: {answer}");
    answer["ticket"].clone()
}

#[tokio::test]
async fn the_time_ends_by_itself_also_while_the_server_was_away() {
    let office = office().await;
    let tokens: Vec<String> = office.kiosk().await.take_many("A", 2).await.into_iter().map(|ticket| ticket.token.unwrap()).collect();
    let mut visitor = office.client().await;
    let before = own(&mut visitor, "seguir-ticket", &tokens[0]).await;
    assert_eq!((&before["aplazos"], &before["hasta"], &before["ultimo"]), (&json!(2), &Value::Null, &Value::Null));
    let away = own(&mut visitor, "aplazar-ticket", &tokens[0]).await;
    assert_eq!((&away["estado"], &away["aplazos"], &away["delante"]), (&json!("aplazado"), &json!(1), &json!(0)));
    let hasta = away["hasta"].as_i64().expect("until when");
    assert_eq!(hasta, office.clock().now().0 + 600_000);

    let mut desk = office.desk(1).await;
    assert_eq!(desk.call_next().await.codigo, "A-002", "who is away is not called by next");
    let told = visitor.expect("mi-ticket", |args| args[0]["ultimo"] == "A-002").await;
    assert_eq!(told[0]["estado"], "aplazado");
    office.clock().advance(10 * MINUTE);
    visitor.expect("mi-ticket", |args| args[0]["estado"] == "esperando").await;

    own(&mut visitor, "aplazar-ticket", &tokens[0]).await;
    let clock = office.clock().clone();
    let office = office.restart_with(|_| assert!(clock.advance(11 * MINUTE))).await;
    let mut visitor = office.client().await;
    let back = own(&mut visitor, "seguir-ticket", &tokens[0]).await;
    if back["estado"] == "aplazado" {
        visitor.expect("mi-ticket", |args| args[0]["estado"] == "esperando").await;
    }
    let log = office.log().await;
    let kinds = |wanted: fn(&Event) -> bool| log.iter().filter(|entry| wanted(&entry.event)).count();
    assert_eq!(kinds(|event| matches!(event, Event::TicketDeferred { .. })), 2);
    assert_eq!(kinds(|event| matches!(event, Event::TicketReturned { .. })), 2);
}

#[tokio::test]
async fn nobody_but_the_visitor_and_nobody_too_often() {
    let office = office().await;
    let ticket = office.kiosk().await.take("A").await;
    let token = ticket.token.unwrap();
    let mut anybody = office.client().await;
    for event in ["aplazar-ticket", "volver"] {
        for (wish, code) in [
            (json!({"token": "f".repeat(32)}), "unknown_ticket"),
            (json!({"token": ""}), "unknown_ticket"),
            (json!({"token": "0".repeat(32)}), "unknown_ticket"),
            (json!({"token": "<script>"}), "unknown_ticket"),
            (json!({"ticket": ticket.codigo}), "bad_request"),
            (json!({"token": {"a": [[[[1]]]]}}), "bad_request"),
            (Value::Null, "bad_request"),
        ] {
            assert_eq!(anybody.refused(event, wish.clone()).await, code, "{event} {wish}");
        }
    }
    assert_eq!(anybody.refused("volver", json!({"token": token})).await, "wrong_state");
    let key = json!({"token": token, "clave": "once"});
    let first = anybody.emit_with_ack("aplazar-ticket", key.clone()).await;
    let again = anybody.emit_with_ack("aplazar-ticket", key).await;
    assert_eq!((&first["ticket"]["aplazos"], &again["ticket"]["aplazos"]), (&json!(1), &json!(1)), "the same wish is done once");
    own(&mut anybody, "aplazar-ticket", &token).await;
    assert_eq!(anybody.refused("aplazar-ticket", json!({"token": token})).await, "too_often");
    let mut desk = office.desk(1).await;
    own(&mut anybody, "volver", &token).await;
    desk.call_next().await;
    assert_eq!(anybody.refused("aplazar-ticket", json!({"token": token})).await, "wrong_state");
}

#[tokio::test]
async fn the_phone_s_page_is_the_same_for_every_token_and_not_to_be_found() {
    let office = office().await;
    let token = office.kiosk().await.take("A").await.token.unwrap();
    let mut pages = Vec::new();
    for token in [token.as_str(), "00", "..%2f..%2fCargo.toml"] {
        let answer = http(office.address(), "GET", &format!("/t/{token}"), &[]).await;
        assert_eq!(answer.status, 200, "{token}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex, nofollow"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        pages.push(answer.body);
    }
    assert!(pages[0].contains("/phone/phone.js") && pages.iter().all(|page| *page == pages[0]));
    assert!(!pages[0].contains(&token));
}
