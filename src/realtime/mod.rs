//! A Socket.IO server on actix: the hub actor (registry, rooms, acknowledgements, fan-out), session actors as thin shells round one protocol
//! machine, transports. Serves any [`Application`]. May import `protocol` and `clock`. Knows no tickets, no database, no route but its own.

mod alarm;
mod application;
mod carried;
mod cors;
mod counts;
mod ending;
mod frames;
mod hub;
mod ids;
mod layer;
mod link;
mod marks;
mod members;
mod opening;
mod polling;
mod proxies;
mod recovery;
mod registry;
mod server;
mod sessions;
mod websocket;

pub use application::{Ack, Application, Denied, Event, Handshake, Question, Reply};
pub use cors::Cors;
pub use counts::Counts;
pub use ending::{Ending, ending};
pub use hub::{CloseAll, CountConnections, Hub, HubSettings, Tell, Turn};
pub use ids::{Pid, Sid, SocketId};
pub use layer::Layer;
pub use link::{ConnectionId, Credit, Effect, Limits, Link, Outbound};
pub use members::SocketKey;
pub use opening::Opening;
pub use proxies::{Network, Proxies, Whence};
pub use recovery::{Recovered, RecoveryMode, Saved};
pub use registry::{Audience, Registry};
pub use server::{Layers, Server, Settings, SocketLayers, keep_socket};

// The words of the protocol that an application speaks.
pub use crate::protocol::engine::CloseReason;
pub use crate::protocol::socket::{Args, Encoded, Namespace, encode_event};
