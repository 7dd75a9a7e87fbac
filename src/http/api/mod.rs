//! Owns REST below `/api/v1`, as [`table`] says it: reads a request, asks the hub on the same way as events do, writes the answer. Decides
//! nothing; what is live is told by events.

mod body;
mod cookies;
mod given;
mod guard;
mod openapi;
mod problem;
mod remembered;
mod routes;
mod table;
mod webhooks;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix::Recipient;
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use tokio::sync::oneshot;

use self::given::Given;
use self::problem::Problem;
use self::remembered::{Name, Remembered, in_short};
use self::table::{Route, Serve, Verb};
use self::webhooks::HookWish;
use super::credential::credential;
use crate::access::{Action, Credential};
use crate::clock;
use crate::realtime::{Cors, Proxies, Tell};
use crate::service::{Answer, Ask, Call, Edit, Errand, Failure, Notice, Scope, tag};
use crate::webhooks::Registry;

const ROOT: &str = "/api/v1";
/// How old a public status may be.
const STATUS_KEPT: Duration = Duration::from_secs(5);

/// The description, which is the same as long as the program is.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| openapi::describe().to_string());

/// What the handlers stand on.
pub struct Api {
    hub: Recipient<Tell<Notice>>,
    cors: Cors,
    proxies: Proxies,
    hooks: Registry,
    remembered: Remembered,
    /// Public status of branches, by what they are called in an address, and since when.
    statuses: Mutex<HashMap<String, (Instant, String)>>,
}

impl Api {
    pub fn new(hub: Recipient<Tell<Notice>>, cors: Cors, proxies: Proxies, hooks: Registry) -> Self {
        Self { hub, cors, proxies, hooks, remembered: Remembered::default(), statuses: Mutex::default() }
    }

    /// Asks the hub in the name of whoever shows this.
    async fn ask(&self, credential: Credential, branch: Option<String>, ask: Ask) -> Result<Answer, Failure> {
        let (reply, answer) = oneshot::channel();
        self.hub.do_send(Tell(Notice::Call(Call { branch, ask, credential, reply })));
        // A hub that ends drops what it did not answer.
        answer.await.unwrap_or(Err(Failure::ShuttingDown))
    }

    async fn carry_out(&self, credential: Credential, branch: Option<String>, wanted: Wanted) -> Result<Answer, Problem> {
        match wanted {
            Wanted::Hub(ask) => self.ask(credential, branch, ask).await.map_err(Problem::Failure),
            Wanted::Hooks(action, wish) => {
                let place = self.ask(credential, branch, Ask::Place(action)).await.map_err(Problem::Failure)?;
                webhooks::carry_out(&self.hooks, place, wish).await
            }
        }
    }

    /// The public status of a branch: whoever asks often gets the last one. What they show is not looked at: they all get the same.
    async fn status(&self, address: IpAddr, branch: String) -> Result<Answer, Failure> {
        // However a number is written, it is the same branch.
        let label = branch.parse::<u32>().map_or(branch, |number| number.to_string());
        let now = clock::instant();
        let known = self.statuses.lock().unwrap_or_else(PoisonError::into_inner).get(&label).cloned();
        if let Some((_, json)) = known.filter(|(at, _)| now.saturating_duration_since(*at) < STATUS_KEPT) {
            return Ok(Answer::Shown(json));
        }
        let nobody = Credential::new(None, None, address);
        let answer = self.ask(nobody, Some(label.clone()), Ask::Branch(Errand::Status)).await?;
        if let Answer::Shown(json) = &answer {
            self.statuses.lock().unwrap_or_else(PoisonError::into_inner).insert(label, (now, json.clone()));
        }
        Ok(answer)
    }
}

/// Whom a request asks, and for what.
enum Wanted {
    Hub(Ask),
    /// Of whoever may do this in the branch.
    Hooks(Action, HookWish),
}

impl Wanted {
    /// What is asked to know whether somebody may ask this.
    fn leave(&self) -> Ask {
        match self {
            Self::Hub(ask) => Ask::Leave(ask.action(), ask.scope()),
            Self::Hooks(action, _) => Ask::Leave(*action, Scope::Branch),
        }
    }
}

/// Everything below `/api`.
pub fn scope() -> impl HttpServiceFactory + 'static {
    let mut paths: Vec<(&'static str, Resource)> = Vec::new();
    for route in table::all() {
        let serve = move |api: web::Data<Api>, request: HttpRequest, payload: web::Payload| serve(route, api, request, payload);
        let resource = match paths.pop_if(|(path, _)| *path == route.path) {
            Some((_, resource)) => resource,
            None => resource(route.path),
        };
        let resource = match route.verb {
            Verb::Get => resource.route(web::get().to(serve)).route(web::head().to(serve)),
            Verb::Post => resource.route(web::post().to(serve)),
            Verb::Put => resource.route(web::put().to(serve)),
            Verb::Delete => resource.route(web::delete().to(serve)),
        };
        paths.push((route.path, resource));
    }
    let v1 = paths.into_iter().fold(web::scope("/v1"), |scope, (_, resource)| scope.service(resource));
    let v1 = v1.default_service(web::to(no_such_path));
    web::scope("/api").wrap(from_fn(guard::guard)).service(v1).default_service(web::to(no_such_path))
}

