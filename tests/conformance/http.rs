//! Owns HTTP by hand: bytes out, one response in, so that a case can send what no client library would.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// One connection to the server, kept alive.
pub struct Http {
    stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Http {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = within("a TCP connection", TcpStream::connect(address)).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { stream, read: Vec::new() }
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within("the server to read a request", self.stream.write_all(bytes.as_ref())).await.expect("the connection is open");
    }

    /// Sends bytes as long as the other side takes them.
    pub async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        within("the server to read or to close", self.stream.write_all(bytes)).await
    }

    /// Sends a request and does not wait for the response.
    pub async fn request(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(body);
        self.send(bytes).await;
    }

    /// The next response, whole.
    pub async fn response(&mut self) -> Response {
        within("a response", self.read_response()).await.expect("a whole response")
    }

    /// Whether the server closes the connection without a further byte.
    pub async fn is_closed(&mut self) -> bool {
        self.read.is_empty() && matches!(within("the end of the connection", self.stream.read(&mut [0])).await, Ok(0) | Err(_))
    }

    pub async fn get(&mut self, target: &str) -> Response {
        self.request("GET", target, &[], b"").await;
        self.response().await
    }

    pub async fn post(&mut self, target: &str, body: impl AsRef<[u8]>) -> Response {
        self.request("POST", target, &[], body.as_ref()).await;
        self.response().await
    }

    async fn read_response(&mut self) -> std::io::Result<Response> {
        let end = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                break end;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.read.drain(..end + 4).collect()).expect("a head of plain text");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
        let headers = lines
            .map(|line| line.split_once(':').expect("a header line"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut response = Response { status, headers, body: Vec::new() };
        let length = response.header("content-length").map_or(0, |length| length.parse().expect("a number"));
        assert_eq!(response.header("transfer-encoding"), None, "long polling answers have a length");
        while self.read.len() < length {
            self.more().await?;
        }
        response.body = self.read.drain(..length).collect();
        Ok(response)
    }

    async fn more(&mut self) -> std::io::Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

impl Response {
    /// `name` in lower case. More than one of a name are joined by `, `.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body of text")
    }

    /// The packets of a polling answer.
    pub fn packets(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{self:?}");
        self.text().split('\x1e').collect()
    }

    #[track_caller]
    pub fn assert_refused(&self, code: u8, message: &str) {
        let status = if code == 4 { 403 } else { 400 };
        assert_eq!((self.status, self.text()), (status, &*format!(r#"{{"code":{code},"message":"{message}"}}"#)));
        assert_eq!(self.header("content-type").as_deref(), Some("application/json"));
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A polling session without a client: each request is the case's own.
pub struct Polling {
    /// With the `sid`.
    pub target: String,
    /// Two connections, as every client has: a GET may wait on the one while the other posts.
    pub down: Http,
    pub up: Http,
}

impl Polling {
    /// `path` is `/engine.io/` or `/socket.io/`.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        let mut down = Http::connect(address).await;
        let answer = down.get(&format!("{path}?EIO=4&transport=polling")).await;
        let open: serde_json::Value = serde_json::from_str(answer.text().strip_prefix('0').expect("an open packet")).expect("JSON");
        let sid = open["sid"].as_str().expect("a sid").to_owned();
        let target = format!("{path}?EIO=4&transport=polling&sid={sid}");
        Self { target, down, up: Http::connect(address).await }
    }

    pub async fn get(&mut self) -> Response {
        self.down.get(&self.target).await
    }

    /// Sends a GET and leaves it waiting.
    pub async fn start_get(&mut self) {
        self.down.request("GET", &self.target, &[], b"").await;
    }

    pub async fn post(&mut self, body: impl AsRef<[u8]>) -> Response {
        self.up.post(&self.target, body).await
    }

    #[track_caller]
    fn taken(response: &Response) {
        assert_eq!((response.status, response.text()), (200, "ok"));
    }

    pub async fn send(&mut self, body: impl AsRef<[u8]>) {
        Self::taken(&self.post(body).await);
    }

    /// The target of a WebSocket that wants to take this session over.
    pub fn upgrade(&self) -> String {
        self.target.replace("transport=polling", "transport=websocket")
    }
}
