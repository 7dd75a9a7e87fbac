//! Owns the drawing of tokens and what is kept of them. A token is 32 random bytes behind a prefix that says what it is for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::access::{DEVICE_PREFIX, SecretHash};

const LOGIN_PREFIX: &str = "sgs_";

/// A token and what is kept of it.
pub struct Secret {
    pub text: String,
    pub hash: SecretHash,
}

impl Secret {
    /// For a sign-in.
    pub fn of_login() -> Self {
        Self::draw(LOGIN_PREFIX)
    }

    /// For a screen.
    pub fn of_device() -> Self {
        Self::draw(DEVICE_PREFIX)
    }

    fn draw(prefix: &str) -> Self {
        let mut bytes = [0; 32];
        // Without randomness there is no secret: the process cannot go on.
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
        Self { hash: hash(&text), text }
    }
}

/// What is kept of a token.
pub fn hash(token: &str) -> SecretHash {
    SecretHash(Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (Secret::of_login(), Secret::of_login());
        assert!(one.text.starts_with("sgs_") && one.text.len() == 47 && one.text != other.text);
        assert!(Secret::of_device().text.starts_with("sgd_"));
        assert!(one.hash == hash(&one.text) && one.hash != other.hash);
    }
}
