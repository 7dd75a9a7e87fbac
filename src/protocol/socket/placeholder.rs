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
