//! The wire against a second opinion: the codecs that another server in this language publishes. Whatever this project's decoders accept,
//! theirs must read the same. Known differences, each of which the generators below leave out or the comparison names:
//!
//! - Engine.IO: theirs wants padded base64; `2` and `3` lose any text but `probe`; `0` is not read.
//! - Socket.IO: theirs refuses CONNECT_ERROR (`4`); keeps a query string in the namespace; holds ids in 63 bits and drops larger ones; checks
//!   no JSON at all before the application asks for it, so it accepts much that is refused here; takes 0 attachments and up to 10,000;
//!   resolves attachments by position; ignores what stands behind `1`.

use std::time::Instant;

use bytes::Bytes;
use engineioxide_core::{Packet as TheirPacket, ProtocolVersion};
use proptest::prelude::*;
use siguiente::protocol::engine::{Message, Packet as EnginePacket};
use siguiente::protocol::socket::{Decoder, Packet, encode_ack, encode_event};
use socketioxide_core::Value;
use socketioxide_core::packet::{Packet as TheirSocketPacket, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_parser_common::CommonParser;

fn ours(frames: &[Message]) -> Option<Packet> {
    let mut decoder = Decoder::default();
    #[expect(clippy::disallowed_methods, reason = "any instant will do: no time passes")]
    let now = Instant::now();
    let mut last = None;
    for frame in frames {
        last = decoder.push(frame.clone(), now).ok()?;
    }
    last
}

fn theirs(frames: &[Message]) -> Option<TheirSocketPacket> {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let mut last = None;
    for frame in frames {
        let result = match frame {
            Message::Text(text) => CommonParser.decode_str(&config, &state, (**text).to_owned().into()),
            Message::Binary(bytes) => CommonParser.decode_bin(&config, &state, bytes.clone()),
        };
        last = match result {
            Ok(packet) => Some(packet),
            Err(ParseError::NeedsMoreBinaryData) => None,
            Err(_) => return None,
        };
    }
    last
}

/// The parts that both sides know: type, namespace, id, payload, attachments.
type Parts = (u8, String, Option<u64>, Option<String>, Vec<Bytes>);

fn our_parts(packet: &Packet) -> Parts {
    let namespace = packet.namespace().as_str().to_owned();
    match packet {
        Packet::Connect { payload, .. } => (0, namespace, None, payload.as_ref().map(|raw| raw.as_str().to_owned()), vec![]),
        Packet::Disconnect { .. } => (1, namespace, None, None, vec![]),
        Packet::Event { id, args, attachments, .. } => (2, namespace, *id, Some(args.as_str().to_owned()), attachments.clone()),
        Packet::Ack { id, args, attachments, .. } => (3, namespace, Some(*id), Some(args.as_str().to_owned()), attachments.clone()),
        Packet::ConnectError { payload, .. } => (4, namespace, None, Some(payload.as_str().to_owned()), vec![]),
    }
}

fn their_parts(packet: TheirSocketPacket) -> Parts {
    let namespace = packet.ns.as_str().to_owned();
    let value = |value: Value| match value {
        Value::Str(text, attachments) => (text.as_str().to_owned(), attachments.map(Vec::from).unwrap_or_default()),
        Value::Bytes(_) => (String::new(), vec![]),
    };
    let id = |id: i64| u64::try_from(id).ok();
    let event = |kind: u8, id: Option<u64>, data: Value| {
        let (text, attachments) = value(data);
        (kind, id, Some(text), attachments)
    };
    let (kind, id, text, attachments) = match packet.inner {
        PacketData::Connect(data) => (0, None, data.map(|data| value(data).0), vec![]),
        PacketData::Disconnect => (1, None, None, vec![]),
        PacketData::Event(data, ack) | PacketData::BinaryEvent(data, ack) => event(2, ack.and_then(id), data),
        PacketData::EventAck(data, ack) | PacketData::BinaryAck(data, ack) => event(3, id(ack), data),
        PacketData::ConnectError(text) => (4, None, Some(text), vec![]),
    };
    (kind, namespace, id, text, attachments)
}

fn text(text: String) -> Message {
    Message::Text(text.into())
}

fn frame() -> impl Strategy<Value = String> {
    let payload = prop_oneof![
        Just(String::new()),
        Just(r#"["a",1,{"b":[null]}]"#.to_owned()),
        Just(r#"["\u0061",1e400,"\ud800"]"#.to_owned()),
        Just("[12]".to_owned()),
        Just("[]".to_owned()),
        Just(r#"{"token":"x"}"#.to_owned()),
        "[\\[\\]{}\",0-9a-c]{0,6}",
    ];
    ("[0-35-6]", "(1-|2-)?", "(/[a-z]{0,3},?)?", "(0|[1-9][0-9]{0,17})?", payload)
        .prop_map(|(kind, count, namespace, id, payload)| format!("{kind}{count}{namespace}{id}{payload}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn what_is_accepted_here_is_read_the_same_there(frame in frame()) {
        let frames = [text(frame.clone())];
        if let Some(packet) = ours(&frames) {
            let theirs = theirs(&frames);
            prop_assert!(theirs.is_some(), "{} is refused there", frame);
            prop_assert_eq!(Some(our_parts(&packet)), theirs.map(their_parts), "{}", frame);
        }
    }

    #[test]
    fn what_is_encoded_here_is_read_there(
        namespace in "/[a-z]{0,6}",
        id in proptest::option::of(0..i64::MAX as u64),
        name in "[a-z\"\\\\é]{1,6}",
        attachments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6).prop_map(Bytes::from), 0..4),
        ack in any::<bool>(),
    ) {
        let namespace = siguiente::protocol::socket::Namespace::new(&namespace).expect("no comma");
        let places: Vec<String> = (0..attachments.len()).map(|num| format!(r#"{{"_placeholder":true,"num":{num}}}"#)).collect();
        let encoded = match (ack, id) {
            (true, Some(id)) => encode_ack(&namespace, id, &places, &attachments),
            _ => encode_event(&namespace, id, &name, &places, &attachments),
        };
        let frames: Vec<Message> = encoded.messages().collect();
        let ours = ours(&frames).expect("decodes here");
        prop_assert_eq!(Some(our_parts(&ours)), theirs(&frames).map(their_parts));
    }

    #[test]
    fn engine_packets_are_read_the_same(packet in "[1-6b][a-zA-Z0-9+/=é]{0,9}|[23]probe|[1-6]") {
        let theirs = TheirPacket::parse(ProtocolVersion::V4, packet.clone());
        match (EnginePacket::decode_text(packet.as_str().into()), theirs) {
            (Ok(EnginePacket::Close), Ok(TheirPacket::Close))
            | (Ok(EnginePacket::Upgrade), Ok(TheirPacket::Upgrade))
            | (Ok(EnginePacket::Noop), Ok(TheirPacket::Noop)) => {}
            (Ok(EnginePacket::Ping(text)), Ok(TheirPacket::Ping)) | (Ok(EnginePacket::Pong(text)), Ok(TheirPacket::Pong)) => {
                prop_assert_ne!(&*text, "probe");
            }
            (Ok(EnginePacket::Ping(text)), Ok(TheirPacket::PingUpgrade)) | (Ok(EnginePacket::Pong(text)), Ok(TheirPacket::PongUpgrade)) => {
                prop_assert_eq!(&*text, "probe");
            }
            (Ok(EnginePacket::Message(Message::Text(text))), Ok(TheirPacket::Message(other))) => prop_assert_eq!(&*text, other.as_str()),
            (Ok(EnginePacket::Message(Message::Binary(bytes))), Ok(TheirPacket::Binary(other))) => prop_assert_eq!(bytes, other),
            (Ok(EnginePacket::Message(Message::Binary(_))), Err(_)) | (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{}: {:?} and {:?}", packet, ours, theirs.is_ok()),
        }
    }
}
