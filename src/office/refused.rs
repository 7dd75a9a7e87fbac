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
    /// Outside opening hours, behind the time of the last ticket, or the day was ended by hand. `service` is the one that is closed, `None` the
    /// branch; `opens` is when it opens next, `None` when that is not within 60 days.
    #[error("closed")]
    Closed { service: Option<ServiceId>, opens: Option<Millis> },
    /// All numbers of the service that may be given in a day were given.
    #[error("service {} has given its {quota} numbers of today", service.0)]
    QuotaReached { service: ServiceId, quota: u32 },
    /// The series is at its end, or the next number is still held by an open ticket.
    #[error("service {} has no numbers left", service.0)]
    NoNumbersLeft { service: ServiceId },
    /// An appointment that is not later today.
    #[error("an appointment must be later today")]
    BadTime,
    /// Longer than 200 characters, or with control characters.
    #[error("a name has at most 200 characters and no control characters")]
    BadName,
    /// Longer than 2,000 characters, or with control characters other than line breaks and tabs.
    #[error("a note has at most 2,000 characters and no control characters but line breaks and tabs")]
    BadNote,
    /// The branch has outcomes, and this is none of them; or it is no text for a screen.
    #[error("no such outcome")]
    UnknownOutcome,
    /// The branch has reasons for a pause, and this is none of them; or it is no text for a screen.
    #[error("no such reason for a pause")]
    UnknownReason,
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
    /// Another session holds the desk.
    #[error("desk {desk} is taken by somebody else")]
    DeskTaken { desk: DeskId },
    #[error("desk {desk} has a pause")]
    DeskPaused { desk: DeskId },
    #[error("desk {desk} is closed")]
    DeskClosed { desk: DeskId },
    /// The agent sits at this other desk.
    #[error("the agent is at desk {desk}")]
    AgentBusy { desk: DeskId },
    #[error("desk {desk} holds no ticket")]
    NoActiveTicket { desk: DeskId },
    #[error("desk {desk} holds {code}, another ticket")]
    WrongTicket { desk: DeskId, code: String },
    #[error("{code} is {state:?}, which does not allow it")]
    WrongState { code: String, state: State },
    #[error("desk {desk} does not serve the service of {code}")]
    WrongService { desk: DeskId, code: String },
    /// A transfer to where the ticket is.
    #[error("{code} would go where it is")]
    SameQueue { code: String },
    /// The time in which it could be reactivated or undone is over.
    #[error("it is too late for {code}")]
    TooLate { code: String },
    /// The desk has done nothing, or something else happened to its tickets since.
    #[error("desk {desk} has nothing to undo")]
    NothingToUndo { desk: DeskId },
    /// It was put off as often as the branch allows, which is `times`.
    #[error("{code} was put off {times} times already")]
    TooOften { code: String, times: u32 },
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
            Self::NotConfigured | Self::BadSettings(_) | Self::BadName | Self::BadNote | Self::BadTime | Self::UsedId(_) => "bad_request",
            Self::Closed { .. } => "closed",
            Self::QuotaReached { .. } => "quota_reached",
            Self::NoNumbersLeft { .. } => "no_numbers_left",
            Self::UnknownService(_) => "unknown_service",
            Self::UnknownDesk(_) => "unknown_desk",
            Self::UnknownTicket(_) => "unknown_ticket",
            Self::UnknownClass(_) => "unknown_class",
            Self::UnknownOutcome => "unknown_outcome",
            Self::UnknownReason => "unknown_reason",
            Self::EmptyQueue { .. } => "empty_queue",
            Self::DeskBusy { .. } => "desk_busy",
            Self::DeskInUse { .. } => "desk_in_use",
            Self::DeskTaken { .. } => "desk_taken",
            Self::DeskPaused { .. } => "desk_paused",
            Self::DeskClosed { .. } => "desk_closed",
            Self::AgentBusy { .. } => "agent_busy",
            Self::ServiceInUse { .. } => "service_in_use",
            Self::NoActiveTicket { .. } => "no_active_ticket",
            Self::WrongTicket { .. } => "wrong_ticket",
            Self::WrongState { .. } | Self::SameQueue { .. } => "wrong_state",
            Self::WrongService { .. } => "wrong_service",
            Self::TooOften { .. } => "too_often",
            Self::TooSoon { .. } => "too_soon",
            Self::TooFewCalls { .. } => "too_few_calls",
            Self::TooLate { .. } => "too_late",
            Self::NothingToUndo { .. } => "nothing_to_undo",
        }
    }
}
