//! The HTTP face: health, pages, their headers, and what is not to be had.

use serde_json::{Value, json};

use crate::harness::{Client, TestOffice, http};

#[tokio::test]
async fn health_and_readiness() {
    let office = TestOffice::spawn().await;
    for (path, status) in [("/health", "ok"), ("/ready", "ready")] {
        let answer = http(office.address(), "GET", path, &[]).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &body["status"], answer.header("cache-control")), (200, &json!(status), Some("no-store")));
        let head = http(office.address(), "HEAD", path, &[]).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = http(office.address(), method, path, &[]).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn refused_events_are_counted_whether_or_not_somebody_is_told() {
    let office = TestOffice::spawn().await;
    let mut client = Client::connect(office.address()).await;
    for _ in 0..3 {
        client.emit("finalizar", json!({"escritorio": 1}));
        client.emit("siguiente-ticket", json!({"servicio": "Z"}));
    }
    client.emit("no-hay-tal", json!({}));
    assert_eq!(client.emit_with_ack("finalizar", json!({"escritorio": 1})).await["code"], "no_active_ticket");
    let answer = http(office.address(), "GET", "/metrics", &[]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("application/openmetrics-text")));
    for line in [
        "siguiente_connections 1",
        r#"siguiente_events_refused_total{code="no_active_ticket",answered="no"} 3"#,
        r#"siguiente_events_refused_total{code="no_active_ticket",answered="yes"} 1"#,
        r#"siguiente_events_refused_total{code="unknown_service",answered="no"} 3"#,
        r#"siguiente_events_refused_total{code="unknown_event",answered="no"} 1"#,
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line} is missing in\n{}", answer.body);
    }
}

#[tokio::test]
async fn pages_say_what_may_be_loaded_and_are_known_again_by_their_tag() {
    let office = TestOffice::spawn().await;
    for (path, media_type) in
        [("/", "text/html"), ("/kiosk", "text/html"), ("/desk/", "text/html"), ("/display", "text/html"), ("/css/tokens.css", "text/css")]
    {
        let page = http(office.address(), "GET", path, &[]).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), Some(format!("{media_type}; charset=utf-8").as_str()), "{path}");
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(page.header(name), Some(value), "{path}");
        }
        let tag = page.header("etag").unwrap_or_else(|| panic!("{path} has no tag"));
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"another\", {tag}")] {
            let again = http(office.address(), "GET", path, &[&format!("If-None-Match: {known}")]).await;
            assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(tag)), "{path} {known}");
        }
        let other = http(office.address(), "GET", path, &["If-None-Match: \"another\""]).await;
        assert_eq!((other.status, other.body), (200, page.body.clone()), "{path}");
        let head = http(office.address(), "HEAD", path, &[]).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(http(office.address(), "POST", path, &[]).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn nothing_but_the_pages_is_to_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let public = folder.path().join("public");
    std::fs::create_dir(&public).unwrap();
    std::fs::write(public.join("index.html"), "<!doctype html>home").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let flag = format!("--public={}", public.display());
    let paths = [
        "/nowhere",
        "/kiosk/nowhere.js",
        "/../secret.txt",
        "/../../Cargo.toml",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/css/../../secret.txt",
        "//secret.txt",
        "/..\\secret.txt",
        "/%00",
        "/index.html%00",
        "/.",
        "/..",
        "//etc/passwd",
        "/%2fetc/passwd",
    ];
    for office in [TestOffice::spawn().await, TestOffice::setup().with_flags(&[&flag, "--client-script=off"]).spawn().await] {
        for path in paths {
            let answer = http(office.address(), "GET", path, &[]).await;
            assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
            assert!(!answer.body.contains("secret"), "{path}: {}", answer.body);
        }
        assert_eq!(http(office.address(), "GET", "/", &[]).await.status, 200);
    }
}
