//! Owns the cases of what a visit may be: booked, parked, sent on, gone and come back; and what its numbers, hours, notes may be.

use super::super::super::arbitrary::{daily, page, word};
use super::super::super::ids::UserId;
use super::super::super::settings::Numbers;
use super::*;

#[test]
fn a_booked_visitor_waits_when_it_has_come() {
    let mut sample = Sample::new(sample());
    let booked = booked(&mut sample, 30);
    let waiting = sample.issue(1, 0);
    assert_eq!(sample.office.booked().map(|ticket| ticket.id).collect::<Vec<_>>(), [booked]);
    assert_eq!((sample.office.waiting_count(), sample.office.issued_for(ServiceId(1))), (1, 2));
    sample.pass(MINUTE);
    sample.done(Command::CheckIn { ticket: booked });
    assert_eq!(sample.done(NEXT).ticket, Some(waiting));
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(booked));
    assert_eq!(sample.office.ticket(booked).unwrap().present().queued_at, sample.now);
}

#[test]
fn an_appointment_is_later_today_and_while_it_is_open() {
    let mut sample = with(|s| s.hours = daily(8, 14));
    let turn = sample.office.next_turn(sample.now).unwrap();
    let now = sample.now;
    for at in [now, Millis(now.0 - 1), turn, Millis(i64::MAX), Millis(i64::MIN)] {
        refused(&mut sample, book(TicketId(9), at), "bad_request");
    }
    // Five hours on it closes.
    refused(&mut sample, book(TicketId(9), Millis(now.0 + 5 * 60 * MINUTE)), "closed");
    sample.pass(-3 * 60 * MINUTE);
    sample.done(book(TicketId(9), Millis(now.0 + 4 * 60 * MINUTE)));
}

#[test]
fn outside_hours_nobody_comes_and_calls_go_on() {
    let mut sample = with(|s| (s.hours, s.last_tickets) = (daily(8, 14), 30));
    let [first, second, third] = [0; 3].map(|rank| sample.issue(1, rank));
    let booked = booked(&mut sample, 60);
    sample.done(NEXT);
    sample.done(NO_SHOW);
    sample.pass(4 * 60 * MINUTE + 30 * MINUTE);
    let opens = Some(Millis(arbitrary::MORNING.0 + 23 * 60 * MINUTE));
    let closed = Refused::Closed { service: Some(ServiceId(1)), opens };
    assert_eq!(sample.tell(issue_command(TicketId(90), 1, 0)), Err(closed.clone()), "behind the time of the last ticket");
    assert_eq!(sample.tell(Command::CheckIn { ticket: booked }), Err(closed));
    sample.done(NEXT);
    let to = |service| Command::Transfer { desk: DESK, ticket: None, service: Some(ServiceId(service)), to: None, place: None };
    refused(&mut sample, to(2), "closed");
    sample.pass(-MINUTE);
    assert!(sample.office.at() > sample.now, "a clock that is set back opens nothing");
    refused(&mut sample, issue_command(TicketId(90), 1, 0), "closed");
    sample.pass(60 * MINUTE);
    sample.done(FINISH);
    assert_eq!(sample.done(NEXT).ticket, Some(third), "who was let in is served");
    assert_eq!([first, second].map(|id| sample.office.ticket(id).unwrap().state), [State::Missed, State::Finished]);
}

#[test]
fn a_quota_counts_numbers_and_not_visitors() {
    let mut sample = with(|s| s.services[0].quota = Some(2));
    let first = sample.issue(1, 0);
    booked(&mut sample, 60);
    sample.done(Command::Cancel { ticket: first, by: Canceller::Visitor });
    assert_eq!(sample.tell(issue_command(TicketId(90), 1, 0)), Err(Refused::QuotaReached { service: ServiceId(1), quota: 2 }));
    sample.issue(2, 0);
    sample.done(Command::Reactivate { ticket: first, place: None });
    sample.now = sample.office.next_turn(sample.now).unwrap();
    sample.issue(1, 0);
}

