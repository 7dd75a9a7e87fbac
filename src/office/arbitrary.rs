//! Owns what tests need of an office: sample settings, an office to be played with, and random settings and days. Compiled for tests only.

use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::branch::Office;
use super::command::{By, Canceller, Command, Holder, Request};
use super::decide::Done;
use super::event::Entry;
use super::hours::{Minute, Span, Week};
use super::ids::{BranchId, DeskId, Key, Millis, Rank, ServiceId, SessionId, TicketId, Token, UserId};
use super::refused::Refused;
use super::settings::{Class, Deferrals, Desk, Lang, Name, Numbers, Policy, Screens, Served, Service, Settings, Word};
use super::ticket::{Channel, Place, State};

/// 2026-11-20 09:00 in Madrid.
pub(crate) const MORNING: Millis = Millis(1_795_161_600_000);
pub(crate) const MINUTE: i64 = 60_000;

/// Two services, two desks that serve both, one priority class; arrival is confirmed, desks finish by hand.
pub(crate) fn sample() -> Settings {
    Settings {
        name: "Centro".into(),
        time_zone: Tz::Europe__Madrid,
        cut_over: 240,
        languages: vec![Lang::Es, Lang::En],
        services: vec![service(1, "caja", "A"), service(2, "informes", "B")],
        desks: vec![desk(1, &[]), desk(2, &[])],
        classes: vec![class(1)],
        policy: Policy::Accumulating { factor: 3 },
        auto_finish: false,
        confirm_arrival: true,
        min_calls: 1,
        recall_after: 5_000,
        padding: 3,
        hours: Week::default(),
        holidays: Vec::new(),
        last_tickets: 0,
        groups: Vec::new(),
        outcomes: Vec::new(),
        pauses: Vec::new(),
        requeue: Place::Last,
        reactivate: Place::Last,
        reactivate_within: 30 * MINUTE,
        deferrals: Deferrals::default(),
        follow_on_phone: true,
        undo_within: 10_000,
        lease_grace: MINUTE,
        answer_within: 900,
        screens: Screens::Paired,
        names_on_display: false,
        private_hooks: false,
    }
}

pub(crate) fn service(id: u32, slug: &str, prefix: &str) -> Service {
    Service {
        id: ServiceId(id),
        slug: slug.into(),
        prefix: prefix.into(),
        name: name(slug),
        group: None,
        hours: None,
        quota: None,
        numbers: Numbers::default(),
        padding: None,
        mean: 5 * MINUTE,
    }
}

pub(crate) fn word(slug: &str) -> Word {
    Word { slug: slug.into(), name: name(slug) }
}

/// Every day from one hour to another.
pub(crate) fn daily(from: u16, to: u16) -> Week {
    let spans = vec![Span { from: Minute(from * 60), to: Minute(to * 60) }];
    let [mon, tue, wed, thu, fri, sat, sun] = std::array::from_fn(|_| spans.clone());
    Week { mon, tue, wed, thu, fri, sat, sun }
}

pub(crate) fn desk(id: u32, services: &[u32]) -> Desk {
    Desk { id: DeskId(id), name: name(&format!("Desk {id}")), services: services.iter().map(|id| ServiceId(*id).into()).collect() }
}

pub(crate) fn class(rank: u8) -> Class {
    Class { rank: Rank(rank), slug: format!("class-{rank}"), name: name("Class") }
}

fn name(text: &str) -> Name {
    Name { es: text.into(), en: text.into() }
}

/// An office with a clock that a test moves by hand.
pub(crate) struct Sample {
    pub office: Office,
    pub now: Millis,
    pub log: Vec<Entry>,
}

impl Sample {
    /// Configured, at [`MORNING`].
    pub fn new(settings: Settings) -> Self {
        let mut sample = Self { office: Office::new(BranchId(1)), now: MORNING, log: Vec::new() };
        sample.done(Command::Configure(Box::new(settings)));
        sample
    }

