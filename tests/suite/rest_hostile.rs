//! REST under bad hands: text that would be SQL or markup elsewhere comes back as it was, whatever is of another type, size or depth is refused,
//! and nothing of it changes anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{TestOffice, http_with_body, rest, rest_answer};
use crate::refusals::{INTERNAL, wrong_values};

/// What breaks programs that interpret text.
const TEXTS: &[&str] = &[
    "Robert'); DROP TABLE ticket;--",
    "\" OR \"\"=\"",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} ${jndi:ldap://x} %s%n",
    "../../etc/passwd",
    "=HYPERLINK(\"http://x\")",
    "مريم 👩‍👩‍👧 \u{202e}anA",
];

#[tokio::test]
async fn text_is_text_in_every_field() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for text in TEXTS {
        let (status, user) = rest(address, "POST", "/users", json!({"nombre": text, "rol": "agente"})).await;
        assert_eq!((status, &user["nombre"]), (201, &json!(text)));
        let notes = format!("/users/{}/notes", user["id"].as_str().unwrap());
        let (status, note) = rest(address, "POST", &notes, json!({"from": text, "asunto": text, "mensaje": text})).await;
        assert_eq!((status, &note["from"], &note["asunto"], &note["mensaje"]), (201, &json!(text), &json!(text), &json!(text)));
        assert_eq!(rest(address, "PUT", "/ticker", json!({"mensaje": text})).await.1["mensaje"], json!(text));
        assert_eq!(rest(address, "POST", "/messages", json!({"mensaje": text, "de": text, "sala": text})).await.0, 200);
        let (status, taken) = rest(address, "POST", "/branches/1/tickets", json!({"nombre": text, "clave": text})).await;
        assert_eq!(status, 201, "{taken}");
        let code = taken["ticket"]["codigo"].as_str().unwrap();
        let (_, noted) = rest(address, "PUT", &format!("/branches/1/tickets/{code}/note"), json!({"nota": text})).await;
        assert_eq!((&noted["ticket"]["nombre"], &noted["ticket"]["nota"]), (&json!(text), &json!(text)));
        rest(address, "POST", "/branches/1/desks/1/call", json!({"ticket": code})).await;
        let (_, finished) = rest(address, "POST", "/branches/1/desks/1/finish", json!({"resultado": text, "nota": text})).await;
        assert_eq!((&finished["ticket"]["resultado"], &finished["ticket"]["nota"]), (&json!(text), &json!(text)), "{finished}");
        let (status, paused) = rest(address, "POST", "/branches/1/desks/1/pause", json!({"motivo": text})).await;
        assert_eq!((status, &paused["puesto"]["motivo"]), (200, &json!(text)), "{paused}");
        rest(address, "POST", "/branches/1/desks/1/close", json!({})).await;
        for (path, body) in [
            ("/branches/1/tickets", json!({"servicio": text})),
            ("/branches/1/tickets", json!({"prioridad": text})),
            ("/branches/1/desks/1/call", json!({"ticket": text})),
            ("/branches/1/desks/1/transfer", json!({"servicio": text})),
        ] {
            let (status, refused) = rest(address, "POST", path, body.clone()).await;
            assert!(matches!(status, 404 | 409 | 422), "{body}: {refused}");
        }
        let (_, mut desk) = rest(address, "GET", "/branches/1/desks/1", Value::Null).await;
        desk["name"] = json!({"es": text, "en": text});
        assert_eq!(rest(address, "PUT", "/branches/1/desks/1", desk.clone()).await, (200, desk));
    }
    let sheet = rest_answer(address, "GET", "/branches/1/figures?por=servicio", &["Accept: text/csv"], Value::Null).await;
    assert_eq!(sheet.status, 200);
    let office = office.restart().await;
    let (_, users) = rest(office.address(), "GET", "/users", Value::Null).await;
    let names: BTreeSet<_> = users["usuarios"].as_array().unwrap().iter().map(|user| user["nombre"].as_str().unwrap()).collect();
    assert_eq!(names, TEXTS.iter().copied().collect());
}

