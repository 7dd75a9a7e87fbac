//! Owns how one ticket looks: to its visitor, to the staff, to everybody.

use serde::Serialize;

use super::outlook::WaitView;
use super::{class, json, slug, state};
use crate::office::{BranchId, Lang, Millis, Name, Office, Settings, State, Ticket, TicketId, Token, UserId, Wait};

/// `ticket` as its visitor gets it.
#[derive(Serialize)]
struct OwnTicket<'a> {
    #[serde(flatten)]
    proof: Option<Proof>,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    #[serde(rename = "nombreServicio")]
    service_name: Option<&'a Name>,
    estado: &'static str,
    prioridad: Option<&'a str>,
    emitido: Millis,
    cita: Option<Millis>,
    idioma: Lang,
    delante: usize,
    espera: Option<WaitView>,
    ultimo: Option<&'a str>,
    escritorio: Option<u32>,
    #[serde(rename = "nombreEscritorio")]
    desk_name: Option<&'a Name>,
    hasta: Option<Millis>,
    aplazos: u32,
}

/// What nobody but the visitor gets.
#[derive(Serialize)]
struct Proof {
    id: TicketId,
    token: Token,
}

/// `ticket` as the staff see it.
#[derive(Serialize)]
pub(super) struct StaffTicket<'a> {
    id: TicketId,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    prioridad: Option<&'a str>,
    emitido: Millis,
    cita: Option<Millis>,
    idioma: Lang,
    nombre: Option<&'a str>,
    nota: Option<&'a str>,
    escritorio: Option<u32>,
    para: Option<u32>,
    agente: Option<UserId>,
    veces: u32,
    tramo: u32,
    llamado: Option<Millis>,
    iniciado: Option<Millis>,
    terminado: Option<Millis>,
    retenido: Option<Millis>,
    resultado: Option<&'a str>,
    hasta: Option<Millis>,
    aplazado: Option<Millis>,
}

/// A ticket at a desk, as everybody sees it.
#[derive(Serialize)]
pub(super) struct PublicTicket<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
}

/// `ultimo-ticket`'s second argument, and who was missed.
#[derive(Serialize)]
pub struct LastTicket<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
}

/// As its visitor gets it. `wait` is told while it waits.
pub fn own_ticket(office: &Office, settings: &Settings, ticket: &Ticket, wait: Wait) -> String {
    json(&OwnTicket::new(office, settings, ticket, wait, Some(Proof { id: ticket.id, token: ticket.token })))
}

/// The answer to who follows a ticket: how it stands, and where that is.
pub fn followed(branch: BranchId, settings: &Settings, own: &str, now: Millis) -> String {
    #[derive(Serialize)]
    struct Place<'a> {
        id: u32,
        nombre: &'a str,
        zona: &'static str,
        idiomas: &'a [Lang],
        minutos: u16,
    }
    let place = Place {
        id: branch.0,
        nombre: &settings.name,
        zona: settings.time_zone.name(),
        idiomas: &settings.languages,
        minutos: settings.deferrals.minutes,
    };
    format!(r#"{{"ok":true,"ticket":{own},"sucursal":{},"hora":{}}}"#, json(&place), now.0)
}

/// As somebody gets it who knows what stands on the paper, and is not proven to be its visitor.
pub fn paper_ticket(office: &Office, settings: &Settings, ticket: &Ticket, wait: Wait) -> String {
    json(&OwnTicket::new(office, settings, ticket, wait, None))
}

pub fn staff_ticket(office: &Office, settings: &Settings, ticket: &Ticket) -> String {
    json(&StaffTicket::new(office, settings, ticket))
}

impl<'a> OwnTicket<'a> {
    fn new(office: &'a Office, settings: &'a Settings, ticket: &'a Ticket, wait: Wait, proof: Option<Proof>) -> Self {
        let waits = ticket.state == State::Waiting;
        let in_line = waits || ticket.state == State::Deferred;
        let desk = ticket.desk.and_then(|desk| settings.desk(desk));
        Self {
            proof,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            service_name: settings.service(ticket.service).map(|service| &service.name),
            estado: state(ticket.state),
            prioridad: class(settings, ticket.rank),
            emitido: ticket.issued_at,
            cita: ticket.booked_for,
            idioma: ticket.lang,
            delante: if in_line { office.ahead_of(ticket.id) } else { 0 },
            espera: waits.then(|| WaitView::of(wait)).flatten(),
            ultimo: office.last_called(ticket.service).map(|last| last.code.as_str()),
            escritorio: ticket.desk.map(|desk| desk.0),
            desk_name: desk.map(|desk| &desk.name),
            hasta: match ticket.state {
                State::Missed => office.reactivate_until(ticket),
                _ => ticket.deferral.until,
            },
            aplazos: office.deferrals_left(ticket),
        }
    }
}

impl<'a> StaffTicket<'a> {
    pub fn new(office: &Office, settings: &'a Settings, ticket: &'a Ticket) -> Self {
        Self {
            id: ticket.id,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            estado: state(ticket.state),
            prioridad: class(settings, ticket.rank),
            emitido: ticket.issued_at,
            cita: ticket.booked_for,
            idioma: ticket.lang,
            nombre: ticket.name.as_deref(),
            nota: ticket.note.as_deref(),
            escritorio: ticket.desk.map(|desk| desk.0),
            para: ticket.reserved.map(|desk| desk.0),
            agente: ticket.agent,
            veces: ticket.calls,
            tramo: ticket.segment,
            llamado: ticket.last_called_at,
            iniciado: ticket.started_at,
            terminado: ticket.ended_at,
            retenido: ticket.held_at,
            resultado: ticket.outcome.as_deref(),
            hasta: office.reactivate_until(ticket),
            aplazado: ticket.deferral.until,
        }
    }
}

impl<'a> PublicTicket<'a> {
    pub fn new(settings: &'a Settings, ticket: &'a Ticket) -> Self {
        Self { codigo: &ticket.code, numero: ticket.number, servicio: slug(settings, ticket.service), estado: state(ticket.state) }
    }
}

impl<'a> LastTicket<'a> {
    pub fn new(settings: &'a Settings, ticket: &'a Ticket) -> Self {
        Self { codigo: &ticket.code, numero: ticket.number, servicio: slug(settings, ticket.service) }
    }
}