    pub fn request(&mut self, request: Request) -> Result<Done, Refused> {
        let done = self.office.execute(request, self.now)?;
        self.log.extend(done.entries.iter().cloned());
        Ok(done)
    }

    pub fn tell(&mut self, command: Command) -> Result<Done, Refused> {
        self.request(command.into())
    }

    /// Told by somebody at a desk.
    pub fn tell_by(&mut self, by: By, command: Command) -> Result<Done, Refused> {
        self.request(Request { by, ..command.into() })
    }

    #[track_caller]
    pub fn done(&mut self, command: Command) -> Done {
        self.tell(command).expect("the command is allowed")
    }

    #[track_caller]
    pub fn issue(&mut self, service: u32, rank: u8) -> TicketId {
        let id = TicketId(self.office.rev().into());
        self.done(issue(id, service, rank));
        id
    }

    pub fn pass(&mut self, millis: i64) {
        self.now.0 += millis;
    }
}

pub(crate) fn issue(id: TicketId, service: u32, rank: u8) -> Command {
    let (token, channel, lang) = (Token(id.0 ^ 0xabcd), Channel::Live, Lang::Es);
    Command::Issue { id, token, service: ServiceId(service), rank: Rank(rank), channel, lang, name: None, booked_for: None }
}

/// The page with this number, and the agent of the same number at it.
pub(crate) fn page(number: u8) -> By {
    By { holder: Holder::Session(SessionId(number.into())), agent: Some(UserId(number.into())) }
}

/// Random settings that contradict nothing: 1 to 4 services and desks, 0 to 2 classes, every policy, rules of every kind.
pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let zones = select(vec![Tz::Europe__Madrid, Tz::America__Santiago, Tz::Asia__Kathmandu, Tz::Australia__Lord_Howe, Tz::UTC]);
    let served = (any::<[u8; 4]>(), proptest::sample::subsequence(vec![1_u32, 2, 3, 4], 0..=4));
    let desks = vec(served, 1..=4);
    let rules = (any::<bool>(), any::<bool>(), 0_u32..3, select(vec![0_i64, 1000, 60_000]), 1_u8..=6);
    let more = (place(), place(), select(vec![0_i64, 5_000, 30 * MINUTE]), select(vec![0_i64, 10_000, 10 * MINUTE]), any::<bool>());
    let series = (numbers(), prop_oneof![4 => Just(None), 1 => (1_u32..12).prop_map(Some)], hours());
    (select(vec![1_usize, 2, 2, 3, 4]), desks, 0_u8..=2, zones, 0_u16..1440, policy(), rules, more, series).prop_map(
        |(services, desks, classes, time_zone, cut_over, policy, rules, more, (numbers, quota, (hours, cut_over_hour)))| {
            let (auto_finish, confirm_arrival, min_calls, recall_after, padding) = rules;
            let (requeue, reactivate, reactivate_within, undo_within, words) = more;
            let prefixes = (1..).zip(["A", "B", "C", "DD"]).take(services);
            let words = |slugs: &[&str]| if words { slugs.iter().copied().map(word).collect() } else { Vec::new() };
            let served = |(id, (ranks, desk)): (u32, ([u8; 4], Vec<u32>))| {
                let known = desk.into_iter().filter(|id| *id as usize <= services);
                let ranked =
                    known.zip(ranks).map(|(id, rank)| Served { service: ServiceId(id), tier: rank % 2, weight: 1 + u32::from(rank / 100) });
                Desk { services: ranked.collect(), ..desk_of(id) }
            };
            Settings {
                time_zone,
                // With opening hours the day turns when it is surely closed.
                cut_over: cut_over_hour.unwrap_or(cut_over),
                services: prefixes.map(|(id, p)| Service { numbers, quota, ..service(id, &p.to_lowercase(), p) }).collect(),
                desks: (1..).zip(desks).map(served).collect(),
                classes: (1..=classes).map(class).collect(),
                policy,
                auto_finish,
                confirm_arrival,
                min_calls,
                recall_after,
                padding,
                hours,
                outcomes: words(&["done", "again"]),
                pauses: words(&["lunch"]),
                requeue,
                reactivate,
                reactivate_within,
                undo_within,
                ..sample()
            }
        },
    )
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::Fifo),
        Just(Policy::Strict),
        (1_u32..=100).prop_map(|factor| Policy::Accumulating { factor }),
        (1_u32..=4).prop_map(|normals| Policy::GuardedRatio { normals }),
    ]
}

