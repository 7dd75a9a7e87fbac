//! Owns the rules on who may import whom, what a file looks like and how long it is, and holds the sources to them.

mod scan;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module below the crate's root may import, besides itself. Top row last; every entry names rows below its own. All but the pure
/// layers may be handed a clock.
const LAYERS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("office", &[]),
    ("access", &["office"]),
    ("protocol", &[]),
    ("wrong", &["office"]),
    ("store", &["office", "access", "clock"]),
    ("realtime", &["protocol", "clock"]),
    ("service", &["office", "access", "store", "realtime", "clock", "wrong"]),
    ("webhooks", &["office", "access", "store", "clock", "wrong"]),
    ("http", &["service", "webhooks", "access", "realtime", "clock", "wrong"]),
    ("config", &["http", "service", "access", "realtime", "store", "protocol", "office", "clock", "telemetry"]),
    ("telemetry", &["http", "service", "access", "realtime", "store", "protocol", "office", "clock"]),
    ("app", &["config", "telemetry", "http", "webhooks", "service", "access", "realtime", "store", "protocol", "office", "clock", "wrong"]),
    ("main", &["app", "config", "telemetry", "clock"]),
];

/// Single names that a module may take from elsewhere all the same: a unit of measure has no layer.
const UNITS: &[(&str, &str)] = &[("clock", "crate::office::Millis")];

/// The crates that a pure module may name, and those that its tests may name besides.
const PURE: &[(&str, &[&str], &[&str])] = &[
    ("office", &["serde", "schemars", "chrono", "chrono_tz", "thiserror"], &["serde_json", "proptest"]),
    ("access", &["serde", "thiserror"], &["serde_json", "proptest"]),
    ("protocol", &["bytes", "bytestring", "serde_json", "base64", "thiserror"], &["proptest"]),
];

/// Parts of the standard library that act on the world.
const IMPURE: &[&str] = &["env", "fs", "net", "os", "process", "thread"];

const MOST_LINES: usize = 600;

/// A source file, by its path below the project's folder.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The modules from the crate's root down: `src/office/ids.rs` is `office`, `ids`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if path == "lib" { Vec::new() } else { path.split('/').collect() }
    }

    fn opens_with_its_purpose(&self) -> bool {
        self.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//! "))
    }
}

/// What is wrong in these files of `src/`, one line each.
fn faults(sources: &[Source], crates: &BTreeSet<String>) -> Vec<String> {
    let scanned: Vec<_> = sources.iter().map(|source| (source, source.module(), scan::scan(&source.text, &source.module()))).collect();
    let tests_only: BTreeSet<Vec<&str>> = scanned
        .iter()
        .flat_map(|(_, module, found)| {
            found.test_modules.iter().map(|name| module.iter().copied().chain([name.as_str()]).collect::<Vec<_>>())
        })
        .collect();

    let mut faults = Vec::new();
    for (source, module, found) in &scanned {
        if !source.opens_with_its_purpose() {
            faults.push(format!("{}: does not open with `//!` and what it owns", source.path));
        }
        let Some(layer) = module.first() else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| name == layer) else {
            faults.push(format!("{}: `{layer}` stands in no layer", source.path));
            continue;
        };
        let in_test_file = (1..=module.len()).any(|n| tests_only.contains(&module[..n]));
        for reference in &found.references {
            let path = reference.path.join("::");
            let names: Vec<&str> = reference.path.iter().map(String::as_str).collect();
            let wrong = match names[..] {
                ["crate" | "siguiente", other, ..] => {
                    let known = LAYERS.iter().any(|(name, _)| *name == other);
                    known && other != *layer && !allowed.contains(&other) && !UNITS.contains(&(layer, &path))
                }
                [first, ..] => match PURE.iter().find(|(name, ..)| name == layer) {
                    Some((_, allowed, in_tests)) => {
                        let in_test = reference.in_test || in_test_file;
                        let foreign = crates.contains(first) && !allowed.contains(&first) && !(in_test && in_tests.contains(&first));
                        foreign || (first == "std" && names.get(1).is_some_and(|part| IMPURE.contains(part)) && !in_test)
                    }
                    None => false,
                },
                [] => false,
            };
            if wrong {
                faults.push(format!("{}:{}: `{layer}` may not import `{path}`", source.path, reference.line));
            }
        }
    }
    faults
}

/// The names of all crates that a manifest depends on, as code writes them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut listed = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (table, name) = section.rsplit_once("dependencies").unwrap_or(("no", ""));
            listed = name.is_empty() && table != "no";
            if let Some(name) = name.strip_prefix('.') {
                names.insert(name.replace('-', "_"));
            }
        } else if let (true, Some((name, _))) = (listed && !line.starts_with('#'), line.split_once('=')) {
            let name = name.trim().split('.').next().unwrap_or_default();
            names.insert(name.trim_matches('"').replace('-', "_"));
        }
    }
    names
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below `folder`, in order. A folder that is not there has none.
fn sources(folder: &str) -> Vec<Source> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&project().join(folder), &mut files);
    files.sort();
    let read = |file: PathBuf| Source {
        path: file.strip_prefix(project()).unwrap().to_str().unwrap().replace('\\', "/"),
        text: fs::read_to_string(&file).unwrap(),
    };
    files.into_iter().map(read).collect()
}

