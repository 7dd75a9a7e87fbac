//! Several branches in one server: what happens in one is nobody's business in another, and neither is what goes wrong there.

use std::time::Duration;

use serde_json::{Value, json};
use siguiente::office::{BranchId, Lang};

use crate::harness::{Client, Lasting, Options, TestOffice, http, rest, within};

/// Two branches with the same desks and services, and other names.
async fn two() -> TestOffice {
    let harbour = |settings: &mut siguiente::office::Settings| settings.name = "Puerto de Málaga".into();
    TestOffice::setup().with_branch(2, harbour).spawn().await
}

/// What came of this event until now: the server has answered this client once more.
async fn heard(client: &mut Client, event: &str) -> Vec<Value> {
    client.emit_with_ack("nada", json!({})).await;
    client.take_heard(event).into_iter().map(|mut args| args.remove(0)).collect()
}

#[tokio::test]
async fn neither_sees_the_others_tickets_calls_and_counts() {
    let office = two().await;
    let (centre, harbour) = (office.branch(1), office.branch(2));
    let (mut there, mut here) = (centre.display().await, harbour.display().await);
    let mut visitor = centre.client().await;
    heard(&mut visitor, "tickets-pendientes").await;
    visitor.take_heard("ultimo-ticket");
    visitor.take_heard("estado-actual");

    let mut kiosk = harbour.kiosk().await;
    for number in 1..=3 {
        assert_eq!(kiosk.take("A").await.numero, number);
    }
    let mut desk = harbour.desk(1).await;
    assert_eq!(desk.call_next().await.codigo, "A-001");
    here.expect_call("A-001", 1).await;
    here.follow_to_change("llamado").await;
    here.agrees().await;
    assert_eq!(here.board.waiting_total, 2);

    there.agrees().await;
    assert_eq!((there.board.rev, there.board.waiting_total), (2, 0));
    for event in ["llamada", "cola"] {
        assert_eq!(heard(&mut there, event).await, Vec::<Value>::new(), "{event}");
    }
    for event in ["ultimo-ticket", "estado-actual", "tickets-pendientes"] {
        assert_eq!(heard(&mut visitor, event).await, Vec::<Value>::new(), "{event}");
    }

    // The same numbers, codes, desks and call numbers again.
    assert_eq!(centre.kiosk().await.take("A").await.codigo, "A-001");
    let called = centre.desk(1).await.call_next().await;
    assert_eq!(called.codigo, "A-001");
    assert_eq!(there.expect_call("A-001", 1).await["llamada"], 1);
    assert_eq!(desk.refused("rellamar", json!({"ticket": called.id})).await, "unknown_ticket");
    office.clock().advance(Duration::from_secs(10));
    assert_eq!(desk.recall().await.codigo, "A-001");
    assert_eq!(heard(&mut there, "llamada").await, Vec::<Value>::new());
}

/// A client whose CONNECT says this.
async fn saying(office: &TestOffice, auth: Value) -> Client {
    Client::connect_with(office.address(), Options { auth: Some(auth), ..Options::default() }).await
}

#[tokio::test]
async fn who_shows_the_token_of_a_ticket_is_in_its_branch() {
    let office = two().await;
    office.branch(1).kiosk().await.take("A").await;
    let token = office.branch(2).kiosk().await.take("A").await.token.unwrap();
    let follow = json!({"token": token});
    let strangers = [Value::Null, json!("0".repeat(32)), json!("x"), json!(7), json!({})].map(|nobody| json!({"ticket": nobody}));
    for auth in strangers.into_iter().chain([json!({"sucursal": 1, "ticket": token})]) {
        let code = saying(&office, auth.clone()).await.refused("seguir-ticket", follow.clone()).await;
        assert_eq!(code, "unknown_ticket", "{auth} is in the first branch");
    }

    let showing = json!({"ticket": token, "recovery": true});
    let mut visitor = Lasting::enter(office.address(), showing.clone()).await;
    visitor.expect("saludo").await;
    let own = visitor.client.emit_with_ack("seguir-ticket", follow.clone()).await;
    assert_eq!((&own["ticket"]["codigo"], &own["sucursal"]["nombre"]), (&json!("A-001"), &json!("Puerto de Málaga")));
    let mut visitor = visitor.return_with(office.address(), showing.clone()).await;
    assert_eq!(visitor.expect("mi-ticket").await[0]["codigo"], "A-001", "it is given back");
    let office = office.restart().await;
    assert_eq!(saying(&office, showing.clone()).await.emit_with_ack("seguir-ticket", follow.clone()).await["sucursal"]["id"], 2);
    assert_eq!(rest(office.address(), "POST", "/tickets/own", follow.clone()).await.1["ticket"]["codigo"], "A-001");

    visitor = visitor.return_with(office.address(), showing.clone()).await;
    assert_eq!(visitor.expect("mi-ticket").await[0]["estado"], "esperando", "over the restart too");
    office.clock().advance(Duration::from_secs(24 * 3600));
    assert_eq!(visitor.expect("mi-ticket").await[0]["estado"], "vencido");
    let mut visitor = visitor.return_with(office.address(), showing).await;
    visitor.expect("saludo").await;
    assert_eq!(visitor.client.refused("seguir-ticket", follow.clone()).await, "unknown_ticket", "the day of the ticket is over");
    assert_eq!(rest(office.address(), "POST", "/tickets/own", follow).await.0, 404);
}

