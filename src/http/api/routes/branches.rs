//! Owns the rows about branches: their settings as a whole and in parts, their day, what everybody may see, figures.

use super::{DESPUES, LIMITE, LISTED, optional};
use crate::access::Action;
use crate::http::api::given::Given;
use crate::http::api::table::{Field, Kind, Param, Route, Serve, Told, Verb};
use crate::service::shapes::{Shape, answers, bodies, fields};
use crate::service::{Ask, AuditAsk, Errand, Part};

/// Bytes of the settings of a branch.
const MOST_BYTES: usize = 1 << 20;

/// Lines of the audit log for a spreadsheet, where no other limit is asked for.
const MOST_OF_A_SHEET: usize = 10_000;

const BRANCH: &str = "/branches/{branch}";
const HOURS: &str = "/branches/{branch}/hours";
const POLICY: &str = "/branches/{branch}/policy";
const SERVICES: &str = "/branches/{branch}/services";
const SERVICE: &str = "/branches/{branch}/services/{service}";
const DESKS: &str = "/branches/{branch}/desks";
const DESK: &str = "/branches/{branch}/desks/{desk}";

const FIGURES: &[Param] = &[
    Param { name: "desde", kind: Kind::Day, about: "First business day; today without it" },
    Param { name: "hasta", kind: Kind::Day, about: "Last business day; today without it" },
    Param {
        name: "por",
        kind: Kind::Word(&["nada", "servicio", "escritorio", "agente", "prioridad", "canal", "hora", "dia-semana", "dia-hora", "jornada"]),
        about: "What they are divided by",
    },
    Param { name: "escritorio", kind: Kind::Number(u32::MAX as usize), about: "Of this desk alone" },
];

const AUDIT: &[Param] = &[
    Param { name: "accion", kind: Kind::Text, about: "Code of an action, or the beginning of codes with `*` behind it" },
    Param { name: "quien", kind: Kind::Text, about: "Id of the user who did it" },
    Param { name: "desde", kind: Kind::Day, about: "First day" },
    Param { name: "hasta", kind: Kind::Day, about: "Last day" },
    LIMITE,
    DESPUES,
];

const DAY: &[Field] = &[optional("jornada", fields::day)];
const NO_FIELDS: &[Field] = &[optional("idioma", fields::text)];

