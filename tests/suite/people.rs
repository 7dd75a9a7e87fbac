//! People at the office's screens: who is here, what they say to each other and to whom, the notes that wait for them, the line on the ticker.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, Options, TestOffice, rest};

/// A client that has entered; its greeting is heard already.
async fn entered(office: &TestOffice, payload: Value) -> Client {
    let mut client = office.client().await;
    let answer = client.emit_with_ack("entrar-cliente", payload).await;
    assert_eq!(answer["ok"], true, "{answer}");
    client
}

async fn refused(client: &mut Client, event: &str, payload: Value) -> String {
    let answer = client.emit_with_ack(event, payload.clone()).await;
    assert_eq!(answer["ok"], false, "{event} {payload}: {answer}");
    assert!(answer["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{answer}");
    answer["code"].as_str().unwrap().to_owned()
}

/// What came of this event until now: the server has answered this client once more.
async fn heard(client: &mut Client, event: &str) -> Vec<Value> {
    client.emit_with_ack("nada", json!({})).await;
    client.take_heard(event).into_iter().map(|mut args| args.remove(0)).collect()
}

async fn user(address: SocketAddr, name: &str) -> String {
    let (status, user) = rest(address, "POST", "/users", json!({"nombre": name, "rol": "agente"})).await;
    assert_eq!(status, 201, "{user}");
    user["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everybody_but_the_newcomer_hears_who_comes_and_goes() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut ana = office.client().await;
    let answer = ana.emit_with_ack("entrar-cliente", json!({"nombre": " Ana "})).await;
    let ana_view = json!({"id": ana.id, "nombre": "Ana", "sala": null});
    assert_eq!(answer, json!({"ok": true, "personas": [ana_view], "total": 1}));

    let mut bea = office.client().await;
    let answer = bea.emit_with_ack("entrar-cliente", json!({"nombre": "Bea", "sala": "patio"})).await;
    let bea_view = json!({"id": bea.id, "nombre": "Bea", "sala": "patio"});
    assert_eq!(answer["personas"], json!([bea_view]), "those of the room");

    let mut eva = office.client().await;
    let answer = eva.emit_with_ack("entrar-cliente", json!({"nombre": "Eva"})).await;
    let eva_view = json!({"id": eva.id, "nombre": "Eva", "sala": null});
    assert_eq!(answer["personas"], json!([ana_view, bea_view, eva_view]));

    assert_eq!(heard(&mut display, "usuario-conectado").await, [ana_view.clone(), bea_view.clone(), eva_view.clone()]);
    assert_eq!(heard(&mut ana, "usuario-conectado").await, [bea_view.clone(), eva_view.clone()]);
    assert_eq!(heard(&mut bea, "usuario-conectado").await, [eva_view]);
    assert_eq!(heard(&mut eva, "usuario-conectado").await, Vec::<Value>::new());

    // The same again is nothing new; another name or room is going and coming.
    bea.emit_with_ack("entrar-cliente", json!({"nombre": "Bea", "sala": "patio"})).await;
    let answer = bea.emit_with_ack("entrar-cliente", json!({"nombre": "Beatriz"})).await;
    assert_eq!(answer["personas"].as_array().map(Vec::len), Some(3));
    assert_eq!(ana.expect("usuario-desconectado", |_| true).await, [bea_view]);
    assert_eq!(ana.expect("usuario-conectado", |_| true).await[0]["nombre"], "Beatriz");

    ana.send("41");
    assert_eq!(eva.expect("usuario-desconectado", |args| args[0]["nombre"] == "Ana").await, std::slice::from_ref(&ana_view));
    assert_eq!(bea.expect("usuario-desconectado", |_| true).await, [ana_view]);
    drop(bea);
    eva.expect("usuario-desconectado", |args| args[0]["nombre"] == "Beatriz").await;
    let answer = eva.emit_with_ack("entrar-cliente", json!({"nombre": "Eva"})).await;
    assert_eq!(answer["total"], 1);
}

#[tokio::test]
async fn a_message_reaches_all_others_a_room_or_one() {
    let office = TestOffice::spawn().await;
    let ana_user = user(office.address(), "Ana").await;
    let mut ana = entered(&office, json!({"nombre": "Ana", "sala": "patio", "usuario": ana_user})).await;
    let mut bea = entered(&office, json!({"nombre": "Bea", "sala": "patio"})).await;
    let mut eva = entered(&office, json!({"nombre": "Eva", "sala": "sótano"})).await;
    let mut display = office.display().await;
    let now = office.clock().now().0;

    let answer = ana.emit_with_ack("enviar-mensaje", json!({"mensaje": "a todos"})).await;
    assert_eq!(answer["ok"], true);
    let view = json!({"id": answer["id"], "de": ana.id, "nombre": "Ana", "mensaje": "a todos", "fecha": now, "privado": false});
    for client in [&mut bea, &mut eva, &mut display] {
        assert_eq!(client.expect("enviar-mensaje", |_| true).await, std::slice::from_ref(&view));
    }

    ana.emit("enviar-mensaje", json!({"mensaje": "al patio", "sala": "patio"}));
    eva.emit("enviar-mensaje", json!({"mensaje": "de fuera al patio", "sala": "patio"}));
    let first = bea.expect("enviar-mensaje", |args| args[0]["mensaje"] == "al patio").await;
    assert_eq!((&first[0]["sala"], &first[0]["privado"]), (&json!("patio"), &json!(false)));
    bea.expect("enviar-mensaje", |args| args[0]["mensaje"] == "de fuera al patio").await;
    ana.expect("enviar-mensaje", |args| args[0]["mensaje"] == "de fuera al patio").await;

    let bea_id = bea.id.clone();
    eva.emit_with_ack("enviar-mensaje", json!({"mensaje": "a Bea", "para": bea_id})).await;
    bea.emit_with_ack("enviar-mensaje", json!({"mensaje": "a Ana", "para": ana_user})).await;
    let private = bea.expect("enviar-mensaje", |_| true).await;
    assert_eq!((&private[0]["mensaje"], &private[0]["de"], &private[0]["privado"]), (&json!("a Bea"), &json!(eva.id), &json!(true)));
    let private = ana.expect("enviar-mensaje", |_| true).await;
    assert_eq!((&private[0]["mensaje"], &private[0]["privado"]), (&json!("a Ana"), &json!(true)));

    let (status, answer) =
        rest(office.address(), "POST", "/messages", json!({"mensaje": "al sótano", "sala": "sótano", "de": ana_user})).await;
    assert_eq!(status, 200, "{answer}");
    let outside = eva.expect("enviar-mensaje", |_| true).await;
    assert_eq!((&outside[0]["nombre"], &outside[0]["de"], &outside[0]["id"]), (&json!("Ana"), &json!(ana_user), &answer["id"]));
    rest(office.address(), "POST", "/messages", json!({"mensaje": "cerramos"})).await;
    for client in [&mut ana, &mut bea, &mut eva, &mut display] {
        let args = client.expect("enviar-mensaje", |_| true).await;
        assert_eq!((&args[0]["mensaje"], &args[0]["nombre"], &args[0]["de"]), (&json!("cerramos"), &json!("Server"), &Value::Null));
        assert_eq!(heard(client, "enviar-mensaje").await, Vec::<Value>::new(), "and nothing else");
    }
}

#[tokio::test]
async fn a_room_that_was_left_is_silent() {
    let office = TestOffice::spawn().await;
    let mut ana = entered(&office, json!({"nombre": "Ana", "sala": "patio"})).await;
    let mut bea = entered(&office, json!({"nombre": "Bea"})).await;
    ana.emit_with_ack("entrar-cliente", json!({"nombre": "Ana", "sala": "sótano"})).await;
    for room in ["patio", "sótano"] {
        bea.emit_with_ack("enviar-mensaje", json!({"mensaje": room, "sala": room})).await;
    }
    let messages = heard(&mut ana, "enviar-mensaje").await;
    assert_eq!(messages.iter().map(|message| &message["mensaje"]).collect::<Vec<_>>(), ["sótano"]);
}

#[tokio::test]
async fn a_reserved_room_is_never_joined_by_name() {
    let office = TestOffice::spawn().await;
    let mut client = office.client().await;
    for room in
        ["pantalla:1", "personal:1", " personal:1 ", "PUESTO:1", "ticket:1", "usuario:0123456789abcdef0123456789abcdef", "persona:Ana"]
    {
        assert_eq!(refused(&mut client, "entrar-cliente", json!({"nombre": "x", "sala": room})).await, "reserved_room", "{room}");
        client.emit_with_ack("entrar-cliente", json!({"nombre": "x"})).await;
        assert_eq!(refused(&mut client, "enviar-mensaje", json!({"mensaje": "x", "sala": room})).await, "reserved_room", "{room}");
    }
    // Names that only look like it lead nowhere either.
    for room in ["pantalla", "personal：1", "sala:personal:1", "personal\u{200b}:1"] {
        client.emit_with_ack("entrar-cliente", json!({"nombre": "x", "sala": room})).await;
    }
    office.kiosk().await.take("A").await;
    office.desk(1).await.call_next().await;
    for event in ["cola", "llamada"] {
        assert_eq!(heard(&mut client, event).await, Vec::<Value>::new());
    }
    assert_eq!(refused(&mut client, "cola", json!({})).await, "not_joined");
    assert_eq!(refused(&mut client, "poner-aviso", json!({"mensaje": "x"})).await, "not_at_desk");
}

#[tokio::test]
async fn each_refusal_has_its_code_and_tells_nobody() {
    let office = TestOffice::spawn().await;
    let mut other = office.display().await;
    let mut client = office.client().await;
    let nobody = "0123456789abcdef0123456789abcdef";
    for (event, payload, code) in [
        ("enviar-mensaje", json!({"mensaje": "hola"}), "not_entered"),
        ("correo-leido", json!({"id": nobody}), "not_entered"),
        ("poner-aviso", json!({"mensaje": "x"}), "not_at_desk"),
        ("entrar-cliente", Value::Null, "bad_request"),
        ("entrar-cliente", json!("Ana"), "bad_request"),
        ("entrar-cliente", json!([]), "bad_request"),
        ("entrar-cliente", json!({}), "bad_request"),
        ("entrar-cliente", json!({"nombre": null}), "bad_request"),
        ("entrar-cliente", json!({"nombre": 7}), "bad_request"),
        ("entrar-cliente", json!({"nombre": {"$ne": 1}}), "bad_request"),
        ("entrar-cliente", json!({"nombre": " \u{200b} "}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "a\u{0}b"}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "a\nb"}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "ñ".repeat(101)}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "x".repeat(10_000)}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "Ana", "sala": ""}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "Ana", "sala": ["patio"]}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "Ana", "sala": "x".repeat(101)}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "Ana", "usuario": 1}), "bad_request"),
        ("entrar-cliente", json!({"nombre": "Ana", "usuario": "1"}), "unknown_user"),
        ("entrar-cliente", json!({"nombre": "Ana", "usuario": nobody}), "unknown_user"),
    ] {
        assert_eq!(refused(&mut client, event, payload.clone()).await, code, "{event} {payload}");
    }
    client.emit_with_ack("entrar-cliente", json!({"nombre": "Ana"})).await;
    let myself = client.id.clone();
    for (event, payload, code) in [
        ("correo-leido", json!({"id": nobody}), "not_entered"),
        ("enviar-mensaje", Value::Null, "bad_request"),
        ("enviar-mensaje", json!(["hola"]), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": null}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": ""}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "\n \u{feff}"}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": ["hola"]}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "x".repeat(2_001)}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "🙂".repeat(10_000)}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "x", "sala": " "}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": {}}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "x", "sala": "a", "para": "b"}), "bad_request"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": ""}), "unknown_recipient"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": "Ana"}), "unknown_recipient"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": nobody}), "unknown_recipient"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": "AAAAAAAAAAAAAAAAAAAA"}), "unknown_recipient"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": "ÑÑÑÑÑÑÑÑÑÑ"}), "unknown_recipient"),
        ("enviar-mensaje", json!({"mensaje": "x", "para": myself}), "unknown_recipient"),
    ] {
        assert_eq!(refused(&mut client, event, payload.clone()).await, code, "{event} {payload:.200}");
    }
    assert_eq!(heard(&mut other, "usuario-conectado").await.len(), 1, "the one that was let in");
    assert_eq!(heard(&mut other, "enviar-mensaje").await, Vec::<Value>::new());
}

