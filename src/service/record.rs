//! Owns what one commit makes known: answers, changes, calls, rendered at the moment when they became true. Sends nothing itself.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::api;
use super::configure::Shown;
use super::failure::Failure;
use super::ledger::{Answer, Scribe};
use super::view::{self, Earlier, View};
use crate::office::{DeskId, Entry, Event, Lang, Millis, Office, SessionId, Settings, Ticket, TicketId, Wait};
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
        /// Until the answer is given the command counts as this client's, which is read no further when it has too many.
        _credit: Credit,
    },
    /// Another front of the same process: the ticket's code, or why not.
    Inside(oneshot::Sender<Result<Option<Ticket>, Failure>>),
    /// Another front, which is answered as a client would be. `created`: a ticket is new, and this is where it lies.
    Front {
        reply: oneshot::Sender<Result<api::Answer, Failure>>,
        form: Form,
        created: bool,
    },
    /// Whoever changed this part of the settings. The next change waits for it.
    Settings {
        reply: oneshot::Sender<Result<api::Answer, Failure>>,
        show: Shown,
    },
    /// What this process goes on with when it is known what became of the command.
    Then(Box<dyn FnOnce(Result<(), Failure>) + Send>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// To the visitor.
    Own,
    /// To the visitor whose client sent `null`: plain text.
    Short,
    /// To whoever holds the paper, and has not proven to be the visitor.
    Paper,
    /// To the desk.
    Staff,
    /// Every ticket that the command gave back, to the desk.
    Restored,
    /// The desk itself, to the session `own`, which is told where it `opened` it.
    Desk { desk: DeskId, own: Option<SessionId>, opened: bool },
    /// That it is done.
    Done,
}

/// One change in both views.
pub struct Change {
    pub rev: u64,
    pub public: String,
    pub staff: String,
    /// The ticket that it is about.
    pub ticket: Option<TicketId>,
    /// The payload of `llamada`, when it is a call.
    pub call: Option<String>,
    /// What its visitor is told of a ticket that the day's end ended: right after it there is no such ticket any more.
    pub last_word: Option<String>,
}

pub struct Record {
    /// What time it is for what is told.
    now: Millis,
    /// Acknowledgements: whose, and the one argument as JSON.
    pub answers: Vec<(Ack, String)>,
    /// Codes of what was refused, and whether anybody was told.
    pub refused: Vec<(&'static str, bool)>,
    pub changes: Vec<Change>,
    pub issued: bool,
    pub new_day: bool,
    pub configured: bool,
    /// Desks have other holders.
    pub desks: bool,
    pub replaced: bool,
    /// A change of the settings was answered.
    pub reconfigured: bool,
    earlier: Earlier,
    /// Of the command that is told now.
    fresh: Option<TicketId>,
    restored: Vec<TicketId>,
}

impl Record {
    /// Empty; `now` is what time it is for what is told.
    pub fn new(now: Millis) -> Self {
        Self {
            now,
            answers: Vec::new(),
            refused: Vec::new(),
            changes: Vec::new(),
            issued: false,
            new_day: false,
            configured: false,
            desks: false,
            replaced: false,
            reconfigured: false,
            earlier: Earlier::default(),
            fresh: None,
            restored: Vec::new(),
        }
    }

    /// How long a ticket waits that its visitor is told of. One that was issued by this very command has its estimate already.
    fn wait(&self, office: &Office, ticket: &Ticket) -> Wait {
        if self.fresh == Some(ticket.id) { office.expected_at_issue(ticket, self.now) } else { office.expected(self.now).of(ticket) }
    }

