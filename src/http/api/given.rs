//! Owns what is read out of a request before anything is asked: places in the path, the query, the body, what the headers want. Refuses what
//! the table does not know.

use std::collections::HashMap;

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::body;
use super::problem::{self, Problem};
use super::table::{Body, Field, Kind, Param, Route, Verb};
use crate::service::{Failure, Lang};
use crate::wrong::Wrong;

/// Characters of an `Idempotency-Key`.
const LONGEST_KEY: usize = 128;

/// A request, read.
pub struct Given {
    places: HashMap<&'static str, String>,
    query: HashMap<&'static str, String>,
    /// JSON, or nothing where the route takes none.
    pub body: String,
    pub if_match: Option<String>,
    /// `Idempotency-Key`
    pub key: Option<String>,
    /// CSV is wanted, and JSON is not.
    pub csv: bool,
    pub lang: Lang,
    /// What the browser or program calls itself.
    pub agent: String,
}

impl Given {
    pub async fn read(route: &Route, request: &HttpRequest, payload: web::Payload) -> Result<Self, Problem> {
        let values: Vec<String> = request.match_info().load().map_err(|_| Problem::NoSuchPath)?;
        let places = route.places().zip(values).collect();
        let query = query(request.query_string(), route.query)?;
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let key = key(request.headers())?;
        // Passed over it would look as if it had been heeded.
        if route.verb != Verb::Get && !route.tagged && request.headers().contains_key(header::IF_MATCH) {
            return Err(Problem::NotCompared);
        }
        let body = match route.body {
            Body::None => String::new(),
            Body::Json(..) => {
                let sent = body::read(request, payload, route.most_bytes()).await?;
                // A list would do for the fields in their order.
                body::check_object(&sent)?;
                sent
            }
            Body::Fields(fields) => {
                let sent = body::read_or_nothing(request, payload, route.most_bytes()).await?;
                command(&sent, fields, &places, key.as_deref().filter(|_| route.keeps_keys()))?
            }
        };
        let csv = text(header::ACCEPT).is_some_and(|accept| accept.trim().to_ascii_lowercase().starts_with("text/csv"));
        let agent = text(header::USER_AGENT).unwrap_or_default();
        Ok(Self { places, query, body, if_match: text(header::IF_MATCH), key, csv, lang: problem::language(request), agent })
    }

    /// What stands in this place of the path.
    pub fn place(&self, name: &str) -> String {
        self.places.get(name).cloned().unwrap_or_default()
    }

    /// The branch that is meant, by its place in the path or by the query.
    pub fn branch(&self) -> Option<String> {
        self.places.get("branch").or_else(|| self.query.get("sucursal")).cloned()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        self.query.get(name).cloned()
    }

    /// A number of the query; the table has seen to it that it is one.
    pub fn number(&self, name: &str, default: usize) -> usize {
        self.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }

    /// The body's token.
    pub fn token(&self) -> Result<String, Problem> {
        let body: Map<String, Value> = self.body()?;
        match body.get("token") {
            Some(Value::String(token)) => Ok(token.clone()),
            _ => Err(Problem::BadField(Wrong::missing("token"))),
        }
    }

    /// The query as an event's payload.
    pub fn query_payload(&self) -> String {
        let fields = self.query.iter().filter(|(name, _)| **name != "sucursal");
        Value::Object(fields.map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect()).to_string()
    }
}

fn query(text: &str, known: &'static [Param]) -> Result<HashMap<&'static str, String>, Problem> {
    let mut query = HashMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let param = known.iter().find(|param| param.name == name);
        let param = param.ok_or_else(|| Problem::BadQuery(unknown(&name, known.iter().map(|param| param.name))))?;
        if !param.kind.takes(&value) {
            let (es, en) = param.kind.wants();
            return Err(Problem::BadQuery(Wrong::wanted(param.name, &es, &en)));
        }
        if query.insert(param.name, value.into_owned()).is_some() {
            return Err(Problem::BadQuery(Wrong::at(param.name, "aparece dos veces", "it is there twice")));
        }
    }
    Ok(query)
}

impl Kind {
    fn takes(self, value: &str) -> bool {
        match self {
            Self::Text => !value.is_empty(),
            Self::Number(most) => value.parse::<usize>().is_ok_and(|number| (1..=most).contains(&number)),
            Self::Day => is_day(value),
            Self::Word(words) => words.contains(&value),
        }
    }

