//! Owns what a branch tells by itself while time goes by: what newcomers can expect (`esperas`), and how it stands with each ticket that is
//! followed (`mi-ticket`). Computed once for all, at most once a tick, only while somebody hears it; told only when it is something new.

use std::collections::HashMap;

use super::agenda::SOON;
use super::record::Change;
use super::rooms::{self, Rooms};
use super::tickets::{Hub, to_room, to_rooms};
use super::view::{self, Outlook};
use crate::office::{Expected, Millis, Office, Settings, State, Ticket, TicketId, Wait};
use crate::realtime::Namespace;

/// Milliseconds after which it is computed again although nothing happened: time itself changes it.
const REFRESH: i64 = 15_000;

pub struct Watch {
    outlook: Outlook,
    /// When it was computed.
    at: Millis,
    /// The `esperas` that were told last.
    told: String,
    /// Something happened since.
    stale: bool,
    /// It was computed since the last look.
    fresh: bool,
    /// Nobody hears it.
    asleep: bool,
    followed: HashMap<TicketId, Followed>,
    /// What who waits can expect: of which `rev`, computed when.
    played: Option<(u64, Millis, Expected)>,
}

struct Followed {
    sockets: usize,
    /// The `mi-ticket` that was told last.
    told: String,
}

impl Watch {
    pub fn new(office: &Office, now: Millis) -> Self {
        let outlook = Outlook::of(office, now);
        let told = office.settings().map_or_else(String::new, |settings| outlook.json(settings));
        Self { outlook, at: now, told, stale: false, fresh: false, asleep: true, followed: HashMap::new(), played: None }
    }

    /// When it is to be looked at.
    pub fn due(&self) -> Option<Millis> {
        match self {
            Self { asleep: true, .. } => None,
            // Computed for a newcomer, it is news to those who were here before.
            Self { stale: true, .. } | Self { fresh: true, .. } => Some(SOON),
            Self { at, .. } => Some(Millis(at.0.saturating_add(REFRESH))),
        }
    }

    /// What newcomers can expect, for somebody who hears of it from now on.
    pub fn outlook(&mut self, office: &Office, now: Millis) -> &Outlook {
        self.asleep = false;
        if !self.fresh && (self.stale || self.is_old(now)) {
            self.compute(office, now);
            self.fresh = true;
        }
        &self.outlook
    }

    /// Somebody hears it again.
    pub fn wake(&mut self) {
        self.asleep = false;
    }

    /// As it was computed last.
    pub fn last_outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// Tells what has changed since the last time.
    pub fn look(&mut self, turn: &mut Hub<'_>, office: &Office, rooms: &Rooms, now: Millis) {
        let screens = [rooms.display.as_str(), rooms.staff.as_str()];
        let heard = screens.iter().any(|room| turn.is_heard(&Namespace::default(), room));
        if !heard && self.followed.is_empty() {
            self.asleep = true;
            return;
        }
        let Some(settings) = office.settings() else { return };
        // Computing makes it neither stale nor old: what is so now has come to be so since.
        let due = self.stale || self.is_old(now);
        if due {
            self.compute(office, now);
        }
        let text = self.outlook.json(settings);
        if text != self.told {
            to_rooms(turn, &screens, "esperas", &text);
            self.told = text;
        }
        if due || self.fresh {
            self.tell_waits(turn, office, settings, now);
        }
        (self.stale, self.fresh) = (false, false);
    }

    /// After a commit: what it did to tickets that are followed is told at once.
    pub fn changed(&mut self, turn: &mut Hub<'_>, office: &Office, changes: &mut [Change], now: Millis) {
        self.stale = true;
        let Some(settings) = office.settings() else { return };
        for change in changes {
            let last_word = change.last_word.take();
            let Some(id) = change.ticket.filter(|id| self.followed.contains_key(id)) else { continue };
            let text = match (office.ticket(id), last_word) {
                (Some(ticket), _) => self.glance(office, settings, ticket, now),
                (None, Some(text)) => text,
                (None, None) => continue,
            };
            self.tell(turn, id, text);
        }
    }

    /// How a ticket stands, for its visitor.
    pub fn glance(&mut self, office: &Office, settings: &Settings, ticket: &Ticket, now: Millis) -> String {
        let wait = self.wait(office, ticket, now);
        view::own_ticket(office, settings, ticket, wait)
    }

    /// One socket more follows the ticket, and knows how it stands. Returns that.
    pub fn follow(&mut self, office: &Office, settings: &Settings, ticket: &Ticket, now: Millis) -> String {
        let told = self.glance(office, settings, ticket, now);
        self.asleep = false;
        let followed = self.followed.entry(ticket.id).or_insert(Followed { sockets: 0, told: String::new() });
        followed.sockets += 1;
        followed.told.clone_from(&told);
        told
    }

    /// One socket less.
    pub fn unfollow(&mut self, ticket: TicketId) {
        if let Some(followed) = self.followed.get_mut(&ticket) {
            followed.sockets -= 1;
            if followed.sockets == 0 {
                self.followed.remove(&ticket);
            }
        }
    }

    fn tell_waits(&mut self, turn: &mut Hub<'_>, office: &Office, settings: &Settings, now: Millis) {
        let waiting: Vec<&Ticket> = self.followed.keys().filter_map(|id| office.ticket(*id)).filter(|ticket| is_in_line(ticket)).collect();
        if waiting.is_empty() {
            return;
        }
        self.played = None;
        for ticket in waiting {
            let text = self.glance(office, settings, ticket, now);
            self.tell(turn, ticket.id, text);
        }
    }

    fn tell(&mut self, turn: &mut Hub<'_>, ticket: TicketId, text: String) {
        if let Some(followed) = self.followed.get_mut(&ticket)
            && followed.told != text
        {
            to_room(turn, &rooms::ticket(ticket), "mi-ticket", &text);
            followed.told = text;
        }
    }

    /// What a ticket can expect: played once a change, however many ask.
    fn wait(&mut self, office: &Office, ticket: &Ticket, now: Millis) -> Wait {
        if ticket.state != State::Waiting {
            return Wait::Unknown;
        }
        let rev = office.rev();
        let played = self.played.take().filter(|(of, at, _)| *of == rev && now.0.abs_diff(at.0) < REFRESH.unsigned_abs());
        let (.., expected) = self.played.insert(played.unwrap_or_else(|| (rev, now, office.expected(now))));
        expected.of(ticket)
    }

    fn compute(&mut self, office: &Office, now: Millis) {
        self.outlook = Outlook::of(office, now);
        self.at = now;
        self.stale = false;
    }

    /// A clock that was set back has not stood still.
    fn is_old(&self, now: Millis) -> bool {
        now.0.abs_diff(self.at.0) >= REFRESH.unsigned_abs()
    }
}

/// Only of these anything is told that time and others change.
fn is_in_line(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Waiting | State::Deferred)
}