/// A resource that answers methods which it has not with those that it has.
fn resource(path: &'static str) -> Resource {
    let refuse = move |request: HttpRequest, method: Method| async move {
        log::debug!("{method} is not allowed at {path}");
        Problem::MethodNotAllowed(table::allowed(path)).response(&request)
    };
    web::resource(path).default_service(web::to(refuse))
}

async fn no_such_path(request: HttpRequest) -> HttpResponse {
    Problem::NoSuchPath.response(&request)
}

async fn serve(route: &'static Route, api: web::Data<Api>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    match answer(route, &api, &request, payload).await {
        Ok(Answer::Entered(entered)) => cookies::told(&api, &request, *entered),
        Ok(answer) => told(route, &request, answer),
        Err(problem) => problem.response(&request),
    }
}

async fn answer(route: &'static Route, api: &web::Data<Api>, request: &HttpRequest, payload: web::Payload) -> Result<Answer, Problem> {
    let given = Given::read(route, request, payload).await?;
    let credential = credential(request, &api.proxies);
    let (branch, wanted) = match route.serve {
        Serve::Description => return Ok(Answer::Shown(DESCRIPTION.clone())),
        Serve::Status => return api.status(credential.address, given.place("branch")).await.map_err(Problem::Failure),
        Serve::Hooks(read) => (given.branch(), Wanted::Hooks(route.access, read(&given)?)),
        _ => (given.branch(), Wanted::Hub(ask(route, &given)?)),
    };
    match given.key.filter(|_| route.remembers()) {
        None => api.carry_out(credential, branch, wanted).await,
        Some(key) => {
            // Whoever may not ask it any more is not told what was answered either.
            api.ask(credential.clone(), branch.clone(), wanted.leave()).await.map_err(Problem::Failure)?;
            let name = Name::new(&credential, &key);
            let what = in_short([route.verb.name(), &request.uri().to_string(), &given.body]);
            let (remembered, api) = (api.remembered.clone(), api.clone());
            remembered.once(name, what, async move { api.carry_out(credential, branch, wanted).await }).await
        }
    }
}

/// What a request asks of the hub.
fn ask(route: &Route, given: &Given) -> Result<Ask, Problem> {
    let payload = || given.body.clone();
    Ok(match route.serve {
        Serve::Ask(read) => read(given)?,
        Serve::Event(name) => {
            let creates = matches!(route.answer, table::Told::Created(_));
            Ask::Branch(Errand::Event { name, payload: payload(), action: route.access, creates })
        }
        Serve::OwnEvent(name) => Ask::OwnEvent { name, token: given.token()?, payload: payload() },
        Serve::Settings(part) => {
            let change = match route.verb {
                Verb::Get => Edit::Show,
                Verb::Post => Edit::Add(payload()),
                Verb::Put => Edit::Replace(payload()),
                Verb::Delete => Edit::Remove,
            };
            Ask::Branch(Errand::Settings { part: part(given), change, if_match: given.if_match.clone() })
        }
        Serve::Hooks(_) | Serve::Status | Serve::Description => unreachable!("these ask nobody"),
    })
}

fn told(route: &Route, request: &HttpRequest, answer: Answer) -> HttpResponse {
    let mut response = match &answer {
        Answer::Created { path, .. } => {
            let mut response = HttpResponse::Created();
            response.insert_header((header::LOCATION, format!("{ROOT}/{path}")));
            response
        }
        Answer::Page { next: Some(next), .. } => {
            let mut response = HttpResponse::Ok();
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", page_behind(request, next))));
            response
        }
        Answer::Shown(_) | Answer::Sheet(_) | Answer::Page { .. } => HttpResponse::Ok(),
        Answer::Made(_) => HttpResponse::Created(),
        Answer::Waiting(_) => HttpResponse::Accepted(),
        Answer::Done | Answer::Entered(_) | Answer::Place(..) => return HttpResponse::NoContent().finish(),
    };
    let (media_type, text) = match answer {
        Answer::Sheet(text) | Answer::Page { sheet: text, .. } => ("text/csv; charset=utf-8", text),
        Answer::Shown(json) | Answer::Created { json, .. } | Answer::Made(json) | Answer::Waiting(json) => ("application/json", json),
        Answer::Done | Answer::Entered(_) | Answer::Place(..) => return response.finish(),
    };
    if let Serve::Status = route.serve {
        response.insert_header((header::CACHE_CONTROL, format!("public, max-age={}", STATUS_KEPT.as_secs())));
    }
    if route.verb == Verb::Get || route.tagged {
        let tag = tag(&text);
        let known = route.verb == Verb::Get && is_known(request.headers(), &tag);
        response.insert_header((header::ETAG, tag));
        if known {
            return response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish();
        }
    }
    response.content_type(media_type).body(text)
}

/// The address of the page behind the entry with this id.
fn page_behind(request: &HttpRequest, id: &str) -> String {
    let asked = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "despues");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).append_pair("despues", id).finish();
    format!("{}?{query}", request.path())
}

/// Whether `If-None-Match` names this tag.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
}
