//! REST: what is created can be read, changed and deleted, survives a restart, and whatever else is sent is refused in one form.

use serde_json::{Value, json};

use crate::harness::{Http, TestOffice, http, http_with_body, raw_http, rest, rest_answer};

/// A refusal in its form; its code.
#[track_caller]
fn problem(answer: &Http, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body: Value = serde_json::from_str(&answer.body).expect("a problem is JSON");
    let mut keys: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["code", "detail", "status", "title", "type"]);
    assert_eq!((&body["type"], &body["status"]), (&json!("about:blank"), &json!(status)));
    body["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_is_created_read_changed_and_deleted() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let answer = rest_answer(address, "POST", "/users", &[], json!({"nombre": " Inés Ñandú ", "rol": "supervisor"})).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("application/json")));
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), (Some("no-store"), Some("nosniff")));
    let user: Value = serde_json::from_str(&answer.body).unwrap();
    let now = office.clock().now().0;
    let account = json!({"acceso": null, "sucursales": null, "activo": true});
    let mut expected = json!({"id": user["id"], "nombre": "Inés Ñandú", "rol": "supervisor", "creado": now});
    expected.as_object_mut().unwrap().extend(account.as_object().unwrap().clone());
    assert_eq!(user, expected);
    let path = format!("/users/{}", user["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(format!("/api/v1{path}").as_str()));

    assert_eq!(rest(address, "GET", &path, Value::Null).await, (200, user.clone()));
    let head = rest_answer(address, "HEAD", &path, &[], Value::Null).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let (status, changed) = rest(address, "PUT", &path, json!({"nombre": "Inés", "rol": "admin"})).await;
    expected["nombre"] = json!("Inés");
    expected["rol"] = json!("admin");
    assert_eq!((status, &changed), (200, &expected));
    assert_eq!(rest(address, "GET", "/users", Value::Null).await, (200, json!({"usuarios": [changed], "siguiente": null})));

    let office = office.restart().await;
    let address = office.address();
    assert_eq!(rest(address, "GET", &path, Value::Null).await, (200, changed));
    assert_eq!(rest(address, "DELETE", &path, Value::Null).await, (204, Value::Null));
    for method in ["GET", "DELETE"] {
        assert_eq!(problem(&rest_answer(address, method, &path, &[], Value::Null).await, 404), "unknown_user");
    }
    let office = office.restart().await;
    assert_eq!(rest(office.address(), "GET", "/users", Value::Null).await.1["usuarios"], json!([]));
}

#[tokio::test]
async fn users_are_listed_in_pages() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    for name in ["a", "b", "c", "d", "e"] {
        office.clock().advance(std::time::Duration::from_millis(1));
        rest(address, "POST", "/users", json!({"nombre": name, "rol": "agente"})).await;
    }
    let (mut path, mut names) = ("/users?limite=2".to_owned(), Vec::new());
    loop {
        let (status, page) = rest(address, "GET", &path, Value::Null).await;
        assert_eq!(status, 200);
        let users = page["usuarios"].as_array().unwrap();
        assert!(users.len() <= 2);
        names.extend(users.iter().map(|user| user["nombre"].as_str().unwrap().to_owned()));
        match page["siguiente"].as_str() {
            Some(next) => path = format!("/users?limite=2&despues={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    for query in ["limite=0", "limite=-1", "limite=x", "otra=1", "limite=1&limite=2"] {
        assert_eq!(problem(&rest_answer(address, "GET", &format!("/users?{query}"), &[], Value::Null).await, 400), "bad_request");
    }
    assert_eq!(problem(&rest_answer(address, "GET", "/users?despues=x", &[], Value::Null).await, 422), "bad_request");
}

#[tokio::test]
async fn notes_are_sent_listed_and_read() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let (_, user) = rest(address, "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    let notes = format!("/users/{}/notes", user["id"].as_str().unwrap());
    let answer = rest_answer(address, "POST", &notes, &[], json!({"from": "Dirección", "mensaje": "Hola"})).await;
    let note: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(note.get("asunto"), None);
    let path = format!("{notes}/{}", note["id"].as_str().unwrap());
    assert_eq!((answer.status, answer.header("location")), (201, Some(format!("/api/v1{path}").as_str())));
    assert_eq!(rest(address, "GET", &path, Value::Null).await, (200, note.clone()));
    assert_eq!(rest(address, "GET", &notes, Value::Null).await, (200, json!({"correos": [note]})));
    assert_eq!(rest(address, "DELETE", &path, Value::Null).await.0, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(problem(&rest_answer(address, method, &path, &[], Value::Null).await, 404), "unknown_note");
    }
    for count in 0..100 {
        assert_eq!(rest(address, "POST", &notes, json!({"from": "x", "mensaje": count.to_string()})).await.0, 201);
    }
    let answer = rest_answer(address, "POST", &notes, &[], json!({"from": "x", "mensaje": "one too many"})).await;
    assert_eq!(problem(&answer, 409), "too_many_notes");
}

#[tokio::test]
async fn the_ticker_is_put_up_and_taken_down() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let now = office.clock().now().0;
    assert_eq!(rest(address, "GET", "/ticker", Value::Null).await, (200, json!({"mensaje": null, "fecha": now})));
    let line = json!({"mensaje": "Cerramos a las 14 h", "fecha": now});
    assert_eq!(rest(address, "PUT", "/ticker", json!({"mensaje": "Cerramos a las 14 h"})).await, (200, line.clone()));
    let office = office.restart().await;
    assert_eq!(rest(office.address(), "GET", "/ticker", Value::Null).await, (200, line));
    for _ in 0..2 {
        assert_eq!(rest(office.address(), "DELETE", "/ticker", Value::Null).await.0, 204);
    }
}

#[tokio::test]
async fn a_value_that_is_wrong_is_named() {
    let office = TestOffice::spawn().await;
    let (_, user) = rest(office.address(), "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    let notes = format!("/users/{}/notes", user["id"].as_str().unwrap());
    let nobody = "0123456789abcdef0123456789abcdef";
    for (method, path, body, field) in [
        ("POST", "/users", json!({}), "nombre"),
        ("POST", "/users", json!({"nombre": "Ana"}), "rol"),
        ("POST", "/users", json!({"nombre": null, "rol": "admin"}), "nombre: a string"),
        ("POST", "/users", json!({"nombre": ["Ana"], "rol": "admin"}), "nombre: a string"),
        ("POST", "/users", json!({"nombre": "Ana", "rol": "dios"}), "rol: one of these words is expected: admin, supervisor, agente"),
        ("POST", "/users", json!({"nombre": "Ana", "rol": "Admin"}), "rol: one of"),
        ("POST", "/users", json!({"nombre": "Ana", "rol": "admin", "id": 1}), "id"),
        ("POST", "/users", json!({"nombre": "Ana", "rol": "admin", "__proto__": {}}), "__proto__"),
        ("POST", "/users", json!({"nombre": " ", "rol": "admin"}), "nombre"),
        ("POST", "/users", json!({"nombre": "a\u{7}", "rol": "admin"}), "nombre"),
        ("POST", "/users", json!({"nombre": "x".repeat(10_000), "rol": "admin"}), "nombre"),
        ("POST", "/users", json!(["Ana", "admin"]), "object"),
        ("POST", "/users", json!("Ana"), "object"),
        ("PUT", "/ticker", json!({"mensaje": null}), "mensaje: a string"),
        ("PUT", "/ticker", json!({"mensaje": "x".repeat(301)}), "mensaje"),
        ("POST", "/messages", json!({"mensaje": ""}), "mensaje"),
        ("POST", "/messages", json!({"mensaje": "x", "sala": "a", "para": "b"}), "sala"),
        ("POST", "/messages", json!({"mensaje": "x", "de": ""}), "de"),
        ("POST", &notes, json!({"from": "x"}), "mensaje"),
        ("POST", &notes, json!({"from": "\u{200b}", "mensaje": "x"}), "from"),
        ("POST", &notes, json!({"from": "x", "mensaje": "x", "asunto": "a\nb"}), "asunto"),
        ("POST", &notes, json!({"from": "x", "mensaje": "x".repeat(2_001)}), "mensaje"),
    ] {
        let answer = rest_answer(office.address(), method, path, &[], body.clone()).await;
        assert_eq!(problem(&answer, 422), "bad_request", "{method} {path} {body:.80}");
        assert!(answer.body.contains(field), "{} does not name {field}", answer.body);
    }
    for (method, path, body, code) in [
        ("GET", format!("/users/{nobody}"), Value::Null, "unknown_user"),
        ("GET", "/users/..%2f..%2fetc".to_owned(), Value::Null, "unknown_user"),
        ("GET", "/users/1'%20OR%201=1".to_owned(), Value::Null, "unknown_user"),
        ("PUT", format!("/users/{nobody}"), json!({"nombre": "Ana", "rol": "admin"}), "unknown_user"),
        ("DELETE", "/users/%00".to_owned(), Value::Null, "unknown_user"),
        ("POST", format!("/users/{nobody}/notes"), json!({"from": "x", "mensaje": "x"}), "unknown_user"),
        ("GET", format!("/users/{nobody}/notes"), Value::Null, "unknown_user"),
        ("DELETE", format!("{notes}/{nobody}"), Value::Null, "unknown_note"),
        ("DELETE", format!("{notes}/1"), Value::Null, "unknown_note"),
        ("POST", "/messages".to_owned(), json!({"mensaje": "x", "para": nobody}), "unknown_recipient"),
        ("POST", "/messages".to_owned(), json!({"mensaje": "x", "de": nobody}), "unknown_user"),
        ("GET", "/user".to_owned(), Value::Null, "unknown_path"),
        ("GET", "/users/".to_owned(), Value::Null, "unknown_path"),
        ("GET", String::new(), Value::Null, "unknown_path"),
    ] {
        let answer = rest_answer(office.address(), method, &path, &[], body).await;
        assert!(answer.body.contains(code), "{method} {path}: {answer:?}");
        assert_eq!(problem(&answer, 404), code);
    }
    let answer = rest_answer(office.address(), "POST", "/messages", &[], json!({"mensaje": "x", "sala": "personal:1"})).await;
    assert_eq!(problem(&answer, 422), "reserved_room");
}

#[tokio::test]
async fn what_is_no_json_of_bounded_size_is_refused() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    let post = async |headers: &[&str], body: &[u8]| {
        let length = format!("Content-Length: {}", body.len());
        http_with_body(address, "POST", "/api/v1/users", &[&[length.as_str()], headers].concat(), body).await
    };
    let json = ["Content-Type: application/json; charset=utf-8"];
    let good = br#"{"nombre":"Ana","rol":"agente"}"#;
    for headers in [
        &[][..],
        &["Content-Type: text/plain"],
        &["Content-Type: application/x-www-form-urlencoded"],
        &["Content-Type: application/jsonx"],
        &["Content-Type: application/json", "Content-Encoding: gzip"],
    ] {
        assert_eq!(problem(&post(headers, good).await, 415), "not_json", "{headers:?}");
    }
    let deep = format!(r#"{{"nombre":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(problem(&post(&json, deep.as_bytes()).await, 400), "bad_request");
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(problem(&post(&json, deep.as_bytes()).await, 400), "bad_request");
    for body in [&b""[..], b"{", b"{\"nombre\":\"Ana\"", b"nombre=Ana", b"\xff\xfe{}", b"{\"nombre\":\"\xff\",\"rol\":\"admin\"}"] {
        assert_eq!(problem(&post(&json, body).await, 400), "bad_request", "{body:?}");
    }
    let large = format!(r#"{{"nombre":"{}"}}"#, "x".repeat(64 << 10));
    assert_eq!(problem(&post(&json, large.as_bytes()).await, 413), "too_large");
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
    let answer = http_with_body(address, "POST", "/api/v1/users", &headers, chunked.as_bytes()).await;
    assert_eq!(problem(&answer, 413), "too_large");
    let announced =
        format!("POST /api/v1/users HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n");
    assert!(raw_http(address, announced.as_bytes()).await.starts_with("HTTP/1.1 413 "), "not waited for");
    assert_eq!(rest(address, "GET", "/users", Value::Null).await.1["usuarios"], json!([]), "nothing was made");
    assert_eq!(post(&json, good).await.status, 201);
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let office = TestOffice::spawn().await;
    for (path, allowed, methods) in [
        ("/users", "GET, HEAD, POST", &["PUT", "DELETE", "PATCH", "OPTIONS"][..]),
        ("/users/x", "GET, HEAD, PUT, DELETE", &["POST", "PATCH"]),
        ("/users/x/notes", "GET, HEAD, POST", &["PUT", "DELETE"]),
        ("/users/x/notes/y", "GET, HEAD, DELETE", &["POST", "PUT"]),
        ("/messages", "POST", &["GET", "HEAD", "PUT", "DELETE"]),
        ("/ticker", "GET, HEAD, PUT, DELETE", &["POST", "PATCH"]),
    ] {
        for method in methods {
            let answer = rest_answer(office.address(), method, path, &[], Value::Null).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
            if *method != "HEAD" {
                assert_eq!(problem(&answer, 405), "method_not_allowed");
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_does_nothing_unless_it_is_allowed() {
    let office = TestOffice::spawn().await;
    let body = || json!({"nombre": "Eva", "rol": "admin"});
    for origin in ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1"] {
        let header = format!("Origin: {origin}");
        let answer = rest_answer(office.address(), "POST", "/users", &[&header], body()).await;
        assert_eq!(problem(&answer, 403), "foreign_origin", "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let headers = [header.as_str(), "Access-Control-Request-Method: DELETE"];
        assert_eq!(rest_answer(office.address(), "OPTIONS", "/users", &headers, Value::Null).await.status, 403);
    }
    assert_eq!(rest(office.address(), "GET", "/users", Value::Null).await.1["usuarios"], json!([]));
    let own = format!("Origin: http://{}", office.address());
    assert_eq!(rest_answer(office.address(), "POST", "/users", &[&own], body()).await.status, 201);

    let office = TestOffice::setup().with_flags(&["--cors-origins=https://intranet.example"]).spawn().await;
    let origin = "Origin: https://intranet.example";
    let preflight = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type", origin];
    let answer = rest_answer(office.address(), "OPTIONS", "/users/x", &preflight, Value::Null).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("https://intranet.example")));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST, PUT, DELETE"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("content-type"));
    let answer = rest_answer(office.address(), "POST", "/users", &[origin], body()).await;
    assert_eq!((answer.status, answer.header("access-control-expose-headers")), (201, Some("Location, ETag, Link, Retry-After")));
    assert_eq!(rest_answer(office.address(), "POST", "/users", &["Origin: https://evil.example"], body()).await.status, 403);
}

#[tokio::test]
async fn a_refusal_speaks_the_language_that_is_accepted() {
    let office = TestOffice::spawn().await;
    for (accepted, detail) in [
        (&[][..], "There is no such user"),
        (&["Accept-Language: es-ES,es;q=0.9,en;q=0.8"], "Ese usuario no existe"),
        (&["Accept-Language: fr, en;q=0.5, es;q=0.1"], "There is no such user"),
        (&["Accept-Language: ñ;;;,"], "There is no such user"),
    ] {
        let answer = http(office.address(), "GET", "/api/v1/users/x", accepted).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((&body["detail"], &body["code"]), (&json!(detail), &json!("unknown_user")), "{accepted:?}");
    }
}
