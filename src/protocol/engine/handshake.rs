//! Owns what a request must look like before there is a session, the standard errors, and the open packet. Never looks up a session.

use std::borrow::Cow;

use bytestring::ByteString;

use super::config::Config;
use super::packet::Packet;

/// How a session's bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    Polling,
    WebSocket,
}

impl Transport {
    /// The name in the query and in `upgrades`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// The transports that this server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transports {
    pub polling: bool,
    pub websocket: bool,
}

impl Transports {
    pub const ALL: Self = Self { polling: true, websocket: true };

    fn find(self, name: &str) -> Option<Transport> {
        match name {
            "polling" if self.polling => Some(Transport::Polling),
            "websocket" if self.websocket => Some(Transport::WebSocket),
            _ => None,
        }
    }
}

/// The method of an HTTP request, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Other,
}

/// What a well-formed request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A new session.
    Open(Transport),
    /// The GET of a polling session.
    Poll { sid: String },
    /// The POST of a polling session.
    Post { sid: String },
    /// A WebSocket that wants to take over a polling session.
    Probe { sid: String },
}

/// The standard refusals of a request. Answer with [`status`](Self::status) and [`body`](Self::body), `Content-Type: application/json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(u8)]
pub enum HttpError {
    #[error("transport unknown")]
    TransportUnknown = 0,
    #[error("session id unknown")]
    SessionUnknown = 1,
    #[error("bad handshake method")]
    BadMethod = 2,
    #[error("bad request")]
    BadRequest = 3,
    #[error("forbidden")]
    Forbidden = 4,
    #[error("unsupported protocol version")]
    UnsupportedVersion = 5,
}

impl HttpError {
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            _ => 400,
        }
    }

    /// The JSON body, byte for byte what clients know.
    pub const fn body(self) -> &'static str {
        match self {
            Self::TransportUnknown => r#"{"code":0,"message":"Transport unknown"}"#,
            Self::SessionUnknown => r#"{"code":1,"message":"Session ID unknown"}"#,
            Self::BadMethod => r#"{"code":2,"message":"Bad handshake method"}"#,
            Self::BadRequest => r#"{"code":3,"message":"Bad request"}"#,
            Self::Forbidden => r#"{"code":4,"message":"Forbidden"}"#,
            Self::UnsupportedVersion => r#"{"code":5,"message":"Unsupported protocol version"}"#,
        }
    }
}

impl Request {
    /// Reads a request by its query string (without `?`, still percent-encoded), its method and whether it asks for a WebSocket. Of a key that
    /// comes twice the last one counts; an empty `sid` is none. `EIO` matters only where a session is opened.
    ///
    /// # Errors
    ///
    /// In this order: transport, for a new session method, WebSocket without upgrade, version; for a known one whatever does not fit.
    pub fn parse(query: &str, method: Method, upgrade: bool, transports: Transports) -> Result<Self, HttpError> {
        let query = Query::parse(query);
        let transport = query.transport.as_deref().and_then(|name| transports.find(name)).ok_or(HttpError::TransportUnknown)?;
        if let Some(sid) = query.sid.filter(|sid| !sid.is_empty()) {
            let sid = sid.into_owned();
            return match (transport, method, upgrade) {
                (Transport::Polling, Method::Get, false) => Ok(Self::Poll { sid }),
                (Transport::Polling, Method::Post, false) => Ok(Self::Post { sid }),
                (Transport::WebSocket, Method::Get, true) => Ok(Self::Probe { sid }),
                _ => Err(HttpError::BadRequest),
            };
        }
        if method != Method::Get {
            return Err(HttpError::BadMethod);
        }
        if upgrade != (transport == Transport::WebSocket) {
            return Err(HttpError::BadRequest);
        }
        if query.version.as_deref() != Some("4") {
            return Err(HttpError::UnsupportedVersion);
        }
        Ok(Self::Open(transport))
    }
}

/// The first packet of a session: exactly the five keys that clients know, in this order.
pub fn open_packet(sid: &str, transport: Transport, config: &Config) -> Packet {
    let upgrades = if transport == Transport::Polling && config.allow_upgrades { r#"["websocket"]"# } else { "[]" };
    let json = format!(
        r#"{{"sid":{},"upgrades":{upgrades},"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
        serde_json::Value::from(sid),
        config.ping_interval.as_millis(),
        config.ping_timeout.as_millis(),
        config.max_payload,
    );
    Packet::Open(ByteString::from(json))
}

#[derive(Debug, Default)]
struct Query<'a> {
    transport: Option<Cow<'a, str>>,
    sid: Option<Cow<'a, str>>,
    version: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    fn parse(text: &'a str) -> Self {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match percent_decode(key).as_ref() {
                "transport" => query.transport = Some(percent_decode(value)),
                "sid" => query.sid = Some(percent_decode(value)),
                "EIO" => query.version = Some(percent_decode(value)),
                _ => {}
            }
        }
        query
    }
}

