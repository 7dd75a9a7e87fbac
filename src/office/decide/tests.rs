//! Owns the cases of what a command leads to, one by one: here the plain life of a ticket and the turn of the day, beside it `desks`, `visits` and
//! `undo`. Knows no random days: those are in `properties`.

mod desks;
mod undo;
mod visits;

use super::super::arbitrary::{self, MINUTE, Sample, issue as issue_command, sample};
use super::super::command::{Canceller, Holder};
use super::super::event::Closed;
use super::super::ids::{BranchId, DeskId, Rank};
use super::super::settings::Policy;
use super::super::ticket::{Place, State};
use super::*;

const DESK: DeskId = DeskId(1);
const OTHER: DeskId = DeskId(2);
const NEXT: Command = Command::CallNext { desk: DESK };
const RECALL: Command = Command::Recall { desk: DESK, ticket: None };
const START: Command = Command::Start { desk: DESK, ticket: None };
const FINISH: Command = Command::Finish { desk: DESK, ticket: None, outcome: None, note: None };
const NO_SHOW: Command = Command::NoShow { desk: DESK, ticket: None };
const REQUEUE: Command = Command::Requeue { desk: DESK, ticket: None, place: None };
const HOLD: Command = Command::Hold { desk: DESK, ticket: None };
const UNDO: Command = Command::Undo { desk: DESK };

fn key(text: &str) -> Option<Key> {
    Some(Key::try_from(text.to_owned()).unwrap())
}

fn keyed(command: Command) -> Request {
    Request { key: key("k"), ..command.into() }
}

fn with(change: impl FnOnce(&mut Settings)) -> Sample {
    let mut settings = sample();
    change(&mut settings);
    Sample::new(settings)
}

/// Refused with this code, and nothing changed.
#[track_caller]
fn refused(sample: &mut Sample, command: Command, code: &str) {
    let before = sample.office.clone();
    let error = sample.tell(command.clone()).expect_err(&format!("{command:?} is refused"));
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(sample.office, before);
}

fn types(entries: &[Entry]) -> Vec<String> {
    let name = |entry: &Entry| serde_json::to_value(&entry.event).unwrap()["type"].as_str().unwrap().to_owned();
    entries.iter().map(name).collect()
}

/// A ticket brought into a state, if need be by desk 1.
fn in_state(state: State) -> (Sample, TicketId) {
    let mut sample = Sample::new(sample());
    let ticket = if state == State::Booked { booked(&mut sample, 60) } else { sample.issue(1, 0) };
    let cancel = Command::Cancel { ticket, by: Canceller::Staff };
    let way: &[Command] = match state {
        State::Booked | State::Waiting => &[],
        State::Deferred => &[Command::Defer { ticket }],
        State::Called => &[NEXT],
        State::Serving => &[NEXT, START],
        State::Held => &[NEXT, START, HOLD],
        State::Finished => &[NEXT, FINISH],
        State::Missed => &[NEXT, NO_SHOW],
        State::Cancelled => &[cancel],
        State::Expired => &[Command::CloseDay, Command::ReopenDay],
    };
    for command in way {
        sample.done(command.clone());
    }
    sample.pass(MINUTE);
    assert_eq!(sample.office.ticket(ticket).unwrap().state, state);
    (sample, ticket)
}

fn booked(sample: &mut Sample, minutes: i64) -> TicketId {
    let id = TicketId(sample.office.rev().into());
    sample.done(book(id, Millis(sample.now.0 + minutes * MINUTE)));
    id
}

fn book(id: TicketId, at: Millis) -> Command {
    let Command::Issue { id, token, service, rank, channel, lang, name, .. } = issue_command(id, 1, 0) else { unreachable!() };
    Command::Issue { id, token, service, rank, channel, lang, name, booked_for: Some(at) }
}

