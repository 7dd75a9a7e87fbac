//! Owns what everybody in a branch is told: the last number, the last calls, how many wait. Encoded once, kept for those who come later.

use super::ledger::Ledger;
use super::record::Reply;
use super::tickets::encode;
use super::view::{self, LastTicket};
use crate::realtime::Encoded;

/// Calls in `estado-actual`.
const ATTENDED: usize = 4;

pub struct Standing {
    last: Encoded,
    attended: (String, Encoded),
    waiting: (usize, Encoded),
}

impl Standing {
    pub fn new(ledger: &Ledger<Reply>) -> Self {
        let mut standing = Self {
            last: encode("ultimo-ticket", &["0", "null"]),
            attended: ("[]".into(), encode("estado-actual", &["[]"])),
            waiting: (0, encode("tickets-pendientes", &["0"])),
        };
        standing.update(ledger, true);
        standing
    }

    /// Brings it up to date and returns what has changed. `last`: a number was issued, or all begins afresh.
    pub fn update(&mut self, ledger: &Ledger<Reply>, last: bool) -> Vec<Encoded> {
        let office = ledger.office();
        let Some(settings) = office.settings() else { return Vec::new() };
        let mut changed = Vec::new();
        if last {
            self.last = match office.last_issued() {
                Some(ticket) => encode("ultimo-ticket", &[&ticket.number.to_string(), &view::json(&LastTicket::new(settings, ticket))]),
                None => encode("ultimo-ticket", &["0", "null"]),
            };
            changed.push(self.last.clone());
        }
        let attended = view::attended(office, settings, ATTENDED);
        if attended != self.attended.0 {
            self.attended.1 = encode("estado-actual", &[&attended]);
            self.attended.0 = attended;
            changed.push(self.attended.1.clone());
        }
        let waiting = office.waiting_count();
        if waiting != self.waiting.0 {
            self.waiting = (waiting, encode("tickets-pendientes", &[&waiting.to_string()]));
            changed.push(self.waiting.1.clone());
        }
        changed
    }

    pub fn packets(&self) -> [Encoded; 3] {
        [self.last.clone(), self.attended.1.clone(), self.waiting.1.clone()]
    }
}
