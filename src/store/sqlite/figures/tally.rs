//! Owns what a group of a report has when its stays are read one by one: the counts, and the times of which percentiles are picked at the
//! end. Goes a way of its own beside `office::figures`, by which the tests compare it. Holds 40 bytes a stay at most.

use crate::office::figures::{Accuracy, AtDesks, Figures, Share, Spread};

/// What became of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Booked,
    Unreliable,
    Open,
    Finished,
    Transferred,
    Missed,
    Left,
    Cancelled,
    Expired,
}

/// One row of `stay.sql`, as far as it is counted. Times are milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub fate: Fate,
    pub is_first: bool,
    pub at_desk: bool,
    pub queued_at: i64,
    pub first_called_at: Option<i64>,
    pub last_called_at: Option<i64>,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub held: i64,
    pub issued_at: i64,
    pub expected: Option<i64>,
    /// Put off by the visitor, before the last call and before the first.
    pub deferred: i64,
    pub deferred_first: i64,
}

#[derive(Default)]
pub(super) struct Tally {
    counts: Figures,
    /// Those that were called or went away uncalled too late.
    answerable: u64,
    in_time: u64,
    no_shows: u64,
    abandoned: u64,
    counted: u64,
    foretold: u64,
    inside: u64,
    /// Sum of the sizes of the estimates' errors.
    errors: i128,
    busy: i64,
    /// Wait, first wait, walk, service, whole visit.
    times: [Vec<i64>; 5],
}

impl Tally {
    /// `limit` is the Y of the service level, in milliseconds.
    pub(super) fn add(&mut self, stay: &Counted, limit: i64) {
        let Counted { fate, is_first, at_desk, queued_at, held, issued_at, deferred, deferred_first, .. } = *stay;
        self.counts.stays += 1;
        self.counts.tickets += u64::from(is_first);
        *self.count_of(fate) += 1;
        let Some(ended_at) = stay.ended_at.filter(|_| fate.is_counted()) else { return };
        self.counted += 1;
        self.abandoned += u64::from(matches!(fate, Fate::Left | Fate::Missed) || (fate == Fate::Expired && !at_desk));
        let [wait, first_wait, walk, service, visit] = &mut self.times;
        if let (Some(first), Some(last)) = (stay.first_called_at, stay.last_called_at) {
            self.counts.called += 1;
            self.answerable += 1;
            let (waited_first, waited) = (first - queued_at - deferred_first, last - queued_at - deferred);
            self.in_time += u64::from(waited <= limit);
            self.no_shows += u64::from(fate == Fate::Missed);
            wait.push(waited);
            first_wait.push(waited_first);
            walk.extend(stay.started_at.map(|started| started - last));
            if at_desk && fate != Fate::Expired {
                self.busy += ended_at - last - held;
            }
            if let Some(expected) = stay.expected.filter(|_| is_first) {
                self.foretold += 1;
                self.errors += i128::from(waited_first.abs_diff(expected));
                self.inside += u64::from(lies_inside(waited_first, expected));
            }
        } else if matches!(fate, Fate::Left | Fate::Expired) && ended_at - queued_at - deferred > limit {
            self.answerable += 1;
        }
        if matches!(fate, Fate::Finished | Fate::Transferred) {
            service.extend(stay.started_at.map(|started| ended_at - started - held));
        }
        if fate == Fate::Finished {
            visit.push(ended_at - issued_at);
        }
    }

    /// `desks` is the desks' own time, where that can be said.
    pub(super) fn figures(self, desks: Option<AtDesks>) -> Figures {
        let Self { counts, answerable, in_time, no_shows, abandoned, counted, foretold, inside, errors, busy, times } = self;
        let [wait, first_wait, walk, service, stay] = times.map(spread);
        Figures {
            wait,
            first_wait,
            walk,
            service,
            stay,
            in_time: Share { count: in_time, of: answerable },
            no_show: Share { count: no_shows, of: counts.called },
            abandoned: Share { count: abandoned, of: counted },
            estimates: Accuracy { count: foretold, mean_error: mean(errors, foretold), inside: Share { count: inside, of: foretold } },
            desks: desks.map(|desks| AtDesks { busy, finished: counts.finished, ..desks }),
            ..counts
        }
    }

    fn count_of(&mut self, fate: Fate) -> &mut u64 {
        let counts = &mut self.counts;
        match fate {
            Fate::Booked => &mut counts.booked,
            Fate::Unreliable => &mut counts.unreliable,
            Fate::Open => &mut counts.open,
            Fate::Finished => &mut counts.finished,
            Fate::Transferred => &mut counts.transferred,
            Fate::Missed => &mut counts.missed,
            Fate::Left => &mut counts.left,
            Fate::Cancelled => &mut counts.cancelled,
            Fate::Expired => &mut counts.expired,
        }
    }
}

impl Fate {
    /// As the database says it.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "booked" => Self::Booked,
            "unreliable" => Self::Unreliable,
            "open" => Self::Open,
            "finished" => Self::Finished,
            "transferred" => Self::Transferred,
            "missed" => Self::Missed,
            "left" => Self::Left,
            "cancelled" => Self::Cancelled,
            "expired" => Self::Expired,
            _ => return None,
        })
    }

    /// It has ended, with times that say something.
    fn is_counted(self) -> bool {
        !matches!(self, Self::Booked | Self::Unreliable | Self::Open)
    }
}

/// The wait and 0.8 and 1.3 times the estimate, each rounded up to five minutes, the end at least five.
fn lies_inside(waited: i64, expected: i64) -> bool {
    let steps = |tenths: i64| (tenths + 2_999_999) / 3_000_000;
    let waited = steps(10 * waited);
    steps(8 * expected) <= waited && waited <= steps(13 * expected).max(1)
}

/// By nearest rank: of n times in order, counted from 1, that at n · percent ÷ 100, rounded up. Nothing is sorted.
fn spread(mut times: Vec<i64>) -> Spread {
    let count = times.len();
    let sum = times.iter().copied().map(i128::from).sum();
    let max = times.iter().copied().max();
    let mut pick = |percent: usize| {
        let place = (count * percent).div_ceil(100).checked_sub(1)?;
        Some(*times.select_nth_unstable(place).1)
    };
    let (p50, p90) = (pick(50), pick(90));
    Spread { count: count as u64, mean: mean(sum, count as u64), p50, p90, max }
}

/// Rounded half up; `None` of nothing.
fn mean(sum: i128, count: u64) -> Option<i64> {
    let count = i128::from(count);
    if count == 0 { None } else { i64::try_from((2 * sum + count).div_euclid(2 * count)).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were() {
        let of = |times: &[i64]| {
            let Spread { count, mean, p50, p90, max } = spread(times.to_vec());
            (count, mean, p50, p90, max)
        };
        assert_eq!(of(&[]), (0, None, None, None, None));
        assert_eq!(of(&[7]), (1, Some(7), Some(7), Some(7), Some(7)));
        assert_eq!(of(&[4, 1]), (2, Some(3), Some(1), Some(4), Some(4)), "2.5 is rounded up");
        let hundred: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), (100, Some(51), Some(50), Some(90), Some(100)));
        assert_eq!(of(&hundred[..99]), (99, Some(51), Some(51), Some(91), Some(100)), "from 2 to 100");
    }

    #[test]
    fn a_word_of_no_fate_is_none() {
        assert_eq!((Fate::of("left"), Fate::of("LEFT"), Fate::of("")), (Some(Fate::Left), None, None));
    }
}
