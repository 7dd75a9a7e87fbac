//! Owns the rows about tickets: of a branch, and one's own.

use super::{CLAVE, DESPUES, IDIOMA, LIMITE, LISTED, NOMBRE, POSICION, SERVICIO, TOKEN, optional};
use crate::access::Action;
use crate::http::api::table::{Field, Kind, Param, Route, Serve, Told, Verb};
use crate::service::shapes::{answers, fields};
use crate::service::{Ask, Errand};

const LIST: &[Param] = &[
    Param {
        name: "estado",
        kind: Kind::Word(&[
            "reservado",
            "esperando",
            "aplazado",
            "llamado",
            "atendiendo",
            "retenido",
            "finalizado",
            "ausente",
            "cancelado",
            "vencido",
        ]),
        about: "Those in this state alone",
    },
    Param { name: "jornada", kind: Kind::Day, about: "Business day; today without it" },
    LIMITE,
    DESPUES,
];

const TAKE: &[Field] = &[SERVICIO, optional("prioridad", fields::priority), optional("cita", fields::label), CLAVE, IDIOMA, NOMBRE];
const ABOUT: &[Field] = &[CLAVE, IDIOMA];
const OWN: &[Field] = &[TOKEN, CLAVE, IDIOMA];

pub const TICKETS: &[Route] = &[
    Route::get("/branches/{branch}/tickets", Action::Serve, "The tickets of a business day, by arrival", answers::tickets, |given| {
        let (state, day, after) = (given.query("estado"), given.query("jornada"), given.query("despues"));
        Ok(Ask::Branch(Errand::Tickets { state, day, after, limit: given.number("limite", LISTED) }))
    })
    .query(LIST),
    Route::event(
        "/branches/{branch}/tickets",
        Action::TakeNumber,
        "siguiente-ticket",
        "Takes a number, now or for later",
        Told::Created(answers::own_ticket),
    )
    .fields(TAKE),
    Route::get(
        "/branches/{branch}/tickets/{ticket}",
        Action::Serve,
        "A ticket of any day, by id; by code of today",
        answers::staff_ticket,
        |given| Ok(Ask::Branch(Errand::Ticket(given.place("ticket")))),
    ),
    Route::get("/branches/{branch}/tickets/{ticket}/certificate", Action::Serve, "Its wait certificate", answers::certificate, |given| {
        Ok(Ask::Branch(Errand::Certificate(given.place("ticket"))))
    }),
    Route::event(
        "/branches/{branch}/tickets/{ticket}/check-in",
        Action::TakeNumber,
        "registrar-llegada",
        "A booked visitor has come",
        Told::Json(answers::any_ticket),
    )
    .fields(ABOUT),
    Route::event(
        "/branches/{branch}/tickets/{ticket}/cancel",
        Action::Serve,
        "cancelar-ticket",
        "Takes a ticket out of the queue",
        Told::Json(answers::staff_ticket),
    )
    .fields(ABOUT),
    Route::event(
        "/branches/{branch}/tickets/{ticket}/reactivate",
        Action::Serve,
        "reactivar",
        "A missed, cancelled or expired one waits again",
        Told::Json(answers::staff_ticket),
    )
    .fields(&[POSICION, CLAVE, IDIOMA]),
    Route::new(
        Verb::Put,
        "/branches/{branch}/tickets/{ticket}/note",
        Action::Serve,
        "Replaces the staff's note; `null` takes it away",
        Told::Json(answers::staff_ticket),
        Serve::Event("anotar"),
    )
    .fields(&[Field { name: "nota", shape: fields::text, needed: true }, IDIOMA])
    .refuses(&[409]),
    Route::new(
        Verb::Post,
        "/tickets/own",
        Action::OwnTicket,
        "The ticket of today with this token, in whatever branch",
        Told::Json(answers::own_ticket),
        Serve::Ask(|given| given.token().map(Ask::OwnTicket)),
    )
    .fields(&[TOKEN])
    .refuses(&[404]),
    own("/tickets/own/cancel", "cancelar-ticket", "Leaves the queue"),
    own("/tickets/own/check-in", "registrar-llegada", "Has come to the appointment"),
    own("/tickets/own/defer", "aplazar-ticket", "Needs some minutes more"),
    own("/tickets/own/return", "volver", "Is back before the minutes are over"),
];

const fn own(path: &'static str, event: &'static str, summary: &'static str) -> Route {
    Route::new(Verb::Post, path, Action::OwnTicket, summary, Told::Json(answers::own_ticket), Serve::OwnEvent(event))
        .fields(OWN)
        .refuses(&[404, 409])
}
