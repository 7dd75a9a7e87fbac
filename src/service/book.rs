//! Owns users, unread notes and the ticker in memory as they are on disk, and the decision which change of them may be made. Changes only by
//! [`Book::apply`], which is told what is on disk already.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde_json::json;

use super::accounts::{AccountWish, Signed};
use super::commands::timed_id;
use super::failure::Failure;
use super::keys::Keys;
use crate::access::AuditAction;
use crate::office::{DeviceId, LoginId, Millis, Note, NoteId, Ticker, User, UserId};
use crate::store::{Change, Directory};

/// Unread notes of one user: all of them are told whenever the user comes.
const MOST_NOTES: usize = 100;
/// Unread notes of all.
const MOST_UNREAD: usize = 50_000;

/// A change as somebody wishes it. Texts are checked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Account(AccountWish),
    SendNote { user: UserId, from: String, subject: Option<String>, text: String },
    ReadNote { user: UserId, note: NoteId },
    SetTicker(Option<String>),
}

/// What a wish is about: two about the same thing are decided one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    User(UserId),
    Login(LoginId),
    Device(DeviceId),
    /// What holds for all accounts together.
    Accounts,
    /// What was used.
    Use,
    Ticker,
}

impl Wish {
    /// At most two; none for what is about nothing that there is.
    pub fn subjects(&self) -> [Option<Subject>; 2] {
        match self {
            Self::Account(wish) => wish.subjects(),
            Self::SendNote { user, .. } | Self::ReadNote { user, .. } => [Some(Subject::User(*user)), None],
            Self::SetTicker(_) => [Some(Subject::Ticker), None],
        }
    }
}

pub struct Book {
    users: BTreeMap<UserId, User>,
    accounts: HashMap<String, UserId>,
    keys: Keys,
    notes: HashMap<UserId, BTreeMap<NoteId, Note>>,
    unread: usize,
    ticker: Option<Ticker>,
}

impl Book {
    pub fn new(Directory { users, passwords, notes, logins, devices, ticker }: Directory) -> Self {
        let keys = Keys::new(passwords, logins, devices);
        let mut book = Self { users: BTreeMap::new(), accounts: HashMap::new(), keys, notes: HashMap::new(), unread: 0, ticker };
        users.into_iter().for_each(|user| book.put_user(user));
        for note in notes {
            book.apply(&Change::PutNote(note));
        }
        book
    }

