//! Owns the state of one Engine.IO session: which transport carries it, its heartbeat, its upgrade and its end. Never holds outbound
//! messages: they belong to the shell, which asks whether the session is [writable](Session::writable) and writes them itself.
//!
//! ```text
//!            over_polling                    over_websocket
//!                 │                                │
//!                 ▼          2probe, 5             ▼
//!              polling ───────────────────▶    websocket
//!                 │                                │
//!                 └─────────────▶ closed ◀─────────┘
//! ```

mod heartbeat;

use std::time::{Duration, Instant};

use bytes::Bytes;

use self::heartbeat::Heartbeat;
use super::close::CloseReason;
use super::config::{Config, after};
use super::handshake::{HttpError, Transport, open_packet};
use super::output::{Answer, Output, Outputs, RequestId, SocketId};
use super::packet::Packet;
use super::payload;

/// How long the id of a closed polling session still answers the one GET that was under way.
const LINGER: Duration = Duration::from_secs(5);

/// The machine of one session. Every input takes the present instant and first does what fell due before it, so that a late timer changes
/// nothing. After [`Output::Closed`] every input is harmless.
#[derive(Debug)]
pub struct Session {
    config: Config,
    link: Link,
    heartbeat: Heartbeat,
}

#[derive(Debug)]
enum Link {
    Polling { waiting: Option<RequestId>, probe: Option<Probe> },
    WebSocket(SocketId),
    Closed { transport: Transport, farewell: Option<Farewell> },
}

/// A WebSocket that wants to take over.
#[derive(Debug)]
struct Probe {
    socket: SocketId,
    /// It was answered `3probe`: from here on polling carries no messages, so that none can overtake another.
    answered: bool,
    deadline: Instant,
}

/// What the GET is told that comes just after the end.
#[derive(Debug)]
struct Farewell {
    answer: Answer,
    until: Instant,
}

impl Session {
    /// Opens a session on a WebSocket.
    pub fn over_websocket(config: Config, sid: &str, socket: SocketId, now: Instant) -> (Self, Outputs) {
        let mut out = Outputs::default();
        out.push(Output::Send { socket, packet: open_packet(sid, Transport::WebSocket, &config) });
        out.push(Output::Writable);
        (Self::new(config, Link::WebSocket(socket), now), out)
    }

    /// Opens a session by the GET `request`, which is answered at once.
    pub fn over_polling(config: Config, sid: &str, request: RequestId, now: Instant) -> (Self, Outputs) {
        let mut out = Outputs::default();
        out.answer(request, Answer::Packet(open_packet(sid, Transport::Polling, &config)));
        (Self::new(config, Link::Polling { waiting: None, probe: None }, now), out)
    }

    fn new(config: Config, link: Link, now: Instant) -> Self {
        Self { config, link, heartbeat: Heartbeat::new(now, &config) }
    }

    /// The transport that carries the session, or carried it last.
    pub fn transport(&self) -> Transport {
        match self.link {
            Link::Polling { .. } => Transport::Polling,
            Link::WebSocket(_) => Transport::WebSocket,
            Link::Closed { transport, .. } => transport,
        }
    }

    /// The WebSocket that carries the session. While there is one, messages are written to it without asking the machine.
    pub fn socket(&self) -> Option<SocketId> {
        match self.link {
            Link::WebSocket(socket) => Some(socket),
            _ => None,
        }
    }

