//! The application of `benches/sockets.rs` on socketioxide and axum, with their defaults. Prints its port, ends when its standard input does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, Data, SocketRef};
use socketioxide::{SocketIo, TransportType};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep_until};

const ROOM: &str = "sala";

#[derive(Deserialize)]
struct Order {
    n: u64,
    bytes: usize,
    /// Milliseconds from one event to the next; without it all at once.
    cada: Option<u64>,
}

/// `i` stands first: the load generator reads it at a fixed place. All servers send the same bytes.
#[derive(Serialize)]
struct Padded<'a> {
    i: u64,
    t: &'a str,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let (layer, io) = SocketIo::builder().transports([TransportType::Websocket]).build_layer();
    io.ns("/", async |socket: SocketRef| {
        socket.on("unirse", async |socket: SocketRef, ack: AckSender| {
            socket.join(ROOM);
            // Only a client that is gone does not get it.
            let _ = ack.send(&json!({ "ok": true }));
        });
        socket.on("eco", async |Data(value): Data<Value>, ack: AckSender| {
            let _ = ack.send(&value);
        });
        socket.on("difundir", async |io: SocketIo, Data(order): Data<Order>| {
            tokio::spawn(broadcast(io, order));
        });
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let app = axum::Router::new().layer(layer);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    server.abort();
    Ok(())
}

async fn broadcast(io: SocketIo, Order { n, bytes, cada }: Order) {
    let text = "x".repeat(bytes);
    let start = Instant::now();
    for i in 0..n {
        if let Some(every) = cada {
            sleep_until(start + Duration::from_millis(every * i)).await;
        }
        // A client whose buffer is full misses the event: the load generator counts what arrived.
        let _ = io.to(ROOM).emit("difusion", &Padded { i, t: &text }).await;
    }
}
