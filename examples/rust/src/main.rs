//! Takes a number and follows the calls until it is called. In one terminal `siguiente demo`, in another:
//!
//! ```sh
//! cd examples/rust && cargo run            # or: cargo run -- http://other-host:8080
//! ```
//!
//! Then call the number at <http://localhost:8080/desk>. The crate needs OpenSSL's headers (Debian: `pkg-config libssl-dev`).

use std::error::Error;
use std::sync::mpsc::channel;
use std::time::Duration;

use rust_socketio::{ClientBuilder, Event, Payload};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:8080".into());
    let (calls, called) = channel();
    let client = ClientBuilder::new(url)
        .reconnect(true)
        .reconnect_on_disconnect(true)
        // Live calls go to displays: joins them, also after a lost connection.
        .on(Event::Connect, |_, socket| {
            if let Err(error) = socket.emit("entrar-pantalla", json!({})) {
                eprintln!("cannot follow the calls: {error}");
            }
        })
        .on("llamada", move |payload, _| {
            if let Payload::Text(args) = payload {
                // Nobody listens any more once the number was called.
                drop(calls.send(args[0].clone()));
            }
        })
        .connect()?;

    let ask = |event: &str, payload: Value| -> Result<Value, Box<dyn Error>> {
        let (answers, answer) = channel();
        client.emit_with_ack(event, payload, PATIENCE, move |payload, _| drop(answers.send(payload)))?;
        match answer.recv_timeout(PATIENCE)? {
            // The acknowledgement's arguments come as one array.
            Payload::Text(values) => Ok(values[0][0].clone()),
            other => Err(format!("{other:?} is no answer to {event}").into()),
        }
    };

    let answer = ask("siguiente-ticket", json!({}))?;
    if answer["ok"] != true {
        return Err(answer["msg"].to_string().into());
    }
    let mine = answer["ticket"]["codigo"].as_str().ok_or("a ticket without a code")?;
    println!("Your number is {mine}, {} before you.", answer["ticket"]["delante"]);

    for call in called {
        let code = call["codigo"].as_str().unwrap_or_default();
        println!("{code} to desk {}", call["escritorio"]);
        if code == mine {
            break;
        }
    }
    client.disconnect()?;
    Ok(())
}