    /// Whether messages can be sent now: on a WebSocket always, on polling while a GET waits ([`take_poll`](Self::take_poll)), never while an
    /// upgrade is under way or after the end.
    pub fn writable(&self) -> bool {
        matches!(self.link, Link::WebSocket(_) | Link::Polling { waiting: Some(_), .. })
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.link, Link::Closed { .. })
    }

    /// Whether the id of the session can be forgotten: it is over and no GET is owed an answer.
    pub fn is_finished(&self) -> bool {
        matches!(self.link, Link::Closed { farewell: None, .. })
    }

    /// When [`timeout`](Self::timeout) is to be called at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let beat = self.heartbeat.deadline();
        match &self.link {
            Link::Closed { farewell, .. } => farewell.as_ref().map(|farewell| farewell.until),
            Link::Polling { probe: Some(probe), .. } => Some(beat.min(probe.deadline)),
            _ => Some(beat),
        }
    }

    /// Takes the waiting GET, for the shell to answer with messages (see [`payload::Builder`]).
    pub fn take_poll(&mut self) -> Option<RequestId> {
        match &mut self.link {
            Link::Polling { waiting, .. } => waiting.take(),
            _ => None,
        }
    }

    /// Does what is due: a ping, the end of a session that did not answer one, the end of an upgrade that was not finished.
    pub fn timeout(&mut self, now: Instant) -> Outputs {
        self.advance(now)
    }

    /// A GET with the id of this session.
    pub fn poll(&mut self, request: RequestId, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        match &mut self.link {
            Link::Closed { farewell, .. } => {
                let answer = farewell.take().map_or(Answer::Refused(HttpError::SessionUnknown), |farewell| farewell.answer);
                out.answer(request, answer);
            }
            Link::WebSocket(_) => out.answer(request, Answer::Refused(HttpError::BadRequest)),
            Link::Polling { waiting: Some(_), .. } => {
                self.end(CloseReason::TransportError, now, &mut out);
                out.answer(request, Answer::Refused(HttpError::BadRequest));
            }
            Link::Polling { waiting, probe } => {
                if self.heartbeat.owes_ping() {
                    self.heartbeat.sent();
                    out.answer(request, Answer::Packet(Packet::PING));
                } else if probe.as_ref().is_some_and(|probe| probe.answered) {
                    out.answer(request, Answer::Packet(Packet::Noop));
                } else {
                    *waiting = Some(request);
                    out.push(Output::Writable);
                }
            }
        }
        out
    }

    /// The client gave up a GET before it was answered. Nothing happens when that GET was answered already.
    pub fn poll_aborted(&mut self, request: RequestId, now: Instant) -> Outputs {
        match &mut self.link {
            Link::Polling { waiting, .. } if *waiting == Some(request) => {
                // Before anything else that is due could be answered to it.
                *waiting = None;
                let mut out = Outputs::default();
                let reason = self.unless_timed_out(CloseReason::TransportError, now);
                self.end(reason, now, &mut out);
                out
            }
            _ => self.advance(now),
        }
    }

    /// The whole body of a POST with the id of this session. The shell has checked its size.
    pub fn post(&mut self, request: RequestId, body: &Bytes, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        match self.link {
            Link::Polling { .. } => {}
            Link::WebSocket(_) => {
                out.answer(request, Answer::Refused(HttpError::BadRequest));
                return out;
            }
            Link::Closed { .. } => {
                out.answer(request, Answer::Refused(HttpError::SessionUnknown));
                return out;
            }
        }
        let mut fault = false;
        for packet in payload::packets(body) {
            match packet {
                Ok(Packet::Close) => self.leave(now, &mut out),
                Ok(packet) => {
                    self.accept(packet, now, &mut out);
                    fault = self.is_closed();
                }
                Err(_) => {
                    self.end(CloseReason::ParseError, now, &mut out);
                    fault = true;
                }
            }
            if self.is_closed() {
                break;
            }
        }
        out.answer(request, if fault { Answer::Refused(HttpError::BadRequest) } else { Answer::Taken });
        out
    }

    /// A WebSocket with the id of this session was opened. One that may not take over is closed.
    pub fn socket_opened(&mut self, socket: SocketId, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        match &mut self.link {
            Link::Polling { probe: probe @ None, .. } if self.config.allow_upgrades => {
                *probe = Some(Probe { socket, answered: false, deadline: after(now, self.config.upgrade_timeout) });
            }
            _ => out.push(Output::CloseSocket(socket)),
        }
        out
    }

    /// A packet from a WebSocket of this session, whether it carries the session or probes.
    pub fn receive(&mut self, socket: SocketId, packet: Packet, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        match &mut self.link {
            Link::WebSocket(main) if *main == socket => self.accept(packet, now, &mut out),
            Link::Polling { waiting, probe: probe @ Some(_) } if probe.as_ref().is_some_and(|probe| probe.socket == socket) => {
                match (packet, probe.as_mut()) {
                    (Packet::Ping(text), Some(probe)) if text == "probe" => {
                        probe.answered = true;
                        out.push(Output::Send { socket, packet: Packet::Pong(text) });
                        if let Some(request) = waiting.take() {
                            out.answer(request, Answer::Packet(Packet::Noop));
                        }
                    }
                    (Packet::Upgrade, Some(Probe { answered: true, .. })) => self.upgrade(socket, &mut out),
                    _ => {
                        *probe = None;
                        out.push(Output::CloseSocket(socket));
                    }
                }
            }
            _ => {}
        }
        out
    }

    /// What a WebSocket of this session sent is no packet.
    pub fn bad_packet(&mut self, socket: SocketId, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        match &mut self.link {
            Link::WebSocket(main) if *main == socket => self.end(CloseReason::ParseError, now, &mut out),
            Link::Polling { probe, .. } if probe.as_ref().is_some_and(|probe| probe.socket == socket) => {
                *probe = None;
                out.push(Output::CloseSocket(socket));
            }
            _ => {}
        }
        out
    }

    /// A WebSocket of this session is gone: `reason` says how, and is the session's when that WebSocket carried it.
    pub fn socket_closed(&mut self, socket: SocketId, reason: CloseReason, now: Instant) -> Outputs {
        match &mut self.link {
            Link::WebSocket(main) if *main == socket => {
                let reason = self.unless_timed_out(reason, now);
                self.link = Link::Closed { transport: Transport::WebSocket, farewell: None };
                let mut out = Outputs::default();
                out.push(Output::Closed(reason));
                return out;
            }
            Link::Polling { probe, .. } if probe.as_ref().is_some_and(|probe| probe.socket == socket) => *probe = None,
            _ => {}
        }
        self.advance(now)
    }

    /// The server ends the session.
    pub fn close(&mut self, reason: CloseReason, now: Instant) -> Outputs {
        let mut out = self.advance(now);
        self.end(reason, now, &mut out);
        out
    }

    /// Does what fell due at or before `now`.
    fn advance(&mut self, now: Instant) -> Outputs {
        let mut out = Outputs::default();
        if let Link::Closed { farewell, .. } = &mut self.link {
            if farewell.as_ref().is_some_and(|farewell| now >= farewell.until) {
                *farewell = None;
            }
            return out;
        }
        if !self.heartbeat.advance(now, &self.config) {
            self.end(CloseReason::PingTimeout, now, &mut out);
            return out;
        }
        if self.heartbeat.owes_ping() {
            match &mut self.link {
                Link::WebSocket(socket) => {
                    self.heartbeat.sent();
                    out.push(Output::Send { socket: *socket, packet: Packet::PING });
                }
                Link::Polling { waiting, .. } => {
                    if let Some(request) = waiting.take() {
                        self.heartbeat.sent();
                        out.answer(request, Answer::Packet(Packet::PING));
                    }
                }
                Link::Closed { .. } => {}
            }
        }
        if let Link::Polling { probe, .. } = &mut self.link
            && let Some(late) = probe.take_if(|probe| now >= probe.deadline)
        {
            out.push(Output::CloseSocket(late.socket));
        }
        out
    }

    fn unless_timed_out(&mut self, reason: CloseReason, now: Instant) -> CloseReason {
        if self.heartbeat.advance(now, &self.config) { reason } else { CloseReason::PingTimeout }
    }

    /// A packet on the transport that carries the session.
    fn accept(&mut self, packet: Packet, now: Instant, out: &mut Outputs) {
        match packet {
            Packet::Message(message) => out.push(Output::Received(message)),
            Packet::Pong(_) => self.heartbeat.pong(now, &self.config),
            Packet::Close => self.leave(now, out),
            // In this version of the protocol the server pings.
            Packet::Ping(_) => self.end(CloseReason::TransportError, now, out),
            Packet::Open(_) | Packet::Upgrade | Packet::Noop => {}
        }
    }

    fn upgrade(&mut self, socket: SocketId, out: &mut Outputs) {
        self.link = Link::WebSocket(socket);
        out.push(Output::Upgraded(socket));
        if self.heartbeat.owes_ping() {
            self.heartbeat.sent();
            out.push(Output::Send { socket, packet: Packet::PING });
        }
        out.push(Output::Writable);
    }

    /// The client closed the session by a close packet.
    fn leave(&mut self, now: Instant, out: &mut Outputs) {
        self.finish(CloseReason::TransportClose, Answer::Packet(Packet::Noop), Some(Answer::Packet(Packet::Noop)), now, out);
    }

    /// The server closes the session.
    fn end(&mut self, reason: CloseReason, now: Instant, out: &mut Outputs) {
        // After a close packet over polling some clients stay away for good. A server that restarts wants all of them back: their GET just
        // ends, and the next one finds no session.
        let packet = if reason == CloseReason::ServerShuttingDown { Packet::Noop } else { Packet::Close };
        let last = if reason.is_orderly() { Answer::Last(packet) } else { Answer::Packet(packet) };
        let farewell = reason.is_orderly().then(|| last.clone());
        self.finish(reason, last, farewell, now, out);
    }

    /// `waiting` is for the GET that waits; when none does, `late` is for the one that comes too late.
    fn finish(&mut self, reason: CloseReason, waiting: Answer, late: Option<Answer>, now: Instant, out: &mut Outputs) {
        let transport = self.transport();
        let closed = |farewell| Link::Closed { transport, farewell };
        match std::mem::replace(&mut self.link, closed(None)) {
            Link::Closed { farewell, .. } => {
                self.link = closed(farewell);
                return;
            }
            Link::WebSocket(socket) => out.push(Output::CloseSocket(socket)),
            Link::Polling { waiting: request, probe } => {
                match request {
                    Some(request) => out.answer(request, waiting),
                    None => self.link = closed(late.map(|answer| Farewell { answer, until: after(now, LINGER) })),
                }
                if let Some(probe) = probe {
                    out.push(Output::CloseSocket(probe.socket));
                }
            }
        }
        out.push(Output::Closed(reason));
    }
}

#[cfg(test)]
mod script;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
