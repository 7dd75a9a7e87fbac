//! Owns the hub: the one actor with which every session registers. It keeps the registry, hands events to the application, and runs the
//! application's turn to its end before the next message. It never waits for a client: what goes out goes into the client's own bounded
//! queue. Knows no transport and no tickets.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;

use super::application::{Ack, Application, Denied, Event, Handshake, Question, Reply};
use super::counts::Counts;
use super::ending::ending;
use super::ids::{Pid, SocketId};
use super::link::{ConnectionId, Credit, Effect, Link};
use super::members::SocketKey;
use super::opening::Opening;
use super::recovery::{Claim, Recovered, RecoveryMode, Returned};
use super::registry::{Registry, Socket};
use crate::clock;
use crate::protocol::engine::CloseReason;
use crate::protocol::socket::{self, Namespace, Packet};

/// How often the hub looks for connections that do not read.
const SWEEP: Duration = Duration::from_secs(5);

/// The hub's own limits, and where it counts.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// A connection whose oldest packet has waited longer does not read any more.
    pub stale_after: Duration,
    /// Connections beyond this are turned away.
    pub max_connections: usize,
    pub recovery: RecoveryMode,
    pub counts: Counts,
}

pub struct Hub<A: Application> {
    application: A,
    registry: Registry,
    settings: HubSettings,
    stopping: bool,
}

/// A session registers. First message of every session.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Register {
    pub link: Arc<Link>,
    /// What is known of its HTTP request.
    pub opening: Arc<Opening>,
}

/// A packet of a session's client.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Inbound {
    pub connection: ConnectionId,
    pub packet: Packet,
    pub credit: Credit,
}

/// A session has ended. Last message of every session.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deregister {
    pub connection: ConnectionId,
    pub reason: CloseReason,
}

/// Something for the application.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Tell<N: Send>(pub N);

/// Ends every connection after what is queued for it, and lets no new one in.
#[derive(Message)]
#[rtype(result = "()")]
pub struct CloseAll;

/// Number of registered connections.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct CountConnections;

impl<A: Application> Hub<A> {
    pub fn new(application: A, settings: HubSettings) -> Self {
        Self { application, registry: Registry::new(settings.recovery), settings, stopping: false }
    }

