//! Owns the pairing of screens: a screen shows a short code, an admin types it, and the screen is let in by the secret that it was given with
//! the code. What waits is bounded and ends by itself.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;
use std::collections::BTreeMap;

use super::buckets::Network;
use super::device::DeviceKind;
use super::secret::SecretHash;
use crate::office::{BranchId, Millis};

/// How long a code is good for.
const LIFETIME: i64 = 10 * 60 * 1_000;
/// Codes that wait, of all and of one address.
const MOST: usize = 50;
const MOST_OF_ONE: usize = 5;
/// Codes there can be.
const CODES: u32 = 1_000_000;
/// From a code that is taken to the next one to try: prime to [`CODES`], so that all are tried, and in no digit close by, so that a
/// slip of the finger finds nothing.
const STRIDE: u32 = 381_957;

/// Six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairingCode(u32);

/// A screen that waits for somebody to type its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    pub kind: DeviceKind,
    /// The branch that it asked for.
    pub branch: Option<BranchId>,
    /// Of the token that the screen got with the code, and by which the device is known from then on.
    pub secret: SecretHash,
    pub expires_at: Millis,
    network: Network,
    confirmed: bool,
}

/// No screen waits with this code: unknown, over, or typed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no screen waits with this code")]
pub struct NoPairing;

/// Too many screens wait, here or from this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many screens wait to be paired")]
pub struct TooMany;

/// The screens that wait. Nothing of it outlives the process: a screen asks again.
#[derive(Debug, Default)]
pub struct Pairings {
    waiting: BTreeMap<PairingCode, Pairing>,
}

impl Pairings {
    /// Gives a screen a code that no other one has; `random` chooses it.
    ///
    /// # Errors
    ///
    /// [`TooMany`] when 50 wait, or 5 of this address.
    pub fn ask(
        &mut self,
        kind: DeviceKind,
        branch: Option<BranchId>,
        secret: SecretHash,
        address: IpAddr,
        now: Millis,
        random: u64,
    ) -> Result<(PairingCode, Millis), TooMany> {
        self.forget_old(now);
        let network = Network::from(address);
        let of_one = self.waiting.values().filter(|pairing| pairing.network == network).count();
        if self.waiting.len() >= MOST || of_one >= MOST_OF_ONE {
            return Err(TooMany);
        }
        let mut code = PairingCode((random % u64::from(CODES)) as u32);
        while self.waiting.contains_key(&code) {
            code.0 = (code.0 + STRIDE) % CODES;
        }
        let expires_at = Millis(now.0.saturating_add(LIFETIME));
        self.waiting.insert(code, Pairing { kind, branch, secret, expires_at, network, confirmed: false });
        Ok((code, expires_at))
    }

    /// Whether the screen with this secret still waits.
    pub fn is_waiting(&self, secret: &SecretHash, now: Millis) -> bool {
        self.waiting.values().any(|pairing| pairing.secret == *secret && pairing.lasts(now))
    }

    /// What waits with this code, for who is about to confirm it. It is confirmed once; [`Pairings::settle`] says what came of it.
    ///
    /// # Errors
    ///
    /// [`NoPairing`].
    pub fn confirm(&mut self, code: PairingCode, now: Millis) -> Result<Pairing, NoPairing> {
        self.forget_old(now);
        let pairing = self.waiting.get_mut(&code).filter(|pairing| !pairing.confirmed).ok_or(NoPairing)?;
        pairing.confirmed = true;
        Ok(pairing.clone())
    }

    /// The device of a confirmed code was written, and the code is no more; or it could not be, and the code may be typed again.
    pub fn settle(&mut self, code: PairingCode, written: bool) {
        if written {
            self.waiting.remove(&code);
        } else if let Some(pairing) = self.waiting.get_mut(&code) {
            pairing.confirmed = false;
        }
    }

    fn forget_old(&mut self, now: Millis) {
        self.waiting.retain(|_, pairing| pairing.lasts(now));
    }
}

impl Pairing {
    /// A confirmed one waits for the disk, whatever the time.
    fn lasts(&self, now: Millis) -> bool {
        self.confirmed || now < self.expires_at
    }
}

impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// As people type it: with spaces or a dash in it.
impl FromStr for PairingCode {
    type Err = NoPairing;

