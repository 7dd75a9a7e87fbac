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
    fn networks_are_addresses_and_their_first_bits() {
        let address = |text: &str| text.parse().unwrap();
        let found: Networks = " 10.0.0.0/8, ::1,fd00::/8 ,192.0.2.1".parse().unwrap();
        assert_eq!(found.0, [(address("10.0.0.0"), 8), (address("::1"), 128), (address("fd00::"), 8), (address("192.0.2.1"), 32)]);
        assert_eq!("".parse(), Ok(Networks::default()));
        for text in ["10.0.0.0/33", "::/129", "proxy", "10.0.0.0/", "10.0.0.0/-1", "/8"] {
            assert_eq!(text.parse::<Networks>(), Err(BadNetwork(text.into())), "{text}");
        }
    }
}
