//! REST: what an `Idempotency-Key` promises, and to whom.

use serde_json::{Value, json};

use crate::access::{ask, guarded, user};
use crate::harness::{Http, TestOffice, rest, rest_answer};

/// Posts with a key, as whoever shows this token.
async fn post(office: &TestOffice, token: &str, key: &str, path: &str, body: Value) -> Http {
    let headers = [&*format!("Authorization: Bearer {token}"), &format!("Idempotency-Key: {key}")];
    rest_answer(office.address(), "POST", path, &headers, body).await
}

fn json_of(answer: &Http) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_default()
}

#[tokio::test]
async fn what_was_answered_is_told_again_to_those_alone_who_may_still_ask() {
    let (office, admin) = guarded().await;
    let (bea_id, bea) = user(&office, &admin, "bea", "admin", Value::Null).await;
    let eva = json!({"nombre": "Eva", "rol": "agente"});
    let first = post(&office, &bea, "k", "/users", eva.clone()).await;
    assert_eq!((first.status, json_of(&post(&office, &bea, "k", "/users", eva.clone()).await)), (201, json_of(&first)));

    let demoted = json!({"nombre": "bea", "rol": "agente", "acceso": "bea", "sucursales": {"1": "agente"}});
    assert_eq!(ask(&office, &admin, "PUT", &format!("/users/{bea_id}"), demoted).await.0, 200);
    let refused = post(&office, &bea, "k", "/users", eva.clone()).await;
    assert_eq!((refused.status, &json_of(&refused)["code"]), (403, &json!("forbidden")));
    let said = post(&office, &bea, "m", "/messages", json!({"mensaje": "hola"})).await;
    assert_eq!(said.status, 200, "{}", said.body);

    assert_eq!(ask(&office, &admin, "DELETE", &format!("/users/{bea_id}"), Value::Null).await.0, 204);
    for (key, path, body) in [("k", "/users", eva), ("m", "/messages", json!({"mensaje": "hola"}))] {
        let refused = post(&office, &bea, key, path, body).await;
        assert_eq!((refused.status, &json_of(&refused)["code"]), (401, &json!("not_signed_in")), "{path}");
    }
}

#[tokio::test]
async fn a_secret_is_told_once_and_nobody_displaces_answers() {
    let office = TestOffice::spawn().await;
    let hook = json!({"url": "https://example.org/"});
    let made = post(&office, "x", "h", "/branches/1/webhooks", hook.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let other = json_of(&post(&office, "x", "h", "/branches/1/webhooks", hook).await);
    assert_ne!((&other["id"], &other["secreto"]), (&json_of(&made)["id"], &json_of(&made)["secreto"]));
    let path = format!("/branches/1/webhooks/{}/rotate", other["id"].as_str().unwrap());
    let secrets = [post(&office, "x", "r", &path, Value::Null).await, post(&office, "x", "r", &path, Value::Null).await];
    assert!(secrets.iter().all(|answer| json_of(answer)["secreto"].is_string()), "{secrets:?}");
    let kept = "Idempotency-Key: o";
    let wrong = rest_answer(office.address(), "POST", "/tickets/own", &[kept], json!({"token": "0"})).await;
    assert_eq!(wrong.status, 404, "{}", wrong.body);
    let (_, taken) = rest(office.address(), "POST", "/branches/1/tickets", json!({})).await;
    let right = rest_answer(office.address(), "POST", "/tickets/own", &[kept], json!({"token": taken["ticket"]["token"]})).await;
    assert_eq!(right.status, 200, "{}", right.body);
}

#[tokio::test]
async fn a_tag_is_refused_where_none_is_compared() {
    let office = TestOffice::spawn().await;
    let (_, user) = rest(office.address(), "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    let path = format!("/users/{}", user["id"].as_str().unwrap());
    let read = rest_answer(office.address(), "GET", &path, &[], Value::Null).await;
    let tag = format!("If-Match: {}", read.header("etag").unwrap());
    for (method, path, body) in [
        ("PUT", path.as_str(), json!({"nombre": "Bea", "rol": "agente"})),
        ("DELETE", path.as_str(), Value::Null),
        ("PUT", "/ticker", json!({"mensaje": "hola"})),
    ] {
        let refused = rest_answer(office.address(), method, path, &[&tag], body).await;
        assert_eq!((refused.status, &json_of(&refused)["code"]), (400, &json!("bad_request")), "{method} {path}");
    }
    assert_eq!(rest(office.address(), "GET", &path, Value::Null).await.1["nombre"], "Ana");
}

#[tokio::test]
async fn a_key_is_the_caller_s_own_for_one_command() {
    let (office, admin) = guarded().await;
    let (_, ana) = user(&office, &admin, "ana", "agente", json!({"1": "agente"})).await;
    let (_, bea) = user(&office, &admin, "bea", "agente", json!({"1": "agente"})).await;
    let take = async |token: &str, name: &str| {
        let answer = post(&office, token, "k", "/branches/1/tickets", json!({"servicio": "A", "nombre": name})).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        json_of(&answer)["ticket"].clone()
    };
    let mine = take(&ana, "Inés").await;
    assert_eq!(take(&ana, "Inés").await["id"], mine["id"]);
    let yours = take(&bea, "Luis").await;
    assert_ne!((&yours["id"], &yours["token"]), (&mine["id"], &mine["token"]), "another one's key");

    let call = async |token: &str, desk: u32| {
        let answer = post(&office, token, "k", &format!("/branches/1/desks/{desk}/call-next"), json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        json_of(&answer)["ticket"]["codigo"].clone()
    };
    assert_eq!([call(&ana, 1).await, call(&ana, 1).await], ["A-001", "A-001"]);
    let elsewhere = post(&office, &ana, "k", "/branches/1/desks/2/call-next", json!({})).await;
    assert_eq!((elsewhere.status, &json_of(&elsewhere)["code"]), (409, &json!("agent_busy")), "another desk");
    assert_eq!(call(&bea, 2).await, "A-002");
    assert_eq!([call(&ana, 1).await, call(&bea, 2).await], ["A-001", "A-002"]);

    // Visitors choose simple keys: each ticket has its own.
    for (key, name) in [("v1", "Eva"), ("v2", "Sol")] {
        let body = json!({"servicio": "A", "nombre": name});
        let ticket = json_of(&post(&office, &ana, key, "/branches/1/tickets", body).await)["ticket"].clone();
        let token = json!({"token": ticket["token"]});
        let left = rest_answer(office.address(), "POST", "/tickets/own/cancel", &["Idempotency-Key: 1"], token).await;
        assert_eq!((left.status, &json_of(&left)["ticket"]["id"]), (200, &ticket["id"]), "{}", left.body);
    }
}
