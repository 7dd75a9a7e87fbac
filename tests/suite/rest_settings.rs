//! REST: what an office is set to, as a whole and in parts, by many at once; and a branch that is made while others serve.

use serde_json::{Value, json};
use siguiente::app;

use crate::harness::{TestOffice, rest, rest_answer};

#[track_caller]
fn refusal((status, body): (u16, Value), expected: u16) -> (String, String) {
    assert_eq!(status, expected, "{body}");
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("lugar"))
}

#[tokio::test]
async fn the_settings_are_read_and_replaced_whole() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let mut display = office.display().await;
    let answer = rest_answer(address, "GET", "/branches/1", &[], Value::Null).await;
    let mut settings: Value = serde_json::from_str(&answer.body).unwrap();
    let mut expected = serde_json::to_value(app::demo_office()).unwrap();
    expected["id"] = json!(1);
    assert_eq!(settings, expected);
    let read = format!("If-Match: {}", answer.header("etag").unwrap());

    settings["policy"] = json!({"kind": "fifo"});
    let changed = rest_answer(address, "PUT", "/branches/1", &[&read], settings.clone()).await;
    assert_eq!((changed.status, serde_json::from_str::<Value>(&changed.body).unwrap()), (200, settings.clone()));
    assert_ne!(changed.header("etag"), answer.header("etag"));
    display.follow_to_change("configurado").await;

    // Whoever read before that must read again.
    settings["policy"] = json!({"kind": "strict"});
    let late = rest_answer(address, "PUT", "/branches/1", &[&read], settings.clone()).await;
    assert_eq!((late.status, serde_json::from_str::<Value>(&late.body).unwrap()["code"].clone()), (412, json!("conflict")));
    assert_eq!(rest(address, "GET", "/branches/1/policy", Value::Null).await, (200, json!({"kind": "fifo"})));

    for (path, value, place) in [
        ("/services/0/prefix", json!("ABCD"), "services[0].prefix"),
        ("/desks", json!([]), "desks"),
        ("/policy", json!({"kind": "accumulating", "factor": 0}), "policy.factor"),
    ] {
        let mut wrong = settings.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        let answer = refusal(rest(address, "PUT", "/branches/1", wrong).await, 422);
        assert_eq!(answer, ("bad_request".into(), place.into()));
    }
    for policy in
        [json!({"kind": "fifo", "factor": 2}), json!({"kind": "strict", "x": 1}), json!({"kind": "guarded_ratio", "normals": 2, "x": 1})]
    {
        assert_eq!(refusal(rest(address, "PUT", "/branches/1/policy", policy.clone()).await, 422).0, "bad_request", "{policy}");
    }
    let mut other = settings.clone();
    other["id"] = json!(2);
    assert_eq!(refusal(rest(address, "PUT", "/branches/1", other).await, 422).0, "bad_request");
    settings["colour"] = json!("red");
    assert_eq!(refusal(rest(address, "PUT", "/branches/1", settings).await, 422).0, "bad_request");

    let office = office.restart().await;
    assert_eq!(rest(office.address(), "GET", "/branches/9", Value::Null).await.0, 404);
}

#[tokio::test]
async fn services_and_desks_are_added_changed_and_removed() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let service = json!({"slug": "vacunas", "prefix": "V", "name": {"es": "Vacunas", "en": "Vaccines"}});
    let made = rest_answer(address, "POST", "/branches/1/services", &[], service).await;
    assert_eq!((made.status, made.header("location")), (201, Some("/api/v1/branches/1/services/4")));
    assert_eq!(rest(address, "POST", "/branches/1/tickets", json!({"servicio": "vacunas"})).await.1["ticket"]["codigo"], "V-001");

    let mut changed: Value = serde_json::from_str(&made.body).unwrap();
    changed["quota"] = json!(1);
    assert_eq!(rest(address, "PUT", "/branches/1/services/vacunas", changed.clone()).await, (200, changed.clone()));
    assert_eq!(refusal(rest(address, "POST", "/branches/1/tickets", json!({"servicio": "V"})).await, 409).0, "quota_reached");
    assert_eq!(refusal(rest(address, "DELETE", "/branches/1/services/4", Value::Null).await, 409).0, "service_in_use");
    rest(address, "POST", "/branches/1/tickets/V-001/cancel", json!({})).await;
    assert_eq!(rest(address, "DELETE", "/branches/1/services/4", Value::Null).await.0, 204);
    assert_eq!(refusal(rest(address, "GET", "/branches/1/services/4", Value::Null).await, 404).0, "unknown_service");

    let desk = json!({"name": {"es": "Box", "en": "Room"}});
    let (status, made) = rest(address, "POST", "/branches/1/desks", desk.clone()).await;
    assert_eq!((status, &made["id"]), (201, &json!(4)));
    assert_eq!(refusal(rest(address, "POST", "/branches/1/desks", json!({"id": 4, "name": desk["name"]})).await, 422).1, "desks[4].id");
    assert_eq!(rest(address, "DELETE", "/branches/1/desks/4", Value::Null).await.0, 204);
    for path in ["/branches/1/desks/4", "/branches/1/desks/x", "/branches/1/desks/-1"] {
        assert_eq!(refusal(rest(address, "GET", path, Value::Null).await, 404).0, "unknown_desk", "{path}");
    }
    let hours = json!({"hours": {"mon": [["08:00", "14:00"]]}, "last_tickets": 5});
    let (status, kept) = rest(address, "PUT", "/branches/1/hours", hours).await;
    assert_eq!((status, &kept["hours"]["mon"], &kept["holidays"]), (200, &json!([["08:00", "14:00"]]), &json!([])));
    for list in [json!([]), json!([{}, [], 5])] {
        let (status, refused) = rest(address, "PUT", "/branches/1/hours", list).await;
        assert_eq!((status, &refused["code"]), (422, &json!("bad_request")), "{refused}");
    }
    assert_eq!(rest(address, "GET", "/branches/1/hours", Value::Null).await.1, kept, "a list wipes nothing");
    let wrong = json!({"hours": {"mon": [["14:00", "08:00"]]}});
    assert_eq!(refusal(rest(address, "PUT", "/branches/1/hours", wrong).await, 422).1, "hours.mon[0]");
}

