//! Owns the contract between the hub and what it serves. The hub knows no tickets and no messages; the application knows no sockets' bytes.

use std::sync::Arc;

use bytes::Bytes;

use super::hub::Turn;
use super::ids::SocketId;
use super::link::Credit;
use super::members::SocketKey;
use super::opening::Opening;
use super::recovery::{Recovered, Saved};
use crate::protocol::engine::CloseReason;
use crate::protocol::socket::{Args, Namespace};

/// A wish to enter a namespace.
#[derive(Debug)]
pub struct Handshake {
    pub socket: SocketKey,
    pub id: SocketId,
    pub namespace: Namespace,
    /// The CONNECT payload as raw JSON; `None` when there was none.
    pub auth: Option<String>,
    /// What is known of the HTTP request by which the session began.
    pub opening: Arc<Opening>,
    /// Whether it is a session that was away, and has its id and its rooms again.
    pub recovered: Recovered,
}

/// An event of a client.
#[derive(Debug)]
pub struct Event {
    pub namespace: Namespace,
    pub name: String,
    /// All elements of the packet, the name first, as raw JSON.
    pub args: Args,
    pub attachments: Vec<Bytes>,
    /// How to answer, when the client asked for an answer.
    pub ack: Option<Ack>,
    /// To be kept while the event is being dealt with beyond this turn.
    pub credit: Credit,
}

/// The right to acknowledge one event, once.
#[derive(Debug, PartialEq, Eq)]
pub struct Ack {
    pub(super) socket: SocketKey,
    pub(super) id: u64,
}

/// Names a question that the application asked a client: an event to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question(pub(super) u64);

/// What a client acknowledged with.
#[derive(Debug)]
pub struct Reply {
    /// All arguments, as raw JSON.
    pub args: Args,
    pub attachments: Vec<Bytes>,
}

/// Why an application does not let a socket in: the text of the CONNECT_ERROR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub message: String,
    /// Raw JSON for the error's `data`.
    pub data: Option<String>,
}

/// What a hub serves. All methods run inside the hub actor, one at a time, and must not block.
pub trait Application: Sized + Unpin + 'static {
    /// What its own threads, timers and other fronts tell it.
    type Notice: Send + 'static;

    /// Once, before the first connection.
    fn started(&mut self, _turn: &mut Turn<'_, Self>) {}

    /// Whether there is such a namespace; another one is refused with the standard error.
    fn has_namespace(&self, namespace: &str) -> bool {
        namespace == "/"
    }

    /// Lets a socket in or not. Nothing can be sent to it yet.
    fn admit(&mut self, _turn: &mut Turn<'_, Self>, _handshake: &Handshake) -> Result<(), Denied> {
        Ok(())
    }

    /// Whether a client gets back the session that it claims, or begins anew, for it asks to be something else now.
    fn gives_back(&mut self, _handshake: &Handshake, _session: &Saved) -> bool {
        true
    }

    /// The socket is in and its CONNECT is answered.
    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake);

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event);

    /// A client acknowledged an event of [`Turn::ask`]; `None` when it did not in time. A socket that goes leaves its questions unanswered.
    fn answered(&mut self, _turn: &mut Turn<'_, Self>, _socket: SocketKey, _question: Question, _reply: Option<Reply>) {}

    /// The socket is gone: it is in no room any more and nothing can be sent to it.
    fn disconnected(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, reason: CloseReason);

    fn notice(&mut self, turn: &mut Turn<'_, Self>, notice: Self::Notice);
}
