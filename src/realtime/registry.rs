//! Owns who is connected, in which namespace, in which rooms, and the ways to send: to one socket, to rooms, to all, to all but some. A
//! packet for many is encoded once by the caller and shared. Never waits, never decides who may do what.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::application::Ack;
use super::ids::{Pid, SocketId};
use super::link::{ConnectionId, Effect, Link, Outbound};
use super::marks::Scope;
use super::members::{Member, Members, SocketKey};
use super::opening::Opening;
use super::recovery::{Claim, Recovery, RecoveryMode, Returned, Saved, Target};
use crate::clock;
use crate::protocol::engine::CloseReason;
use crate::protocol::socket::{self, Encoded, Namespace};

/// A connection in a namespace.
pub struct Socket {
    key: SocketKey,
    id: SocketId,
    namespace: Namespace,
    link: Arc<Link>,
    rooms: Vec<Arc<str>>,
    /// By which its session can be recovered, and the position at which that session began (`None`: in another process).
    pid: Option<(Pid, Option<u64>)>,
    /// Shared with its memberships.
    scope: Rc<Cell<Scope>>,
    /// Events that it was asked to acknowledge and has not yet.
    asked: HashSet<u64>,
}

impl Socket {
    pub(super) fn new(key: SocketKey, id: SocketId, namespace: Namespace, link: Arc<Link>, pid: Option<(Pid, Option<u64>)>) -> Self {
        Self { key, id, namespace, link, rooms: Vec::new(), pid, scope: Rc::default(), asked: HashSet::new() }
    }

    fn member(&self) -> Member {
        Member { key: self.key, link: self.link.clone(), recoverable: self.pid.map(|_| self.scope.clone()) }
    }

    fn saved(&self) -> Option<Saved> {
        let (pid, _) = self.pid?;
        Some(Saved { pid, id: self.id, namespace: self.namespace.clone(), rooms: self.rooms.clone() })
    }
}

/// Who gets a broadcast. Without rooms: everybody in the namespace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audience<'a> {
    pub rooms: &'a [&'a str],
    pub except: Option<SocketKey>,
    pub except_rooms: &'a [&'a str],
}

impl<'a> Audience<'a> {
    pub const ALL: Self = Self { rooms: &[], except: None, except_rooms: &[] };

    pub fn room(room: &'a &'a str) -> Self {
        Self { rooms: std::slice::from_ref(room), ..Self::ALL }
    }

    pub fn all_but(socket: SocketKey) -> Self {
        Self { except: Some(socket), ..Self::ALL }
    }
}

struct Connection {
    link: Arc<Link>,
    opening: Arc<Opening>,
    sockets: Vec<SocketKey>,
}

pub(super) struct Gone {
    pub link: Arc<Link>,
    pub sockets: Vec<SocketKey>,
}

#[derive(Default)]
struct Space {
    all: Members,
    rooms: HashMap<Arc<str>, Members>,
}

pub struct Registry {
    connections: HashMap<ConnectionId, Connection>,
    sockets: HashMap<SocketKey, Socket>,
    by_id: HashMap<SocketId, SocketKey>,
    spaces: HashMap<Namespace, Space>,
    last_key: u64,
    last_ask: u64,
    recovery: Recovery,
    /// Recoverable sessions that came, went, or changed their rooms since the application asked last.
    changed: HashSet<Pid>,
}

impl Registry {
    pub(super) fn new(mode: RecoveryMode) -> Self {
        Self {
            connections: HashMap::new(),
            sockets: HashMap::new(),
            by_id: HashMap::new(),
            spaces: HashMap::new(),
            last_key: 0,
            last_ask: 0,
            recovery: Recovery::new(mode),
            changed: HashSet::new(),
        }
    }

    /// Connections, whether or not they have entered a namespace.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// The socket with this public id.
    pub fn find(&self, id: SocketId) -> Option<SocketKey> {
        self.by_id.get(&id).copied()
    }

    pub fn id(&self, socket: SocketKey) -> Option<SocketId> {
        self.sockets.get(&socket).map(|socket| socket.id)
    }

    /// Joins a room; the room comes to be with its first member. Nothing happens to a socket that is gone.
    pub fn join(&mut self, socket: SocketKey, room: &str) {
        let Some(socket) = self.sockets.get_mut(&socket) else { return };
        let space = self.spaces.entry(socket.namespace.clone()).or_default();
        let room: Arc<str> = match space.rooms.get_key_value(room) {
            Some((room, _)) => room.clone(),
            None => room.into(),
        };
        if space.rooms.entry(room.clone()).or_default().insert(socket.member()) {
            socket.rooms.push(room);
            socket.scope.set(self.recovery.scope(&socket.rooms));
            self.changed.extend(socket.pid.map(|(pid, _)| pid));
        }
    }

