//! The verbs on accounts: `user add|list|password|disable`, `device list|revoke`, between runs of a server and refused beside one.

use std::path::Path;

use serde_json::{Value, json};

use super::{path, run};
use crate::harness::badge::{ACCOUNT, sign_in};
use crate::harness::{Program, rest, rest_answer};

const FIRST: &str = "batería correcta";
const SECOND: &str = "grapa de caballo";

/// A file with this password, as editors write it.
fn secret(dir: &Path, name: &str, password: &str) -> String {
    let file = dir.join(name);
    std::fs::write(&file, format!("{password}\r\n")).unwrap();
    path(&file).to_owned()
}

/// Whether somebody signs in with it: the status.
async fn tried(server: &Program, account: &str, password: &str) -> u16 {
    let body = json!({"acceso": account, "clave": password, "portador": true});
    rest_answer(server.address, "POST", "/session", &["Authorization: none"], body).await.status
}

async fn end(mut server: Program) {
    server.signal("TERM").await;
    assert_eq!(server.wait().await.code(), Some(0), "{:?}", server.stderr.all());
}

#[tokio::test]
async fn users_are_made_changed_and_disabled_without_a_server_and_refused_beside_one() {
    let (dir, secrets) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = dir.path();
    let (first, second, weak) =
        (secret(secrets.path(), "first", FIRST), secret(secrets.path(), "second", SECOND), secret(secrets.path(), "weak", "corta"));
    let add = ["user", "add", "Ana", "--name=Ana Pérez", "--role=supervisor", "--branch=1", "--password-file", &first];
    assert_eq!(run(data, &add).await.well(), "Ana Pérez signs in as ana\n");
    assert_eq!(run(data, &["user", "add", "bea", "--password-file", &second]).await.well(), "bea signs in as bea\n");
    for (args, said) in [
        (&["user", "add", "ANA", "--password-file", &first][..], "Another user signs in by that name"),
        (&["user", "add", "eva maria", "--password-file", &first], "the name to sign in with"),
        (&["user", "password", "nadie", "--password-file", &first], "nobody signs in as nadie"),
        (&["user", "disable", "nadie"], "nobody signs in as nadie"),
    ] {
        let text = run(data, args).await.badly(1);
        assert!(text.contains(said), "{args:?}: {text}");
    }
    assert!(!run(data, &["user", "add", "eva", "--password-file", &weak]).await.badly(1).contains("corta"));
    run(data, &["user", "add", "eva", "--password-file=/nowhere/password"]).await.badly(64);
    run(data, &["user", "add", "eva", "--role=jefa", "--password-file", &first]).await.badly(64);
    let list = run(data, &["user", "list"]).await.well();
    let words: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words, [vec!["ana", "supervisor", "in", "1", "Ana", "Pérez"], vec!["bea", "agent", "bea"]], "{list}");

    let server = Program::serve(data, &["--log=warn"]).await;
    assert_eq!((tried(&server, "ana", FIRST).await, tried(&server, "bea", SECOND).await), (201, 201));
    let before = sign_in(server.address, "ana", FIRST).await;
    for args in [
        &["user", "list"][..],
        &["user", "add", "eva", "--password-file", &first],
        &["user", "password", "ana", "--password-file", &second],
        &["user", "disable", "ana"],
        &["device", "list"],
        &["device", "revoke", "Entrada"],
    ] {
        let said = run(data, args).await.badly(69);
        assert!(said.contains("another siguiente uses"), "{args:?}: {said}");
    }
    assert_eq!(tried(&server, "ana", FIRST).await, 201, "nothing was changed beside the server");
    end(server).await;

    let said = run(data, &["user", "password", "ana", "--password-file", &second]).await.well();
    assert_eq!(said, "ana has another password; all sign-ins are over\n");
    assert_eq!(run(data, &["user", "disable", "BEA"]).await.well(), "BEA does not sign in any more\n");
    let text = run(data, &["user", "disable", ACCOUNT]).await.badly(1);
    assert!(text.contains("That is the last admin"), "{text}");
    let list = run(data, &["user", "list"]).await.well();
    let disabled: Vec<_> = list.lines().filter(|line| line.ends_with("  disabled")).collect();
    assert!(disabled.len() == 1 && disabled[0].starts_with("bea "), "{list}");

    let server = Program::serve(data, &["--log=warn"]).await;
    assert_eq!((tried(&server, "ana", FIRST).await, tried(&server, "ana", SECOND).await), (401, 201));
    assert_eq!(tried(&server, "bea", SECOND).await, 401, "who is disabled does not come in");
    let shown = format!("Authorization: Bearer {before}");
    assert_eq!(rest_answer(server.address, "GET", "/session", &[&shown], Value::Null).await.status, 401, "the sign-in is over");
    let (_, audit) = rest(server.address, "GET", "/audit?accion=user_*", Value::Null).await;
    let lines = audit["entradas"].as_array().unwrap_or_else(|| panic!("{audit}"));
    let by_program: Vec<_> = lines.iter().filter(|line| line["quien"]["tipo"] == "servidor").map(|line| &line["accion"]).collect();
    for action in ["user_created", "user_password", "user_changed"] {
        assert!(by_program.contains(&&json!(action)), "{action} is not in {audit}");
    }
    for password in [FIRST, SECOND] {
        assert!(!audit.to_string().contains(password), "{audit}");
    }
}

#[tokio::test]
async fn paired_screens_are_listed_and_revoked_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let server = Program::serve(data, &["--log=warn"]).await;
    let mut tokens = Vec::new();
    for (kind, name) in [("kiosco", "Entrada"), ("pantalla", "Sala"), ("pantalla", "Sala")] {
        let (status, asked) = rest(server.address, "POST", "/pairing", json!({"tipo": kind, "sucursal": 1})).await;
        assert_eq!(status, 201, "{asked}");
        let (status, device) = rest(server.address, "POST", "/devices", json!({"codigo": asked["codigo"], "nombre": name})).await;
        assert_eq!(status, 201, "{device}");
        tokens.push((device["id"].as_str().unwrap().to_owned(), asked["secreto"].as_str().unwrap().to_owned()));
    }
    end(server).await;

    let list = run(data, &["device", "list"]).await.well();
    assert_eq!(list.lines().count(), 3, "{list}");
    for (line, ((id, token), rest)) in list.lines().zip(tokens.iter().zip(["kiosk    Entrada", "display  Sala", "display  Sala"])) {
        assert_eq!(line, format!("{id}  branch 1  {rest}"));
        assert!(!line.contains(token));
    }
    assert_eq!(run(data, &["device", "list", "--branch=2"]).await.well(), "");
    assert_eq!(run(data, &["device", "revoke", "Entrada"]).await.well(), "Entrada is not let in any more\n");
    for label in ["Entrada", "Sala", "nobody"] {
        let said = run(data, &["device", "revoke", label]).await.badly(1);
        assert!(said.contains(&format!("there is no device {label}")), "{said}");
    }
    assert_eq!(run(data, &["device", "revoke", &tokens[1].0]).await.well(), "Sala is not let in any more\n");

    let server = Program::serve(data, &["--log=warn"]).await;
    let mut statuses = Vec::new();
    for (_, token) in &tokens {
        let shown = format!("Authorization: Bearer {token}");
        statuses.push(rest_answer(server.address, "GET", "/session", &[&shown], Value::Null).await.status);
    }
    assert_eq!(statuses, [401, 401, 200]);
}
