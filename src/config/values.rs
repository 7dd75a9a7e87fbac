//! Owns the settings' own types of value: a rate, a health address, an address to listen on. Imports nothing of the project.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// So many a second, a minute or an hour, written `20/min`. At most 1,000 a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    per: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// Text that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRate {
    #[error("not a rate; write a whole number and /s, /min or /h, as in 20/min")]
    Form,
    #[error("faster than 1000/s")]
    TooFast,
}

impl Rate {
    /// Mean time from one to the next.
    pub fn interval(self) -> Duration {
        self.per.length() / self.count.get()
    }
}

impl Unit {
    fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
        })
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (count, per) = text.split_once('/').ok_or(BadRate::Form)?;
        let per = match per.trim() {
            "s" => Unit::Second,
            "min" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(BadRate::Form),
        };
        let rate = Self { count: count.trim().parse().map_err(|_| BadRate::Form)?, per };
        if rate.interval() < Duration::from_millis(1) { Err(BadRate::TooFast) } else { Ok(rate) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Unit::Second => "s",
            Unit::Minute => "min",
            Unit::Hour => "h",
        };
        write!(f, "{}/{per}", self.count)
    }
}

/// Where `healthcheck` asks: plain HTTP, `http://HOST[:PORT][/PATH]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthUrl {
    /// Name or address; an IPv6 address without its brackets.
    pub host: String,
    /// 80 where the text gives none.
    pub port: u16,
    /// Begins with `/`; `/health` where the text gives none.
    pub path: String,
}

/// Text that is no address for a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a plain HTTP address such as http://127.0.0.1:8080/health")]
pub struct BadUrl;

impl HealthUrl {
    /// The address at which a server that listens on `bind` is reached from its own machine.
    pub fn of_server_at(bind: SocketAddr) -> Self {
        let host = match bind.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        Self { host: host.to_string(), port: bind.port(), path: "/health".to_owned() }
    }
}

impl FromStr for HealthUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let rest = text.strip_prefix("http://").ok_or(BadUrl)?;
        // It goes into a request line as it is.
        if !rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'@' | b'#' | b'?' | b'\\')) {
            return Err(BadUrl);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, port) = v6.split_once(']').ok_or(BadUrl)?;
                host.parse::<Ipv6Addr>().map_err(|_| BadUrl)?;
                (host, port)
            }
            None => authority.find(':').map_or((authority, ""), |colon| authority.split_at(colon)),
        };
        let port = match port {
            "" => 80,
            _ => port.strip_prefix(':').and_then(|digits| digits.parse().ok()).filter(|port| *port != 0).ok_or(BadUrl)?,
        };
        if host.is_empty() {
            return Err(BadUrl);
        }
        let path = if path.is_empty() { "/health" } else { path };
        Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
    }
}

impl fmt::Display for HealthUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, path } = self;
        if host.contains(':') { write!(f, "http://[{host}]:{port}{path}") } else { write!(f, "http://{host}:{port}{path}") }
    }
}

/// Text that is no address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address and port such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080")]
pub struct BadAddress;

pub(super) fn address(text: &str) -> Result<SocketAddr, BadAddress> {
    text.parse().map_err(|_| BadAddress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, millis) in [("20/min", 3_000), ("1/s", 1_000), ("1000/s", 1), ("1/h", 3_600_000), (" 90 / h ", 40_000)] {
            assert_eq!(text.parse::<Rate>().unwrap().interval(), Duration::from_millis(millis), "{text}");
        }
        assert_eq!("20/min".parse::<Rate>().unwrap().to_string(), "20/min");
    }

    #[test]
    fn what_is_no_rate() {
        for text in ["", "20", "0/min", "-1/s", "1.5/s", "20/day", "20/", "/min", "4294967296/h"] {
            assert_eq!(text.parse::<Rate>(), Err(BadRate::Form), "{text}");
        }
        assert_eq!("1001/s".parse::<Rate>(), Err(BadRate::TooFast));
        assert_eq!("4294967295/s".parse::<Rate>(), Err(BadRate::TooFast));
    }

    #[test]
    fn health_addresses() {
        for (text, host, port, path) in [
            ("http://127.0.0.1:8080/health", "127.0.0.1", 8080, "/health"),
            ("http://office", "office", 80, "/health"),
            ("http://office:81/", "office", 81, "/"),
            ("http://[::1]:8080/ready", "::1", 8080, "/ready"),
            ("http://[::1]", "::1", 80, "/health"),
        ] {
            let url: HealthUrl = text.parse().unwrap();
            assert_eq!((url.host.as_str(), url.port, url.path.as_str()), (host, port, path), "{text}");
            assert_eq!(url.to_string().parse::<HealthUrl>().unwrap(), url, "{text}");
        }
    }

    #[test]
    fn what_is_no_health_address() {
        for text in [
            "",
            "office:80",
            "https://office",
            "http://",
            "http://:80",
            "http://a:0",
            "http://a:x",
            "http://a:70000",
            "http://a b",
            "http://u@a",
            "http://a/\r\nX: y",
            "http://[x]",
            "http://[::1",
            "http://[::1]8",
            "http://a/é",
        ] {
            assert_eq!(text.parse::<HealthUrl>(), Err(BadUrl), "{text}");
        }
    }

    #[test]
    fn a_server_on_all_addresses_is_asked_on_loopback() {
        for (bind, url) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080/health"),
            ("[::]:8080", "http://[::1]:8080/health"),
            ("192.0.2.7:80", "http://192.0.2.7:80/health"),
        ] {
            assert_eq!(HealthUrl::of_server_at(bind.parse().unwrap()).to_string(), url);
        }
    }
}
