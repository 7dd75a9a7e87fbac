//! Owns what people write to each other: the payloads they send, the checks of their texts, and the JSON of people, notes, messages and the
//! ticker. Sends nothing itself.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::failure::Failure;
use super::payload;
use super::view;
use crate::access::{self, BadAccount, MOST_ACCOUNT};
use crate::office::people::{BadText, MESSAGE_LENGTH, NAME_LENGTH, SUBJECT_LENGTH, TICKER_LENGTH, line, prose};
use crate::office::{Millis, Note, Role, Ticker, User};
use crate::wrong::Wrong;

/// Rooms that are joined by what a socket is, never by name.
const RESERVED: &[&str] = &["sucursal:", "pantalla:", "personal:", "puesto:", "ticket:", "sesion:", "usuario:", "persona:", "gente:"];

/// `entrar-cliente`
#[derive(Debug, Default, Deserialize)]
pub struct Enter {
    pub nombre: Option<String>,
    pub sala: Option<String>,
    pub usuario: Option<String>,
}

/// `enviar-mensaje`
#[derive(Debug, Default, Deserialize)]
pub struct Say {
    pub mensaje: Option<String>,
    pub sala: Option<String>,
    pub para: Option<String>,
}

/// `correo-leido`
#[derive(Debug, Default, Deserialize)]
pub struct Read {
    pub id: Option<String>,
}

/// `poner-aviso`: nothing at all is not the same as `null`.
#[derive(Debug, Default, Deserialize)]
struct Announce {
    #[serde(default, deserialize_with = "given")]
    mensaje: Option<Option<String>>,
}

/// `POST` of a note.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    #[schemars(length(min = 1, max = 100))]
    pub from: String,
    #[schemars(length(min = 1, max = 200))]
    pub asunto: Option<String>,
    #[schemars(length(min = 1, max = 2000))]
    pub mensaje: String,
}

/// `POST` of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    #[schemars(length(min = 1, max = 2000))]
    pub mensaje: String,
    #[schemars(length(min = 1, max = 100))]
    pub sala: Option<String>,
    pub para: Option<String>,
    /// The id of a user, or any name.
    pub de: Option<String>,
}

/// `PUT` of the ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TickerBody {
    #[schemars(length(min = 1, max = 300))]
    pub mensaje: String,
}

/// A role as the wire has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Role")]
pub enum RoleWord {
    Admin,
    Supervisor,
    Agente,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Admin => Self::Admin,
            RoleWord::Supervisor => Self::Supervisor,
            RoleWord::Agente => Self::Agent,
        }
    }
}

impl From<Role> for RoleWord {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Supervisor => Self::Supervisor,
            Role::Agent => Self::Agente,
        }
    }
}

pub(super) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

pub fn name(field: &str, text: Option<&str>) -> Result<String, Failure> {
    let text = text.ok_or_else(|| missing(field))?;
    line(text, NAME_LENGTH).map_err(|bad| bad_text(field, bad))
}

/// A room's name as people may give it.
pub fn room(text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let name = name("sala", Some(text))?;
    let lower = name.to_lowercase();
    if RESERVED.iter().any(|prefix| lower.starts_with(prefix)) { Err(Failure::ReservedRoom) } else { Ok(Some(name)) }
}

pub fn message(text: Option<String>) -> Result<String, Failure> {
    let text = text.ok_or_else(|| missing("mensaje"))?;
    prose(text, MESSAGE_LENGTH).map_err(|bad| bad_text("mensaje", bad))
}

pub fn subject(text: Option<&str>) -> Result<Option<String>, Failure> {
    text.map(|text| line(text, SUBJECT_LENGTH).map_err(|bad| bad_text("asunto", bad))).transpose()
}

pub fn ticker(text: &str) -> Result<String, Failure> {
    line(text, TICKER_LENGTH).map_err(|bad| bad_text("mensaje", bad))
}

/// The text that `poner-aviso` puts up; `None` takes down what is there.
pub fn announcement(raw: Option<&str>) -> Result<Option<String>, Failure> {
    if raw == Some("null") {
        return Ok(None);
    }
    let Announce { mensaje } = payload::read(raw)?;
    mensaje.ok_or_else(|| missing("mensaje"))?.as_deref().map(ticker).transpose()
}

pub fn missing(field: &str) -> Failure {
    Failure::BadRequest(Wrong::missing(field))
}

