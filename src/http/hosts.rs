//! Owns by which names the server may be asked for. A page of another site that has its own name lead here asks by that name, and is not
//! answered: it would pass for a page of this server.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

/// Paths that say nothing but that the server is there: whoever looks after it asks by whatever name.
const OPEN: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Names besides addresses and `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    Any,
    /// In lower case, without a port.
    These(Vec<String>),
}

impl Hosts {
    /// Whether a `Host` header says one of them, with whatever port.
    pub fn allow(&self, host: &str) -> bool {
        let Self::These(names) = self else { return true };
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let own = name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost");
        own || names.contains(&name)
    }
}

/// Answers nobody who asks for another server.
pub async fn check(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let host = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let known = match (request.app_data::<web::Data<Hosts>>(), host) {
        (Some(hosts), Some(host)) => hosts.allow(host) || OPEN.contains(&request.path()),
        _ => true,
    };
    if known {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let text = "421: this server does not go by that name; `--hosts` says by which it does\n";
    let refusal = HttpResponse::MisdirectedRequest().content_type("text/plain; charset=utf-8").body(text);
    Ok(request.into_response(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_always_its_names_and_others_must_be_given() {
        let hosts = Hosts::These(vec!["turnos.example".into()]);
        for host in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "192.0.2.7",
            "localhost",
            "LOCALHOST:80",
            "a.localhost:1",
            "Turnos.Example:443",
            "turnos.example.",
        ] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["", "evil.example", "turnos.example.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1].evil"] {
            assert_eq!(hosts.allow(host), host == "[::1].evil", "{host}");
        }
        assert!(Hosts::Any.allow("evil.example"));
    }
}
