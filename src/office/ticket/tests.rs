//! Owns the cases of a ticket's life: the table as a grid, and what each event makes of a ticket and its segments.

use super::*;

/// The table once more, as a grid to be read by eye: rows are states, columns are actions in the order of `ACTIONS`.
#[test]
fn every_state_with_every_action() {
    use Action::*;
    const ACTIONS: [Action; 18] = [
        Issue, Book, CheckIn, Defer, Return, Call, Recall, Start, Finish, Miss, Requeue, Hold, Resume, Release, Transfer, Cancel,
        Reactivate, EndDay,
    ];
    // Booked, Waiting, Called, Serving, Held, Finished, Missed, Cancelled, Expired by their first letters, Cancelled as X.
    let grid = [
        (None, "W B . . . . . . . . . . . . . . . ."),
        (Some(State::Booked), ". . W . . . . . . . . . . . . X . E"),
        (Some(State::Waiting), ". . . D . C . . . . W . . . W X . E"),
        (Some(State::Deferred), ". . . D W C . . . . . . . . . X . E"),
        (Some(State::Called), ". . . . . . C S F M W H . . W . . E"),
        (Some(State::Serving), ". . . . . . . . F . W H . . W . . F"),
        (Some(State::Held), ". . . . . . . . . . . . S W . X . E"),
        (Some(State::Finished), ". . . . . . . . . . . . . . . . . ."),
        (Some(State::Missed), ". . . . . . . . . . . . . . . . W ."),
        (Some(State::Cancelled), ". . . . . . . . . . . . . . . . W ."),
        (Some(State::Expired), ". . . . . . . . . . . . . . . . W ."),
    ];
    for (state, row) in grid {
        let row: Vec<_> = row.split(' ').collect();
        assert_eq!(row.len(), ACTIONS.len());
        for (action, letter) in ACTIONS.into_iter().zip(row) {
            let expected = match letter {
                "B" => Some(State::Booked),
                "W" => Some(State::Waiting),
                "C" => Some(State::Called),
                "S" => Some(State::Serving),
                "D" => Some(State::Deferred),
                "H" => Some(State::Held),
                "F" => Some(State::Finished),
                "M" => Some(State::Missed),
                "X" => Some(State::Cancelled),
                "E" => Some(State::Expired),
                _ => None,
            };
            assert_eq!(transition(state, action), expected, "{state:?} and {action:?}");
        }
    }
}

#[test]
fn the_day_s_end_ends_whatever_is_not_final() {
    use State::*;
    for state in [Booked, Waiting, Deferred, Called, Serving, Held, Finished, Missed, Cancelled, Expired] {
        let after = transition(Some(state), Action::EndDay);
        assert_eq!(after.is_some(), !state.is_final(), "{state:?}");
        assert!(after.is_none_or(State::is_final), "{state:?}");
    }
}

#[test]
fn codes_are_filled_up_and_never_cut() {
    assert_eq!(code("A", 7, 3), "A-007");
    assert_eq!(code("ABC", 1234, 3), "ABC-1234");
    assert_eq!(code("B", 1, 1), "B-1");
    assert_eq!(series("ABC-1234"), "ABC");
}

const ID: TicketId = TicketId(1);
const DESK: DeskId = DeskId(4);

/// A ticket issued at 100, and then told these events at 200, 300, 400 …; with the segments that they closed.
fn told(events: &[Event]) -> (Ticket, Vec<Segment>) {
    let issued = Event::TicketIssued {
        ticket: ID,
        token: Token(2),
        number: 9,
        code: "A-009".into(),
        service: ServiceId(1),
        rank: Rank::NORMAL,
        channel: Channel::Live,
        lang: Lang::Es,
        name: None,
        serial: None,
        booked_for: None,
        expected: None,
    };
    let mut ticket = Ticket::issued(&issued, Millis(100)).unwrap();
    let times = (2..).map(|i| Millis(i * 100));
    let closed = events.iter().zip(times).filter_map(|(event, at)| ticket.apply(event, at)).collect();
    (ticket, closed)
}

fn called(calls: u32) -> Event {
    Event::TicketCalled { ticket: ID, desk: DESK, call: calls.into(), calls, agent: Some(UserId(7)) }
}

fn started() -> Event {
    Event::ServiceStarted { ticket: ID, desk: DESK, auto: false }
}

