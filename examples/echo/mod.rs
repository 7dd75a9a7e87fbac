//! The real-time layer with an application that echoes, on one port: `/engine.io/` is Engine.IO by itself, `/socket.io/` has the namespaces
//! `/` and `/custom`. Shared by the example `conformance` and the tests of that name.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Actor;
use actix_web::dev::Server as Running;
use actix_web::{App, HttpServer, web};
use siguiente::protocol::engine::{self, Message, Transports};
use siguiente::protocol::socket::Limits as AttachmentLimits;
use siguiente::realtime::{
    Application, CloseReason, Cors, Counts, Effect, Event, Handshake, Hub, HubSettings, Layer, Layers, Limits, Link, Namespace, Outbound,
    RecoveryMode, Server, Settings, SocketKey, SocketLayers, Turn, encode_event, keep_socket,
};

/// All that can be set.
#[derive(Debug, Clone)]
pub struct Options {
    pub engine: engine::Config,
    pub transports: Transports,
    pub limits: Limits,
    pub cors: Cors,
    pub connect_timeout: Duration,
    pub attachments: AttachmentLimits,
    pub recovery: RecoveryMode,
    /// Threads that serve HTTP.
    pub workers: usize,
}

/// Binds and serves, with this application on `/socket.io/`. The server ends when it is told to stop or its runtime ends.
///
/// # Errors
///
/// An address that cannot be bound.
pub fn serve<A: Application>(application: A, options: Options, bind: impl ToSocketAddrs) -> std::io::Result<(Running, Vec<SocketAddr>)> {
    let Options { engine, transports, limits, cors, connect_timeout, attachments, recovery, workers } = options;
    let settings = Settings { engine, transports, limits, cors };
    let stale_after = engine.ping_interval + engine.ping_timeout + Duration::from_secs(5);
    let hub = Hub::new(application, HubSettings { stale_after, max_connections: 100_000, recovery, counts: Counts::default() }).start();
    let sockets = SocketLayers { hub, connect_timeout, attachments };
    let sockets = web::Data::new(Server::new(sockets, settings.clone()));
    let engines = web::Data::new(Server::new(EchoLayers, settings));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(sockets.clone())
            .app_data(engines.clone())
            .service(web::resource(["/socket.io/", "/socket.io"]).to(Server::<SocketLayers<A>>::handle))
            .service(web::resource(["/engine.io/", "/engine.io"]).to(Server::<EchoLayers>::handle))
    })
    .workers(workers)
    .disable_signals()
    .on_connect(keep_socket)
    .h1_allow_half_closed(false)
    .bind(bind)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// Echoes events.
pub struct Echo;

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
