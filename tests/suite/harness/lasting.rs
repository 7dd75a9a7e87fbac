//! Owns a client that loses its connection and comes back: it keeps its private id and the offset of what it heard last.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::client::{Client, Options};

/// A client that keeps what it needs to come back.
pub struct Lasting {
    pub client: Client,
    pub sid: String,
    pub pid: String,
    pub offset: Option<String>,
}

impl Lasting {
    /// Enters with this CONNECT payload; its standing events are still to be read.
    pub async fn enter(address: SocketAddr, auth: Value) -> Self {
        let mut client = Client::open(address, Options::default()).await;
        client.send(format!("40{auth}"));
        let answer = client.expect_packet("40").await;
        let answer: Value = serde_json::from_str(&answer[2..]).expect("the answer to CONNECT has a JSON payload");
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        Self { sid: text("sid"), pid: text("pid"), offset: None, client }
    }

    /// An event, without its offset, which is remembered.
    pub async fn expect(&mut self, name: &str) -> Vec<Value> {
        let mut args = self.client.expect(name, |_| true).await;
        self.offset = args.pop().and_then(|offset| offset.as_str().map(str::to_owned));
        assert!(self.offset.is_some(), "{name} has an offset");
        args
    }

    /// Loses its connection without a word and comes back.
    pub async fn return_to(self, address: SocketAddr) -> Self {
        self.return_with(address, json!({})).await
    }

    /// Likewise, with more in its CONNECT payload.
    pub async fn return_with(self, address: SocketAddr, mut auth: Value) -> Self {
        auth["pid"] = json!(self.pid);
        auth["offset"] = json!(self.offset);
        drop(self.client);
        Self::enter(address, auth).await
    }
}
