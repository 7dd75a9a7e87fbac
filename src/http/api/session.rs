//! Owns the REST of signing in and out, passwords and the first start, and the cookies of who came in. Decides nothing.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Api, Context, Id, body::read, carry_out, resource};
use crate::access::{DEVICE_COOKIE, TOKEN_COOKIE};
use crate::service::{Ask, Entered, Knock, Mark};

/// Days that a browser keeps a sign-in, which ends earlier where it is not used.
const LOGIN_DAYS: i64 = 30;
/// As long as browsers keep anything.
const DEVICE_DAYS: i64 = 400;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/session", "GET, HEAD, POST, DELETE").get(session).route(web::post().to(sign_in)).route(web::delete().to(sign_out)),
        )
        .service(resource("/session/password", "PUT").route(web::put().to(change_password)))
        .service(resource("/sessions", "GET, HEAD").get(sessions))
        .service(resource("/sessions/{id}", "DELETE").route(web::delete().to(end_session)))
        .service(resource("/users/{id}/password", "PUT").route(web::put().to(set_password)))
        .service(resource("/setup", "GET, HEAD, POST").get(setup).route(web::post().to(set_up)));
}

/// Tells who came in or went out, with the cookies that go with it.
pub fn told(api: &Api, request: &HttpRequest, entered: Entered) -> HttpResponse {
    let Entered { json, created, token, device } = entered;
    let mut response = match (created, &json) {
        (true, _) => HttpResponse::Created(),
        (false, Some(_)) => HttpResponse::Ok(),
        (false, None) => HttpResponse::NoContent(),
    };
    let secure = api.proxies.is_secure(request);
    for (name, mark, days) in [(TOKEN_COOKIE, token, LOGIN_DAYS), (DEVICE_COOKIE, device, DEVICE_DAYS)] {
        let (value, days) = match mark {
            Mark::Keep => continue,
            Mark::Set(token) => (token, days),
            Mark::Clear => (String::new(), 0),
        };
        // A token is made of letters, digits, `-` and `_`: nothing in it means anything here.
        let https = if secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{https}", days * 86_400);
        response.append_header((header::SET_COOKIE, cookie));
    }
    match json {
        Some(json) => response.content_type("application/json").body(json),
        None => response.finish(),
    }
}

/// What the browser or program calls itself.
fn agent(request: &HttpRequest) -> String {
    request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned()
}

async fn session(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::Session))).await
}

async fn sign_in(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::SignIn { body, agent: agent(&request) }));
    carry_out(&api, &request, ask).await
}

async fn sign_out(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::SignOut))).await
}

async fn change_password(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::ChangePassword(body)));
    carry_out(&api, &request, ask).await
}

async fn set_password(api: Context, request: HttpRequest, id: Id, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::SetPassword(id.into_inner(), body)));
    carry_out(&api, &request, ask).await
}

async fn sessions(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::Sessions))).await
}

async fn end_session(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::EndSession(id.into_inner())))).await
}

async fn setup(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::Setup))).await
}

async fn set_up(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::SetUp { body: Box::new(body), agent: agent(&request) }));
    carry_out(&api, &request, ask).await
}
