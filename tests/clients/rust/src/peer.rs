//! A client of the crate under test, and what it heard and was not asked for yet.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rust_socketio::client::Client;
use rust_socketio::{ClientBuilder, Payload, TransportType};
use serde_json::{Value, json};

use crate::Failure;

const DEADLINE: Duration = Duration::from_secs(15);
const EVENTS: [&str; 6] = ["saludo", "ultimo-ticket", "cola", "usuario-conectado", "enviar-mensaje", "message-back"];

pub struct Peer {
    client: Client,
    inboxes: HashMap<&'static str, Receiver<Payload>>,
}

impl Peer {
    /// `token` is what it shows at the connection, where anybody asks.
    pub fn connect(url: &str, token: Option<&str>, transport: TransportType) -> Result<Self, Failure> {
        let mut builder =
            ClientBuilder::new(url).transport_type(transport).reconnect(true).reconnect_on_disconnect(true).reconnect_delay(50, 250);
        if let Some(token) = token {
            builder = builder.auth(json!({"token": token}));
        }
        let mut inboxes = HashMap::new();
        for event in EVENTS {
            let (sender, receiver) = channel();
            // Nobody may be listening any more when the program ends.
            builder = builder.on(event, move |payload, _| drop(sender.send(payload)));
            inboxes.insert(event, receiver);
        }
        Ok(Self { client: builder.connect()?, inboxes })
    }

    pub fn emit(&self, event: &str, payload: impl Into<Payload>) -> Result<(), Failure> {
        Ok(self.client.emit(event, payload)?)
    }

    /// Sends an event; the first argument of its acknowledgement.
    pub fn ask(&self, event: &str, payload: Value) -> Result<Value, Failure> {
        let (sender, answers) = channel();
        self.client.emit_with_ack(event, payload, DEADLINE, move |payload, _| drop(sender.send(payload)))?;
        match answers.recv_timeout(DEADLINE) {
            // The crate hands on the acknowledgement's arguments as one array.
            Ok(Payload::Text(values)) => Ok(values.first().map_or(Value::Null, |args| args[0].clone())),
            Ok(other) => Err(format!("{other:?} as the acknowledgement of {event}").into()),
            Err(_) => Err(format!("waited {DEADLINE:?} for the acknowledgement of {event}").into()),
        }
    }

    /// Arguments of the next such event.
    pub fn next(&self, event: &str) -> Result<Vec<Value>, Failure> {
        self.until(event, |_| true)
    }

    /// Arguments of the next such event that `matches`.
    pub fn until(&self, event: &str, matches: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>, Failure> {
        let late = Instant::now() + DEADLINE;
        loop {
            match self.inboxes[event].recv_timeout(late.saturating_duration_since(Instant::now())) {
                Ok(Payload::Text(args)) if matches(&args) => return Ok(args),
                Ok(_) => {}
                Err(_) => return Err(format!("waited {DEADLINE:?} for {event}").into()),
            }
        }
    }

    /// Bytes of the next `message-back`.
    pub fn bytes(&self) -> Result<Bytes, Failure> {
        match self.inboxes["message-back"].recv_timeout(DEADLINE) {
            Ok(Payload::Binary(bytes)) => Ok(bytes),
            Ok(other) => Err(format!("{other:?} instead of bytes").into()),
            Err(_) => Err(format!("waited {DEADLINE:?} for message-back").into()),
        }
    }

    pub fn disconnect(self) -> Result<(), Failure> {
        Ok(self.client.disconnect()?)
    }
}
