//! Owns random days of an office, written as its log says, and what must hold of them in every store.

use std::collections::{BTreeMap, HashSet};

use chrono::Days;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{CENTRE, reading};
use crate::office::arbitrary::{MINUTE, MORNING, Sample, Step, page, sample, settings, steps};
use crate::office::figures::{self, By, Scope};
use crate::office::{Channel, Command, DeskId, Entry, Event, Key, Millis, Office, Rank, ServiceId, Settings, Ticket, UserId};
use crate::store::{Batch, MemoryStore, Stay, Store};

/// What one office did over some days, in batches as they may be committed; and the office at the end.
#[derive(Debug, Clone)]
pub(in crate::store) struct Log {
    pub(in crate::store) batches: Vec<Batch>,
    pub(in crate::store) office: Office,
    pub(in crate::store) now: Millis,
}

impl Log {
    pub(in crate::store) fn entries(&self) -> Vec<Entry> {
        self.batches.iter().flat_map(|batch| batch.entries.iter().cloned()).collect()
    }

    pub(in crate::store) fn committed(&self, store: &mut impl Store) {
        store.load(CENTRE).unwrap();
        for batch in &self.batches {
            store.commit(batch).unwrap();
        }
    }
}

/// Random days of random offices.
pub(in crate::store) fn logs(length: usize) -> impl Strategy<Value = Log> {
    (settings(), steps(length), any::<u64>()).prop_map(|(settings, steps, cuts)| written(settings, &steps, cuts))
}

/// `cuts` says behind which steps a batch ends, and behind which of these the office is kept.
fn written(settings: Settings, steps: &[Step], cuts: u64) -> Log {
    let mut office = Office::new(CENTRE);
    let mut now = MORNING;
    let mut batches = vec![Batch { branch: CENTRE, entries: Vec::new(), snapshot: None, audit: Vec::new() }];
    let mut used: HashSet<Key> = HashSet::new();
    let configure = office.execute(Command::Configure(Box::new(settings)).into(), now).expect("settings that contradict nothing");
    batches[0].entries.extend(configure.entries);
    for (number, step) in steps.iter().enumerate() {
        now.0 += step.tick;
        let mut request = step.request(&office, number);
        // An office knows the keys of today, a store those of always.
        request.key = request.key.filter(|key| used.insert(key.clone()));
        let Ok(done) = office.execute(request, now) else { continue };
        let last = batches.last_mut().expect("one at least");
        last.entries.extend(done.entries);
        if cuts >> (number % 64) & 1 == 1 {
            if !last.entries.is_empty() && number.is_multiple_of(3) {
                last.snapshot = Some(serde_json::to_string(&office).unwrap());
            }
            batches.push(Batch { branch: CENTRE, entries: Vec::new(), snapshot: None, audit: Vec::new() });
        }
    }
    Log { batches, now: office.at().max(now), office }
}

