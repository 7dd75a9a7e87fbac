//! Owns reading out of an HTTP request what it shows of who sends it. Does not know whether it is true.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::access::Credential;
use crate::realtime::{Proxies, Whence};

/// `Authorization: Bearer …`, else the cookies, and where the request comes from.
pub fn credential(request: &HttpRequest, proxies: &Proxies) -> Credential {
    // Cookies of others on this host may hold any bytes: they make no other one unreadable.
    let text = |name| request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let (bearer, cookies) = (text(header::AUTHORIZATION), text(header::COOKIE));
    let bearer = bearer.as_deref().and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer")).map(|(_, token)| token.trim());
    let Whence { address, is_relayed } = proxies.whence(request);
    Credential::new(bearer, cookies.as_deref(), address).relayed(is_relayed)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_bearer_token_comes_before_the_cookies() {
        let shown = |headers: &[(&str, &str)]| {
            let request = headers.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
            credential(&request.to_http_request(), &Proxies::default())
        };
        let cookie = ("Cookie", "siguiente=sgs_1; siguiente-device=sgd_1");
        let both = shown(&[cookie]);
        assert_eq!((both.token.as_deref(), both.device.as_deref(), both.on_purpose), (Some("sgs_1"), Some("sgd_1"), false));
        let bearer = shown(&[cookie, ("Authorization", "bearer  sgs_2")]);
        assert_eq!((bearer.token.as_deref(), bearer.device, bearer.on_purpose), (Some("sgs_2"), None, true));
        assert_eq!(shown(&[cookie, ("Authorization", "Basic abc")]), both);
    }

    #[test]
    fn what_else_is_among_the_cookies_hides_none() {
        let cookies = HeaderValue::from_bytes(b"a=\xff; siguiente=sgs_1; b=\xc3\xb1").unwrap();
        let request = TestRequest::default().insert_header((header::COOKIE, cookies)).to_http_request();
        assert_eq!(credential(&request, &Proxies::default()).token.as_deref(), Some("sgs_1"));
    }
}
