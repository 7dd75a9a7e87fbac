//! Owns what other fronts ask of the branches together: that there be a new one, and what is done with a ticket's token, whose branch nobody
//! names. Serves nobody itself: that is the branches'.

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::accounts::Signed;
use super::api::Answer;
use super::bootstrap::Parts;
use super::branch::Branch;
use super::branches::name_taken;
use super::configure::{branch_json, name_of, new_branch};
use super::entering::Guest;
use super::errand::{Caller, Edit, Errand, Part};
use super::failure::Failure;
use super::notice::Notice;
use super::remark;
use super::tickets::{Hub, TicketService};
use super::trail::AuditAsk;
use crate::access::{Action, Who};
use crate::office::{BranchId, SessionId};
use crate::store::StoreError;

/// Who waits for the answer. Whoever asked may have gone away meanwhile.
type Waiting = oneshot::Sender<Result<Answer, Failure>>;

impl TicketService {
    /// Sends an errand to its branch, in the name of whoever may ask for it.
    pub(super) fn send(&mut self, turn: &mut Hub<'_>, guest: &Guest, (id, signed): (BranchId, Signed), errand: Errand, reply: Waiting) {
        if let Errand::Settings { part: Part::Whole, change: Edit::Replace(body), .. } = &errand
            && name_of(body).is_some_and(|name| self.branches.is_taken(&name, Some(id)))
        {
            return drop(reply.send(Err(name_taken())));
        }
        let caller = Caller { signed: Some(signed), ..self.caller(guest, id) };
        match self.branches.get(id) {
            Some(_) => drop(self.with(id, |branch, staff| branch.errand(turn, staff, caller, errand, reply))),
            None => drop(reply.send(Err(Failure::StorageUnavailable))),
        }
    }

    fn caller(&self, guest: &Guest, branch: BranchId) -> Caller {
        let user = if let Who::User { id, .. } = &guest.who { Some(*id) } else { None };
        let session = guest.credential.token.as_deref().filter(|_| user.is_some()).map(session_of);
        let keys_of = match &guest.who {
            Who::User { id, .. } => id.to_string(),
            Who::Device { id, .. } => id.to_string(),
            Who::Nobody { .. } | Who::Everybody => guest.credential.address.to_string(),
        };
        let staff = self.allow(&guest.who, Action::Serve, branch).is_ok();
        Caller { user, session, keys_of, staff, administers: self.administers(&guest.who), signed: None }
    }

    /// Lines of the audit log of all branches. The first one that serves looks them up: dates are its own.
    pub(super) fn audit(&mut self, turn: &mut Hub<'_>, ask: AuditAsk, reply: Waiting) {
        let errand = Errand::Audit { ask, everywhere: true };
        let first = self.branches.all().next().map(|(id, _)| id);
        match first {
            Some(id) => drop(self.with(id, |branch, staff| branch.errand(turn, staff, Caller::default(), errand, reply))),
            None => drop(reply.send(Err(Failure::StorageUnavailable))),
        }
    }

    /// The ticket of today with this token, as its visitor sees it.
    pub(super) fn own_ticket(&mut self, token: &str) -> Result<Answer, Failure> {
        // A token of nobody is looked for where there is a ticket to look at all the same.
        let id = self.branch_of(token).or_else(|| self.branches.all().next().map(|(id, _)| id)).ok_or(Failure::UnknownTicket)?;
        self.with(id, |branch, _| branch.own_ticket(token)).ok_or(Failure::UnknownTicket)?
    }

    fn branch_of(&self, token: &str) -> Option<BranchId> {
        self.whose.branch(token.parse().ok()?)
    }

    /// What an event with this token does, in the branch that has it.
    pub(super) fn own_event(&mut self, turn: &mut Hub<'_>, name: &'static str, token: &str, payload: String, reply: Waiting) {
        let Some(id) = self.branch_of(token) else { return drop(reply.send(Err(Failure::UnknownTicket))) };
        let errand = Errand::Event { name, payload, action: Action::OwnTicket, creates: false };
        let caller = Caller { keys_of: token.to_owned(), ..Caller::default() };
        self.with(id, |branch, staff| branch.errand(turn, staff, caller, errand, reply));
    }

    /// Makes a branch behind all others, on the store's thread: it serves when it is on disk.
    pub(super) fn make_branch(&mut self, body: &str, signed: &Signed, reply: Waiting) {
        let reserved = new_branch(body).and_then(|settings| Ok((self.branches.reserve(&settings.name)?, settings)));
        match reserved {
            Ok((id, settings)) => {
                let (tell, now) = (self.ground.messenger(), self.ground.now());
                let line = remark::branch_made(signed, now, id, &settings.name);
                let made = move |parts: Result<Parts, _>| tell(Notice::Made(id, parts.map(Box::new), reply));
                self.ground.writer.work(move |store| Parts::make(store, id, settings, line, now), made);
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    /// A branch was made, or could not be.
    pub(super) fn made(&mut self, turn: &mut Hub<'_>, id: BranchId, parts: Result<Box<Parts>, StoreError>) -> Result<Answer, Failure> {
        self.branches.made(id);
        let now = self.ground.now();
        let opened = parts.map_err(|error| error.to_string()).and_then(|parts| parts.open(id, now).map_err(|error| error.to_string()));
        let branch = match opened {
            Ok(opened) => Branch::new(id, opened, self.ground.clone()),
            Err(problem) => {
                log::error!("branch {} could not be made: {problem}", id.0);
                return Err(Failure::StorageUnavailable);
            }
        };
        let json = branch.settings().map(|settings| branch_json(id, settings)).ok_or(Failure::StorageUnavailable)?;
        log::info!("branch {} was made", id.0);
        branch.set_mark(turn);
        self.branches.opened(id, branch);
        self.with(id, |_, _| ());
        Ok(Answer::Created { path: format!("branches/{}", id.0), json })
    }
}

/// As whom a sign-in acts at desks: always the same, and known to nobody who does not know its token.
fn session_of(token: &str) -> SessionId {
    let hash = Sha256::new().chain_update(b"siguiente desk\0").chain_update(token).finalize();
    SessionId(hash.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_always_the_same_session() {
        assert_eq!(session_of("sgs_1"), session_of("sgs_1"));
        assert_ne!(session_of("sgs_1"), session_of("sgs_2"));
    }
}
