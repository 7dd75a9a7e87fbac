//! Owns a visitor's "I need ten more minutes": what a ticket keeps of it, and who is away until when. Never decides who may go, and never puts
//! anybody back into the queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::Millis;
use super::queue::Spot;

/// What a ticket keeps of the times that its visitor put it off. Lengths are milliseconds, of the present segment; the count is of the visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deferral {
    /// How often, over the whole visit.
    pub times: u32,
    /// While it is put off: since when.
    pub since: Option<Millis>,
    /// While it is put off: when it waits again by itself.
    pub until: Option<Millis>,
    /// Put off, without what lasts now.
    pub total: i64,
    /// Of `total`, what lay before the first call.
    pub before_first: i64,
    /// Of `total`, what lay before the last call.
    pub before_last: i64,
}

impl Deferral {
    /// Begins, or goes on for longer.
    pub(super) fn begin(&mut self, until: Millis, at: Millis) {
        self.since.get_or_insert(at);
        self.until = Some(until);
        self.times = self.times.saturating_add(1);
    }

    /// Ends, if it lasts.
    pub(super) fn end(&mut self, at: Millis) {
        self.until = None;
        if let Some(since) = self.since.take() {
            self.total = self.total.saturating_add(at.0.saturating_sub(since.0).max(0));
        }
    }

    /// A call: what it had been put off until then is no wait.
    pub(super) fn called(&mut self, first: bool) {
        self.before_last = self.total;
        if first {
            self.before_first = self.total;
        }
    }

    /// Another segment begins.
    pub(super) fn begin_segment(&mut self) {
        *self = Self { times: self.times, ..Self::default() };
    }
}

/// Who is away, in the order in which they come back: until when, the arrival, and where in the queue each one stood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Row>", into = "Vec<Row>")]
pub(super) struct Away(BTreeMap<(Millis, u64), Option<Spot>>);

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    until: Millis,
    arrival: u64,
    spot: Option<Spot>,
}

impl Away {
    pub fn put(&mut self, until: Millis, arrival: u64, spot: Option<Spot>) {
        self.0.insert((until, arrival), spot);
    }

    /// Takes out one who is away until then, if there is such a one. Tells where it stood.
    pub fn take(&mut self, until: Millis, arrival: u64) -> Option<Spot> {
        self.0.remove(&(until, arrival)).flatten()
    }

    /// When the first one comes back.
    pub fn next(&self) -> Option<Millis> {
        self.0.first_key_value().map(|((until, _), _)| *until)
    }

    /// The arrivals of all, who comes back first in front.
    pub fn arrivals(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.keys().map(|(_, arrival)| *arrival)
    }

    /// The arrivals of those whose time is over.
    pub fn due(&self, now: Millis) -> impl Iterator<Item = u64> + '_ {
        self.0.range(..=(now, u64::MAX)).map(|((_, arrival), _)| *arrival)
    }
}

impl From<Vec<Row>> for Away {
    fn from(rows: Vec<Row>) -> Self {
        Self(rows.into_iter().map(|Row { until, arrival, spot }| ((until, arrival), spot)).collect())
    }
}

impl From<Away> for Vec<Row> {
    fn from(away: Away) -> Self {
        away.0.into_iter().map(|((until, arrival), spot)| Row { until, arrival, spot }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_off_is_added_up_and_told_apart_by_the_calls() {
        let mut deferral = Deferral::default();
        deferral.begin(Millis(700), Millis(100));
        deferral.begin(Millis(900), Millis(400));
        assert_eq!((deferral.times, deferral.since, deferral.until), (2, Some(Millis(100)), Some(Millis(900))));
        deferral.end(Millis(600));
        deferral.end(Millis(800));
        assert_eq!((deferral.total, deferral.since, deferral.until), (500, None, None), "it ends once");
        deferral.called(true);
        deferral.begin(Millis(2_000), Millis(1_000));
        deferral.end(Millis(1_200));
        deferral.called(false);
        assert_eq!((deferral.total, deferral.before_first, deferral.before_last), (700, 500, 700));
        deferral.begin_segment();
        assert_eq!(deferral, Deferral { times: 3, ..Deferral::default() });
    }

    #[test]
    fn a_clock_that_was_set_back_takes_nothing_away() {
        let mut deferral = Deferral { total: 5, ..Deferral::default() };
        deferral.begin(Millis(900), Millis(500));
        deferral.end(Millis(100));
        assert_eq!(deferral.total, 5);
    }

    #[test]
    fn they_come_back_in_the_order_of_their_times() {
        let mut away = Away::default();
        for (until, arrival) in [(50, 1), (20, 9), (20, 3), (70, 2)] {
            away.put(Millis(until), arrival, None);
        }
        assert_eq!((away.next(), away.arrivals().collect::<Vec<_>>()), (Some(Millis(20)), vec![3, 9, 1, 2]));
        assert_eq!(away.due(Millis(50)).collect::<Vec<_>>(), [3, 9, 1]);
        assert_eq!(away.take(Millis(20), 9), None);
        assert_eq!(away.due(Millis(19)).count(), 0);
        let text = serde_json::to_string(&away).unwrap();
        assert_eq!(serde_json::from_str::<Away>(&text).unwrap(), away);
        for (until, arrival) in [(50, 1), (20, 3), (70, 2)] {
            away.take(Millis(until), arrival);
        }
        assert_eq!(away, Away::default());
    }
}
