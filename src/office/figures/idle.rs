//! Owns "idle with queue": when a desk could have called somebody and did not. The definition stands at [`AtDesks::idle`](super::AtDesks::idle).

use std::collections::{BTreeMap, HashMap};

use super::super::ids::{DeskId, Millis, ServiceId};
use super::super::settings::Settings;
use super::{DeskTime, Stay};

/// From, until before.
type Stretch = (i64, i64);

/// When somebody waited and when desks were taken, by business day: nothing of one day is still there on the next.
pub(super) struct Idle<'a> {
    settings: &'a Settings,
    now: i64,
    days: BTreeMap<chrono::NaiveDate, Day>,
}

#[derive(Default)]
struct Day {
    waiting: HashMap<ServiceId, Vec<Stretch>>,
    taken: HashMap<DeskId, Vec<Stretch>>,
}

impl<'a> Idle<'a> {
    pub fn new(stays: &[Stay], settings: &'a Settings, now: Millis) -> Self {
        let mut days: BTreeMap<_, Day> = BTreeMap::new();
        for stay in stays.iter().filter(|stay| !stay.booked) {
            let segment = &stay.segment;
            let day = days.entry(stay.day).or_default();
            let ended = segment.ended_at.unwrap_or(now).0;
            // When it was put off is not known here: at the end, as if it had been called when it was back.
            let waited = match segment.first_called_at {
                Some(called) => (segment.queued_at.0, called.0 - segment.deferred_first),
                None => (segment.queued_at.0, ended - segment.deferred),
            };
            day.waiting.entry(segment.service).or_default().push(waited);
            if let (Some(desk), Some(called)) = (segment.desk, segment.first_called_at) {
                day.taken.entry(desk).or_default().push((called.0, ended - segment.held));
            }
        }
        for day in days.values_mut() {
            day.waiting.values_mut().chain(day.taken.values_mut()).for_each(|list| *list = union(std::mem::take(list)));
        }
        Self { settings, now: now.0, days }
    }

    /// Milliseconds of a desk time.
    pub fn of(&self, time: &DeskTime) -> i64 {
        let Some(day) = self.days.get(&time.day) else { return 0 };
        let Some(desk) = self.settings.desk(time.desk) else { return 0 };
        let closed = time.closed_at.map_or(self.now, |at| at.0);
        let waiting = day.waiting.iter().filter(|(service, _)| desk.serves(**service)).flat_map(|(_, list)| list.iter().copied());
        let pauses = time.pauses.iter().map(|pause| (pause.from.0, pause.to.map_or(closed, |at| at.0)));
        let taken = day.taken.get(&time.desk).into_iter().flatten().copied();
        let open = (time.opened_at.0, closed);
        let wanted = within(union(waiting.collect()), open);
        let away = within(union(pauses.chain(taken).collect()), open);
        // What is in `wanted` and not in `away`: all of both, less what `away` has alone.
        let all = union(wanted.iter().chain(&away).copied().collect());
        length(&all) - length(&away)
    }
}

/// In order, apart, without empty ones.
fn union(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.retain(|(from, to)| from < to);
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for (from, to) in stretches {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

fn within(stretches: Vec<Stretch>, (from, to): Stretch) -> Vec<Stretch> {
    stretches.into_iter().map(|stretch| (stretch.0.max(from), stretch.1.min(to))).filter(|(from, to)| from < to).collect()
}

fn length(stretches: &[Stretch]) -> i64 {
    stretches.iter().map(|(from, to)| to - from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_touch_or_overlap_are_one() {
        assert_eq!(union(vec![(5, 7), (0, 3), (3, 4), (6, 9), (9, 9), (8, 2)]), [(0, 4), (5, 9)]);
        assert_eq!(within(vec![(0, 4), (5, 9), (9, 12)], (3, 6)), [(3, 4), (5, 6)]);
        assert_eq!(length(&[(0, 4), (5, 9)]), 8);
    }
}
