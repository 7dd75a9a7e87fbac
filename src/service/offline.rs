//! Owns the accounts of a data folder that no server works on: the same changes by the same rules as through the hub, in the program's own name.

use super::accounts::{AccountWish, Profile, Signed};
use super::book::{Book, Wish};
use super::commands::timed_id;
use super::failure::Failure;
use super::filing::Files;
use super::messages;
use super::passwords::{Cost, Hasher};
use crate::access::{self, Device};
use crate::clock::Clock;
use crate::office::{BranchId, DeviceId, Grants, Role, User, UserId};
use crate::store::{Store, StoreError};

/// Why accounts were not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}", .0.message(crate::office::Lang::En))]
    Refused(Failure),
    #[error("nobody signs in as {0}")]
    NoAccount(String),
    #[error("there is no device {0}")]
    NoDevice(String),
}

impl From<Failure> for AccountError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

/// The accounts of an opened store.
pub struct Accounts<S> {
    store: S,
    book: Book,
    clock: Clock,
    hasher: Hasher,
}

impl<S: Store> Accounts<S> {
    /// # Errors
    ///
    /// A store that cannot be read.
    pub fn open(mut store: S, cost: Cost, clock: Clock) -> Result<Self, StoreError> {
        let book = Book::new(Files::Staff.read(&mut store)?);
        Ok(Self { store, book, clock, hasher: Hasher::new(cost) })
    }

    /// The store again.
    pub fn close(self) -> S {
        self.store
    }

    /// Oldest first.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.book.users(None)
    }

    /// Oldest first; of one branch or of all.
    pub fn devices(&self, branch: Option<BranchId>) -> impl Iterator<Item = &Device> {
        self.book.keys().devices(branch)
    }

    /// Whether somebody can sign in who may do everything.
    pub fn has_admin(&self) -> bool {
        self.book.admins().next().is_some()
    }

    /// Makes a user who signs in by this name.
    ///
    /// # Errors
    ///
    /// What is no name or no password, a name that is taken, a store that cannot be written.
    pub fn add(&mut self, name: &str, grants: Grants, account: &str, password: &str) -> Result<User, AccountError> {
        let name = messages::name("the name", Some(name))?;
        let account = messages::account("the name to sign in with", account)?;
        access::password(password, &account).map_err(Failure::from)?;
        let now = self.clock.now();
        let user = User { id: UserId(timed_id(now)), name, grants, login: Some(account), disabled: false, created_at: now };
        let password = Some(self.hasher.make(password));
        self.change(AccountWish::Create { user: user.clone(), password })?;
        Ok(user)
    }

    /// Makes the first admin, unless there is one.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn first_admin(&mut self, account: &str, password: &str) -> Result<Option<User>, AccountError> {
        if self.has_admin() {
            return Ok(None);
        }
        self.add(account, Grants::Everywhere(Role::Admin), account, password).map(Some)
    }

    /// Sets a password; all sign-ins of the user end.
    ///
    /// # Errors
    ///
    /// An account that there is not, what is no password, a store that cannot be written.
    pub fn set_password(&mut self, account: &str, password: &str) -> Result<(), AccountError> {
        let user = self.of(account)?;
        access::password(password, user.login.as_deref().unwrap_or_default()).map_err(Failure::from)?;
        let (user, password) = (user.id, self.hasher.make(password));
        self.change(AccountWish::SetPassword { user, password, keep: None, proof: None })
    }

    /// Lets a user sign in no more; all sign-ins end.
    ///
    /// # Errors
    ///
    /// An account that there is not, the last admin, a store that cannot be written.
    pub fn disable(&mut self, account: &str) -> Result<(), AccountError> {
        let user = self.of(account)?;
        let profile =
            Profile { name: user.name.clone(), role: user.role(), grants: None, account: None, disabled: Some(true), password: None };
        let id = user.id;
        self.change(AccountWish::Replace { id, profile })
    }

    /// Lets a screen in no more. `label` is its id, or its name where only one has it.
    ///
    /// # Errors
    ///
    /// A screen that there is not, a store that cannot be written.
    pub fn revoke(&mut self, label: &str) -> Result<Device, AccountError> {
        let by_id = label.parse().ok().and_then(|id: DeviceId| self.book.keys().device(id));
        let mut named = self.book.keys().devices(None).filter(|device| device.name == label);
        let device = by_id.or_else(|| named.next().filter(|_| named.next().is_none()));
        let device = device.cloned().ok_or_else(|| AccountError::NoDevice(label.to_owned()));
        drop(named);
        let device = device?;
        self.change(AccountWish::Revoke(device.id))?;
        Ok(device)
    }

    fn of(&self, account: &str) -> Result<&User, AccountError> {
        let user = access::account(account).ok().and_then(|account| self.book.with_account(&account));
        user.ok_or_else(|| AccountError::NoAccount(account.to_owned()))
    }

    fn change(&mut self, wish: AccountWish) -> Result<(), AccountError> {
        let changes = self.book.decide(&Wish::Account(wish), &Signed::PROGRAM, self.clock.now())?;
        self.store.record(Files::Staff.branch(), &changes)?;
        changes.iter().for_each(|change| self.book.apply(change));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    fn accounts() -> Accounts<MemoryStore> {
        Accounts::open(MemoryStore::new(), Cost::LEAST, Clock::system()).unwrap()
    }

    #[test]
    fn the_first_admin_is_made_once_and_cannot_be_locked_out() {
        let mut accounts = accounts();
        assert!(!accounts.has_admin());
        assert!(accounts.first_admin("Admin", "caballo correcto").unwrap().is_some());
        assert!(accounts.first_admin("otro", "caballo correcto").unwrap().is_none());
        assert!(matches!(accounts.disable("admin"), Err(AccountError::Refused(Failure::LastAdmin))));
        accounts.add("Ana", Grants::Everywhere(Role::Admin), "ana", "batería correcta").unwrap();
        accounts.disable("ADMIN").unwrap();
        assert!(accounts.has_admin() && accounts.users().filter(|user| user.disabled).count() == 1);
        let again = Accounts::open(accounts.close(), Cost::LEAST, Clock::system()).unwrap();
        assert_eq!(again.users().count(), 2);
    }

    #[test]
    fn what_is_wrong_changes_nothing() {
        let mut accounts = accounts();
        accounts.add("Ana", Grants::Everywhere(Role::Agent), "ana", "batería correcta").unwrap();
        let refused = |result: Result<User, AccountError>| matches!(result, Err(AccountError::Refused(_)));
        for (name, account, password) in [
            ("", "bea", "batería correcta"),
            ("Bea", "b a", "batería correcta"),
            ("Bea", "bea", "corta"),
            ("Bea", "ANA", "batería correcta"),
        ] {
            assert!(refused(accounts.add(name, Grants::Everywhere(Role::Agent), account, password)), "{name} {account}");
        }
        assert!(matches!(accounts.set_password("bea", "batería correcta"), Err(AccountError::NoAccount(_))));
        assert!(matches!(accounts.revoke("Entrada"), Err(AccountError::NoDevice(_))));
        assert_eq!(accounts.users().count(), 1);
    }
}
