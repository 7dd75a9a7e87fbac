//! Owns what a memory store keeps of web hooks.

use std::collections::BTreeMap;

use crate::office::{BranchId, HookId, TicketId};
use crate::store::hooks::{DELIVERIES_KEPT, Delivery, DeliveryState, Held, Hook, HookChange, HookPlace, Told};
use crate::store::{CommitError, StoreError};

#[derive(Debug, Clone, Default)]
pub(super) struct KeptHooks(BTreeMap<HookId, KeptHook>);

#[derive(Debug, Clone)]
struct KeptHook {
    hook: Hook,
    rev: u64,
    held: BTreeMap<TicketId, Held>,
    deliveries: BTreeMap<u64, Delivery>,
}

impl KeptHooks {
    pub(super) fn all(&self) -> Vec<Hook> {
        let mut all: Vec<_> = self.0.values().map(|kept| kept.hook.clone()).collect();
        all.sort_by_key(|hook| (hook.branch, hook.id));
        all
    }

    pub(super) fn place(&self, hook: HookId) -> HookPlace {
        self.0.get(&hook).map(|kept| HookPlace { rev: kept.rev, held: kept.held.values().copied().collect() }).unwrap_or_default()
    }

    pub(super) fn deliveries(&self, hook: HookId, before: Option<u64>, limit: usize) -> Vec<(u64, Delivery)> {
        let Some(kept) = self.0.get(&hook) else { return Vec::new() };
        kept.deliveries.range(..before.unwrap_or(u64::MAX)).rev().take(limit).map(|(seq, delivery)| (*seq, delivery.clone())).collect()
    }

    /// `end`: where a branch's log ends, if it is there.
    pub(super) fn apply(&mut self, change: &HookChange, end: impl Fn(BranchId) -> Option<u64>) -> Result<(), StoreError> {
        match change {
            HookChange::Put(hook) => self.put(hook, end(hook.branch))?,
            HookChange::Drop(id) => drop(self.0.remove(id)),
            // Lines of the audit log are kept elsewhere.
            HookChange::Audit(_) => {}
            HookChange::Told(told) => {
                if let Some(kept) = self.0.get_mut(&told.hook).filter(|kept| kept.hook.round == told.round) {
                    kept.tell(told);
                }
            }
            HookChange::Tried(id, delivery) => {
                if let Some(kept) = self.0.get_mut(id) {
                    kept.record(delivery);
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, hook: &Hook, end: Option<u64>) -> Result<(), StoreError> {
        let Some(end) = end else {
            let error = CommitError::inconsistent(format_args!("a web hook of branch {}, which is not there", hook.branch.0));
            return Err(StoreError::Unavailable(error.to_string()));
        };
        match self.0.get_mut(&hook.id) {
            None => {
                let kept = KeptHook { hook: hook.clone(), rev: end, held: BTreeMap::new(), deliveries: BTreeMap::new() };
                self.0.insert(hook.id, kept);
            }
            Some(kept) => {
                let was = &kept.hook;
                let over = was.round != hook.round || !hook.active;
                let mut now = Hook { created_at: was.created_at, branch: was.branch, ..hook.clone() };
                if was.round == hook.round {
                    (now.failing_since, now.delivered_at) = (was.failing_since, was.delivered_at);
                } else {
                    kept.rev = end;
                    kept.held.clear();
                }
                kept.hook = now;
                if over {
                    kept.give_up();
                }
            }
        }
        Ok(())
    }
}

impl KeptHook {
    fn tell(&mut self, told: &Told) {
        self.hook.tell(told);
        self.rev = told.rev;
        self.held.retain(|ticket, _| !told.done.contains(ticket));
        self.held.extend(told.held.iter().map(|held| (held.ticket, *held)));
        told.deliveries.iter().for_each(|delivery| self.record(delivery));
        // It may have been switched off while they were under way.
        if !self.hook.active {
            self.give_up();
        }
    }

    /// What is outstanding is not tried any more.
    fn give_up(&mut self) {
        for delivery in self.deliveries.values_mut().filter(|delivery| delivery.state == DeliveryState::Pending) {
            (delivery.state, delivery.next) = (DeliveryState::Failed, None);
        }
    }

    fn record(&mut self, delivery: &Delivery) {
        if let Some(known) = self.deliveries.values_mut().find(|known| known.event == delivery.event) {
            *known = delivery.clone();
            return;
        }
        let seq = self.deliveries.last_key_value().map_or(0, |(seq, _)| *seq) + 1;
        self.deliveries.insert(seq, delivery.clone());
        if let Some(kept) = seq.checked_sub(DELIVERIES_KEPT) {
            self.deliveries = self.deliveries.split_off(&(kept + 1));
        }
    }
}
