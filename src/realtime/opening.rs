//! Owns what is kept of the HTTP request by which a session began, for the application to look at. Does not know what any of it means.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

use super::cors::Cors;
use super::proxies::Proxies;

/// Characters of a `User-Agent` that are kept.
const AGENT_LENGTH: usize = 200;

/// The request's part in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its query, without `?`, as it came.
    pub query: Box<str>,
    /// Its `Cookie` header as it came; `None` also where a page of an origin without a name in the list opened the session.
    pub cookie: Option<Box<str>>,
    /// Its `User-Agent`, shortened.
    pub user_agent: Option<Box<str>>,
    /// Where it came from.
    pub address: IpAddr,
}

impl Opening {
    pub fn of(request: &HttpRequest, cors: &Cors, proxies: &Proxies) -> Self {
        Self {
            query: request.query_string().into(),
            cookie: text(request, header::COOKIE).filter(|_| cors.may_act(request.headers())),
            user_agent: text(request, header::USER_AGENT).map(|agent| agent.chars().take(AGENT_LENGTH).collect::<String>().into()),
            address: proxies.address_of(request),
        }
    }
}

fn text(request: &HttpRequest, name: HeaderName) -> Option<Box<str>> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(Into::into)
}