/// One of two is needed.
pub fn missing_both(one: &str, other: &str) -> Failure {
    Failure::BadRequest(Wrong::new(format!("falta {one} o {other}"), format!("{one} or {other} is missing")))
}

/// A name to sign in with, in its normal form.
pub fn account(field: &str, text: &str) -> Result<String, Failure> {
    access::account(text).map_err(|bad| {
        let es = match bad {
            BadAccount::Empty => "está vacío".to_owned(),
            BadAccount::TooLong => format!("pasa de {MOST_ACCOUNT} caracteres"),
            BadAccount::Character => "admite solo letras, cifras y . _ - @".to_owned(),
        };
        Failure::BadRequest(Wrong::at(field, es, format!("it {bad}")))
    })
}

fn bad_text(field: &str, bad: BadText) -> Failure {
    let es = match bad {
        BadText::Empty => "está vacío".to_owned(),
        BadText::TooLong(most) => format!("pasa de {most} caracteres"),
        BadText::Control => "tiene un carácter de control".to_owned(),
    };
    Failure::BadRequest(Wrong::at(field, es, format!("it {bad}")))
}

/// The payload of `enviar-mensaje` to those who get it.
#[derive(Serialize)]
pub struct MessageView<'a> {
    pub id: &'a str,
    /// Socket or user that wrote it.
    pub de: Option<&'a str>,
    pub nombre: &'a str,
    pub mensaje: &'a str,
    pub fecha: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sala: Option<&'a str>,
    pub privado: bool,
}

/// The payload of `nuevo-usuario`.
#[derive(Serialize)]
struct NewUser<'a> {
    id: String,
    nombre: &'a str,
    rol: RoleWord,
}

pub fn new_user_json(user: &User) -> String {
    view::json(&NewUser { id: user.id.to_string(), nombre: &user.name, rol: user.role().into() })
}

/// The payload of `nuevo-correo`, and a note over REST.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Note")]
pub struct NoteView<'a> {
    from: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    asunto: Option<&'a str>,
    mensaje: &'a str,
    id: String,
    fecha: Millis,
}

pub fn note_json(note: &Note) -> String {
    let Note { id, from, subject, text, sent_at, .. } = note;
    view::json(&NoteView { from, asunto: subject.as_deref(), mensaje: text, id: id.to_string(), fecha: *sent_at })
}

/// `{mensaje, fecha}`
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Ticker")]
pub struct TickerView<'a> {
    mensaje: Option<&'a str>,
    fecha: Millis,
}

impl<'a> From<&'a Ticker> for TickerView<'a> {
    fn from(Ticker { text, at }: &'a Ticker) -> Self {
        Self { mensaje: Some(text), fecha: *at }
    }
}

/// The payload of `aviso`, and the ticker over REST.
pub fn ticker_json(ticker: Option<&Ticker>, now: Millis) -> String {
    view::json(&ticker.map_or(TickerView { mensaje: None, fecha: now }, TickerView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_room_has_any_name_but_a_reserved_one() {
        for name in ["patio", "Sala 2", "pantalla", "usuarios:1", "sala:x", "__proto__", "قاعة"] {
            assert_eq!(room(Some(&format!(" {name} "))), Ok(Some(name.to_owned())));
        }
        for name in ["pantalla:1", " personal:1", "PUESTO:1", "ticket:", "usuario:00000000000000000000000000000001", "persona:Ana"] {
            assert_eq!(room(Some(name)), Err(Failure::ReservedRoom), "{name}");
        }
        assert!(matches!(room(Some(" ")), Err(Failure::BadRequest(_))));
        assert_eq!(room(None), Ok(None));
    }

    #[test]
    fn nothing_takes_the_ticker_down_by_accident() {
        for raw in [Some("null"), Some(r#"{"mensaje":null}"#)] {
            assert_eq!(announcement(raw), Ok(None), "{raw:?}");
        }
        for raw in [None, Some("{}"), Some(r#"{"mensaje":""}"#), Some(r#"{"mensaje":7}"#), Some(r#"{"mensaje":"a\nb"}"#), Some("[]")] {
            assert!(matches!(announcement(raw), Err(Failure::BadRequest(_))), "{raw:?}");
        }
        assert_eq!(announcement(Some(r#"{"mensaje":" Hola "}"#)), Ok(Some("Hola".into())));
    }
}
