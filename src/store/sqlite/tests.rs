//! What only a database on a disk can get wrong.

mod backups;
mod migration;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::access::AuditAction;
use crate::office::TicketId;
use crate::store::contract::{CENTRE, begun, key, keyed, people};
use crate::store::{AuditFilter, Reports};

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn unavailable(result: Result<(), CommitError>) -> String {
    match result {
        Err(CommitError::Unavailable(text)) => {
            for word in ["INSERT", "UPDATE", "SELECT", "PRAGMA"] {
                assert!(!text.contains(word), "{text:?} shows a statement");
            }
            text
        }
        other => panic!("{other:?} where the disk should have refused"),
    }
}

#[test]
fn reopening_gives_everything() {
    let dir = dir();
    let below = dir.path().join("made/when/missing");
    let mut store = SqliteStore::open(&below).unwrap();
    let (mut pen, mut entries) = begun(&mut store, 20);
    let more = [keyed(pen.call(7, 2), "k")];
    store.commit(&pen.batch(more.clone())).unwrap();
    entries.extend(more);
    let before = store.load(CENTRE).unwrap();
    drop(store);

    let mut store = SqliteStore::open(&below).unwrap();
    let after = store.load(CENTRE).unwrap();
    assert_eq!(after, before, "the epoch too");
    assert_eq!(after.entries, entries);
    assert_eq!(store.keyed(CENTRE, &key("k")).unwrap().unwrap().id, TicketId(7));
    store.commit(&pen.clone().batch([pen.issue(21)])).unwrap();
}

