//! The rows of the Engine.IO table that concern one session, and random scripts.

use proptest::prelude::*;

use super::*;
use crate::protocol::engine::Message;

const MS: Duration = Duration::from_millis(1);

const PING: Answer = Answer::Packet(Packet::PING);
const CLOSE: Answer = Answer::Packet(Packet::Close);
const LAST: Answer = Answer::Last(Packet::Close);
const NOOP: Answer = Answer::Packet(Packet::Noop);
const UNKNOWN: Answer = Answer::Refused(HttpError::SessionUnknown);
const BAD: Answer = Answer::Refused(HttpError::BadRequest);

const WS: SocketId = SocketId(1);
const WS2: SocketId = SocketId(2);

fn config() -> Config {
    Config { ping_interval: 300 * MS, ping_timeout: 200 * MS, ..Config::default() }
}

#[expect(clippy::disallowed_methods, reason = "any instant will do: the tests count from it")]
fn start() -> Instant {
    Instant::now()
}

fn get(id: u64) -> RequestId {
    RequestId(id)
}

fn answer(id: u64, answer: Answer) -> Output {
    Output::Answer { request: RequestId(id), answer }
}

fn send(socket: SocketId, packet: Packet) -> Output {
    Output::Send { socket, packet }
}

fn received(text: &str) -> Output {
    Output::Received(Message::Text(text.into()))
}

fn body(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn probe() -> Packet {
    Packet::Ping("probe".into())
}

fn message(text: &str) -> Packet {
    Packet::Message(Message::Text(text.into()))
}

fn list(outputs: Outputs) -> Vec<Output> {
    outputs.collect()
}

fn polling(now: Instant) -> Session {
    let (session, outputs) = Session::over_polling(config(), "abc", get(0), now);
    assert!(matches!(&*list(outputs), [Output::Answer { answer: Answer::Packet(Packet::Open(_)), .. }]));
    session
}

fn websocket(now: Instant) -> Session {
    let (session, outputs) = Session::over_websocket(config(), "abc", WS, now);
    assert!(matches!(&*list(outputs), [Output::Send { socket: WS, packet: Packet::Open(_) }, Output::Writable]));
    session
}

/// A polling session whose probe was answered.
fn probing(now: Instant) -> Session {
    let mut session = polling(now);
    assert_eq!(list(session.socket_opened(WS, now)), []);
    assert_eq!(list(session.receive(WS, probe(), now)), [send(WS, Packet::Pong("probe".into()))]);
    session
}

#[test]
fn the_first_ping_comes_after_the_interval() {
    let t = start();
    let mut session = websocket(t);
    assert_eq!(session.deadline(), Some(t + 300 * MS));
    assert_eq!(list(session.timeout(t + 299 * MS)), []);
    assert_eq!(list(session.timeout(t + 300 * MS)), [send(WS, Packet::PING)]);
    assert_eq!(session.deadline(), Some(t + 500 * MS));
    assert_eq!(list(session.receive(WS, Packet::Pong("".into()), t + 350 * MS)), []);
    assert_eq!(session.deadline(), Some(t + 650 * MS));
    assert_eq!(list(session.timeout(t + 650 * MS)), [send(WS, Packet::PING)]);
}

#[test]
fn a_ping_that_is_not_answered_ends_the_session() {
    let t = start();
    let mut session = websocket(t);
    assert_eq!(list(session.timeout(t + 310 * MS)), [send(WS, Packet::PING)]);
    // Neither messages nor time that a late timer lost put it off.
    assert_eq!(list(session.receive(WS, message("a"), t + 499 * MS)), [received("a")]);
    assert_eq!(list(session.timeout(t + 500 * MS)), [Output::CloseSocket(WS), Output::Closed(CloseReason::PingTimeout)]);
    assert!(session.is_finished());
}

#[test]
fn the_time_out_is_decided_at_request_time_too() {
    let t = start();
    for late in [500, 501, 10_000] {
        let end = Output::Closed(CloseReason::PingTimeout);
        assert_eq!(list(polling(t).poll(get(1), t + late * MS)), [end.clone(), answer(1, UNKNOWN)]);
        assert_eq!(list(polling(t).post(get(1), &body("3"), t + late * MS)), [end.clone(), answer(1, UNKNOWN)]);
        assert_eq!(list(websocket(t).receive(WS, message("a"), t + late * MS)), [Output::CloseSocket(WS), end.clone()]);
        assert_eq!(list(polling(t).socket_opened(WS, t + late * MS)), [end, Output::CloseSocket(WS)]);
    }
    assert_eq!(list(polling(t).poll(get(1), t + 499 * MS)), [answer(1, PING)]);
}

#[test]
fn pings_travel_by_polling() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert_eq!(list(session.timeout(t + 300 * MS)), [answer(1, PING)]);
    assert_eq!(list(session.post(get(2), &body("3"), t + 310 * MS)), [answer(2, Answer::Taken)]);
    // Due while no GET waits: the next one gets it.
    assert_eq!(list(session.timeout(t + 610 * MS)), []);
    assert_eq!(list(session.poll(get(3), t + 620 * MS)), [answer(3, PING)]);
    assert_eq!(session.deadline(), Some(t + 810 * MS));
    assert_eq!(list(session.post(get(4), &body("3"), t + 620 * MS)), [answer(4, Answer::Taken)]);
    assert_eq!(session.deadline(), Some(t + 920 * MS));
}

