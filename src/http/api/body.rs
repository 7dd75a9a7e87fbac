//! Owns the way from a request's body to a value: JSON objects only, of bounded size, in bounded time.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, web};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::timeout;

use super::problem::Problem;
use crate::wrong::{self, Unread, Wrong};

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How deep arrays and objects may lie in each other. Settings need eight.
const DEEPEST: usize = 32;

/// The body's text: JSON, not too long and not too deep. What stands in it is read elsewhere.
pub async fn read(request: &HttpRequest, payload: web::Payload, most_bytes: usize) -> Result<String, Problem> {
    let encoded = request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    if encoded || !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Problem::NotJson);
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > most_bytes as u64) {
        return Err(Problem::TooLarge(most_bytes));
    }
    let bytes = timeout(PATIENCE, collect(payload, most_bytes)).await.map_err(|_| Problem::TooSlow)??;
    if depth(&bytes) > DEEPEST {
        return Err(Problem::Malformed(Wrong::new(
            format!("listas y objetos van más hondo que {DEEPEST}"),
            format!("arrays and objects lie deeper than {DEEPEST} in each other"),
        )));
    }
    String::from_utf8(bytes.into()).map_err(|_| Problem::Malformed(Wrong::new("no es UTF-8", "it is not UTF-8")))
}

/// The same; no body at all is the empty object.
pub async fn read_or_nothing(request: &HttpRequest, payload: web::Payload, most_bytes: usize) -> Result<String, Problem> {
    let headers = request.headers();
    let empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0") && !headers.contains_key(header::TRANSFER_ENCODING);
    if empty { Ok("{}".into()) } else { read(request, payload, most_bytes).await }
}

async fn collect(mut payload: web::Payload, most_bytes: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::Malformed(Wrong::new("se cortó", "it broke off")))?;
        if body.len() + chunk.len() > most_bytes {
            return Err(Problem::TooLarge(most_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How deep brackets lie in each other, but for those in strings.
fn depth(bytes: &[u8]) -> usize {
    let (mut now, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Refuses what begins as no object does. Whether it is one is seen where it is read.
pub fn check_object(body: &str) -> Result<(), Problem> {
    if body.trim_start().starts_with('{') { Ok(()) } else { parse::<IgnoredAny>(body).map(drop) }
}

/// What is no JSON is malformed; what is JSON of another shape is wrong in a field, which is named.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Problem> {
    wrong::object(json).map_err(|unread| match unread {
        Unread::NotJson(wrong) => Problem::Malformed(wrong),
        Unread::Misshapen(wrong) => Problem::BadField(wrong),
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        nombre: String,
    }

    #[test]
    fn an_object_of_known_fields_is_read() {
        assert_eq!(parse::<Body>(r#" {"nombre":"Ana"}"#), Ok(Body { nombre: "Ana".into() }));
    }

    #[test]
    fn what_is_no_object_is_refused_before_it_is_read() {
        assert_eq!(check_object(" {"), Ok(()));
        for body in ["[]", " [[], []]", "null", "\"x\"", "7"] {
            assert!(matches!(check_object(body), Err(Problem::BadField(_))), "{body}");
        }
        for body in ["", "[", "x"] {
            assert!(matches!(check_object(body), Err(Problem::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(depth(br#"{"a[[[":"\"[[","b":[{"c":1}]}"#), 3);
        assert_eq!(depth(&b"[".repeat(60_000)), 60_000);
        assert_eq!(depth(b"]]]"), 0);
    }

    #[test]
    fn what_is_no_json_is_told_from_what_is_wrong_in_it() {
        for body in ["", " ", "{", "{\"nombre\":\"Ana\"}x", "{nombre:1}", "{\"nombre\":\"\\ud800\"}"] {
            assert!(matches!(parse::<Body>(body), Err(Problem::Malformed(_))), "{body}");
        }
        for body in ["null", "[\"Ana\"]", "{}", "{\"nombre\":7}", "{\"nombre\":\"a\",\"nombre\":\"b\"}", "{\"x\":[[[1]]]}"] {
            assert!(matches!(parse::<Body>(body), Err(Problem::BadField(_))), "{body}");
        }
    }
}