#[tokio::test]
async fn refusals_speak_the_clients_language() {
    let office = TestOffice::spawn().await;
    let english = Options { auth: Some(json!({"idioma": "en"})), ..Options::default() };
    let mut client = Client::connect_with(office.address(), english).await;
    let answer = client.emit_with_ack("enviar-mensaje", json!({"mensaje": "x"})).await;
    assert_eq!(answer["msg"], "Enter with a name first");
    let answer = client.emit_with_ack("poner-aviso", json!({"mensaje": "x", "idioma": "es"})).await;
    assert_eq!(answer["msg"], "Solo se puede hacer desde un puesto");
}

#[tokio::test]
async fn text_is_text() {
    let office = TestOffice::spawn().await;
    let mut other = entered(&office, json!({"nombre": "otra"})).await;
    for text in [
        "<img src=x onerror=alert(1)>",
        "\"],[\"42",
        "مرحبا \u{202e}abc",
        "a\u{200b}b\u{feff}",
        "👩‍👩‍👧‍👦🇪🇸",
        "__proto__",
        "{{7*7}} ${x} %s \\ / '",
        "\u{2028}x\u{0}",
        " espacios\n\tdelante y detrás ",
    ] {
        let name: String = text.chars().filter(|c| !c.is_control() && *c != '\u{2028}').collect();
        let client = entered(&office, json!({"nombre": name, "sala": name, "__proto__": {"x": 1}, "constructor": 1})).await;
        client.emit("enviar-mensaje", json!({"mensaje": text}));
        let args = other.expect("enviar-mensaje", |_| true).await;
        assert_eq!((&args[0]["mensaje"], &args[0]["nombre"]), (&json!(text), &json!(name.trim())));
    }
    let long = "🙂".repeat(2_000);
    let mut client = entered(&office, json!({"nombre": "ñ".repeat(100)})).await;
    assert_eq!(client.emit_with_ack("enviar-mensaje", json!({"mensaje": long})).await["ok"], true);
    assert_eq!(other.expect("enviar-mensaje", |_| true).await[0]["mensaje"], long);
}

