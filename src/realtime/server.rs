//! Owns the HTTP face of the real-time layer: handshakes, polling requests, their standard answers, and the second handle to each socket.
//! Knows no route but its own path's.

use std::any::Any;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::{Actor, Addr, AsyncContext};
use actix_web::dev::Extensions;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::application::Application;
use super::carried::Carried;
use super::cors::Cors;
use super::hub::Hub;
use super::ids::Sid;
use super::layer::{Layer, SocketLayer};
use super::link::{ConnectionId, Limits, Link};
use super::opening::Opening;
use super::polling::{Abort, Answered, Overlap, Poll, PollingSession, Post};
use super::proxies::Proxies;
use super::sessions::{Carrier, Sessions};
use super::websocket;
use crate::clock;
use crate::protocol::engine::payload::SEPARATOR;
use crate::protocol::engine::{self, HttpError, RequestId, Session, SocketId, Transport, Transports};
use crate::protocol::socket::{self, Decoder};

/// Packets of one POST that a session takes at once: a body may hold some ten thousand events, and each may bring an answer.
const PART: usize = 256;

/// How long the body of a request that is refused may take.
const SKIP: Duration = Duration::from_secs(1);

/// What every session is set to.
#[derive(Debug, Clone)]
pub struct Settings {
    pub engine: engine::Config,
    pub transports: Transports,
    pub limits: Limits,
    pub cors: Cors,
    pub proxies: Proxies,
}

/// Makes what stands on a new session.
pub trait Layers: Send + Sync + 'static {
    type Layer: Layer;

    /// `opening` is what is known of the HTTP request.
    fn layer(&self, opening: Opening, now: Instant) -> Self::Layer;
}

/// Makes Socket.IO layers for a hub.
pub struct SocketLayers<A: Application> {
    pub hub: Addr<Hub<A>>,
    /// A client that entered no namespace by then is closed.
    pub connect_timeout: Duration,
    pub attachments: socket::Limits,
}

impl<A: Application> Layers for SocketLayers<A> {
    type Layer = SocketLayer<A>;

    fn layer(&self, opening: Opening, now: Instant) -> SocketLayer<A> {
        SocketLayer::new(self.hub.clone(), opening.into(), Decoder::new(self.attachments), self.connect_timeout, now)
    }
}

/// Makes sessions. One a process and path, shared by the workers.
pub struct Server<F: Layers> {
    layers: F,
    settings: Settings,
    sessions: Arc<Sessions<F::Layer>>,
    /// Numbers connections, requests and sockets.
    last: AtomicU64,
}

impl<F: Layers> Server<F> {
    pub fn new(layers: F, settings: Settings) -> Self {
        Self { layers, settings, sessions: Arc::default(), last: AtomicU64::new(0) }
    }

