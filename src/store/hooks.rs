//! Owns the shapes of what a store keeps of web hooks: who is told, how far each was told, what became of the latest deliveries; and what a store
//! must do with them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::access::AuditLine;
use crate::office::{BranchId, HookId, Millis, TicketId};

/// Deliveries kept of each hook.
pub const DELIVERIES_KEPT: u64 = 1_000;

/// Somebody's own server that is told of a branch's tickets and calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Hook {
    pub id: HookId,
    pub branch: BranchId,
    pub url: String,
    pub description: Option<String>,
    /// The kinds of events that it is told; none is all.
    pub events: Vec<String>,
    /// It is told names, notes and outcomes as well.
    pub personal: bool,
    pub active: bool,
    pub secret: String,
    /// The secret before, and until when it signs as well.
    pub old_secret: Option<(String, Millis)>,
    pub created_at: Millis,
    /// Counts how often it was switched on: 1, 2, 3 …
    pub round: u32,
    pub off: Option<Off>,
    /// Since when nothing has come through.
    pub failing_since: Option<Millis>,
    /// When something came through last.
    pub delivered_at: Option<Millis>,
}

/// Why a hook was switched off by the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// Its receiver said so.
    Gone,
}

/// How far a hook was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookPlace {
    /// Every entry up to here is delivered, given up, or outstanding.
    pub rev: u64,
    /// In the order of their tickets.
    pub held: Vec<Held>,
}

/// A ticket with something outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub ticket: TicketId,
    /// The first of its entries that did not come through. Those behind it up to the place's `rev` are outstanding, too.
    pub rev: u64,
    /// Attempts that failed.
    pub attempts: u32,
    pub due: Millis,
}

/// What became of one event for one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's id. To record the same event again is to replace what was known of it.
    pub event: String,
    pub kind: String,
    /// Of its ticket.
    pub code: Option<String>,
    /// When the last attempt ended.
    pub at: Millis,
    pub attempts: u32,
    pub state: DeliveryState,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// Milliseconds of the last attempt.
    pub took: u32,
    /// When the next attempt is due.
    pub next: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Delivered,
    Pending,
    Failed,
}

/// Where a branch's log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEnd {
    pub epoch: String,
    pub rev: u64,
}

/// One change of hooks. All but the first are of a hook that there is, else they change nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookChange {
    /// A new hook, or another form of one that there is; its branch and what came of it stay. When its round is a new one, it is told what comes
    /// behind the log's present end: what was outstanding is forgotten, and counts as failed; so does that of one that is off.
    Put(Hook),
    Drop(HookId),
    /// What has become of a hook's deliveries, in the round in which they were sent.
    Told(Told),
    /// A delivery that is of no entry.
    Tried(HookId, Delivery),
    /// Adds a line to the audit log.
    Audit(AuditLine),
}

/// What has become of a hook's deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub hook: HookId,
    pub round: u32,
    pub rev: u64,
    /// Tickets that are outstanding now, or otherwise than they were.
    pub held: Vec<Held>,
    /// Tickets of which nothing is outstanding any more.
    pub done: Vec<TicketId>,
    /// In the order in which they ended.
    pub deliveries: Vec<Delivery>,
    pub failing_since: Option<Millis>,
    pub delivered_at: Option<Millis>,
    /// Switches it off.
    pub off: Option<Off>,
}

/// Web hooks in a store.
pub trait Hooks {
    /// Where the branch's log is; `None` when there is no such branch.
    fn log_end(&mut self, branch: BranchId) -> Result<Option<LogEnd>, StoreError>;

    /// All hooks of all branches, in the order of branches and ids.
    fn hooks(&mut self) -> Result<Vec<Hook>, StoreError>;

    /// How far one was told. Of a hook that there is not: the beginning.
    fn hook_place(&mut self, hook: HookId) -> Result<HookPlace, StoreError>;

    /// The latest deliveries of a hook with their numbers, newest first, at most `limit`: those below the number `before`, where there is one.
    fn deliveries(&mut self, hook: HookId, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Delivery)>, StoreError>;

