//! Owns what the session's machine tells its shell to do. Never does it.

use std::collections::VecDeque;

use super::close::CloseReason;
use super::handshake::HttpError;
use super::packet::{Message, Packet};

/// An HTTP request that the shell holds; unique among the requests of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// A WebSocket that the shell holds; unique among the WebSockets of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId(pub u64);

/// The answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200, to a GET: a body of this one packet.
    Packet(Packet),
    /// 200, to a GET, the last one: what the shell still has to send, as much as fits, then this packet.
    Last(Packet),
    /// 200 `ok`, to a POST.
    Taken,
    /// The standard error.
    Refused(HttpError),
}

/// One thing for the shell to do, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// The client sent this message.
    Received(Message),
    /// Write this packet to that WebSocket.
    Send { socket: SocketId, packet: Packet },
    /// Answer that request.
    Answer { request: RequestId, answer: Answer },
    /// Messages that wait can be sent now: see [`Session::writable`](super::Session::writable).
    Writable,
    /// The transport is now this WebSocket. What goes out from here on goes there.
    Upgraded(SocketId),
    /// Close that WebSocket, after what was written to it.
    CloseSocket(SocketId),
    /// The session is over; told once. Forget its id when [`Session::is_finished`](super::Session::is_finished).
    Closed(CloseReason),
}

/// What a call of the machine asks for. Do all of it before the next call.
#[derive(Debug, Default)]
#[must_use = "outputs are to be carried out before the machine is called again"]
pub struct Outputs {
    /// Most calls give none or one: those cost no allocation.
    first: Option<Output>,
    rest: VecDeque<Output>,
}

impl Outputs {
    pub(super) fn push(&mut self, output: Output) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(output);
        } else {
            self.rest.push_back(output);
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, answer: Answer) {
        self.push(Output::Answer { request, answer });
    }
}

impl Iterator for Outputs {
    type Item = Output;

    fn next(&mut self) -> Option<Output> {
        self.first.take().or_else(|| self.rest.pop_front())
    }
}
