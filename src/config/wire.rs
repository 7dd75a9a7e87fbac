//! Owns the settings of the Socket.IO endpoint as values: path, transports, origins, client script, recovery. Imports nothing of the project.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

/// A text that is none of what a setting can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    #[error("a path begins with /, does not end with it, and has only letters, digits, '.', '_', '-' and '/'")]
    Path,
    #[error("`{0}` is no transport; use polling, websocket or both with a comma between")]
    Transport(String),
    #[error("`{0}` is no origin; write it as browsers do: https://example.org or http://localhost:4200")]
    Origin(String),
}

/// Where the endpoint is, without a slash at its end: `/socket.io`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketPath(String);

impl SocketPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SocketPath {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        let parts = text.strip_prefix('/').ok_or(BadSetting::Path)?;
        let good = parts.split('/').all(|part| plain(part) && part != "." && part != "..");
        if good { Ok(Self(text.to_owned())) } else { Err(BadSetting::Path) }
    }
}

/// At least one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportList {
    pub polling: bool,
    pub websocket: bool,
}

impl FromStr for TransportList {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let mut list = Self { polling: false, websocket: false };
        for name in text.split(',') {
            match name.trim() {
                "polling" => list.polling = true,
                "websocket" => list.websocket = true,
                other => return Err(BadSetting::Transport(other.to_owned())),
            }
        }
        Ok(list)
    }
}

/// Origins of web pages that may connect, besides the server's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    These(Vec<String>),
    All,
}

impl Default for Origins {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl FromStr for Origins {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        if text.trim() == "*" {
            return Ok(Self::All);
        }
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let check = |name: &str| if is_origin(name) { Ok(name.to_ascii_lowercase()) } else { Err(BadSetting::Origin(name.to_owned())) };
        names.map(check).collect::<Result<_, _>>().map(Self::These)
    }
}

fn is_origin(text: &str) -> bool {
    let authority = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    authority.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    })
}

/// What `socket.io.js` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientScript {
    /// The project's own client.
    Own,
    /// Nothing: 404.
    Off,
    File(PathBuf),
}

impl FromStr for ClientScript {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "own" => Self::Own,
            "off" => Self::Off,
            file => Self::File(file.into()),
        })
    }
}

/// Whose session survives a lost connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecoverySetting {
    /// Nobody's
    Off,
    /// That of a client with `recovery: true` in its CONNECT payload
    Request,
    /// Everybody's
    On,
}

impl fmt::Display for SocketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain_and_leads_nowhere_else() {
        for path in ["/socket.io", "/a/b-c/socket.io"] {
            assert_eq!(path.parse::<SocketPath>().map(|path| path.to_string()), Ok(path.to_owned()));
        }
        for path in ["", "/", "socket.io", "/socket.io/", "//x", "/a/../b", "/{id}", "/a b", "/./a"] {
            assert_eq!(path.parse::<SocketPath>(), Err(BadSetting::Path), "{path}");
        }
    }

    #[test]
    fn transports_are_one_or_both() {
        assert_eq!("polling".parse(), Ok(TransportList { polling: true, websocket: false }));
        assert_eq!("websocket, polling".parse(), Ok(TransportList { polling: true, websocket: true }));
        for text in ["", "flash", "polling,"] {
            assert!(text.parse::<TransportList>().is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_do() {
        assert_eq!("".parse(), Ok(Origins::default()));
        assert_eq!("*".parse(), Ok(Origins::All));
        let two = Origins::These(vec!["https://a.example".into(), "http://[::1]:4200".into()]);
        assert_eq!("https://A.example, http://[::1]:4200".parse(), Ok(two));
        for text in ["example.org", "https://a.example/", "null", "https://", "*,https://a.example"] {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }
}
