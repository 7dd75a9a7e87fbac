//! The real-time layer with an application that echoes, on one port: `/engine.io/` is Engine.IO by itself, `/socket.io/` has the namespaces
//! `/` and `/custom`. Shared by the example `conformance` and the tests of that name.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Actor;
use actix_web::body::BoxBody;
use actix_web::dev::Server as Running;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::{Either, ready};
use siguiente::protocol::engine::{self, Message, Transports};
use siguiente::protocol::socket::Limits as AttachmentLimits;
use siguiente::realtime::{
    Application, CloseReason, Cors, Counts, Effect, Event, Handshake, Hub, HubSettings, Layer, Layers, Limits, Link, Namespace, Opening,
    Outbound, Proxies, RecoveryMode, Server, Settings, SocketKey, SocketLayers, Turn, encode_event, keep_socket,
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

/// Binds and serves, with this application on `/socket.io/` and an echo on `/engine.io/`. The server ends when it is told to stop or its runtime
/// ends.
///
/// # Errors
///
/// An address that cannot be bound.
#[allow(dead_code, reason = "not every program that shares this module echoes")]
pub fn serve<A: Application>(application: A, options: Options, bind: impl ToSocketAddrs) -> std::io::Result<(Running, Vec<SocketAddr>)> {
    serve_with(application, EchoLayers, options, bind)
}

/// The same with layers of one's own on `/engine.io/`.
///
/// # Errors
///
/// An address that cannot be bound.
pub fn serve_with<A: Application, L: Layers>(
    application: A,
    layers: L,
    options: Options,
    bind: impl ToSocketAddrs,
) -> std::io::Result<(Running, Vec<SocketAddr>)> {
    let Options { engine, transports, limits, cors, connect_timeout, attachments, recovery, workers } = options;
    let settings = Settings { engine, transports, limits, cors, proxies: Proxies::default() };
    let stale_after = engine.ping_interval + engine.ping_timeout + Duration::from_secs(5);
    let hub = Hub::new(application, HubSettings { stale_after, max_connections: 100_000, recovery, counts: Counts::default() }).start();
    let sockets = SocketLayers { hub, connect_timeout, attachments };
    let sockets = web::Data::new(Server::new(sockets, settings.clone()));
    let engines = web::Data::new(Server::new(layers, settings));
    let server = HttpServer::new(move || {
        App::new()
            .wrap_fn(deny)
            .app_data(sockets.clone())
            .app_data(engines.clone())
            .service(web::resource(["/socket.io/", "/socket.io"]).to(Server::<SocketLayers<A>>::handle))
            .service(web::resource(["/engine.io/", "/engine.io"]).to(Server::<L>::handle))
    })
    .workers(workers)
    .disable_signals()
    .on_connect(keep_socket)
    .h1_allow_half_closed(false)
    .bind(bind)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// Whoever asks with `deny` in the query is forbidden to come in: the official clients' tests want such a server.
fn deny<S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = actix_web::Error, Future: 'static>>(
    request: ServiceRequest,
    next: &S,
) -> impl Future<Output = Result<ServiceResponse<BoxBody>, actix_web::Error>> + use<S> {
    if request.query_string().split('&').any(|pair| pair.starts_with("deny=")) {
        let forbidden = HttpResponse::Forbidden().json(serde_json::json!({"code": 4, "message": "Forbidden"}));
        return Either::Left(ready(Ok(request.into_response(forbidden))));
    }
    Either::Right(next.call(request))
}

/// Echoes events.
#[allow(dead_code, reason = "not every program that shares this module echoes")]
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
#[allow(dead_code, reason = "not every program that shares this module echoes")]
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

#[allow(dead_code, reason = "not every program that shares this module echoes")]
struct EchoLayers;

impl Layers for EchoLayers {
    type Layer = EchoLayer;

    fn layer(&self, _: Opening, _: Instant) -> EchoLayer {
        EchoLayer
    }
}
