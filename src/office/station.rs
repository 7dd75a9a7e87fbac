//! Owns a desk at work: who holds it, since when, whether it has a pause. A desk without a station is closed. Never knows which ticket the desk
//! holds, which it keeps when its station is gone.

use serde::{Deserialize, Serialize};

use super::ids::{Millis, SessionId, UserId};
use super::undo::Undo;

/// A desk that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Who holds the desk; `None` when it was opened by somebody without a session.
    pub session: Option<SessionId>,
    /// Who sits there.
    pub agent: Option<UserId>,
    /// Since when it is held like this.
    pub since: Millis,
    pub paused: Option<Pause>,
    /// Normal tickets that it called in a row.
    #[serde(default)]
    pub normals: u32,
    /// What it did last, as long as that can be undone.
    #[serde(default)]
    pub(super) undo: Option<Undo>,
}

/// Why a desk takes no next ones for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub since: Millis,
    pub reason: Option<String>,
}

impl Station {
    /// The desk as it is opened now: gone on with by who holds it, or begun anew by somebody else, who inherits only whose turn it is.
    pub(super) fn opened(before: Option<Self>, session: Option<SessionId>, agent: Option<UserId>, at: Millis) -> Self {
        match before {
            Some(station) if (station.session, station.agent) == (session, agent) => Self { paused: None, ..station },
            before => Self { session, agent, since: at, paused: None, normals: before.map_or(0, |before| before.normals), undo: None },
        }
    }
}
