//! Owns what a memory store keeps beside the log: users, notes, sign-ins, screens, the ticker.

use std::collections::{BTreeMap, HashMap};

use crate::access::{Device, Login, PasswordHash};
use crate::office::{BranchId, DeviceId, LoginId, Note, NoteId, Ticker, User, UserId};
use crate::store::directory::{account_taken, unknown_user};
use crate::store::{Change, CommitError, Directory};

#[derive(Debug, Clone, Default)]
pub(super) struct People {
    users: BTreeMap<UserId, User>,
    passwords: BTreeMap<UserId, PasswordHash>,
    notes: BTreeMap<NoteId, Note>,
    logins: BTreeMap<LoginId, Login>,
    devices: BTreeMap<DeviceId, Device>,
    tickers: HashMap<BranchId, Ticker>,
}

impl People {
    pub(super) fn directory(&self, branch: BranchId) -> Directory {
        Directory {
            users: self.users.values().cloned().collect(),
            passwords: self.passwords.iter().map(|(user, hash)| (*user, hash.clone())).collect(),
            notes: self.notes.values().cloned().collect(),
            logins: self.logins.values().cloned().collect(),
            devices: self.devices.values().cloned().collect(),
            ticker: self.ticker(branch),
        }
    }

    pub(super) fn names(&self) -> BTreeMap<UserId, String> {
        self.users.values().map(|user| (user.id, user.name.clone())).collect()
    }

    pub(super) fn ticker(&self, branch: BranchId) -> Option<Ticker> {
        self.tickers.get(&branch).cloned()
    }

    /// Lines of the audit log are kept elsewhere.
    pub(super) fn apply(&mut self, branch: BranchId, change: &Change) -> Result<(), CommitError> {
        match change {
            Change::PutUser(user) => {
                let others = self.users.values().filter(|other| other.id != user.id);
                if user.login.is_some() && others.into_iter().any(|other| other.login == user.login) {
                    return Err(account_taken(user.id));
                }
                let created_at = self.users.get(&user.id).map_or(user.created_at, |known| known.created_at);
                self.users.insert(user.id, User { created_at, ..user.clone() });
            }
            Change::DropUser(id) => {
                self.users.remove(id);
                self.passwords.remove(id);
                self.notes.retain(|_, note| note.user != *id);
                self.logins.retain(|_, login| login.user != *id);
            }
            Change::SetPassword { user, hash } => {
                self.known("a password of", *user)?;
                match hash {
                    Some(hash) => drop(self.passwords.insert(*user, hash.clone())),
                    None => drop(self.passwords.remove(user)),
                }
            }
            Change::PutNote(note) => {
                self.known("a note to", note.user)?;
                self.notes.entry(note.id).or_insert_with(|| note.clone());
            }
            Change::DropNote { user, note } => {
                if self.notes.get(note).is_some_and(|known| known.user == *user) {
                    self.notes.remove(note);
                }
            }
            Change::PutLogin(login) => {
                self.known("a sign-in of", login.user)?;
                self.logins.entry(login.id).or_insert_with(|| login.clone());
            }
            Change::TouchLogin { id, used_at } => {
                if let Some(login) = self.logins.get_mut(id) {
                    login.used_at = *used_at;
                }
            }
            Change::DropLogin(id) => drop(self.logins.remove(id)),
            Change::DropLoginsOf { user, except } => self.logins.retain(|id, login| login.user != *user || Some(*id) == *except),
            Change::PutDevice(device) => {
                self.devices.entry(device.id).or_insert_with(|| device.clone()).name.clone_from(&device.name);
            }
            Change::SeenDevice { id, at } => {
                if let Some(device) = self.devices.get_mut(id) {
                    device.seen_at = Some(*at);
                }
            }
            Change::DropDevice(id) => drop(self.devices.remove(id)),
            Change::SetTicker(Some(ticker)) => drop(self.tickers.insert(branch, ticker.clone())),
            Change::SetTicker(None) => drop(self.tickers.remove(&branch)),
            Change::Audit(_) => {}
        }
        Ok(())
    }

    fn known(&self, what: &str, user: UserId) -> Result<(), CommitError> {
        if self.users.contains_key(&user) { Ok(()) } else { Err(unknown_user(what, user)) }
    }
}
