//! Owns the long-polling session: an actor, a thin shell round the Engine.IO machine and the layer above it. HTTP requests come as messages
//! and are answered through a channel each. Hands the whole session over to a WebSocket when the machine says so. Decides nothing itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use bytestring::ByteString;
use tokio::sync::oneshot;

use super::alarm::Alarm;
use super::carried::{Carried, Part};
use super::layer::Layer;
use super::link::Link;
use super::websocket::{ToSocket, WebSocketSession};
use crate::clock;
use crate::protocol::engine::payload::{Builder, MAX_PACKETS};
use crate::protocol::engine::{Answer, CloseReason, HttpError, Output, Outputs, Packet, RequestId, SocketId};

/// While a WebSocket probes, a GET is looked at this much later: the end of the upgrade, sent before the GET on the other connection, may be
/// read after it.
const COURTESY: Duration = Duration::from_millis(10);

/// How a request is answered.
#[derive(Debug)]
pub enum Answered {
    /// 200, to a GET.
    Body(ByteString),
    /// 200 `ok`, to a POST.
    Taken,
    Refused(HttpError),
}

pub struct PollingSession<L: Layer> {
    /// `None` when a WebSocket has taken over.
    carried: Option<Carried<L>>,
    link: Arc<Link>,
    max_payload: usize,
    requests: HashMap<RequestId, oneshot::Sender<Answered>>,
    sockets: HashMap<SocketId, Addr<WebSocketSession<L>>>,
    /// What the machine had to say when it was made, until the actor has started.
    opening: Option<Outputs>,
    alarm: Alarm,
    closed: bool,
}

/// A GET with the session's id.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Poll {
    pub request: RequestId,
    pub answer: oneshot::Sender<Answered>,
}

/// The client gave up a GET.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Abort(pub RequestId);

/// A POST with the session's id and its whole body.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Post {
    pub request: RequestId,
    pub body: Bytes,
    pub answer: oneshot::Sender<Answered>,
}

/// A POST came while another was under way.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Overlap;

/// A WebSocket with the session's id.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ProbeOpened<L: Layer> {
    pub socket: SocketId,
    pub address: Addr<WebSocketSession<L>>,
}

/// What such a WebSocket received; `None` for what is no packet.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ProbeReceived {
    pub socket: SocketId,
    pub packet: Option<Packet>,
}

/// Such a WebSocket is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ProbeClosed(pub SocketId);

impl<L: Layer> PollingSession<L> {
    /// `opening` answers `first`, the GET that opened the session.
    pub fn new(carried: Carried<L>, max_payload: usize, opening: Outputs, first: Poll) -> Self {
        Self {
            link: carried.link.clone(),
            carried: Some(carried),
            max_payload,
            requests: HashMap::from([(first.request, first.answer)]),
            sockets: HashMap::new(),
            opening: Some(opening),
            alarm: Alarm::default(),
            closed: false,
        }
    }

    /// Calls the machine and does what it says.
    fn drive(&mut self, context: &mut Context<Self>, call: impl FnOnce(&mut Carried<L>) -> Outputs) {
        let Some(carried) = &mut self.carried else { return };
        let outputs = call(carried);
        let failed = self.perform(outputs);
        if let Some(reason) = failed
            && let Some(carried) = &mut self.carried
        {
            let outputs = carried.machine.close(reason, clock::instant());
            self.perform(outputs);
        }
        self.flush();
        self.settle(context);
    }

    fn poll(&mut self, request: RequestId, context: &mut Context<Self>) {
        self.drive(context, |carried| carried.machine.poll(request, clock::instant()));
        if !self.requests.contains_key(&request) {
            // Given up while it waited to be seen; nothing happens when it was answered just now.
            self.drive(context, |carried| carried.machine.poll_aborted(request, clock::instant()));
        }
    }

    /// Returns why the layer wants the session to end, if it does.
    fn perform(&mut self, outputs: Outputs) -> Option<CloseReason> {
        let mut failed = None;
        for output in outputs {
            match output {
                Output::Received(message) => {
                    if let Some(carried) = &mut self.carried
                        && failed.is_none()
                    {
                        failed = carried.layer.received(&self.link, message, clock::instant()).err();
                    }
                }
                Output::Send { socket, packet } => self.to_socket(socket, ToSocket::Write(packet)),
                Output::CloseSocket(socket) => {
                    self.to_socket(socket, ToSocket::Close);
                    self.sockets.remove(&socket);
                }
                Output::Answer { request, answer } => {
                    let answered = self.body_of(answer);
                    self.answer(request, answered);
                }
                Output::Upgraded(socket) => self.hand_over(socket),
                Output::Closed(reason) => {
                    self.closed = true;
                    if let Some(carried) = &mut self.carried {
                        carried.close(reason);
                    }
                }
                // Looked at after every call anyway.
                Output::Writable => {}
            }
        }
        failed
    }

    /// Answers the waiting GET with what there is to say.
    fn flush(&mut self) {
        let Some(carried) = &mut self.carried else { return };
        if !carried.machine.writable() && self.link.verdict().is_none() {
            return;
        }
        let now = clock::instant();
        if let Some(reason) = self.link.verdict() {
            let outputs = carried.machine.close(reason, now);
            self.perform(outputs);
        } else if !carried.outgoing(MAX_PACKETS, now).is_empty()
            && let Some(request) = carried.machine.take_poll()
        {
            let body = self.fill(None);
            self.answer(request, Answered::Body(body));
        }
    }