#[tokio::test]
async fn a_client_without_a_callback_harms_nobody() {
    let office = TestOffice::spawn().await;
    let mut client = office.client().await;
    for event in ["entrar-cliente", "enviar-mensaje", "correo-leido", "poner-aviso"] {
        for payload in [Value::Null, json!(7), json!([[[]]]), json!({"nombre": {}, "mensaje": {}, "id": {}}), json!({})] {
            client.emit(event, payload);
        }
        client.send(format!("42[\"{event}\"]"));
        client.send(format!("42[\"{event}\",{{\"nombre\":\"Ana\",\"mensaje\":\"x\"}},1,2,3]"));
    }
    let answer = client.emit_with_ack("entrar-cliente", json!({"nombre": "Ana"})).await;
    assert_eq!(answer["total"], 1, "{answer}");
    assert_eq!(office.kiosk().await.take("A").await.codigo, "A-001");
}

#[tokio::test]
async fn a_note_waits_until_it_is_read() {
    let office = TestOffice::spawn().await;
    let (ana, bea) = (user(office.address(), "Ana").await, user(office.address(), "Bea").await);
    let mut at_once = entered(&office, json!({"nombre": "Ana", "usuario": ana})).await;
    let mut not_hers = entered(&office, json!({"nombre": "Bea", "usuario": bea})).await;
    let notes = format!("/users/{ana}/notes");
    let body = json!({"from": "RR. HH.", "asunto": "Turno", "mensaje": "Mañana\nlibra <b>usted</b>"});
    let (status, note) = rest(office.address(), "POST", &notes, body).await;
    assert_eq!(status, 201);
    let now = office.clock().now().0;
    let view = json!({"from": "RR. HH.", "asunto": "Turno", "mensaje": "Mañana\nlibra <b>usted</b>", "id": note["id"], "fecha": now});
    assert_eq!(note, view);
    assert_eq!(at_once.expect("nuevo-correo", |_| true).await, std::slice::from_ref(&view));

    let mut later = entered(&office, json!({"nombre": "Ana en casa", "usuario": ana})).await;
    assert_eq!(later.expect("nuevo-correo", |_| true).await, std::slice::from_ref(&view));
    let office = office.restart().await;
    let mut after = entered(&office, json!({"nombre": "Ana", "usuario": ana})).await;
    assert_eq!(after.expect("nuevo-correo", |_| true).await, [view]);

    let id = note["id"].as_str().unwrap();
    let mut other = entered(&office, json!({"nombre": "Bea", "usuario": bea})).await;
    assert_eq!(refused(&mut other, "correo-leido", json!({"id": id})).await, "unknown_note", "not hers");
    assert_eq!(refused(&mut after, "correo-leido", json!({})).await, "bad_request");
    assert_eq!(after.emit_with_ack("correo-leido", json!({"id": id})).await, json!({"ok": true}));
    assert_eq!(after.expect("correo-leido", |_| true).await, [json!({"id": id})]);
    assert_eq!(refused(&mut after, "correo-leido", json!({"id": id})).await, "unknown_note");
    assert_eq!(rest(office.address(), "GET", &notes, Value::Null).await, (200, json!({"correos": []})));

    let mut fresh = entered(&office, json!({"nombre": "Ana", "usuario": ana})).await;
    for client in [&mut fresh, &mut other] {
        assert_eq!(heard(client, "nuevo-correo").await, Vec::<Value>::new());
    }
    drop(not_hers.take_heard("nuevo-correo"));
}

