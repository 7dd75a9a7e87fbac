//! `rust_socketio`, as published: goes through the steps of a visit and reports each on standard output.

mod peer;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use bytes::Bytes;
use rust_socketio::TransportType;
use serde_json::{Value, json};

use crate::peer::Peer;

/// Why a step failed.
type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [office, token, echo, transport] = args.as_slice() else {
        eprintln!("usage: siguiente-rust-client OFFICE TOKEN ECHO polling|websocket|upgrade");
        return ExitCode::from(64);
    };
    let transport = || match transport.as_str() {
        "polling" => TransportType::Polling,
        "websocket" => TransportType::Websocket,
        _ => TransportType::WebsocketUpgrade,
    };
    match visit(office, token, echo, transport) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn visit(office: &str, token: &str, echo: &str, transport: impl Fn() -> TransportType) -> Result<(), Failure> {
    let signed_in = || Peer::connect(office, Some(token), transport());
    let [writer, member, outsider] = [signed_in()?, signed_in()?, signed_in()?];
    let mut ids = Vec::new();
    step("is greeted with its id", || {
        for peer in [&writer, &member, &outsider] {
            let greeting = peer.next("saludo")?;
            equal(&greeting[0]["emisor"], &json!("Server"))?;
            ids.push(text(&greeting[0]["id"])?);
        }
        Ok(())
    })?;
    step("takes a ticket and gets it in the callback", || {
        let answer = writer.ask("siguiente-ticket", json!({}))?;
        equal(&answer["ok"], &json!(true))?;
        equal(&answer["ticket"]["numero"], &json!(1))?;
        equal(&text(&answer["ticket"]["token"])?.len(), &32)
    })?;
    step("takes a ticket with null and gets a text", || {
        let answer = text(&writer.ask("siguiente-ticket", Value::Null)?)?;
        equal(&answer.ends_with("-002"), &true)
    })?;
    step("joins the display and gets the queue", || {
        let queue = member.ask("entrar-pantalla", json!({}))?["cola"].take();
        equal(&queue["tipo"], &json!("instantanea"))?;
        equal(&queue["esperando"], &json!(2))
    })?;
    step("hears of a number that another takes", || hears(&writer, &member, 3))?;
    step("gets what is written to its room, and others do not", || {
        let inside = member.ask("entrar-cliente", json!({"nombre": "Berta", "sala": "azul"}))?;
        equal(&inside["personas"][0]["nombre"], &json!("Berta"))?;
        accepted(&writer.ask("entrar-cliente", json!({"nombre": "Ana"}))?)?;
        accepted(&outsider.ask("entrar-cliente", json!({"nombre": "Carla"}))?)?;
        member.until("usuario-conectado", |args| args[0]["nombre"] == "Carla")?;
        accepted(&writer.ask("enviar-mensaje", json!({"mensaje": "a la sala", "sala": "azul"}))?)?;
        accepted(&writer.ask("enviar-mensaje", json!({"mensaje": "a todos"}))?)?;
        equal(&member.next("enviar-mensaje")?[0]["mensaje"], &json!("a la sala"))?;
        equal(&member.next("enviar-mensaje")?[0]["mensaje"], &json!("a todos"))?;
        equal(&outsider.next("enviar-mensaje")?[0]["mensaje"], &json!("a todos"))
    })?;
    step("gets a private message, and others do not", || {
        accepted(&writer.ask("enviar-mensaje", json!({"mensaje": "en privado", "para": ids[1]}))?)?;
        accepted(&writer.ask("enviar-mensaje", json!({"mensaje": "a todos otra vez"}))?)?;
        let message = member.next("enviar-mensaje")?[0].take();
        let found = json!([message["mensaje"], message["nombre"], message["de"], message["privado"]]);
        equal(&found, &json!(["en privado", "Ana", ids[0], true]))?;
        equal(&outsider.next("enviar-mensaje")?[0]["mensaje"], &json!("a todos otra vez"))
    })?;
    step("gets its bytes back in an event", || {
        // Over WebSocket the crate takes the byte 0x1e for the separator that payloads of polling have.
        let bytes: Bytes = (0..=255).filter(|byte| *byte != 0x1e).collect();
        let mirror = Peer::connect(echo, None, transport())?;
        mirror.emit("message", bytes.clone())?;
        equal(&mirror.bytes()?, &bytes)?;
        mirror.disconnect()
    })?;
    step("comes back by itself after the server was stopped", || {
        comes_back([&writer, &member, &outsider], &mut ids, "stop")?;
        hears(&writer, &member, 4)
    })?;
    step("comes back by itself after the server was killed", || {
        comes_back([&writer, &member, &outsider], &mut ids, "kill")?;
        hears(&writer, &member, 5)
    })?;
    for peer in [writer, member, outsider] {
        peer.disconnect()?;
    }
    Ok(())
}

/// `writer` takes the number, `member` hears of it.
fn hears(writer: &Peer, member: &Peer, number: u64) -> Result<(), Failure> {
    let ticket = writer.ask("siguiente-ticket", json!({}))?["ticket"].take();
    equal(&ticket["numero"], &json!(number))?;
    let detail = member.until("ultimo-ticket", |args| args[0] == number)?[1].take();
    equal(&detail["codigo"], &ticket["codigo"])?;
    let changes = member.until("cola", |args| args[0]["tipo"] == "cambios")?[0]["cambios"].take();
    equal(&json!([changes[0]["tipo"], changes[0]["codigo"]]), &json!(["emitido", ticket["codigo"]]))
}

fn comes_back(peers: [&Peer; 3], ids: &mut Vec<String>, how: &str) -> Result<(), Failure> {
    println!("restart {how}");
    for peer in peers {
        let id = text(&peer.next("saludo")?[0]["id"])?;
        equal(&ids.contains(&id), &false)?;
        ids.push(id);
    }
    accepted(&peers[1].ask("entrar-pantalla", json!({}))?)
}

fn step(name: &str, run: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let result = run();
    match &result {
        Ok(()) => println!("ok {name}"),
        Err(error) => println!("failed {name}: {error}"),
    }
    result
}

fn accepted(answer: &Value) -> Result<(), Failure> {
    if answer["ok"] == true { Ok(()) } else { Err(answer.to_string().into()) }
}

fn equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failure> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}").into()) }
}

fn text(value: &Value) -> Result<String, Failure> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} instead of a text").into())
}
