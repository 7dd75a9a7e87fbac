//! Owns the way from WebSocket frames to Engine.IO packets: puts messages together that come in parts, checks their size and their text. Never
//! answers.

use actix_http::ws::Item;
use actix_web_actors::ws::{Message as Frame, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::protocol::engine::{CloseReason, Message, Packet};

/// What a frame means.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    Packet(Packet),
    /// A WebSocket ping, to be answered with the same bytes.
    Ping(Bytes),
    /// The peer closes the WebSocket.
    Close,
    /// Nothing yet, or nothing at all.
    Nothing,
}

/// Puts together what one WebSocket sends.
#[derive(Debug)]
pub struct Assembler {
    max_payload: usize,
    partial: Option<Partial>,
}

#[derive(Debug)]
struct Partial {
    text: bool,
    bytes: BytesMut,
}

impl Assembler {
    /// `max_payload` is in bytes, of a whole message.
    pub fn new(max_payload: usize) -> Self {
        Self { max_payload, partial: None }
    }

    /// Takes the next frame.
    ///
    /// # Errors
    ///
    /// Why the WebSocket is to be closed.
    pub fn take(&mut self, frame: Result<Frame, ProtocolError>) -> Result<Incoming, CloseReason> {
        match frame {
            Ok(Frame::Text(text)) => self.whole().and_then(|()| packet(text)),
            Ok(Frame::Binary(bytes)) => self.whole().map(|()| Incoming::Packet(Packet::Message(Message::Binary(bytes)))),
            Ok(Frame::Continuation(item)) => self.part(item),
            Ok(Frame::Ping(bytes)) => Ok(Incoming::Ping(bytes)),
            Ok(Frame::Pong(_) | Frame::Nop) => Ok(Incoming::Nothing),
            Ok(Frame::Close(_)) => Ok(Incoming::Close),
            Err(ProtocolError::Overflow) => Err(CloseReason::PayloadTooLarge),
            // The reading side failed, or text is not UTF-8: neither goes on.
            Err(_) => Err(CloseReason::ParseError),
        }
    }

    /// A whole message may not come in the middle of another.
    fn whole(&self) -> Result<(), CloseReason> {
        if self.partial.is_some() { Err(CloseReason::ParseError) } else { Ok(()) }
    }

    fn part(&mut self, item: Item) -> Result<Incoming, CloseReason> {
        let (bytes, last) = match item {
            Item::FirstText(bytes) => (self.first(true, bytes)?, false),
            Item::FirstBinary(bytes) => (self.first(false, bytes)?, false),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let partial = self.partial.as_mut().ok_or(CloseReason::ParseError)?;
        if partial.bytes.len() + bytes.len() > self.max_payload {
            return Err(CloseReason::PayloadTooLarge);
        }
        partial.bytes.extend_from_slice(&bytes);
        match self.partial.take_if(|_| last) {
            None => Ok(Incoming::Nothing),
            Some(Partial { text: false, bytes }) => Ok(Incoming::Packet(Packet::Message(Message::Binary(bytes.freeze())))),
            Some(Partial { text: true, bytes }) => packet(ByteString::try_from(bytes.freeze()).map_err(|_| CloseReason::ParseError)?),
        }
    }

    fn first(&mut self, text: bool, bytes: Bytes) -> Result<Bytes, CloseReason> {
        self.whole()?;
        self.partial = Some(Partial { text, bytes: BytesMut::new() });
        Ok(bytes)
    }
}

fn packet(text: ByteString) -> Result<Incoming, CloseReason> {
    Packet::decode_text(text).map(Incoming::Packet).map_err(|_| CloseReason::ParseError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn part(item: Item) -> Result<Frame, ProtocolError> {
        Ok(Frame::Continuation(item))
    }

    fn message(text: &'static str) -> Incoming {
        Incoming::Packet(Packet::Message(Message::Text(ByteString::from_static(text))))
    }

    #[test]
    fn a_message_in_parts_is_put_together() {
        let mut assembler = Assembler::new(10);
        assert_eq!(assembler.take(part(Item::FirstText(bytes("42[")))), Ok(Incoming::Nothing));
        assert_eq!(assembler.take(Ok(Frame::Ping(bytes("p")))), Ok(Incoming::Ping(bytes("p"))));
        assert_eq!(assembler.take(part(Item::Continue(bytes("\"a\"")))), Ok(Incoming::Nothing));
        assert_eq!(assembler.take(part(Item::Last(bytes("]")))), Ok(message("2[\"a\"]")));
        assert_eq!(assembler.take(Ok(Frame::Text("4x".into()))), Ok(message("x")));
    }

    #[test]
    fn the_limit_is_for_the_whole_message() {
        let mut assembler = Assembler::new(5);
        assert_eq!(assembler.take(part(Item::FirstText(bytes("4ab")))), Ok(Incoming::Nothing));
        assert_eq!(assembler.take(part(Item::Last(bytes("cde")))), Err(CloseReason::PayloadTooLarge));
    }

    #[test]
    fn parts_out_of_turn_and_broken_text_are_errors() {
        let broken = Bytes::from_static(&[b'4', 0xff]);
        let mut assembler = Assembler::new(10);
        assert_eq!(assembler.take(part(Item::Last(bytes("4")))), Err(CloseReason::ParseError));
        assert_eq!(assembler.take(part(Item::FirstText(broken))), Ok(Incoming::Nothing));
        assert_eq!(assembler.take(Ok(Frame::Text("4x".into()))), Err(CloseReason::ParseError));
        assert_eq!(assembler.take(part(Item::FirstText(bytes("4")))), Err(CloseReason::ParseError));
        assert_eq!(assembler.take(part(Item::Last(bytes("y")))), Err(CloseReason::ParseError));
        assert_eq!(Assembler::new(10).take(Ok(Frame::Text("x".into()))), Err(CloseReason::ParseError));
    }
}