    /// Makes these changes in their order, in one transaction: when it returns `Ok` they are on disk, on an error none is. Of each hook the latest
    /// [`DELIVERIES_KEPT`] deliveries stay.
    fn change_hooks(&mut self, changes: &[HookChange]) -> Result<(), StoreError>;
}

impl Hook {
    /// This hook after `told`.
    pub(super) fn tell(&mut self, told: &Told) {
        self.failing_since = told.failing_since;
        self.delivered_at = told.delivered_at.or(self.delivered_at);
        if let Some(off) = told.off {
            (self.active, self.off) = (false, Some(off));
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, branch, url, active, round, .. } = self;
        write!(f, "Hook {{ id: {id}, branch: {}, url: {url:?}, active: {active}, round: {round}, secret: *** }}", branch.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{CENTRE, HARBOUR, begun};
    use crate::store::{Faulty, MemoryStore, SqliteStore, Store};

    fn stores() -> [Box<dyn Store>; 3] {
        [
            Box::new(MemoryStore::new()),
            Box::new(SqliteStore::throw_away().unwrap()),
            Box::new(Faulty::new(SqliteStore::throw_away().unwrap()).0),
        ]
    }

    fn hook(id: u128, branch: BranchId) -> Hook {
        Hook {
            id: HookId(id),
            branch,
            url: format!("https://example.org/{id}"),
            description: id.is_multiple_of(2).then(|| "Panel «ñ»".into()),
            events: if id.is_multiple_of(2) { vec!["llamado".into(), "emitido".into()] } else { Vec::new() },
            personal: id.is_multiple_of(2),
            active: true,
            secret: format!("sgw_{id}"),
            old_secret: id.is_multiple_of(2).then(|| ("sgw_old".into(), Millis(9))),
            created_at: Millis(5),
            round: 1,
            off: None,
            failing_since: None,
            delivered_at: None,
        }
    }

    fn delivery(event: &str, attempts: u32, state: DeliveryState) -> Delivery {
        Delivery {
            event: event.into(),
            kind: "llamado".into(),
            code: Some("A-001".into()),
            at: Millis(77),
            attempts,
            state,
            status: (state == DeliveryState::Delivered).then_some(204),
            error: (state != DeliveryState::Delivered).then(|| "timeout".into()),
            took: 12,
            next: (state == DeliveryState::Pending).then_some(Millis(99)),
        }
    }

    fn held(ticket: u128, rev: u64) -> Held {
        Held { ticket: TicketId(ticket), rev, attempts: 1, due: Millis(50) }
    }

    fn told(id: u128, rev: u64) -> Told {
        Told {
            hook: HookId(id),
            round: 1,
            rev,
            held: Vec::new(),
            done: Vec::new(),
            deliveries: Vec::new(),
            failing_since: None,
            delivered_at: None,
            off: None,
        }
    }

    /// Branches with three entries in the log of the first.
    fn with_branches(store: &mut Box<dyn Store>) {
        let mut pen = crate::store::contract::Pen::new(CENTRE);
        store.load(CENTRE).unwrap();
        store.load(HARBOUR).unwrap();
        let entries = vec![pen.open(21), pen.issue(1), pen.issue(2)];
        store.commit(&pen.batch(entries)).unwrap();
    }

    #[test]
    fn a_hook_begins_at_the_end_of_its_branchs_log() {
        for mut store in stores() {
            with_branches(&mut store);
            let epoch = store.load(CENTRE).unwrap().epoch;
            assert_eq!(store.log_end(CENTRE).unwrap(), Some(LogEnd { epoch, rev: 3 }));
            assert_eq!(store.log_end(BranchId(9)).unwrap(), None);
            store
                .change_hooks(&[HookChange::Put(hook(4, HARBOUR)), HookChange::Put(hook(7, CENTRE)), HookChange::Put(hook(2, CENTRE))])
                .unwrap();
            assert_eq!(store.hooks().unwrap(), [hook(2, CENTRE), hook(7, CENTRE), hook(4, HARBOUR)]);
            assert_eq!(store.hook_place(HookId(2)).unwrap(), HookPlace { rev: 3, held: Vec::new() });
            assert_eq!(store.hook_place(HookId(4)).unwrap(), HookPlace::default());
        }
    }

    #[test]
    fn what_was_told_is_kept_and_replaced_by_event() {
        for mut store in stores() {
            with_branches(&mut store);
            store.change_hooks(&[HookChange::Put(hook(2, CENTRE)), HookChange::Put(hook(4, HARBOUR))]).unwrap();
            let first = Told {
                held: vec![held(2, 3), held(1, 2)],
                deliveries: vec![delivery("e-2", 1, DeliveryState::Pending), delivery("e-3", 1, DeliveryState::Pending)],
                failing_since: Some(Millis(60)),
                ..told(2, 8)
            };
            let then = Told {
                held: vec![Held { attempts: 2, ..held(2, 3) }],
                done: vec![TicketId(1)],
                deliveries: vec![delivery("e-2", 2, DeliveryState::Delivered)],
                failing_since: Some(Millis(60)),
                delivered_at: Some(Millis(70)),
                ..told(2, 9)
            };
            store.change_hooks(&[HookChange::Told(first), HookChange::Told(then)]).unwrap();
            assert_eq!(store.hook_place(HookId(2)).unwrap(), HookPlace { rev: 9, held: vec![Held { attempts: 2, ..held(2, 3) }] });
            let known = &store.hooks().unwrap()[0];
            assert_eq!((known.failing_since, known.delivered_at, known.active), (Some(Millis(60)), Some(Millis(70)), true));
            let log = store.deliveries(HookId(2), None, 10).unwrap();
            assert_eq!(log, [(2, delivery("e-3", 1, DeliveryState::Pending)), (1, delivery("e-2", 2, DeliveryState::Delivered))]);
            assert_eq!(store.deliveries(HookId(2), Some(2), 10).unwrap(), log[1..]);
            assert_eq!(store.deliveries(HookId(2), None, 1).unwrap(), log[..1]);
            assert_eq!(store.deliveries(HookId(4), None, 10).unwrap(), []);
        }
    }

    #[test]
    fn the_latest_deliveries_stay() {
        for mut store in stores() {
            with_branches(&mut store);
            store.change_hooks(&[HookChange::Put(hook(2, CENTRE))]).unwrap();
            let many = (0..DELIVERIES_KEPT + 5).map(|n| delivery(&format!("e-{n}"), 1, DeliveryState::Delivered)).collect();
            store.change_hooks(&[HookChange::Told(Told { deliveries: many, ..told(2, 3) })]).unwrap();
            store.change_hooks(&[HookChange::Tried(HookId(2), delivery("prueba", 1, DeliveryState::Failed))]).unwrap();
            let log = store.deliveries(HookId(2), None, usize::MAX).unwrap();
            let kept = DELIVERIES_KEPT as usize;
            assert_eq!((log.len(), log[0].1.event.as_str(), log[kept - 1].1.event.as_str()), (kept, "prueba", "e-6"));
        }
    }

    #[test]
    fn another_form_stays_where_it_was_and_another_round_begins_anew() {
        for mut store in stores() {
            with_branches(&mut store);
            store.change_hooks(&[HookChange::Put(hook(2, CENTRE))]).unwrap();
            let behind = Told { held: vec![held(1, 2)], failing_since: Some(Millis(60)), ..told(2, 2) };
            store.change_hooks(&[HookChange::Told(behind)]).unwrap();
            let changed = Hook { url: "http://10.0.0.7/x".into(), failing_since: Some(Millis(60)), ..hook(2, CENTRE) };
            store.change_hooks(&[HookChange::Put(Hook { failing_since: None, created_at: Millis(0), ..changed.clone() })]).unwrap();
            assert_eq!(store.hooks().unwrap(), std::slice::from_ref(&changed));
            assert_eq!(store.hook_place(HookId(2)).unwrap(), HookPlace { rev: 2, held: vec![held(1, 2)] });

            let again = Hook { round: 2, failing_since: None, ..changed };
            store.change_hooks(&[HookChange::Put(again.clone())]).unwrap();
            assert_eq!(store.hooks().unwrap(), [again]);
            assert_eq!(store.hook_place(HookId(2)).unwrap(), HookPlace { rev: 3, held: Vec::new() });
            let late = Told { held: vec![held(1, 2)], off: Some(Off::Gone), ..told(2, 2) };
            store.change_hooks(&[HookChange::Told(late)]).unwrap();
            assert_eq!(store.hook_place(HookId(2)).unwrap().rev, 3, "it was told in an earlier round");
            assert!(store.hooks().unwrap()[0].active);
        }
    }

    #[test]
    fn what_was_outstanding_of_one_that_is_switched_off_has_failed() {
        let off = HookChange::Put(Hook { active: false, ..hook(2, CENTRE) });
        let on = HookChange::Put(Hook { round: 2, ..hook(2, CENTRE) });
        let gone = HookChange::Told(Told { off: Some(Off::Gone), ..told(2, 3) });
        for changes in [vec![off.clone()], vec![off, on.clone()], vec![on], vec![gone]] {
            for mut store in stores() {
                with_branches(&mut store);
                let deliveries = vec![delivery("e-2", 3, DeliveryState::Pending), delivery("e-3", 1, DeliveryState::Delivered)];
                let pending = HookChange::Told(Told { held: vec![held(1, 2)], deliveries, ..told(2, 3) });
                store.change_hooks(&[HookChange::Put(hook(2, CENTRE)), pending]).unwrap();
                store.change_hooks(&changes).unwrap();
                let late = HookChange::Told(Told { deliveries: vec![delivery("e-2", 4, DeliveryState::Pending)], ..told(2, 3) });
                store.change_hooks(&[late]).unwrap();
                let log: Vec<_> =
                    store.deliveries(HookId(2), None, 10).unwrap().into_iter().map(|(_, one)| (one.state, one.next)).collect();
                assert_eq!(log, [(DeliveryState::Delivered, None), (DeliveryState::Failed, None)], "{changes:?}");
            }
        }
    }

    #[test]
    fn one_that_is_gone_is_off_and_one_that_was_dropped_leaves_nothing() {
        for mut store in stores() {
            with_branches(&mut store);
            store.change_hooks(&[HookChange::Put(hook(2, CENTRE))]).unwrap();
            let gone = Told {
                held: vec![held(1, 2)],
                deliveries: vec![delivery("e-2", 1, DeliveryState::Failed)],
                off: Some(Off::Gone),
                ..told(2, 3)
            };
            store.change_hooks(&[HookChange::Told(gone.clone())]).unwrap();
            let off = &store.hooks().unwrap()[0];
            assert_eq!((off.active, off.off), (false, Some(Off::Gone)));
            store.change_hooks(&[HookChange::Drop(HookId(2))]).unwrap();
            let late = HookChange::Tried(HookId(2), delivery("e-3", 1, DeliveryState::Failed));
            store.change_hooks(&[HookChange::Told(gone), HookChange::Drop(HookId(2)), late]).unwrap();
            assert_eq!(store.hooks().unwrap(), []);
            assert_eq!(store.hook_place(HookId(2)).unwrap(), HookPlace::default());
            assert_eq!(store.deliveries(HookId(2), None, 10).unwrap(), []);
        }
    }

    #[test]
    fn a_hook_of_no_branch_is_refused_with_all_that_came_with_it() {
        for mut store in stores() {
            with_branches(&mut store);
            let changes = [HookChange::Put(hook(2, CENTRE)), HookChange::Put(hook(4, BranchId(9)))];
            assert!(matches!(store.change_hooks(&changes), Err(StoreError::Unavailable(_))));
            assert_eq!(store.hooks().unwrap(), []);
        }
    }

    #[test]
    fn they_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        begun(&mut store, 2);
        let place = HookPlace { rev: 7, held: vec![held(u128::MAX, 2)] };
        store.change_hooks(&[HookChange::Put(hook(2, CENTRE))]).unwrap();
        store.change_hooks(&[HookChange::Told(Told { held: place.held.clone(), ..told(2, 7) })]).unwrap();
        drop(store);
        let mut store = SqliteStore::open(dir.path()).unwrap();
        assert_eq!((store.hooks().unwrap(), store.hook_place(HookId(2)).unwrap()), (vec![hook(2, CENTRE)], place));
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", hook(2, CENTRE)).contains("sgw_"));
    }
}
