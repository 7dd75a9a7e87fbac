//! Owns an office that runs in the test's own process: a server on a free port of loopback, on a thread and an actor system of its own, over
//! a database of its own that can be told to fail.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::thread::JoinHandle;

use actix::{Addr, System};
use serde_json::json;
use siguiente::access::Rate;
use siguiente::app::{self, AppError};
use siguiente::clock::Clock;
use siguiente::config::Config;
use siguiente::office::{BranchId, Entry, Millis, Settings};
use siguiente::realtime::{CountConnections, Hub};
use siguiente::service::{Accounts, Cost, Doors, Guarding, TicketService};
use siguiente::store::{Faults, Faulty, SqliteStore, Store};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::client::{Client, Options};
use super::roles::{Desk, Display, Kiosk};
use super::{PATIENCE, badge, within};

/// 2026-11-21 10:00 UTC: the morning on which every scenario begins that does not say otherwise.
const MORNING: Millis = Millis(1_795_255_200_000);

/// What an office is to be before it runs.
pub struct Setup {
    offices: BTreeMap<BranchId, Settings>,
    clock: Clock,
    flags: Vec<String>,
    /// How often numbers may be taken, where whoever comes must show who it is.
    guarded: Option<Rate>,
    /// Nobody has set it up yet.
    new: bool,
}

/// A running office. Dropped, it ends by itself.
pub struct TestOffice {
    setup: Setup,
    data: TempDir,
    /// Switches its database.
    pub faults: Faults,
    server: Server,
}

/// One of an office's branches, for those who enter it.
#[derive(Clone, Copy)]
pub struct TestBranch {
    address: SocketAddr,
    number: u32,
}

struct Server {
    address: SocketAddr,
    /// What the console says as long as there is no admin.
    setup_code: Option<String>,
    hub: Addr<Hub<TicketService>>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), AppError>>,
}

impl Setup {
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Other settings for the first branch.
    pub fn with_settings(self, change: impl FnOnce(&mut Settings)) -> Self {
        self.with_branch(1, change)
    }

    /// A branch, which is the sample office but for what is changed.
    pub fn with_branch(mut self, number: u32, change: impl FnOnce(&mut Settings)) -> Self {
        change(self.offices.entry(BranchId(number)).or_insert_with(app::demo_office));
        self
    }

    /// Flags of the program, `--ping-interval=200`.
    pub fn with_flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// Whoever comes must show who it is. There is an admin, as whom the tests' clients do not come by themselves.
    pub fn guarded(self) -> Self {
        self.guarded_with(Rate { burst: 30, every: 1_000 })
    }

    /// The same, where so many numbers may be taken.
    pub fn guarded_with(mut self, issue_rate: Rate) -> Self {
        self.guarded = Some(issue_rate);
        self
    }

    /// There is no admin yet, and no office file.
    pub fn not_set_up(mut self) -> Self {
        self.new = true;
        self.offices.clear();
        self
    }

    pub async fn spawn(self) -> TestOffice {
        let data = tempfile::tempdir().expect("a temporary directory");
        let (server, faults) = serve(&self, data.path(), |_| {}).await;
        TestOffice { setup: self, data, faults, server }
    }
}

impl TestOffice {
    /// The sample office: services A, B and C, desks 1 to 3, one priority class.
    pub async fn spawn() -> Self {
        Self::setup().spawn().await
    }

