//! The domain, pure: ids, the ticket's state machine, commands and events, who is next, the business day. May import serde, chrono and
//! chrono-tz. Never does I/O, never reads a clock, never draws a random number, knows neither actix nor Socket.IO.

mod command;
mod event;
mod ids;
mod settings;
mod ticket;

pub use command::{Command, Request};
pub use event::{Entry, Event};
pub use ids::{BadKey, BranchId, DeskId, Key, Millis, NotHex, Rank, ServiceId, TicketId, Token};
pub use settings::{BadSettings, Class, Desk, Lang, Name, Policy, Service, Settings};
pub use ticket::{Channel, Place, State, Ticket};
