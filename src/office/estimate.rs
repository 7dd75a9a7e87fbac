//! Owns how long somebody will wait: plays the calls to come through, by the policy itself, with the desks that are open now and the pace of
//! each service. Never changes an office and never copies its queue. Nobody who has yet to come is thought of: who comes later may still be
//! called before.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::ControlFlow;

use super::branch::Office;
use super::ids::{DeskId, Millis, Rank, ServiceId, TicketId};
use super::policy::{Contender, Rule};
use super::queue::{Head, Lane, Line, Queue};
use super::settings::{Desk, Policy, Served};
use super::ticket::{State, Ticket};

/// How far it is looked ahead, in milliseconds: an hour.
const HORIZON: i64 = 3_600_000;

/// What can be said of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wait {
    /// Nothing: no open desk serves it, or it does not wait.
    #[default]
    Unknown,
    /// Milliseconds until the call, at most an hour.
    Within(i64),
    /// More than an hour.
    Beyond,
}

/// A wait as it is told to people: minutes, multiples of five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub low: u32,
    pub high: u32,
}

/// What everybody may expect at one moment, those who wait and those who would come now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    within: HashMap<TicketId, i64>,
    newcomers: HashMap<(ServiceId, Rank), Wait>,
    reach: Reach,
}

/// Whom the open desks serve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Reach {
    all: bool,
    services: HashSet<ServiceId>,
    desks: HashSet<DeskId>,
}

/// A desk that calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtWork<'a> {
    pub desk: &'a Desk,
    /// When it calls its next one.
    pub free_at: Millis,
    /// Normal tickets that it called last, in a row.
    pub normals: u32,
}

/// Where the calls to come begin.
pub(super) struct Scene<'a> {
    pub queue: &'a Queue,
    pub policy: Policy,
    pub now: Millis,
    pub desks: Vec<AtWork<'a>>,
    /// Those who would come now, each as if it came alone: they keep nobody waiting.
    pub newcomers: Vec<(ServiceId, Rank)>,
}

/// A call to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pick {
    pub at: Millis,
    pub desk: DeskId,
    pub who: Who,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// A waiting ticket, by its arrival.
    Waiting(u64),
    Newcomer(ServiceId, Rank),
}

impl Office {
    /// What everybody may expect now. Costs the calls of the next hour, however many wait: compute it once a change and ask it for each ticket.
    pub fn expected(&self, now: Millis) -> Expected {
        let now = self.now(now);
        let desks = self.at_work(now);
        let Some(settings) = self.settings().filter(|_| !desks.is_empty()) else { return Expected::default() };
        let reach = Reach::of(&desks);
        let ranks = || settings.classes.iter().map(|class| class.rank).chain([Rank::NORMAL]);
        let served = settings.services.iter().map(|service| service.id).filter(|service| reach.serves(*service));
        let newcomers: Vec<_> = served.flat_map(|service| ranks().map(move |rank| (service, rank))).collect();
        let mut expected =
            Expected { within: HashMap::new(), newcomers: newcomers.iter().map(|newcomer| (*newcomer, Wait::Beyond)).collect(), reach };
        self.play(Scene { queue: &self.queue, policy: settings.policy, now, desks, newcomers }, |pick| {
            let wait = pick.at.0.saturating_sub(now.0);
            match pick.who {
                Who::Waiting(arrival) => {
                    if let Some(ticket) = self.tickets.get(&arrival) {
                        expected.within.insert(ticket.id, wait);
                    }
                }
                Who::Newcomer(service, rank) => {
                    expected.newcomers.insert((service, rank), Wait::Within(wait));
                }
            }
            ControlFlow::Continue(())
        });
        expected
    }

