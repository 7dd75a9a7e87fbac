//! Owns the WebSocket session: an actor on `actix_web_actors::ws::WebsocketContext`, a thin shell round the Engine.IO machine and the layer
//! above it. It carries a session from its start, or first asks a long-polling session to hand itself over. With `frames` the only file that
//! knows actix-web-actors. Decides nothing: the machine says what to answer and when time is up, the link says what goes out.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_http::ws::Codec;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, HandshakeError, ProtocolError, WebsocketContext};
use bytes::Bytes;

use super::alarm::Alarm;
use super::carried::{Carried, Part};
use super::ending::ending;
use super::frames::{Assembler, Incoming};
use super::layer::Layer;
use super::link::Link;
use super::polling::{PollingSession, ProbeClosed, ProbeOpened, ProbeReceived};
use crate::clock;
use crate::protocol::engine::{CloseReason, Message, Output, Outputs, Packet, SocketId};

/// A close frame with status 1000.
const NORMAL_CLOSE: &[u8] = &[0x88, 2, 0x03, 0xe8];

/// Packets that may come between the client's wish to upgrade and the session's arrival.
const MAX_HELD: usize = 1024;

/// Between the answer to a CONNECT and what follows it. A client on Node that waits for the one and then for the other loses the second when
/// both come out of one read of its socket; the protocol's own test suite is such a client.
const PAUSE: Duration = Duration::from_millis(15);

pub struct WebSocketSession<L: Layer> {
    socket: SocketId,
    phase: Phase<L>,
    assembler: Assembler,
    alarm: Alarm,
    pausing: bool,
    ended: Option<CloseReason>,
}

enum Phase<L: Layer> {
    /// Carries the session. The outputs are what the machine had to say before the actor started.
    Carrying(Box<Carried<L>>, Option<Outputs>),
    Probing(Probe<L>),
}

struct Probe<L: Layer> {
    owner: Addr<PollingSession<L>>,
    /// This socket's handle, for the link once the session is here.
    handle: Option<Arc<TcpStream>>,
    /// The client has sent its last word of the probe. What comes after is of the session, and waits here for it.
    upgrading: bool,
    held: VecDeque<Packet>,
}

type Context<L> = WebsocketContext<WebSocketSession<L>>;

/// What a long-polling session tells a WebSocket that probes it.
#[derive(Message)]
#[rtype(result = "()")]
pub enum ToSocket<L: Layer> {
    Write(Packet),
    /// Here is the session: carry it.
    TakeOver(Box<Carried<L>>),
    Close,
}

/// Answers an upgrade request with a session of its own.
pub fn start<L: Layer>(
    request: &HttpRequest,
    payload: web::Payload,
    socket: SocketId,
    carried: Carried<L>,
    outputs: Outputs,
    max_payload: usize,
) -> Result<HttpResponse, HandshakeError> {
    let link = carried.link.clone();
    respond(request, payload, &link, socket, Phase::Carrying(Box::new(carried), Some(outputs)), max_payload)
}

/// Answers an upgrade request with a WebSocket that wants to take a long-polling session over.
pub fn probe<L: Layer>(
    request: &HttpRequest,
    payload: web::Payload,
    socket: SocketId,
    owner: Addr<PollingSession<L>>,
    link: &Arc<Link>,
    handle: Option<Arc<TcpStream>>,
    max_payload: usize,
) -> Result<HttpResponse, HandshakeError> {
    let probe = Probe { owner, handle, upgrading: false, held: VecDeque::new() };
    respond(request, payload, link, socket, Phase::Probing(probe), max_payload)
}

/// Answers an upgrade request with a WebSocket that is closed at once: clients take that better than a refused handshake.
pub fn close_at_once(request: &HttpRequest) -> Result<HttpResponse, HandshakeError> {
    let only = futures_util::stream::once(std::future::ready(Ok::<_, actix_web::Error>(Bytes::from_static(NORMAL_CLOSE))));
    Ok(ws::handshake(request)?.streaming(only))
}

fn respond<L: Layer>(
    request: &HttpRequest,
    payload: web::Payload,
    link: &Arc<Link>,
    socket: SocketId,
    phase: Phase<L>,
    max_payload: usize,
) -> Result<HttpResponse, HandshakeError> {
    let mut response = ws::handshake(request)?;
    let session =
        WebSocketSession { socket, phase, assembler: Assembler::new(max_payload), alarm: Alarm::default(), pausing: false, ended: None };
    let body = WebsocketContext::with_codec(session, link.gate(payload), Codec::new().max_size(max_payload));
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).streaming(body))
}

impl<L: Layer> WebSocketSession<L> {
    fn receive(&mut self, packet: Packet, context: &mut Context<L>) {
        match &mut self.phase {
            Phase::Carrying(carried, _) => {
                let outputs = carried.machine.receive(self.socket, packet, clock::instant());
                self.perform(outputs, context);
            }
            Phase::Probing(probe) if probe.upgrading => {
                if probe.held.len() >= MAX_HELD {
                    return self.end(CloseReason::ParseError, context);
                }
                probe.held.push_back(packet);
            }
            Phase::Probing(probe) => {
                probe.upgrading = packet == Packet::Upgrade;
                probe.owner.do_send(ProbeReceived { socket: self.socket, packet: Some(packet) });
            }
        }
    }

