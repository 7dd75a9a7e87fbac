//! Owns the way from an opened store to a running service: load every branch, settle the settings, start the store's thread. Runs before a
//! port opens; also opens, later, a branch that could not be read then.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::JoinHandle;

use super::branch::Branch;
use super::branches::{Branches, Shut};
use super::doors::Doors;
use super::filing::Files;
use super::ground::Ground;
use super::ledger::{Ledger, Unreadable};
use super::record::{Record, Reply};
use super::sessions::Sessions;
use super::staff::Staff;
use super::tickets::TicketService;
use super::writer::Writer;
use crate::access::AuditLine;
use crate::clock::Clock;
use crate::office::{BranchId, Command, Millis, Office, Refused, Settings, Ticker};
use crate::store::{Batch, CommitError, Loaded, Store, StoreError};

/// The branch of a server that is told of none.
const FIRST: BranchId = BranchId(1);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("the settings are refused: {0}")]
    Settings(Refused),
    #[error("the settings cannot be written: {0}")]
    Commit(#[from] CommitError),
    #[error("no thread for the store: {0}")]
    Thread(#[from] std::io::Error),
}

/// What is on disk of a branch.
pub struct Parts {
    pub log: Loaded,
    pub ticker: Option<Ticker>,
}

/// A branch in memory as it is on disk.
pub struct Opened {
    pub ledger: Ledger<Reply>,
    /// What the ledger told while it was opened.
    pub record: Record,
    pub ticker: Option<Ticker>,
}

impl Parts {
    pub fn read(store: &mut (impl Store + ?Sized), branch: BranchId) -> Result<Self, StoreError> {
        Ok(Self { log: store.load(branch)?, ticker: store.ticker(branch)? })
    }

    /// Makes a branch of these settings, which are checked already, on disk, and tells the audit log.
    pub fn make(store: &mut dyn Store, branch: BranchId, settings: Settings, line: AuditLine, now: Millis) -> Result<Self, StoreError> {
        let unavailable = |error: &dyn std::fmt::Display| StoreError::Unavailable(error.to_string());
        let opened = Self::read(store, branch)?.open(branch, now).map_err(|error| unavailable(&error))?;
        let mut office = opened.ledger.office().clone();
        let done = office.execute(Command::Configure(Box::new(settings)).into(), now).map_err(|error| unavailable(&error))?;
        let batch = Batch { branch, entries: done.entries, snapshot: None, audit: vec![line] };
        store.commit(&batch).map_err(|error| unavailable(&error))?;
        Self::read(store, branch)
    }

    pub fn open(self, branch: BranchId, now: Millis) -> Result<Opened, Unreadable> {
        let mut record = Record::new(now);
        Ok(Opened { ledger: Ledger::open(branch, self.log, &mut record)?, record, ticker: self.ticker })
    }
}

/// A service on a store, with every branch that the store has and every one of `given`, whose settings replace those of the log when they
/// differ; `default` are used when there is no branch at all. A branch that cannot be read is left out for the time being where another one
/// can. Returns the service, a handle to the store's thread, and the thread itself, which ends when service and handles are gone.
pub fn boot(
    mut store: impl Store,
    mut given: BTreeMap<BranchId, Settings>,
    default: impl FnOnce() -> Settings,
    clock: Clock,
    doors: Doors,
) -> Result<(TicketService, Writer, JoinHandle<()>), BootError> {
    let known: BTreeSet<BranchId> = store.branches()?.into_iter().chain(given.keys().copied()).collect();
    let described = given.keys().copied().collect();
    let (mut ready, mut shut, mut first_problem) = (BTreeMap::new(), BTreeMap::new(), None);
    for id in known {
        let settings = given.remove(&id);
        match settle(&mut store, id, settings.clone(), &clock) {
            Ok(Some(opened)) => drop(ready.insert(id, opened)),
            Ok(None) => log::warn!("branch {} has no settings and is left out", id.0),
            // Whoever gave them is to mend them.
            Err(error @ BootError::Settings(_)) => return Err(error),
            Err(error) => {
                shut.insert(id, Shut { reason: error.to_string(), settings: settings.map(Box::new) });
                first_problem.get_or_insert(error);
            }
        }
    }
    let untouched = default();
    if ready.is_empty() {
        if let Some(problem) = first_problem {
            return Err(problem);
        }
        ready.extend(settle(&mut store, FIRST, Some(untouched.clone()), &clock)?.map(|opened| (FIRST, opened)));
    }
    for (id, Shut { reason, .. }) in &shut {
        log::error!("branch {} cannot be read: {reason}", id.0);
    }
    let mut sessions = Sessions::default();
    for id in ready.keys() {
        // Without them clients of that branch begin anew; nothing else hangs on it.
        match store.sessions(*id) {
            Ok(texts) => sessions.found(*id, &texts),
            Err(error) => log::warn!("branch {}: sessions of before cannot be read: {error}", id.0),
        }
    }
    let staff = Files::Staff.read(&mut store)?;
    let (writer, thread) = Writer::start(store)?;
    let ground = Ground::new(writer.clone(), clock);
    let open = ready.into_iter().map(|(id, opened)| (id, Branch::new(id, opened, ground.clone()))).collect();
    let branches = Branches::new(open, shut);
    Ok((TicketService::new(branches, Staff::new(staff, ground.clone()), doors, (untouched, described), sessions, ground), writer, thread))
}

/// A branch after its settings are what they are to be; `None` for one that has none.
fn settle(store: &mut impl Store, id: BranchId, given: Option<Settings>, clock: &Clock) -> Result<Option<Opened>, BootError> {
    let opened = Parts::read(store, id)?.open(id, clock.now())?;
    let known = opened.ledger.office().settings();
    let Some(settings) = given.filter(|settings| known != Some(settings)) else { return Ok(known.is_some().then_some(opened)) };
    configure(store, opened.ledger.office().clone(), settings, clock)?;
    Ok(Some(Parts::read(store, id)?.open(id, clock.now())?))
}

fn configure(store: &mut impl Store, mut office: Office, settings: Settings, clock: &Clock) -> Result<(), BootError> {
    let done = office.execute(Command::Configure(Box::new(settings)).into(), clock.now()).map_err(BootError::Settings)?;
    store.commit(&Batch { branch: office.branch(), entries: done.entries, snapshot: None, audit: Vec::new() })?;
    Ok(())
}
