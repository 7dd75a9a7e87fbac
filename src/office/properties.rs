//! Owns the rules that hold for every office, whatever happens in it: random days, checked after each step. Compiled for tests only.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::arbitrary::{self, MORNING, Sample, Wish, settings, steps};
use super::branch::Office;
use super::command::Command;
use super::event::{Entry, Event};
use super::ids::{BranchId, DeskId, Key, Millis, SessionId, TicketId, UserId};
use super::refused::Refused;
use super::settings::{Numbers, Settings};
use super::ticket::{Action, State, Ticket, transition};

/// What the entries of a log promise, counted from the log alone.
#[derive(Default)]
struct Auditor {
    rev: u64,
    at: Option<Millis>,
    calls: u64,
    serials: BTreeMap<String, u32>,
    series: BTreeMap<String, Numbers>,
    states: HashMap<TicketId, State>,
    codes: HashMap<TicketId, String>,
    keys: HashMap<Key, TicketId>,
    stations: BTreeMap<DeskId, (Option<SessionId>, Option<UserId>)>,
}

impl Auditor {
    fn read(&mut self, entry: &Entry) {
        assert_eq!(entry.rev, self.rev + 1, "entries are numbered without gaps");
        assert!(self.at.is_none_or(|at| at <= entry.at), "no entry is earlier than the one before");
        (self.rev, self.at) = (entry.rev, Some(entry.at));
        if let Some(action) = action(&entry.event) {
            let ticket = entry.event.ticket().unwrap();
            let state = self.states.get(&ticket).copied();
            let after = transition(state, action).unwrap_or_else(|| panic!("{state:?} does not allow {:?}", entry.event));
            self.states.insert(ticket, after);
        }
        match &entry.event {
            Event::Configured { settings } => {
                self.series = settings.services.iter().map(|service| (service.prefix.clone(), service.numbers)).collect();
            }
            Event::DayClosed { .. } => {
                assert!(self.states.values().all(|state| state.is_final()), "a day ends with nothing left open");
                assert!(self.stations.is_empty(), "a day ends with every desk closed");
            }
            Event::DayOpened { .. } => {
                assert!(self.states.values().all(|state| state.is_final()), "a day begins with nothing left open");
                assert!(self.stations.is_empty(), "a day begins with every desk closed");
                self.serials.clear();
                self.codes.clear();
                self.keys.clear();
            }
            Event::TicketIssued { ticket, number, code, serial, .. } => {
                let (prefix, digits) = code.split_once('-').unwrap();
                assert_eq!(digits.parse(), Ok(*number));
                let Numbers { first, last, step, .. } = self.series[prefix];
                assert!((first..=last).contains(number) && (number - first).is_multiple_of(step), "{code} is of its series");
                let before = self.serials.entry(prefix.to_owned()).or_default();
                assert_eq!(*serial, Some(*before + 1), "the numbers of a series and day are counted without gaps");
                *before += 1;
                self.codes.insert(*ticket, code.clone());
            }
            Event::TicketCalled { call, .. } | Event::TicketRecalled { call, .. } => {
                assert_eq!(*call, self.calls + 1, "calls are numbered without gaps");
                self.calls = *call;
            }
            Event::TicketRestored { ticket, before, .. } => drop(self.states.insert(*ticket, before.state)),
            Event::DeskOpened { desk, session, agent } => drop(self.stations.insert(*desk, (*session, *agent))),
            Event::DeskPaused { desk, .. } => assert!(self.stations.contains_key(desk), "only an open desk has a pause"),
            Event::DeskClosed { desk, .. } => assert!(self.stations.remove(desk).is_some(), "only an open desk is closed"),
            _ => {}
        }
        let agents = self.stations.values().filter_map(|(_, agent)| *agent);
        assert_eq!(agents.clone().collect::<HashSet<_>>().len(), agents.count(), "an agent sits at one desk");
        let open = self.codes.iter().filter(|(ticket, _)| !self.states[*ticket].is_final()).map(|(_, code)| code);
        assert_eq!(open.clone().collect::<HashSet<_>>().len(), open.count(), "an open ticket's code is its own");
        if let Some(key) = &entry.key {
            let before = self.keys.insert(key.clone(), entry.event.ticket().unwrap());
            assert_eq!(before, None, "a key is used once");
        }
    }

