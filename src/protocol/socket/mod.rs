//! Socket.IO 5: packets, their text and their attachments. May import the messages of `engine`. Never knows which namespaces, sockets or
//! events there are, and never parses an argument that is only passed on: arguments are raw JSON text.

mod args;
mod decoder;
mod encode;
mod header;
pub mod json;
mod packet;
mod placeholder;

pub use args::{Args, Elements};
pub use decoder::{Decoder, Limits};
pub use encode::{Encoded, encode_ack, encode_connect, encode_connect_error, encode_disconnect, encode_event};
pub use packet::{Namespace, Packet, ParseError, RESERVED_EVENTS, Raw};
