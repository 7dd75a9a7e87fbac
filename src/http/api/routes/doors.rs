//! Owns the rows about who somebody is: signing in and out, passwords, the first start, paired screens.

use super::SUCURSAL;
use crate::access::Action;
use crate::http::api::table::{Route, Serve, Told, Verb};
use crate::service::shapes::{answers, bodies};
use crate::service::{Ask, Knock};

pub const DOORS: &[Route] = &[
    Route::get("/session", Action::SeePublic, "Who am I?", answers::session, |_| Ok(Ask::Door(Knock::Session))),
    Route::new(
        Verb::Post,
        "/session",
        Action::SeePublic,
        "Signs in: a cookie, or with `portador` a token in the answer",
        Told::MadeOrKnown(answers::session),
        Serve::Ask(|given| Ok(Ask::Door(Knock::SignIn { body: given.body()?, agent: given.agent.clone() }))),
    )
    .json(bodies::sign_in)
    .refuses(&[401]),
    Route::new(Verb::Delete, "/session", Action::OwnAccount, "Signs out", Told::Nothing, Serve::Ask(|_| Ok(Ask::Door(Knock::SignOut)))),
    Route::new(
        Verb::Put,
        "/session/password",
        Action::OwnAccount,
        "Changes one's own password; all other sign-ins end",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::Door(Knock::ChangePassword(given.body()?)))),
    )
    .json(bodies::change_password)
    .refuses(&[429]),
    Route::get("/sessions", Action::OwnAccount, "One's own sign-ins", answers::sessions, |_| Ok(Ask::Door(Knock::Sessions))),
    Route::new(
        Verb::Delete,
        "/sessions/{session}",
        Action::OwnAccount,
        "Ends a sign-in of one's own",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::Door(Knock::EndSession(given.place("session"))))),
    ),
    Route::new(
        Verb::Put,
        "/users/{user}/password",
        Action::Administer,
        "Gives a user another password; all sign-ins of the user end",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::Door(Knock::SetPassword(given.place("user"), given.body()?)))),
    )
    .json(bodies::new_password),
    Route::get("/setup", Action::SeePublic, "Whether the first admin is still to be made", answers::setup, |_| Ok(Ask::Door(Knock::Setup))),
    Route::new(
        Verb::Post,
        "/setup",
        Action::SeePublic,
        "Makes the office and the first admin, with the code that the first start prints",
        Told::Made(answers::session),
        Serve::Ask(|given| Ok(Ask::Door(Knock::SetUp { body: Box::new(given.body()?), agent: given.agent.clone() }))),
    )
    .json(bodies::set_up),
    Route::new(
        Verb::Post,
        "/pairing",
        Action::SeePublic,
        "A screen asks to be paired, and shows the digits",
        Told::Made(answers::pairing),
        Serve::Ask(|given| Ok(Ask::Door(Knock::Pair(given.body()?)))),
    )
    .json(bodies::pair)
    .refuses(&[404]),
    Route::new(
        Verb::Post,
        "/pairing/claim",
        Action::SeePublic,
        "A screen asks whether it is paired: 202 while it waits, then 201 and its cookie",
        Told::MadeOrWaiting(answers::session),
        Serve::Ask(|given| Ok(Ask::Door(Knock::Claim(given.body()?)))),
    )
    .json(bodies::claim)
    .refuses(&[404]),
    Route::get("/devices", Action::Configure, "The paired screens", answers::devices, |_| Ok(Ask::Door(Knock::Devices))).query(&[SUCURSAL]),
    Route::new(
        Verb::Post,
        "/devices",
        Action::Configure,
        "Pairs the screen that shows these digits",
        Told::Created(answers::device),
        Serve::Ask(|given| Ok(Ask::Door(Knock::AddDevice(given.body()?)))),
    )
    .json(bodies::device)
    .refuses(&[404]),
    Route::get("/devices/{device}", Action::Configure, "A paired screen", answers::device, |given| {
        Ok(Ask::Door(Knock::Device(given.place("device"))))
    }),
    Route::new(
        Verb::Put,
        "/devices/{device}",
        Action::Configure,
        "Gives a screen another name",
        Told::Json(answers::device),
        Serve::Ask(|given| Ok(Ask::Door(Knock::RenameDevice(given.place("device"), given.body()?)))),
    )
    .json(bodies::rename),
    Route::new(
        Verb::Delete,
        "/devices/{device}",
        Action::Configure,
        "Revokes a screen: it is disconnected and must be paired again",
        Told::Nothing,
        Serve::Ask(|given| Ok(Ask::Door(Knock::RevokeDevice(given.place("device"))))),
    ),
];