#[test]
fn every_commit_is_synchronised() {
    let store = SqliteStore::throw_away().unwrap();
    let pragma = |name: &str| store.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((pragma("synchronous"), pragma("foreign_keys"), pragma("application_id")), (2, 1, schema::APPLICATION));
    let mode: String = store.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_directory_has_one_store() {
    let dir = dir();
    let first = SqliteStore::open(dir.path()).unwrap();
    match SqliteStore::open(dir.path()) {
        Err(StoreError::InUse(path)) => assert_eq!(Path::new(&path), dir.path()),
        other => panic!("{other:?}"),
    }
    drop(first);
    SqliteStore::open(dir.path()).unwrap();
}

#[test]
fn a_killed_process_loses_nothing_that_was_committed() {
    let (running, copy) = (dir(), dir());
    let mut store = SqliteStore::open(running.path()).unwrap();
    let (mut pen, _) = begun(&mut store, 50);
    store.commit(&Batch { snapshot: Some("{}".into()), ..pen.clone().batch([pen.call(3, 1)]) }).unwrap();
    store.commit(&pen.clone().batch([pen.recall(3, 1)])).unwrap();
    let before = store.load(CENTRE).unwrap();
    // What a killed process leaves: the file and the write-ahead log, neither closed nor merged.
    for name in ["siguiente.db", "siguiente.db-wal"] {
        fs::copy(running.path().join(name), copy.path().join(name)).unwrap();
    }
    assert!(fs::metadata(copy.path().join("siguiente.db-wal")).unwrap().len() > 0);

    let mut after = SqliteStore::open(copy.path()).unwrap();
    assert_eq!(after.load(CENTRE).unwrap(), before);
    assert_eq!(after.entries(CENTRE, 0, 1000).unwrap(), store.entries(CENTRE, 0, 1000).unwrap());
}

#[test]
fn a_newer_schema_is_refused_and_untouched() {
    let dir = dir();
    let file = dir.path().join("siguiente.db");
    begun(&mut SqliteStore::open(dir.path()).unwrap(), 5);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", schema::KNOWN + 1).unwrap();
    let before = fs::read(&file).unwrap();
    match SqliteStore::open(dir.path()) {
        Err(StoreError::Newer { found, known }) => assert_eq!((found, known), (schema::KNOWN + 1, schema::KNOWN)),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(names(dir.path()), ["siguiente.db", "siguiente.lock"]);
}

#[test]
fn a_newer_schema_in_a_write_ahead_log_that_was_left_is_untouched_too() {
    let (running, copy) = (dir(), dir());
    let store = SqliteStore::open(running.path()).unwrap();
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    let files = ["siguiente.db", "siguiente.db-wal"];
    let before: Vec<_> = files
        .iter()
        .map(|name| {
            fs::copy(running.path().join(name), copy.path().join(name)).unwrap();
            fs::read(copy.path().join(name)).unwrap()
        })
        .collect();
    assert!(matches!(SqliteStore::open(copy.path()), Err(StoreError::Newer { found: 99, .. })));
    let after: Vec<_> = files.iter().map(|name| fs::read(copy.path().join(name)).unwrap()).collect();
    assert_eq!(after, before);
    assert_eq!(names(copy.path()), ["siguiente.db", "siguiente.db-wal", "siguiente.lock"]);
}

#[test]
fn what_is_no_sound_database_of_ours_is_refused_and_untouched() {
    let whole = dir();
    begun(&mut SqliteStore::open(whole.path()).unwrap(), 2000);
    let sound = fs::read(whole.path().join("siguiente.db")).unwrap();
    let mut scribbled = sound.clone();
    let middle = scribbled.len() / 2 / 4096 * 4096;
    scribbled[middle..middle + 4096].fill(0x5a);
    let foreign = {
        let dir = dir();
        let file = dir.path().join("other.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE invoice (id INTEGER)").unwrap();
        fs::read(file).unwrap()
    };
    let cases: [(&str, &[u8]); 5] = [
        ("text", b"not at all a database, whatever its name says"),
        ("short", b"SQL"),
        ("cut", &sound[..sound.len() / 2]),
        ("scribbled", &scribbled),
        ("foreign", &foreign),
    ];
    for (case, bytes) in cases {
        let dir = dir();
        let file = dir.path().join("siguiente.db");
        fs::write(&file, bytes).unwrap();
        match SqliteStore::open(dir.path()) {
            Err(StoreError::Broken { path, .. }) => assert_eq!(Path::new(&path), file, "{case}"),
            other => panic!("{case}: {other:?}"),
        }
        assert_eq!(fs::read(&file).unwrap(), bytes, "{case} was changed");
        assert_eq!(names(dir.path()), ["siguiente.db", "siguiente.lock"], "{case}");
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_writes_nothing_and_is_left_behind() {
    let mut store = SqliteStore::throw_away().unwrap();
    let (mut pen, _) = begun(&mut store, 10);
    let pages: i64 = store.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    // As if the disk ended right behind the file.
    store.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0)).unwrap();
    let before = store.load(CENTRE).unwrap();
    let saved = pen.clone();
    let large: Vec<_> = (100..400).map(|ticket| pen.issue(ticket)).collect();
    for _ in 0..3 {
        assert!(unavailable(store.commit(&pen.batch(large.clone()))).starts_with("no space left for "));
    }
    assert!(matches!(store.probe(), Err(StoreError::Unavailable(text)) if text.starts_with("no space left for ")));
    assert_eq!(store.load(CENTRE).unwrap(), before, "reads go on and show nothing of it");

    store.connection.query_row("PRAGMA max_page_count = 1000000", [], |row| row.get::<_, i64>(0)).unwrap();
    store.probe().unwrap();
    store.commit(&saved.batch(large)).unwrap();
    assert_eq!(store.load(CENTRE).unwrap().entries.len(), before.entries.len() + 300);
}

#[test]
fn a_read_only_file_writes_nothing_and_is_left_behind() {
    let mut store = SqliteStore::throw_away().unwrap();
    let (mut pen, entries) = begun(&mut store, 3);
    let batch = pen.clone().batch([pen.call(1, 1)]);
    // Root writes to files that it may not: the connection refuses in their place, with the same code.
    store.connection.pragma_update(None, "query_only", true).unwrap();
    assert!(unavailable(store.commit(&batch)).contains("read-only"));
    assert!(matches!(store.probe(), Err(StoreError::Unavailable(text)) if text.contains("read-only")));
    assert_eq!(store.load(CENTRE).unwrap().entries, entries);
    assert_eq!(store.entries(CENTRE, 1, 2).unwrap(), entries[1..3]);

    store.connection.pragma_update(None, "query_only", false).unwrap();
    store.probe().unwrap();
    store.commit(&batch).unwrap();
}

#[test]
fn a_file_that_goes_away_takes_no_commits_until_it_is_back() {
    let dir = dir();
    let (file, aside) = (dir.path().join("siguiente.db"), dir.path().join("aside.db"));
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let (mut pen, entries) = begun(&mut store, 3);
    let batch = pen.clone().batch([pen.call(1, 1)]);
    fs::rename(&file, &aside).unwrap();
    assert!(unavailable(store.commit(&batch)).contains("is gone"));
    assert!(matches!(store.probe(), Err(StoreError::Unavailable(_))));
    assert_eq!(store.entries(CENTRE, 0, 10).unwrap(), entries, "reads go on");
    fs::copy(&aside, &file).unwrap();
    assert!(unavailable(store.commit(&batch)).contains("was replaced"));
    fs::rename(&aside, &file).unwrap();
    store.commit(&batch).unwrap();
    drop(store);
    assert_eq!(SqliteStore::open(dir.path()).unwrap().load(CENTRE).unwrap().entries.len(), 5);
}

#[test]
fn another_program_that_locks_the_file_is_waited_for_and_then_named() {
    let dir = dir();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let (mut pen, _) = begun(&mut store, 3);
    store.connection.busy_timeout(Duration::from_millis(10)).unwrap();
    let batch = pen.clone().batch([pen.call(1, 1)]);
    let other = Connection::open(dir.path().join("siguiente.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(unavailable(store.commit(&batch)).contains("another program"));
    other.execute_batch("ROLLBACK").unwrap();
    store.commit(&batch).unwrap();
}

#[test]
fn a_log_with_a_hole_is_told_and_not_skipped() {
    let mut store = SqliteStore::throw_away().unwrap();
    begun(&mut store, 5);
    store.connection.execute("DELETE FROM event WHERE rev = 3", []).unwrap();
    match store.load(CENTRE) {
        Err(StoreError::Broken { problem, .. }) => assert_eq!(problem, "entry 3 of branch 1 is missing"),
        other => panic!("{other:?}"),
    }
    store.connection.execute("DELETE FROM event WHERE rev > 2", []).unwrap();
    match store.load(CENTRE) {
        Err(StoreError::Broken { problem, .. }) => assert_eq!(problem, "the log of branch 1 should end at 6 and ends at 2"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_entry_that_cannot_be_read_is_named_without_its_text() {
    let mut store = SqliteStore::throw_away().unwrap();
    begun(&mut store, 5);
    store.connection.execute("UPDATE event SET json = replace(json, 'ticket_issued', 'ticket_vanished') WHERE rev = 6", []).unwrap();
    match store.load(CENTRE) {
        Err(StoreError::Broken { problem, .. }) => {
            assert!(problem.starts_with("entry 6 of branch 1 cannot be read") && !problem.contains("vanished"), "{problem}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_load_reads_only_what_is_behind_the_snapshot() {
    let mut store = SqliteStore::throw_away().unwrap();
    let (mut pen, _) = begun(&mut store, 500);
    store.commit(&Batch { snapshot: Some("{}".into()), ..pen.clone().batch([pen.issue(600)]) }).unwrap();
    let tail = pen.issue(601);
    store.commit(&pen.batch([tail.clone()])).unwrap();
    // Lines before the snapshot that could not be read do no harm to a load that does not read them.
    store.connection.execute("UPDATE event SET json = '{}' WHERE rev <= 501", []).unwrap();
    assert_eq!(store.load(CENTRE).unwrap().entries, [tail]);
    let mut plan = store
        .connection
        .prepare("EXPLAIN QUERY PLAN SELECT rev, at, key, json FROM event WHERE branch = ?1 AND rev > ?2 ORDER BY rev LIMIT ?3")
        .unwrap();
    let plan: Vec<String> = plan.query_map([1, 1, 1], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    assert_eq!(plan, ["SEARCH event USING PRIMARY KEY (branch=? AND rev>?)"]);
}

#[test]
fn a_line_of_the_audit_log_stays_what_it_is() {
    let mut store = SqliteStore::throw_away().unwrap();
    let told: Vec<_> = (1..=2_000).map(|at| people::line(at, AuditAction::DayClosed)).collect();
    store.record(CENTRE, &told.iter().cloned().map(Change::Audit).collect::<Vec<_>>()).unwrap();
    let before = store.reader().unwrap().audit(&AuditFilter::default(), None, usize::MAX).unwrap();
    let insert = "INTO audit (id, at, who, action, subject, detail) VALUES (2, 1, 'nobody', 'sign_in', '', '{}')";
    for sql in [
        "UPDATE audit SET subject = 'x'",
        "UPDATE audit SET id = 5000 WHERE id = 2",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 2",
        &format!("INSERT OR REPLACE {insert}"),
        &format!("REPLACE {insert}"),
        &format!("INSERT {insert} ON CONFLICT (id) DO UPDATE SET subject = 'x'"),
        "INSERT INTO audit (at, who, action, subject, detail) VALUES (1, 'nobody', 'sign_in', '', '[]')",
    ] {
        let error = store.connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("the audit log is only added to") || error.contains("CHECK constraint failed"), "{sql}: {error}");
    }
    assert_eq!(store.reader().unwrap().audit(&AuditFilter::default(), None, usize::MAX).unwrap(), before);

    let plan = |filter: &str| -> Vec<String> {
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {filter} ORDER BY id DESC LIMIT 50");
        let mut plan = store.connection.prepare(&sql).unwrap();
        plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(plan("branch = 1 AND id < 1000"), ["SEARCH audit USING INDEX audit_branch (branch=? AND id<?)"]);
    assert_eq!(plan("id < 1000"), ["SEARCH audit USING INTEGER PRIMARY KEY (rowid<?)"]);
}

#[test]
fn a_throw_away_database_leaves_nothing() {
    let mut store = SqliteStore::throw_away().unwrap();
    begun(&mut store, 3);
    let dir = store.place.file().parent().unwrap().to_owned();
    assert!(dir.starts_with(std::env::temp_dir()) && dir.join("siguiente.db").exists());
    drop(store);
    assert!(!dir.exists());
}