pub(super) fn are_derived_as_the_office_has_them<S: Store>(make: fn() -> S) {
    let mut runner = TestRunner::new(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() });
    runner
        .run(&logs(120), |log| {
            let mut store = make();
            log.committed(&mut store);
            let mut reports = store.reports().unwrap();
            let checked = reports.check(CENTRE).unwrap();
            prop_assert_eq!((&checked.differences[..], checked.entries), (&[][..], log.office.rev()));

            let all = chrono::NaiveDate::MIN..=chrono::NaiveDate::MAX;
            let visits = reading::tickets(&mut *reports, &all);
            let today: Vec<&Ticket> =
                visits.iter().filter(|visit| Some(visit.day) == log.office.day()).map(|visit| &visit.ticket).collect();
            prop_assert_eq!(today, log.office.tickets().collect::<Vec<_>>());
            let arrivals: Vec<u64> = visits.iter().map(|visit| visit.issued_rev).collect();
            prop_assert!(arrivals.is_sorted());

            // Every ticket's history gives the ticket.
            let entries = log.entries();
            for visit in visits.iter().step_by(3) {
                let history = reports.history(CENTRE, visit.ticket.id).unwrap();
                let of_log: Vec<_> = entries.iter().filter(|entry| entry.event.ticket() == Some(visit.ticket.id)).cloned().collect();
                prop_assert_eq!(&history, &of_log);
                prop_assert_eq!(folded(&history), Some(visit.ticket.clone()));
            }
            for entry in entries.iter().filter(|entry| entry.key.is_some()) {
                let ticket = store.keyed(CENTRE, entry.key.as_ref().unwrap()).unwrap().map(|ticket| ticket.id);
                prop_assert_eq!(ticket, entry.event.ticket());
            }
            // The segments of a ticket are numbered, its last one is its present one, and the others have ended.
            let mut stays: BTreeMap<u64, Vec<_>> = BTreeMap::new();
            for stay in reading::segments(&mut *reports, &all) {
                stays.entry(stay.arrival).or_default().push(stay.segment);
            }
            prop_assert_eq!(stays.keys().copied().collect::<Vec<_>>(), arrivals);
            for (visit, segments) in visits.iter().zip(stays.values()) {
                prop_assert!(segments.iter().zip(1..).all(|(segment, number)| segment.segment == number));
                prop_assert_eq!(segments.last(), Some(&visit.ticket.present()));
                prop_assert!(segments.iter().rev().skip(1).all(|segment| segment.end.is_some()));
            }

            let mut other = MemoryStore::new();
            log.committed(&mut other);
            let mut other = other.reports().unwrap();
            prop_assert_eq!(reports.desk_times(CENTRE, &all).unwrap(), other.desk_times(CENTRE, &all).unwrap());
            prop_assert_eq!(store.entries(CENTRE, 0, usize::MAX).unwrap(), entries);
            Ok(())
        })
        .unwrap();
}

/// What SQL or anything else makes of the figures is what the office's own computation makes of them.
pub(super) fn figures_are_the_office_s_own<S: Store>(make: fn() -> S) {
    let mut runner = TestRunner::new(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() });
    let choice = (0_u32..4, 0_i64..90 * 60_000, any::<[u8; 5]>());
    runner
        .run(&(logs(150), settings(), choice), |(log, others, (shift, later, chosen))| {
            // Whatever the branch is set to now, and some time later.
            let settings = if shift == 0 { &others } else { log.office.settings().unwrap() };
            let today = log.office.day().unwrap();
            let scopes = [
                Scope::days(chrono::NaiveDate::MIN, chrono::NaiveDate::MAX),
                Scope::days(today - Days::new(shift.into()), today),
                Scope { service: Some(ServiceId(1)), ..Scope::days(today, today) },
                Scope {
                    service: (chosen[0] % 4 == 0).then_some(ServiceId(1)),
                    desk: (chosen[1] % 3 == 0).then_some(DeskId(1)),
                    agent: (chosen[2] % 3 == 0).then_some(UserId(2)),
                    rank: (chosen[3] % 4 == 0).then_some(Rank(0)),
                    channel: (chosen[4] % 4 == 0).then_some(Channel::Live),
                    ..Scope::days(chrono::NaiveDate::MIN, chrono::NaiveDate::MAX)
                },
            ];
            alike(&mut make(), &log, &scopes, settings, Millis(log.now.0 + later))
        })
        .unwrap();
}

