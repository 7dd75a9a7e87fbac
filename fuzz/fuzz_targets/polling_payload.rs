//! Any bytes, as the body of a POST: read or refused, and what was read comes back from a response built of it.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use siguiente_fuzz::protocol::engine::payload::{Builder, MAX_PACKETS, decode};

fuzz_target!(|bytes: &[u8]| {
    let Ok(packets) = decode(&Bytes::copy_from_slice(bytes)) else { return };
    assert!(!packets.is_empty());
    for packets in packets.chunks(MAX_PACKETS) {
        let mut builder = Builder::new(usize::MAX);
        assert!(packets.iter().all(|packet| builder.push_packet(packet)));
        assert_eq!(decode(&builder.finish().into_bytes()).as_deref(), Ok(packets));
    }
});
