//! Web hooks: somebody's own servers are told of tickets and calls. Reads the log beside the office and sends what is behind each hook's cursor: at
//! least once, in order per ticket, nothing lost over a restart. May import `office`, `access`, `store` and `clock`. Never keeps a command waiting: it is
//! only told that there is something new.

mod address;
mod backoff;
mod books;
mod courier;
mod dispatcher;
mod lane;
mod letter;
mod line;
mod payload;
mod registry;
mod shown;
mod signature;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use self::backoff::Backoff;
use self::courier::{Courier, Patience};
use self::dispatcher::{Dispatcher, Inbox};
use crate::clock::Clock;
use crate::store::Reports;

pub use backoff::Jitter;
pub use books::{Books, Errand};
pub use payload::KINDS;
pub use registry::{Answer, HookBody, MOST_HOOKS, Refused, Registry};
pub use shown::{Facts, shapes};

// The word of the office that other fronts speak.
pub use crate::office::BranchId;

/// Threads that may look up names at once: one that answers slowly keeps no other hook waiting.
const MOST_LOOKUPS: usize = 128;

/// What the dispatcher stands on.
pub struct Ground {
    pub reports: Box<dyn Reports>,
    pub books: Arc<dyn Books>,
    pub clock: Clock,
    pub jitter: Jitter,
    /// Says that something was committed.
    pub commits: watch::Receiver<()>,
}

/// The thread that sends.
pub struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Starts the thread that sends, and gives the way to keep the hooks.
///
/// # Errors
///
/// When the system gives no thread or no timer.
pub fn start(ground: Ground) -> std::io::Result<(Registry, Running)> {
    start_with(ground, Patience::default())
}

fn start_with(ground: Ground, patience: Patience) -> std::io::Result<(Registry, Running)> {
    let Ground { reports, books, clock, jitter, commits } = ground;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(MOST_LOOKUPS).build()?;
    let (changed, changes) = watch::channel(());
    let (try_one, tries) = mpsc::channel(dispatcher::MOST_TRIES);
    let (stop, stopped) = oneshot::channel();
    let registry = Registry::new(books.clone(), clock.clone(), changed, try_one);
    let inbox = Inbox { commits, changes, tries, stopped };
    let thread = std::thread::Builder::new().name("webhooks".into()).spawn(move || {
        let dispatcher = Dispatcher::new(reports, books, clock, Courier::new(patience), Backoff::new(jitter));
        runtime.block_on(dispatcher.run(inbox));
        // A look-up of a name that hangs is not waited for.
        runtime.shutdown_background();
    })?;
    Ok((registry, Running { stop, thread }))
}

impl Running {
    /// Lets what is under way end, within two seconds, and records it. Blocking.
    pub fn stop(self) -> std::thread::Result<()> {
        // The thread may have ended already.
        let _ = self.stop.send(());
        self.thread.join()
    }
}