#[test]
fn a_waiting_get_makes_the_session_writable_once() {
    let t = start();
    let mut session = polling(t);
    assert!(!session.writable());
    assert_eq!(session.take_poll(), None);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert!(session.writable());
    assert_eq!(session.take_poll(), Some(get(1)));
    assert!(!session.writable());
    assert_eq!(list(session.poll(get(2), t)), [Output::Writable]);
}

#[test]
fn a_post_hands_over_its_messages_in_order() {
    let t = start();
    let mut session = polling(t);
    let outputs = list(session.post(get(1), &body("4a\u{1e}4b\u{1e}bAQ=="), t));
    let bytes = Output::Received(Message::Binary(Bytes::from_static(&[1])));
    assert_eq!(outputs, [received("a"), received("b"), bytes, answer(1, Answer::Taken)]);
}

#[test]
fn a_second_get_ends_the_session() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    let outputs = list(session.poll(get(2), t));
    assert_eq!(outputs, [answer(1, CLOSE), Output::Closed(CloseReason::TransportError), answer(2, BAD)]);
    assert!(session.is_finished());
    assert_eq!(list(session.poll(get(3), t)), [answer(3, UNKNOWN)]);
}

#[test]
fn an_aborted_get_ends_the_session() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert_eq!(list(session.poll_aborted(get(7), t)), []);
    assert_eq!(list(session.poll_aborted(get(1), t)), [Output::Closed(CloseReason::TransportError)]);
    assert!(session.is_finished());
    assert_eq!(list(session.poll(get(2), t)), [answer(2, UNKNOWN)]);
}

#[test]
fn a_close_packet_ends_the_waiting_get_with_a_noop() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    let outputs = list(session.post(get(2), &body("1"), t));
    assert_eq!(outputs, [answer(1, NOOP), Output::Closed(CloseReason::TransportClose), answer(2, Answer::Taken)]);
    assert!(session.is_finished());
    assert_eq!(list(session.poll(get(3), t)), [answer(3, UNKNOWN)]);
}

