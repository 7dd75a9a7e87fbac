//! Owns the HTTP face of the real-time layer: the handshake, its standard errors, and the second handle to each socket. Knows routes below
//! its own path only.

use std::any::Any;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::Addr;
use actix_web::dev::Extensions;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::application::Application;
use super::hub::Hub;
use super::ids::Sid;
use super::layer::SocketLayer;
use super::link::{ConnectionId, Limits, Link};
use super::websocket;
use crate::clock;
use crate::protocol::engine::{self, HttpError, Transports};
use crate::protocol::socket::{self, Decoder};

/// Long polling comes with the next step of the real-time layer.
const TRANSPORTS: Transports = Transports { polling: false, websocket: true };

/// What every session is set to.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub engine: engine::Config,
    /// A client that entered no namespace by then is closed.
    pub connect_timeout: Duration,
    pub limits: Limits,
}

/// Makes sessions for one hub. One a process, shared by its workers.
pub struct Server<A: Application> {
    hub: Addr<Hub<A>>,
    settings: Settings,
    connections: AtomicU64,
}

impl<A: Application> Server<A> {
    pub fn new(hub: Addr<Hub<A>>, settings: Settings) -> Self {
        Self { hub, settings, connections: AtomicU64::new(0) }
    }

    /// The handler of the Engine.IO path, for every method.
    pub async fn handle(server: web::Data<Self>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
        match server.open(&request, payload) {
            Ok(response) => response,
            Err(error) => refuse(error),
        }
    }

    fn open(&self, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, HttpError> {
        let method = match *request.method() {
            Method::GET => engine::Method::Get,
            Method::POST => engine::Method::Post,
            _ => engine::Method::Other,
        };
        let upgrade = request.headers().contains_key(header::UPGRADE);
        match engine::Request::parse(request.query_string(), method, upgrade, TRANSPORTS)? {
            engine::Request::Open(_) => self.websocket(request, payload),
            engine::Request::Poll { .. } | engine::Request::Post { .. } | engine::Request::Probe { .. } => Err(HttpError::SessionUnknown),
        }
    }

    fn websocket(&self, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, HttpError> {
        let now = clock::instant();
        let Settings { engine, connect_timeout, limits } = self.settings;
        let id = ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed) + 1);
        let link = Arc::new(Link::new(id, limits, socket_of(request)));
        let decoder = Decoder::new(socket::Limits::default());
        let layer = SocketLayer::new(self.hub.clone(), request.query_string().into(), decoder, connect_timeout, now);
        websocket::start(request, payload, Sid::draw().as_str(), engine, layer, link).map_err(|_| HttpError::BadRequest)
    }
}

/// For `HttpServer::on_connect`: keeps a second handle to the socket, by which a connection that does not read can be cut.
pub fn keep_socket(connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    // What goes out is small and must go at once; a socket that refuses the option only loses some time.
    let _ = stream.set_nodelay(true);
    // Out of file descriptors: the connection works, it just cannot be cut before its own time-outs.
    if let Ok(handle) = stream.as_fd().try_clone_to_owned() {
        data.insert(Handle(Arc::new(TcpStream::from(handle))));
    }
}

struct Handle(Arc<TcpStream>);

fn socket_of(request: &HttpRequest) -> Option<Arc<TcpStream>> {
    request.conn_data::<Handle>().map(|Handle(stream)| stream.clone())
}

fn refuse(error: HttpError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).content_type("application/json").body(error.body())
}
