//! Owns what other fronts may ask of one branch, and what it takes to be allowed to: the same commands as events carry, the settings, and what
//! there is to be seen. Does nothing itself.

use super::accounts::Signed;
use super::trail::AuditAsk;
use crate::access::Action;
use crate::office::{Lang, SessionId, UserId};

/// Something to be done or shown in a branch.
#[derive(Debug)]
pub enum Errand {
    /// What an event does. Answered as its acknowledgement is, without `ok`, when it is on disk.
    Event {
        name: &'static str,
        /// The event's payload, an object.
        payload: String,
        action: Action,
        /// A ticket is issued, and has an address from now on.
        creates: bool,
    },
    /// What the event `proximo` answers.
    Next { desk: String, lang: Lang },
    /// Figures of the past, asked for as `cifras` is.
    Figures { payload: String, sheet: bool },
    /// What each policy would have made of a business day, asked for by the body.
    Simulation(String),
    /// What everybody may know.
    Status,
    /// The staff's snapshot.
    Queue,
    /// The calls on show.
    Calls,
    /// A page of the tickets of a day, today's unless one is named.
    Tickets { state: Option<String>, day: Option<String>, after: Option<String>, limit: usize },
    /// A ticket by its id, or by its code of today.
    Ticket(String),
    /// Lines of the audit log: of the branch, or of all.
    Audit { ask: AuditAsk, everywhere: bool },
    /// The wait certificate of such a ticket.
    Certificate(String),
    /// The settings, or a part of them.
    Settings { part: Part, change: Edit, if_match: Option<String> },
}

/// A part of a branch's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// Opening hours and holidays.
    Hours,
    /// Who is next.
    Policy,
    Services,
    /// By its number or its slug.
    Service(String),
    Desks,
    /// By its number.
    Desk(String),
}

impl Part {
    /// Its path below the branch; empty for all of it.
    pub fn path(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Hours => "hours".into(),
            Self::Policy => "policy".into(),
            Self::Services => "services".into(),
            Self::Service(label) => format!("services/{label}"),
            Self::Desks => "desks".into(),
            Self::Desk(label) => format!("desks/{label}"),
        }
    }
}

/// What is to become of it. Bodies are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Show,
    Replace(String),
    Add(String),
    Remove,
}

/// Who is behind an errand.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Who signed in.
    pub user: Option<UserId>,
    /// As whom the sign-in acts at desks that it opens.
    pub session: Option<SessionId>,
    /// Whose idempotency keys these are: the same key of another one is another.
    pub keys_of: String,
    /// Whether the branch's staff ask.
    pub staff: bool,
    /// Whether whoever asks may do everything.
    pub administers: bool,
    /// In whose name the audit log is told of it; `None` for what it is not told of.
    pub signed: Option<Signed>,
}

impl Errand {
    /// What somebody must be allowed to do in the branch.
    pub fn action(&self) -> Action {
        match self {
            Self::Event { action, .. } => *action,
            Self::Status => Action::SeePublic,
            Self::Calls => Action::SeeDisplay,
            Self::Audit { .. } => Action::Oversee,
            Self::Next { .. }
            | Self::Figures { .. }
            | Self::Queue
            | Self::Tickets { .. }
            | Self::Ticket(_)
            | Self::Certificate(_)
            | Self::Settings { change: Edit::Show, .. } => Action::Serve,
            Self::Settings { .. } | Self::Simulation(_) => Action::Configure,
        }
    }
}
