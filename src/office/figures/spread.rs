//! Owns how many times become few numbers: count, mean, percentiles, greatest.

use serde::Serialize;

/// What times were like, in milliseconds. Of no times all but the count are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub count: u64,
    /// Rounded half up: `(2 · sum + count) ÷ (2 · count)` in whole numbers.
    pub mean: Option<i64>,
    /// By nearest rank: of n times in order, counted from 1, that at `⌈n · 50 ÷ 100⌉`.
    pub p50: Option<i64>,
    /// At `⌈n · 90 ÷ 100⌉`.
    pub p90: Option<i64>,
    pub max: Option<i64>,
}

impl Spread {
    pub fn of(mut times: Vec<i64>) -> Self {
        times.sort_unstable();
        let rank = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Self { count: times.len() as u64, mean: mean(&times), p50: rank(50), p90: rank(90), max: times.last().copied() }
    }
}

/// Rounded half up; `None` of nothing.
pub(super) fn mean(times: &[i64]) -> Option<i64> {
    let count = i128::try_from(times.len()).ok().filter(|count| *count > 0)?;
    let sum: i128 = times.iter().copied().map(i128::from).sum();
    i64::try_from((2 * sum + count).div_euclid(2 * count)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_rank_takes_a_time_that_was() {
        let spread = Spread::of((1..=10).rev().map(|n| n * 100).collect());
        assert_eq!(spread, Spread { count: 10, mean: Some(550), p50: Some(500), p90: Some(900), max: Some(1_000) });
        let spread = Spread::of(vec![7, 1, 3]);
        assert_eq!(spread, Spread { count: 3, mean: Some(4), p50: Some(3), p90: Some(7), max: Some(7) });
        assert_eq!(Spread::of((1..=11).collect()).p90, Some(10));
        assert_eq!(Spread::of(vec![5]), Spread { count: 1, mean: Some(5), p50: Some(5), p90: Some(5), max: Some(5) });
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }

    #[test]
    fn a_mean_is_rounded_half_up() {
        assert_eq!([&[1, 2][..], &[1, 1, 2], &[1, 2, 2], &[]].map(mean), [Some(2), Some(1), Some(2), None]);
        assert_eq!(mean(&[i64::MAX, i64::MAX]), Some(i64::MAX));
    }
}