/// Form decoding: `%XX` and `+`. What is no escape stays as it is; bytes that are no UTF-8 become U+FFFD.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            (other, _) => out.push(*other),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parse(query: &str, method: Method, upgrade: bool) -> Result<Request, HttpError> {
        Request::parse(query, method, upgrade, Transports::ALL)
    }

    #[test]
    fn the_open_packet_has_exactly_five_keys_in_order() {
        let config = Config {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(200),
            max_payload: 1_000_000,
            ..Config::default()
        };
        let text = |transport| open_packet("abc", transport, &config).encode_text().expect("open is text");
        assert_eq!(
            text(Transport::Polling),
            r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#
        );
        assert_eq!(text(Transport::WebSocket), r#"0{"sid":"abc","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#);
        let alone = Config { allow_upgrades: false, ..Config::default() };
        assert_eq!(
            open_packet("a", Transport::Polling, &alone).encode_text().expect("open is text"),
            r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        );
    }

    #[test]
    fn requests_are_told_apart() {
        use Method::{Get, Post};
        let sid = || "abc".to_owned();
        let rows = [
            ("EIO=4&transport=polling", Get, false, Request::Open(Transport::Polling)),
            ("EIO=4&transport=websocket", Get, true, Request::Open(Transport::WebSocket)),
            ("EIO=4&transport=polling&sid=", Get, false, Request::Open(Transport::Polling)),
            ("t=x&transport=polling&EIO=%34", Get, false, Request::Open(Transport::Polling)),
            ("EIO=4&transport=polling&sid=abc", Get, false, Request::Poll { sid: sid() }),
            ("transport=polling&sid=abc", Get, false, Request::Poll { sid: sid() }),
            ("EIO=4&transport=polling&sid=abc", Post, false, Request::Post { sid: sid() }),
            ("EIO=4&transport=websocket&sid=%61b%63", Get, true, Request::Probe { sid: sid() }),
            ("transport=abc&transport=polling&EIO=4", Get, false, Request::Open(Transport::Polling)),
        ];
        for (query, method, upgrade, request) in rows {
            assert_eq!(parse(query, method, upgrade), Ok(request), "{query}");
        }
    }

    #[test]
    fn refusals_have_the_standard_code() {
        use HttpError::{BadMethod, BadRequest, TransportUnknown, UnsupportedVersion};
        use Method::{Get, Other, Post};
        let rows = [
            ("", Get, false, TransportUnknown),
            ("EIO=4", Get, false, TransportUnknown),
            ("EIO=4&transport=abc", Get, false, TransportUnknown),
            ("EIO=4&transport=__proto__&sid=a", Get, false, TransportUnknown),
            ("transport=polling", Get, false, UnsupportedVersion),
            ("EIO=abc&transport=polling", Get, false, UnsupportedVersion),
            ("EIO=3&transport=websocket", Get, true, UnsupportedVersion),
            ("EIO=4&transport=polling", Post, false, BadMethod),
            ("EIO=4&transport=polling", Other, false, BadMethod),
            ("EIO=4&transport=websocket", Get, false, BadRequest),
            ("EIO=4&transport=polling", Get, true, BadRequest),
            ("EIO=4&transport=websocket&sid=a", Get, false, BadRequest),
            ("EIO=4&transport=polling&sid=a", Other, false, BadRequest),
        ];
        for (query, method, upgrade, error) in rows {
            assert_eq!(parse(query, method, upgrade), Err(error), "{query}");
        }
        let only = Transports { polling: false, websocket: true };
        assert_eq!(Request::parse("EIO=4&transport=polling", Get, false, only), Err(TransportUnknown));
    }

    #[test]
    fn bodies_carry_code_and_status() {
        let all = [
            HttpError::TransportUnknown,
            HttpError::SessionUnknown,
            HttpError::BadMethod,
            HttpError::BadRequest,
            HttpError::Forbidden,
            HttpError::UnsupportedVersion,
        ];
        for (code, error) in (0u8..).zip(all) {
            let body: serde_json::Value = serde_json::from_str(error.body()).expect("json");
            assert_eq!(body["code"], code);
            assert_eq!(error.code(), code);
            assert_eq!(body["message"].as_str().map(str::to_lowercase), Some(error.to_string()));
            assert_eq!(error.status(), if code == 4 { 403 } else { 400 });
        }
    }

    #[test]
    fn escapes_that_are_none_stay() {
        for (text, decoded) in [("a%2", "a%2"), ("%zz", "%zz"), ("a+b", "a b"), ("%ff", "\u{fffd}"), ("%", "%"), ("%C3%A9", "é")] {
            assert_eq!(percent_decode(text), decoded);
        }
    }
}
