//! Owns the settings that every session of a server shares, and the arithmetic of deadlines. Never checks what the settings say.

use std::time::{Duration, Instant};

/// What every session of a server shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// From the opening, or the last pong, to the next ping.
    pub ping_interval: Duration,
    /// From the moment a ping is due until its pong must be there.
    pub ping_timeout: Duration,
    /// From the opening of a probing WebSocket until it must have taken over.
    pub upgrade_timeout: Duration,
    /// Bytes in one frame or body. The shell keeps it; here it is only told to the client.
    pub max_payload: usize,
    /// Whether a polling session is offered the WebSocket.
    pub allow_upgrades: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            max_payload: 1_000_000,
            allow_upgrades: true,
        }
    }
}

/// Saturates about a century ahead, whatever the settings say.
pub(super) fn after(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration).unwrap_or_else(|| now + Duration::from_secs(100 * 365 * 86_400))
}
