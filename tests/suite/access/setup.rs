//! The first start: who has the code of the console makes the office and its first admin, once. Nobody else does.

use std::time::Duration;

use serde_json::{Value, json};
use siguiente::access::Rate;
use siguiente::office::BranchId;

use super::{ask, code};
use crate::harness::badge::{PASSWORD, sign_in};
use crate::harness::{Http, TestOffice, rest, rest_answer};

/// A guarded office without an admin, and its code.
async fn new_office() -> (TestOffice, String) {
    let office = TestOffice::setup().guarded_with(Rate { burst: 30, every: 1_000 }).not_set_up().spawn().await;
    let code = office.setup_code().expect("nobody has set it up").to_owned();
    (office, code)
}

fn form(code: &str) -> Value {
    json!({
        "codigo": code,
        "sucursal": {"nombre": "Puerto", "zona": "Europe/Madrid", "idiomas": ["es"], "escritorios": 4, "pantallas": "vinculadas",
            "servicios": [{"prefijo": "R", "nombre": "Registro"}, {"prefijo": "P", "nombre": "Pagos"}]},
        "admin": {"nombre": "Inés Ñandú", "acceso": "Ines", "clave": PASSWORD},
    })
}

async fn set_up(office: &TestOffice, form: Value) -> Http {
    rest_answer(office.address(), "POST", "/setup", &["Sec-Fetch-Site: same-origin"], form).await
}

