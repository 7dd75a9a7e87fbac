//! The verbs that work on a database: export, backup, restore, check, report, certificate. With the real program, on databases that a real
//! server has filled, while it runs and when it does not.

mod accounts;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};
use siguiente::app::demo_office;
use siguiente::store::SqliteStore;
use tempfile::TempDir;

use crate::harness::{Client, Program, Ticket, far_from_midnight, program, within};

/// What a run of the program leaves behind.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn well(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// Standard error, when it ended with this code.
    #[track_caller]
    fn badly(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.starts_with("siguiente: ") || code == 64, "{}", self.stderr);
        self.stderr
    }

    fn json(self) -> Value {
        serde_json::from_str(&self.well()).expect("JSON")
    }
}

async fn run(data: &Path, args: &[&str]) -> Ran {
    let mut command = program(args);
    command.arg("--data").arg(data);
    let output = within(format!("{args:?} to end"), command.output()).await.expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code().expect("it ended by itself"), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// A morning: five numbers, two of them served with a note, one missed.
struct Morning {
    dir: TempDir,
    server: Program,
    tickets: Vec<Ticket>,
}

impl Morning {
    async fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let office = far_from_midnight(dir.path());
        let server = Program::serve(dir.path(), &["--office", &office, "--log=warn"]).await;
        let mut client = Client::connect(server.address).await;
        let mut tickets = Vec::new();
        for (service, name) in [("A", "=Ana, \"Pérez\""), ("A", "مريم"), ("B", "Bo"), ("A", "Cy"), ("C", "Di")] {
            let payload = json!({"servicio": service, "nombre": name, "clave": format!("clave-secreta-{name}")});
            tickets.push(client.try_event("siguiente-ticket", payload).await.expect("a number"));
        }
        let mut desks = Vec::new();
        for desk in [1, 2, 3] {
            let mut agent = Client::connect_for_desk(server.address, desk).await;
            agent.try_event("atender-ticket", json!({"escritorio": desk})).await.expect("somebody waits");
            desks.push((desk, agent));
        }
        for (desk, agent) in &mut desks[..2] {
            agent.try_event("iniciar", json!({"escritorio": desk})).await.expect("a called ticket");
            let payload = json!({"escritorio": desk, "nota": "nota-privada"});
            agent.try_event("finalizar", payload).await.expect("a served ticket");
        }
        desks[2].1.try_event("ausente", json!({"escritorio": 3})).await.expect("a called ticket");
        Self { dir, server, tickets }
    }

    fn data(&self) -> &Path {
        self.dir.path()
    }

    /// The business day, as the database has it.
    fn day(&self) -> String {
        database(self.data()).query_row("SELECT day FROM ticket LIMIT 1", [], |row| row.get(0)).unwrap()
    }

    async fn end(self) -> TempDir {
        let Self { dir, mut server, .. } = self;
        server.signal("TERM").await;
        assert_eq!(server.wait().await.code(), Some(0), "{:?}", server.stderr.all());
        dir
    }
}

fn database(data: &Path) -> Connection {
    Connection::open(data.join("siguiente.db")).unwrap()
}