/// A busy day by hand: what random ones seldom come to stands in it.
pub(super) fn figures_of_a_busy_day<S: Store>(make: fn() -> S) {
    let mut settings = sample();
    settings.recall_after = 0;
    let mut day = Sample::new(settings.clone());
    let (one, two) = (DeskId(1), DeskId(2));
    let tell = |day: &mut Sample, number: u8, minutes: i64, command: Command| {
        day.pass(minutes * MINUTE);
        day.tell_by(page(number), command).unwrap();
    };
    for (desk, agent) in [(one, 1), (two, 2)] {
        tell(&mut day, agent, 0, Command::OpenDesk { desk, take_over: false });
    }
    for n in 0..12 {
        day.issue(1 + n % 2, u8::from(n % 5 == 0));
        day.pass(2 * MINUTE);
    }
    let finish = |desk| Command::Finish { desk, ticket: None, outcome: None, note: None };
    for round in 0..3 {
        tell(&mut day, 1, 1, Command::CallNext { desk: one });
        tell(&mut day, 1, 2, Command::Start { desk: one, ticket: None });
        tell(&mut day, 1, 3, Command::Hold { desk: one, ticket: None });
        tell(&mut day, 2, 1, Command::CallNext { desk: two });
        tell(&mut day, 2, 7, Command::Recall { desk: two, ticket: None });
        tell(&mut day, 2, 1, if round == 1 { Command::NoShow { desk: two, ticket: None } } else { finish(two) });
    }
    let held: Vec<_> = day.office.held().map(|ticket| ticket.id).collect();
    assert_eq!(held.len(), 3);
    tell(&mut day, 1, 4, Command::Resume { desk: one, ticket: held[0] });
    tell(&mut day, 1, 6, finish(one));
    tell(&mut day, 2, 1, Command::PauseDesk { desk: two, reason: None });
    tell(&mut day, 1, 2, Command::Resume { desk: one, ticket: held[1] });
    let service = Some(ServiceId(2));
    tell(&mut day, 1, 1, Command::Transfer { desk: one, ticket: None, service, to: None, place: None });
    tell(&mut day, 2, 9, Command::OpenDesk { desk: two, take_over: false });
    tell(&mut day, 1, 1, Command::Resume { desk: one, ticket: held[2] });
    tell(&mut day, 1, 1, finish(one));

    let today = day.office.day().unwrap();
    let now = Millis(day.now.0 + 5 * MINUTE);
    let batches = vec![Batch { branch: CENTRE, entries: day.log, snapshot: None, audit: Vec::new() }];
    let log = Log { batches, now, office: day.office };
    let scope = Scope::days(today, today);
    alike(&mut make(), &log, std::slice::from_ref(&scope), &settings, now).unwrap();
    let mut store = make();
    log.committed(&mut store);
    let all = store.reports().unwrap().figures(CENTRE, &scope, By::Nothing, &settings, now).unwrap().remove(0).figures;
    let desks = all.desks.unwrap();
    assert!(all.estimates.count > 0 && all.service.max > all.service.p50 && all.transferred == 1 && all.missed == 1, "{all:?}");
    assert!(desks.idle > 0 && desks.paused == 12 * MINUTE && desks.busy > 0, "{desks:?}");
}

/// Whether this store has the figures that the office's own computation gives, by everything.
fn alike(store: &mut impl Store, log: &Log, scopes: &[Scope], settings: &Settings, now: Millis) -> Result<(), TestCaseError> {
    log.committed(store);
    let mut reports = store.reports().unwrap();
    prop_assert_eq!(reports.office(CENTRE).unwrap(), Some(log.office.clone()));
    let all = chrono::NaiveDate::MIN..=chrono::NaiveDate::MAX;
    let visits = reading::tickets(&mut *reports, &all);
    let stay = |stay: Stay| {
        let visit = visits.iter().find(|visit| visit.issued_rev == stay.arrival).unwrap();
        stay.with(&visit.ticket)
    };
    let stays: Vec<figures::Stay> = reading::segments(&mut *reports, &all).into_iter().map(stay).collect();
    let times: Vec<figures::DeskTime> = reports.desk_times(CENTRE, &all).unwrap().into_iter().map(Into::into).collect();
    for scope in scopes {
        let within: Vec<_> = stays.iter().filter(|stay| (scope.from..=scope.to).contains(&stay.day)).cloned().collect();
        for by in
            [By::Nothing, By::Service, By::Desk, By::Agent, By::Priority, By::Channel, By::Hour, By::Weekday, By::WeekdayHour, By::Day]
        {
            let expected = figures::report(&within, &times, scope, by, settings, now);
            prop_assert_eq!(reports.figures(CENTRE, scope, by, settings, now).unwrap(), expected, "{:?} by {:?}", scope, by);
        }
    }
    Ok(())
}

fn folded(history: &[Entry]) -> Option<Ticket> {
    let (first, rest) = history.split_first()?;
    let mut ticket = Ticket::issued(&first.event, first.at)?;
    for Entry { at, event, .. } in rest {
        ticket.apply(event, *at);
        if let Event::TicketIssued { .. } = event {
            return None;
        }
    }
    Some(ticket)
}
