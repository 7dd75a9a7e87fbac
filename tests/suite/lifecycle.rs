//! How the program begins and ends: exit codes of sysexits.h, clear texts, and an end in good order.

use std::path::Path;

use serde_json::{Value, json};
use siguiente::app::demo_office;
use siguiente::office::Event;
use siguiente::store::SqliteStore;

use crate::harness::{Client, Program, Ticket, far_from_midnight, http, log, program, within};

/// What a start that fails leaves behind: code, standard output, standard error.
async fn fails(args: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = program(args);
    command.envs(environment.iter().copied());
    let output = within(format!("{args:?} to end"), command.output()).await.expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("it ended by itself"), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn a_wrong_setting_is_told_before_a_port_opens() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let mut twice = demo_office();
    twice.services[1].prefix = "A".into();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let contradicts = file("twice.json", &serde_json::to_string(&twice).unwrap());
    let no_json = file("no.json", "{services: 3}");
    let unknown_key = file("key.json", &serde_json::to_string(&demo_office()).unwrap().replacen('{', r#"{"colour":"red","#, 1));
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let rows: &[Row<'_>] = &[
        (&["--prot=1"], &[], "--prot"),
        (&["serv"], &[], "serv"),
        (&["--bind=localhost"], &[], "--bind"),
        (&["--ping-interval=1"], &[], "--ping-interval"),
        (&["--log=loud"], &[], "loud"),
        (&[], &[("SIGUIENTE_BNID", "127.0.0.1:0")], "SIGUIENTE_BNID: did you mean SIGUIENTE_BIND?"),
        (&[], &[("SIGUIENTE_WORKERS", "0")], "SIGUIENTE_WORKERS"),
        (&["--office", &contradicts], &[], "services[1].prefix"),
        (&["--office", &no_json], &[], "no.json"),
        (&["--office", &unknown_key], &[], "colour"),
        (&["--office", "/nowhere/office.json"], &[], "/nowhere/office.json"),
    ];
    for (args, environment, text) in rows {
        let args = [&["--data", data], *args].concat();
        let (code, stdout, stderr) = fails(&args, environment).await;
        assert_eq!((code, stdout.as_str()), (64, ""), "{args:?} {environment:?}: {stderr}");
        assert!(stderr.contains(text), "{args:?} {environment:?}: {stderr}");
    }
    assert!(!Path::new(data).exists(), "nothing was touched");
    let (code, stdout, _) = fails(&["--help"], &[]).await;
    assert_eq!((code, stdout.contains("SIGUIENTE_BIND")), (0, true));
}

#[tokio::test]
async fn a_database_that_cannot_be_had_is_told_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let first = Program::serve(dir.path(), &[]).await;
    let (code, _, stderr) = fails(&["--bind=127.0.0.1:0", "--data", data], &[]).await;
    assert_eq!(code, 69, "{stderr}");
    assert!(stderr.contains("another siguiente uses"), "{stderr}");
    let bind = format!("--bind={}", first.address);
    let other = tempfile::tempdir().unwrap();
    let (code, _, stderr) = fails(&[&bind, "--data", other.path().to_str().unwrap()], &[]).await;
    assert_eq!(code, 69, "{stderr}");
    assert!(stderr.contains("cannot listen on"), "{stderr}");
    first.kill_9().await;

    drop(SqliteStore::open(dir.path()).unwrap());
    let file = dir.path().join("siguiente.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&file).unwrap();
    let (code, _, stderr) = fails(&["--bind=127.0.0.1:0", "--data", data], &[]).await;
    assert_eq!(code, 65, "{stderr}");
    assert!(stderr.contains("schema version 99") && stderr.contains("newer siguiente"), "{stderr}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "left untouched");

    std::fs::write(&file, b"my shopping list, which is longer than sixteen bytes").unwrap();
    let (code, _, stderr) = fails(&["--bind=127.0.0.1:0", "--data", data], &[]).await;
    assert_eq!(code, 65, "{stderr}");
    assert!(stderr.contains("not a database"), "{stderr}");
    assert_eq!(std::fs::read(&file).unwrap(), b"my shopping list, which is longer than sixteen bytes");
}

#[tokio::test]
async fn told_to_stop_it_answers_what_is_in_flight_tells_its_clients_and_keeps_everything() {
    let data = tempfile::tempdir().unwrap();
    let office = far_from_midnight(data.path());
    let mut acknowledged: Vec<(String, Ticket)> = Vec::new();
    for signal in ["TERM", "INT"] {
        let mut server = Program::serve(data.path(), &["--office", &office]).await;
        let mut kiosk = Client::connect(server.address).await;
        let mut idle = Client::connect(server.address).await;
        for (key, ticket) in &acknowledged {
            assert_eq!(kiosk.try_event("siguiente-ticket", json!({"clave": key})).await.unwrap().id, ticket.id);
        }
        let asked: Vec<_> =
            (0..2_000).map(|i| format!("{signal} {i}")).map(|key| (kiosk.ask("siguiente-ticket", json!({"clave": key})), key)).collect();
        kiosk.answer(asked[0].0).await.unwrap();
        server.signal(signal).await;
        assert_eq!(kiosk.expect_close().await, Some(1001), "{signal}");
        assert_eq!(idle.expect_close().await, Some(1001), "{signal}");
        assert_eq!(server.wait().await.code(), Some(0), "{signal}: {:?}", server.stderr.all());
        assert!(server.stderr.wait("the last line", |line| line.contains("stopped")).await.is_some());
        let mut answers = 1;
        for (id, key) in &asked[1..] {
            let Some(answer) = kiosk.answered(*id) else { continue };
            answers += 1;
            match answer["ok"].as_bool() {
                Some(true) => acknowledged.push((key.clone(), serde_json::from_value(answer["ticket"].clone()).unwrap())),
                _ => assert_eq!(answer["code"], "shutting_down"),
            }
        }
        println!("{signal}: {answers} of {} were answered", asked.len());
    }
    let issued: Vec<_> = log(data.path())
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::TicketIssued { ticket, number, .. } => Some((ticket.to_string(), number, entry.key)),
            _ => None,
        })
        .collect();
    assert!(issued.iter().map(|(_, number, _)| *number).eq(1..=issued.len() as u32), "no number is doubled or skipped");
    for (key, ticket) in &acknowledged {
        let stored = issued.iter().find(|(id, ..)| *id == ticket.id).unwrap_or_else(|| panic!("{key} is lost"));
        assert_eq!((stored.1, stored.2.as_ref().map(|key| key.as_str())), (ticket.numero, Some(key.as_str())));
    }
    // Nobody was told of a number that the end cut off: what is written was answered.
    assert_eq!(issued.len(), acknowledged.len() + 2, "the first of each round is not in the list");
}

#[tokio::test]
async fn a_health_check_tells_alive_from_dead() {
    let data = tempfile::tempdir().unwrap();
    let server = Program::serve(data.path(), &[]).await;
    let bind = format!("--bind={}", server.address);
    let url = format!("--url=http://{}/ready", server.address);
    for args in [["healthcheck", &bind], ["healthcheck", &url]] {
        let (code, _, stderr) = fails(&args, &[]).await;
        assert_eq!(code, 0, "{stderr}");
    }
    let missing = format!("--url=http://{}/nowhere", server.address);
    let (code, _, stderr) = fails(&["healthcheck", &missing], &[]).await;
    assert_eq!((code, stderr.contains("404")), (1, true), "{stderr}");
    server.kill_9().await;
    let (code, _, stderr) = fails(&["healthcheck", &bind], &[]).await;
    assert_eq!((code, stderr.contains("is not healthy")), (1, true), "{stderr}");
}

#[tokio::test]
async fn it_prints_its_pages_and_warns_when_the_network_can_reach_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Program::serve(data.path(), &[]).await;
    for page in ["", "kiosk", "desk", "display"] {
        let url = format!("http://localhost:{}/{page} ", server.address.port());
        assert!(server.stdout.wait(&url, |line| line.contains(&url)).await.is_some());
        assert_eq!(http(server.address, "GET", &format!("/{page}"), &[]).await.status, 200, "{page}");
    }
    server.kill_9().await;
    let server = Program::run(&["--bind=0.0.0.0:0", "--data", data.path().to_str().unwrap()]).await;
    let warning = server.stdout.wait("a warning", |line| line.starts_with("Warning:")).await.expect("a warning");
    assert!(warning.contains("without encryption"), "{warning}");
    assert!(server.stderr.wait("a warning in the log", |line| line.contains(" WARN ")).await.is_some());
    server.kill_9().await;
}

