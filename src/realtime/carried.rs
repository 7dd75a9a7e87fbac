//! Owns what makes a session the same session whatever carries it: the protocol machine, the layer above, the link to the hub, the
//! registration of its id. Moves as one from long polling to a WebSocket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::layer::Layer;
use super::link::{Effect, Link, Outbound};
use super::sessions::Registration;
use crate::protocol::engine::{CloseReason, Message, Outputs, Session};

pub struct Carried<L: Layer> {
    pub machine: Session,
    pub layer: L,
    pub link: Arc<Link>,
    /// `None` for a session that began on a WebSocket: nobody else can speak by its id.
    pub registration: Option<Registration<L>>,
    /// Taken from the link and not yet written.
    backlog: VecDeque<Part>,
    closed: bool,
}

/// One Engine.IO packet, encoded.
#[derive(Debug)]
pub enum Part {
    Text(ByteString),
    /// The answer to a CONNECT: where packets go out one by one, the next follows it after a pause.
    Welcome(ByteString),
    Binary(Bytes),
    /// The hub wants the session to end when everything before this is written.
    Close(CloseReason),
}

impl<L: Layer> Carried<L> {
    pub fn new(machine: Session, layer: L, link: Arc<Link>, registration: Option<Registration<L>>) -> Self {
        Self { machine, layer, link, registration, backlog: VecDeque::new(), closed: false }
    }

    /// What is to be written, in order. At most `most` packets are taken out of the link: what does not go out at once stays there, where it
    /// is counted.
    pub fn outgoing(&mut self, most: usize, now: Instant) -> &mut VecDeque<Part> {
        let taken = if self.backlog.len() < most { self.link.take(most, now) } else { VecDeque::new() };
        for outbound in taken {
            match outbound {
                Outbound::Packet(packet, effect) => {
                    let text = if matches!(effect, Effect::Joined(_)) { Part::Welcome } else { Part::Text };
                    self.layer.sent(effect);
                    self.backlog.push_back(text(packet.text));
                    let attachments = packet.attachments.iter().flat_map(|bytes| bytes.iter());
                    self.backlog.extend(attachments.cloned().map(Part::Binary));
                }
                Outbound::Message(Message::Text(text)) => self.backlog.push_back(Part::Text(format!("4{text}").into())),
                Outbound::Message(Message::Binary(bytes)) => self.backlog.push_back(Part::Binary(bytes)),
                Outbound::Close(reason) => self.backlog.push_back(Part::Close(reason)),
            }
        }
        &mut self.backlog
    }

    /// The session is over: tells the layer, once.
    pub fn close(&mut self, reason: CloseReason) {
        if !self.closed {
            self.closed = true;
            self.link.ended(reason);
            self.layer.closed(&self.link, reason);
        }
    }

    /// Gives back the memory of what is written: most connections are idle most of the time.
    pub fn rest(&mut self) {
        if self.backlog.is_empty() {
            self.backlog = VecDeque::new();
        }
    }

    /// The earliest time at which machine or layer have something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let layer = if self.closed { None } else { self.layer.deadline() };
        self.machine.deadline().into_iter().chain(layer).min()
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Instant) -> Outputs {
        let layer = if self.closed { Ok(()) } else { self.layer.expired(now) };
        match layer {
            Ok(()) => self.machine.timeout(now),
            Err(reason) => self.machine.close(reason, now),
        }
    }
}

/// A session on its way to a WebSocket that has just died ends here.
impl<L: Layer> Drop for Carried<L> {
    fn drop(&mut self) {
        self.close(CloseReason::TransportClose);
    }
}
