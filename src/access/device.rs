//! Owns paired screens: what they are and when it is worth writing down that one was seen.

use serde::{Deserialize, Serialize};

use super::secret::SecretHash;
use crate::office::{BranchId, DeviceId, Millis};

/// A screen that an admin has paired. It never expires; it is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    /// What people call it: one line, as a person's name is.
    pub name: String,
    pub kind: DeviceKind,
    pub branch: BranchId,
    pub secret: SecretHash,
    pub created_at: Millis,
    /// When it was last seen, as far as it was written down.
    pub seen_at: Option<Millis>,
}

/// What a paired screen is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Kiosk,
    Display,
}

impl Device {
    /// That it was seen is written down once in so long.
    pub const NOTED_EVERY: i64 = 60 * 60 * 1_000;

    /// Whether it is to be written down that it was seen at this time.
    pub fn is_to_be_noted(&self, now: Millis) -> bool {
        self.seen_at.is_none_or(|seen| now.0.saturating_sub(seen.0) >= Self::NOTED_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_was_seen_is_noted_once_an_hour() {
        let (id, secret) = (DeviceId(1), SecretHash([0; 32]));
        let (kind, branch, created_at) = (DeviceKind::Kiosk, BranchId(1), Millis(0));
        let mut device = Device { id, name: "Entrada".into(), kind, branch, secret, created_at, seen_at: None };
        assert!(device.is_to_be_noted(Millis(5)));
        device.seen_at = Some(Millis(5));
        assert!(!device.is_to_be_noted(Millis(Device::NOTED_EVERY + 4)) && device.is_to_be_noted(Millis(Device::NOTED_EVERY + 5)));
    }
}
