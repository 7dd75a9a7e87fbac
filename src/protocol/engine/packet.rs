//! Owns the Engine.IO packet and its text form. Never looks into a message.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use bytestring::ByteString;

/// Writes padding as Node does; reads with or without it, since not every client writes it.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// What an application sends: text or bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(ByteString),
    Binary(Bytes),
}

impl Message {
    /// Length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One Engine.IO packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// `0` and the handshake's JSON.
    Open(ByteString),
    /// `1`.
    Close,
    /// `2`, with `probe` on a WebSocket that wants to take over.
    Ping(ByteString),
    /// `3`, with what the ping carried.
    Pong(ByteString),
    /// `4` and text, or bytes: a binary frame on a WebSocket, `b` and base64 in a polling payload.
    Message(Message),
    /// `5`.
    Upgrade,
    /// `6`.
    Noop,
}

/// Text that is no Engine.IO packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPacket {
    #[error("empty packet")]
    Empty,
    #[error("unknown packet type")]
    UnknownType,
    #[error("binary packet that is not base64")]
    BadBase64,
    #[error("payload that is not utf-8")]
    NotUtf8,
}

impl Packet {
    pub const PING: Self = Self::Ping(ByteString::from_static(""));

    /// Reads the text of a WebSocket frame or of one packet in a polling payload; what follows the type is a slice of `text`, not a copy.
    /// Text after `1`, `5` and `6` is ignored, as Node's server does.
    ///
    /// # Errors
    ///
    /// Text that is empty, begins with an unknown type, or announces base64 that is none.
    pub fn decode_text(text: ByteString) -> Result<Self, BadPacket> {
        let kind = *text.as_bytes().first().ok_or(BadPacket::Empty)?;
        if !kind.is_ascii() {
            return Err(BadPacket::UnknownType);
        }
        let rest = || text.slice_ref(&text[1..]);
        Ok(match kind {
            b'0' => Self::Open(rest()),
            b'1' => Self::Close,
            b'2' => Self::Ping(rest()),
            b'3' => Self::Pong(rest()),
            b'4' => Self::Message(Message::Text(rest())),
            b'5' => Self::Upgrade,
            b'6' => Self::Noop,
            b'b' => Self::Message(Message::Binary(BASE64.decode(&text.as_bytes()[1..]).map_err(|_| BadPacket::BadBase64)?.into())),
            _ => return Err(BadPacket::UnknownType),
        })
    }

    /// The packet's text form; `None` for a binary message, which has one only in a polling payload.
    pub fn encode_text(&self) -> Option<ByteString> {
        let with = |kind: char, rest: &str| {
            let mut text = String::with_capacity(1 + rest.len());
            text.push(kind);
            text.push_str(rest);
            ByteString::from(text)
        };
        Some(match self {
            Self::Open(json) => with('0', json),
            Self::Close => ByteString::from_static("1"),
            Self::Ping(text) if text.is_empty() => ByteString::from_static("2"),
            Self::Ping(text) => with('2', text),
            Self::Pong(text) => with('3', text),
            Self::Message(Message::Text(text)) => with('4', text),
            Self::Message(Message::Binary(_)) => return None,
            Self::Upgrade => ByteString::from_static("5"),
            Self::Noop => ByteString::from_static("6"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(text: &str) -> Result<Packet, BadPacket> {
        Packet::decode_text(text.into())
    }

    #[test]
    fn every_type_has_its_digit() {
        let rows = [
            ("0{}", Packet::Open("{}".into())),
            ("1", Packet::Close),
            ("2", Packet::PING),
            ("2probe", Packet::Ping("probe".into())),
            ("3", Packet::Pong("".into())),
            ("3probe", Packet::Pong("probe".into())),
            ("4", Packet::Message(Message::Text("".into()))),
            ("4hello ☃", Packet::Message(Message::Text("hello ☃".into()))),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
        ];
        for (text, packet) in rows {
            assert_eq!(decode(text), Ok(packet.clone()), "{text}");
            assert_eq!(packet.encode_text().as_deref(), Some(text));
        }
    }

    #[test]
    fn binary_in_text_is_base64_with_or_without_padding() {
        let packet = Packet::Message(Message::Binary(Bytes::from_static(&[1, 2, 3, 4])));
        assert_eq!(decode("bAQIDBA=="), Ok(packet.clone()));
        assert_eq!(decode("bAQIDBA"), Ok(packet.clone()));
        assert_eq!(decode("b"), Ok(Packet::Message(Message::Binary(Bytes::new()))));
        assert_eq!(packet.encode_text(), None);
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let rows = [
            ("", BadPacket::Empty),
            ("abc", BadPacket::UnknownType),
            ("7", BadPacket::UnknownType),
            ("é", BadPacket::UnknownType),
            ("b%%", BadPacket::BadBase64),
        ];
        for (text, error) in rows {
            assert_eq!(decode(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_message_is_a_slice_of_its_frame() {
        let frame = ByteString::from("4hello");
        let Ok(Packet::Message(Message::Text(text))) = Packet::decode_text(frame.clone()) else { panic!("a text message") };
        assert_eq!(text.as_ptr(), frame[1..].as_ptr());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            if let Ok(packet) = decode(&text)
                && let Some(again) = packet.encode_text()
            {
                prop_assert_eq!(Packet::decode_text(again), Ok(packet));
            }
        }
    }
}