    /// The office is what its log says.
    fn agrees(&self, office: &Office) {
        assert_eq!(office.rev(), self.rev);
        let mut active = 0;
        for ticket in office.tickets() {
            assert_eq!(Some(&ticket.state), self.states.get(&ticket.id));
            match ticket.state {
                State::Booked | State::Waiting | State::Deferred => assert_eq!((ticket.desk, ticket.agent), (None, None)),
                State::Called | State::Serving | State::Held | State::Finished | State::Missed => assert!(ticket.desk.is_some()),
                State::Cancelled | State::Expired => {}
            }
            assert_eq!(ticket.state == State::Held, ticket.held_at.is_some());
            assert_eq!(ticket.state == State::Deferred, ticket.deferral.until.is_some() && ticket.deferral.since.is_some());
            assert_eq!(office.by_token(ticket.token).map(|own| own.id), Some(ticket.id));
            let reserved = ticket.reserved.filter(|_| ticket.state == State::Waiting);
            assert!(reserved.is_none_or(|desk| office.station(desk).is_some()), "nobody waits for a desk that is closed");
            let code = office.by_code(&ticket.code).unwrap();
            assert!(ticket.state.is_final() || code.id == ticket.id);
            if ticket.state.is_active() {
                active += 1;
                let at_desk = office.desk_ticket(ticket.desk.unwrap());
                assert_eq!(at_desk.map(|held| held.id), Some(ticket.id), "one ticket one desk, one desk one ticket");
            }
        }
        assert_eq!(active, office.desks.len());
        let stations: BTreeMap<_, _> = office.stations().map(|(desk, station)| (desk, (station.session, station.agent))).collect();
        assert_eq!(stations, self.stations);
        let waiting: Vec<&Ticket> = office.tickets().filter(|ticket| ticket.state == State::Waiting).collect();
        assert!(office.waiting().eq(waiting.iter().copied()));
        assert_eq!(office.waiting_count(), waiting.len());
        let mut away: Vec<&Ticket> = office.tickets().filter(|ticket| ticket.state == State::Deferred).collect();
        away.sort_by_key(|ticket| ticket.deferral.until);
        assert!(office.deferred().eq(away.iter().copied()));
        assert_eq!(office.next_return(), away.first().and_then(|ticket| ticket.deferral.until));
        for (i, ticket) in waiting.iter().enumerate() {
            let ahead = waiting[..i].iter().filter(|other| other.service == ticket.service).count();
            assert_eq!(office.ahead_of(ticket.id), ahead);
        }
    }
}

fn action(event: &Event) -> Option<Action> {
    Some(match event {
        Event::Configured { .. } | Event::DayOpened { .. } | Event::DayClosed { .. } | Event::DayReopened { .. } => return None,
        Event::DeskOpened { .. } | Event::DeskPaused { .. } | Event::DeskClosed { .. } => return None,
        Event::TicketNoted { .. } | Event::TicketRestored { .. } => return None,
        Event::TicketIssued { booked_for: None, .. } => Action::Issue,
        Event::TicketIssued { booked_for: Some(_), .. } => Action::Book,
        Event::TicketCheckedIn { .. } => Action::CheckIn,
        Event::TicketDeferred { .. } => Action::Defer,
        Event::TicketReturned { .. } => Action::Return,
        Event::TicketCalled { .. } => Action::Call,
        Event::TicketRecalled { .. } => Action::Recall,
        Event::ServiceStarted { .. } => Action::Start,
        Event::TicketFinished { reliable: true, .. } => Action::Finish,
        Event::TicketFinished { reliable: false, .. } | Event::TicketExpired { .. } => Action::EndDay,
        Event::TicketMissed { .. } => Action::Miss,
        Event::TicketRequeued { .. } => Action::Requeue,
        Event::TicketHeld { .. } => Action::Hold,
        Event::TicketResumed { .. } => Action::Resume,
        Event::TicketReleased { .. } => Action::Release,
        Event::TicketTransferred { .. } => Action::Transfer,
        Event::TicketCancelled { .. } => Action::Cancel,
        Event::TicketReactivated { .. } => Action::Reactivate,
    })
}

fn replayed(log: &[Entry]) -> Office {
    let mut office = Office::new(BranchId(1));
    for entry in log {
        office.apply(entry);
    }
    office
}

