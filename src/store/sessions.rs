//! Owns the shape of a session that a client may find again after a restart: opaque text by a private id.

use std::fmt;

/// A session, or (without a state) that it will not come back.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionText {
    /// Secret: whoever knows it is that client.
    pub pid: String,
    pub state: Option<String>,
}

impl fmt::Debug for SessionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionText {{ pid: ***, state: {:?} }}", self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{CENTRE, HARBOUR};
    use crate::store::{MemoryStore, SqliteStore, Store};

    fn text(pid: &str, state: &str) -> SessionText {
        SessionText { pid: pid.into(), state: Some(state.into()) }
    }

    fn gone(pid: &str) -> SessionText {
        SessionText { pid: pid.into(), state: None }
    }

    #[test]
    fn sessions_come_change_and_go() {
        let stores: [Box<dyn Store>; 2] = [Box::new(MemoryStore::new()), Box::new(SqliteStore::throw_away().unwrap())];
        for mut store in stores {
            store.keep_sessions(CENTRE, &[text("b", "1"), text("a", "2"), text("b", "3")]).unwrap();
            store.keep_sessions(HARBOUR, &[text("a", "4")]).unwrap();
            assert_eq!(store.sessions(CENTRE).unwrap(), [text("a", "2"), text("b", "3")]);
            store.keep_sessions(CENTRE, &[gone("a"), gone("unknown")]).unwrap();
            assert_eq!(store.sessions(CENTRE).unwrap(), [text("b", "3")]);
            assert_eq!(store.sessions(HARBOUR).unwrap(), [text("a", "4")], "a session is its branch's");
        }
    }

    #[test]
    fn they_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        store.keep_sessions(CENTRE, &[text("a", "1")]).unwrap();
        drop(store);
        assert_eq!(SqliteStore::open(dir.path()).unwrap().sessions(CENTRE).unwrap(), [text("a", "1")]);
    }

    #[test]
    fn a_private_id_is_not_printed() {
        assert!(!format!("{:?}", text("geheim", "1")).contains("geheim"));
    }
}
