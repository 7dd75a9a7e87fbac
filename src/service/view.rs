//! Owns the JSON shapes of `docs/events.md`: what a screen, a desk and a visitor see of the office. Encodes; never decides and never
//! changes anything. What is public holds no name, no token and no ticket id.

use serde::Serialize;

use super::messages::TickerView;
use crate::office::{Desk, Entry, Event, Lang, Millis, Name, Office, Rank, ServiceId, Settings, State, Ticker, Ticket, TicketId, Token};

/// Calls on a display.
const CALLS_SHOWN: usize = 10;

/// Whose eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    Public,
    Staff,
}

/// `ticket` as its visitor gets it.
#[derive(Serialize)]
pub struct OwnTicket<'a> {
    id: TicketId,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    prioridad: Option<&'a str>,
    emitido: Millis,
    idioma: Lang,
    token: Token,
    delante: usize,
    escritorio: Option<u32>,
}

impl<'a> OwnTicket<'a> {
    pub fn new(settings: &'a Settings, ticket: &'a Ticket, ahead: usize) -> Self {
        Self {
            id: ticket.id,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            estado: state(ticket.state),
            prioridad: class(settings, ticket.rank),
            emitido: ticket.issued_at,
            idioma: ticket.lang,
            token: ticket.token,
            delante: ahead,
            escritorio: ticket.desk.map(|desk| desk.0),
        }
    }
}

/// `ticket` as the staff see it.
#[derive(Serialize)]
pub struct StaffTicket<'a> {
    id: TicketId,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    prioridad: Option<&'a str>,
    emitido: Millis,
    idioma: Lang,
    nombre: Option<&'a str>,
    escritorio: Option<u32>,
    veces: u32,
    llamado: Option<Millis>,
    iniciado: Option<Millis>,
    terminado: Option<Millis>,
}

impl<'a> StaffTicket<'a> {
    pub fn new(settings: &'a Settings, ticket: &'a Ticket) -> Self {
        Self {
            id: ticket.id,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            estado: state(ticket.state),
            prioridad: class(settings, ticket.rank),
            emitido: ticket.issued_at,
            idioma: ticket.lang,
            nombre: ticket.name.as_deref(),
            escritorio: ticket.desk.map(|desk| desk.0),
            veces: ticket.calls,
            llamado: ticket.last_called_at,
            iniciado: ticket.started_at,
            terminado: ticket.ended_at,
        }
    }
}

#[derive(Serialize)]
struct PublicTicket<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
}

/// A desk's ticket, by whose eyes.
#[derive(Serialize)]
#[serde(untagged)]
enum DeskTicket<'a> {
    Public(PublicTicket<'a>),
    Staff(Box<StaffTicket<'a>>),
}

/// One call: the payload of `llamada`.
#[derive(Serialize, Clone)]
pub struct CallView<'a> {
    rev: u64,
    llamada: u64,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    escritorio: u32,
    veces: u32,
    idioma: Lang,
    hora: Millis,
}

/// `ultimo-ticket`'s second argument.
#[derive(Serialize)]
pub struct LastTicket<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
}

impl<'a> LastTicket<'a> {
    pub fn new(settings: &'a Settings, ticket: &'a Ticket) -> Self {
        Self { codigo: &ticket.code, numero: ticket.number, servicio: slug(settings, ticket.service) }
    }
}

/// One line of `estado-actual`.
#[derive(Serialize)]
pub struct Attended<'a> {
    numero: u32,
    escritorio: u32,
    codigo: &'a str,
    servicio: &'a str,
    rev: u64,
}

#[derive(Serialize)]
struct Snapshot<'a> {
    tipo: &'static str,
    epoch: &'a str,
    rev: u64,
    hora: Millis,
    jornada: Option<String>,
    sucursal: BranchView<'a>,
    servicios: Vec<ServiceView<'a>>,
    clases: Vec<ClassView<'a>>,
    escritorios: Vec<DeskView<'a>>,
    llamadas: Vec<CallView<'a>>,
    esperando: usize,
    aviso: Option<TickerView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<Vec<StaffTicket<'a>>>,
}

