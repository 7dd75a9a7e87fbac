//! Owns what is asked of the audit log, and what may be written into it. It is only added to: no store changes or forgets a line.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::CommitError;
use crate::access::{AuditAction, AuditLine, Author};
use crate::office::{BranchId, Millis, UserId};

/// A line as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// In the order in which they were written, from 1 on.
    pub id: u64,
    pub line: AuditLine,
}

/// Which lines; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of this branch alone: not those that are of none.
    pub branch: Option<BranchId>,
    /// One of these.
    pub actions: Option<Vec<AuditAction>>,
    /// What this user did.
    pub user: Option<UserId>,
    /// From this time on.
    pub from: Option<Millis>,
    /// Before this time.
    pub before: Option<Millis>,
}

impl AuditFilter {
    pub(super) fn takes(&self, line: &AuditLine) -> bool {
        self.branch.is_none_or(|branch| line.branch == Some(branch))
            && self.actions.as_ref().is_none_or(|actions| actions.contains(&line.action))
            && self.user.is_none_or(|user| matches!(line.by, Author::User { id, .. } if id == user))
            && self.from.is_none_or(|from| line.at >= from)
            && self.before.is_none_or(|before| line.at < before)
    }
}

/// Every detail is a JSON object.
pub(super) fn check(lines: &[AuditLine]) -> Result<(), CommitError> {
    let is_object = |line: &AuditLine| serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&line.detail).is_ok();
    match lines.iter().all(is_object) {
        true => Ok(()),
        false => Err(CommitError::inconsistent("a line of the audit log whose detail is no JSON object")),
    }
}
