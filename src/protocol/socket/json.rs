//! Owns the walk over JSON text: is it valid (RFC 8259), where are its parts. Uses no recursion, so that nesting costs a byte of memory a
//! level and no stack. Never builds a value.

use std::borrow::Cow;

/// Text that is not one JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid json at byte {at}")]
pub struct BadJson {
    /// Where, in bytes from the beginning.
    pub at: usize,
}

/// Sees the parts of a text while it is walked, in the order in which they stand.
pub(super) trait Observer {
    /// An object or an array begins at this byte.
    fn open(&mut self, at: usize);
    /// A key with its quotes.
    fn key(&mut self, raw: &str);
    /// A text with its quotes, a number, or a literal.
    fn scalar(&mut self, raw: &str);
    /// What was opened last ends before this byte.
    fn close(&mut self, end: usize);
}

struct Nobody;

impl Observer for Nobody {
    fn open(&mut self, _: usize) {}
    fn key(&mut self, _: &str) {}
    fn scalar(&mut self, _: &str) {}
    fn close(&mut self, _: usize) {}
}

/// Checks that `text` is one JSON value, with white space round it at most.
///
/// # Errors
///
/// The place of the first byte that does not fit.
pub fn validate(text: &str) -> Result<(), BadJson> {
    walk(text, &mut Nobody)
}

#[derive(Clone, Copy)]
enum Inside {
    Object,
    Array,
}

pub(super) fn walk<O: Observer>(text: &str, observer: &mut O) -> Result<(), BadJson> {
    let bytes = text.as_bytes();
    let mut inside: Vec<Inside> = Vec::new();
    let mut at = 0;
    loop {
        at = skip_space(bytes, at);
        match bytes.get(at) {
            Some(b'{') => {
                observer.open(at);
                at = skip_space(bytes, at + 1);
                if bytes.get(at) != Some(&b'}') {
                    inside.push(Inside::Object);
                    at = key(text, at, observer)?;
                    continue;
                }
                at += 1;
                observer.close(at);
            }
            Some(b'[') => {
                observer.open(at);
                at = skip_space(bytes, at + 1);
                if bytes.get(at) != Some(&b']') {
                    inside.push(Inside::Array);
                    continue;
                }
                at += 1;
                observer.close(at);
            }
            _ => {
                let end = scalar(bytes, at)?;
                observer.scalar(&text[at..end]);
                at = end;
            }
        }
        // A value has ended: close what ends with it, until the next value is due.
        loop {
            at = skip_space(bytes, at);
            match (inside.last(), bytes.get(at)) {
                (None, None) => return Ok(()),
                (Some(Inside::Object), Some(b',')) => {
                    at = key(text, skip_space(bytes, at + 1), observer)?;
                    break;
                }
                (Some(Inside::Array), Some(b',')) => {
                    at += 1;
                    break;
                }
                (Some(Inside::Object), Some(b'}')) | (Some(Inside::Array), Some(b']')) => {
                    inside.pop();
                    at += 1;
                    observer.close(at);
                }
                _ => return Err(BadJson { at }),
            }
        }
    }
}

/// A key and its colon; gives the place after it.
fn key<O: Observer>(text: &str, at: usize, observer: &mut O) -> Result<usize, BadJson> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return Err(BadJson { at });
    }
    let end = string(bytes, at)?;
    observer.key(&text[at..end]);
    let colon = skip_space(bytes, end);
    if bytes.get(colon) == Some(&b':') { Ok(colon + 1) } else { Err(BadJson { at: colon }) }
}

fn scalar(bytes: &[u8], at: usize) -> Result<usize, BadJson> {
    let literal = |word: &[u8]| if bytes[at..].starts_with(word) { Ok(at + word.len()) } else { Err(BadJson { at }) };
    match bytes.get(at) {
        Some(b'"') => string(bytes, at),
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        Some(b't') => literal(b"true"),
        Some(b'f') => literal(b"false"),
        Some(b'n') => literal(b"null"),
        _ => Err(BadJson { at }),
    }
}

