//! Owns the arguments of an event or an acknowledgement: a JSON array that stays text.

use std::borrow::Cow;

use bytestring::ByteString;

use super::json::{self, BadJson, skip_space, skip_value, unquote};

/// The raw text of a JSON array: a slice of the frame that it came in. Of an event it includes the name, as on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args(ByteString);

impl Args {
    /// # Errors
    ///
    /// Text that is no JSON, or whose value is no array.
    pub fn parse(text: ByteString) -> Result<Self, BadJson> {
        json::validate(&text)?;
        Self::from_valid(text)
    }

    /// Text that is known to be JSON.
    pub(super) fn from_valid(text: ByteString) -> Result<Self, BadJson> {
        let trimmed = text.slice_ref(text.trim_matches([' ', '\t', '\n', '\r']));
        if trimmed.starts_with('[') { Ok(Self(trimmed)) } else { Err(BadJson { at: 0 }) }
    }

    /// The array, brackets and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The elements as raw JSON texts, without the white space round them.
    pub fn iter(&self) -> Elements<'_> {
        Elements { rest: &self.0[1..] }
    }

    /// The arguments of an event: the elements after its name.
    pub fn arguments(&self) -> Elements<'_> {
        let mut elements = self.iter();
        elements.next();
        elements
    }

    /// The number of elements; walks the text.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The first element when it can name an event: a text with its escapes undone, or a number as it is written.
    pub fn event_name(&self) -> Option<Cow<'_, str>> {
        let raw = self.iter().next()?;
        match raw.as_bytes().first()? {
            b'"' => Some(unquote(raw)),
            b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
            _ => None,
        }
    }
}

impl<'a> IntoIterator for &'a Args {
    type Item = &'a str;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// The elements of an array as raw JSON texts.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let start = skip_space(bytes, 0);
        if matches!(bytes.get(start), None | Some(b']')) {
            return None;
        }
        let end = skip_value(bytes, start);
        let element = &self.rest[start..end];
        let after = skip_space(bytes, end);
        self.rest = if bytes.get(after) == Some(&b',') { &self.rest[after + 1..] } else { &self.rest[after..] };
        Some(element)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn args(text: &str) -> Args {
        Args::parse(text.into()).expect("an array")
    }

    #[test]
    fn elements_are_raw() {
        let args = args(r#" [ "a" , 1e400,{"z":1,"a":[2]} ,[ ],"\ud800", -0.0 ] "#);
        assert_eq!(args.iter().collect::<Vec<_>>(), ["\"a\"", "1e400", r#"{"z":1,"a":[2]}"#, "[ ]", r#""\ud800""#, "-0.0"]);
        assert_eq!(args.len(), 6);
        assert_eq!(args.arguments().next(), Some("1e400"));
        assert_eq!(args.as_str().chars().next(), Some('['));
    }

    #[test]
    fn names() {
        for (text, name) in [
            (r#"["a"]"#, Some("a")),
            (r#"["\u0061\n"]"#, Some("a\n")),
            ("[12,1]", Some("12")),
            ("[-1.5]", Some("-1.5")),
            ("[]", None),
            ("[true]", None),
            ("[null]", None),
            ("[[\"a\"]]", None),
            ("[{}]", None),
        ] {
            assert_eq!(args(text).event_name().as_deref(), name, "{text}");
        }
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for text in ["", "{}", "1", "\"[\"", "[1", "[1]]", "[1]x"] {
            assert!(Args::parse(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_elements_need_no_stack() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let args = args(&format!("[\"a\",{deep},1]"));
        assert_eq!(args.iter().map(str::len).collect::<Vec<_>>(), [3, 200_000, 1]);
    }

    proptest! {
        #[test]
        fn elements_are_those_that_were_joined(texts in proptest::collection::vec(any::<String>(), 0..8), numbers in proptest::collection::vec(any::<i64>(), 0..8)) {
            let raw: Vec<String> = texts
                .iter()
                .map(|text| serde_json::to_string(text).expect("writes"))
                .chain(numbers.iter().map(|number| format!("[{number}]")))
                .collect();
            let args = args(&format!("[{}]", raw.join(",")));
            prop_assert_eq!(args.iter().collect::<Vec<_>>(), raw);
        }
    }
}
