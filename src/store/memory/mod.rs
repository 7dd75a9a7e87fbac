//! Owns the store that keeps everything in memory. Not durable: what it holds ends with the process. For tests and for measuring what the
//! disk costs.

mod branch;
mod hooks;
mod people;
mod reports;

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::branch::{Branch, Changes};
use self::hooks::KeptHooks;
use self::people::People;
use self::reports::MemoryReports;
use super::{
    Batch, Change, CommitError, Delivery, Directory, Hook, HookChange, HookPlace, Hooks, Loaded, LogEnd, Reports, SessionText, Store,
    StoreError, audit, draw_hex,
};
use crate::access::AuditLine;
use crate::office::{BranchId, Entry, HookId, Key, Ticker, Ticket, TicketId};

/// A [`Store`] in memory that keeps the whole contract but durability: `Ok` from a commit says that the batch is in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Shared);

/// What the store and those who read beside it have in common.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    branches: HashMap<BranchId, Branch>,
    /// Of all branches: an id is given out once.
    issued: HashSet<TicketId>,
    people: People,
    hooks: KeptHooks,
    sessions: BTreeMap<(BranchId, String), SessionText>,
    /// The audit log, oldest first.
    audit: Vec<AuditLine>,
}

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }
}

impl Shared {
    /// Nothing panics while it changes what is kept; a reader that did hides nothing.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn branch_ids(&self) -> Vec<BranchId> {
        let mut ids: Vec<_> = self.branches.keys().copied().collect();
        ids.sort_unstable();
        ids
    }
}

impl Store for MemoryStore {
    fn load(&mut self, branch: BranchId) -> Result<Loaded, StoreError> {
        let mut kept = self.0.lock();
        let branch = match kept.branches.entry(branch) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => slot.insert(Branch::new(draw_hex()?)),
        };
        Ok(branch.loaded())
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        let mut kept = self.0.lock();
        let Kept { branches, issued, audit, .. } = &mut *kept;
        let branch = branches.get_mut(&batch.branch).ok_or_else(|| CommitError::unknown_branch(batch.branch))?;
        // Gathered beside the branch and taken over at the end: a refused batch leaves no trace.
        let changes = Changes::of(batch, branch, issued)?;
        issued.extend(changes.issued());
        branch.take(changes, batch);
        audit.extend_from_slice(&batch.audit);
        Ok(())
    }

    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        Ok(self.0.lock().branch_ids())
    }

    fn reports(&self) -> Result<Box<dyn Reports>, StoreError> {
        Ok(Box::new(MemoryReports(self.0.clone())))
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(self.0.lock().branches.get(&branch).map_or_else(Vec::new, |branch| branch.entries(after, limit)))
    }

    fn keyed(&mut self, branch: BranchId, key: &Key) -> Result<Option<Ticket>, StoreError> {
        Ok(self.0.lock().branches.get(&branch).and_then(|branch| branch.keyed(key)))
    }

    fn directory(&mut self, branch: BranchId) -> Result<Directory, StoreError> {
        Ok(self.0.lock().people.directory(branch))
    }

    fn ticker(&mut self, branch: BranchId) -> Result<Option<Ticker>, StoreError> {
        Ok(self.0.lock().people.ticker(branch))
    }

    fn record(&mut self, branch: BranchId, changes: &[Change]) -> Result<(), StoreError> {
        let mut kept = self.0.lock();
        // Changed beside and taken over at the end: what is refused leaves no trace.
        let mut people = kept.people.clone();
        let mut lines = Vec::new();
        let applied = changes.iter().try_for_each(|change| {
            if let Change::Audit(line) = change {
                audit::check(std::slice::from_ref(line))?;
                lines.push(line.clone());
            }
            people.apply(branch, change)
        });
        applied.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        kept.people = people;
        kept.audit.extend(lines);
        Ok(())
    }

    fn sessions(&mut self, branch: BranchId) -> Result<Vec<SessionText>, StoreError> {
        Ok(self.0.lock().sessions.iter().filter(|((of, _), _)| *of == branch).map(|(_, session)| session.clone()).collect())
    }

    fn keep_sessions(&mut self, branch: BranchId, changes: &[SessionText]) -> Result<(), StoreError> {
        let sessions = &mut self.0.lock().sessions;
        for session in changes {
            let key = (branch, session.pid.clone());
            match session.state {
                Some(_) => drop(sessions.insert(key, session.clone())),
                None => drop(sessions.remove(&key)),
            }
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Hooks for MemoryStore {
    fn log_end(&mut self, branch: BranchId) -> Result<Option<LogEnd>, StoreError> {
        Ok(self.0.lock().branches.get(&branch).map(Branch::end))
    }

    fn hooks(&mut self) -> Result<Vec<Hook>, StoreError> {
        Ok(self.0.lock().hooks.all())
    }

    fn hook_place(&mut self, hook: HookId) -> Result<HookPlace, StoreError> {
        Ok(self.0.lock().hooks.place(hook))
    }

    fn deliveries(&mut self, hook: HookId, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Delivery)>, StoreError> {
        Ok(self.0.lock().hooks.deliveries(hook, before, limit))
    }

    fn change_hooks(&mut self, changes: &[HookChange]) -> Result<(), StoreError> {
        let mut kept = self.0.lock();
        // Changed beside and taken over at the end: what is refused leaves no trace.
        let mut hooks = kept.hooks.clone();
        let mut lines = Vec::new();
        for change in changes {
            if let HookChange::Audit(line) = change {
                audit::check(std::slice::from_ref(line)).map_err(|error| StoreError::Unavailable(error.to_string()))?;
                lines.push(line.clone());
            }
            hooks.apply(change, |branch| kept.branches.get(&branch).map(|branch| branch.end().rev))?;
        }
        kept.hooks = hooks;
        kept.audit.extend(lines);
        Ok(())
    }
}
