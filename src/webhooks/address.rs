//! Owns which addresses a web hook may go to: what it is that an address belongs to, asked of every address that a name stands for, at every
//! connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whom an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// This machine, or a network that is somebody's own.
    Private,
    /// Nobody who could be a receiver: no address of one host, reserved, or where clouds tell machines their secrets.
    Never,
}

impl Reach {
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => of_v4(v4),
            IpAddr::V6(v6) => of_v6(v6),
        }
    }

    /// Whether a hook may go there, where private networks are allowed or not.
    pub fn is_allowed(self, private: bool) -> bool {
        match self {
            Self::Public => true,
            Self::Private => private,
            Self::Never => false,
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    const METADATA: [Ipv4Addr; 2] = [Ipv4Addr::new(169, 254, 169, 254), Ipv4Addr::new(100, 100, 100, 200)];
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if METADATA.contains(&address) => Reach::Never,
        // This network; multicast, reserved and broadcast.
        (0, ..) | (224..=255, ..) => Reach::Never,
        // Protocol assignments, documentation, relays, benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => Reach::Never,
        (10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _) | (100, 64..=127, _) => Reach::Private,
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    let segments = address.segments();
    let inside = |high: u16, low: u16| of_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match segments {
        _ if address == METADATA || address.is_unspecified() || address.is_multicast() => Reach::Never,
        _ if address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local() => Reach::Private,
        // What carries an address of IPv4 reaches that one.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inside(high, low),
        // The translators' own range; deprecated site-local.
        [0x64, 0xff9b, 1, ..] => Reach::Private,
        [0xfec0..=0xfeff, ..] => Reach::Private,
        // Tunnels, documentation, and all that is not given out.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_address_is_known() {
        let rows = [
            (Reach::Public, vec!["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111"]),
            (Reach::Private, vec!["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.7", "169.254.0.1"]),
            (Reach::Private, vec!["100.64.0.1", "::1", "fd12::1", "fe80::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3"]),
            (Reach::Private, vec!["64:ff9b::7f00:1", "64:ff9b::c0a8:101", "2002:a00:1::", "64:ff9b:1::1"]),
            (Reach::Never, vec!["0.0.0.0", "0.1.2.3", "169.254.169.254", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255"]),
            (Reach::Never, vec!["192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.0.0.1", "::", "ff02::1", "fd00:ec2::254"]),
            (
                Reach::Never,
                vec!["64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "2001:db8::1", "2001::1", "::7f00:1", "4000::1", "2002:e000:1::"],
            ),
            (Reach::Public, vec!["64:ff9b::101:101", "2002:101:101::1", "2001:4860:4860::8888"]),
        ];
        for (reach, addresses) in rows {
            for address in addresses {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }

    #[test]
    fn private_ones_need_the_setting_and_some_are_never_allowed() {
        assert!(Reach::Public.is_allowed(false) && Reach::Private.is_allowed(true));
        assert!(!Reach::Private.is_allowed(false) && !Reach::Never.is_allowed(true));
    }
}
