//! Owns what there is to be allowed, and the one rule that allows it. `docs/security.md` shows it as a table, which a test compares.

use core::net::IpAddr;

use super::device::DeviceKind;
use super::who::Who;
use crate::office::{BranchId, Role, Screens};

/// What somebody asks to do. Those with a branch are about that branch alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Close and open the day, put the ticker up, read the audit log.
    Oversee,
    /// Change the branch's settings, pair its screens, keep its web hooks.
    Configure,
    /// Make branches and users, and give roles.
    Administer,
    /// One's own password, sessions and sign-out.
    OwnAccount,
}

impl Action {
    pub const ALL: &[Self] = &[
        Self::SeePublic,
        Self::OwnTicket,
        Self::TakeNumber,
        Self::SeeDisplay,
        Self::Serve,
        Self::Oversee,
        Self::Configure,
        Self::Administer,
        Self::OwnAccount,
    ];
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

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;
    use std::collections::BTreeSet;

    use super::*;
    use crate::access::{AuditAction, Grants};
    use crate::office::{DeviceId, LoginId, UserId};

    const DOCUMENT: &str = include_str!("../../docs/security.md");
    const HERE: BranchId = BranchId(1);
    const ELSEWHERE: BranchId = BranchId(2);
    const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
    const NEAR: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));

    /// The cells of the rows of the table that begins so.
    fn table(first: &str) -> Vec<Vec<&'static str>> {
        let rows = DOCUMENT.lines().skip_while(|line| !line.starts_with(first)).take_while(|line| line.starts_with('|'));
        let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
        let rows: Vec<_> = rows.map(cells).collect();
        assert!(rows.len() > 2, "no table begins with {first:?}");
        rows
    }

    fn user(grants: Grants) -> Who {
        Who::User { id: UserId(1), grants, login: LoginId(2) }
    }

    fn named(column: &str, address: IpAddr) -> Who {
        let id = DeviceId(1);
        match column {
            "nobody" | "visitor with token" => Who::Nobody { address },
            "kiosk" => Who::Device { id, kind: DeviceKind::Kiosk, branch: HERE },
            "display" => Who::Device { id, kind: DeviceKind::Display, branch: HERE },
            "agent of another branch" => user(Grants::In([(ELSEWHERE, Role::Agent)].into())),
            "agent" => user(Grants::In([(HERE, Role::Agent)].into())),
            "supervisor" => user(Grants::In([(HERE, Role::Supervisor), (ELSEWHERE, Role::Agent)].into())),
            "admin of the branch" => user(Grants::In([(HERE, Role::Admin)].into())),
            "admin" => user(Grants::Everywhere(Role::Admin)),
            other => panic!("{other} is nobody who is known"),
        }
    }

    #[test]
    fn the_document_says_what_the_rule_does() {
        let rows = table("| action | nobody |");
        assert_eq!(rows[0].len(), 10);
        let actions: Vec<_> = Action::ALL.iter().map(|action| format!("`{action:?}`")).collect();
        assert_eq!(rows[2..].iter().map(|row| row[0]).collect::<Vec<_>>(), actions, "all of them, in their order");
        for (row, action) in rows[2..].iter().zip(Action::ALL) {
            for (column, cell) in rows[0].iter().zip(row).skip(1) {
                for (screens, address) in [
                    (Screens::Paired, FAR),
                    (Screens::Paired, NEAR),
                    (Screens::OpenOnLocalNetwork, FAR),
                    (Screens::OpenOnLocalNetwork, NEAR),
                ] {
                    let expected = match *cell {
                        "yes" | "token" => Ok(()),
                        "open" if (screens, address) == (Screens::OpenOnLocalNetwork, NEAR) => Ok(()),
                        "401" | "open" => Err(Refusal::NotSignedIn),
                        "403" => Err(Refusal::Forbidden),
                        other => panic!("{other:?} in the row of {action:?}"),
                    };
                    let answer = allow(&named(column, address), *action, Some(HERE), screens);
                    assert_eq!(answer, expected, "{column}: {action:?}, {screens:?} from {address}");
                }
            }
        }
    }

    #[test]
    fn every_event_of_a_client_stands_by_its_action() {
        let words = |text: &'static str| text.split('`').skip(1).step_by(2);
        let rows = table("| action | events | routes |");
        let actions: Vec<_> = Action::ALL.iter().map(|action| format!("`{action:?}`")).collect();
        assert_eq!(rows[2..].iter().map(|row| row[0]).collect::<Vec<_>>(), actions);
        let about = ["token", "ticket"];
        let named: BTreeSet<_> = rows[2..].iter().flat_map(|row| words(row[1])).filter(|word| !about.contains(word)).collect();
        let events = include_str!("../../docs/events.md").split("## Client → server").nth(1).unwrap();
        let rows = events.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
        let sent: BTreeSet<_> = rows.filter(|line| line.starts_with("| `")).filter_map(|line| line.split('`').nth(1)).collect();
        assert!(sent.len() > 25, "{sent:?}");
        assert_eq!(sent.difference(&named).collect::<Vec<_>>(), [&""; 0], "events that no action has");
    }

    #[test]
    fn every_code_of_the_audit_log_is_told() {
        let told: BTreeSet<_> =
            table("| code | what was done |")[2..].iter().flat_map(|row| row[0].split('`').skip(1).step_by(2)).collect();
        assert_eq!(told, AuditAction::ALL.iter().map(|action| action.code()).collect());
    }

    #[test]
    fn a_screen_is_of_one_branch_and_the_program_of_all() {
        for kind in [DeviceKind::Kiosk, DeviceKind::Display] {
            let screen = Who::Device { id: DeviceId(1), kind, branch: ELSEWHERE };
            for branch in [Some(HERE), None] {
                assert_eq!(allow(&screen, Action::SeeDisplay, branch, Screens::Paired), Err(Refusal::Forbidden));
            }
        }
        for action in Action::ALL {
            assert_eq!(allow(&Who::Everybody, *action, None, Screens::Paired), Ok(()));
        }
    }

    #[test]
    fn what_is_of_no_branch_needs_the_role_in_all() {
        let some = user(Grants::In([(HERE, Role::Admin), (ELSEWHERE, Role::Admin)].into()));
        let all = user(Grants::Everywhere(Role::Supervisor));
        for action in [Action::Serve, Action::Oversee] {
            assert_eq!(allow(&some, action, None, Screens::Paired), Err(Refusal::Forbidden));
            assert_eq!(allow(&all, action, None, Screens::Paired), Ok(()));
        }
        assert_eq!(allow(&some, Action::Administer, Some(HERE), Screens::Paired), Err(Refusal::Forbidden));
        let nowhere = user(Grants::In([].into()));
        assert_eq!(allow(&nowhere, Action::Serve, Some(HERE), Screens::Paired), Err(Refusal::Forbidden));
        assert_eq!(allow(&nowhere, Action::OwnAccount, None, Screens::Paired), Ok(()));
    }

    #[test]
    fn a_private_network_is_local_however_it_is_written() {
        for near in ["127.0.0.1", "10.9.8.7", "172.31.0.1", "192.168.0.9", "169.254.1.1", "::1", "fd00::7", "fe80::1", "::ffff:10.0.0.1"] {
            assert!(is_local(near.parse().unwrap()), "{near}");
        }
        for far in ["172.32.0.1", "100.64.0.1", "8.8.8.8", "0.0.0.0", "2001:db8::1", "::ffff:8.8.8.8", "::"] {
            assert!(!is_local(far.parse().unwrap()), "{far}");
        }
    }
}
