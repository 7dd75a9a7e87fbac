//! REST: a day's work over requests is the same as over events: the same answers, on the same way, and every screen hears it at once.

use serde_json::{Value, json};

use crate::harness::{Http, TestOffice, http, rest, rest_answer};

#[track_caller]
fn body(answer: &Http, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("the answer is JSON")
}

/// The code of a refusal.
#[track_caller]
fn code((status, body): (u16, Value), expected: u16) -> String {
    assert_eq!(status, expected, "{body}");
    body["code"].as_str().expect("a refusal has a code").to_owned()
}

#[tokio::test]
async fn a_ticket_is_taken_called_and_served_and_the_display_hears_it() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let mut display = office.display().await;

    let taken = rest_answer(address, "POST", "/branches/1/tickets", &[], json!({"servicio": "A", "nombre": "Inés"})).await;
    let ticket = body(&taken, 201)["ticket"].clone();
    let id = ticket["id"].as_str().unwrap();
    assert_eq!((&ticket["codigo"], &ticket["estado"], &ticket["delante"]), (&json!("A-001"), &json!("esperando"), &json!(0)));
    assert_eq!(taken.header("location"), Some(format!("/api/v1/branches/1/tickets/{id}").as_str()));

    let (status, next) = rest(address, "GET", "/branches/1/desks/2/next", Value::Null).await;
    assert_eq!((status, &next["ticket"]["codigo"], &next["motivo"]["regla"]), (200, &json!("A-001"), &json!("unico")));
    let (status, called) = rest(address, "POST", "/branches/1/desks/2/call-next", Value::Null).await;
    assert_eq!((status, &called["ticket"]["estado"], &called["ticket"]["escritorio"]), (200, &json!("llamado"), &json!(2)));
    assert_eq!(called.get("ok"), None);
    display.expect_call("A-001", 2).await;
    display.follow_to_change("llamado").await;
    display.agrees().await;

    for (verb, sent, state) in [
        ("start", json!({}), "atendiendo"),
        ("hold", json!({}), "retenido"),
        ("resume", json!({"ticket": "A-001"}), "atendiendo"),
        ("transfer", json!({"servicio": "B"}), "esperando"),
        ("call", json!({"ticket": id}), "llamado"),
        ("start", json!({}), "atendiendo"),
        ("finish", json!({"resultado": "resuelto", "nota": "todo bien"}), "finalizado"),
    ] {
        let answer = rest(address, "POST", &format!("/branches/1/desks/2/{verb}"), sent).await;
        assert_eq!((answer.0, &answer.1["ticket"]["estado"]), (200, &json!(state)), "{verb}: {}", answer.1);
    }
    let (status, undone) = rest(address, "POST", "/branches/1/desks/2/undo", json!({})).await;
    assert_eq!((status, &undone["tickets"][0]["estado"]), (200, &json!("atendiendo")));
    let (_, noted) = rest(address, "PUT", &format!("/branches/1/tickets/{id}/note"), json!({"nota": "vuelve mañana"})).await;
    assert_eq!(noted["ticket"]["nota"], "vuelve mañana");
    let (_, seen) = rest(address, "GET", &format!("/branches/1/tickets/{id}"), Value::Null).await;
    assert_eq!(seen, noted);
    let (_, certificate) = rest(address, "GET", &format!("/branches/1/tickets/{id}/certificate"), Value::Null).await;
    assert_eq!(certificate["certificado"]["codigo"], "A-001");
    let (_, queue) = rest(address, "GET", "/branches/1/queue", Value::Null).await;
    assert_eq!(queue["cola"]["escritorios"][1]["ticket"]["codigo"], "A-001");
    let (_, calls) = rest(address, "GET", "/branches/1/calls", Value::Null).await;
    assert_eq!(calls["llamadas"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_command_with_a_key_is_done_once() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let key = ["Idempotency-Key: 3f1c"];
    let take = async || body(&rest_answer(address, "POST", "/branches/1/tickets", &key, json!({"servicio": "A"})).await, 201);
    let first = take().await;
    assert_eq!(take().await["ticket"]["codigo"], first["ticket"]["codigo"]);
    let other = rest_answer(address, "POST", "/branches/1/tickets", &key, json!({"servicio": "A", "clave": "other"})).await;
    assert_eq!(body(&other, 422)["code"], "bad_request");

    let post = async |key: &str, sent: Value| rest_answer(address, "POST", "/users", &[&format!("Idempotency-Key: {key}")], sent).await;
    let ana = json!({"nombre": "Ana", "rol": "agente"});
    let first = post("u1", ana.clone()).await;
    let again = post("u1", ana.clone()).await;
    assert_eq!((body(&first, 201), first.header("location")), (body(&again, 201), again.header("location")));
    assert_eq!(body(&post("u1", json!({"nombre": "Bea", "rol": "agente"})).await, 422)["code"], "key_reused");
    assert_eq!(body(&post("u2", json!({"nombre": "", "rol": "agente"})).await, 422)["code"], "bad_request");
    let users = rest(address, "GET", "/users", Value::Null).await.1;
    assert_eq!(users["usuarios"].as_array().map(Vec::len), Some(1), "{users}");
    for key in ["", &"x".repeat(129)] {
        assert_eq!(body(&post(key, ana.clone()).await, 400)["code"], "bad_request", "{key:?}");
    }

    // Of what the database could not write nothing is kept: the same request may be tried again.
    office.faults.fail_all_commits();
    assert_eq!(body(&post("u3", ana.clone()).await, 503)["code"], "storage_unavailable");
    office.faults.heal();
    let mut answer = post("u3", ana.clone()).await;
    for _ in 0..100 {
        if answer.status == 201 {
            break;
        }
        answer = post("u3", ana.clone()).await;
    }
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn a_desk_that_is_opened_over_rest_is_its_sessions() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let (status, opened) = rest(address, "POST", "/branches/1/desks/1/open", json!({})).await;
    assert_eq!((status, &opened["puesto"]["estado"], &opened["puesto"]["propio"]), (200, &json!("abierto"), &json!(true)));
    let sesion = opened["sesion"].clone();
    rest(address, "POST", "/branches/1/tickets", json!({})).await;
    assert_eq!(code(rest(address, "POST", "/branches/1/desks/1/call-next", json!({})).await, 409), "desk_taken");
    let (status, _) = rest(address, "POST", "/branches/1/desks/1/call-next", json!({"sesion": sesion})).await;
    assert_eq!(status, 200);

    // A desk without a socket is kept longer than a page that lost its connection, and not for ever.
    office.clock().advance(std::time::Duration::from_secs(1_200));
    assert_eq!(rest(address, "POST", "/branches/1/desks/1/finish", json!({"sesion": sesion})).await.0, 200);
    let (_, queue) = rest(address, "GET", "/branches/1/queue", Value::Null).await;
    assert_eq!(queue["cola"]["escritorios"][0]["estado"], "abierto");
    let (_, paused) = rest(address, "POST", "/branches/1/desks/1/pause", json!({"sesion": sesion, "motivo": "comida"})).await;
    assert_eq!(paused["puesto"]["estado"], "pausado", "{paused}");
    let (_, closed) = rest(address, "POST", "/branches/1/desks/1/close", json!({"sesion": sesion})).await;
    assert_eq!(closed["puesto"]["estado"], "cerrado", "{closed}");
}

#[tokio::test]
async fn a_visitor_acts_by_the_token_in_whatever_branch() {
    let office = TestOffice::setup().with_branch(2, |settings| settings.name = "Puerto".into()).spawn().await;
    let address = office.address();
    let (_, taken) = rest(address, "POST", "/branches/Puerto/tickets", json!({})).await;
    let token = taken["ticket"]["token"].clone();
    let (status, own) = rest(address, "POST", "/tickets/own", json!({"token": token})).await;
    assert_eq!((status, &own["ticket"]["codigo"], &own["ticket"]["token"]), (200, &json!("A-001"), &token));
    let (_, cancelled) = rest(address, "POST", "/tickets/own/cancel", json!({"token": token})).await;
    assert_eq!(cancelled["ticket"]["estado"], "cancelado", "{cancelled}");
    for wrong in ["", "x", "0123456789abcdef0123456789abcdef", "' OR 1=1 --"] {
        for path in ["/tickets/own", "/tickets/own/cancel", "/tickets/own/check-in"] {
            assert_eq!(code(rest(address, "POST", path, json!({"token": wrong})).await, 404), "unknown_ticket", "{path} {wrong}");
        }
    }
    assert_eq!(code(rest(address, "POST", "/tickets/own", json!({})).await, 422), "bad_request");
    let (_, back) = rest(address, "POST", "/branches/2/tickets/A-001/reactivate", json!({"posicion": "inicio"})).await;
    assert_eq!(back["ticket"]["estado"], "esperando", "{back}");
    assert_eq!(code(rest(address, "POST", "/branches/2/tickets/A-001/check-in", json!({})).await, 409), "wrong_state");
    let (_, gone) = rest(address, "POST", "/branches/2/tickets/A-001/cancel", json!({})).await;
    assert_eq!(gone["ticket"]["estado"], "cancelado");
}

#[tokio::test]
async fn tickets_are_listed_in_pages() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for _ in 0..5 {
        rest(address, "POST", "/branches/1/tickets", json!({"servicio": "A"})).await;
    }
    rest(address, "POST", "/branches/1/tickets/A-002/cancel", json!({})).await;
    let (mut path, mut codes) = ("/branches/1/tickets?limite=2&estado=esperando".to_owned(), Vec::new());
    loop {
        let (status, page) = rest(address, "GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        codes.extend(page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["codigo"].as_str().unwrap().to_owned()));
        match page["siguiente"].as_str() {
            Some(next) => path = format!("/branches/1/tickets?limite=2&estado=esperando&despues={next}"),
            None => break,
        }
    }
    assert_eq!(codes, ["A-001", "A-003", "A-004", "A-005"]);
    let empty = rest(address, "GET", "/branches/1/tickets?jornada=2020-01-01", Value::Null).await;
    assert_eq!(empty, (200, json!({"tickets": [], "siguiente": null})));
    for (query, status) in [("limite=501", 400), ("estado=x", 400), ("jornada=hoy", 400), ("jornada=2026-02-31", 422), ("despues=x", 422)] {
        assert_eq!(
            code(rest(address, "GET", &format!("/branches/1/tickets?{query}"), Value::Null).await, status),
            "bad_request",
            "{query}"
        );
    }
    let nobody = "/branches/1/tickets?despues=0123456789abcdef0123456789abcdef";
    assert_eq!(code(rest(address, "GET", nobody, Value::Null).await, 422), "bad_request");
}

#[tokio::test]
async fn the_past_is_told_as_json_and_for_spreadsheets() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    rest(address, "POST", "/branches/1/tickets", json!({"servicio": "A"})).await;
    rest(address, "POST", "/branches/1/desks/1/call-next", json!({})).await;
    rest(address, "POST", "/branches/1/desks/1/finish", json!({})).await;
    let (status, figures) = rest(address, "GET", "/branches/1/figures?por=canal", Value::Null).await;
    assert_eq!((status, &figures["cifras"][0]["grupo"], &figures["cifras"][0]["finalizados"]), (200, &json!("rest"), &json!(1)));
    let sheet = http(address, "GET", "/api/v1/branches/1/figures?por=servicio", &["Accept: text/csv"]).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert!(sheet.body.starts_with("group,tickets,"), "{}", sheet.body);
    assert_eq!(sheet.body.lines().count(), 2);
    let only = async |por: &str| rest(address, "GET", &format!("/branches/1/figures?por={por}"), Value::Null).await.1["cifras"][0].take();
    let (weekday, hour, both) = (only("dia-semana").await, only("hora").await, only("dia-hora").await);
    let of_week = format!("{}-{:02}", weekday["grupo"], hour["grupo"].as_u64().unwrap());
    assert_eq!((&both["grupo"], &both["finalizados"]), (&json!(of_week), &json!(1)));
    let sheet = http(address, "GET", "/api/v1/branches/1/figures?por=dia-hora", &["Accept: text/csv"]).await;
    assert!(sheet.body.lines().nth(1).unwrap().starts_with(&format!("{of_week},1,")), "{}", sheet.body);
    for query in ["desde=2026-11-21&hasta=2026-11-20", "desde=2020-01-01", "desde=2026-02-31"] {
        assert_eq!(code(rest(address, "GET", &format!("/branches/1/figures?{query}"), Value::Null).await, 422), "bad_request", "{query}");
    }
}

