//! The wire: Engine.IO 4 and Socket.IO 5, sans-IO. Bytes and the present instant go in; messages, packets to send and the next deadline come
//! out. May import bytes, bytestring, serde_json, base64, thiserror and std. Never does I/O, never reads a clock, never draws a random
//! number, knows neither actix nor tickets.

pub mod engine;
pub mod socket;
