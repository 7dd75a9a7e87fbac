//! Who somebody is and what they may do: pure rules, without a clock, randomness, I/O or actors. May import `office`. Every front (events, REST,
//! pages) asks here and nowhere else.

mod action;
mod credential;
mod who;

pub use action::{Action, Refusal, Screens, allow};
pub use credential::{Credential, DEVICE_COOKIE, DEVICE_PREFIX, TOKEN_COOKIE};
pub use who::{DeviceKind, Grants, Who};