#[test]
fn a_series_has_its_range_step_and_padding() {
    let numbers = Numbers { first: 100, last: 120, step: 10, wrap: true };
    let mut sample = with(|s| (s.services[0].numbers, s.services[0].padding, s.auto_finish) = (numbers, Some(5), true));
    let first = [0; 3].map(|rank| sample.issue(1, rank));
    let codes = first.map(|id| sample.office.ticket(id).unwrap().code.clone());
    assert_eq!(codes, ["A-00100", "A-00110", "A-00120"]);
    assert_eq!(sample.tell(issue_command(TicketId(90), 1, 0)), Err(Refused::NoNumbersLeft { service: ServiceId(1) }));
    sample.done(NEXT);
    sample.done(FINISH);
    let again = sample.issue(1, 0);
    let ticket = sample.office.ticket(again).unwrap();
    assert_eq!((ticket.number, ticket.serial), (100, 4), "the serial goes on where the numbers begin anew");
    refused(&mut sample, issue_command(TicketId(90), 1, 0), "no_numbers_left");
    let mut sample = with(|s| s.services[0].numbers = Numbers { wrap: false, ..numbers });
    for _ in 0..3 {
        sample.issue(1, 0);
        sample.done(NEXT);
        sample.done(FINISH);
    }
    refused(&mut sample, issue_command(TicketId(90), 1, 0), "no_numbers_left");
}

#[test]
fn a_parked_visit_is_not_next_and_goes_on_at_any_desk_that_serves_it() {
    let mut sample = with(|s| s.desks = vec![arbitrary::desk(1, &[1]), arbitrary::desk(2, &[1]), arbitrary::desk(3, &[2])]);
    let [held, second] = [0, 0].map(|rank| sample.issue(1, rank));
    sample.done(NEXT);
    sample.done(HOLD);
    assert_eq!(sample.office.held().map(|ticket| ticket.id).collect::<Vec<_>>(), [held]);
    assert_eq!(sample.done(NEXT).ticket, Some(second));
    refused(&mut sample, Command::Resume { desk: DESK, ticket: held }, "desk_busy");
    refused(&mut sample, Command::Resume { desk: DeskId(3), ticket: held }, "wrong_service");
    refused(&mut sample, Command::Resume { desk: OTHER, ticket: second }, "wrong_state");
    sample.tell_by(page(2), Command::Resume { desk: OTHER, ticket: held }).unwrap();
    let ticket = sample.office.ticket(held).unwrap();
    assert_eq!((ticket.state, ticket.desk, ticket.agent), (State::Serving, Some(OTHER), Some(UserId(2))));
    assert_eq!(sample.office.desk_ticket(DESK).map(|ticket| ticket.id), Some(second), "the desk that parked it has another one now");
    sample.tell_by(page(2), Command::Hold { desk: OTHER, ticket: None }).unwrap();
    sample.done(Command::Cancel { ticket: held, by: Canceller::Staff });
    assert_eq!(sample.office.desk_ticket(DESK).map(|ticket| ticket.id), Some(second));
}

#[test]
fn a_transfer_keeps_number_and_arrival() {
    let mut sample = with(|s| s.desks = vec![arbitrary::desk(1, &[1]), arbitrary::desk(2, &[2])]);
    let ticket = sample.issue(1, 0);
    sample.pass(MINUTE);
    let younger = sample.issue(2, 0);
    sample.done(NEXT);
    let to = |service: Option<u32>, to: Option<DeskId>| Command::Transfer {
        desk: DESK,
        ticket: None,
        service: service.map(ServiceId),
        to,
        place: None,
    };
    refused(&mut sample, to(Some(1), None), "wrong_state");
    refused(&mut sample, to(None, None), "wrong_state");
    refused(&mut sample, to(Some(9), None), "unknown_service");
    refused(
        &mut sample,
        Command::Transfer { desk: OTHER, ticket: Some(ticket), service: Some(ServiceId(2)), to: None, place: None },
        "no_active_ticket",
    );
    sample.done(to(Some(2), None));
    let sent = sample.office.ticket(ticket).unwrap();
    assert_eq!((sent.code.as_str(), sent.issued_at, sent.service, sent.calls), ("A-001", arbitrary::MORNING, ServiceId(2), 1));
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(ticket), "before {younger}");
    refused(&mut sample, Command::NoShow { desk: DESK, ticket: None }, "no_active_ticket");
    assert_eq!(sample.office.ticket(ticket).unwrap().present().calls, 1);
}