#[tokio::test]
async fn what_is_in_an_address_is_a_name_and_no_path() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for place in
        ["%27%20OR%201=1", "..%2f..%2fetc%2fpasswd", "%00", "%3Cscript%3E", "1%3B", "999999999999", "-1", "1.0", "%E2%80%AE1", "%ff"]
    {
        for path in ["tickets", "queue", "figures", "hours", "status", "desks"] {
            let path = format!("/branches/{place}/{path}");
            assert_eq!(rest(address, "GET", &path, Value::Null).await.0, 404, "{path}");
        }
        for path in [format!("tickets/{place}"), format!("services/{place}"), format!("tickets/{place}/certificate")] {
            let path = format!("/branches/1/{path}");
            assert_eq!(rest(address, "GET", &path, Value::Null).await.0, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_body_of_another_shape_changes_nothing() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let before = rest(address, "GET", "/branches/1/queue", Value::Null).await.1["cola"]["rev"].clone();
    for wrong in
        [json!([]), json!("x"), json!(7), json!({"servicio": []}), json!({"servicio": {}}), json!({"clave": 7}), json!({"prioridad": -1})]
    {
        let (status, answer) = rest(address, "POST", "/branches/1/tickets", wrong.clone()).await;
        assert_eq!((status, &answer["code"]), (422, &json!("bad_request")), "{wrong}");
    }
    for (path, wrong) in [
        ("/branches/1/tickets", json!({"__proto__": {}})),
        ("/branches/1/tickets", json!({"servico": "A"})),
        ("/branches/1/desks/1/call-next", json!({"ticket": "A-001"})),
        ("/branches/1/desks/1/call", json!({})),
        ("/branches/1/desks/1/open", json!({"tomar": "si"})),
        ("/branches/1/desks/1/open", json!({"sesion": "x"})),
        ("/branches/1/desks/1/open", json!({"escritorio": 2})),
        ("/branches/1/tickets/A-001/cancel", json!({"token": "x"})),
        ("/branches/1/services", json!({"slug": "Ñ", "prefix": "Z", "name": {"es": "x", "en": "x"}})),
    ] {
        let (status, answer) = rest(address, "POST", path, wrong.clone()).await;
        assert!(matches!(status, 404 | 422), "{path} {wrong}: {answer}");
    }
    let deep = format!(r#"{{"nombre":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let huge = format!(r#"{{"nombre":"{}"}}"#, "x".repeat(70_000));
    let settings = format!(r#"{{"name":"{}"}}"#, "x".repeat(1 << 20));
    for (method, path, body, status) in [
        ("POST", "/branches/1/tickets", deep.as_str(), 400),
        ("POST", "/branches/1/tickets", &huge, 413),
        ("PUT", "/branches/1", &settings, 413),
        ("PUT", "/branches/1", &huge, 422),
        ("POST", "/branches/1/tickets", "{\"nombre\":\"\\ud800\"}", 400),
        ("POST", "/branches/1/tickets", "{\"nombre\":NaN}", 400),
    ] {
        let length = format!("Content-Length: {}", body.len());
        let headers = ["Content-Type: application/json", length.as_str()];
        let answer = http_with_body(address, method, &format!("/api/v1{path}"), &headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{method} {path} {body:.40}: {}", answer.body);
    }
    let after = rest(address, "GET", "/branches/1/queue", Value::Null).await.1["cola"]["rev"].clone();
    assert_eq!(before, after);
}

#[tokio::test]
async fn wrong_methods_are_told_which_are_right_on_every_path() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let (_, description) = rest(address, "GET", "/openapi.json", Value::Null).await;
    for (path, operations) in description["paths"].as_object().expect("paths") {
        let filled = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            if operations.get(method.to_lowercase()).is_some() {
                continue;
            }
            let answer = rest_answer(address, method, &filled, &[], Value::Null).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allow = answer.header("allow").unwrap_or_default().to_owned();
            for name in operations.as_object().unwrap().keys() {
                assert!(allow.contains(&name.to_uppercase()), "{path}: {allow} without {name}");
            }
        }
    }
}

/// The keys that a body may have, by its schema.
fn keys(schema: &Value, description: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return keys(description.pointer(reference.trim_start_matches('#')).expect("a schema"), description);
    }
    schema["properties"].as_object().map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_body_of_another_shape_is_told_in_the_clients_language_by_its_key() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let (_, description) = rest(address, "GET", "/openapi.json", Value::Null).await;
    let mut told = 0;
    for (path, operations) in description["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let place = path.replace("{branch}", "1").replace("{desk}", "1").replace("{ticket}", "A-001").replace("{service}", "1");
            let bodies = keys(schema, &description).into_iter().flat_map(|key| {
                let body = move |value: Value| (key.clone(), json!({key.clone(): value}));
                wrong_values().into_iter().map(body)
            });
            for (key, body) in bodies.chain([(String::new(), json!({})), ("colour".to_owned(), json!({"colour": 1}))]) {
                for (lang, foreign) in
                    [("es", &["missing", " is ", " there ", " or "][..]), ("en", &["falta", "se espera", "existe", "espera un"])]
                {
                    let answer =
                        rest_answer(address, &method.to_uppercase(), &place, &[&format!("Accept-Language: {lang}")], body.clone()).await;
                    let answer: Value = serde_json::from_str(&answer.body).unwrap_or_default();
                    let Some(detail) = answer["detail"].as_str().filter(|_| answer["code"] == "bad_request") else { continue };
                    told += 1;
                    assert!(detail.len() < 900, "{method} {place} {key}: {detail}");
                    for word in INTERNAL.iter().chain(foreign) {
                        assert!(!detail.contains(word), "{method} {place} {body:.80}: {detail} shows {word:?}");
                    }
                }
            }
        }
    }
    assert!(told > 500, "{told} refusals were looked at");
}