#[tokio::test]
async fn what_a_server_holds_is_written_out_while_it_runs_and_tells_no_secret() {
    let morning = Morning::begin().await;
    let (data, day) = (morning.data(), morning.day());
    let tickets = run(data, &["export"]).await.well();
    let rows: Vec<&str> = tickets.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 6, "{tickets}");
    assert!(rows[0].starts_with("branch,day,ticket,code,number,service,") && !rows[0].contains("name"), "{tickets}");
    let first = format!("1,{day},{},A-001,1,caja,normal,live,es,finished,1,", morning.tickets[0].id);
    assert!(rows[1].starts_with(&first), "{first} does not begin {}", rows[1]);

    let named = run(data, &["export", "--names"]).await.well();
    assert!(named.contains(",\"'=Ana, \"\"Pérez\"\"\",nota-privada\r\n"), "{named}");
    let segments = run(data, &["export", "--what=segments", "--format=json"]).await.json();
    let ends: Vec<&Value> = segments.as_array().unwrap().iter().map(|segment| &segment["end"]).collect();
    assert_eq!(ends, [&json!("finished"), &json!("finished"), &json!("missed"), &Value::Null, &Value::Null]);
    let calls = run(data, &["export", "--what=calls", "--format=json"]).await.json();
    let codes: Vec<_> = calls.as_array().unwrap().iter().map(|call| (call["code"].as_str().unwrap(), call["desk"].as_u64())).collect();
    assert_eq!(codes, [("A-001", Some(1)), ("A-002", Some(2)), ("B-001", Some(3))]);
    let events = run(data, &["export", "--what=events", "--format=json"]).await.json();
    let revs = events.as_array().unwrap().iter().map(|event| event["rev"].as_u64().unwrap());
    assert!(revs.eq(1..=events.as_array().unwrap().len() as u64), "every entry of the log");

    let secrets: Vec<&str> = morning.tickets.iter().map(|ticket| ticket.token.as_deref().unwrap()).chain(["clave-secreta"]).collect();
    for what in ["tickets", "segments", "calls", "events", "audit"] {
        for format in ["csv", "json"] {
            let asked = ["export", "--what", what, "--format", format];
            let plain = run(data, &asked).await.well();
            let named = run(data, &[&asked[..], &["--names"]].concat()).await.well();
            for secret in &secrets {
                assert!(!plain.contains(secret) && !named.contains(secret), "{secret} in {what} as {format}");
            }
            for personal in ["Pérez", "مريم", "nota-privada"] {
                assert!(!plain.contains(personal), "{personal} in {what} as {format}");
                assert_eq!(named.contains(personal), matches!(what, "tickets" | "events"), "{personal} in {what} as {format}");
            }
        }
    }

    let none = run(data, &["export", "--from=2001-01-01", "--to=2001-12-31", "--what=events", "--format=json"]).await.json();
    assert_eq!(none, json!([]));
    let file = data.join("today.csv");
    assert_eq!(run(data, &["export", "--from", &day, "--to", &day, path(&file)]).await.well(), "");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), tickets);
    run(data, &["export", "/nowhere/tickets.csv"]).await.badly(74);
}

#[tokio::test]
async fn the_audit_log_is_written_out_the_newest_line_first() {
    let morning = Morning::begin().await;
    let data = morning.data();
    let mut desk = Client::connect_for_desk(morning.server.address, 1).await;
    assert_eq!(desk.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await["ok"], true);
    desk.try_event("cancelar-ticket", json!({"ticket": "C-001"})).await.expect("it waits");
    let audit = run(data, &["export", "--what=audit", "--format=json"]).await.json();
    let lines = audit.as_array().unwrap();
    assert!(lines.windows(2).all(|pair| pair[0]["id"].as_u64() > pair[1]["id"].as_u64()), "{audit}");
    let line = lines.iter().find(|line| line["action"] == "ticket_cancelled").expect("who cancels another's ticket is told");
    assert_eq!((&line["branch"], &line["subject"], &line["detail"]), (&json!(1), &json!("C-001"), &json!({})), "{line}");
    assert!(line["at"].as_str().is_some_and(|at| at.ends_with("+00:00")) && line["address"] == "127.0.0.1", "{line}");
    let of_branch = run(data, &["export", "--what=audit", "--branch=1", "--format=json"]).await.json();
    let own: Vec<_> = lines.iter().filter(|line| line["branch"] == 1).collect();
    assert!(own.len() < lines.len() && of_branch.as_array().unwrap().iter().eq(own), "{of_branch}");
    let sheet = run(data, &["export", "--what=audit"]).await.well();
    assert!(sheet.starts_with("branch,id,at,by,by_id,by_name,address,action,subject,detail\r\n"), "{sheet}");
    assert_eq!(sheet.split_terminator("\r\n").count(), lines.len() + 1, "{sheet}");

    let none = run(data, &["export", "--from=2001-01-01", "--to=2001-12-31", "--what=audit"]).await.well();
    assert_eq!(none.lines().count(), 1, "{none}");
}

