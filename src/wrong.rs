//! Owns what is told of JSON that is not what was asked for: where it is wrong and what is expected there, in the languages of the screens.
//! May import the language alone. Lets no name of a type and no sentence of a library through, and repeats no value.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::office::{BadSettings, Lang};

/// Characters that a place and a list of words may have; keys come from outside.
const MOST_SHOWN: usize = 300;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Path of the key, `services[0].prefix`; empty for the whole.
    place: String,
    es: String,
    en: String,
}

/// Why there is nothing to work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// No JSON, or one that is nested too deep.
    NotJson(Wrong),
    /// JSON of another shape.
    Misshapen(Wrong),
}

impl Wrong {
    /// Of the whole, or of several keys at once.
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self::at("", es, en)
    }

    pub fn at(place: impl Into<String>, es: impl Into<String>, en: impl Into<String>) -> Self {
        Self { place: cut(place.into()), es: es.into(), en: en.into() }
    }

    pub fn missing(place: impl Into<String>) -> Self {
        Self::at(place, "falta", "missing")
    }

    /// Something else is expected, as a noun.
    pub fn wanted(place: impl Into<String>, es: &str, en: &str) -> Self {
        Self::at(place, format!("se espera {es}"), format!("{en} is expected"))
    }

    /// The same, seen from what it lies in.
    pub fn within(self, outer: &str) -> Self {
        let place = join(outer, &self.place);
        Self { place, ..self }
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    /// The line of the JSON in which the place begins, from 1; of what is not there, where it could be.
    pub fn line_in(&self, json: &str) -> usize {
        let mut here = json.trim_start();
        let mut rest = self.place.as_str();
        while !rest.is_empty() {
            let Some((inner, behind)) = step(here, rest) else { break };
            (here, rest) = (inner, behind.strip_prefix('.').unwrap_or(behind));
        }
        // `here` is a part of the text.
        let offset = (here.as_ptr() as usize).saturating_sub(json.as_ptr() as usize);
        1 + json.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    pub fn told(&self, lang: Lang) -> String {
        let text = match lang {
            Lang::Es => &self.es,
            Lang::En => &self.en,
        };
        if self.place.is_empty() { text.clone() } else { format!("{}: {text}", self.place) }
    }

    /// What serde says of this place. The forms of its sentences are fixed by `serde::de::Error`; what has another form is told in general.
    fn of(place: &str, text: &str) -> Self {
        if let Some(name) = quoted(text, "missing field `") {
            return Self::missing(join(place, name));
        }
        if let Some(name) = quoted(text, "duplicate field `") {
            return Self::at(join(place, name), "aparece dos veces", "it is there twice");
        }
        if let Some(name) = quoted(text, "unknown field `") {
            // The path ends with the key itself where that was read as one.
            let outer = place.strip_suffix(name).filter(|outer| outer.is_empty() || outer.ends_with('.'));
            let known = words(text);
            return Self::at(
                join(outer.unwrap_or(place).trim_end_matches('.'), name),
                format!("no existe; existen {known}"),
                format!("there is no such key; there are {known}"),
            );
        }
        if text.starts_with("unknown variant `") {
            let known = words(text);
            return Self::at(
                place,
                format!("se espera una de estas palabras: {known}"),
                format!("one of these words is expected: {known}"),
            );
        }
        let expected =
            text.strip_prefix("invalid ").and_then(|text| text.rsplit_once(", expected ")).map_or(text, |(_, expected)| expected);
        let (es, en) = noun(expected);
        Self::wanted(place, &es, &en)
    }
}

impl From<BadSettings> for Wrong {
    fn from(BadSettings { place, problem }: BadSettings) -> Self {
        Self::at(place, problem.es, problem.en)
    }
}

impl From<Unread> for Wrong {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NotJson(wrong) | Unread::Misshapen(wrong) => wrong,
        }
    }
}

