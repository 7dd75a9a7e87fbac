//! Owns who somebody is, once a token was looked at: nobody, a paired screen, a user with roles.

use core::net::IpAddr;

use super::device::DeviceKind;
use crate::office::{BranchId, DeviceId, Grants, LoginId, UserId};

/// What a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Showed nothing. Where it comes from says whether it is on the branch's own network.
    Nobody { address: IpAddr },
    /// A screen that an admin has paired.
    Device { id: DeviceId, kind: DeviceKind, branch: BranchId },
    /// Somebody who signed in.
    User { id: UserId, grants: Grants, login: LoginId },
    /// Everything is open: the demonstration, and the program itself.
    Everybody,
}
