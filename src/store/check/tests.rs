//! Owns the proof that a check finds what is not as the log says, in every table and column that is derived.

use rusqlite::Connection;

use super::{Checked, Problem};
use crate::office::arbitrary::{Sample, sample};
use crate::office::{Closed, Command, DeskId, Entry, Event, Key, Request, TicketId, UserId};
use crate::store::contract::{CENTRE, begun};
use crate::store::{Batch, Reports, SqliteStore, Store};

/// A database in which every table has rows: of two days, the last one with a desk that is open and pauses.
fn filled() -> (tempfile::TempDir, SqliteStore) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let mut office = Sample::new(sample());
    let keyed = |command, key: &str| Request { key: Key::try_from(key.to_owned()).ok(), ..Request::from(command) };
    let desk = DeskId(1);
    for day in 0..2 {
        let tickets: Vec<TicketId> = (0..4).map(|_| office.issue(1, 0)).collect();
        office.done(Command::OpenDesk { desk, take_over: false });
        office.request(keyed(Command::CallNext { desk }, &format!("call {day}"))).unwrap();
        office.done(Command::Finish { desk, ticket: None, outcome: None, note: Some("ñ".into()) });
        office.done(Command::Call { desk, ticket: tickets[2] });
        let to = Some(crate::office::ServiceId(2));
        office.done(Command::Transfer { desk, ticket: None, service: to, to: None, place: None });
        office.done(Command::PauseDesk { desk, reason: None });
        if day == 0 {
            office.pass(24 * 3_600_000);
            office.done(Command::TurnDay);
        }
    }
    store.load(CENTRE).unwrap();
    let snapshot = serde_json::to_string(&office.office).unwrap();
    store.commit(&Batch { branch: CENTRE, entries: office.log, snapshot: Some(snapshot) }).unwrap();
    (dir, store)
}

/// What a check finds after this was done to the database.
fn after(sql: &str) -> Checked {
    let (dir, store) = filled();
    let changed = Connection::open(dir.path().join("siguiente.db")).unwrap().execute(sql, []).unwrap();
    assert!(changed > 0, "{sql} changed nothing");
    store.reader().unwrap().check(CENTRE).unwrap()
}

#[test]
fn what_nobody_touched_is_sound() {
    let (_dir, mut store) = filled();
    let checked = store.reader().unwrap().check(CENTRE).unwrap();
    assert_eq!(checked.differences, []);
    assert!(checked.is_sound());
    assert_eq!(checked.tickets, 8);
    assert_eq!(checked.entries, store.entries(CENTRE, 0, usize::MAX).unwrap().len() as u64);
}

