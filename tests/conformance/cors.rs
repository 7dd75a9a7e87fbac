//! Who may come from another origin, and what browsers are told about it.

use siguiente::realtime::Cors;

use crate::http::{Http, Polling, Response};
use crate::server::Server;

const OPEN: &str = "/engine.io/?EIO=4&transport=polling";

async fn open_from(server: &Server, origin: &str) -> Response {
    let mut http = Http::connect(server.address).await;
    http.request("GET", OPEN, &[("Origin", origin)], b"").await;
    http.response().await
}

async fn preflight(server: &Server, origin: &str) -> Response {
    let mut http = Http::connect(server.address).await;
    let headers =
        [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,x-token")];
    http.request("OPTIONS", OPEN, &headers, b"").await;
    http.response().await
}

#[tokio::test]
async fn any_origin_may_come_where_it_is_so_set() {
    let server = Server::spawn();
    let answer = open_from(&server, "https://else.example").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin").as_deref()), (200, Some("*")));
    assert_eq!(answer.header("access-control-allow-credentials"), None, "not together with *");
    let answer = preflight(&server, "https://else.example").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(answer.header("access-control-allow-methods").as_deref(), Some("GET, POST"));
    assert_eq!(answer.header("access-control-allow-headers").as_deref(), Some("content-type,x-token"));
}

#[tokio::test]
async fn listed_origins_may_come_with_cookies_and_others_may_not() {
    let server = Server::with(|options| options.cors = Cors::Origins(vec!["https://good.example".into()]));
    for answer in [open_from(&server, "https://good.example").await, preflight(&server, "https://good.example").await] {
        assert!(answer.status == 200 || answer.status == 204);
        assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("https://good.example"));
        assert_eq!(answer.header("access-control-allow-credentials").as_deref(), Some("true"));
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("Origin")), "caches tell origins apart");
    }
    for origin in ["https://evil.example", "http://good.example", "https://good.example.evil.example", "null"] {
        let answer = open_from(&server, origin).await;
        answer.assert_refused(4, "Forbidden");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(preflight(&server, origin).await.status, 403);
    }
}

#[tokio::test]
async fn without_a_list_only_the_own_origin_may_come() {
    let server = Server::with(|options| options.cors = Cors::SameOrigin);
    assert_eq!(open_from(&server, "http://localhost").await.status, 200);
    open_from(&server, "http://else.example").await.assert_refused(4, "Forbidden");
    assert_eq!(Http::connect(server.address).await.get(OPEN).await.status, 200, "what is no browser names no origin");
}

/// A page must be able to read the code of its error.
#[tokio::test]
async fn errors_and_all_requests_of_a_session_have_the_headers_too() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, "/engine.io/").await;
    let origin = [("Origin", "https://else.example")];
    session.up.request("POST", &session.target, &origin, b"4x").await;
    assert_eq!(session.up.response().await.header("access-control-allow-origin").as_deref(), Some("*"));
    session.down.request("GET", &session.target, &origin, b"").await;
    assert_eq!(session.down.response().await.header("access-control-allow-origin").as_deref(), Some("*"));
    session.up.request("GET", &session.target.replace("polling", "abc"), &origin, b"").await;
    let error = session.up.response().await;
    error.assert_refused(0, "Transport unknown");
    assert_eq!(error.header("access-control-allow-origin").as_deref(), Some("*"));
}
