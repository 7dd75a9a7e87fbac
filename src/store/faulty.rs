//! Owns a store that fails on demand. For tests of what stands above a store; a production start never builds one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{
    Batch, Change, CommitError, Delivery, Directory, Hook, HookChange, HookPlace, Hooks, Loaded, LogEnd, Reports, SessionText, Store,
    StoreError,
};
use crate::office::{BranchId, Entry, HookId, Key, Ticker, Ticket};

/// A held commit whose test never releases it ends after this, so that the test fails and does not hang.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// A store that does what the one inside does, unless its [`Faults`] say otherwise.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    faults: Faults,
}

/// The switch of a [`Faulty`] store. Clones switch the same store, from any thread. To record a change of the directory is a commit too.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    plan: Mutex<Plan>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Plan {
    commits: Commits,
    /// The branch whose commits and reads fail; `None` means every branch.
    only: Option<BranchId>,
    probes_fail: bool,
    reads_fail: bool,
    hold: bool,
    /// Commits that arrived, and those of them that stand at the hold.
    seen: u64,
    held: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Commits {
    #[default]
    Work,
    /// This many fail, the next ones work.
    Fail {
        left: u64,
        outcome: Outcome,
    },
    FailAll(Outcome),
}

/// What a commit that reports a failure really did.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Nothing,
    Written,
}

impl<S> Faulty<S> {
    pub fn new(inner: S) -> (Self, Faults) {
        let faults = Faults::default();
        (Self { inner, faults: faults.clone() }, faults)
    }
}

impl Faults {
    /// From now on nothing fails but what is one branch's: its commits and its reads.
    pub fn only(&self, branch: BranchId) {
        self.change(|plan| plan.only = Some(branch));
    }

    /// The next `count` commits fail and write nothing.
    pub fn fail_commits(&self, count: u64) {
        self.change(|plan| plan.commits = Commits::Fail { left: count, outcome: Outcome::Nothing });
    }

    /// Every commit fails and writes nothing, until [`Faults::heal`].
    pub fn fail_all_commits(&self) {
        self.change(|plan| plan.commits = Commits::FailAll(Outcome::Nothing));
    }

    /// The next `count` commits really happen and then report a failure: the caller cannot know the outcome.
    pub fn fail_after_commits(&self, count: u64) {
        self.change(|plan| plan.commits = Commits::Fail { left: count, outcome: Outcome::Written });
    }

    /// Every commit really happens and then reports a failure, until [`Faults::heal`].
    pub fn fail_after_all_commits(&self) {
        self.change(|plan| plan.commits = Commits::FailAll(Outcome::Written));
    }

    pub fn fail_probes(&self, fail: bool) {
        self.change(|plan| plan.probes_fail = fail);
    }

    /// `load`, `entries`, `keyed`, `directory`, `ticker`, `sessions`, and where no single branch is meant `branches` and `reports` fail.
    pub fn fail_reads(&self, fail: bool) {
        self.change(|plan| plan.reads_fail = fail);
    }

    /// Commits wait before they begin, until [`Faults::release`].
    pub fn hold_commits(&self) {
        self.change(|plan| plan.hold = true);
    }

    pub fn release(&self) {
        self.change(|plan| plan.hold = false);
    }

    /// Everything works again; what is held goes on.
    pub fn heal(&self) {
        self.change(|plan| *plan = Plan { seen: plan.seen, held: plan.held, ..Plan::default() });
    }

    /// How many commits have arrived, held and failed ones too.
    pub fn commits_seen(&self) -> u64 {
        self.plan().seen
    }

    /// Waits until a commit stands at the hold; `false` when none did in time.
    pub fn wait_held(&self, deadline: Duration) -> bool {
        let (plan, _) =
            self.0.changed.wait_timeout_while(self.plan(), deadline, |plan| plan.held == 0).unwrap_or_else(PoisonError::into_inner);
        plan.held > 0
    }

    fn change(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan());
        self.0.changed.notify_all();
    }

    /// A test that panicked elsewhere must not hide its own message behind a poisoned lock.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands at the hold, then says how this commit is to fail, if at all.
    fn next_commit(&self, branch: BranchId) -> Option<Outcome> {
        let mut plan = self.plan();
        plan.seen += 1;
        if plan.hold {
            plan.held += 1;
            self.0.changed.notify_all();
            plan = self.0.changed.wait_timeout_while(plan, LONGEST_HOLD, |plan| plan.hold).unwrap_or_else(PoisonError::into_inner).0;
            plan.held -= 1;
        }
        if plan.spares(branch) {
            return None;
        }
        match &mut plan.commits {
            Commits::Fail { left: 0, .. } | Commits::Work => None,
            Commits::Fail { left, outcome } => {
                *left -= 1;
                Some(*outcome)
            }
            Commits::FailAll(outcome) => Some(*outcome),
        }
    }

    fn read(&self, branch: BranchId) -> Result<(), StoreError> {
        let plan = self.plan();
        if plan.reads_fail && !plan.spares(branch) { Err(StoreError::Unavailable("a read was told to fail".into())) } else { Ok(()) }
    }
}

impl Plan {
    fn spares(&self, branch: BranchId) -> bool {
        self.only.is_some_and(|only| only != branch)
    }
}

