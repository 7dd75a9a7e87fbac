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

/// In whose name something is done: what the audit log says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub by: Author,
    pub address: Option<IpAddr>,
    /// The branch that it is of; `None` for what is the whole server's.
    pub branch: Option<BranchId>,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum AuditAction {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
        }

        impl AuditAction {
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its stable name.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

actions! {
    /// The office was made, with its first admin.
    SetUp = "set_up",
    SignedIn = "sign_in",
    /// `veces` of the detail says how often, where several are put together.
    SignInFailed = "sign_in_failed",
    SignedOut = "sign_out",
    /// A sign-in was ended by somebody else, or from elsewhere.
    LoginEnded = "sign_in_ended",
    UserCreated = "user_created",
    UserChanged = "user_changed",
    UserDeleted = "user_deleted",
    PasswordChanged = "user_password",
    DevicePaired = "device_paired",
    DeviceRenamed = "device_renamed",
    DeviceRevoked = "device_revoked",
    BranchCreated = "branch_created",
    SettingsChanged = "settings_changed",
    DayClosed = "day_closed",
    DayReopened = "day_reopened",
    TickerChanged = "ticker_changed",
    WebhookCreated = "webhook_created",
    WebhookChanged = "webhook_changed",
    WebhookDeleted = "webhook_deleted",
    WebhookRotated = "webhook_rotated",
    /// It was called although another one was next.
    TicketOutOfOrder = "ticket_out_of_order",
    /// By the staff.
    TicketCancelled = "ticket_cancelled",
    TicketReactivated = "ticket_reactivated",
    TicketTransferred = "ticket_transferred",
    /// It was put back before all others.
    TicketFirst = "ticket_first",
    /// The last command of a desk was taken back.
    TicketUndone = "ticket_undone",
    DeskTakenOver = "desk_taken_over",
}

impl AuditAction {
    /// Those with this code, or with codes that begin so, when it ends in `*`.
    pub fn matching(text: &str) -> Vec<Self> {
        let takes = |action: &Self| match text.strip_suffix('*') {
            Some(start) => action.code().starts_with(start),
            None => action.code() == text,
        };
        Self::ALL.iter().copied().filter(takes).collect()
    }
}

impl Signed {
    /// The program itself.
    pub const PROGRAM: Self = Self { by: Author::Program, address: None, branch: None };

    /// A line in this name. `detail` is a JSON object.
    pub fn tells(&self, at: Millis, action: AuditAction, subject: String, detail: String) -> AuditLine {
        let (by, address, branch) = (self.by.clone(), self.address, self.branch);
        AuditLine { at, branch, by, address, action, subject, detail }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_by_what_they_are_about() {
        assert_eq!(AuditAction::matching("settings*"), [AuditAction::SettingsChanged]);
        assert_eq!(AuditAction::matching("sign_in"), [AuditAction::SignedIn]);
        assert_eq!(AuditAction::matching("user_*").len(), 4);
        assert_eq!(AuditAction::matching("*"), AuditAction::ALL);
        assert_eq!(AuditAction::matching("user"), []);
        for action in AuditAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.code());
            assert_eq!(AuditAction::matching(action.code()), [*action], "no two have one code");
        }
    }

    #[test]
    fn who_did_it_is_who_is_let_in() {
        let address = core::net::Ipv4Addr::LOCALHOST.into();
        assert_eq!(Author::of(&Who::Nobody { address }, "x"), Author::Nobody);
        assert_eq!(Author::of(&Who::Everybody, ""), Author::Program);
        let (id, grants, login) = (UserId(1), crate::office::Grants::Everywhere(crate::office::Role::Agent), crate::office::LoginId(2));
        assert_eq!(Author::of(&Who::User { id, grants, login }, "Ana"), Author::User { id, name: "Ana".into() });
    }
}
