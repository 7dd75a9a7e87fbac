//! Who somebody is and what they may do: pure rules, without a clock, randomness, I/O or actors. May import `office`. Every front (events, REST,
//! pages) asks here and nowhere else. Computes no hash: it is given them.

mod account;
mod action;
mod audit;
mod buckets;
mod credential;
mod device;
mod login;
mod pairing;
mod secret;
mod setup;
mod throttle;
mod who;

pub use crate::office::{Grants, Screens};
pub use account::{BadAccount, BadPassword, MOST_ACCOUNT, account, password};
pub use action::{Action, Refusal, allow, is_local};
pub use audit::{AuditAction, AuditLine, Author, Signed};
pub use buckets::{Buckets, Network, Rate, Wait};
pub use credential::{Credential, DEVICE_COOKIE, DEVICE_PREFIX, TOKEN_COOKIE};
pub use device::{Device, DeviceKind};
pub use login::Login;
pub use pairing::{NoPairing, Pairing, PairingCode, Pairings, TooMany};
pub use secret::{PasswordHash, SecretHash};
pub use setup::{SetupCode, SetupGate};
pub use throttle::Throttle;
pub use who::Who;
