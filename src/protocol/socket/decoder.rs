//! Owns the way from messages to packets: a text, then as many binary messages as it announced. One for each connection; keeps no packet
//! longer than its time and no more bytes than its limit. Never answers.

use std::time::{Duration, Instant};

use bytes::Bytes;
use bytestring::ByteString;

use super::args::Args;
use super::header::{Header, Kind, raw};
use super::json::validate;
use super::packet::{Namespace, Packet, ParseError, RESERVED_EVENTS};
use super::placeholder::resolve;
use crate::protocol::engine::Message;

/// How much of one packet may be outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attachments of one packet.
    pub attachments: usize,
    /// Bytes of all attachments of one packet.
    pub bytes: usize,
    /// From the text to the last attachment.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { attachments: 10, bytes: 4_000_000, time: Duration::from_secs(20) }
    }
}

/// Puts packets together. After an error the connection is to be closed; what comes then is not defined.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    pending: Option<Box<Pending>>,
}

/// A packet whose attachments are awaited.
#[derive(Debug)]
struct Pending {
    head: Head,
    order: Vec<usize>,
    expected: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
    deadline: Option<Instant>,
}

#[derive(Debug)]
enum Head {
    Event { namespace: Namespace, id: Option<u64>, args: Args },
    Ack { namespace: Namespace, id: u64, args: Args },
}

impl Decoder {
    pub fn new(limits: Limits) -> Self {
        Self { limits, pending: None }
    }

    /// When the attachments that are awaited must be there.
    pub fn deadline(&self) -> Option<Instant> {
        self.pending.as_ref()?.deadline
    }

