//! Owns how recoverable sessions outlive the process: as text in the store, written behind the commands and read once at start. A session
//! that could not be written is only not recovered after a restart; nothing else hangs on it.

use serde::{Deserialize, Serialize};

use crate::realtime::{Namespace, Pid, Saved, SocketId};
use crate::store::SessionText;

#[derive(Serialize, Deserialize)]
struct State {
    id: String,
    namespace: String,
    rooms: Vec<String>,
}

/// What the store is to be told of a session: as it is now, or that it will not come back.
pub fn text(pid: Pid, saved: Option<Saved>) -> SessionText {
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
pub fn read(text: &SessionText) -> Option<Saved> {
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
