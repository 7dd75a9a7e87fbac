//! Engine.IO: from long polling to a WebSocket, with nothing lost, doubled or out of order.

use std::cell::Cell;
use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;

use crate::http::Polling;
use crate::server::Server;
use crate::websocket::WebSocket;
use crate::within;

const ENGINE: &str = "/engine.io/";

/// A session whose WebSocket is open and has had its probe answered.
async fn probed(server: &Server) -> (Polling, WebSocket) {
    let session = Polling::open(server.address, ENGINE).await;
    let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    (session, socket)
}

#[tokio::test]
async fn a_probe_is_answered_and_the_upgrade_completes() {
    let server = Server::spawn();
    let (mut session, mut socket) = probed(&server).await;
    assert_eq!(session.get().await.text(), "6", "every get meanwhile is answered at once");
    assert_eq!(session.get().await.text(), "6", "every get meanwhile is answered at once");
    socket.send("5").await;
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
}

#[tokio::test]
async fn a_waiting_get_is_let_go_by_the_probe() {
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    session.start_get().await;
    let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
    socket.send("2probe").await;
    assert_eq!(socket.text().await, "3probe");
    assert_eq!(session.down.response().await.text(), "6");
}

#[tokio::test]
async fn messages_are_posted_until_the_upgrade_and_come_by_the_websocket_after_it() {
    let server = Server::spawn();
    let (mut session, mut socket) = probed(&server).await;
    session.send("4a\x1e4b").await;
    assert_eq!(session.get().await.text(), "6", "messages wait for the end of the upgrade");
    socket.send("5").await;
    socket.send("4c").await;
    for text in ["4a", "4b", "4c"] {
        assert_eq!(socket.text().await, text);
    }
}

#[tokio::test]
async fn after_the_upgrade_the_id_is_of_no_use_to_others() {
    let server = Server::spawn();
    let (mut session, mut socket) = probed(&server).await;
    socket.send("5").await;
    session.get().await.assert_refused(3, "Bad request");
    session.post("4x").await.assert_refused(3, "Bad request");
    let mut other = WebSocket::connect(server.address, &session.upgrade()).await;
    other.closed().await;
    socket.send("4hello").await;
    assert_eq!(socket.text().await, "4hello");
}

/// The upgrade is sent before the GET, on another connection: the server sees it first.
#[tokio::test]
async fn a_get_just_after_the_upgrade_is_refused() {
    let server = Server::spawn();
    for _ in 0..20 {
        let mut session = Polling::open(server.address, ENGINE).await;
        let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
        socket.send("2probe").await;
        socket.send("5").await;
        session.get().await.assert_refused(3, "Bad request");
    }
}

#[tokio::test]
async fn of_two_websockets_that_probe_the_second_is_closed() {
    let server = Server::spawn();
    let (mut session, mut first) = probed(&server).await;
    let mut second = WebSocket::connect(server.address, &session.upgrade()).await;
    second.closed().await;
    first.send("5").await;
    first.send("4hello").await;
    assert_eq!(first.text().await, "4hello");
    session.get().await.assert_refused(3, "Bad request");
}

#[tokio::test]
async fn a_probe_that_says_something_else_is_closed_and_the_session_lives_on() {
    let server = Server::spawn();
    for packet in ["2", "2probed", "3probe", "4x", "5", "6", "1", "abc", ""] {
        let mut session = Polling::open(server.address, ENGINE).await;
        let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
        socket.send(packet).await;
        socket.closed().await;
        session.send("4still").await;
        assert_eq!(session.get().await.text(), "4still", "after {packet:?}");
    }
}

#[tokio::test]
async fn a_probe_that_goes_away_leaves_the_session_as_it_was() {
    let server = Server::spawn();
    let (mut session, socket) = probed(&server).await;
    drop(socket);
    session.send("4still").await;
    let answer = within("polling to carry messages again", async {
        loop {
            let answer = session.get().await;
            if answer.text() != "6" {
                return answer;
            }
        }
    })
    .await;
    assert_eq!(answer.text(), "4still");
    let mut again = WebSocket::connect(server.address, &session.upgrade()).await;
    again.send("2probe").await;
    assert_eq!(again.text().await, "3probe");
    again.send("5").await;
    again.send("4hello").await;
    assert_eq!(again.text().await, "4hello");
}

