//! Owns the cases of visitors who need more time: when they may go, that nobody loses the place by it, and how it ends.

use proptest::prelude::*;

use super::super::arbitrary::{MINUTE, Sample, policy, sample};
use super::super::command::{Canceller, Command};
use super::super::event::Event;
use super::super::ids::{DeskId, Millis, ServiceId, TicketId};
use super::super::refused::Refused;
use super::super::settings::{Deferrals, Policy, Settings};
use super::super::ticket::{Place, State};

const DESK: DeskId = DeskId(1);
const NEXT: Command = Command::CallNext { desk: DESK };

fn defer(ticket: TicketId) -> Command {
    Command::Defer { ticket }
}

fn back(ticket: TicketId) -> Command {
    Command::Return { ticket }
}

/// The codes in the order in which desk 1 calls them.
fn drained(mut sample: Sample) -> Vec<String> {
    sample.office.settings = sample.office.settings.take().map(|settings| Box::new(Settings { auto_finish: true, ..*settings }));
    let next = || sample.tell(NEXT).ok().map(|done| sample.office.ticket(done.ticket.unwrap()).unwrap().code.clone());
    std::iter::from_fn(next).collect()
}

#[test]
fn next_passes_over_who_is_away_until_the_time_is_over() {
    let mut sample = Sample::new(sample());
    let [first, second] = [0, 0].map(|rank| sample.issue(1, rank));
    sample.done(defer(first));
    let until = Millis(sample.now.0 + 10 * MINUTE);
    assert_eq!((sample.office.next_return(), sample.office.waiting_count(), sample.office.ahead_of(first)), (Some(until), 1, 0));
    assert_eq!(sample.office.ahead_of(second), 0, "who is away keeps nobody waiting");
    assert_eq!(sample.office.next_for(DESK, sample.now).map(|(ticket, _)| ticket.id), Some(second));
    sample.pass(10 * MINUTE - 1);
    assert!(sample.done(Command::EndDeferrals).entries.is_empty(), "a moment too early");
    sample.pass(1);
    let entries = sample.done(Command::EndDeferrals).entries;
    assert_eq!(entries.iter().map(|entry| &entry.event).collect::<Vec<_>>(), [&Event::TicketReturned { ticket: first, to: None }]);
    assert_eq!((sample.office.next_return(), sample.office.ahead_of(second)), (None, 1));
    assert_eq!(drained(sample), ["A-001", "A-002"]);
}

#[test]
fn more_time_comes_on_top_and_only_so_often() {
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    sample.done(defer(ticket));
    sample.pass(4 * MINUTE);
    assert_eq!(sample.office.deferrals_left(sample.office.ticket(ticket).unwrap()), 1);
    sample.done(defer(ticket));
    assert_eq!(sample.office.next_return(), Some(Millis(sample.now.0 + 16 * MINUTE)));
    sample.done(back(ticket));
    assert_eq!(sample.tell(defer(ticket)), Err(Refused::TooOften { code: "A-001".into(), times: 2 }));
    assert_eq!(sample.office.deferrals_left(sample.office.ticket(ticket).unwrap()), 0);
}