    /// The handler of the Engine.IO path, for every method.
    pub async fn handle(server: web::Data<Self>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
        let cors = &server.settings.cors;
        let mut response = if !cors.allows(request.headers()) {
            refuse(HttpError::Forbidden)
        } else if request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            let mut response = HttpResponse::NoContent().finish();
            add(&mut response, cors.preflight(request.headers()));
            response
        } else {
            server.answer(&request, payload).await.unwrap_or_else(refuse)
        };
        add(&mut response, cors.headers(request.headers()));
        response
    }

    async fn answer(&self, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, HttpError> {
        let method = match *request.method() {
            Method::GET => engine::Method::Get,
            Method::POST => engine::Method::Post,
            _ => engine::Method::Other,
        };
        let upgrade = request.headers().contains_key(header::UPGRADE);
        let asked = match engine::Request::parse(request.query_string(), method, upgrade, self.settings.transports) {
            Ok(asked) => asked,
            Err(error) => {
                if !upgrade {
                    self.skip(payload).await;
                }
                return Err(error);
            }
        };
        match asked {
            engine::Request::Open(Transport::WebSocket) => self.open_websocket(request, payload),
            engine::Request::Open(Transport::Polling) => self.open_polling(request).await,
            engine::Request::Probe { sid } => self.probe(request, payload, &sid),
            engine::Request::Poll { sid } => match self.sessions.find(&sid) {
                Some(Carrier::Polling(session, _)) => self.respond(&sid, self.poll(&session).await),
                _ => Err(self.gone(&sid)),
            },
            engine::Request::Post { sid } => match self.sessions.find(&sid) {
                Some(Carrier::Polling(session, link)) => self.post(request, payload, &sid, &session, &link).await,
                _ => {
                    self.skip(payload).await;
                    Err(self.gone(&sid))
                }
            },
        }
    }

    /// Why nothing can be done by this id.
    fn gone(&self, sid: &str) -> HttpError {
        match self.sessions.find(sid) {
            Some(Carrier::WebSocket) => HttpError::BadRequest,
            _ => HttpError::SessionUnknown,
        }
    }

    /// A session that went without an answer has moved to a WebSocket, or does not exist any more.
    fn respond(&self, sid: &str, answered: Result<Answered, oneshot::error::RecvError>) -> Result<HttpResponse, HttpError> {
        match answered.map_err(|_| self.gone(sid))? {
            Answered::Body(body) => Ok(plain(body.into_bytes())),
            Answered::Taken => Ok(plain(Bytes::from_static(b"ok"))),
            Answered::Refused(error) => Err(error),
        }
    }

    /// Reads a body that nobody wants, so that the connection can go on.
    async fn skip(&self, mut payload: web::Payload) {
        let mut left = self.settings.engine.max_payload;
        let reading = async {
            while let Some(Ok(chunk)) = payload.next().await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    return;
                }
            }
        };
        // Whoever does not send it in time loses the connection, as every other request with an unread body.
        let _ = timeout(SKIP, reading).await;
    }

    fn open_websocket(&self, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, HttpError> {
        let now = clock::instant();
        let link = self.link(socket_of(request));
        let socket = SocketId(self.next());
        let (machine, outputs) = Session::over_websocket(self.settings.engine, Sid::draw().as_str(), socket, now);
        let carried = Carried::new(machine, self.layers.layer(self.opening(request), now), link, None);
        let max_payload = self.settings.engine.max_payload;
        websocket::start(request, payload, socket, carried, outputs, max_payload).map_err(|_| HttpError::BadRequest)
    }

    async fn open_polling(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let now = clock::instant();
        let link = self.link(None);
        let sid = Sid::draw();
        let opening = RequestId(self.next());
        let (machine, outputs) = Session::over_polling(self.settings.engine, sid.as_str(), opening, now);
        let layer = self.layers.layer(self.opening(request), now);
        let (answer, wait) = oneshot::channel();
        let sessions = self.sessions.clone();
        PollingSession::create(|context| {
            let registration = sessions.register(sid, Carrier::Polling(context.address(), link.clone()));
            let carried = Carried::new(machine, layer, link, Some(registration));
            PollingSession::new(carried, self.settings.engine.max_payload, outputs, Poll { request: opening, answer })
        });
        self.respond(sid.as_str(), wait.await)
    }

    fn probe(&self, request: &HttpRequest, payload: web::Payload, sid: &str) -> Result<HttpResponse, HttpError> {
        match self.sessions.find(sid).ok_or(HttpError::SessionUnknown)? {
            Carrier::Polling(owner, link) => {
                let socket = SocketId(self.next());
                let max_payload = self.settings.engine.max_payload;
                websocket::probe(request, payload, socket, owner, &link, socket_of(request), max_payload)
            }
            Carrier::WebSocket => websocket::close_at_once(request),
        }
        .map_err(|_| HttpError::BadRequest)
    }

    async fn poll(&self, session: &Addr<PollingSession<F::Layer>>) -> Result<Answered, oneshot::error::RecvError> {
        let request = RequestId(self.next());
        let (answer, wait) = oneshot::channel();
        session.do_send(Poll { request, answer });
        // This future is dropped when the client gives up.
        let mut waiting = Waiting { session, request, answered: false };
        let answered = wait.await;
        waiting.answered = true;
        answered
    }

    async fn post(
        &self,
        request: &HttpRequest,
        payload: web::Payload,
        sid: &str,
        session: &Addr<PollingSession<F::Layer>>,
        link: &Link,
    ) -> Result<HttpResponse, HttpError> {
        let Some(_posting) = link.posting() else {
            // Two at once have no order.
            session.do_send(Overlap);
            self.skip(payload).await;
            return Err(HttpError::BadRequest);
        };
        let engine = self.settings.engine;
        // A body may take as long as a client may be silent.
        let patience = engine.ping_interval + engine.ping_timeout;
        let body = match timeout(patience, read(request, payload, engine.max_payload)).await {
            Ok(Ok(body)) => body,
            Ok(Err(Unread::TooLarge)) => return Ok(HttpResponse::PayloadTooLarge().force_close().finish()),
            Ok(Err(Unread::Broken)) | Err(_) => return Err(HttpError::BadRequest),
        };
        let mut rest = body;
        loop {
            let part = split_packets(&mut rest, PART);
            let (answer, wait) = oneshot::channel();
            session.do_send(Post { request: RequestId(self.next()), body: part, answer });
            let answered = wait.await;
            // What is left, and the next POST, come when the hub has caught up and the client reads its answers.
            link.caught_up().await;
            if rest.is_empty() || !matches!(answered, Ok(Answered::Taken)) {
                return self.respond(sid, answered);
            }
        }
    }

    fn opening(&self, request: &HttpRequest) -> Opening {
        Opening::of(request, &self.settings.cors, &self.settings.proxies)
    }

    fn link(&self, socket: Option<Arc<TcpStream>>) -> Arc<Link> {
        Arc::new(Link::new(ConnectionId(self.next()), self.settings.limits, socket))
    }

    fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A GET on its way; dropped before its answer it tells the session so.
struct Waiting<'a, L: Layer> {
    session: &'a Addr<PollingSession<L>>,
    request: RequestId,
    answered: bool,
}

impl<L: Layer> Drop for Waiting<'_, L> {
    fn drop(&mut self) {
        if !self.answered {
            self.session.do_send(Abort(self.request));
        }
    }
}

enum Unread {
    TooLarge,
    Broken,
}

async fn read(request: &HttpRequest, mut payload: web::Payload, limit: usize) -> Result<Bytes, Unread> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(Unread::TooLarge);
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        if body.len() + chunk.len() > limit {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Takes the first packets off a body, at most `most`; what is left is empty after the last.
fn split_packets(body: &mut Bytes, most: usize) -> Bytes {
    let separators = body.iter().enumerate().filter(|(_, byte)| **byte == SEPARATOR);
    // A separator at the very end has an empty packet behind it, which the session must see.
    match separators.map(|(place, _)| place).nth(most - 1).filter(|place| place + 1 < body.len()) {
        Some(place) => {
            let part = body.split_to(place);
            body.advance(1);
            part
        }
        None => std::mem::take(body),
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

fn add(response: &mut HttpResponse, headers: Vec<(HeaderName, HeaderValue)>) {
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
}

fn plain(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=UTF-8").insert_header((header::CACHE_CONTROL, "no-store")).body(body)
}

fn refuse(error: HttpError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).content_type("application/json").insert_header((header::CACHE_CONTROL, "no-store")).body(error.body())
}
