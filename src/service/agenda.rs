//! Owns what is to be done when: one time for each thing, in the order of time, so that looking costs nothing while nothing is due. Does
//! nothing itself and reads no clock.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::office::Millis;

/// Things to be done, each at one time.
pub struct Agenda<K> {
    times: HashMap<K, Millis>,
    order: BTreeSet<(Millis, K)>,
}

/// As soon as somebody looks, by whatever clock.
pub const SOON: Millis = Millis(i64::MIN);

impl<K: Copy + Eq + Hash + Ord> Agenda<K> {
    /// From now on the thing is due then, or never.
    pub fn set(&mut self, thing: K, time: Option<Millis>) {
        let before = match time {
            Some(time) => self.times.insert(thing, time),
            None => self.times.remove(&thing),
        };
        if before == time {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, thing));
        }
        if let Some(time) = time {
            self.order.insert((time, thing));
        }
    }

    /// When the thing is due.
    pub fn time(&self, thing: &K) -> Option<Millis> {
        self.times.get(thing).copied()
    }

    /// When the first thing is due.
    pub fn next(&self) -> Option<Millis> {
        self.order.first().map(|(time, _)| *time)
    }

    /// Nothing else is to be done any more.
    pub fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.times.retain(|thing, _| keep(thing));
        self.order.retain(|(_, thing)| keep(thing));
    }

    /// Takes out everything that is due, in order.
    pub fn due(&mut self, now: Millis) -> Vec<K> {
        let mut due = Vec::new();
        while let Some((time, thing)) = self.order.first().copied()
            && time <= now
        {
            self.order.pop_first();
            self.times.remove(&thing);
            due.push(thing);
        }
        due
    }
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self { times: HashMap::new(), order: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_due_once_and_at_its_last_time() {
        let mut agenda = Agenda::default();
        for (thing, time) in [('a', 5), ('b', 3), ('c', 4), ('a', 2), ('b', 9)] {
            agenda.set(thing, Some(Millis(time)));
        }
        agenda.set('c', None);
        agenda.set('d', Some(SOON));
        assert_eq!((agenda.next(), agenda.time(&'b')), (Some(SOON), Some(Millis(9))));
        assert_eq!(agenda.due(Millis(1)), ['d']);
        agenda.set('e', Some(Millis(1)));
        agenda.retain(|thing| *thing != 'e');
        assert_eq!(agenda.due(Millis(8)), ['a']);
        assert_eq!(agenda.due(Millis(8)), []);
        assert_eq!(agenda.due(Millis(9)), ['b']);
        assert!(agenda.times.is_empty() && agenda.order.is_empty());
    }
}
