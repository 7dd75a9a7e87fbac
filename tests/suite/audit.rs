//! What the audit log is told of a branch: who departed from the order of the queue, ended the day, changed the settings; over events and over
//! REST alike, and never of what was refused.

use serde_json::{Value, json};

use crate::access::{ask, client, guarded, user};
use crate::harness::{TestOffice, rest, rest_answer};

/// The lines of branch 1 that are of these actions, oldest first: action, subject, detail; all of them by this user.
async fn lines(office: &TestOffice, admin: &str, action: &str, by: &str) -> Vec<(String, String, Value)> {
    let (status, page) = ask(office, admin, "GET", &format!("/branches/1/audit?accion={action}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<_> = page["entradas"].as_array().expect("lines").clone();
    lines.reverse();
    for line in &lines {
        assert_eq!((&line["quien"]["nombre"], &line["quien"]["tipo"]), (&json!(by), &json!("usuario")), "{line}");
        assert_eq!((&line["direccion"], &line["sucursal"]), (&json!("127.0.0.1"), &json!(1)), "{line}");
    }
    lines.iter().map(|line| (text(&line["accion"]), text(&line["asunto"]), line["detalle"].clone())).collect()
}

fn line(action: &str, subject: &str, detail: Value) -> (String, String, Value) {
    (action.to_owned(), subject.to_owned(), detail)
}

async fn take(office: &TestOffice, admin: &str, count: usize) {
    for _ in 0..count {
        assert_eq!(ask(office, admin, "POST", "/branches/1/tickets", json!({"servicio": "A"})).await.0, 201);
    }
}

#[tokio::test]
async fn what_departs_from_the_order_is_told_over_events() {
    let (office, admin) = guarded().await;
    let (ana_id, ana) = user(&office, &admin, "ana", "agente", json!({"1": "agente"})).await;
    let (_, bea) = user(&office, &admin, "bea", "supervisor", json!({"1": "supervisor"})).await;
    take(&office, &admin, 3).await;
    let mut desk = client(&office, Some(&ana), 1).await;
    for (event, payload) in [
        ("abrir-puesto", json!({"escritorio": 1})),
        ("entrar-puesto", json!({"escritorio": 1})),
        ("atender-ticket", json!({"ticket": "A-002", "clave": "k1"})),
        ("atender-ticket", json!({"ticket": "A-002", "clave": "k1"})),
        ("deshacer", json!({})),
        ("atender-ticket", json!({})),
        ("devolver", json!({"posicion": "inicio"})),
        ("atender-ticket", json!({})),
        ("derivar", json!({"servicio": "B"})),
        ("cancelar-ticket", json!({"ticket": "A-003"})),
        ("reactivar", json!({"ticket": "A-003"})),
    ] {
        let answer = desk.emit_with_ack(event, payload).await;
        assert_eq!(answer["ok"], true, "{event}: {answer}");
    }
    // What is refused is not told: he has no ticket, and that one waits already.
    for (event, payload) in [("deshacer", json!({"escritorio": 9})), ("reactivar", json!({"ticket": "A-003"}))] {
        assert_eq!(desk.emit_with_ack(event, payload).await["ok"], false, "{event}");
    }
    let told = lines(&office, &admin, "ticket_*", "ana").await;
    let expected = [
        line("ticket_out_of_order", "A-002", json!({"escritorio": 1, "siguiente": "A-001"})),
        line("ticket_undone", "A-002", json!({"escritorio": 1})),
        line("ticket_first", "A-001", json!({"escritorio": 1})),
        line("ticket_transferred", "A-001", json!({"escritorio": 1, "servicio": 2})),
        line("ticket_cancelled", "A-003", Value::Null),
        line("ticket_reactivated", "A-003", Value::Null),
    ];
    assert_eq!(told, expected);

    let mut other = client(&office, Some(&bea), 1).await;
    for (event, payload) in [
        ("abrir-puesto", json!({"escritorio": 1})),
        ("abrir-puesto", json!({"escritorio": 1, "tomar": true})),
        ("entrar-puesto", json!({"escritorio": 1})),
        ("cerrar-jornada", json!({})),
        ("cerrar-jornada", json!({})),
        ("abrir-jornada", json!({})),
    ] {
        other.emit_with_ack(event, payload).await;
    }
    let taken = [line("desk_taken_over", "1", json!({"usuario": ana_id}))];
    assert_eq!(lines(&office, &admin, "desk_*", "bea").await, taken);
    let days = [line("day_closed", "", Value::Null), line("day_reopened", "", Value::Null)];
    assert_eq!(lines(&office, &admin, "day_*", "bea").await, days);
}

#[tokio::test]
async fn what_departs_from_the_order_is_told_over_rest_and_once_for_a_key() {
    let (office, admin) = guarded().await;
    let (_, ana) = user(&office, &admin, "ana", "supervisor", json!({"1": "supervisor"})).await;
    take(&office, &admin, 3).await;
    let (bearer, key) = (format!("Authorization: Bearer {ana}"), "Idempotency-Key: k1");
    for _ in 0..2 {
        let body = json!({"ticket": "A-003"});
        let called = rest_answer(office.address(), "POST", "/branches/1/desks/2/call", &[&bearer, key], body).await;
        assert_eq!(called.status, 200, "{}", called.body);
    }
    for (path, body, status) in [
        ("/branches/1/desks/2/requeue", json!({"posicion": "inicio"}), 200),
        ("/branches/1/tickets/A-003/cancel", json!({}), 200),
        ("/branches/1/tickets/A-003/cancel", json!({}), 409),
        ("/branches/1/tickets/A-003/reactivate", json!({"posicion": "inicio"}), 200),
        ("/branches/1/day/close", json!({}), 204),
        ("/branches/1/day/reopen", json!({}), 204),
    ] {
        let (given, answer) = ask(&office, &ana, "POST", path, body).await;
        assert_eq!(given, status, "{path}: {answer}");
    }
    let told = lines(&office, &admin, "*", "ana").await;
    let expected = [
        line("ticket_out_of_order", "A-003", json!({"escritorio": 2, "siguiente": "A-001"})),
        line("ticket_first", "A-003", json!({"escritorio": 2})),
        line("ticket_cancelled", "A-003", Value::Null),
        line("ticket_reactivated", "A-003", json!({"posicion": "inicio"})),
        line("day_closed", "", Value::Null),
        line("day_reopened", "", Value::Null),
    ];
    assert_eq!(told, expected);

    // A visitor's own doings are nobody's business.
    let (_, taken) = ask(&office, &admin, "POST", "/branches/1/tickets", json!({"servicio": "A"})).await;
    let token = taken["ticket"]["token"].clone();
    assert_eq!(rest(office.address(), "POST", "/tickets/own/cancel", json!({"token": token})).await.0, 200);
    assert_eq!(lines(&office, &admin, "*", "ana").await.len(), expected.len());
}

#[tokio::test]
async fn what_could_not_be_written_is_told_when_it_is_done_again() {
    let (office, admin) = guarded().await;
    take(&office, &admin, 1).await;
    office.faults.fail_all_commits();
    let cancel = || ask(&office, &admin, "POST", "/branches/1/tickets/A-001/cancel", json!({}));
    assert_eq!(cancel().await.0, 503);
    office.faults.heal();
    assert_eq!(lines(&office, &admin, "*", "admin").await, []);
    assert_eq!(cancel().await.0, 200);
    assert_eq!(lines(&office, &admin, "*", "admin").await, [line("ticket_cancelled", "A-001", Value::Null)]);
}

#[tokio::test]
async fn settings_branches_and_web_hooks_are_told() {
    let (office, admin) = guarded().await;
    let (_, mut settings) = ask(&office, &admin, "GET", "/branches/1", Value::Null).await;
    assert_eq!(ask(&office, &admin, "PUT", "/branches/1", settings.clone()).await.0, 200, "nothing is changed");
    settings["name"] = "Oficina Norte".into();
    assert_eq!(ask(&office, &admin, "PUT", "/branches/1", settings.clone()).await.0, 200);
    let (_, mut service) = ask(&office, &admin, "GET", "/branches/1/services/1", Value::Null).await;
    service["prefix"] = "Z".into();
    assert_eq!(ask(&office, &admin, "PUT", "/branches/1/services/1", service).await.0, 200);
    assert_eq!(ask(&office, &admin, "PUT", "/branches/1/policy", json!({"kind": "none"})).await.0, 422);
    let changed = |part: &str, place: &str, before: &str, now: &str| {
        line("settings_changed", "", json!({"parte": part, "cambios": [{"lugar": place, "antes": before, "ahora": now}]}))
    };
    let expected = [changed("", "name", "Oficina Centro", "Oficina Norte"), changed("services/1", "services[0].prefix", "A", "Z")];
    assert_eq!(lines(&office, &admin, "settings_*", "admin").await, expected);

    let body = |url: &str| json!({"url": url, "eventos": [], "activo": false});
    let named = body("https://user:pass@hooks.example.org/secret-path?key=secret");
    let (status, refused) = ask(&office, &admin, "POST", "/branches/1/webhooks", named).await;
    assert_eq!((status, &refused["code"]), (422, &json!("bad_request")), "no name and no password in an address: {refused}");
    let body = body("https://hooks.example.org/secret-path?key=secret");
    let (status, hook) = ask(&office, &admin, "POST", "/branches/1/webhooks", body.clone()).await;
    assert_eq!(status, 201, "{hook}");
    let id = hook["id"].as_str().expect("a web hook").to_owned();
    let path = format!("/branches/1/webhooks/{id}");
    assert_eq!(ask(&office, &admin, "PUT", &path, body.clone()).await.0, 200);
    assert_eq!(ask(&office, &admin, "POST", &format!("{path}/rotate"), Value::Null).await.0, 200);
    assert_eq!(ask(&office, &admin, "DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(ask(&office, &admin, "DELETE", &path, Value::Null).await.0, 404);
    let detail = json!({"url": "https://hooks.example.org", "eventos": [], "todos": false, "activo": false});
    let told = lines(&office, &admin, "webhook_*", "admin").await;
    let expected = ["created", "changed", "rotated", "deleted"].map(|what| line(&format!("webhook_{what}"), &id, detail.clone()));
    assert_eq!(told, expected);

    settings["name"] = "Puerto Nuevo".into();
    settings.as_object_mut().expect("settings").remove("id");
    let (status, made) = ask(&office, &admin, "POST", "/branches", settings).await;
    assert_eq!(status, 201, "{made}");
    let (_, all) = ask(&office, &admin, "GET", "/audit?accion=branch_created", Value::Null).await;
    let entry = &all["entradas"][0];
    assert_eq!((&entry["sucursal"], &entry["detalle"]), (&made["id"], &json!({"nombre": "Puerto Nuevo"})), "{all}");
    assert_eq!(all["entradas"].as_array().map(Vec::len), Some(1));
    for secret in ["secret", "user:pass"] {
        assert!(!ask(&office, &admin, "GET", "/audit", Value::Null).await.1.to_string().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn in_the_demonstration_it_is_the_program() {
    let office = TestOffice::spawn().await;
    rest(office.address(), "POST", "/branches/1/tickets", json!({})).await;
    assert_eq!(rest(office.address(), "POST", "/branches/1/tickets/A-001/cancel", json!({})).await.0, 200);
    let (_, page) = rest(office.address(), "GET", "/branches/1/audit", Value::Null).await;
    let entry = &page["entradas"][0];
    assert_eq!((&entry["accion"], &entry["quien"]["tipo"]), (&json!("ticket_cancelled"), &json!("servidor")), "{page}");
    assert_eq!(entry["direccion"], "127.0.0.1");
}