    fn perform(&mut self, outputs: Outputs, context: &mut Context<L>) {
        let Phase::Carrying(carried, _) = &mut self.phase else { return };
        for output in outputs {
            match output {
                Output::Send { packet, .. } => write(packet, context),
                Output::Received(message) => {
                    let Carried { layer, link, .. } = &mut **carried;
                    if let Err(reason) = layer.received(link, message, clock::instant()) {
                        return self.end(reason, context);
                    }
                }
                Output::Closed(reason) => return self.end(reason, context),
                // The link writes by itself; the rest is of long polling.
                Output::Writable | Output::CloseSocket(_) | Output::Answer { .. } | Output::Upgraded(_) => {}
            }
        }
        self.arm(context);
    }

    /// The session is here: write what waited, read what waited, go on.
    fn take_over(&mut self, carried: Box<Carried<L>>, context: &mut Context<L>) {
        let Phase::Probing(probe) = std::mem::replace(&mut self.phase, Phase::Carrying(carried, None)) else { return };
        let Phase::Carrying(carried, _) = &self.phase else { return };
        if let Some(handle) = probe.handle {
            carried.link.carried_by(handle);
        }
        context.add_stream(carried.link.signals());
        self.write_outgoing(context);
        for packet in probe.held {
            if self.ended.is_none() {
                self.receive(packet, context);
            }
        }
        self.arm(context);
    }

    fn write_outgoing(&mut self, context: &mut Context<L>) {
        let Phase::Carrying(carried, _) = &mut self.phase else { return };
        if self.pausing {
            return;
        }
        let outgoing = carried.outgoing(usize::MAX, clock::instant());
        while let Some(part) = outgoing.pop_front() {
            match part {
                Part::Text(text) => context.text(text),
                Part::Welcome(text) => {
                    context.text(text);
                    self.pausing = true;
                    context.run_later(PAUSE, Self::resume);
                    return;
                }
                Part::Binary(bytes) => context.binary(bytes),
                Part::Close(reason) => return self.end(reason, context),
            }
        }
        carried.rest();
    }

    fn resume(&mut self, context: &mut Context<L>) {
        self.pausing = false;
        if self.ended.is_none() {
            self.write_outgoing(context);
        }
    }

    /// Closes with the status of the reason; what was written before goes out first. Later calls change nothing.
    fn end(&mut self, reason: CloseReason, context: &mut Context<L>) {
        if self.ended.is_none() {
            self.ended = Some(reason);
            if let Some(status) = ending(reason).status {
                context.close(Some(ws::CloseReason { code: status.into(), description: None }));
            }
            context.stop();
        }
    }

    fn arm(&mut self, context: &mut Context<L>) {
        if let Phase::Carrying(carried, _) = &self.phase
            && let Some(due) = carried.deadline()
        {
            self.alarm.set(due, context, Self::due);
        }
    }

    fn due(&mut self, context: &mut Context<L>) {
        self.alarm.fired();
        let Phase::Carrying(carried, _) = &mut self.phase else { return };
        let outputs = carried.timeout(clock::instant());
        self.perform(outputs, context);
    }
}

fn write<L: Layer>(packet: Packet, context: &mut Context<L>) {
    match packet {
        Packet::Message(Message::Binary(bytes)) => context.binary(bytes),
        packet => {
            if let Some(text) = packet.encode_text() {
                context.text(text);
            }
        }
    }
}

impl<L: Layer> Actor for WebSocketSession<L> {
    type Context = Context<L>;

    fn started(&mut self, context: &mut Context<L>) {
        match &mut self.phase {
            Phase::Carrying(carried, outputs) => {
                let link = carried.link.clone();
                carried.layer.opened(&link);
                context.add_stream(link.signals());
                let outputs = outputs.take().unwrap_or_default();
                self.perform(outputs, context);
            }
            Phase::Probing(probe) => probe.owner.do_send(ProbeOpened { socket: self.socket, address: context.address() }),
        }
    }

    fn stopped(&mut self, _: &mut Context<L>) {
        match &mut self.phase {
            Phase::Carrying(carried, _) => {
                // Without a reason of its own the body was dropped: the socket broke or was cut.
                carried.close(self.ended.unwrap_or(CloseReason::TransportError));
            }
            Phase::Probing(probe) => probe.owner.do_send(ProbeClosed(self.socket)),
        }
    }
}

/// Frames of the client.
impl<L: Layer> StreamHandler<Result<ws::Message, ProtocolError>> for WebSocketSession<L> {
    fn handle(&mut self, frame: Result<ws::Message, ProtocolError>, context: &mut Context<L>) {
        if self.ended.is_some() {
            return;
        }
        match self.assembler.take(frame) {
            Ok(Incoming::Packet(packet)) => self.receive(packet, context),
            Ok(Incoming::Ping(bytes)) => context.pong(&bytes),
            Ok(Incoming::Close) => self.end(CloseReason::TransportClose, context),
            Ok(Incoming::Nothing) => {}
            Err(reason) => self.end(reason, context),
        }
    }

    fn finished(&mut self, context: &mut Context<L>) {
        self.end(CloseReason::TransportClose, context);
    }
}

/// The link has something to send.
impl<L: Layer> StreamHandler<()> for WebSocketSession<L> {
    fn handle(&mut self, (): (), context: &mut Context<L>) {
        if self.ended.is_none() {
            self.write_outgoing(context);
        }
    }

    fn finished(&mut self, _: &mut Context<L>) {}
}

impl<L: Layer> Handler<ToSocket<L>> for WebSocketSession<L> {
    type Result = ();

    fn handle(&mut self, command: ToSocket<L>, context: &mut Context<L>) {
        match command {
            ToSocket::Write(packet) => write(packet, context),
            ToSocket::TakeOver(carried) => self.take_over(carried, context),
            ToSocket::Close => self.end(CloseReason::ForcedClose, context),
        }
    }
}
