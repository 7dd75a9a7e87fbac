//! Owns what a decoded Socket.IO packet is, and every way in which one can be wrong.

use std::borrow::Borrow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use super::args::Args;
use super::json::BadJson;

/// Names that mean something else on one side or the other; an event that bears one ends the connection.
pub const RESERVED_EVENTS: [&str; 6] = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// A namespace, `/` by default. A query string behind it on the wire (`/admin?x=1`) is not part of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(ByteString);

impl Namespace {
    pub const ROOT: Self = Self(ByteString::from_static("/"));

    /// The namespace of this name; `/` is put before a name that lacks it. `None` for a name with a comma, which the wire cannot carry.
    pub fn new(name: &str) -> Option<Self> {
        if name.contains(',') {
            return None;
        }
        Some(if name.starts_with('/') { Self(name.into()) } else { Self(format!("/{name}").into()) })
    }

    /// A slice of a frame that begins with `/` and has no comma.
    pub(super) fn from_wire(text: ByteString) -> Self {
        match text.find('?') {
            Some(query) => Self(text.slice_ref(&text[..query])),
            None => Self(text),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::ROOT
    }
}

impl Borrow<str> for Namespace {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// The raw text of a JSON value that is known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw(pub(super) ByteString);

impl Raw {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A packet with all of its attachments.
///
/// Where an argument is binary its text has `{"_placeholder":true,"num":N}`, exactly so, and `attachments[N]` is its bytes; the numbers
/// rise from 0 in the order in which they stand, whatever the client's order was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// The payload is a JSON object.
    Connect {
        namespace: Namespace,
        payload: Option<Raw>,
    },
    Disconnect {
        namespace: Namespace,
    },
    /// EVENT and BINARY_EVENT. `args` begins with the name, which is a text or a number and not [reserved](RESERVED_EVENTS).
    Event {
        namespace: Namespace,
        id: Option<u64>,
        args: Args,
        attachments: Vec<Bytes>,
    },
    /// ACK and BINARY_ACK.
    Ack {
        namespace: Namespace,
        id: u64,
        args: Args,
        attachments: Vec<Bytes>,
    },
    /// Only servers send it; the payload is a JSON object or text.
    ConnectError {
        namespace: Namespace,
        payload: Raw,
    },
}

impl Packet {
    pub fn namespace(&self) -> &Namespace {
        match self {
            Self::Connect { namespace, .. }
            | Self::Disconnect { namespace }
            | Self::Event { namespace, .. }
            | Self::Ack { namespace, .. }
            | Self::ConnectError { namespace, .. } => namespace,
        }
    }
}

/// Why a message is no Socket.IO packet, or none that may come now. Each ends the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("empty packet")]
    Empty,
    #[error("unknown packet type")]
    UnknownType,
    #[error("number of attachments missing or not a number")]
    BadAttachmentCount,
    #[error("more attachments than allowed")]
    TooManyAttachments,
    #[error("acknowledgement id does not fit 64 bits")]
    IdTooLarge,
    #[error("acknowledgement without an id")]
    MissingId,
    #[error("id on a packet that has none")]
    UnexpectedId,
    #[error("payload missing")]
    MissingPayload,
    #[error("payload on a packet that has none")]
    UnexpectedPayload,
    #[error("payload is not the json that this packet carries")]
    WrongPayload,
    #[error(transparent)]
    BadJson(#[from] BadJson),
    #[error("event name is neither text nor number")]
    BadEventName,
    #[error("event name is reserved")]
    ReservedEvent,
    #[error("placeholder without an attachment of its own")]
    BadPlaceholder,
    #[error("text while attachments are awaited")]
    TextWhileAwaiting,
    #[error("binary that was not announced")]
    UnexpectedBinary,
    #[error("attachments too large")]
    AttachmentsTooLarge,
    #[error("attachments too late")]
    AttachmentsTooLate,
}
