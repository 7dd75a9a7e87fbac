//! Clients that do not read: they are found out, named and cut, and cost the others nothing.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::harness::{Client, Program, far_from_midnight, http, within};

const DEAF: usize = 8;
const TICKETS: u64 = 12_000;
const MIB: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_are_cut_and_the_others_miss_nothing() {
    let data = tempfile::tempdir().unwrap();
    let office = far_from_midnight(data.path());
    let server = Program::serve(data.path(), &["--office", &office]).await;
    let mut healthy = Client::connect(server.address).await;
    assert_eq!(healthy.emit_with_ack("entrar-puesto", json!({"escritorio": 1})).await["ok"], true);
    let mut deaf = Vec::new();
    for _ in 0..DEAF {
        deaf.push(Box::pin(enter_and_listen_no_more(&server)).await);
    }
    let before = server.resident();

    // Over a kilobyte of changes a ticket for everybody at a desk: together far more than all the buffers on the way.
    let mut kiosk = Client::connect(server.address).await;
    let name = "💬".repeat(200);
    let mut most = before;
    for _ in 0..TICKETS / 100 {
        let ids: Vec<_> = (0..100).map(|_| kiosk.ask("siguiente-ticket", json!({"servicio": "A", "nombre": name}))).collect();
        for id in ids {
            assert_eq!(kiosk.answer(id).await.unwrap()["ok"], true);
        }
        most = most.max(server.resident());
        kiosk.take_heard("ultimo-ticket");
        kiosk.take_heard("tickets-pendientes");
    }

    let (mut rev, mut bytes) = (2, 0);
    while rev < 2 + TICKETS {
        let cola = healthy.expect("cola", |_| true).await.remove(0);
        bytes += cola.to_string().len() as u64;
        assert_eq!(cola["desde"].as_u64(), Some(rev), "nothing is missing");
        rev = cola["rev"].as_u64().unwrap();
        healthy.take_heard("tickets-pendientes");
    }
    let mut cut = Vec::new();
    for _ in 0..DEAF {
        let line = server
            .stderr
            .wait("a line about each slow connection", |line| line.contains("ended: slow") && !cut.contains(&line.to_owned()))
            .await;
        cut.push(line.expect("the program goes on"));
    }
    assert!(cut.iter().all(|line| line.contains(" WARN ")), "{cut:?}");
    let counts = http(server.address, "GET", "/metrics", &[]).await.body;
    let counted = format!(r#"siguiente_connections_ended_total{{reason="slow"}} {DEAF}"#);
    assert!(counts.lines().any(|line| line == counted), "{counted} is missing in\n{counts}");
    for mut stream in deaf {
        let end = async { while let Some(Ok(_)) = stream.next().await {} };
        within("the socket of a deaf client to be cut", end).await;
    }
    assert_eq!(healthy.emit_with_ack("atender-ticket", json!({})).await["ticket"]["codigo"], "A-001");
    let grown = (most - before) / MIB;
    println!("{} MiB told to each of {DEAF} deaf clients; the server grew by {grown} MiB", bytes / MIB);
    assert!(bytes > 8 * MIB, "{bytes} bytes were not enough to prove anything");
    assert!(grown < 160, "the server grew by {grown} MiB");
}

/// Enters a desk over a socket with small buffers and then never reads again.
async fn enter_and_listen_no_more(server: &Program) -> WebSocketStream<tokio::net::TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.address);
    let (mut stream, _) = within("the handshake", client_async(url, stream)).await.unwrap();
    let badge = json!({"token": crate::harness::badge::of(server.address)});
    for text in [format!("40{badge}"), format!("421{}", json!(["entrar-puesto", {"escritorio": 2}]))] {
        stream.send(Message::text(text)).await.unwrap();
    }
    let entered = async {
        loop {
            let frame = stream.next().await.expect("an answer").expect("a frame");
            if let Some(answer) = frame.to_text().ok().and_then(|text| text.strip_prefix("431")) {
                return serde_json::from_str::<Value>(answer).unwrap();
            }
        }
    };
    assert_eq!(within("a desk for the deaf client", entered).await[0]["ok"], true);
    stream
}
