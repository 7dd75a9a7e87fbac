//! Socket.IO: how namespaces are entered and left.

use std::time::Duration;

use crate::on_each_transport;
use crate::peer::{Peer, Via};
use crate::server::Server;

const SOCKET: &str = "/socket.io/";

async fn a_namespace_is_entered_by_connect_with_and_without_payload(via: Via) {
    let server = Server::spawn();
    for (connect, prefix, auth) in [
        ("0", "", "{}"),
        ("0{}", "", "{}"),
        (r#"0{"token":"123"}"#, "", r#"{"token":"123"}"#),
        (r#"0{"z":1e400,"a":"\ud800"}"#, "", r#"{"z":1e400,"a":"\ud800"}"#),
        ("0/custom,", "/custom,", "{}"),
        ("0/custom", "/custom,", "{}"),
        (r#"0/custom,{"token":"abc"}"#, "/custom,", r#"{"token":"abc"}"#),
        ("0/custom?a=b,", "/custom,", "{}"),
        ("0/,", "", "{}"),
    ] {
        let mut peer = Peer::open(via, server.address, SOCKET).await;
        peer.send(connect).await;
        let answer = peer.text().await;
        let answer = answer.strip_prefix(&format!("0{prefix}")).expect("the answer names the namespace");
        let answer: serde_json::Map<String, serde_json::Value> = serde_json::from_str(answer).expect("an object");
        assert_eq!(answer.keys().collect::<Vec<_>>(), ["sid"], "and no other key");
        assert!(answer["sid"].as_str().is_some_and(|sid| sid.len() >= 16));
        assert_eq!(peer.text().await, format!(r#"2{prefix}["auth",{auth}]"#));
    }
}

async fn an_unknown_namespace_is_refused_and_the_connection_stays(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, SOCKET).await;
    for name in ["/random", "/__proto__", "/constructor", "/CUSTOM", "/custom/"] {
        peer.send(&format!("0{name}")).await;
        assert_eq!(peer.text().await, format!(r#"4{name},{{"message":"Invalid namespace"}}"#));
    }
    peer.send("0").await;
    assert!(peer.text().await.starts_with(r#"0{"sid":"#));
}

async fn whoever_does_not_connect_first_is_closed(via: Via) {
    let server = Server::spawn();
    for packet in [r#"2["message",1]"#, "1", "31[]", "abc", "", r#"2/custom,["x"]"#, r#"4{"message":"x"}"#] {
        let mut peer = Peer::open(via, server.address, SOCKET).await;
        peer.send(packet).await;
        peer.closed().await;
    }
}

async fn a_connect_that_is_none_closes(via: Via) {
    let server = Server::spawn();
    for packet in ["0[]", "0null", "0\"x\"", "0{", "0/custom,x", "01", "01{}"] {
        let mut peer = Peer::open(via, server.address, SOCKET).await;
        peer.send(packet).await;
        peer.closed().await;
    }
}

async fn whoever_never_connects_is_closed_in_time(via: Via) {
    let server = Server::with(|options| options.connect_timeout = Duration::from_millis(100));
    Peer::open(via, server.address, SOCKET).await.closed().await;
    let mut refused = Peer::open(via, server.address, SOCKET).await;
    refused.send("0/random").await;
    assert_eq!(refused.text().await, r#"4/random,{"message":"Invalid namespace"}"#);
    refused.closed().await;
}

async fn a_second_connect_to_a_namespace_closes(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("0").await;
    peer.closed().await;
}

async fn namespaces_share_a_connection_and_are_left_one_by_one(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("0/custom,").await;
    assert!(peer.text().await.starts_with(r#"0/custom,{"sid":"#));
    assert_eq!(peer.text().await, r#"2/custom,["auth",{}]"#);
    peer.send("1/custom,").await;
    peer.assert_alive().await;
    peer.send("0/custom").await;
    assert!(peer.text().await.starts_with(r#"0/custom,{"sid":"#));
    assert_eq!(peer.text().await, r#"2/custom,["auth",{}]"#);
    peer.send("1").await;
    peer.send("0").await;
    assert!(peer.text().await.starts_with(r#"0{"sid":"#), "and entered again");
    assert_eq!(peer.text().await, r#"2["auth",{}]"#);
    peer.assert_alive().await;
}

async fn after_disconnect_the_connection_stays_and_is_pinged(via: Via) {
    let server = Server::with(|options| {
        options.engine.ping_interval = Duration::from_millis(100);
        options.connect_timeout = Duration::from_millis(200);
    });
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("1").await;
    for _ in 0..3 {
        assert_eq!(peer.packet().await, "2");
        peer.send_packet("3").await;
    }
    peer.send("0").await;
    assert!(peer.text().await.starts_with(r#"0{"sid":"#));
}

async fn an_event_after_disconnect_closes(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("1").await;
    peer.send(r#"2["message",1]"#).await;
    peer.closed().await;
}

on_each_transport!(
    a_namespace_is_entered_by_connect_with_and_without_payload,
    an_unknown_namespace_is_refused_and_the_connection_stays,
    whoever_does_not_connect_first_is_closed,
    a_connect_that_is_none_closes,
    whoever_never_connects_is_closed_in_time,
    a_second_connect_to_a_namespace_closes,
    namespaces_share_a_connection_and_are_left_one_by_one,
    after_disconnect_the_connection_stays_and_is_pinged,
    an_event_after_disconnect_closes,
);
