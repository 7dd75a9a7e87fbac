//! Owns the one answer to who somebody is: turns what a request shows into a [`Who`]. What that one may do is `access`'s.

use super::failure::Failure;
use crate::access::{Credential, Who};

/// How the server is entered.
#[derive(Debug)]
pub enum Doors {
    /// Everybody may do everything: the demonstration, and tests.
    Open,
}

impl Doors {
    /// Who shows this.
    ///
    /// # Errors
    ///
    /// [`Failure::NotSignedIn`] for what was shown on purpose and is worth nothing.
    pub fn who(&self, _credential: &Credential) -> Result<Who, Failure> {
        match self {
            Self::Open => Ok(Who::Everybody),
        }
    }
}
