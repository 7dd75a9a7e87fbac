//! Owns the rules that hold for every office, whatever happens in it: random days, checked after each step. Compiled for tests only.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::arbitrary::{self, MINUTE, MORNING, Sample, Step, Wish, place, settings, steps};
use super::branch::Office;
use super::command::{Command, Request};
use super::event::{Entry, Event};
use super::ids::{BranchId, DeskId, Key, Millis, Rank, TicketId};
use super::settings::{Policy, Settings};
use super::ticket::{Action, Place, State, Ticket, transition};

/// What the entries of a log promise, counted from the log alone.
#[derive(Default)]
struct Auditor {
    rev: u64,
    at: Option<Millis>,
    calls: u64,
    numbers: BTreeMap<String, u32>,
    states: HashMap<TicketId, State>,
    keys: HashMap<Key, TicketId>,
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
            Event::DayOpened { .. } => {
                assert!(self.states.values().all(|state| state.is_final()), "a day ends with nothing left open");
                self.numbers.clear();
                self.keys.clear();
            }
            Event::TicketIssued { number, code, .. } => {
                let (prefix, digits) = code.split_once('-').unwrap();
                assert_eq!(digits.parse(), Ok(*number));
                let last = self.numbers.entry(prefix.to_owned()).or_default();
                assert_eq!(*number, *last + 1, "numbers of a series and day are unique and without gaps");
                *last = *number;
            }
            Event::TicketCalled { call, .. } | Event::TicketRecalled { call, .. } => {
                assert_eq!(*call, self.calls + 1, "calls are numbered without gaps");
                self.calls = *call;
            }
            _ => {}
        }
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
            assert_eq!(ticket.desk.is_none(), ticket.calls == 0 || ticket.state == State::Waiting);
            assert!(ticket.state != State::Waiting || ticket.desk.is_none());
            if ticket.state.is_active() {
                active += 1;
                let at_desk = office.desk_ticket(ticket.desk.unwrap());
                assert_eq!(at_desk.map(|held| held.id), Some(ticket.id), "one ticket one desk, one desk one ticket");
            }
        }
        assert_eq!(active, office.desks.len());
        let waiting: Vec<&Ticket> = office.tickets().filter(|ticket| ticket.state == State::Waiting).collect();
        assert!(office.waiting().eq(waiting.iter().copied()));
        assert_eq!(office.waiting_count(), waiting.len());
        for (i, ticket) in waiting.iter().enumerate() {
            let ahead = waiting[..i].iter().filter(|other| other.service == ticket.service).count();
            assert_eq!(office.ahead_of(ticket.id), ahead);
        }
    }
}

