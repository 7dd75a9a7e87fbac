//! Owns the one bounded queue between the hub and a session, and the second handle to the session's socket. The hub puts in and never
//! waits; the session takes out when its socket has room. Whoever does not read is found out here, because its queue overflows or grows old,
//! and is cut at the socket: its own actor is not polled while the socket's buffer is full and could not notice.
//!
//! Never looks into a packet.

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_util::Stream;

use crate::protocol::engine::{CloseReason, Message};
use crate::protocol::socket::{Encoded, Namespace};

/// Names a connection within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// How much may wait for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Packets not yet taken out by the session; more is the verdict `slow`.
    pub packets: usize,
    /// Bytes of these; more is the verdict `slow`.
    pub bytes: usize,
    /// Events of the client that the hub has not handled yet; above it the session stops reading.
    pub in_flight: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { packets: 65_536, bytes: 4 << 20, in_flight: 256 }
    }
}

/// What a delivery means to the session beyond its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    None,
    /// The hub accepted the CONNECT to this namespace.
    Joined(Namespace),
    /// The hub refused it, or the namespace was left.
    Left(Namespace),
}

/// One thing for the session to do, in order.
#[derive(Debug, Clone)]
pub enum Outbound {
    Packet(Encoded, Effect),
    /// A bare Engine.IO message, for a layer without Socket.IO.
    Message(Message),
    /// Write what came before, then end.
    Close(CloseReason),
}

impl Outbound {
    fn size(&self) -> usize {
        match self {
            Self::Packet(packet, _) => packet.size(),
            Self::Message(message) => message.len(),
            Self::Close(_) => 0,
        }
    }
}

/// The hub's and the session's common piece of one connection.
pub struct Link {
    pub id: ConnectionId,
    limits: Limits,
    queue: Mutex<Queue>,
    /// Events handed to the hub and not yet handled.
    in_flight: AtomicU32,
    /// A POST of this client is under way.
    posting: AtomicBool,
    /// Wakes the reading side when `in_flight` has fallen again.
    gate: Mutex<Vec<Waker>>,
    /// `None` where there is no socket of its own to cut: a polling session, a test.
    socket: Mutex<Option<Arc<TcpStream>>>,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Outbound>,
    bytes: usize,
    /// When the oldest item came; `None` while empty.
    since: Option<Instant>,
    waker: Option<Waker>,
    /// Something came that no signal told yet.
    news: bool,
    /// Nothing more is taken in.
    ended: Option<CloseReason>,
}

impl Link {
    pub fn new(id: ConnectionId, limits: Limits, socket: Option<Arc<TcpStream>>) -> Self {
        Self {
            id,
            limits,
            queue: Mutex::default(),
            in_flight: AtomicU32::new(0),
            posting: AtomicBool::new(false),
            gate: Mutex::default(),
            socket: Mutex::new(socket),
        }
    }

    /// Another socket carries it from now on.
    pub fn carried_by(&self, socket: Arc<TcpStream>) {
        *lock(&self.socket) = Some(socket);
    }

