//! Owns what a memory store keeps beside the log: users, notes, the ticker.

use std::collections::{BTreeMap, HashMap};

use crate::office::{BranchId, Note, NoteId, Ticker, User, UserId};
use crate::store::{Change, CommitError, Directory, StoreError};

#[derive(Debug, Clone, Default)]
pub(super) struct People {
    users: BTreeMap<UserId, User>,
    notes: BTreeMap<NoteId, Note>,
    tickers: HashMap<BranchId, Ticker>,
}

impl People {
    pub(super) fn directory(&self, branch: BranchId) -> Directory {
        let Self { users, notes, .. } = self;
        Directory { users: users.values().cloned().collect(), notes: notes.values().cloned().collect(), ticker: self.ticker(branch) }
    }

    pub(super) fn names(&self) -> BTreeMap<UserId, String> {
        self.users.values().map(|user| (user.id, user.name.clone())).collect()
    }

    pub(super) fn ticker(&self, branch: BranchId) -> Option<Ticker> {
        self.tickers.get(&branch).cloned()
    }

    pub(super) fn apply(&mut self, branch: BranchId, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PutUser(user) => {
                let created_at = self.users.get(&user.id).map_or(user.created_at, |known| known.created_at);
                self.users.insert(user.id, User { created_at, ..user.clone() });
            }
            Change::DropUser(id) => {
                self.users.remove(id);
                self.notes.retain(|_, note| note.user != *id);
            }
            Change::PutNote(note) if !self.users.contains_key(&note.user) => {
                let error = CommitError::inconsistent(format_args!("a note to user {}, who is not there", note.user));
                return Err(StoreError::Unavailable(error.to_string()));
            }
            Change::PutNote(note) => {
                self.notes.entry(note.id).or_insert_with(|| note.clone());
            }
            Change::DropNote { user, note } => {
                if self.notes.get(note).is_some_and(|known| known.user == *user) {
                    self.notes.remove(note);
                }
            }
            Change::SetTicker(Some(ticker)) => {
                self.tickers.insert(branch, ticker.clone());
            }
            Change::SetTicker(None) => {
                self.tickers.remove(&branch);
            }
        }
        Ok(())
    }
}
