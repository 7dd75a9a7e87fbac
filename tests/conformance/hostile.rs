//! Whoever means harm, or is broken: each is stopped, and nobody else notices.

use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::http::{Http, Polling};
use crate::on_each_transport;
use crate::peer::{Peer, Via};
use crate::server::Server;
use crate::websocket::WebSocket;

#[tokio::test]
async fn a_body_that_is_announced_too_long_is_not_read() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n", session.target);
    session.up.send(head).await;
    let answer = session.up.response().await;
    assert_eq!((answer.status, answer.text()), (413, ""));
    assert!(session.up.is_closed().await);
}

#[tokio::test]
async fn a_body_that_grows_too_long_is_cut_off() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", session.target);
    session.up.send(head).await;
    for _ in 0..11 {
        session.up.send(format!("64\r\n{}\r\n", "4".repeat(100))).await;
    }
    assert_eq!(session.up.response().await.status, 413);
}

#[tokio::test]
async fn the_limit_itself_is_legal() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let body = format!("4{}", "a".repeat(999));
    session.send(&body).await;
    assert_eq!(session.get().await.text(), body);
}

#[tokio::test]
async fn a_post_that_never_ends_is_given_up() {
    let server = Server::with(|options| {
        options.engine.ping_interval = Duration::from_millis(100);
        options.engine.ping_timeout = Duration::from_millis(100);
    });
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n4begun", session.target);
    session.up.send(head).await;
    assert_eq!(session.up.response().await.status, 400);
    session.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn a_post_that_breaks_off_harms_nobody() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n4begun", session.target);
    session.up.send(head).await;
    session.up = Http::connect(server.address).await;
    WebSocket::open(server.address, "/engine.io/").await;
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_with_its_status() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    for message in [Message::text(format!("4{}", "a".repeat(1000))), Message::binary(vec![0; 1001])] {
        let mut socket = WebSocket::open(server.address, "/engine.io/").await;
        socket.try_send(message).await.expect("the connection is open");
        assert_eq!(socket.closed().await, Some(1009));
    }
}

#[tokio::test]
async fn a_message_in_parts_has_the_same_limit() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let part = |code, last, size| Message::Frame(RawFrame::message(vec![b'4'; size], OpCode::Data(code), last));
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    for (code, last) in [(Data::Text, false), (Data::Continue, true)] {
        socket.try_send(part(code, last, 500)).await.expect("the connection is open");
    }
    assert_eq!(socket.text().await, "4".repeat(1000));
    for (code, last) in [(Data::Text, false), (Data::Continue, false), (Data::Continue, true)] {
        socket.try_send(part(code, last, 400)).await.expect("the connection is open");
    }
    assert_eq!(socket.closed().await, Some(1009));
}

#[tokio::test]
async fn frames_that_break_the_rules_of_websocket_close() {
    let server = Server::spawn();
    let text = |bytes: &[u8], code, last| Message::Frame(RawFrame::message(bytes.to_vec(), OpCode::Data(code), last));
    for frames in [
        vec![text(b"4\xff\xfe", Data::Text, true)],
        vec![text(b"4x", Data::Continue, true)],
        vec![text(b"4x", Data::Text, false), text(b"4y", Data::Text, true)],
        vec![text(b"4\xc3", Data::Text, false), text(b"(", Data::Continue, true)],
    ] {
        let mut socket = WebSocket::open(server.address, "/engine.io/").await;
        for frame in frames {
            socket.try_send(frame).await.expect("the connection is open");
        }
        socket.closed().await;
    }
}

#[tokio::test]
async fn a_ping_of_websocket_is_answered_and_is_no_packet() {
    let server = Server::spawn();
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    socket.try_send(Message::Ping(vec![1, 2, 3].into())).await.expect("the connection is open");
    socket.send("4x").await;
    assert_eq!(socket.text().await, "4x");
}

#[tokio::test]
async fn nonsense_in_place_of_http_harms_nobody() {
    let server = Server::spawn();
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET /engine.io/?EIO=4&transport=polling HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"POST\r\n\r\n",
        &[0; 64],
    ] {
        let mut http = Http::connect(server.address).await;
        drop(http.try_send(bytes).await);
    }
    WebSocket::open(server.address, "/engine.io/").await;
}

#[tokio::test]
async fn a_websocket_handshake_that_is_none_is_refused() {
    let server = Server::spawn();
    for headers in [
        &[("Upgrade", "websocket")][..],
        &[("Upgrade", "h2c"), ("Connection", "Upgrade")],
        &[("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")],
        &[
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "1"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    ] {
        let mut http = Http::connect(server.address).await;
        http.request("GET", "/engine.io/?EIO=4&transport=websocket", headers, b"").await;
        assert_eq!(http.response().await.status, 400, "{headers:?}");
    }
}

async fn too_many_namespaces_close(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/socket.io/").await;
    for i in 0..200 {
        peer.send(&format!("0/n{i}")).await;
    }
    loop {
        match peer.next().await {
            crate::peer::Heard::Text(text) => assert!(text.ends_with(r#"{"message":"Invalid namespace"}"#)),
            crate::peer::Heard::Closed => break,
            other => panic!("{other:?}"),
        }
    }
}

on_each_transport!(too_many_namespaces_close);
