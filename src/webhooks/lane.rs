//! Owns one hook at work: what is outstanding of it, what an attempt's end means, and what of all that is not written down yet.

use std::collections::BTreeMap;
use std::time::Instant;

use super::backoff::{self, Backoff};
use super::courier::Lost;
use super::line::{Line, Next, Went};
use super::target::Target;
use crate::office::{Entry, HookId, Millis, TicketId};
use crate::store::{Delivery, DeliveryState, Held, Hook, HookPlace, Off, Told};

/// Entries of which this hook was told nothing, after which its place is written down all the same.
const WRITTEN_EVERY: u64 = 1_000;
/// Failures in a row, or milliseconds without a success, after which the next success says that the receiver was away and is there again.
const AWAY_AFTER: u32 = 8;
const AWAY_FOR: i64 = 60_000;
/// Deliveries that wait to be written, where the disk does not take them.
const MOST_UNWRITTEN: usize = 1_000;

pub struct Lane {
    pub hook: Hook,
    pub line: Line,
    /// All that was committed when last asked was taken.
    pub at_end: bool,
    /// There is no room for more until an attempt has ended.
    pub is_full: bool,
    /// Its branch could not be read.
    pub rests_until: Option<Instant>,
    target: Option<Target>,
    /// Failures since the last success.
    misses: u32,
    written: Written,
    unwritten: Vec<Delivery>,
    turned_off: bool,
}

/// How it stands on disk.
#[derive(Debug, Clone, Default, PartialEq)]
struct Written {
    rev: u64,
    held: BTreeMap<TicketId, Held>,
}

/// What is being written of a lane.
pub struct Report {
    pub told: Told,
    then: Written,
}

/// An attempt that has ended.
pub struct Attempt {
    pub hook: HookId,
    pub round: u32,
    pub next: Next,
    pub event: Sent,
    pub answer: Result<u16, Lost>,
    pub took: u32,
}

/// What was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: String,
    pub kind: &'static str,
    pub code: Option<String>,
    /// When it happened.
    pub at: Millis,
}

impl Lane {
    /// `entries`: what is held, each ticket's own entries in order.
    pub fn new(hook: Hook, place: HookPlace, entries: impl Fn(Held) -> Vec<u64>) -> Self {
        let mut line = Line::new(place.rev);
        for held in &place.held {
            line.restore(*held, entries(*held));
        }
        let written = Written { rev: place.rev, held: place.held.into_iter().map(|held| (held.ticket, held)).collect() };
        let target = Target::parse(&hook.url).ok();
        Self {
            hook,
            line,
            at_end: false,
            is_full: false,
            rests_until: None,
            target,
            misses: 0,
            written,
            unwritten: Vec::new(),
            turned_off: false,
        }
    }

    /// Other settings of the same round. A receiver elsewhere need not wait for what the one before did not take.
    pub fn change(&mut self, hook: Hook, now: Millis) {
        let Hook { failing_since, delivered_at, .. } = self.hook;
        if hook.url != self.hook.url {
            self.target = Target::parse(&hook.url).ok();
            self.line.wake(now);
        }
        self.hook = Hook { failing_since, delivered_at, ..hook };
        if self.turned_off {
            // Not on disk yet.
            (self.hook.active, self.hook.off) = (false, Some(Off::Gone));
        }
    }

    pub fn wants(&self, kind: &str) -> bool {
        wants(&self.hook, kind)
    }

    /// Where to, while something may be sent.
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref().filter(|_| self.hook.active)
    }

    /// When something is to be sent; `None` while nothing may be. One that rests sends nothing, whatever its time is.
    pub fn due(&self) -> Option<Millis> {
        self.target().filter(|_| self.rests_until.is_none()).and_then(|_| self.line.due())
    }

    /// Takes in how an attempt went. `sending`: milliseconds for which this server has been sending.
    pub fn ended(&mut self, attempt: Attempt, now: Millis, sending: i64, backoff: &mut Backoff) {
        let Attempt { next, event, answer, took, .. } = attempt;
        let due = match answer {
            Ok(200..=299) => None,
            Ok(410) => {
                log::warn!("web hook {}: its receiver is gone, it is switched off", self.hook.id);
                (self.hook.active, self.hook.off, self.turned_off) = (false, Some(Off::Gone), true);
                None
            }
            _ if backoff::is_over(event.at, now, sending) => None,
            _ => Some(backoff.next(next.attempt, now)),
        };
        let through = matches!(answer, Ok(200..=299));
        if through {
            let since = self.hook.failing_since.take();
            self.hook.delivered_at = Some(now);
            if self.misses >= AWAY_AFTER || since.is_some_and(|since| now.0.saturating_sub(since.0) >= AWAY_FOR) {
                self.line.wake(now);
            }
            self.misses = 0;
        } else {
            self.misses = self.misses.saturating_add(1);
            if self.hook.failing_since.is_none() {
                log::warn!("web hook {}: a delivery failed", self.hook.id);
                self.hook.failing_since = Some(now);
            }
            if due.is_none() && self.hook.active {
                log::warn!("web hook {}: {} is given up after {} attempts", self.hook.id, event.id, next.attempt);
            }
        }
        self.is_full = false;
        self.line.went(next.ticket, due.map_or(Went::Done, Went::Again), now);
        let state = match (through, due) {
            (true, _) => DeliveryState::Delivered,
            (false, Some(_)) => DeliveryState::Pending,
            (false, None) => DeliveryState::Failed,
        };
        if self.unwritten.len() >= MOST_UNWRITTEN {
            self.unwritten.remove(0);
        }
        self.unwritten.push(delivery(event, answer, state, next.attempt, took, due, now));
    }

    /// What is to be written now: at the `end`, all that is not written yet.
    pub fn report(&mut self, end: bool) -> Option<Report> {
        let then = Written { rev: self.line.read(), held: self.line.held() };
        let moved = then.rev.saturating_sub(self.written.rev) >= WRITTEN_EVERY || (end && then != self.written);
        if self.unwritten.is_empty() && !self.turned_off && !moved {
            return None;
        }
        let changed = then.held.values().filter(|held| self.written.held.get(&held.ticket) != Some(held));
        let told = Told {
            hook: self.hook.id,
            round: self.hook.round,
            rev: then.rev,
            held: changed.copied().collect(),
            done: self.written.held.keys().filter(|ticket| !then.held.contains_key(ticket)).copied().collect(),
            deliveries: std::mem::take(&mut self.unwritten),
            failing_since: self.hook.failing_since,
            delivered_at: self.hook.delivered_at,
            off: self.hook.off.filter(|_| self.turned_off),
        };
        Some(Report { told, then })
    }

    /// A report is on disk.
    pub fn written(&mut self, Report { told, then }: Report) {
        self.written = then;
        if told.off.is_some() {
            self.turned_off = false;
        }
    }

    /// A report could not be written.
    pub fn unwritten(&mut self, Report { told, .. }: Report) {
        self.unwritten.splice(..0, told.deliveries);
        let surplus = self.unwritten.len().saturating_sub(MOST_UNWRITTEN);
        self.unwritten.drain(..surplus);
    }

    /// Whether it has done all that it will do.
    pub fn is_over(&self) -> bool {
        !self.hook.active && self.line.is_idle() && self.unwritten.is_empty() && !self.turned_off
    }
}

