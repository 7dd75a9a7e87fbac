//! Owns who acts as whom at a branch's desks: which socket is which session, who is waited for, and that a desk closes whose session does not
//! come back. Decides nothing about tickets.

use std::collections::HashSet;

use super::branch::Branch;
use super::client::Client;
use super::record::Reply;
use super::rooms;
use super::tickets::Hub;
use crate::office::{By, Command, DeskId, Holder, Millis, Request, SessionId, UserId};
use crate::realtime::SocketKey;

/// Milliseconds until a desk is closed again that could not be closed.
const AGAIN: i64 = 5_000;

impl Branch {
    /// The socket acts as this session from now on. Its rooms say so, too, for when it comes back.
    pub(super) fn sit(&mut self, turn: &mut Hub<'_>, socket: SocketKey, client: &mut Client, session: SessionId) {
        if let Some(before) = client.session.replace(session).filter(|before| *before != session) {
            turn.leave(socket, &rooms::session(before));
            self.leases.go(before, socket, self.patience());
        }
        turn.join(socket, &rooms::session(session));
        self.leases.come(session, socket);
    }

    /// A socket that was away is back, in its rooms.
    pub(super) fn sit_again(&mut self, socket: SocketKey, client: &mut Client) {
        if let Some(session) = client.session {
            client.agent = self.agent_of(session);
            self.leases.come(session, socket);
        }
    }

    /// The socket is gone.
    pub(super) fn rise(&mut self, socket: SocketKey, client: &Client) {
        if let Some(session) = client.session {
            self.leases.go(session, socket, self.patience());
        }
    }

    /// Desks have other holders than before, or are known for the first time.
    pub(super) fn hold(&mut self) {
        let holders: HashSet<SessionId> = self.office().stations().filter_map(|(_, station)| station.session).collect();
        let until = self.patience();
        self.leases.hold(&holders, until);
    }

    /// When the first session is waited for no more.
    pub fn lease_ends(&self) -> Option<Millis> {
        self.leases.next()
    }

    /// Closes the desks of those who did not come back.
    pub fn end_leases(&mut self, turn: &mut Hub<'_>) {
        let now = self.ground.now();
        for session in self.leases.due(now, Millis(now.0.saturating_add(AGAIN))) {
            for desk in self.desks_of(session) {
                let by = By { holder: Holder::Session(session), agent: None };
                self.submit(turn, Request { command: Command::CloseDesk { desk, lost: true }, key: None, by }, None, Reply::Nobody);
            }
        }
        // Who holds nothing is waited for no more.
        self.hold();
    }

    /// Who sits where this session does.
    pub(super) fn agent_of(&self, session: SessionId) -> Option<UserId> {
        self.office().stations().find(|(_, station)| station.session == Some(session))?.1.agent
    }

    fn desks_of(&self, session: SessionId) -> Vec<DeskId> {
        self.office().stations().filter(|(_, station)| station.session == Some(session)).map(|(desk, _)| desk).collect()
    }

    /// Until when somebody who goes now is waited for.
    fn patience(&self) -> Millis {
        let grace = self.settings().map_or(0, |settings| settings.lease_grace);
        Millis(self.ground.now().0.saturating_add(grace))
    }
}