#[tokio::test]
async fn the_demo_moves_by_itself_and_leaves_nothing() {
    let mut server = Program::run(&["demo", "--bind=127.0.0.1:0", "--workers=1", "--visitors=3000/min"]).await;
    let mut display = crate::harness::Display::enter(server.address).await;
    for kind in ["emitido", "llamado"] {
        display.follow_to_change(kind).await;
    }
    server.signal("TERM").await;
    assert_eq!(server.wait().await.code(), Some(0));
}

#[tokio::test]
async fn the_log_names_no_visitor_and_no_secret() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Program::serve(data.path(), &["--log=trace"]).await;
    let mut client = Client::connect(server.address).await;
    let payload = json!({"nombre": "Zenobia", "clave": "key-of-zenobia"});
    let ticket = client.try_event("siguiente-ticket", payload).await.unwrap();
    client.emit("atender-ticket", json!({"escritorio": "Zenobia"}));
    client.emit("Zenobia", Value::Null);
    client.refused("finalizar", json!({"escritorio": 1, "ticket": "Zenobia"})).await;
    server.signal("TERM").await;
    assert_eq!(server.wait().await.code(), Some(0));
    let own: Vec<_> = server.stderr.all();
    assert!(own.iter().any(|line| line.contains("stopped")), "{own:?}");
    for secret in ["Zenobia", "key-of-zenobia", ticket.token.as_deref().unwrap()] {
        let told: Vec<_> = own.iter().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }
}
