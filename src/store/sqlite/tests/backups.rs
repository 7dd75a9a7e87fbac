//! Copies of a database, and what becomes of one when a copy takes its place.

use std::time::Duration;

use super::*;
use crate::access::AuditAction;
use crate::office::{BranchId, Entry, Event, Millis, UserId};
use crate::store::contract::{HARBOUR, Pen, people};
use crate::store::{AuditFilter, Reports};

/// 2026-11-22 03:44:27 UTC.
const AT: Millis = Millis(1_795_319_067_000);
const ASIDE: &str = "siguiente-20261122T034427Z.db";

fn committed(dir: &Path, tickets: u128) -> (SqliteStore, Pen) {
    let mut store = SqliteStore::open(dir).unwrap();
    let (pen, _) = begun(&mut store, tickets);
    store.load(HARBOUR).unwrap();
    (store, pen)
}

fn broken<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Broken { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_of_a_running_office_is_a_database_of_one_moment() {
    let (dir, out) = (dir(), dir());
    let (mut store, mut pen) = committed(dir.path(), 200);
    let to = out.path().join("copy.db");
    let running = dir.path().to_owned();
    let file = to.clone();
    let copying = std::thread::spawn(move || SqliteStore::backup(&running, &file).unwrap());
    // Commits go on while it is made.
    let mut last = 200;
    while !copying.is_finished() {
        last += 1;
        store.commit(&pen.clone().batch([pen.issue(last)])).unwrap();
    }
    let backup = copying.join().unwrap();
    assert_eq!(backup.bytes, fs::metadata(&to).unwrap().len());
    let end = backup.branches[0].1;
    assert_eq!((backup.branches.len(), backup.branches[1]), (2, (HARBOUR, 0)));
    assert!((201..=pen.rev).contains(&end), "{end} of {}", pen.rev);
    assert_eq!(names(out.path()), ["copy.db"]);

    // It is a database like the other, as it was after that entry.
    let other = tempfile::tempdir().unwrap();
    fs::copy(&to, other.path().join("siguiente.db")).unwrap();
    let mut copy = SqliteStore::open(other.path()).unwrap();
    assert_eq!(copy.load(CENTRE).unwrap().entries, store.entries(CENTRE, 0, end as usize).unwrap());
    assert!(copy.reader().unwrap().check(CENTRE).unwrap().is_sound());
}

#[test]
fn a_backup_replaces_nothing_and_needs_a_database() {
    let (dir, empty) = (dir(), dir());
    let (_store, _) = committed(dir.path(), 3);
    let to = dir.path().join("copy.db");
    fs::write(&to, "somebody's").unwrap();
    assert!(refused(SqliteStore::backup(dir.path(), &to)).ends_with("is there already"));
    assert_eq!(fs::read(&to).unwrap(), b"somebody's");
    assert!(refused(SqliteStore::backup(empty.path(), &empty.path().join("copy.db"))).starts_with("there is no database in "));
    assert!(refused(SqliteStore::backup(dir.path(), &dir.path().join("missing/copy.db"))).contains("cannot be opened"));
    assert_eq!(names(empty.path()), [""; 0]);
    // What a broken off copy left is no obstacle.
    fs::write(dir.path().join("next.db.part"), "half").unwrap();
    SqliteStore::backup(dir.path(), &dir.path().join("next.db")).unwrap();
    assert!(!dir.path().join("next.db.part").exists());
}

#[test]
fn commits_wait_for_no_reader() {
    let dir = dir();
    let (mut store, mut pen) = committed(dir.path(), 10);
    store.connection.busy_timeout(Duration::ZERO).unwrap();
    let mut reader = store.reader().unwrap();
    let mut seen = 0;
    let mut each = |_| {
        store.commit(&pen.clone().batch([pen.issue(100 + seen)])).unwrap();
        seen += 1;
        std::ops::ControlFlow::Continue(())
    };
    let days = crate::store::contract::date(21)..=crate::store::contract::date(21);
    reader.tickets(CENTRE, &days, &mut each).unwrap();
    assert_eq!(seen, 10, "all of one moment");
}

#[test]
fn a_backup_takes_the_place_of_the_database_which_is_kept() {
    let (dir, out) = (dir(), dir());
    let (mut store, mut pen) = committed(dir.path(), 5);
    store.keep_sessions(CENTRE, &[SessionText { pid: "p".into(), state: Some("s".into()) }]).unwrap();
    let ana = people::user(UserId(1), Some("ana"));
    let (signed_in, screen) = (Change::PutLogin(people::login(1, ana.id)), Change::PutDevice(people::device(1)));
    let told = people::line(1, AuditAction::SignedIn);
    store.record(CENTRE, &[Change::PutUser(ana.clone()), signed_in, screen, Change::Audit(told.clone())]).unwrap();
    let to = out.path().join("copy.db");
    SqliteStore::backup(dir.path(), &to).unwrap();
    let bytes = fs::read(&to).unwrap();
    store.commit(&pen.clone().batch([pen.issue(6)])).unwrap();
    let before = store.load(CENTRE).unwrap();

    // Not while somebody works on it.
    assert!(matches!(SqliteStore::restore(dir.path(), &to, AT), Err(StoreError::InUse(_))));
    drop(store);
    let restored = SqliteStore::restore(dir.path(), &to, AT).unwrap();
    assert_eq!(restored.branches, [(CENTRE, 6), (HARBOUR, 0)]);
    assert_eq!(restored.kept, Some(dir.path().join(ASIDE)));
    assert_eq!(names(dir.path()), [ASIDE, "siguiente.db", "siguiente.lock"]);
    assert!(fs::read(&to).unwrap() == bytes, "the backup was changed");
    assert_eq!(names(out.path()), ["copy.db"]);

    let mut store = SqliteStore::open(dir.path()).unwrap();
    let after = store.load(CENTRE).unwrap();
    assert_eq!(after.entries, before.entries[..6]);
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(after.epoch.len(), 32);
    assert_ne!(store.load(HARBOUR).unwrap().epoch, after.epoch);
    assert_eq!(store.sessions(CENTRE).unwrap(), []);
    let directory = store.directory(CENTRE).unwrap();
    assert_eq!((directory.users, directory.devices), (vec![ana], vec![people::device(1)]));
    assert_eq!(directory.logins, [], "one that was ended since does not come back");
    let audited = store.reader().unwrap().audit(&AuditFilter::default(), None, 9).unwrap();
    assert_eq!(audited.into_iter().map(|audited| audited.line).collect::<Vec<_>>(), [told]);
    store.commit(&pen.clone().batch([seventh(pen.issue(7))])).unwrap();
    drop(store);

    // What was kept is a database, too, and a second restore in the same second has another name.
    let again = SqliteStore::restore(dir.path(), &dir.path().join(ASIDE), AT).unwrap();
    assert_eq!(again.kept, Some(dir.path().join("siguiente-20261122T034427Z-2.db")));
    assert_eq!(SqliteStore::open(dir.path()).unwrap().load(CENTRE).unwrap().entries, before.entries);
}

/// With the position and the number that are next in the restored database.
fn seventh(mut entry: Entry) -> Entry {
    entry.rev = 7;
    if let Event::TicketIssued { number, code, .. } = &mut entry.event {
        (*number, *code) = (6, "A-006".into());
    }
    entry
}

#[test]
fn a_restore_into_an_empty_directory() {
    let (source, out, empty) = (dir(), dir(), dir());
    let (store, _) = committed(source.path(), 5);
    let to = out.path().join("copy.db");
    SqliteStore::backup(source.path(), &to).unwrap();
    drop(store);
    let restored = SqliteStore::restore(empty.path(), &to, AT).unwrap();
    assert_eq!(restored.kept, None);
    assert_eq!(SqliteStore::open(empty.path()).unwrap().load(CENTRE).unwrap().entries.len(), 6);
}

#[test]
fn what_is_no_sound_backup_leaves_the_database_alone() {
    let (dir, out) = (dir(), dir());
    let (store, _) = committed(dir.path(), 5);
    let good = out.path().join("good.db");
    SqliteStore::backup(dir.path(), &good).unwrap();
    drop(store);
    let before = fs::read(dir.path().join("siguiente.db")).unwrap();
    let changed = |name: &str, sql: &str| {
        let path = out.path().join(name);
        fs::copy(&good, &path).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    };
    let text = out.path().join("text.db");
    fs::write(&text, "not a database at all, only a text").unwrap();
    let cut = out.path().join("cut.db");
    fs::write(&cut, &fs::read(&good).unwrap()[..9000]).unwrap();
    let cases = [
        (text, "not a database"),
        (cut, "the file is damaged"),
        (changed("foreign.db", "PRAGMA application_id = 5"), "the database of another program"),
        (
            changed("ticket.db", "UPDATE ticket SET state = 'called' WHERE number = 3"),
            "its tables are not what the log of branch 1 says, in 1 places: ticket: A-003",
        ),
        (changed("hole.db", "DELETE FROM event WHERE rev = 3"), "entry 3 of branch 1 is missing"),
    ];
    for (path, expected) in cases {
        let problem = broken(SqliteStore::restore(dir.path(), &path, AT));
        assert!(problem.starts_with(expected), "{problem:?} does not say {expected:?}");
    }
    let newer = changed("newer.db", "PRAGMA user_version = 99");
    assert!(matches!(SqliteStore::restore(dir.path(), &newer, AT), Err(StoreError::Newer { found: 99, .. })));
    assert!(refused(SqliteStore::restore(dir.path(), &out.path().join("none.db"), AT)).starts_with("there is no database in "));
    assert_eq!(fs::read(dir.path().join("siguiente.db")).unwrap(), before);
    assert_eq!(names(dir.path()), ["siguiente.db", "siguiente.lock"]);
}

#[test]
fn a_damaged_database_with_its_log_is_kept_as_it_is() {
    let (running, dir, out) = (dir(), dir(), dir());
    let (store, _) = committed(running.path(), 50);
    let to = out.path().join("copy.db");
    SqliteStore::backup(running.path(), &to).unwrap();
    // As after a crash, with the file's beginning overwritten.
    let log = fs::read(running.path().join("siguiente.db-wal")).unwrap();
    drop(store);
    fs::write(dir.path().join("siguiente.db"), vec![0x5a; 8192]).unwrap();
    fs::write(dir.path().join("siguiente.db-wal"), &log).unwrap();
    SqliteStore::restore(dir.path(), &to, AT).unwrap();
    assert!(fs::read(dir.path().join(ASIDE)).unwrap() == [0x5a; 8192], "the file was changed");
    assert!(fs::read(dir.path().join(format!("{ASIDE}-wal"))).unwrap() == log, "its log was changed");
    assert_eq!(SqliteStore::open(dir.path()).unwrap().load(CENTRE).unwrap().entries.len(), 51);
}

#[test]
fn a_reader_opens_beside_a_server_and_without_one() {
    let (dir, empty) = (dir(), dir());
    let (mut store, mut pen) = committed(dir.path(), 3);
    let mut reader = Reader::open(dir.path()).unwrap();
    store.commit(&pen.clone().batch([pen.issue(4)])).unwrap();
    assert_eq!(reader.check(CENTRE).unwrap().tickets, 4);
    drop(store);
    drop(reader);
    let mut reader = Reader::open(dir.path()).unwrap();
    assert_eq!((reader.check(CENTRE).unwrap().tickets, reader.branches().unwrap()), (4, vec![CENTRE, HARBOUR]));
    assert_eq!(reader.branches().unwrap(), [BranchId(1), BranchId(2)]);
    // It keeps nobody out.
    SqliteStore::open(dir.path()).unwrap();
    assert!(refused(Reader::open(empty.path())).starts_with("there is no database in "));
    assert_eq!(names(empty.path()), [""; 0]);
    Connection::open(dir.path().join("siguiente.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Reader::open(dir.path()), Err(StoreError::Newer { found: 99, .. })));
}
