//! Owns the places in raw JSON where binary stands: finds them at any depth, checks their numbers, and writes them in the one form that
//! every client reads. Never holds attachments.

use bytestring::ByteString;

use super::args::Args;
use super::json::{self, Observer, unquote};
use super::packet::ParseError;

/// Checks the placeholders of a payload that announces `count` attachments. Gives the arguments with each placeholder in the standard form and
/// numbered in the order in which they stand, and for each, in that order, the number that the client gave it. An attachment that no
/// placeholder names is legal and unused.
pub(super) fn resolve(text: ByteString, count: usize) -> Result<(Args, Vec<usize>), ParseError> {
    let mut finder = Finder::default();
    json::walk(&text, &mut finder)?;
    let mut order = Vec::with_capacity(finder.found.len());
    let mut used = vec![false; count];
    for found in &finder.found {
        let num = found.num.filter(|num| *num < count).ok_or(ParseError::BadPlaceholder)?;
        if std::mem::replace(&mut used[num], true) {
            return Err(ParseError::BadPlaceholder);
        }
        order.push(num);
    }
    let standard = |(index, found): (usize, &Found)| text[found.start..found.end] == *write(index);
    let text = if finder.found.iter().enumerate().all(standard) { text } else { rewrite(&text, &finder.found) };
    Ok((Args::from_valid(text).map_err(|_| ParseError::WrongPayload)?, order))
}

/// The form that some clients match literally.
fn write(index: usize) -> String {
    format!(r#"{{"_placeholder":true,"num":{index}}}"#)
}

fn rewrite(text: &str, found: &[Found]) -> ByteString {
    let mut out = String::with_capacity(text.len() + 8 * found.len());
    let mut copied = 0;
    for (index, found) in found.iter().enumerate() {
        out.push_str(&text[copied..found.start]);
        out.push_str(&write(index));
        copied = found.end;
    }
    out.push_str(&text[copied..]);
    out.into()
}

#[derive(Debug)]
struct Found {
    start: usize,
    end: usize,
    /// `None` when it is missing or no whole number.
    num: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Placeholder,
    Num,
    Other,
}

/// An object or an array that is open.
#[derive(Debug)]
struct Open {
    start: usize,
    /// The key whose value comes; in an array always `Other`.
    key: Key,
    is_placeholder: bool,
    num: Option<usize>,
}

#[derive(Debug, Default)]
struct Finder {
    open: Vec<Open>,
    found: Vec<Found>,
}

impl Finder {
    /// Of a key that comes twice the last value counts, as in JavaScript.
    fn value(&mut self, raw: Option<&str>) {
        let Some(open) = self.open.last_mut() else { return };
        match open.key {
            Key::Placeholder => open.is_placeholder = raw == Some("true"),
            Key::Num => open.num = raw.and_then(whole_number),
            Key::Other => {}
        }
    }
}

impl Observer for Finder {
    fn open(&mut self, at: usize) {
        self.value(None);
        self.open.push(Open { start: at, key: Key::Other, is_placeholder: false, num: None });
    }

    fn key(&mut self, raw: &str) {
        let key = match unquote(raw).as_ref() {
            "_placeholder" => Key::Placeholder,
            "num" => Key::Num,
            _ => Key::Other,
        };
        if let Some(open) = self.open.last_mut() {
            open.key = key;
        }
    }

    fn scalar(&mut self, raw: &str) {
        self.value(Some(raw));
    }

    fn close(&mut self, end: usize) {
        if let Some(Open { start, is_placeholder: true, num, .. }) = self.open.pop() {
            // What stands inside a placeholder goes with it.
            while self.found.pop_if(|inner| inner.start > start).is_some() {}
            self.found.push(Found { start, end, num });
        }
    }
}

/// A JSON number that is whole and not negative, however it is written (`1`, `1.0`, `1e0`).
fn whole_number(raw: &str) -> Option<usize> {
    if raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return raw.parse().ok();
    }
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    // Attachments are few: what a small integer cannot hold is out of range in any case.
    let number: f64 = raw.parse().ok()?;
    (0_u8..=u8::MAX).find(|small| f64::from(*small) == number).map(usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str, count: usize) -> Result<(String, Vec<usize>), ParseError> {
        resolve(text.into(), count).map(|(args, order)| (args.as_str().to_owned(), order))
    }

    #[test]
    fn the_standard_form_is_not_copied() {
        let text = ByteString::from(r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
        let (args, order) = resolve(text.clone(), 2).expect("resolves");
        assert_eq!(args.as_str().as_ptr(), text.as_ptr());
        assert_eq!(order, [0, 1]);
    }

    #[test]
    fn other_forms_are_written_in_the_standard_one() {
        let one = r#"["a",{"_placeholder":true,"num":0}]"#;
        for text in [
            r#"["a",{ "_placeholder" : true , "num" : 0 }]"#,
            r#"["a",{"num":0,"_placeholder":true}]"#,
            r#"["a",{"num":0.0,"_placeholder":true}]"#,
            r#"["a",{"num":0e5,"_placeholder":true}]"#,
            r#"["a",{"num":-0,"_placeholder":true}]"#,
            r#"["a",{"\u005fplaceholder":true,"nu\u006d":0}]"#,
            r#"["a",{"_placeholder":false,"_placeholder":true,"num":7,"num":0}]"#,
            r#"["a",{"_placeholder":true,"num":0,"more":[{"_placeholder":true,"num":9}]}]"#,
        ] {
            assert_eq!(resolved(text, 1), Ok((one.to_owned(), vec![0])), "{text}");
        }
    }

    #[test]
    fn numbers_rise_in_the_order_of_the_text() {
        let text = r#"["a",{"x":[{"_placeholder":true,"num":2}]},{"_placeholder":true,"num":0},"é",{"_placeholder":true,"num":1}]"#;
        let standard = r#"["a",{"x":[{"_placeholder":true,"num":0}]},{"_placeholder":true,"num":1},"é",{"_placeholder":true,"num":2}]"#;
        assert_eq!(resolved(text, 3), Ok((standard.to_owned(), vec![2, 0, 1])));
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            r#"["a",{"_placeholder":"true","num":0}]"#,
            r#"["a",{"_placeholder":1,"num":0}]"#,
            r#"["a",{"_placeholder":[true],"num":0}]"#,
            r#"["a",{"_placeholder":true,"_placeholder":false,"num":0}]"#,
            r#"["a",["_placeholder",true,"num",0]]"#,
            r#"["a","{\"_placeholder\":true,\"num\":0}"]"#,
        ] {
            assert_eq!(resolved(text, 1), Ok((text.to_owned(), vec![])), "{text}");
        }
    }

    #[test]
    fn bad_numbers_are_refused() {
        for num in ["2", "-1", "0.5", "\"0\"", "null", "true", "[0]", "{}", "1e400", "18446744073709551616", "256"] {
            let text = format!(r#"["a",{{"_placeholder":true,"num":{num}}}]"#);
            assert_eq!(resolved(&text, 2), Err(ParseError::BadPlaceholder), "{num}");
        }
        assert_eq!(resolved(r#"["a",{"_placeholder":true}]"#, 2), Err(ParseError::BadPlaceholder));
        let twice = r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
        assert_eq!(resolved(twice, 2), Err(ParseError::BadPlaceholder));
    }

    #[test]
    fn deep_placeholders_need_no_stack() {
        let depth = 100_000;
        let text = format!("{}{}{}", "[".repeat(depth), r#"{"num":0,"_placeholder":true}"#, "]".repeat(depth));
        assert_eq!(resolved(&text, 1).map(|(_, order)| order), Ok(vec![0]));
    }
}
