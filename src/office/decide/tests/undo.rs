//! Owns the cases of what a desk may take back, and until when.

use super::super::super::arbitrary::page;
use super::super::super::ids::Token;
use super::super::super::settings::Numbers;
use super::super::super::ticket::{Channel, End};
use super::*;

#[test]
fn each_command_of_a_desk_is_taken_back() {
    for (way, last) in [
        (vec![], NEXT),
        (vec![NEXT], RECALL),
        (vec![NEXT], START),
        (vec![NEXT, START], FINISH),
        (vec![NEXT], NO_SHOW),
        (vec![NEXT, START], REQUEUE),
        (vec![NEXT, START], HOLD),
        (vec![NEXT, HOLD], Command::Resume { desk: DESK, ticket: TicketId(2) }),
        (vec![NEXT, HOLD], Command::Release { desk: DESK, ticket: TicketId(2), place: Some(Place::First) }),
        (vec![NEXT], Command::Transfer { desk: DESK, ticket: None, service: Some(ServiceId(2)), to: None, place: None }),
        (vec![NEXT], Command::Transfer { desk: DESK, ticket: Some(TicketId(3)), service: None, to: Some(DESK), place: None }),
    ] {
        let mut sample = Sample::new(sample());
        for service in [1, 1, 1, 2] {
            sample.issue(service, 0);
        }
        for command in way {
            sample.done(command);
            sample.pass(MINUTE);
        }
        let before = sample.office.clone();
        let changed = sample.done(last.clone()).ticket;
        sample.pass(10_000);
        let undone = sample.done(UNDO);
        assert_eq!((types(&undone.entries), undone.ticket), (vec!["ticket_restored".into()], changed), "{last:?}");
        assert!(sample.office.tickets().eq(before.tickets()), "{last:?}");
        assert_eq!(
            (&sample.office.queue, &sample.office.desks, &sample.office.shown),
            (&before.queue, &before.desks, &before.shown),
            "{last:?}"
        );
        refused(&mut sample, UNDO, "nothing_to_undo");
    }
}

#[test]
fn the_call_that_another_pushed_off_the_display_comes_back_with_undo() {
    let mut sample = with(|s| (s.auto_finish, s.confirm_arrival) = (true, false));
    for _ in 0..12 {
        sample.issue(1, 0);
    }
    for _ in 0..10 {
        sample.done(NEXT);
    }
    let before = sample.office.calls_on_show().to_vec();
    sample.done(NEXT);
    assert_eq!(sample.office.calls_on_show().len(), 10, "the eleventh pushed the first off");
    sample.done(UNDO);
    assert_eq!(sample.office.calls_on_show(), before);
}

#[test]
fn a_call_is_taken_back_with_the_finish_that_it_brought_about() {
    let mut sample = with(|s| (s.auto_finish, s.confirm_arrival, s.policy) = (true, false, Policy::Fifo));
    let [first, second] = [0, 0].map(|rank| sample.issue(1, rank));
    sample.done(NEXT);
    sample.pass(MINUTE);
    let before = sample.office.clone();
    assert_eq!(types(&sample.done(NEXT).entries), ["ticket_finished", "ticket_called", "service_started"]);
    let undone = sample.done(UNDO);
    let restored: Vec<_> = undone.entries.iter().map(|entry| entry.event.ticket()).collect();
    assert_eq!((types(&undone.entries), restored), (vec!["ticket_restored".into(); 2], vec![Some(second), Some(first)]));
    assert!(sample.office.tickets().eq(before.tickets()));
    assert_eq!(sample.office.station(DESK).unwrap().normals, 1);
    assert_eq!(sample.office.pace(ServiceId(1)), before.pace(ServiceId(1)), "what was measured was a mistake");
    let call = sample.done(NEXT);
    assert!(call.entries.iter().any(|entry| matches!(entry.event, Event::TicketCalled { call: 3, .. })), "an undone call keeps its number");
}

#[test]
fn it_is_too_late() {
    let (mut sample, _) = in_state(State::Called);
    sample.pass(10_001 - MINUTE);
    assert_eq!(sample.tell(UNDO), Err(Refused::TooLate { code: "A-001".into() }));
    assert_eq!(sample.office.undo_until(DESK), Some(Millis(sample.now.0 - 1)));
    sample.pass(-1);
    sample.done(UNDO);
}

