//! The domain, pure: ids, the ticket's state machine, commands and events, who is next, the business day. May import serde, chrono, chrono-tz
//! and thiserror. Never does I/O, never reads a clock, never draws a random number, knows neither actix nor Socket.IO.

#[cfg(test)]
pub(crate) mod arbitrary;
mod branch;
pub mod certificate;
mod check;
mod command;
mod day;
mod decide;
mod deferral;
mod estimate;
mod event;
mod evolve;
#[cfg(test)]
mod fairness;
pub mod figures;
mod hours;
mod ids;
mod numbers;
mod pace;
pub mod people;
mod policy;
#[cfg(test)]
mod properties;
mod queue;
mod reason;
mod refused;
mod settings;
pub mod simulation;
mod snapshot;
mod station;
mod ticket;
mod undo;

pub use branch::{Call, Office};
pub use command::{By, Canceller, Command, Holder, Request};
pub use day::Calendar;
pub use decide::{Done, decide};
pub use deferral::Deferral;
pub use estimate::{Expected, Range, Wait};
pub use event::{Closed, Entry, Event};
pub use hours::{Holiday, Minute, Opening, Span, Week};
pub use ids::{
    BadKey, BranchId, DeskId, DeviceId, HookId, Key, LoginId, Millis, NotHex, NoteId, Rank, ServiceId, SessionId, TicketId, Token, UserId,
};
pub use people::{BadText, Note, Role, Ticker, User};
pub use reason::{Counted, Reason};
pub use refused::Refused;
pub use settings::{BadSettings, Class, Deferrals, Desk, Group, Lang, Name, Numbers, Policy, Served, Service, Settings, Word};
pub use snapshot::BadSnapshot;
pub use station::{Pause, Station};
pub use ticket::{Action, Channel, End, Place, Segment, State, Ticket, transition};
