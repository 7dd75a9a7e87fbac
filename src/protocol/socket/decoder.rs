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
