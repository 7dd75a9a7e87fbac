//! Owns the payloads that clients send: reads them kindly (a number may come as text, a name as an id) and says exactly what is wrong with
//! the rest. Never changes anything.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::office::{DeskId, Key, Lang, Name, Office, Place, Rank, Service, Settings, TicketId};

/// Text or number: clients write desks and services either way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Label {
    Number(u64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Priority {
    Yes(bool),
    Named(Label),
}

/// `siguiente-ticket`
#[derive(Debug, Default, Deserialize)]
pub struct Take {
    pub servicio: Option<Label>,
    pub prioridad: Option<Priority>,
    pub clave: Option<String>,
    pub idioma: Option<String>,
    pub nombre: Option<String>,
}

/// What the desk's commands have in common.
#[derive(Debug, Default, Deserialize)]
pub struct AtDesk {
    pub escritorio: Option<Label>,
    pub ticket: Option<String>,
    pub clave: Option<String>,
    pub idioma: Option<String>,
    pub posicion: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    Inicio,
    Final,
    Llegada,
    Despues(u32),
}

/// `cola`
#[derive(Debug, Default, Deserialize)]
pub struct CatchUp {
    pub epoch: Option<String>,
    pub desde: Option<u64>,
}

/// The CONNECT payload, or the part of any other that says in which language to answer.
#[derive(Debug, Default, Deserialize)]
pub struct Greeting {
    pub idioma: Option<String>,
}

/// Reads an object; nothing and `null` are the empty one.
pub fn read<T: DeserializeOwned + Default>(raw: Option<&str>) -> Result<T, Failure> {
    match raw {
        None | Some("null") => Ok(T::default()),
        Some(raw) if !raw.starts_with('{') => Err(Failure::BadRequest("an object is expected".into())),
        Some(raw) => serde_json::from_str(raw).map_err(|error| Failure::BadRequest(reason(&error))),
    }
}

/// The error without its line and column: a payload is one line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

pub fn lang(text: &str) -> Option<Lang> {
    match text.get(..2)?.to_ascii_lowercase().as_str() {
        "es" => Some(Lang::Es),
        "en" => Some(Lang::En),
        _ => None,
    }
}

pub fn key(text: Option<String>) -> Result<Option<Key>, Failure> {
    text.map(|text| Key::try_from(text).map_err(|error| Failure::BadRequest(format!("clave: {error}")))).transpose()
}

/// The service meant: by slug, by prefix, or the first one.
pub fn service<'a>(settings: &'a Settings, label: Option<&Label>) -> Result<&'a Service, Failure> {
    let found = match label {
        None => settings.services.first(),
        Some(Label::Text(text)) => {
            settings.services.iter().find(|service| service.slug == *text || service.prefix.eq_ignore_ascii_case(text))
        }
        Some(Label::Number(_)) => None,
    };
    found.ok_or(Failure::UnknownService)
}

pub fn rank(settings: &Settings, priority: Option<&Priority>) -> Result<Rank, Failure> {
    let class = match priority {
        None | Some(Priority::Yes(false) | Priority::Named(Label::Number(0))) => return Ok(Rank::NORMAL),
        Some(Priority::Yes(true)) => settings.classes.iter().min_by_key(|class| class.rank),
        Some(Priority::Named(Label::Number(rank))) => settings.classes.iter().find(|class| u64::from(class.rank.0) == *rank),
        Some(Priority::Named(Label::Text(slug))) => settings.classes.iter().find(|class| class.slug == *slug),
    };
    class.map(|class| class.rank).ok_or(Failure::UnknownClass)
}

/// A desk's number: `2`, `"2"`, `"Escritorio 2"`, or its name.
pub fn desk(settings: &Settings, label: &Label) -> Result<DeskId, Failure> {
    let named = |text: &str, Name { es, en }: &Name| text.eq_ignore_ascii_case(es) || text.eq_ignore_ascii_case(en);
    let number = match label {
        Label::Number(number) => Some(*number),
        Label::Text(text) => match settings.desks.iter().find(|desk| named(text.trim(), &desk.name)) {
            Some(desk) => return Ok(desk.id),
            None => trailing_number(text),
        },
    };
    let id = number.and_then(|number| u32::try_from(number).ok()).map(DeskId);
    id.filter(|id| settings.desk(*id).is_some()).ok_or(Failure::UnknownDesk)
}

fn trailing_number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    text[text.len() - digits..].parse().ok()
}

/// A ticket of today, by id or by the code on the paper.
pub fn ticket(office: &Office, text: &str) -> Result<TicketId, Failure> {
    let by_id = text.parse().ok().filter(|id| office.ticket(*id).is_some());
    by_id.or_else(|| office.by_code(&text.to_ascii_uppercase()).map(|ticket| ticket.id)).ok_or(Failure::UnknownTicket)
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        match position {
            Position::Inicio => Self::First,
            Position::Final => Self::Last,
            Position::Llegada => Self::ByArrival,
            Position::Despues(k) => Self::After(k),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_null_are_the_empty_payload() {
        for raw in [None, Some("null"), Some("{}"), Some(r#"{"otra":1}"#)] {
            let take: Take = read(raw).unwrap();
            assert!(take.servicio.is_none() && take.clave.is_none());
        }
    }

    #[test]
    fn a_payload_of_the_wrong_shape_is_told_what_is_wrong() {
        for raw in ["7", "\"A\"", "[]", "true", r#"{"clave":7}"#, r#"{"posicion":"arriba"}"#, r#"{"ticket":{}}"#] {
            let error = read::<AtDesk>(Some(raw)).unwrap_err();
            assert!(matches!(&error, Failure::BadRequest(reason) if !reason.contains("line")), "{raw}: {error:?}");
        }
    }

    #[test]
    fn a_payload_nested_without_end_is_refused_and_not_followed() {
        let deep = format!(r#"{{"servicio":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(read::<Take>(Some(&deep)), Err(Failure::BadRequest(_))));
    }

    #[test]
    fn the_place_in_the_queue_is_read() {
        let place = |raw| read::<AtDesk>(Some(raw)).unwrap().posicion.map(Place::from);
        assert_eq!(place(r#"{"posicion":"inicio"}"#), Some(Place::First));
        assert_eq!(place(r#"{"posicion":"final"}"#), Some(Place::Last));
        assert_eq!(place(r#"{"posicion":"llegada"}"#), Some(Place::ByArrival));
        assert_eq!(place(r#"{"posicion":{"despues":3}}"#), Some(Place::After(3)));
        assert_eq!(place("{}"), None);
    }

    #[test]
    fn a_desk_is_understood_as_people_write_it() {
        assert_eq!(trailing_number("Escritorio 12"), Some(12));
        assert_eq!(trailing_number(" 3 "), Some(3));
        assert_eq!(trailing_number("Escritorio"), None);
        assert_eq!(trailing_number("ñ9"), Some(9));
    }
}
