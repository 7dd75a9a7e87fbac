//! The ticket application: binds the office and its store to the hub. Event names, rooms, JSON shapes, who may do what. May import
//! `office`, `store`, `realtime` and `clock`. Never blocks: the store has a thread of its own.

mod bootstrap;
mod commands;
mod failure;
mod ledger;
mod payload;
mod record;
mod tickets;
mod view;
mod writer;

pub use bootstrap::{BootError, boot};
pub use failure::Failure;
pub use tickets::{Notice, TicketService};
pub use writer::Writer;