/// Every command about one ticket, at desk 1, in every state: the state after it, or the code of the refusal.
#[test]
fn every_state_with_every_command() {
    let (desk, place) = (DESK, None);
    let commands: [fn(TicketId) -> Command; 16] = [
        |ticket| Command::CheckIn { ticket },
        |_| NEXT,
        |ticket| Command::Call { desk: DESK, ticket },
        |_| RECALL,
        |_| START,
        |_| FINISH,
        |_| NO_SHOW,
        |_| REQUEUE,
        |_| HOLD,
        |ticket| Command::Resume { desk: DESK, ticket },
        |ticket| Command::Release { desk: DESK, ticket, place: None },
        |ticket| Command::Transfer { desk: DESK, ticket: Some(ticket), service: Some(ServiceId(2)), to: None, place: None },
        |ticket| Command::Cancel { ticket, by: Canceller::Visitor },
        |ticket| Command::Reactivate { ticket, place: None },
        |ticket| Command::Defer { ticket },
        |ticket| Command::Return { ticket },
    ];
    // The state after by its first letter (cancelled: X); else s wrong state, n no active ticket, e empty queue, b desk busy.
    let table = [
        (State::Booked, "W e s n n n n n n s s s X s s s"),
        (State::Waiting, "s C C n n n n n n s s W X s D s"),
        (State::Deferred, "s e C n n n n n n s s s X s D W"),
        (State::Called, "s b s C S F M W H s s W s s s s"),
        (State::Serving, "s b s s s F s W H s s W s s s s"),
        (State::Held, "s e s n n n n n n S W s X s s s"),
        (State::Finished, "s e s n n n n n n s s s s s s s"),
        (State::Missed, "s e s n n n n n n s s s s W s W"),
        (State::Cancelled, "s e s n n n n n n s s s s W s s"),
        (State::Expired, "s e s n n n n n n s s s s W s s"),
    ];
    for (state, row) in table {
        for (command, letter) in commands.iter().zip(row.split(' ')) {
            let (mut sample, ticket) = in_state(state);
            let after = match letter {
                "s" => Err("wrong_state"),
                "n" => Err("no_active_ticket"),
                "e" => Err("empty_queue"),
                "b" => Err("desk_busy"),
                "W" => Ok(State::Waiting),
                "D" => Ok(State::Deferred),
                "C" => Ok(State::Called),
                "S" => Ok(State::Serving),
                "H" => Ok(State::Held),
                "F" => Ok(State::Finished),
                "M" => Ok(State::Missed),
                "X" => Ok(State::Cancelled),
                other => panic!("{other} is no letter of the table"),
            };
            match after {
                Ok(after) => {
                    let done = sample.done(command(ticket));
                    assert_eq!(done.ticket, Some(ticket));
                    assert_eq!(sample.office.ticket(ticket).unwrap().state, after, "{state:?} and {:?}", command(ticket));
                    assert_eq!(sample.office.desk_ticket(desk).is_some(), after.is_active());
                }
                Err(code) => refused(&mut sample, command(ticket), code),
            }
        }
    }
    let (mut sample, _) = in_state(State::Waiting);
    refused(&mut sample, Command::Release { desk, ticket: TicketId(77), place }, "unknown_ticket");
}

#[test]
fn without_settings_only_settings_are_accepted() {
    let mut office = Office::new(BranchId(1));
    let open = Command::OpenDesk { desk: DESK, take_over: true };
    for command in [NEXT, Command::TurnDay, Command::CloseDay, Command::ReopenDay, UNDO, open, issue_command(TicketId(1), 1, 0)] {
        let error = office.execute(command.into(), arbitrary::MORNING).unwrap_err();
        assert_eq!(error, Refused::NotConfigured);
    }
    assert_eq!(office, Office::new(BranchId(1)));
    let mut sample = Sample::new(sample());
    assert_eq!(types(&sample.log), ["configured", "day_opened"]);
    assert_eq!(sample.office.day(), "2026-11-20".parse().ok());
    assert_eq!(sample.done(Command::TurnDay).entries, [], "no turn is due");
}

