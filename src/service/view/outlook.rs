//! Owns what a newcomer can expect of each service now: how long, whether it is open, how many numbers are left. It depends on the clock and
//! costs a simulation: it is made once for all who are told.

use schemars::JsonSchema;
use serde::Serialize;

use super::json;
use crate::office::{Millis, Office, Opening, Rank, Service, ServiceId, Settings, Wait};

/// `espera`: minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "WaitEstimate")]
pub(super) enum WaitView {
    Range { desde: i64, hasta: i64 },
    More { mas: i64 },
}

impl WaitView {
    /// `None` where nothing can be said.
    pub fn of(wait: Wait) -> Option<Self> {
        match wait {
            Wait::Unknown => None,
            Wait::Within(_) => wait.range().map(|range| Self::Range { desde: range.low.into(), hasta: range.high.into() }),
            Wait::Beyond => Some(Self::More { mas: 60 }),
        }
    }
}

/// What is expected of each service of a branch, and when it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    pub(super) branch: Hours,
    services: Vec<(ServiceId, Prospect)>,
}

/// Whether it is open and until when, or when again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(super) struct Hours {
    abierto: bool,
    abre: Option<Millis>,
    cierra: Option<Millis>,
}

/// What somebody who takes a number now may expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(super) struct Prospect {
    espera: Option<WaitView>,
    #[serde(flatten)]
    hours: Hours,
    quedan: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct Line<'a> {
    servicio: &'a str,
    #[serde(flatten)]
    prospect: Prospect,
}

impl Outlook {
    /// As it is at `now`. Simulates the queue.
    pub fn of(office: &Office, now: Millis) -> Self {
        let Some(settings) = office.settings() else { return Self::default() };
        let expected = office.expected(now);
        let prospect = |service: &Service| Prospect {
            espera: WaitView::of(expected.newcomer(service.id, Rank::NORMAL)),
            hours: Hours::of(office, settings, Some(service.id), now),
            quedan: service.quota.map(|quota| quota.saturating_sub(office.issued_for(service.id))),
        };
        let services = settings.services.iter().map(|service| (service.id, prospect(service))).collect();
        Self { branch: Hours::of(office, settings, None, now), services }
    }

    /// The payload of `esperas`. Two outlooks that say the same are the same text.
    pub fn json(&self, settings: &Settings) -> String {
        let line = |service: &'_ Service| (service.slug.clone(), self.prospect(service.id));
        let lines: Vec<_> = settings.services.iter().map(line).collect();
        json(&lines.iter().map(|(slug, prospect)| Line { servicio: slug, prospect: *prospect }).collect::<Vec<_>>())
    }

    pub(super) fn prospect(&self, service: ServiceId) -> Prospect {
        self.services.iter().find(|(id, _)| *id == service).map(|(_, prospect)| *prospect).unwrap_or_default()
    }
}

impl Prospect {
    /// How long, whether it is open, and when it opens.
    pub fn in_short(self) -> (Option<WaitView>, bool, Option<Millis>) {
        (self.espera, self.hours.abierto, self.hours.abre)
    }
}

impl Hours {
    /// For numbers: behind the last ticket it counts as closed, and on a day that was closed by hand until the next opening.
    fn of(office: &Office, settings: &Settings, service: Option<ServiceId>, now: Millis) -> Self {
        let opening = settings.opening(service, now);
        match opening {
            Opening::Open { last_ticket, .. } if opening.takes_tickets(now) && !office.is_shut() => {
                Self { abierto: true, abre: None, cierra: last_ticket }
            }
            Opening::Open { .. } => Self { abierto: false, abre: settings.next_opening(service, now), cierra: None },
            Opening::Closed { opens } => Self { abierto: false, abre: opens, cierra: None },
        }
    }

    /// As the branch's own keys name it.
    pub fn of_branch(self) -> (bool, Option<Millis>, Option<Millis>) {
        (self.abierto, self.abre, self.cierra)
    }
}
