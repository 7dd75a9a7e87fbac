//! Owns a ticket's life: its states and the one table of what may happen to it. Never asks who is next and never knows another ticket.

use serde::{Deserialize, Serialize};

use super::command::Canceller;
use super::event::Event;
use super::ids::{DeskId, Millis, Rank, ServiceId, TicketId, Token, UserId};
use super::settings::Lang;

/// Where a ticket was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The event `siguiente-ticket`: a kiosk or somebody's own client.
    Live,
    /// The REST interface.
    Rest,
    /// The simulated visitors of `siguiente demo`.
    Demo,
}

/// Where in the queue a ticket is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Before all others of every service and class.
    First,
    /// As if it had arrived now.
    Last,
    /// As its arrival says.
    ByArrival,
    /// Behind the k-th of those that wait for its service; 0 is like `First` within its service.
    After(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For later today: has a number, and does not wait yet.
    Booked,
    Waiting,
    Called,
    Serving,
    /// Served in part, and parked: never called by "next".
    Held,
    Finished,
    Missed,
    Cancelled,
    Expired,
}

/// One visit of one person. The times, calls and desk are those of its present segment, which is its stay in one queue; the number, the
/// arrival and the total of calls are those of the visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub token: Token,
    pub number: u32,
    pub code: String,
    /// Position in the day's series: 1, 2, 3 …
    #[serde(default)]
    pub serial: u32,
    pub service: ServiceId,
    pub rank: Rank,
    pub channel: Channel,
    pub lang: Lang,
    pub name: Option<String>,
    /// Of the staff, for the staff.
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub outcome: Option<String>,
    pub state: State,
    /// The desk that called it last; `None` while it waits.
    pub desk: Option<DeskId>,
    /// Who sat there.
    #[serde(default)]
    pub agent: Option<UserId>,
    /// The one desk that it waits for.
    #[serde(default)]
    pub reserved: Option<DeskId>,
    /// Of the whole visit.
    pub calls: u32,
    pub issued_at: Millis,
    #[serde(default)]
    pub booked_for: Option<Millis>,
    /// Milliseconds that it was expected to wait when it was issued.
    #[serde(default)]
    pub expected: Option<i64>,
    /// Which segment this is: 1, 2, 3 …
    #[serde(default = "first_segment")]
    pub segment: u32,
    /// When the segment began; without it, when the ticket was issued.
    #[serde(default)]
    pub queued_at: Option<Millis>,
    /// Calls in earlier segments.
    #[serde(default)]
    pub calls_before: u32,
    pub first_called_at: Option<Millis>,
    pub last_called_at: Option<Millis>,
    pub started_at: Option<Millis>,
    /// While it is held: since when.
    #[serde(default)]
    pub held_at: Option<Millis>,
    /// Milliseconds held, while not held now.
    #[serde(default)]
    pub held: i64,
    pub ended_at: Option<Millis>,
    #[serde(default)]
    pub cancelled_by: Option<Canceller>,
    /// False when nobody finished it and the day's end did: how long it was served says nothing.
    #[serde(default = "reliable")]
    pub reliable: bool,
}

fn first_segment() -> u32 {
    1
}

fn reliable() -> bool {
    true
}

/// A stay in one queue, as reports count it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub ticket: TicketId,
    /// 1, 2, 3 …
    pub segment: u32,
    pub service: ServiceId,
    pub rank: Rank,
    pub channel: Channel,
    pub desk: Option<DeskId>,
    pub agent: Option<UserId>,
    pub calls: u32,
    pub queued_at: Millis,
    pub first_called_at: Option<Millis>,
    pub last_called_at: Option<Millis>,
    pub started_at: Option<Millis>,
    /// Milliseconds held.
    pub held: i64,
    pub ended_at: Option<Millis>,
    /// How it ended; `None` while it lasts.
    pub end: Option<End>,
    pub reliable: bool,
}

/// How a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Finished,
    Transferred,
    Missed,
    /// By the visitor.
    Left,
    /// By the staff.
    Cancelled,
    Expired,
}

/// What may be done to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Issue,
    Book,
    CheckIn,
    Call,
    Recall,
    Start,
    Finish,
    /// It was called and did not come.
    Miss,
    Requeue,
    Hold,
    Resume,
    Release,
    Transfer,
    Cancel,
    Reactivate,
    /// The business day ends with the ticket still open.
    EndDay,
}

