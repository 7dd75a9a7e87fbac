//! Owns a ticket's life: its states and the one table of what may happen to it. Never asks who is next and never knows another ticket.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::ids::{DeskId, Millis, Rank, ServiceId, TicketId, Token};
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
    Waiting,
    Called,
    Serving,
    Finished,
    Missed,
    Expired,
}

/// One visit of one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub token: Token,
    pub number: u32,
    pub code: String,
    pub service: ServiceId,
    pub rank: Rank,
    pub channel: Channel,
    pub lang: Lang,
    pub name: Option<String>,
    pub state: State,
    /// The desk that called it last; `None` while it waits.
    pub desk: Option<DeskId>,
    pub calls: u32,
    pub issued_at: Millis,
    pub first_called_at: Option<Millis>,
    pub last_called_at: Option<Millis>,
    pub started_at: Option<Millis>,
    pub ended_at: Option<Millis>,
}

/// What may be done to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Issue,
    Call,
    Recall,
    Start,
    Finish,
    /// It was called and did not come.
    Miss,
    Requeue,
    /// The business day ends with the ticket still open.
    EndDay,
}

/// The whole life of a ticket: the state after an action, or `None` where the action is not allowed. `None` as state is a ticket that does
/// not exist yet.
pub fn transition(state: Option<State>, action: Action) -> Option<State> {
    use Action::*;
    use State::*;
    match (state, action) {
        (None, Issue) => Some(Waiting),
        (Some(Waiting), Call) => Some(Called),
        (Some(Called), Recall) => Some(Called),
        (Some(Called), Start) => Some(Serving),
        (Some(Called | Serving), Finish) => Some(Finished),
        (Some(Called), Miss) => Some(Missed),
        (Some(Called | Serving), Requeue) => Some(Waiting),
        (Some(Waiting | Called), EndDay) => Some(Expired),
        (Some(Serving), EndDay) => Some(Finished),
        _ => None,
    }
}

impl State {
    /// Nothing happens to the ticket any more today.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Missed | Self::Expired)
    }

    /// A desk holds the ticket.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Called | Self::Serving)
    }
}

impl Ticket {
    /// The ticket that this event issues; `None` for every other event.
    pub fn issued(event: &Event, at: Millis) -> Option<Self> {
        let Event::TicketIssued { ticket, token, number, code, service, rank, channel, lang, name } = event else {
            return None;
        };
        Some(Self {
            id: *ticket,
            token: *token,
            number: *number,
            code: code.clone(),
            service: *service,
            rank: *rank,
            channel: *channel,
            lang: *lang,
            name: name.clone(),
            state: State::Waiting,
            desk: None,
            calls: 0,
            issued_at: at,
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            ended_at: None,
        })
    }

    /// Takes over what an event says of this ticket. Asks nothing: whether it may happen was decided before. Events that say nothing of a
    /// ticket that exists change nothing.
    pub fn apply(&mut self, event: &Event, at: Millis) {
        match *event {
            Event::TicketCalled { desk, calls, .. } | Event::TicketRecalled { desk, calls, .. } => {
                self.state = State::Called;
                self.desk = Some(desk);
                self.calls = calls;
                self.first_called_at.get_or_insert(at);
                self.last_called_at = Some(at);
            }
            Event::ServiceStarted { .. } => {
                self.state = State::Serving;
                self.started_at = Some(at);
            }
            Event::TicketFinished { .. } => self.end(State::Finished, at),
            Event::TicketMissed { .. } => self.end(State::Missed, at),
            Event::TicketExpired { .. } => self.end(State::Expired, at),
            Event::TicketRequeued { .. } => {
                self.state = State::Waiting;
                self.desk = None;
                self.started_at = None;
            }
            Event::TicketIssued { .. } | Event::Configured { .. } | Event::DayOpened { .. } | Event::DayClosed { .. } => {}
        }
    }

    fn end(&mut self, state: State, at: Millis) {
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
        use State::*;
        const ACTIONS: [Action; 8] = [Issue, Call, Recall, Start, Finish, Miss, Requeue, EndDay];
        let grid = [
            (None, [Some(Waiting), None, None, None, None, None, None, None]),
            (Some(Waiting), [None, Some(Called), None, None, None, None, None, Some(Expired)]),
            (Some(Called), [None, None, Some(Called), Some(Serving), Some(Finished), Some(Missed), Some(Waiting), Some(Expired)]),
            (Some(Serving), [None, None, None, None, Some(Finished), None, Some(Waiting), Some(Finished)]),
            (Some(Finished), [None; 8]),
            (Some(Missed), [None; 8]),
            (Some(Expired), [None; 8]),
        ];
        for (state, row) in grid {
            for (action, expected) in ACTIONS.into_iter().zip(row) {
                assert_eq!(transition(state, action), expected, "{state:?} and {action:?}");
            }
        }
    }

    #[test]
    fn a_final_state_allows_nothing() {
        for state in [State::Waiting, State::Called, State::Serving, State::Finished, State::Missed, State::Expired] {
            let allowed = transition(Some(state), Action::EndDay).is_some();
            assert_eq!(allowed, !state.is_final(), "{state:?}");
        }
    }

    #[test]
    fn codes_are_filled_up_and_never_cut() {
        assert_eq!(code("A", 7, 3), "A-007");
        assert_eq!(code("ABC", 1234, 3), "ABC-1234");
        assert_eq!(code("B", 1, 1), "B-1");
        assert_eq!(series("ABC-1234"), "ABC");
    }

    #[test]
    fn requeue_keeps_number_arrival_and_calls() {
        let id = TicketId(1);
        let desk = DeskId(4);
        let issued = Event::TicketIssued {
            ticket: id,
            token: Token(2),
            number: 9,
            code: "A-009".into(),
            service: ServiceId(1),
            rank: Rank::NORMAL,
            channel: Channel::Live,
            lang: Lang::Es,
            name: None,
        };
        let mut ticket = Ticket::issued(&issued, Millis(100)).unwrap();
        ticket.apply(&Event::TicketCalled { ticket: id, desk, call: 1, calls: 1 }, Millis(200));
        ticket.apply(&Event::TicketRecalled { ticket: id, desk, call: 2, calls: 2 }, Millis(300));
        ticket.apply(&Event::ServiceStarted { ticket: id, desk }, Millis(350));
        ticket.apply(&Event::TicketRequeued { ticket: id, desk, place: Place::Last }, Millis(400));
        assert_eq!((ticket.state, ticket.desk, ticket.number, ticket.calls), (State::Waiting, None, 9, 2));
        assert_eq!((ticket.issued_at, ticket.first_called_at, ticket.last_called_at), (Millis(100), Some(Millis(200)), Some(Millis(300))));
        assert_eq!((ticket.started_at, ticket.ended_at), (None, None));
    }
}