#[tokio::test]
async fn who_is_no_user_any_more_gets_no_notes() {
    let office = TestOffice::spawn().await;
    let ana = user(office.address(), "Ana").await;
    let mut client = entered(&office, json!({"nombre": "Ana", "usuario": ana})).await;
    rest(office.address(), "POST", &format!("/users/{ana}/notes"), json!({"from": "x", "mensaje": "y"})).await;
    client.expect("nuevo-correo", |_| true).await;
    assert_eq!(rest(office.address(), "DELETE", &format!("/users/{ana}"), Value::Null).await.0, 204);
    assert_eq!(refused(&mut client, "correo-leido", json!({"id": "0123456789abcdef0123456789abcdef"})).await, "not_entered");
    assert_eq!(client.emit_with_ack("enviar-mensaje", json!({"mensaje": "sigo aquí"})).await["ok"], true);
    let bea = entered(&office, json!({"nombre": "Bea"})).await;
    assert_eq!(refused(&mut client, "enviar-mensaje", json!({"mensaje": "x", "para": ana})).await, "unknown_recipient");
    drop(bea);
}

#[tokio::test]
async fn everybody_hears_of_a_new_user_once_it_is_on_disk() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    office.faults.hold_commits();
    let address = office.address();
    let creating = tokio::spawn(async move { rest(address, "POST", "/users", json!({"nombre": "Inés", "rol": "supervisor"})).await });
    office.wait_held().await;
    assert_eq!(heard(&mut display, "nuevo-usuario").await, Vec::<Value>::new());
    assert_eq!(rest(address, "GET", "/users", Value::Null).await.1["usuarios"], json!([]));
    office.faults.release();
    let (status, user) = creating.await.unwrap();
    assert_eq!(status, 201);
    assert_eq!(display.expect("nuevo-usuario", |_| true).await, [json!({"id": user["id"], "nombre": "Inés", "rol": "supervisor"})]);
    rest(address, "PUT", &format!("/users/{}", user["id"].as_str().unwrap()), json!({"nombre": "Inés", "rol": "admin"})).await;
    assert_eq!(heard(&mut display, "nuevo-usuario").await, Vec::<Value>::new(), "told once");
}

