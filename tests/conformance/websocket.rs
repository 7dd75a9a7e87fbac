//! Owns WebSocket frames by hand: what came, frame by frame, and how it ended.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::within;

pub struct WebSocket {
    stream: WebSocketStream<TcpStream>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
    /// The connection is over; the status of the close frame, if one came.
    Closed(Option<u16>),
}

impl WebSocket {
    /// # Errors
    ///
    /// The HTTP status of a refusal.
    pub async fn try_connect(address: SocketAddr, target: &str) -> Result<Self, u16> {
        let stream = within("a TCP connection", TcpStream::connect(address)).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        match within("the WebSocket handshake", tokio_tungstenite::client_async(format!("ws://{address}{target}"), stream)).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("neither accepted nor refused: {error}"),
        }
    }

    pub async fn connect(address: SocketAddr, target: &str) -> Self {
        Self::try_connect(address, target).await.unwrap_or_else(|status| panic!("refused with {status}: {target}"))
    }

    /// A new session; its open packet is read.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        let mut socket = Self::connect(address, &format!("{path}?EIO=4&transport=websocket")).await;
        assert!(socket.text().await.starts_with('0'), "the first packet opens");
        socket
    }

    pub async fn send(&mut self, text: impl Into<String>) {
        within("the server to read", self.stream.send(Message::text(text.into()))).await.expect("the connection is open");
    }

    pub async fn send_binary(&mut self, bytes: &[u8]) {
        within("the server to read", self.stream.send(Message::binary(bytes.to_vec()))).await.expect("the connection is open");
    }

    /// Sends as long as the other side takes it.
    pub async fn try_send(&mut self, message: Message) -> Result<(), Error> {
        within("the server to read or to close", self.stream.send(message)).await
    }

    pub async fn next(&mut self) -> Frame {
        loop {
            match within("a frame", self.stream.next()).await {
                Some(Ok(Message::Text(text))) => return Frame::Text(text.to_string()),
                Some(Ok(Message::Binary(bytes))) => return Frame::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => return Frame::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Frame::Closed(None),
            }
        }
    }

    #[track_caller]
    pub fn text(&mut self) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        async move {
            match self.next().await {
                Frame::Text(text) => text,
                other => panic!("{other:?} where a text was due, at {caller}"),
            }
        }
    }

    /// Reads to the end; nothing but pings may come before it. Returns the status of the close frame.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Frame::Text(text) if text == "2" => {}
                Frame::Closed(status) => return status,
                other => panic!("{other:?} where the end was due"),
            }
        }
    }

    pub fn split(self) -> (impl SinkExt<Message, Error = Error> + Unpin, impl StreamExt<Item = Result<Message, Error>> + Unpin) {
        self.stream.split()
    }
}