/// A text that begins at `at`. An escape of half a surrogate pair is legal, as it is in JavaScript.
fn string(bytes: &[u8], at: usize) -> Result<usize, BadJson> {
    let mut at = at + 1;
    loop {
        at += bytes[at..].iter().take_while(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\')).count();
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => {
                at += match bytes.get(at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                    Some(b'u') if bytes.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) => 6,
                    _ => return Err(BadJson { at }),
                }
            }
            _ => return Err(BadJson { at }),
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Result<usize, BadJson> {
    let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let some_digits = |from: usize| match digits(from) {
        end if end > from => Ok(end),
        end => Err(BadJson { at: end }),
    };
    let mut end = at + usize::from(bytes[at] == b'-');
    end = if bytes.get(end) == Some(&b'0') { end + 1 } else { some_digits(end)? };
    if bytes.get(end) == Some(&b'.') {
        end = some_digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        end += 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = some_digits(end)?;
    }
    Ok(end)
}

pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// The end of the value that begins at `at`, in a text that is known to be valid.
pub(super) fn skip_value(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string(bytes, at).unwrap_or(bytes.len()),
            b'[' | b'{' => {
                depth += 1;
                at += 1;
                continue;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => at += bytes[at..].iter().take_while(|byte| !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')).count(),
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// What a valid text with its quotes says. Half a surrogate pair, which no Rust text can hold, becomes U+FFFD.
pub fn unquote(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut units: Vec<u16> = Vec::new();
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(place) = rest.find('\\') {
        flush(&mut units, &mut out, !rest[..place].is_empty());
        out.push_str(&rest[..place]);
        let escape = &rest[place + 1..];
        let unit = escape.strip_prefix('u').and_then(|digits| digits.get(..4)).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        if let Some(unit) = unit {
            units.push(unit);
            rest = &escape[5..];
            continue;
        }
        flush(&mut units, &mut out, true);
        let mut chars = escape.chars();
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    flush(&mut units, &mut out, true);
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes the collected `\u` escapes; their pairs are whole only when nothing stands between them.
fn flush(units: &mut Vec<u16>, out: &mut String, due: bool) {
    if due && !units.is_empty() {
        out.push_str(&String::from_utf16_lossy(units));
        units.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_texts() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-0",
            "1e400",
            "1.5E-3",
            "12",
            "\"\"",
            r#""\ud800""#,
            r#""\u00e9\n\/""#,
            "[]",
            "{}",
            "[ ]",
            "{ }",
            "[1,[2,{}],\"x\"]",
            r#"{"a":{"b":[]},"a":1}"#,
            " [ 1 , 2 ] ",
            "\"é☃\"",
            "\"\u{7f}\"",
        ] {
            assert_eq!(validate(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn invalid_texts() {
        for text in [
            "",
            " ",
            "nul",
            "True",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u123",
            "\"\n\"",
            "[",
            "]",
            "[1",
            "[1,]",
            "[,1]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "[]x",
            "[1 2]",
            "NaN",
            "'a'",
            "\u{a0}1",
            "{1:2}",
        ] {
            assert!(validate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let depth = 100_000;
        let arrays = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(validate(&arrays), Ok(()));
        assert_eq!(skip_value(arrays.as_bytes(), 0), arrays.len());
        let objects = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        assert_eq!(validate(&objects), Ok(()));
        assert!(validate(&"[".repeat(depth)).is_err());
    }

    #[test]
    fn escapes_are_undone() {
        for (raw, text) in [
            (r#""plain""#, "plain"),
            (r#""a\"b\\c\/d\n\t\r\b\f""#, "a\"b\\c/d\n\t\r\u{8}\u{c}"),
            (r#""\u0063onnect""#, "connect"),
            (r#""\ud83d\ude00!""#, "😀!"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
            (r#""\ud83d\n\ude00é""#, "\u{fffd}\n\u{fffd}é"),
        ] {
            assert_eq!(unquote(raw), text, "{raw}");
        }
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_valid_and_skipped_whole(value in value(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("writes");
            prop_assert_eq!(validate(&text), Ok(()));
            prop_assert_eq!(skip_value(text.as_bytes(), 0), text.len());
        }

        #[test]
        fn texts_come_back(text in any::<String>()) {
            let raw = serde_json::to_string(&text).expect("writes");
            prop_assert_eq!(unquote(&raw), text);
        }

        /// As strict as the parser that everybody uses, except where that one refuses what JavaScript takes.
        #[test]
        fn judges_as_serde_json_does(text in r#"[\[\]{},:"\\u0-9a-fd.eE+ -]{0,12}|(true|null|[,\[\]]){0,6}"#) {
            let serde = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(validate(&text).is_ok(), serde, "{}", text);
        }

        #[test]
        fn any_text_is_judged(text in any::<String>()) {
            let serde = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(validate(&text).is_ok(), serde);
        }
    }
}
