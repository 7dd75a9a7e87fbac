//! Owns what a request shows of who sends it, before anybody has looked whether it is true.

use core::fmt;
use core::net::IpAddr;

/// The cookie of who signed in.
pub const TOKEN_COOKIE: &str = "siguiente";
/// The cookie of a paired screen.
pub const DEVICE_COOKIE: &str = "siguiente-device";
/// How the token of a paired screen begins.
pub const DEVICE_PREFIX: &str = "sgd_";

/// What was shown. Tokens are secret: they are not to be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Of a sign-in.
    pub token: Option<String>,
    /// Of a paired screen.
    pub device: Option<String>,
    /// It was shown on purpose, by a program, and not by a browser that sends its cookies with everything: a wrong one is refused and not
    /// passed over.
    pub on_purpose: bool,
    /// Where the request comes from, by the word of proxies that are trusted.
    pub address: IpAddr,
    /// The address is a proxy's, behind which anybody may be: nothing is open to who comes so for being near.
    pub is_relayed: bool,
}

impl Credential {
    /// Nothing was shown.
    pub fn none(address: IpAddr) -> Self {
        Self { token: None, device: None, on_purpose: false, address, is_relayed: false }
    }

    /// `bearer` is what was shown on purpose, and then all that counts; `cookies` is a whole `Cookie` header.
    pub fn new(bearer: Option<&str>, cookies: Option<&str>, address: IpAddr) -> Self {
        match bearer {
            Some(token) if token.starts_with(DEVICE_PREFIX) => {
                Self { device: Some(token.to_owned()), on_purpose: true, ..Self::none(address) }
            }
            Some(token) => Self { token: Some(token.to_owned()), on_purpose: true, ..Self::none(address) },
            None => {
                let cookie = |name| cookies.and_then(|header| cookie(header, name)).map(str::to_owned);
                Self { token: cookie(TOKEN_COOKIE), device: cookie(DEVICE_COOKIE), ..Self::none(address) }
            }
        }
    }

    /// The same, by way of a proxy or not.
    pub fn relayed(self, is_relayed: bool) -> Self {
        Self { is_relayed, ..self }
    }

    /// Whether a browser sent it of itself, with whatever page made the request.
    pub fn is_ambient(&self) -> bool {
        !self.on_purpose && (self.token.is_some() || self.device.is_some())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |secret: &Option<String>| secret.as_ref().map(|_| "***");
        f.debug_struct("Credential")
            .field("token", &shown(&self.token))
            .field("device", &shown(&self.device))
            .field("on_purpose", &self.on_purpose)
            .field("address", &self.address)
            .field("is_relayed", &self.is_relayed)
            .finish()
    }
}

/// The first cookie of that name that is not empty.
fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value).next()
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn cookies_are_told_apart_by_their_whole_names() {
        let both = Credential::new(None, Some("a=b; siguiente-device=sgd_1;siguiente=sgs_2; xsiguiente=3; siguiente=4"), HERE);
        assert_eq!((both.token.as_deref(), both.device.as_deref()), (Some("sgs_2"), Some("sgd_1")));
        assert!(both.is_ambient());
        for header in ["", ";;=", "siguiente", "siguiente=", "Siguiente=x", "xsiguiente=x"] {
            assert_eq!(Credential::new(None, Some(header), HERE), Credential::none(HERE), "{header}");
        }
    }

    #[test]
    fn what_is_shown_on_purpose_is_all_that_counts() {
        let user = Credential::new(Some("sgs_1"), Some("siguiente=sgs_2; siguiente-device=sgd_3"), HERE);
        assert_eq!((user.token.as_deref(), user.device, user.on_purpose), (Some("sgs_1"), None, true));
        let device = Credential::new(Some("sgd_1"), Some("siguiente=sgs_2"), HERE);
        assert_eq!((device.token, device.device.as_deref(), device.on_purpose), (None, Some("sgd_1"), true));
    }

    #[test]
    fn secrets_are_not_shown() {
        let text = format!("{:?}", Credential::new(Some("sgs_secret"), None, HERE));
        assert!(!text.contains("secret") && text.contains("***"), "{text}");
    }
}
