//! Owns the reading of Rust source: which paths a file names, on which line, for tests only or not. Knows as much of the language as that
//! takes (comments, literals, `use` trees, nested modules, `#[cfg(test)]`) and expands no macros.

/// A path that a file names: `crate::…` in full, or what it starts with otherwise (`chrono::Utc`, `Self::new`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub line: usize,
    pub path: Vec<String>,
    pub in_test: bool,
}

/// What one file names.
#[derive(Debug, Default)]
pub struct Scanned {
    pub references: Vec<Reference>,
    /// Modules in files of their own that exist for tests only: `#[cfg(test)] mod x;`.
    pub test_modules: Vec<String>,
}

/// Reads the text of the file that holds the module `module` (`[]` is the crate's root).
pub fn scan(text: &str, module: &[&str]) -> Scanned {
    let tokens = tokens(text);
    let local = tokens.windows(2).filter(|pair| pair[0].is("mod")).map(|pair| pair[1].text.clone()).collect();
    let module = module.iter().map(ToString::to_string).collect();
    let mut scanner =
        Scanner { tokens: &tokens, at: 0, module, local, depth: 0, nested: Vec::new(), test: None, found: Scanned::default() };
    scanner.run();
    scanner.found
}

#[derive(Debug)]
struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is(&self, text: &str) -> bool {
        self.text == text
    }

    fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

