//! Owns the lines of the audit log: who did what to whom, when and from where.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::who::Who;
use crate::office::{BranchId, DeviceId, Millis, UserId};

/// One line. It is written in the same transaction as what it tells, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    pub at: Millis,
    /// `None` for what is of no branch: users, sign-ins.
    pub branch: Option<BranchId>,
    pub by: Author,
    pub address: Option<IpAddr>,
    pub action: AuditAction,
    /// What it was done to: a ticket's code, a user's id. Empty where the action says it all.
    pub subject: String,
    /// A JSON object with more of it; `{}` for nothing. Holds no secret.
    pub detail: String,
}

/// Who did it, by the name of then: who is gone keeps it here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Author {
    /// Who showed nothing.
    Nobody,
    User {
        id: UserId,
        name: String,
    },
    Device {
        id: DeviceId,
        name: String,
    },
    /// The program itself, its command line, the demonstration.
    Program,
}

/// What was done: its stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    SetUp,
    SignedIn,
    /// `veces` of the detail says how often, where several are put together.
    SignInFailed,
    SignedOut,
    /// A sign-in was ended by somebody else, or from elsewhere.
    LoginEnded,
    PasswordChanged,
    UserCreated,
    UserChanged,
    UserDeleted,
    DevicePaired,
    DeviceRenamed,
    DeviceRevoked,
    BranchCreated,
    SettingsChanged,
    DayClosed,
    DayReopened,
    TickerChanged,
    WebhookCreated,
    WebhookChanged,
    WebhookDeleted,
    WebhookRotated,
    /// One was chosen although another was next.
    CalledOutOfOrder,
    TicketCancelled,
    TicketReactivated,
    TicketTransferred,
    /// Put back before all others.
    TicketMovedFirst,
    CommandUndone,
    DeskTakenOver,
}

impl Author {
    /// Who it is, with the name that is known of them.
    pub fn of(who: &Who, name: &str) -> Self {
        match who {
            Who::Nobody { .. } => Self::Nobody,
            Who::Device { id, .. } => Self::Device { id: *id, name: name.to_owned() },
            Who::User { id, .. } => Self::User { id: *id, name: name.to_owned() },
            Who::Everybody => Self::Program,
        }
    }
}
