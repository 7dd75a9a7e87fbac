//! The real-time layer alone, with an application that echoes: for the protocols' own test suites and for whoever wants to see the layer
//! without tickets. `/engine.io/` is Engine.IO by itself, `/socket.io/` has the namespaces `/` and `/custom`.
//!
//! Settings by environment: `BIND`, `PING_INTERVAL`, `PING_TIMEOUT`, `CONNECT_TIMEOUT`, `UPGRADE_TIMEOUT` (ms), `MAX_PAYLOAD` (bytes),
//! `RECOVERY` (0 or 1), `CORS_ORIGIN`.

use std::env;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Actor;
use actix_web::{App, HttpServer, web};
use siguiente::clock;
use siguiente::protocol::engine::{self, Message, Transports};
use siguiente::protocol::socket::Limits as AttachmentLimits;
use siguiente::realtime::{
    Application, CloseReason, Cors, Effect, Event, Handshake, Hub, HubSettings, Layer, Layers, Limits, Link, Namespace, Outbound,
    RecoveryMode, Server, Settings, SocketKey, SocketLayers, Turn, encode_event, keep_socket,
};

/// Echoes events.
struct Echo;

impl Application for Echo {
    type Notice = ();

    fn has_namespace(&self, namespace: &str) -> bool {
        matches!(namespace, "/" | "/custom")
    }

    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake) {
        let auth = handshake.auth.as_deref().unwrap_or("{}");
        turn.emit(handshake.socket, encode_event(&handshake.namespace, None, "auth", [auth], &[]));
    }

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        match (event.name.as_str(), event.ack) {
            ("message", _) if event.namespace.is_root() => {
                let back = encode_event(&Namespace::default(), None, "message-back", event.args.arguments(), &event.attachments);
                turn.emit(socket, back);
            }
            ("message-with-ack", Some(ack)) if event.namespace.is_root() => {
                let args: Vec<&str> = event.args.arguments().collect();
                turn.acknowledge(ack, &args, &event.attachments);
            }
            _ => {}
        }
    }

    fn disconnected(&mut self, _: &mut Turn<'_, Self>, _: SocketKey, _: CloseReason) {}

    fn notice(&mut self, _: &mut Turn<'_, Self>, (): ()) {}
}

/// Echoes Engine.IO messages: there is no hub below Socket.IO.
struct EchoLayer;

impl Layer for EchoLayer {
    fn opened(&mut self, _: &Arc<Link>) {}

    fn received(&mut self, link: &Arc<Link>, message: Message, now: Instant) -> Result<(), CloseReason> {
        link.push(Outbound::Message(message), now)
    }

    fn sent(&mut self, _: Effect) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn expired(&mut self, _: Instant) -> Result<(), CloseReason> {
        Ok(())
    }

    fn closed(&mut self, _: &Arc<Link>, _: CloseReason) {}
}

struct EchoLayers;

impl Layers for EchoLayers {
    type Layer = EchoLayer;

    fn layer(&self, _: &str, _: Instant) -> EchoLayer {
        EchoLayer
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    env_logger::init();
    let engine = engine::Config {
        ping_interval: millis("PING_INTERVAL", 300),
        ping_timeout: millis("PING_TIMEOUT", 200),
        upgrade_timeout: millis("UPGRADE_TIMEOUT", 10_000),
        max_payload: setting("MAX_PAYLOAD", 1_000_000),
        ..engine::Config::default()
    };
    let cors = match env::var("CORS_ORIGIN") {
        Ok(origin) => Cors::Origins(vec![origin]),
        Err(_) => Cors::Any,
    };
    let settings = Settings { engine, transports: Transports::ALL, limits: Limits::default(), cors };
    let hub = Hub::new(
        Echo,
        HubSettings {
            stale_after: engine.ping_interval + engine.ping_timeout + Duration::from_secs(5),
            max_connections: 100_000,
            recovery: if setting("RECOVERY", 0) == 1 { RecoveryMode::Always(Duration::from_secs(120)) } else { RecoveryMode::Off },
        },
    )
    .start();
    let sockets = SocketLayers { hub, connect_timeout: millis("CONNECT_TIMEOUT", 1_000), attachments: AttachmentLimits::default() };
    let sockets = web::Data::new(Server::new(sockets, settings.clone()));
    let engines = web::Data::new(Server::new(EchoLayers, settings));
    let started = clock::instant();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(sockets.clone())
            .app_data(engines.clone())
            .service(web::resource(["/socket.io/", "/socket.io"]).to(Server::<SocketLayers<Echo>>::handle))
            .service(web::resource(["/engine.io/", "/engine.io"]).to(Server::<EchoLayers>::handle))
    })
    .on_connect(keep_socket)
    .h1_allow_half_closed(false)
    .bind(env::var("BIND").unwrap_or_else(|_| "127.0.0.1:3000".into()))?;
    for address in server.addrs() {
        println!("listening on {address}");
    }
    server.run().await?;
    log::info!("served for {:?}", started.elapsed());
    Ok(())
}

fn millis(name: &str, default: u64) -> Duration {
    Duration::from_millis(setting(name, default))
}

/// A setting of the environment, or its default; one that cannot be read ends the program.
fn setting<T: FromStr<Err: Display>>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|error| {
            eprintln!("{name}={text}: {error}");
            std::process::exit(64);
        }),
        Err(_) => default,
    }
}