fn action(event: &Event) -> Option<Action> {
    Some(match event {
        Event::Configured { .. } | Event::DayOpened { .. } | Event::DayClosed { .. } => return None,
        Event::TicketIssued { .. } => Action::Issue,
        Event::TicketCalled { .. } => Action::Call,
        Event::TicketRecalled { .. } => Action::Recall,
        Event::ServiceStarted { .. } => Action::Start,
        Event::TicketFinished { reliable: true, .. } => Action::Finish,
        Event::TicketFinished { reliable: false, .. } | Event::TicketExpired { .. } => Action::EndDay,
        Event::TicketMissed { .. } => Action::Miss,
        Event::TicketRequeued { .. } => Action::Requeue,
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
                    if let (Some(key), Some(_)) = (&request.key, done.ticket) {
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

/// Desks with the same and with different services that call all the time, on one day, with places given by hand now and then.
fn queueing() -> impl Strategy<Value = (Settings, Vec<Step>)> {
    let policy = prop_oneof![Just(Policy::Fifo), (1_u32..=6).prop_map(|factor| Policy::Accumulating { factor })];
    let wish = prop_oneof![
        5 => (1_u32..=2, 0_u8..=2).prop_map(|(service, rank)| Wish::Issue { service, rank }),
        3 => (1_u32..=3).prop_map(Wish::CallNext),
        2 => (1_u32..=3, place()).prop_map(|(desk, place)| Wish::Requeue(desk, None, place)),
    ];
    let tick = prop_oneof![1 => Just(0_i64), 3 => 1_i64..MINUTE, 1 => -MINUTE..0];
    let step = (wish, tick).prop_map(|(wish, tick)| Step { wish, key: None, tick });
    let settings = policy.prop_map(|policy| Settings {
        policy,
        auto_finish: true,
        desks: vec![arbitrary::desk(1, &[]), arbitrary::desk(2, &[1]), arbitrary::desk(3, &[2, 1])],
        classes: vec![arbitrary::class(1), arbitrary::class(2)],
        ..arbitrary::sample()
    });
    (settings, prop::collection::vec(step, 0..60))
}

/// When a ticket came, as the rule of fairness counts it: later when it was put last, `None` when staff chose its place by hand.
type Came = HashMap<TicketId, Option<(Millis, u64)>>;

fn note(came: &mut Came, office: &Office, entry: &Entry) {
    match entry.event {
        Event::TicketIssued { ticket, .. } => drop(came.insert(ticket, Some((entry.at, entry.rev)))),
        Event::TicketRequeued { ticket, place, .. } => {
            let arrival = office.by_id[&ticket];
            came.insert(
                ticket,
                match place {
                    Place::Last => Some((entry.at, entry.rev)),
                    Place::ByArrival => Some((office.ticket(ticket).unwrap().issued_at, arrival)),
                    Place::First | Place::After(_) => None,
                },
            );
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// A priority ticket is never overtaken by a younger normal one that the same desk may serve, except by hand.
    #[test]
    fn no_priority_ticket_is_overtaken_by_a_younger_normal_one((settings, steps) in queueing()) {
        let mut sample = Sample::new(settings);
        let mut came = Came::new();
        for (i, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let Ok(done) = sample.request(step.request(&before, i)) else { continue };
            done.entries.iter().for_each(|entry| note(&mut came, &sample.office, entry));
            let (Wish::CallNext(desk), Some(called)) = (&step.wish, done.ticket) else { continue };
            let called = before.ticket(called).unwrap();
            let Some(called_came) = came[&called.id] else { continue };
            let desk = before.settings().unwrap().desk(DeskId(*desk)).unwrap().clone();
            for passed in before.waiting().filter(|other| desk.serves(other.service) && other.rank > called.rank) {
                let Some(passed_came) = came[&passed.id] else { continue };
                prop_assert!(passed_came > called_came, "{} was called before {}", called.code, passed.code);
            }
        }
    }

    /// Where nobody is placed by hand, the next one is the one that sorting all who wait would find.
    #[test]
    fn the_next_one_is_the_best_of_all_who_wait((settings, steps) in queueing()) {
        let policy = settings.policy;
        let mut sample = Sample::new(settings);
        let mut came = Came::new();
        let by_rule = |step: &&Step| !matches!(step.wish, Wish::Requeue(_, _, Place::First | Place::After(_)));
        for (i, step) in steps.iter().filter(by_rule).enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let Ok(done) = sample.request(step.request(&before, i)) else { continue };
            done.entries.iter().for_each(|entry| note(&mut came, &sample.office, entry));
            let (Wish::CallNext(desk), Some(called)) = (&step.wish, done.ticket) else { continue };
            let desk = before.settings().unwrap().desk(DeskId(*desk)).unwrap().clone();
            let now = sample.office.at();
            let urgency = |ticket: &&Ticket| {
                let (since, order) = came[&ticket.id].unwrap();
                let minutes = i128::from(now.0 - since.0);
                match policy {
                    Policy::Fifo => (0, Rank::NORMAL, std::cmp::Reverse(order)),
                    Policy::Accumulating { factor } => (minutes * i128::from(factor).pow(ticket.rank.0.into()), ticket.rank, std::cmp::Reverse(order)),
                }
            };
            let best = before.waiting().filter(|ticket| desk.serves(ticket.service)).max_by_key(urgency);
            prop_assert_eq!(best.map(|ticket| ticket.id), Some(called));
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
    assert!(sample.office.execute(Request { command: Command::CallNext { desk: DeskId(1) }, key: None }, MORNING).is_err());
}
