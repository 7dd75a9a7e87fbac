//! Owns what a hook is told: the kinds of events, their names on the wire, and the body, made of the ticket's own history so that it says how the
//! ticket was right after the event, whenever it is sent.

use serde::Serialize;

use crate::office::{BranchId, Channel, Entry, Event, Lang, Millis, Settings, State, Ticket, TicketId};

/// The kinds of events, as `docs/events.md` names the changes.
pub const KINDS: [&str; 19] = [
    "emitido",
    "registrado",
    "llamado",
    "rellamado",
    "iniciado",
    "finalizado",
    "ausente",
    "devuelto",
    "retenido",
    "retomado",
    "liberado",
    "derivado",
    "cancelado",
    "aplazado",
    "vuelto",
    "reactivado",
    "anotado",
    "deshecho",
    "vencido",
];

/// Of a delivery that somebody asked for, to try.
pub const TRIAL: &str = "prueba";

/// One event, to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub id: String,
    pub kind: &'static str,
    /// Of its ticket.
    pub code: Option<String>,
    /// When it happened.
    pub at: Millis,
    pub body: String,
}

/// What has to be known of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Of<'a> {
    pub branch: BranchId,
    pub epoch: &'a str,
    pub settings: Option<&'a Settings>,
    /// Names, notes and outcomes as well.
    pub personal: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    tipo: &'static str,
    hora: Millis,
    sucursal: BranchId,
    rev: u64,
    /// The desk that acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    por: Option<u32>,
    /// Numbers the branch's calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    llamada: Option<u64>,
    /// The service before.
    #[serde(skip_serializing_if = "Option::is_none")]
    antes: Option<&'a str>,
    ticket: AboutTicket<'a>,
}

#[derive(Serialize)]
struct AboutTicket<'a> {
    id: TicketId,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    estado: &'static str,
    prioridad: Option<&'a str>,
    canal: Channel,
    idioma: Lang,
    emitido: Millis,
    cita: Option<Millis>,
    escritorio: Option<u32>,
    para: Option<u32>,
    veces: u32,
    tramo: u32,
    llamado: Option<Millis>,
    iniciado: Option<Millis>,
    terminado: Option<Millis>,
    #[serde(flatten)]
    personal: Option<Personal<'a>>,
}

#[derive(Serialize)]
struct Personal<'a> {
    nombre: Option<&'a str>,
    nota: Option<&'a str>,
    resultado: Option<&'a str>,
}

/// The kind of an event; `None` for those that are of no ticket.
pub fn kind(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Configured { .. } | Event::DayOpened { .. } | Event::DayClosed { .. } | Event::DayReopened { .. } => return None,
        Event::DeskOpened { .. } | Event::DeskPaused { .. } | Event::DeskClosed { .. } => return None,
        Event::TicketIssued { .. } => "emitido",
        Event::TicketCheckedIn { .. } => "registrado",
        Event::TicketCalled { .. } => "llamado",
        Event::TicketRecalled { .. } => "rellamado",
        Event::ServiceStarted { .. } => "iniciado",
        Event::TicketFinished { .. } => "finalizado",
        Event::TicketMissed { .. } => "ausente",
        Event::TicketRequeued { .. } => "devuelto",
        Event::TicketHeld { .. } => "retenido",
        Event::TicketResumed { .. } => "retomado",
        Event::TicketReleased { .. } => "liberado",
        Event::TicketTransferred { .. } => "derivado",
        Event::TicketCancelled { .. } => "cancelado",
        Event::TicketDeferred { .. } => "aplazado",
        Event::TicketReturned { .. } => "vuelto",
        Event::TicketReactivated { .. } => "reactivado",
        Event::TicketNoted { .. } => "anotado",
        Event::TicketRestored { .. } => "deshecho",
        Event::TicketExpired { .. } => "vencido",
    })
}

/// The event at `rev` of a ticket whose history this is. `None` when it is not in it.
pub fn of(of: &Of<'_>, history: &[Entry], rev: u64) -> Option<Payload> {
    let (mut ticket, mut before): (Option<Ticket>, _) = (None, None);
    let mut entries = history.iter();
    let entry = loop {
        let entry = entries.next()?;
        match &mut ticket {
            None => ticket = Ticket::issued(&entry.event, entry.at),
            Some(ticket) => {
                before = Some(ticket.service);
                ticket.apply(&entry.event, entry.at);
            }
        }
        if entry.rev == rev {
            break entry;
        }
    };
    let (ticket, kind) = (ticket?, kind(&entry.event)?);
    let id = format!("{}-{rev}", of.epoch);
    let slug = |id| of.settings.and_then(|settings| settings.service(id)).map_or("", |service| &service.slug);
    let class = of.settings.and_then(|settings| settings.classes.iter().find(|class| class.rank == ticket.rank));
    let call = match entry.event {
        Event::TicketCalled { call, .. } | Event::TicketRecalled { call, .. } => Some(call),
        _ => None,
    };
    let body = Body {
        id: &id,
        tipo: kind,
        hora: entry.at,
        sucursal: of.branch,
        rev,
        por: entry.event.desk().map(|desk| desk.0),
        llamada: call,
        antes: before.filter(|before| *before != ticket.service).map(slug),
        ticket: AboutTicket {
            id: ticket.id,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(ticket.service),
            estado: state(ticket.state),
            prioridad: class.map(|class| class.slug.as_str()),
            canal: ticket.channel,
            idioma: ticket.lang,
            emitido: ticket.issued_at,
            cita: ticket.booked_for,
            escritorio: ticket.desk.map(|desk| desk.0),
            para: ticket.reserved.map(|desk| desk.0),
            veces: ticket.calls,
            tramo: ticket.segment,
            llamado: ticket.last_called_at,
            iniciado: ticket.started_at,
            terminado: ticket.ended_at,
            personal: of.personal.then(|| Personal {
                nombre: ticket.name.as_deref(),
                nota: ticket.note.as_deref(),
                resultado: ticket.outcome.as_deref(),
            }),
        },
    };
    let body = json(&body);
    Some(Payload { id, kind, code: Some(ticket.code.clone()), at: entry.at, body })
}

