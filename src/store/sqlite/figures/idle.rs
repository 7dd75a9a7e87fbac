//! Owns "idle with queue" where the rows are: steps up and down, in order of time, for each desk time of one day. Another way than
//! `office::figures` goes, which joins stretches; the tests compare them.

use std::collections::BTreeMap;

use super::tally::Counted;
use crate::office::{DeskId, Millis, ServiceId, Settings};
use crate::store::derived::DeskTime;

/// When people waited on one business day, and when desks had somebody. From, until before.
#[derive(Default)]
pub(super) struct Waits {
    waited: BTreeMap<ServiceId, Vec<(i64, i64)>>,
    taken: BTreeMap<DeskId, Vec<(i64, i64)>>,
}

/// What changes at a moment: how many wait, and in how many ways the desk is not free.
type Step = (i64, i32, i32);

impl Waits {
    /// A stay that is no appointment to come; `now` ends it where it lasts.
    pub(super) fn stay(&mut self, service: ServiceId, desk: Option<DeskId>, stay: &Counted, now: i64) {
        let ended = stay.ended_at.unwrap_or(now);
        // When it was put off is not known here: at the end, as if it had been called when it was back.
        let until = stay.first_called_at.map_or(ended - stay.deferred, |called| called - stay.deferred_first);
        self.waited.entry(service).or_default().push((stay.queued_at, until));
        if let (Some(desk), Some(called)) = (desk, stay.first_called_at) {
            self.taken.entry(desk).or_default().push((called, ended - stay.held));
        }
    }

    /// Once, when all stays of the day are there: what each service asks for, as steps in order of time.
    pub(super) fn wanted(self, settings: &Settings) -> Wanted<'_> {
        let steps = |of: Vec<(i64, i64)>| {
            let mut steps: Vec<Step> =
                of.into_iter().filter(|(from, to)| from < to).flat_map(|(from, to)| [(from, 1, 0), (to, -1, 0)]).collect();
            steps.sort_unstable();
            // A service that somebody waits for is wanted once, however many wait.
            let mut waiting = 0;
            steps.retain(|(_, more, _)| {
                let before = waiting;
                waiting += more;
                (before == 0) != (waiting == 0)
            });
            steps
        };
        Wanted { settings, services: self.waited.into_iter().map(|(service, of)| (service, steps(of))).collect(), taken: self.taken }
    }
}

pub(super) struct Wanted<'s> {
    settings: &'s Settings,
    services: BTreeMap<ServiceId, Vec<Step>>,
    taken: BTreeMap<DeskId, Vec<(i64, i64)>>,
}

impl Wanted<'_> {
    /// Milliseconds of a desk time in which somebody waited for the desk and it was free.
    pub(super) fn idle(&self, time: &DeskTime, now: Millis) -> i64 {
        let Some(desk) = self.settings.desk(time.desk) else { return 0 };
        let (opens, closes) = (time.opened_at.0, time.closed_at.unwrap_or(now).0);
        let pauses = time.pauses.iter().map(|pause| (pause.began_at.0, pause.ended_at.map_or(closes, |at| at.0)));
        let taken = self.taken.get(&time.desk).into_iter().flatten().copied();
        let mut steps: Vec<Step> =
            pauses.chain(taken).filter(|(from, to)| from < to).flat_map(|(from, to)| [(from, 0, 1), (to, 0, -1)]).collect();
        steps.sort_unstable();
        for (_, wanted) in self.services.iter().filter(|(service, _)| desk.serves(**service)) {
            steps.extend(wanted);
        }
        // Each part is in order already, which this sort makes use of.
        steps.sort_by_key(|step| step.0);
        let (mut waiting, mut busy, mut since, mut idle) = (0, 0, opens, 0);
        for (at, more, busier) in steps {
            let at = at.clamp(opens, closes.max(opens));
            if waiting > 0 && busy == 0 {
                idle += at - since;
            }
            (waiting, busy, since) = (waiting + more, busy + busier, at);
        }
        idle
    }
}
