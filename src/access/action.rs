//! Owns what there is to be allowed, and the one rule that allows it. `docs/security.md` shows it as a table, which a test compares.

use core::net::IpAddr;

use super::device::DeviceKind;
use super::who::Who;
use crate::office::{BranchId, Role, Screens};

/// What somebody asks to do. Those with a branch are about that branch alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See what everybody may see: names of branches, who is called, how many wait, how long it takes.
    SeePublic,
    /// Act on a ticket by showing its token.
    OwnTicket,
    /// Take a number, or say that a booked visitor has come.
    TakeNumber,
    /// See the display's view of the queue.
    SeeDisplay,
    /// Serve at a desk, see the staff's view, write messages: the work of an agent.
    Serve,
    /// Close and open the day, put the ticker up, read the audit log and everybody's figures.
    Oversee,
    /// Change the branch's settings, pair its screens, keep its web hooks.
    Configure,
    /// Make branches and users, and give roles.
    Administer,
    /// One's own password, sessions and sign-out.
    OwnAccount,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was shown that says who it is: to sign in may help.
    #[error("not signed in")]
    NotSignedIn,
    /// It is known who it is, and that is not enough.
    #[error("not allowed")]
    Forbidden,
}

/// Whether `who` may do `action` in `branch`, whose screens are as `screens` says. `branch` is `None` for what is of no branch.
///
/// # Errors
///
/// [`Refusal`] for what is not allowed.
pub fn allow(who: &Who, action: Action, branch: Option<BranchId>, screens: Screens) -> Result<(), Refusal> {
    if matches!(who, Who::Everybody) || matches!(action, Action::SeePublic | Action::OwnTicket) {
        return Ok(());
    }
    match who {
        Who::Everybody => Ok(()),
        Who::Nobody { address } => {
            let open = screens == Screens::OpenOnLocalNetwork && is_local(*address);
            let asks_as_screen = matches!(action, Action::TakeNumber | Action::SeeDisplay);
            if open && asks_as_screen { Ok(()) } else { Err(Refusal::NotSignedIn) }
        }
        Who::Device { kind, branch: own, .. } => {
            let may = match kind {
                DeviceKind::Kiosk => matches!(action, Action::TakeNumber | Action::SeeDisplay),
                DeviceKind::Display => action == Action::SeeDisplay,
            };
            if may && branch == Some(*own) { Ok(()) } else { Err(Refusal::Forbidden) }
        }
        Who::User { grants, .. } => {
            let needed = match action {
                Action::OwnAccount => return Ok(()),
                Action::SeePublic | Action::OwnTicket | Action::TakeNumber | Action::SeeDisplay | Action::Serve => Role::Agent,
                Action::Oversee => Role::Supervisor,
                Action::Configure | Action::Administer => Role::Admin,
            };
            let role = match branch.filter(|_| action != Action::Administer) {
                Some(branch) => grants.role_in(branch),
                None => grants.role_everywhere(),
            };
            if role.is_some_and(|role| role.reaches(needed)) { Ok(()) } else { Err(Refusal::Forbidden) }
        }
    }
}

/// Whether an address is of this machine or of a private network: RFC 1918, RFC 4193, link-local.
pub fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
