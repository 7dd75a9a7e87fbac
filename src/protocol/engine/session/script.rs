//! Runs a session through any sequence of inputs and checks what must hold after each. For the property tests and, by path, the fuzz
//! target: so it names all by their full paths. Never part of the program.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::protocol::engine::{
    Answer, CloseReason, Config, HttpError, Message, Output, Outputs, Packet, RequestId, Session, SocketId, Transport,
};

const BODIES: [&[u8]; 14] = [
    b"4a",
    b"4a\x1e4b\x1e4c",
    b"3",
    b"3",
    b"1",
    b"4a\x1e1\x1e4b",
    b"2",
    b"2probe",
    b"5",
    b"6",
    b"",
    b"x",
    b"4a\x1ex\x1e4b",
    b"bAQIDBA==\x1e4\xff",
];

/// Plays the steps that `bytes` stand for, two bytes a step.
///
/// # Panics
///
/// When the session breaks one of its promises.
pub fn run(bytes: &[u8], start: Instant) {
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        upgrade_timeout: Duration::from_millis(150),
        ..Config::default()
    };
    let Some((first, steps)) = bytes.split_first() else { return };
    let mut script = Script::open(config, first % 2 == 0, start);
    for step in steps.as_chunks::<2>().0 {
        script.step(step[0], step[1]);
    }
    script.finish();
}

struct Script {
    session: Session,
    now: Instant,
    next_id: u64,
    /// Requests that were given and not yet answered.
    waiting: BTreeSet<u64>,
    /// WebSockets that neither side has closed.
    sockets: BTreeSet<u64>,
    closed: Option<CloseReason>,
    writable: bool,
}

impl Script {
    fn open(config: Config, polling: bool, now: Instant) -> Self {
        let (session, outputs) = if polling {
            Session::over_polling(config, "sid", RequestId(0), now)
        } else {
            Session::over_websocket(config, "sid", SocketId(0), now)
        };
        let id = BTreeSet::from([0]);
        let (waiting, sockets) = if polling { (id, BTreeSet::new()) } else { (BTreeSet::new(), id) };
        let mut script = Self { session, now, next_id: 1, waiting, sockets, closed: None, writable: false };
        script.check(outputs);
        assert!(script.waiting.is_empty(), "the handshake is answered at once");
        script
    }

    fn step(&mut self, action: u8, argument: u8) {
        let now = self.now;
        match action % 12 {
            0 => self.now += Duration::from_millis(u64::from(argument)),
            1 => {
                let outputs = self.session.timeout(now);
                self.check(outputs);
            }
            2 => {
                let request = self.request();
                let outputs = self.session.poll(request, now);
                self.check(outputs);
            }
            3 => {
                let request = RequestId(u64::from(argument) % self.next_id);
                let waited = self.waiting.remove(&request.0);
                let outputs = self.session.poll_aborted(request, now);
                self.check(outputs);
                assert!(!waited || self.closed.is_some(), "an aborted GET ends the session");
            }
            4 => {
                let request = self.request();
                let body = Bytes::from_static(BODIES[usize::from(argument) % BODIES.len()]);
                let outputs = self.session.post(request, &body, now);
                self.check(outputs);
                assert!(!self.waiting.contains(&request.0), "a POST is answered at once");
            }
            5 => {
                let socket = SocketId(self.id());
                self.sockets.insert(socket.0);
                let outputs = self.session.socket_opened(socket, now);
                self.check(outputs);
            }
            6 => {
                let outputs = self.session.receive(self.socket(argument), packet(argument), now);
                self.check(outputs);
            }
            7 => {
                let outputs = self.session.bad_packet(self.socket(argument), now);
                self.check(outputs);
            }
            8 => {
                let socket = self.socket(argument);
                if self.sockets.remove(&socket.0) {
                    let outputs = self.session.socket_closed(socket, CloseReason::TransportClose, now);
                    self.check(outputs);
                }
            }
            9 if argument < 64 => {
                let outputs = self.session.close(CloseReason::ALL[usize::from(argument) % CloseReason::ALL.len()], now);
                self.check(outputs);
                assert!(self.closed.is_some(), "closed when told so");
            }
            10 => {
                // Wakes up just in time.
                if let Some(deadline) = self.session.deadline() {
                    self.now = self.now.max(deadline);
                    let outputs = self.session.timeout(self.now);
                    self.check(outputs);
                }
            }
            _ => {
                if let Some(request) = self.session.take_poll() {
                    assert!(self.waiting.remove(&request.0), "a GET that waits is taken once");
                    self.writable = false;
                }
                assert_eq!(self.session.take_poll(), None);
            }
        }
    }

