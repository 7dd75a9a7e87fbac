//! Engine.IO: long polling, request by request.

use crate::http::{Http, Polling};
use crate::server::Server;

const ENGINE: &str = "/engine.io/";

#[tokio::test]
async fn packets_of_a_payload_are_joined_by_the_record_separator() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.send("4hello\x1ebAQIDBA==\x1e4\x1e4€").await;
    assert_eq!(session.get().await.text(), "4hello\x1ebAQIDBA==\x1e4\x1e4€");
}

#[tokio::test]
async fn the_answer_to_a_get_has_the_headers_that_clients_need() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.send("4ñ").await;
    let answer = session.get().await;
    assert_eq!((answer.status, answer.text()), (200, "4ñ"));
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain; charset=UTF-8"));
    assert_eq!(answer.header("content-length").as_deref(), Some("3"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
}

#[tokio::test]
async fn a_get_waits_until_there_is_something() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.start_get().await;
    session.send("4late").await;
    assert_eq!(session.down.response().await.text(), "4late");
}

#[tokio::test]
async fn no_response_has_more_than_sixteen_packets() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    let packets: Vec<String> = (0..100).map(|i| format!("4{i}")).collect();
    session.send(packets.join("\x1e")).await;
    let mut got = Vec::new();
    while got.len() < 100 {
        let answer = session.get().await;
        assert!(answer.packets().len() <= 16, "{}", answer.text());
        got.extend(answer.packets().into_iter().map(str::to_owned));
    }
    assert_eq!(got, packets);
}

#[tokio::test]
async fn no_response_is_longer_than_the_limit_unless_one_packet_is() {
    let server = Server::with(|options| options.engine.max_payload = 1000);
    let mut session = Polling::open(server.address, ENGINE).await;
    let packets: Vec<String> = (0..9_u8).map(|i| format!("4{}", i.to_string().repeat(300))).collect();
    for three in packets.chunks(3) {
        session.send(three.join("\x1e")).await;
    }
    let mut got = Vec::new();
    while got.len() < packets.len() {
        let answer = session.get().await;
        assert!(answer.body.len() <= 1000);
        got.extend(answer.packets().into_iter().map(str::to_owned));
    }
    assert_eq!(got, packets);
    // 900 bytes fit a POST as base64 does not; the other way round one packet goes alone.
    let base64 = format!("b{}", "AAAA".repeat(249));
    session.send(&base64).await;
    assert_eq!(session.get().await.text(), base64);
}

#[tokio::test]
async fn base64_may_lack_its_padding() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.send("bAQIDBA").await;
    assert_eq!(session.get().await.text(), "bAQIDBA==");
}

#[tokio::test]
async fn a_second_get_ends_the_session() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.start_get().await;
    let target = session.target.clone();
    // Whichever of the two the server sees first is the first.
    let second = session.up.get(&target).await;
    let first = session.down.response().await;
    let mut both = [(first.status, first.text().to_owned()), (second.status, second.text().to_owned())];
    both.sort();
    assert_eq!(both, [(200, "1".to_owned()), (400, r#"{"code":3,"message":"Bad request"}"#.to_owned())]);
    session.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn a_second_post_ends_the_session() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    let head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n4begun", session.target);
    session.up.send(head).await;
    let mut other = Http::connect(server.address).await;
    let second = loop {
        // Until the server has seen the head of the first, the second is the only one.
        let second = other.post(&session.target, "6").await;
        if second.status != 200 {
            break second;
        }
    };
    session.up.send("only").await;
    let first = session.up.response().await;
    // The head may come while one of the others is read: then that was the second one, and the next found no session.
    let refused = if second.text().contains("unknown") { first } else { second };
    refused.assert_refused(3, "Bad request");
    let gone = session.get().await;
    assert!(gone.status == 400 || gone.text() == "1", "{gone:?}");
    session.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn an_aborted_get_ends_the_session() {
    // One thread reads in order: the GET waits when the POST behind it is answered.
    let server = Server::with(|options| options.workers = 1);
    for _ in 0..20 {
        let mut session = Polling::open(server.address, ENGINE).await;
        session.start_get().await;
        session.send("6").await;
        session.down = Http::connect(server.address).await;
        let answer = session.get().await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

#[tokio::test]
async fn other_methods_with_a_sid_are_bad_requests_and_harm_nothing() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    let target = session.target.clone();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        session.up.request(method, &target, &[], b"").await;
        session.up.response().await.assert_refused(3, "Bad request");
    }
    session.send("4x").await;
    assert_eq!(session.get().await.text(), "4x");
}

#[tokio::test]
async fn a_bad_packet_ends_the_session_after_those_before_it() {
    let server = Server::spawn();
    for body in ["abc", "", "4a\x1e", "\x1e4a", "4a\x1e\x1e4b", "b!!!", "4a\x1e9"] {
        let mut session = Polling::open(server.address, ENGINE).await;
        session.post(body).await.assert_refused(3, "Bad request");
        session.get().await.assert_refused(1, "Session ID unknown");
    }
    let mut session = Polling::open(server.address, ENGINE).await;
    session.post(b"4\xff").await.assert_refused(3, "Bad request");
    session.get().await.assert_refused(1, "Session ID unknown");
}

#[tokio::test]
async fn the_type_and_the_encoding_of_a_body_do_not_matter() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    for kind in ["text/plain;charset=UTF-8", "application/octet-stream", "application/x-www-form-urlencoded", "nonsense"] {
        session.up.request("POST", &session.target, &[("Content-Type", kind)], "4ü".as_bytes()).await;
        assert_eq!(session.up.response().await.text(), "ok");
        assert_eq!(session.get().await.text(), "4ü");
    }
    let chunked = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n4c\r\n3\r\nhun\r\n0\r\n\r\n",
        session.target
    );
    session.up.send(chunked).await;
    assert_eq!(session.up.response().await.text(), "ok");
    assert_eq!(session.get().await.text(), "4chun");
}
