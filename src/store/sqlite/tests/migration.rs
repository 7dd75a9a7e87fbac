//! What an older program wrote is what this one reads.

use rusqlite::params;
use rusqlite_migration::Migrations;

use super::*;
use crate::office::{DeskId, Entry, Event, Millis, Place, Role, Ticket, User, UserId};
use crate::store::Reports;
use crate::store::contract::{Pen, date};

/// The log of two days, with what the office could do then.
fn log() -> Vec<Entry> {
    let mut pen = Pen::new(CENTRE);
    let (ticket, desk) = (TicketId, DeskId(4));
    let mut log = vec![pen.open(20)];
    log.extend((1..=6).map(|id| keyed(pen.issue(id), &format!("key {id}"))));
    log.extend([pen.issue_in("B", 7), pen.call(1, 4), pen.recall(1, 4)]);
    log.push(pen.entry(Event::ServiceStarted { ticket: ticket(1), desk, auto: false }));
    let finished = |id, reliable| Event::TicketFinished { ticket: ticket(id), desk, reliable, auto: false, outcome: None, note: None };
    log.extend([pen.entry(finished(1, true)), pen.call(2, 4), pen.entry(Event::TicketMissed { ticket: ticket(2), desk })]);
    log.extend([pen.call(3, 4), pen.entry(Event::TicketRequeued { ticket: ticket(3), desk, place: Place::Last })]);
    log.extend([pen.call(4, 4), pen.entry(finished(4, false))]);
    log.extend([3, 5, 6, 7].map(|id| pen.entry(Event::TicketExpired { ticket: ticket(id) })));
    log.extend([pen.entry(Event::DayClosed { date: date(20) }), pen.open(21), pen.issue(8), pen.issue(9), pen.call(8, 2)]);
    log
}

/// A database as the third version of the schema had it, filled as it was filled then.
fn older(dir: &Path) -> Vec<Entry> {
    let mut connection = Connection::open(dir.join("siguiente.db")).unwrap();
    Migrations::from_slice(&schema::STEPS[..3]).to_latest(&mut connection).unwrap();
    let log = log();
    connection.execute("INSERT INTO branch (id, epoch, rev, day) VALUES (1, 'old', ?1, '2026-11-21')", [log.len() as i64]).unwrap();
    connection.execute("INSERT INTO snapshot (branch, rev, json) VALUES (1, ?1, '{}')", [log.len() as i64]).unwrap();
    for Entry { rev, at, key, event } in &log {
        let (rev, json) = (*rev as i64, serde_json::to_string(event).unwrap());
        let key = key.as_ref().map(Key::as_str);
        connection
            .execute("INSERT INTO event (branch, rev, at, key, json) VALUES (1, ?1, ?2, ?3, ?4)", params![rev, at.0, key, json])
            .unwrap();
        let id = event.ticket().map(|ticket| ticket.0.to_be_bytes());
        if let Some(key) = key {
            connection.execute("INSERT INTO idempotency (branch, key, ticket, rev) VALUES (1, ?1, ?2, ?3)", params![key, id, rev]).unwrap();
        }
        if let Event::TicketCalled { desk, call, calls, .. } | Event::TicketRecalled { desk, call, calls, .. } = event {
            let values = params![*call as i64, rev, id, desk.0, at.0, calls];
            connection
                .execute("INSERT INTO call (branch, seq, rev, ticket, desk, at, calls) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)", values)
                .unwrap();
        }
    }
    for (id, role) in [(1_u128, "agent"), (2, "admin")] {
        let values = params![id.to_be_bytes(), format!("Ana {id}"), role, 5 * id as i64];
        connection.execute("INSERT INTO user (id, name, role, created_at) VALUES (?1, ?2, ?3, ?4)", values).unwrap();
    }
    connection.execute("INSERT INTO note (id, user, sender, text, sent_at) VALUES (?1, ?1, 'x', 'y', 1)", [1_u128.to_be_bytes()]).unwrap();
    let mut day = "";
    for (place, entry) in log.iter().enumerate() {
        day = if let Event::DayOpened { .. } = entry.event { if day.is_empty() { "2026-11-20" } else { "2026-11-21" } } else { day };
        let Some(mut ticket) = Ticket::issued(&entry.event, entry.at) else { continue };
        let id = ticket.id;
        let about = log[place + 1..].iter().filter(|later| later.event.ticket() == Some(id));
        let mut last = entry.rev;
        for later in about {
            ticket.apply(&later.event, later.at);
            last = later.rev;
        }
        let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        connection
            .execute(
                "INSERT INTO ticket (id, branch, day, code, number, service, rank, channel, lang, name, token, state, desk, calls, issued_at,
                    first_called_at, last_called_at, started_at, ended_at, reliable, issued_rev, rev)
                 VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, 'live', ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
                params![
                    ticket.id.0.to_be_bytes(),
                    day,
                    ticket.code,
                    ticket.number,
                    ticket.service.0,
                    ticket.rank.0,
                    word(serde_json::to_value(ticket.lang).unwrap()),
                    ticket.name,
                    ticket.token.0.to_be_bytes(),
                    word(serde_json::to_value(ticket.state).unwrap()),
                    ticket.desk.map(|desk| desk.0),
                    ticket.calls,
                    ticket.issued_at.0,
                    ticket.first_called_at.map(|at| at.0),
                    ticket.last_called_at.map(|at| at.0),
                    ticket.started_at.map(|at| at.0),
                    ticket.ended_at.map(|at| at.0),
                    ticket.reliable,
                    entry.rev as i64,
                    last as i64,
                ],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO counter (branch, day, series, last) VALUES (1, ?1, ?2, ?3) ON CONFLICT (branch, day, series) DO UPDATE SET last = ?3",
                params![day, ticket.code.split_once('-').unwrap().0, ticket.number],
            )
            .unwrap();
    }
    log
}

