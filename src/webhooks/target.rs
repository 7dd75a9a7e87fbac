//! Owns what the address of a web hook may look like. Resolves nothing.

use std::net::IpAddr;

use hyper::Uri;

use super::address::Reach;

const MOST_CHARACTERS: usize = 2_048;

/// Where a hook's deliveries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub secure: bool,
    pub host: Host,
    pub port: u16,
    /// For the `Host` header: without the scheme's own port.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    Name(String),
    Address(IpAddr),
}

/// Why an address will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    #[error("it is no address of http or https")]
    NotHttp,
    #[error("it is longer than 2048 characters")]
    TooLong,
    #[error("it holds a name or password; the signature proves who sends")]
    Credentials,
    #[error("it goes to no host that could be a receiver")]
    NoReceiver,
}

impl Target {
    pub fn parse(url: &str) -> Result<Self, BadTarget> {
        if url.len() > MOST_CHARACTERS {
            return Err(BadTarget::TooLong);
        }
        if url.contains('#') || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadTarget::NotHttp);
        }
        let uri: Uri = url.parse().map_err(|_| BadTarget::NotHttp)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(BadTarget::NotHttp),
        };
        let authority = uri.authority().ok_or(BadTarget::NotHttp)?;
        if authority.as_str().contains('@') {
            return Err(BadTarget::Credentials);
        }
        let (host, standard) = (authority.host(), if secure { 443 } else { 80 });
        let port = match authority.port() {
            None if authority.as_str().len() == host.len() => standard,
            port => port.map(|port| port.as_u16()).filter(|port| *port != 0).ok_or(BadTarget::NotHttp)?,
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let to = match bare.parse::<IpAddr>() {
            Ok(address) if Reach::of(address) == Reach::Never => return Err(BadTarget::NoReceiver),
            Ok(address) => Host::Address(address),
            Err(_) if bare.is_empty() || bare.len() > 253 || host != bare => return Err(BadTarget::NotHttp),
            Err(_) => Host::Name(bare.to_ascii_lowercase()),
        };
        let authority = if port == standard { host.to_owned() } else { format!("{host}:{port}") };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        // A query may follow the host at once; a request's line begins with a path.
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { secure, host: to, port, authority, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let target = Target::parse("https://Example.org/a/b?c=%20d").unwrap();
        assert_eq!((target.secure, target.port, target.authority.as_str()), (true, 443, "Example.org"));
        assert_eq!((target.host, target.path.as_str()), (Host::Name("example.org".into()), "/a/b?c=%20d"));
        let target = Target::parse("http://[::1]:8080").unwrap();
        assert_eq!((target.secure, target.port, target.authority.as_str(), target.path.as_str()), (false, 8080, "[::1]:8080", "/"));
        assert_eq!(target.host, Host::Address("::1".parse().unwrap()));
        for (url, path) in [("https://example.org?key=x", "/?key=x"), ("http://10.0.0.7:81?a=/b", "/?a=/b"), ("http://example.org/?", "/?")]
        {
            let target = Target::parse(url).unwrap();
            assert_eq!(target.path, path, "{url}");
            hyper::Request::builder().uri(target.path).body(()).expect("a request's address");
        }
        assert_eq!(Target::parse("http://10.0.0.7:80/").unwrap().authority, "10.0.0.7");
        // Only a resolver knows what it means, and what it says is looked at then.
        assert_eq!(Target::parse("http://0x7f.1/").unwrap().host, Host::Name("0x7f.1".into()));
    }

    #[test]
    fn what_is_no_address_of_a_receiver_is_refused() {
        let long = format!("http://a/{}", "x".repeat(MOST_CHARACTERS));
        let rows = [
            (
                BadTarget::NotHttp,
                vec!["", "/hook", "example.org/hook", "ftp://example.org/", "file:///etc/passwd", "https://", "http:///x"],
            ),
            (
                BadTarget::NotHttp,
                vec!["http://exa mple.org/", "http://ñ.org/", "http://a/\r\nX: y", "http://a/#b", "http://a:0/", "http://a:/"],
            ),
            (BadTarget::NotHttp, vec!["http://a:99999/", "http://[zz]/", "http://[::1/", "javascript:alert(1)"]),
            (BadTarget::Credentials, vec!["http://user:secret@example.org/", "https://user@example.org/"]),
            (
                BadTarget::NoReceiver,
                vec!["http://0.0.0.0/", "http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/", "http://[ff02::1]/"],
            ),
            (BadTarget::TooLong, vec![&long]),
        ];
        for (why, urls) in rows {
            for url in urls {
                assert_eq!(Target::parse(url), Err(why), "{url}");
            }
        }
    }
}
