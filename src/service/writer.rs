//! Owns the thread on which the store lives: jobs go in by a queue, results come back by a call. Blocking work never runs anywhere else.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use super::archive::Archive;
use crate::office::{BranchId, Entry, Ticket};
use crate::store::{Batch, CommitError, Loaded, Store, StoreError};

/// How a commit went.
#[derive(Debug)]
pub enum Committed {
    Done,
    /// A key was used before. The ticket is what the key stands for, as it is now.
    KeyUsed {
        entry: usize,
        ticket: Box<Ticket>,
    },
    /// The log is not where this process thought: the log as it is.
    Moved(Loaded),
    /// Nothing is known to be written. The text is for the log.
    Failed(String),
}

/// Gets the store, or nothing.
type Work = Box<dyn FnOnce(Option<&mut dyn Store>) + Send>;

enum Job {
    Commit(Batch, Box<dyn FnOnce(Committed, Batch) + Send>),
    Entries {
        branch: BranchId,
        after: u64,
        limit: usize,
        done: Box<dyn FnOnce(Result<Vec<Entry>, StoreError>) + Send>,
    },
    /// Anything else; `None` when there is no store any more.
    Work(Work),
    Probe(oneshot::Sender<Result<(), StoreError>>),
}

/// A handle to the thread. The thread ends, and closes the store, when the last handle is gone.
#[derive(Clone)]
pub struct Writer {
    jobs: Sender<Job>,
    committed: watch::Sender<()>,
    /// The way to the past, which is read beside.
    pub archive: Archive,
}

impl Writer {
    /// Starts the thread. Joining its handle waits until the store is closed.
    pub fn start(mut store: impl Store) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = channel();
        let committed = watch::channel(()).0;
        let poke = committed.clone();
        let (archive, reading) = Archive::start(store.reports())?;
        let work = move || {
            work(&mut store, queue, &poke);
            // With the last handle the reader's end has come, too. The store is closed after it: only the last one out can leave a single file behind.
            drop(reading.join());
            drop(store);
        };
        let thread = std::thread::Builder::new().name("store".into()).spawn(work)?;
        Ok((Self { jobs, committed, archive }, thread))
    }

    /// Says that something was committed since it was asked last; how often does not matter.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.committed.subscribe()
    }

    /// Commits, then tells how it went and gives the batch back, on the store's thread.
    pub fn commit(&self, batch: Batch, done: impl FnOnce(Committed, Batch) + Send + 'static) {
        if let Err(lost) = self.jobs.send(Job::Commit(batch, Box::new(done)))
            && let Job::Commit(batch, done) = lost.0
        {
            done(Committed::Failed("the store's thread has ended".into()), batch);
        }
    }

    /// Reads entries after a position.
    pub fn entries(&self, branch: BranchId, after: u64, limit: usize, done: impl FnOnce(Result<Vec<Entry>, StoreError>) + Send + 'static) {
        if let Err(lost) = self.jobs.send(Job::Entries { branch, after, limit, done: Box::new(done) })
            && let Job::Entries { done, .. } = lost.0
        {
            done(Err(ended()));
        }
    }

    /// Does any other work with the store, then tells how it went, both on the store's thread.
    pub fn work<T>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        let job = move |store: Option<&mut dyn Store>| done(store.ok_or_else(ended).and_then(work));
        if let Err(lost) = self.jobs.send(Job::Work(Box::new(job)))
            && let Job::Work(job) = lost.0
        {
            job(None);
        }
    }

    /// Whether a commit would succeed now, asked behind everything that is queued.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let (answer, wait) = oneshot::channel();
        self.jobs.send(Job::Probe(answer)).map_err(|_| ended())?;
        wait.await.map_err(|_| ended())?
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("the store's thread has ended".into())
}

fn work(store: &mut impl Store, queue: Receiver<Job>, committed: &watch::Sender<()>) {
    for job in queue {
        match job {
            Job::Commit(batch, done) => {
                let result = commit(store, &batch);
                done(result, batch);
                // Whatever came of it: where the outcome is not known, whoever listens looks for himself.
                committed.send_replace(());
            }
            Job::Entries { branch, after, limit, done } => done(store.entries(branch, after, limit)),
            Job::Work(job) => job(Some(store)),
            // Whoever asked may have gone away meanwhile.
            Job::Probe(answer) => drop(answer.send(store.probe())),
        }
    }
}

fn commit(store: &mut impl Store, batch: &Batch) -> Committed {
    match store.commit(batch) {
        Ok(()) => Committed::Done,
        Err(CommitError::KeyUsed { entry, .. }) => {
            let key = batch.entries.get(entry).and_then(|entry| entry.key.as_ref());
            match key.map(|key| store.keyed(batch.branch, key)) {
                Some(Ok(Some(ticket))) => Committed::KeyUsed { entry, ticket: Box::new(ticket) },
                Some(Err(error)) => Committed::Failed(error.to_string()),
                _ => Committed::Failed("a key is in use without a ticket".into()),
            }
        }
        Err(CommitError::Moved { expected, found }) => match store.load(batch.branch) {
            Ok(loaded) => {
                log::warn!("the log ends at {found}, not at {expected}: loaded again");
                Committed::Moved(loaded)
            }
            Err(error) => Committed::Failed(error.to_string()),
        },
        Err(CommitError::Unavailable(problem)) => Committed::Failed(problem),
    }
}