    /// Runs one turn of the application.
    fn turn<R>(&mut self, context: &mut Context<Self>, run: impl FnOnce(&mut A, &mut Turn<'_, A>) -> R) -> R {
        let mut turn = Turn { registry: &mut self.registry, context, counts: &self.settings.counts, dismissed: Vec::new() };
        let result = run(&mut self.application, &mut turn);
        while let Some(key) = turn.dismissed.pop() {
            if turn.registry.dismiss(key) {
                self.application.disconnected(&mut turn, key, CloseReason::ServerNamespaceDisconnect);
            }
        }
        result
    }

    fn connect(&mut self, context: &mut Context<Self>, connection: ConnectionId, namespace: Namespace, auth: Option<String>) {
        if !self.application.has_namespace(namespace.as_str()) {
            let refusal = socket::encode_connect_error(&namespace, "Invalid namespace", None);
            return self.registry.send(connection, refusal, Effect::Left(namespace));
        }
        let Some((link, opening)) = self.registry.connection(connection) else { return };
        let claim = Claim::parse(auth.as_deref());
        let mut handshake = Handshake {
            socket: self.registry.next_key(),
            id: SocketId::draw(),
            namespace: namespace.clone(),
            auth,
            opening,
            recovered: Recovered::No,
        };
        if let Err(Denied { message, data }) = self.turn(context, |application, turn| application.admit(turn, &handshake)) {
            let refusal = socket::encode_connect_error(&namespace, &message, data.as_deref());
            return self.registry.send(connection, refusal, Effect::Left(namespace));
        }
        let claim = match self.registry.claimed(&claim, &namespace) {
            Some(session) if !self.application.gives_back(&handshake, &session) => Claim::anew(),
            _ => claim,
        };
        let returned = self.reclaim(context, &claim, &namespace);
        let (mut pid, mut rooms, mut missed) = (None, Vec::new(), Vec::new());
        if let Some(returned) = returned {
            handshake.id = returned.saved.id;
            handshake.recovered = returned.recovered;
            pid = Some((returned.saved.pid, returned.from));
            (rooms, missed) = (returned.saved.rooms, returned.missed);
        } else if self.registry.recovers(&claim) {
            pid = Some((Pid::draw(), Some(self.registry.position())));
        }
        let answer = socket::encode_connect(&namespace, handshake.id.as_str(), pid.as_ref().map(|(pid, _)| pid.as_str()));
        self.registry.enter(Socket::new(handshake.socket, handshake.id, namespace.clone(), link, pid), &rooms);
        self.registry.send(connection, answer, Effect::Joined(namespace));
        for packet in missed {
            self.registry.send(connection, packet, Effect::None);
        }
        self.turn(context, |application, turn| application.connected(turn, handshake));
    }

    /// Gives a session back. Where its old connection is still thought alive, that one ends.
    fn reclaim(&mut self, context: &mut Context<Self>, claim: &Claim, namespace: &Namespace) -> Option<Returned> {
        let (returned, old) = self.registry.reclaim(claim, namespace);
        if let Some((key, connection)) = old {
            self.registry.close(connection, CloseReason::ForcedServerClose);
            self.turn(context, |application, turn| application.disconnected(turn, key, CloseReason::ForcedServerClose));
        }
        returned
    }

    fn leave(&mut self, context: &mut Context<Self>, key: SocketKey, reason: CloseReason) {
        if self.registry.remove_socket(key, is_recoverable(reason)) {
            self.turn(context, |application, turn| application.disconnected(turn, key, reason));
        }
    }
}

impl<A: Application> Actor for Hub<A> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        // Sessions bound what they have in flight, so the hub's mailbox is bounded by them and must never refuse one.
        context.set_mailbox_capacity(usize::MAX >> 8);
        context.run_interval(SWEEP, |hub, _| {
            hub.registry.cut_stale(clock::instant(), hub.settings.stale_after);
            hub.registry.expire(clock::instant());
        });
        self.turn(context, |application, turn| application.started(turn));
    }
}

impl<A: Application> Handler<Register> for Hub<A> {
    type Result = ();

    fn handle(&mut self, Register { link, opening }: Register, _: &mut Context<Self>) {
        if self.stopping {
            self.settings.counts.turned_away(CloseReason::ServerShuttingDown);
            return end(&link, CloseReason::ServerShuttingDown);
        }
        if self.registry.connections() >= self.settings.max_connections {
            log::warn!("more than {} connections: one is turned away", self.settings.max_connections);
            self.settings.counts.turned_away(CloseReason::ForcedServerClose);
            return end(&link, CloseReason::ForcedServerClose);
        }
        self.settings.counts.opened();
        self.registry.register(link, opening);
    }
}

impl<A: Application> Handler<Inbound> for Hub<A> {
    type Result = ();

    fn handle(&mut self, Inbound { connection, packet, credit }: Inbound, context: &mut Context<Self>) {
        let Some((link, _)) = self.registry.connection(connection) else { return };
        // Whoever did not read its answers gets no more of the hub's time for what it had sent before it was cut.
        if link.verdict() == Some(CloseReason::Slow) {
            return;
        }
        match packet {
            Packet::Connect { namespace, payload } => {
                self.connect(context, connection, namespace, payload.map(|raw| raw.as_str().to_owned()));
            }
            Packet::Disconnect { namespace } => {
                if let Some(key) = self.registry.socket_in(connection, &namespace) {
                    self.leave(context, key, CloseReason::ClientNamespaceDisconnect);
                }
            }
            Packet::Event { namespace, id, args, attachments } => {
                // Between the hub's own disconnect and its arrival a client may go on sending: nobody is there to hear it.
                if let Some(key) = self.registry.socket_in(connection, &namespace) {
                    let name = args.event_name().map(|name| name.into_owned()).unwrap_or_default();
                    let event = Event { namespace, name, args, attachments, ack: id.map(|id| Ack { socket: key, id }), credit };
                    self.turn(context, |application, turn| application.event(turn, key, event));
                }
            }
            Packet::Ack { namespace, id, args, attachments } => {
                // An answer that nobody waits for, or waits for no more, means nothing.
                if let Some(key) = self.registry.socket_in(connection, &namespace)
                    && self.registry.answered(key, id)
                {
                    let reply = Reply { args, attachments };
                    self.turn(context, |application, turn| application.answered(turn, key, Question(id), Some(reply)));
                }
            }
            // A client has nothing to refuse; the session's own machine has closed the connection already.
            Packet::ConnectError { .. } => {}
        }
    }
}

