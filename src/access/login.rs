//! Owns sign-ins: how long one lasts, and when its use is worth writing down.

use core::net::IpAddr;

use super::secret::SecretHash;
use crate::office::{LoginId, Millis, UserId};

/// Characters that are kept of what a browser calls itself.
const AGENT_LENGTH: usize = 200;

const HOUR: i64 = 60 * 60 * 1_000;

/// One sign-in of a user, until it is signed out, ended, or not used for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub id: LoginId,
    pub user: UserId,
    pub secret: SecretHash,
    pub created_at: Millis,
    /// When it was last used, as far as it was written down.
    pub used_at: Millis,
    /// When it ends whatever happens.
    pub expires_at: Millis,
    /// Where it was made from.
    pub address: IpAddr,
    /// What the browser or program called itself, cut off where it is long.
    pub agent: String,
}

impl Login {
    /// Ends when it was not used for so long.
    pub const IDLE: i64 = 12 * HOUR;
    /// Ends so long after it was made.
    pub const LONGEST: i64 = 30 * 24 * HOUR;
    /// Its use is written down once in so long.
    pub const NOTED_EVERY: i64 = HOUR;

    pub fn new(id: LoginId, user: UserId, secret: SecretHash, address: IpAddr, agent: &str, now: Millis) -> Self {
        let expires_at = Millis(now.0.saturating_add(Self::LONGEST));
        let agent = agent.chars().filter(|c| !c.is_control()).take(AGENT_LENGTH).collect();
        Self { id, user, secret, created_at: now, used_at: now, expires_at, address, agent }
    }

    /// When it ends, if it is not used again.
    pub fn ends_at(&self) -> Millis {
        Millis(self.used_at.0.saturating_add(Self::IDLE)).min(self.expires_at)
    }

    pub fn is_live(&self, now: Millis) -> bool {
        now < self.ends_at()
    }

    /// Whether a use at this time is to be written down.
    pub fn is_to_be_noted(&self, now: Millis) -> bool {
        self.is_live(now) && now.0.saturating_sub(self.used_at.0) >= Self::NOTED_EVERY
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const START: Millis = Millis(1_795_255_200_000);

    fn login(agent: &str) -> Login {
        Login::new(LoginId(1), UserId(2), SecretHash([3; 32]), Ipv4Addr::LOCALHOST.into(), agent, START)
    }

    fn after(hours: i64) -> Millis {
        Millis(START.0 + hours * HOUR)
    }

    #[test]
    fn it_ends_when_nobody_uses_it_and_at_the_latest_after_thirty_days() {
        let mut login = login("Firefox");
        assert!(login.is_live(after(11)) && !login.is_live(after(12)));
        login.used_at = after(11);
        assert!(login.is_live(after(22)) && !login.is_live(after(23)));
        login.used_at = after(30 * 24 - 1);
        assert!(login.is_live(Millis(after(30 * 24).0 - 1)) && !login.is_live(after(30 * 24)));
        assert!(!login.is_to_be_noted(after(30 * 24)));
    }

    #[test]
    fn what_a_browser_calls_itself_is_cut_off_and_cannot_break_a_line() {
        assert_eq!(login("a\r\nb\0c").agent, "abc");
        assert_eq!(login(&"ñ".repeat(1_000)).agent, "ñ".repeat(AGENT_LENGTH));
    }

    proptest! {
        /// Whoever comes at least every eleven hours stays signed in for thirty days, and writes once an hour at the most.
        #[test]
        fn who_comes_often_stays(steps in proptest::collection::vec(1_i64..11 * HOUR, 1..500)) {
            let (mut login, mut now, mut written) = (login(""), START.0, 0);
            for step in steps {
                now += step;
                let live = login.is_live(Millis(now));
                prop_assert_eq!(live, now < login.expires_at.0);
                if login.is_to_be_noted(Millis(now)) {
                    login.used_at = Millis(now);
                    written += 1;
                }
            }
            prop_assert!(written <= (now - START.0) / HOUR);
        }
    }
}
