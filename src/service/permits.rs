//! Owns where the service asks whether somebody may do something: before a question of another front, before an event, before a session is given
//! back, and again when accounts have changed. What may be done is `access`'s.

use super::accounts::Signed;
use super::api::{Ask, Scope};
use super::client::{self, BranchLabel, Client};
use super::doors::{Entrance, signed};
use super::entering::Guest;
use super::failure::Failure;
use super::gate;
use super::knock::BranchWord;
use super::rooms;
use super::tickets::{Hub, TicketService};
use super::view::View;
use crate::access::{self, Action, Credential, Screens, Who};
use crate::office::{BranchId, Lang};
use crate::realtime::{Handshake, Saved, SocketKey};
use crate::store::Change;

impl TicketService {
    /// Who asks, and the branch that it is for, if it is for one, if whoever asks may ask it there.
    pub(super) fn permitted(
        &mut self,
        ask: &Ask,
        branch: Option<String>,
        credential: Credential,
    ) -> Result<(Guest, Option<BranchId>), Failure> {
        let now = self.ground.now();
        let entrance = self.doors.entrance(self.staff.book(), &credential, now)?;
        let who = self.doors.who(self.staff.book(), entrance, now).ok_or(Failure::NotSignedIn)?;
        let place = branch.clone().map(BranchWord::Text);
        let guest = Guest { who, entrance, credential, place };
        let action = ask.action();
        if matches!((&guest.who, ask.owner()), (Who::User { id, .. }, Some(owner)) if *id == owner) {
            return Ok((guest, None));
        }
        let id = match ask.scope() {
            Scope::Branch => {
                let id = self.branches.find(branch.map(BranchLabel::Text).as_ref()).ok_or(Failure::UnknownBranch)?;
                self.allow(&guest.who, action, id)?;
                Some(id)
            }
            Scope::Anywhere => {
                self.allow_anywhere(&guest.who, action)?;
                None
            }
            Scope::Server => {
                access::allow(&guest.who, action, None, Screens::Paired)?;
                None
            }
        };
        if action == Action::TakeNumber {
            self.doors.issue(&guest.who, now)?;
        }
        Ok((guest, id))
    }

    pub(super) fn allow(&self, who: &Who, action: Action, branch: BranchId) -> Result<(), Failure> {
        let screens = self.branches.get(branch).and_then(|branch| branch.settings()).map_or(Screens::Paired, |settings| settings.screens);
        Ok(access::allow(who, action, Some(branch), screens)?)
    }

    fn allow_anywhere(&self, who: &Who, action: Action) -> Result<(), Failure> {
        let everywhere = access::allow(who, action, None, Screens::Paired).map_err(Failure::from);
        let mut somewhere = self.branches.all().map(|(id, _)| self.allow(who, action, id));
        if somewhere.any(|allowed| allowed.is_ok()) { Ok(()) } else { everywhere }
    }

    /// In whose name a client does what, if it may: the event's table, the rate, and that whoever signed in is nobody else.
    pub(super) fn admitted(&mut self, client: &mut Client, event: &str, raw: Option<&str>) -> Result<(Who, Signed), Failure> {
        let now = self.ground.now();
        let book = self.staff.book();
        let who = self.doors.who(book, client.entrance, now).ok_or(Failure::NotSignedIn)?;
        let signed = signed(book, &who, Some(client.address), Some(client.branch));
        let action = gate::action(event, raw);
        self.allow(&who, action, client.branch)?;
        if action == Action::TakeNumber {
            self.doors.issue(&who, now)?;
        }
        if let Who::User { id, .. } = who {
            gate::sits_as(event, raw, id)?;
            client.agent = Some(id);
        }
        Ok((who, signed))
    }

    /// Whether whoever comes in so may serve in the branch, and hears of the others who do.
    pub(super) fn is_among(&mut self, entrance: Entrance, branch: BranchId) -> bool {
        let who = self.doors.who(self.staff.book(), entrance, self.ground.now());
        who.is_some_and(|who| self.allow(&who, Action::Serve, branch).is_ok())
    }

    /// The branch that a socket is for: the one that it names, else that of the ticket whose token it shows, else the first.
    pub(super) fn meant(&self, handshake: &Handshake) -> Option<BranchId> {
        let label = client::branch(handshake);
        let of_ticket = || client::ticket(handshake).and_then(|token| self.whose.branch(token));
        if label.is_none() { of_ticket() } else { None }.or_else(|| self.branches.find(label.as_ref()))
    }

    /// As whom a socket comes in.
    pub(super) fn entrance(&mut self, handshake: &Handshake) -> Result<Entrance, Failure> {
        self.doors.entrance(self.staff.book(), &client::credential(handshake), self.ground.now())
    }

    /// Whether a session is given back to who claims it: to the same in the same branch, as long as it may see what it saw.
    pub(super) fn is_the_same(&mut self, handshake: &Handshake, session: &Saved) -> bool {
        let was = session.rooms.iter().find_map(|room| rooms::branch_of(room));
        let Some(branch) = was.filter(|_| was == self.meant(handshake)) else { return false };
        let Ok(entrance) = self.entrance(handshake) else { return false };
        let room = session.rooms.iter().find(|room| rooms::is_of_entrance(room)).map(|room| room.to_string());
        let asked = (entrance, handshake.opening.whence.address);
        let client = Client::in_rooms(branch, Lang::Es, asked, session.rooms.iter().map(|room| &**room));
        room == entrance.room() && self.is_welcome(&client)
    }

    /// Whether a client may still see what it sees, and is still who it was.
    fn is_welcome(&mut self, client: &Client) -> bool {
        let Some(who) = self.doors.who(self.staff.book(), client.entrance, self.ground.now()) else { return false };
        let action = match client.view {
            Some(View::Staff) => Action::Serve,
            _ if client.among => Action::Serve,
            Some(View::Public) => Action::SeeDisplay,
            None => Action::SeePublic,
        };
        // A branch that cannot be read shows nothing.
        self.branches.get(client.branch).is_none() || self.allow(&who, action, client.branch).is_ok()
    }

    /// Accounts have changed: whoever may not be here any more goes at once, and does not come back as the same.
    pub(super) fn expel(&mut self, turn: &mut Hub<'_>) {
        let clients = std::mem::take(&mut self.clients);
        let gone: Vec<SocketKey> = clients.iter().filter(|(_, client)| !self.is_welcome(client)).map(|(socket, _)| *socket).collect();
        self.clients = clients;
        gone.into_iter().for_each(|socket| turn.disconnect(socket));
    }
}

/// Whether somebody may have to go after this change.
pub fn closes(change: &Change) -> bool {
    matches!(
        change,
        Change::PutUser(_)
            | Change::DropUser(_)
            | Change::SetPassword { .. }
            | Change::DropLogin(_)
            | Change::DropLoginsOf { .. }
            | Change::DropDevice(_)
    )
}
