//! The application: binds the office, its people and its store to the hub. Event names, rooms, JSON shapes, who may do what. May import
//! `office`, `store`, `realtime` and `clock`. Never blocks: the store has a thread of its own.

mod api;
mod book;
mod bootstrap;
mod commands;
mod directory;
mod failure;
mod hall;
mod ledger;
mod messages;
mod payload;
mod people;
mod reasons;
mod record;
mod refusal;
mod reports;
mod sessions;
mod tickets;
mod view;
mod writer;

pub use api::{Answer, Ask, Call, MOST_LISTED};
pub use bootstrap::{BootError, boot};
pub use failure::Failure;
pub use hall::HallNotice;
pub use messages::{MessageBody, NoteBody, TickerBody, UserBody};
pub use tickets::{Notice, TicketService};
pub use writer::Writer;

// The words of the office that other fronts speak.
pub use crate::office::Lang;