    fn body_of(&mut self, answer: Answer) -> Answered {
        match answer {
            Answer::Packet(packet) => Answered::Body(packet.encode_text().unwrap_or_default()),
            Answer::Last(packet) => Answered::Body(self.fill(Some(packet))),
            Answer::Taken => Answered::Taken,
            Answer::Refused(error) => Answered::Refused(error),
        }
    }

    /// As much as fits one response; `last` goes behind it in any case.
    fn fill(&mut self, last: Option<Packet>) -> ByteString {
        let mut builder = Builder::new(self.max_payload);
        let room = last.as_ref().map_or(0, |_| 1);
        if let Some(carried) = &mut self.carried {
            let outgoing = carried.outgoing(MAX_PACKETS, clock::instant());
            while let Some(part) = outgoing.front() {
                let fits = builder.packets() + room < MAX_PACKETS
                    && match part {
                        Part::Text(text) | Part::Welcome(text) => builder.push_text(text),
                        Part::Binary(bytes) => builder.push_binary(bytes),
                        Part::Close(_) => true,
                    };
                if !fits {
                    break;
                }
                outgoing.pop_front();
            }
        }
        if let Some(packet) = last
            && !builder.push_packet(&packet)
        {
            log::debug!("a response was too full for its close packet");
        }
        builder.finish()
    }

    fn hand_over(&mut self, socket: SocketId) {
        if let (Some(carried), Some(address)) = (self.carried.take(), self.sockets.get(&socket)) {
            if let Some(registration) = &carried.registration {
                registration.upgraded();
            }
            address.do_send(ToSocket::TakeOver(Box::new(carried)));
        }
    }

    fn to_socket(&self, socket: SocketId, command: ToSocket<L>) {
        if let Some(address) = self.sockets.get(&socket) {
            address.do_send(command);
        }
    }

    fn answer(&mut self, request: RequestId, answered: Answered) {
        if let Some(answer) = self.requests.remove(&request) {
            // Whoever asked may have gone away meanwhile: that is told as an abort.
            let _ = answer.send(answered);
        }
    }

    /// Sets the timer, or ends when nobody can come any more.
    fn settle(&mut self, context: &mut Context<Self>) {
        match &self.carried {
            None => context.stop(),
            Some(carried) if self.closed && carried.machine.is_finished() => context.stop(),
            Some(carried) => {
                if let Some(due) = carried.deadline() {
                    self.alarm.set(due, context, Self::due);
                }
            }
        }
    }

    fn due(&mut self, context: &mut Context<Self>) {
        self.alarm.fired();
        self.drive(context, |carried| carried.timeout(clock::instant()));
    }
}

impl<L: Layer> Actor for PollingSession<L> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        if let Some(carried) = &mut self.carried {
            carried.layer.opened(&self.link);
        }
        context.add_stream(self.link.signals());
        if let Some(outputs) = self.opening.take() {
            self.drive(context, |_| outputs);
        }
    }
}

/// The link has something to send.
impl<L: Layer> StreamHandler<()> for PollingSession<L> {
    fn handle(&mut self, (): (), context: &mut Context<Self>) {
        self.flush();
        self.settle(context);
    }

    fn finished(&mut self, _: &mut Context<Self>) {}
}

impl<L: Layer> Handler<Poll> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, Poll { request, answer }: Poll, context: &mut Context<Self>) {
        self.requests.insert(request, answer);
        if self.sockets.is_empty() {
            self.poll(request, context);
        } else {
            context.run_later(COURTESY, move |session, context| session.poll(request, context));
        }
    }
}

impl<L: Layer> Handler<Abort> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, Abort(request): Abort, context: &mut Context<Self>) {
        self.requests.remove(&request);
        self.drive(context, |carried| carried.machine.poll_aborted(request, clock::instant()));
    }
}

impl<L: Layer> Handler<Post> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, Post { request, body, answer }: Post, context: &mut Context<Self>) {
        self.requests.insert(request, answer);
        self.drive(context, |carried| carried.machine.post(request, &body, clock::instant()));
    }
}

impl<L: Layer> Handler<Overlap> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, _: Overlap, context: &mut Context<Self>) {
        self.drive(context, |carried| carried.machine.close(CloseReason::TransportError, clock::instant()));
    }
}

impl<L: Layer> Handler<ProbeOpened<L>> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, ProbeOpened { socket, address }: ProbeOpened<L>, context: &mut Context<Self>) {
        self.sockets.insert(socket, address);
        self.drive(context, |carried| carried.machine.socket_opened(socket, clock::instant()));
    }
}

impl<L: Layer> Handler<ProbeReceived> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, ProbeReceived { socket, packet }: ProbeReceived, context: &mut Context<Self>) {
        self.drive(context, |carried| match packet {
            Some(packet) => carried.machine.receive(socket, packet, clock::instant()),
            None => carried.machine.bad_packet(socket, clock::instant()),
        });
    }
}

impl<L: Layer> Handler<ProbeClosed> for PollingSession<L> {
    type Result = ();

    fn handle(&mut self, ProbeClosed(socket): ProbeClosed, context: &mut Context<Self>) {
        self.sockets.remove(&socket);
        self.drive(context, |carried| carried.machine.socket_closed(socket, CloseReason::TransportClose, clock::instant()));
    }
}