    /// Leaves a room; the room goes with its last member.
    pub fn leave(&mut self, socket: SocketKey, room: &str) {
        let Some(socket) = self.sockets.get_mut(&socket) else { return };
        socket.rooms.retain(|joined| &**joined != room);
        if let Some(space) = self.spaces.get_mut(&socket.namespace) {
            space.leave(socket.key, room);
        }
        socket.scope.set(self.recovery.scope(&socket.rooms));
        self.changed.extend(socket.pid.map(|(pid, _)| pid));
    }

    pub fn is_in(&self, socket: SocketKey, room: &str) -> bool {
        self.sockets.get(&socket).is_some_and(|socket| socket.rooms.iter().any(|joined| &**joined == room))
    }

    /// Whether anybody hears what is sent to the room, now or when they are back: what nobody gets need not be encoded.
    pub fn is_heard(&self, namespace: &Namespace, room: &str) -> bool {
        self.recovery.is_awaiting() || self.spaces.get(namespace).is_some_and(|space| space.rooms.contains_key(room))
    }

    /// The rooms that a socket is in.
    pub fn rooms(&self, socket: SocketKey) -> impl Iterator<Item = &str> {
        self.sockets.get(&socket).into_iter().flat_map(|socket| socket.rooms.iter().map(|room| &**room))
    }

    /// Sends to one socket. Nothing happens to a socket that is gone.
    pub fn emit(&mut self, socket: SocketKey, packet: Encoded) {
        let Some(socket) = self.sockets.get(&socket) else { return };
        let now = clock::instant();
        let position = socket.pid.and_then(|_| self.recovery.keep(&socket.namespace, || Target::Socket(socket.id), &packet, now));
        let packet = position.map_or(packet.clone(), |position| self.recovery.stamped(&packet, position, socket.scope.get()));
        put(&socket.link, packet, Effect::None, now);
    }

    /// Sends an event that the client is to acknowledge, with an id of this call's own. `None` for a socket that is gone.
    pub(super) fn ask(&mut self, key: SocketKey, encode: impl FnOnce(&Namespace, u64) -> Encoded) -> Option<u64> {
        let socket = self.sockets.get_mut(&key)?;
        self.last_ask += 1;
        socket.asked.insert(self.last_ask);
        put(&socket.link, encode(&socket.namespace, self.last_ask), Effect::None, clock::instant());
        Some(self.last_ask)
    }

    /// Whether this was asked and not answered yet; from now on it is answered.
    pub(super) fn answered(&mut self, key: SocketKey, id: u64) -> bool {
        self.sockets.get_mut(&key).is_some_and(|socket| socket.asked.remove(&id))
    }

    /// Sends to one socket if it has nothing else to read; it is not kept for one that is away.
    pub fn emit_volatile(&self, socket: SocketKey, packet: Encoded) {
        if let Some(socket) = self.sockets.get(&socket)
            && socket.link.is_idle()
        {
            put(&socket.link, packet, Effect::None, clock::instant());
        }
    }

    /// Sends one encoded packet to many; each gets it once, in however many of the rooms it is.
    pub fn broadcast(&mut self, namespace: &Namespace, audience: Audience<'_>, packet: &Encoded) {
        let now = clock::instant();
        let target = || Target::Audience {
            rooms: audience.rooms.iter().map(|room| (*room).into()).collect(),
            except: audience.except.and_then(|key| self.sockets.get(&key)).map(|socket| socket.id),
            except_rooms: audience.except_rooms.iter().map(|room| (*room).into()).collect(),
        };
        let position = self.recovery.keep(namespace, target, packet, now);
        // Those who get the same are nearly always of one scope.
        let mut stamped: Vec<(Scope, Encoded)> = Vec::new();
        self.each(namespace, audience, |member| {
            let packet = match (position, &member.recoverable) {
                (Some(position), Some(scope)) => {
                    let scope = scope.get();
                    let place = stamped.iter().position(|(known, _)| *known == scope).unwrap_or_else(|| {
                        stamped.push((scope, self.recovery.stamped(packet, position, scope)));
                        stamped.len() - 1
                    });
                    &stamped[place].1
                }
                _ => packet,
            };
            put(&member.link, packet.clone(), Effect::None, now);
        });
    }

