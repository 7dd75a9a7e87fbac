//! Owns what web hooks stand on: the store's thread, where they are kept, and chance.

use std::sync::Arc;

use crate::clock::Clock;
use crate::service::Writer;
use crate::store::{Hooks, Reports};
use crate::webhooks::{Books, Errand, Ground};

/// The hooks on the store's thread.
struct Shelf(Writer);

impl Books for Shelf {
    fn run(&self, errand: Errand) {
        let work = move |store: &mut dyn crate::store::Store| {
            let hooks: &mut dyn Hooks = store;
            errand(hooks);
            Ok(())
        };
        // What came of it is told by the errand itself.
        self.0.work(work, drop);
    }
}

/// What the dispatcher stands on.
pub fn ground(reports: Box<dyn Reports>, writer: &Writer, clock: Clock) -> Ground {
    Ground { reports, books: Arc::new(Shelf(writer.clone())), clock, jitter: Box::new(draw), commits: writer.commits() }
}

/// From 0 to below, any of them alike, near enough for a wait.
fn draw(below: u64) -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes) % below.max(1),
        // A wait that is as long as it may be.
        Err(_) => below.saturating_sub(1),
    }
}
