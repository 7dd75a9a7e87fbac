//! What the real-time layer does on the wire, judged from outside: a case for each statement of the Engine.IO 4 and Socket.IO 5 documents, with
//! raw HTTP and raw WebSocket frames, on each transport that it is said of. The layer runs in this process with the application of the
//! example `conformance`.

#[path = "../../examples/echo/mod.rs"]
mod echo;

mod http;
mod peer;
mod server;
mod websocket;

mod application;
mod cors;
mod engine_close;
mod engine_handshake;
mod engine_heartbeat;
mod engine_messages;
mod engine_polling;
mod engine_upgrade;
mod floods;
mod hostile;
mod socket_binary;
mod socket_connect;
mod socket_events;

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a case fails. Far more than anything takes, so that a busy machine fails none.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result of `work`, or a panic that says what was waited for.
async fn within<T>(what: impl std::fmt::Display, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result,
        Err(_) => panic!("waited {} s for {what}", PATIENCE.as_secs()),
    }
}

/// Makes of a function that takes a [`peer::Via`] one test for each transport.
macro_rules! on_each_transport {
    ($($name:ident),* $(,)?) => {
        mod websocket {
            $(#[tokio::test] async fn $name() { super::$name(crate::peer::Via::WebSocket).await; })*
        }
        mod polling {
            $(#[tokio::test] async fn $name() { super::$name(crate::peer::Via::Polling).await; })*
        }
        mod upgraded {
            $(#[tokio::test] async fn $name() { super::$name(crate::peer::Via::Upgraded).await; })*
        }
    };
}
use on_each_transport;
