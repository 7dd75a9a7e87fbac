//! Owns the text of a packet: type, number of attachments, namespace, id, payload. Never waits for attachments.

use bytestring::ByteString;

use super::json;
use super::packet::{Namespace, ParseError, Raw};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

/// A packet's text, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Kind,
    /// `Some` for BINARY_EVENT and BINARY_ACK; at least 1.
    pub attachments: Option<usize>,
    pub namespace: Namespace,
    pub id: Option<u64>,
    /// Not looked into; `None` when nothing is left.
    pub payload: Option<ByteString>,
}

impl Header {
    /// Reads the text of an Engine.IO message (without the `4`).
    pub fn parse(text: &ByteString, max_attachments: usize) -> Result<Self, ParseError> {
        let (kind, binary) = match text.as_bytes().first().ok_or(ParseError::Empty)? {
            b'0' => (Kind::Connect, false),
            b'1' => (Kind::Disconnect, false),
            b'2' => (Kind::Event, false),
            b'3' => (Kind::Ack, false),
            b'4' => (Kind::ConnectError, false),
            b'5' => (Kind::Event, true),
            b'6' => (Kind::Ack, true),
            _ => return Err(ParseError::UnknownType),
        };
        let mut rest = &text[1..];
        let mut attachments = None;
        if binary {
            let (digits, after) = digits(rest);
            rest = after.strip_prefix('-').ok_or(ParseError::BadAttachmentCount)?;
            let count = match digits.parse::<u64>() {
                Ok(count) if count > 0 => usize::try_from(count).unwrap_or(usize::MAX),
                Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => usize::MAX,
                _ => return Err(ParseError::BadAttachmentCount),
            };
            if count > max_attachments {
                return Err(ParseError::TooManyAttachments);
            }
            attachments = Some(count);
        }
        let mut namespace = Namespace::ROOT;
        if rest.starts_with('/') {
            let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
            namespace = Namespace::from_wire(text.slice_ref(name));
            rest = after;
        }
        let (digits, payload) = digits(rest);
        let id = if digits.is_empty() { None } else { Some(digits.parse().map_err(|_| ParseError::IdTooLarge)?) };
        let payload = if payload.is_empty() { None } else { Some(text.slice_ref(payload)) };
        Ok(Self { kind, attachments, namespace, id, payload })
    }
}

/// JSON whose value begins with one of these characters.
pub(super) fn raw(payload: ByteString, first: &[char]) -> Result<Raw, ParseError> {
    json::validate(&payload)?;
    let trimmed = payload.trim_matches([' ', '\t', '\n', '\r']);
    if trimmed.starts_with(first) { Ok(Raw(payload.slice_ref(trimmed))) } else { Err(ParseError::WrongPayload) }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}
