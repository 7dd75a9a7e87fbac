//! Owns who somebody is, once a token was looked at: nobody, a paired screen, a user with roles.

use core::fmt;
use core::net::IpAddr;

use crate::office::{BranchId, DeviceId, Grants, LoginId, UserId};

use super::device::DeviceKind;

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

/// What a request shows of itself: the tokens as they came, and where it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Of a sign-in: `Authorization: Bearer`, the CONNECT's `auth.token`, or the cookie.
    pub token: Option<String>,
    /// Of a paired screen.
    pub device: Option<String>,
    pub address: IpAddr,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |token: &Option<String>| token.as_ref().map(|_| "***");
        f.debug_struct("Credential")
            .field("token", &shown(&self.token))
            .field("device", &shown(&self.device))
            .field("address", &self.address)
            .finish()
    }
}
