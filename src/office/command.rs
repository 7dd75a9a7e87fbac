//! Owns the wishes that an office can be told. A wish is no fact: `decide` makes events of it, or refuses.

use super::ids::{DeskId, Key, Millis, Rank, ServiceId, SessionId, TicketId, Token, UserId};
use super::settings::{Lang, Settings};
use super::ticket::{Channel, Place};

/// A command and what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub command: Command,
    /// The same key gives the same ticket, for ever.
    pub key: Option<Key>,
    pub by: By,
}

/// Who asks. The default is the program itself, which may act at any desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct By {
    pub holder: Holder,
    /// Who sits there.
    pub agent: Option<UserId>,
}

/// As whom somebody acts at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Holder {
    /// The program: is not asked who holds the desk.
    #[default]
    Program,
    /// A simple client without a session: may act at a desk that no session holds, and opens one that is closed.
    Nobody,
    /// Must hold the desk, and takes one that no session holds.
    Session(SessionId),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Replaces the settings.
    Configure(Box<Settings>),
    /// Turns the day over if it is due; every other command does so first, too.
    TurnDay,
    /// Ends the business day before its time: leftovers expire, no more numbers.
    CloseDay,
    /// Takes [`Command::CloseDay`] back; who expired may be reactivated.
    ReopenDay,
    /// `id` and `token` are drawn by the caller: the domain knows no randomness.
    Issue {
        id: TicketId,
        token: Token,
        service: ServiceId,
        rank: Rank,
        channel: Channel,
        lang: Lang,
        name: Option<String>,
        /// An appointment later today: the ticket is booked, and waits when it checks in.
        booked_for: Option<Millis>,
    },
    /// The visitor of a booked ticket has come.
    CheckIn {
        ticket: TicketId,
    },
    OpenDesk {
        desk: DeskId,
        /// Although another session holds it, or the agent sits at another desk, which is closed then.
        take_over: bool,
    },
    /// Takes no next ones for a while; the ticket that it has may be finished.
    PauseDesk {
        desk: DeskId,
        reason: Option<String>,
    },
    CloseDesk {
        desk: DeskId,
        /// The session was lost: the desk keeps its ticket, for whoever opens it next. By hand it must have none.
        lost: bool,
    },
    CallNext {
        desk: DeskId,
    },
    Call {
        desk: DeskId,
        ticket: TicketId,
    },
    /// From here on a named ticket is a guard: refused with `WrongTicket` when the desk holds another one.
    Recall {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    Start {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    Finish {
        desk: DeskId,
        ticket: Option<TicketId>,
        outcome: Option<String>,
        note: Option<String>,
    },
    NoShow {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    /// `None` is the place that the branch is set to.
    Requeue {
        desk: DeskId,
        ticket: Option<TicketId>,
        place: Option<Place>,
    },
    Hold {
        desk: DeskId,
        ticket: Option<TicketId>,
    },
    /// A held ticket goes on being served, at this desk.
    Resume {
        desk: DeskId,
        ticket: TicketId,
    },
    /// A held ticket waits again.
    Release {
        desk: DeskId,
        ticket: TicketId,
        place: Option<Place>,
    },
    /// To another service, or to one desk alone, or both. `ticket` may be waiting or be the desk's own, which `None` means.
    Transfer {
        desk: DeskId,
        ticket: Option<TicketId>,
        service: Option<ServiceId>,
        to: Option<DeskId>,
        place: Option<Place>,
    },
    Cancel {
        ticket: TicketId,
        by: Canceller,
    },
    /// The visitor of a waiting ticket needs more time: so many minutes as the branch gives, so often as it allows.
    Defer {
        ticket: TicketId,
    },
    /// The visitor is back: one who is away waits again at once, one who was missed while there is time to be reactivated.
    Return {
        ticket: TicketId,
    },
    /// Those whose time is over wait again.
    EndDeferrals,
    /// A missed, cancelled or expired ticket of today waits again.
    Reactivate {
        ticket: TicketId,
        place: Option<Place>,
    },
    /// Replaces the staff's note on a ticket of today; `None` takes it away.
    Annotate {
        ticket: TicketId,
        note: Option<String>,
    },
    /// Takes back what this desk did last.
    Undo {
        desk: DeskId,
    },
}

/// Who took a ticket out of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canceller {
    /// Who showed the ticket's token.
    Visitor,
    Staff,
}

impl From<Command> for Request {
    /// Without a key, by the program itself.
    fn from(command: Command) -> Self {
        Self { command, key: None, by: By::default() }
    }
}
