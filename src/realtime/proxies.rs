//! Owns whose word is taken for where a request comes from: `X-Forwarded-For` and `X-Forwarded-Proto` count when they were written by a proxy
//! of a network that is trusted, and by nobody else. Says where it is not known who stands before the last address that is.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

/// What proxies write of whom a request comes from.
const RELAYED: [&str; 6] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"];

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whence {
    pub address: IpAddr,
    /// The address is a proxy's: who is behind it is not known, and may be anywhere.
    pub is_relayed: bool,
}

/// The networks of the proxies before this server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies(Vec<Network>);

impl Network {
    /// The addresses that have the first `bits` in common with `base`. `None` for more bits than an address has.
    pub fn new(base: IpAddr, bits: u8) -> Option<Self> {
        let most = if base.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { base, bits })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl Proxies {
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Where a request comes from: its connection's other end, or what trusted proxies say of it.
    pub fn whence(&self, request: &HttpRequest) -> Whence {
        // A request that came over no socket is this process's own.
        let peer = request.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.ip());
        self.read(peer, request.headers())
    }

    /// Whether a request came over https: only a trusted proxy can say so.
    pub fn is_secure(&self, request: &HttpRequest) -> bool {
        let by_proxy = request.peer_addr().is_some_and(|peer| self.trusts(peer.ip()));
        let said = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        by_proxy && said.and_then(|value| value.rsplit(',').next()).is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Each proxy adds at the end who spoke to it: read from there, as far as they are trusted. What the client wrote itself stands before that,
    /// and may be no text at all.
    fn read(&self, peer: IpAddr, headers: &HeaderMap) -> Whence {
        let mut address = peer.to_canonical();
        let lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").map(|value| value.as_bytes()).collect();
        for element in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            if !self.trusts(address) {
                break;
            }
            match str::from_utf8(element).ok().and_then(|text| parse(text.trim())) {
                Some(before) => address = before,
                None => break,
            }
        }
        // A proxy that nobody named shows itself by what it wrote, if it writes anything.
        let is_unnamed = || !self.trusts(peer) && RELAYED.iter().any(|name| headers.contains_key(*name));
        Whence { address, is_relayed: self.trusts(address) || is_unnamed() }
    }
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(text, |(inside, _)| inside);
    let address = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn network(text: &str) -> Network {
        let (base, bits) = text.split_once('/').unwrap();
        Network::new(base.parse().unwrap(), bits.parse().unwrap()).unwrap()
    }

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn a_network_is_its_first_bits() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("192.0.2.7/32", "::ffff:192.0.2.7", "192.0.2.8"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
        ] {
            assert!(network(text).contains(inside.parse().unwrap()), "{inside} in {text}");
            assert!(!network(text).contains(outside.parse().unwrap()), "{outside} in {text}");
        }
        assert_eq!(Network::new("10.0.0.0".parse().unwrap(), 33), None);
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_what_it_added_itself() {
        let proxies = Proxies::new(vec![network("10.0.0.0/8")]);
        for (peer, lines, expected, is_relayed) in [
            // A proxy that nobody named, or somebody who plays one.
            ("192.0.2.1", &[&b"198.51.100.9"[..]][..], "192.0.2.1", true),
            ("192.0.2.1", &[b"\xff"], "192.0.2.1", true),
            ("192.0.2.1", &[], "192.0.2.1", false),
            ("10.0.0.1", &[], "10.0.0.1", true),
            ("10.0.0.1", &[b"198.51.100.9"], "198.51.100.9", false),
            // What the client wrote itself stands before what the proxy added.
            ("10.0.0.1", &[b"127.0.0.1, 198.51.100.9"], "198.51.100.9", false),
            ("10.0.0.1", &[b"127.0.0.1", b"198.51.100.9, 10.0.0.2"], "198.51.100.9", false),
            ("10.0.0.1", &[b"\xff, 198.51.100.9"], "198.51.100.9", false),
            ("10.0.0.1", &["ñ".as_bytes(), b"198.51.100.9"], "198.51.100.9", false),
            ("10.0.0.1", &[b"198.51.100.9, \xff, 10.0.0.2"], "10.0.0.2", true),
            ("10.0.0.1", &[b"\xff"], "10.0.0.1", true),
            ("10.0.0.1", &[b"unknown, 10.0.0.2"], "10.0.0.2", true),
            ("10.0.0.1", &[b"198.51.100.9,"], "10.0.0.1", true),
            ("::ffff:10.0.0.1", &[b"[2001:db8::5]:443"], "2001:db8::5", false),
            ("10.0.0.1", &[b"198.51.100.9:1234"], "198.51.100.9", false),
        ] {
            let found = proxies.read(peer.parse().unwrap(), &headers(lines));
            let expected = Whence { address: expected.parse().unwrap(), is_relayed };
            assert_eq!(found, expected, "{peer} {lines:?}");
        }
    }
}
