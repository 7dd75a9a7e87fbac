//! Owns who somebody is, once a token was looked at: nobody, a paired screen, a user with roles.

use core::net::IpAddr;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::office::{BranchId, DeviceId, LoginId, Role, UserId};

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

/// What a paired screen is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Kiosk,
    Display,
}

/// Which role a user has where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// The same in every branch, those to come as well.
    Everywhere(Role),
    /// In these branches alone.
    In(BTreeMap<BranchId, Role>),
}

impl Grants {
    /// The role in a branch, if there is one.
    pub fn role_in(&self, branch: BranchId) -> Option<Role> {
        match self {
            Self::Everywhere(role) => Some(*role),
            Self::In(roles) => roles.get(&branch).copied(),
        }
    }

    /// The role that holds in all branches.
    pub fn role_everywhere(&self) -> Option<Role> {
        match self {
            Self::Everywhere(role) => Some(*role),
            Self::In(_) => None,
        }
    }

    /// The highest role anywhere: what a user is called.
    pub fn highest(&self) -> Role {
        match self {
            Self::Everywhere(role) => *role,
            Self::In(roles) => roles.values().copied().max_by_key(|role| rank(*role)).unwrap_or(Role::Agent),
        }
    }
}

/// Whether `role` may do what `needed` may.
pub(super) fn reaches(role: Role, needed: Role) -> bool {
    rank(role) >= rank(needed)
}

fn rank(role: Role) -> u8 {
    match role {
        Role::Agent => 0,
        Role::Supervisor => 1,
        Role::Admin => 2,
    }
}
