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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Header, ParseError> {
        Header::parse(&text.into(), 10)
    }

    #[test]
    fn headers() {
        let rows = [
            ("0", Kind::Connect, None::<usize>, "/", None::<u64>, None::<&str>),
            ("0/ns,", Kind::Connect, None, "/ns", None, None),
            ("0/ns", Kind::Connect, None, "/ns", None, None),
            ("0{\"token\":1}", Kind::Connect, None, "/", None, Some("{\"token\":1}")),
            ("0/ns,{\"a\":1}", Kind::Connect, None, "/ns", None, Some("{\"a\":1}")),
            ("0/ns?token=1&x=2,{}", Kind::Connect, None, "/ns", None, Some("{}")),
            ("0/ns?token=1", Kind::Connect, None, "/ns", None, None),
            ("0/?x=1,", Kind::Connect, None, "/", None, None),
            ("1", Kind::Disconnect, None, "/", None, None),
            ("1/ns,", Kind::Disconnect, None, "/ns", None, None),
            ("2[\"a\"]", Kind::Event, None, "/", None, Some("[\"a\"]")),
            ("212[\"a\"]", Kind::Event, None, "/", Some(12), Some("[\"a\"]")),
            ("2/a/b,007[]", Kind::Event, None, "/a/b", Some(7), Some("[]")),
            ("218446744073709551615[]", Kind::Event, None, "/", Some(u64::MAX), Some("[]")),
            ("30[]", Kind::Ack, None, "/", Some(0), Some("[]")),
            ("4\"no\"", Kind::ConnectError, None, "/", None, Some("\"no\"")),
            ("52-[\"a\"]", Kind::Event, Some(2), "/", None, Some("[\"a\"]")),
            ("510-/ns,7[\"a\"]", Kind::Event, Some(10), "/ns", Some(7), Some("[\"a\"]")),
            ("62-7[]", Kind::Ack, Some(2), "/", Some(7), Some("[]")),
        ];
        for (text, kind, attachments, namespace, id, payload) in rows {
            let header = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (header.kind, header.attachments, header.namespace.as_str(), header.id, header.payload.as_deref()),
                (kind, attachments, namespace, id, payload),
                "{text}"
            );
        }
    }

    #[test]
    fn refused() {
        let rows = [
            ("", ParseError::Empty),
            ("abc", ParseError::UnknownType),
            ("7", ParseError::UnknownType),
            ("é", ParseError::UnknownType),
            ("5", ParseError::BadAttachmentCount),
            ("51", ParseError::BadAttachmentCount),
            ("5-[]", ParseError::BadAttachmentCount),
            ("50-[]", ParseError::BadAttachmentCount),
            ("5a-[]", ParseError::BadAttachmentCount),
            ("51.5-[]", ParseError::BadAttachmentCount),
            ("5-1-[]", ParseError::BadAttachmentCount),
            ("511-[]", ParseError::TooManyAttachments),
            ("510000-[]", ParseError::TooManyAttachments),
            ("599999999999999999999999-[]", ParseError::TooManyAttachments),
            ("218446744073709551616[]", ParseError::IdTooLarge),
            ("3999999999999999999999999[]", ParseError::IdTooLarge),
        ];
        for (text, error) in rows {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-7]?[0-9]{0,3}-?(/[a-z?]{0,3},?)?[0-9]{0,22}.{0,8}") {
            if let Ok(header) = parse(&text) {
                prop_assert!(header.namespace.as_str().starts_with('/'));
                prop_assert!(header.payload.is_none_or(|payload| text.ends_with(&*payload)));
            }
        }
    }
}
