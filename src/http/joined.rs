//! Owns making one script of the client's modules, as text: what they import stands before them, comments and indentation go. Understands
//! the few forms that those modules use and refuses every other. Imports nothing of the project, reads no file by itself.

use std::collections::{BTreeMap, BTreeSet};

/// Stands first in what is made.
const BANNER: &str = "/*! The Socket.IO client of siguiente. MIT licence. Readable source: /lib/socket.js */";

/// The client in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// For `<script>`: defines the default export as a global of its name.
    pub classic: String,
    /// For `import`.
    pub module: String,
}

/// Why modules cannot be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadModule {
    #[error("{0} is missing")]
    Missing(String),
    #[error("{module}:{line}: not understood: {text}")]
    Form { module: String, line: usize, text: String },
    #[error("{module} imports `{name}` from {from}, which does not export it")]
    NotExported { module: String, name: String, from: String },
    #[error("`{name}` is declared at the top of {module} and of another module")]
    DeclaredTwice { module: String, name: String },
    #[error("{0} imports itself in the end")]
    Circular(String),
    #[error("{0} exports no list of names, or no default")]
    NoExports(String),
}

/// Joins `entry` and what it imports; `read` gives a module's text by its file name.
pub fn join(entry: &str, read: impl Fn(&str) -> Option<String>) -> Result<Joined, BadModule> {
    let mut joiner = Joiner { read, done: BTreeMap::new(), open: BTreeSet::new(), declared: BTreeSet::new(), code: String::new() };
    let (list, default) = joiner.add(entry)?.ok_or_else(|| BadModule::NoExports(entry.to_owned()))?;
    let code = joiner.code;
    Ok(Joined {
        classic: format!("{BANNER}\n(()=>{{\"use strict\";\n{code}globalThis.{default}={default};\n}})();\n"),
        module: format!("{BANNER}\n{code}export {{{list}}};\nexport default {default};\n"),
    })
}

struct Joiner<R> {
    read: R,
    /// What each module that is joined exports.
    done: BTreeMap<String, BTreeSet<String>>,
    /// Modules that wait for what they import.
    open: BTreeSet<String>,
    declared: BTreeSet<String>,
    code: String,
}

impl<R: Fn(&str) -> Option<String>> Joiner<R> {
    /// Adds a module behind what it imports. Returns its list of exports and its default, if it has both.
    fn add(&mut self, module: &str) -> Result<Option<(String, String)>, BadModule> {
        if !self.open.insert(module.to_owned()) {
            return Err(BadModule::Circular(module.to_owned()));
        }
        let text = (self.read)(module).ok_or_else(|| BadModule::Missing(module.to_owned()))?;
        let mut exports = BTreeSet::new();
        let (mut list, mut default) = (None, None);
        let mut code = String::new();
        for (number, line) in without_comments(&text) {
            let form = || BadModule::Form { module: module.to_owned(), line: number, text: line.clone() };
            let statement = line.trim();
            if line.contains("import(") || line.contains("import.meta") || line.matches('`').count() % 2 == 1 {
                return Err(form());
            } else if line.starts_with("import") {
                let (names, from) = import(&line).ok_or_else(form)?;
                self.import(module, names, from)?;
            } else if let Some(names) = line.strip_prefix("export {") {
                list = Some(names.strip_suffix("};").ok_or_else(form)?.trim().to_owned());
            } else if let Some(name) = line.strip_prefix("export default ") {
                default = Some(name.strip_suffix(';').filter(|name| is_name(name)).ok_or_else(form)?.to_owned());
            } else if let Some(declaration) = line.strip_prefix("export ") {
                let name = declared(declaration).ok_or_else(form)?;
                exports.insert(name.to_owned());
                self.declare(module, name)?;
                code += declaration;
                code.push('\n');
            } else {
                if is_declaration(&line) {
                    self.declare(module, declared(&line).ok_or_else(form)?)?;
                }
                code += statement;
                code.push('\n');
            }
        }
        self.code += &code;
        self.open.remove(module);
        self.done.insert(module.to_owned(), exports);
        Ok(list.zip(default))
    }

    fn import(&mut self, module: &str, names: Vec<&str>, from: &str) -> Result<(), BadModule> {
        if !self.done.contains_key(from) {
            self.add(from)?;
        }
        match names.into_iter().find(|name| !self.done[from].contains(*name)) {
            None => Ok(()),
            Some(name) => Err(BadModule::NotExported { module: module.to_owned(), name: name.to_owned(), from: from.to_owned() }),
        }
    }

    /// All modules share one scope.
    fn declare(&mut self, module: &str, name: &str) -> Result<(), BadModule> {
        if self.declared.insert(name.to_owned()) {
            return Ok(());
        }
        Err(BadModule::DeclaredTwice { module: module.to_owned(), name: name.to_owned() })
    }
}

