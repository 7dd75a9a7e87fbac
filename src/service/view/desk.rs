//! Owns how one desk looks: to everybody, to the staff, and to who may sit there.

use schemars::JsonSchema;
use serde::Serialize;

use super::ticket::{PublicTicket, StaffTicket};
use super::{View, json};
use crate::office::{Desk, DeskId, Millis, Name, Office, SessionId, Settings, UserId};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeskAtWork")]
pub(in crate::service) struct DeskView<'a> {
    id: u32,
    nombre: &'a Name,
    servicios: Vec<&'a str>,
    estado: &'static str,
    ticket: Option<DeskTicket<'a>>,
    #[serde(flatten)]
    work: Option<Work<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    propio: Option<bool>,
}

/// A desk's ticket, by whose eyes.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum DeskTicket<'a> {
    Public(PublicTicket<'a>),
    Staff(Box<StaffTicket<'a>>),
}

/// How a desk works, for the staff.
#[derive(Serialize, JsonSchema)]
pub(super) struct Work<'a> {
    agente: Option<UserId>,
    motivo: Option<&'a str>,
    desde: Option<Millis>,
    ocupado: bool,
    deshacer: Option<Millis>,
}

/// `puesto` of an acknowledgement: as the staff see it, and whether the session `own` holds it. `null` for a desk that does not exist.
pub fn desk(office: &Office, settings: &Settings, desk: DeskId, own: Option<SessionId>) -> String {
    let view = settings.desk(desk).map(|desk| {
        let holder = office.station(desk.id).and_then(|station| station.session);
        DeskView { propio: Some(own.is_some() && own == holder), ..DeskView::new(office, settings, desk, View::Staff) }
    });
    json(&view)
}

impl<'a> DeskView<'a> {
    pub fn new(office: &'a Office, settings: &'a Settings, desk: &'a Desk, view: View) -> Self {
        let ticket = office.desk_ticket(desk.id).map(|ticket| match view {
            View::Public => DeskTicket::Public(PublicTicket::new(settings, ticket)),
            View::Staff => DeskTicket::Staff(Box::new(StaffTicket::new(office, settings, ticket))),
        });
        Self {
            id: desk.id.0,
            nombre: &desk.name,
            servicios: services(settings, desk),
            estado: state(office, desk.id),
            ticket,
            work: (view == View::Staff).then(|| Work::new(office, desk.id)),
            propio: None,
        }
    }
}

impl<'a> Work<'a> {
    pub fn new(office: &'a Office, desk: DeskId) -> Self {
        let station = office.station(desk);
        let pause = station.and_then(|station| station.paused.as_ref());
        Self {
            agente: station.and_then(|station| station.agent),
            motivo: pause.and_then(|pause| pause.reason.as_deref()),
            desde: pause.map(|pause| pause.since).or_else(|| station.map(|station| station.since)),
            ocupado: station.is_some_and(|station| station.session.is_some()),
            deshacer: office.undo_until(desk),
        }
    }
}

/// Those that it serves first come first; else they are in the branch's order.
fn services<'a>(settings: &'a Settings, desk: &Desk) -> Vec<&'a str> {
    let mut served: Vec<_> =
        settings.services.iter().filter_map(|service| Some((desk.served(service.id)?, service.slug.as_str()))).collect();
    served.sort_by_key(|(served, _)| (served.tier, std::cmp::Reverse(served.weight)));
    served.into_iter().map(|(_, slug)| slug).collect()
}

pub(super) fn state(office: &Office, desk: DeskId) -> &'static str {
    match office.station(desk) {
        None => "cerrado",
        Some(station) if station.paused.is_some() => "pausado",
        Some(_) => "abierto",
    }
}