/// Reads an object.
pub fn object<T: DeserializeOwned>(json: &str) -> Result<T, Unread> {
    let parsed = serde_json::from_str(json);
    // An array would do for the fields in their order; nobody means it so.
    let is_object = json.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    match parsed {
        Ok(read) if is_object => Ok(read),
        Ok(_) => Err(Unread::Misshapen(Wrong::wanted("", "un objeto", "an object"))),
        Err(error) => Err(unread::<T>(json, is_object, &error)),
    }
}

/// Reads what was read already, as something more special.
pub fn value<T: DeserializeOwned>(value: &Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        Wrong::of(if place == "." { "" } else { &place }, &error.inner().to_string())
    })
}

/// Reads it once more, slowly, to learn where it is wrong.
fn unread<T: DeserializeOwned>(json: &str, is_object: bool, first: &serde_json::Error) -> Unread {
    let whole = match serde_json::from_str::<Value>(json) {
        Ok(_) if !is_object => return Unread::Misshapen(Wrong::wanted("", "un objeto", "an object")),
        Ok(whole) => whole,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            return Unread::NotJson(Wrong::new(
                format!("no es JSON, o va demasiado hondo (línea {line}, columna {column})"),
                format!("it is no JSON, or lies too deep (line {line}, column {column})"),
            ));
        }
    };
    // A key that is there twice is there once by now: that was told with line and column.
    let first = || first.to_string().rsplit_once(" at line ").map_or_else(|| Wrong::of("", ""), |(text, _)| Wrong::of("", text));
    Unread::Misshapen(value::<T>(&whole).err().unwrap_or_else(first))
}

/// The value to which the path leads first, and the rest of the path.
fn step<'j, 'p>(json: &'j str, path: &'p str) -> Option<(&'j str, &'p str)> {
    if let Some((index, behind)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        let list: Vec<&'j RawValue> = serde_json::from_str(json).ok()?;
        return Some((list.get(index.parse::<usize>().ok()?)?.get(), behind));
    }
    let map: BTreeMap<String, &'j RawValue> = serde_json::from_str(json).ok()?;
    let behind = |key: &str| path.strip_prefix(key).filter(|behind| behind.is_empty() || behind.starts_with(['.', '[']));
    // A key may hold what parts keys.
    let (key, value) = map.iter().filter(|(key, _)| behind(key).is_some()).max_by_key(|(key, _)| key.len())?;
    Some((value.get(), behind(key)?))
}

/// What stands in backquotes behind these words, up to where serde goes on.
fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(before)?;
    let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no")).or_else(|| rest.rfind('`'))?;
    Some(&rest[..end])
}

/// The words that would do, of `expected one of …`.
fn words(text: &str) -> String {
    let known = text.rsplit_once("`, expected ").map_or("", |(_, known)| known);
    let words: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    words.join(", ")
}