fn numbers() -> impl Strategy<Value = Numbers> {
    prop_oneof![
        2 => Just(Numbers::default()),
        1 => (0_u32..200, 0_u32..12, 1_u32..4, any::<bool>())
            .prop_map(|(first, length, step, wrap)| Numbers { first: first + 1, last: first + 1 + length, step, wrap }),
    ]
}

fn hours() -> impl Strategy<Value = (Week, Option<u16>)> {
    prop_oneof![3 => Just((Week::default(), None)), 1 => (5_u16..10, 15_u16..23).prop_map(|(from, to)| (daily(from, to), Some(180)))]
}

fn desk_of(id: u32) -> Desk {
    desk(id, &[])
}

/// One thing that happens, after some time has passed. Tickets are chosen among those of the office that it happens in.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub wish: Wish,
    pub key: Option<u8>,
    /// Milliseconds since the step before; may be negative: a clock set back.
    pub tick: i64,
    pub by: By,
}

#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Issue { service: u32, rank: u8 },
    Book { service: u32, minutes: i64 },
    CheckIn(Index),
    CallNext(u32),
    Call(u32, Index),
    Recall(u32, Option<Index>),
    Start(u32, Option<Index>),
    Finish(u32, Option<Index>, Option<String>),
    NoShow(u32, Option<Index>),
    Requeue(u32, Option<Index>, Option<Place>),
    Hold(u32, Option<Index>),
    Resume(u32, Index),
    Release(u32, Index, Option<Place>),
    Transfer { desk: u32, ticket: Option<Index>, service: Option<u32>, to: Option<u32>, place: Option<Place> },
    Cancel(Index, Canceller),
    Reactivate(Index, Option<Place>),
    Defer(Index),
    Return(Index),
    EndDeferrals,
    Annotate(Index, Option<String>),
    Undo(u32),
    Open(u32, bool),
    Pause(u32, Option<String>),
    Close(u32, bool),
    CloseDay,
    ReopenDay,
    TurnDay,
    Configure(Box<Settings>),
}

/// A random list of steps; services 1 to 5, desks 1 to 5, so that some do not exist.
pub(crate) fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..length)
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let key = prop_oneof![4 => Just(None), 1 => (0_u8..20).prop_map(Some)];
    (wish(), key, tick(), by()).prop_map(|(wish, key, tick, by)| Step { wish, key, tick, by })
}

fn tick() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => Just(0_i64),
        60 => 1_i64..3 * MINUTE,
        8 => -2 * MINUTE..0_i64,
        1 => -48 * 60 * MINUTE..48 * 60 * MINUTE,
    ]
}

pub(crate) fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::First), Just(Place::Last), Just(Place::ByArrival), (0_u32..6).prop_map(Place::After)]
}

