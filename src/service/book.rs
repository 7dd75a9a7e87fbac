//! Owns users, unread notes and the ticker in memory as they are on disk, and the decision which change of them may be made. Changes only by
//! [`Book::apply`], which is told what is on disk already.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::commands::timed_id;
use super::failure::Failure;
use crate::office::{Grants, Millis, Note, NoteId, Role, Ticker, User, UserId};
use crate::store::{Change, Directory};

/// Users of an office.
const MOST_USERS: usize = 10_000;
/// Unread notes of one user: all of them are told whenever the user comes.
const MOST_NOTES: usize = 100;
/// Unread notes of all.
const MOST_UNREAD: usize = 50_000;

/// A change as somebody wishes it. Texts are checked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    CreateUser { name: String, role: Role },
    ReplaceUser { id: UserId, name: String, role: Role },
    DeleteUser(UserId),
    SendNote { user: UserId, from: String, subject: Option<String>, text: String },
    ReadNote { user: UserId, note: NoteId },
    SetTicker(Option<String>),
}

/// What a wish is about: two about the same thing are decided one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    NewUser,
    User(UserId),
    Ticker,
}

impl Wish {
    pub fn subject(&self) -> Subject {
        match self {
            Self::CreateUser { .. } => Subject::NewUser,
            Self::ReplaceUser { id, .. } | Self::DeleteUser(id) => Subject::User(*id),
            Self::SendNote { user, .. } | Self::ReadNote { user, .. } => Subject::User(*user),
            Self::SetTicker(_) => Subject::Ticker,
        }
    }
}

pub struct Book {
    users: BTreeMap<UserId, User>,
    notes: HashMap<UserId, BTreeMap<NoteId, Note>>,
    unread: usize,
    ticker: Option<Ticker>,
}

impl Book {
    pub fn new(Directory { users, notes, ticker, .. }: Directory) -> Self {
        let mut book = Self { users: BTreeMap::new(), notes: HashMap::new(), unread: 0, ticker };
        book.users.extend(users.into_iter().map(|user| (user.id, user)));
        for note in notes {
            book.apply(&Change::PutNote(note));
        }
        book
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

    /// The change that a wish is, or why it cannot be.
    pub fn decide(&self, wish: &Wish, now: Millis) -> Result<Change, Failure> {
        let known = |id: &UserId| self.users.get(id).ok_or(Failure::UnknownUser);
        match wish {
            Wish::CreateUser { .. } if self.users.len() >= MOST_USERS => Err(Failure::TooManyUsers),
            Wish::CreateUser { name, role } => Ok(Change::PutUser(User::new(UserId(timed_id(now)), name.clone(), *role, now))),
            Wish::ReplaceUser { id, name, role } => {
                let user = known(id)?;
                Ok(Change::PutUser(User { name: name.clone(), grants: Grants::Everywhere(*role), ..user.clone() }))
            }
            Wish::DeleteUser(id) => Ok(Change::DropUser(known(id)?.id)),
            Wish::SendNote { user, from, subject, text } => {
                known(user)?;
                let unread = self.notes.get(user).map_or(0, BTreeMap::len);
                if unread >= MOST_NOTES || self.unread >= MOST_UNREAD {
                    return Err(Failure::TooManyNotes);
                }
                let (from, subject, text) = (from.clone(), subject.clone(), text.clone());
                Ok(Change::PutNote(Note { id: NoteId(timed_id(now)), user: *user, from, subject, text, sent_at: now }))
            }
            Wish::ReadNote { user, note } => {
                known(user)?;
                self.note(*user, *note).ok_or(Failure::UnknownNote)?;
                Ok(Change::DropNote { user: *user, note: *note })
            }
            Wish::SetTicker(text) => Ok(Change::SetTicker(text.clone().map(|text| Ticker { text, at: now }))),
        }
    }

    /// Takes in what is on disk.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::PutUser(user) => drop(self.users.insert(user.id, user.clone())),
            Change::DropUser(id) => {
                self.users.remove(id);
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
            // Sign-ins, passwords and screens are not in this book, nor is what is told of them.
            Change::SetPassword { .. }
            | Change::PutLogin(_)
            | Change::TouchLogin { .. }
            | Change::DropLogin(_)
            | Change::DropLoginsOf { .. }
            | Change::PutDevice(_)
            | Change::SeenDevice { .. }
            | Change::DropDevice(_)
            | Change::Audit(_) => {}
        }
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
        gone.chain(put).chain(read).chain(sent).chain(ticker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn book() -> Book {
        Book::new(Directory::default())
    }

    fn make(book: &mut Book, wish: Wish) -> Change {
        let change = book.decide(&wish, NOW).unwrap();
        book.apply(&change);
        change
    }

    fn ana(book: &mut Book) -> UserId {
        match make(book, Wish::CreateUser { name: "Ana".into(), role: Role::Agent }) {
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
        for wish in [
            Wish::ReplaceUser { id: nobody, name: "x".into(), role: Role::Admin },
            Wish::DeleteUser(nobody),
            note_to(nobody),
            Wish::ReadNote { user: nobody, note: NoteId(1) },
        ] {
            assert_eq!(book.decide(&wish, NOW), Err(Failure::UnknownUser));
        }
        assert_eq!(book.decide(&Wish::ReadNote { user: ana, note: NoteId(1) }, NOW), Err(Failure::UnknownNote));
    }

    #[test]
    fn a_note_is_there_until_it_is_read_or_its_user_goes() {
        let mut book = book();
        let (ana, bea) = (ana(&mut book), ana(&mut book));
        let Change::PutNote(note) = make(&mut book, note_to(ana)) else { panic!("no note") };
        make(&mut book, note_to(ana));
        assert_eq!((book.notes(ana).count(), book.notes(bea).count(), book.unread), (2, 0, 2));
        let read = Wish::ReadNote { user: ana, note: note.id };
        assert_eq!(book.decide(&Wish::ReadNote { user: bea, note: note.id }, NOW), Err(Failure::UnknownNote), "not hers");
        make(&mut book, read.clone());
        assert_eq!(book.decide(&read, NOW), Err(Failure::UnknownNote));
        make(&mut book, Wish::DeleteUser(ana));
        assert_eq!((book.notes(ana).count(), book.unread, book.users(None).count()), (0, 0, 1));
    }

    #[test]
    fn unread_notes_are_bounded() {
        let mut book = book();
        let ana = ana(&mut book);
        for _ in 0..MOST_NOTES {
            make(&mut book, note_to(ana));
        }
        assert_eq!(book.decide(&note_to(ana), NOW), Err(Failure::TooManyNotes));
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
