//! Owns a ticket's life: its states and the one table of what may happen to it. Never asks who is next and never knows another ticket.

use serde::{Deserialize, Serialize};

use super::command::Canceller;
use super::deferral::Deferral;
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
    /// Its visitor asked for more time: never called by "next" until that is over.
    Deferred,
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
    #[serde(default)]
    pub deferral: Deferral,
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
    /// Milliseconds that its visitor put it off: before the last call, or in all where it was not called.
    #[serde(default)]
    pub deferred: i64,
    /// Of these, what lay before the first call.
    #[serde(default)]
    pub deferred_first: i64,
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
    /// The visitor needs more time.
    Defer,
    /// The visitor is back, or the time is over.
    Return,
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
        // Who is away already may ask for more.
        (Some(Waiting | Deferred), Defer) => Some(Deferred),
        (Some(Deferred), Return) => Some(Waiting),
        // A desk may call one who is away on purpose.
        (Some(Waiting | Deferred), Call) => Some(Called),
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
        (Some(Booked | Waiting | Deferred | Held), Cancel) => Some(Cancelled),
        (Some(Missed | Cancelled | Expired), Reactivate) => Some(Waiting),
        (Some(Booked | Waiting | Deferred | Called | Held), EndDay) => Some(Expired),
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
            deferral: Deferral::default(),
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
            Event::TicketDeferred { until, .. } => {
                self.state = State::Deferred;
                self.deferral.begin(*until, at);
            }
            Event::TicketReturned { to, .. } => {
                self.state = State::Waiting;
                self.deferral.end(at);
                self.reserved = *to;
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
            deferred: if self.last_called_at.is_some() { self.deferral.before_last } else { self.deferral.total },
            deferred_first: self.deferral.before_first,
            ended_at: self.ended_at,
            end: match self.state {
                State::Finished => Some(End::Finished),
                State::Missed => Some(End::Missed),
                State::Cancelled if self.cancelled_by == Some(Canceller::Visitor) => Some(End::Left),
                State::Cancelled => Some(End::Cancelled),
                State::Expired => Some(End::Expired),
                State::Booked | State::Waiting | State::Deferred | State::Called | State::Serving | State::Held => None,
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
        self.deferral.end(at);
        self.deferral.called(self.first_called_at.is_none());
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
        self.deferral.begin_segment();
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
        self.deferral.end(at);
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
mod tests;