impl<S: Store> Store for Faulty<S> {
    fn load(&mut self, branch: BranchId) -> Result<Loaded, StoreError> {
        self.faults.read(branch)?;
        self.inner.load(branch)
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        let told = || CommitError::Unavailable("a commit was told to fail".into());
        match self.faults.next_commit(batch.branch) {
            None => self.inner.commit(batch),
            Some(Outcome::Nothing) => Err(told()),
            Some(Outcome::Written) => {
                self.inner.commit(batch)?;
                Err(told())
            }
        }
    }

    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        self.faults.read(BranchId(0))?;
        self.inner.branches()
    }

    /// Whoever reads there already goes on: faults are asked for when the way is opened.
    fn reports(&self) -> Result<Box<dyn Reports>, StoreError> {
        self.faults.read(BranchId(0))?;
        self.inner.reports()
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.faults.read(branch)?;
        self.inner.entries(branch, after, limit)
    }

    fn keyed(&mut self, branch: BranchId, key: &Key) -> Result<Option<Ticket>, StoreError> {
        self.faults.read(branch)?;
        self.inner.keyed(branch, key)
    }

    fn directory(&mut self, branch: BranchId) -> Result<Directory, StoreError> {
        self.faults.read(branch)?;
        self.inner.directory(branch)
    }

    fn ticker(&mut self, branch: BranchId) -> Result<Option<Ticker>, StoreError> {
        self.faults.read(branch)?;
        self.inner.ticker(branch)
    }

    fn record(&mut self, branch: BranchId, changes: &[Change]) -> Result<(), StoreError> {
        let told = || StoreError::Unavailable("a commit was told to fail".into());
        match self.faults.next_commit(branch) {
            None => self.inner.record(branch, changes),
            Some(Outcome::Nothing) => Err(told()),
            Some(Outcome::Written) => {
                self.inner.record(branch, changes)?;
                Err(told())
            }
        }
    }

    fn sessions(&mut self, branch: BranchId) -> Result<Vec<SessionText>, StoreError> {
        self.faults.read(branch)?;
        self.inner.sessions(branch)
    }

    // Not a commit: tests that count or fail commits mean those of the office.
    fn keep_sessions(&mut self, branch: BranchId, changes: &[SessionText]) -> Result<(), StoreError> {
        self.inner.keep_sessions(branch, changes)
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        if self.faults.plan().probes_fail {
            return Err(StoreError::Unavailable("a probe was told to fail".into()));
        }
        self.inner.probe()
    }
}

// No commits: tests that count or fail commits mean those of the office.
impl<S: Store> Hooks for Faulty<S> {
    fn log_end(&mut self, branch: BranchId) -> Result<Option<LogEnd>, StoreError> {
        self.faults.read(branch)?;
        self.inner.log_end(branch)
    }

    fn hooks(&mut self) -> Result<Vec<Hook>, StoreError> {
        self.faults.read(BranchId(0))?;
        self.inner.hooks()
    }

    fn hook_place(&mut self, hook: HookId) -> Result<HookPlace, StoreError> {
        self.faults.read(BranchId(0))?;
        self.inner.hook_place(hook)
    }

    fn deliveries(&mut self, hook: HookId, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Delivery)>, StoreError> {
        self.faults.read(BranchId(0))?;
        self.inner.deliveries(hook, before, limit)
    }

    fn change_hooks(&mut self, changes: &[HookChange]) -> Result<(), StoreError> {
        self.inner.change_hooks(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::store::contract::{CENTRE, HARBOUR, begun};

    #[test]
    fn failures_before_write_nothing_and_failures_after_write_all() {
        let (mut store, faults) = Faulty::new(MemoryStore::new());
        let (mut pen, _) = begun(&mut store, 1);
        let batch = pen.clone().batch([pen.issue(2)]);
        faults.fail_commits(2);
        for _ in 0..2 {
            assert!(matches!(store.commit(&batch), Err(CommitError::Unavailable(_))));
        }
        store.commit(&batch).unwrap();

        let batch = pen.clone().batch([pen.issue(3)]);
        faults.fail_after_commits(1);
        assert!(matches!(store.commit(&batch), Err(CommitError::Unavailable(_))));
        assert!(matches!(store.commit(&batch), Err(CommitError::Moved { expected: 3, found: 4 })));
        assert_eq!(store.load(CENTRE).unwrap().entries.len(), 4);

        faults.fail_all_commits();
        faults.fail_probes(true);
        faults.fail_reads(true);
        let batch = pen.clone().batch([pen.issue(4)]);
        assert!(store.commit(&batch).is_err() && store.probe().is_err() && store.load(CENTRE).is_err());
        faults.heal();
        store.commit(&batch).unwrap();
        store.probe().unwrap();
        assert_eq!(faults.commits_seen(), 8);
    }

    #[test]
    fn one_branch_fails_and_the_others_do_not() {
        let (mut store, faults) = Faulty::new(MemoryStore::new());
        let (mut pen, _) = begun(&mut store, 1);
        store.load(HARBOUR).unwrap();
        faults.only(HARBOUR);
        faults.fail_all_commits();
        faults.fail_reads(true);
        store.commit(&pen.clone().batch([pen.issue(2)])).unwrap();
        store.load(CENTRE).unwrap();
        assert!(store.record(HARBOUR, &[]).is_err() && store.load(HARBOUR).is_err() && store.sessions(HARBOUR).is_err());
    }

    #[test]
    fn a_held_commit_waits_for_its_release() {
        let (mut store, faults) = Faulty::new(MemoryStore::new());
        let (mut pen, _) = begun(&mut store, 1);
        let batch = pen.clone().batch([pen.issue(2)]);
        assert!(!faults.wait_held(Duration::ZERO));
        faults.hold_commits();
        let committing = std::thread::spawn(move || {
            store.commit(&batch).unwrap();
            store
        });
        assert!(faults.wait_held(Duration::from_secs(10)), "no commit came to the hold in 10 s");
        assert!(!committing.is_finished());
        faults.release();
        assert_eq!(committing.join().unwrap().load(CENTRE).unwrap().entries.len(), 3);
    }
}
