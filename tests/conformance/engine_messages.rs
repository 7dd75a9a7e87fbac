//! Engine.IO: messages, the same on each transport.

use crate::on_each_transport;
use crate::peer::{Heard, Peer, Via};
use crate::server::Server;

async fn text_comes_back_as_text(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    for text in ["hello", "", "6", "utf8 — ñ ü € 😀 \u{0}", "b", "\"\\\n", "  "] {
        peer.send(text).await;
        assert_eq!(peer.next().await, Heard::Text(text.to_owned()));
    }
}

async fn binary_comes_back_as_binary(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    for bytes in [vec![1, 2, 3, 4], vec![], vec![0], vec![0x1e; 3], (0..=255).collect()] {
        peer.send_binary(&bytes).await;
        assert_eq!(peer.next().await, Heard::Binary(bytes));
    }
}

async fn messages_keep_their_order_whatever_they_are(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    for i in 0..100_u8 {
        peer.send(&format!("{i}")).await;
        peer.send_binary(&[i]).await;
    }
    for i in 0..100_u8 {
        assert_eq!(peer.next().await, Heard::Text(format!("{i}")));
        assert_eq!(peer.next().await, Heard::Binary(vec![i]));
    }
}

async fn a_packet_of_no_known_type_ends_the_session(via: Via) {
    let server = Server::spawn();
    for packet in ["abc", "7", "é", "-4"] {
        let mut peer = Peer::open(via, server.address, "/engine.io/").await;
        peer.send_packet(packet).await;
        peer.closed().await;
    }
}

/// Noop, upgrade, open and a pong that nobody asked for change nothing.
async fn packets_without_a_meaning_change_nothing(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    for packet in ["6", "3", "5", "0{}"] {
        peer.send_packet(packet).await;
    }
    peer.send("still here").await;
    assert_eq!(peer.text().await, "still here");
}

async fn as_much_as_the_limit_goes_through(via: Via) {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let mut peer = Peer::open(via, server.address, "/engine.io/").await;
    let text = "a".repeat(999);
    peer.send(&text).await;
    assert_eq!(peer.text().await, text);
}

on_each_transport!(
    text_comes_back_as_text,
    binary_comes_back_as_binary,
    messages_keep_their_order_whatever_they_are,
    a_packet_of_no_known_type_ends_the_session,
    packets_without_a_meaning_change_nothing,
    as_much_as_the_limit_goes_through,
);