#[tokio::test]
async fn changes_at_the_same_time_undo_nothing_of_each_other() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let desk = |number: u32| {
        let name = format!("Box {number}");
        async move { rest(address, "POST", "/branches/1/desks", json!({"name": {"es": name, "en": name}})).await.0 }
    };
    let added = futures_util::future::join_all((0..20).map(desk)).await;
    assert_eq!(added, [201; 20]);
    let (_, desks) = rest(address, "GET", "/branches/1/desks", Value::Null).await;
    assert_eq!(desks["desks"].as_array().map(Vec::len), Some(23));
}

#[tokio::test]
async fn no_two_branches_are_given_one_name_at_once() {
    let office = TestOffice::setup().with_branch(2, |settings| settings.name = "Puerto".into()).spawn().await;
    let address = office.address();
    let rename = |id: u32| async move {
        let (_, mut settings) = rest(address, "GET", &format!("/branches/{id}"), Value::Null).await;
        settings["name"] = json!("Sierra");
        rest(address, "PUT", &format!("/branches/{id}"), settings).await.0
    };
    let (one, other) = futures_util::future::join(rename(1), rename(2)).await;
    assert!(matches!((one, other), (200, 422) | (422, 200)), "{one} {other}");
    let (_, branches) = rest(address, "GET", "/branches", Value::Null).await;
    let names = branches["sucursales"].as_array().unwrap().iter().filter(|branch| branch["nombre"] == "Sierra").count();
    assert_eq!(names, 1, "{branches}");
}

#[tokio::test]
async fn a_branch_is_made_while_others_serve() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let mut settings = serde_json::to_value(app::demo_office()).unwrap();
    assert_eq!(refusal(rest(address, "POST", "/branches", settings.clone()).await, 422).0, "bad_request", "the name is taken");
    settings["name"] = json!("Puerto");
    let made = rest_answer(address, "POST", "/branches", &[], settings.clone()).await;
    assert_eq!((made.status, made.header("location")), (201, Some("/api/v1/branches/2")), "{}", made.body);
    let (_, branches) = rest(address, "GET", "/branches", Value::Null).await;
    assert_eq!(branches["sucursales"][1], json!({"id": 2, "nombre": "Puerto"}));
    let mut display = office.branch(2).display().await;
    assert_eq!(rest(address, "POST", "/branches/2/tickets", json!({})).await.1["ticket"]["codigo"], "A-001");
    rest(address, "POST", "/branches/2/desks/1/call-next", json!({})).await;
    display.expect_call("A-001", 1).await;
    let (_, mut first) = rest(address, "GET", "/branches/1", Value::Null).await;
    first["name"] = json!("Puerto");
    assert_eq!(refusal(rest(address, "PUT", "/branches/1", first).await, 422).0, "bad_request", "the name is taken");

    let office = office.restart().await;
    let (_, own) = rest(office.address(), "GET", "/branches/2", Value::Null).await;
    settings["id"] = json!(2);
    assert_eq!(own, settings);
    office.faults.fail_all_commits();
    settings["name"] = json!("Sierra");
    settings.as_object_mut().unwrap().remove("id");
    let answer = rest(office.address(), "POST", "/branches", settings.clone()).await;
    assert_eq!(refusal(answer, 503).0, "storage_unavailable");
    office.faults.heal();
    let (status, made) = rest(office.address(), "POST", "/branches", settings).await;
    assert_eq!((status, &made["id"]), (201, &json!(3)));
}