    /// Puts one thing into the queue. Returns the ending when this was one too many: the connection is cut then, and the caller
    /// forgets it. On a link that has ended it does nothing.
    pub fn push(&self, outbound: Outbound, now: Instant) -> Result<(), CloseReason> {
        let waker = {
            let mut queue = lock(&self.queue);
            if queue.ended.is_some() {
                return Ok(());
            }
            let bytes = queue.bytes + outbound.size();
            // One packet alone may be as large as it is: the board of a crowded office is.
            let full = queue.items.len() >= self.limits.packets || bytes > self.limits.bytes;
            if full && !queue.items.is_empty() {
                drop(queue);
                self.cut(CloseReason::Slow);
                return Err(CloseReason::Slow);
            }
            let closes = if let Outbound::Close(reason) = &outbound { Some(*reason) } else { None };
            queue.ended = closes;
            queue.bytes = bytes;
            queue.since.get_or_insert(now);
            queue.items.push_back(outbound);
            queue.news = true;
            let waker = queue.waker.take();
            drop(queue);
            if closes.is_some() {
                self.open_gate();
            }
            waker
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// The session is over: nothing more is taken in, and whoever waits to send it something need not wait.
    pub fn ended(&self, reason: CloseReason) {
        lock(&self.queue).ended.get_or_insert(reason);
        self.open_gate();
    }

    /// Ends the connection at once, at the socket: whatever waits is dropped.
    pub fn cut(&self, reason: CloseReason) {
        let waker = {
            let mut queue = lock(&self.queue);
            queue.items.clear();
            queue.items.push_back(Outbound::Close(reason));
            queue.bytes = 0;
            queue.news = true;
            queue.ended.get_or_insert(reason);
            queue.waker.take()
        };
        if let Some(socket) = lock(&self.socket).take() {
            // A socket that its peer has closed already answers with an error: it is as shut as it can be.
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.open_gate();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Why it has ended; `None` while it has not.
    pub fn verdict(&self) -> Option<CloseReason> {
        lock(&self.queue).ended
    }

    /// Whether nothing waits to be read.
    pub fn is_idle(&self) -> bool {
        lock(&self.queue).items.is_empty()
    }

    /// How long the oldest thing has waited for the session to take it.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        lock(&self.queue).since.map(|since| now.saturating_duration_since(since))
    }

    /// Takes out what waits: all of it, and its memory, or at most `most` things.
    pub fn take(&self, most: usize, now: Instant) -> VecDeque<Outbound> {
        let taken = {
            let mut queue = lock(&self.queue);
            queue.news = false;
            if queue.items.len() <= most {
                queue.bytes = 0;
                queue.since = None;
                std::mem::take(&mut queue.items)
            } else {
                // It does read: the rest is as young as this.
                queue.since = Some(now);
                let taken: VecDeque<Outbound> = queue.items.drain(..most).collect();
                queue.bytes -= taken.iter().map(Outbound::size).sum::<usize>();
                taken
            }
        };
        if self.has_room() {
            self.open_gate();
        }
        taken
    }

    /// Ready once for what came since the last time. Later pushes wake this task.
    fn poll_news(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = lock(&self.queue);
        if std::mem::take(&mut queue.news) {
            Poll::Ready(())
        } else {
            register(&mut queue.waker, context);
            Poll::Pending
        }
    }

    /// Counts a packet of this client that goes to the hub, until what is returned is dropped.
    pub fn hand_over(self: &Arc<Self>) -> Credit {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        Credit(self.clone())
    }

    fn handled(&self) {
        let before = self.in_flight.fetch_sub(1, Ordering::AcqRel);
        // Half is enough for a stream to go on, waking at every single one would read in drips; a POST waits for the last.
        if before == self.limits.in_flight / 2 + 1 || before == 1 {
            self.open_gate();
        }
    }

    fn open_gate(&self) {
        for waker in std::mem::take(&mut *lock(&self.gate)) {
            waker.wake();
        }
    }

    /// Whether the session may read more of its client: not while the hub is behind with it or it does not read its own answers.
    fn poll_open(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.in_flight.load(Ordering::Acquire) < self.limits.in_flight && self.has_room() {
            return Poll::Ready(());
        }
        wait(&mut lock(&self.gate), context);
        // The hub or the client may have caught up between the look and the registration.
        if self.in_flight.load(Ordering::Acquire) <= self.limits.in_flight / 2 && self.has_room() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether answers to what the client sends next would find a place. On a link that has ended they need none.
    fn has_room(&self) -> bool {
        let queue = lock(&self.queue);
        let limits = &self.limits;
        queue.ended.is_some() || (queue.items.len() <= limits.packets / 8 * 7 && queue.bytes <= limits.bytes / 2)
    }

    /// The right to send a POST, until it is dropped; `None` while another one has it.
    pub fn posting(&self) -> Option<Posting<'_>> {
        (!self.posting.swap(true, Ordering::AcqRel)).then_some(Posting(self))
    }

    /// Resolves when the hub has handled all that it was given, and there is room for the answers to more.
    pub async fn caught_up(&self) {
        let ready = || self.verdict().is_some() || self.in_flight.load(Ordering::Acquire) == 0 && self.has_room();
        std::future::poll_fn(|context| {
            if ready() {
                return Poll::Ready(());
            }
            wait(&mut lock(&self.gate), context);
            // The hub or the client may have caught up between the look and the registration.
            if ready() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Wraps what is read of the socket: pending while the hub is behind with this client.
    pub fn gate<S>(self: &Arc<Self>, stream: S) -> Gated<S> {
        Gated { link: self.clone(), stream }
    }

    /// A stream that yields when something has come; what came together is told once.
    pub fn signals(self: &Arc<Self>) -> Signals {
        Signals { link: self.clone() }
    }
}

/// A packet of a client that is not done yet. While too many are, the session reads no more of its client. Whoever does something about an
/// event that takes longer than a turn keeps this until it is done.
pub struct Credit(Arc<Link>);

impl Drop for Credit {
    fn drop(&mut self) {
        self.0.handled();
    }
}

impl std::fmt::Debug for Credit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credit({})", self.0.id.0)
    }
}

/// See [`Link::posting`].
pub struct Posting<'a>(&'a Link);

impl Drop for Posting<'_> {
    fn drop(&mut self) {
        self.0.posting.store(false, Ordering::Release);
    }
}

/// See [`Link::gate`].
pub struct Gated<S> {
    link: Arc<Link>,
    stream: S,
}

/// A socket that fails is a socket that ends: whoever reads tells by other errors that the peer broke the protocol.
impl<T, E, S: Stream<Item = Result<T, E>> + Unpin> Stream for Gated<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        match self.link.poll_open(context) {
            Poll::Ready(()) => Pin::new(&mut self.stream).poll_next(context).map(|item| item.filter(Result::is_ok)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// See [`Link::signals`].
pub struct Signals {
    link: Arc<Link>,
}

impl Stream for Signals {
    type Item = ();

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        self.link.poll_news(context).map(Some)
    }
}

fn register(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) if waker.will_wake(context.waker()) => {}
        _ => *place = Some(context.waker().clone()),
    }
}

/// A POST and a WebSocket that probes wait at one gate.
fn wait(places: &mut Vec<Waker>, context: &Context<'_>) {
    if !places.iter().any(|waker| waker.will_wake(context.waker())) {
        places.push(context.waker().clone());
    }
}

/// A panic while one of these short sections was held left no half-done state behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