#[test]
fn numbers_count_by_series_and_stand_in_the_code() {
    let mut sample = Sample::new(sample());
    let tickets = [(1, 0), (2, 0), (1, 1), (1, 0)].map(|(service, rank)| sample.issue(service, rank));
    let codes = tickets.map(|id| sample.office.ticket(id).unwrap().code.clone());
    assert_eq!(codes, ["A-001", "B-001", "A-002", "A-003"]);
    assert_eq!(tickets.map(|id| sample.office.ahead_of(id)), [0, 0, 1, 2]);
    assert_eq!(sample.office.by_code("A-002").map(|ticket| ticket.id), Some(tickets[2]));
    assert_eq!(sample.office.last_issued().map(|ticket| ticket.id), Some(tickets[3]));
    assert_eq!((sample.office.waiting_count(), sample.office.waiting_for(ServiceId(1))), (4, 3));
}

#[test]
fn issue_is_refused() {
    let mut sample = Sample::new(sample());
    let used = sample.issue(1, 0);
    refused(&mut sample, issue_command(TicketId(9), 7, 0), "unknown_service");
    refused(&mut sample, issue_command(TicketId(9), 1, 2), "unknown_class");
    refused(&mut sample, issue_command(used, 1, 0), "bad_request");
    for bad in ["ñ".repeat(201), "a\u{0}b".into(), "a\nb".into()] {
        let Command::Issue { id, token, service, rank, channel, lang, booked_for, .. } = issue_command(TicketId(9), 1, 0) else {
            unreachable!()
        };
        refused(&mut sample, Command::Issue { id, token, service, rank, channel, lang, name: Some(bad), booked_for }, "bad_request");
    }
}

#[test]
fn a_desk_calls_only_what_it_serves() {
    let mut sample = with(|s| s.desks = vec![arbitrary::desk(1, &[2]), arbitrary::desk(2, &[])]);
    let ticket = sample.issue(1, 0);
    refused(&mut sample, NEXT, "empty_queue");
    refused(&mut sample, Command::Call { desk: DESK, ticket }, "wrong_service");
    refused(&mut sample, Command::Call { desk: DESK, ticket: TicketId(77) }, "unknown_ticket");
    refused(&mut sample, Command::CallNext { desk: DeskId(9) }, "unknown_desk");
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(ticket));
}

#[test]
fn auto_finish_ends_the_old_ticket_only_when_there_is_a_new_one() {
    let mut sample = with(|s| s.auto_finish = true);
    let (first, second) = (sample.issue(1, 0), sample.issue(1, 0));
    sample.done(NEXT);
    let done = sample.done(NEXT);
    assert_eq!(types(&done.entries), ["ticket_finished", "ticket_called"]);
    assert_eq!((done.ticket, sample.office.ticket(first).unwrap().state), (Some(second), State::Finished));
    refused(&mut sample, NEXT, "empty_queue");
    assert_eq!(sample.office.desk_ticket(DESK).map(|ticket| ticket.id), Some(second));
}

#[test]
fn without_confirmation_the_call_starts_the_service() {
    let mut sample = with(|s| (s.confirm_arrival, s.auto_finish) = (false, true));
    let (_, second) = (sample.issue(1, 0), sample.issue(1, 0));
    sample.done(NEXT);
    let done = sample.request(keyed(NEXT)).unwrap();
    assert_eq!(types(&done.entries), ["ticket_finished", "ticket_called", "service_started"]);
    let keys: Vec<_> = done.entries.iter().map(|entry| entry.key.is_some()).collect();
    assert_eq!(keys, [false, true, false], "the key is on the answer");
    assert_eq!(sample.office.ticket(second).unwrap().state, State::Serving);
}

#[test]
fn the_same_key_gives_the_same_ticket() {
    let mut sample = Sample::new(sample());
    let once = sample.request(keyed(issue_command(TicketId(50), 1, 0))).unwrap();
    let before = sample.office.clone();
    for (id, service) in [(51, 1), (50, 1), (52, 2), (53, 99)] {
        let again = sample.request(keyed(issue_command(TicketId(id), service, 0))).unwrap();
        assert_eq!(again, Done { entries: Vec::new(), ticket: once.ticket, repeated: true });
    }
    assert_eq!(sample.office, before);
    assert_eq!(sample.office.keyed(&key("k").unwrap()), Some(TicketId(50)));
}