    pub fn setup() -> Setup {
        Setup {
            offices: BTreeMap::from([(BranchId(1), app::demo_office())]),
            clock: Clock::manual(MORNING),
            flags: Vec::new(),
            guarded: None,
            new: false,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// What the console of an office shows that nobody has set up yet.
    pub fn setup_code(&self) -> Option<&str> {
        self.server.setup_code.as_deref()
    }

    /// The office's clock: it stands until the test moves it.
    pub fn clock(&self) -> &Clock {
        &self.setup.clock
    }

    /// Until a commit stands at the hold of [`faults`](Self::faults).
    pub async fn wait_held(&self) {
        let faults = self.faults.clone();
        let held = tokio::task::spawn_blocking(move || faults.wait_held(PATIENCE)).await;
        assert!(held.expect("the waiting thread lives"), "no commit came to the hold in {} s", PATIENCE.as_secs());
    }

    /// Connections that the hub knows now.
    pub async fn connections(&self) -> usize {
        within("the number of connections", self.server.hub.send(CountConnections)).await.expect("the hub lives")
    }

    pub async fn kiosk(&self) -> Kiosk {
        Kiosk::enter(self.address()).await
    }

    pub async fn desk(&self, number: u32) -> Desk {
        Desk::enter(self.address(), number).await
    }

    pub async fn display(&self) -> Display {
        Display::enter(self.address()).await
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address()).await
    }

    /// One of several branches.
    pub fn branch(&self, number: u32) -> TestBranch {
        TestBranch { address: self.address(), number }
    }

    /// Ends the server in good order and starts it again on the same database, at another address.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// Like [`restart`](Self::restart), with something done to the closed database in between.
    pub async fn restart_with(self, between: impl FnOnce(&Path)) -> Self {
        let Self { setup, data, server, .. } = self;
        server.end().await;
        between(data.path());
        let (server, faults) = serve(&setup, data.path(), |_| {}).await;
        Self { setup, data, faults, server }
    }

    /// Like [`restart`](Self::restart), over a database that fails like this from the beginning.
    pub async fn restart_over(self, fail: impl FnOnce(&Faults)) -> Self {
        let Self { setup, data, server, .. } = self;
        server.end().await;
        let (server, faults) = serve(&setup, data.path(), fail).await;
        Self { setup, data, faults, server }
    }

    /// Ends the server and reads what is on disk: the whole log.
    pub async fn log(self) -> Vec<Entry> {
        let Self { data, server, .. } = self;
        server.end().await;
        log(data.path())
    }
}

impl TestBranch {
    pub async fn kiosk(&self) -> Kiosk {
        Kiosk::enter_with(self.address, self.options()).await
    }

    pub async fn desk(&self, number: u32) -> Desk {
        Desk::enter_with(self.address, number, self.options()).await
    }

    pub async fn display(&self) -> Display {
        Display::enter_with(self.address, self.options()).await
    }

    pub async fn client(&self) -> Client {
        Client::connect_with(self.address, self.options()).await
    }

    fn options(&self) -> Options {
        Options { auth: Some(json!({"sucursal": self.number})), ..Options::default() }
    }
}

/// The whole log of a database that nobody uses.
pub fn log(data: &Path) -> Vec<Entry> {
    let mut store = SqliteStore::open(data).expect("the database opens");
    store.entries(BranchId(1), 0, usize::MAX >> 1).expect("the log can be read")
}

impl Server {
    async fn end(self) {
        // An error says that it has ended already; the thread's result tells why.
        let _ = self.stop.send(());
        let ended = within("the server's end", tokio::task::spawn_blocking(|| self.thread.join())).await;
        ended.expect("the joining thread lives").expect("the server did not panic").expect("the server ended in good order");
    }
}

async fn serve(setup: &Setup, data: &Path, fail: impl FnOnce(&Faults)) -> (Server, Faults) {
    let line = ["siguiente", "--bind=127.0.0.1:0", "--workers=2"].into_iter().map(str::to_owned).chain(setup.flags.iter().cloned());
    let config = Config::parse_from(line, []).unwrap_or_else(|error| panic!("flags of the test: {error}")).config;
    let (store, faults) = Faulty::new(SqliteStore::open(data).expect("the database opens"));
    fail(&faults);
    let (offices, clock) = (setup.offices.clone(), setup.clock.clone());
    let (store, doors) = match setup.guarded {
        None => (store, Doors::Open),
        Some(issue_rate) => {
            let mut accounts = Accounts::open(store, Cost::LEAST, clock.clone()).expect("the store can be read");
            if !setup.new {
                accounts.first_admin(badge::ACCOUNT, badge::PASSWORD).expect("the first admin is made");
            }
            (accounts.close(), Doors::guarded(Guarding { cost: Cost::LEAST, issue_rate }).expect("threads"))
        }
    };
    let (started, start) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        System::new().block_on(async move {
            let running = app::start(&config, store, offices, app::demo_office, clock, doors)?;
            // The test may have failed meanwhile; then the office ends with it.
            let _ = started.send((running.address(), running.hub(), running.setup_code().map(str::to_owned)));
            let _ = stopped.await;
            running.stop().await
        })
    });
    match within("the server's start", start).await {
        Ok((address, hub, setup_code)) => (Server { address, setup_code, hub, stop, thread }, faults),
        Err(_) => panic!("the server does not start: {:?}", thread.join()),
    }
}
