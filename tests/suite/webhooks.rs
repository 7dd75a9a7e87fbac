//! Web hooks of a whole office: made over REST, told of tickets, over a restart too; a receiver that never answers keeps nobody waiting.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::harness::{TestOffice, rest, rest_answer, within};

/// A receiver on loopback, and the bodies that it gets. It answers 204, or never.
async fn receiver(answers: bool) -> (SocketAddr, UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let (stream, body) = read(stream).await;
                // The test may be over.
                let _ = tell.send(body);
                let mut stream = stream;
                if answers {
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                } else {
                    let _ = stream.read(&mut [0]).await;
                }
            });
        }
    });
    (address, told)
}

async fn read(stream: TcpStream) -> (TcpStream, Value) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.expect("a line of the head");
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            _ if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.expect("the body");
    (reader.into_inner(), serde_json::from_slice(&body).expect("JSON"))
}

async fn next(told: &mut UnboundedReceiver<Value>) -> Value {
    within("a delivery", told.recv()).await.expect("the receiver lives")
}

#[tokio::test]
async fn a_hook_is_made_tried_and_told_over_a_restart() {
    let (address, mut told) = receiver(true).await;
    let office = TestOffice::setup().with_settings(|settings| settings.private_hooks = true).spawn().await;
    let url = format!("http://{address}/turnos");
    let (status, hook) =
        rest(office.address(), "POST", "/branches/1/webhooks", json!({"url": url, "eventos": ["emitido", "llamado"]})).await;
    assert_eq!((status, &hook["eventos"], &hook["estado"]), (201, &json!(["emitido", "llamado"]), &json!("bien")));
    assert!(hook["secreto"].as_str().is_some_and(|secret| secret.starts_with("sgw_")), "{hook}");
    let path = format!("/branches/1/webhooks/{}", hook["id"].as_str().expect("an id"));

    let (status, trial) = rest(office.address(), "POST", &format!("{path}/test"), Value::Null).await;
    assert_eq!((status, &trial["estado"], &trial["respuesta"]), (200, &json!("entregada"), &json!(204)));
    assert_eq!(next(&mut told).await["tipo"], "prueba");

    let first = office.kiosk().await.take("A").await;
    let delivery = next(&mut told).await;
    assert_eq!((&delivery["tipo"], &delivery["ticket"]["codigo"]), (&json!("emitido"), &json!(first.codigo)));
    let office = office.restart().await;
    let second = office.kiosk().await.take("A").await;
    let delivery = next(&mut told).await;
    assert_eq!((&delivery["tipo"], &delivery["ticket"]["codigo"]), (&json!("emitido"), &json!(second.codigo)), "nothing comes twice");

    let (status, shown) = rest(office.address(), "GET", &path, Value::Null).await;
    assert_eq!((status, &shown["activo"], shown.get("secreto")), (200, &json!(true), None));
    assert_eq!(rest(office.address(), "DELETE", &path, Value::Null).await.0, 204);
    let gone = rest_answer(office.address(), "GET", &path, &[], Value::Null).await;
    assert!(gone.status == 404 && gone.body.contains("unknown_hook"), "{}", gone.body);
    let wrong = rest_answer(office.address(), "POST", "/branches/1/webhooks", &[], json!({"url": "http://169.254.169.254/"})).await;
    assert!(wrong.status == 422 && wrong.body.contains("bad_request"), "{}", wrong.body);
    let nowhere = rest_answer(office.address(), "GET", "/branches/77/webhooks", &[], Value::Null).await;
    assert!(nowhere.status == 404 && nowhere.body.contains("unknown_branch"), "{}", nowhere.body);
}

#[tokio::test]
async fn a_receiver_that_never_answers_keeps_no_command_waiting() {
    let (address, mut told) = receiver(false).await;
    let office = TestOffice::setup().with_settings(|settings| settings.private_hooks = true).spawn().await;
    let url = format!("http://{address}/turnos");
    let (status, hook) = rest(office.address(), "POST", "/branches/1/webhooks", json!({"url": url})).await;
    assert_eq!(status, 201, "{hook}");
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    next(&mut told).await;
    // Every one is answered while the receiver has answered nothing.
    assert_eq!(kiosk.take_many("A", 300).await.len(), 300);
    let deliveries = format!("/branches/1/webhooks/{}/deliveries", hook["id"].as_str().expect("an id"));
    let (_, log) = rest(office.address(), "GET", &deliveries, Value::Null).await;
    let delivered = log["entregas"].as_array().expect("a list").iter().filter(|delivery| delivery["estado"] == "entregada").count();
    assert_eq!(delivered, 0, "{log}");
}
