//! Owns what stands on an Engine.IO session: for Socket.IO the decoder, the namespaces' states and the way to the hub. A layer lives inside
//! its session actor and moves with it when the session changes its transport. Never writes to a socket.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Addr;

use super::application::Application;
use super::hub::{Deregister, Hub, Inbound, Register};
use super::link::{Effect, Link};
use super::opening::Opening;
use crate::protocol::engine::{CloseReason, Message};
use crate::protocol::socket::{Decoder, Namespace, Packet};

/// Namespaces that one connection may ask for: real clients ask for a few.
const MAX_NAMESPACES: usize = 64;

/// Something that stands on a session.
pub trait Layer: Send + Unpin + 'static {
    /// The session is open.
    fn opened(&mut self, link: &Arc<Link>);

    /// A message of the client.
    fn received(&mut self, link: &Arc<Link>, message: Message, now: Instant) -> Result<(), CloseReason>;

    /// A packet of the hub is on its way out.
    fn sent(&mut self, effect: Effect);

    /// When [`expired`](Self::expired) is due, if nothing else happens.
    fn deadline(&self) -> Option<Instant>;

    fn expired(&mut self, now: Instant) -> Result<(), CloseReason>;

    /// The session is gone. Called once, last.
    fn closed(&mut self, link: &Arc<Link>, reason: CloseReason);
}

/// The Socket.IO layer.
pub struct SocketLayer<A: Application> {
    hub: Addr<Hub<A>>,
    opening: Arc<Opening>,
    decoder: Decoder,
    namespaces: Vec<(Namespace, Entry)>,
    /// By then the client has entered a namespace; `None` once it has.
    connect_by: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// Asked for by the client; the hub answers in order, so what comes meanwhile may pass.
    Open,
    /// Refused or ended by the server. What the client sent before it heard of that is dropped.
    Left,
}

impl<A: Application> SocketLayer<A> {
    pub fn new(hub: Addr<Hub<A>>, opening: Arc<Opening>, decoder: Decoder, connect_timeout: Duration, now: Instant) -> Self {
        Self { hub, opening, decoder, namespaces: Vec::new(), connect_by: Some(now + connect_timeout) }
    }

    fn entry(&self, namespace: &Namespace) -> Option<Entry> {
        self.namespaces.iter().find(|(known, _)| known == namespace).map(|(_, entry)| *entry)
    }

    fn forget(&mut self, namespace: &Namespace) {
        self.namespaces.retain(|(known, _)| known != namespace);
    }

    /// Whether the hub is to get this packet. Before CONNECT nothing else may come, and CONNECT comes once.
    fn admits(&mut self, packet: &Packet) -> Result<bool, CloseReason> {
        match packet {
            Packet::Connect { namespace, .. } => match self.entry(namespace) {
                Some(Entry::Open) => Err(CloseReason::ParseError),
                _ if self.namespaces.len() >= MAX_NAMESPACES => Err(CloseReason::ParseError),
                _ => {
                    self.forget(namespace);
                    self.namespaces.push((namespace.clone(), Entry::Open));
                    Ok(true)
                }
            },
            Packet::Disconnect { namespace } => {
                let entry = self.entry(namespace).ok_or(CloseReason::ParseError)?;
                self.forget(namespace);
                Ok(entry == Entry::Open)
            }
            Packet::Event { namespace, .. } | Packet::Ack { namespace, .. } => {
                self.entry(namespace).map(|entry| entry == Entry::Open).ok_or(CloseReason::ParseError)
            }
            Packet::ConnectError { .. } => Err(CloseReason::ParseError),
        }
    }
}

impl<A: Application> Layer for SocketLayer<A> {
    fn opened(&mut self, link: &Arc<Link>) {
        self.hub.do_send(Register { link: link.clone(), opening: self.opening.clone() });
    }

    fn received(&mut self, link: &Arc<Link>, message: Message, now: Instant) -> Result<(), CloseReason> {
        let Some(packet) = self.decoder.push(message, now).map_err(|_| CloseReason::ParseError)? else { return Ok(()) };
        if self.admits(&packet)? {
            self.hub.do_send(Inbound { connection: link.id, packet, credit: link.hand_over() });
        }
        Ok(())
    }

    fn sent(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Joined(_) => self.connect_by = None,
            Effect::Left(namespace) => {
                if let Some((_, entry)) = self.namespaces.iter_mut().find(|(known, _)| *known == namespace) {
                    *entry = Entry::Left;
                }
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        [self.connect_by, self.decoder.deadline()].into_iter().flatten().min()
    }

    fn expired(&mut self, now: Instant) -> Result<(), CloseReason> {
        if self.connect_by.is_some_and(|by| now >= by) {
            return Err(CloseReason::ConnectTimeout);
        }
        if self.decoder.expired(now) { Err(CloseReason::ParseError) } else { Ok(()) }
    }

    fn closed(&mut self, link: &Arc<Link>, reason: CloseReason) {
        self.hub.do_send(Deregister { connection: link.id, reason });
    }
}
