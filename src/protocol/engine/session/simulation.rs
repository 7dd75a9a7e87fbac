//! A session and its shell against a client, in simulated time: messages flow both ways while the transport changes under them. What was
//! sent must arrive once each and in order.

use std::collections::{BTreeMap, VecDeque};

use bytestring::ByteString;
use proptest::prelude::*;

use super::*;
use crate::protocol::engine::{Message, payload};

/// What is on its way, or what somebody means to do at that time.
#[derive(Debug)]
enum Happening {
    ServerSends(usize),
    ClientSends(usize),
    ClientUpgrades,
    Get(RequestId),
    Post(RequestId, Bytes),
    Response(ByteString),
    PostTaken,
    SocketOpened,
    SocketClosed,
    ToServer(Packet),
    ToClient(Packet),
}

/// How the client treats its probe.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Upgrade {
    /// As the official client: a pause of polling, then `5`.
    Completes,
    /// The probe is never followed by anything; polling goes on.
    Stalls,
    /// The WebSocket breaks after the probe.
    Breaks,
}

#[derive(Debug, Clone)]
struct Plan {
    server_sends: Vec<u16>,
    client_sends: Vec<u16>,
    upgrade: Option<(u16, Upgrade)>,
    /// Milliseconds on the way, drawn round and round.
    latencies: Vec<u8>,
}

const END: u64 = 12_000;

struct World {
    epoch: Instant,
    now: u64,
    agenda: BTreeMap<(u64, u64), Happening>,
    latencies: std::iter::Cycle<std::vec::IntoIter<u8>>,
    drawn: u64,
    /// Frames of one WebSocket do not overtake each other.
    last_to_server: u64,
    last_to_client: u64,
    server: Server,
    client: Client,
}

struct Server {
    session: Session,
    outbound: VecDeque<ByteString>,
    received: Vec<ByteString>,
    closed: Option<CloseReason>,
}

struct Client {
    upgrade: Option<Upgrade>,
    /// Writes to the WebSocket.
    upgraded: bool,
    upgraded_at: u64,
    /// Waits for its GET and its POST to come back, to send `5`.
    pausing: bool,
    polling: bool,
    posting: bool,
    outbound: VecDeque<Packet>,
    received: Vec<ByteString>,
    next_request: u64,
    refused: usize,
    pings: usize,
}

impl World {
    fn new(plan: &Plan) -> Self {
        let config = Config {
            ping_interval: 1000 * Duration::from_millis(1),
            ping_timeout: Duration::from_millis(800),
            upgrade_timeout: Duration::from_millis(1500),
            ..Config::default()
        };
        let epoch = start();
        let (session, _) = Session::over_polling(config, "abc", RequestId(0), epoch);
        let mut world = Self {
            epoch,
            now: 0,
            agenda: BTreeMap::new(),
            latencies: plan.latencies.clone().into_iter().cycle(),
            drawn: 0,
            last_to_server: 0,
            last_to_client: 0,
            server: Server { session, outbound: VecDeque::new(), received: Vec::new(), closed: None },
            client: Client {
                upgrade: plan.upgrade.map(|(_, upgrade)| upgrade),
                upgraded: false,
                upgraded_at: 0,
                pausing: false,
                polling: false,
                posting: false,
                outbound: VecDeque::new(),
                received: Vec::new(),
                next_request: 1,
                refused: 0,
                pings: 0,
            },
        };
        for (index, at) in plan.server_sends.iter().enumerate() {
            world.at(u64::from(*at), Happening::ServerSends(index));
        }
        for (index, at) in plan.client_sends.iter().enumerate() {
            world.at(u64::from(*at), Happening::ClientSends(index));
        }
        if let Some((at, _)) = plan.upgrade {
            world.at(u64::from(at), Happening::ClientUpgrades);
        }
        world.client_acts();
        world
    }

