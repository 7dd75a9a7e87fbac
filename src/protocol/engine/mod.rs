//! Engine.IO 4: packets, polling payloads, the handshake and the machine of one session. May import nothing of `socket`.

mod close;
mod config;
pub mod handshake;
mod output;
mod packet;
pub mod payload;
mod session;

pub use close::CloseReason;
pub use config::Config;
pub use handshake::{HttpError, Method, Request, Transport, Transports};
pub use output::{Answer, Output, Outputs, RequestId, SocketId};
pub use packet::{BadPacket, Message, Packet};
pub use session::Session;