#[tokio::test]
async fn a_probe_that_never_upgrades_is_closed_in_time_and_the_session_lives_on() {
    let server = Server::with(|options| options.engine.upgrade_timeout = Duration::from_millis(200));
    let (mut session, mut socket) = probed(&server).await;
    let mut silent = Polling::open(server.address, ENGINE).await;
    let mut never_spoke = WebSocket::connect(server.address, &silent.upgrade()).await;
    socket.closed().await;
    never_spoke.closed().await;
    for session in [&mut session, &mut silent] {
        session.send("4still").await;
        assert_eq!(session.get().await.text(), "4still");
    }
}

#[tokio::test]
async fn pings_go_on_during_an_upgrade() {
    let server = Server::with(|options| options.engine.ping_interval = Duration::from_millis(100));
    let (mut session, mut socket) = probed(&server).await;
    within("a ping by polling", async { while session.get().await.text() != "2" {} }).await;
    session.send("3").await;
    socket.send("5").await;
    assert_eq!(socket.text().await, "2");
    socket.send("3").await;
    assert_eq!(socket.text().await, "2");
}

/// What comes on the WebSocket in one breath with the upgrade is of the session, and in order.
#[tokio::test]
async fn a_websocket_may_go_on_without_waiting() {
    let server = Server::spawn();
    let session = Polling::open(server.address, ENGINE).await;
    let mut socket = WebSocket::connect(server.address, &session.upgrade()).await;
    socket.send("2probe").await;
    socket.send("5").await;
    for i in 0..500 {
        socket.send(format!("4{i}")).await;
    }
    assert_eq!(socket.text().await, "3probe");
    for i in 0..500 {
        assert_eq!(socket.text().await, format!("4{i}"));
    }
}

/// A client as the official one: it posts and gets all the time, pauses polling when its probe is answered, and goes on by WebSocket.
#[tokio::test]
async fn nothing_is_lost_doubled_or_out_of_order_under_traffic() {
    const BEFORE: usize = 2_000;
    const ALL: usize = 6_000;
    let server = Server::spawn();
    let mut session = Polling::open(server.address, ENGINE).await;
    let target = session.target.clone();
    let upgrade = session.upgrade();
    let (up, down) = (&mut session.up, &mut session.down);
    let paused = Cell::new(false);
    let posted = Cell::new(0);
    let mut heard: Vec<String> = Vec::new();

    let posting = async {
        while !paused.get() || posted.get() < BEFORE {
            let batch: Vec<String> = (posted.get()..posted.get() + 10).map(|i| format!("4{i}")).collect();
            assert_eq!(up.post(&target, batch.join("\x1e")).await.text(), "ok");
            posted.set(posted.get() + 10);
        }
    };
    let getting = async {
        while !paused.get() || posted.get() < BEFORE {
            heard.extend(down.get(&target).await.packets().into_iter().filter(|packet| *packet != "6").map(str::to_owned));
        }
    };
    let probing = async {
        let mut socket = WebSocket::connect(server.address, &upgrade).await;
        within("half of the traffic", async {
            while posted.get() < BEFORE / 2 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        socket.send("2probe").await;
        assert_eq!(socket.text().await, "3probe");
        paused.set(true);
        socket
    };
    let ((), (), mut socket) = tokio::join!(posting, getting, probing);
    assert!(posted.get() < ALL, "the upgrade came in the middle");
    socket.send("5").await;
    let (mut sink, mut source) = socket.split();
    let sending = async {
        use futures_util::SinkExt;
        for i in posted.get()..ALL {
            sink.feed(Message::text(format!("4{i}"))).await.expect("the connection is open");
        }
        sink.flush().await.expect("the connection is open");
    };
    let hearing = async {
        use futures_util::StreamExt;
        while heard.len() < ALL {
            let frame = source.next().await.expect("the connection is open").expect("a frame");
            heard.push(frame.into_text().expect("text").to_string());
        }
    };
    within("all messages to come back", async { tokio::join!(sending, hearing) }).await;
    assert!(heard.into_iter().eq((0..ALL).map(|i| format!("4{i}"))), "complete and in order");
}