    fn from_str(text: &str) -> Result<Self, NoPairing> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).take(7).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_code).map(Self).ok_or(NoPairing)
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    fn ask(pairings: &mut Pairings, secret: u8, from: u8, now: Millis, random: u64) -> Result<PairingCode, TooMany> {
        let asked = pairings.ask(DeviceKind::Display, Some(BranchId(1)), SecretHash([secret; 32]), address(from), now, random);
        asked.map(|(code, expires_at)| {
            assert_eq!(expires_at.0, now.0 + LIFETIME);
            code
        })
    }

    #[test]
    fn a_code_is_typed_once() {
        let mut pairings = Pairings::default();
        let code = ask(&mut pairings, 1, 1, NOW, 482_913).unwrap();
        assert_eq!(code.to_string(), "482913");
        assert!(pairings.is_waiting(&SecretHash([1; 32]), NOW) && !pairings.is_waiting(&SecretHash([2; 32]), NOW));
        assert_eq!(pairings.confirm(PairingCode(482_914), NOW), Err(NoPairing));
        let pairing = pairings.confirm(code, NOW).unwrap();
        assert_eq!((pairing.kind, pairing.branch, pairing.secret), (DeviceKind::Display, Some(BranchId(1)), SecretHash([1; 32])));
        assert_eq!(pairings.confirm(code, NOW), Err(NoPairing), "somebody else is at it");
        assert!(pairings.is_waiting(&SecretHash([1; 32]), Millis(NOW.0 + LIFETIME)), "until it is written");
        pairings.settle(code, false);
        assert!(pairings.confirm(code, NOW).is_ok(), "again, as it could not be written");
        pairings.settle(code, true);
        assert_eq!(pairings.confirm(code, NOW), Err(NoPairing));
        assert!(!pairings.is_waiting(&SecretHash([1; 32]), NOW));
    }

    #[test]
    fn a_code_ends_after_ten_minutes() {
        let mut pairings = Pairings::default();
        let code = ask(&mut pairings, 1, 1, NOW, 7).unwrap();
        let over = Millis(NOW.0 + LIFETIME);
        assert!(pairings.is_waiting(&SecretHash([1; 32]), Millis(over.0 - 1)) && !pairings.is_waiting(&SecretHash([1; 32]), over));
        assert_eq!(pairings.confirm(code, over), Err(NoPairing));
        assert!(pairings.waiting.is_empty());
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut pairings = Pairings::default();
        for from in 0..10 {
            for _ in 0..5 {
                ask(&mut pairings, 0, from, NOW, 0).unwrap();
            }
            if from == 0 {
                assert_eq!(ask(&mut pairings, 0, from, NOW, 0), Err(TooMany), "of one address");
            }
        }
        assert_eq!(ask(&mut pairings, 0, 99, NOW, 0), Err(TooMany), "of all");
        ask(&mut pairings, 0, 0, Millis(NOW.0 + LIFETIME), 0).unwrap();
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["004210", "004 210", " 00-42-10 "] {
            assert_eq!(text.parse(), Ok(PairingCode(4_210)), "{text:?}");
        }
        for text in ["", "4210", "1234567", "12345a", "+12345", "１２３４５６", "123456789012345678901234567890"] {
            assert_eq!(text.parse::<PairingCode>(), Err(NoPairing), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_two_have_the_same_code(asked in proptest::collection::vec((0_u8..12, 0_i64..120_000, 0_u64..3), 0..300)) {
            let (mut pairings, mut now) = (Pairings::default(), NOW);
            for (from, step, random) in asked {
                now.0 += step;
                let before: HashSet<_> = pairings.waiting.iter().filter(|(_, of)| now < of.expires_at).map(|(code, _)| *code).collect();
                if let Ok(code) = ask(&mut pairings, 0, from, now, random) {
                    prop_assert!(!before.contains(&code) && code.0 < CODES);
                    prop_assert_eq!(code.to_string().parse(), Ok(code));
                }
                prop_assert!(pairings.waiting.len() <= MOST);
            }
        }

        #[test]
        fn a_code_that_is_taken_leads_to_one_that_differs_in_most_digits(code in 0_u32..CODES) {
            let other = (code + STRIDE) % CODES;
            let (one, other) = (PairingCode(code).to_string(), PairingCode(other).to_string());
            let different = one.chars().zip(other.chars()).filter(|(one, other)| one != other).count();
            prop_assert!(different >= 4, "{one} {other}");
        }
    }
}
