//! The application: binds the office, its people and its store to the hub. Event names, rooms, JSON shapes, who may do what. May import
//! `office`, `access`, `store`, `realtime` and `clock`. Never blocks: the store has a thread of its own.

mod agenda;
mod api;
mod archive;
mod book;
mod bootstrap;
mod branch;
mod branches;
mod client;
mod commands;
mod configure;
mod directory;
mod doors;
mod errand;
mod failure;
mod filing;
mod founding;
mod ground;
mod hall;
mod leases;
mod ledger;
mod messages;
mod notice;
mod outside;
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
pub mod shapes;
mod staff;
mod standing;
mod tickets;
mod view;
mod watch;
mod writer;

pub use api::{Answer, Ask, Call, Scope, tag};
pub use bootstrap::{BootError, boot};
pub use doors::Doors;
pub use errand::{Edit, Errand, Part};
pub use failure::Failure;
pub use messages::{MessageBody, NoteBody, TickerBody, UserBody};
pub use notice::{Notice, Trouble};
pub use tickets::TicketService;
pub use writer::Writer;

// The words of the office that other fronts speak.
pub use crate::office::Lang;
