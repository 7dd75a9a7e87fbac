//! Owns the numbers of a series: which one comes after which. Never counts how many there were and never knows who holds one.

use super::settings::Numbers;

/// The number after the day's last one, or the first; `None` when there are no more.
///
/// Where the series was set anew during the day, it goes on with the next of its present numbers that was not passed yet; where the last number
/// lies behind all of its present ones, it begins with their first.
pub(super) fn next(last: Option<u32>, numbers: &Numbers) -> Option<u32> {
    let Numbers { first, last: end, step, wrap } = *numbers;
    if first > end {
        return None;
    }
    let Some(last) = last.filter(|last| (first..=end).contains(last)) else { return Some(first) };
    let step = step.max(1);
    let steps = (last - first) / step + 1;
    let next = step.checked_mul(steps).and_then(|far| first.checked_add(far)).filter(|next| *next <= end);
    next.or(wrap.then_some(first))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(first: u32, last: u32, step: u32, wrap: bool) -> Numbers {
        Numbers { first, last, step, wrap }
    }

    #[test]
    fn a_series_goes_on_by_its_step() {
        let plain = Numbers::default();
        assert_eq!([None, Some(1), Some(41), Some(999_998)].map(|last| next(last, &plain)), [Some(1), Some(2), Some(42), Some(999_999)]);
        let hundreds = numbers(100, 199, 10, false);
        assert_eq!([None, Some(100), Some(180), Some(190)].map(|last| next(last, &hundreds)), [Some(100), Some(110), Some(190), None]);
    }

    #[test]
    fn behind_the_last_comes_the_first_where_it_wraps() {
        assert_eq!(next(Some(999_999), &Numbers::default()), None);
        assert_eq!(next(Some(99), &numbers(1, 99, 1, true)), Some(1));
        assert_eq!(next(Some(97), &numbers(1, 99, 4, true)), Some(1), "101 lies beyond");
        assert_eq!(next(Some(7), &numbers(7, 7, 1, true)), Some(7));
        assert_eq!(next(Some(7), &numbers(7, 7, 1, false)), None);
    }

    #[test]
    fn a_series_set_anew_passes_no_number_twice() {
        assert_eq!(next(Some(50), &numbers(100, 199, 1, false)), Some(100), "all of its numbers are still to come");
        assert_eq!(next(Some(7), &numbers(1, 999, 5, false)), Some(11), "1 and 6 were passed");
        assert_eq!(next(Some(998), &numbers(1, 999, 5, false)), None);
        assert_eq!(next(Some(150), &numbers(1, 99, 1, false)), Some(1), "another range begins with its first");
        assert_eq!(next(Some(100), &numbers(1, 99, 1, true)), Some(1));
    }

    #[test]
    fn impossible_numbers_give_none_and_a_step_of_0_is_1() {
        assert_eq!(next(None, &numbers(2, 1, 1, true)), None);
        assert_eq!(next(Some(3), &numbers(1, 9, 0, false)), Some(4));
        assert_eq!(next(Some(u32::MAX), &numbers(1, u32::MAX, u32::MAX, false)), None);
        assert_eq!(next(Some(u32::MAX - 1), &numbers(0, u32::MAX, 1, false)), Some(u32::MAX));
    }

    proptest! {
        #[test]
        fn a_number_is_of_the_series_and_behind_the_last(
            first in 0_u32..300, length in 0_u32..300, step in 1_u32..20, wrap: bool, last in proptest::option::of(0_u32..700),
        ) {
            let series = numbers(first, first + length, step, wrap);
            let all: Vec<u32> = (first..=first + length).step_by(step as usize).collect();
            match next(last, &series) {
                Some(next) if last.is_some_and(|last| last < next) => {
                    let expected = all.iter().find(|number| Some(**number) > last);
                    prop_assert_eq!(Some(&next), expected);
                }
                Some(next) => prop_assert!(next == first && (wrap || last.is_none_or(|last| last > first + length))),
                None => prop_assert!(!wrap && last.is_some_and(|last| all.iter().all(|number| *number <= last))),
            }
        }
    }
}
