//! The application: binds the office, its people and its store to the hub. Event names, rooms, JSON shapes, who may do what. May import
//! `office`, `access`, `store`, `realtime` and `clock`. Never blocks: the store has a thread of its own.

mod accounts;
mod agenda;
mod api;
mod archive;
mod book;
mod bootstrap;
mod branch;
mod branches;
mod client;
mod commands;
mod devices;
mod directory;
mod doors;
mod entering;
mod failure;
mod filing;
mod founding;
mod gate;
mod ground;
mod hall;
mod keys;
mod knock;
mod leases;
mod ledger;
mod messages;
mod notice;
mod offline;
mod passwords;
mod payload;
mod people;
mod permits;
mod reasons;
mod record;
mod refusal;
mod reports;
mod rooms;
mod screens;
mod seats;
mod secrets;
mod sessions;
mod staff;
mod standing;
mod tickets;
mod users;
mod view;
mod watch;
mod writer;

pub use api::{Answer, Ask, Call, Entered, MOST_LISTED, Mark, Scope};
pub use bootstrap::{BootError, boot};
pub use doors::{Doors, Guarding};
pub use failure::Failure;
pub use knock::{ChangePasswordBody, ClaimBody, DeviceBody, Knock, NewPasswordBody, PairBody, RenameBody, SetUpBody, SignInBody, UserBody};
pub use messages::{MessageBody, NoteBody, TickerBody};
pub use notice::{Notice, Trouble};
pub use offline::{AccountError, Accounts};
pub use passwords::Cost;
pub use tickets::TicketService;
pub use writer::Writer;

// The words of the office that other fronts speak.
pub use crate::office::Lang;