#[tokio::test]
async fn the_ticker_is_on_every_screen_until_it_is_taken_down() {
    let office = TestOffice::spawn().await;
    let (mut display, mut desk, mut kiosk) = (office.display().await, office.desk(1).await, office.kiosk().await);
    let mut both = office.desk(2).await;
    both.emit_with_ack("entrar-pantalla", Value::Null).await;
    assert_eq!(refused(&mut display, "poner-aviso", json!({"mensaje": "x"})).await, "not_at_desk");
    for payload in [Value::Bool(true), json!({}), json!({"mensaje": ""}), json!({"mensaje": "a\nb"}), json!({"mensaje": "x".repeat(301)})] {
        assert_eq!(refused(&mut desk, "poner-aviso", payload.clone()).await, "bad_request", "{payload:.80}");
    }
    assert_eq!(desk.emit_with_ack("poner-aviso", json!({"mensaje": "Hoy cerramos a las <14> h"})).await, json!({"ok": true}));
    let line = json!({"mensaje": "Hoy cerramos a las <14> h", "fecha": office.clock().now().0});
    for client in [&mut *display, &mut *desk, &mut *both] {
        assert_eq!(client.expect("aviso", |_| true).await, std::slice::from_ref(&line));
        assert_eq!(heard(client, "aviso").await, Vec::<Value>::new(), "once");
    }
    assert_eq!(heard(&mut kiosk, "aviso").await, Vec::<Value>::new());

    let office = office.restart().await;
    for (event, payload) in [("entrar-pantalla", json!({})), ("entrar-puesto", json!({"escritorio": 1}))] {
        let mut screen = office.client().await;
        assert_eq!(screen.emit_with_ack(event, payload).await["cola"]["aviso"], line);
    }
    let mut display = office.display().await;
    let mut desk = office.desk(1).await;
    assert_eq!(desk.emit_with_ack("poner-aviso", json!({"mensaje": null})).await, json!({"ok": true}));
    assert_eq!(display.expect("aviso", |_| true).await[0]["mensaje"], Value::Null);
    assert_eq!(office.client().await.emit_with_ack("entrar-pantalla", json!({})).await["cola"]["aviso"], Value::Null);

    assert_eq!(rest(office.address(), "PUT", "/ticker", json!({"mensaje": "Wi-Fi: sala"})).await.0, 200);
    assert_eq!(display.expect("aviso", |_| true).await[0]["mensaje"], "Wi-Fi: sala");
    assert_eq!(rest(office.address(), "DELETE", "/ticker", Value::Null).await.0, 204);
    assert_eq!(display.expect("aviso", |_| true).await[0]["mensaje"], Value::Null);
}