/// The whole life of a ticket: the state after an action, or `None` where the action is not allowed. `None` as state is a ticket that does
/// not exist yet. (Undo is no action: it gives back the ticket as it was.)
pub fn transition(state: Option<State>, action: Action) -> Option<State> {
    use Action::*;
    use State::*;
    match (state, action) {
        (None, Issue) => Some(Waiting),
        (None, Book) => Some(Booked),
        (Some(Booked), CheckIn) => Some(Waiting),
        (Some(Waiting), Call) => Some(Called),
        (Some(Called), Recall) => Some(Called),
        (Some(Called), Start) => Some(Serving),
        (Some(Called | Serving), Finish) => Some(Finished),
        (Some(Called), Miss) => Some(Missed),
        // One that waits, too: from the line of a desk that closes back to that of its service.
        (Some(Waiting | Called | Serving), Requeue) => Some(Waiting),
        (Some(Called | Serving), Hold) => Some(Held),
        (Some(Held), Resume) => Some(Serving),
        (Some(Held), Release) => Some(Waiting),
        (Some(Waiting | Called | Serving), Transfer) => Some(Waiting),
        (Some(Booked | Waiting | Held), Cancel) => Some(Cancelled),
        (Some(Missed | Cancelled | Expired), Reactivate) => Some(Waiting),
        (Some(Booked | Waiting | Called | Held), EndDay) => Some(Expired),
        (Some(Serving), EndDay) => Some(Finished),
        _ => None,
    }
}

impl State {
    /// The visit is over. (Staff may still bring back one that was missed, cancelled or expired.)
    pub fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Missed | Self::Cancelled | Self::Expired)
    }

    /// A desk holds the ticket.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Called | Self::Serving)
    }
}

impl Ticket {
    /// The ticket that this event issues; `None` for every other event.
    pub fn issued(event: &Event, at: Millis) -> Option<Self> {
        let Event::TicketIssued { ticket, token, number, code, service, rank, channel, lang, name, serial, booked_for, expected } = event
        else {
            return None;
        };
        Some(Self {
            id: *ticket,
            token: *token,
            number: *number,
            code: code.clone(),
            serial: serial.unwrap_or(*number),
            service: *service,
            rank: *rank,
            channel: *channel,
            lang: *lang,
            name: name.clone(),
            note: None,
            outcome: None,
            state: if booked_for.is_some() { State::Booked } else { State::Waiting },
            desk: None,
            agent: None,
            reserved: None,
            calls: 0,
            issued_at: at,
            booked_for: *booked_for,
            expected: *expected,
            segment: first_segment(),
            queued_at: None,
            calls_before: 0,
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            held_at: None,
            held: 0,
            ended_at: None,
            cancelled_by: None,
            reliable: reliable(),
        })
    }

    /// Takes over what an event says of this ticket. Asks nothing: whether it may happen was decided before. Events that say nothing of a
    /// ticket that exists change nothing. Gives the segment that lies behind it when the event began another one.
    pub fn apply(&mut self, event: &Event, at: Millis) -> Option<Segment> {
        match event {
            Event::TicketCheckedIn { .. } => {
                self.state = State::Waiting;
                self.queued_at = Some(at);
            }
            Event::TicketCalled { desk, calls, agent, .. } => {
                self.called(*desk, *calls, at);
                self.agent = *agent;
            }
            Event::TicketRecalled { desk, calls, .. } => self.called(*desk, *calls, at),
            Event::ServiceStarted { .. } => {
                self.state = State::Serving;
                self.started_at = Some(at);
            }
            Event::TicketFinished { reliable, outcome, note, .. } => {
                self.end(State::Finished, at);
                self.reliable = *reliable;
                self.outcome.clone_from(outcome);
                if note.is_some() {
                    self.note.clone_from(note);
                }
            }
            Event::TicketMissed { .. } => self.end(State::Missed, at),
            Event::TicketExpired { .. } => self.end(State::Expired, at),
            Event::TicketCancelled { by, .. } => {
                self.end(State::Cancelled, at);
                self.cancelled_by = Some(*by);
            }
            Event::TicketRequeued { .. } | Event::TicketReleased { .. } => self.wait(),
            Event::TicketHeld { .. } => {
                self.state = State::Held;
                self.held_at = Some(at);
                // Parked is served in part: who was called and is parked at once has come, and the walk is over.
                self.started_at.get_or_insert(at);
            }
            Event::TicketResumed { desk, agent, .. } => {
                self.put_down(at);
                self.state = State::Serving;
                self.desk = Some(*desk);
                self.agent = *agent;
            }
            Event::TicketTransferred { service, to, .. } => {
                let closed = Segment { ended_at: Some(at), end: Some(End::Transferred), ..self.present() };
                self.begin_segment(at);
                self.service = *service;
                self.reserved = *to;
                return Some(closed);
            }
            Event::TicketReactivated { .. } => {
                let closed = self.present();
                self.begin_segment(at);
                return Some(closed);
            }
            Event::TicketNoted { note, .. } => self.note.clone_from(note),
            Event::TicketRestored { before, .. } => self.clone_from(before),
            Event::TicketIssued { .. }
            | Event::Configured { .. }
            | Event::DayOpened { .. }
            | Event::DayClosed { .. }
            | Event::DayReopened { .. }
            | Event::DeskOpened { .. }
            | Event::DeskPaused { .. }
            | Event::DeskClosed { .. } => {}
        }
        None
    }