/// What is expected, in both languages; what no phrase is known for is another value.
fn noun(phrase: &str) -> (String, String) {
    let (es, en) = match phrase {
        "a string" | "a borrowed string" => ("un texto", "a string"),
        "a boolean" => ("true o false", "true or false"),
        "u8" => ("un número entero de 0 a 255", "a whole number from 0 to 255"),
        "u16" => ("un número entero de 0 a 65535", "a whole number from 0 to 65535"),
        "u32" => ("un número entero de 0 a 4294967295", "a whole number from 0 to 4294967295"),
        "u64" | "usize" => ("un número entero, 0 o más", "a whole number, 0 or more"),
        "i64" => ("un número entero", "a whole number"),
        "a sequence" => ("una lista", "a list"),
        "fewer elements in array" => ("una lista más corta", "a shorter list"),
        "a map" => ("un objeto", "an object"),
        "string or map" | "map with a single key" => ("una de las palabras que admite", "one of the words that it takes"),
        "an IANA timezone string" => TIME_ZONE,
        "a formatted date string" => DATE,
        "input contains invalid characters" | "premature end of input" | "input is out of range" | "trailing input" => DATE,
        "not 32 hexadecimal digits" => ("un identificador de 32 cifras hexadecimales", "an id of 32 hexadecimal digits"),
        "a string or a number" => ("un texto o un número", "a string or a number"),
        "true, false, a string or a number" => ("true, false, un texto o un número", "true, false, a string or a number"),
        "a service's id, or an object of service, tier and weight" => {
            ("el id de un servicio, o un objeto con service, tier y weight", "a service's id, or an object of service, tier and weight")
        }
        _ if phrase.starts_with("struct ") || phrase.starts_with("internally tagged ") => ("un objeto", "an object"),
        _ if phrase.starts_with("failed to parse timezone") => TIME_ZONE,
        _ if phrase.contains("is no time of the day") => ("una hora, \"08:30\"", "a time of the day, \"08:30\","),
        _ => match phrase.strip_prefix("a tuple of size ").or_else(|| phrase.strip_prefix("an array of length ")) {
            Some(length) => return (format!("una lista de {length}"), format!("a list of {length}")),
            None => ("otro valor", "another value"),
        },
    };
    (es.to_owned(), en.to_owned())
}

const TIME_ZONE: (&str, &str) = ("una zona horaria, \"Europe/Madrid\"", "a time zone, \"Europe/Madrid\",");
const DATE: (&str, &str) = ("una fecha, \"2026-11-21\"", "a date, \"2026-11-21\",");

