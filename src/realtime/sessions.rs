//! Owns the private session ids and what they stand for while their session lives. Never touches a session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::Addr;

use super::ids::Sid;
use super::layer::Layer;
use super::link::Link;
use super::polling::PollingSession;

/// What a session id stands for.
pub enum Carrier<L: Layer> {
    Polling(Addr<PollingSession<L>>, Arc<Link>),
    /// The session has moved to a WebSocket: nothing more is done by its id.
    WebSocket,
}

impl<L: Layer> Clone for Carrier<L> {
    fn clone(&self) -> Self {
        match self {
            Self::Polling(address, link) => Self::Polling(address.clone(), link.clone()),
            Self::WebSocket => Self::WebSocket,
        }
    }
}

/// All sessions that began by long polling.
pub struct Sessions<L: Layer> {
    by_sid: Mutex<HashMap<Sid, Carrier<L>>>,
}

impl<L: Layer> Default for Sessions<L> {
    fn default() -> Self {
        Self { by_sid: Mutex::default() }
    }
}

impl<L: Layer> Sessions<L> {
    pub fn find(&self, sid: &str) -> Option<Carrier<L>> {
        self.lock().get(&Sid::parse(sid)?).cloned()
    }

    /// Registers a new id. It is forgotten when what is returned is dropped.
    pub fn register(self: &Arc<Self>, sid: Sid, carrier: Carrier<L>) -> Registration<L> {
        self.lock().insert(sid, carrier);
        Registration { sessions: self.clone(), sid }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sid, Carrier<L>>> {
        // A panic while the map was held left no half-done state behind.
        self.by_sid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a session's id known. Moves with the session.
pub struct Registration<L: Layer> {
    sessions: Arc<Sessions<L>>,
    sid: Sid,
}

impl<L: Layer> Registration<L> {
    /// The session is on a WebSocket now.
    pub fn upgraded(&self) {
        self.sessions.lock().insert(self.sid, Carrier::WebSocket);
    }
}

impl<L: Layer> Drop for Registration<L> {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.sid);
    }
}