    /// The segment that the ticket is in, or was in when it ended.
    pub fn present(&self) -> Segment {
        Segment {
            ticket: self.id,
            segment: self.segment,
            service: self.service,
            rank: self.rank,
            channel: self.channel,
            desk: self.desk,
            agent: self.agent,
            calls: self.calls.saturating_sub(self.calls_before),
            queued_at: self.queued_at(),
            first_called_at: self.first_called_at,
            last_called_at: self.last_called_at,
            started_at: self.started_at,
            held: self.held,
            ended_at: self.ended_at,
            end: match self.state {
                State::Finished => Some(End::Finished),
                State::Missed => Some(End::Missed),
                State::Cancelled if self.cancelled_by == Some(Canceller::Visitor) => Some(End::Left),
                State::Cancelled => Some(End::Cancelled),
                State::Expired => Some(End::Expired),
                State::Booked | State::Waiting | State::Called | State::Serving | State::Held => None,
            },
            reliable: self.reliable,
        }
    }

    /// When its present segment began.
    pub fn queued_at(&self) -> Millis {
        self.queued_at.unwrap_or(self.issued_at)
    }

    fn called(&mut self, desk: DeskId, calls: u32, at: Millis) {
        self.state = State::Called;
        self.desk = Some(desk);
        self.calls = calls;
        self.first_called_at.get_or_insert(at);
        self.last_called_at = Some(at);
    }

    /// Waits again in the segment that it is in, for any desk.
    fn wait(&mut self) {
        self.state = State::Waiting;
        (self.desk, self.agent, self.reserved) = (None, None, None);
        (self.started_at, self.held_at, self.held) = (None, None, 0);
    }

    fn begin_segment(&mut self, at: Millis) {
        self.wait();
        self.segment = self.segment.saturating_add(1);
        self.queued_at = Some(at);
        self.calls_before = self.calls;
        (self.first_called_at, self.last_called_at, self.ended_at) = (None, None, None);
        (self.cancelled_by, self.reliable) = (None, reliable());
    }

    /// Adds up the time that it was held until now.
    fn put_down(&mut self, at: Millis) {
        if let Some(since) = self.held_at.take() {
            self.held = self.held.saturating_add(at.0.saturating_sub(since.0).max(0));
        }
    }

    fn end(&mut self, state: State, at: Millis) {
        self.put_down(at);
        self.state = state;
        self.ended_at = Some(at);
    }
}

/// What stands on the paper: `A-017` for prefix `A`, number 17, three digits. A longer number is written in full.
pub(super) fn code(prefix: &str, number: u32, padding: u8) -> String {
    format!("{prefix}-{number:0width$}", width = usize::from(padding))
}

/// The series that a code belongs to: its prefix.
pub(super) fn series(code: &str) -> &str {
    code.rsplit_once('-').map_or(code, |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table once more, as a grid to be read by eye: rows are states, columns are actions in the order of `ACTIONS`.
    #[test]
    fn every_state_with_every_action() {
        use Action::*;
        const ACTIONS: [Action; 16] =
            [Issue, Book, CheckIn, Call, Recall, Start, Finish, Miss, Requeue, Hold, Resume, Release, Transfer, Cancel, Reactivate, EndDay];
        // Booked, Waiting, Called, Serving, Held, Finished, Missed, Cancelled, Expired by their first letters, Cancelled as X.
        let grid = [
            (None, "W B . . . . . . . . . . . . . ."),
            (Some(State::Booked), ". . W . . . . . . . . . . X . E"),
            (Some(State::Waiting), ". . . C . . . . W . . . W X . E"),
            (Some(State::Called), ". . . . C S F M W H . . W . . E"),
            (Some(State::Serving), ". . . . . . F . W H . . W . . F"),
            (Some(State::Held), ". . . . . . . . . . S W . X . E"),
            (Some(State::Finished), ". . . . . . . . . . . . . . . ."),
            (Some(State::Missed), ". . . . . . . . . . . . . . W ."),
            (Some(State::Cancelled), ". . . . . . . . . . . . . . W ."),
            (Some(State::Expired), ". . . . . . . . . . . . . . W ."),
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
        for state in [Booked, Waiting, Called, Serving, Held, Finished, Missed, Cancelled, Expired] {
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
        let (ticket, _) =
            told(&[called(1), held(), resumed(), held(), Event::TicketReleased { ticket: ID, desk: DESK, place: Place::Last }]);
        assert_eq!((ticket.state, ticket.held, ticket.held_at, ticket.started_at), (State::Waiting, 0, None, None));
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
}
