//! Paired screens, and screens of a branch that leaves them open on its own network.

use serde_json::{Value, json};
use siguiente::access::Rate;
use siguiente::access::Screens;

use super::{ask, client, code, guarded, user};
use crate::harness::badge::{ACCOUNT, PASSWORD, sign_in};
use crate::harness::{TestOffice, raw_http, rest, rest_answer};

/// Pairs a screen of branch 1: its id and its token.
pub async fn paired(office: &TestOffice, admin: &str, kind: &str) -> (String, String) {
    let (status, asked) = rest(office.address(), "POST", "/pairing", json!({"tipo": kind, "sucursal": 1})).await;
    assert_eq!(status, 201, "{asked}");
    let secret = asked["secreto"].as_str().unwrap().to_owned();
    let claim = || rest_answer(office.address(), "POST", "/pairing/claim", &[], json!({"secreto": secret}));
    assert_eq!(claim().await.status, 202);
    let body = json!({"codigo": asked["codigo"], "nombre": "Entrada"});
    let (status, device) = ask(office, admin, "POST", "/devices", body).await;
    assert_eq!(status, 201, "{device}");
    let claimed = claim().await;
    assert_eq!(claimed.status, 201, "{}", claimed.body);
    let set = claimed.header("set-cookie").unwrap();
    assert!(set.starts_with(&format!("siguiente-device={secret};")) && set.contains("Max-Age=34560000"), "{set}");
    (device["id"].as_str().unwrap().to_owned(), secret)
}

#[tokio::test]
async fn a_screen_does_what_it_is_for_until_it_is_revoked() {
    let (office, admin) = guarded().await;
    let (kiosk_id, kiosk) = paired(&office, &admin, "kiosco").await;
    let (_, display) = paired(&office, &admin, "pantalla").await;
    for (token, branch, event, expected) in [
        (&kiosk, 1, "siguiente-ticket", ""),
        (&kiosk, 1, "entrar-pantalla", ""),
        (&kiosk, 1, "entrar-puesto", "forbidden"),
        (&kiosk, 2, "siguiente-ticket", "forbidden"),
        (&display, 1, "entrar-pantalla", ""),
        (&display, 1, "siguiente-ticket", "forbidden"),
        (&display, 2, "entrar-pantalla", "forbidden"),
    ] {
        let mut screen = client(&office, Some(token), branch).await;
        assert_eq!(code(&screen.emit_with_ack(event, json!({"escritorio": 1})).await), expected, "{branch} {event}");
    }
    let mut screen = client(&office, Some(&kiosk), 1).await;
    let (_, list) = ask(&office, &admin, "GET", "/devices?sucursal=1", Value::Null).await;
    let here = list["dispositivos"].as_array().unwrap().iter().find(|device| device["id"] == kiosk_id.as_str());
    assert_eq!(here.expect("the kiosk")["conectado"], true, "{list}");
    let path = format!("/devices/{kiosk_id}");
    assert_eq!(ask(&office, &admin, "PUT", &path, json!({"nombre": "Vestíbulo"})).await.1["nombre"], "Vestíbulo");
    assert_eq!(ask(&office, &admin, "DELETE", &path, Value::Null).await.0, 204);
    screen.expect_packet("41").await;
    assert_eq!(ask(&office, &kiosk, "GET", "/session", Value::Null).await.0, 401);
    let office = office.restart().await;
    assert_eq!(ask(&office, &display, "GET", "/session", Value::Null).await.1["quien"], "dispositivo");
}

#[tokio::test]
async fn only_who_may_types_a_code_and_only_once() {
    let (office, admin) = guarded().await;
    let (_, agent) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let (_, other) = user(&office, &admin, "bea", "admin", json!({"2": "admin"})).await;
    let (_, asked) = rest(office.address(), "POST", "/pairing", json!({"tipo": "kiosco", "sucursal": 1})).await;
    let body = json!({"codigo": asked["codigo"], "nombre": "Entrada"});
    for (token, expected) in [(&agent, 403), (&other, 403), (&admin, 201), (&admin, 404)] {
        assert_eq!(ask(&office, token, "POST", "/devices", body.clone()).await.0, expected);
    }
    let (status, refused) = rest(office.address(), "POST", "/pairing/claim", json!({"secreto": "sgd_invented"})).await;
    assert_eq!((status, code(&refused)), (404, "unknown_pairing"));
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(rest(office.address(), "POST", "/pairing", json!({"tipo": "kiosco"})).await.0);
    }
    assert!(codes.contains(&429), "{codes:?}");
}

/// A branch whose screens are open on its own network.
async fn open_office(flags: &[&str]) -> TestOffice {
    let office = TestOffice::setup().with_settings(|settings| settings.screens = Screens::OpenOnLocalNetwork).with_flags(flags);
    office.guarded_with(Rate { burst: 3, every: 1_000 }).spawn().await
}

/// The status that a display gets which nobody has paired, with these header lines.
async fn as_a_screen(office: &TestOffice, headers: &[u8]) -> String {
    let head = format!("GET /api/v1/ticker HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", office.address());
    let answer = raw_http(office.address(), &[head.as_bytes(), headers, b"\r\n"].concat()).await;
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_open_branch_lets_its_own_network_in_and_no_further() {
    let office = open_office(&[]).await;
    let mut here = client(&office, None, 1).await;
    assert_eq!(code(&here.emit_with_ack("entrar-pantalla", json!({})).await), "");
    assert_eq!(code(&here.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await), "not_signed_in");
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(code(&here.emit_with_ack("siguiente-ticket", json!({})).await).to_owned());
    }
    assert_eq!(seen, ["", "", "", "rate_limited"]);
    let admin = sign_in(office.address(), ACCOUNT, PASSWORD).await;
    assert_eq!(ask(&office, &admin, "GET", "/session", Value::Null).await.1["sucursales"][0]["pantallas"], "abiertas");
}

#[tokio::test]
async fn behind_a_proxy_only_what_it_says_is_near() {
    let office = open_office(&["--trusted-proxies=127.0.0.1"]).await;
    for (headers, status) in [
        (&b"X-Forwarded-For: 192.168.1.9\r\n"[..], "200"),
        (b"X-Forwarded-For: 198.51.100.9\r\n", "401"),
        (b"X-Forwarded-For: 192.168.1.9, 198.51.100.9\r\n", "401"),
        // What the client wrote, and the proxy's own word behind it.
        (b"X-Forwarded-For: \xff, 198.51.100.9\r\n", "401"),
        (b"X-Forwarded-For: \xff, 192.168.1.9\r\n", "200"),
        (b"X-Forwarded-For: \xff\r\n", "401"),
        (b"", "401"),
    ] {
        assert_eq!(as_a_screen(&office, headers).await, status, "{}", String::from_utf8_lossy(headers));
    }
}

#[tokio::test]
async fn who_comes_by_a_proxy_that_nobody_named_is_not_near() {
    let office = open_office(&[]).await;
    assert_eq!(as_a_screen(&office, b"").await, "200");
    for header in ["X-Forwarded-For: 192.168.1.9", "Forwarded: for=192.168.1.9", "X-Real-IP: 192.168.1.9", "Via: 1.1 proxy"] {
        assert_eq!(as_a_screen(&office, format!("{header}\r\n").as_bytes()).await, "401", "{header}");
    }
}
