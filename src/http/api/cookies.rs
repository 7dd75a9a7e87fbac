//! Owns the cookies of who came in or went out. Decides nothing.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::Api;
use crate::access::{DEVICE_COOKIE, TOKEN_COOKIE};
use crate::service::{Entered, Mark};

/// Days that a browser keeps a sign-in, which ends earlier where it is not used.
const LOGIN_DAYS: i64 = 30;
/// As long as browsers keep anything.
const DEVICE_DAYS: i64 = 400;

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