#[tokio::test]
async fn a_key_is_its_branchs() {
    let office = two().await;
    let (mut one, mut two) = (office.branch(1).kiosk().await, office.branch(2).kiosk().await);
    let here = one.take_as(json!({"clave": "same"})).await;
    let there = two.take_as(json!({"clave": "same"})).await;
    assert_eq!((here.codigo.as_str(), there.codigo.as_str()), ("A-001", "A-001"));
    assert_ne!(here.id, there.id);
    assert_eq!(one.take_as(json!({"clave": "same"})).await.id, here.id);
}

#[tokio::test]
async fn people_rooms_and_messages_are_a_branchs_and_users_are_not() {
    let office = two().await;
    let (centre, harbour) = (office.branch(1), office.branch(2));
    let (_, user) = rest(office.address(), "POST", "/users", json!({"nombre": "Eva", "rol": "agente"})).await;
    let enter = |name: &str| json!({"nombre": name, "sala": "patio", "usuario": user["id"]});
    let (mut ana, mut bea, mut eva) = (centre.client().await, centre.client().await, harbour.client().await);
    for (client, name) in [(&mut ana, "Ana"), (&mut bea, "Bea"), (&mut eva, "Eva")] {
        assert_eq!(client.emit_with_ack("entrar-cliente", enter(name)).await["ok"], true);
    }
    let people = eva.emit_with_ack("entrar-cliente", json!({"nombre": "Eva", "usuario": user["id"]})).await;
    assert_eq!((&people["total"], &people["personas"][0]["nombre"]), (&json!(1), &json!("Eva")));
    assert_eq!(heard(&mut eva, "usuario-conectado").await, Vec::<Value>::new());

    for to in [json!({}), json!({"sala": "patio"}), json!({"para": user["id"]}), json!({"para": bea.id})] {
        let mut message = to.clone();
        message["mensaje"] = json!("hola");
        assert_eq!(ana.emit_with_ack("enviar-mensaje", message).await["ok"], true, "{to}");
    }
    assert_eq!(heard(&mut bea, "enviar-mensaje").await.len(), 4);
    assert_eq!(heard(&mut eva, "enviar-mensaje").await, Vec::<Value>::new());
    let refused = ana.emit_with_ack("enviar-mensaje", json!({"mensaje": "hola", "para": eva.id})).await;
    assert_eq!(refused["code"], "unknown_recipient", "nobody of another branch is here");

    let path = format!("/users/{}/notes", user["id"].as_str().unwrap());
    let (_, note) = rest(office.address(), "POST", &path, json!({"from": "RR. HH.", "mensaje": "A todos"})).await;
    for client in [&mut ana, &mut bea, &mut eva] {
        client.expect("nuevo-correo", |args| args[0]["id"] == note["id"]).await;
    }
    drop(bea);
    ana.expect("usuario-desconectado", |args| args[0]["nombre"] == "Bea").await;
    assert_eq!(heard(&mut eva, "usuario-desconectado").await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_ticker_and_messages_of_rest_are_those_of_the_branch_that_is_named() {
    let office = two().await;
    let (mut there, mut here) = (office.branch(1).display().await, office.branch(2).display().await);
    let (status, _) = rest(office.address(), "PUT", "/ticker?sucursal=Puerto%20de%20M%C3%A1laga", json!({"mensaje": "Cerrado"})).await;
    assert_eq!(status, 200);
    assert_eq!(here.expect("aviso", |_| true).await[0]["mensaje"], "Cerrado");
    let (status, _) = rest(office.address(), "POST", "/messages?sucursal=2", json!({"mensaje": "hola"})).await;
    assert_eq!(status, 200);
    here.expect("enviar-mensaje", |_| true).await;
    for event in ["aviso", "enviar-mensaje"] {
        assert_eq!(heard(&mut there, event).await, Vec::<Value>::new(), "{event}");
    }
    assert_eq!(rest(office.address(), "GET", "/ticker", Value::Null).await.1["mensaje"], Value::Null);
    let office = office.restart().await;
    assert_eq!(rest(office.address(), "GET", "/ticker?sucursal=2", Value::Null).await.1["mensaje"], "Cerrado");

    for path in ["/ticker?sucursal=3", "/ticker?sucursal=Nirgends"] {
        let (status, problem) = rest(office.address(), "GET", path, Value::Null).await;
        assert_eq!((status, &problem["code"]), (404, &json!("unknown_branch")), "{path}");
    }
    assert_eq!(rest(office.address(), "GET", "/ticker?branch=2", Value::Null).await.0, 400);
    let branches = json!({"sucursales": [{"id": 1, "nombre": "Oficina Centro"}, {"id": 2, "nombre": "Puerto de Málaga"}]});
    assert_eq!(rest(office.address(), "GET", "/branches", Value::Null).await, (200, branches));
}

#[tokio::test]
async fn a_branch_is_named_in_the_payload_or_the_query_and_an_unknown_one_is_refused() {
    let office = two().await;
    let branch_of = async |query: &'static str, auth: Option<Value>| {
        let mut client = Client::connect_with(office.address(), Options { query, auth, silent: false }).await;
        client.emit_with_ack("entrar-pantalla", Value::Null).await["cola"]["sucursal"]["id"].as_u64()
    };
    assert_eq!(branch_of("", None).await, Some(1));
    assert_eq!(branch_of("&sucursal=2", None).await, Some(2));
    assert_eq!(branch_of("&sucursal=2", Some(json!({"sucursal": 1}))).await, Some(1));
    assert_eq!(branch_of("", Some(json!({"sucursal": "2", "idioma": "en"}))).await, Some(2));
    assert_eq!(branch_of("", Some(json!({"sucursal": "Puerto de Málaga"}))).await, Some(2));
    assert_eq!(branch_of("&sucursal=Puerto+de+M%C3%A1laga", None).await, Some(2));

    let odd = [json!(3), json!("Puerto"), json!(-1), json!(1.5), json!({}), json!([2]), json!(true), json!(""), json!(1_u64 << 40)];
    for auth in odd {
        let mut client = Client::open(office.address(), Options::default()).await;
        client.send(format!("40{}", json!({"sucursal": auth, "idioma": "en"})));
        let refusal = client.expect_packet("44").await;
        let refusal: Value = serde_json::from_str(&refusal[2..]).unwrap();
        assert_eq!(refusal, json!({"message": "There is no such branch", "data": {"code": "unknown_branch"}}), "{auth}");
        client.send("42[\"siguiente-ticket\"]");
        // The connection lives and may ask for another one.
        client.send("40");
        client.expect_packet("40").await;
    }
}

#[tokio::test]
async fn a_branch_that_cannot_write_does_not_stop_the_other() {
    let office = two().await;
    let (centre, harbour) = (office.branch(1), office.branch(2));
    let (mut here, mut there) = (harbour.kiosk().await, centre.kiosk().await);
    office.faults.only(BranchId(2));
    office.faults.fail_all_commits();
    for round in 1..=3 {
        assert_eq!(here.refused("siguiente-ticket", json!({"clave": "later"})).await, "storage_unavailable");
        assert_eq!(there.take("A").await.numero, round);
    }
    let (status, user) = rest(office.address(), "POST", "/users", json!({"nombre": "Eva", "rol": "agente"})).await;
    assert_eq!(status, 201, "{user}");
    let ready = http(office.address(), "GET", "/ready", &[]).await;
    let body: Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!((ready.status, &body["status"], &body["unavailable"][0]["id"]), (200, &json!("ready"), &json!(2)));
    assert!(body["unavailable"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{body}");

    office.faults.heal();
    assert_eq!(here.take_as(json!({"clave": "later"})).await.numero, 1);
    within("/ready to name no branch", async {
        while http(office.address(), "GET", "/ready", &[]).await.body != r#"{"status":"ready"}"# {}
    })
    .await;
}

#[tokio::test]
async fn a_branch_that_cannot_be_read_says_so_until_it_can_be() {
    let office = two().await;
    office.branch(2).kiosk().await.take("A").await;
    let office = office
        .restart_over(|faults| {
            faults.only(BranchId(2));
            faults.fail_reads(true);
        })
        .await;
    assert_eq!(office.branch(1).kiosk().await.take("A").await.numero, 1);
    let mut client = office.branch(2).client().await;
    for event in ["siguiente-ticket", "entrar-pantalla", "entrar-cliente", "nada"] {
        assert_eq!(client.refused(event, json!({"nombre": "Ana"})).await, "storage_unavailable", "{event}");
    }
    let body: Value = serde_json::from_str(&http(office.address(), "GET", "/ready", &[]).await.body).unwrap();
    assert_eq!(body["unavailable"][0]["id"], 2);
    assert_eq!(rest(office.address(), "GET", "/ticker?sucursal=2", Value::Null).await.0, 503);
    let branches = rest(office.address(), "GET", "/branches", Value::Null).await.1;
    assert_eq!(branches["sucursales"].as_array().map(Vec::len), Some(1), "{branches}");

    office.faults.heal();
    office.clock().advance(Duration::from_secs(60));
    client.expect("ultimo-ticket", |args| args[0] == 1).await;
    assert_eq!(client.try_event("siguiente-ticket", json!({"servicio": "A"})).await.unwrap().numero, 2);
}

#[tokio::test]
async fn each_branchs_day_turns_at_its_own_midnight() {
    let office = TestOffice::setup().with_branch(2, |settings| settings.time_zone = chrono_tz::Tz::Asia__Tokyo).spawn().await;
    let (mut there, mut here) = (office.branch(1).display().await, office.branch(2).display().await);
    assert_eq!((there.board.day.as_deref(), here.board.day.as_deref()), (Some("2026-11-21"), Some("2026-11-21")));
    office.clock().advance(Duration::from_secs(5 * 3600));
    here.follow_to(4).await;
    assert_eq!(here.board.day.as_deref(), Some("2026-11-22"));
    there.agrees().await;
    assert_eq!(there.board.day.as_deref(), Some("2026-11-21"));
    assert_eq!(there.board.rev, 2, "not even looked at");
}

#[tokio::test]
async fn who_comes_back_after_a_restart_is_told_its_own_branch() {
    let office = two().await;
    let harbour = json!({"sucursal": 2, "recovery": true});
    // Another position in each log.
    office.branch(1).kiosk().await.take_many("A", 5).await;
    let mut display = Lasting::enter(office.address(), harbour.clone()).await;
    display.client.emit_with_ack("entrar-pantalla", json!({})).await;
    office.branch(2).kiosk().await.take("A").await;
    display.expect("cola").await;
    // An event of all branches carries the mark of this one.
    rest(office.address(), "POST", "/users", json!({"nombre": "Eva", "rol": "agente"})).await;
    display.expect("nuevo-usuario").await;

    let office = office.restart().await;
    office.branch(1).desk(3).await.call_next().await;
    office.branch(2).desk(2).await.call_next().await;
    let sid = display.sid.clone();
    let mut back = display.return_with(office.address(), harbour.clone()).await;
    assert_eq!(back.sid, sid);
    let call = back.expect("llamada").await;
    assert_eq!((&call[0]["codigo"], &call[0]["escritorio"]), (&json!("A-001"), &json!(2)));
    let missed = back.expect("cola").await;
    assert_eq!(missed[0]["desde"], 3, "{missed:?}");
    let kinds: Vec<_> = missed[0]["cambios"].as_array().unwrap().iter().map(|change| change["tipo"].clone()).collect();
    assert_eq!(kinds, ["puesto", "llamado"]);

    let elsewhere = back.return_with(office.address(), json!({"sucursal": 1})).await;
    assert_ne!(elsewhere.sid, sid, "who asks for another branch is somebody else");
}

#[tokio::test]
async fn the_language_of_a_branch_is_its_own() {
    let office = TestOffice::setup().with_branch(2, |settings| settings.languages = vec![Lang::En]).spawn().await;
    let refusal = office.branch(2).kiosk().await.try_event("rellamar", json!({"escritorio": 9})).await.unwrap_err();
    assert_eq!(refusal.msg, "There is no such desk");
    let refusal = office.branch(1).kiosk().await.try_event("rellamar", json!({"escritorio": 9})).await.unwrap_err();
    assert_eq!(refusal.msg, "Ese escritorio no existe");
}
