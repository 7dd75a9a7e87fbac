//! Owns how often a sign-in may be tried: by one address, at one account from one address, and at one account from wherever its owner never
//! was. So no storm from elsewhere locks the owner out where she has signed in before.

use core::net::IpAddr;
use std::collections::{HashMap, VecDeque};

use super::buckets::{Buckets, Network, Rate, Wait};
use crate::office::Millis;

/// Of an account from one address: five at once, two a minute.
const PAIR: Rate = Rate { burst: 5, every: 30_000 };
/// Of an address, whatever the account: a desk where many sign in at eight o'clock is one.
const ADDRESS: Rate = Rate { burst: 20, every: 3_000 };
/// Of an account, from all the addresses where it never signed in.
const STRANGERS: Rate = Rate { burst: 10, every: 60_000 };

/// Of an account, from anywhere, with the right password: who signs in more often is a program that goes round in circles.
const SUCCESSES: Rate = Rate { burst: 30, every: 2_000 };

/// Keys of each kind that are remembered.
const MOST: usize = 20_000;
/// Places of one account, and accounts, that are remembered.
const MOST_PLACES: usize = 16;
const MOST_ACCOUNTS: usize = 10_000;
/// Characters of an account's name that count; no account has more.
const ACCOUNT_LENGTH: usize = 64;

/// Counts attempts. An attempt costs before it is known whether it succeeds: many at once are no way around.
#[derive(Debug)]
pub struct Throttle {
    pairs: Buckets<(String, Network)>,
    addresses: Buckets<Network>,
    strangers: Buckets<String>,
    /// Only who knows the password takes from these.
    successes: Buckets<String>,
    /// Where each account signed in, newest last.
    places: HashMap<String, VecDeque<Network>>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            pairs: Buckets::new(PAIR, MOST),
            addresses: Buckets::new(ADDRESS, MOST),
            strangers: Buckets::new(STRANGERS, MOST),
            successes: Buckets::new(SUCCESSES, MOST),
            places: HashMap::new(),
        }
    }
}

impl Throttle {
    /// Lets an attempt at an account, named in its normal form or by whatever was typed, come through.
    ///
    /// # Errors
    ///
    /// How long to wait. An attempt that is refused costs nothing.
    pub fn attempt(&mut self, account: &str, address: IpAddr, now: Millis) -> Result<(), Wait> {
        let (account, network) = (shortened(account), Network::from(address));
        let pair = (account, network);
        let at_home = self.has_place(&pair.0, network);
        self.successes.look(&pair.0, now)?;
        self.pairs.look(&pair, now)?;
        if !at_home {
            self.addresses.look(&network, now)?;
            self.strangers.look(&pair.0, now)?;
            self.addresses.take(network, now)?;
            self.strangers.take(pair.0.clone(), now)?;
        }
        self.pairs.take(pair, now)
    }

    /// The attempt was right: it cost none of what guesses cost, and this is a place of the account from now on.
    pub fn succeeded(&mut self, account: &str, address: IpAddr, now: Millis) {
        self.give_back(account, address);
        let account = shortened(account);
        // More come through at once than there is room for only where they were let in before the first one was done.
        let _ = self.successes.take(account.clone(), now);
        self.remember(account, Network::from(address));
    }

    /// The attempt was not looked at: it cost nothing.
    pub fn give_back(&mut self, account: &str, address: IpAddr) {
        let pair = (shortened(account), Network::from(address));
        if !self.has_place(&pair.0, pair.1) {
            self.addresses.give_back(&pair.1);
            self.strangers.give_back(&pair.0);
        }
        self.pairs.give_back(&pair);
    }

    /// The account has signed in from here, as the sign-ins say that outlived a restart.
    pub fn know(&mut self, account: &str, address: IpAddr) {
        self.remember(shortened(account), Network::from(address));
    }

    /// Whether the account has signed in from here before.
    pub fn is_at_home(&self, account: &str, address: IpAddr) -> bool {
        self.has_place(&shortened(account), address.into())
    }

    fn has_place(&self, account: &str, network: Network) -> bool {
        self.places.get(account).is_some_and(|places| places.contains(&network))
    }

    /// Accounts that sign in exist: there are not many more than may be remembered.
    fn remember(&mut self, account: String, network: Network) {
        if self.places.len() >= MOST_ACCOUNTS && !self.places.contains_key(&account) {
            return;
        }
        let places = self.places.entry(account).or_default();
        places.retain(|place| *place != network);
        if places.len() >= MOST_PLACES {
            places.pop_front();
        }
        places.push_back(network);
    }
}

