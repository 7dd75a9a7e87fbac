//! A Socket.IO server on actix: the hub actor (registry, rooms, acknowledgements, fan-out), session actors as thin shells round one protocol
//! machine, transports. Serves any [`Application`]. May import `protocol` and `clock`. Knows no tickets, no database, no route but its own.

mod application;
mod ending;
mod hub;
mod ids;
mod layer;
mod link;
mod members;
mod registry;
mod server;
mod websocket;

pub use application::{Ack, Application, Denied, Event, Handshake};
pub use ending::{Ending, ending};
pub use hub::{CloseAll, CountConnections, Hub, HubSettings, Tell, Turn};
pub use ids::{Sid, SocketId};
pub use link::Limits;
pub use members::SocketKey;
pub use registry::{Audience, Registry};
pub use server::{Server, Settings, keep_socket};