fn finished(note: Option<&str>) -> Event {
    let (outcome, note) = (Some("done".to_owned()), note.map(str::to_owned));
    Event::TicketFinished { ticket: ID, desk: DESK, reliable: true, auto: false, outcome, note }
}

fn held() -> Event {
    Event::TicketHeld { ticket: ID, desk: DESK }
}

fn resumed() -> Event {
    Event::TicketResumed { ticket: ID, desk: DeskId(5), agent: None }
}

#[test]
fn requeue_keeps_number_arrival_calls_and_segment() {
    let recalled = Event::TicketRecalled { ticket: ID, desk: DESK, call: 2, calls: 2 };
    let requeued = Event::TicketRequeued { ticket: ID, desk: DESK, place: Place::Last };
    let (ticket, closed) = told(&[called(1), recalled, started(), requeued]);
    assert_eq!((ticket.state, ticket.desk, ticket.agent, ticket.number, ticket.calls), (State::Waiting, None, None, 9, 2));
    assert_eq!((ticket.issued_at, ticket.first_called_at, ticket.last_called_at), (Millis(100), Some(Millis(200)), Some(Millis(300))));
    assert_eq!((ticket.started_at, ticket.ended_at, ticket.segment, ticket.serial), (None, None, 1, 9));
    assert_eq!(closed, []);
}

#[test]
fn a_transfer_ends_a_segment_and_begins_another() {
    let to = Some(DeskId(5));
    let transferred = Event::TicketTransferred { ticket: ID, desk: DESK, service: ServiceId(2), to, place: Place::ByArrival };
    let (ticket, closed) = told(&[called(1), started(), transferred, called(2), finished(None)]);
    let first = Segment {
        ticket: ID,
        segment: 1,
        service: ServiceId(1),
        rank: Rank::NORMAL,
        channel: Channel::Live,
        desk: Some(DESK),
        agent: Some(UserId(7)),
        calls: 1,
        queued_at: Millis(100),
        first_called_at: Some(Millis(200)),
        last_called_at: Some(Millis(200)),
        started_at: Some(Millis(300)),
        held: 0,
        deferred: 0,
        deferred_first: 0,
        ended_at: Some(Millis(400)),
        end: Some(End::Transferred),
        reliable: true,
    };
    let second = Segment {
        segment: 2,
        service: ServiceId(2),
        queued_at: Millis(400),
        first_called_at: Some(Millis(500)),
        last_called_at: Some(Millis(500)),
        started_at: None,
        ended_at: Some(Millis(600)),
        end: Some(End::Finished),
        ..first.clone()
    };
    assert_eq!((closed, ticket.present()), (vec![first], second));
    assert_eq!((ticket.number, ticket.issued_at, ticket.calls, ticket.reserved), (9, Millis(100), 2, to));
}

#[test]
fn a_reactivated_ticket_leaves_its_ended_segment_as_it_was() {
    for (event, end) in [
        (Event::TicketMissed { ticket: ID, desk: DESK }, End::Missed),
        (Event::TicketCancelled { ticket: ID, by: Canceller::Visitor }, End::Left),
        (Event::TicketCancelled { ticket: ID, by: Canceller::Staff }, End::Cancelled),
        (Event::TicketExpired { ticket: ID }, End::Expired),
    ] {
        let before = told(&[called(1), event.clone()]).0.present();
        assert_eq!((before.end, before.ended_at), (Some(end), Some(Millis(300))));
        let (ticket, closed) = told(&[called(1), event, Event::TicketReactivated { ticket: ID, place: Place::Last }]);
        assert_eq!(closed, [before]);
        assert_eq!((ticket.state, ticket.segment, ticket.calls, ticket.present().calls), (State::Waiting, 2, 1, 0));
        assert_eq!((ticket.ended_at, ticket.cancelled_by, ticket.desk, ticket.queued_at()), (None, None, None, Millis(400)));
    }
}

