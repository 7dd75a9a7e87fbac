//! Owns the sample offices: what they are set to, and an office that is told things at times of its own.

use chrono_tz::Tz;
use siguiente::office::{
    BranchId, Channel, Class, Command, Deferrals, Desk, DeskId, Done, Lang, Millis, Name, Numbers, Office, Place, Policy, Rank, Refused,
    Screens, Service, ServiceId, Settings, TicketId, Token, Week,
};

pub const MINUTE: i64 = 60_000;

/// The policies, and what they are called in tables.
pub const POLICIES: [(&str, Policy); 4] = [
    ("`fifo`", Policy::Fifo),
    ("`strict`", Policy::Strict),
    ("`accumulating`, factor 3", Policy::Accumulating { factor: 3 }),
    ("`guarded_ratio`, 1 : 2", Policy::GuardedRatio { normals: 2 }),
];

/// One service for each of these means (milliseconds), desks that serve them all, one priority class. Always open.
pub fn settings(policy: Policy, means: &[i64], desks: u32) -> Settings {
    let name = |text: String| Name { es: text.clone(), en: text };
    let service = |(id, mean): (u32, &i64)| Service {
        id: ServiceId(id),
        slug: format!("service-{id}"),
        prefix: char::from(b'A' + (id - 1) as u8).into(),
        name: name(format!("Service {id}")),
        group: None,
        hours: None,
        quota: None,
        numbers: Numbers::default(),
        padding: None,
        mean: *mean,
    };
    Settings {
        name: "Sample".into(),
        time_zone: Tz::UTC,
        cut_over: 0,
        languages: vec![Lang::En],
        services: (1..).zip(means).map(service).collect(),
        desks: (1..=desks).map(|id| Desk { id: DeskId(id), name: name(format!("Desk {id}")), services: Vec::new() }).collect(),
        classes: vec![Class { rank: Rank(1), slug: "priority".into(), name: name("Priority".into()) }],
        policy,
        auto_finish: false,
        confirm_arrival: true,
        min_calls: 2,
        recall_after: 20_000,
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

/// An office, and the ids that it gave.
pub struct Branch {
    pub office: Office,
    ids: u128,
}

impl Branch {
    pub fn new(settings: Settings, now: Millis) -> Result<Self, Refused> {
        let mut branch = Self { office: Office::new(BranchId(1)), ids: 0 };
        branch.tell(Command::Configure(Box::new(settings)), now)?;
        Ok(branch)
    }

    /// Another one like it, to be changed.
    pub fn again(other: &Self) -> Self {
        Self { office: other.office.clone(), ids: other.ids }
    }

    pub fn tell(&mut self, command: Command, now: Millis) -> Result<Done, Refused> {
        self.office.execute(command.into(), now)
    }

    /// Gives somebody a number.
    pub fn issue(&mut self, service: ServiceId, rank: Rank, now: Millis) -> Result<TicketId, Refused> {
        self.ids += 1;
        let (id, token) = (TicketId(self.ids), Token(self.ids));
        let (channel, lang) = (Channel::Live, Lang::En);
        self.tell(Command::Issue { id, token, service, rank, channel, lang, name: None, booked_for: None }, now)?;
        Ok(id)
    }
}