pub const BRANCHES: &[Route] = &[
    Route::get("/branches", Action::SeePublic, "The branches that serve now", answers::branches, |_| Ok(Ask::Branches)),
    Route::new(
        Verb::Post,
        "/branches",
        Action::Administer,
        "Makes a branch, in the form of the office file; it serves at once",
        Told::Created(bodies::branch),
        Serve::Ask(|given| Ok(Ask::CreateBranch(given.body.clone()))),
    )
    .long_json(bodies::new_branch, MOST_BYTES),
    show(BRANCH, "The settings of a branch, in the form of the office file", bodies::branch, |_| Part::Whole),
    replace(BRANCH, "Replaces the settings of a branch", bodies::branch, |_| Part::Whole),
    show(HOURS, "Opening hours and holidays", bodies::hours, |_| Part::Hours),
    replace(HOURS, "Replaces opening hours and holidays", bodies::hours, |_| Part::Hours),
    show(POLICY, "Who is next", bodies::policy, |_| Part::Policy),
    replace(POLICY, "Changes who is next", bodies::policy, |_| Part::Policy),
    show(SERVICES, "The services", answers::services, |_| Part::Services),
    add(SERVICES, "Adds a service, without `id` under the next number", bodies::service, |_| Part::Services),
    show(SERVICE, "A service, by number or slug", bodies::service, service),
    replace(SERVICE, "Replaces a service; its number stays", bodies::service, service),
    remove(SERVICE, "Removes a service that nobody waits for", service),
    show(DESKS, "The desks", answers::desks, |_| Part::Desks),
    add(DESKS, "Adds a desk, without `id` under the next number", bodies::desk, |_| Part::Desks),
    show(DESK, "A desk", bodies::desk, desk),
    replace(DESK, "Replaces a desk; its number stays", bodies::desk, desk),
    remove(DESK, "Removes a desk that holds no ticket", desk),
    Route::new(
        Verb::Get,
        "/branches/{branch}/status",
        Action::SeePublic,
        "What everybody may know: open or not, how many wait, how long. For web sites of any origin; at most 5 seconds old",
        Told::Json(answers::status),
        Serve::Status,
    ),
    Route::new(
        Verb::Post,
        "/branches/{branch}/policy/simulation",
        Action::Configure,
        "What each policy would have made of a business day, today's unless one is named",
        Told::Json(answers::simulation),
        Serve::Ask(|given| Ok(Ask::Branch(Errand::Simulation(given.body.clone())))),
    )
    .fields(DAY),
    Route::get("/branches/{branch}/queue", Action::Serve, "The staff's snapshot", answers::board, |_| Ok(Ask::Branch(Errand::Queue))),
    Route::get("/branches/{branch}/calls", Action::SeeDisplay, "The calls on show, newest first", answers::calls, |_| {
        Ok(Ask::Branch(Errand::Calls))
    }),
    Route::event("/branches/{branch}/day/close", Action::Oversee, "cerrar-jornada", "Closes the business day by hand", Told::Nothing)
        .fields(NO_FIELDS),
    Route::event("/branches/{branch}/day/reopen", Action::Oversee, "abrir-jornada", "Takes the closing by hand back", Told::Nothing)
        .fields(NO_FIELDS),
    Route::new(
        Verb::Get,
        "/branches/{branch}/figures",
        Action::Serve,
        "Figures of business days; with `Accept: text/csv` for a spreadsheet",
        Told::JsonOrCsv(answers::figures),
        Serve::Ask(|given| Ok(Ask::Branch(Errand::Figures { payload: given.query_payload(), sheet: given.csv }))),
    )
    .query(FIGURES)
    .refuses(&[404]),
    Route::new(
        Verb::Get,
        "/branches/{branch}/audit",
        Action::Oversee,
        "Who did what in a branch, the newest first; with `Accept: text/csv` for a spreadsheet",
        Told::JsonOrCsv(answers::audit),
        Serve::Ask(|given| Ok(Ask::Branch(Errand::Audit { ask: audit(given), everywhere: false }))),
    )
    .query(AUDIT),
    Route::new(
        Verb::Get,
        "/audit",
        Action::Administer,
        "Who did what anywhere, the newest first; with `Accept: text/csv` for a spreadsheet",
        Told::JsonOrCsv(answers::audit),
        Serve::Ask(|given| Ok(Ask::Audit(audit(given)))),
    )
    .query(AUDIT),
];

fn audit(given: &Given) -> AuditAsk {
    AuditAsk {
        action: given.query("accion"),
        by: given.query("quien"),
        from: given.query("desde"),
        to: given.query("hasta"),
        after: given.query("despues"),
        limit: given.number("limite", if given.csv { MOST_OF_A_SHEET } else { LISTED }),
        sheet: given.csv,
    }
}

fn service(given: &Given) -> Part {
    Part::Service(given.place("service"))
}

fn desk(given: &Given) -> Part {
    Part::Desk(given.place("desk"))
}

const fn show(path: &'static str, summary: &'static str, shape: Shape, part: fn(&Given) -> Part) -> Route {
    Route::new(Verb::Get, path, Action::Serve, summary, Told::Json(shape), Serve::Settings(part)).tagged()
}

const fn replace(path: &'static str, summary: &'static str, shape: Shape, part: fn(&Given) -> Part) -> Route {
    Route::new(Verb::Put, path, Action::Configure, summary, Told::Json(shape), Serve::Settings(part)).long_json(shape, MOST_BYTES).tagged()
}

const fn add(path: &'static str, summary: &'static str, shape: Shape, part: fn(&Given) -> Part) -> Route {
    Route::new(Verb::Post, path, Action::Configure, summary, Told::Created(shape), Serve::Settings(part)).json(shape).tagged()
}

const fn remove(path: &'static str, summary: &'static str, part: fn(&Given) -> Part) -> Route {
    Route::new(Verb::Delete, path, Action::Configure, summary, Told::Nothing, Serve::Settings(part)).tagged()
}
