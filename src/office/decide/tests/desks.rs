//! Owns the cases of who sits at which desk. Knows no tickets but those that keep a desk busy or wait for it.

use super::super::super::arbitrary::{daily, page, word};
use super::super::super::ids::{SessionId, UserId};
use super::*;

const OPEN: Command = Command::OpenDesk { desk: DESK, take_over: false };
const TAKE: Command = Command::OpenDesk { desk: DESK, take_over: true };
const PAUSE: Command = Command::PauseDesk { desk: DESK, reason: None };
const CLOSE: Command = Command::CloseDesk { desk: DESK, lost: false };
const LOST: Command = Command::CloseDesk { desk: DESK, lost: true };
const NOBODY: By = By { holder: Holder::Nobody, agent: None };

#[track_caller]
fn refused_by(sample: &mut Sample, by: By, command: Command, code: &str) {
    let before = sample.office.clone();
    let error = sample.tell_by(by, command.clone()).expect_err(&format!("{command:?} is refused"));
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(sample.office, before);
}

#[track_caller]
fn done_by(sample: &mut Sample, by: By, command: Command) -> Done {
    sample.tell_by(by, command).expect("the command is allowed")
}

fn holder(sample: &Sample, desk: DeskId) -> Option<(Option<SessionId>, Option<UserId>)> {
    sample.office.station(desk).map(|station| (station.session, station.agent))
}

fn as_page(number: u8) -> Option<(Option<SessionId>, Option<UserId>)> {
    Some((Some(SessionId(number.into())), Some(UserId(number.into()))))
}

#[test]
fn a_session_holds_its_desk_until_it_is_taken_over() {
    let mut sample = Sample::new(sample());
    let [first, _] = [0, 0].map(|rank| sample.issue(1, rank));
    assert_eq!(types(&done_by(&mut sample, page(1), OPEN).entries), ["desk_opened"]);
    assert_eq!(done_by(&mut sample, page(1), OPEN).entries, [], "it has it already");
    let since = sample.office.station(DESK).unwrap().since;
    for by in [page(2), NOBODY] {
        for command in [OPEN, NEXT, PAUSE, CLOSE, LOST, UNDO] {
            refused_by(&mut sample, by, command, "desk_taken");
        }
    }
    done_by(&mut sample, page(1), NEXT);
    refused_by(&mut sample, page(2), FINISH, "desk_taken");
    sample.pass(MINUTE);
    done_by(&mut sample, page(2), TAKE);
    assert_eq!((holder(&sample, DESK), sample.office.desk_ticket(DESK).map(|ticket| ticket.id)), (as_page(2), Some(first)));
    assert_eq!(sample.office.station(DESK).unwrap().since, Millis(since.0 + MINUTE));
    refused_by(&mut sample, page(1), FINISH, "desk_taken");
    refused_by(&mut sample, page(2), UNDO, "nothing_to_undo");
    let finished = done_by(&mut sample, page(2), FINISH);
    assert_eq!(finished.ticket, Some(first));
}

#[test]
fn simple_clients_call_without_opening() {
    let mut sample = Sample::new(sample());
    let [first, second] = [0, 0].map(|rank| sample.issue(1, rank));
    let done = done_by(&mut sample, NOBODY, keyed(NEXT).command);
    assert_eq!((types(&done.entries), done.ticket), (vec!["desk_opened".into(), "ticket_called".into()], Some(first)));
    assert_eq!(holder(&sample, DESK), Some((None, None)));
    assert_eq!(types(&done_by(&mut sample, NOBODY, FINISH).entries), ["ticket_finished"]);
    let done = sample.request(Request { by: page(1), ..keyed(NEXT) }).unwrap();
    assert_eq!((types(&done.entries), done.ticket), (vec!["desk_opened".into(), "ticket_called".into()], Some(second)));
    let keys: Vec<_> = done.entries.iter().map(|entry| entry.key.is_some()).collect();
    assert_eq!((keys, holder(&sample, DESK)), (vec![false, true], as_page(1)), "a session takes what nobody holds");
    assert_eq!(sample.office.ticket(second).unwrap().agent, Some(UserId(1)));
    refused_by(&mut sample, NOBODY, FINISH, "desk_taken");
    assert_eq!(types(&sample.done(FINISH).entries), ["ticket_finished"], "the program may act at any desk");
}