fn through_json(office: &Office) -> Office {
    serde_json::from_str(&serde_json::to_string(office).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Refusals change nothing; the same key is the same ticket; the log keeps its promises; replaying it, or a snapshot of any moment and the
    /// rest of it, gives the same office.
    #[test]
    fn whatever_happens_the_office_is_what_its_log_says(settings in settings(), steps in steps(45), cut in any::<prop::sample::Index>()) {
        let mut sample = Sample::new(settings);
        let mut auditor = Auditor::default();
        sample.log.iter().for_each(|entry| auditor.read(entry));
        let cut = if steps.is_empty() { 0 } else { cut.index(steps.len()) };
        let mut middle = (sample.office.clone(), sample.log.len());
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let request = step.request(&sample.office, i);
            let before = sample.office.clone();
            match sample.request(request.clone()) {
                Ok(done) => {
                    let known = request.key.as_ref().and_then(|key| auditor.keys.get(key)).copied();
                    prop_assert_eq!(done.repeated, known.is_some());
                    if done.repeated {
                        prop_assert_eq!((done.ticket, done.entries.len()), (known, 0));
                        prop_assert_eq!(&sample.office, &before);
                    }
                    done.entries.iter().for_each(|entry| auditor.read(entry));
                    // A note that stands there already tells its ticket, and leaves nothing that would hold the key.
                    let noted_before = matches!(request.command, Command::Annotate { .. }) && done.entries.is_empty() && !done.repeated;
                    if let (Some(key), Some(_), false) = (&request.key, done.ticket, noted_before) {
                        prop_assert_eq!(sample.office.keyed(key), done.ticket);
                    }
                }
                Err(error) => {
                    prop_assert_eq!(&sample.office, &before, "{}", error);
                    prop_assert!(request.key.is_none_or(|key| !auditor.keys.contains_key(&key)), "a known key is answered");
                }
            }
            if i == cut {
                middle = (through_json(&sample.office), sample.log.len());
            }
        }
        auditor.agrees(&sample.office);
        prop_assert_eq!(&replayed(&sample.log), &sample.office);
        let (mut resumed, at) = middle;
        sample.log[at..].iter().for_each(|entry| resumed.apply(entry));
        prop_assert_eq!(&resumed, &sample.office);
    }
}

/// The command that a desk can take back, and whose only trace is on tickets.
fn can_be_undone(wish: &Wish) -> Option<DeskId> {
    match wish {
        Wish::CallNext(desk)
        | Wish::Call(desk, _)
        | Wish::Recall(desk, _)
        | Wish::Start(desk, _)
        | Wish::Finish(desk, ..)
        | Wish::NoShow(desk, _)
        | Wish::Requeue(desk, ..)
        | Wish::Hold(desk, _)
        | Wish::Resume(desk, _)
        | Wish::Release(desk, ..)
        | Wish::Transfer { desk, .. } => Some(DeskId(*desk)),
        _ => None,
    }
}