    /// Until the agenda is empty or the time is over. A client that polls never empties it.
    fn run(&mut self) {
        while self.now < END && self.server.closed.is_none() {
            let timer = self.server.session.deadline().map(|deadline| {
                // Timers are late by some milliseconds.
                let due = deadline.duration_since(self.epoch).as_millis();
                u64::try_from(due).unwrap_or(u64::MAX).saturating_add(u64::from(self.peek()))
            });
            let next = self.agenda.first_key_value().map(|(key, _)| key.0);
            match (next, timer) {
                (Some(at), timer) if timer.is_none_or(|timer| at <= timer) => {
                    let Some((_, happening)) = self.agenda.pop_first() else { return };
                    self.now = self.now.max(at);
                    self.happen(happening);
                }
                (_, Some(timer)) => {
                    self.now = self.now.max(timer);
                    let outputs = self.server.session.timeout(self.instant());
                    self.carry_out(outputs);
                }
                _ => return,
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.instant();
        match happening {
            Happening::ServerSends(index) => {
                self.server.outbound.push_back(format!("4s{index}").into());
                self.flush();
            }
            Happening::ClientSends(index) => {
                self.client.outbound.push_back(Packet::Message(Message::Text(format!("c{index}").into())));
                self.client_acts();
            }
            Happening::ClientUpgrades => {
                let at = self.now + self.latency();
                self.at(at, Happening::SocketOpened);
                self.send_to_server(at, Packet::Ping("probe".into()));
            }
            Happening::Get(request) => {
                let outputs = self.server.session.poll(request, now);
                self.carry_out(outputs);
            }
            Happening::Post(request, body) => {
                let outputs = self.server.session.post(request, &body, now);
                self.carry_out(outputs);
            }
            Happening::SocketOpened => {
                let outputs = self.server.session.socket_opened(SocketId(1), now);
                self.carry_out(outputs);
            }
            Happening::SocketClosed => {
                let outputs = self.server.session.socket_closed(SocketId(1), CloseReason::TransportError, now);
                self.carry_out(outputs);
            }
            Happening::ToServer(packet) => {
                let outputs = self.server.session.receive(SocketId(1), packet, now);
                self.carry_out(outputs);
            }
            Happening::Response(body) => {
                self.client.polling = false;
                for packet in payload::decode(&body.into_bytes()).expect("the server writes payloads") {
                    self.client_reads(packet);
                }
                self.client_acts();
            }
            Happening::PostTaken => {
                self.client.posting = false;
                self.client_acts();
            }
            Happening::ToClient(packet) => {
                self.client_reads(packet);
                self.client_acts();
            }
        }
    }

    /// The shell.
    fn carry_out(&mut self, outputs: Outputs) {
        for output in outputs {
            match output {
                Output::Received(Message::Text(text)) => self.server.received.push(text),
                Output::Received(Message::Binary(_)) => unreachable!("nobody sends binary here"),
                Output::Send { packet, .. } => self.send_to_client(packet),
                Output::Answer { answer: Answer::Packet(packet) | Answer::Last(packet), .. } => {
                    let body = packet.encode_text().expect("a text packet");
                    self.respond(body);
                }
                Output::Answer { answer: Answer::Taken, .. } => {
                    let at = self.now + self.latency();
                    self.at(at, Happening::PostTaken);
                }
                Output::Answer { answer: Answer::Refused(_), .. } => self.client.refused += 1,
                Output::Writable | Output::Upgraded(_) | Output::CloseSocket(_) => {}
                Output::Closed(reason) => self.server.closed = Some(reason),
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if self.server.session.socket().is_some() {
            while let Some(text) = self.server.outbound.pop_front() {
                self.send_to_client(Packet::decode_text(text).expect("a message"));
            }
        } else if !self.server.outbound.is_empty() && self.server.session.take_poll().is_some() {
            let mut builder = payload::Builder::new(100);
            while let Some(text) = self.server.outbound.front() {
                if !builder.push_text(text) {
                    break;
                }
                self.server.outbound.pop_front();
            }
            self.respond(builder.finish());
        }
    }

    fn client_reads(&mut self, packet: Packet) {
        match packet {
            Packet::Message(Message::Text(text)) => self.client.received.push(text),
            Packet::Ping(_) => {
                self.client.pings += 1;
                self.client.outbound.push_back(Packet::Pong("".into()));
            }
            Packet::Pong(text) if text == "probe" => match self.client.upgrade {
                Some(Upgrade::Completes) => self.client.pausing = true,
                Some(Upgrade::Breaks) => {
                    let at = (self.now + self.latency()).max(self.last_to_server);
                    self.at(at, Happening::SocketClosed);
                }
                _ => {}
            },
            Packet::Noop => {}
            other => panic!("the client got {other:?}"),
        }
    }

    /// What a client does when something has changed: polls, posts one body at a time, changes over when both have come back.
    fn client_acts(&mut self) {
        if self.client.pausing && !self.client.polling && !self.client.posting {
            self.client.pausing = false;
            self.client.upgraded = true;
            self.client.upgraded_at = self.now;
            self.send_to_server(self.now, Packet::Upgrade);
        }
        if self.client.upgraded {
            while let Some(packet) = self.client.outbound.pop_front() {
                self.send_to_server(self.now, packet);
            }
            return;
        }
        if self.client.pausing {
            return;
        }
        if !self.client.posting && !self.client.outbound.is_empty() {
            self.client.posting = true;
            let mut builder = payload::Builder::new(1_000_000);
            while let Some(packet) = self.client.outbound.front() {
                if !builder.push_packet(packet) {
                    break;
                }
                self.client.outbound.pop_front();
            }
            let request = self.request();
            let at = self.now + self.latency();
            self.at(at, Happening::Post(request, builder.finish().into_bytes()));
        }
        if !self.client.polling {
            self.client.polling = true;
            let request = self.request();
            let at = self.now + self.latency();
            self.at(at, Happening::Get(request));
        }
    }

    fn respond(&mut self, body: ByteString) {
        let at = self.now + self.latency();
        self.at(at, Happening::Response(body));
    }

    fn send_to_server(&mut self, from: u64, packet: Packet) {
        self.last_to_server = (from + self.latency()).max(self.last_to_server);
        self.at(self.last_to_server, Happening::ToServer(packet));
    }

    fn send_to_client(&mut self, packet: Packet) {
        self.last_to_client = (self.now + self.latency()).max(self.last_to_client);
        self.at(self.last_to_client, Happening::ToClient(packet));
    }

    fn at(&mut self, time: u64, happening: Happening) {
        self.drawn += 1;
        self.agenda.insert((time, self.drawn), happening);
    }

    /// At least a millisecond: a client that is answered at once would ask again at once, and time would stand still.
    fn latency(&mut self) -> u64 {
        1 + u64::from(self.latencies.next().unwrap_or(0))
    }

    fn peek(&self) -> u8 {
        self.latencies.clone().next().unwrap_or(0) / 4
    }

    fn request(&mut self) -> RequestId {
        let id = self.client.next_request;
        self.client.next_request += 1;
        RequestId(id)
    }

    fn instant(&self) -> Instant {
        self.epoch + Duration::from_millis(self.now)
    }
}

#[expect(clippy::disallowed_methods, reason = "any instant will do: the simulation counts from it")]
fn start() -> Instant {
    Instant::now()
}

fn plan() -> impl Strategy<Value = Plan> {
    let sends = || proptest::collection::vec(0..6000_u16, 0..80);
    let burst = || proptest::collection::vec(900..1400_u16, 0..80);
    let upgrade = prop_oneof![4 => Just(Upgrade::Completes), 1 => Just(Upgrade::Stalls), 1 => Just(Upgrade::Breaks)];
    (
        prop_oneof![sends(), burst()],
        prop_oneof![sends(), burst()],
        proptest::option::weighted(0.9, (900..1400_u16, upgrade)),
        proptest::collection::vec(0..80_u8, 1..40),
    )
        .prop_map(|(mut server_sends, mut client_sends, upgrade, latencies)| {
            server_sends.sort_unstable();
            client_sends.sort_unstable();
            Plan { server_sends, client_sends, upgrade, latencies }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_is_lost_doubled_or_out_of_order(plan in plan()) {
        let mut world = World::new(&plan);
        world.run();
        let expected = |prefix: &str, count: usize| (0..count).map(|index| format!("{prefix}{index}")).collect::<Vec<_>>();
        prop_assert_eq!(world.server.closed, None);
        prop_assert_eq!(world.client.refused, 0);
        prop_assert_eq!(&world.client.received, &expected("s", plan.server_sends.len()));
        prop_assert_eq!(&world.server.received, &expected("c", plan.client_sends.len()));
        prop_assert!(world.client.pings >= 5, "the heart beats on: {}", world.client.pings);
        if let Some((at, Upgrade::Completes)) = plan.upgrade {
            // Probe and answer, and whatever GET and POST were under way: no GET holds the upgrade up.
            prop_assert!(world.client.upgraded_at - u64::from(at) <= 6 * 81, "upgraded at {}", world.client.upgraded_at);
        }
        let upgraded = matches!(plan.upgrade, Some((_, Upgrade::Completes)));
        prop_assert_eq!(world.server.session.transport() == Transport::WebSocket, upgraded);
    }
}
