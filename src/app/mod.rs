//! The only place that knows every layer: makes a running server of settings and a store, and ends it in good order.

mod archive;
mod certificate;
mod export;
mod offices;
mod report;
mod run;
mod samples;
mod upkeep;
mod visitors;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix::{Addr, Arbiter};
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use chrono::NaiveDate;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::clock::{self, Clock};
use crate::config::{ClientScript, Config, Origins, RecoverySetting};
use crate::http::{self, Api, BadClient, Client, ClientSource, Health, Metrics, Pages};
use crate::office::{BranchId, Settings};
use crate::protocol::engine::{self, Transports};
use crate::protocol::socket::Limits as AttachmentLimits;
use crate::realtime::{
    self, CloseAll, Cors, CountConnections, Counts, Hub, HubSettings, Limits, RecoveryMode, Server, SocketLayers, Tell, keep_socket,
};
use crate::service::{self, BootError, Notice, TicketService};
use crate::store::{Store, StoreError};

pub use certificate::certificate;
pub use export::export;
pub use report::report;
pub use run::{demo, healthcheck, serve};
pub use samples::{demo as demo_office, plain as plain_office};
pub use upkeep::{backup, check, repair, restore};

/// Why a server does not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{path}: {problem}")]
    OfficeFile { path: String, problem: String },
    #[error(transparent)]
    Client(#[from] BadClient),
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error("cannot listen on {address}: {source}")]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{url} is not healthy: {problem}")]
    Unhealthy { url: String, problem: String },
    #[error("what was in flight did not finish in time")]
    Unfinished,
    #[error("there is no branch {branch}; there are: {known}")]
    UnknownBranch { branch: u32, known: String },
    #[error("--branch must say which one; there are: {known}")]
    WhichBranch { known: String },
    #[error("branch {branch} has no settings yet")]
    NotConfigured { branch: u32 },
    #[error("there is no ticket {code} of {day}")]
    NoTicket { code: String, day: NaiveDate },
    #[error("{found} {} not what the log says", if *.found == 1 { "row is" } else { "rows are" })]
    Different { found: u64 },
    #[error("cannot write: {0}")]
    Output(std::io::Error),
}

impl AppError {
    /// Exit codes of sysexits.h.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::OfficeFile { .. } | Self::Client(_) | Self::Boot(BootError::Settings(_)) => 64,
            Self::UnknownBranch { .. } | Self::WhichBranch { .. } => 64,
            Self::Boot(BootError::Store(StoreError::Newer { .. } | StoreError::Broken { .. }) | BootError::Unreadable(_)) => 65,
            Self::Boot(BootError::Store(StoreError::InUse(_))) | Self::Bind { .. } => 69,
            Self::Unhealthy { .. } | Self::NotConfigured { .. } | Self::NoTicket { .. } | Self::Different { .. } => 1,
            Self::Boot(_) | Self::Io(_) | Self::Unfinished | Self::Output(_) => 74,
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        Self::Boot(error.into())
    }
}

/// A running server.
pub struct Running {
    addresses: Vec<SocketAddr>,
    hub: Addr<Hub<TicketService>>,
    http: ServerHandle,
    /// The hub's own thread.
    arbiter: Arbiter,
    store: JoinHandle<()>,
    patience: Duration,
}

