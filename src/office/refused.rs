//! Owns the reasons for which the office says no. A refusal changes nothing. Never knows in which language it will be told.

use super::ids::{DeskId, Millis, Rank, ServiceId, TicketId};
use super::settings::BadSettings;
use super::ticket::State;

/// Why a command was refused, with what is needed to say so in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The branch has no settings yet: only `Configure` is accepted.
    #[error("the branch is not configured")]
    NotConfigured,
    #[error("settings contradict themselves at {0}")]
    BadSettings(#[from] BadSettings),
    /// Settings without a service that people of today still wait for or are served for.
    #[error("service {} still has {open} open tickets", service.0)]
    ServiceInUse { service: ServiceId, open: usize },
    /// Settings without a desk that holds a ticket.
    #[error("desk {desk} holds {code}")]
    DeskInUse { desk: DeskId, code: String },
    /// Longer than 200 characters, or with control characters.
    #[error("a name has at most 200 characters and no control characters")]
    BadName,
    /// A ticket of today has this id already.
    #[error("ticket {0} exists already")]
    UsedId(TicketId),
    #[error("no service {}", .0.0)]
    UnknownService(ServiceId),
    #[error("no desk {0}")]
    UnknownDesk(DeskId),
    #[error("no ticket {0} today")]
    UnknownTicket(TicketId),
    #[error("no priority class of rank {}", .0.0)]
    UnknownClass(Rank),
    #[error("nobody waits for desk {desk}")]
    EmptyQueue { desk: DeskId },
    #[error("desk {desk} holds {code}")]
    DeskBusy { desk: DeskId, code: String },
    #[error("desk {desk} holds no ticket")]
    NoActiveTicket { desk: DeskId },
    #[error("desk {desk} holds {code}, another ticket")]
    WrongTicket { desk: DeskId, code: String },
    #[error("{code} is {state:?}, which does not allow it")]
    WrongState { code: String, state: State },
    #[error("desk {desk} does not serve the service of {code}")]
    WrongService { desk: DeskId, code: String },
    /// `wait` is how much longer.
    #[error("{code} was called less than the minimum ago, wait {} ms", wait.0)]
    TooSoon { code: String, wait: Millis },
    #[error("{code} was called {calls} times of at least {needed}")]
    TooFewCalls { code: String, calls: u32, needed: u32 },
}

impl Refused {
    /// The stable code that clients get; all are listed in `docs/events.md`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured | Self::BadSettings(_) | Self::BadName | Self::UsedId(_) => "bad_request",
            Self::UnknownService(_) => "unknown_service",
            Self::UnknownDesk(_) => "unknown_desk",
            Self::UnknownTicket(_) => "unknown_ticket",
            Self::UnknownClass(_) => "unknown_class",
            Self::EmptyQueue { .. } => "empty_queue",
            Self::DeskBusy { .. } | Self::DeskInUse { .. } => "desk_busy",
            Self::NoActiveTicket { .. } => "no_active_ticket",
            Self::WrongTicket { .. } => "wrong_ticket",
            Self::WrongState { .. } | Self::ServiceInUse { .. } => "wrong_state",
            Self::WrongService { .. } => "wrong_service",
            Self::TooSoon { .. } => "too_soon",
            Self::TooFewCalls { .. } => "too_few_calls",
        }
    }
}