/// Mostly the program, which may do everything; else nobody, or one of three pages.
pub(crate) fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        12 => Just(By::default()),
        1 => Just(By { holder: Holder::Nobody, agent: None }),
        3 => (1_u8..=3).prop_map(page),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let guard = || prop_oneof![4 => Just(None), 1 => any::<Index>().prop_map(Some)];
    let desk = || prop_oneof![12 => 1_u32..=3, 1 => 4_u32..=5];
    let maybe = || prop_oneof![Just(None), place().prop_map(Some)];
    let word = || prop_oneof![3 => Just(None), 2 => select(vec!["done", "lunch", "x\u{7}"]).prop_map(|text| Some(text.to_owned()))];
    let service = || prop_oneof![12 => 1_u32..=2, 3 => 3_u32..=4, 1 => Just(5_u32)];
    let rank = || prop_oneof![8 => Just(0_u8), 4 => Just(1_u8), 1 => 2_u8..=3];
    let target = || (proptest::option::of(service()), proptest::option::weighted(0.3, desk()));
    let queue = prop_oneof![
        14 => (service(), rank()).prop_map(|(service, rank)| Wish::Issue { service, rank }),
        2 => (service(), -10_i64..200).prop_map(|(service, minutes)| Wish::Book { service, minutes }),
        1 => any::<Index>().prop_map(Wish::CheckIn),
        1 => (any::<Index>(), select(vec![Canceller::Visitor, Canceller::Staff])).prop_map(|(ticket, by)| Wish::Cancel(ticket, by)),
        2 => (any::<Index>(), maybe()).prop_map(|(ticket, place)| Wish::Reactivate(ticket, place)),
        1 => any::<Index>().prop_map(Wish::Defer),
        1 => any::<Index>().prop_map(Wish::Return),
        1 => Just(Wish::EndDeferrals),
        1 => (any::<Index>(), word()).prop_map(|(ticket, note)| Wish::Annotate(ticket, note)),
    ];
    let desks = prop_oneof![
        3 => (desk(), any::<bool>()).prop_map(|(desk, take_over)| Wish::Open(desk, take_over)),
        1 => (desk(), word()).prop_map(|(desk, reason)| Wish::Pause(desk, reason)),
        2 => (desk(), any::<bool>()).prop_map(|(desk, lost)| Wish::Close(desk, lost)),
    ];
    let work = prop_oneof![
        9 => desk().prop_map(Wish::CallNext),
        2 => (desk(), any::<Index>()).prop_map(|(desk, ticket)| Wish::Call(desk, ticket)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Recall(desk, ticket)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Start(desk, ticket)),
        3 => (desk(), guard(), word()).prop_map(|(desk, ticket, outcome)| Wish::Finish(desk, ticket, outcome)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::NoShow(desk, ticket)),
        3 => (desk(), guard(), maybe()).prop_map(|(desk, ticket, place)| Wish::Requeue(desk, ticket, place)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Hold(desk, ticket)),
        2 => (desk(), any::<Index>()).prop_map(|(desk, ticket)| Wish::Resume(desk, ticket)),
        2 => (desk(), any::<Index>(), maybe()).prop_map(|(desk, ticket, place)| Wish::Release(desk, ticket, place)),
        4 => (desk(), guard(), target(), maybe())
            .prop_map(|(desk, ticket, (service, to), place)| Wish::Transfer { desk, ticket, service, to, place }),
        5 => desk().prop_map(Wish::Undo),
    ];
    let day = prop_oneof![
        1 => Just(Wish::TurnDay),
        2 => Just(Wish::CloseDay),
        4 => Just(Wish::ReopenDay),
        1 => settings().prop_map(|settings| Wish::Configure(Box::new(settings))),
    ];
    prop_oneof![40 => queue, 12 => desks, 80 => work, 3 => day]
}