#[derive(Serialize)]
struct BranchView<'a> {
    id: u32,
    nombre: &'a str,
    zona: &'static str,
    idiomas: &'a [Lang],
}

#[derive(Serialize)]
struct ServiceView<'a> {
    id: &'a str,
    prefijo: &'a str,
    nombre: &'a Name,
    esperando: usize,
}

#[derive(Serialize)]
struct ClassView<'a> {
    id: &'a str,
    rango: Rank,
    nombre: &'a Name,
}

#[derive(Serialize)]
struct DeskView<'a> {
    id: u32,
    nombre: &'a Name,
    servicios: Vec<&'a str>,
    ticket: Option<DeskTicket<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    rev: u64,
    tipo: &'static str,
    hora: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    jornada: Option<Option<String>>,
    #[serde(flatten)]
    about: Option<About<'a>>,
}

/// What a change says of its ticket.
#[derive(Serialize)]
struct About<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    escritorio: Option<u32>,
    prioridad: Option<&'a str>,
    esperando: usize,
    #[serde(rename = "esperandoTotal")]
    waiting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    llamada: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    veces: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idioma: Option<Lang>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<StaffTicket<'a>>,
}

/// The whole board as it is now.
pub fn snapshot(office: &Office, settings: &Settings, epoch: &str, now: Millis, ticker: Option<&Ticker>, view: View) -> String {
    let snapshot = Snapshot {
        tipo: "instantanea",
        epoch,
        rev: office.rev(),
        hora: now,
        jornada: office.day().map(|day| day.to_string()),
        sucursal: BranchView {
            id: office.branch().0,
            nombre: &settings.name,
            zona: settings.time_zone.name(),
            idiomas: &settings.languages,
        },
        servicios: settings
            .services
            .iter()
            .map(|service| ServiceView {
                id: &service.slug,
                prefijo: &service.prefix,
                nombre: &service.name,
                esperando: office.waiting_for(service.id),
            })
            .collect(),
        clases: settings.classes.iter().map(|class| ClassView { id: &class.slug, rango: class.rank, nombre: &class.name }).collect(),
        escritorios: settings.desks.iter().map(|desk| desk_view(office, settings, desk, view)).collect(),
        llamadas: calls(office, settings).collect(),
        esperando: office.waiting_count(),
        aviso: ticker.map(TickerView::from),
        tickets: (view == View::Staff).then(|| office.waiting().map(|ticket| StaffTicket::new(settings, ticket)).collect()),
    };
    json(&snapshot)
}

