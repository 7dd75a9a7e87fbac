//! The server that the official JavaScript clients' own tests want: what they send and expect, served by this project's real-time layer.
//! `/socket.io/` is for the tests of `socket.io-client`, `/engine.io/` for those of `engine.io-client`.
//!
//! Settings by environment: `BIND` (127.0.0.1:3210), `PING_INTERVAL` (ms), `MAX_PAYLOAD` (bytes).

mod echo;

use std::collections::HashMap;
use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use siguiente::protocol::engine::{self, Message, Transports};
use siguiente::protocol::socket;
use siguiente::realtime::{
    Ack, Application, CloseReason, Cors, Denied, Effect, Event, Handshake, Layer, Layers, Limits, Link, Namespace, Opening, Outbound,
    Question, RecoveryMode, Reply, SocketKey, Turn, encode_event,
};

const DATE: &str = r#""2026-11-22T00:00:00.000Z""#;
const BINARY: &[u8] = b"asdfasdf";

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    env_logger::init();
    let number = |name: &str, default: usize| env::var(name).ok().map_or(default, |text| text.parse().expect(name));
    let options = echo::Options {
        engine: engine::Config {
            ping_interval: Duration::from_millis(number("PING_INTERVAL", 2_000) as u64),
            max_payload: number("MAX_PAYLOAD", 1_000_000),
            ..engine::Config::default()
        },
        transports: Transports::ALL,
        limits: Limits::default(),
        cors: Cors::Any,
        connect_timeout: Duration::from_secs(45),
        attachments: socket::Limits::default(),
        recovery: RecoveryMode::Always(Duration::from_secs(120)),
        workers: 1,
    };
    let bind = env::var("BIND").unwrap_or_else(|_| "127.0.0.1:3210".into());
    let (server, addresses) = echo::serve_with(Wanted::default(), GreetingLayers, options, bind)?;
    for address in addresses {
        println!("listening on {address}");
    }
    server.await
}

/// What the tests of `socket.io-client` want.
#[derive(Default)]
struct Wanted {
    handshakes: HashMap<SocketKey, String>,
    /// Who sent `abuff1` or `blob1`, which are to come before what follows.
    first_came: HashMap<SocketKey, bool>,
}

impl Application for Wanted {
    type Notice = ();

    fn has_namespace(&self, namespace: &str) -> bool {
        matches!(namespace, "/" | "/foo" | "/timeout_socket" | "/valid" | "/asd" | "/abc" | "/no")
    }

