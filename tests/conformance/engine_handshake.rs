//! Engine.IO: how a session is opened, and what is refused.

use std::collections::HashSet;
use std::time::Duration;

use siguiente::protocol::engine::Transports;

use crate::http::Http;
use crate::server::Server;
use crate::websocket::WebSocket;

const POLLING: &str = "/engine.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/engine.io/?EIO=4&transport=websocket";

/// The sid of an open packet that is to the byte what it has to be.
fn sid_of(packet: &str, upgrades: &str) -> String {
    let rest = packet.strip_prefix(r#"0{"sid":""#).expect("the sid comes first");
    let (sid, rest) = rest.split_once('"').expect("the sid ends");
    assert_eq!(rest, format!(r#","upgrades":{upgrades},"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#));
    sid.to_owned()
}

#[tokio::test]
async fn polling_opens_with_exactly_five_keys() {
    let server = Server::spawn();
    let answer = Http::connect(server.address).await.get(POLLING).await;
    assert_eq!(answer.status, 200);
    assert!(sid_of(answer.text(), r#"["websocket"]"#).len() >= 16, "96 random bits");
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain; charset=UTF-8"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string()));
}

#[tokio::test]
async fn a_websocket_opens_with_the_same_and_no_upgrades() {
    let server = Server::spawn();
    let mut socket = WebSocket::connect(server.address, WEBSOCKET).await;
    assert!(sid_of(&socket.text().await, "[]").len() >= 16, "96 random bits");
}

#[tokio::test]
async fn ids_are_never_alike_and_none_is_derived_from_another() {
    let server = Server::spawn();
    let mut ids = HashSet::new();
    let mut http = Http::connect(server.address).await;
    for _ in 0..50 {
        let sid = sid_of(http.get(&POLLING.replace("engine", "socket")).await.text(), r#"["websocket"]"#);
        let session = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        assert_eq!(http.post(&session, "40").await.text(), "ok");
        let answer = http.get(&session).await;
        let public =
            answer.packets()[0].strip_prefix(r#"40{"sid":""#).and_then(|rest| rest.strip_suffix(r#""}"#)).expect("a socket id").to_owned();
        assert!(!public.contains(&sid) && !sid.contains(&public) && public.len() >= 16);
        assert!(ids.insert(sid) && ids.insert(public), "an id came twice");
    }
}

#[tokio::test]
async fn what_a_handshake_lacks_is_named() {
    let server = Server::with(|options| options.engine.ping_interval = Duration::from_secs(25));
    let mut http = Http::connect(server.address).await;
    for (target, code, message) in [
        ("/engine.io/", 0, "Transport unknown"),
        ("/engine.io/?EIO=4", 0, "Transport unknown"),
        ("/engine.io/?EIO=4&transport=abc", 0, "Transport unknown"),
        ("/engine.io/?EIO=4&transport=__proto__", 0, "Transport unknown"),
        ("/engine.io/?EIO=4&transport=", 0, "Transport unknown"),
        ("/engine.io/?EIO=4&transport=websocket", 3, "Bad request"),
        ("/engine.io/?transport=polling", 5, "Unsupported protocol version"),
        ("/engine.io/?EIO=3&transport=polling", 5, "Unsupported protocol version"),
        ("/engine.io/?EIO=abc&transport=polling", 5, "Unsupported protocol version"),
        ("/engine.io/?EIO=4&transport=polling&sid=abc", 1, "Session ID unknown"),
        ("/engine.io/?EIO=4&transport=polling&sid=abcdefghijklmnopqrst", 1, "Session ID unknown"),
        ("/engine.io/?EIO=4&transport=polling&sid=%00", 1, "Session ID unknown"),
        ("/engine.io/?EIO=4&transport=polling&sid=__proto__", 1, "Session ID unknown"),
    ] {
        http.get(target).await.assert_refused(code, message);
    }
    http.post("/engine.io/?EIO=4&transport=polling&sid=abc", "4x").await.assert_refused(1, "Session ID unknown");
    assert_eq!(http.get(POLLING).await.status, 200, "the connection went on");
}

#[tokio::test]
async fn only_get_opens() {
    let server = Server::spawn();
    let mut http = Http::connect(server.address).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        http.request(method, POLLING, &[], b"").await;
        http.response().await.assert_refused(2, "Bad handshake method");
    }
}

#[tokio::test]
async fn a_wrong_websocket_is_refused_and_not_left_hanging() {
    let server = Server::spawn();
    for target in [
        "/engine.io/?transport=websocket",
        "/engine.io/?EIO=abc&transport=websocket",
        "/engine.io/?EIO=4",
        "/engine.io/?EIO=4&transport=abc",
        "/engine.io/?EIO=4&transport=websocket&sid=abc",
        "/engine.io/?EIO=4&transport=polling",
    ] {
        let refused = WebSocket::try_connect(server.address, target).await;
        assert_eq!(refused.err(), Some(400), "{target}");
    }
}

#[tokio::test]
async fn a_transport_that_is_off_is_unknown_and_not_offered() {
    let server = Server::with(|options| {
        options.transports = Transports { websocket: false, ..Transports::ALL };
        options.engine.allow_upgrades = false;
    });
    let answer = Http::connect(server.address).await.get(POLLING).await;
    sid_of(answer.text(), "[]");
    assert_eq!(WebSocket::try_connect(server.address, WEBSOCKET).await.err(), Some(400));
    let server = Server::with(|options| options.transports = Transports { polling: false, ..Transports::ALL });
    Http::connect(server.address).await.get(POLLING).await.assert_refused(0, "Transport unknown");
    WebSocket::open(server.address, "/engine.io/").await;
}
