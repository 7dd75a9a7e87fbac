//! Owns the rows about the web hooks of a branch.

use super::{DESPUES, LIMITE, LISTED};
use crate::access::Action;
use crate::http::api::given::Given;
use crate::http::api::problem::Problem;
use crate::http::api::table::{Route, Serve, Told, Verb};
use crate::http::api::webhooks::HookWish;
use crate::webhooks::shapes;

const HOOKS_PATH: &str = "/branches/{branch}/webhooks";
const HOOK: &str = "/branches/{branch}/webhooks/{hook}";

pub const HOOKS: &[Route] = &[
    row(Verb::Get, HOOKS_PATH, "The web hooks of a branch", Told::Json(shapes::hooks), |_| Ok(HookWish::List)),
    row(Verb::Post, HOOKS_PATH, "Makes a web hook; its secret is shown this once", Told::Created(shapes::hook), |given| {
        given.body().map(HookWish::Create)
    })
    .json(shapes::body)
    .secretive(),
    row(Verb::Get, HOOK, "A web hook", Told::Json(shapes::hook), |given| Ok(HookWish::Show(given.place("hook")))),
    row(
        Verb::Put,
        HOOK,
        "Changes a web hook; one that is switched on is told what happens from then on",
        Told::Json(shapes::hook),
        |given| Ok(HookWish::Replace(given.place("hook"), given.body()?)),
    )
    .json(shapes::body),
    row(Verb::Delete, HOOK, "Deletes a web hook and the log of its deliveries", Told::Nothing, |given| {
        Ok(HookWish::Remove(given.place("hook")))
    }),
    row(
        Verb::Post,
        "/branches/{branch}/webhooks/{hook}/rotate",
        "Draws a new secret, which is shown this once; the one before signs as well for 24 hours",
        Told::Json(shapes::hook),
        |given| Ok(HookWish::Rotate(given.place("hook"))),
    )
    .secretive(),
    row(
        Verb::Post,
        "/branches/{branch}/webhooks/{hook}/test",
        "Sends something now, and says what became of it",
        Told::Json(shapes::delivery),
        |given| Ok(HookWish::Test(given.place("hook"))),
    ),
    row(
        Verb::Get,
        "/branches/{branch}/webhooks/{hook}/deliveries",
        "The latest deliveries, newest first",
        Told::Json(shapes::deliveries),
        |given| Ok(HookWish::Deliveries { id: given.place("hook"), after: given.query("despues"), limit: given.number("limite", LISTED) }),
    )
    .query(&[LIMITE, DESPUES]),
];

const fn row(verb: Verb, path: &'static str, summary: &'static str, answer: Told, read: fn(&Given) -> Result<HookWish, Problem>) -> Route {
    Route::new(verb, path, Action::Configure, summary, answer, Serve::Hooks(read))
}