#[tokio::test]
async fn the_public_status_is_for_pages_of_any_origin_and_holds_nobody() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    rest(address, "POST", "/branches/1/tickets", json!({"servicio": "A", "nombre": "Secreta"})).await;
    rest(address, "POST", "/branches/1/desks/1/call-next", json!({})).await;
    let path = "/api/v1/branches/1/status";
    let answer = http(address, "GET", path, &["Origin: https://ayuntamiento.example"]).await;
    let status = body(&answer, 200);
    assert_eq!((&status["id"], &status["abierta"], &status["esperando"]), (&json!(1), &json!(true), &json!(0)));
    assert_eq!((&status["llamadas"][0]["codigo"], &status["llamadas"][0]["escritorio"]), (&json!("A-001"), &json!(1)));
    assert!(!answer.body.contains("Secreta") && !answer.body.contains("token"), "{}", answer.body);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=5"));
    let tag = format!("If-None-Match: {}", answer.header("etag").unwrap());
    let known = http(address, "GET", path, &[&tag]).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    assert_eq!(known.header("cache-control"), Some("public, max-age=5"));
    assert_eq!(http(address, "HEAD", path, &[]).await.status, 200);
    let nowhere = http(address, "GET", "/api/v1/branches/9/status", &[]).await;
    assert_eq!((nowhere.status, nowhere.header("cache-control")), (404, Some("no-store")));
    let written = http(address, "POST", "/api/v1/branches/1/day/close", &["Origin: https://ayuntamiento.example"]).await;
    assert_eq!(written.status, 403);
}

