//! Owns the shape of what a store keeps beside the log: who works in the office, their unread notes, their sign-ins, the paired screens, the
//! line on the ticker. These are kept as they are, without a history; what the audit log tells of them is written with them.

use super::CommitError;
use crate::access::{AuditLine, Device, Login, PasswordHash};
use crate::office::{DeviceId, LoginId, Millis, Note, NoteId, Ticker, User, UserId};

/// Everything of it, as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// In the order of their ids.
    pub users: Vec<User>,
    /// Of the users who have one, in the order of their ids.
    pub passwords: Vec<(UserId, PasswordHash)>,
    /// In the order of their ids.
    pub notes: Vec<Note>,
    /// In the order of their ids. Those that are over, too, until somebody drops them.
    pub logins: Vec<Login>,
    /// In the order of their ids.
    pub devices: Vec<Device>,
    /// The branch's.
    pub ticker: Option<Ticker>,
}

/// One change of it. To make the same change twice is to make it once, but for a line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new user, or all but the time of creation of one that there is. The name to sign in with is nobody else's.
    PutUser(User),
    /// The user, with all notes, sign-ins and the password.
    DropUser(UserId),
    /// Another password, or none, for a user that there is.
    SetPassword {
        user: UserId,
        hash: Option<PasswordHash>,
    },
    /// A new note, to a user that there is. A note is never changed.
    PutNote(Note),
    DropNote {
        user: UserId,
        note: NoteId,
    },
    /// A new sign-in, of a user that there is.
    PutLogin(Login),
    /// It was used. One that is gone stays gone.
    TouchLogin {
        id: LoginId,
        used_at: Millis,
    },
    DropLogin(LoginId),
    /// All sign-ins of a user, but perhaps one.
    DropLoginsOf {
        user: UserId,
        except: Option<LoginId>,
    },
    /// A new screen, or another name for one that there is.
    PutDevice(Device),
    /// It was seen. One that is gone stays gone.
    SeenDevice {
        id: DeviceId,
        at: Millis,
    },
    DropDevice(DeviceId),
    SetTicker(Option<Ticker>),
    Audit(AuditLine),
}

/// A change that contradicts what is there.
pub(super) fn unknown_user(what: &str, user: UserId) -> CommitError {
    CommitError::inconsistent(format_args!("{what} user {user}, who is not there"))
}