#[test]
fn a_ticket_for_one_desk_is_called_there_though_it_serves_other_things() {
    let mut sample = with(|s| s.desks = vec![arbitrary::desk(1, &[1]), arbitrary::desk(2, &[2])]);
    let ticket = sample.issue(1, 0);
    sample.done(Command::OpenDesk { desk: OTHER, take_over: false });
    sample.done(Command::Transfer { desk: DESK, ticket: Some(ticket), service: None, to: Some(OTHER), place: None });
    refused(&mut sample, NEXT, "empty_queue");
    refused(&mut sample, Command::Call { desk: DESK, ticket }, "wrong_service");
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(ticket));
    sample.done(Command::Requeue { desk: OTHER, ticket: None, place: None });
    assert_eq!(sample.done(NEXT).ticket, Some(ticket), "put back, it waits for its service again");
}

#[test]
fn who_is_gone_comes_back_within_the_time() {
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    sample.done(Command::Cancel { ticket, by: Canceller::Visitor });
    assert_eq!(sample.office.missed().map(|ticket| ticket.id).collect::<Vec<_>>(), [ticket]);
    let until = sample.office.reactivate_until(sample.office.ticket(ticket).unwrap());
    assert_eq!(until, Some(Millis(sample.now.0 + 30 * MINUTE)));
    sample.pass(30 * MINUTE + 1);
    refused(&mut sample, Command::Reactivate { ticket, place: None }, "too_late");
    sample.pass(-1);
    let other = sample.issue(1, 0);
    sample.done(Command::Reactivate { ticket, place: Some(Place::First) });
    assert_eq!(sample.done(NEXT).ticket, Some(ticket));
    sample.done(FINISH);
    refused(&mut sample, Command::Reactivate { ticket, place: None }, "wrong_state");
    refused(&mut sample, Command::Reactivate { ticket: TicketId(77), place: None }, "unknown_ticket");
    let without = |s: &mut Settings| drop(s.services.remove(0));
    sample.done(Command::Cancel { ticket: other, by: Canceller::Staff });
    let mut settings = arbitrary::sample();
    without(&mut settings);
    sample.done(Command::Configure(Box::new(settings)));
    refused(&mut sample, Command::Reactivate { ticket: other, place: None }, "unknown_service");
}

#[test]
fn requeue_goes_where_the_branch_says() {
    for (place, next) in [(Place::First, 0), (Place::Last, 1)] {
        let mut sample = with(|s| (s.requeue, s.policy) = (place, Policy::Fifo));
        let tickets = [0, 0].map(|rank| sample.issue(1, rank));
        sample.done(NEXT);
        sample.pass(MINUTE);
        sample.done(REQUEUE);
        assert_eq!(sample.done(NEXT).ticket, Some(tickets[next]));
    }
}

#[test]
fn an_outcome_is_one_of_the_branch_s_and_notes_are_text() {
    let mut sample = with(|s| s.outcomes = vec![word("done")]);
    let ticket = sample.issue(1, 0);
    sample.done(NEXT);
    let finish = |outcome: &str, note: &str| {
        let (outcome, note) = (Some(outcome.to_owned()), Some(note.to_owned()));
        Command::Finish { desk: DESK, ticket: None, outcome, note }
    };
    refused(&mut sample, finish("Done", ""), "unknown_outcome");
    for bad in ["\u{1b}[31m".to_owned(), "ñ".repeat(2_001)] {
        refused(&mut sample, finish("done", &bad), "bad_request");
        refused(&mut sample, Command::Annotate { ticket, note: Some(bad) }, "bad_request");
    }
    let text = "<b>\u{202e}\tأهلا 👩‍👩‍👧\r\n\u{200b}".to_owned();
    assert_eq!(sample.done(Command::Annotate { ticket, note: Some(text.clone()) }).ticket, Some(ticket));
    assert_eq!(sample.done(Command::Annotate { ticket, note: Some(text.clone()) }).entries, []);
    assert_eq!(sample.office.ticket(ticket).unwrap().note, Some(text));
    sample.done(finish("done", &"ñ".repeat(2_000)));
    assert_eq!(sample.office.ticket(ticket).unwrap().outcome.as_deref(), Some("done"));
    sample.done(Command::Annotate { ticket, note: None });
    assert_eq!(sample.office.ticket(ticket).unwrap().note, None);
}
