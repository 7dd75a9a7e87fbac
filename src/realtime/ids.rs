//! Owns the random names that the wire shows. Each is drawn by itself: none can be derived from another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The public id of a socket, `socket.id` to a client: 120 random bits as 20 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId([u8; 20]);

impl SocketId {
    pub fn draw() -> Self {
        Self(draw())
    }

    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// `None` for a text that cannot be a socket's id.
    pub fn parse(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().filter(|bytes: &[u8; 20]| bytes.is_ascii()).map(Self)
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! private {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 120 random bits as 20 characters. Its `Debug` keeps it secret.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; 20]);

        impl $name {
            pub fn draw() -> Self {
                Self(draw())
            }

            pub fn as_str(&self) -> &str {
                ascii(&self.0)
            }

            pub fn parse(text: &str) -> Option<Self> {
                text.as_bytes().try_into().ok().filter(|bytes: &[u8; 20]| bytes.is_ascii()).map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

private! {
    /// The private id of an Engine.IO session: whoever knows it can speak for a polling client.
    Sid
}

private! {
    /// The private id by which a client gets its state back after its connection was lost.
    Pid
}

fn ascii(bytes: &[u8; 20]) -> &str {
    // Both constructors let in nothing else.
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn draw() -> [u8; 20] {
    let mut bits = [0; 15];
    // Without randomness ids could be guessed: better no server than that one.
    getrandom::fill(&mut bits).expect("the operating system gives random bytes");
    let mut text = [0; 20];
    // 15 bytes are 20 characters of base64 exactly.
    URL_SAFE_NO_PAD.encode_slice(bits, &mut text).expect("15 bytes fit 20 characters");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_20_plain_characters_and_never_alike() {
        let ids: HashSet<_> = (0..1000).map(|_| SocketId::draw()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            assert_eq!(SocketId::parse(id.as_str()), Some(id));
        }
    }

    #[test]
    fn a_session_id_is_not_printed() {
        assert_eq!(format!("{:?}", Sid::draw()), "Sid(***)");
    }
}
