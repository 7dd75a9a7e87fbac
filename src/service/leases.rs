//! Owns which sockets act as which session, and until when a session that has none is waited for. Closes no desk itself and reads no clock.

use std::collections::{HashMap, HashSet};

use super::agenda::Agenda;
use crate::office::{Millis, SessionId};
use crate::realtime::SocketKey;

#[derive(Default)]
pub struct Leases {
    present: HashMap<SessionId, HashSet<SocketKey>>,
    lost: Agenda<SessionId>,
}

impl Leases {
    /// A socket acts as this session from now on.
    pub fn come(&mut self, session: SessionId, socket: SocketKey) {
        self.present.entry(session).or_default().insert(socket);
        self.lost.set(session, None);
    }

    /// It does no more. A session without sockets is waited for until then.
    pub fn go(&mut self, session: SessionId, socket: SocketKey, until: Millis) {
        let Some(sockets) = self.present.get_mut(&session) else { return };
        sockets.remove(&socket);
        if sockets.is_empty() {
            self.present.remove(&session);
            self.lost.set(session, Some(until));
        }
    }

    /// A session without sockets has shown itself: it is waited for until then, at least.
    pub fn show(&mut self, session: SessionId, until: Millis) {
        if !self.present.contains_key(&session) {
            let before = self.lost.time(&session);
            self.lost.set(session, before.max(Some(until)));
        }
    }

    /// The desks have other holders now. Those who are not here are waited for until then, if they are not already; nobody else is.
    pub fn hold(&mut self, holders: &HashSet<SessionId>, until: Millis) {
        self.lost.retain(|session| holders.contains(session));
        for session in holders {
            if !self.present.contains_key(session) && self.lost.time(session).is_none() {
                self.lost.set(*session, Some(until));
            }
        }
    }

    /// When the first of them is waited for no more.
    pub fn next(&self) -> Option<Millis> {
        self.lost.next()
    }

    /// Those who are waited for no more; each is told again at `again`, unless [`hold`](Self::hold) says meanwhile that it holds nothing.
    pub fn due(&mut self, now: Millis, again: Millis) -> Vec<SessionId> {
        let due = self.lost.due(now);
        due.iter().for_each(|session| self.lost.set(*session, Some(again)));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: SessionId = SessionId(1);
    const BEA: SessionId = SessionId(2);

    fn holders<const N: usize>(sessions: [SessionId; N]) -> HashSet<SessionId> {
        HashSet::from(sessions)
    }

    #[test]
    fn the_last_socket_that_goes_begins_the_wait_and_the_next_one_ends_it() {
        let mut leases = Leases::default();
        leases.come(ANA, SocketKey(1));
        leases.come(ANA, SocketKey(2));
        leases.hold(&holders([ANA]), Millis(10));
        leases.go(ANA, SocketKey(1), Millis(20));
        assert_eq!(leases.next(), None);
        leases.go(ANA, SocketKey(2), Millis(30));
        leases.go(ANA, SocketKey(2), Millis(99));
        assert_eq!(leases.next(), Some(Millis(30)));
        leases.come(ANA, SocketKey(3));
        assert_eq!((leases.next(), leases.due(Millis(99), Millis(100))), (None, vec![]));
    }

    #[test]
    fn who_holds_a_desk_and_never_came_is_waited_for_once() {
        let mut leases = Leases::default();
        leases.hold(&holders([ANA, BEA]), Millis(10));
        leases.hold(&holders([ANA, BEA]), Millis(50));
        assert!(leases.due(Millis(9), Millis(0)).is_empty());
        assert_eq!(leases.due(Millis(10), Millis(15)), [ANA, BEA]);
        leases.hold(&holders([BEA]), Millis(70));
        assert_eq!(leases.due(Millis(20), Millis(25)), [BEA], "asked for again while it holds the desk");
        leases.hold(&holders([]), Millis(70));
        assert_eq!(leases.next(), None);
    }
}
