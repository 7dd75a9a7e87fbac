//! What bad input gets: a typed end or a refusal. Everybody else notices nothing, and the next number is the next number.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::harness::{Client, Display, Kiosk, Options, TestOffice, http, raw_http, websocket, within};

/// People who are at work all the time.
struct Bystanders {
    display: Display,
    kiosk: Kiosk,
    numbers: u32,
}

impl Bystanders {
    async fn of(office: &TestOffice) -> Self {
        Self { display: office.display().await, kiosk: office.kiosk().await, numbers: 0 }
    }

    /// The office gives them the next number, tells them of it, and has told them of nothing else.
    async fn notice_nothing(&mut self, after: &str) {
        self.numbers += 1;
        assert_eq!(self.kiosk.take("A").await.numero, self.numbers, "after {after}");
        self.display.follow_to(2 + u64::from(self.numbers)).await;
        assert_eq!((self.display.board.rev, self.display.board.waiting_total), (2 + u64::from(self.numbers), u64::from(self.numbers)));
    }
}

fn part(opcode: Data, bytes: impl Into<Vec<u8>>, last: bool) -> Message {
    Message::Frame(Frame::message(bytes.into(), OpCode::Data(opcode), last))
}

#[tokio::test]
async fn packets_that_are_none_end_their_connection_and_no_other() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let deep = format!("42{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let rows = [
        "9",
        "x",
        "4",
        "4x",
        "47",
        "48[]",
        "42",
        "42{",
        "42{}",
        "42[]",
        "42[null]",
        r#"42["a""#,
        r#"42["a"]x"#,
        r#"42["connect"]"#,
        r#"42["disconnect",{}]"#,
        r#"42["connect_error"]"#,
        "40",
        r#"40{"idioma":"en"}"#,
        "40[]",
        "40/",
        r#"42/otro,["a"]"#,
        "41/otro,",
        "43",
        "43[]",
        "43x[]",
        r#"44{"message":"no"}"#,
        r#"42999999999999999999999["volar"]"#,
        r#"42-1["volar"]"#,
        r#"421e5["volar"]"#,
        r#"451["a"]"#,
        r#"45-["a"]"#,
        r#"459999999999-["a"]"#,
        r#"451-["a",{"_placeholder":true,"num":1}]"#,
        &deep,
        "4\u{0}",
        "42[\"\u{1}\"]",
    ];
    for text in rows {
        let mut client = office.client().await;
        client.send(text);
        let about = format!("{text:.60}");
        assert_eq!(client.expect_close_after(&about).await, Some(1002), "{about}");
    }
    bystanders.notice_nothing("garbage").await;
}

#[tokio::test]
async fn odd_packets_that_are_allowed_harm_nobody() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    for text in [
        "6",
        "0{}",
        "3probe5",
        "431[]",
        r#"4318446744073709551615["a",{"b":[]}]"#,
        "42[1]",
        r#"42["\ud800"]"#,
        r#"42["volar"]"#,
        r#"42["volar",1,2,[[[]]],{"a":{}}]"#,
    ] {
        let mut client = office.client().await;
        client.send(text);
        client.send(r#"4218446744073709551615["volar",null,"more"]"#);
        assert_eq!(client.answer(u64::MAX).await.unwrap()["code"], "unknown_event", "{text}");
    }
    bystanders.notice_nothing("odd packets").await;
}

#[tokio::test]
async fn payloads_of_every_wrong_type_are_refused_and_missing_callbacks_do_not_matter() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let mut client = office.client().await;
    let events =
        ["siguiente-ticket", "atender-ticket", "rellamar", "iniciar", "finalizar", "ausente", "devolver", "entrar-puesto", "cola", "volar"];
    let wrong = [
        json!(7),
        json!("A"),
        json!(true),
        json!([]),
        json!([{}]),
        json!({"servicio": {}, "escritorio": {}, "desde": "x"}),
        json!({"clave": 1, "escritorio": [1]}),
        json!({"escritorio": 1e300, "servicio": -1, "desde": -1}),
        json!("\u{0}\u{1f4a9}"),
    ];
    for event in events {
        for payload in &wrong {
            client.emit(event, payload.clone());
            let code = client.refused(event, payload.clone()).await;
            let possible = ["bad_request", "unknown_event", "unknown_service", "not_joined"];
            assert!(possible.contains(&code.as_str()), "{event} {payload}: {code}");
        }
        if event != "siguiente-ticket" {
            client.emit(event, Value::Null);
            client.refused(event, Value::Null).await;
        }
    }
    bystanders.notice_nothing("wrong payloads").await;
}