    /// What somebody may expect who took a ticket now. Stops at that one's call.
    pub fn expected_for(&self, service: ServiceId, rank: Rank, now: Millis) -> Wait {
        let now = self.now(now);
        let desks = self.at_work(now);
        let Some(settings) = self.settings().filter(|_| Reach::of(&desks).serves(service)) else { return Wait::Unknown };
        let mut wait = Wait::Beyond;
        let newcomers = vec![(service, rank)];
        self.play(Scene { queue: &self.queue, policy: settings.policy, now, desks, newcomers }, |pick| match pick.who {
            Who::Waiting(_) => ControlFlow::Continue(()),
            Who::Newcomer(..) => {
                wait = Wait::Within(pick.at.0.saturating_sub(now.0));
                ControlFlow::Break(())
            }
        });
        wait
    }

    /// What a ticket that was issued this very moment was told then, without playing the queue once more.
    pub fn expected_at_issue(&self, ticket: &Ticket, now: Millis) -> Wait {
        match ticket.expected {
            Some(millis) => Wait::Within(millis),
            None if ticket.state == State::Waiting && Reach::of(&self.at_work(self.now(now))).serves(ticket.service) => Wait::Beyond,
            None => Wait::Unknown,
        }
    }

    /// Milliseconds that serving one is expected to take: what was measured last, drawn to what is configured. 0 for an unknown service.
    pub fn pace(&self, service: ServiceId) -> i64 {
        let configured = self.settings().and_then(|settings| settings.service(service)).map_or(0, |service| service.mean);
        self.paces.get(&service).map_or(configured, |pace| pace.mean(configured))
    }

    fn play(&self, scene: Scene<'_>, visit: impl FnMut(Pick) -> ControlFlow<()>) {
        let rank = |arrival| self.tickets.get(&arrival).map_or(Rank::NORMAL, |ticket| ticket.rank);
        play(scene, rank, |service| self.pace(service), visit);
    }

    /// The desks that are open and have no pause.
    fn at_work(&self, now: Millis) -> Vec<AtWork<'_>> {
        let Some(settings) = self.settings() else { return Vec::new() };
        let open = self.stations.iter().filter(|(_, station)| station.paused.is_none());
        open.filter_map(|(id, station)| {
            let desk = settings.desk(*id)?;
            let free_at = self.desk_ticket(*id).map_or(now, |ticket| now.max(self.ends_at(ticket)));
            Some(AtWork { desk, free_at, normals: station.normals })
        })
        .collect()
    }

    /// When a desk will be done with the ticket that it has. May be past already.
    fn ends_at(&self, ticket: &Ticket) -> Millis {
        let called = ticket.last_called_at.unwrap_or(ticket.issued_at);
        Millis(called.0.saturating_add(ticket.held).saturating_add(self.pace(ticket.service)))
    }
}

impl Expected {
    /// What a ticket may expect that waited when this was computed.
    pub fn of(&self, ticket: &Ticket) -> Wait {
        if ticket.state != State::Waiting {
            return Wait::Unknown;
        }
        match self.within.get(&ticket.id) {
            Some(wait) => Wait::Within(*wait),
            None if ticket.reserved.map_or_else(|| self.reach.serves(ticket.service), |desk| self.reach.desks.contains(&desk)) => {
                Wait::Beyond
            }
            None => Wait::Unknown,
        }
    }

    /// What somebody may expect who takes a ticket now.
    pub fn newcomer(&self, service: ServiceId, rank: Rank) -> Wait {
        self.newcomers.get(&(service, rank)).copied().unwrap_or_default()
    }
}

impl Wait {
    /// From 0.8 to 1.3 of it, each rounded up to five minutes, the end at least five: who is told nothing at all is told too much. `None` for what is
    /// not within the hour.
    pub fn range(self) -> Option<Range> {
        let Self::Within(millis) = self else { return None };
        let minutes = |tenths: u64| u32::try_from((millis.max(0).unsigned_abs().saturating_mul(tenths)).div_ceil(3_000_000) * 5);
        Some(Range { low: minutes(8).ok()?, high: minutes(13).ok()?.max(5) })
    }
}