#[test]
fn a_key_of_a_refused_command_is_free() {
    let mut sample = Sample::new(sample());
    sample.request(keyed(NEXT)).unwrap_err();
    let ticket = sample.issue(1, 0);
    let done = sample.request(keyed(NEXT)).unwrap();
    assert_eq!((done.ticket, done.repeated), (Some(ticket), false));
}

#[test]
fn a_named_ticket_guards_the_desk_s_commands() {
    let (mut sample, held) = in_state(State::Called);
    let other = Some(sample.issue(1, 0));
    for command in [
        Command::Recall { desk: DESK, ticket: other },
        Command::Start { desk: DESK, ticket: other },
        Command::Finish { desk: DESK, ticket: other, outcome: None, note: None },
        Command::Hold { desk: DESK, ticket: other },
        Command::NoShow { desk: DESK, ticket: other },
        Command::Requeue { desk: DESK, ticket: other, place: Some(Place::First) },
    ] {
        refused(&mut sample, command, "wrong_ticket");
    }
    sample.done(Command::Finish { desk: DESK, ticket: Some(held), outcome: None, note: None });
}

#[test]
fn recalls_keep_their_distance_and_are_calls_of_their_own() {
    let mut sample = Sample::new(sample());
    sample.issue(1, 0);
    sample.done(NEXT);
    sample.pass(4_999);
    assert_eq!(sample.tell(RECALL), Err(Refused::TooSoon { code: "A-001".into(), wait: Millis(1) }));
    sample.pass(1);
    let done = sample.done(RECALL);
    assert!(matches!(done.entries[0].event, Event::TicketRecalled { call: 2, calls: 2, .. }));
    refused(&mut sample, RECALL, "too_soon");
    sample.pass(-60 * MINUTE);
    let done = sample.done(RECALL);
    assert!(done.entries[0].at > sample.now, "a clock that was set back an hour blocks no recall, and no entry is earlier than the last");
}

#[test]
fn no_show_needs_enough_calls() {
    let mut sample = with(|s| (s.min_calls, s.recall_after) = (2, 0));
    sample.issue(1, 0);
    sample.done(NEXT);
    assert_eq!(sample.tell(NO_SHOW), Err(Refused::TooFewCalls { code: "A-001".into(), calls: 1, needed: 2 }));
    sample.done(RECALL);
    sample.done(NO_SHOW);
}

#[test]
fn a_requeued_ticket_is_called_again_at_its_place_and_its_calls_go_on() {
    let mut sample = with(|s| s.policy = Policy::Fifo);
    let (first, second) = (sample.issue(1, 0), sample.issue(1, 0));
    sample.done(NEXT);
    sample.done(REQUEUE);
    let ticket = sample.office.ticket(first).unwrap();
    assert_eq!((ticket.state, ticket.desk, ticket.calls, ticket.number), (State::Waiting, None, 1, 1));
    assert_eq!(sample.done(NEXT).ticket, Some(second));
    let done = sample.done(Command::CallNext { desk: OTHER });
    assert!(matches!(done.entries[1].event, Event::TicketCalled { call: 3, calls: 2, ticket, .. } if ticket == first));
}

#[test]
fn the_day_turns_before_the_next_command() {
    let mut sample = Sample::new(sample());
    let [waiting, called, served, done] = [0; 4].map(|rank| sample.issue(1, rank));
    sample.done(Command::Call { desk: DESK, ticket: done });
    sample.done(FINISH);
    sample.done(Command::Call { desk: DESK, ticket: called });
    sample.done(Command::Call { desk: OTHER, ticket: served });
    sample.done(Command::Start { desk: OTHER, ticket: None });
    let turn = sample.office.next_turn(sample.now).unwrap();
    sample.now = turn;
    refused(&mut sample, NEXT, "empty_queue");
    let issued = sample.request(keyed(issue_command(TicketId(90), 1, 0))).unwrap();
    let (old, new) = ("2026-11-20".parse().unwrap(), "2026-11-21".parse().unwrap());
    let turned: Vec<_> = issued.entries[..7].iter().map(|entry| entry.event.clone()).collect();
    let expected = [
        Event::TicketExpired { ticket: waiting },
        Event::TicketExpired { ticket: called },
        Event::TicketFinished { ticket: served, desk: OTHER, reliable: false, auto: false, outcome: None, note: None },
        Event::DeskClosed { desk: DESK, why: Closed::DayOver },
        Event::DeskClosed { desk: OTHER, why: Closed::DayOver },
        Event::DayClosed { date: old },
        Event::DayOpened { date: new },
    ];
    assert_eq!(turned, expected);
    assert_eq!(issued.ticket, Some(TicketId(90)));
    assert_eq!(sample.office.keyed(&key("k").unwrap()), Some(TicketId(90)));
    assert_eq!(sample.office.by_code("A-001").map(|ticket| ticket.id), Some(TicketId(90)), "counters restart");
    assert_eq!((sample.office.ticket(called), sample.office.calls_on_show()), (None, &[][..]));
    let call = sample.done(NEXT);
    assert!(matches!(call.entries[1].event, Event::TicketCalled { call: 4, .. }), "calls never restart");
}

