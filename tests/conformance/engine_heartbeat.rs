//! Engine.IO: the server pings, the client answers or is gone.

use std::time::Duration;

use crate::http::Polling;
use crate::peer::{Heard, Peer, Via};
use crate::server::Server;
use crate::websocket::WebSocket;
use crate::{on_each_transport, within};

/// Pings come soon, and their answers have all the time in the world.
fn patient() -> Server {
    Server::with(|options| options.engine.ping_interval = Duration::from_millis(50))
}

/// Pings come soon, and silence is fatal.
fn strict() -> Server {
    Server::with(|options| {
        options.engine.ping_interval = Duration::from_millis(100);
        options.engine.ping_timeout = Duration::from_millis(100);
    })
}

#[tokio::test]
async fn a_websocket_is_pinged_again_and_again() {
    let server = patient();
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    for _ in 0..5 {
        assert_eq!(socket.text().await, "2");
        socket.send("3").await;
    }
}

#[tokio::test]
async fn a_polling_client_is_pinged_again_and_again() {
    let server = patient();
    let mut session = Polling::open(server.address, "/engine.io/").await;
    for _ in 0..5 {
        assert_eq!(session.get().await.text(), "2");
        session.send("3").await;
    }
}

#[tokio::test]
async fn no_second_ping_comes_before_the_pong() {
    let server = patient();
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    assert_eq!(socket.text().await, "2");
    // Longer than several intervals: what comes next is the echo, not a ping.
    tokio::time::timeout(Duration::from_millis(300), socket.next()).await.expect_err("nothing is due");
    socket.send("4x").await;
    assert_eq!(socket.text().await, "4x");
}

#[tokio::test]
async fn the_first_ping_comes_after_an_interval_and_not_at_once() {
    let server = Server::with(|options| options.engine.ping_interval = Duration::from_secs(1));
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    tokio::time::timeout(Duration::from_millis(500), socket.next()).await.expect_err("no ping at once");
    assert_eq!(socket.text().await, "2");
}

#[tokio::test]
async fn a_websocket_that_does_not_answer_is_gone() {
    let server = strict();
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    assert_eq!(socket.text().await, "2");
    assert_eq!(socket.closed().await, Some(1000));
}

async fn a_client_that_answers_stays(via: Via) {
    let server = patient();
    let mut peer = Peer::enter(via, server.address).await;
    let lived = tokio::time::timeout(Duration::from_millis(400), peer.next()).await;
    assert!(lived.is_err(), "{lived:?}");
    if via != Via::Polling {
        // A GET was given up just now: that is the end of a polling session.
        peer.assert_alive().await;
    }
}

on_each_transport!(a_client_that_answers_stays);

#[tokio::test]
async fn a_silent_polling_client_is_gone_when_its_time_is_up() {
    let server = strict();
    let mut waiting = Polling::open(server.address, "/engine.io/").await;
    assert_eq!(waiting.get().await.text(), "2");
    let answer = waiting.get().await;
    assert!(answer.status == 400 || answer.text() == "1", "{answer:?}");
    waiting.get().await.assert_refused(1, "Session ID unknown");

    let mut absent = Polling::open(server.address, "/engine.io/").await;
    within("the session to be forgotten", async {
        // Posts that are no pong do not keep it alive; a GET would.
        while absent.post("6").await.status == 200 {}
    })
    .await;
    absent.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn a_client_that_pings_breaks_the_protocol() {
    let server = Server::spawn();
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    socket.send("2").await;
    socket.closed().await;
    let mut session = Polling::open(server.address, "/engine.io/").await;
    session.post("2").await.assert_refused(3, "Bad request");
    session.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn a_pong_counts_even_when_the_ping_was_read_together_with_messages() {
    let server = patient();
    let mut peer = Peer::enter(Via::Polling, server.address).await;
    for i in 0..50 {
        peer.send(&format!(r#"2["message",{i}]"#)).await;
        assert_eq!(peer.next().await, Heard::Text(format!(r#"2["message-back",{i}]"#)));
    }
}