    fn accepted(&self, office: &Office, ticket: Option<&Ticket>, form: Form) -> String {
        let Some(settings) = office.settings() else { return DONE.into() };
        match (form, ticket) {
            (Form::Restored, ticket) => restored(office, settings, &self.restored, ticket),
            (Form::Desk { desk, own, opened }, _) => {
                let puesto = view::desk(office, settings, desk, own);
                match own.filter(|_| opened) {
                    Some(session) => format!(r#"{{"ok":true,"sesion":"{session}","puesto":{puesto}}}"#),
                    None => format!(r#"{{"ok":true,"puesto":{puesto}}}"#),
                }
            }
            (Form::Done, _) | (_, None) => DONE.into(),
            (Form::Short, Some(ticket)) => view::json(&format!("Ticket {}", ticket.code)),
            (Form::Own, Some(ticket)) => one(&view::own_ticket(office, settings, ticket, self.wait(office, ticket))),
            (Form::Paper, Some(ticket)) => one(&view::paper_ticket(office, settings, ticket, self.wait(office, ticket))),
            (Form::Staff, Some(ticket)) => one(&view::staff_ticket(office, settings, ticket)),
        }
    }
}

fn last_word(office: &Office, settings: &Settings, event: &Event) -> Option<String> {
    let (Event::TicketExpired { ticket, .. } | Event::TicketFinished { ticket, reliable: false, .. }) = event else { return None };
    Some(view::own_ticket(office, settings, office.ticket(*ticket)?, Wait::Unknown))
}

const DONE: &str = r#"{"ok":true}"#;

fn one(ticket: &str) -> String {
    format!(r#"{{"ok":true,"ticket":{ticket}}}"#)
}

/// As they are now; of a command that was done before and is repeated, the one `ticket` that it was about.
fn restored(office: &Office, settings: &Settings, restored: &[TicketId], ticket: Option<&Ticket>) -> String {
    let known = restored.iter().filter_map(|id| office.ticket(*id));
    let repeated = ticket.filter(|_| restored.is_empty());
    let tickets: Vec<_> = known.chain(repeated).map(|ticket| view::staff_ticket(office, settings, ticket)).collect();
    format!(r#"{{"ok":true,"tickets":[{}]}}"#, tickets.join(","))
}

impl Scribe<Reply> for Record {
    fn before(&mut self, office: &Office, entry: &Entry) {
        self.earlier = Earlier::of(office, entry);
    }

    fn entry(&mut self, office: &Office, entry: &Entry) {
        let Some(settings) = office.settings() else { return };
        self.changes.push(Change {
            rev: entry.rev,
            public: view::change(office, settings, entry, self.earlier, View::Public),
            staff: view::change(office, settings, entry, self.earlier, View::Staff),
            ticket: entry.event.ticket(),
            call: view::call(office, settings, entry),
            last_word: last_word(office, settings, &entry.event),
        });
        match entry.event {
            Event::TicketIssued { ticket, .. } => {
                self.issued = true;
                self.fresh = Some(ticket);
            }
            Event::TicketRestored { ticket, .. } => self.restored.push(ticket),
            Event::DayOpened { .. } | Event::DayClosed { .. } => self.new_day = true,
            Event::Configured { .. } => self.configured = true,
            Event::DeskOpened { .. } | Event::DeskClosed { .. } => self.desks = true,
            _ => {}
        }
    }

    fn answer(&mut self, office: &Office, reply: Reply, answer: Answer) {
        let result = match answer {
            Answer::Done(ticket) => Ok(ticket.and_then(|id| office.ticket(id)).cloned()),
            Answer::Earlier(ticket) => Ok(Some(*ticket)),
            Answer::Refused(refused) => Err(Failure::of(&refused, office, self.now)),
            Answer::Unavailable => Err(Failure::StorageUnavailable),
        };
        match reply {
            Reply::Nobody => {}
            Reply::Then(go_on) => go_on(result.map(|_| ())),
            // Whoever asked may have gone away meanwhile.
            Reply::Inside(sender) => drop(sender.send(result)),
            Reply::Front { reply, form, created } => {
                if let Err(failure) = &result {
                    self.refused.push((failure.code(), true));
                }
                drop(reply.send(result.map(|ticket| {
                    let answer = api::Answer::acknowledged(&self.accepted(office, ticket.as_ref(), form));
                    match (answer, ticket.filter(|_| created)) {
                        (api::Answer::Shown(json), Some(ticket)) => {
                            api::Answer::Created { path: format!("branches/{}/tickets/{}", office.branch().0, ticket.id), json }
                        }
                        (answer, _) => answer,
                    }
                })));
            }
            Reply::Settings { reply, show } => {
                self.reconfigured = true;
                drop(reply.send(result.and_then(|_| show.answer(office))));
            }
            Reply::Client { ack: None, .. } => {
                if let Err(failure) = result {
                    self.refused.push((failure.code(), false));
                    log::debug!("refused without a callback: {}", failure.code());
                }
            }
            Reply::Client { ack: Some(ack), lang, form, .. } => {
                let json = match result {
                    Ok(ticket) => self.accepted(office, ticket.as_ref(), form),
                    Err(failure) => {
                        self.refused.push((failure.code(), true));
                        refusal(&failure, lang)
                    }
                };
                self.answers.push((ack, json));
            }
        }
        (self.fresh, self.restored) = (None, Vec::new());
    }

    fn replaced(&mut self, _: &Office) {
        self.replaced = true;
    }
}

/// `{ok:false, code, msg}`, and `abre` where it is closed.
pub fn refusal(failure: &Failure, lang: Lang) -> String {
    let (code, message) = (failure.code(), view::json(&failure.message(lang)));
    let opens = failure.opens().map_or_else(String::new, |opens| format!(r#","abre":{}"#, view::json(&opens)));
    format!(r#"{{"ok":false,"code":"{code}","msg":{message}{opens}}}"#)
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
        history.extend(revs.map(|rev| Change {
            rev,
            public: format!("p{rev}"),
            staff: format!("s{rev}"),
            ticket: None,
            call: None,
            last_word: None,
        }));
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