/// Not told which one: it is a name.
pub(super) fn account_taken(user: UserId) -> CommitError {
    CommitError::inconsistent(format_args!("user {user} would sign in by the name of another user"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::office::{Millis, Role};
    use crate::store::contract::{CENTRE, HARBOUR, begun, people};
    use crate::store::{Faulty, MemoryStore, SqliteStore, Store, StoreError};

    fn user(id: u128, name: &str) -> User {
        let role = [Role::Admin, Role::Supervisor, Role::Agent][(id % 3) as usize];
        User::new(UserId(id), name.to_owned(), role, Millis(1_000 + id as i64))
    }

    fn note(id: u128, user: u128) -> Note {
        Note {
            id: NoteId(id),
            user: UserId(user),
            from: "Dirección".into(),
            subject: id.is_multiple_of(2).then(|| "Turnos\0".into()),
            text: format!("Nota {id}:\n<b>«👍»</b>"),
            sent_at: Millis(id as i64),
        }
    }

    fn ticker(text: &str) -> Option<Ticker> {
        Some(Ticker { text: text.into(), at: Millis(7) })
    }

    fn stores() -> [Box<dyn Store>; 2] {
        [Box::new(MemoryStore::new()), Box::new(SqliteStore::throw_away().unwrap())]
    }

    #[test]
    fn what_was_recorded_is_there_and_what_was_dropped_is_not() {
        for mut store in stores() {
            assert_eq!(store.directory(CENTRE).unwrap(), Directory::default());
            let (ana, inés) = (user(2, "Ana"), user(u128::MAX, "Inés"));
            let changes = [
                Change::PutUser(inés.clone()),
                Change::PutUser(ana.clone()),
                Change::PutNote(note(5, 2)),
                Change::PutNote(note(4, 2)),
                Change::PutNote(note(6, u128::MAX)),
                Change::SetTicker(ticker("Hoy cerramos a las 14 h")),
            ];
            store.record(CENTRE, &changes).unwrap();
            let notes = vec![note(4, 2), note(5, 2), note(6, u128::MAX)];
            let all =
                Directory { users: vec![ana, inés.clone()], notes, ticker: ticker("Hoy cerramos a las 14 h"), ..Directory::default() };
            assert_eq!(store.ticker(CENTRE).unwrap(), all.ticker);
            assert_eq!(store.ticker(HARBOUR).unwrap(), None);
            assert_eq!(store.directory(CENTRE).unwrap(), all);
            assert_eq!(store.directory(HARBOUR).unwrap(), Directory { ticker: None, ..all }, "a ticker is its branch's");

            let not_his = Change::DropNote { user: UserId(2), note: NoteId(6) };
            let changes = [Change::DropUser(UserId(2)), not_his, Change::SetTicker(None), Change::DropUser(UserId(99))];
            store.record(CENTRE, &changes).unwrap();
            let left = Directory { users: vec![inés], notes: vec![note(6, u128::MAX)], ..Directory::default() };
            assert_eq!(store.directory(CENTRE).unwrap(), left, "notes go with their user");
        }
    }

    #[test]
    fn another_name_leaves_notes_and_the_day_of_entry() {
        for mut store in stores() {
            store.record(CENTRE, &[Change::PutUser(user(1, "Ana")), Change::PutNote(note(5, 1))]).unwrap();
            let renamed = User::new(UserId(1), "Ana María".into(), Role::Admin, Millis(9));
            store.record(CENTRE, &[Change::PutUser(renamed.clone())]).unwrap();
            let Directory { users, notes, .. } = store.directory(CENTRE).unwrap();
            assert_eq!(users, [User { created_at: user(1, "").created_at, ..renamed }]);
            assert_eq!(notes, [note(5, 1)]);
        }
    }

    #[test]
    fn changes_are_made_together_or_not_at_all() {
        for mut store in stores() {
            let changes = [Change::PutUser(user(1, "Ana")), Change::SetTicker(ticker("x")), Change::PutNote(note(5, 404))];
            match store.record(CENTRE, &changes) {
                Err(StoreError::Unavailable(text)) => assert!(text.contains("who is not there"), "{text}"),
                other => panic!("{other:?}"),
            }
            assert_eq!(store.directory(CENTRE).unwrap(), Directory::default());
        }
    }

    #[test]
    fn it_is_there_after_a_restart_and_the_log_is_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        let (_, entries) = begun(&mut store, 3);
        store.record(CENTRE, &[Change::PutUser(user(1, "Ana")), Change::PutNote(note(5, 1)), Change::SetTicker(ticker("x"))]).unwrap();
        let before = store.directory(CENTRE).unwrap();
        drop(store);
        let mut store = SqliteStore::open(dir.path()).unwrap();
        assert_eq!(store.directory(CENTRE).unwrap(), before);
        assert_eq!(store.load(CENTRE).unwrap().entries, entries);
    }

    #[test]
    fn a_record_fails_as_commits_do() {
        let (mut store, faults) = Faulty::new(MemoryStore::new());
        let change = [Change::PutUser(user(1, "Ana"))];
        faults.fail_commits(1);
        assert!(store.record(CENTRE, &change).is_err());
        assert_eq!(store.directory(CENTRE).unwrap(), Directory::default());
        faults.fail_after_commits(1);
        assert!(store.record(CENTRE, &change).is_err());
        assert_eq!(store.directory(CENTRE).unwrap().users, [user(1, "Ana")]);
        faults.fail_reads(true);
        assert!(store.directory(CENTRE).is_err());
    }

    fn change() -> impl Strategy<Value = Change> {
        let small = 0_u128..4;
        prop_oneof![
            (small.clone(), "[a-z]{1,3}").prop_map(|(id, name)| Change::PutUser(user(id, &name))),
            small.clone().prop_map(|id| Change::DropUser(UserId(id))),
            (0_u128..6, small.clone()).prop_map(|(id, to)| Change::PutNote(note(id, to))),
            (small.clone(), 0_u128..6).prop_map(|(user, note)| Change::DropNote { user: UserId(user), note: NoteId(note) }),
            (small.clone(), small.clone()).prop_map(|(id, account)| Change::PutUser(people::user(UserId(id), Some(&account.to_string())))),
            (small.clone(), proptest::option::of("[a-z]{1,3}"))
                .prop_map(|(user, hash)| Change::SetPassword { user: UserId(user), hash: hash.map(PasswordHash::new) }),
            (0_u128..6, small.clone()).prop_map(|(id, user)| Change::PutLogin(people::login(id, UserId(user)))),
            (0_u128..6, 0_i64..9).prop_map(|(id, at)| Change::TouchLogin { id: LoginId(id), used_at: Millis(at) }),
            (0_u128..6).prop_map(|id| Change::DropLogin(LoginId(id))),
            (small.clone(), proptest::option::of(0_u128..6))
                .prop_map(|(user, except)| Change::DropLoginsOf { user: UserId(user), except: except.map(LoginId) }),
            small.clone().prop_map(|id| Change::PutDevice(people::device(id))),
            (small.clone(), 0_i64..9).prop_map(|(id, at)| Change::SeenDevice { id: DeviceId(id), at: Millis(at) }),
            small.prop_map(|id| Change::DropDevice(DeviceId(id))),
            proptest::option::of("[a-z]{1,3}").prop_map(|text| Change::SetTicker(text.and_then(|text| ticker(&text)))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_stores_agree(batches in proptest::collection::vec(proptest::collection::vec(change(), 0..6), 0..12)) {
            let [mut memory, mut sqlite] = stores();
            for batch in batches {
                let (one, other) = (memory.record(CENTRE, &batch), sqlite.record(CENTRE, &batch));
                prop_assert_eq!(one.map_err(|error| error.to_string()), other.map_err(|error| error.to_string()));
                // Once more changes nothing, unless a later change of the batch is in its way.
                if batch.len() == 1 && memory.record(CENTRE, &batch).is_ok() {
                    sqlite.record(CENTRE, &batch).unwrap();
                }
                prop_assert_eq!(memory.directory(CENTRE).unwrap(), sqlite.directory(CENTRE).unwrap());
            }
        }
    }
}