#[tokio::test]
async fn an_unknown_namespace_is_refused_in_the_standard_words() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let mut client = Client::open(office.address(), Options::default()).await;
    client.send("40/random,");
    assert_eq!(client.expect_packet("44").await, r#"44/random,{"message":"Invalid namespace"}"#);
    client.send(r#"42/random,1["siguiente-ticket"]"#);
    client.send("40");
    client.expect_packet("40{").await;
    assert_eq!(client.emit_with_ack("volar", json!({})).await["code"], "unknown_event", "the connection is as good as before");
    bystanders.notice_nothing("an unknown namespace").await;
}

#[tokio::test]
async fn an_event_before_connect_ends_the_connection() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let mut client = Client::open(office.address(), Options::default()).await;
    client.send(r#"421["siguiente-ticket",null]"#);
    assert_eq!(client.expect_close().await, Some(1002));
    bystanders.notice_nothing("an event before CONNECT").await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_as_such_in_one_frame_or_in_many() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let large = format!(r#"42["siguiente-ticket",{{"nombre":"{}"}}]"#, "x".repeat(2_000_000));
    let mut client = office.client().await;
    client.send(large.clone());
    assert_eq!(client.expect_close().await, Some(1009));

    let mut client = office.client().await;
    for (i, bytes) in large.as_bytes().chunks(50_000).enumerate() {
        client.send_frame(part(if i == 0 { Data::Text } else { Data::Continue }, bytes, false));
    }
    assert_eq!(client.expect_close().await, Some(1009));

    let mut client = office.client().await;
    client.send_frame(part(Data::Binary, vec![0; 2_000_000], true));
    assert_eq!(client.expect_close().await, Some(1009));
    bystanders.notice_nothing("2 MB").await;
}

#[tokio::test]
async fn bytes_that_are_no_text_end_the_connection() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let bytes = b"42[\"siguiente-ticket\",{\"nombre\":\"\xff\xfe\"}]";
    for frames in
        [vec![part(Data::Text, *bytes, true)], vec![part(Data::Text, &bytes[..30], false), part(Data::Continue, &bytes[30..], true)]]
    {
        let mut client = office.client().await;
        frames.into_iter().for_each(|frame| client.send_frame(frame));
        assert_eq!(client.expect_close().await, Some(1002));
    }
    for frame in [part(Data::Binary, [1, 2, 3], true), part(Data::Continue, *b"2", true), part(Data::Reserved(5), *b"2", true)] {
        let mut client = office.client().await;
        client.send_frame(frame.clone());
        let status = client.expect_close().await;
        assert!(matches!(status, Some(1002) | None), "{frame:?}: {status:?}");
    }
    bystanders.notice_nothing("bytes that are no text").await;
}

#[tokio::test]
async fn a_message_in_parts_is_a_message() {
    let office = TestOffice::spawn().await;
    let mut client = office.client().await;
    let text = r#"425["siguiente-ticket",{"servicio":"A","nombre":"Begoña 💬"}]"#.as_bytes();
    // In pieces of one byte, which cuts characters in two.
    for (i, byte) in text.iter().enumerate() {
        client.send_frame(part(if i == 0 { Data::Text } else { Data::Continue }, [*byte], i + 1 == text.len()));
    }
    assert_eq!(client.answer(5).await.unwrap()["ticket"]["codigo"], "A-001");
    let called = office.desk(1).await.call_next().await;
    assert_eq!(called.nombre.as_deref(), Some("Begoña 💬"));
}

#[tokio::test]
async fn a_client_that_answers_no_heartbeat_or_never_enters_is_let_go() {
    let office = TestOffice::setup().with_flags(&["--ping-interval=300", "--ping-timeout=300", "--connect-timeout=500"]).spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let silent = Options { silent: true, ..Options::default() };
    let mut client = Client::connect_with(office.address(), silent).await;
    assert_eq!((&client.open["pingInterval"], &client.open["pingTimeout"]), (&json!(300), &json!(300)));
    assert_eq!(client.expect_close().await, Some(1000), "no answer to the heartbeat");
    let mut client = Client::open(office.address(), Options::default()).await;
    assert_eq!(client.expect_close().await, Some(1000), "no CONNECT");
    bystanders.notice_nothing("several heartbeats").await;
}

#[tokio::test]
async fn half_a_handshake_is_refused_or_waited_for_and_then_let_go() {
    let office = TestOffice::spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    let mut unfinished = Vec::new();
    for start in
        ["G", "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nUpgrade: web", "POST /socket.io/ HTTP/1.1\r\nContent-Length: 1000\r\n"]
    {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(office.address()).await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            unfinished.push(stream);
        }
    }
    let query = "EIO=4&transport=websocket";
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    for (query, headers, body) in [
        (query, upgrade.to_owned(), r#"{"code":3,"message":"Bad request"}"#),
        (query, format!("{upgrade}Sec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 99\r\n"), r#"{"code":3,"message":"Bad request"}"#),
        ("EIO=3&transport=websocket", upgrade.to_owned(), r#"{"code":5,"message":"Unsupported protocol version"}"#),
        ("EIO=4&transport=pigeon", upgrade.to_owned(), r#"{"code":0,"message":"Transport unknown"}"#),
        ("EIO=4&transport=websocket&sid=none", upgrade.to_owned(), r#"{"code":1,"message":"Session ID unknown"}"#),
    ] {
        let request = format!("GET /socket.io/?{query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let request = request.replace("\r\n\r\n", "\r\nX-End: 1\r\n\r\n");
        let answer = raw_http(office.address(), request.replace("X-End: 1", "X-Close: 1").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with(body), "{query} {headers}: {answer}");
    }
    bystanders.notice_nothing("half a handshake").await;
    for mut stream in unfinished {
        let mut answer = Vec::new();
        let end = within("an unfinished request to be let go", stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(end.is_err() || answer.is_empty() || answer.starts_with("HTTP/1.1 40"), "{answer}");
    }
    bystanders.notice_nothing("unfinished requests").await;
}

#[tokio::test]
async fn connections_that_come_and_go_leave_nothing_behind() {
    let office = TestOffice::setup().with_flags(&["--max-connections=40"]).spawn().await;
    let mut bystanders = Bystanders::of(&office).await;
    for _ in 0..10 {
        let mut crowd = Vec::new();
        for _ in 0..20 {
            let mut client = office.client().await;
            client.emit_with_ack("entrar-pantalla", Value::Null).await;
            crowd.push(client);
        }
        // Gone without a word: nothing but the sockets' ends tells the server.
        drop(crowd);
        within("the crowd to be forgotten", async { while office.connections().await > 2 {} }).await;
    }
    bystanders.notice_nothing("two hundred visits").await;
}

#[tokio::test]
async fn a_session_handed_to_a_websocket_that_dies_at_once_is_gone() {
    let office = TestOffice::spawn().await;
    let opened = http(office.address(), "GET", "/socket.io/?EIO=4&transport=polling", &[]).await;
    let open: Value = serde_json::from_str(&opened.body[1..]).unwrap();
    let query = format!("&sid={}", open["sid"].as_str().unwrap());
    let mut socket = websocket(office.address(), &query).await;
    socket.send(Message::text("2probe")).await.unwrap();
    assert_eq!(within("3probe", socket.next()).await.unwrap().unwrap().to_text().unwrap(), "3probe");
    assert_eq!(office.connections().await, 1);
    // The last word of the upgrade and the end in one write: the session is on its way when its new carrier is gone.
    socket.feed(Message::text("5")).await.unwrap();
    socket.feed(Message::Close(None)).await.unwrap();
    socket.flush().await.unwrap();
    within("the end of the session", async {
        while office.connections().await > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
