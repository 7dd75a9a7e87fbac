//! Owns token buckets: how often somebody may do something, with the time given and in bounded memory.

use core::fmt;
use core::hash::Hash;
use core::net::{IpAddr, Ipv6Addr};
use std::collections::HashMap;

use crate::office::Millis;

/// How often: `burst` at once, and one more every `every` milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub every: i64,
}

impl Rate {
    /// So many a minute, so many at once; at least one of each.
    pub fn a_minute(count: u32, burst: u32) -> Self {
        Self { burst: burst.max(1), every: (60_000 / i64::from(count.max(1))).max(1) }
    }

    /// Milliseconds until an empty bucket is full.
    fn whole(self) -> i64 {
        self.every.saturating_mul(i64::from(self.burst.max(1)))
    }
}

/// Milliseconds after which it may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("too often; again in {} s", self.seconds())]
pub struct Wait(pub i64);

impl Wait {
    /// Whole seconds, rounded up, at least 1: what `Retry-After` says.
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0).div_ceil(1_000).max(1)
    }
}

/// Where somebody comes from, as limits count it: an IPv4 address, or the network of an IPv6 one, of which each host has as many as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Self(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))),
            v4 => Self(v4),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A bucket for each key. One that is full again is forgotten; when there are too many those that are nearest to full go.
#[derive(Debug, Clone)]
pub struct Buckets<K> {
    rate: Rate,
    most: usize,
    /// When each will be full again.
    full_at: HashMap<K, i64>,
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    /// Room for `most` keys, at least one.
    pub fn new(rate: Rate, most: usize) -> Self {
        Self { rate, most: most.max(1), full_at: HashMap::new() }
    }

    /// Takes one out.
    ///
    /// # Errors
    ///
    /// How long to wait where there is none. Nothing is taken then.
    pub fn take(&mut self, key: K, now: Millis) -> Result<(), Wait> {
        self.look(&key, now)?;
        let full_at = self.full_at(&key, now).saturating_add(self.rate.every);
        if self.full_at.len() >= self.most && !self.full_at.contains_key(&key) {
            self.make_room(now);
        }
        self.full_at.insert(key, full_at);
        Ok(())
    }

    /// Whether one could be taken out now.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub fn look(&self, key: &K, now: Millis) -> Result<(), Wait> {
        let lacking = self.full_at(key, now).saturating_add(self.rate.every).saturating_sub(now.0).saturating_sub(self.rate.whole());
        if lacking > 0 { Err(Wait(lacking)) } else { Ok(()) }
    }

    /// Puts one back that was taken.
    pub fn give_back(&mut self, key: &K) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = full_at.saturating_sub(self.rate.every);
        }
    }

    /// A clock that went back leaves nobody waiting for longer than an empty bucket does.
    fn full_at(&self, key: &K, now: Millis) -> i64 {
        let latest = now.0.saturating_add(self.rate.whole());
        self.full_at.get(key).map_or(now.0, |at| (*at).clamp(now.0, latest))
    }

    /// Forgets those that are full; where that is not enough a quarter of all, so that a flood of keys costs little for each.
    fn make_room(&mut self, now: Millis) {
        self.full_at.retain(|_, at| *at > now.0);
        if self.full_at.len() < self.most {
            return;
        }
        let mut times: Vec<i64> = self.full_at.values().copied().collect();
        let gone = (self.most / 4).max(1);
        let (_, limit, _) = times.select_nth_unstable(gone - 1);
        let limit = *limit;
        let mut left = gone;
        self.full_at.retain(|_, at| {
            let goes = left > 0 && *at <= limit;
            left -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { burst: 3, every: 1_000 };

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let mut buckets = Buckets::new(RATE, 10);
        let mut take = |at| buckets.take("a", Millis(at)).map_err(|wait| wait.0);
        assert_eq!([take(0), take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(()), Err(1_000)]);
        assert_eq!([take(400), take(1_000), take(1_000)], [Err(600), Ok(()), Err(1_000)]);
        assert_eq!([take(9_000), take(9_000), take(9_000), take(9_000)], [Ok(()), Ok(()), Ok(()), Err(1_000)], "no more than full");
        assert_eq!(buckets.take("b", Millis(9_000)), Ok(()), "each has its own");
        buckets.give_back(&"a");
        assert_eq!(buckets.take("a", Millis(9_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let mut buckets = Buckets::new(RATE, 10);
        for _ in 0..3 {
            buckets.take((), Millis(1_000_000_000)).unwrap();
        }
        assert_eq!(buckets.take((), Millis(0)), Err(Wait(1_000)));
        assert_eq!(buckets.look(&(), Millis(i64::MIN)), Err(Wait(1_000)));
        assert_eq!(buckets.look(&(), Millis(i64::MAX)), Ok(()));
    }

    #[test]
    fn who_is_nearest_to_full_makes_room() {
        let mut buckets = Buckets::new(RATE, 8);
        for key in 0..8 {
            for _ in 0..if key == 5 { 3 } else { 1 } {
                buckets.take(key, Millis(0)).unwrap();
            }
        }
        buckets.take(8, Millis(0)).unwrap();
        assert!(buckets.full_at.len() == 7 && buckets.take(5, Millis(0)).is_err(), "the one that is empty stays");
        buckets.take(9, Millis(2_000)).unwrap();
        buckets.take(10, Millis(2_000)).unwrap();
        let mut left: Vec<_> = buckets.full_at.keys().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [5, 9, 10], "those that are full again go first");
    }

    #[test]
    fn a_network_is_what_one_host_has() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!([Wait(-5), Wait(0), Wait(1), Wait(1_000), Wait(1_001)].map(Wait::seconds), [1, 1, 1, 1, 2]);
        assert_eq!(Wait(1_500).to_string(), "too often; again in 2 s");
        assert_eq!(Rate::a_minute(60, 30), Rate { burst: 30, every: 1_000 });
        assert_eq!(Rate::a_minute(0, 0), Rate { burst: 1, every: 60_000 });
        assert_eq!(Rate::a_minute(u32::MAX, 1).every, 1);
    }

    proptest! {
        /// Of any stretch of time no more comes through than the burst and what has run in since; who waits as told comes through.
        #[test]
        fn never_more_than_it_says(
            burst in 1_u32..6, every in 1_i64..50, steps in proptest::collection::vec((0_u8..20, 0_i64..60), 0..200), most in 1_usize..8,
        ) {
            let mut buckets = Buckets::new(Rate { burst, every }, most);
            let (mut now, mut taken) = (0, Vec::new());
            for (key, step) in steps {
                now += step;
                // One key that is asked for all the time, others that press for room.
                let key = key.saturating_sub(15);
                match buckets.take(key, Millis(now)) {
                    Ok(()) => taken.push((key, now)),
                    Err(wait) => {
                        prop_assert!(wait.0 > 0 && wait.0 <= every);
                        prop_assert_eq!(buckets.look(&key, Millis(now + wait.0)), Ok(()));
                        prop_assert!(buckets.look(&key, Millis(now + wait.0 - 1)).is_err());
                    }
                }
                prop_assert!(buckets.full_at.len() <= most);
            }
            // Where nobody had to go the bound is exact.
            if most > 5 {
                for (place, (key, from)) in taken.iter().enumerate() {
                    let later = taken[place..].iter().filter(|(other, _)| other == key);
                    for (count, (_, to)) in later.enumerate() {
                        prop_assert!(count as i64 <= i64::from(burst) - 1 + (to - from) / every + 1);
                    }
                }
            }
        }
    }
}