    fn admit(&mut self, _: &mut Turn<'_, Self>, handshake: &Handshake) -> Result<(), Denied> {
        let denied = |message: &str| Err(Denied { message: message.into(), data: None });
        match handshake.namespace.as_str() {
            "/no" => denied("Auth failed (custom namespace)"),
            "/" if query(&handshake.opening.query).contains_key("fail") => denied("Auth failed (main namespace)"),
            _ => Ok(()),
        }
    }

    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake) {
        let auth: Value = handshake.auth.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_else(|| json!({}));
        let shown = json!({"query": query(&handshake.opening.query), "auth": auth}).to_string();
        if handshake.namespace.as_str() == "/abc" {
            turn.emit(handshake.socket, encode_event(&handshake.namespace, None, "handshake", [&shown], &[]));
        }
        self.handshakes.insert(handshake.socket, shown);
    }

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        let binary = !event.attachments.is_empty();
        let say = |turn: &mut Turn<'_, Self>, name: &str, args: &[&str]| say(turn, socket, name, args, &[]);
        match (event.name.as_str(), event.ack) {
            ("getId", Some(ack)) => {
                let id = turn.id(socket).map(|id| json!(id.as_str()).to_string()).unwrap_or_default();
                turn.acknowledge(ack, &[&id], &[]);
            }
            _ if !event.namespace.is_root() => {}
            ("hi", _) => say(turn, "hi", &[]),
            ("echo", Some(ack)) => back(turn, ack, event.args.arguments().next(), &event.attachments),
            ("ack", _) => drop(turn.ask(socket, "ack", &[], &[], Duration::from_secs(10))),
            ("getAckDate", Some(ack)) => turn.acknowledge(ack, &[DATE], &[]),
            ("getHandshake", Some(ack)) => turn.acknowledge(ack, &[&self.handshakes[&socket]], &[]),
            ("getDate", _) => say(turn, "takeDate", &[DATE]),
            ("getDateObj", _) => say(turn, "takeDateObj", &[&format!(r#"{{"date":{DATE}}}"#)]),
            ("getUtf8", _) => {
                for text in ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"] {
                    say(turn, "takeUtf8", &[&json!(text).to_string()]);
                }
            }
            ("false", _) => say(turn, "false", &["false"]),
            ("doge", _) => send_binary(turn, socket, "doge"),
            ("getbin", _) => send_binary(turn, socket, "takebin"),
            ("buffa", _) if binary => say(turn, "buffack", &[]),
            ("blob", _) if binary => say(turn, "back", &[]),
            (name @ ("jsonbuff" | "jsonblob"), _) if binary && is_mixed(event.args.arguments().next()) => {
                say(turn, &format!("{name}-ack"), &[])
            }
            ("abuff1" | "blob1", _) if binary => drop(self.first_came.insert(socket, true)),
            ("abuff2", _) if self.first_came.contains_key(&socket) => say(turn, "abuff2-ack", &[]),
            ("blob3", _) if binary && self.first_came.contains_key(&socket) => say(turn, "blob3-ack", &[]),
            _ => {}
        }
    }

    fn answered(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, _: Question, reply: Option<Reply>) {
        let Some(reply) = reply else { return };
        let args: Vec<Value> = reply.args.iter().filter_map(|raw| serde_json::from_str(raw).ok()).collect();
        if args.first() == Some(&json!(5)) && args.get(1).is_some_and(|second| second["test"] == true) {
            say(turn, socket, "got it", &[], &[]);
        }
    }

    fn disconnected(&mut self, _: &mut Turn<'_, Self>, socket: SocketKey, _: CloseReason) {
        self.handshakes.remove(&socket);
        self.first_came.remove(&socket);
    }

    fn notice(&mut self, _: &mut Turn<'_, Self>, (): ()) {}
}

fn say(turn: &mut Turn<'_, Wanted>, socket: SocketKey, name: &str, args: &[&str], attachments: &[Bytes]) {
    turn.emit(socket, encode_event(&Namespace::default(), None, name, args, attachments));
}

fn send_binary(turn: &mut Turn<'_, Wanted>, socket: SocketKey, name: &str) {
    say(turn, socket, name, &[r#"{"_placeholder":true,"num":0}"#], &[Bytes::from_static(BINARY)]);
}

fn back(turn: &mut Turn<'_, Wanted>, ack: Ack, argument: Option<&str>, attachments: &[Bytes]) {
    match argument {
        Some(argument) => turn.acknowledge(ack, &[argument], attachments),
        None => turn.acknowledge(ack, &["null"], &[]),
    }
}

/// `{hello:"lol", message:<binary>, goodbye:"gotcha"}`
fn is_mixed(raw: Option<&str>) -> bool {
    let value: Value = raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    value["hello"] == "lol" && value["message"]["_placeholder"] == true && value["goodbye"] == "gotcha"
}

fn query(text: &str) -> HashMap<String, String> {
    actix_web::web::Query::<HashMap<String, String>>::from_query(text).map(actix_web::web::Query::into_inner).unwrap_or_default()
}

/// What the tests of `engine.io-client` want: a greeting, then echoes.
struct GreetingLayer;

impl Layer for GreetingLayer {
    fn opened(&mut self, link: &Arc<Link>) {
        // A link that was just opened has room for one message.
        let _ = link.push(Outbound::Message(Message::Text("hi".into())), siguiente::clock::instant());
    }

    fn received(&mut self, link: &Arc<Link>, message: Message, now: Instant) -> Result<(), CloseReason> {
        let back = match message {
            Message::Text(text) if text == "give binary" => Message::Binary(Bytes::from_static(&[0, 1, 2, 3, 4])),
            Message::Text(text) if text == "give utf8" => Message::Text("пойду спать всем спокойной ночи".into()),
            message => message,
        };
        link.push(Outbound::Message(back), now)
    }

    fn sent(&mut self, _: Effect) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn expired(&mut self, _: Instant) -> Result<(), CloseReason> {
        Ok(())
    }

    fn closed(&mut self, _: &Arc<Link>, _: CloseReason) {}
}

struct GreetingLayers;

impl Layers for GreetingLayers {
    type Layer = GreetingLayer;

    fn layer(&self, _: Opening, _: Instant) -> GreetingLayer {
        GreetingLayer
    }
}
