//! Owns the way from an opened store to a running service: load, settle the settings, start the store's thread. Runs before a port opens.

use std::thread::JoinHandle;

use super::ledger::{Ledger, Unreadable};
use super::record::Record;
use super::tickets::TicketService;
use super::writer::Writer;
use crate::clock::Clock;
use crate::office::{BranchId, Command, Office, Refused, Request, Settings};
use crate::store::{Batch, CommitError, Store, StoreError};

/// The one branch there is yet.
const BRANCH: BranchId = BranchId(1);

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

/// A service on a store. `settings` replace those of the log when they differ; `default` are used when the log has none. Returns the
/// service, a handle to the store's thread, and the thread itself, which ends when service and handles are gone.
pub fn boot(
    mut store: impl Store,
    settings: Option<Settings>,
    default: impl FnOnce() -> Settings,
    clock: Clock,
) -> Result<(TicketService, Writer, JoinHandle<()>), BootError> {
    let mut record = Record::default();
    let mut ledger = Ledger::open(BRANCH, store.load(BRANCH)?, &mut record)?;
    let wanted = match (settings, ledger.office().settings()) {
        (Some(settings), Some(known)) if settings == *known => None,
        (Some(settings), _) => Some(settings),
        (None, Some(_)) => None,
        (None, None) => Some(default()),
    };
    if let Some(settings) = wanted {
        configure(&mut store, ledger.office().clone(), settings, &clock)?;
        record = Record::default();
        ledger = Ledger::open(BRANCH, store.load(BRANCH)?, &mut record)?;
    }
    let directory = store.directory(BRANCH)?;
    let away = store.sessions(BRANCH)?;
    let (writer, thread) = Writer::start(store)?;
    Ok((TicketService::new(ledger, record, directory, away, writer.clone(), clock), writer, thread))
}

fn configure(store: &mut impl Store, mut office: Office, settings: Settings, clock: &Clock) -> Result<(), BootError> {
    let request = Request { command: Command::Configure(Box::new(settings)), key: None };
    let done = office.execute(request, clock.now()).map_err(BootError::Settings)?;
    store.commit(&Batch { branch: BRANCH, entries: done.entries, snapshot: None })?;
    Ok(())
}