#[test]
fn a_refused_command_opens_no_desk() {
    let mut sample = Sample::new(sample());
    for by in [By::default(), NOBODY, page(1)] {
        refused_by(&mut sample, by, NEXT, "empty_queue");
        refused_by(&mut sample, by, RECALL, "no_active_ticket");
    }
    refused_by(&mut sample, page(1), Command::OpenDesk { desk: DeskId(9), take_over: true }, "unknown_desk");
}

#[test]
fn an_agent_sits_at_one_desk() {
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    done_by(&mut sample, page(1), OPEN);
    let elsewhere = By { holder: Holder::Session(SessionId(7)), ..page(1) };
    let open = |take_over| Command::OpenDesk { desk: OTHER, take_over };
    assert_eq!(sample.tell_by(elsewhere, open(false)), Err(Refused::AgentBusy { desk: DESK }));
    refused_by(&mut sample, elsewhere, Command::CallNext { desk: OTHER }, "agent_busy");
    done_by(&mut sample, page(1), NEXT);
    assert_eq!(sample.tell_by(elsewhere, open(true)), Err(Refused::DeskBusy { desk: DESK, code: "A-001".into() }));
    done_by(&mut sample, page(1), Command::Finish { desk: DESK, ticket: Some(ticket), outcome: None, note: None });
    let done = done_by(&mut sample, elsewhere, open(true));
    assert_eq!(done.entries[0].event, Event::DeskClosed { desk: DESK, why: Closed::Moved });
    assert_eq!((holder(&sample, DESK), sample.office.desk_of(UserId(1))), (None, Some(OTHER)));
}

#[test]
fn a_paused_desk_calls_nobody_and_ends_what_it_has() {
    let mut sample = with(|s| s.pauses = vec![word("lunch")]);
    let [_, second] = [0, 0].map(|rank| sample.issue(1, rank));
    refused(&mut sample, PAUSE, "desk_closed");
    done_by(&mut sample, page(1), NEXT);
    let pause = |reason: &str| Command::PauseDesk { desk: DESK, reason: Some(reason.into()) };
    refused_by(&mut sample, page(1), pause("because"), "unknown_reason");
    done_by(&mut sample, page(1), pause("lunch"));
    assert_eq!(done_by(&mut sample, page(1), pause("lunch")).entries, []);
    assert_eq!(sample.office.station(DESK).unwrap().paused.as_ref().unwrap().reason.as_deref(), Some("lunch"));
    done_by(&mut sample, page(1), START);
    done_by(&mut sample, page(1), FINISH);
    for by in [page(1), By::default()] {
        refused_by(&mut sample, by, NEXT, "desk_paused");
        refused_by(&mut sample, by, Command::Call { desk: DESK, ticket: second }, "desk_paused");
    }
    assert_eq!(types(&done_by(&mut sample, page(1), OPEN).entries), ["desk_opened"]);
    assert_eq!(sample.office.station(DESK).unwrap().paused, None);
    assert_eq!(done_by(&mut sample, page(1), NEXT).ticket, Some(second));
    for bad in ["a\nb".to_owned(), "x".repeat(201)] {
        refused_by(&mut Sample::new(arbitrary::sample()), NOBODY, Command::PauseDesk { desk: DESK, reason: Some(bad) }, "unknown_reason");
    }
}

