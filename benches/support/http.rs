//! Owns the load generator's HTTP: one kept connection, one request at a time, as little as a measurement needs. Trusts its server: no use
//! outside a benchmark.

use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A connection that is kept.
pub struct Http {
    stream: TcpStream,
    /// The answer, head and body.
    answer: Vec<u8>,
    body: usize,
}

/// A request as it goes over the wire, to be sent as often as one likes.
#[derive(Debug, Clone)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn get(path: &str, token: Option<&str>) -> Self {
        Self::new("GET", path, token, "")
    }

    pub fn post(path: &str, token: Option<&str>, json: &str) -> Self {
        Self::new("POST", path, token, json)
    }

    fn new(method: &str, path: &str, token: Option<&str>, json: &str) -> Self {
        let mut text = format!("{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if let Some(token) = token {
            text += &format!("Authorization: Bearer {token}\r\n");
        }
        if !json.is_empty() {
            text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", json.len());
        }
        Self((text + "\r\n" + json).into_bytes())
    }
}

impl Http {
    /// Connects, from this address of loopback.
    pub async fn connect(server: SocketAddr, from: Ipv4Addr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        // Thousands of ports in TIME-WAIT would be in the way of the next run.
        socket.set_zero_linger()?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(4096), body: 0 })
    }

    /// Sends a request and reads the whole answer; its status.
    pub async fn ask(&mut self, request: &Request) -> Result<u16> {
        self.stream.write_all(&request.0).await?;
        self.answer.clear();
        let mut length = None;
        while length.is_none_or(|length| self.answer.len() < length) {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the server ended the connection"));
            }
            if length.is_none()
                && let Some(end) = self.answer.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD)
            {
                self.body = end + END_OF_HEAD.len();
                length = Some(self.body + content_length(&self.answer[..end])?);
            }
        }
        let status = self.answer.get(9..12).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
        status.ok_or_else(|| Error::other("no status in the answer"))
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.answer[self.body..]
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    length.ok_or_else(|| Error::other("an answer without its length"))
}