    /// As a noun, in both languages.
    fn wants(self) -> (String, String) {
        match self {
            Self::Text => ("un texto".into(), "a text".into()),
            Self::Number(most) => (format!("un número de 1 a {most}"), format!("a number from 1 to {most}")),
            Self::Day => ("una fecha, 2026-11-21".into(), "a date, 2026-11-21,".into()),
            Self::Word(words) => {
                let words = words.join(", ");
                (format!("una de estas palabras ({words})"), format!("one of these words ({words})"))
            }
        }
    }
}

/// A key that the table does not know.
fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Wrong {
    let known = known.collect::<Vec<_>>().join(", ");
    match known.as_str() {
        "" => Wrong::at(name, "aquí no se toma nada", "nothing is taken here"),
        _ => Wrong::at(name, format!("no existe; existen {known}"), format!("there is no such key; there are {known}")),
    }
}

/// Four, two and two digits. Whether there is such a day is known elsewhere.
fn is_day(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let fits = |key: &&str| (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    match value.to_str().ok().filter(fits) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::BadQuery(Wrong::wanted(
            "Idempotency-Key",
            &format!("de 1 a {LONGEST_KEY} caracteres ASCII sin espacios"),
            &format!("1 to {LONGEST_KEY} ASCII characters without spaces"),
        ))),
    }
}

/// The event's payload: the body's fields, what the path names, the key.
fn command(body: &str, fields: &[Field], places: &HashMap<&str, String>, key: Option<&str>) -> Result<String, Problem> {
    let mut payload: Map<String, Value> = body::parse(body)?;
    if let Some(name) = payload.keys().find(|name| !fields.iter().any(|field| field.name == **name)) {
        return Err(Problem::BadField(unknown(name, fields.iter().map(|field| field.name))));
    }
    if let Some(field) = fields.iter().find(|field| field.needed && !payload.contains_key(field.name)) {
        return Err(Problem::BadField(Wrong::missing(field.name)));
    }
    if let Some(ticket) = places.get("ticket") {
        payload.insert("ticket".into(), ticket.as_str().into());
    }
    if let Some(desk) = places.get("desk") {
        let number: u32 = desk.parse().map_err(|_| Problem::Failure(Failure::UnknownDesk))?;
        payload.insert("escritorio".into(), number.into());
    }
    if let Some(key) = key {
        match payload.insert("clave".into(), key.into()) {
            None | Some(Value::Null) => {}
            Some(Value::String(same)) if same == key => {}
            Some(_) => {
                return Err(Problem::BadField(Wrong::at("clave", "no es la de Idempotency-Key", "it is not the one of Idempotency-Key")));
            }
        }
    }
    Ok(Value::Object(payload).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::shapes::fields;

    const FIELDS: &[Field] =
        &[Field { name: "nota", shape: fields::text, needed: true }, Field { name: "clave", shape: fields::key, needed: false }];

    #[test]
    fn a_command_is_body_path_and_key() {
        let places = HashMap::from([("desk", "2".to_owned()), ("ticket", "A-001".to_owned())]);
        let payload: Value = serde_json::from_str(&command(r#"{"nota":null}"#, FIELDS, &places, Some("k")).unwrap()).unwrap();
        assert_eq!(payload, serde_json::json!({"nota": null, "ticket": "A-001", "escritorio": 2, "clave": "k"}));
        for body in [r#"{"nota":"x","ticket":"B-002"}"#, "{}", "[]", r#"{"nota":"x","clave":"other"}"#, r#"{"nota":"x","clave":{}}"#] {
            assert!(matches!(command(body, FIELDS, &places, Some("k")), Err(Problem::BadField(_))), "{body}");
        }
        for body in [r#"{"nota":"x","clave":"k"}"#, r#"{"nota":"x","clave":null}"#] {
            assert!(command(body, FIELDS, &places, Some("k")).is_ok(), "{body}");
        }
        let nowhere = HashMap::from([("desk", "Escritorio 2".to_owned())]);
        assert_eq!(command(r#"{"nota":"x"}"#, FIELDS, &nowhere, None), Err(Problem::Failure(Failure::UnknownDesk)));
    }

    #[test]
    fn a_query_has_known_keys_with_values_that_fit() {
        const KNOWN: &[Param] = &[
            Param { name: "limite", kind: Kind::Number(500), about: "" },
            Param { name: "jornada", kind: Kind::Day, about: "" },
            Param { name: "por", kind: Kind::Word(&["hora"]), about: "" },
        ];
        assert_eq!(query("limite=7&jornada=2026-11-21&por=hora", KNOWN).unwrap().len(), 3);
        for text in ["limite=0", "limite=501", "limite=x", "limite=1&limite=2", "otra=1", "jornada=1-1-2026", "por=x", "por="] {
            assert!(matches!(query(text, KNOWN), Err(Problem::BadQuery(_))), "{text}");
        }
    }
}