#[tokio::test]
async fn figures_and_certificates_are_printed_while_the_server_runs() {
    let morning = Morning::begin().await;
    let (data, day) = (morning.data(), morning.day());
    let text = run(data, &["report"]).await.well();
    assert!(text.starts_with(&format!("Oficina Centro (branch 1), {day}, UTC\n")), "{text}");
    for line in ["tickets                    5", "called                     3", "did not come when called   33 % (1 of 3)"] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let services = run(data, &["report", "--day", &day, "--by=service"]).await.well();
    let caja = services.lines().find(|line| line.starts_with("Caja ")).unwrap_or_else(|| panic!("no line in\n{services}"));
    assert_eq!(caja.split_whitespace().skip(1).take(5).collect::<Vec<_>>(), ["3", "3", "2", "2", "0"], "{services}");
    let json = run(data, &["report", "--by=desk", "--format=json"]).await.json();
    assert_eq!((&json["from"], &json["to"], &json["by"], &json["answer_within"]), (&json!(day), &json!(day), &json!("desk"), &json!(900)));
    let lines = json["lines"].as_array().unwrap();
    let desks: Vec<_> = lines.iter().map(|line| (line["group"].as_u64(), line["finished"].as_u64().unwrap())).collect();
    assert_eq!(desks, [(Some(1), 1), (Some(2), 1), (Some(3), 0), (None, 0)]);
    let csv = run(data, &["report", "--by=priority", "--format=csv"]).await.well();
    assert!(csv.starts_with("group,tickets,stays,") && csv.contains("\r\nnormal,5,5,"), "{csv}");
    let quiet = run(data, &["report", "--day=2001-01-01", "--to=2001-12-31", "--by=day"]).await.well();
    assert!(quiet.ends_with("nobody came and no desk was open\n"), "{quiet}");

    let paper = run(data, &["certificate", "--code=a-001", "--day", &day]).await.well();
    for part in ["Oficina Centro\n", &format!("Ticket A-001 of {day} (UTC)"), "name           =Ana", "called, Escritorio 1", "finished"] {
        assert!(paper.contains(part), "{part} is not in\n{paper}");
    }
    let papers = run(data, &["certificate", "--code=B-001", "--format=json"]).await.json();
    assert_eq!((papers.as_array().unwrap().len(), &papers[0]["state"], &papers[0]["calls"]), (1, &json!("missed"), &json!(1)));
    let token = morning.tickets[0].token.as_deref().unwrap();
    assert!(!paper.contains(token) && !papers.to_string().contains("nota-privada"));
    let missing = run(data, &["certificate", "--code=A-099", "--day", &day]).await.badly(1);
    assert_eq!(missing, format!("siguiente: there is no ticket A-099 of {day}\n"));
}