impl Reach {
    fn of(desks: &[AtWork<'_>]) -> Self {
        Self {
            all: desks.iter().any(|at_work| at_work.desk.services.is_empty()),
            services: desks.iter().flat_map(|at_work| &at_work.desk.services).map(|served| served.service).collect(),
            desks: desks.iter().map(|at_work| at_work.desk.id).collect(),
        }
    }

    fn serves(&self, service: ServiceId) -> bool {
        self.all || self.services.contains(&service)
    }
}

/// A lane, and how far its calls are.
struct Cursor<I> {
    line: Line,
    lane: Lane,
    head: Option<Head>,
    behind: Option<I>,
    newcomer: Option<Head>,
}

impl<I: Iterator<Item = Head>> Cursor<I> {
    fn new(line: Line, lane: Lane, heads: Option<I>) -> Self {
        Self { line, lane, head: None, behind: heads, newcomer: None }
    }

    fn advance(&mut self) {
        self.head = self.behind.as_mut().and_then(Iterator::next).or_else(|| self.newcomer.take());
    }
}

/// Later than every arrival.
const NEWCOMER: u64 = u64::MAX;

/// Plays the calls to come in their order, until nobody is left whom one of the desks serves, until an hour is over, or until `visit` has
/// enough. Of two desks that are free at the same moment the one with the smaller number calls first.
pub(super) fn play(
    scene: Scene<'_>,
    rank: impl Fn(u64) -> Rank,
    pace: impl Fn(ServiceId) -> i64,
    mut visit: impl FnMut(Pick) -> ControlFlow<()>,
) {
    let Scene { queue, policy, now, mut desks, newcomers } = scene;
    let mut cursors: Vec<_> = queue.lanes().map(|(line, lane, heads)| Cursor::new(line, lane, Some(heads))).collect();
    for (service, rank) in newcomers {
        let (line, lane) = (Line::Service(service), Lane::Rank(rank));
        let head = Head { line, lane, slot: NEWCOMER, since: now, position: 0, arrival: NEWCOMER };
        match cursors.iter_mut().find(|cursor| (cursor.line, cursor.lane) == (line, lane)) {
            Some(cursor) => cursor.newcomer = Some(head),
            None => cursors.push(Cursor { newcomer: Some(head), ..Cursor::new(line, lane, None) }),
        }
    }
    cursors.iter_mut().for_each(Cursor::advance);
    let seen = |desk: &Desk| -> Vec<(usize, Served)> {
        cursors.iter().enumerate().filter_map(|(lane, cursor)| Some((lane, cursor.line.served_by(desk)?))).collect()
    };
    let lanes: Vec<_> = desks.iter().map(|at_work| seen(at_work.desk)).collect();
    let mut free: BinaryHeap<_> =
        desks.iter().enumerate().map(|(i, at_work)| Reverse((at_work.free_at.max(now), at_work.desk.id, i))).collect();
    let end = now.0.saturating_add(HORIZON);
    while let Some(Reverse((at, desk, i))) = free.pop() {
        if at.0 > end {
            return;
        }
        let rule = Rule { policy, normals: desks[i].normals, at };
        let contenders =
            lanes[i].iter().filter_map(|(lane, served)| Some((*lane, Contender { head: cursors[*lane].head?, served: *served })));
        // Nobody comes any more: a desk that finds nobody now never does.
        let Some((lane, Contender { head, .. })) = contenders.min_by_key(|(_, contender)| rule.precedence(contender)) else { continue };
        cursors[lane].advance();
        let (who, busy) = match head {
            Head { arrival: NEWCOMER, line, lane: Lane::Rank(rank), .. } => (Who::Newcomer(line.service(), rank), 0),
            Head { arrival, line, .. } => {
                desks[i].normals = if rank(arrival) == Rank::NORMAL { desks[i].normals.saturating_add(1) } else { 0 };
                (Who::Waiting(arrival), pace(line.service()).max(0))
            }
        };
        if visit(Pick { at, desk, who }).is_break() {
            return;
        }
        free.push(Reverse((Millis(at.0.saturating_add(busy)), desk, i)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{MINUTE, MORNING as NOW, Sample, desk, sample};
    use super::super::command::Command;
    use super::super::queue::Newcomer;
    use super::super::ticket::Place;
    use super::Wait::{Beyond, Unknown, Within};
    use super::*;

    /// Service, rank, and the desk that it is reserved for.
    type Came = (u32, u8, Option<u32>);

    /// The calls to come, of a desk each as (minutes from now, desk, ticket), when service 1 takes 4 minutes and every other one 10. Tickets
    /// 1, 2, 3 … came a minute apart.
    fn calls(policy: Policy, came: &[Came], desks: &[(&Desk, i64)], newcomers: &[(u32, u8)]) -> Vec<(i64, u32, Who)> {
        let mut queue = Queue::default();
        for (i, (service, rank, reserved)) in came.iter().enumerate() {
            let (arrival, issued_at) = (i as u64 + 1, Millis(NOW.0 - (came.len() - i) as i64 * MINUTE));
            let (service, rank, reserved) = (ServiceId(*service), Rank(*rank), reserved.map(DeskId));
            queue.put(Newcomer { arrival, service, rank, issued_at, reserved }, Place::ByArrival, policy, arrival, issued_at);
        }
        let desks = desks.iter().map(|(desk, free)| AtWork { desk, free_at: Millis(NOW.0 + free * MINUTE), normals: 0 }).collect();
        let newcomers = newcomers.iter().map(|(service, rank)| (ServiceId(*service), Rank(*rank))).collect();
        let rank = |arrival| Rank(came[arrival as usize - 1].1);
        let pace = |service| if service == ServiceId(1) { 4 * MINUTE } else { 10 * MINUTE };
        let mut picks = Vec::new();
        play(Scene { queue: &queue, policy, now: NOW, desks, newcomers }, rank, pace, |pick| {
            picks.push(((pick.at.0 - NOW.0) / MINUTE, pick.desk.0, pick.who));
            ControlFlow::Continue(())
        });
        picks
    }

    const fn new(service: u32) -> Who {
        Who::Newcomer(ServiceId(service), Rank(0))
    }

    use Who::Waiting;

    #[test]
    fn two_desks_by_hand() {
        let (all, some) = (desk(1, &[]), desk(2, &[1]));
        let came = [(1, 0, None), (1, 1, None), (2, 0, None), (1, 0, None)];
        let expected = [(0, 1, Waiting(1)), (2, 2, Waiting(2)), (4, 1, Waiting(3)), (6, 2, Waiting(4)), (10, 2, new(1)), (14, 1, new(2))];
        assert_eq!(calls(Policy::Fifo, &came, &[(&all, 0), (&some, 2)], &[(2, 0), (1, 0)]), expected);
        assert_eq!(calls(Policy::Fifo, &came, &[(&all, 0), (&some, 2)], &[]), expected[..4]);
    }

    #[test]
    fn a_newcomer_keeps_nobody_waiting() {
        let all = desk(1, &[]);
        let came = [(1, 0, None), (1, 0, None)];
        let strict = calls(Policy::Strict, &came, &[(&all, 0)], &[(1, 1), (1, 0)]);
        assert_eq!(strict, [(0, 1, Who::Newcomer(ServiceId(1), Rank(1))), (0, 1, Waiting(1)), (4, 1, Waiting(2)), (8, 1, new(1))]);
    }

    #[test]
    fn waiting_longer_while_the_play_goes_on_counts() {
        let (all, came) = (desk(1, &[]), [(1, 0, None), (1, 0, None), (1, 1, None)]);
        let policy = Policy::Accumulating { factor: 2 };
        // At once 3, 2 and 2 minutes count; in 4 minutes 6 against 5 x 2.
        assert_eq!(calls(policy, &came, &[(&all, 0)], &[]), [(0, 1, Waiting(1)), (4, 1, Waiting(3)), (8, 1, Waiting(2))]);
    }

    #[test]
    fn the_ratio_goes_on_from_call_to_call() {
        let (all, came) = (desk(1, &[]), [(1, 0, None), (1, 0, None), (1, 0, None), (1, 1, None), (1, 1, None)]);
        let order: Vec<_> = calls(Policy::GuardedRatio { normals: 2 }, &came, &[(&all, 0)], &[]).into_iter().map(|(.., who)| who).collect();
        assert_eq!(order, [1, 2, 4, 3, 5].map(Waiting));
    }

    #[test]
    fn a_reserved_ticket_waits_for_its_desk() {
        let (one, two) = (desk(1, &[]), desk(2, &[2]));
        let came = [(1, 0, Some(2)), (1, 0, None), (1, 0, Some(3))];
        assert_eq!(calls(Policy::Fifo, &came, &[(&one, 0), (&two, 3)], &[]), [(0, 1, Waiting(2)), (3, 2, Waiting(1))]);
    }

    #[test]
    fn nobody_is_called_later_than_in_an_hour() {
        let (all, came) = (desk(1, &[]), [(2, 0, None); 20]);
        let times: Vec<_> = calls(Policy::Fifo, &came, &[(&all, 0)], &[(2, 0)]).into_iter().map(|(at, ..)| at).collect();
        assert_eq!(times, [0, 10, 20, 30, 40, 50, 60]);
    }

    fn open(sample: &mut Sample, desk: u32) {
        sample.done(Command::OpenDesk { desk: DeskId(desk), take_over: false });
    }

    /// What each ticket may expect, in minutes where that can be said.
    fn waits(sample: &Sample, tickets: &[TicketId]) -> Vec<Wait> {
        let expected = sample.office.expected(sample.now);
        tickets.iter().map(|ticket| in_minutes(expected.of(sample.office.ticket(*ticket).unwrap()))).collect()
    }

    fn in_minutes(wait: Wait) -> Wait {
        if let Within(millis) = wait { Within(millis / MINUTE) } else { wait }
    }

    #[test]
    fn nothing_is_said_without_an_open_desk() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        let nothing = |sample: &Sample| {
            assert_eq!(sample.office.expected(sample.now), Expected::default());
            assert_eq!(sample.office.expected_for(ServiceId(1), Rank(0), sample.now), Unknown);
            assert_eq!(waits(sample, &[ticket]), [Unknown]);
        };
        nothing(&sample);
        open(&mut sample, 1);
        assert_eq!(waits(&sample, &[ticket]), [Within(0)]);
        sample.done(Command::PauseDesk { desk: DeskId(1), reason: None });
        nothing(&sample);
    }

    #[test]
    fn each_waits_for_those_before() {
        let mut sample = Sample::new(sample());
        let tickets: Vec<_> = (0..14).map(|_| sample.issue(1, 0)).collect();
        sample.pass(MINUTE);
        open(&mut sample, 1);
        let expected: Vec<_> = (0..13).map(|i| Within(5 * i)).chain([Beyond]).collect();
        assert_eq!(waits(&sample, &tickets), expected);
        open(&mut sample, 2);
        sample.done(Command::PauseDesk { desk: DeskId(2), reason: None });
        assert_eq!(waits(&sample, &tickets), expected, "who has a pause calls nobody");
        open(&mut sample, 2);
        assert_eq!(waits(&sample, &tickets), (0..14).map(|i| Within(i / 2 * 5)).collect::<Vec<_>>());
        let now = sample.now;
        let expected = sample.office.expected(now);
        // A priority one counts 15 minutes at the second calls, and those who wait now 6.
        for (service, rank, minutes) in [(1, 0, 35), (2, 0, 35), (1, 1, 5), (2, 1, 5)] {
            let (service, rank) = (ServiceId(service), Rank(rank));
            assert_eq!(expected.newcomer(service, rank), Within(minutes * MINUTE));
            assert_eq!(sample.office.expected_for(service, rank, now), Within(minutes * MINUTE));
        }
        assert_eq!(expected.newcomer(ServiceId(9), Rank(0)), Unknown);
    }

    #[test]
    fn a_desk_at_work_is_free_when_its_visitor_will_have_been_served() {
        let mut sample = Sample::new(sample());
        let tickets: Vec<_> = (0..3).map(|_| sample.issue(1, 0)).collect();
        open(&mut sample, 1);
        sample.done(Command::CallNext { desk: DeskId(1) });
        sample.pass(2 * MINUTE);
        assert_eq!(waits(&sample, &tickets), [Unknown, Within(3), Within(8)]);
        sample.pass(9 * MINUTE);
        assert_eq!(waits(&sample, &tickets), [Unknown, Within(0), Within(5)], "it takes longer than thought: any time now");
    }

    #[test]
    fn only_who_an_open_desk_serves_may_expect_anything() {
        let mut settings = sample();
        settings.desks = vec![desk(1, &[1]), desk(2, &[2])];
        let mut sample = Sample::new(settings);
        let (served, other, reserved) = (sample.issue(1, 0), sample.issue(2, 0), sample.issue(1, 0));
        open(&mut sample, 1);
        open(&mut sample, 2);
        let to = Some(DeskId(2));
        sample.done(Command::Transfer { desk: DeskId(1), ticket: Some(reserved), service: None, to, place: None });
        assert_eq!(waits(&sample, &[served, other, reserved]), [Within(0), Within(0), Within(5)]);
        sample.done(Command::PauseDesk { desk: DeskId(2), reason: None });
        assert_eq!(waits(&sample, &[served, other, reserved]), [Within(0), Unknown, Unknown]);
        assert_eq!(sample.office.expected_for(ServiceId(2), Rank(0), sample.now), Unknown);
    }

    #[test]
    fn the_pace_follows_what_was_measured() {
        let mut sample = Sample::new(sample());
        let tickets: Vec<_> = (0..7).map(|_| sample.issue(1, 0)).collect();
        for _ in 0..5 {
            sample.done(Command::CallNext { desk: DeskId(1) });
            sample.pass(MINUTE);
            sample.done(Command::Finish { desk: DeskId(1), ticket: None, outcome: None, note: None });
        }
        assert_eq!(sample.office.pace(ServiceId(1)), 3 * MINUTE, "(5 x 1 + 5 x 5) / 10");
        assert_eq!((sample.office.pace(ServiceId(2)), sample.office.pace(ServiceId(9))), (5 * MINUTE, 0));
        assert_eq!(waits(&sample, &tickets[5..]), [Within(0), Within(3)]);
    }

    #[test]
    fn a_new_ticket_is_told_the_same_without_playing_the_queue_again() {
        let mut settings = sample();
        settings.desks = vec![desk(1, &[1]), desk(2, &[2])];
        let mut sample = Sample::new(settings);
        open(&mut sample, 1);
        let mut told = HashSet::new();
        for service in [1; 15].into_iter().chain([2]) {
            let ticket = sample.issue(service, 0);
            let ticket = sample.office.ticket(ticket).unwrap();
            let wait = sample.office.expected_at_issue(ticket, sample.now);
            assert_eq!(wait, sample.office.expected(sample.now).of(ticket), "{}", ticket.code);
            told.insert(match wait {
                Within(_) => "within",
                Beyond => "beyond",
                Unknown => "unknown",
            });
        }
        assert_eq!(told.len(), 3, "{told:?}");
    }

    #[test]
    fn told_as_a_range_in_steps_of_five_minutes() {
        let range = |millis| Within(millis).range().map(|Range { low, high }| (low, high));
        assert_eq!([0, 1, 4 * MINUTE].map(range), [Some((0, 5)), Some((5, 5)), Some((5, 10))]);
        assert_eq!(range(25 * MINUTE), Some((20, 35)), "20 and 32.5");
        assert_eq!(range(60 * MINUTE), Some((50, 80)), "48 and 78");
        assert_eq!([Unknown, Beyond].map(Wait::range), [None, None]);
    }
}