#[test]
fn what_came_after_it_keeps_it_as_it_is() {
    let after: [fn(&mut Sample, TicketId); 6] = [
        |sample, ticket| drop(sample.done(Command::Annotate { ticket, note: Some("x".into()) })),
        |sample, ticket| drop(sample.done(Command::Reactivate { ticket, place: None })),
        |sample, _| drop(sample.done(Command::CloseDesk { desk: DESK, lost: false })),
        |sample, _| drop(sample.tell_by(page(1), Command::OpenDesk { desk: DESK, take_over: true }).unwrap()),
        |sample, _| drop(sample.done(Command::Configure(Box::new(arbitrary::sample())))),
        |sample, _| drop(sample.done(Command::CloseDay)),
    ];
    for happens in after {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.done(NEXT);
        sample.done(NO_SHOW);
        happens(&mut sample, ticket);
        refused(&mut sample, UNDO, "nothing_to_undo");
    }
    refused(&mut Sample::new(sample()), UNDO, "nothing_to_undo");
}

#[test]
fn a_desk_takes_back_its_own_last_command_alone() {
    let mut sample = Sample::new(sample());
    let [first, second, third] = [0; 3].map(|rank| sample.issue(1, rank));
    sample.done(NEXT);
    sample.done(Command::CallNext { desk: OTHER });
    sample.done(Command::Transfer { desk: DESK, ticket: Some(third), service: Some(ServiceId(2)), to: None, place: None });
    sample.done(Command::Transfer { desk: OTHER, ticket: Some(third), service: Some(ServiceId(1)), to: None, place: None });
    refused(&mut sample, UNDO, "nothing_to_undo");
    assert_eq!(sample.done(Command::Undo { desk: OTHER }).ticket, Some(third));
    assert_eq!(sample.office.ticket(third).unwrap().service, ServiceId(2));
    assert_eq!([DESK, OTHER].map(|desk| sample.office.desk_ticket(desk).map(|ticket| ticket.id)), [Some(first), Some(second)]);
}

#[test]
fn a_pause_between_is_no_command_about_tickets() {
    let (mut sample, ticket) = in_state(State::Called);
    sample.pass(-MINUTE);
    sample.done(Command::PauseDesk { desk: DESK, reason: None });
    assert_eq!(sample.done(UNDO).ticket, Some(ticket));
}

#[test]
fn what_can_be_no_more_is_not_restored() {
    // The desk that it waited for has closed.
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    sample.done(Command::OpenDesk { desk: OTHER, take_over: false });
    sample.done(Command::OpenDesk { desk: DESK, take_over: false });
    sample.done(Command::Transfer { desk: DESK, ticket: Some(ticket), service: None, to: Some(OTHER), place: None });
    sample.done(Command::Transfer { desk: DESK, ticket: Some(ticket), service: None, to: None, place: None });
    sample.done(Command::CloseDesk { desk: OTHER, lost: false });
    refused(&mut sample, UNDO, "desk_closed");
    // Its number was given again.
    let mut sample = with(|s| s.services[0].numbers = Numbers { first: 1, last: 1, step: 1, wrap: true });
    let ticket = sample.issue(1, 0);
    refused(&mut sample, issue_command(TicketId(70), 1, 0), "no_numbers_left");
    sample.done(NEXT);
    sample.done(NO_SHOW);
    let again = sample.issue(1, 0);
    assert_eq!(sample.office.by_code("A-001").map(|ticket| ticket.id), Some(again));
    refused(&mut sample, UNDO, "no_numbers_left");
    refused(&mut sample, Command::Reactivate { ticket, place: None }, "no_numbers_left");
    sample.done(Command::Cancel { ticket: again, by: Canceller::Visitor });
    sample.done(UNDO);
    assert_eq!(sample.office.by_code("A-001").map(|ticket| ticket.id), Some(ticket), "of several the open one");
    refused(&mut sample, issue_command(TicketId(70), 1, 0), "no_numbers_left");
}

#[test]
fn an_undone_transfer_gives_back_the_segment() {
    let (mut sample, ticket) = in_state(State::Serving);
    sample.done(Command::Transfer { desk: DESK, ticket: None, service: Some(ServiceId(2)), to: None, place: None });
    assert_eq!(sample.office.ticket(ticket).unwrap().segment, 2);
    sample.done(UNDO);
    sample.done(FINISH);
    let last = sample.office.ticket(ticket).unwrap().present();
    assert_eq!((last.segment, last.end, last.calls, last.channel), (1, Some(End::Finished), 1, Channel::Live));
    assert_ne!(sample.office.ticket(ticket).unwrap().token, Token(0));
}