/// The payload of `cola` for changes after `after`, each one made by [`change`].
pub fn changes(epoch: &str, after: u64, rev: u64, now: Millis, changes: &[&str]) -> String {
    let (epoch, hora, list) = (json(&epoch), now.0, changes.join(","));
    format!(r#"{{"tipo":"cambios","epoch":{epoch},"desde":{after},"rev":{rev},"hora":{hora},"cambios":[{list}]}}"#)
}

/// One change, with the counts of the office right after it.
pub fn change(office: &Office, settings: &Settings, entry: &Entry, view: View) -> String {
    let (tipo, ticket) = match &entry.event {
        Event::Configured { .. } => ("configurado", None),
        Event::DayClosed { .. } | Event::DayOpened { .. } => ("jornada", None),
        Event::TicketIssued { ticket, .. } => ("emitido", Some(ticket)),
        Event::TicketCalled { ticket, .. } => ("llamado", Some(ticket)),
        Event::TicketRecalled { ticket, .. } => ("rellamado", Some(ticket)),
        Event::ServiceStarted { ticket, .. } => ("iniciado", Some(ticket)),
        Event::TicketFinished { ticket, .. } => ("finalizado", Some(ticket)),
        Event::TicketMissed { ticket, .. } => ("ausente", Some(ticket)),
        Event::TicketRequeued { ticket, .. } => ("devuelto", Some(ticket)),
        Event::TicketExpired { ticket } => ("vencido", Some(ticket)),
    };
    let jornada = match &entry.event {
        Event::DayOpened { date } => Some(Some(date.to_string())),
        Event::DayClosed { .. } => Some(None),
        _ => None,
    };
    let call = match &entry.event {
        Event::TicketCalled { call, calls, .. } | Event::TicketRecalled { call, calls, .. } => Some((*call, *calls)),
        _ => None,
    };
    let about = ticket.and_then(|id| office.ticket(*id)).map(|ticket| About {
        codigo: &ticket.code,
        numero: ticket.number,
        servicio: slug(settings, ticket.service),
        estado: state(ticket.state),
        escritorio: ticket.desk.map(|desk| desk.0),
        prioridad: class(settings, ticket.rank),
        esperando: office.waiting_for(ticket.service),
        waiting: office.waiting_count(),
        llamada: call.map(|(call, _)| call),
        veces: call.map(|(_, calls)| calls),
        idioma: call.map(|_| ticket.lang),
        ticket: (view == View::Staff).then(|| StaffTicket::new(settings, ticket)),
    });
    json(&Change { rev: entry.rev, tipo, hora: entry.at, jornada, about })
}

/// The payload of `llamada`, when the entry is a call.
pub fn call(office: &Office, settings: &Settings, entry: &Entry) -> Option<String> {
    let (Event::TicketCalled { ticket, desk, call, calls } | Event::TicketRecalled { ticket, desk, call, calls }) = &entry.event else {
        return None;
    };
    let ticket = office.ticket(*ticket)?;
    Some(json(&CallView {
        rev: entry.rev,
        llamada: *call,
        codigo: &ticket.code,
        numero: ticket.number,
        servicio: slug(settings, ticket.service),
        escritorio: desk.0,
        veces: *calls,
        idioma: ticket.lang,
        hora: entry.at,
    }))
}

/// The payload of `estado-actual`.
pub fn attended(office: &Office, settings: &Settings, limit: usize) -> String {
    let calls: Vec<_> = calls(office, settings)
        .take(limit)
        .map(|call| Attended {
            numero: call.numero,
            escritorio: call.escritorio,
            codigo: call.codigo,
            servicio: call.servicio,
            rev: call.rev,
        })
        .collect();
    json(&calls)
}

/// Any of these shapes as JSON.
pub fn json(value: &impl Serialize) -> String {
    // Plain structs with text keys: nothing in them can fail to be written.
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("a view is always JSON: {error}"))
}

fn calls<'a>(office: &'a Office, settings: &'a Settings) -> impl Iterator<Item = CallView<'a>> {
    office.calls_on_show().iter().take(CALLS_SHOWN).filter_map(|call| {
        let ticket = office.ticket(call.ticket)?;
        Some(CallView {
            rev: call.rev,
            llamada: call.call,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            escritorio: call.desk.0,
            veces: call.calls,
            idioma: ticket.lang,
            hora: call.at,
        })
    })
}

fn desk_view<'a>(office: &'a Office, settings: &'a Settings, desk: &'a Desk, view: View) -> DeskView<'a> {
    let ticket = office.desk_ticket(desk.id).map(|ticket| match view {
        View::Public => DeskTicket::Public(PublicTicket {
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            estado: state(ticket.state),
        }),
        View::Staff => DeskTicket::Staff(Box::new(StaffTicket::new(settings, ticket))),
    });
    let serves = |service: &ServiceId| desk.services.is_empty() || desk.services.contains(service);
    let servicios = settings.services.iter().filter(|service| serves(&service.id)).map(|service| service.slug.as_str()).collect();
    DeskView { id: desk.id.0, nombre: &desk.name, servicios, ticket }
}

pub fn slug(settings: &Settings, id: ServiceId) -> &str {
    settings.service(id).map_or("", |service| &service.slug)
}

fn class(settings: &Settings, rank: Rank) -> Option<&str> {
    settings.classes.iter().find(|class| class.rank == rank).map(|class| class.slug.as_str())
}

fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "esperando",
        State::Called => "llamado",
        State::Serving => "atendiendo",
        State::Finished => "finalizado",
        State::Missed => "ausente",
        State::Expired => "vencido",
    }
}