async fn is_pending(office: &TestOffice) -> bool {
    let (status, body) = rest(office.address(), "GET", "/setup", Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body["pendiente"].as_bool().expect("yes or no")
}

fn refusal(answer: &Http) -> (u16, String) {
    let body: Value = serde_json::from_str(&answer.body).expect("a problem is JSON");
    (answer.status, code(&body).to_owned())
}

#[tokio::test]
async fn the_code_of_the_console_makes_the_office_and_its_first_admin_once() {
    let (office, setup_code) = new_office().await;
    assert!(is_pending(&office).await);
    assert_eq!(rest(office.address(), "GET", "/users", Value::Null).await.0, 401, "it is guarded before anybody is there");
    let spoken = setup_code.to_lowercase().replace('-', " ");
    let answer = set_up(&office, form(&spoken)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let entered: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&entered["quien"], &entered["usuario"]["acceso"]), (&json!("usuario"), &json!("ines")));
    assert_eq!((&entered["usuario"]["nombre"], &entered["usuario"]["rol"]), (&json!("Inés Ñandú"), &json!("admin")));
    let set = answer.header("set-cookie").expect("who sets it up is signed in");
    assert!(set.starts_with("siguiente=sgs_") && set.contains("HttpOnly") && !answer.body.contains("sgs_"), "{set}");
    let cookie = format!("Cookie: {}", set.split(';').next().unwrap());
    let session = rest_answer(office.address(), "GET", "/session", &[&cookie], Value::Null).await;
    assert!(session.body.contains(r#""quien":"usuario""#), "{}", session.body);

    let admin = sign_in(office.address(), "ines", PASSWORD).await;
    let (status, settings) = ask(&office, &admin, "GET", "/branches/1", Value::Null).await;
    assert_eq!((status, &settings["name"], &settings["time_zone"]), (200, &json!("Puerto"), &json!("Europe/Madrid")));
    let prefixes: Vec<_> = settings["services"].as_array().unwrap().iter().map(|service| service["prefix"].as_str().unwrap()).collect();
    assert_eq!((prefixes, settings["desks"].as_array().unwrap().len()), (vec!["R", "P"], 4));
    let (_, audit) = ask(&office, &admin, "GET", "/audit?accion=set_up", Value::Null).await;
    assert_eq!(audit["entradas"].as_array().map(Vec::len), Some(1), "{audit}");
    assert!(!audit.to_string().contains(&setup_code) && !audit.to_string().contains(PASSWORD), "{audit}");

    assert!(!is_pending(&office).await);
    let other = json!({"codigo": setup_code, "admin": {"nombre": "Eva", "acceso": "eva", "clave": PASSWORD}});
    assert_eq!(refusal(&set_up(&office, other.clone()).await), (409, "already_set_up".into()));
    let office = office.restart().await;
    assert_eq!(office.setup_code(), None, "there is nothing left to set up");
    assert_eq!(refusal(&set_up(&office, other).await), (409, "already_set_up".into()));
    let admin = sign_in(office.address(), "ines", PASSWORD).await;
    let (_, users) = ask(&office, &admin, "GET", "/users", Value::Null).await;
    assert_eq!(users["usuarios"].as_array().unwrap().len(), 1, "{users}");
}

#[tokio::test]
async fn five_wrong_codes_a_minute_are_looked_at_and_then_not_even_the_right_one() {
    let (office, setup_code) = new_office().await;
    for wrong in ["", "2222-2222", &setup_code[..8], &format!("{setup_code}2"), "ñandú"] {
        assert_eq!(refusal(&set_up(&office, form(wrong)).await), (403, "bad_setup_code".into()), "{wrong:?}");
    }
    let refused = set_up(&office, form(&setup_code)).await;
    assert_eq!(refusal(&refused), (429, "too_many_attempts".into()));
    let wait: u64 = refused.header("retry-after").expect("when again").parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert!(is_pending(&office).await);
    office.clock().advance(Duration::from_secs(wait));
    assert_eq!(set_up(&office, form(&setup_code)).await.status, 201);
}

#[tokio::test]
async fn a_form_that_is_wrong_makes_nobody_and_nothing() {
    let (office, setup_code) = new_office().await;
    let changed = |pointer: &str, value: Value| {
        let mut form = form(&setup_code);
        *form.pointer_mut(pointer).expect("it is in the form") = value;
        form
    };
    for (pointer, value, expected) in [
        ("/admin/clave", json!("corta"), "weak_password"),
        ("/admin/clave", json!("x".repeat(201)), "weak_password"),
        ("/admin/acceso", json!("a b"), "bad_request"),
        ("/admin/acceso", json!(""), "bad_request"),
        ("/admin/nombre", json!(" "), "bad_request"),
        ("/admin", json!({"nombre": "Eva", "acceso": "eva", "clave": PASSWORD, "rol": "admin"}), "bad_request"),
        ("/sucursal/escritorios", json!(0), "bad_request"),
        ("/sucursal/escritorios", json!(4_000_000_000_u32), "bad_request"),
        ("/sucursal/servicios", json!([]), "bad_request"),
        ("/sucursal/zona", json!("Europe/Atlantis"), "bad_request"),
        ("/sucursal/nombre", json!(""), "bad_request"),
        ("/codigo", json!(7), "bad_request"),
    ] {
        let answer = set_up(&office, changed(pointer, value.clone())).await;
        assert_eq!(refusal(&answer), (422, expected.into()), "{pointer} {value}");
    }
    let foreign = rest_answer(office.address(), "POST", "/setup", &["Origin: https://evil.example"], form(&setup_code)).await;
    assert_eq!(refusal(&foreign), (403, "foreign_origin".into()));
    assert!(is_pending(&office).await);
    assert_eq!(office.setup_code(), Some(setup_code.as_str()));
    assert_eq!(set_up(&office, form(&setup_code)).await.status, 201, "a right code costs no try, whatever else is wrong");
}

async fn office_name(office: &TestOffice) -> Value {
    let admin = sign_in(office.address(), "ines", PASSWORD).await;
    ask(office, &admin, "GET", "/branches/1", Value::Null).await.1["name"].clone()
}

#[tokio::test]
async fn where_the_office_cannot_be_written_there_is_no_admin_either() {
    let (office, setup_code) = new_office().await;
    office.faults.fail_commits(1);
    assert_eq!(refusal(&set_up(&office, form(&setup_code)).await), (503, "storage_unavailable".into()));
    assert!(is_pending(&office).await);
    let office = office.restart().await;
    assert!(is_pending(&office).await);
    let again = office.setup_code().expect("nobody has set it up").to_owned();
    assert_eq!(set_up(&office, form(&again)).await.status, 201);
    assert_eq!(office_name(&office).await, "Puerto");
}

#[tokio::test]
async fn a_set_up_that_ended_between_office_and_admin_is_done_again() {
    let (office, setup_code) = new_office().await;
    // The office is written, and what is of no branch, such as the admin, is not.
    office.faults.only(BranchId(0));
    office.faults.fail_all_commits();
    assert_eq!(refusal(&set_up(&office, form(&setup_code)).await), (503, "storage_unavailable".into()));
    let status = rest(office.address(), "GET", "/branches/1/status", Value::Null).await.1;
    assert_eq!(status["nombre"], "Puerto", "{status}");
    let office = office.restart().await;
    assert!(is_pending(&office).await, "there is an office and nobody to look after it");
    let again = office.setup_code().expect("nobody has set it up").to_owned();
    let mut other = form(&again);
    other["sucursal"]["nombre"] = json!("Bahía");
    assert_eq!(set_up(&office, other).await.status, 201);
    assert_eq!(office_name(&office).await, "Bahía", "it is the office that was asked for last");
}

#[tokio::test]
async fn of_two_who_have_the_code_at_once_one_is_the_first_admin() {
    let (office, setup_code) = new_office().await;
    let other = || {
        let mut other = form(&setup_code);
        other["sucursal"]["nombre"] = json!("Bahía");
        other["admin"] = json!({"nombre": "Eva", "acceso": "eva", "clave": PASSWORD});
        other
    };
    let (one, two) = tokio::join!(set_up(&office, form(&setup_code)), set_up(&office, other()));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.body, two.body);
    let (account, name) = if one.status == 201 { ("ines", "Puerto") } else { ("eva", "Bahía") };
    let admin = sign_in(office.address(), account, PASSWORD).await;
    let (_, users) = ask(&office, &admin, "GET", "/users", Value::Null).await;
    assert_eq!(users["usuarios"].as_array().unwrap().len(), 1, "{users}");
    let (_, settings) = ask(&office, &admin, "GET", "/branches/1", Value::Null).await;
    assert_eq!(settings["name"], name, "the office is the one of who was first");
}
