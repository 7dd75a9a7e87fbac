//! Many messages: complete, in order, and no more memory for those who do not read than the limits say.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::http::{Http, Polling};
use crate::server::Server;
use crate::websocket::WebSocket;
use crate::within;

const EVENTS: usize = 50_000;

fn event(i: usize) -> String {
    format!(r#"42["message",{i}]"#)
}

fn back(i: usize) -> String {
    format!(r#"42["message-back",{i}]"#)
}

async fn fifty_thousand_come_back(socket: WebSocket) {
    let (mut sink, mut source) = socket.split();
    let sending = async {
        for i in 0..EVENTS {
            sink.feed(Message::text(event(i))).await.expect("the connection is open");
        }
        sink.flush().await.expect("the connection is open");
    };
    let hearing = async {
        let mut next = 0;
        while next < EVENTS {
            let frame = source.next().await.expect("the connection is open").expect("a frame");
            assert_eq!(frame.to_text().expect("text"), back(next));
            next += 1;
        }
    };
    within("50,000 events to come back", async { tokio::join!(sending, hearing) }).await;
}

#[tokio::test]
async fn pipelined_on_a_websocket() {
    let server = Server::spawn();
    let mut socket = WebSocket::open(server.address, "/socket.io/").await;
    socket.send("40").await;
    assert!(socket.text().await.starts_with(r#"40{"sid""#));
    assert_eq!(socket.text().await, r#"42["auth",{}]"#);
    fifty_thousand_come_back(socket).await;
}

#[tokio::test]
async fn pipelined_after_an_upgrade() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/socket.io/").await;
    session.send("40").await;
    session.get().await;
    let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    socket.send("5").await;
    // The greeting may have come by polling or come now.
    socket.send(r#"420["message-with-ack"]"#).await;
    while socket.text().await != "430[]" {}
    fifty_thousand_come_back(socket).await;
}

/// A polling client puts as much as fits into one POST: here all of it in two.
#[tokio::test]
async fn pipelined_by_polling() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/socket.io/").await;
    session.send("40").await;
    let target = session.target.clone();
    let (up, down) = (&mut session.up, &mut session.down);
    let posting = async {
        for half in [0..EVENTS / 2, EVENTS / 2..EVENTS] {
            let body = half.map(event).collect::<Vec<_>>().join("\x1e");
            assert_eq!(up.post(&target, body).await.text(), "ok");
        }
    };
    let getting = async {
        let mut next = 0;
        while next < EVENTS {
            for packet in down.get(&target).await.packets() {
                if packet.starts_with("42[\"message-back\"") {
                    assert_eq!(packet, back(next));
                    next += 1;
                }
            }
        }
    };
    within("50,000 events to come back", async { tokio::join!(posting, getting) }).await;
}

/// A simple client posts first and reads afterwards.
#[tokio::test]
async fn pipelined_by_polling_and_read_later() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let body: Vec<String> = (0..20_000).map(|i| format!("4{i}")).collect();
    session.send(body.join("\x1e")).await;
    let mut got: Vec<String> = Vec::new();
    while got.len() < body.len() {
        got.extend(session.get().await.packets().into_iter().map(str::to_owned));
    }
    assert!(got == body, "complete and in order");
}

#[tokio::test]
async fn a_websocket_that_does_not_read_is_cut() {
    let server = Server::with(|options| options.limits.bytes = 1 << 20);
    let mut socket = WebSocket::open(server.address, "/socket.io/").await;
    socket.send("40").await;
    let big = format!(r#"42["message","{}"]"#, "a".repeat(100_000));
    let mut sent = 0;
    // It takes what the buffers of both sides hold, and then no more: the server has stopped reading, or has hung up.
    let end = within("the server to stop taking what nobody reads", async {
        loop {
            match tokio::time::timeout(std::time::Duration::from_secs(3), socket.try_send(Message::text(big.clone()))).await {
                Ok(Ok(())) => sent += 1,
                Ok(Err(error)) => return Some(error),
                Err(_) => return None,
            }
        }
    })
    .await;
    assert!(sent < 1000, "{sent} messages of 100 kB were taken: {end:?}");
    // Others are served meanwhile.
    let mut other = WebSocket::open(server.address, "/socket.io/").await;
    other.send("40").await;
    assert!(other.text().await.starts_with("40"));
}

#[tokio::test]
async fn a_polling_client_that_does_not_read_is_held_up() {
    let server = Server::with(|options| options.limits.bytes = 1 << 20);
    let mut session = Polling::open(server.address, "/socket.io/").await;
    session.send("40").await;
    let big = format!(r#"42["message","{}"]"#, "a".repeat(100_000));
    let mut taken = 0;
    while tokio::time::timeout(std::time::Duration::from_secs(1), session.up.post(&session.target, &big))
        .await
        .is_ok_and(|answer| answer.status == 200)
    {
        taken += 1;
        assert!(taken < 100, "{taken} messages of 100 kB wait on the server");
    }
    // When it reads, it gets everything, and may go on.
    let mut got = 0;
    while got <= taken {
        got += session.get().await.packets().iter().filter(|packet| packet.starts_with("42[\"message-back\"")).count();
    }
    let held = session.up.response().await;
    assert_eq!((held.status, held.text()), (200, "ok"));
    assert_eq!(Http::connect(server.address).await.post(&session.target, "6").await.text(), "ok");
}
