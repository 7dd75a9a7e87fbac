//! Owns the reading of the past: figures, certificates and simulations are read and computed on a thread of their own, which never keeps a commit waiting,
//! one question after the other. Never writes, and sends nothing to clients.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use chrono::NaiveDate;

use super::failure::Failure;
use super::reports::{self, Asked, Certified, Listed};
use super::simulation;
use super::trail::Trail;
use super::view;
use crate::office::figures::Line;
use crate::office::{BranchId, Millis, Settings, TicketId, certificate};
use crate::store::{Reports, StoreError};
use crate::wrong::Wrong;

/// Questions that may wait.
const MOST_WAITING: usize = 16;

/// What somebody wants to know of a branch's past.
#[derive(Debug)]
pub enum Question {
    /// `now` ends what still lasts.
    Figures {
        asked: Asked,
        now: Millis,
    },
    Certificate(Certified),
    /// Figures as CSV.
    Sheet {
        asked: Asked,
        now: Millis,
    },
    /// Lines of the audit log.
    Trail(Trail),
    /// A page of the tickets of a day.
    Tickets(Listed),
    /// A ticket of any day; `today` says whether it may still be reactivated.
    Ticket {
        id: TicketId,
        today: Option<NaiveDate>,
    },
    /// What each policy would have made of a business day; `now` ends what still lasts.
    Simulation {
        day: NaiveDate,
        now: Millis,
    },
}

struct Job {
    branch: BranchId,
    settings: Box<Settings>,
    question: Question,
    done: Box<dyn FnOnce(Result<String, Failure>) + Send>,
}

/// A handle to the thread, which ends when the last one is gone.
#[derive(Clone)]
pub struct Archive {
    jobs: SyncSender<Job>,
}

impl Archive {
    /// Starts the thread. A store that gives no way to read leaves every question unanswered.
    pub fn start(reports: Result<Box<dyn Reports>, StoreError>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = sync_channel(MOST_WAITING);
        let reports = reports.inspect_err(|error| log::error!("the past cannot be read: {error}")).ok();
        let thread = std::thread::Builder::new().name("archive".into()).spawn(move || work(reports, &queue))?;
        Ok((Self { jobs }, thread))
    }

    /// Answers with the JSON of the acknowledgement, on the thread; at once when too many wait.
    pub fn ask(
        &self,
        branch: BranchId,
        settings: &Settings,
        question: Question,
        done: impl FnOnce(Result<String, Failure>) + Send + 'static,
    ) {
        let job = Job { branch, settings: Box::new(settings.clone()), question, done: Box::new(done) };
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(Job { done, .. })) => done(Err(Failure::Overloaded)),
            Err(TrySendError::Disconnected(Job { done, .. })) => done(Err(Failure::ShuttingDown)),
        }
    }
}

fn work(mut reports: Option<Box<dyn Reports>>, queue: &Receiver<Job>) {
    for Job { branch, settings, question, done } in queue {
        let answer = match &mut reports {
            Some(reports) => answer(reports.as_mut(), branch, &settings, &question),
            None => Err(Failure::StorageUnavailable),
        };
        done(answer);
    }
}