#[test]
fn a_get_that_loses_the_race_gets_the_noop_once() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.post(get(1), &body("1"), t)), [Output::Closed(CloseReason::TransportClose), answer(1, Answer::Taken)]);
    assert!(!session.is_finished());
    assert_eq!(list(session.post(get(2), &body("4a"), t)), [answer(2, UNKNOWN)]);
    assert_eq!(list(session.poll(get(3), t + 5 * MS)), [answer(3, NOOP)]);
    assert!(session.is_finished());
    assert_eq!(list(session.poll(get(4), t + 6 * MS)), [answer(4, UNKNOWN)]);

    let mut late = polling(t);
    assert_eq!(list(late.post(get(1), &body("1"), t)).len(), 2);
    assert_eq!(late.deadline(), Some(t + LINGER));
    assert_eq!(list(late.timeout(t + LINGER)), []);
    assert!(late.is_finished());
    assert_eq!(list(late.poll(get(2), t + LINGER)), [answer(2, UNKNOWN)]);
}

#[test]
fn packets_after_a_close_are_not_heard() {
    let t = start();
    let mut session = polling(t);
    let outputs = list(session.post(get(1), &body("4a\u{1e}1\u{1e}4b\u{1e}x"), t));
    assert_eq!(outputs, [received("a"), Output::Closed(CloseReason::TransportClose), answer(1, Answer::Taken)]);

    let mut session = websocket(t);
    assert_eq!(list(session.receive(WS, Packet::Close, t)), [Output::CloseSocket(WS), Output::Closed(CloseReason::TransportClose)]);
    assert_eq!(list(session.receive(WS, message("a"), t)), []);
    assert_eq!(list(session.socket_closed(WS, CloseReason::TransportClose, t)), []);
    assert_eq!(list(session.close(CloseReason::ForcedClose, t)), []);
    assert_eq!(list(session.timeout(t + 1000 * MS)), []);
}

#[test]
fn a_bad_packet_ends_the_session_on_either_transport() {
    let t = start();
    let end = Output::Closed(CloseReason::ParseError);
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert_eq!(list(session.post(get(2), &body("abc"), t)), [answer(1, CLOSE), end.clone(), answer(2, BAD)]);
    assert_eq!(list(session.poll(get(3), t)), [answer(3, UNKNOWN)]);
    // What came before it is heard.
    assert_eq!(list(polling(t).post(get(1), &body("4a\u{1e}\u{1e}4b"), t)), [received("a"), end.clone(), answer(1, BAD)]);
    assert_eq!(list(polling(t).post(get(1), &Bytes::new(), t)), [end.clone(), answer(1, BAD)]);
    assert_eq!(list(websocket(t).bad_packet(WS, t)), [Output::CloseSocket(WS), end]);
}

#[test]
fn a_client_does_not_ping() {
    let t = start();
    let end = Output::Closed(CloseReason::TransportError);
    assert_eq!(list(websocket(t).receive(WS, Packet::PING, t)), [Output::CloseSocket(WS), end.clone()]);
    assert_eq!(list(polling(t).post(get(1), &body("2"), t)), [end, answer(1, BAD)]);
    // Nor can it put the ping off by pongs that nobody asked for.
    let mut session = websocket(t);
    assert_eq!(list(session.receive(WS, Packet::Pong("".into()), t + 200 * MS)), []);
    assert_eq!(session.deadline(), Some(t + 300 * MS));
    for packet in [Packet::Open("{}".into()), Packet::Upgrade, Packet::Noop] {
        assert_eq!(list(session.receive(WS, packet, t)), []);
    }
}

#[test]
fn the_server_closes_in_good_order() {
    let t = start();
    let restart = Answer::Last(Packet::Noop);
    for (reason, last) in
        [(CloseReason::ForcedClose, LAST), (CloseReason::ConnectTimeout, LAST), (CloseReason::ServerShuttingDown, restart)]
    {
        let mut session = polling(t);
        assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
        assert_eq!(list(session.close(reason, t)), [answer(1, last.clone()), Output::Closed(reason)]);
        assert!(session.is_finished());

        let mut session = polling(t);
        assert_eq!(list(session.close(reason, t)), [Output::Closed(reason)]);
        assert_eq!(list(session.poll(get(1), t + 40 * MS)), [answer(1, last)]);
        assert_eq!(list(session.poll(get(2), t + 50 * MS)), [answer(2, UNKNOWN)]);

        assert_eq!(list(websocket(t).close(reason, t)), [Output::CloseSocket(WS), Output::Closed(reason)]);
    }
    let mut session = polling(t);
    assert_eq!(list(session.close(CloseReason::ParseError, t)), [Output::Closed(CloseReason::ParseError)]);
    assert!(session.is_finished());
}