/// A delivery to try, of no ticket. `mark` tells it from others.
pub fn trial(branch: BranchId, mark: &str, at: Millis) -> Payload {
    #[derive(Serialize)]
    struct Trial<'a> {
        id: &'a str,
        tipo: &'static str,
        hora: Millis,
        sucursal: BranchId,
    }
    let id = format!("{TRIAL}-{mark}");
    let body = json(&Trial { id: &id, tipo: TRIAL, hora: at, sucursal: branch });
    Payload { id, kind: TRIAL, code: None, at, body }
}

fn json(value: &impl Serialize) -> String {
    // Plain structs with text keys: nothing in them can fail to be written.
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("a payload is always JSON: {error}"))
}

fn state(state: State) -> &'static str {
    match state {
        State::Booked => "reservado",
        State::Waiting => "esperando",
        State::Called => "llamado",
        State::Serving => "atendiendo",
        State::Deferred => "aplazado",
        State::Held => "retenido",
        State::Finished => "finalizado",
        State::Missed => "ausente",
        State::Cancelled => "cancelado",
        State::Expired => "vencido",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::office::arbitrary::{MINUTE, Sample, page, sample};
    use crate::office::{Command, DeskId};

    fn told(sample: &Sample, ticket: TicketId, personal: bool) -> Vec<Value> {
        let history: Vec<_> = sample.log.iter().filter(|entry| entry.event.ticket() == Some(ticket)).cloned().collect();
        let about = Of { branch: BranchId(1), epoch: "e0", settings: sample.office.settings(), personal };
        history.iter().map(|entry| serde_json::from_str(&of(&about, &history, entry.rev).unwrap().body).unwrap()).collect()
    }

    /// A ticket that was called, served and finished with a note.
    fn visit() -> (Sample, TicketId) {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.pass(4 * MINUTE);
        sample.tell_by(page(7), Command::CallNext { desk: DeskId(1) }).unwrap();
        sample.tell_by(page(7), Command::Start { desk: DeskId(1), ticket: None }).unwrap();
        let finish = Command::Finish { desk: DeskId(1), ticket: None, outcome: None, note: Some("vuelve el lunes".into()) };
        sample.tell_by(page(7), finish).unwrap();
        (sample, ticket)
    }

    #[test]
    fn an_event_says_how_its_ticket_was_right_after_it() {
        let (sample, ticket) = visit();
        let told = told(&sample, ticket, false);
        let seen: Vec<_> = told.iter().map(|body| (body["tipo"].as_str().unwrap(), body["ticket"]["estado"].as_str().unwrap())).collect();
        assert_eq!(seen, [("emitido", "esperando"), ("llamado", "llamado"), ("iniciado", "atendiendo"), ("finalizado", "finalizado")]);
        let call = &told[1];
        assert_eq!(call["id"], format!("e0-{}", call["rev"]));
        assert_eq!((&call["sucursal"], &call["por"], &call["llamada"]), (&json!(1), &json!(1), &json!(1)));
        let about = &call["ticket"];
        assert_eq!((&about["codigo"], &about["escritorio"], &about["veces"]), (&json!("A-001"), &json!(1), &json!(1)), "{call}");
        assert_eq!((&about["llamado"], &about["terminado"]), (&call["hora"], &Value::Null));
    }

    #[test]
    fn names_and_notes_are_told_only_where_they_are_to_be() {
        let (sample, ticket) = visit();
        let secrets = sample.log.iter().filter_map(|entry| match &entry.event {
            Event::TicketIssued { token, .. } => Some(token.to_string()),
            _ => None,
        });
        let token = secrets.last().unwrap();
        for personal in [false, true] {
            let last = told(&sample, ticket, personal).pop().unwrap();
            let text = last.to_string();
            assert!(!text.contains(&token), "{text}");
            assert_eq!(text.contains("vuelve el lunes"), personal, "{text}");
            assert_eq!(last["ticket"].as_object().unwrap().contains_key("nombre"), personal);
        }
    }

    #[test]
    fn what_is_not_in_a_history_is_not_told() {
        let (sample, ticket) = visit();
        let about = Of { branch: BranchId(1), epoch: "e0", settings: None, personal: false };
        let history: Vec<_> = sample.log.iter().filter(|entry| entry.event.ticket() == Some(ticket)).cloned().collect();
        assert_eq!((of(&about, &history, 999), of(&about, &[], 1)), (None, None));
    }

    #[test]
    fn kinds_are_those_of_the_events_and_all_are_in_the_documents() {
        let (events, hooks) = (include_str!("../../docs/events.md"), include_str!("../../docs/webhooks.md"));
        for kind in KINDS {
            assert!(events.contains(&format!("`{kind}`")) && hooks.contains(&format!("`{kind}`")), "{kind} is not documented");
        }
        let (sample, _) = visit();
        for entry in &sample.log {
            assert_eq!(kind(&entry.event).is_some(), entry.event.ticket().is_some(), "{entry:?}");
            assert!(kind(&entry.event).is_none_or(|kind| KINDS.contains(&kind)));
        }
    }
}
