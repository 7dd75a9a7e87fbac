//! Owns when a session is pinged and when it is given up. Never sends a ping.

use std::time::Instant;

use crate::protocol::engine::config::{Config, after};

#[derive(Debug)]
pub(super) enum Heartbeat {
    Quiet {
        ping_at: Instant,
    },
    /// `unsent` until there was a way to send it: on polling a ping waits for a GET, and its time runs all the same.
    Pinged {
        pong_by: Instant,
        unsent: bool,
    },
}

impl Heartbeat {
    /// The first ping is due after one interval, never at once.
    pub fn new(now: Instant, config: &Config) -> Self {
        Self::Quiet { ping_at: after(now, config.ping_interval) }
    }

    pub fn deadline(&self) -> Instant {
        match *self {
            Self::Quiet { ping_at } => ping_at,
            Self::Pinged { pong_by, .. } => pong_by,
        }
    }

    /// Counts from when the ping was due, not from when a timer or a request came to send it. `false` when the session is to be given up.
    #[must_use]
    pub fn advance(&mut self, now: Instant, config: &Config) -> bool {
        if let Self::Quiet { ping_at } = *self
            && now >= ping_at
        {
            *self = Self::Pinged { pong_by: after(ping_at, config.ping_timeout), unsent: true };
        }
        !matches!(*self, Self::Pinged { pong_by, .. } if now >= pong_by)
    }

    pub fn owes_ping(&self) -> bool {
        matches!(self, Self::Pinged { unsent: true, .. })
    }

    pub fn sent(&mut self) {
        if let Self::Pinged { unsent, .. } = self {
            *unsent = false;
        }
    }

    /// A pong that answers no ping changes nothing.
    pub fn pong(&mut self, now: Instant, config: &Config) {
        if let Self::Pinged { unsent: false, .. } = self {
            *self = Self::new(now, config);
        }
    }
}
