//! Engine.IO: how a session ends.

use crate::http::Polling;
use crate::on_each_transport;
use crate::peer::{Peer, Via};
use crate::server::Server;
use crate::websocket::WebSocket;

async fn a_close_packet_ends_the_session(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    peer.send_packet("1").await;
    peer.closed().await;
}

on_each_transport!(a_close_packet_ends_the_session);

#[tokio::test]
async fn a_close_packet_answers_the_waiting_get_with_a_noop() {
    let server = Server::spawn();
    for _ in 0..20 {
        let mut session = Polling::open(server.address, "/engine.io/").await;
        // Whether the GET waits already or comes a little late, it is answered the same.
        session.start_get().await;
        session.send("1").await;
        assert_eq!(session.down.response().await.text(), "6");
        session.get().await.assert_refused(1, "Session ID unknown");
        session.post("4x").await.assert_refused(1, "Session ID unknown");
    }
}

#[tokio::test]
async fn what_comes_after_a_close_packet_is_not_read() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/engine.io/").await;
    session.send("1\x1e4x\x1eabc").await;
    assert_eq!(session.get().await.text(), "6");
    let mut socket = WebSocket::open(server.address, "/engine.io/").await;
    socket.send("1").await;
    // The server may have hung up before this is written.
    drop(socket.try_send(tokio_tungstenite::tungstenite::Message::text("4x")).await);
    socket.closed().await;
}

#[tokio::test]
async fn the_end_of_a_websocket_is_told_by_its_status() {
    let server = Server::with(|options| options.engine.max_payload = 100);
    for (packet, status) in [("1", 1000), ("abc", 1002), (&*format!("4{}", "a".repeat(100)), 1009)] {
        let mut socket = WebSocket::open(server.address, "/engine.io/").await;
        socket.send(packet).await;
        assert_eq!(socket.closed().await, Some(status), "{packet}");
    }
}
