//! Owns when a delivery that failed is tried again, and when no more. Draws its chance from outside.

use crate::office::Millis;

/// Milliseconds that the first wait lasts at most; each later one twice as long at most, up to the last.
const FIRST: u64 = 5_000;
const LONGEST: u64 = 3_600_000;
const SHORTEST: u64 = 1_000;
/// How long an event is tried.
const PATIENCE: i64 = 72 * 3_600_000;

/// A number from 0 to below the one given, any of them alike.
pub type Jitter = Box<dyn FnMut(u64) -> u64 + Send>;

pub struct Backoff {
    jitter: Jitter,
}

impl Backoff {
    pub fn new(jitter: Jitter) -> Self {
        Self { jitter }
    }

    /// When the next attempt is due after this many failed: somewhere between a second and twice the time that it could be before, an hour at most.
    pub fn next(&mut self, attempts: u32, now: Millis) -> Millis {
        let ceiling = FIRST.saturating_mul(1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX)).min(LONGEST);
        let wait = SHORTEST + (self.jitter)(ceiling - SHORTEST + 1);
        Millis(now.0.saturating_add_unsigned(wait))
    }
}

/// Whether an attempt that failed was the last: the event happened so long ago, and for so long this server has been sending (milliseconds, which a
/// clock that leaps does not change).
pub fn is_over(at: Millis, now: Millis, sending: i64) -> bool {
    now.0.saturating_sub(at.0) >= PATIENCE && sending >= PATIENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let mut longest = Backoff::new(Box::new(|below| below - 1));
        let waits: Vec<_> = (1..=12).map(|attempts| longest.next(attempts, Millis(7)).0 - 7).collect();
        assert_eq!(waits, [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 1_280_000, 2_560_000, 3_600_000, 3_600_000]);
        let mut shortest = Backoff::new(Box::new(|_| 0));
        assert_eq!([1, 12, u32::MAX].map(|attempts| shortest.next(attempts, Millis(0)).0), [1_000; 3]);
    }

    #[test]
    fn after_three_days_it_is_over() {
        let hours = |hours: i64| Millis(hours * 3_600_000);
        let long = hours(72).0;
        assert!(!is_over(hours(1), Millis(hours(73).0 - 1), long) && is_over(hours(1), hours(73), long));
        assert!(!is_over(hours(5), hours(1), long), "a clock that was set back");
        assert!(!is_over(hours(1), hours(900), long - 1), "a clock that was set forward, or a server that was away");
    }
}
