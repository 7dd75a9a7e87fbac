//! Any text, as one packet and as the query of a request: read or refused, and what was read is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use siguiente_fuzz::protocol::engine::Packet;
use siguiente_fuzz::protocol::engine::handshake::{Method, Request, Transports};

fuzz_target!(|text: &str| {
    if let Ok(packet) = Packet::decode_text(text.into())
        && let Some(again) = packet.encode_text()
    {
        assert_eq!(Packet::decode_text(again), Ok(packet));
    }
    for (method, upgrade) in [(Method::Get, false), (Method::Get, true), (Method::Post, false), (Method::Other, false)] {
        if let Ok(Request::Poll { sid } | Request::Post { sid } | Request::Probe { sid }) =
            Request::parse(text, method, upgrade, Transports::ALL)
        {
            assert!(!sid.is_empty());
        }
    }
});
