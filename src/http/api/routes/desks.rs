//! Owns the rows about work at a desk: the events of a desk, as requests.

use super::{CLAVE, IDIOMA, POSICION, SERVICIO, SESION, TICKET, optional};
use crate::access::Action;
use crate::http::api::table::{Field, Route, Told};
use crate::service::shapes::{Shape, answers, fields};
use crate::service::{Ask, Errand};

const NAMED: &[Field] = &[TICKET, CLAVE, IDIOMA, SESION];
const NEEDS_TICKET: &[Field] = &[Field { name: "ticket", shape: fields::needed_text, needed: true }, CLAVE, IDIOMA, SESION];
const PLACED: &[Field] = &[TICKET, POSICION, CLAVE, IDIOMA, SESION];

pub const DESKS: &[Route] = &[
    act(
        "/branches/{branch}/desks/{desk}/open",
        "abrir-puesto",
        "Opens a desk, or goes on after a pause",
        answers::opened_desk,
        &[optional("usuario", fields::id), optional("tomar", fields::flag), IDIOMA, SESION],
    ),
    act(
        "/branches/{branch}/desks/{desk}/pause",
        "pausar-puesto",
        "Calls nobody for a while",
        answers::desk,
        &[optional("motivo", fields::text), IDIOMA, SESION],
    ),
    act("/branches/{branch}/desks/{desk}/close", "cerrar-puesto", "Closes a desk", answers::desk, &[IDIOMA, SESION]),
    ticket("/branches/{branch}/desks/{desk}/call-next", "atender-ticket", "Calls who is next", &[CLAVE, IDIOMA, SESION]),
    ticket("/branches/{branch}/desks/{desk}/call", "atender-ticket", "Calls this ticket", NEEDS_TICKET),
    ticket("/branches/{branch}/desks/{desk}/recall", "rellamar", "Calls the desk's ticket once more", NAMED),
    ticket("/branches/{branch}/desks/{desk}/start", "iniciar", "The visitor is here: service begins", NAMED),
    ticket(
        "/branches/{branch}/desks/{desk}/finish",
        "finalizar",
        "Service ends",
        &[TICKET, optional("resultado", fields::text), optional("nota", fields::text), CLAVE, IDIOMA, SESION],
    ),
    ticket("/branches/{branch}/desks/{desk}/no-show", "ausente", "The visitor did not come", NAMED),
    ticket("/branches/{branch}/desks/{desk}/requeue", "devolver", "The ticket waits again", PLACED),
    ticket("/branches/{branch}/desks/{desk}/hold", "retener", "Parks the ticket; the desk is free", NAMED),
    ticket("/branches/{branch}/desks/{desk}/resume", "retomar", "Serves a parked ticket on, here", NEEDS_TICKET),
    ticket(
        "/branches/{branch}/desks/{desk}/transfer",
        "derivar",
        "Sends the ticket on: to a service, to a desk, or both",
        &[TICKET, SERVICIO, optional("a", fields::label), POSICION, CLAVE, IDIOMA, SESION],
    ),
    act(
        "/branches/{branch}/desks/{desk}/undo",
        "deshacer",
        "Takes back what the desk did last",
        answers::restored,
        &[CLAVE, IDIOMA, SESION],
    ),
    Route::get("/branches/{branch}/desks/{desk}/next", Action::Serve, "Who would be called, and why", answers::next_ticket, |given| {
        Ok(Ask::Branch(Errand::Next { desk: given.place("desk"), lang: given.lang }))
    }),
];

const fn act(path: &'static str, event: &'static str, summary: &'static str, shape: Shape, fields: &'static [Field]) -> Route {
    Route::event(path, Action::Serve, event, summary, Told::Json(shape)).fields(fields)
}

const fn ticket(path: &'static str, event: &'static str, summary: &'static str, fields: &'static [Field]) -> Route {
    act(path, event, summary, answers::staff_ticket, fields)
}