#[tokio::test]
async fn a_day_is_closed_and_opened_by_hand() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    assert_eq!(rest(address, "POST", "/branches/1/day/close", Value::Null).await, (204, Value::Null));
    let (status, refused) = rest(address, "POST", "/branches/1/tickets", json!({})).await;
    // The office, which is always open, opens again with its next business day.
    assert_eq!((status, &refused["code"], &refused["abre"]), (409, &json!("closed"), &json!(1_795_305_600_000_i64)));
    assert_eq!(rest(address, "POST", "/branches/1/day/reopen", json!({})).await.0, 204);
    assert_eq!(rest(address, "POST", "/branches/1/tickets", json!({})).await.0, 201);
}

#[tokio::test]
async fn what_was_done_is_told_newest_first() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for name in ["Ana", "=1+1", "Eva"] {
        assert_eq!(rest(address, "POST", "/users", json!({"nombre": name, "rol": "agente"})).await.0, 201);
    }
    let (status, first) = rest(address, "GET", "/audit?limite=2&accion=user_*", Value::Null).await;
    assert_eq!((status, first["entradas"].as_array().map(Vec::len)), (200, Some(2)), "{first}");
    assert_eq!((&first["entradas"][0]["accion"], &first["entradas"][0]["quien"]["tipo"]), (&json!("user_created"), &json!("servidor")));
    let next = format!("/audit?accion=user_created&despues={}", first["siguiente"].as_str().expect("there is more"));
    let (_, rest_of_it) = rest(address, "GET", &next, Value::Null).await;
    assert_eq!((rest_of_it["entradas"].as_array().map(Vec::len), &rest_of_it["siguiente"]), (Some(1), &Value::Null));
    let (_, none) = rest(address, "GET", "/branches/1/audit?accion=user_*", Value::Null).await;
    assert_eq!(none["entradas"], json!([]), "users are of no branch");
    let sheet = http(address, "GET", "/api/v1/audit?accion=user_*", &["Accept: text/csv"]).await;
    assert_eq!((sheet.status, sheet.body.lines().count()), (200, 4), "{}", sheet.body);
    for query in ["accion=x", "quien=x", "despues=x", "desde=2026-02-31"] {
        assert_eq!(code(rest(address, "GET", &format!("/audit?{query}"), Value::Null).await, 422), "bad_request", "{query}");
    }
}