struct Scanner<'a> {
    tokens: &'a [Token],
    at: usize,
    /// Where we are: the file's module and the inline ones round the present place.
    module: Vec<String>,
    /// Modules that this file declares: a path that starts with one is not foreign.
    local: Vec<String>,
    depth: usize,
    /// Depth of the brace that opened each inline module.
    nested: Vec<usize>,
    /// Depth at which the item under `#[cfg(test)]` stands.
    test: Option<usize>,
    found: Scanned,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.text.as_str() {
                "#" => self.attribute(),
                "{" | "(" | "[" => {
                    self.depth += 1;
                    self.at += 1;
                }
                "}" | ")" | "]" => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.nested.last() == Some(&self.depth) {
                        self.nested.pop();
                        self.module.pop();
                    }
                    if token.is("}") {
                        self.end_item();
                    }
                    self.at += 1;
                }
                ";" => {
                    self.end_item();
                    self.at += 1;
                }
                "mod" => self.module_item(),
                "use" => {
                    self.at += 1;
                    self.tree(Vec::new());
                }
                "crate" if self.before("extern") => {
                    self.at += 1;
                    self.inline_path(true);
                }
                _ if token.is_name() || token.is("$") => self.inline_path(false),
                _ => self.at += 1,
            }
        }
    }

    /// An attribute: may open a test item, and names paths itself (`#[tokio::test]`).
    fn attribute(&mut self) {
        let rest = &self.tokens[self.at + 1..];
        if !rest.first().is_some_and(|token| token.is("[")) {
            self.at += 1;
            return;
        }
        let end = rest.iter().position(|token| token.is("]")).unwrap_or(rest.len());
        let holds = |text: &str| rest[..end].iter().any(|token| token.is(text));
        if self.test.is_none() && holds("cfg") && holds("test") && !holds("not") {
            self.test = Some(self.depth);
        }
        self.at += 1;
    }

    fn end_item(&mut self) {
        if self.test == Some(self.depth) {
            self.test = None;
        }
    }

    fn module_item(&mut self) {
        self.at += 1;
        let Some(name) = self.tokens.get(self.at).filter(|token| token.is_name()) else { return };
        self.at += 1;
        match self.tokens.get(self.at) {
            Some(token) if token.is("{") => {
                self.module.push(name.text.clone());
                self.nested.push(self.depth);
            }
            Some(token) if token.is(";") && self.test.is_some() => self.found.test_modules.push(name.text.clone()),
            _ => {}
        }
    }

    /// A `use` tree below `prefix`, up to its end.
    fn tree(&mut self, prefix: Vec<String>) {
        let mut path = prefix;
        let mut line = self.tokens.get(self.at).map_or(0, |token| token.line);
        while let Some(token) = self.tokens.get(self.at) {
            match token.text.as_str() {
                "::" => {}
                "{" => {
                    self.at += 1;
                    while self.tokens.get(self.at).is_some_and(|token| !token.is("}") && !token.is(";")) {
                        self.tree(path.clone());
                        if self.tokens.get(self.at).is_some_and(|token| token.is(",")) {
                            self.at += 1;
                        }
                    }
                    self.at += usize::from(self.tokens.get(self.at).is_some_and(|token| token.is("}")));
                    return;
                }
                "as" => self.at += 1,
                "," | "}" | ";" => break,
                _ => {
                    line = token.line;
                    path.push(token.text.clone());
                }
            }
            self.at += 1;
        }
        self.refer(line, path);
    }

    /// A path in code. A single name is no path, but for `extern crate`.
    fn inline_path(&mut self, alone: bool) {
        let first = self.at;
        if self.tokens[first].is("$") {
            self.at += 1;
        }
        let Some(start) = self.tokens.get(self.at).filter(|token| token.is_name()) else { return };
        let mut path = vec![start.text.clone()];
        self.at += 1;
        while let [colons, name, ..] = &self.tokens[self.at..]
            && colons.is("::")
            && name.is_name()
        {
            path.push(name.text.clone());
            self.at += 2;
        }
        // After `::`, `.` or `>` it is the rest of something else: `Vec::<u8>::new`, `x.bytes`.
        let continued = first > 0 && [".", ".."].contains(&self.tokens[first - 1].text.as_str());
        let continued = continued || (first > 1 && self.tokens[first - 1].is("::") && self.tokens[first - 2].is(">"));
        if !continued && (alone || path.len() > 1) {
            self.refer(start.line, path);
        }
    }

    fn before(&self, text: &str) -> bool {
        self.at > 0 && self.tokens[self.at - 1].is(text)
    }

    /// Notes a path, with `self` and `super` resolved.
    fn refer(&mut self, line: usize, path: Vec<String>) {
        let rest = path.iter().skip_while(|name| *name == "self" || *name == "super");
        let relative = path.iter().take_while(|name| *name == "self" || *name == "super");
        let path = match path.first().map(String::as_str) {
            Some("self" | "super") => {
                let up = relative.filter(|name| *name == "super").count();
                let kept = self.module.len().saturating_sub(up);
                std::iter::once("crate".to_owned()).chain(self.module[..kept].iter().cloned()).chain(rest.cloned()).collect()
            }
            Some(first) if first != "crate" && self.local.iter().any(|name| name == first) => return,
            Some(_) => path,
            None => return,
        };
        self.found.references.push(Reference { line, path, in_test: self.test.is_some() });
    }
}

/// The names and signs of a text, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let is = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while at < chars.len() {
        let c = chars[at];
        let start = at;
        if is(at, "//") {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
        } else if is(at, "/*") {
            let mut open = 0;
            while at < chars.len() {
                let step = if is(at, "/*") {
                    open += 1;
                    2
                } else if is(at, "*/") {
                    open -= 1;
                    2
                } else {
                    1
                };
                at += step;
                if open == 0 {
                    break;
                }
            }
        } else if let Some(length) = raw_string(&chars[at..]) {
            at += length;
        } else if c == '"' {
            at += 1 + quoted(&chars[at + 1..], '"');
        } else if c == '\'' && (is(at + 1, "\\") || chars.get(at + 2) == Some(&'\'')) {
            at += 1 + quoted(&chars[at + 1..], '\'');
        } else if c.is_alphanumeric() || c == '_' {
            at += if is(at, "r#") { 2 } else { 0 };
            let name: String = chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            at += name.chars().count();
            // What stands before a quote (`b"…"`) belongs to the literal.
            if !(matches!(name.as_str(), "b" | "c") && matches!(chars.get(at), Some('"' | '\''))) {
                found.push(Token { line, text: name });
            }
        } else if is(at, "::") || is(at, "..") {
            at += 2;
            found.push(Token { line, text: chars[start..at].iter().collect() });
        } else {
            at += 1;
            if !c.is_whitespace() {
                found.push(Token { line, text: c.to_string() });
            }
        }
        let end = at.min(chars.len());
        line += chars[start..end].iter().filter(|c| **c == '\n').count();
    }
    found
}