/// Lines of code with their numbers, without comments that begin a line or that are `/** … */` within one.
fn without_comments(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let mut line = line.trim_end().to_owned();
        if inside {
            let end = line.find("*/")?;
            inside = false;
            line.drain(..end + 2);
        }
        // Where a string may hold it, it is left.
        while let Some(start) = line.find("/**").filter(|start| !line[..*start].contains(['\'', '"', '`'])) {
            match line[start..].find("*/") {
                Some(length) => drop(line.drain(start..start + length + 2)),
                None => {
                    inside = true;
                    line.truncate(start);
                }
            }
        }
        let code = line.trim();
        (!code.is_empty() && !code.starts_with("//")).then(|| (index + 1, line.trim_end().to_owned()))
    })
}

/// `import { a, b } from './c.js';`
fn import(line: &str) -> Option<(Vec<&str>, &str)> {
    let (names, from) = line.strip_prefix("import {")?.strip_suffix("';")?.split_once("} from './")?;
    let names: Vec<_> = names.split(',').map(str::trim).collect();
    (names.iter().all(|name| is_name(name)) && !from.contains('/')).then_some((names, from))
}

fn is_declaration(line: &str) -> bool {
    ["class ", "function ", "async ", "const ", "let ", "var "].iter().any(|word| line.starts_with(word))
}

/// The one name that a statement declares.
fn declared(statement: &str) -> Option<&str> {
    let words = ["class ", "function ", "async function ", "const ", "let "];
    let rest = words.iter().find_map(|word| statement.strip_prefix(word))?;
    let name = &rest[..rest.find(|c: char| !is_part(c)).unwrap_or(rest.len())];
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(modules: &[(&str, &str)]) -> Result<Joined, BadModule> {
        join("a.js", |name| modules.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    }

    #[test]
    fn what_is_imported_comes_first_and_once() {
        let modules = [
            (
                "a.js",
                "import { b } from './b.js';\nimport { C } from './c.js';\n\nfunction a() {\n  b(C);\n}\n\nexport { a, b as d };\nexport default a;\n",
            ),
            (
                "b.js",
                "// of b\nimport { C } from './c.js';\n\n/** Says b.\n * @param {import('./c.js').C} c\n */\nexport function b(c) {\n  return `${c}`;\n}\n",
            ),
            (
                "c.js",
                "export class C {\n  /** @type {number} */ #x = /** @type {any} */ (1); // stays\n}\nexport const D = '/** not a comment */';\n",
            ),
        ];
        let code = "class C {\n#x =  (1); // stays\n}\nconst D = '/** not a comment */';\nfunction b(c) {\nreturn `${c}`;\n}\nfunction a() {\nb(C);\n}\n";
        let Joined { classic, module } = joined(&modules).unwrap();
        assert_eq!(classic, format!("{BANNER}\n(()=>{{\"use strict\";\n{code}globalThis.a=a;\n}})();\n"));
        assert_eq!(module, format!("{BANNER}\n{code}export {{a, b as d}};\nexport default a;\n"));
    }

    #[test]
    fn a_form_that_is_not_understood_is_refused() {
        for line in [
            "import b from './b.js';",
            "import * as b from './b.js';",
            "import { b as c } from './b.js';",
            "import { b } from '../b.js';",
            "import {",
            "export * from './b.js';",
            "export { b } from './b.js';",
            "export default function () {}",
            "export const { b } = c;",
            "const [b] = c;",
            "var b;",
            "const b = await import('./b.js');",
            "  console.log(import.meta.url);",
            "const b = `",
        ] {
            let modules =
                [("a.js", format!("\n{line}\nexport {{ a }};\nexport default a;\n")), ("b.js", "export const b = 1;\n".to_owned())];
            let modules: Vec<_> = modules.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let expected = BadModule::Form { module: "a.js".into(), line: 2, text: line.into() };
            assert_eq!(joined(&modules), Err(expected));
        }
    }

    #[test]
    fn modules_must_fit_together() {
        let entry = ("a.js", "import { b } from './b.js';\nconst a = b;\nexport { a };\nexport default a;\n");
        assert_eq!(joined(&[]), Err(BadModule::Missing("a.js".into())));
        assert_eq!(joined(&[entry]), Err(BadModule::Missing("b.js".into())));
        assert_eq!(joined(&[("a.js", "const a = 1;\n")]), Err(BadModule::NoExports("a.js".into())));
        let other = joined(&[entry, ("b.js", "export const c = 1;\n")]);
        assert_eq!(other, Err(BadModule::NotExported { module: "a.js".into(), name: "b".into(), from: "b.js".into() }));
        let twice = joined(&[entry, ("b.js", "export const b = 1;\nfunction a() {}\n")]);
        assert_eq!(twice, Err(BadModule::DeclaredTwice { module: "a.js".into(), name: "a".into() }));
        let circle = joined(&[entry, ("b.js", "import { a } from './a.js';\nexport const b = a;\n")]);
        assert_eq!(circle, Err(BadModule::Circular("a.js".into())));
    }
}
