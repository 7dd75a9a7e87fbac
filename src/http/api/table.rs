//! Owns the one table of REST: every method and path, what it takes to be allowed to, what is sent and what is answered. Routing, `Allow`, the
//! description in OpenAPI and the documents are made of it. Carries nothing out.

use crate::access::Action;
use crate::service::shapes::Shape;
use crate::service::{Ask, Part};

use super::given::Given;
use super::problem::Problem;
use super::routes;
use super::webhooks::HookWish;

/// Bytes of a body, where a route does not say otherwise.
const MOST_BYTES: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// One method of one path.
pub struct Route {
    pub verb: Verb,
    /// Below `/api/v1`.
    pub path: &'static str,
    pub access: Action,
    pub summary: &'static str,
    pub query: &'static [Param],
    pub body: Body,
    pub answer: Told,
    pub serve: Serve,
    /// `If-Match` is compared, and `ETag` told.
    pub tagged: bool,
    /// The answer holds a secret: it is told once.
    pub secretive: bool,
    /// Refusals beyond those that every route of its kind may give.
    pub refuses: &'static [u16],
}

/// Who serves a route, and how.
pub enum Serve {
    /// Asks the hub what is read out of the request.
    Ask(fn(&Given) -> Result<Ask, Problem>),
    /// What an event does, its payload put together of body and path.
    Event(&'static str),
    /// The same, by the token in the body, in the branch that the token is of.
    OwnEvent(&'static str),
    /// A part of a branch's settings.
    Settings(fn(&Given) -> Part),
    /// A branch's public status, which is kept for a moment.
    Status,
    /// Asks for what concerns web hooks, after the hub has said that somebody may.
    Hooks(fn(&Given) -> Result<HookWish, Problem>),
    /// This table, as OpenAPI.
    Description,
}

/// What a body must be.
#[derive(Clone, Copy)]
pub enum Body {
    None,
    /// JSON that is read as one type, of at most so many bytes.
    Json(Shape, usize),
    /// An object of these fields; nothing at all is the empty one.
    Fields(&'static [Field]),
}

/// A field of a command's body.
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub needed: bool,
}

/// A key of the address's query.
pub struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub about: &'static str,
}

/// What may stand in a query.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    /// From 1 up to here.
    Number(usize),
    /// `2026-11-21`
    Day,
    /// One of these.
    Word(&'static [&'static str]),
}

/// What is answered when all went well.
#[derive(Clone, Copy)]
pub enum Told {
    /// 200 and JSON.
    Json(Shape),
    /// 200 and JSON, or CSV for who accepts that alone.
    JsonOrCsv(Shape),
    /// 201, JSON, and where it is.
    Created(Shape),
    /// 201 and JSON, of something that has no place of its own.
    Made(Shape),
    /// The same, or 202 while it is to be waited for.
    MadeOrWaiting(Shape),
    /// The same; 200 where it was so already: the demonstration, where nobody needs to sign in.
    MadeOrKnown(Shape),
    /// 204.
    Nothing,
}