fn shortened(account: &str) -> String {
    account.chars().take(ACCOUNT_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    fn passed(throttle: &mut Throttle, attempts: usize, mut attempt: impl FnMut(&mut Throttle, usize) -> Result<(), Wait>) -> usize {
        (0..attempts).filter(|number| attempt(throttle, *number).is_ok()).count()
    }

    #[test]
    fn one_who_guesses_gets_five_and_then_two_a_minute() {
        let mut throttle = Throttle::default();
        assert_eq!(passed(&mut throttle, 100, |throttle, _| throttle.attempt("ana", address(1), NOW)), 5);
        let wait = throttle.attempt("ana", address(1), NOW).unwrap_err();
        assert_eq!((wait, wait.seconds()), (Wait(30_000), 30));
        assert_eq!(throttle.attempt("ana", address(1), Millis(NOW.0 + 30_000)), Ok(()));
        assert_eq!(throttle.attempt("bea", address(1), NOW), Ok(()), "another account");
    }

    #[test]
    fn an_address_that_tries_all_accounts_is_slowed_down() {
        let mut throttle = Throttle::default();
        assert_eq!(passed(&mut throttle, 500, |throttle, number| throttle.attempt(&format!("a{number}"), address(1), NOW)), 20);
        assert_eq!(throttle.attempt("a0", address(2), NOW), Ok(()));
    }

    #[test]
    fn a_storm_from_everywhere_gets_ten_and_leaves_the_owner_alone() {
        let mut throttle = Throttle::default();
        throttle.attempt("ana", address(1), NOW).unwrap();
        throttle.succeeded("ana", address(1), NOW);
        assert_eq!(passed(&mut throttle, 10_000, |throttle, from| throttle.attempt("ana", address(100 + from as u32), NOW)), 10);
        assert_eq!(passed(&mut throttle, 100, |throttle, other| throttle.attempt(&format!("x{other}"), address(1), NOW)), 20);
        assert_eq!(throttle.attempt("ana", address(1), NOW), Ok(()), "at her own desk, whatever came from there");
        let mut other = Throttle::default();
        other.know("ana", address(1));
        passed(&mut other, 10_000, |throttle, from| throttle.attempt("ana", address(100 + from as u32), NOW));
        assert_eq!(other.attempt("ana", address(1), NOW), Ok(()), "after a restart");
    }

    #[test]
    fn who_types_the_right_one_pays_nothing() {
        let mut throttle = Throttle::default();
        for number in 0..200 {
            let account = format!("a{number}");
            throttle.attempt(&account, address(1), NOW).unwrap();
            throttle.succeeded(&account, address(1), NOW);
        }
        // What was refused for want of room was no attempt.
        for from in 0..100 {
            throttle.attempt("a1", address(from), NOW).unwrap();
            throttle.give_back("a1", address(from));
        }
    }

    #[test]
    fn the_right_password_is_no_way_to_sign_in_without_end() {
        let mut throttle = Throttle::default();
        let signs_in = |throttle: &mut Throttle, from: u32, now: Millis| {
            throttle.attempt("ana", address(from), now).map(|()| throttle.succeeded("ana", address(from), now))
        };
        assert_eq!(passed(&mut throttle, 100, |throttle, from| signs_in(throttle, from as u32 % 3, NOW)), 30);
        assert_eq!(signs_in(&mut throttle, 1, NOW), Err(Wait(2_000)));
        assert_eq!(throttle.attempt("bea", address(1), NOW), Ok(()), "another account");
        assert_eq!(signs_in(&mut throttle, 1, Millis(NOW.0 + 2_000)), Ok(()));
    }

    #[test]
    fn the_right_password_does_not_pay_for_wrong_ones() {
        let mut throttle = Throttle::default();
        throttle.know("ana", address(1));
        let right = |throttle: &mut Throttle| throttle.attempt("ana", address(1), NOW).map(|()| throttle.succeeded("ana", address(1), NOW));
        assert_eq!(passed(&mut throttle, 4, |throttle, _| throttle.attempt("ana", address(1), NOW)), 4);
        assert_eq!(passed(&mut throttle, 10, |throttle, _| right(throttle)), 10);
        assert_eq!(passed(&mut throttle, 10, |throttle, _| throttle.attempt("ana", address(1), NOW)), 1);
    }

    #[test]
    fn one_account_of_ones_own_is_no_way_to_another() {
        let mut throttle = Throttle::default();
        throttle.know("mallory", address(6));
        let guesses = passed(&mut throttle, 30, |throttle, _| {
            throttle.attempt("mallory", address(6), NOW).unwrap();
            throttle.succeeded("mallory", address(6), NOW);
            throttle.attempt("ana", address(6), NOW)
        });
        assert_eq!(guesses, 5);
    }

    #[test]
    fn places_are_bounded_and_the_newest_stay() {
        let mut throttle = Throttle::default();
        for from in 0..100 {
            throttle.know("ana", address(from));
        }
        assert_eq!(throttle.places["ana"].len(), MOST_PLACES);
        assert!(throttle.is_at_home("ana", address(99)) && !throttle.is_at_home("ana", address(0)));
        for account in 0..2 * MOST_ACCOUNTS {
            throttle.know(&account.to_string(), address(1));
        }
        assert_eq!(throttle.places.len(), MOST_ACCOUNTS);
        throttle.attempt(&"x".repeat(1_000_000), address(1), NOW).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever comes from elsewhere, the owner comes through where she was before.
        #[test]
        fn the_owner_is_never_locked_out(storm in proptest::collection::vec((0_u32..50, 0_u8..3, 0_i64..500), 0..400)) {
            let (mut throttle, mut now, home) = (Throttle::default(), NOW, address(1_000));
            throttle.know("ana", home);
            let (mut through, start) = (0, now.0);
            for (from, account, step) in storm {
                now.0 += step;
                let account = ["ana", "bea", "eva"][account as usize];
                let came = throttle.attempt(account, address(from), now).is_ok();
                through += i64::from(came && account == "ana");
                prop_assert!(through <= i64::from(STRANGERS.burst) + (now.0 - start) / STRANGERS.every);
            }
            prop_assert_eq!(throttle.attempt("ana", home, now), Ok(()));
        }
    }
}
