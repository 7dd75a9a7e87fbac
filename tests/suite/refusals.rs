//! Every refusal that a client can meet in a working office: its code, its sentence in both languages, and that it changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use siguiente::office::ServiceId;

use crate::harness::{Client, Options, TestOffice};

/// What comes before the refusal: events that are done.
type Before = &'static [(&'static str, &'static str)];

const TAKEN: Before = &[("siguiente-ticket", r#"{"servicio":"A"}"#)];
const CALLED: Before = &[("siguiente-ticket", r#"{"servicio":"A"}"#), ("atender-ticket", r#"{"escritorio":1}"#)];
const STARTED: Before = &[
    ("siguiente-ticket", r#"{"servicio":"A"}"#),
    ("siguiente-ticket", r#"{"servicio":"A"}"#),
    ("atender-ticket", r#"{"escritorio":1}"#),
    ("iniciar", r#"{"escritorio":1}"#),
];

#[tokio::test]
async fn each_refusal_has_its_code_and_changes_nothing() {
    let long_key = format!(r#"{{"clave":"{}"}}"#, "k".repeat(129));
    let long_name = format!(r#"{{"nombre":"{}"}}"#, "ñ".repeat(201));
    let cases: &[(Before, &str, &str, &str)] = &[
        (&[], "siguiente-ticket", "7", "bad_request"),
        (&[], "siguiente-ticket", r#"{"clave":7}"#, "bad_request"),
        (&[], "siguiente-ticket", r#"{"clave":""}"#, "bad_request"),
        (&[], "siguiente-ticket", &long_key, "bad_request"),
        (&[], "siguiente-ticket", &long_name, "bad_request"),
        (&[], "siguiente-ticket", r#"{"servicio":[]}"#, "bad_request"),
        (&[], "siguiente-ticket", r#"{"servicio":"Z"}"#, "unknown_service"),
        (&[], "siguiente-ticket", r#"{"servicio":1}"#, "unknown_service"),
        (&[], "siguiente-ticket", r#"{"prioridad":"vip"}"#, "unknown_class"),
        (&[], "siguiente-ticket", r#"{"prioridad":2}"#, "unknown_class"),
        (&[], "atender-ticket", "{}", "bad_request"),
        (&[], "atender-ticket", "null", "bad_request"),
        (&[], "atender-ticket", r#"{"escritorio":-1}"#, "bad_request"),
        (&[], "atender-ticket", r#"{"escritorio":9}"#, "unknown_desk"),
        (&[], "atender-ticket", r#"{"escritorio":"Escritorio"}"#, "unknown_desk"),
        (&[], "atender-ticket", r#"{"escritorio":1}"#, "empty_queue"),
        (&[], "atender-ticket", r#"{"escritorio":1,"ticket":"A-001"}"#, "unknown_ticket"),
        (CALLED, "atender-ticket", r#"{"escritorio":1,"ticket":"A-001"}"#, "wrong_state"),
        (CALLED, "atender-ticket", r#"{"escritorio":1}"#, "empty_queue"),
        (TAKEN, "atender-ticket", r#"{"escritorio":3,"ticket":"A-001"}"#, "wrong_service"),
        (TAKEN, "atender-ticket", r#"{"escritorio":3}"#, "empty_queue"),
        (&[], "rellamar", r#"{"escritorio":1}"#, "no_active_ticket"),
        (&[], "iniciar", r#"{"escritorio":1}"#, "no_active_ticket"),
        (&[], "finalizar", r#"{"escritorio":1}"#, "no_active_ticket"),
        (&[], "ausente", r#"{"escritorio":1}"#, "no_active_ticket"),
        (&[], "devolver", r#"{"escritorio":1}"#, "no_active_ticket"),
        (CALLED, "devolver", r#"{"escritorio":1,"posicion":"arriba"}"#, "bad_request"),
        (CALLED, "rellamar", r#"{"escritorio":1}"#, "too_soon"),
        (CALLED, "ausente", r#"{"escritorio":1}"#, "too_few_calls"),
        (STARTED, "iniciar", r#"{"escritorio":1}"#, "wrong_state"),
        (STARTED, "rellamar", r#"{"escritorio":1}"#, "wrong_state"),
        (STARTED, "finalizar", r#"{"escritorio":1,"ticket":"A-002"}"#, "wrong_ticket"),
        (STARTED, "finalizar", r#"{"escritorio":1,"ticket":"A-003"}"#, "unknown_ticket"),
        (&[], "entrar-puesto", "{}", "bad_request"),
        (&[], "entrar-puesto", r#"{"escritorio":4}"#, "unknown_desk"),
        (&[], "cola", "{}", "not_joined"),
        (&[], "cola", r#"{"desde":-1}"#, "bad_request"),
        (&[], "volar", "{}", "unknown_event"),
        (&[], "", "{}", "unknown_event"),
    ];
    for (before, event, payload, code) in cases {
        let office = office().await;
        let mut client = office.client().await;
        for (event, payload) in *before {
            client.try_event(event, serde_json::from_str(payload).unwrap()).await.unwrap();
        }
        let mut display = office.display().await;
        let refusal = client.try_event(event, serde_json::from_str(payload).unwrap()).await.expect_err(payload);
        assert_eq!(refusal.code, *code, "{event} {payload}");
        assert!(refusal.msg.len() > 10, "{event} {payload}: {}", refusal.msg);
        let fresh = display.fresh().await;
        assert_eq!(fresh.shown(), display.board.shown(), "{event} {payload} changed something");
    }
}

#[tokio::test]
async fn a_busy_desk_is_told_so_where_it_does_not_finish_by_itself() {
    let office = TestOffice::setup().with_settings(|settings| settings.auto_finish = false).spawn().await;
    office.kiosk().await.take_many("A", 2).await;
    let mut desk = office.desk(1).await;
    desk.call_next().await;
    assert_eq!(desk.refused("atender-ticket", json!({})).await, "desk_busy");
    assert_eq!(desk.refused("atender-ticket", json!({"ticket": "A-002"})).await, "desk_busy");
    desk.finish().await;
    assert_eq!(desk.call_next().await.codigo, "A-002");
}

#[tokio::test]
async fn an_absent_visitor_has_been_called_often_enough() {
    let office = office().await;
    office.kiosk().await.take("A").await;
    let mut desk = office.desk(1).await;
    desk.call_next().await;
    assert_eq!(desk.refused("ausente", json!({})).await, "too_few_calls");
    office.clock().advance(Duration::from_secs(3));
    desk.recall().await;
    assert_eq!(desk.no_show().await.estado, "ausente");
    assert_eq!(desk.refused("atender-ticket", json!({"ticket": "A-001"})).await, "wrong_state");
}

#[tokio::test]
async fn a_refusal_speaks_the_language_of_the_payload_then_of_the_client_then_of_the_branch() {
    let office = office().await;
    let language = |auth: Value| Options { auth: Some(auth), ..Options::default() };
    let clients = [
        ("es", Client::connect(office.address()).await),
        ("en", Client::connect_with(office.address(), language(json!({"idioma": "en-GB"}))).await),
        ("en", Client::connect_with(office.address(), Options { query: "&idioma=en", ..Options::default() }).await),
        ("es", Client::connect_with(office.address(), language(json!({"idioma": "fr"}))).await),
        ("es", Client::connect_with(office.address(), Options { query: "&idioma=en", ..language(json!({"idioma": "es"})) }).await),
    ];
    // The last one is refused by the office itself, the others while they are read.
    let events = [
        ("siguiente-ticket", json!({"servicio": "Z"}), "Ese servicio no existe", "There is no such service"),
        ("siguiente-ticket", json!({"prioridad": "vip"}), "Esa prioridad no existe", "There is no such priority"),
        ("entrar-puesto", json!({"escritorio": 77}), "Ese escritorio no existe", "There is no such desk"),
        ("cola", json!({}), "Primero hay que entrar en una pantalla o un puesto", "Join a display or a desk first"),
        ("volar", json!({}), "Ese evento no existe", "There is no such event"),
        ("atender-ticket", json!({"escritorio": 1}), "No hay nadie esperando", "Nobody is waiting"),
    ];
    for (language, mut client) in clients {
        for (event, payload, es, en) in &events {
            let refusal = client.try_event(event, payload.clone()).await.unwrap_err();
            assert_eq!(refusal.msg, if language == "es" { *es } else { *en });
            for (asked, msg) in [("es", es), ("en", en)] {
                let mut payload = payload.clone();
                payload["idioma"] = json!(asked);
                assert_eq!(
                    client.try_event(event, payload.clone()).await.unwrap_err().msg,
                    *msg,
                    "{event} {payload} of a client in {language}"
                );
            }
        }
    }
}

/// What no refusal may show: sentences of the parser and names of types.
pub const INTERNAL: &[&str] = &[
    "untagged",
    "variant",
    "struct ",
    "tuple",
    "invalid type",
    "invalid value",
    "invalid length",
    "expected ",
    "missing field",
    "unknown field",
    "at line 1 column",
    "u32",
    "u64",
    "i64",
    "Option",
    "Vec<",
    "::",
    "Label",
    "Priority",
    "sequence",
    "integer `",
];

/// The values that a key may wrongly have.
pub fn wrong_values() -> Vec<Value> {
    let long = "x".repeat(3_000);
    vec![
        json!(null),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(true),
        json!(""),
        json!("x"),
        json!(long),
        json!([]),
        json!([[["x"]]]),
        json!({}),
        json!({"a": {"b": 1}}),
        json!({"despues": "x"}),
        json!(["x", 7]),
        json!("2026-02-30"),
        json!("99:99"),
    ]
}

#[tokio::test]
async fn a_payload_of_another_shape_is_told_in_the_clients_language_and_in_no_other() {
    let office = office().await;
    let mut client = office.client().await;
    let events = [
        "siguiente-ticket",
        "atender-ticket",
        "rellamar",
        "iniciar",
        "finalizar",
        "ausente",
        "devolver",
        "retener",
        "retomar",
        "derivar",
        "deshacer",
        "pausar-puesto",
        "abrir-puesto",
        "cerrar-puesto",
        "anotar",
        "reactivar",
        "cancelar-ticket",
        "aplazar-ticket",
        "volver",
        "registrar-llegada",
        "entrar-puesto",
        "entrar-cliente",
        "enviar-mensaje",
        "correo-leido",
        "poner-aviso",
        "cola",
        "seguir-ticket",
        "cifras",
        "certificado",
        "proximo",
        "cerrar-jornada",
        "abrir-jornada",
    ];
    let keys = [
        "servicio",
        "prioridad",
        "cita",
        "clave",
        "idioma",
        "nombre",
        "escritorio",
        "ticket",
        "posicion",
        "a",
        "resultado",
        "nota",
        "motivo",
        "sesion",
        "usuario",
        "tomar",
        "token",
        "desde",
        "hasta",
        "por",
        "codigo",
        "jornada",
        "epoch",
        "mensaje",
        "sala",
        "para",
        "id",
    ];
    let mut told = 0;
    for event in events {
        let whole = wrong_values().into_iter().filter(|value| !value.is_object() && !value.is_null());
        let parts = keys.iter().flat_map(|key| wrong_values().into_iter().map(move |value| json!({*key: value})));
        for payload in whole.chain(parts) {
            let answer = client.emit_with_ack(event, payload.clone()).await;
            let Some(msg) = answer["msg"].as_str().filter(|_| answer["code"] == "bad_request") else { continue };
            told += 1;
            assert!(msg.len() < 700, "{event} {payload}: {msg}");
            for word in INTERNAL.iter().chain(&["missing", " is ", "there", " or "]) {
                assert!(!msg.contains(word), "{event} {payload:.80}: {msg} shows {word:?}");
            }
            if let Some(payload) = payload.as_object().filter(|_| msg.contains("se espera")) {
                let named = payload.keys().any(|key| msg.contains(key)) || msg.contains("falta");
                assert!(named, "{event} {payload:?}: {msg} names no key");
            }
        }
    }
    assert!(told > 500, "{told} refusals were looked at");
}

/// Desk 3 serves B only; who is absent must have been called twice.
async fn office() -> TestOffice {
    let change = |settings: &mut siguiente::office::Settings| {
        settings.desks[2].services = vec![ServiceId(2).into()];
        settings.min_calls = 2;
    };
    TestOffice::setup().with_settings(change).spawn().await
}
