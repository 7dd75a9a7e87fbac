//! Owns a client that means well, the same on each transport: it sends and gets Engine.IO messages and answers pings.

use std::collections::VecDeque;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::Polling;
use crate::websocket::{Frame, WebSocket};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    WebSocket,
    Polling,
    /// Begun by polling, then moved to a WebSocket.
    Upgraded,
}

pub struct Peer {
    carrier: Carrier,
}

enum Carrier {
    WebSocket(Box<WebSocket>),
    Polling { session: Box<Polling>, got: VecDeque<String> },
}

/// A message, or the end of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Closed,
}

impl Peer {
    pub async fn open(via: Via, address: SocketAddr, path: &str) -> Self {
        let carrier = match via {
            Via::WebSocket => Carrier::WebSocket(Box::new(WebSocket::open(address, path).await)),
            Via::Polling => Carrier::Polling { session: Box::new(Polling::open(address, path).await), got: VecDeque::new() },
            Via::Upgraded => {
                let session = Polling::open(address, path).await;
                let mut socket = WebSocket::connect(address, &session.upgrade()).await;
                socket.send("2probe").await;
                assert_eq!(socket.text().await, "3probe");
                socket.send("5").await;
                Carrier::WebSocket(Box::new(socket))
            }
        };
        Self { carrier }
    }

    /// In the namespace `/` of the echo application, its greeting read.
    pub async fn enter(via: Via, address: SocketAddr) -> Self {
        let mut peer = Self::open(via, address, "/socket.io/").await;
        peer.send("0").await;
        assert!(peer.text().await.starts_with(r#"0{"sid":""#));
        assert_eq!(peer.text().await, r#"2["auth",{}]"#);
        peer
    }

    /// Sends a message, given without its `4`.
    pub async fn send(&mut self, text: &str) {
        match &mut self.carrier {
            Carrier::WebSocket(socket) => socket.send(format!("4{text}")).await,
            // A refusal shows in what is heard.
            Carrier::Polling { session, .. } => drop(session.post(format!("4{text}")).await),
        }
    }

    pub async fn send_binary(&mut self, bytes: &[u8]) {
        match &mut self.carrier {
            Carrier::WebSocket(socket) => socket.send_binary(bytes).await,
            Carrier::Polling { session, .. } => drop(session.post(format!("b{}", STANDARD.encode(bytes))).await),
        }
    }

    /// Sends one packet as it is.
    pub async fn send_packet(&mut self, packet: &str) {
        match &mut self.carrier {
            Carrier::WebSocket(socket) => socket.send(packet).await,
            Carrier::Polling { session, .. } => drop(session.post(packet).await),
        }
    }

    /// The next message; pings on the way are answered.
    pub async fn next(&mut self) -> Heard {
        loop {
            let packet = match self.raw().await {
                Ok(packet) => packet,
                Err(heard) => return heard,
            };
            match packet.split_at(1) {
                ("4", text) => return Heard::Text(text.to_owned()),
                ("b", base64) => return Heard::Binary(STANDARD.decode(base64).expect("base64")),
                ("2", "") => self.send_packet("3").await,
                ("6", "") => {}
                ("1", "") => return Heard::Closed,
                _ => panic!("a packet {packet:?} has no place here"),
            }
        }
    }

    /// The next packet as it is; nothing is answered.
    pub async fn packet(&mut self) -> String {
        self.raw().await.unwrap_or_else(|heard| panic!("{heard:?} where a packet was due"))
    }

    /// The next packet as it is, or what is no text.
    async fn raw(&mut self) -> Result<String, Heard> {
        match &mut self.carrier {
            Carrier::WebSocket(socket) => match socket.next().await {
                Frame::Text(text) => Ok(text),
                Frame::Binary(bytes) => Err(Heard::Binary(bytes)),
                Frame::Closed(_) => Err(Heard::Closed),
            },
            Carrier::Polling { session, got } => {
                if got.is_empty() {
                    let answer = session.get().await;
                    if answer.status != 200 {
                        return Err(Heard::Closed);
                    }
                    got.extend(answer.packets().into_iter().map(str::to_owned));
                }
                Ok(got.pop_front().expect("an answer has a packet"))
            }
        }
    }

    pub async fn text(&mut self) -> String {
        match self.next().await {
            Heard::Text(text) => text,
            other => panic!("{other:?} where a text was due"),
        }
    }

    pub async fn closed(&mut self) {
        assert_eq!(self.next().await, Heard::Closed);
    }

    /// Sends an event that the application sends back, and gets it: the session lives, and nothing else waited to be read.
    pub async fn assert_alive(&mut self) {
        self.send(r#"2["message","alive?"]"#).await;
        assert_eq!(self.text().await, r#"2["message-back","alive?"]"#);
    }
}
