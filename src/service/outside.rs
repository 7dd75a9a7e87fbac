//! Owns the way of other fronts (REST) through a branch: commands take the very path that events take, what is only read is answered from what
//! is on disk. Decides nothing.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::api::Answer;
use super::archive::Question;
use super::branch::Branch;
use super::commands::{self, Asker, Wish};
use super::configure::Wanted;
use super::errand::{Caller, Errand};
use super::failure::Failure;
use super::gate;
use super::payload;
use super::reasons;
use super::record::Reply;
use super::remark::Behalf;
use super::reports::{self, Certified, Listed};
use super::simulation;
use super::staff::Staff;
use super::tickets::Hub;
use super::trail::{self, AuditAsk, Trail};
use super::view::{self, View};
use crate::office::{Channel, DeskId, Holder, Key, Lang, Millis, SessionId, TicketId};
use crate::store::AuditFilter;
use crate::wrong::Wrong;

/// Milliseconds that a desk stays open for somebody who works there without a socket, counted from the last request.
const PATIENCE: i64 = 1_800_000;

/// Who waits for the answer. Whoever asked may have gone away meanwhile.
type Waiting = oneshot::Sender<Result<Answer, Failure>>;

/// As whom a payload acts.
#[derive(Debug, Default, Deserialize)]
struct Acting {
    sesion: Option<String>,
}