    /// Passwords, sign-ins and screens.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Who signs in by this name, which is in its normal form.
    pub fn with_account(&self, account: &str) -> Option<&User> {
        self.users.get(self.accounts.get(account)?)
    }

    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    /// Users behind `after`, in the order in which they were created.
    pub fn users(&self, after: Option<UserId>) -> impl Iterator<Item = &User> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.users.range((from, Bound::Unbounded)).map(|(_, user)| user)
    }

    /// The unread notes of a user, oldest first.
    pub fn notes(&self, user: UserId) -> impl Iterator<Item = &Note> {
        self.notes.get(&user).into_iter().flat_map(BTreeMap::values)
    }

    pub fn note(&self, user: UserId, note: NoteId) -> Option<&Note> {
        self.notes.get(&user)?.get(&note)
    }

    pub fn ticker(&self) -> Option<&Ticker> {
        self.ticker.as_ref()
    }

    /// The changes that a wish is, the one that it is about first, or why it cannot be.
    pub fn decide(&self, wish: &Wish, signed: &Signed, now: Millis) -> Result<Vec<Change>, Failure> {
        let known = |id: &UserId| self.users.get(id).ok_or(Failure::UnknownUser);
        match wish {
            Wish::Account(wish) => self.decide_account(wish, signed, now),
            Wish::SendNote { user, from, subject, text } => {
                known(user)?;
                let unread = self.notes.get(user).map_or(0, BTreeMap::len);
                if unread >= MOST_NOTES || self.unread >= MOST_UNREAD {
                    return Err(Failure::TooManyNotes);
                }
                let (from, subject, text) = (from.clone(), subject.clone(), text.clone());
                Ok(vec![Change::PutNote(Note { id: NoteId(timed_id(now)), user: *user, from, subject, text, sent_at: now })])
            }
            Wish::ReadNote { user, note } => {
                known(user)?;
                self.note(*user, *note).ok_or(Failure::UnknownNote)?;
                Ok(vec![Change::DropNote { user: *user, note: *note }])
            }
            Wish::SetTicker(text) => {
                let line = signed.line(now, AuditAction::TickerChanged, "", json!({"mensaje": text}));
                Ok(vec![Change::SetTicker(text.clone().map(|text| Ticker { text, at: now })), line])
            }
        }
    }

    /// Takes in what is on disk.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::PutUser(user) => self.put_user(user.clone()),
            Change::DropUser(id) => {
                if let Some(account) = self.users.remove(id).and_then(|user| user.login) {
                    self.accounts.remove(&account);
                }
                self.unread -= self.notes.remove(id).map_or(0, |notes| notes.len());
            }
            Change::PutNote(note) => {
                let new = self.notes.entry(note.user).or_default().insert(note.id, note.clone()).is_none();
                self.unread += usize::from(new);
            }
            Change::DropNote { user, note } => {
                if let Some(notes) = self.notes.get_mut(user) {
                    self.unread -= usize::from(notes.remove(note).is_some());
                    if notes.is_empty() {
                        self.notes.remove(user);
                    }
                }
            }
            Change::SetTicker(ticker) => self.ticker.clone_from(ticker),
            // Of the audit log nothing is kept in memory; the rest is the keys'.
            _ => {}
        }
        self.keys.apply(change);
    }

    fn put_user(&mut self, user: User) {
        if let Some(before) = self.users.get(&user.id).and_then(|before| before.login.as_ref()) {
            self.accounts.remove(before);
        }
        self.accounts.extend(user.login.clone().map(|account| (account, user.id)));
        self.users.insert(user.id, user);
    }

    /// The changes that make this book what was found on disk.
    pub fn difference(&self, found: &Directory) -> Vec<Change> {
        let there = Self::new(found.clone());
        let gone = self.users.keys().filter(|id| !there.users.contains_key(id)).map(|id| Change::DropUser(*id));
        let put = found.users.iter().filter(|user| self.users.get(&user.id) != Some(*user)).cloned().map(Change::PutUser);
        let mine = self.notes.values().flat_map(BTreeMap::values).filter(|note| there.users.contains_key(&note.user));
        let read = mine.filter(|note| there.note(note.user, note.id).is_none());
        let read = read.map(|note| Change::DropNote { user: note.user, note: note.id });
        let sent = found.notes.iter().filter(|note| self.note(note.user, note.id).is_none()).cloned().map(Change::PutNote);
        let ticker = (self.ticker != found.ticker).then(|| Change::SetTicker(found.ticker.clone()));
        gone.chain(put).chain(self.keys.difference(found)).chain(read).chain(sent).chain(ticker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Device, DeviceKind, Login, PasswordHash, SecretHash};
    use crate::office::{BranchId, Grants, LoginId, Role};
    use crate::service::accounts::Profile;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn book() -> Book {
        Book::new(Directory::default())
    }

    fn decide(book: &Book, wish: &Wish) -> Result<Vec<Change>, Failure> {
        book.decide(wish, &Signed::PROGRAM, NOW)
    }

    fn make(book: &mut Book, wish: Wish) -> Change {
        let changes = decide(book, &wish).unwrap();
        changes.iter().for_each(|change| book.apply(change));
        changes[0].clone()
    }

    fn create(name: &str) -> Wish {
        let user = User::new(UserId(timed_id(NOW)), name.into(), Role::Agent, NOW);
        Wish::Account(AccountWish::Create { user, password: None })
    }

    fn ana(book: &mut Book) -> UserId {
        match make(book, create("Ana")) {
            Change::PutUser(user) => user.id,
            other => panic!("{other:?}"),
        }
    }

    fn note_to(user: UserId) -> Wish {
        Wish::SendNote { user, from: "RR. HH.".into(), subject: None, text: "Hola".into() }
    }

    #[test]
    fn who_is_not_there_gets_nothing_and_changes_nothing() {
        let mut book = book();
        let ana = ana(&mut book);
        let nobody = UserId(1);
        let profile = Profile { name: "x".into(), role: Role::Agent, grants: None, account: None, disabled: None, password: None };
        for wish in [
            Wish::Account(AccountWish::Replace { id: nobody, profile }),
            Wish::Account(AccountWish::Delete(nobody)),
            note_to(nobody),
            Wish::ReadNote { user: nobody, note: NoteId(1) },
        ] {
            assert_eq!(decide(&book, &wish), Err(Failure::UnknownUser));
        }
        assert_eq!(decide(&book, &Wish::ReadNote { user: ana, note: NoteId(1) }), Err(Failure::UnknownNote));
    }

    #[test]
    fn another_role_holds_where_the_old_one_did_and_what_changed_meanwhile_stays() {
        let mut book = book();
        let ana = ana(&mut book);
        let mut change = |role, grants: Option<Grants>| {
            let profile = Profile { name: "Ana".into(), role, grants, account: None, disabled: None, password: None };
            match make(&mut book, Wish::Account(AccountWish::Replace { id: ana, profile })) {
                Change::PutUser(user) => user.grants,
                other => panic!("{other:?}"),
            }
        };
        let of = |roles: [(u32, Role); 2]| Grants::In(roles.map(|(branch, role)| (BranchId(branch), role)).into());
        assert_eq!(change(Role::Supervisor, None), Grants::Everywhere(Role::Supervisor));
        let mixed = of([(1, Role::Agent), (2, Role::Supervisor)]);
        assert_eq!(change(Role::Admin, Some(mixed.clone())), mixed);
        assert_eq!(change(Role::Supervisor, None), mixed, "it is the highest of them");
        assert_eq!(change(Role::Agent, None), of([(1, Role::Agent), (2, Role::Agent)]), "in the same branches, and nowhere else");
    }

    #[test]
    fn one_secret_is_one_screen() {
        let mut book = book();
        let secret = SecretHash([7; 32]);
        let device = |id| {
            let (kind, branch) = (DeviceKind::Kiosk, BranchId(1));
            Device { id: DeviceId(id), name: "Entrada".into(), kind, branch, secret, created_at: NOW, seen_at: None }
        };
        let (first, again) = (Wish::Account(AccountWish::Pair(device(1))), Wish::Account(AccountWish::Pair(device(2))));
        assert!(first.subjects().into_iter().flatten().any(|subject| again.subjects().contains(&Some(subject))), "one after the other");
        make(&mut book, first);
        assert_eq!(decide(&book, &again), Err(Failure::UnknownPairing));
    }

    #[test]
    fn a_note_is_there_until_it_is_read_or_its_user_goes() {
        let mut book = book();
        let (ana, bea) = (ana(&mut book), ana(&mut book));
        let Change::PutNote(note) = make(&mut book, note_to(ana)) else { panic!("no note") };
        make(&mut book, note_to(ana));
        assert_eq!((book.notes(ana).count(), book.notes(bea).count(), book.unread), (2, 0, 2));
        let read = Wish::ReadNote { user: ana, note: note.id };
        assert_eq!(decide(&book, &Wish::ReadNote { user: bea, note: note.id }), Err(Failure::UnknownNote), "not hers");
        make(&mut book, read.clone());
        assert_eq!(decide(&book, &read), Err(Failure::UnknownNote));
        make(&mut book, Wish::Account(AccountWish::Delete(ana)));
        assert_eq!((book.notes(ana).count(), book.unread, book.users(None).count()), (0, 0, 1));
    }

    #[test]
    fn a_password_that_was_right_while_it_was_looked_at_proves_nothing_once_there_is_another() {
        let mut book = book();
        let user = User { login: Some("ana".into()), ..User::new(UserId(timed_id(NOW)), "Ana".into(), Role::Agent, NOW) };
        let [old, new] = ["old", "new"].map(|hash| PasswordHash::new(hash.into()));
        make(&mut book, Wish::Account(AccountWish::Create { user: user.clone(), password: Some(old.clone()) }));
        let login = Login::new(LoginId(1), user.id, SecretHash([1; 32]), [127, 0, 0, 1].into(), "", NOW);
        let enter = |proof: &PasswordHash| Wish::Account(AccountWish::SignIn { login: login.clone(), instead: None, proof: proof.clone() });
        let set = |password: &PasswordHash, proof: Option<&PasswordHash>| {
            let (password, proof) = (password.clone(), proof.cloned());
            Wish::Account(AccountWish::SetPassword { user: user.id, password, keep: None, proof })
        };
        assert!(decide(&book, &enter(&old)).is_ok() && decide(&book, &set(&new, Some(&old))).is_ok());
        make(&mut book, set(&new, None));
        assert_eq!(decide(&book, &enter(&old)), Err(Failure::BadLogin));
        assert_eq!(decide(&book, &set(&old, Some(&old))), Err(Failure::BadLogin));
        assert!(decide(&book, &enter(&new)).is_ok() && decide(&book, &set(&old, None)).is_ok());
        book.apply(&Change::PutUser(User { disabled: true, ..user.clone() }));
        assert_eq!(decide(&book, &enter(&new)), Err(Failure::BadLogin), "disabled");
    }

    #[test]
    fn unread_notes_are_bounded() {
        let mut book = book();
        let ana = ana(&mut book);
        for _ in 0..MOST_NOTES {
            make(&mut book, note_to(ana));
        }
        assert_eq!(decide(&book, &note_to(ana)), Err(Failure::TooManyNotes));
    }

    #[test]
    fn users_come_in_pages() {
        let mut book = book();
        let ids: Vec<_> = (0..5).map(|at| User::new(UserId(at), "x".into(), Role::Agent, NOW)).collect();
        ids.iter().for_each(|user| book.apply(&Change::PutUser(user.clone())));
        assert_eq!(book.users(Some(UserId(2))).map(|user| user.id.0).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(book.users(None).count(), 5);
    }

    #[test]
    fn a_difference_makes_the_book_what_was_found() {
        let mut here = book();
        let (ana, bea) = (ana(&mut here), ana(&mut here));
        let Change::PutNote(read) = make(&mut here, note_to(ana)) else { panic!("no note") };
        make(&mut here, note_to(bea));
        make(&mut here, Wish::SetTicker(Some("antes".into())));
        let user = |id, name: &str| User::new(id, name.into(), Role::Agent, NOW);
        let sent = Note { id: NoteId(5), user: ana, ..read };
        let found = Directory { users: vec![user(UserId(3), "Eva"), user(ana, "Ana María")], notes: vec![sent], ..Directory::default() };
        let changes = here.difference(&found);
        assert_eq!(changes.len(), 6, "{changes:?}");
        changes.iter().for_each(|change| here.apply(change));
        assert_eq!(here.difference(&found), []);
        assert_eq!((here.users(None).cloned().collect::<Vec<_>>(), here.unread), (found.users, 1));
    }
}