#[test]
fn a_clock_set_back_does_not_turn_the_day_back_and_a_week_is_one_turn() {
    let mut sample = Sample::new(sample());
    sample.pass(7 * 24 * 60 * MINUTE);
    assert_eq!(types(&sample.done(Command::TurnDay).entries), ["day_closed", "day_opened"]);
    assert_eq!(sample.office.day(), "2026-11-27".parse().ok());
    sample.pass(-2 * 24 * 60 * MINUTE);
    assert_eq!(sample.done(Command::TurnDay).entries, []);
    let ticket = sample.issue(1, 0);
    assert!(sample.office.ticket(ticket).unwrap().issued_at > sample.now);
    assert_eq!(sample.office.next_turn(sample.now).map(|turn| turn.0 % MINUTE), Some(0));
}

#[test]
fn settings_that_pull_the_floor_from_under_a_ticket_are_refused() {
    let configure = |change: fn(&mut Settings)| {
        let mut settings = sample();
        change(&mut settings);
        Command::Configure(Box::new(settings))
    };
    let without_service = || configure(|s| drop(s.services.remove(0)));
    let without_desk = || configure(|s| drop(s.desks.remove(0)));
    let mut sample = Sample::new(sample());
    sample.issue(1, 0);
    refused(&mut sample, configure(|s| s.padding = 0), "bad_request");
    refused(&mut sample, without_service(), "service_in_use");
    sample.done(NEXT);
    refused(&mut sample, without_service(), "service_in_use");
    refused(&mut sample, without_desk(), "desk_in_use");
    sample.done(HOLD);
    refused(&mut sample, without_service(), "service_in_use");
    sample.done(Command::Resume { desk: DESK, ticket: TicketId(2) });
    sample.done(FINISH);
    sample.done(without_service());
    assert_eq!(types(&sample.done(without_desk()).entries), ["desk_closed", "configured"]);
    refused(&mut sample, NEXT, "unknown_desk");
}

#[test]
fn settings_of_the_day_count_at_once() {
    let mut sample = Sample::new(sample());
    let [_, waiting] = [0, 0].map(|rank| sample.issue(1, rank));
    let mut settings = arbitrary::sample();
    (settings.policy, settings.padding, settings.classes) = (Policy::Fifo, 1, vec![arbitrary::class(7)]);
    sample.done(Command::Configure(Box::new(settings)));
    let id = sample.issue(1, 7);
    let ticket = sample.office.ticket(id).unwrap();
    assert_eq!((ticket.code.as_str(), ticket.rank), ("A-3", Rank(7)));
    sample.done(NEXT);
    assert_eq!(sample.done(Command::CallNext { desk: OTHER }).ticket, Some(waiting));
}

#[test]
fn decide_tells_what_execute_does() {
    let mut sample = Sample::new(sample());
    sample.issue(1, 0);
    sample.pass(24 * 60 * MINUTE);
    let command = issue_command(TicketId(90), 2, 1);
    let decided = decide(&sample.office, &command, By::default(), sample.now).unwrap();
    let entries = sample.done(command).entries;
    assert_eq!(entries.into_iter().map(|entry| entry.event).collect::<Vec<_>>(), decided);
}
