//! Owns what is kept of the HTTP request by which a session began, for the application to look at. Does not know what any of it means.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

use super::cors::Cors;
use super::proxies::{Proxies, Whence};

/// Characters of a `User-Agent` that are kept.
const AGENT_LENGTH: usize = 200;

/// The request's part in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its query, without `?`, as it came.
    pub query: Box<str>,
    /// Its `Cookie` header as it came, but for bytes that are no text; `None` also where a page of an origin without a name in the list opened the session.
    pub cookie: Option<Box<str>>,
    /// Its `User-Agent`, shortened.
    pub user_agent: Option<Box<str>>,
    /// Where it came from.
    pub whence: Whence,
}

impl Opening {
    pub fn of(request: &HttpRequest, cors: &Cors, proxies: &Proxies) -> Self {
        Self {
            query: request.query_string().into(),
            cookie: text(request, header::COOKIE).filter(|_| cors.may_act(request.headers())),
            user_agent: text(request, header::USER_AGENT).map(|agent| agent.chars().take(AGENT_LENGTH).collect::<String>().into()),
            whence: proxies.whence(request),
        }
    }
}

fn text(request: &HttpRequest, name: HeaderName) -> Option<Box<str>> {
    request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into())
}
