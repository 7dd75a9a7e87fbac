//! Owns the only reads of a clock. May import tokio, chrono and the unit `office::Millis`. Never waits and never decides anything by time:
//! who needs the time gets it as a value, so that tests can set it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::office::Millis;

/// Tells wall time. Clones share one source: to move a manual clock moves all its clones, in every thread.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    millis: AtomicI64,
    /// How far it was advanced.
    passed: AtomicI64,
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until it is [set](Self::set) or [advanced](Self::advance).
    pub fn manual(start: Millis) -> Self {
        Self(Source::Manual(Arc::new(Manual { millis: AtomicI64::new(start.0), passed: AtomicI64::new(0) })))
    }

    /// Wall time. May jump, backwards too, when the machine's clock is corrected: measure with [`instant`].
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System => Millis(system_millis()),
            Source::Manual(manual) => Millis(manual.millis.load(Ordering::Acquire)),
        }
    }

    /// Milliseconds since some moment of the process, which no correction of the machine's clock changes: for what lasts hours and more. Of a
    /// manual clock: how far it was [advanced](Self::advance).
    pub fn passed(&self) -> i64 {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        match &self.0 {
            Source::System => {
                let first = *FIRST.get_or_init(instant);
                i64::try_from(instant().saturating_duration_since(first).as_millis()).unwrap_or(i64::MAX)
            }
            Source::Manual(manual) => manual.passed.load(Ordering::Acquire),
        }
    }

    /// Sets a manual clock, to an earlier time too. The system's clock is not ours to set: there it does nothing and returns `false`.
    pub fn set(&self, now: Millis) -> bool {
        match &self.0 {
            Source::System => false,
            Source::Manual(manual) => {
                manual.millis.store(now.0, Ordering::Release);
                true
            }
        }
    }

    /// Moves a manual clock forward by whole milliseconds. On the system's clock it does nothing and returns `false`.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.0 {
            Source::System => false,
            Source::Manual(manual) => {
                let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
                for millis in [&manual.millis, &manual.passed] {
                    let mut now = millis.load(Ordering::Acquire);
                    while let Err(other) = millis.compare_exchange_weak(now, now.saturating_add(by), Ordering::AcqRel, Ordering::Acquire) {
                        now = other;
                    }
                }
                true
            }
        }
    }
}

/// Monotonic time, for deadlines and measurements. Read through tokio, so that a test that pauses tokio's time pauses this too.
#[expect(clippy::disallowed_methods, reason = "the one place that reads monotonic time")]
pub fn instant() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads wall time")]
fn system_millis() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let clock = Clock::manual(Millis(1_000));
        assert_eq!(clock.now(), Millis(1_000));
        assert!(clock.advance(Duration::from_millis(250)));
        assert_eq!(clock.now(), Millis(1_250));
        assert!(clock.set(Millis(-5)));
        assert_eq!((clock.now(), clock.passed()), (Millis(-5), 250), "a correction lasts no time");
    }

    #[test]
    fn clones_of_a_manual_clock_move_together_across_threads() {
        let clock = Clock::manual(Millis(0));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let clock = clock.clone();
                std::thread::spawn(move || (0..1_000).for_each(|_| assert!(clock.advance(Duration::from_millis(1)))))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(clock.now(), Millis(4_000));
    }

    #[test]
    fn a_manual_clock_stops_at_the_end_of_time() {
        let clock = Clock::manual(Millis(i64::MAX - 1));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Millis(i64::MAX));
    }

    #[test]
    fn the_system_clock_tells_this_century_and_cannot_be_moved() {
        let clock = Clock::system();
        let before = clock.now();
        assert!(!clock.set(Millis(0)) && !clock.advance(Duration::from_secs(3_600_000)));
        let after = clock.now();
        assert!(before > Millis(1_700_000_000_000), "{before:?}");
        assert!(after.0 - before.0 < 3_600_000_000, "{before:?} {after:?}");
        assert!((0..3_600_000_000).contains(&clock.passed()));
    }

    #[tokio::test(start_paused = true)]
    async fn monotonic_time_follows_tokio() {
        let before = instant();
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(instant() - before, Duration::from_secs(90));
    }
}
