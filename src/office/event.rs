//! Owns the facts of the office. The log of these is the truth: they are stored as JSON and read again by every later version, so a name or
//! a field, once released, stays.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{DeskId, Key, Millis, Rank, ServiceId, TicketId, Token};
use super::settings::{Lang, Settings};
use super::ticket::{Channel, Place};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the branch's log: 1, 2, 3 … without gaps.
    pub rev: u64,
    /// Never earlier than the entry before, whatever the clock did.
    pub at: Millis,
    /// On the one event that answers the command which carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    pub event: Event,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    Configured {
        settings: Box<Settings>,
    },
    /// Counters, calls on show and keys in memory start afresh.
    DayOpened {
        date: NaiveDate,
    },
    /// After its leftovers expired.
    DayClosed {
        date: NaiveDate,
    },
    TicketIssued {
        ticket: TicketId,
        token: Token,
        number: u32,
        /// What stands on the paper, `A-017`.
        code: String,
        service: ServiceId,
        rank: Rank,
        channel: Channel,
        lang: Lang,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// `call` numbers the branch's calls and recalls, over all days; `calls` those of this ticket.
    TicketCalled {
        ticket: TicketId,
        desk: DeskId,
        call: u64,
        calls: u32,
    },
    TicketRecalled {
        ticket: TicketId,
        desk: DeskId,
        call: u64,
        calls: u32,
    },
    ServiceStarted {
        ticket: TicketId,
        desk: DeskId,
    },
    /// `reliable` is false when nobody finished it and the day's end did.
    TicketFinished {
        ticket: TicketId,
        desk: DeskId,
        reliable: bool,
    },
    TicketMissed {
        ticket: TicketId,
        desk: DeskId,
    },
    TicketRequeued {
        ticket: TicketId,
        desk: DeskId,
        place: Place,
    },
    TicketExpired {
        ticket: TicketId,
    },
}

impl Event {
    /// The ticket that it is about.
    pub fn ticket(&self) -> Option<TicketId> {
        use Event::*;
        match *self {
            Configured { .. } | DayOpened { .. } | DayClosed { .. } => None,
            TicketIssued { ticket, .. }
            | TicketCalled { ticket, .. }
            | TicketRecalled { ticket, .. }
            | ServiceStarted { ticket, .. }
            | TicketFinished { ticket, .. }
            | TicketMissed { ticket, .. }
            | TicketRequeued { ticket, .. }
            | TicketExpired { ticket } => Some(ticket),
        }
    }
}