#[test]
fn imports_go_downward_and_files_say_what_they_own() {
    let sources = sources("src");
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the sources were not found");
    let crates = dependencies(&fs::read_to_string(project().join("Cargo.toml")).unwrap());
    assert!(crates.contains("actix_web") && crates.contains("proptest"), "the manifest was not understood: {crates:?}");
    let faults = faults(&sources, &crates);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_file_is_over_its_length() {
    for source in ["src", "tests", "examples", "benches"].into_iter().flat_map(sources) {
        let lines = source.text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines; split it at {MOST_LINES}", source.path);
    }
}

#[test]
fn the_table_itself_goes_downward() {
    let rows = |name: &str| match name {
        "clock" => 0,
        "office" | "protocol" => 1,
        "access" | "wrong" => 2,
        "store" | "realtime" => 3,
        "service" | "webhooks" => 4,
        "http" => 5,
        "telemetry" => 6,
        "config" => 7,
        "app" => 8,
        "main" => 9,
        other => panic!("{other} has no row"),
    };
    for (name, allowed) in LAYERS {
        for other in *allowed {
            assert!(rows(other) < rows(name), "{name} may import {other}");
        }
    }
}

/// The faults of made-up files, given as path and text after the opening line.
fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
    let crates = ["actix", "serde", "serde_json", "tokio", "proptest", "chrono"].map(str::to_owned).into();
    let source = |(path, text): &(&str, &str)| Source { path: path.to_string(), text: format!("//! Owns this.\n{text}") };
    faults(&files.iter().map(source).collect::<Vec<_>>(), &crates)
}

#[test]
fn an_upward_import_is_caught() {
    for (path, text, imported) in [
        ("src/store/sqlite.rs", "use crate::service::Ledger;", "crate::service::Ledger"),
        ("src/store/mod.rs", "use super::realtime::Hub;", "crate::realtime::Hub"),
        ("src/office/ticket.rs", "fn f() { crate::clock::instant(); }", "crate::clock::instant"),
        ("src/office/mod.rs", "use crate::{protocol::Packet};", "crate::protocol::Packet"),
        ("src/protocol/packet.rs", "mod x { use super::super::super::office::Ticket; }", "crate::office::Ticket"),
        ("src/realtime/hub.rs", "#[cfg(test)] mod tests { use crate::office::Ticket; }", "crate::office::Ticket"),
        ("src/http/mod.rs", "use crate::store::Store;", "crate::store::Store"),
        ("src/clock.rs", "use crate::office::Ticket;", "crate::office::Ticket"),
        ("src/main.rs", "use siguiente::http::pages;", "siguiente::http::pages"),
    ] {
        let layer = path.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        assert_eq!(faults_of(&[(path, text)]), [format!("{path}:2: `{layer}` may not import `{imported}`")]);
    }
}

#[test]
fn a_foreign_crate_in_a_pure_layer_is_caught() {
    for (text, imported) in [
        ("use actix::prelude::*;", "actix::prelude::*"),
        ("#[tokio::main] async fn f() {}", "tokio::main"),
        ("use serde_json::Value;", "serde_json::Value"),
        ("use std::fs::File;", "std::fs::File"),
        ("fn f() { std::thread::yield_now() }", "std::thread::yield_now"),
        ("#[cfg(test)] mod tests { use tokio::time; }", "tokio::time"),
    ] {
        assert_eq!(faults_of(&[("src/office/x.rs", text)]), [format!("src/office/x.rs:2: `office` may not import `{imported}`")]);
    }
}

#[test]
fn what_is_allowed_is_not_caught() {
    let allowed = [
        ("src/lib.rs", "pub mod app; pub mod office;"),
        ("src/main.rs", "use siguiente::{app, config::Config}; fn main() { siguiente::telemetry::flush(); }"),
        ("src/clock.rs", "use crate::office::Millis; use tokio::time::Instant;"),
        (
            "src/office/mod.rs",
            "mod ids; use serde::Serialize; use std::fmt; #[cfg(test)] mod props; #[cfg(test)] mod tests { use serde_json::json; }",
        ),
        ("src/office/props.rs", "use proptest::prelude::*; // crate::service::x, actix::y"),
        ("src/service/mod.rs", "use crate::{clock::Clock, office, realtime::Hub, store::Store}; const X: &str = \"crate::http::x\";"),
        ("src/app/demo.rs", "use crate::{config, http, telemetry, store};"),
    ];
    assert_eq!(faults_of(&allowed), Vec::<String>::new());
}

#[test]
fn a_file_that_does_not_say_what_it_owns_is_caught() {
    let source = |text: &str| Source { path: "src/office/x.rs".to_owned(), text: text.to_owned() };
    for text in ["", "use std::fmt;", "// Owns x.\n", "/// Owns x.\nfn f() {}", "//!\n//! Owns x."] {
        let faults = faults(&[source(text)], &BTreeSet::new());
        assert_eq!(faults, ["src/office/x.rs: does not open with `//!` and what it owns"], "{text:?}");
    }
    assert!(faults(&[source("\n//! Owns x.\nfn f() {}")], &BTreeSet::new()).is_empty());
}

#[test]
fn a_module_without_a_layer_is_caught() {
    assert_eq!(faults_of(&[("src/helpers.rs", "")]), ["src/helpers.rs: `helpers` stands in no layer"]);
}

#[test]
fn dependencies_are_read_from_every_table() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nactix-web = \"4\"\n# old = 1\nserde.workspace = true\n[dev-dependencies.proptest]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = { version = \"0.2\" }\n[profile.dev]\ndebug = 1";
    let names: Vec<_> = dependencies(manifest).into_iter().collect();
    assert_eq!(names, ["actix_web", "libc", "proptest", "serde"]);
}