#[tokio::test]
async fn a_backup_is_restored_elsewhere_and_in_place_and_holds() {
    let morning = Morning::begin().await;
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    let events = run(morning.data(), &["export", "--what=events", "--names"]).await.well();
    let entries = events.split_terminator("\r\n").count() - 1;
    let said = run(morning.data(), &["backup", path(&copy)]).await.well();
    assert!(said.contains(&format!("branch 1: {entries} entries\n")), "{said}");
    let said = run(morning.data(), &["backup", path(&copy)]).await.badly(74);
    assert!(said.contains("is there already"), "{said}");
    let said = run(morning.data(), &["check"]).await.well();
    assert_eq!(said, format!("branch 1: {entries} entries, 5 tickets: the tables are what the log says\n"));

    let elsewhere = tempfile::tempdir().unwrap();
    let said = run(elsewhere.path(), &["restore", path(&copy)]).await.well();
    assert!(said.contains("there was no database before\n"), "{said}");
    run(elsewhere.path(), &["check"]).await.well();
    assert_eq!(run(elsewhere.path(), &["export", "--what=events", "--names"]).await.well(), events);

    // Something happens after the backup, and is undone with it.
    let mut client = Client::connect(morning.server.address).await;
    let token = morning.tickets[3].token.clone().unwrap();
    client.try_event("cancelar-ticket", json!({"token": token})).await.expect("it waits");
    let epoch = |data: &Path| -> String { database(data).query_row("SELECT epoch FROM branch", [], |row| row.get(0)).unwrap() };
    let before = epoch(morning.data());
    let data = morning.end().await;
    let data = data.path();
    let later = run(data, &["export", "--what=events", "--names"]).await.well();
    assert_ne!(later, events);
    let said = run(data, &["restore", path(&copy)]).await.well();
    assert_eq!(run(data, &["export", "--what=events", "--names"]).await.well(), events);
    let new = epoch(data);
    assert_ne!(new, before, "no client takes it for the log that it knew");
    assert!(said.contains(&format!("branch 1: {entries} entries, new epoch {new}\n")), "{said}");
    let kept = said.lines().find_map(|line| line.strip_prefix("the database that was there is kept as ")).expect(&said);
    let old = tempfile::tempdir().unwrap();
    std::fs::copy(kept, old.path().join("siguiente.db")).unwrap();
    assert_eq!(run(old.path(), &["export", "--what=events", "--names"]).await.well(), later);

    // And the server goes on with it.
    let server = Program::serve(data, &["--log=warn"]).await;
    let mut client = Client::connect(server.address).await;
    let ticket = client.try_event("siguiente-ticket", json!({"servicio": "A"})).await.expect("a number");
    assert_eq!(ticket.codigo, "A-004");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_of_one_moment_and_lacks_nothing_that_was_acknowledged() {
    const KIOSKS: usize = 8;
    let dir = tempfile::tempdir().unwrap();
    let office = far_from_midnight(dir.path());
    let server = Program::serve(dir.path(), &["--office", &office, "--log=warn"]).await;
    let (acknowledged, mut seen) = tokio::sync::watch::channel(0u64);
    let acknowledged = std::sync::Arc::new(acknowledged);
    let crowd: Vec<_> = (0..KIOSKS)
        .map(|kiosk| {
            let (address, acknowledged) = (server.address, acknowledged.clone());
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                loop {
                    let done = if kiosk == 0 {
                        client.try_event_while_it_lasts("atender-ticket", json!({"escritorio": 1})).await.map(drop)
                    } else {
                        let taken = client.try_event_while_it_lasts("siguiente-ticket", json!({})).await;
                        taken.map(|ticket| acknowledged.send_modify(|count| *count += u64::from(ticket.is_ok())))
                    };
                    if done.is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    let mut before = 0;
    for round in 1..=3 {
        let more = within("fifty more numbers", seen.wait_for(|count| *count >= before + 50)).await.map(|count| *count);
        before = more.expect("the crowd is there");
        let place = tempfile::tempdir().unwrap();
        let copy = place.path().join("siguiente.db");
        run(dir.path(), &["backup", path(&copy)]).await.well();
        run(place.path(), &["check"]).await.well();
        let tickets: i64 = database(place.path()).query_row("SELECT count(*) FROM ticket", [], |row| row.get(0)).unwrap();
        assert!(tickets as u64 >= before, "round {round}: {before} were acknowledged, and {tickets} are in the copy");
    }
    run(dir.path(), &["check"]).await.well();
    server.kill_9().await;
    for kiosk in crowd {
        within("a kiosk to notice", kiosk).await.unwrap();
    }
    run(dir.path(), &["check"]).await.well();
}

#[tokio::test]
async fn what_somebody_changed_in_the_tables_is_found_and_named() {
    let dir = Morning::begin().await.end().await;
    let data = dir.path();
    assert!(!data.join("siguiente.db-wal").exists(), "a program that has ended leaves one file");
    for (change, table, row) in [
        ("UPDATE ticket SET state = 'waiting' WHERE code = 'A-001'", "ticket", "A-001 of "),
        ("UPDATE ticket SET rank = 1, token = zeroblob(16) WHERE code = 'A-002'", "ticket", "A-002 of "),
        ("UPDATE segment SET ended_at = ended_at + 1000 WHERE service = 2", "segment", "B-001 of "),
        ("DELETE FROM call WHERE seq = 2", "call", "call 2"),
        ("UPDATE counter SET last = last + 1 WHERE series = 'A'", "counter", "series A of "),
        ("DELETE FROM idempotency", "idempotency", "the key of entry"),
        ("DELETE FROM desk_time WHERE desk = 3", "desk_time", "the desk opened by entry "),
    ] {
        let place = tempfile::tempdir().unwrap();
        std::fs::copy(data.join("siguiente.db"), place.path().join("siguiente.db")).unwrap();
        assert!(database(place.path()).execute(change, []).unwrap() > 0, "{change}");
        let ran = run(place.path(), &["check"]).await;
        let named = ran.stdout.lines().any(|line| line.trim_start().starts_with(&format!("{table}: ")) && line.contains(row));
        assert!(named, "{change} is not in\n{}", ran.stdout);
        assert!(!ran.stdout.contains(&"0".repeat(32)) && !ran.stdout.contains("Pérez"), "what is private is not shown: {}", ran.stdout);
        let said = ran.badly(1);
        assert!(said.contains("not what the log says"), "{said}");
        let copy = place.path().join("copy.db");
        run(place.path(), &["backup", path(&copy)]).await.well();
        let other = tempfile::tempdir().unwrap();
        let said = run(other.path(), &["restore", path(&copy)]).await.badly(65);
        assert!(said.contains("not what the log of branch 1 says"), "{said}");
        let said = run(place.path(), &["check", "--repair"]).await.well();
        let last = "branch 1: its tables were derived again from the log, and hold now";
        assert!(said.lines().any(|line| line.contains(row)) && said.lines().last() == Some(last), "{said}");
        let said = run(place.path(), &["check", "--repair"]).await.well();
        assert_eq!((said.lines().count(), said.contains("the tables are what the log says")), (1, true), "{said}");
    }
    let gap = database(data).execute("DELETE FROM event WHERE rev = 4", []);
    assert_eq!(gap.unwrap(), 1);
    let said = run(data, &["check"]).await.badly(65);
    assert!(said.contains("entry 4 of branch 1 is missing"), "{said}");
    let said = run(data, &["check", "--repair"]).await.badly(65);
    assert!(said.contains("entry 4 of branch 1 is missing"), "{said}");
}

#[tokio::test]
async fn nothing_is_restored_or_repaired_while_the_server_runs() {
    let morning = Morning::begin().await;
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    run(morning.data(), &["backup", path(&copy)]).await.well();
    for verb in [&["restore", path(&copy)][..], &["check", "--repair"]] {
        let said = run(morning.data(), verb).await.badly(69);
        assert!(said.contains("another siguiente uses"), "{said}");
    }
    let mut client = Client::connect(morning.server.address).await;
    assert_eq!(client.try_event("siguiente-ticket", json!({"servicio": "A"})).await.expect("a number").codigo, "A-004");
    let dir = morning.end().await;
    let said = run(dir.path(), &["check"]).await.well();
    assert!(said.contains("6 tickets"), "{said}");
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_changes_nothing() {
    let dir = Morning::begin().await.end().await;
    let data = dir.path();
    let events = run(data, &["export", "--what=events"]).await.well();
    let here = files(data);
    let copies = tempfile::tempdir().unwrap();
    let copy = |name: &str| -> PathBuf { copies.path().join(name) };
    run(data, &["backup", path(&copy("good.db"))]).await.well();
    let tampered = |name: &str, pragma: &str, value: i64| {
        std::fs::copy(copy("good.db"), copy(name)).unwrap();
        Connection::open(copy(name)).unwrap().pragma_update(None, pragma, value).unwrap();
    };
    tampered("newer.db", "user_version", 99);
    tampered("other.db", "application_id", 7);
    std::fs::write(copy("list.txt"), "my shopping list, which is longer than sixteen bytes").unwrap();
    std::fs::write(copy("empty.db"), "").unwrap();
    let mut bytes = std::fs::read(copy("good.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(copy("damaged.db"), &bytes).unwrap();
    std::fs::write(copy("half.db"), &std::fs::read(copy("good.db")).unwrap()[..middle]).unwrap();
    for (name, code, text) in [
        ("newer.db", 65, "schema version 99"),
        ("other.db", 65, "the database of another program"),
        ("list.txt", 65, "not a database"),
        ("empty.db", 74, "there is no database in"),
        ("missing.db", 74, "there is no database in"),
        ("damaged.db", 65, "damaged"),
        ("half.db", 65, "damaged"),
    ] {
        let said = run(data, &["restore", path(&copy(name))]).await.badly(code);
        assert!(said.contains(text), "{name}: {said}");
        assert_eq!(files(data), here, "{name}");
        assert_eq!(run(data, &["export", "--what=events"]).await.well(), events, "{name}");
    }
}

/// The names of what is in a folder, without what SQLite puts there while it reads.
fn files(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told() {
    let dir = tempfile::tempdir().unwrap();
    for verb in [&["check"][..], &["report"], &["export"], &["backup", "copy.db"], &["certificate", "--code=A-001"]] {
        let said = run(dir.path(), verb).await.badly(74);
        assert!(said.contains("there is no database in"), "{verb:?}: {said}");
    }
    assert_eq!(files(dir.path()), [""; 0], "nothing was made");

    let office = dir.path().join("office.json");
    let branch = |id: u32, name: &str| {
        let mut settings = serde_json::to_value(demo_office()).unwrap();
        (settings["id"], settings["name"]) = (json!(id), json!(name));
        settings
    };
    std::fs::write(&office, json!({"branches": [branch(1, "Centro"), branch(3, "Puerto")]}).to_string()).unwrap();
    let mut server = Program::serve(dir.path(), &["--office", path(&office)]).await;
    server.signal("TERM").await;
    server.wait().await;
    assert_eq!(run(dir.path(), &["check"]).await.well().lines().count(), 2);
    let said = run(dir.path(), &["report"]).await.badly(64);
    assert!(said.contains("--branch must say which one; there are: 1, 3"), "{said}");
    assert!(run(dir.path(), &["report", "--branch=3"]).await.well().starts_with("Puerto (branch 3)"));
    for verb in [&["check"][..], &["report"], &["export"], &["certificate", "--code=A-001"]] {
        let said = run(dir.path(), &[verb, &["--branch=2"]].concat()).await.badly(64);
        assert!(said.contains("there is no branch 2; there are: 1, 3"), "{verb:?}: {said}");
    }
    for (args, text) in [
        (&["export", "--format=xml"][..], "--format"),
        (&["report", "--day=tomorrow"], "not a day such as"),
        (&["report", "--day=2026-11-21", "--to=2026-11-20"], "comes before"),
        (&["restore"], "FILE"),
    ] {
        let said = run(dir.path(), args).await.badly(64);
        assert!(said.contains(text), "{args:?}: {said}");
    }

    drop(SqliteStore::open(dir.path()).unwrap());
    database(dir.path()).pragma_update(None, "user_version", 99).unwrap();
    for verb in [&["check"][..], &["report"], &["export"], &["certificate", "--code=A-001"]] {
        let said = run(dir.path(), verb).await.badly(65);
        assert!(said.contains("schema version 99"), "{verb:?}: {said}");
    }
}
