//! Who may come in and do what: sign-in, its end, cookies, paired screens, and what happens to those who may not.

mod devices;
mod forged;
mod setup;
mod sockets;

use std::time::Duration;

pub use devices::paired;
use serde_json::{Value, json};

use crate::harness::badge::{ACCOUNT, PASSWORD, sign_in};
use crate::harness::{Client, Http, Options, TestOffice, rest_answer};

/// Asks as whoever shows this token; the status and the body.
pub async fn ask(office: &TestOffice, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = rest_answer(office.address(), method, path, &[&format!("Authorization: Bearer {token}")], body).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

/// An office that is guarded, and its admin's token.
pub async fn guarded() -> (TestOffice, String) {
    let office = TestOffice::setup().with_branch(1, |_| {}).with_branch(2, |settings| settings.name = "Puerto".into());
    let office = office.guarded().spawn().await;
    let admin = sign_in(office.address(), ACCOUNT, PASSWORD).await;
    (office, admin)
}

/// A new user who signs in: her id and her token.
pub async fn user(office: &TestOffice, admin: &str, account: &str, role: &str, branches: Value) -> (String, String) {
    let body = json!({"nombre": account, "rol": role, "acceso": account, "sucursales": branches, "clave": PASSWORD});
    let (status, user) = ask(office, admin, "POST", "/users", body).await;
    assert_eq!(status, 201, "{user}");
    (user["id"].as_str().unwrap().to_owned(), sign_in(office.address(), account, PASSWORD).await)
}

/// A client that shows this token, or nothing.
pub async fn client(office: &TestOffice, token: Option<&str>, branch: u32) -> Client {
    let mut auth = json!({"sucursal": branch});
    if let Some(token) = token {
        auth["token"] = token.into();
    }
    Client::connect_with(office.address(), Options { auth: Some(auth), ..Options::default() }).await
}

/// Signs in as a browser does: the answer, and the cookie as the browser sends it back.
async fn browse(office: &TestOffice, cookie: &str) -> (Http, String) {
    let headers = ["Sec-Fetch-Site: same-origin", &format!("Cookie: {cookie}")];
    let answer = rest_answer(office.address(), "POST", "/session", &headers, json!({"acceso": ACCOUNT, "clave": PASSWORD})).await;
    let set = answer.header("set-cookie").unwrap_or_default().to_owned();
    (answer, set.split(';').next().unwrap_or_default().to_owned())
}

async fn session(office: &TestOffice, header: &str) -> Http {
    rest_answer(office.address(), "GET", "/session", &[header], Value::Null).await
}

pub fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn nobody_sees_what_is_public_and_nothing_else() {
    let (office, _) = guarded().await;
    let public = session(&office, "Accept: */*").await;
    let body: Value = serde_json::from_str(&public.body).unwrap();
    assert_eq!((public.status, body["quien"].as_str()), (200, Some("nadie")));
    assert_eq!(body["sucursales"][0], json!({"id": 1, "nombre": "Oficina Centro", "rol": null, "pantallas": "vinculadas"}));
    for (method, path) in [("GET", "/users"), ("GET", "/ticker"), ("GET", "/devices"), ("GET", "/sessions"), ("DELETE", "/ticker")] {
        let answer = rest_answer(office.address(), method, path, &[], Value::Null).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{method} {path}");
    }
    let mut nobody = client(&office, None, 1).await;
    for event in ["siguiente-ticket", "entrar-pantalla", "entrar-puesto", "atender-ticket", "cerrar-jornada", "entrar-cliente", "cifras"] {
        let answer = nobody.emit_with_ack(event, json!({"escritorio": 1, "nombre": "x"})).await;
        assert_eq!(code(&answer), "not_signed_in", "{event}");
    }
    assert_eq!(code(&nobody.emit_with_ack("no-hay", json!({})).await), "unknown_event");
    assert_eq!(code(&nobody.emit_with_ack("seguir-ticket", json!({"token": "00"})).await), "unknown_ticket");
}

#[tokio::test]
async fn a_role_reaches_as_far_as_it_was_given() {
    let (office, admin) = guarded().await;
    let (_, agent) = user(&office, &admin, "ana", "agente", json!({"1": "agente"})).await;
    let (_, supervisor) = user(&office, &admin, "bea", "supervisor", json!({"1": "supervisor"})).await;
    let (_, everywhere) = user(&office, &admin, "eva", "supervisor", Value::Null).await;
    for (token, branch, event, expected) in [
        (&agent, 1, "entrar-puesto", ""),
        (&agent, 1, "siguiente-ticket", ""),
        (&agent, 1, "cerrar-jornada", "forbidden"),
        (&agent, 2, "entrar-puesto", "forbidden"),
        (&agent, 2, "entrar-pantalla", "forbidden"),
        (&agent, 2, "siguiente-ticket", "forbidden"),
        (&supervisor, 1, "poner-aviso", "not_at_desk"),
        (&supervisor, 2, "poner-aviso", "forbidden"),
        (&admin, 2, "entrar-puesto", ""),
    ] {
        let mut client = client(&office, Some(token), branch).await;
        let answer = client.emit_with_ack(event, json!({"escritorio": 1, "mensaje": "x"})).await;
        assert_eq!(code(&answer), expected, "{branch} {event}");
    }
    for (token, method, path, status) in [
        (&agent, "GET", "/users", 200),
        (&agent, "DELETE", "/ticker", 403),
        (&supervisor, "DELETE", "/ticker", 204),
        (&supervisor, "DELETE", "/ticker?sucursal=2", 403),
        (&supervisor, "GET", "/devices", 403),
        (&admin, "GET", "/devices", 200),
        (&agent, "GET", "/branches/1/audit", 403),
        (&supervisor, "GET", "/branches/1/audit", 200),
        (&supervisor, "GET", "/branches/2/audit", 403),
        (&everywhere, "GET", "/branches/2/audit", 200),
        (&everywhere, "GET", "/audit", 403),
        (&admin, "GET", "/audit", 200),
    ] {
        assert_eq!(ask(&office, token, method, path, Value::Null).await.0, status, "{method} {path}");
    }
    let (_, list) = ask(&office, &agent, "GET", "/users", Value::Null).await;
    assert!(list["usuarios"][0].get("acceso").is_none(), "only admins see accounts: {list}");
    let refused = ask(&office, &supervisor, "POST", "/users", json!({"nombre": "Eva", "rol": "admin"})).await;
    assert_eq!((refused.0, code(&refused.1)), (403, "forbidden"));
    assert_eq!(ask(&office, &admin, "GET", "/users", Value::Null).await.1["usuarios"].as_array().unwrap().len(), 4, "nothing changed");
}

#[tokio::test]
async fn a_cookie_is_for_this_server_alone_and_every_sign_in_has_its_own() {
    let (office, _) = guarded().await;
    let (answer, cookie) = browse(&office, "siguiente=sgs_chosen_by_somebody_else").await;
    assert_eq!(answer.status, 201);
    let set = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Secure"), "http has no secure cookies: {set}");
    assert!(!answer.body.contains("sgs_"), "the token is the browser's secret");
    assert!(cookie.starts_with("siguiente=sgs_") && !cookie.contains("chosen"), "a sign-in takes no token that was there before");
    let body: Value = serde_json::from_str(&session(&office, &format!("Cookie: {cookie}")).await.body).unwrap();
    assert_eq!((body["quien"].as_str(), body["usuario"]["acceso"].as_str()), (Some("usuario"), Some(ACCOUNT)));

    let (_, second) = browse(&office, &cookie).await;
    assert_ne!(second, cookie);
    let stale = session(&office, &format!("Cookie: {cookie}")).await;
    assert!(stale.body.contains(r#""quien":"nadie""#), "who signs in again in the same browser has one sign-in");
    assert!(stale.header("set-cookie").is_some_and(|set| set.starts_with("siguiente=; ") && set.contains("Max-Age=0")), "{stale:?}");
}

#[tokio::test]
async fn what_was_signed_out_or_never_was_is_worth_nothing() {
    let (office, admin) = guarded().await;
    assert_eq!(ask(&office, "sgs_invented", "GET", "/session", Value::Null).await.0, 401);
    assert_eq!(ask(&office, "sgd_invented", "GET", "/session", Value::Null).await.0, 401);
    let other = sign_in(office.address(), ACCOUNT, PASSWORD).await;
    let (_, list) = ask(&office, &admin, "GET", "/sessions", Value::Null).await;
    let list = list["sesiones"].as_array().unwrap().clone();
    let theirs = list.iter().find(|session| session["actual"] == false).expect("the other sign-in")["id"].as_str().unwrap().to_owned();
    assert_eq!(list.len(), 2);
    assert_eq!(ask(&office, &admin, "DELETE", &format!("/sessions/{theirs}"), Value::Null).await.0, 204);
    assert_eq!(ask(&office, &other, "GET", "/session", Value::Null).await.0, 401);
    assert_eq!(ask(&office, &admin, "DELETE", "/session", Value::Null).await.0, 204);
    let (status, body) = ask(&office, &admin, "GET", "/users", Value::Null).await;
    assert_eq!((status, code(&body)), (401, "not_signed_in"));
}

#[tokio::test]
async fn a_sign_in_outlives_a_restart_and_ends_when_it_is_not_used() {
    let (office, admin) = guarded().await;
    let office = office.restart().await;
    assert_eq!(ask(&office, &admin, "GET", "/users", Value::Null).await.0, 200);
    office.clock().advance(Duration::from_secs(13 * 60 * 60));
    assert_eq!(ask(&office, &admin, "GET", "/users", Value::Null).await.0, 401);
}

#[tokio::test]
async fn guessing_is_slow_and_never_locks_the_owner_out() {
    let (office, _) = guarded().await;
    let guess = |clave: &str| {
        let body = json!({"acceso": ACCOUNT, "clave": clave, "portador": true});
        async { rest_answer(office.address(), "POST", "/session", &["Authorization: none"], body).await }
    };
    let mut seen = Vec::new();
    for number in 0..7 {
        seen.push(guess(&format!("adivinanza {number}")).await.status);
    }
    assert_eq!(seen, [401, 401, 401, 401, 401, 429, 429]);
    let refused = guess(PASSWORD).await;
    assert_eq!(refused.status, 429, "not even the right one from here");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    office.clock().advance(Duration::from_secs(wait as u64));
    assert_eq!(guess(PASSWORD).await.status, 201);
    let unknown = rest_answer(office.address(), "POST", "/session", &[], json!({"acceso": "nadie", "clave": PASSWORD})).await;
    assert_eq!((unknown.status, unknown.body.contains("bad_login")), (401, true), "as with a wrong password");
}

#[tokio::test]
async fn another_password_ends_all_other_sign_ins() {
    let (office, admin) = guarded().await;
    let other = sign_in(office.address(), ACCOUNT, PASSWORD).await;
    let change = |token: String, actual: &'static str, nueva: &'static str| {
        let office = &office;
        async move { ask(office, &token, "PUT", "/session/password", json!({"actual": actual, "nueva": nueva})).await }
    };
    assert_eq!(code(&change(admin.clone(), PASSWORD, "corta").await.1), "weak_password");
    assert_eq!(code(&change(admin.clone(), "otra cosa entera", "batería correcta").await.1), "bad_login");
    assert_eq!(change(admin.clone(), PASSWORD, "batería correcta").await.0, 204);
    assert_eq!(ask(&office, &other, "GET", "/session", Value::Null).await.0, 401);
    assert_eq!(ask(&office, &admin, "GET", "/session", Value::Null).await.0, 200);
    sign_in(office.address(), ACCOUNT, "batería correcta").await;
}

#[tokio::test]
async fn a_password_that_is_being_replaced_lets_nobody_in_and_one_who_is_being_disabled_neither() {
    let (office, admin) = guarded().await;
    let (eva, _) = user(&office, &admin, "eva", "agente", Value::Null).await;
    for (place, change) in [
        (format!("/users/{eva}/password"), json!({"nueva": "batería correcta"})),
        (format!("/users/{eva}"), json!({"nombre": "Eva", "rol": "agente", "clave": PASSWORD})),
        (format!("/users/{eva}"), json!({"nombre": "Eva", "rol": "agente", "activo": false})),
    ] {
        office.faults.hold_commits();
        let (address, bearer) = (office.address(), format!("Authorization: Bearer {admin}"));
        let old = if change["clave"].is_null() { PASSWORD } else { "batería correcta" };
        let changing = tokio::spawn(async move { rest_answer(address, "PUT", &place, &[&bearer], change).await.status });
        office.wait_held().await;
        // The password is right until the change is on disk: whoever shows it now waits behind the change, or comes after it.
        let entering = tokio::spawn(async move {
            let body = json!({"acceso": "eva", "clave": old, "portador": true});
            rest_answer(address, "POST", "/session", &["Authorization: none"], body).await.status
        });
        // These come later and are answered while nothing can be written: by then the one before has been looked at.
        for account in ["nadie", "ninguna"] {
            let wrong = json!({"acceso": account, "clave": PASSWORD});
            assert_eq!(rest_answer(office.address(), "POST", "/session", &["Authorization: none"], wrong).await.status, 401);
        }
        office.faults.release();
        assert!(matches!(changing.await.unwrap(), 200 | 204));
        assert_eq!(entering.await.unwrap(), 401);
    }
}

#[tokio::test]
async fn the_last_admin_stays_and_a_name_is_given_once() {
    let (office, admin) = guarded().await;
    let (_, me) = ask(&office, &admin, "GET", "/session", Value::Null).await;
    let own = format!("/users/{}", me["usuario"]["id"].as_str().unwrap());
    for (method, body) in [
        ("DELETE", Value::Null),
        ("PUT", json!({"nombre": "x", "rol": "agente"})),
        ("PUT", json!({"nombre": "x", "rol": "admin", "activo": false})),
        ("PUT", json!({"nombre": "x", "rol": "admin", "acceso": null})),
        ("PUT", json!({"nombre": "x", "rol": "admin", "sucursales": {"1": "admin"}})),
    ] {
        let (status, answer) = ask(&office, &admin, method, &own, body.clone()).await;
        assert_eq!((status, code(&answer)), (409, "last_admin"), "{method} {body}");
    }
    let (eva, token) = user(&office, &admin, "eva", "admin", Value::Null).await;
    let taken = json!({"nombre": "Otra", "rol": "agente", "acceso": "EVA", "clave": PASSWORD});
    assert_eq!(code(&ask(&office, &admin, "POST", "/users", taken).await.1), "login_taken");
    assert_eq!(ask(&office, &token, "DELETE", &own, Value::Null).await.0, 204);
    assert_eq!(ask(&office, &admin, "GET", "/session", Value::Null).await.0, 401, "who is gone is nobody");
    assert_eq!(code(&ask(&office, &token, "DELETE", &format!("/users/{eva}"), Value::Null).await.1), "last_admin");
}

#[tokio::test]
async fn where_hooks_may_go_is_not_for_the_admin_of_one_branch() {
    let (office, admin) = guarded().await;
    let (_, own) = user(&office, &admin, "ana", "admin", json!({"1": "admin"})).await;
    let (_, mut settings) = ask(&office, &own, "GET", "/branches/1", Value::Null).await;
    settings["padding"] = json!(4);
    assert_eq!(ask(&office, &own, "PUT", "/branches/1", settings.clone()).await.0, 200);
    settings["private_hooks"] = json!(true);
    let (status, refused) = ask(&office, &own, "PUT", "/branches/1", settings.clone()).await;
    assert_eq!((status, code(&refused)), (403, "forbidden"));
    assert_eq!(ask(&office, &own, "GET", "/branches/1", Value::Null).await.1["private_hooks"], false);
    assert_eq!(ask(&office, &admin, "PUT", "/branches/1", settings.clone()).await.0, 200);
    settings["padding"] = json!(3);
    assert_eq!(ask(&office, &own, "PUT", "/branches/1", settings.clone()).await.0, 200, "what stands is no change");
    settings["private_hooks"] = json!(false);
    assert_eq!(ask(&office, &own, "PUT", "/branches/1", settings).await.0, 403);
}

#[tokio::test]
async fn who_signs_in_where_somebody_else_was_ends_her_sign_in_and_it_is_told() {
    let (office, admin) = guarded().await;
    let (ana, _) = user(&office, &admin, "ana", "agente", Value::Null).await;
    let (cookie_of, sign_in) = (|answer: &Http| answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned(), "/session");
    let browser = async |cookie: &str, account: &str| {
        let headers = ["Sec-Fetch-Site: same-origin", &format!("Cookie: {cookie}")];
        rest_answer(office.address(), "POST", sign_in, &headers, json!({"acceso": account, "clave": PASSWORD})).await
    };
    let anas = cookie_of(&browser("a=b", "ana").await);
    let again = cookie_of(&browser(&anas, "ana").await);
    let ended = async || ask(&office, &admin, "GET", "/audit?accion=sign_in_ended", Value::Null).await.1["entradas"].clone();
    assert_eq!(ended().await, json!([]), "her own goes on in the new one");
    browser(&again, ACCOUNT).await;
    let lines = ended().await;
    assert_eq!((lines[0]["detalle"]["usuario"].as_str(), &lines[0]["quien"]["nombre"]), (Some(ana.as_str()), &json!(ACCOUNT)), "{lines}");
    assert!(session(&office, &format!("Cookie: {again}")).await.body.contains(r#""quien":"nadie""#));
}

#[tokio::test]
async fn failed_sign_ins_are_told_though_the_server_ends() {
    let (office, _) = guarded().await;
    for _ in 0..2 {
        let body = json!({"acceso": ACCOUNT, "clave": "something else"});
        assert_eq!(rest_answer(office.address(), "POST", "/session", &["Sec-Fetch-Site: same-origin"], body).await.status, 401);
    }
    let office = office.restart().await;
    let admin = sign_in(office.address(), ACCOUNT, PASSWORD).await;
    let (_, page) = ask(&office, &admin, "GET", "/audit?accion=sign_in_failed", Value::Null).await;
    assert_eq!(page["entradas"][0]["detalle"], json!({"veces": 2}), "{page}");
}
