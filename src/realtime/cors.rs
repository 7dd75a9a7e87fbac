//! Owns which web pages may speak to the server from another origin: the check at every request and the headers of every answer. A client that
//! is no browser sends no `Origin` and is none of its business.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Origins besides the server's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cors {
    /// None.
    #[default]
    SameOrigin,
    /// These, as browsers write them: `https://example.org`.
    Origins(Vec<String>),
    /// All, without cookies.
    Any,
}

impl Cors {
    /// Whether a request with these headers may be answered.
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        match (self, origin.to_str()) {
            (Self::Any, _) => true,
            (_, Err(_)) => false,
            (Self::Origins(list), Ok(origin)) if list.iter().any(|allowed| allowed == origin) => true,
            (_, Ok(origin)) => headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| is_same(origin, host)),
        }
    }

    /// Whether what a browser sends along of itself (cookies) counts: not when any page may come and this is one of another origin.
    pub fn may_act(&self, headers: &HeaderMap) -> bool {
        let own = match self {
            Self::Any => &Self::SameOrigin,
            known => known,
        };
        own.allows(headers)
    }

    /// The headers of an answer to such a request.
    pub fn headers(&self, request: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
        let Some(origin) = request.get(header::ORIGIN) else { return Vec::new() };
        match self {
            Self::SameOrigin => Vec::new(),
            Self::Any => vec![(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))],
            Self::Origins(list) if !list.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) => Vec::new(),
            Self::Origins(_) => vec![
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
                (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")),
                (header::VARY, HeaderValue::from_static("Origin")),
            ],
        }
    }

    /// What the answer to a preflight has beyond [`headers`](Self::headers).
    pub fn preflight(&self, request: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = vec![(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"))];
        if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.push((header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone()));
        }
        headers
    }
}

/// `https://example.org:8080` and `example.org:8080` are the same place; a port that goes without saying may be said.
fn is_same(origin: &str, host: &str) -> bool {
    let (authority, port) = match origin.split_once("://") {
        Some(("http", authority)) => (authority, ":80"),
        Some(("https", authority)) => (authority, ":443"),
        _ => return false,
    };
    let bare = |place: &str| place.strip_suffix(port).unwrap_or(place).to_ascii_lowercase();
    bare(authority) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(origin: Option<&str>, host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        headers
    }

    #[test]
    fn a_page_of_this_server_and_a_client_that_is_no_page_may_always_come() {
        for cors in [Cors::SameOrigin, Cors::Origins(vec![]), Cors::Any] {
            assert!(cors.allows(&request(None, "localhost:8080")));
            assert!(cors.allows(&request(Some("http://localhost:8080"), "localhost:8080")));
            assert!(cors.allows(&request(Some("https://Turnos.example:443"), "turnos.example")));
        }
    }

    #[test]
    fn a_page_of_another_origin_needs_leave() {
        let foreign = request(Some("http://evil.example"), "localhost:8080");
        assert!(!Cors::SameOrigin.allows(&foreign));
        assert!(!Cors::Origins(vec!["http://good.example".into()]).allows(&foreign));
        assert!(Cors::Origins(vec!["http://evil.example".into()]).allows(&foreign));
        assert!(Cors::Any.allows(&foreign));
        assert!(!Cors::Any.may_act(&foreign) && Cors::Any.may_act(&request(Some("http://localhost:8080"), "localhost:8080")));
        assert!(Cors::Origins(vec!["http://evil.example".into()]).may_act(&foreign));
        for origin in ["null", "file://", "http://localhost:8081", "http://localhost:8080.evil.example"] {
            assert!(!Cors::SameOrigin.allows(&request(Some(origin), "localhost:8080")), "{origin}");
        }
    }

    #[test]
    fn only_a_listed_origin_is_told_that_it_may() {
        let cors = Cors::Origins(vec!["http://good.example".into()]);
        assert!(cors.headers(&request(Some("http://evil.example"), "h")).is_empty());
        assert!(cors.headers(&request(None, "h")).is_empty());
        let headers = cors.headers(&request(Some("http://good.example"), "h"));
        assert!(headers.contains(&(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("http://good.example"))));
    }
}
