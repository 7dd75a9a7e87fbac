//! Sockets of those who signed in: who they are, and that they go when they may not be there any more.

use serde_json::{Value, json};

use super::{ask, client, code, guarded, paired, user};
use crate::harness::badge::PASSWORD;
use crate::harness::{Client, Options};

#[tokio::test]
async fn whoever_signed_in_sits_as_herself_and_as_nobody_else() {
    let (office, admin) = guarded().await;
    let (ana, token) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let (bea, _) = user(&office, &admin, "bea", "agente", Value::Null).await;
    let mut desk = client(&office, Some(&token), 1).await;
    for event in ["entrar-puesto", "abrir-puesto", "entrar-cliente"] {
        let answer = desk.emit_with_ack(event, json!({"escritorio": 1, "nombre": "Bea", "usuario": bea})).await;
        assert_eq!(code(&answer), "forbidden", "{event}");
    }
    assert_eq!(desk.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await["ok"], true);
    let opened = desk.emit_with_ack("abrir-puesto", json!({"escritorio": 1})).await;
    assert_eq!(opened["puesto"]["agente"].as_str(), Some(ana.as_str()), "{opened}");
}

#[tokio::test]
async fn over_rest_whoever_signed_in_sits_and_writes_as_nobody_else_either() {
    let (office, admin) = guarded().await;
    let (ana_id, ana) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let (bea_id, bea) = user(&office, &admin, "bea", "agente", Value::Null).await;
    assert_eq!(ask(&office, &bea, "POST", "/branches/1/desks/1/open", json!({"usuario": bea_id})).await.0, 200);
    let taken = ask(&office, &ana, "POST", "/branches/1/desks/3/open", json!({"usuario": bea_id, "tomar": true})).await;
    assert_eq!((taken.0, code(&taken.1)), (403, "forbidden"));
    let desks = ask(&office, &admin, "GET", "/branches/1/queue", Value::Null).await.1["cola"]["escritorios"].clone();
    assert_eq!((&desks[0]["agente"], &desks[0]["estado"]), (&json!(bea_id), &json!("abierto")), "hers is as it was");
    assert_eq!(desks[2]["estado"], "cerrado");
    assert_eq!(ask(&office, &ana, "POST", "/branches/1/desks/3/open", json!({"usuario": ana_id})).await.0, 200);
    for (de, status) in [(json!(bea_id), 403), (json!(ana_id), 200), (json!("Megafonía"), 200), (Value::Null, 200)] {
        let body = json!({"mensaje": "hola", "de": de});
        assert_eq!(ask(&office, &ana, "POST", "/messages", body).await.0, status, "{de}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_and_a_wrong_cookie_is_nobody() {
    let (office, _) = guarded().await;
    let mut open = Client::open(office.address(), Options::default()).await;
    for token in [r#""sgs_invented""#, r#""""#, "7", "{}"] {
        open.send(format!(r#"40{{"token":{token}}}"#));
        let refusal = open.expect_packet("44").await;
        assert!(refusal.contains(r#""code":"not_signed_in""#), "{token}: {refusal}");
    }
    open.send("40");
    open.expect_packet("40").await;
}

#[tokio::test]
async fn who_is_revoked_goes_at_once() {
    let (office, admin) = guarded().await;
    let (id, token) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let path = format!("/users/{id}");
    for (method, path, body) in [
        ("PUT", path.clone(), json!({"nombre": "Ana", "rol": "agente", "sucursales": {"2": "agente"}})),
        ("PUT", path.clone(), json!({"nombre": "Ana", "rol": "agente", "sucursales": null})),
        ("PUT", format!("{path}/password"), json!({"nueva": PASSWORD})),
        ("DELETE", path.clone(), Value::Null),
    ] {
        let fresh = match ask(&office, &token, "GET", "/session", Value::Null).await.0 {
            200 => token.clone(),
            _ => crate::harness::badge::sign_in(office.address(), "ana", PASSWORD).await,
        };
        let mut desk = client(&office, Some(&fresh), 1).await;
        let may = desk.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await["ok"] == true;
        let (status, answer) = ask(&office, &admin, method, &path, body.clone()).await;
        assert!(matches!(status, 200 | 204), "{status} {answer}");
        if may && body.get("sucursales") != Some(&Value::Null) {
            desk.expect_packet("41").await;
        }
    }
}

#[tokio::test]
async fn a_session_is_not_given_back_to_somebody_else() {
    let (office, admin) = guarded().await;
    let (id, token) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let open = Client::open(office.address(), Options::default()).await;
    let mut desk = open;
    desk.send(format!("40{}", json!({"token": token, "recovery": true})));
    let welcome: Value = serde_json::from_str(&desk.expect_packet("40").await[2..]).unwrap();
    let (sid, pid) = (welcome["sid"].clone(), welcome["pid"].as_str().expect("a session to come back to").to_owned());
    desk.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await;
    let offset = desk.expect("cola", |_| true);
    drop(offset);
    drop(desk);
    assert_eq!(ask(&office, &admin, "DELETE", &format!("/users/{id}"), Value::Null).await.0, 204);
    for auth in [json!({"pid": pid, "offset": "0", "recovery": true}), json!({"pid": pid, "offset": "0", "recovery": true, "token": admin})]
    {
        let mut thief = Client::open(office.address(), Options::default()).await;
        thief.send(format!("40{auth}"));
        let welcome: Value = serde_json::from_str(&thief.expect_packet("40").await[2..]).unwrap();
        assert_ne!(welcome["sid"], sid, "it begins anew");
        assert_eq!(
            code(&thief.emit_with_ack("cola", json!({})).await),
            if auth.get("token").is_some() { "not_joined" } else { "not_signed_in" }
        );
    }
}

#[tokio::test]
async fn the_people_of_a_branch_are_heard_by_those_who_serve_there_alone() {
    let (office, admin) = guarded().await;
    let (_, ana) = user(&office, &admin, "ana", "agente", json!({"1": "agente"})).await;
    let (bea_id, bea) = user(&office, &admin, "bea", "agente", json!({"1": "agente"})).await;
    let (_, eva) = user(&office, &admin, "eva", "agente", json!({"2": "agente"})).await;
    let mut screens = Vec::new();
    for kind in ["kiosco", "pantalla"] {
        screens.push(paired(&office, &admin, kind).await.1);
    }
    let mut outside = vec![client(&office, None, 1).await, client(&office, Some(&eva), 1).await];
    for token in &screens {
        outside.push(client(&office, Some(token), 1).await);
    }
    let mut bea = client(&office, Some(&bea), 1).await;
    let mut ana = client(&office, Some(&ana), 1).await;
    assert_eq!(ana.emit_with_ack("entrar-cliente", json!({"nombre": "Ana"})).await["ok"], true);
    assert_eq!(bea.expect("usuario-conectado", |_| true).await[0]["nombre"], "Ana");
    assert_eq!(ana.emit_with_ack("enviar-mensaje", json!({"mensaje": "a todos"})).await["ok"], true);
    bea.expect("enviar-mensaje", |args| args[0]["mensaje"] == "a todos").await;
    assert_eq!(ask(&office, &admin, "POST", "/messages", json!({"mensaje": "de fuera"})).await.0, 200);
    bea.expect("enviar-mensaje", |args| args[0]["mensaje"] == "de fuera").await;
    assert_eq!(ask(&office, &admin, "POST", "/users", json!({"nombre": "Inés", "rol": "agente"})).await.0, 201);
    bea.expect("nuevo-usuario", |args| args[0]["nombre"] == "Inés").await;
    let visitor = outside[0].id.clone();
    let private = ana.emit_with_ack("enviar-mensaje", json!({"mensaje": "x", "para": visitor})).await;
    assert_eq!(code(&private), "unknown_recipient");
    for (number, client) in outside.iter_mut().enumerate() {
        client.emit_with_ack("nada", json!({})).await;
        for event in ["usuario-conectado", "enviar-mensaje", "nuevo-usuario"] {
            assert_eq!(client.take_heard(event), Vec::<Vec<Value>>::new(), "{event} to {number}");
        }
    }
    // Who may not serve here any more hears no more either.
    let elsewhere = json!({"nombre": "Bea", "rol": "agente", "sucursales": {"2": "agente"}});
    assert_eq!(ask(&office, &admin, "PUT", &format!("/users/{bea_id}"), elsewhere).await.0, 200);
    bea.expect_packet("41").await;
}
