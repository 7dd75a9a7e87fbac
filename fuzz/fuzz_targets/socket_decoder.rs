//! Any frames, separated by a zero byte, a binary one marked by `b`: decoded or refused. What was decoded is encoded again and decodes to
//! the same, and the walk over JSON judges as serde_json does.

#![no_main]

use std::time::Instant;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use siguiente_fuzz::protocol::engine::Message;
use siguiente_fuzz::protocol::socket::{Args, Decoder, Encoded, Packet, encode_ack, encode_event, json};

fuzz_target!(|bytes: &[u8]| {
    let now = Instant::now();
    let mut decoder = Decoder::default();
    for frame in bytes.split(|byte| *byte == 0) {
        let message = match frame.split_first() {
            Some((b'b', rest)) => Message::Binary(Bytes::copy_from_slice(rest)),
            _ => match std::str::from_utf8(frame) {
                Ok(text) => Message::Text(text.into()),
                Err(_) => return,
            },
        };
        if let Message::Text(text) = &message {
            let serde = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
            assert_eq!(json::validate(text).is_ok(), serde, "{text}");
        }
        match decoder.push(message, now) {
            Ok(Some(packet)) => again(&packet, now),
            Ok(None) => {}
            Err(_) => return,
        }
    }
});

fn again(packet: &Packet, now: Instant) {
    let encoded: Encoded = match packet {
        Packet::Event { namespace, id, args, attachments } => {
            let name = args.event_name().expect("an event has a name");
            let encoded = encode_event(namespace, *id, &name, args.arguments(), attachments);
            walk(args);
            encoded
        }
        Packet::Ack { namespace, id, args, attachments } => {
            walk(args);
            encode_ack(namespace, *id, args, attachments)
        }
        _ => return,
    };
    let mut decoder = Decoder::default();
    let decoded: Vec<_> = encoded.messages().map(|message| decoder.push(message, now).expect("decodes again")).collect();
    let Some(Some(second)) = decoded.last() else { panic!("a whole packet") };
    match (packet, second) {
        (Packet::Event { id, args, attachments, .. }, Packet::Event { id: id2, args: args2, attachments: attachments2, .. }) => {
            assert_eq!((id, attachments), (id2, attachments2));
            assert_eq!(args.event_name(), args2.event_name());
            assert!(args.arguments().eq(args2.arguments()));
        }
        (Packet::Ack { id, args, attachments, .. }, Packet::Ack { id: id2, args: args2, attachments: attachments2, .. }) => {
            assert_eq!((id, attachments), (id2, attachments2));
            assert!(args.iter().eq(args2.iter()));
        }
        other => panic!("{other:?}"),
    }
}

fn walk(args: &Args) {
    for element in args {
        json::validate(element).expect("an element is a value");
    }
}
