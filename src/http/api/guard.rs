//! Owns what holds for every request below `/api`: a page of a foreign origin is not answered, what comes with cookies must come from a page of
//! this server, and no answer is kept or taken for something
//! else than it is.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use super::super::credential::credential;
use super::Api;
use super::problem::Problem;
use crate::realtime::Cors;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");

/// A browser sends `Origin` with every request that a page of another origin may not make by itself, a form's included.
pub async fn guard(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let (cors, ambient) = match request.app_data::<web::Data<Api>>() {
        Some(api) => (api.cors.clone(), credential(request.request(), &api.proxies).is_ambient()),
        None => unreachable!("the routes are mounted with their data"),
    };
    let preflight = request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let open = is_open(&request);
    let told = if open { Vec::new() } else { cors.headers(request.headers()) };
    let unsafe_method = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let forged = ambient && unsafe_method && !is_own_page(&cors, request.headers());
    let mut response = if forged || !open && !cors.allows(request.headers()) {
        let refusal = Problem::ForeignOrigin.response(request.request());
        request.into_response(refusal)
    } else if preflight {
        let more = cors.preflight(request.headers());
        let mut response = request.into_response(HttpResponse::NoContent().finish());
        more.into_iter().for_each(|(name, value)| insert(&mut response, name, value));
        insert(&mut response, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    if !told.is_empty() {
        insert(&mut response, header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Location, ETag, Link, Retry-After"));
    }
    told.into_iter().for_each(|(name, value)| insert(&mut response, name, value));
    if open {
        insert(&mut response, header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    let kept = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    if !(open && kept) {
        insert(&mut response, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    insert(&mut response, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    insert(&mut response, header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    Ok(response)
}

/// Whether a browser says that a page of this server, or of a listed origin, makes the request. A cookie alone says nothing of that.
fn is_own_page(cors: &Cors, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => true,
        _ => headers.contains_key(header::ORIGIN) && cors.may_act(headers),
    }
}

/// What a page of any origin may read: the public status of a branch.
fn is_open(request: &ServiceRequest) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    reads && is_status(request.path())
}

/// `/api/v1/branches/{branch}/status`, and nothing deeper that ends so.
fn is_status(path: &str) -> bool {
    let parts = path.strip_prefix("/api/v1/branches/").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(branch, rest)| !branch.is_empty() && rest == "status")
}

fn insert(response: &mut ServiceResponse<BoxBody>, name: HeaderName, value: HeaderValue) {
    response.headers_mut().insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_status_alone_is_open() {
        assert!(is_status("/api/v1/branches/1/status") && is_status("/api/v1/branches/Oficina%20Centro/status"));
        for path in [
            "/api/v1/branches/1/services/status",
            "/api/v1/branches/1/tickets/status",
            "/api/v1/branches/1/status/",
            "/api/v1/branches//status",
            "/api/v1/branches/status",
            "/api/v1/status",
        ] {
            assert!(!is_status(path), "{path}");
        }
    }
}
