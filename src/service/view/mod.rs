//! Owns the JSON shapes of `docs/events.md`: what a screen, a desk and a visitor see of the office. Encodes; never decides and never
//! changes anything. What is public holds no name (but on displays of a branch that shows names), no token, no note, no session and no id of a
//! ticket or a user. No view at all holds a session.

mod board;
mod change;
mod desk;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod leaks;
mod outlook;
mod ticket;

use serde::Serialize;

pub use board::{Board, attended, call, snapshot};
pub use change::{Earlier, change, changes};
pub use desk::desk;
pub use outlook::Outlook;
pub use ticket::{LastTicket, followed, own_ticket, paper_ticket, staff_ticket};

use crate::office::{Rank, ServiceId, Settings, State};

/// Whose eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    Public,
    Staff,
}

/// Any of these shapes as JSON.
pub fn json(value: &impl Serialize) -> String {
    // Plain structs with text keys: nothing in them can fail to be written.
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("a view is always JSON: {error}"))
}

pub fn slug(settings: &Settings, id: ServiceId) -> &str {
    settings.service(id).map_or("", |service| &service.slug)
}

/// The id of a priority class; `None` is normal.
pub fn class(settings: &Settings, rank: Rank) -> Option<&str> {
    settings.classes.iter().find(|class| class.rank == rank).map(|class| class.slug.as_str())
}

pub fn state(state: State) -> &'static str {
    match state {
        State::Booked => "reservado",
        State::Waiting => "esperando",
        State::Deferred => "aplazado",
        State::Called => "llamado",
        State::Serving => "atendiendo",
        State::Held => "retenido",
        State::Finished => "finalizado",
        State::Missed => "ausente",
        State::Cancelled => "cancelado",
        State::Expired => "vencido",
    }
}