/// The entries of a ticket's history that are outstanding for a hook whose place is at `rev`.
pub fn outstanding(hook: &Hook, held: Held, rev: u64, history: &[Entry]) -> Vec<u64> {
    let range = held.rev..=rev;
    let told = history.iter().filter(|entry| super::payload::kind(&entry.event).is_some_and(|kind| wants(hook, kind)));
    told.map(|entry| entry.rev).filter(|rev| range.contains(rev)).collect()
}

/// How an attempt is kept in the log of deliveries.
pub fn delivery(
    event: Sent,
    answer: Result<u16, Lost>,
    state: DeliveryState,
    attempts: u32,
    took: u32,
    next: Option<Millis>,
    now: Millis,
) -> Delivery {
    let (status, error) = match answer {
        Ok(status @ 300..=399) => (Some(status), Some("redirects are not followed".to_owned())),
        Ok(status) => (Some(status), None),
        Err(lost) => (None, Some(lost.to_string())),
    };
    Delivery { event: event.id, kind: event.kind.to_owned(), code: event.code, at: now, attempts, state, status, error, took, next }
}

fn wants(hook: &Hook, kind: &str) -> bool {
    hook.events.is_empty() || hook.events.iter().any(|wanted| wanted == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::office::BranchId;

    const NOW: Millis = Millis(1_000);

    /// One with an event outstanding that is due at once.
    fn lane() -> Lane {
        let hook = Hook {
            id: HookId(1),
            branch: BranchId(1),
            url: "http://10.0.0.7/".into(),
            description: None,
            events: Vec::new(),
            personal: false,
            active: true,
            secret: "sgw_x".into(),
            old_secret: None,
            created_at: NOW,
            round: 1,
            off: None,
            failing_since: None,
            delivered_at: None,
        };
        let held = Held { ticket: TicketId(1), rev: 5, attempts: 0, due: NOW };
        Lane::new(hook, HookPlace { rev: 5, held: vec![held] }, |held| vec![held.rev])
    }

    fn failed(lane: &mut Lane, now: Millis, sending: i64) {
        let next = lane.line.next(now).expect("it is due");
        let event = Sent { id: "e-5".into(), kind: "llamado", code: None, at: NOW };
        let attempt = Attempt { hook: lane.hook.id, round: 1, next, event, answer: Ok(500), took: 1 };
        lane.ended(attempt, now, sending, &mut Backoff::new(Box::new(|below| below - 1)));
    }

    #[test]
    fn a_clock_that_leaps_gives_nothing_up() {
        let mut lane = lane();
        let later = Millis(NOW.0 + 1_000 * 3_600_000);
        failed(&mut lane, later, 60_000);
        assert_eq!(lane.due(), Some(Millis(later.0 + 5_000)), "this server has been sending for a minute");
        failed(&mut lane, Millis(later.0 + 5_000), 72 * 3_600_000);
        assert_eq!(lane.due(), None, "given up");
    }

    #[test]
    fn another_address_is_tried_at_once() {
        let mut lane = lane();
        failed(&mut lane, NOW, 0);
        let later = Millis(NOW.0 + 1);
        lane.change(Hook { description: Some("x".into()), ..lane.hook.clone() }, later);
        assert_eq!(lane.due(), Some(Millis(NOW.0 + 5_000)));
        lane.change(Hook { url: "http://10.0.0.8/".into(), ..lane.hook.clone() }, later);
        assert_eq!(lane.due(), Some(later));
    }

    #[test]
    fn nothing_is_due_of_one_that_rests() {
        let mut lane = lane();
        assert_eq!(lane.due(), Some(NOW));
        lane.rests_until = Some(clock::instant());
        assert_eq!(lane.due(), None, "else its loop would not sleep");
        lane.rests_until = None;
        lane.hook.active = false;
        assert_eq!(lane.due(), None);
    }
}