    /// Sends to those of many who have nothing else to read; it is not kept for those who are away.
    pub fn broadcast_volatile(&self, namespace: &Namespace, audience: Audience<'_>, packet: &Encoded) {
        let now = clock::instant();
        self.each(namespace, audience, |member| {
            if member.link.is_idle() {
                put(&member.link, packet.clone(), Effect::None, now);
            }
        });
    }

    /// What the application numbers the state of a room by, now: later events to those who are in it carry it in their offset, for a recovery
    /// after a restart. A socket is to be in one marked room at the most.
    pub fn set_mark(&mut self, room: &str, mark: u64) {
        if self.recovery.set_mark(room, mark) {
            let members = self.spaces.values().filter_map(|space| space.rooms.get(room)).flat_map(Members::iter);
            for socket in members.filter_map(|member| self.sockets.get(&member.key)) {
                socket.scope.set(self.recovery.scope(&socket.rooms));
            }
        }
    }

    /// What became of recoverable sessions since the last call: the session as it is, or `None` when it will not come back.
    pub fn take_changed(&mut self) -> Vec<(Pid, Option<Saved>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|pid| (pid, self.saved(pid))).collect()
    }

    /// Takes in a session that an earlier process kept.
    pub fn import(&mut self, saved: Saved) {
        self.recovery.import(saved, clock::instant());
    }

    fn saved(&self, pid: Pid) -> Option<Saved> {
        match self.recovery.live(pid).and_then(|key| self.sockets.get(&key)) {
            Some(socket) => socket.saved(),
            None => self.recovery.dormant(pid).cloned(),
        }
    }

    fn each(&self, namespace: &Namespace, audience: Audience<'_>, mut send: impl FnMut(&Member)) {
        let Some(space) = self.spaces.get(namespace) else { return };
        let excepted: Vec<&Members> = audience.except_rooms.iter().filter_map(|room| space.rooms.get(*room)).collect();
        let wanted = |key: SocketKey| Some(key) != audience.except && !excepted.iter().any(|room| room.contains(key));
        let mut seen = HashSet::new();
        let once = audience.rooms.len() > 1;
        let groups = audience.rooms.iter().filter_map(|room| space.rooms.get(*room));
        let everybody = audience.rooms.is_empty().then_some(&space.all);
        for member in groups.chain(everybody).flat_map(Members::iter) {
            if wanted(member.key) && (!once || seen.insert(member.key)) {
                send(member);
            }
        }
    }

    /// Answers an event with these arguments, each one raw JSON; a placeholder stands for the attachment of its number.
    pub fn acknowledge(&self, ack: Ack, args: &[&str], attachments: &[Bytes]) {
        if let Some(socket) = self.sockets.get(&ack.socket) {
            let packet = socket::encode_ack(&socket.namespace, ack.id, args, attachments);
            put(&socket.link, packet, Effect::None, clock::instant());
        }
    }

    pub(super) fn register(&mut self, link: Arc<Link>, opening: Arc<Opening>) {
        self.connections.insert(link.id, Connection { link, opening, sockets: Vec::new() });
    }

    pub(super) fn connection(&self, id: ConnectionId) -> Option<(Arc<Link>, Arc<Opening>)> {
        self.connections.get(&id).map(|connection| (connection.link.clone(), connection.opening.clone()))
    }

    pub(super) fn next_key(&mut self) -> SocketKey {
        self.last_key += 1;
        SocketKey(self.last_key)
    }

    /// The position at which a session that begins now begins.
    pub(super) fn position(&self) -> u64 {
        self.recovery.position()
    }

    pub(super) fn recovers(&self, claim: &Claim) -> bool {
        self.recovery.applies_to(claim)
    }

    /// The session that a client claims, connected or away.
    pub(super) fn claimed(&self, claim: &Claim, namespace: &Namespace) -> Option<Saved> {
        self.saved(claim.pid?).filter(|saved| saved.namespace == *namespace)
    }

    /// Gives a session back to the client that claims it. One that is still connected is taken from its old connection, which is returned.
    pub(super) fn reclaim(&mut self, claim: &Claim, namespace: &Namespace) -> (Option<Returned>, Option<(SocketKey, ConnectionId)>) {
        let live = claim.pid.and_then(|pid| self.recovery.live(pid)).and_then(|key| self.sockets.get(&key));
        let old = live.filter(|socket| socket.namespace == *namespace).map(|socket| (socket.key, socket.link.id));
        if let Some((key, _)) = old {
            self.remove_socket(key, true);
        }
        self.expire(clock::instant());
        // Given back or not: it waits no more.
        self.changed.extend(claim.pid.filter(|pid| self.recovery.dormant(*pid).is_some()));
        (self.recovery.returned(claim, namespace), old)
    }

    /// Ends the connection of a socket that is gone already.
    pub(super) fn close(&self, connection: ConnectionId, reason: CloseReason) {
        if let Some(connection) = self.connections.get(&connection) {
            // An overflow cuts it: gone either way.
            let _ = connection.link.push(Outbound::Close(reason), clock::instant());
        }
    }

    pub(super) fn enter(&mut self, socket: Socket, rooms: &[Arc<str>]) {
        let key = socket.key;
        if let Some(connection) = self.connections.get_mut(&socket.link.id) {
            connection.sockets.push(key);
        }
        self.spaces.entry(socket.namespace.clone()).or_default().all.insert(socket.member());
        self.by_id.insert(socket.id, key);
        if let Some((pid, _)) = socket.pid {
            self.recovery.began(pid, key);
            self.changed.insert(pid);
        }
        self.sockets.insert(key, socket);
        for room in rooms {
            self.join(key, room);
        }
    }

    pub(super) fn expire(&mut self, now: Instant) {
        let gone = self.recovery.expire(now);
        self.changed.extend(gone);
    }

    pub(super) fn socket_in(&self, connection: ConnectionId, namespace: &Namespace) -> Option<SocketKey> {
        let sockets = &self.connections.get(&connection)?.sockets;
        sockets.iter().copied().find(|key| self.sockets.get(key).is_some_and(|socket| socket.namespace == *namespace))
    }

    /// Sends to a connection that may have no socket yet.
    pub(super) fn send(&self, connection: ConnectionId, packet: Encoded, effect: Effect) {
        if let Some(connection) = self.connections.get(&connection) {
            put(&connection.link, packet, effect, clock::instant());
        }
    }

    /// Forgets a socket: its rooms, its id. `sleeps`: its session may come back. Returns false when it was gone already.
    pub(super) fn remove_socket(&mut self, key: SocketKey, sleeps: bool) -> bool {
        let Some(socket) = self.sockets.remove(&key) else { return false };
        if let Some((pid, from)) = socket.pid {
            match socket.saved() {
                Some(saved) if sleeps => self.recovery.slept(saved, from, clock::instant()),
                _ => self.recovery.ended(pid),
            }
            self.changed.insert(pid);
        }
        self.by_id.remove(&socket.id);
        if let Some(space) = self.spaces.get_mut(&socket.namespace) {
            space.all.remove(key);
            for room in &socket.rooms {
                space.leave(key, room);
            }
        }
        if let Some(connection) = self.connections.get_mut(&socket.link.id) {
            connection.sockets.retain(|other| *other != key);
        }
        true
    }

    pub(super) fn dismiss(&mut self, key: SocketKey) -> bool {
        let Some(socket) = self.sockets.get(&key) else { return false };
        let packet = socket::encode_disconnect(&socket.namespace);
        put(&socket.link, packet, Effect::Left(socket.namespace.clone()), clock::instant());
        self.remove_socket(key, false)
    }

    pub(super) fn deregister(&mut self, id: ConnectionId) -> Option<Gone> {
        let connection = self.connections.remove(&id)?;
        Some(Gone { link: connection.link, sockets: connection.sockets })
    }

    pub(super) fn close_all(&self, reason: CloseReason) {
        let now = clock::instant();
        for connection in self.connections.values() {
            // An overflow cuts it: gone either way.
            let _ = connection.link.push(Outbound::Close(reason), now);
        }
    }

    pub(super) fn cut_stale(&self, now: Instant, after: Duration) {
        for connection in self.connections.values() {
            if connection.link.age(now).is_some_and(|age| age > after) {
                connection.link.cut(CloseReason::Slow);
            }
        }
    }
}

impl Space {
    fn leave(&mut self, key: SocketKey, room: &str) {
        if let Some(members) = self.rooms.get_mut(room) {
            members.remove(key);
            if members.is_empty() {
                self.rooms.remove(room);
            }
        }
    }
}

fn put(link: &Link, packet: Encoded, effect: Effect, now: Instant) {
    // Overflow ends the connection at its socket; its session tells the hub, as with every other ending.
    let _ = link.push(Outbound::Packet(packet, effect), now);
}