impl<A: Application> Handler<Deregister> for Hub<A> {
    type Result = ();

    fn handle(&mut self, Deregister { connection, reason }: Deregister, context: &mut Context<Self>) {
        let Some(gone) = self.registry.deregister(connection) else { return };
        let reason = gone.link.verdict().unwrap_or(reason);
        self.settings.counts.closed(reason);
        log::log!(ending(reason).level, "connection {} ended: {}", connection.0, reason.label());
        for key in gone.sockets {
            self.leave(context, key, reason);
        }
    }
}

impl<A: Application> Handler<Tell<A::Notice>> for Hub<A> {
    type Result = ();

    fn handle(&mut self, Tell(notice): Tell<A::Notice>, context: &mut Context<Self>) {
        self.turn(context, |application, turn| application.notice(turn, notice));
    }
}

impl<A: Application> Handler<CloseAll> for Hub<A> {
    type Result = ();

    fn handle(&mut self, _: CloseAll, _: &mut Context<Self>) {
        self.stopping = true;
        self.registry.close_all(CloseReason::ServerShuttingDown);
    }
}

impl<A: Application> Handler<CountConnections> for Hub<A> {
    type Result = usize;

    fn handle(&mut self, _: CountConnections, _: &mut Context<Self>) -> usize {
        self.registry.connections()
    }
}

/// What an application may do in its turn: everything that the [`Registry`] can, timers, and a handle to tell itself something later.
pub struct Turn<'a, A: Application> {
    registry: &'a mut Registry,
    context: &'a mut Context<Hub<A>>,
    counts: &'a Counts,
    dismissed: Vec<SocketKey>,
}

impl<A: Application> Turn<'_, A> {
    /// Tells the application something after a time.
    pub fn notify_after(&mut self, delay: Duration, notice: A::Notice) {
        self.context.notify_later(Tell(notice), delay);
    }

    /// Sends an event that the client is to acknowledge within `patience`; the answer comes to [`Application::answered`]. `None` for a socket
    /// that is gone. Each argument is raw JSON.
    pub fn ask(&mut self, socket: SocketKey, name: &str, args: &[&str], attachments: &[Bytes], patience: Duration) -> Option<Question> {
        let id = self.registry.ask(socket, |namespace, id| socket::encode_event(namespace, Some(id), name, args, attachments))?;
        self.context.run_later(patience, move |hub, context| {
            if hub.registry.answered(socket, id) {
                hub.turn(context, |application, turn| application.answered(turn, socket, Question(id), None));
            }
        });
        Some(Question(id))
    }

    /// Where the application counts what it refuses.
    pub fn counts(&self) -> &Counts {
        self.counts
    }

    /// A handle for other threads.
    pub fn recipient(&self) -> Recipient<Tell<A::Notice>> {
        self.context.address().recipient()
    }

    /// Takes a socket out of its namespace and tells its client, at the end of this turn.
    pub fn disconnect(&mut self, socket: SocketKey) {
        self.dismissed.push(socket);
    }
}

impl<A: Application> Deref for Turn<'_, A> {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        self.registry
    }
}

impl<A: Application> DerefMut for Turn<'_, A> {
    fn deref_mut(&mut self) -> &mut Registry {
        self.registry
    }
}

/// A session whose client or application said goodbye does not come back.
fn is_recoverable(reason: CloseReason) -> bool {
    !matches!(
        reason,
        CloseReason::ServerNamespaceDisconnect
            | CloseReason::ClientNamespaceDisconnect
            | CloseReason::ParseError
            | CloseReason::PayloadTooLarge
    )
}

fn end(link: &Link, reason: CloseReason) {
    // A new link has room for its one ending.
    let _ = link.push(super::link::Outbound::Close(reason), clock::instant());
}