#[tokio::test]
async fn a_disk_that_fails_changes_nothing_and_nobody_is_told() {
    let office = TestOffice::spawn().await;
    let ana = user(office.address(), "Ana").await;
    let (_, note) = rest(office.address(), "POST", &format!("/users/{ana}/notes"), json!({"from": "x", "mensaje": "y"})).await;
    let mut desk = office.desk(1).await;
    desk.emit_with_ack("entrar-cliente", json!({"nombre": "Ana", "usuario": ana})).await;
    desk.expect("nuevo-correo", |_| true).await;
    office.faults.fail_all_commits();
    assert_eq!(refused(&mut desk, "poner-aviso", json!({"mensaje": "x"})).await, "storage_unavailable");
    assert_eq!(refused(&mut desk, "correo-leido", json!({"id": note["id"]})).await, "storage_unavailable");
    for (method, path, body) in [
        ("POST", "/users".to_owned(), json!({"nombre": "Bea", "rol": "admin"})),
        ("PUT", format!("/users/{ana}"), json!({"nombre": "Bea", "rol": "admin"})),
        ("DELETE", format!("/users/{ana}"), Value::Null),
        ("POST", format!("/users/{ana}/notes"), json!({"from": "x", "mensaje": "z"})),
        ("PUT", "/ticker".to_owned(), json!({"mensaje": "x"})),
    ] {
        let (status, problem) = rest(office.address(), method, &path, body).await;
        assert_eq!((status, &problem["code"]), (503, &json!("storage_unavailable")), "{method} {path}");
    }
    // What is live needs no disk.
    let _other = entered(&office, json!({"nombre": "Eva"})).await;
    assert_eq!(desk.emit_with_ack("enviar-mensaje", json!({"mensaje": "hola"})).await["ok"], true);
    for event in ["aviso", "nuevo-usuario", "nuevo-correo", "correo-leido"] {
        assert_eq!(heard(&mut desk, event).await, Vec::<Value>::new(), "{event}");
    }
    office.faults.heal();
    let office = office.restart().await;
    let (_, users) = rest(office.address(), "GET", "/users", Value::Null).await;
    assert_eq!(users["usuarios"].as_array().map(Vec::len), Some(1));
    assert_eq!(users["usuarios"][0]["nombre"], "Ana");
    let (_, notes) = rest(office.address(), "GET", &format!("/users/{ana}/notes"), Value::Null).await;
    assert_eq!(notes["correos"], json!([note]));
    assert_eq!(rest(office.address(), "PUT", "/ticker", json!({"mensaje": "x"})).await.0, 200);
}

