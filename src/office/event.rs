//! Owns the facts of the office. The log of these is the truth: they are stored as JSON and read again by every later version, so a name or
//! a field, once released, stays, and a new field has a default that says what older lines meant.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::command::Canceller;
use super::ids::{DeskId, Key, Millis, Rank, ServiceId, SessionId, TicketId, Token, UserId};
use super::settings::{Lang, Settings};
use super::ticket::{Channel, Place, Ticket};

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
    /// It had been closed before its time.
    DayReopened {
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
        /// Counts the day's numbers of a series: 1, 2, 3 … whatever the numbers themselves are. Without it, it is `number`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        booked_for: Option<Millis>,
        /// Milliseconds that it was expected to wait, when anything could be said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected: Option<i64>,
    },
    TicketCheckedIn {
        ticket: TicketId,
    },
    /// `call` numbers the branch's calls and recalls, over all days; `calls` those of this ticket.
    TicketCalled {
        ticket: TicketId,
        desk: DeskId,
        call: u64,
        calls: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<UserId>,
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
        /// Part of the call right before: the branch asks for no confirmation.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        auto: bool,
    },
    TicketFinished {
        ticket: TicketId,
        desk: DeskId,
        /// False when nobody finished it and the day's end did.
        reliable: bool,
        /// Part of the call that comes right behind.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        auto: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// Replaces the ticket's note; without it that stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
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
    TicketHeld {
        ticket: TicketId,
        desk: DeskId,
    },
    TicketResumed {
        ticket: TicketId,
        desk: DeskId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<UserId>,
    },
    TicketReleased {
        ticket: TicketId,
        desk: DeskId,
        place: Place,
    },
    /// Ends a segment and begins another one, for `service` and, where there is `to`, for that desk alone.
    TicketTransferred {
        ticket: TicketId,
        /// The desk that sent it on.
        desk: DeskId,
        service: ServiceId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<DeskId>,
        place: Place,
    },
    TicketCancelled {
        ticket: TicketId,
        by: Canceller,
    },
    /// The visitor needs more time: it is not called by "next" until then.
    TicketDeferred {
        ticket: TicketId,
        until: Millis,
    },
    /// The visitor is back, or the time is over: it stands where it stood. `to` is the one desk that it waits for, where that is still open.
    TicketReturned {
        ticket: TicketId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<DeskId>,
    },
    /// Begins another segment.
    TicketReactivated {
        ticket: TicketId,
        place: Place,
    },
    TicketNoted {
        ticket: TicketId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The desk's last command is undone: the ticket is `before` again, which is how it was. One event for each ticket that the command changed.
    TicketRestored {
        ticket: TicketId,
        desk: DeskId,
        before: Box<Ticket>,
    },
    TicketExpired {
        ticket: TicketId,
    },
    /// Opened, gone on with after a pause, or taken over.
    DeskOpened {
        desk: DeskId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<SessionId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<UserId>,
    },
    DeskPaused {
        desk: DeskId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    DeskClosed {
        desk: DeskId,
        why: Closed,
    },
}

/// Why a desk was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// By the one who sat there.
    Left,
    /// Its session did not come back in time.
    Lost,
    /// Its agent opened another desk.
    Moved,
    /// The business day ended.
    DayOver,
    /// The branch has it no more.
    Removed,
}

impl Event {
    /// The ticket that it is about.
    pub fn ticket(&self) -> Option<TicketId> {
        use Event::*;
        match *self {
            Configured { .. } | DayOpened { .. } | DayClosed { .. } | DayReopened { .. } => None,
            DeskOpened { .. } | DeskPaused { .. } | DeskClosed { .. } => None,
            TicketIssued { ticket, .. }
            | TicketCheckedIn { ticket }
            | TicketCalled { ticket, .. }
            | TicketRecalled { ticket, .. }
            | ServiceStarted { ticket, .. }
            | TicketFinished { ticket, .. }
            | TicketMissed { ticket, .. }
            | TicketRequeued { ticket, .. }
            | TicketHeld { ticket, .. }
            | TicketResumed { ticket, .. }
            | TicketReleased { ticket, .. }
            | TicketTransferred { ticket, .. }
            | TicketCancelled { ticket, .. }
            | TicketDeferred { ticket, .. }
            | TicketReturned { ticket, .. }
            | TicketReactivated { ticket, .. }
            | TicketNoted { ticket, .. }
            | TicketRestored { ticket, .. }
            | TicketExpired { ticket } => Some(ticket),
        }
    }

    /// The desk that acted, or that it is about.
    pub fn desk(&self) -> Option<DeskId> {
        use Event::*;
        match *self {
            Configured { .. } | DayOpened { .. } | DayClosed { .. } | DayReopened { .. } => None,
            TicketIssued { .. } | TicketCheckedIn { .. } | TicketCancelled { .. } | TicketReactivated { .. } => None,
            TicketDeferred { .. } | TicketReturned { .. } | TicketNoted { .. } | TicketExpired { .. } => None,
            TicketCalled { desk, .. }
            | TicketRecalled { desk, .. }
            | ServiceStarted { desk, .. }
            | TicketFinished { desk, .. }
            | TicketMissed { desk, .. }
            | TicketRequeued { desk, .. }
            | TicketHeld { desk, .. }
            | TicketResumed { desk, .. }
            | TicketReleased { desk, .. }
            | TicketTransferred { desk, .. }
            | TicketRestored { desk, .. }
            | DeskOpened { desk, .. }
            | DeskPaused { desk, .. }
            | DeskClosed { desk, .. } => Some(desk),
        }
    }
}
