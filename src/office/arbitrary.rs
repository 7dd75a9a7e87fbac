//! Owns what tests need of an office: sample settings, an office to be played with, and random settings and days. Compiled for tests only.

use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::branch::Office;
use super::command::{Command, Request};
use super::decide::Done;
use super::event::Entry;
use super::ids::{BranchId, DeskId, Key, Millis, Rank, ServiceId, TicketId, Token};
use super::refused::Refused;
use super::settings::{Class, Desk, Lang, Name, Policy, Service, Settings};
use super::ticket::{Channel, Place};

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
    }
}

pub(crate) fn service(id: u32, slug: &str, prefix: &str) -> Service {
    Service { id: ServiceId(id), slug: slug.into(), prefix: prefix.into(), name: name(slug) }
}

pub(crate) fn desk(id: u32, services: &[u32]) -> Desk {
    Desk { id: DeskId(id), name: name(&format!("Desk {id}")), services: services.iter().copied().map(ServiceId).collect() }
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
        self.request(Request { command, key: None })
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
    Command::Issue { id, token, service: ServiceId(service), rank: Rank(rank), channel, lang, name: None }
}

/// Random settings that contradict nothing: 1 to 4 services and desks, 0 to 2 classes.
pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let zones = select(vec![Tz::Europe__Madrid, Tz::America__Santiago, Tz::Asia__Kathmandu, Tz::Australia__Lord_Howe, Tz::UTC]);
    let policy = prop_oneof![Just(Policy::Fifo), (1_u32..=100).prop_map(|factor| Policy::Accumulating { factor })];
    let desks = vec(proptest::sample::subsequence(vec![1_u32, 2, 3, 4], 0..=4), 1..=4);
    let rules = (any::<bool>(), any::<bool>(), 0_u32..3, select(vec![0_i64, 1000, 60_000]), 1_u8..=6);
    (1_usize..=4, desks, 0_u8..=2, zones, 0_u16..1440, policy, rules).prop_map(
        |(services, desks, classes, time_zone, cut_over, policy, (auto_finish, confirm_arrival, min_calls, recall_after, padding))| {
            let served = |desk: Vec<u32>| desk.into_iter().filter(|id| *id as usize <= services).collect::<Vec<_>>();
            Settings {
                time_zone,
                cut_over,
                services: (1..).zip(["A", "B", "C", "DD"]).take(services).map(|(id, p)| service(id, &p.to_lowercase(), p)).collect(),
                desks: (1..).zip(desks).map(|(id, services)| desk(id, &served(services))).collect(),
                classes: (1..=classes).map(class).collect(),
                policy,
                auto_finish,
                confirm_arrival,
                min_calls,
                recall_after,
                padding,
                ..sample()
            }
        },
    )
}

/// One thing that happens, after some time has passed. Tickets are chosen among those of the office that it happens in.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub wish: Wish,
    pub key: Option<u8>,
    /// Milliseconds since the step before; may be negative: a clock set back.
    pub tick: i64,
}

#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Issue { service: u32, rank: u8 },
    CallNext(u32),
    Call(u32, Index),
    Recall(u32, Option<Index>),
    Start(u32, Option<Index>),
    Finish(u32, Option<Index>),
    NoShow(u32, Option<Index>),
    Requeue(u32, Option<Index>, Place),
    TurnDay,
    Configure(Box<Settings>),
}

/// A random list of steps; services 1 to 5, desks 1 to 5, so that some do not exist.
pub(crate) fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..length)
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let key = prop_oneof![4 => Just(None), 1 => (0_u8..20).prop_map(Some)];
    (wish(), key, tick()).prop_map(|(wish, key, tick)| Step { wish, key, tick })
}

fn tick() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0_i64),
        12 => 1_i64..3 * MINUTE,
        2 => -2 * MINUTE..0_i64,
        1 => -48 * 60 * MINUTE..48 * 60 * MINUTE,
    ]
}

pub(crate) fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::First), Just(Place::Last), Just(Place::ByArrival), (0_u32..6).prop_map(Place::After)]
}

fn wish() -> impl Strategy<Value = Wish> {
    let guard = || prop_oneof![4 => Just(None), 1 => any::<Index>().prop_map(Some)];
    let desk = || prop_oneof![12 => 1_u32..=3, 1 => 4_u32..=5];
    prop_oneof![
        10 => (1_u32..=5, 0_u8..=3).prop_map(|(service, rank)| Wish::Issue { service, rank }),
        8 => desk().prop_map(Wish::CallNext),
        2 => (desk(), any::<Index>()).prop_map(|(desk, ticket)| Wish::Call(desk, ticket)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Recall(desk, ticket)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Start(desk, ticket)),
        3 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::Finish(desk, ticket)),
        2 => (desk(), guard()).prop_map(|(desk, ticket)| Wish::NoShow(desk, ticket)),
        4 => (desk(), guard(), place()).prop_map(|(desk, ticket, place)| Wish::Requeue(desk, ticket, place)),
        1 => Just(Wish::TurnDay),
        1 => settings().prop_map(|settings| Wish::Configure(Box::new(settings))),
    ]
}

impl Step {
    /// The request that this step makes of an office; `number` gives a new ticket its id.
    pub fn request(&self, office: &Office, number: usize) -> Request {
        let tickets: Vec<TicketId> = office.tickets().map(|ticket| ticket.id).collect();
        let chosen = |index: &Index| if tickets.is_empty() { TicketId(u128::MAX) } else { *index.get(&tickets) };
        let guard = |index: &Option<Index>| index.as_ref().map(chosen);
        let command = match &self.wish {
            Wish::Issue { service, rank } => issue(TicketId(number as u128), *service, *rank),
            Wish::CallNext(desk) => Command::CallNext { desk: DeskId(*desk) },
            Wish::Call(desk, ticket) => Command::Call { desk: DeskId(*desk), ticket: chosen(ticket) },
            Wish::Recall(desk, ticket) => Command::Recall { desk: DeskId(*desk), ticket: guard(ticket) },
            Wish::Start(desk, ticket) => Command::Start { desk: DeskId(*desk), ticket: guard(ticket) },
            Wish::Finish(desk, ticket) => Command::Finish { desk: DeskId(*desk), ticket: guard(ticket) },
            Wish::NoShow(desk, ticket) => Command::NoShow { desk: DeskId(*desk), ticket: guard(ticket) },
            Wish::Requeue(desk, ticket, place) => Command::Requeue { desk: DeskId(*desk), ticket: guard(ticket), place: *place },
            Wish::TurnDay => Command::TurnDay,
            Wish::Configure(settings) => Command::Configure(settings.clone()),
        };
        let key = self.key.and_then(|key| Key::try_from(format!("key-{key}")).ok());
        Request { command, key }
    }
}