/// Every route. Those of one path stand together.
pub fn all() -> impl Iterator<Item = &'static Route> {
    [routes::DOORS, routes::PEOPLE, routes::BRANCHES, routes::TICKETS, routes::DESKS, routes::HOOKS, routes::GENERAL].into_iter().flatten()
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Route {
    pub const fn new(verb: Verb, path: &'static str, access: Action, summary: &'static str, answer: Told, serve: Serve) -> Self {
        Self { verb, path, access, summary, query: &[], body: Body::None, answer, serve, tagged: false, secretive: false, refuses: &[] }
    }

    pub const fn get(
        path: &'static str,
        access: Action,
        summary: &'static str,
        answer: Shape,
        ask: fn(&Given) -> Result<Ask, Problem>,
    ) -> Self {
        Self::new(Verb::Get, path, access, summary, Told::Json(answer), Serve::Ask(ask))
    }

    /// What an event does. Refuses what the office refuses.
    pub const fn event(path: &'static str, access: Action, event: &'static str, summary: &'static str, answer: Told) -> Self {
        Self::new(Verb::Post, path, access, summary, answer, Serve::Event(event)).refuses(&[409])
    }

    pub const fn query(mut self, query: &'static [Param]) -> Self {
        self.query = query;
        self
    }

    pub const fn json(mut self, shape: Shape) -> Self {
        self.body = Body::Json(shape, MOST_BYTES);
        self
    }

    /// JSON that may be longer than others.
    pub const fn long_json(mut self, shape: Shape, most_bytes: usize) -> Self {
        self.body = Body::Json(shape, most_bytes);
        self
    }

    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.body = Body::Fields(fields);
        self
    }

    pub const fn tagged(mut self) -> Self {
        self.tagged = true;
        self
    }

    pub const fn secretive(mut self) -> Self {
        self.secretive = true;
        self
    }

    pub const fn refuses(mut self, refuses: &'static [u16]) -> Self {
        self.refuses = refuses;
        self
    }

    /// Bytes that the body may have.
    pub fn most_bytes(&self) -> usize {
        if let Body::Json(_, most) = self.body { most } else { MOST_BYTES }
    }

    /// The names between braces in the path.
    pub fn places(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether the log itself keeps the `Idempotency-Key`, for ever.
    pub fn keeps_keys(&self) -> bool {
        matches!(self.body, Body::Fields(fields) if fields.iter().any(|field| field.name == "clave"))
    }

    /// Whether the answer to an `Idempotency-Key` is remembered in memory. None that holds a secret is; and what is asked without anybody's name
    /// displaces nobody's answers.
    pub fn remembers(&self) -> bool {
        let is_door = routes::DOORS.iter().any(|door| (door.path, door.verb) == (self.path, self.verb));
        self.verb == Verb::Post && !self.keeps_keys() && !self.secretive && !is_door && self.access != Action::OwnTicket
    }

    /// Whether the same `Idempotency-Key` gives the same answer again.
    pub fn heeds_keys(&self) -> bool {
        self.keeps_keys() || self.remembers()
    }

    /// The status of success.
    pub fn status(&self) -> u16 {
        match self.answer {
            Told::Json(_) | Told::JsonOrCsv(_) => 200,
            Told::Created(_) | Told::Made(_) | Told::MadeOrWaiting(_) | Told::MadeOrKnown(_) => 201,
            Told::Nothing => 204,
        }
    }

    /// The statuses of refusals, in order.
    pub fn refusals(&self) -> Vec<u16> {
        let mut all = vec![400, 403, 503];
        // What somebody shows is looked at where nobody need show anything, too.
        if !matches!(self.serve, Serve::Description | Serve::Status) {
            all.push(401);
        }
        if self.places().next().is_some() || self.query.iter().any(|param| param.name == "sucursal") {
            all.push(404);
        }
        match self.body {
            Body::None => {}
            Body::Json(..) | Body::Fields(_) => all.extend([408, 413, 415, 422]),
        }
        if self.verb == Verb::Post {
            all.extend([409, 422, 429]);
        }
        if self.verb == Verb::Get && !self.query.is_empty() {
            all.push(422);
        }
        if self.tagged && self.verb != Verb::Get {
            all.extend([409, 412]);
        }
        if self.tagged && self.verb == Verb::Delete {
            all.push(422);
        }
        all.extend(self.refuses);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The methods of a path, as `Allow` has them.
pub fn allowed(path: &str) -> String {
    let mut names = Vec::new();
    for route in all().filter(|route| route.path == path) {
        names.push(route.verb.name());
        if route.verb == Verb::Get {
            names.push("HEAD");
        }
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_route_is_there_twice_and_those_of_one_path_stand_together() {
        let mut seen = BTreeSet::new();
        let (mut paths, mut last) = (BTreeSet::new(), "");
        for route in all() {
            assert!(seen.insert((route.path, route.verb.name())), "{} {} is there twice", route.verb.name(), route.path);
            assert!(route.path == last || paths.insert(route.path), "{} stands apart", route.path);
            last = route.path;
        }
        assert_eq!(allowed("/users/{user}"), "GET, HEAD, PUT, DELETE");
    }

    #[test]
    fn rows_ask_for_what_the_documents_say() {
        let text = include_str!("../../../docs/security.md");
        let table =
            text.split("## What each action is about").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the table of routes");
        let mut compared = 0;
        for row in table.lines().filter_map(|line| line.strip_prefix("| `")) {
            let (action, rest) = row.split_once('`').expect("an action");
            for told in rest.split('`').skip(1).step_by(2) {
                let named =
                    told.split_once(' ').and_then(|(verb, path)| all().find(|route| route.verb.name() == verb && route.path == path));
                let Some(route) = named else {
                    let is_one_route = told.contains(" /") && !told.contains('*');
                    assert!(!is_one_route, "{told} is no route");
                    continue;
                };
                assert_eq!(format!("{:?}", route.access), action, "{told}");
                compared += 1;
            }
        }
        assert!(compared >= 40, "{compared} routes were found");
    }

    #[test]
    fn what_is_told_once_is_not_remembered() {
        let once: Vec<_> = all().filter(|route| route.verb == Verb::Post && !route.heeds_keys()).map(|route| route.path).collect();
        let expected = [
            "/session",
            "/setup",
            "/pairing",
            "/pairing/claim",
            "/devices",
            "/tickets/own",
            "/branches/{branch}/webhooks",
            "/branches/{branch}/webhooks/{hook}/rotate",
        ];
        assert_eq!(once, expected);
        assert!(all().all(|route| route.verb == Verb::Post || !route.heeds_keys()), "nothing else has keys");
    }

    #[test]
    fn what_has_no_branch_in_its_path_asks_for_no_event() {
        for route in all() {
            let in_branch = route.places().any(|place| place == "branch");
            match route.serve {
                Serve::Event(_) | Serve::Settings(_) | Serve::Hooks(_) | Serve::Status => assert!(in_branch, "{}", route.path),
                Serve::OwnEvent(_) | Serve::Description => assert!(!in_branch, "{}", route.path),
                Serve::Ask(_) => {}
            }
        }
    }
}