/// Starts a server with the branches of the store and of `offices`, whose settings replace those of the log when they differ; `default` is for
/// a store without branches.
pub fn start(
    config: &Config,
    store: impl Store,
    offices: BTreeMap<BranchId, Settings>,
    default: impl FnOnce() -> Settings,
    clock: Clock,
) -> Result<Running, AppError> {
    raise_file_limit();
    let pages = config.public.clone().map_or(Pages::Embedded, Pages::Folder);
    let sessions = sessions(config);
    let socket_path = config.socket_path.to_string();
    let client = web::Data::new(Client::new(&client_source(config), &pages, &socket_path, sessions.cors.clone())?);
    let pages = web::Data::new(pages);
    let (application, writer, store) = service::boot(store, offices, default, clock)?;
    let arbiter = Arbiter::new();
    let counts = Counts::default();
    let settings = HubSettings {
        counts: counts.clone(),
        stale_after: config.ping_interval + config.ping_timeout,
        max_connections: config.max_connections,
        recovery: match config.recovery {
            RecoverySetting::Off => RecoveryMode::Off,
            RecoverySetting::Request => RecoveryMode::OnRequest(config.recovery_window),
            RecoverySetting::On => RecoveryMode::Always(config.recovery_window),
        },
    };
    let metrics = web::Data::new(Metrics::new(&counts));
    let hub = actix::Actor::start_in_arbiter(&arbiter.handle(), move |_| Hub::new(application, settings));
    let layers = SocketLayers { hub: hub.clone(), connect_timeout: config.connect_timeout, attachments: AttachmentLimits::default() };
    let api = web::Data::new(Api::new(hub.clone().recipient(), sessions.cors.clone()));
    let server = web::Data::new(Server::new(layers, sessions));
    let health = web::Data::new(Health::new(hub.clone(), writer));
    let routes =
        move || http::routes(&socket_path, server.clone(), api.clone(), health.clone(), metrics.clone(), client.clone(), pages.clone());
    let mut listener = HttpServer::new(move || App::new().configure(routes()))
        .on_connect(keep_socket)
        .h1_allow_half_closed(false)
        .disable_signals()
        .shutdown_timeout(config.shutdown_timeout.as_secs())
        .max_connections(config.max_connections);
    if let Some(workers) = config.workers {
        listener = listener.workers(workers);
    }
    let listener = listener.bind(config.bind).map_err(|source| AppError::Bind { address: config.bind, source })?;
    let addresses = listener.addrs();
    let listening = listener.run();
    let http = listening.handle();
    actix::spawn(async move {
        if let Err(error) = listening.await {
            log::error!("the HTTP server ended: {error}");
        }
    });
    Ok(Running { addresses, hub, http, arbiter, store, patience: config.shutdown_timeout })
}

impl Running {
    /// Where it listens. With port 0 in the settings: the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    pub fn hub(&self) -> Addr<Hub<TicketService>> {
        self.hub.clone()
    }

    /// Ends in good order: takes no new connection, lets what is in flight finish, tells the clients, closes the store.
    pub async fn stop(self) -> Result<(), AppError> {
        let until = clock::instant() + self.patience;
        self.http.pause().await;
        let (drained, wait) = oneshot::channel();
        self.hub.do_send(Tell(Notice::Drain(drained)));
        let finished = timeout(left(until), wait).await.is_ok();
        self.hub.do_send(CloseAll);
        while self.hub.send(CountConnections).await.unwrap_or(0) > 0 && !left(until).is_zero() {
            sleep(Duration::from_millis(5)).await;
        }
        // Keep-alive connections have nothing left to finish.
        self.http.stop(false).await;
        drop(self.hub);
        self.arbiter.stop();
        // A thread of its own: a disk that hangs must not keep the process from ending.
        let (joined, wait) = oneshot::channel();
        std::thread::spawn(move || joined.send(self.arbiter.join().is_ok() && self.store.join().is_ok()));
        let closed = timeout(left(until).max(Duration::from_secs(1)), wait).await.is_ok_and(|joined| joined.unwrap_or(false));
        if finished && closed { Ok(()) } else { Err(AppError::Unfinished) }
    }
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(clock::instant())
}

fn client_source(config: &Config) -> ClientSource {
    match &config.client_script {
        ClientScript::Own => ClientSource::Own,
        ClientScript::Off => ClientSource::Off,
        ClientScript::File(path) => ClientSource::File(path.clone()),
    }
}

fn sessions(config: &Config) -> realtime::Settings {
    realtime::Settings {
        engine: engine::Config {
            ping_interval: config.ping_interval,
            ping_timeout: config.ping_timeout,
            max_payload: config.max_payload,
            allow_upgrades: config.transports.websocket,
            ..engine::Config::default()
        },
        transports: Transports { polling: config.transports.polling, websocket: config.transports.websocket },
        limits: Limits::default(),
        cors: match &config.cors_origins {
            Origins::All => Cors::Any,
            Origins::These(list) if list.is_empty() => Cors::SameOrigin,
            Origins::These(list) => Cors::Origins(list.clone()),
        },
    }
}

/// Two file descriptors a connection: as many as the system lets this process have.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        log::warn!("the limit of open files stays as it is: {error}");
    }
}