/// Everything that a desk's command may change but the record that it happened.
fn floor(office: &Office) -> impl PartialEq + std::fmt::Debug + use<> {
    let normals: Vec<_> = office.stations().map(|(desk, station)| (desk, station.normals)).filter(|(_, normals)| *normals > 0).collect();
    let shown: Vec<_> = office.calls_on_show().to_vec();
    ((office.tickets.clone(), office.queue.clone(), office.away.clone()), office.desks.clone(), shown, normals)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// "Next" calls who waits, and whom the desk may serve: nobody held, booked, missed, away, or waiting for another desk alone.
    #[test]
    fn next_calls_only_who_waits_for_that_desk(settings in settings(), steps in steps(60)) {
        let mut sample = Sample::new(settings);
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let request = step.request(&before, i);
            let next = match step.wish {
                Wish::CallNext(desk) => before.next_for(DeskId(desk), sample.now).map(|(ticket, _)| ticket.id),
                _ => None,
            };
            let Ok(done) = sample.request(request) else { continue };
            let Wish::CallNext(desk) = step.wish else { continue };
            if done.repeated || done.entries.iter().any(|entry| matches!(entry.event, Event::DayOpened { .. })) {
                continue;
            }
            let called = before.ticket(done.ticket.unwrap()).unwrap();
            prop_assert_eq!(next, done.ticket);
            prop_assert_eq!(called.state, State::Waiting);
            let serves = before.settings().unwrap().desk(DeskId(desk)).unwrap().serves(called.service);
            prop_assert!(called.reserved.map_or(serves, |reserved| reserved == DeskId(desk)));
        }
    }

    /// Undone at once, a desk's command leaves the tickets, the order of those who wait, the desks and the calls on show exactly as they
    /// were; and it cannot be undone twice.
    #[test]
    fn undo_gives_back_what_was(settings in settings(), steps in steps(60)) {
        let mut sample = Sample::new(settings);
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let request = step.request(&before, i);
            let by = request.by;
            let Ok(done) = sample.request(request) else { continue };
            let Some(desk) = can_be_undone(&step.wish).filter(|_| !done.repeated) else { continue };
            let turned = done.entries.iter().any(|entry| matches!(entry.event, Event::DayOpened { .. }));
            // The program alone does not open the desk for a command that is no call: then nobody is there to undo it.
            let open = sample.office.station(desk).is_some();
            let mut undone = Sample { office: sample.office.clone(), now: sample.now, log: Vec::new() };
            let result = undone.tell_by(by, Command::Undo { desk });
            prop_assert_eq!(result.is_ok(), open, "{:?}", result);
            if open && !turned {
                prop_assert_eq!(floor(&undone.office), floor(&before));
                let again = undone.tell_by(by, Command::Undo { desk });
                prop_assert_eq!(again, Err(Refused::NothingToUndo { desk }));
            }
        }
    }

    /// Some time later and after other things happened, too, undo gives the tickets of the command back as they were, or is refused.
    #[test]
    fn undo_later_gives_back_the_tickets_or_is_refused(settings in settings(), steps in steps(60)) {
        let mut sample = Sample::new(Settings { undo_within: 600_000, ..settings });
        let mut was: HashMap<DeskId, HashMap<TicketId, Ticket>> = HashMap::new();
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let Some(done) = sample.request(step.request(&before, i)).ok().filter(|done| !done.repeated) else { continue };
            let tickets = done.entries.iter().filter_map(|entry| entry.event.ticket());
            if let Wish::Undo(desk) = step.wish {
                let expected = was.remove(&DeskId(desk)).unwrap();
                prop_assert_eq!(tickets.clone().collect::<HashSet<_>>(), expected.keys().copied().collect::<HashSet<_>>());
                for ticket in tickets {
                    prop_assert_eq!(sample.office.ticket(ticket), expected.get(&ticket));
                }
            } else if let Some(desk) = can_be_undone(&step.wish) {
                was.insert(desk, tickets.filter_map(|id| Some((id, before.ticket(id)?.clone()))).collect());
            }
        }
    }
}

#[test]
fn a_long_day_with_many_waiting_goes_on() {
    let mut sample = Sample::new(Settings { auto_finish: true, ..arbitrary::sample() });
    for i in 0..2_000 {
        sample.pass(1000);
        sample.issue(1 + i % 2, (i % 5 == 0).into());
    }
    for left in (0..2_000).rev() {
        sample.done(Command::CallNext { desk: DeskId(1) });
        assert_eq!(sample.office.waiting_count(), left);
    }
    assert!(sample.office.execute(Command::CallNext { desk: DeskId(1) }.into(), MORNING).is_err());
}

/// The random days above are worth something only if everything happens in them now and then.
#[test]
fn random_days_reach_every_event_and_nearly_every_refusal() {
    let mut runner = TestRunner::deterministic();
    let (mut events, mut codes, mut undone) = (BTreeMap::<String, usize>::new(), BTreeMap::<&str, usize>::new(), 0);
    for _ in 0..600 {
        let (settings, steps) = (settings(), steps(80)).new_tree(&mut runner).unwrap().current();
        let mut sample = Sample::new(settings);
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            match sample.request(step.request(&sample.office, i)) {
                Ok(done) => undone += usize::from(matches!(step.wish, Wish::Undo(_)) && done.entries.len() > 1),
                Err(refused) => *codes.entry(refused.code()).or_default() += 1,
            }
        }
        for entry in &sample.log {
            let kind = serde_json::to_value(&entry.event).unwrap()["type"].as_str().unwrap().to_owned();
            *events.entry(kind).or_default() += 1;
        }
    }
    let rare: Vec<_> = events.iter().filter(|(_, times)| **times < 10).collect();
    assert!(events.len() == 26 && rare.is_empty(), "{events:?}");
    assert!(codes.len() >= 25 && undone > 0, "{codes:?}, {undone} times two tickets at once were restored");
}