#[tokio::test]
async fn a_change_that_only_seemed_to_fail_is_told_after_all() {
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    office.faults.fail_after_commits(1);
    let (status, problem) = rest(office.address(), "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    assert_eq!((status, &problem["code"]), (503, &json!("storage_unavailable")));
    assert_eq!(display.expect("nuevo-usuario", |_| true).await[0]["nombre"], "Ana");
    let (_, users) = rest(office.address(), "GET", "/users", Value::Null).await;
    assert_eq!(users["usuarios"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_comes_back_is_who_it_was() {
    let office = TestOffice::spawn().await;
    let ana = user(office.address(), "Ana").await;
    let mut other = entered(&office, json!({"nombre": "Bea"})).await;
    let mut client = Client::open(office.address(), Options::default()).await;
    client.send(r#"40{"recovery":true}"#);
    let answer: Value = serde_json::from_str(&client.expect_packet("40").await[2..]).unwrap();
    client.emit_with_ack("entrar-cliente", json!({"nombre": "Ana", "sala": "patio", "usuario": ana})).await;
    let offset = client.expect("saludo", |_| true).await.pop().unwrap();
    client.send_frame(Message::Close(None));
    other.expect("usuario-desconectado", |args| args[0]["nombre"] == "Ana").await;
    other.emit_with_ack("enviar-mensaje", json!({"mensaje": "mientras", "sala": "patio"})).await;

    let auth = Some(json!({"recovery": true, "pid": answer["pid"], "offset": offset}));
    let mut back = Client::connect_with(office.address(), Options { auth, ..Options::default() }).await;
    assert_eq!(json!(back.id), answer["sid"]);
    back.expect("enviar-mensaje", |args| args[0]["mensaje"] == "mientras").await;
    let args = other.expect("usuario-conectado", |args| args[0]["nombre"] == "Ana").await;
    assert_eq!(args[0], json!({"id": back.id, "nombre": "Ana", "sala": "patio"}));
    assert_eq!(back.emit_with_ack("enviar-mensaje", json!({"mensaje": "he vuelto", "sala": "patio"})).await["ok"], true);
    rest(office.address(), "POST", &format!("/users/{ana}/notes"), json!({"from": "x", "mensaje": "y"})).await;
    back.expect("nuevo-correo", |_| true).await;
}