#[test]
fn the_end_of_the_websocket_is_the_end_of_the_session() {
    let t = start();
    for reason in [CloseReason::TransportClose, CloseReason::TransportError, CloseReason::PayloadTooLarge] {
        let mut session = websocket(t);
        assert_eq!(list(session.socket_closed(WS2, reason, t)), []);
        assert_eq!(list(session.socket_closed(WS, reason, t)), [Output::Closed(reason)]);
        assert!(session.is_finished());
    }
}

#[test]
fn an_upgrade() {
    let t = start();
    let mut session = polling(t);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert_eq!(list(session.socket_opened(WS, t)), []);
    assert!(session.writable(), "polling goes on until the probe comes");
    assert_eq!(list(session.receive(WS, probe(), t)), [send(WS, Packet::Pong("probe".into())), answer(1, NOOP)]);
    assert!(!session.writable());
    for id in 2..5 {
        assert_eq!(list(session.poll(get(id), t)), [answer(id, NOOP)]);
        assert!(!session.writable());
    }
    assert_eq!(list(session.post(get(5), &body("4a"), t)), [received("a"), answer(5, Answer::Taken)]);
    assert_eq!(session.transport(), Transport::Polling);
    assert_eq!(list(session.receive(WS, Packet::Upgrade, t)), [Output::Upgraded(WS), Output::Writable]);
    assert_eq!((session.transport(), session.socket(), session.writable()), (Transport::WebSocket, Some(WS), true));
    assert_eq!(list(session.receive(WS, message("b"), t)), [received("b")]);
    assert_eq!(list(session.poll(get(6), t)), [answer(6, BAD)]);
    assert_eq!(list(session.post(get(7), &body("4c"), t)), [answer(7, BAD)]);
    assert_eq!(list(session.socket_opened(WS2, t)), [Output::CloseSocket(WS2)]);
    assert_eq!(list(session.receive(WS, message("d"), t)), [received("d")]);
}

#[test]
fn a_session_on_websocket_is_not_polled_and_not_upgraded() {
    let t = start();
    let mut session = websocket(t);
    assert_eq!(list(session.poll(get(1), t)), [answer(1, BAD)]);
    assert_eq!(list(session.post(get(2), &body("4a"), t)), [answer(2, BAD)]);
    assert_eq!(list(session.socket_opened(WS2, t)), [Output::CloseSocket(WS2)]);
    assert!(!session.is_closed());
}

#[test]
fn a_second_probe_is_closed_and_disturbs_nothing() {
    let t = start();
    let mut session = probing(t);
    assert_eq!(list(session.socket_opened(WS2, t)), [Output::CloseSocket(WS2)]);
    assert_eq!(list(session.receive(WS2, Packet::Upgrade, t)), []);
    assert_eq!(list(session.socket_closed(WS2, CloseReason::TransportClose, t)), []);
    assert_eq!(list(session.receive(WS, Packet::Upgrade, t)), [Output::Upgraded(WS), Output::Writable]);
}

#[test]
fn a_probe_that_misbehaves_is_dropped_and_polling_lives_on() {
    let t = start();
    let dropped = [Output::CloseSocket(WS)];
    for packet in [message("a"), Packet::PING, Packet::Close, Packet::Noop, Packet::Pong("probe".into())] {
        assert_eq!(list(probing(t).receive(WS, packet, t)), dropped);
    }
    let mut early = polling(t);
    assert_eq!(list(early.socket_opened(WS, t)), []);
    assert_eq!(list(early.receive(WS, Packet::Upgrade, t)), dropped, "no upgrade without a probe");

    let mut session = probing(t);
    assert_eq!(list(session.bad_packet(WS, t)), dropped);
    assert_eq!(list(session.poll(get(1), t)), [Output::Writable]);
    assert_eq!(list(session.socket_opened(WS2, t)), []);
    assert_eq!(list(session.socket_closed(WS2, CloseReason::TransportClose, t)), []);
    assert!(session.writable());
    assert_eq!(list(session.socket_opened(WS, t)), [], "another may try");
}

