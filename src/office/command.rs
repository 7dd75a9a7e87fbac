//! Owns the wishes that an office can be told. A wish is no fact: `decide` makes events of it, or refuses.

use super::ids::{DeskId, Key, Rank, ServiceId, TicketId, Token};
use super::settings::{Lang, Settings};
use super::ticket::{Channel, Place};

/// A command and what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub command: Command,
    /// The same key gives the same ticket, for ever.
    pub key: Option<Key>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Replaces the settings.
    Configure(Box<Settings>),
    /// Turns the day over if it is due; every other command does so first, too.
    TurnDay,
    /// `id` and `token` are drawn by the caller: the domain knows no randomness.
    Issue {
        id: TicketId,
        token: Token,
        service: ServiceId,
        rank: Rank,
        channel: Channel,
        lang: Lang,
        name: Option<String>,
    },
    CallNext {
        desk: DeskId,
    },
    Call {
        desk: DeskId,
        ticket: TicketId,
    },
    /// From here on a named ticket is a guard: refused with `WrongTicket` when the desk holds another one.
    Recall {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    Start {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    Finish {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    NoShow {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    Requeue {
        desk: DeskId,
        ticket: Option<TicketId>,
        place: Place,
    },
}
