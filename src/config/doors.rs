//! Owns the settings of who may come in: the networks of trusted proxies, the names by which the server is asked for, how often numbers may be
//! taken. Imports nothing of the project.

use std::net::IpAddr;
use std::str::FromStr;

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network; write an address, or its first bits as in 10.0.0.0/8")]
pub struct BadNetwork(String);

/// Networks, each as an address and how many bits of it count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks(pub Vec<(IpAddr, u8)>);

impl FromStr for Networks {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| network(name).ok_or_else(|| BadNetwork(name.to_owned()))).collect::<Result<_, _>>().map(Self)
    }
}

/// Text that is no name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name; write it as in turnos.example, without a port, or * for any")]
pub struct BadHost(String);

/// Names by which the server may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostNames {
    /// These, and addresses, `localhost` and the machine's own name.
    These(Vec<String>),
    Any,
}

impl FromStr for HostNames {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names = names.map(|name| if plain(name) { Ok(name.to_ascii_lowercase()) } else { Err(BadHost(name.to_owned())) });
        names.collect::<Result<_, _>>().map(Self::These)
    }
}

/// Text that is no address of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address of a site; write it as in https://turnos.example, without a path")]
pub struct BadPublicUrl(String);

/// Under which address visitors' phones reach the pages: scheme, name and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in it, without the port.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority);
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

impl FromStr for PublicUrl {
    type Err = BadPublicUrl;

    fn from_str(text: &str) -> Result<Self, BadPublicUrl> {
        let bare = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let authority = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://")).unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        let good = !authority.is_empty() && authority.bytes().all(plain);
        if good { Ok(Self(bare)) } else { Err(BadPublicUrl(text.to_owned())) }
    }
}

/// Text that is no rate of taking numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rate such as 60/30: numbers a minute, and at once; each 1 to 1000000")]
pub struct BadIssueRate;

/// How many numbers a screen or an address may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueRate {
    pub a_minute: u32,
    pub at_once: u32,
}

impl FromStr for IssueRate {
    type Err = BadIssueRate;

    fn from_str(text: &str) -> Result<Self, BadIssueRate> {
        let number = |text: &str| text.trim().parse().ok().filter(|number| (1..=1_000_000).contains(number)).ok_or(BadIssueRate);
        let (a_minute, at_once) = text.split_once('/').ok_or(BadIssueRate)?;
        Ok(Self { a_minute: number(a_minute)?, at_once: number(at_once)? })
    }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_port_and_rates_have_two_numbers() {
        assert_eq!("Turnos.example, box".parse(), Ok(HostNames::These(vec!["turnos.example".into(), "box".into()])));
        assert_eq!("*".parse(), Ok(HostNames::Any));
        assert!("a:80".parse::<HostNames>().is_err() && "http://a".parse::<HostNames>().is_err());
        assert_eq!("60/30".parse(), Ok(IssueRate { a_minute: 60, at_once: 30 }));
        for text in ["", "60", "0/1", "1/0", "1/1000001", "a/b"] {
            assert_eq!(text.parse::<IssueRate>(), Err(BadIssueRate), "{text}");
        }
    }

    #[test]
    fn networks_are_addresses_and_their_first_bits() {
        let address = |text: &str| text.parse().unwrap();
        let found: Networks = " 10.0.0.0/8, ::1,fd00::/8 ,192.0.2.1".parse().unwrap();
        assert_eq!(found.0, [(address("10.0.0.0"), 8), (address("::1"), 128), (address("fd00::"), 8), (address("192.0.2.1"), 32)]);
        assert_eq!("".parse(), Ok(Networks::default()));
        for text in ["10.0.0.0/33", "::/129", "proxy", "10.0.0.0/", "10.0.0.0/-1", "/8"] {
            assert_eq!(text.parse::<Networks>(), Err(BadNetwork(text.into())), "{text}");
        }
    }

    #[test]
    fn a_public_address_is_scheme_name_and_port() {
        for (text, host) in [
            ("https://Turnos.example", "turnos.example"),
            ("http://turnos.example:8080/", "turnos.example"),
            ("http://[::1]:8080", "[::1]"),
            ("http://192.168.1.2", "192.168.1.2"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().map(|url| url.host().to_owned()), Ok(host.to_owned()), "{text}");
        }
        for text in ["", "turnos.example", "https://", "https://a.example/t", "ftp://a.example", "https://a b", "https://u@a.example"] {
            assert_eq!(text.parse::<PublicUrl>(), Err(BadPublicUrl(text.into())), "{text}");
        }
    }
}
