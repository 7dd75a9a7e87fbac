//! Owns what one delivery carries: where it goes, its headers, its signed body.

use bytes::Bytes;

use super::payload::Payload;
use super::signature;
use super::target::Target;
use crate::office::Millis;
use crate::store::Hook;

const AGENT: &str = concat!("siguiente/", env!("CARGO_PKG_VERSION"));

/// One delivery, ready to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    pub target: Target,
    /// It may go to private networks.
    pub private: bool,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

impl Letter {
    /// Signed at `now`, which is when it is sent.
    pub fn new(hook: &Hook, target: Target, private: bool, payload: Payload, attempt: u32, now: Millis) -> Self {
        let body = Bytes::from(payload.body);
        let headers = vec![
            ("host", target.authority.clone()),
            ("content-type", "application/json".to_owned()),
            ("user-agent", AGENT.to_owned()),
            ("connection", "close".to_owned()),
            ("siguiente-id", payload.id),
            ("siguiente-event", payload.kind.to_owned()),
            ("siguiente-hook", hook.id.to_string()),
            ("siguiente-attempt", attempt.to_string()),
            ("siguiente-signature", signature::header(hook, now, &body)),
        ];
        Self { target, private, headers, body }
    }
}
