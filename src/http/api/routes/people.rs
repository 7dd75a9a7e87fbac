//! Owns the rows about users and their notes, messages and the ticker.

use super::{DESPUES, LIMITE, LISTED, SUCURSAL};
use crate::access::Action;
use crate::http::api::table::{Route, Serve, Told, Verb};
use crate::service::Ask;
use crate::service::shapes::{answers, bodies};

pub const PEOPLE: &[Route] = &[
    Route::get("/users", Action::Serve, "The users, oldest first", answers::users, |given| {
        Ok(Ask::Users { after: given.query("despues"), limit: given.number("limite", LISTED) })
    })
    .query(&[LIMITE, DESPUES]),
    Route::new(
        Verb::Post,
        "/users",
        Action::Administer,
        "Creates a user; who may serve hears `nuevo-usuario`",
        Told::Created(answers::user),
        Serve::Ask(|given| given.body().map(Ask::CreateUser)),
    )
    .json(bodies::user),
    Route::get("/users/{user}", Action::Serve, "A user", answers::user, |given| Ok(Ask::User(given.place("user")))),
    Route::new(
        Verb::Put,
        "/users/{user}",
        Action::Administer,
        "Changes a user",
        Told::Json(answers::user),
        Serve::Ask(|given| Ok(Ask::ReplaceUser(given.place("user"), given.body()?))),
    )
    .json(bodies::user)
    .refuses(&[409]),
    Route::new(
        Verb::Delete,
        "/users/{user}",
        Action::Administer,
        "Deletes a user, and the notes to it",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::DeleteUser(given.place("user")))),
    )
    .refuses(&[409]),
    Route::get("/users/{user}/notes", Action::Administer, "The unread notes to a user, oldest first", answers::notes, |given| {
        Ok(Ask::Notes(given.place("user")))
    }),
    Route::new(
        Verb::Post,
        "/users/{user}/notes",
        Action::Serve,
        "Sends a note; the user hears `nuevo-correo`",
        Told::Created(answers::note),
        Serve::Ask(|given| Ok(Ask::SendNote(given.place("user"), given.body()?))),
    )
    .json(bodies::note),
    Route::get("/users/{user}/notes/{note}", Action::Administer, "An unread note", answers::note, |given| {
        Ok(Ask::Note(given.place("user"), given.place("note")))
    }),
    Route::new(
        Verb::Delete,
        "/users/{user}/notes/{note}",
        Action::Administer,
        "The note counts as read; the user hears `correo-leido`",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::ReadNote(given.place("user"), given.place("note")))),
    ),
    Route::new(
        Verb::Post,
        "/messages",
        Action::Serve,
        "Sends a message to everybody, to a room, to one socket or user",
        Told::Json(answers::message),
        Serve::Ask(|given| given.body().map(Ask::Message)),
    )
    .query(&[SUCURSAL])
    .json(bodies::message)
    .refuses(&[404]),
    Route::get("/ticker", Action::SeeDisplay, "The line on the displays", answers::ticker, |_| Ok(Ask::Ticker)).query(&[SUCURSAL]),
    Route::new(
        Verb::Put,
        "/ticker",
        Action::Oversee,
        "Puts a line on the displays; they and the staff hear `aviso`",
        Told::Json(answers::ticker),
        Serve::Ask(|given| given.body().map(Ask::SetTicker)),
    )
    .query(&[SUCURSAL])
    .json(bodies::ticker),
    Route::new(
        Verb::Delete,
        "/ticker",
        Action::Oversee,
        "Takes the line down; displays and staff hear `aviso`",
        Told::Nothing,
        Serve::Ask(|_| Ok(Ask::ClearTicker)),
    )
    .query(&[SUCURSAL]),
];
