//! Owns how recoverable sessions outlive the process: as text in the store, written behind the commands and read once at start. A session
//! that could not be written is only not recovered after a restart; nothing else hangs on it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::rooms;
use super::tickets::Hub;
use crate::office::BranchId;
use crate::realtime::{Namespace, Pid, Saved, SocketId};
use crate::store::SessionText;

#[derive(Serialize, Deserialize)]
struct State {
    id: String,
    namespace: String,
    rooms: Vec<String>,
}

/// The sessions that the store has, each with its branch's.
#[derive(Default)]
pub struct Sessions {
    kept: HashMap<Pid, BranchId>,
    /// Of an earlier process, until the hub has taken them.
    away: Vec<Saved>,
}

impl Sessions {
    /// Takes in what a branch had when the process began.
    pub fn found(&mut self, branch: BranchId, texts: &[SessionText]) {
        let sessions: Vec<_> = texts.iter().filter_map(read).collect();
        self.kept.extend(sessions.iter().map(|session| (session.pid, branch)));
        self.away.extend(sessions);
    }

    /// The hub runs: it is told who may come back.
    pub fn import(&mut self, turn: &mut Hub<'_>) {
        for saved in std::mem::take(&mut self.away) {
            turn.import(saved);
        }
    }

    /// Has the store keep what has changed since the last time.
    pub fn keep(&mut self, turn: &mut Hub<'_>, ground: &Ground) {
        let mut changes: BTreeMap<BranchId, Vec<SessionText>> = BTreeMap::new();
        for (pid, saved) in turn.take_changed() {
            let branch = saved.as_ref().and_then(|saved| saved.rooms.iter().find_map(|room| rooms::branch_of(room)));
            let kept = match branch {
                Some(branch) => self.kept.insert(pid, branch).or(Some(branch)),
                None => self.kept.remove(&pid),
            };
            if let Some(kept) = kept {
                changes.entry(kept).or_default().push(text(pid, saved));
            }
        }
        for (branch, changes) in changes {
            let done = |result| {
                if let Err(error) = result {
                    log::warn!("sessions would not be found again after a restart: {error}");
                }
            };
            ground.writer.work(move |store| store.keep_sessions(branch, &changes), done);
        }
    }
}

/// What the store is to be told of a session: as it is now, or that it will not come back.
fn text(pid: Pid, saved: Option<Saved>) -> SessionText {
    let pid = pid.as_str().to_owned();
    let Some(saved) = saved else { return SessionText { pid, state: None } };
    let state = State {
        id: saved.id.as_str().to_owned(),
        namespace: saved.namespace.as_str().to_owned(),
        rooms: saved.rooms.iter().map(|room| room.to_string()).collect(),
    };
    SessionText { pid, state: Some(super::view::json(&state)) }
}

/// A session of the store; `None` for a text of another version.
fn read(text: &SessionText) -> Option<Saved> {
    let State { id, namespace, rooms } = serde_json::from_str(text.state.as_deref()?).ok()?;
    Some(Saved {
        pid: Pid::parse(&text.pid)?,
        id: SocketId::parse(&id)?,
        namespace: Namespace::new(&namespace)?,
        rooms: rooms.into_iter().map(Into::into).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_written() {
        let saved = Saved {
            pid: Pid::draw(),
            id: SocketId::draw(),
            namespace: Namespace::default(),
            rooms: vec!["pantalla:1".into(), "sala:\"niños\"".into()],
        };
        assert_eq!(read(&text(saved.pid, Some(saved.clone()))), Some(saved.clone()));
        assert_eq!(text(saved.pid, None), SessionText { pid: saved.pid.as_str().to_owned(), state: None });
    }

    #[test]
    fn what_is_no_session_is_none() {
        let pid = Pid::draw().as_str().to_owned();
        for state in ["", "null", "{}", r#"{"id":"short","namespace":"/","rooms":[]}"#] {
            assert_eq!(read(&SessionText { pid: pid.clone(), state: Some(state.to_owned()) }), None, "{state}");
        }
    }
}
