//! Owns the payloads that clients send: reads them kindly (a number may come as text, a name as an id) and says exactly what is wrong with
//! the rest. Never changes anything.

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};

use super::failure::Failure;
use super::messages::{given, missing};
use crate::office::{
    Calendar, DeskId, Key, Lang, Millis, Name, Office, Place, Rank, Service, SessionId, Settings, Ticket, TicketId, Token, UserId,
};
use crate::wrong::{self, Wrong};

/// Text or number: clients write desks and services either way.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a string or a number")]
pub enum Label {
    Number(u64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "true, false, a string or a number")]
pub enum Priority {
    Yes(bool),
    Named(Label),
}

/// `siguiente-ticket`
#[derive(Debug, Default, Deserialize)]
pub struct Take {
    pub servicio: Option<Label>,
    pub prioridad: Option<Priority>,
    pub cita: Option<Label>,
    pub clave: Option<String>,
    pub idioma: Option<String>,
    pub nombre: Option<String>,
}

/// The desk's commands.
#[derive(Debug, Default, Deserialize)]
pub struct AtDesk {
    pub escritorio: Option<Label>,
    pub ticket: Option<String>,
    pub clave: Option<String>,
    pub idioma: Option<String>,
    pub posicion: Option<Position>,
    pub servicio: Option<Label>,
    pub a: Option<Label>,
    pub resultado: Option<String>,
    pub nota: Option<String>,
    pub motivo: Option<String>,
    pub sesion: Option<String>,
    pub usuario: Option<String>,
    pub tomar: Option<bool>,
}

/// What is done to a ticket wherever it is: by who shows its token, or by staff who name it.
#[derive(Debug, Default, Deserialize)]
pub struct About {
    pub ticket: Option<String>,
    pub token: Option<String>,
    pub posicion: Option<Position>,
    /// Nothing at all is not the same as `null`.
    #[serde(default, deserialize_with = "given")]
    pub nota: Option<Option<String>>,
    pub clave: Option<String>,
    pub idioma: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    Inicio,
    Final,
    Llegada,
    Despues(
        #[serde(deserialize_with = "number")]
        #[schemars(with = "u32")]
        u32,
    ),
}

/// `cola`
#[derive(Debug, Default, Deserialize)]
pub struct CatchUp {
    pub epoch: Option<String>,
    #[serde(default, deserialize_with = "optional_number")]
    pub desde: Option<u64>,
}

/// The CONNECT payload, or the part of any other that says in which language to answer.
#[derive(Debug, Default, Deserialize)]
pub struct Greeting {
    pub idioma: Option<String>,
}

/// `entrar-puesto`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entering {
    pub desk: DeskId,
    pub session: Option<SessionId>,
    pub agent: Option<UserId>,
}

/// Reads an object; nothing and `null` are the empty one.
pub fn read<T: DeserializeOwned + Default>(raw: Option<&str>) -> Result<T, Failure> {
    match raw {
        None | Some("null") => Ok(T::default()),
        Some(raw) => wrong::object(raw).map_err(|unread| Failure::BadRequest(unread.into())),
    }
}

pub fn lang(text: &str) -> Option<Lang> {
    match text.get(..2)?.to_ascii_lowercase().as_str() {
        "es" => Some(Lang::Es),
        "en" => Some(Lang::En),
        _ => None,
    }
}

pub fn key(text: Option<String>) -> Result<Option<Key>, Failure> {
    let wrong = || Wrong::wanted("clave", "un texto de 1 a 128 caracteres", "a string of 1 to 128 characters");
    text.map(|text| Key::try_from(text).map_err(|_| Failure::BadRequest(wrong()))).transpose()
}

/// `entrar-puesto`
pub fn entering(office: &Office, raw: Option<&str>) -> Result<Entering, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownDesk)?;
    let at: AtDesk = read(raw)?;
    let label = at.escritorio.ok_or_else(|| missing("escritorio"))?;
    Ok(Entering { desk: desk(settings, &label)?, session: session(at.sesion.as_deref())?, agent: user(at.usuario.as_deref())? })
}

/// What was kept of an earlier opening.
pub fn session(text: Option<&str>) -> Result<Option<SessionId>, Failure> {
    text.map(|text| text.parse().map_err(|_| no_id("sesion"))).transpose()
}

/// Something that is to name one thing does not.
pub fn no_id(place: &str) -> Failure {
    Failure::BadRequest(Wrong::wanted(place, "un identificador de 32 cifras hexadecimales", "an id of 32 hexadecimal digits"))
}

/// A business day is not there, or is none.
pub fn no_day(place: &str) -> Failure {
    Failure::BadRequest(Wrong::wanted(place, "una fecha, \"2026-11-21\"", "a date, \"2026-11-21\","))
}

/// What is no id names nobody.
pub fn user(text: Option<&str>) -> Result<Option<UserId>, Failure> {
    text.map(|text| text.parse().map_err(|_| Failure::UnknownUser)).transpose()
}

