//! Owns the WebSocket session: an actor on `actix_web_actors::ws::WebsocketContext`, a thin shell round the Engine.IO machine and the layer
//! above it. The only file that knows actix-web-actors. Decides nothing: the machine says what to answer and when time is up, the link says
//! what goes out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::ending::ending;
use super::layer::Layer;
use super::link::{Link, Outbound};
use crate::clock;
use crate::protocol::engine::{CloseReason, Config, Message, Output, Outputs, Packet, Session, SocketId};
use actix::prelude::*;
use actix_http::ws::{Codec, Item};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, HandshakeError, ProtocolError, WebsocketContext};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

/// A session on a WebSocket from its start has this one.
const SOCKET: SocketId = SocketId(0);

pub struct WebSocketSession<L: Layer> {
    machine: Session,
    /// What the machine had to say when it was made, until the actor has started.
    opening: Option<Outputs>,
    layer: L,
    link: Arc<Link>,
    /// Taken from the link and written in one go; kept for its allocation.
    batch: VecDeque<Outbound>,
    /// A message that comes in several frames.
    partial: Option<Partial>,
    max_payload: usize,
    /// When the armed timer fires.
    alarm: Option<(Instant, SpawnHandle)>,
    ended: Option<CloseReason>,
}

struct Partial {
    text: bool,
    bytes: BytesMut,
}

type Context<L> = WebsocketContext<WebSocketSession<L>>;

/// Answers an upgrade request with a session of its own.
pub fn start<L: Layer>(
    request: &HttpRequest,
    payload: web::Payload,
    sid: &str,
    config: Config,
    layer: L,
    link: Arc<Link>,
) -> Result<HttpResponse, HandshakeError> {
    let mut response = ws::handshake(request)?;
    let stream = link.gate(payload);
    let (machine, outputs) = Session::over_websocket(config, sid, SOCKET, clock::instant());
    let session = WebSocketSession {
        machine,
        opening: Some(outputs),
        layer,
        link,
        batch: VecDeque::new(),
        partial: None,
        max_payload: config.max_payload,
        alarm: None,
        ended: None,
    };
    let body = WebsocketContext::with_codec(session, stream, Codec::new().max_size(config.max_payload));
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).streaming(body))
}

impl<L: Layer> WebSocketSession<L> {
    fn receive(&mut self, packet: Packet, context: &mut Context<L>) {
        let outputs = self.machine.receive(SOCKET, packet, clock::instant());
        self.perform(outputs, context);
    }

    fn perform(&mut self, outputs: Outputs, context: &mut Context<L>) {
        for output in outputs {
            match output {
                Output::Send { packet, .. } => write(packet, context),
                Output::Received(message) => {
                    if let Err(reason) = self.layer.received(&self.link, message, clock::instant()) {
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

    /// Part of a message in several frames.
    fn assemble(&mut self, item: Item, context: &mut Context<L>) {
        let (first, bytes, last) = match item {
            Item::FirstText(bytes) => (Some(true), bytes, false),
            Item::FirstBinary(bytes) => (Some(false), bytes, false),
            Item::Continue(bytes) => (None, bytes, false),
            Item::Last(bytes) => (None, bytes, true),
        };
        if let Some(text) = first {
            self.partial = Some(Partial { text, bytes: BytesMut::new() });
        }
        let Some(partial) = &mut self.partial else { return self.end(CloseReason::ParseError, context) };
        if partial.bytes.len() + bytes.len() > self.max_payload {
            return self.end(CloseReason::PayloadTooLarge, context);
        }
        partial.bytes.extend_from_slice(&bytes);
        if last && let Some(Partial { text, bytes }) = self.partial.take() {
            self.whole(text, bytes.freeze(), context);
        }
    }

    fn whole(&mut self, text: bool, bytes: Bytes, context: &mut Context<L>) {
        if !text {
            return self.receive(Packet::Message(Message::Binary(bytes)), context);
        }
        match ByteString::try_from(bytes) {
            Ok(text) => self.text(text, context),
            Err(_) => self.end(CloseReason::ParseError, context),
        }
    }

    fn text(&mut self, text: ByteString, context: &mut Context<L>) {
        match Packet::decode_text(text) {
            Ok(packet) => self.receive(packet, context),
            Err(_) => self.end(CloseReason::ParseError, context),
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

    /// Sets the one timer to the earliest deadline. A timer that is early is left alone: it looks again when it fires.
    fn arm(&mut self, context: &mut Context<L>) {
        let Some(due) = self.machine.deadline().into_iter().chain(self.layer.deadline()).min() else { return };
        if let Some((at, handle)) = self.alarm {
            if at <= due {
                return;
            }
            context.cancel_future(handle);
        }
        let handle = context.run_later(due.saturating_duration_since(clock::instant()), |session, context| {
            session.alarm = None;
            let now = clock::instant();
            if let Err(reason) = session.layer.expired(now) {
                return session.end(reason, context);
            }
            let outputs = session.machine.timeout(now);
            session.perform(outputs, context);
        });
        self.alarm = Some((due, handle));
    }
}

fn write<A: Actor<Context = WebsocketContext<A>>>(packet: Packet, context: &mut WebsocketContext<A>) {
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
        self.layer.opened(&self.link);
        context.add_stream(self.link.signals());
        if let Some(outputs) = self.opening.take() {
            self.perform(outputs, context);
        }
    }

    fn stopped(&mut self, _: &mut Context<L>) {
        // Without an ending of its own the body was dropped: the socket broke or was cut.
        self.layer.closed(&self.link, self.ended.unwrap_or(CloseReason::TransportError));
    }
}

/// Frames of the client.
impl<L: Layer> StreamHandler<Result<ws::Message, ProtocolError>> for WebSocketSession<L> {
    fn handle(&mut self, frame: Result<ws::Message, ProtocolError>, context: &mut Context<L>) {
        if self.ended.is_some() {
            return;
        }
        match frame {
            Ok(ws::Message::Text(text)) => self.text(text, context),
            Ok(ws::Message::Binary(bytes)) => self.receive(Packet::Message(Message::Binary(bytes)), context),
            Ok(ws::Message::Continuation(item)) => self.assemble(item, context),
            Ok(ws::Message::Ping(bytes)) => context.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(_)) => self.end(CloseReason::TransportClose, context),
            Err(ProtocolError::Overflow) => self.end(CloseReason::PayloadTooLarge, context),
            Err(_) => self.end(CloseReason::ParseError, context),
        }
    }

    fn finished(&mut self, context: &mut Context<L>) {
        self.end(CloseReason::TransportClose, context);
    }
}

/// The link has something to send.
impl<L: Layer> StreamHandler<()> for WebSocketSession<L> {
    fn handle(&mut self, (): (), context: &mut Context<L>) {
        let mut batch = std::mem::take(&mut self.batch);
        self.link.take(&mut batch);
        for outbound in batch.drain(..) {
            match outbound {
                Outbound::Packet(packet, effect) => {
                    self.layer.sent(effect);
                    context.text(packet.text);
                    for bytes in packet.attachments.iter().flat_map(|bytes| bytes.iter()) {
                        context.binary(bytes.clone());
                    }
                }
                Outbound::Close(reason) => {
                    self.end(reason, context);
                    break;
                }
            }
        }
        self.batch = batch;
    }

    fn finished(&mut self, _: &mut Context<L>) {}
}
