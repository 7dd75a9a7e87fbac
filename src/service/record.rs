//! Owns what one commit makes known: answers, changes, calls, rendered at the moment when they became true. Sends nothing itself.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::failure::Failure;
use super::ledger::{Answer, Scribe};
use super::view::{self, OwnTicket, StaffTicket, View};
use crate::office::{Entry, Event, Lang, Office, Ticket};
use crate::realtime::{Ack, Credit};

/// Changes kept for screens that were away.
const KEPT: usize = 2048;

/// Who waits for a command's answer, and in which form.
pub enum Reply {
    Nobody,
    Client {
        ack: Option<Ack>,
        lang: Lang,
        form: Form,
        /// Until the answer is given the command counts as this client\'s, which is read no further when it has too many.
        _credit: Credit,
    },
    /// Another front of the same process: the ticket's code, or why not.
    Inside(oneshot::Sender<Result<Option<Ticket>, Failure>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// To the visitor.
    Own,
    /// To the visitor whose client sent `null`: plain text.
    Short,
    /// To the desk.
    Staff,
}

/// One change in both views.
pub struct Change {
    pub rev: u64,
    pub public: String,
    pub staff: String,
    /// The payload of `llamada`, when it is a call.
    pub call: Option<String>,
}

#[derive(Default)]
pub struct Record {
    /// Acknowledgements: whose, and the one argument as JSON.
    pub answers: Vec<(Ack, String)>,
    /// Codes of what was refused, and whether anybody was told.
    pub refused: Vec<(&'static str, bool)>,
    pub changes: Vec<Change>,
    pub issued: bool,
    pub new_day: bool,
    pub configured: bool,
    pub replaced: bool,
}

impl Scribe<Reply> for Record {
    fn entry(&mut self, office: &Office, entry: &Entry) {
        let Some(settings) = office.settings() else { return };
        self.changes.push(Change {
            rev: entry.rev,
            public: view::change(office, settings, entry, View::Public),
            staff: view::change(office, settings, entry, View::Staff),
            call: view::call(office, settings, entry),
        });
        match entry.event {
            Event::TicketIssued { .. } => self.issued = true,
            Event::DayOpened { .. } | Event::DayClosed { .. } => self.new_day = true,
            Event::Configured { .. } => self.configured = true,
            _ => {}
        }
    }

    fn answer(&mut self, office: &Office, reply: Reply, answer: Answer) {
        let result = match answer {
            Answer::Done(ticket) => Ok(ticket.and_then(|id| office.ticket(id)).cloned()),
            Answer::Earlier(ticket) => Ok(Some(*ticket)),
            Answer::Refused(refused) => Err(Failure::Refused(refused)),
            Answer::Unavailable => Err(Failure::StorageUnavailable),
        };
        match reply {
            Reply::Nobody => {}
            // Whoever asked may have gone away meanwhile.
            Reply::Inside(sender) => drop(sender.send(result)),
            Reply::Client { ack: None, .. } => {
                if let Err(failure) = result {
                    self.refused.push((failure.code(), false));
                    log::debug!("refused without a callback: {}", failure.code());
                }
            }
            Reply::Client { ack: Some(ack), lang, form, .. } => {
                let json = match result {
                    Ok(ticket) => accepted(office, ticket.as_ref(), form),
                    Err(failure) => {
                        self.refused.push((failure.code(), true));
                        refusal(&failure, lang)
                    }
                };
                self.answers.push((ack, json));
            }
        }
    }

    fn replaced(&mut self, _: &Office) {
        self.replaced = true;
    }
}

/// `{ok:false, code, msg}`
pub fn refusal(failure: &Failure, lang: Lang) -> String {
    let (code, message) = (failure.code(), view::json(&failure.message(lang)));
    format!(r#"{{"ok":false,"code":"{code}","msg":{message}}}"#)
}

fn accepted(office: &Office, ticket: Option<&Ticket>, form: Form) -> String {
    let (Some(ticket), Some(settings)) = (ticket, office.settings()) else { return r#"{"ok":true}"#.into() };
    let ticket = match form {
        Form::Short => return view::json(&format!("Ticket {}", ticket.code)),
        Form::Own => view::json(&OwnTicket::new(settings, ticket, office.ahead_of(ticket.id))),
        Form::Staff => view::json(&StaffTicket::new(settings, ticket)),
    };
    format!(r#"{{"ok":true,"ticket":{ticket}}}"#)
}

/// The latest changes, for screens that were away.
#[derive(Default)]
pub struct History {
    changes: VecDeque<Change>,
}

impl History {
    pub fn extend(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            if self.changes.len() == KEPT {
                self.changes.pop_front();
            }
            self.changes.push_back(change);
        }
    }

    pub fn clear(&mut self) {
        self.changes.clear();
    }

    /// Every change after `rev`; `None` when some of them are not kept any more, or `rev` is yet to come. `last` is the log's end.
    pub fn after(&self, rev: u64, last: u64) -> Option<impl Iterator<Item = &Change>> {
        let first = match self.changes.front() {
            Some(change) => change.rev,
            None => last + 1,
        };
        (first - 1..=last).contains(&rev).then(|| self.changes.iter().skip((rev + 1 - first) as usize))
    }
}

impl Change {
    pub fn in_view(&self, view: View) -> &str {
        match view {
            View::Public => &self.public,
            View::Staff => &self.staff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(revs: std::ops::RangeInclusive<u64>) -> History {
        let mut history = History::default();
        history.extend(revs.map(|rev| Change { rev, public: format!("p{rev}"), staff: format!("s{rev}"), call: None }));
        history
    }

    fn after(history: &History, rev: u64, last: u64, view: View) -> Option<Vec<&str>> {
        history.after(rev, last).map(|changes| changes.map(|change| change.in_view(view)).collect())
    }

    #[test]
    fn a_screen_gets_exactly_what_it_missed() {
        let history = history(5..=9);
        assert_eq!(after(&history, 7, 9, View::Public), Some(vec!["p8", "p9"]));
        assert_eq!(after(&history, 4, 9, View::Staff), Some(vec!["s5", "s6", "s7", "s8", "s9"]));
        assert_eq!(after(&history, 9, 9, View::Public), Some(vec![]));
    }

    #[test]
    fn a_screen_that_missed_too_much_or_knows_the_future_gets_no_changes() {
        let history = history(5..=9);
        assert_eq!(after(&history, 3, 9, View::Public), None);
        assert_eq!(after(&history, 10, 9, View::Public), None);
        assert_eq!(after(&History::default(), 0, 3, View::Public), None);
        assert_eq!(after(&History::default(), 3, 3, View::Public), Some(vec![]));
    }

    #[test]
    fn the_history_keeps_the_latest() {
        let history = history(1..=KEPT as u64 + 10);
        assert_eq!(after(&history, 9, KEPT as u64 + 10, View::Public), None);
        assert_eq!(after(&history, 10, KEPT as u64 + 10, View::Public).map(|list| list.len()), Some(KEPT));
    }
}