#[test]
fn the_time_held_is_added_up() {
    let (ticket, _) = told(&[called(1), started(), held(), resumed(), held(), resumed(), finished(Some("all well"))]);
    assert_eq!((ticket.held, ticket.held_at, ticket.started_at, ticket.ended_at), (200, None, Some(Millis(300)), Some(Millis(800))));
    assert_eq!((ticket.desk, ticket.agent, ticket.outcome.as_deref()), (Some(DeskId(5)), None, Some("done")));
    assert_eq!(ticket.note.as_deref(), Some("all well"));
    let (ticket, _) = told(&[called(1), held(), Event::TicketExpired { ticket: ID }]);
    assert_eq!((ticket.held, ticket.held_at, ticket.started_at), (100, None, Some(Millis(300))), "parked at once: it had come");
    let (ticket, _) = told(&[called(1), held(), resumed(), held(), Event::TicketReleased { ticket: ID, desk: DESK, place: Place::Last }]);
    assert_eq!((ticket.state, ticket.held, ticket.held_at, ticket.started_at), (State::Waiting, 0, None, None));
}

fn deferred(until: i64) -> Event {
    Event::TicketDeferred { ticket: ID, until: Millis(until) }
}

fn returned() -> Event {
    Event::TicketReturned { ticket: ID, to: None }
}

#[test]
fn what_is_put_off_counts_as_put_off_before_the_call_that_came_behind_it() {
    let requeued = Event::TicketRequeued { ticket: ID, desk: DESK, place: Place::Last };
    // Put off 200 to 300, called at 400, put back, put off 600 to 700.
    let day = [deferred(900), returned(), called(1), requeued.clone(), deferred(900), returned()];
    let (ticket, _) = told(&day);
    assert_eq!((ticket.state, ticket.deferral.times, ticket.deferral.total), (State::Waiting, 2, 200));
    assert_eq!((ticket.present().deferred, ticket.present().deferred_first), (100, 100), "not called since");
    let again = [&day[..], &[called(2)]].concat();
    assert_eq!((told(&again).0.present().deferred, told(&again).0.present().deferred_first), (200, 100));
    let left = Event::TicketCancelled { ticket: ID, by: Canceller::Visitor };
    let (gone, _) = told(&[deferred(900), left]);
    assert_eq!((gone.state, gone.present().deferred, gone.deferral.until), (State::Cancelled, 100, None));
}

#[test]
fn a_call_ends_what_was_put_off_and_another_segment_counts_afresh() {
    let transferred = Event::TicketTransferred { ticket: ID, desk: DESK, service: ServiceId(2), to: None, place: Place::ByArrival };
    let (ticket, closed) = told(&[deferred(500), deferred(900), called(1), transferred]);
    assert_eq!((closed[0].deferred, closed[0].deferred_first), (200, 200));
    assert_eq!(ticket.deferral, Deferral { times: 2, ..Deferral::default() });
}

#[test]
fn who_comes_back_waits_for_its_one_desk_only_while_that_is_open() {
    for to in [None, Some(DeskId(5))] {
        let reserved = Event::TicketTransferred { ticket: ID, desk: DESK, service: ServiceId(1), to: Some(DeskId(5)), place: Place::Last };
        let (ticket, _) = told(&[called(1), reserved, deferred(900), Event::TicketReturned { ticket: ID, to }]);
        assert_eq!((ticket.state, ticket.reserved, ticket.deferral.since), (State::Waiting, to, None));
    }
}

#[test]
fn a_note_stays_until_another_replaces_it() {
    let noted = |note: Option<&str>| Event::TicketNoted { ticket: ID, note: note.map(str::to_owned) };
    assert_eq!(told(&[noted(Some("a")), called(1), finished(None)]).0.note.as_deref(), Some("a"));
    assert_eq!(told(&[noted(Some("a")), called(1), finished(Some("b"))]).0.note.as_deref(), Some("b"));
    assert_eq!(told(&[noted(Some("a")), noted(None)]).0.note, None);
}

#[test]
fn restored_is_exactly_as_it_was() {
    let before = Box::new(told(&[called(1), started()]).0);
    let restored = Event::TicketRestored { ticket: ID, desk: DESK, before: before.clone() };
    let (ticket, closed) = told(&[called(1), started(), finished(Some("x")), restored]);
    assert_eq!((&ticket, closed), (&*before, vec![]));
}

#[test]
fn a_booked_ticket_begins_to_wait_when_it_checks_in() {
    let (mut ticket, _) = told(&[]);
    (ticket.state, ticket.booked_for) = (State::Booked, Some(Millis(900)));
    assert_eq!(ticket.apply(&Event::TicketCheckedIn { ticket: ID }, Millis(700)), None);
    assert_eq!((ticket.state, ticket.issued_at, ticket.queued_at()), (State::Waiting, Millis(100), Millis(700)));
}
