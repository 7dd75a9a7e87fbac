//! Owns how one change looks, and the list of changes that a screen missed.

use serde::Serialize;

use super::board::{CallView, calls, shown_name};
use super::desk::{self, Work};
use super::ticket::StaffTicket;
use super::{View, class, json, slug, state};
use crate::office::{DeskId, Entry, Event, Lang, Millis, Office, ServiceId, Settings, Ticket};

/// What has to be known of the office right before an entry to tell it: the service for which its ticket waited or was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Earlier(Option<ServiceId>);

impl Earlier {
    /// Of an office that the entry has not been applied to yet.
    pub fn of(office: &Office, entry: &Entry) -> Self {
        let moves = matches!(entry.event, Event::TicketTransferred { .. } | Event::TicketRestored { .. });
        let ticket = entry.event.ticket().filter(|_| moves).and_then(|id| office.ticket(id));
        Self(ticket.map(|ticket| ticket.service))
    }
}

#[derive(Serialize)]
struct Change<'a> {
    rev: u64,
    tipo: &'static str,
    hora: Millis,
    #[serde(flatten)]
    about: About<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum About<'a> {
    Nothing {},
    Day {
        jornada: String,
        cerrada: bool,
    },
    Desk {
        escritorio: u32,
        estado: &'static str,
        #[serde(flatten)]
        work: Option<Work<'a>>,
    },
    Ticket(Box<AboutTicket<'a>>),
}

/// What a change says of its ticket.
#[derive(Serialize)]
struct AboutTicket<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    escritorio: Option<u32>,
    prioridad: Option<&'a str>,
    esperando: usize,
    #[serde(rename = "esperandoTotal")]
    waiting: usize,
    #[serde(flatten)]
    call: Option<Called<'a>>,
    #[serde(flatten)]
    left: Option<Left<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    llamadas: Option<Vec<CallView<'a>>>,
    #[serde(flatten)]
    staff: Option<ForStaff<'a>>,
}

#[derive(Serialize)]
struct Called<'a> {
    llamada: u64,
    veces: u32,
    idioma: Lang,
    #[serde(skip_serializing_if = "Option::is_none")]
    nombre: Option<&'a str>,
}

/// The line that it left.
#[derive(Serialize)]
struct Left<'a> {
    antes: &'a str,
    #[serde(rename = "esperandoAntes")]
    waiting: usize,
}

#[derive(Serialize)]
struct ForStaff<'a> {
    ticket: StaffTicket<'a>,
    por: Option<DeskId>,
    deshacer: Option<Millis>,
}

/// The payload of `cola` for changes after `after`, each one made by [`change`].
pub fn changes(epoch: &str, after: u64, rev: u64, now: Millis, changes: &[&str]) -> String {
    let (epoch, hora, list) = (json(&epoch), now.0, changes.join(","));
    format!(r#"{{"tipo":"cambios","epoch":{epoch},"desde":{after},"rev":{rev},"hora":{hora},"cambios":[{list}]}}"#)
}

/// One change, with the counts of the office right after it.
pub fn change(office: &Office, settings: &Settings, entry: &Entry, earlier: Earlier, view: View) -> String {
    let about = match &entry.event {
        Event::DayOpened { date } | Event::DayReopened { date } => About::Day { jornada: date.to_string(), cerrada: false },
        Event::DayClosed { date } => About::Day { jornada: date.to_string(), cerrada: true },
        Event::DeskOpened { desk, .. } | Event::DeskPaused { desk, .. } | Event::DeskClosed { desk, .. } => About::Desk {
            escritorio: desk.0,
            estado: desk::state(office, *desk),
            work: (view == View::Staff).then(|| Work::new(office, *desk)),
        },
        event => match event.ticket().and_then(|id| office.ticket(id)) {
            Some(ticket) => About::Ticket(Box::new(about(office, settings, event, ticket, earlier, view))),
            None => About::Nothing {},
        },
    };
    json(&Change { rev: entry.rev, tipo: word(&entry.event), hora: entry.at, about })
}

/// `tipo`
pub(in crate::service) fn word(event: &Event) -> &'static str {
    match event {
        Event::Configured { .. } => "configurado",
        Event::DayOpened { .. } | Event::DayClosed { .. } | Event::DayReopened { .. } => "jornada",
        Event::DeskOpened { .. } | Event::DeskPaused { .. } | Event::DeskClosed { .. } => "puesto",
        Event::TicketIssued { .. } => "emitido",
        Event::TicketCheckedIn { .. } => "registrado",
        Event::TicketCalled { .. } => "llamado",
        Event::TicketRecalled { .. } => "rellamado",
        Event::ServiceStarted { .. } => "iniciado",
        Event::TicketFinished { .. } => "finalizado",
        Event::TicketMissed { .. } => "ausente",
        Event::TicketRequeued { .. } => "devuelto",
        Event::TicketDeferred { .. } => "aplazado",
        Event::TicketReturned { .. } => "vuelto",
        Event::TicketHeld { .. } => "retenido",
        Event::TicketResumed { .. } => "retomado",
        Event::TicketReleased { .. } => "liberado",
        Event::TicketTransferred { .. } => "derivado",
        Event::TicketCancelled { .. } => "cancelado",
        Event::TicketReactivated { .. } => "reactivado",
        Event::TicketNoted { .. } => "anotado",
        Event::TicketRestored { .. } => "deshecho",
        Event::TicketExpired { .. } => "vencido",
    }
}

fn about<'a>(
    office: &'a Office,
    settings: &'a Settings,
    event: &Event,
    ticket: &'a Ticket,
    Earlier(earlier): Earlier,
    view: View,
) -> AboutTicket<'a> {
    let call = match event {
        Event::TicketCalled { call, calls, .. } | Event::TicketRecalled { call, calls, .. } => {
            Some(Called { llamada: *call, veces: *calls, idioma: ticket.lang, nombre: shown_name(settings, ticket) })
        }
        _ => None,
    };
    AboutTicket {
        codigo: &ticket.code,
        numero: ticket.number,
        servicio: slug(settings, ticket.service),
        estado: state(ticket.state),
        escritorio: ticket.desk.map(|desk| desk.0),
        prioridad: class(settings, ticket.rank),
        esperando: office.waiting_for(ticket.service),
        waiting: office.waiting_count(),
        call,
        left: earlier.map(|service| Left { antes: slug(settings, service), waiting: office.waiting_for(service) }),
        llamadas: matches!(event, Event::TicketRestored { .. }).then(|| calls(office, settings).collect()),
        staff: (view == View::Staff).then(|| ForStaff {
            ticket: StaffTicket::new(office, settings, ticket),
            por: event.desk(),
            deshacer: event.desk().and_then(|desk| office.undo_until(desk)),
        }),
    }
}