impl Step {
    /// The request that this step makes of an office; `number` gives a new ticket its id.
    pub fn request(&self, office: &Office, number: usize) -> Request {
        let tickets: Vec<TicketId> = office.tickets().map(|ticket| ticket.id).collect();
        let one_of = |index: &Index, some: &[TicketId]| if some.is_empty() { TicketId(u128::MAX) } else { *index.get(some) };
        let chosen = |index: &Index| one_of(index, &tickets);
        // One in a fitting state, where there is any.
        let fitting = |index: &Index, states: &[State]| {
            let fit: Vec<_> = office.tickets().filter(|ticket| states.contains(&ticket.state)).map(|ticket| ticket.id).collect();
            if fit.is_empty() { chosen(index) } else { one_of(index, &fit) }
        };
        let guard = |index: &Option<Index>| index.as_ref().map(chosen);
        let at = |desk: &u32| DeskId(*desk);
        let new = TicketId(number as u128);
        let command = match &self.wish {
            Wish::Issue { service, rank } => issue(new, *service, *rank),
            Wish::Book { service, minutes } => match issue(new, *service, 0) {
                Command::Issue { id, token, service, rank, channel, lang, name, .. } => {
                    let booked_for = Some(Millis(office.at().0.saturating_add(minutes * MINUTE)));
                    Command::Issue { id, token, service, rank, channel, lang, name, booked_for }
                }
                other => other,
            },
            Wish::CheckIn(ticket) => Command::CheckIn { ticket: fitting(ticket, &[State::Booked]) },
            Wish::CallNext(desk) => Command::CallNext { desk: at(desk) },
            Wish::Call(desk, ticket) => Command::Call { desk: at(desk), ticket: chosen(ticket) },
            Wish::Recall(desk, ticket) => Command::Recall { desk: at(desk), ticket: guard(ticket) },
            Wish::Start(desk, ticket) => Command::Start { desk: at(desk), ticket: guard(ticket) },
            Wish::Finish(desk, ticket, outcome) => {
                Command::Finish { desk: at(desk), ticket: guard(ticket), outcome: outcome.clone(), note: outcome.clone() }
            }
            Wish::NoShow(desk, ticket) => Command::NoShow { desk: at(desk), ticket: guard(ticket) },
            Wish::Requeue(desk, ticket, place) => Command::Requeue { desk: at(desk), ticket: guard(ticket), place: *place },
            Wish::Hold(desk, ticket) => Command::Hold { desk: at(desk), ticket: guard(ticket) },
            Wish::Resume(desk, ticket) => Command::Resume { desk: at(desk), ticket: fitting(ticket, &[State::Held]) },
            Wish::Release(desk, ticket, place) => {
                Command::Release { desk: at(desk), ticket: fitting(ticket, &[State::Held]), place: *place }
            }
            Wish::Transfer { desk, ticket, service, to, place } => {
                let (service, to) = (service.map(ServiceId), to.map(DeskId));
                Command::Transfer { desk: at(desk), ticket: guard(ticket), service, to, place: *place }
            }
            Wish::Cancel(ticket, by) => Command::Cancel { ticket: chosen(ticket), by: *by },
            Wish::Reactivate(ticket, place) => {
                Command::Reactivate { ticket: fitting(ticket, &[State::Missed, State::Cancelled, State::Expired]), place: *place }
            }
            Wish::Defer(ticket) => Command::Defer { ticket: fitting(ticket, &[State::Waiting, State::Deferred]) },
            Wish::Return(ticket) => Command::Return { ticket: fitting(ticket, &[State::Deferred, State::Missed]) },
            Wish::EndDeferrals => Command::EndDeferrals,
            Wish::Annotate(ticket, note) => Command::Annotate { ticket: chosen(ticket), note: note.clone() },
            Wish::Undo(desk) => Command::Undo { desk: at(desk) },
            Wish::Open(desk, take_over) => Command::OpenDesk { desk: at(desk), take_over: *take_over },
            Wish::Pause(desk, reason) => Command::PauseDesk { desk: at(desk), reason: reason.clone() },
            Wish::Close(desk, lost) => Command::CloseDesk { desk: at(desk), lost: *lost },
            Wish::CloseDay => Command::CloseDay,
            Wish::ReopenDay => Command::ReopenDay,
            Wish::TurnDay => Command::TurnDay,
            Wish::Configure(settings) => Command::Configure(settings.clone()),
        };
        let key = self.key.and_then(|key| Key::try_from(format!("key-{key}")).ok());
        Request { command, key, by: self.by }
    }
}