#[test]
fn a_desk_with_a_ticket_closes_only_when_its_session_is_lost() {
    let mut sample = Sample::new(sample());
    let ticket = sample.issue(1, 0);
    assert_eq!(sample.done(CLOSE).entries, [], "it is closed");
    done_by(&mut sample, page(1), NEXT);
    refused_by(&mut sample, page(1), CLOSE, "desk_busy");
    let done = done_by(&mut sample, page(1), LOST);
    assert_eq!(done.entries[0].event, Event::DeskClosed { desk: DESK, why: Closed::Lost });
    assert_eq!((holder(&sample, DESK), sample.office.desk_ticket(DESK).map(|ticket| ticket.id)), (None, Some(ticket)));
    let done = done_by(&mut sample, page(2), FINISH);
    assert_eq!((types(&done.entries), done.ticket), (vec!["desk_opened".into(), "ticket_finished".into()], Some(ticket)));
    let done = done_by(&mut sample, page(2), CLOSE);
    assert_eq!(done.entries[0].event, Event::DeskClosed { desk: DESK, why: Closed::Left });
}

#[test]
fn who_waits_for_a_desk_that_closes_waits_for_any() {
    let mut sample = Sample::new(sample());
    let [ticket, second] = [0, 0].map(|rank| sample.issue(1, rank));
    let reserve = |to| Command::Transfer { desk: OTHER, ticket: Some(ticket), service: None, to: Some(to), place: None };
    refused(&mut sample, reserve(DESK), "desk_closed");
    refused(&mut sample, reserve(DeskId(9)), "unknown_desk");
    done_by(&mut sample, page(1), OPEN);
    sample.done(reserve(DESK));
    refused(&mut sample, reserve(DESK), "wrong_state");
    refused(&mut sample, Command::Call { desk: OTHER, ticket }, "wrong_service");
    let done = done_by(&mut sample, page(1), CLOSE);
    assert_eq!(types(&done.entries), ["ticket_requeued", "desk_closed"]);
    assert_eq!(sample.office.ticket(ticket).unwrap().reserved, None);
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(ticket), "as its arrival says");
    assert_eq!(sample.office.waiting().map(|ticket| ticket.id).collect::<Vec<_>>(), [second]);
}

#[test]
fn a_day_ended_by_hand_takes_nobody_until_it_is_opened_again() {
    let mut sample = with(|s| (s.hours, s.cut_over) = (daily(8, 14), 0));
    let [waiting, served] = [0, 0].map(|rank| sample.issue(1, rank));
    done_by(&mut sample, page(1), Command::Call { desk: DESK, ticket: served });
    done_by(&mut sample, page(1), START);
    let day = sample.office.day().unwrap();
    let done = sample.done(Command::CloseDay);
    assert_eq!(types(&done.entries), ["ticket_expired", "ticket_finished", "desk_closed", "day_closed"]);
    assert_eq!((sample.office.is_shut(), sample.done(Command::CloseDay).entries), (true, vec![]));
    // It opens at eight in Madrid.
    let opens = Some(Millis(arbitrary::MORNING.0 + 23 * 60 * MINUTE));
    for command in [NEXT, issue_command(TicketId(90), 1, 0), Command::Reactivate { ticket: waiting, place: None }] {
        assert_eq!(sample.tell(command), Err(Refused::Closed { service: None, opens }));
    }
    assert_eq!(sample.done(Command::ReopenDay).entries[0].event, Event::DayReopened { date: day });
    assert_eq!(sample.done(Command::ReopenDay).entries, []);
    sample.done(Command::Reactivate { ticket: waiting, place: None });
    assert_eq!(sample.done(NEXT).ticket, Some(waiting));
    sample.done(FINISH);
    sample.done(Command::CloseDay);
    sample.done(OPEN);
    sample.now = sample.office.next_turn(sample.now).unwrap();
    assert_eq!(types(&sample.done(Command::TurnDay).entries), ["desk_closed", "day_opened"], "the day had ended already");
    assert!(!sample.office.is_shut());
}