    fn finish(mut self) {
        let outputs = self.session.close(CloseReason::ServerShuttingDown, self.now);
        self.check(outputs);
        assert!(self.waiting.is_empty(), "nobody is left waiting: {:?}", self.waiting);
        assert!(self.sockets.is_empty(), "no WebSocket is left open: {:?}", self.sockets);
        self.now += Duration::from_secs(60);
        let request = self.request();
        let answers: Vec<_> = self.session.poll(request, self.now).collect();
        assert_eq!(answers, [Output::Answer { request, answer: Answer::Refused(HttpError::SessionUnknown) }]);
        assert!(self.session.is_finished());
        assert_eq!(self.session.deadline(), None);
    }

    fn check(&mut self, outputs: Outputs) {
        let mut told_writable = false;
        for output in outputs {
            match output {
                Output::Received(_) => assert_eq!(self.closed, None, "nothing is received after the end"),
                Output::Send { socket, .. } => {
                    assert_eq!(self.closed, None, "nothing is sent after the end");
                    assert!(self.sockets.contains(&socket.0), "sent to a WebSocket that is gone");
                }
                Output::Answer { request, answer } => {
                    assert!(self.waiting.remove(&request.0), "{request:?} answered twice");
                    if matches!(answer, Answer::Packet(Packet::Ping(_) | Packet::Open(_))) {
                        assert_eq!(self.closed, None);
                    }
                }
                Output::Writable => {
                    assert_eq!(self.closed, None);
                    told_writable = true;
                }
                Output::Upgraded(socket) => {
                    assert_eq!(self.closed, None);
                    assert_eq!(self.session.transport(), Transport::WebSocket);
                    assert!(self.sockets.contains(&socket.0));
                }
                Output::CloseSocket(socket) => {
                    assert!(self.sockets.remove(&socket.0), "{socket:?} closed twice");
                }
                Output::Closed(reason) => assert_eq!(self.closed.replace(reason), None, "the end is told once"),
            }
        }
        let writable = self.session.writable();
        assert!(told_writable || self.writable || !writable, "writable without having said so");
        self.writable = writable;
        assert_eq!(self.closed.is_some(), self.session.is_closed());
        assert!(!(writable && self.closed.is_some()), "writable after the end");
        assert!(self.session.deadline().is_none_or(|deadline| deadline > self.now), "what fell due was not done");
        assert!(self.waiting.len() <= 1, "only one GET waits");
        assert!(self.waiting.is_empty() || (self.session.transport() == Transport::Polling && writable) || self.closed.is_some());
        if self.closed.is_some() {
            assert!(self.sockets.is_empty(), "a WebSocket outlives its session");
            assert_eq!(self.session.take_poll(), None);
        } else {
            assert_eq!(self.session.socket().is_some(), self.session.transport() == Transport::WebSocket);
            assert!(self.sockets.len() <= 1 || self.session.transport() == Transport::Polling);
        }
    }

    fn id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn request(&mut self) -> RequestId {
        let id = self.id();
        self.waiting.insert(id);
        RequestId(id)
    }

    /// The WebSocket that is alive, now and then another.
    fn socket(&self, argument: u8) -> SocketId {
        match self.sockets.last() {
            Some(id) if !argument.is_multiple_of(16) => SocketId(*id),
            _ => SocketId(u64::from(argument) % self.next_id),
        }
    }
}

fn packet(argument: u8) -> Packet {
    match argument % 10 {
        0..=2 => Packet::Ping("probe".into()),
        3 | 4 => Packet::Upgrade,
        5 => Packet::Pong("".into()),
        6 => Packet::Message(Message::Text("a".into())),
        7 => Packet::Message(Message::Binary(Bytes::from_static(&[1]))),
        8 => Packet::Noop,
        _ if argument < 50 => Packet::Close,
        _ => Packet::Pong("x".into()),
    }
}
