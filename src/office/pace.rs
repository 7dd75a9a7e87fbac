//! Owns how long serving takes: what was measured last, and the mean that follows. Never reads a clock and knows no ticket that is still open.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ticket::{End, Segment};

/// Measures that count.
const WINDOW: usize = 20;
/// So many measures weighs what is configured.
const PRIOR: i128 = 5;

/// The last measures of one service, in milliseconds, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Pace {
    recent: VecDeque<i64>,
}

impl Pace {
    /// Adds a measure; the oldest of more than twenty goes.
    pub fn record(&mut self, took: i64) {
        while self.recent.len() >= WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(took.max(0));
    }

    /// Takes back the newest measure that is `took`: its end was a mistake. The oldest one that it had pushed out stays away.
    pub fn forget(&mut self, took: i64) {
        if let Some(position) = self.recent.iter().rposition(|other| *other == took.max(0)) {
            self.recent.remove(position);
        }
    }

    /// Milliseconds that serving one is expected to take: the mean of what was measured, drawn to the configured one.
    pub fn mean(&self, configured: i64) -> i64 {
        let sum: i128 = self.recent.iter().map(|took| i128::from(*took)).sum();
        let mean = (sum + PRIOR * i128::from(configured)) / (self.recent.len() as i128 + PRIOR);
        i64::try_from(mean).unwrap_or(i64::MAX).max(0)
    }
}

/// Milliseconds that a desk was busy with somebody: from the last call to the end, less the time held. `None` where this says nothing of how
/// long serving takes: it was not finished, or nobody at a desk finished it.
pub(super) fn took(segment: &Segment) -> Option<i64> {
    let Segment { end: Some(End::Finished), reliable: true, last_called_at: Some(called), ended_at: Some(ended), held, .. } = segment
    else {
        return None;
    };
    Some(ended.0.saturating_sub(called.0).saturating_sub(*held).max(0))
}

#[cfg(test)]
mod tests {
    use super::super::ids::{Millis, Rank, ServiceId, TicketId};
    use super::super::ticket::Channel;
    use super::*;

    fn pace(measures: impl IntoIterator<Item = i64>) -> Pace {
        let mut pace = Pace::default();
        measures.into_iter().for_each(|took| pace.record(took));
        pace
    }

    #[test]
    fn the_configured_mean_weighs_as_much_as_five_measures() {
        assert_eq!(pace([]).mean(300), 300);
        assert_eq!(pace([0]).mean(300), 250, "5 x 300 / 6");
        assert_eq!(pace([900; 5]).mean(300), 600);
        assert_eq!(pace([100; 20]).mean(600), 200, "(2000 + 3000) / 25");
    }

    #[test]
    fn only_the_last_twenty_count() {
        assert_eq!(pace([9_999; 50].into_iter().chain([100; 20])), pace([100; 20]));
        assert_eq!(pace((0..21).map(|_| 5).chain([7])).mean(5), (19 * 5 + 7 + 25) / 25);
    }

    #[test]
    fn what_is_too_much_or_less_than_nothing_does_no_harm() {
        assert_eq!(pace([i64::MAX; 20]).mean(i64::MAX), i64::MAX);
        assert_eq!(pace([-50]).mean(0), 0);
    }

    #[test]
    fn a_mistake_is_taken_back() {
        let mut measured = pace([10, 20, 10]);
        measured.forget(10);
        assert_eq!(measured, pace([10, 20]), "the newest of equal ones");
        measured.forget(99);
        assert_eq!(measured, pace([10, 20]));
    }

    #[test]
    fn is_stored_as_a_list() {
        let measured = pace([10, 20]);
        assert_eq!(serde_json::to_string(&measured).unwrap(), "[10,20]");
        assert_eq!(serde_json::from_str::<Pace>("[10,20]").unwrap(), measured);
    }

    #[test]
    fn a_segment_tells_how_long_it_took_when_a_desk_finished_it() {
        let finished = Segment {
            ticket: TicketId(1),
            segment: 1,
            service: ServiceId(1),
            rank: Rank::NORMAL,
            channel: Channel::Live,
            desk: None,
            agent: None,
            calls: 2,
            queued_at: Millis(0),
            first_called_at: Some(Millis(100)),
            last_called_at: Some(Millis(200)),
            started_at: Some(Millis(300)),
            held: 50,
            deferred: 0,
            deferred_first: 0,
            ended_at: Some(Millis(1_000)),
            end: Some(End::Finished),
            reliable: true,
        };
        assert_eq!(took(&finished), Some(750));
        assert_eq!(took(&Segment { held: 900, ..finished.clone() }), Some(0));
        assert_eq!(took(&Segment { reliable: false, ..finished.clone() }), None);
        assert_eq!(took(&Segment { last_called_at: None, ..finished.clone() }), None);
        for end in [End::Transferred, End::Missed, End::Expired] {
            assert_eq!(took(&Segment { end: Some(end), ..finished.clone() }), None);
        }
    }
}