fn answer(reports: &mut dyn Reports, branch: BranchId, settings: &Settings, question: &Question) -> Result<String, Failure> {
    let answer = match question {
        Question::Figures { asked, now } => figures(reports, branch, settings, asked, *now).map(Some),
        Question::Certificate(certified) => certificate(reports, branch, settings, certified),
        Question::Sheet { asked, now } => lines(reports, branch, settings, asked, *now).map(|lines| Some(reports::sheet(settings, &lines))),
        Question::Trail(trail) => trail.answer(reports).map(Some),
        Question::Tickets(listed) => match tickets(reports, branch, settings, listed) {
            Ok(None) => {
                return Err(Failure::BadRequest(Wrong::at("despues", "no es ningún turno de ese día", "it is no ticket of that day")));
            }
            page => page,
        },
        Question::Ticket { id, today } => reports.ticket(branch, *id).map(|visit| {
            let visit = visit?;
            Some(format!(r#"{{"ok":true,"ticket":{}}}"#, view::past_ticket(settings, &visit.ticket, Some(visit.day) == *today)))
        }),
        Question::Simulation { day, now } => simulation(reports, branch, settings, *day, *now).map(Some),
    };
    match answer {
        Ok(answer) => answer.ok_or(Failure::UnknownTicket),
        Err(error) => {
            log::error!("the past cannot be read: {error}");
            Err(Failure::StorageUnavailable)
        }
    }
}

fn figures(reports: &mut dyn Reports, branch: BranchId, settings: &Settings, asked: &Asked, now: Millis) -> Result<String, StoreError> {
    Ok(reports::figures(settings, &lines(reports, branch, settings, asked, now)?))
}

fn lines(reports: &mut dyn Reports, branch: BranchId, settings: &Settings, asked: &Asked, now: Millis) -> Result<Vec<Line>, StoreError> {
    reports.figures(branch, &asked.scope, asked.by, settings, now)
}

/// `None` when the ticket behind which the page begins is not of that day.
fn tickets(reports: &mut dyn Reports, branch: BranchId, settings: &Settings, listed: &Listed) -> Result<Option<String>, StoreError> {
    let Listed { day, state, after, limit, .. } = listed;
    let (mut found, mut page) = (after.is_none(), Vec::new());
    reports.tickets(branch, &(*day..=*day), &mut |visit| {
        if !found {
            found = Some(visit.ticket.id) == *after;
        } else if state.is_none_or(|state| state == visit.ticket.state) {
            page.push(visit.ticket);
        }
        if page.len() > *limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found.then(|| reports::page(settings, listed, &page)))
}

fn simulation(reports: &mut dyn Reports, branch: BranchId, settings: &Settings, day: NaiveDate, now: Millis) -> Result<String, StoreError> {
    let played = reports.played_day(branch, day, now)?;
    Ok(simulation::outcomes(settings, day, &played, &crate::office::simulation::outcomes(&played, settings)))
}

/// `None` when there was no such ticket. Of several with one code it is the last.
fn certificate(
    reports: &mut dyn Reports,
    branch: BranchId,
    settings: &Settings,
    certified: &Certified,
) -> Result<Option<String>, StoreError> {
    let id: Option<TicketId> = match certified {
        Certified::Ticket(id) => Some(*id),
        Certified::Code { code, day } => reports.find(branch, *day, code)?.last().map(|visit| visit.ticket.id),
    };
    let Some(id) = id else { return Ok(None) };
    let entries = reports.history(branch, id)?;
    Ok(certificate::of(id, &entries, settings).map(|certificate| reports::certificate(settings, &certificate)))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use serde_json::Value;

    use super::*;
    use crate::office::arbitrary::{MINUTE, Sample, page, sample};
    use crate::office::figures::{By, Scope};
    use crate::office::{Command, DeskId};
    use crate::store::{Batch, MemoryStore, Store};

    const BRANCH: BranchId = BranchId(1);

    /// A ticket that waited 4 minutes and was served 6, on disk.
    fn day() -> (Sample, TicketId, Archive) {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.pass(4 * MINUTE);
        sample.tell_by(page(7), Command::CallNext { desk: DeskId(1) }).unwrap();
        sample.tell_by(page(7), Command::Start { desk: DeskId(1), ticket: None }).unwrap();
        sample.pass(6 * MINUTE);
        sample.tell_by(page(7), Command::Finish { desk: DeskId(1), ticket: None, outcome: None, note: None }).unwrap();
        let mut store = MemoryStore::default();
        store.load(BRANCH).unwrap();
        store.commit(&Batch { branch: BRANCH, entries: sample.log.clone(), snapshot: None, audit: Vec::new() }).unwrap();
        let (archive, _) = Archive::start(store.reports()).unwrap();
        (sample, ticket, archive)
    }

    fn asked(sample: &Sample, archive: &Archive, question: Question) -> Result<Value, Failure> {
        let (tell, told) = channel();
        archive.ask(BRANCH, sample.office.settings().unwrap(), question, move |answer| tell.send(answer).unwrap());
        Ok(serde_json::from_str(&told.recv().unwrap()?).unwrap())
    }

    #[test]
    fn figures_are_those_of_the_log() {
        let (sample, _, archive) = day();
        let today = sample.office.day().unwrap();
        let question = Question::Figures { asked: Asked { scope: Scope::days(today, today), by: By::Desk }, now: sample.now };
        let answer = asked(&sample, &archive, question).unwrap();
        let line = &answer["cifras"][0];
        assert_eq!(
            (&line["grupo"], &line["finalizados"], &line["espera"]["media"]),
            (&1.into(), &1.into(), &(4 * MINUTE).into()),
            "{answer}"
        );
        assert_eq!((&line["atencion"], &line["porHora"]), (&(6 * MINUTE).into(), &10.0.into()), "{answer}");
    }

    #[test]
    fn a_certificate_is_found_by_ticket_and_by_code_and_day() {
        let (sample, ticket, archive) = day();
        let day = sample.office.day().unwrap();
        let by_ticket = asked(&sample, &archive, Question::Certificate(Certified::Ticket(ticket))).unwrap();
        assert_eq!((&by_ticket["certificado"]["codigo"], &by_ticket["certificado"]["espera"]), (&"A-001".into(), &(4 * MINUTE).into()));
        let code = |code: &str| Question::Certificate(Certified::Code { code: code.into(), day });
        assert_eq!(asked(&sample, &archive, code("A-001")).unwrap(), by_ticket);
        assert_eq!(asked(&sample, &archive, code("A-002")), Err(Failure::UnknownTicket));
    }

    #[test]
    fn a_day_is_played_under_every_policy() {
        let (sample, _, archive) = day();
        let today = sample.office.day().unwrap();
        let answer = asked(&sample, &archive, Question::Simulation { day: today, now: sample.now }).unwrap();
        assert_eq!((&answer["jornada"], &answer["llegadas"]), (&today.to_string().into(), &1.into()), "{answer}");
        let policies = answer["politicas"].as_array().unwrap();
        let kinds: Vec<_> = policies.iter().map(|policy| policy["politica"]["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["fifo", "strict", "accumulating", "guarded_ratio"]);
        for policy in policies {
            // The desk opened by its first call.
            let normal = &policy["clases"][0];
            assert_eq!((&normal["personas"], &normal["media"]), (&1.into(), &(4 * MINUTE).into()), "{policy}");
        }
        let before = Question::Simulation { day: today.pred_opt().unwrap(), now: sample.now };
        assert_eq!(asked(&sample, &archive, before).unwrap()["llegadas"], 0);
    }

    #[test]
    fn without_a_way_to_read_it_says_so() {
        let (sample, ticket, _) = day();
        let (archive, thread) = Archive::start(Err(StoreError::Unavailable("no".into()))).unwrap();
        let question = Question::Certificate(Certified::Ticket(ticket));
        assert_eq!(asked(&sample, &archive, question), Err(Failure::StorageUnavailable));
        drop(archive);
        thread.join().unwrap();
    }
}
