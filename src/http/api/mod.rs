//! Owns REST below `/api/v1`: create, read, update, delete. Each request is one question to the hub, on the same way as events, and its
//! answer. Decides nothing; what is live is told by events.

mod body;
mod guard;
mod problem;

use actix::Recipient;
use actix_web::dev::HttpServiceFactory;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use serde::Deserialize;
use tokio::sync::oneshot;

use self::body::read;
use self::problem::Problem;
use super::credential::credential;
use crate::realtime::{Cors, Proxies, Tell};
use crate::service::{Answer, Ask, Call, Failure, MOST_LISTED, Notice};

const ROOT: &str = "/api/v1";
/// Users of a page of the list when nothing else is asked for.
const LISTED: usize = 100;

/// What the handlers stand on.
pub struct Api {
    hub: Recipient<Tell<Notice>>,
    cors: Cors,
    proxies: Proxies,
}

impl Api {
    pub fn new(hub: Recipient<Tell<Notice>>, cors: Cors, proxies: Proxies) -> Self {
        Self { hub, cors, proxies }
    }

    /// Asks the hub in the name of whoever sent the request.
    async fn ask(&self, request: &HttpRequest, branch: Option<String>, ask: Ask) -> Result<Answer, Failure> {
        let credential = credential(request, &self.proxies);
        let (reply, answer) = oneshot::channel();
        self.hub.do_send(Tell(Notice::Call(Call { branch, ask, credential, reply })));
        // A hub that ends drops what it did not answer.
        answer.await.unwrap_or(Err(Failure::ShuttingDown))
    }
}

/// Everything below `/api`.
pub fn scope() -> impl HttpServiceFactory + 'static {
    let v1 = web::scope("/v1")
        .service(resource("/branches", "GET, HEAD").get(branches))
        .service(resource("/users", "GET, HEAD, POST").get(users).route(web::post().to(create_user)))
        .service(
            resource("/users/{id}", "GET, HEAD, PUT, DELETE")
                .get(user)
                .route(web::put().to(replace_user))
                .route(web::delete().to(delete_user)),
        )
        .service(resource("/users/{id}/notes", "GET, HEAD, POST").get(notes).route(web::post().to(send_note)))
        .service(resource("/users/{id}/notes/{note}", "GET, HEAD, DELETE").get(note).route(web::delete().to(read_note)))
        .service(resource("/messages", "POST").route(web::post().to(send_message)))
        .service(
            resource("/ticker", "GET, HEAD, PUT, DELETE")
                .get(ticker)
                .route(web::put().to(set_ticker))
                .route(web::delete().to(clear_ticker)),
        );
    let v1 = v1.default_service(web::to(no_such_path));
    web::scope("/api").wrap(from_fn(guard::guard)).service(v1).default_service(web::to(no_such_path))
}

/// A page of the list of users.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    despues: Option<String>,
    limite: Option<usize>,
}

/// The branch that is meant, by number or name; the first one when none is named.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Where {
    sucursal: Option<String>,
}

type Context = web::Data<Api>;
type Id = web::Path<String>;
type UserAndNote = web::Path<(String, String)>;

async fn users(api: Context, request: HttpRequest) -> HttpResponse {
    let ask = match web::Query::<Page>::from_query(request.query_string()) {
        Ok(web::Query(Page { limite: Some(0), .. })) => Err(Problem::BadQuery("limite is 0".into())),
        Ok(web::Query(Page { despues, limite })) => Ok(Ask::Users { after: despues, limit: limite.unwrap_or(LISTED).min(MOST_LISTED) }),
        Err(error) => Err(Problem::BadQuery(error.to_string())),
    };
    carry_out(&api, &request, ask).await
}

async fn create_user(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(Ask::CreateUser);
    carry_out(&api, &request, ask).await
}

async fn user(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::User(id.into_inner()))).await
}

async fn replace_user(api: Context, request: HttpRequest, id: Id, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::ReplaceUser(id.into_inner(), body));
    carry_out(&api, &request, ask).await
}

async fn delete_user(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::DeleteUser(id.into_inner()))).await
}

async fn notes(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Notes(id.into_inner()))).await
}

async fn send_note(api: Context, request: HttpRequest, id: Id, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::SendNote(id.into_inner(), body));
    carry_out(&api, &request, ask).await
}

async fn note(api: Context, request: HttpRequest, path: UserAndNote) -> HttpResponse {
    let (user, note) = path.into_inner();
    carry_out(&api, &request, Ok(Ask::Note(user, note))).await
}

async fn read_note(api: Context, request: HttpRequest, path: UserAndNote) -> HttpResponse {
    let (user, note) = path.into_inner();
    carry_out(&api, &request, Ok(Ask::ReadNote(user, note))).await
}

async fn branches(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Branches)).await
}

async fn send_message(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(Ask::Message);
    carry_out_in_branch(&api, &request, ask).await
}

async fn ticker(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out_in_branch(&api, &request, Ok(Ask::Ticker)).await
}

async fn set_ticker(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(Ask::SetTicker);
    carry_out_in_branch(&api, &request, ask).await
}

async fn clear_ticker(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out_in_branch(&api, &request, Ok(Ask::ClearTicker)).await
}

async fn no_such_path(request: HttpRequest) -> HttpResponse {
    Problem::NoSuchPath.response(&request)
}

async fn carry_out(api: &Api, request: &HttpRequest, ask: Result<Ask, Problem>) -> HttpResponse {
    let answer = match ask {
        Ok(ask) => api.ask(request, None, ask).await.map_err(Problem::Failure),
        Err(problem) => Err(problem),
    };
    told(request, answer)
}

/// For what is one branch's: the address says which.
async fn carry_out_in_branch(api: &Api, request: &HttpRequest, ask: Result<Ask, Problem>) -> HttpResponse {
    let place = web::Query::<Where>::from_query(request.query_string()).map_err(|error| Problem::BadQuery(error.to_string()));
    let answer = match (ask, place) {
        (Ok(ask), Ok(web::Query(Where { sucursal }))) => api.ask(request, sucursal, ask).await.map_err(Problem::Failure),
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    told(request, answer)
}

fn told(request: &HttpRequest, answer: Result<Answer, Problem>) -> HttpResponse {
    match answer {
        Ok(Answer::Shown(json)) => HttpResponse::Ok().content_type("application/json").body(json),
        Ok(Answer::Created { path, json }) => {
            let location = format!("{ROOT}/{path}");
            HttpResponse::Created().insert_header((header::LOCATION, location)).content_type("application/json").body(json)
        }
        Ok(Answer::Sheet(text)) => HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(text),
        Ok(Answer::Done) => HttpResponse::NoContent().finish(),
        Err(problem) => problem.response(request),
    }
}

/// A resource that answers other methods than these with what it allows.
fn resource(path: &str, allowed: &'static str) -> Readable {
    let refuse = move |request: HttpRequest, method: Method| async move {
        log::debug!("{method} is not allowed at {}", request.path());
        Problem::MethodNotAllowed(allowed).response(&request)
    };
    Readable(web::resource(path).default_service(web::to(refuse)))
}

/// A resource under way.
struct Readable(Resource);

impl Readable {
    /// For GET and HEAD alike.
    fn get<F, Args>(self, handler: F) -> Resource
    where
        F: actix_web::Handler<Args, Output = HttpResponse>,
        Args: actix_web::FromRequest + 'static,
    {
        self.0.route(web::get().to(handler.clone())).route(web::head().to(handler))
    }

    fn route(self, route: actix_web::Route) -> Resource {
        self.0.route(route)
    }
}