#[test]
fn a_branch_may_do_without() {
    let mut sample = Sample::new(Settings { deferrals: Deferrals { times: 0, ..Deferrals::default() }, ..sample() });
    let ticket = sample.issue(1, 0);
    assert_eq!(sample.tell(defer(ticket)).unwrap_err().code(), "too_often");
    assert!(serde_json::from_str::<Deferrals>(r#"{"times":0}"#).is_ok_and(|deferrals| deferrals.minutes == 10));
    for deferrals in [Deferrals { minutes: 0, times: 1 }, Deferrals { minutes: 121, times: 1 }, Deferrals { minutes: 5, times: 11 }] {
        assert!(Settings { deferrals, ..super::super::arbitrary::sample() }.check().is_err(), "{deferrals:?}");
    }
}

#[test]
fn a_desk_that_calls_on_purpose_ends_it_and_undo_sends_away_again() {
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    sample.done(defer(ticket));
    let away = sample.office.clone();
    sample.done(Command::OpenDesk { desk: DESK, take_over: false });
    sample.pass(MINUTE);
    sample.done(Command::Call { desk: DESK, ticket });
    assert_eq!((sample.office.ticket(ticket).unwrap().state, sample.office.next_return()), (State::Called, None));
    sample.done(Command::Undo { desk: DESK });
    assert_eq!((sample.office.ticket(ticket), sample.office.next_return()), (away.ticket(ticket), away.next_return()));
    sample.pass(9 * MINUTE);
    sample.done(Command::EndDeferrals);
    assert_eq!(sample.office.ticket(ticket).unwrap().present().deferred, 10 * MINUTE);
}

#[test]
fn who_was_put_back_to_the_end_does_not_come_forward_by_going_away() {
    let mut sample = Sample::new(Settings { policy: Policy::Fifo, ..sample() });
    let [first, _] = [0, 0].map(|rank| sample.issue(1, rank));
    sample.done(Command::Call { desk: DESK, ticket: first });
    sample.pass(MINUTE);
    sample.done(Command::Requeue { desk: DESK, ticket: None, place: Some(Place::Last) });
    sample.done(defer(first));
    sample.issue(1, 0);
    sample.done(back(first));
    assert_eq!(drained(sample), ["A-002", "A-001", "A-003"]);
}

#[test]
fn who_waits_for_one_desk_comes_back_to_everybody_s_line_when_that_is_closed() {
    for closes in [false, true] {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        let to = DeskId(2);
        sample.done(Command::OpenDesk { desk: to, take_over: false });
        sample.done(Command::Transfer { desk: DESK, ticket: Some(ticket), service: None, to: Some(to), place: None });
        sample.done(defer(ticket));
        if closes {
            sample.done(Command::CloseDesk { desk: to, lost: false });
        }
        sample.done(back(ticket));
        assert_eq!(sample.office.ticket(ticket).unwrap().reserved, (!closes).then_some(to));
        assert_eq!(sample.office.next_for(DESK, sample.now).is_some(), closes);
    }
}

#[test]
fn a_missed_visitor_comes_back_while_there_is_time() {
    let mut sample = Sample::new(sample());
    let tickets = [0, 0].map(|rank| sample.issue(1, rank));
    for ticket in tickets {
        sample.done(Command::Call { desk: DESK, ticket });
        sample.done(Command::NoShow { desk: DESK, ticket: None });
    }
    let grace = sample.office.settings().unwrap().reactivate_within;
    sample.pass(grace);
    sample.done(back(tickets[0]));
    assert_eq!(sample.office.ticket(tickets[0]).unwrap().state, State::Waiting);
    sample.pass(1);
    assert_eq!(sample.tell(back(tickets[1])).unwrap_err().code(), "too_late");
}

#[test]
fn the_day_s_end_ends_it_and_whoever_leaves_has_left() {
    let mut sample = Sample::new(sample());
    let [gone, late] = [0, 0].map(|rank| sample.issue(1, rank));
    sample.done(defer(gone));
    sample.done(defer(late));
    sample.done(Command::Cancel { ticket: gone, by: Canceller::Visitor });
    sample.done(Command::CloseDay);
    let states = [gone, late].map(|id| sample.office.ticket(id).unwrap().state);
    assert_eq!((states, sample.office.next_return()), ([State::Cancelled, State::Expired], None));
}

#[test]
fn the_last_call_of_a_service_is_known_and_taken_back() {
    let mut sample = Sample::new(Settings { auto_finish: true, ..sample() });
    let [first, second, other] = [1, 1, 2].map(|service| sample.issue(service, 0));
    sample.done(Command::OpenDesk { desk: DESK, take_over: false });
    let last = |sample: &Sample, service| sample.office.last_called(ServiceId(service)).map(|ticket| ticket.id);
    for ticket in [first, other, second] {
        sample.done(Command::Call { desk: DESK, ticket });
    }
    assert_eq!((last(&sample, 1), last(&sample, 2)), (Some(second), Some(other)));
    sample.done(Command::Undo { desk: DESK });
    assert_eq!((last(&sample, 1), last(&sample, 2)), (Some(first), Some(other)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever the policy, who goes away and comes back stands among the others as if nothing had been; meanwhile nobody calls it.
    #[test]
    fn nobody_loses_the_place_by_it(
        policy in policy(),
        came in proptest::collection::vec((1_u32..=2, 0_u8..=1, 0_i64..5 * MINUTE), 2..20),
        who in any::<prop::sample::Index>(),
        goes in any::<prop::sample::Index>(),
        by_time in any::<bool>(),
    ) {
        let mut stayed = Sample::new(Settings { policy, ..sample() });
        let mut went = Sample::new(Settings { policy, ..sample() });
        let goes = goes.index(came.len());
        let mut away = None;
        for (i, (service, rank, passes)) in came.into_iter().enumerate() {
            // The same numbers in both, whatever else is in the log.
            let id = TicketId(i as u128 + 1);
            for sample in [&mut stayed, &mut went] {
                sample.pass(passes);
                sample.done(super::super::arbitrary::issue(id, service, rank));
            }
            if i == goes {
                let ticket = TicketId(who.index(i + 1) as u128 + 1);
                went.done(defer(ticket));
                away = Some(ticket);
            }
            if let Some(away) = away {
                let next = went.office.next_for(DESK, went.now).map(|(ticket, _)| ticket.id);
                prop_assert_ne!(next, Some(away));
            }
        }
        if by_time {
            stayed.pass(10 * MINUTE);
            went.pass(10 * MINUTE);
            went.done(Command::EndDeferrals);
        } else {
            went.done(back(away.unwrap()));
        }
        prop_assert_eq!(went.office.waiting_count(), stayed.office.waiting_count());
        prop_assert_eq!(drained(went), drained(stayed));
    }
}