impl Branch {
    /// Does what another front asks, or shows it; answers now, when it is written, or when the past was read.
    pub fn errand(&mut self, turn: &mut Hub<'_>, staff: &Staff, caller: Caller, errand: Errand, reply: Waiting) {
        let answer = match errand {
            Errand::Event { name, payload, creates, .. } => return self.act(turn, staff, caller, (name, &payload), creates, reply),
            Errand::Settings { part, change, if_match } => {
                return self
                    .configure(turn, Wanted { part, change, if_match, signed: caller.signed, administers: caller.administers, reply });
            }
            Errand::Figures { payload, sheet } => {
                let now = self.ground.now();
                let question = reports::asked(self.office(), Some(&payload), now)
                    .map(|asked| if sheet { Question::Sheet { asked, now } } else { Question::Figures { asked, now } });
                return self.look_up(question, reply, if sheet { Answer::Sheet } else { |text| Answer::acknowledged(&text) });
            }
            Errand::Simulation(body) => {
                let now = self.ground.now();
                let question = simulation::asked(self.office(), Some(&body), now).map(|day| Question::Simulation { day, now });
                return self.look_up(question, reply, Answer::Shown);
            }
            Errand::Tickets { state, day, after, limit } => {
                let question = self.listed(state.as_deref(), day.as_deref(), after.as_deref(), limit).map(Question::Tickets);
                return self.look_up(question, reply, |text| Answer::acknowledged(&text));
            }
            Errand::Certificate(label) => {
                let question = self.ticket_id(&label).map(|id| Question::Certificate(Certified::Ticket(id)));
                return self.look_up(question, reply, |text| Answer::acknowledged(&text));
            }
            Errand::Ticket(label) => match self.present_ticket(&label) {
                Some(json) => Ok(Answer::Shown(format!(r#"{{"ticket":{json}}}"#))),
                None => {
                    let today = self.office().day();
                    let question = self.ticket_id(&label).map(|id| Question::Ticket { id, today });
                    return self.look_up(question, reply, |text| Answer::acknowledged(&text));
                }
            },
            Errand::Audit { ask, everywhere } => {
                let question = self.trail(ask, everywhere).map(Question::Trail);
                let sheet = matches!(&question, Ok(Question::Trail(trail)) if trail.is_sheet());
                return self.look_up(question, reply, if sheet { trail::page } else { Answer::Shown });
            }
            Errand::Next { desk, lang } => self.next(&desk, lang),
            Errand::Queue => Ok(Answer::Shown(format!(r#"{{"cola":{}}}"#, self.refreshed_snapshot()))),
            Errand::Calls => self
                .settings()
                .map(|settings| Answer::Shown(format!(r#"{{"llamadas":{}}}"#, view::recent_calls(self.office(), settings))))
                .ok_or(Failure::UnknownBranch),
            Errand::Status => self.status(),
        };
        drop(reply.send(answer));
    }

    /// The ticket of today whose token this is, as its visitor sees it.
    pub fn own_ticket(&mut self, token: &str) -> Result<Answer, Failure> {
        let office = self.ledger.office();
        let own = match (payload::shown(office, token), office.settings()) {
            (Ok(ticket), Some(settings)) => self.watch.glance(office, settings, ticket, self.ground.now()),
            _ => {
                // As with events: a wrong token costs what a right one does.
                std::hint::black_box(self.decoy());
                return Err(Failure::UnknownTicket);
            }
        };
        Ok(Answer::Shown(format!(r#"{{"ticket":{own}}}"#)))
    }

    /// What an event does, for somebody without a socket.
    fn act(&mut self, turn: &mut Hub<'_>, staff: &Staff, caller: Caller, event: (&str, &str), creates: bool, reply: Waiting) {
        let behalf = caller.signed.clone().map(Behalf::from);
        let sits = caller.user.map_or(Ok(()), |user| gate::sits_as(event.0, Some(event.1), user));
        if let Err(failure) = sits {
            return drop(reply.send(Err(failure)));
        }
        let asker = match self.asker(&caller, event.1) {
            Ok(asker) => asker,
            Err(failure) => return drop(reply.send(Err(failure))),
        };
        match commands::wish(self.office(), event.0, Some(event.1), asker) {
            Some(Ok(Wish { request, .. })) if request.by.agent.is_some_and(|agent| !staff.knows(agent)) => {
                drop(reply.send(Err(Failure::UnknownUser)));
            }
            Some(Ok(Wish { mut request, form, .. })) => {
                request.key = request.key.map(|key| own_key(&caller.keys_of, event, &key));
                if let Holder::Session(session) = request.by.holder {
                    self.shown(session);
                }
                self.submit(turn, request, behalf, Reply::Front { reply, form, created: creates });
            }
            Some(Err(failure)) => drop(reply.send(Err(failure))),
            None => drop(reply.send(Err(Failure::UnknownEvent(event.0.to_owned())))),
        }
    }

    /// Acts as the session that the payload shows, else as the sign-in's own, else as nobody's.
    fn asker(&self, caller: &Caller, payload: &str) -> Result<Asker, Failure> {
        let Acting { sesion } = payload::read(Some(payload))?;
        let session = payload::session(sesion.as_deref())?.or(caller.session);
        Ok(Asker {
            now: self.ground.now(),
            lang: self.lang(),
            desk: None,
            staff: caller.staff,
            holder: session.map_or(Holder::Nobody, Holder::Session),
            agent: caller.user.or_else(|| self.agent_of(session?)),
            channel: Channel::Rest,
        })
    }

    /// The session is at work: its desks stay open for a while, though it has no socket.
    fn shown(&mut self, session: SessionId) {
        let patience = self.settings().map_or(0, |settings| settings.lease_grace).max(PATIENCE);
        self.leases.show(session, Millis(self.ground.now().0.saturating_add(patience)));
    }

    fn next(&self, desk: &str, lang: Lang) -> Result<Answer, Failure> {
        let desk = desk.parse().ok().map(DeskId).filter(|desk| self.settings().is_some_and(|settings| settings.desk(*desk).is_some()));
        let desk = desk.ok_or(Failure::UnknownDesk)?;
        reasons::next(self.office(), desk, self.ground.now(), lang).map(|json| Answer::acknowledged(&json))
    }

    fn status(&mut self) -> Result<Answer, Failure> {
        let now = self.ground.now();
        let outlook = self.watch.outlook(self.ledger.office(), now);
        let office = self.ledger.office();
        let settings = office.settings().ok_or(Failure::UnknownBranch)?;
        Ok(Answer::Shown(view::status(office, settings, outlook)))
    }

    fn refreshed_snapshot(&mut self) -> String {
        self.watch.outlook(self.ledger.office(), self.ground.now());
        self.snapshot(View::Staff)
    }

    /// A ticket of today, by id or code, as the staff see it.
    fn present_ticket(&self, label: &str) -> Option<String> {
        let office = self.office();
        let ticket = office.ticket(payload::ticket(office, label).ok()?)?;
        Some(view::staff_ticket(office, office.settings()?, ticket))
    }

    /// An id of any day, or the code of a ticket of today.
    fn ticket_id(&self, label: &str) -> Result<TicketId, Failure> {
        payload::ticket(self.office(), label).or_else(|_| label.parse().map_err(|_| Failure::UnknownTicket))
    }

    fn trail(&self, ask: AuditAsk, everywhere: bool) -> Result<Trail, Failure> {
        let days = self.settings().ok_or(Failure::UnknownBranch)?.calendar();
        ask.read(AuditFilter { branch: (!everywhere).then(|| self.id()), ..AuditFilter::default() }, days)
    }

    fn listed(&self, state: Option<&str>, day: Option<&str>, after: Option<&str>, limit: usize) -> Result<Listed, Failure> {
        let no_state = || Failure::BadRequest(Wrong::wanted("estado", "un estado de un turno", "a state of a ticket"));
        let settings = self.settings().ok_or(Failure::UnknownBranch)?;
        let today = self.office().day().unwrap_or_else(|| settings.calendar().date(self.ground.now()));
        let day = day.map(|day| day.parse().map_err(|_| payload::no_day("jornada"))).transpose()?.unwrap_or(today);
        let state = state.map(|word| view::state_of(word).ok_or_else(no_state)).transpose()?;
        let after = after.map(|id| id.parse().map_err(|_| payload::no_id("despues"))).transpose()?;
        Ok(Listed { day, today: day == today, state, after, limit })
    }

    /// Asks the past.
    fn look_up(&self, question: Result<Question, Failure>, reply: Waiting, form: fn(String) -> Answer) {
        let asked = question.and_then(|question| Ok((question, self.settings().ok_or(Failure::UnknownBranch)?)));
        match asked {
            Ok((question, settings)) => {
                let done = move |answer: Result<String, Failure>| drop(reply.send(answer.map(form)));
                self.ground.writer.archive.ask(self.id(), settings, question, done);
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }
}

/// The key that the log keeps for a caller's own: that of another caller, for another event, desk or ticket is another.
fn own_key(keys_of: &str, (event, payload): (&str, &str), key: &Key) -> Key {
    #[derive(Default, Deserialize)]
    struct About {
        escritorio: Option<Value>,
        ticket: Option<Value>,
    }
    // It was read before: it is an object.
    let About { escritorio, ticket } = payload::read(Some(payload)).unwrap_or_default();
    let about = [escritorio, ticket].map(|label| label.unwrap_or_default().to_string());
    let parts = [keys_of, event, &about[0], &about[1], key.as_str()];
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part));
    let text: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    match Key::try_from(text) {
        Ok(key) => key,
        Err(error) => unreachable!("64 characters are a key: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_caller_s_own_for_one_command() {
        let key = |keys_of, event, payload, key: &str| own_key(keys_of, (event, payload), &Key::try_from(key.to_owned()).unwrap());
        let first = key("ana", "atender-ticket", r#"{"escritorio":1,"clave":"k"}"#, "k");
        assert_eq!(first.as_str().len(), 64);
        assert_eq!(key("ana", "atender-ticket", r#"{"clave":"k","escritorio":1,"idioma":"en"}"#, "k"), first);
        for other in [
            key("bea", "atender-ticket", r#"{"escritorio":1}"#, "k"),
            key("ana", "rellamar", r#"{"escritorio":1}"#, "k"),
            key("ana", "atender-ticket", r#"{"escritorio":2}"#, "k"),
            key("ana", "atender-ticket", r#"{"escritorio":1,"ticket":"A-001"}"#, "k"),
            key("ana", "atender-ticket", r#"{"escritorio":1}"#, "l"),
        ] {
            assert_ne!(other, first);
        }
    }
}
