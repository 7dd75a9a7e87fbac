//! What a page of somebody else's tries with the cookies of who signed in.

use serde_json::{Value, json};

use super::{browse, guarded};
use crate::harness::{TestOffice, http, raw_http, rest_answer};

async fn tried(office: &TestOffice, cookie: &str, headers: &[&str]) -> u16 {
    let cookie = format!("Cookie: {cookie}");
    rest_answer(office.address(), "PUT", "/ticker", &[&[cookie.as_str()], headers].concat(), json!({"mensaje": "x"})).await.status
}

#[tokio::test]
async fn a_cookie_counts_only_from_a_page_of_this_server() {
    let (office, _) = guarded().await;
    let (_, cookie) = browse(&office, "").await;
    let own = format!("Origin: http://{}", office.address());
    for (headers, status) in [
        (&["Sec-Fetch-Site: same-origin"][..], 200),
        (&[own.as_str()], 200),
        (&[], 403),
        (&["Sec-Fetch-Site: cross-site"], 403),
        (&["Sec-Fetch-Site: same-site"], 403),
        (&["Origin: http://evil.example"], 403),
        (&["Origin: null"], 403),
        (&["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"], 403),
    ] {
        assert_eq!(tried(&office, &cookie, headers).await, status, "{headers:?}");
    }
    let read = rest_answer(office.address(), "GET", "/ticker", &[&format!("Cookie: {cookie}")], Value::Null).await;
    assert_eq!(read.status, 200, "reading changes nothing");
    let form = "mensaje=x";
    let length = format!("Content-Length: {}", form.len());
    let type_of = "Content-Type: application/x-www-form-urlencoded";
    let headers = [type_of, &length, &format!("Cookie: {cookie}"), "Sec-Fetch-Site: same-origin"];
    let sent = crate::harness::http_with_body(office.address(), "PUT", "/api/v1/ticker", &headers, form.as_bytes()).await;
    assert_eq!(sent.status, 415, "a form is no JSON");
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_socket() {
    let (office, _) = guarded().await;
    let (_, cookie) = browse(&office, "").await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let upgrade = |origin: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            office.address()
        )
    };
    let answer = raw_http(office.address(), upgrade("http://evil.example").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let polling = http(office.address(), "GET", "/socket.io/?EIO=4&transport=polling", &["Origin: http://evil.example"]).await;
    assert_eq!(polling.status, 403);
}

#[tokio::test]
async fn another_name_for_this_server_is_not_answered() {
    let (office, _) = guarded().await;
    for (path, host, status) in [
        ("/api/v1/session", "evil.example", "421"),
        ("/", "evil.example:8080", "421"),
        ("/socket.io/?EIO=4&transport=polling", "evil.example", "421"),
        ("/health", "evil.example", "200"),
        ("/api/v1/session", "localhost", "200"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = raw_http(office.address(), request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {host}: {answer}");
    }
}