#[test]
fn an_upgrade_that_does_not_finish_is_dropped() {
    let t = start();
    let config = Config { upgrade_timeout: 100 * MS, ..config() };
    let (mut session, _) = Session::over_polling(config, "abc", get(0), t);
    assert_eq!(list(session.socket_opened(WS, t)), []);
    assert_eq!(list(session.receive(WS, probe(), t)).len(), 1);
    assert_eq!(session.deadline(), Some(t + 100 * MS));
    assert_eq!(list(session.timeout(t + 99 * MS)), []);
    assert_eq!(list(session.receive(WS, Packet::Upgrade, t + 100 * MS)), [Output::CloseSocket(WS)]);
    assert_eq!(session.transport(), Transport::Polling);
    assert_eq!(list(session.poll(get(1), t + 100 * MS)), [Output::Writable]);
    assert_eq!(Config::default().upgrade_timeout, Duration::from_secs(10));
}

#[test]
fn pings_go_on_during_an_upgrade() {
    let t = start();
    let mut session = probing(t);
    assert_eq!(list(session.timeout(t + 300 * MS)), []);
    assert_eq!(list(session.poll(get(1), t + 310 * MS)), [answer(1, PING)]);
    assert_eq!(list(session.poll(get(2), t + 320 * MS)), [answer(2, NOOP)]);
    assert_eq!(list(session.receive(WS, Packet::Upgrade, t + 330 * MS)), [Output::Upgraded(WS), Output::Writable]);
    assert_eq!(list(session.receive(WS, Packet::Pong("".into()), t + 340 * MS)), []);
    assert_eq!(session.deadline(), Some(t + 640 * MS));

    // A ping that no GET fetched goes over the WebSocket, ahead of what waits.
    let mut session = probing(t);
    assert_eq!(list(session.timeout(t + 300 * MS)), []);
    let outputs = list(session.receive(WS, Packet::Upgrade, t + 330 * MS));
    assert_eq!(outputs, [Output::Upgraded(WS), send(WS, Packet::PING), Output::Writable]);
}

#[test]
fn the_end_of_the_session_closes_its_probe() {
    let t = start();
    let end = Output::Closed(CloseReason::TransportClose);
    let outputs = list(probing(t).post(get(1), &body("1"), t));
    assert_eq!(outputs, [Output::CloseSocket(WS), end, answer(1, Answer::Taken)]);
    let outputs = list(probing(t).timeout(t + 500 * MS));
    assert_eq!(outputs, [Output::CloseSocket(WS), Output::Closed(CloseReason::PingTimeout)]);
}

#[test]
fn where_upgrades_are_not_allowed_a_probe_is_closed() {
    let t = start();
    let config = Config { allow_upgrades: false, ..config() };
    let (mut session, _) = Session::over_polling(config, "abc", get(0), t);
    assert_eq!(list(session.socket_opened(WS, t)), [Output::CloseSocket(WS)]);
}

#[test]
fn settings_beyond_all_time_do_not_panic() {
    let t = start();
    let config = Config { ping_interval: Duration::MAX, ping_timeout: Duration::MAX, upgrade_timeout: Duration::MAX, ..config() };
    let (mut session, _) = Session::over_polling(config, "abc", get(0), t);
    assert_eq!(list(session.socket_opened(WS, t)), []);
    assert!(session.deadline().is_some_and(|deadline| deadline > t + Duration::from_secs(86_400)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_script_keeps_the_promises(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        script::run(&bytes, start());
    }
}
