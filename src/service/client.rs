//! Owns what is known of a connected client, and what it asks for when it connects: a branch and a language.

use std::collections::VecDeque;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::Value;

use super::commands::Asker;
use super::doors::Entrance;
use super::payload::{self, Greeting};
use super::rooms::{self, Rooms};
use super::view::View;
use crate::access::Credential;
use crate::office::{BranchId, Channel, DeskId, Holder, Lang, Millis, SessionId, TicketId, Token, UserId};
use crate::realtime::{Handshake, Whence};

pub struct Client {
    pub branch: BranchId,
    /// As whom it came in.
    pub entrance: Entrance,
    /// Where it came from.
    pub address: IpAddr,
    pub lang: Lang,
    /// The desk that it has entered.
    pub desk: Option<DeskId>,
    /// What it sees of the board.
    pub view: Option<View>,
    /// As whom it acts at desks.
    pub session: Option<SessionId>,
    /// Who sits there.
    pub agent: Option<UserId>,
    /// Hears of the people of the branch.
    pub among: bool,
    /// The tickets that it follows, the first one first.
    pub follows: VecDeque<TicketId>,
}

/// How somebody names a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchLabel {
    Number(u32),
    /// A number as text, or a name.
    Text(String),
    /// Neither: names nothing.
    Nonsense,
}

impl Client {
    /// What a socket is by its rooms: those of a recovered one say what it was.
    pub fn in_rooms<'a>(
        branch: BranchId,
        lang: Lang,
        (entrance, address): (Entrance, IpAddr),
        joined: impl Iterator<Item = &'a str>,
    ) -> Self {
        let rooms = Rooms::of(branch);
        let mut client = Self {
            branch,
            entrance,
            address,
            lang,
            desk: None,
            view: None,
            session: None,
            agent: None,
            among: false,
            follows: VecDeque::new(),
        };
        for room in joined {
            if room == rooms.staff {
                client.see(View::Staff);
            } else if room == rooms.display {
                client.see(View::Public);
            } else if room == rooms.people {
                client.among = true;
            } else if let Some(desk) = rooms.desk_of(room) {
                client.desk = Some(desk);
            } else if let Some(session) = rooms::session_of(room) {
                client.session = Some(session);
            } else if let Some(ticket) = rooms::ticket_of(room) {
                client.follows.push_back(ticket);
            }
        }
        client
    }

    pub fn asker(&self, now: Millis) -> Asker {
        let holder = self.session.map_or(Holder::Nobody, Holder::Session);
        let staff = self.desk.is_some();
        Asker { now, lang: self.lang, desk: self.desk, staff, holder, agent: self.agent, channel: Channel::Live }
    }

    /// A socket that is both display and desk has staff eyes.
    pub fn see(&mut self, view: View) {
        if self.view != Some(View::Staff) {
            self.view = Some(view);
        }
    }
}

