//! Owns plain HTTP as a client that reads bytes sees it: one request, one answer, the connection closed.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{badge, within};

#[derive(Debug, Clone)]
pub struct Http {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Http {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A request of this method and path, with more header lines.
pub async fn http(address: SocketAddr, method: &str, path: &str, headers: &[&str]) -> Http {
    http_with_body(address, method, path, headers, b"").await
}

/// A request with a body, if it is not empty; whether its length is announced is up to the headers.
pub async fn http_with_body(address: SocketAddr, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Http {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    headers.iter().for_each(|header| request += &format!("{header}\r\n"));
    let answer = raw_http(address, &[(request + "\r\n").as_bytes(), body].concat()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP answer to {method} {path}: {answer:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    Http {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

/// A request as a REST client means it, and the answer's body, which is JSON or nothing.
pub async fn rest(address: SocketAddr, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = rest_answer(address, method, path, &[], body).await;
    let json = if answer.body.is_empty() { Value::Null } else { serde_json::from_str(&answer.body).expect("the answer is JSON") };
    (answer.status, json)
}

/// A REST request with more header lines, and the whole answer.
pub async fn rest_answer(address: SocketAddr, method: &str, path: &str, headers: &[&str], body: Value) -> Http {
    let path = format!("/api/v1{path}");
    let shown = badge::of(address).map(|token| format!("Authorization: Bearer {token}"));
    let says = headers.iter().any(|header| header.starts_with("Authorization") || header.starts_with("Cookie"));
    let headers = &[headers, &shown.as_deref().into_iter().filter(|_| !says).collect::<Vec<_>>()].concat()[..];
    if body.is_null() {
        return http(address, method, &path, headers).await;
    }
    let body = body.to_string();
    let length = format!("Content-Length: {}", body.len());
    let headers = [&["Content-Type: application/json", &length], headers].concat();
    http_with_body(address, method, &path, &headers, body.as_bytes()).await
}

/// Everything that the server says to these bytes until it closes.
pub async fn raw_http(address: SocketAddr, request: &[u8]) -> String {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        stream.write_all(request).await.expect("the request is taken");
        let mut answer = Vec::new();
        // A server that has said its refusal may reset what it did not read.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    within(format!("the answer to {:.60?}", String::from_utf8_lossy(request)), exchange).await
}