    /// Whether attachments that are awaited did not come in time: the connection is to be closed.
    pub fn expired(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Takes the next message of the connection; gives a packet when it is whole.
    ///
    /// # Errors
    ///
    /// Everything that ends the connection.
    pub fn push(&mut self, message: Message, now: Instant) -> Result<Option<Packet>, ParseError> {
        if self.expired(now) {
            return Err(ParseError::AttachmentsTooLate);
        }
        match (message, self.pending.take()) {
            (Message::Text(text), None) => self.text(&text, now),
            (Message::Binary(bytes), Some(pending)) => self.binary(bytes, pending),
            (Message::Text(_), Some(_)) => Err(ParseError::TextWhileAwaiting),
            (Message::Binary(_), None) => Err(ParseError::UnexpectedBinary),
        }
    }

    fn text(&mut self, text: &ByteString, now: Instant) -> Result<Option<Packet>, ParseError> {
        let Header { kind, attachments, namespace, id, payload } = Header::parse(text, self.limits.attachments)?;
        if id.is_some() && !matches!(kind, Kind::Event | Kind::Ack) {
            return Err(ParseError::UnexpectedId);
        }
        let packet = match (kind, payload) {
            (Kind::Connect, payload) => Packet::Connect { namespace, payload: payload.map(|payload| raw(payload, &['{'])).transpose()? },
            (Kind::Disconnect, None) => Packet::Disconnect { namespace },
            (Kind::Disconnect, Some(_)) => return Err(ParseError::UnexpectedPayload),
            (Kind::ConnectError, Some(payload)) => Packet::ConnectError { namespace, payload: raw(payload, &['{', '"'])? },
            (Kind::Event, Some(payload)) => {
                let (args, order) = arguments(payload, attachments)?;
                if RESERVED_EVENTS.contains(&args.event_name().ok_or(ParseError::BadEventName)?.as_ref()) {
                    return Err(ParseError::ReservedEvent);
                }
                return Ok(self.head(Head::Event { namespace, id, args }, order, attachments, now));
            }
            (Kind::Ack, Some(payload)) => {
                let (args, order) = arguments(payload, attachments)?;
                let id = id.ok_or(ParseError::MissingId)?;
                return Ok(self.head(Head::Ack { namespace, id, args }, order, attachments, now));
            }
            (Kind::ConnectError | Kind::Event | Kind::Ack, None) => return Err(ParseError::MissingPayload),
        };
        Ok(Some(packet))
    }

    fn head(&mut self, head: Head, order: Vec<usize>, attachments: Option<usize>, now: Instant) -> Option<Packet> {
        let Some(expected) = attachments else { return Some(head.with(Vec::new())) };
        let deadline = now.checked_add(self.limits.time);
        self.pending = Some(Box::new(Pending { head, order, expected, attachments: Vec::new(), bytes: 0, deadline }));
        None
    }

    fn binary(&mut self, bytes: Bytes, mut pending: Box<Pending>) -> Result<Option<Packet>, ParseError> {
        pending.bytes = pending.bytes.saturating_add(bytes.len());
        if pending.bytes > self.limits.bytes {
            return Err(ParseError::AttachmentsTooLarge);
        }
        pending.attachments.push(bytes);
        if pending.attachments.len() < pending.expected {
            self.pending = Some(pending);
            return Ok(None);
        }
        let Pending { head, order, attachments, .. } = *pending;
        let in_order = order.into_iter().filter_map(|num| attachments.get(num).cloned()).collect();
        Ok(Some(head.with(in_order)))
    }
}

/// The arguments, and where their attachments come from.
fn arguments(payload: ByteString, attachments: Option<usize>) -> Result<(Args, Vec<usize>), ParseError> {
    match attachments {
        Some(count) => resolve(payload, count),
        None => {
            validate(&payload)?;
            Ok((Args::from_valid(payload).map_err(|_| ParseError::WrongPayload)?, Vec::new()))
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Head {
    fn with(self, attachments: Vec<Bytes>) -> Packet {
        match self {
            Self::Event { namespace, id, args } => Packet::Event { namespace, id, args, attachments },
            Self::Ack { namespace, id, args } => Packet::Ack { namespace, id, args, attachments },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::socket::{Encoded, encode_ack, encode_event};

    #[expect(clippy::disallowed_methods, reason = "any instant will do: the tests count from it")]
    fn start() -> Instant {
        Instant::now()
    }

    fn text(text: &str) -> Message {
        Message::Text(text.into())
    }

    fn binary(bytes: &[u8]) -> Message {
        Message::Binary(Bytes::copy_from_slice(bytes))
    }

    fn one(frame: &str) -> Result<Option<Packet>, ParseError> {
        Decoder::default().push(text(frame), start())
    }

    fn all(frames: impl IntoIterator<Item = Message>) -> Result<Vec<Packet>, ParseError> {
        let (mut decoder, now) = (Decoder::default(), start());
        let packets: Result<Vec<_>, _> = frames.into_iter().map(|frame| decoder.push(frame, now)).collect();
        Ok(packets?.into_iter().flatten().collect())
    }

    fn ns(name: &str) -> Namespace {
        Namespace::new(name).expect("no comma")
    }

    fn args(text: &str) -> Args {
        Args::parse(text.into()).expect("an array")
    }

    fn event(namespace: &str, id: Option<u64>, text: &str) -> Packet {
        Packet::Event { namespace: ns(namespace), id, args: args(text), attachments: vec![] }
    }

    #[test]
    fn packets_of_the_wire() {
        let connect = |namespace: &str, payload: Option<&str>| Packet::Connect {
            namespace: ns(namespace),
            payload: payload.map(|payload| raw(payload.into(), &['{']).expect("an object")),
        };
        let deep = format!(r#"["a",{}1{}]"#, "[".repeat(100_000), "]".repeat(100_000));
        let rows = [
            ("0", connect("/", None)),
            ("0/ns,", connect("/ns", None)),
            ("0/ns", connect("/ns", None)),
            (r#"0{"token":"123"}"#, connect("/", Some(r#"{"token":"123"}"#))),
            (r#"0/ns?x=1,{"token":"123"}"#, connect("/ns", Some(r#"{"token":"123"}"#))),
            ("1", Packet::Disconnect { namespace: ns("/") }),
            ("1/ns", Packet::Disconnect { namespace: ns("/ns") }),
            (r#"2["message",1,"2",{"3":[true]}]"#, event("/", None, r#"["message",1,"2",{"3":[true]}]"#)),
            (r#"2/ns,456["m"]"#, event("/ns", Some(456), r#"["m"]"#)),
            (r#"2["error",1e400,-0,"\ud800"]"#, event("/", None, r#"["error",1e400,-0,"\ud800"]"#)),
            (r#"2["\u0061\"\ud83d"]"#, event("/", None, r#"["\u0061\"\ud83d"]"#)),
            (r#"2["__proto__",{"__proto__":1}]"#, event("/", None, r#"["__proto__",{"__proto__":1}]"#)),
            ("2[12,1]", event("/", None, "[12,1]")),
            (r#"2["a",{"_placeholder":true,"num":0}]"#, event("/", None, r#"["a",{"_placeholder":true,"num":0}]"#)),
            (&*format!("2{deep}"), event("/", None, &deep)),
            ("312[]", Packet::Ack { namespace: ns("/"), id: 12, args: args("[]"), attachments: vec![] }),
            ("3/ns,18446744073709551615[1]", Packet::Ack { namespace: ns("/ns"), id: u64::MAX, args: args("[1]"), attachments: vec![] }),
            (
                r#"4{"message":"x"}"#,
                Packet::ConnectError { namespace: ns("/"), payload: raw(r#"{"message":"x"}"#.into(), &['{']).expect("an object") },
            ),
        ];
        for (frame, packet) in rows {
            assert_eq!(one(frame), Ok(Some(packet)), "{}", &frame[..frame.len().min(60)]);
        }
    }

    #[test]
    fn what_closes_the_connection() {
        let bad_json = [
            r#"2abc["x"]"#,
            r#"2["x"]x"#,
            r#"2["x""#,
            "2[",
            r#"2["x",]"#,
            "0{",
            r#"2-1["x"]"#,
            r#"2["x"] ["y"]"#,
            "31.5[]",
            r#"2/a,x,["x"]"#,
            "3-7[]",
        ];
        for frame in bad_json {
            assert!(matches!(one(frame), Err(ParseError::BadJson(_))), "{frame}");
        }
        let rows = [
            ("", ParseError::Empty),
            ("abc", ParseError::UnknownType),
            ("2", ParseError::MissingPayload),
            ("212", ParseError::MissingPayload),
            ("2/ns", ParseError::MissingPayload),
            (r#"2/ns["x"]"#, ParseError::MissingPayload),
            ("2{}", ParseError::WrongPayload),
            ("2\"x\"", ParseError::WrongPayload),
            ("2[]", ParseError::BadEventName),
            ("2[null]", ParseError::BadEventName),
            ("2[true,1]", ParseError::BadEventName),
            (r#"2[{"toString":"foo"}]"#, ParseError::BadEventName),
            (r#"2["\u0063onnect"]"#, ParseError::ReservedEvent),
            ("0[]", ParseError::WrongPayload),
            ("0null", ParseError::WrongPayload),
            ("012", ParseError::UnexpectedId),
            (r#"0/ns,"x""#, ParseError::WrongPayload),
            ("1{}", ParseError::UnexpectedPayload),
            ("1/ns,x", ParseError::UnexpectedPayload),
            ("3[]", ParseError::MissingId),
            ("31", ParseError::MissingPayload),
            ("31{}", ParseError::WrongPayload),
            ("318446744073709551616[]", ParseError::IdTooLarge),
            ("4", ParseError::MissingPayload),
            ("41", ParseError::UnexpectedId),
            ("4[]", ParseError::WrongPayload),
            (r#"510000-["x"]"#, ParseError::TooManyAttachments),
            (r#"51-["x",{"_placeholder":true,"num":1}]"#, ParseError::BadPlaceholder),
            (r#"51-["connect"]"#, ParseError::ReservedEvent),
            (r#"51-[{"_placeholder":true,"num":0}]"#, ParseError::BadEventName),
            (r#"51-{"_placeholder":true,"num":0}"#, ParseError::WrongPayload),
            ("61-[]", ParseError::MissingId),
        ];
        for (frame, error) in rows {
            assert_eq!(one(frame), Err(error), "{frame}");
        }
        for name in RESERVED_EVENTS {
            assert_eq!(one(&format!(r#"2["{name}",1]"#)), Err(ParseError::ReservedEvent), "{name}");
        }
    }

    #[test]
    fn attachments_are_resolved_by_number() {
        let packets = all([
            text(r#"52-/ns,7["m",{"_placeholder":true,"num":1},{"x":{"_placeholder":true,"num":0}}]"#),
            binary(b"zero"),
            binary(b"one"),
        ]);
        let args = args(r#"["m",{"_placeholder":true,"num":0},{"x":{"_placeholder":true,"num":1}}]"#);
        let attachments = vec![Bytes::from_static(b"one"), Bytes::from_static(b"zero")];
        assert_eq!(packets, Ok(vec![Packet::Event { namespace: ns("/ns"), id: Some(7), args, attachments }]));
    }

    #[test]
    fn an_acknowledgement_may_be_binary_and_empty() {
        let packets = all([text(r#"61-7[{"_placeholder":true,"num":0}]"#), binary(b"")]);
        let args = args(r#"[{"_placeholder":true,"num":0}]"#);
        assert_eq!(packets, Ok(vec![Packet::Ack { namespace: ns("/"), id: 7, args, attachments: vec![Bytes::new()] }]));
    }

    #[test]
    fn an_attachment_that_nothing_names_is_dropped() {
        let packets = all([text(r#"52-["m",{"_placeholder":true,"num":1}]"#), binary(b"a"), binary(b"b")]);
        let args = args(r#"["m",{"_placeholder":true,"num":0}]"#);
        assert_eq!(packets, Ok(vec![Packet::Event { namespace: ns("/"), id: None, args, attachments: vec![Bytes::from_static(b"b")] }]));
    }

    #[test]
    fn nothing_may_come_between_or_unannounced() {
        let head = r#"52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
        assert_eq!(all([text(head), binary(b"a"), text(r#"2["x"]"#)]), Err(ParseError::TextWhileAwaiting));
        assert_eq!(all([binary(b"a")]), Err(ParseError::UnexpectedBinary));
        assert_eq!(all([text(r#"2["x"]"#), binary(b"a")]), Err(ParseError::UnexpectedBinary));
        assert_eq!(all([text(head), binary(b"a"), binary(b"b"), binary(b"c")]), Err(ParseError::UnexpectedBinary));
    }

    #[test]
    fn attachments_have_a_time_and_a_size() {
        let head = || text(r#"52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
        let limits = Limits { attachments: 2, bytes: 4, time: Duration::from_secs(1) };
        let (mut decoder, now) = (Decoder::new(limits), start());
        assert_eq!((decoder.push(head(), now), decoder.deadline()), (Ok(None), Some(now + limits.time)));
        assert!(!decoder.expired(now));
        assert!(decoder.expired(now + limits.time));
        assert_eq!(decoder.push(binary(b"a"), now + limits.time), Err(ParseError::AttachmentsTooLate));

        let mut decoder = Decoder::new(limits);
        assert_eq!(decoder.push(head(), now), Ok(None));
        assert_eq!(decoder.push(binary(b"abc"), now), Ok(None));
        assert_eq!(decoder.push(binary(b"de"), now), Err(ParseError::AttachmentsTooLarge));

        let mut decoder = Decoder::new(limits);
        assert_eq!(decoder.push(head(), now), Ok(None));
        assert_eq!(decoder.push(binary(b"abc"), now), Ok(None));
        assert!(decoder.push(binary(b"d"), now).is_ok_and(|packet| packet.is_some()));
        assert_eq!(decoder.deadline(), None);
    }

    #[test]
    fn arguments_are_a_slice_of_the_frame() {
        let frame = ByteString::from(r#"2["x",1]"#);
        let Ok(Some(Packet::Event { args, .. })) = Decoder::default().push(Message::Text(frame.clone()), start()) else {
            panic!("an event")
        };
        assert_eq!(args.as_str().as_ptr(), frame[1..].as_ptr());
    }

    /// JSON values; `None` is binary.
    fn arguments() -> impl Strategy<Value = Vec<Option<String>>> {
        let json = prop_oneof![
            any::<String>().prop_map(|text| serde_json::to_string(&text).expect("writes")),
            any::<f64>().prop_map(|number| serde_json::to_string(&number).expect("writes")),
            Just(r#"{"b":[null,{}],"a":1e400}"#.to_owned()),
            Just(r#""\udc00""#.to_owned()),
        ];
        proptest::collection::vec(proptest::option::weighted(0.8, json), 0..8)
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(
            namespace in "/[a-z/]{0,6}",
            id in any::<Option<u64>>(),
            name in any::<String>().prop_filter("reserved", |name| !RESERVED_EVENTS.contains(&name.as_str())),
            arguments in arguments(),
            ack in any::<bool>(),
        ) {
            let namespace = ns(&namespace);
            let mut attachments = Vec::new();
            let raws: Vec<String> = arguments.iter().map(|argument| argument.clone().unwrap_or_else(|| {
                attachments.push(Bytes::from(vec![attachments.len() as u8; attachments.len()]));
                format!(r#"{{"_placeholder":true,"num":{}}}"#, attachments.len() - 1)
            })).collect();
            let encoded: Encoded = match (ack, id) {
                (true, Some(id)) => encode_ack(&namespace, id, &raws, &attachments),
                _ => encode_event(&namespace, id, &name, &raws, &attachments),
            };
            let packets = all(encoded.messages()).expect("decodes");
            match packets.as_slice() {
                [Packet::Event { namespace: n, id: i, args, attachments: a }] => {
                    prop_assert_eq!((n, i, a), (&namespace, &id, &attachments));
                    prop_assert!(args.event_name().is_some_and(|decoded| decoded == name));
                    prop_assert_eq!(args.arguments().collect::<Vec<_>>(), raws);
                    let again = encode_event(n, *i, &name, args.arguments(), a);
                    prop_assert_eq!(again, encoded);
                }
                [Packet::Ack { namespace: n, id: i, args, attachments: a }] => {
                    prop_assert_eq!((n, Some(*i), a), (&namespace, id, &attachments));
                    prop_assert_eq!(args.iter().collect::<Vec<_>>(), raws);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn anything_is_decoded_or_refused(frames in proptest::collection::vec(
            prop_oneof![
                "[0-6][0-9]{0,2}-?(/[a-z]{0,3},)?[0-9]{0,3}(\\[.{0,20}\\])?".prop_map(|frame| text(&frame)),
                any::<String>().prop_map(|frame| text(&frame)),
                proptest::collection::vec(any::<u8>(), 0..9).prop_map(|frame| binary(&frame)),
            ],
            0..6,
        )) {
            let (mut decoder, now) = (Decoder::default(), start());
            for frame in frames {
                if let Ok(Some(packet)) = decoder.push(frame, now) {
                    prop_assert!(packet.namespace().as_str().starts_with('/'));
                    prop_assert_eq!(decoder.deadline(), None);
                }
            }
        }
    }
}