fn join(outer: &str, inner: &str) -> String {
    match (outer, inner) {
        ("", place) | (place, "") => cut(place.to_owned()),
        _ if inner.starts_with('[') => cut(format!("{outer}{inner}")),
        _ => cut(format!("{outer}.{inner}")),
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::office::Settings;
    use crate::office::arbitrary::sample;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        nombre: String,
    }

    fn told<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> (String, String) {
        let wrong = Wrong::from(object::<T>(json).unwrap_err());
        (wrong.told(Lang::Es), wrong.told(Lang::En))
    }

    #[test]
    fn an_object_of_known_keys_is_read() {
        assert_eq!(object::<Body>(" \n{\"nombre\":\"Ana\"}"), Ok(Body { nombre: "Ana".into() }));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_key_in_both_languages() {
        for (json, es, en) in [
            ("null", "se espera un objeto", "an object is expected"),
            ("[\"Ana\"]", "se espera un objeto", "an object is expected"),
            ("\"Ana\"", "se espera un objeto", "an object is expected"),
            ("{}", "nombre: falta", "nombre: missing"),
            ("{\"nombre\":7}", "nombre: se espera un texto", "nombre: a string is expected"),
            ("{\"nombre\":\"a\",\"nombre\":\"b\"}", "nombre: aparece dos veces", "nombre: it is there twice"),
            ("{\"x\":[]}", "x: no existe; existen nombre", "x: there is no such key; there are nombre"),
            (
                "{\"x`, expected y\":1}",
                "x`, expected y: no existe; existen nombre",
                "x`, expected y: there is no such key; there are nombre",
            ),
            ("{\"a at line 1\":1}", "a at line 1: no existe; existen nombre", "a at line 1: there is no such key; there are nombre"),
            ("{\"nombre\":", "(línea 1, columna 10)", "(line 1, column 10)"),
        ] {
            let (told_es, told_en) = told::<Body>(json);
            assert!(told_es.ends_with(es) && told_en.ends_with(en), "{json}: {told_es} / {told_en}");
        }
    }

    #[test]
    fn a_wrong_setting_is_told_by_its_path() {
        let settings = serde_json::to_value(sample()).unwrap();
        for (pointer, value, en) in [
            ("/services/0/prefix", json!(7), "services[0].prefix: a string is expected"),
            ("/services/0/quota", json!("x"), "services[0].quota: a whole number from 0 to 4294967295 is expected"),
            ("/services/0", json!("x"), "services[0]: an object is expected"),
            ("/services", json!({}), "services: a list is expected"),
            ("/padding", json!(-1), "padding: a whole number from 0 to 255 is expected"),
            ("/auto_finish", json!("yes"), "auto_finish: true or false is expected"),
            ("/languages/0", json!("fr"), "languages[0]: one of these words is expected: es, en"),
            ("/languages/0", json!(7), "languages[0]: one of the words that it takes is expected"),
            ("/time_zone", json!("Europe/Atlantis"), "time_zone: a time zone, \"Europe/Madrid\", is expected"),
            ("/time_zone", json!(1), "time_zone: a time zone, \"Europe/Madrid\", is expected"),
            (
                "/policy",
                json!({"kind": "lottery"}),
                "policy.kind: one of these words is expected: fifo, strict, accumulating, guarded_ratio",
            ),
            ("/policy", json!({"kind": "accumulating", "factor": "x"}), "policy.factor: a whole number from 0 to 4294967295 is expected"),
            ("/policy", json!({"kind": "accumulating"}), "policy.factor: missing"),
            (
                "/policy",
                json!({"kind": "accumulating", "factor": 2, "normals": 1}),
                "policy.normals: there is no such key; there are kind, factor",
            ),
            ("/policy", json!({"kind": "fifo", "colour": 1}), "policy.colour: there is no such key; there are kind, factor, normals"),
            ("/policy", json!({}), "policy.kind: missing"),
            ("/policy", json!("fifo"), "policy: an object is expected"),
            (
                "/desks/0/services",
                json!(["x"]),
                "desks[0].services[0]: a service's id, or an object of service, tier and weight is expected",
            ),
            ("/hours", json!({"mon": [["8", "14:00"]]}), "hours.mon[0][0]: a time of the day, \"08:30\", is expected"),
            ("/hours", json!({"mon": [["08:00"]]}), "hours.mon[0]: a list of 2 is expected"),
            ("/hours", json!({"mon": [["08:00", "14:00", "15:00"]]}), "hours.mon[0]: a shorter list is expected"),
            ("/hours", json!({"lunes": []}), "hours.lunes: there is no such key; there are mon, tue, wed, thu, fri, sat, sun"),
            ("/holidays", json!([{"date": "2026-02-30"}]), "holidays[0].date: a date, \"2026-11-21\", is expected"),
            ("/holidays", json!([{"date": 7}]), "holidays[0].date: a date, \"2026-11-21\", is expected"),
        ] {
            let mut settings = settings.clone();
            *settings.pointer_mut(pointer).unwrap() = value;
            assert_eq!(told::<Settings>(&settings.to_string()).1, en);
        }
    }

    #[test]
    fn what_is_told_has_an_end() {
        let (es, _) = told::<Body>(&json!({"ñ".repeat(60_000): 1}).to_string());
        assert!(es.chars().count() < 400 && es.contains('…'), "{es}");
    }

    #[test]
    fn a_place_has_a_line() {
        let json = "\n{\n \"a\": [\n  {\"b.c\":\n 1, \"b\": 2}\n ]\n}";
        for (place, line) in [("", 2), ("a", 3), ("a[0]", 4), ("a[0].b.c", 5), ("a[0].b", 5), ("a[0].d", 4), ("a[7]", 3), ("x.y", 2)] {
            assert_eq!(Wrong::missing(place).line_in(json), line, "{place}");
        }
    }

    #[test]
    fn a_place_is_seen_from_outside() {
        assert_eq!(Wrong::missing("nombre").within("admin").place(), "admin.nombre");
        assert_eq!(Wrong::missing("[1].nombre").within("ramas").place(), "ramas[1].nombre");
        assert_eq!(Wrong::new("a", "b").within("admin").told(Lang::En), "admin: b");
    }
}