/// What is shown of who it is: `token` of the CONNECT payload, else the cookies of the HTTP request.
pub fn credential(handshake: &Handshake) -> Credential {
    #[derive(Default, Deserialize)]
    struct Shown {
        #[serde(default)]
        token: Value,
    }
    let payload = handshake.auth.as_deref().and_then(|raw| payload::read::<Shown>(Some(raw)).ok()).unwrap_or_default();
    let opening = &handshake.opening;
    let Whence { address, is_relayed } = opening.whence;
    // What is no text was shown on purpose, too, and is nobody's token.
    let token = match payload.token {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    Credential::new(token.as_deref(), opening.cookie.as_deref(), address).relayed(is_relayed)
}

/// `sucursal` of the CONNECT payload, else of the query; `None` when neither names one.
pub fn branch(handshake: &Handshake) -> Option<BranchLabel> {
    #[derive(Default, Deserialize)]
    struct Where {
        #[serde(default)]
        sucursal: Value,
    }
    let payload = handshake.auth.as_deref().and_then(|raw| payload::read::<Where>(Some(raw)).ok()).unwrap_or_default();
    match payload.sucursal {
        Value::Null => asked(&handshake.opening.query, "sucursal").map(BranchLabel::Text),
        Value::String(text) => Some(BranchLabel::Text(text)),
        Value::Number(number) => {
            let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
            Some(number.map_or(BranchLabel::Nonsense, BranchLabel::Number))
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Some(BranchLabel::Nonsense),
    }
}

/// `ticket` of the CONNECT payload: the token of a visitor who knows no branch.
pub fn ticket(handshake: &Handshake) -> Option<Token> {
    #[derive(Default, Deserialize)]
    struct Shown {
        ticket: Option<String>,
    }
    payload::read::<Shown>(handshake.auth.as_deref()).ok()?.ticket?.parse().ok()
}

/// `idioma` of the CONNECT payload, else of the query.
pub fn lang(handshake: &Handshake) -> Option<Lang> {
    let payload = handshake.auth.as_deref().and_then(|raw| payload::read::<Greeting>(Some(raw)).ok());
    let text = payload.and_then(|greeting| greeting.idioma).or_else(|| asked(&handshake.opening.query, "idioma"));
    payload::lang(text?.as_str())
}

/// What the address's query says of this.
fn asked(query: &str, key: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::{Namespace, Opening, Recovered, SocketId, SocketKey};

    fn handshake(auth: Option<&str>, query: &str) -> Handshake {
        let whence = Whence { address: [127, 0, 0, 1].into(), is_relayed: false };
        Handshake {
            socket: SocketKey(1),
            id: SocketId::draw(),
            namespace: Namespace::default(),
            auth: auth.map(str::to_owned),
            opening: Opening { query: query.into(), cookie: None, user_agent: None, whence }.into(),
            recovered: Recovered::No,
        }
    }

    #[test]
    fn the_payload_names_the_branch_before_the_query_does() {
        let text = |text: &str| Some(BranchLabel::Text(text.into()));
        for (auth, query, expected) in [
            (None, "EIO=4", None),
            (Some("[]"), "", None),
            (Some(r#"{"sucursal":null}"#), "EIO=4&sucursal=2", text("2")),
            (Some(r#"{"sucursal":3}"#), "sucursal=2", Some(BranchLabel::Number(3))),
            (Some(r#"{"sucursal":"Puerto"}"#), "sucursal=2", text("Puerto")),
            (Some(r#"{"sucursal":-1}"#), "", Some(BranchLabel::Nonsense)),
            (Some(r#"{"sucursal":{}}"#), "sucursal=2", Some(BranchLabel::Nonsense)),
            (None, "sucursal=M%C3%A1laga+Centro", text("Málaga Centro")),
        ] {
            assert_eq!(branch(&handshake(auth, query)), expected, "{auth:?} {query}");
        }
    }

    #[test]
    fn a_token_that_is_no_text_is_a_wrong_one() {
        for (auth, token) in [
            (None, None),
            (Some("{}"), None),
            (Some(r#"{"token":null}"#), None),
            (Some(r#"{"token":"sgs_1"}"#), Some("sgs_1")),
            (Some(r#"{"token":""}"#), Some("")),
            (Some(r#"{"token":7}"#), Some("7")),
            (Some(r#"{"token":["sgs_1"]}"#), Some(r#"["sgs_1"]"#)),
        ] {
            let shown = credential(&handshake(auth, ""));
            assert_eq!((shown.token.as_deref(), shown.on_purpose), (token, token.is_some()), "{auth:?}");
        }
    }

    #[test]
    fn the_language_is_asked_for_likewise() {
        assert_eq!(lang(&handshake(Some(r#"{"idioma":"en-GB"}"#), "idioma=es")), Some(Lang::En));
        assert_eq!(lang(&handshake(Some(r#"{"idioma":7}"#), "a=b&idioma=es-ES")), Some(Lang::Es));
        assert_eq!(lang(&handshake(None, "idioma=fr")), None);
    }
}