/// Length of the raw string that stands at the beginning, if one does.
fn raw_string(chars: &[char]) -> Option<usize> {
    let prefix = chars.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count();
    if prefix == 0 || prefix > 2 || chars[prefix - 1] != 'r' {
        return None;
    }
    let hashes = chars[prefix..].iter().take_while(|c| **c == '#').count();
    let body = prefix + hashes + 1;
    if chars.get(body - 1) != Some(&'"') {
        return None;
    }
    let closes = |at: usize| chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    Some((body..chars.len()).find(|at| closes(*at)).map_or(chars.len(), |at| at + 1 + hashes))
}

/// Length up to and with the closing `quote`.
fn quoted(chars: &[char], quote: char) -> usize {
    let mut at = 0;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn paths(text: &str, module: &[&str]) -> Vec<String> {
    scan(text, module).references.iter().map(|reference| reference.path.join("::")).collect()
}

#[test]
fn a_use_tree_is_read_to_its_leaves() {
    let text = "pub use crate::{office::{self, Ticket as T, ids::*}, store};\nuse serde::Serialize;\nuse serde_json;";
    let expected =
        ["crate::office::self", "crate::office::Ticket", "crate::office::ids::*", "crate::store", "serde::Serialize", "serde_json"];
    assert_eq!(paths(text, &[]), expected);
}

#[test]
fn paths_in_code_attributes_and_macros_are_read() {
    let text =
        "#[tokio::test] fn f(x: &'a chrono::Utc) -> Vec::<u8> { log::info!(\"{}\", crate::clock::instant()); $crate::service::go() }";
    assert_eq!(paths(text, &[]), ["tokio::test", "chrono::Utc", "log::info", "crate::clock::instant", "crate::service::go"]);
    assert_eq!(paths("extern crate actix;", &[]), ["actix"]);
}

#[test]
fn comments_and_literals_are_not_read() {
    let text = "//! crate::a::b\n/* crate::c /* nested */ crate::d::e */ fn f<'a>() { (\"crate::f::g \\\" x::y\", r#\"crate::h \" i::j\"#, 'x', '\\'', b\"k::l\", b'\"', c\"m::n\", br\"o::p\") } // q::r\nuse s::t;";
    assert_eq!(paths(text, &[]), ["s::t"]);
    assert_eq!(scan("/* a\nb */\n\"c\nd\"; use s::t;", &[]).references[0].line, 4);
}

#[test]
fn super_and_self_are_resolved_where_they_stand() {
    let text = "use super::x; mod inner { use super::y; use super::super::super::clock::now; } use self::z; use super::super::service::q;";
    let expected = ["crate::office::x", "crate::office::ids::y", "crate::clock::now", "crate::office::ids::z", "crate::service::q"];
    assert_eq!(paths(text, &["office", "ids"]), expected);
}

#[test]
fn a_module_of_the_file_is_not_a_crate() {
    assert_eq!(paths("mod log; use log::Entry; fn f() { log::open() }", &["store"]), Vec::<String>::new());
}

#[test]
fn test_code_is_told_apart() {
    let text = "use a::b; #[cfg(test)] use c::d; use e::f; #[cfg(all(test, unix))] mod tests { fn g() { h::i(); } use j::k; } use l::m;
                #[cfg(not(test))] use n::o; #[cfg(test)] mod props; #[cfg(test)] fn p() { q::r(); } s::t!();";
    let scanned = scan(text, &[]);
    let in_test: Vec<_> = scanned.references.iter().filter(|r| r.in_test).map(|r| r.path.join("::")).collect();
    assert_eq!(in_test, ["c::d", "h::i", "j::k", "q::r"]);
    assert_eq!(scanned.references.len(), 9);
    assert_eq!(scanned.test_modules, ["props"]);
}
