//! The application: binds the office, its people and its store to the hub. Event names, rooms, JSON shapes, who may do what. May import
//! `office`, `store`, `realtime` and `clock`. Never blocks: the store has a thread of its own.

mod agenda;
mod api;
mod archive;
mod book;
mod bootstrap;
mod branch;
mod branches;
mod client;
mod commands;
mod directory;
mod failure;
mod filing;
mod ground;
mod hall;
mod leases;
mod ledger;
mod messages;
mod notice;
mod payload;
mod people;
mod reasons;
mod record;
mod refusal;
mod reports;
mod rooms;
mod screens;
mod seats;
mod sessions;
mod simulation;
mod staff;
mod standing;
mod tickets;
mod view;
mod watch;
mod writer;

pub use api::{Answer, Ask, Call, MOST_LISTED};
pub use bootstrap::{BootError, boot};
pub use failure::Failure;
pub use messages::{MessageBody, NoteBody, TickerBody, UserBody};
pub use notice::{Notice, Trouble};
pub use tickets::TicketService;
pub use writer::Writer;

// The words of the office that other fronts speak.
pub use crate::office::Lang;
