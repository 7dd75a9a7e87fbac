//! Owns the bodies of long polling: packets joined by `\x1e`, binary as `b` and base64. Never decides when a body is sent.

use base64::Engine as _;
use bytes::Bytes;
use bytestring::ByteString;

use super::packet::{BASE64, BadPacket, Message, Packet};

/// Stands between packets.
pub const SEPARATOR: u8 = b'\x1e';

/// Most packets in one response: a well-known Python client refuses more.
pub const MAX_PACKETS: usize = 16;

/// Reads a whole body.
///
/// # Errors
///
/// A body that is empty, is not UTF-8 or holds a packet that is none; use [`packets`] to keep what came before it.
pub fn decode(body: &Bytes) -> Result<Vec<Packet>, BadPacket> {
    packets(body).collect()
}

/// Reads a body packet by packet and ends after the first bad one. Texts are slices of the body.
pub fn packets(body: &Bytes) -> Packets {
    match ByteString::try_from(body.clone()) {
        Ok(text) => Packets { rest: Some(Ok(text)) },
        Err(_) => Packets { rest: Some(Err(BadPacket::NotUtf8)) },
    }
}

/// The packets of a body, see [`packets`].
#[derive(Debug)]
pub struct Packets {
    rest: Option<Result<ByteString, BadPacket>>,
}

impl Iterator for Packets {
    type Item = Result<Packet, BadPacket>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = match self.rest.take()? {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        };
        let packet = match text.split_once(char::from(SEPARATOR)) {
            Some((first, rest)) => {
                self.rest = Some(Ok(text.slice_ref(rest)));
                Packet::decode_text(text.slice_ref(first))
            }
            None => Packet::decode_text(text),
        };
        if packet.is_err() {
            self.rest = None;
        }
        Some(packet)
    }
}

#[derive(Debug)]
enum Part {
    Text(ByteString),
    Binary(Bytes),
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => 1 + base64_len(bytes.len()),
        }
    }
}

/// Collects one response: at most [`MAX_PACKETS`] packets and, unless it is a single packet, at most `max_payload` bytes. A text is copied
/// once, when the body is joined, and not at all when it is alone.
#[derive(Debug)]
pub struct Builder {
    parts: Vec<Part>,
    len: usize,
    max_payload: usize,
}

impl Builder {
    /// `max_payload` is in bytes.
    pub fn new(max_payload: usize) -> Self {
        Self { parts: Vec::new(), len: 0, max_payload }
    }

    /// Adds a packet that is encoded already (for a message: with its leading `4`). `false` when it has to wait for the next response.
    #[must_use]
    pub fn push_text(&mut self, text: &ByteString) -> bool {
        self.fits(text.len()) && self.push(Part::Text(text.clone()))
    }

    /// Adds a binary message. `false` when it has to wait for the next response.
    #[must_use]
    pub fn push_binary(&mut self, bytes: &Bytes) -> bool {
        self.fits(1 + base64_len(bytes.len())) && self.push(Part::Binary(bytes.clone()))
    }

    /// Adds a packet. `false` when it has to wait for the next response.
    #[must_use]
    pub fn push_packet(&mut self, packet: &Packet) -> bool {
        match packet {
            Packet::Message(Message::Binary(bytes)) => self.push_binary(bytes),
            other => other.encode_text().is_some_and(|text| self.push_text(&text)),
        }
    }

    /// Packets added so far.
    pub fn packets(&self) -> usize {
        self.parts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The body; empty when nothing was added.
    pub fn finish(mut self) -> ByteString {
        if let [Part::Text(_)] = self.parts.as_slice()
            && let Some(Part::Text(text)) = self.parts.pop()
        {
            return text;
        }
        let mut body = String::with_capacity(self.len);
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                body.push(char::from(SEPARATOR));
            }
            match part {
                Part::Text(text) => body.push_str(text),
                Part::Binary(bytes) => {
                    body.push('b');
                    BASE64.encode_string(bytes, &mut body);
                }
            }
        }
        body.into()
    }

    fn fits(&self, len: usize) -> bool {
        self.parts.is_empty() || (self.parts.len() < MAX_PACKETS && self.len + 1 + len <= self.max_payload)
    }

    fn push(&mut self, part: Part) -> bool {
        self.len += part.len() + usize::from(!self.parts.is_empty());
        self.parts.push(part);
        true
    }
}

fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Packet {
        Packet::Message(Message::Text(text.into()))
    }

    fn binary(bytes: &[u8]) -> Packet {
        Packet::Message(Message::Binary(Bytes::copy_from_slice(bytes)))
    }

    #[test]
    fn bodies_of_the_protocol_document() {
        let body = Bytes::from_static(b"4hello\x1e2\x1ebAQIDBA==");
        assert_eq!(decode(&body), Ok(vec![text("hello"), Packet::PING, binary(&[1, 2, 3, 4])]));
    }

    #[test]
    fn bad_bodies_are_refused() {
        for (body, error) in [
            (&b""[..], BadPacket::Empty),
            (b"abc", BadPacket::UnknownType),
            (b"4a\x1e", BadPacket::Empty),
            (b"\x1e4a", BadPacket::Empty),
            (b"4\xff", BadPacket::NotUtf8),
            (b"4a\x1eb!", BadPacket::BadBase64),
        ] {
            assert_eq!(decode(&Bytes::copy_from_slice(body)), Err(error), "{body:?}");
        }
    }

    #[test]
    fn what_came_before_a_bad_packet_is_kept() {
        let body = Bytes::from_static(b"4a\x1ex\x1e4b");
        assert_eq!(packets(&body).collect::<Vec<_>>(), [Ok(text("a")), Err(BadPacket::UnknownType)]);
    }

    #[test]
    fn a_response_holds_sixteen_packets() {
        let mut builder = Builder::new(1_000_000);
        let taken = (0..20).take_while(|_| builder.push_text(&"4x".into())).count();
        assert_eq!(taken, 16);
        assert_eq!(decode(&builder.finish().into_bytes()).map(|packets| packets.len()), Ok(16));
    }

    #[test]
    fn a_response_respects_the_maximum_but_takes_one_large_packet() {
        let mut builder = Builder::new(10);
        assert!(builder.push_text(&"4aaaaaaaaaaaaaaaaaaa".into()));
        assert!(!builder.push_text(&"4".into()));
        let mut builder = Builder::new(10);
        assert!(builder.push_binary(&Bytes::from_static(&[1, 2, 3])));
        assert!(builder.push_text(&"4aaa".into()));
        assert!(!builder.push_text(&"".into()));
        assert_eq!(builder.finish(), "bAQID\x1e4aaa");
    }

    #[test]
    fn a_single_text_is_not_copied() {
        let message = ByteString::from("4hello");
        let mut builder = Builder::new(100);
        assert!(builder.push_text(&message));
        assert_eq!(builder.finish().as_ptr(), message.as_ptr());
    }

    fn packet() -> impl Strategy<Value = Packet> {
        prop_oneof![
            "[^\x1e]{0,20}".prop_map(|t| text(&t)),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(|b| binary(&b)),
            Just(Packet::PING),
            Just(Packet::Close),
            Just(Packet::Noop),
        ]
    }

    proptest! {
        #[test]
        fn what_was_built_is_read_back(packets in proptest::collection::vec(packet(), 1..=16)) {
            let mut builder = Builder::new(usize::MAX);
            for packet in &packets {
                prop_assert!(builder.push_packet(packet));
            }
            let len = builder.len;
            let body = builder.finish();
            prop_assert_eq!(body.len(), len);
            prop_assert_eq!(decode(&body.into_bytes()), Ok(packets));
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let body = Bytes::from(body);
            prop_assert!(decode(&body).is_ok() || packets(&body).last().is_some_and(|packet| packet.is_err()));
        }
    }
}
