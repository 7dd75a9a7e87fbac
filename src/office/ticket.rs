//! Owns a ticket's life: its states and the one table of what may happen to it. Never asks who is next and never knows another ticket.

use serde::{Deserialize, Serialize};

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