/// An appointment: milliseconds, or the time on the wall of the branch, on the business day of `now`. Whether it can be kept is decided elsewhere.
pub fn appointment(settings: &Settings, label: &Label, now: Millis) -> Result<Millis, Failure> {
    let bad = || Failure::BadRequest(Wrong::wanted("cita", "\"HH:MM\" o una hora en milisegundos", "\"HH:MM\" or a time in milliseconds"));
    let text = match label {
        Label::Number(at) => return i64::try_from(*at).map(Millis).map_err(|_| bad()),
        Label::Text(text) => text.trim(),
    };
    let Some((hour, minute)) = text.split_once(':') else { return text.parse().map(Millis).map_err(|_| bad()) };
    let two = |digits: &str, most: u16| {
        let few = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| few && *number <= most)
    };
    let (hour, minute): (u16, u16) = two(hour, 23).zip(two(minute, 59)).ok_or_else(bad)?;
    let (calendar, minute) = (settings.calendar(), hour * 60 + minute);
    let date = calendar.date(now);
    // The night that still belongs to the day has the next date.
    let date = if minute < calendar.cut_over { date.succ_opt().unwrap_or(date) } else { date };
    Ok(Calendar { cut_over: minute, ..calendar }.start(date))
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
        Some(Priority::Named(Label::Text(text))) if text == "0" => return Ok(Rank::NORMAL),
        Some(Priority::Named(Label::Text(text))) => {
            let by_rank = || settings.classes.iter().find(|class| text.parse() == Ok(class.rank.0));
            settings.classes.iter().find(|class| class.slug == *text).or_else(by_rank)
        }
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

/// The ticket of today whose token a payload shows.
pub fn by_token<'a>(office: &'a Office, raw: Option<&str>) -> Result<&'a Ticket, Failure> {
    let about: About = read(raw)?;
    shown(office, &about.token.ok_or_else(|| missing("token"))?)
}

/// The ticket of today that this token proves to be somebody's own.
pub fn shown<'a>(office: &'a Office, token: &str) -> Result<&'a Ticket, Failure> {
    // What is no token at all is looked for like one that nobody has.
    let known = token.parse();
    let found = office.by_token(known.unwrap_or(Token(0)));
    found.filter(|_| known.is_ok()).ok_or(Failure::UnknownTicket)
}

fn number<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<T, D::Error> {
    let number = match Label::deserialize(deserializer)? {
        Label::Number(number) => Some(number),
        Label::Text(text) => text.trim().parse().ok(),
    };
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("no such number"), &"u64"))
}

fn optional_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    struct Number(#[serde(deserialize_with = "number")] u64);
    Ok(Option::<Number>::deserialize(deserializer)?.map(|Number(number)| number))
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
    use crate::office::arbitrary::{MINUTE, MORNING, sample};

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
            let told = error.message(Lang::En);
            let key = raw.split('"').nth(1).filter(|_| raw.starts_with('{')).unwrap_or("an object");
            assert!(error.code() == "bad_request" && told.contains(key), "{raw}: {told}");
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
        assert_eq!(place(r#"{"posicion":{"despues":"4"}}"#), Some(Place::After(4)));
        assert_eq!(place("{}"), None);
    }

    #[test]
    fn a_desk_is_understood_as_people_write_it() {
        assert_eq!(trailing_number("Escritorio 12"), Some(12));
        assert_eq!(trailing_number(" 3 "), Some(3));
        assert_eq!(trailing_number("Escritorio"), None);
        assert_eq!(trailing_number("ñ9"), Some(9));
    }

    #[test]
    fn numbers_come_as_texts_too() {
        assert_eq!(read::<CatchUp>(Some(r#"{"desde":"17"}"#)).unwrap().desde, Some(17));
        assert_eq!(read::<CatchUp>(Some(r#"{"desde":null}"#)).unwrap().desde, None);
        for raw in [r#"{"desde":"x"}"#, r#"{"desde":-1}"#, r#"{"desde":[]}"#] {
            assert!(matches!(read::<CatchUp>(Some(raw)), Err(Failure::BadRequest(_))), "{raw}");
        }
        assert!(read::<AtDesk>(Some(r#"{"posicion":{"despues":4294967296}}"#)).is_err());
        let settings = sample();
        let rank = |raw| rank(&settings, serde_json::from_str::<Option<Priority>>(raw).unwrap().as_ref());
        for (raw, expected) in [("null", 0), ("false", 0), ("0", 0), ("\"0\"", 0), ("true", 1), ("1", 1), ("\"1\"", 1), ("\"class-1\"", 1)]
        {
            assert_eq!(rank(raw), Ok(Rank(expected)), "{raw}");
        }
        assert_eq!(rank("\"9\""), Err(Failure::UnknownClass));
    }

    #[test]
    fn an_appointment_is_a_time_or_what_the_clock_on_the_wall_shows() {
        // In Madrid the day turns at 04:00; the winter is an hour ahead of UTC.
        let settings = sample();
        let at = |label: &str| appointment(&settings, &Label::Text(label.into()), MORNING);
        assert_eq!(at("17:30"), Ok(Millis(MORNING.0 + 510 * MINUTE)));
        assert_eq!(at("9:05"), Ok(Millis(MORNING.0 + 5 * MINUTE)));
        assert_eq!(at("01:00"), Ok(Millis(MORNING.0 + 16 * 60 * MINUTE)), "the night belongs to the day");
        assert_eq!(at("1795161600000"), Ok(MORNING));
        assert_eq!(appointment(&settings, &Label::Number(5), MORNING), Ok(Millis(5)));
        for text in ["", "24:00", "9:60", "a:b", "-1:00", "009:00", "9:", "17.30"] {
            assert!(matches!(at(text), Err(Failure::BadRequest(_))), "{text}");
        }
        assert_eq!(appointment(&settings, &Label::Number(u64::MAX), MORNING).unwrap_err().code(), "bad_request");
    }
}