#[test]
fn every_column_that_is_derived_is_compared() {
    let (dir, store) = filled();
    let connection = Connection::open(dir.path().join("siguiente.db")).unwrap();
    let tables = ["ticket", "segment", "call", "idempotency", "counter", "desk_time", "pause"];
    let mut columns = Vec::new();
    for table in tables {
        let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1) WHERE name <> 'branch'").unwrap();
        let found = statement.query_map([table], |row| Ok((table, row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        columns.extend(found.map(Result::unwrap));
    }
    drop(store);
    assert!(columns.len() > 70, "{columns:?}");
    for (table, column, kind) in columns {
        // Another word where words are expected, else a value that no row has.
        let value = match (column.as_str(), kind.as_str()) {
            ("day", _) => "'2031-01-01'",
            ("channel", _) => "'rest'",
            ("lang", _) => "'en'",
            ("state", _) => "'booked'",
            ("cancelled_by", _) => "'staff'",
            ("ending", _) => "'left'",
            ("why", _) => "'lost'",
            ("reliable", _) => "1 - reliable",
            ("rank", _) => "7",
            (_, "TEXT") => "'Z-999'",
            (_, "BLOB") => "x'000102030405060708090a0b0c0d0e0f'",
            _ => "987654",
        };
        let pick = if table == "ticket" { "rowid = (SELECT max(rowid) FROM ticket)".to_owned() } else { first_row(&connection, table) };
        let checked = after(&format!("UPDATE {table} SET {column} = {value} WHERE {pick}"));
        // A pause is told of with its desk time.
        let named = if table == "pause" { "desk_time" } else { table };
        assert!(checked.differences.iter().any(|difference| difference.table == named), "{table}.{column} was changed and {checked:?}");
    }
}

/// A condition that one row of a table has.
fn first_row(connection: &Connection, table: &str) -> String {
    let keys: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0")
        .unwrap()
        .query_map([table], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let keys = keys.join(", ");
    format!("({keys}) = (SELECT {keys} FROM {table} LIMIT 1)")
}

#[test]
fn rows_that_are_gone_or_too_many_are_named() {
    for table in ["ticket", "segment", "call", "idempotency", "counter", "desk_time", "pause"] {
        let checked = after(&format!("DELETE FROM {table}"));
        let named = checked.differences.iter().filter(|difference| difference.table == table);
        assert!(named.clone().count() >= 1, "{table}: {checked:?}");
        assert!(named.into_iter().any(|difference| matches!(difference.problem, Problem::Count { found: 0, .. })), "{table}: {checked:?}");
    }
    let checked = after(
        "INSERT INTO desk_time (branch, day, rev, desk, opened_at, closed_at, why) SELECT branch, day, 9000, 8, opened_at, 1, 'left' FROM desk_time LIMIT 1",
    );
    let said: Vec<String> = checked.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["desk_time: the desk opened by entry 9000 of 2026-11-20 should not be there", "desk_time: all rows are 3 and should be 2"]
    );
}

#[test]
fn a_row_of_a_day_that_never_was_is_counted() {
    let checked = after("INSERT INTO counter (branch, day, series, serial, last) VALUES (1, '2001-01-01', 'A', 3, 3)");
    assert_eq!(checked.differences[0].to_string(), "counter: all rows are 3 and should be 2");
}

/// Everything of the database but the snapshot's text, as rows.
fn tables(connection: &Connection) -> Vec<String> {
    let row = |row: &rusqlite::Row<'_>| {
        let columns = row.as_ref().column_count();
        (0..columns).map(|column| row.get_ref(column).map(|cell| format!("{cell:?}"))).collect::<Result<Vec<_>, _>>()
    };
    let all = |table: &&str| {
        let mut rows: Vec<_> = connection
            .prepare(&format!("SELECT '{table}', * FROM {table}"))
            .unwrap()
            .query_map([], row)
            .unwrap()
            .map(|row| row.unwrap().join(" "))
            .collect();
        rows.sort_unstable();
        rows
    };
    ["branch", "event", "ticket", "segment", "call", "idempotency", "counter", "desk_time", "pause"].iter().flat_map(all).collect()
}

#[test]
fn what_was_changed_is_repaired_and_nothing_else() {
    let wrong = [
        "UPDATE ticket SET state = 'serving', calls = 9",
        "UPDATE ticket SET id = randomblob(16)",
        "UPDATE segment SET day = '2001-01-01' WHERE segment = 1",
        "DELETE FROM call",
        "UPDATE idempotency SET rev = 1",
        "DELETE FROM idempotency",
        "INSERT INTO counter (branch, day, series, serial, last) VALUES (1, '2001-01-01', 'A', 3, 3)",
        "DELETE FROM desk_time",
        "UPDATE pause SET ended_at = 7",
        "UPDATE branch SET day = '2001-01-01'",
        "UPDATE branch SET rev = rev - 1",
        "UPDATE snapshot SET json = '{}'",
        "UPDATE snapshot SET rev = rev - 1",
    ];
    for sql in wrong {
        let (dir, mut store) = filled();
        let connection = Connection::open(dir.path().join("siguiente.db")).unwrap();
        let before = tables(&connection);
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
        let found = store.repair(CENTRE).unwrap();
        assert!(found.found > 0, "{sql}");
        assert_eq!(tables(&connection), before, "{sql}");
        assert!(store.reader().unwrap().check(CENTRE).unwrap().is_sound(), "{sql}");
        assert!(store.repair(CENTRE).unwrap().is_sound());
        // The next start begins at the log's end.
        let loaded = store.load(CENTRE).unwrap();
        let rev = |json: &str| serde_json::from_str::<crate::office::Office>(json).unwrap().rev();
        assert_eq!((loaded.entries.len(), loaded.snapshot.as_deref().map(rev)), (0, Some(found.entries)), "{sql}");
    }
}

#[test]
fn rows_of_another_branch_are_left_and_those_moved_there_come_back() {
    let (dir, mut store) = filled();
    let mut pen = crate::store::contract::Pen::new(crate::store::contract::HARBOUR);
    store.load(pen.branch).unwrap();
    let entries = [pen.open(21), pen.issue(77)];
    store.commit(&pen.batch(entries)).unwrap();
    let connection = Connection::open(dir.path().join("siguiente.db")).unwrap();
    let before = tables(&connection);
    connection.execute("UPDATE ticket SET branch = 2, serial = serial + 100 WHERE branch = 1 AND code = 'A-001'", []).unwrap();
    assert!(store.repair(CENTRE).unwrap().found > 0);
    assert_eq!(tables(&connection), before);
    assert!(store.repair(pen.branch).unwrap().is_sound());
}

#[test]
fn a_log_that_is_broken_is_not_taken_for_the_truth() {
    let refused = |sql: &str, problem: &str| {
        let (dir, mut store) = filled();
        let connection = Connection::open(dir.path().join("siguiente.db")).unwrap();
        connection.execute_batch(sql).unwrap();
        let before = tables(&connection);
        match store.repair(CENTRE) {
            Err(crate::store::StoreError::Broken { problem: said, .. }) => assert!(said.contains(problem), "{sql}: {said}"),
            other => panic!("{sql}: {other:?}"),
        }
        assert_eq!(tables(&connection), before, "nothing was changed: {sql}");
    };
    refused("DELETE FROM event WHERE rev = 4", "entry 4 of branch 1 is missing");
    refused("UPDATE event SET json = '{}' WHERE rev = 4", "entry 4 of branch 1 cannot be read");
    refused("DELETE FROM event WHERE rev = (SELECT max(rev) FROM event)", "should end at");
    refused("UPDATE event SET json = json_set(json, '$.serial', 9) WHERE rev = 3", "number out of step");
    refused(
        "UPDATE event SET json = json_set(json, '$.ticket', '00000000000000000000000000000099') WHERE type = 'ticket_called'",
        "was not issued",
    );
}

#[test]
fn what_a_difference_says_names_the_row_and_hides_what_is_the_visitor_s() {
    let checked = after(
        "UPDATE ticket SET state = 'serving', name = 'Inés', token = x'000102030405060708090a0b0c0d0e0f' WHERE code = 'A-003' AND day = '2026-11-20'",
    );
    assert_eq!(
        checked.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["ticket: A-003 of 2026-11-20 is wrong: name, state is \"serving\" and should be \"expired\", token"]
    );
    let checked = after(
        "UPDATE segment SET service = 9 WHERE segment = 1 AND arrival = (SELECT issued_rev FROM ticket WHERE code = 'A-003' LIMIT 1)",
    );
    assert_eq!(
        checked.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["segment: A-003 of 2026-11-20, segment 1, is wrong: service is 9 and should be 1"]
    );
}

#[test]
fn the_end_of_the_log_and_the_snapshot_are_compared() {
    let said = |sql: &str| after(sql).differences.first().map(ToString::to_string).unwrap_or_default();
    assert!(said("UPDATE branch SET day = '2026-11-20'").starts_with("branch: its end is wrong"));
    assert!(said("UPDATE snapshot SET rev = rev + 1").ends_with("should not be there"));
    assert!(said("UPDATE snapshot SET json = '{}'").starts_with("snapshot: the one behind entry"));
    let said = said("UPDATE snapshot SET json = json_set(json, '$.calls', 77)");
    assert!(said.ends_with("is wrong: calls"), "{said}");
}

#[test]
fn a_log_that_was_changed_no_longer_gives_its_tables() {
    // Another desk called.
    let checked = after("UPDATE event SET json = json_set(json, '$.desk', 2) WHERE type = 'ticket_called'");
    assert!(["ticket", "segment", "call"].iter().all(|table| checked.differences.iter().any(|difference| difference.table == *table)));
    // One entry less, and the ones behind it moved up: nobody would see it in the log itself.
    let (dir, store) = filled();
    let connection = Connection::open(dir.path().join("siguiente.db")).unwrap();
    let issued: i64 = connection.query_row("SELECT min(rev) FROM event WHERE type = 'ticket_issued'", [], |row| row.get(0)).unwrap();
    connection.execute("DELETE FROM event WHERE rev = ?1", [issued]).unwrap();
    let last: i64 = connection.query_row("SELECT max(rev) FROM event", [], |row| row.get(0)).unwrap();
    for rev in issued + 1..=last {
        connection.execute("UPDATE event SET rev = rev - 1 WHERE rev = ?1", [rev]).unwrap();
    }
    connection.execute("UPDATE branch SET rev = rev - 1", []).unwrap();
    let checked = store.reader().unwrap().check(CENTRE).unwrap();
    assert!(checked.differences.iter().any(|difference| matches!(difference.problem, Problem::Log(_))), "{checked:?}");
}

#[test]
fn only_the_first_differences_are_named_and_all_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    begun(&mut store, 150);
    Connection::open(dir.path().join("siguiente.db")).unwrap().execute("UPDATE ticket SET calls = 3", []).unwrap();
    let checked = store.reader().unwrap().check(CENTRE).unwrap();
    assert_eq!((checked.differences.len(), checked.found, checked.is_sound()), (100, 150, false));
}

#[test]
fn a_desk_that_another_agent_took_over_is_two_times() {
    let mut store = SqliteStore::throw_away().unwrap();
    let (mut pen, _) = begun(&mut store, 1);
    let desk = DeskId(3);
    let opened = |agent| Event::DeskOpened { desk, session: None, agent: Some(UserId(agent)) };
    let entries: Vec<Entry> = [opened(1), opened(2), Event::DeskClosed { desk, why: Closed::Moved }].map(|event| pen.entry(event)).into();
    store.commit(&pen.batch(entries)).unwrap();
    assert!(store.reader().unwrap().check(CENTRE).unwrap().is_sound());
}