#[test]
fn an_older_database_is_migrated_with_its_rows() {
    let dir = dir();
    let log = older(dir.path());
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let loaded = store.load(CENTRE).unwrap();
    assert_eq!((loaded.epoch.as_str(), loaded.snapshot, loaded.entries), ("old", None, log.clone()));
    let mut reports = store.reader().unwrap();
    assert_eq!(reports.check(CENTRE).unwrap().differences, []);
    assert_eq!(store.keyed(CENTRE, &key("key 3")).unwrap().unwrap().id, TicketId(3));
    assert_eq!(reports.history(CENTRE, TicketId(1)).unwrap().len(), 5);

    // Who was there works everywhere as before, and does not sign in.
    let directory = store.directory(CENTRE).unwrap();
    let known = |id, role, at| User::new(UserId(id), format!("Ana {id}"), role, Millis(at));
    assert_eq!(directory.users, [known(1, Role::Agent, 5), known(2, Role::Admin, 10)]);
    assert_eq!((directory.notes.len(), directory.passwords.len(), directory.logins.len(), directory.devices.len()), (1, 0, 0, 0));

    // The numbers go on where they were.
    let mut pen = Pen::new(CENTRE);
    pen.open(20);
    (0..10).for_each(|id| drop(pen.issue(id)));
    let mut next = |id: u128, serial: u32| {
        let mut entry = pen.issue(100 + id);
        entry.rev = log.len() as u64 + 1;
        if let Event::TicketIssued { serial: of, number, code, .. } = &mut entry.event {
            (*of, *number, *code) = (Some(serial), serial, format!("A-{serial:03}"));
        }
        entry
    };
    assert!(unavailable(store.commit(&Pen::new(CENTRE).batch([next(1, 1)]))).contains("does not follow 2"));
    store.commit(&Pen::new(CENTRE).batch([next(1, 3)])).unwrap();
    assert_eq!(reports.check(CENTRE).unwrap().differences, []);
}

#[test]
fn a_reader_brings_an_older_database_up_to_date() {
    let dir = dir();
    older(dir.path());
    let mut reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.check(CENTRE).unwrap().differences, []);
    assert_eq!(reader.version().unwrap(), schema::KNOWN);
}
