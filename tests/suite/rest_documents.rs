//! What is written about REST and events is what the program does: `docs/api.md` names every route and no other, `docs/events.md` every event.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{TestOffice, http, rest};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `GET /users?limite=` and the like at the beginning of a row of the documents: method, path, keys of the query.
fn documented() -> BTreeSet<(String, String, BTreeSet<String>)> {
    let rows = read("docs/api.md");
    let rows = rows.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(route, _)| route);
    let routes = rows.filter_map(|route| route.split_once(' ').filter(|(_, path)| path.starts_with('/')));
    routes
        .map(|(method, path)| {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let keys = query.split('&').filter(|key| !key.is_empty()).map(|key| key.trim_end_matches('=').to_owned());
            (method.to_owned(), path.to_owned(), keys.collect())
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_documents_and_the_other_way_round() {
    let office = TestOffice::spawn().await;
    let (_, description) = rest(office.address(), "GET", "/openapi.json", Value::Null).await;
    assert_eq!(description["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let keys = parameters.iter().filter(|parameter| parameter["in"] == "query");
            let keys = keys.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
            described.insert((method.to_uppercase(), path.clone(), keys));
        }
    }
    let documented = documented();
    let missing: Vec<_> = described.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&described).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in docs/api.md: {missing:#?}\nnot in the program: {gone:#?}");
}

#[tokio::test]
async fn what_a_route_answers_is_what_the_description_says() {
    let office = TestOffice::spawn().await;
    let address = office.address();
    rest(address, "POST", "/branches/1/tickets", json!({"nombre": "Inés"})).await;
    rest(address, "POST", "/branches/1/desks/1/call-next", json!({})).await;
    rest(address, "POST", "/users", json!({"nombre": "Ana", "rol": "admin"})).await;
    let (_, description) = rest(address, "GET", "/openapi.json", Value::Null).await;
    for path in [
        "/users",
        "/ticker",
        "/branches",
        "/branches/{branch}",
        "/branches/{branch}/status",
        "/branches/{branch}/queue",
        "/branches/{branch}/calls",
        "/branches/{branch}/tickets",
        "/branches/{branch}/figures",
    ] {
        let (status, answer) = rest(address, "GET", &path.replace("{branch}", "1"), Value::Null).await;
        assert_eq!(status, 200, "{path}");
        let schema = &description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let faults = faults(&answer, schema, &description, path);
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

/// Where a value has keys that its schema does not know, or lacks what must be there.
fn faults(value: &Value, schema: &Value, description: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = description.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} is nowhere"));
        return faults(value, found, description, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let all: Vec<_> = choices.iter().map(|choice| faults(value, choice, description, at)).collect();
        return if all.iter().any(Vec::is_empty) { Vec::new() } else { all.into_iter().flatten().collect() };
    }
    match (value, schema["type"].as_str()) {
        (Value::Object(fields), Some("object")) => {
            let known = schema["properties"].as_object().cloned().unwrap_or_default();
            let mut found = Vec::new();
            for (name, field) in fields {
                match known.get(name) {
                    Some(schema) => found.extend(faults(field, schema, description, &format!("{at}.{name}"))),
                    None => found.push(format!("{at}.{name} is not described")),
                }
            }
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let missing = required.iter().filter_map(Value::as_str).filter(|name| !fields.contains_key(*name));
            found.extend(missing.map(|name| format!("{at}.{name} is missing")));
            found
        }
        (Value::Array(items), Some("array")) => {
            items.iter().flat_map(|item| faults(item, &schema["items"], description, &format!("{at}[]"))).collect()
        }
        (Value::Object(_) | Value::Array(_), Some(other)) => vec![format!("{at} is no {other}")],
        (Value::Null, Some(other)) if other != "null" => vec![format!("{at} is null and no {other}")],
        _ => Vec::new(),
    }
}

/// The texts in quotes that stand before this in the sources of these files.
fn quoted(files: &[&str], after: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let text = read(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices('"') {
            let rest = &code[at + 1..];
            let Some(end) = rest.find('"') else { continue };
            let (word, behind) = (&rest[..end], &rest[end + 1..]);
            let is_event = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            if is_event && behind.trim_start().starts_with(after) {
                found.insert(word.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_event_is_in_the_documents_and_the_other_way_round() {
    let text = read("docs/events.md");
    let section = |from: &str, to: &str| text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default().to_owned();
    let names = |section: &str| -> BTreeSet<String> {
        let cells = section.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| line.split(" | ").next());
        cells.flat_map(|cell| cell.split(", ").map(|name| name.trim_matches(['`', ' ']).to_owned()).collect::<Vec<_>>()).collect()
    };
    let heard = ["src/service/commands.rs", "src/service/hall.rs", "src/service/screens.rs"];
    let mut known = quoted(&heard, "=>");
    known.extend(quoted(&heard, "| \""));
    known.extend(quoted(&heard, "if at_desk =>"));
    known.extend(["siguiente-ticket", "cifras", "certificado", "correo-leido", "entrar-cliente", "poner-aviso"].map(str::to_owned));
    let client = names(&section("## Client → server", "## Server → client"));
    assert!(client.len() > 25, "{client:?}");
    assert_eq!(known.difference(&client).collect::<Vec<_>>(), Vec::<&String>::new(), "not in docs/events.md");
    assert_eq!(client.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "in docs/events.md alone");

    let told = names(section("## Server → client", "### Snapshot").split("*Everybody*").next().unwrap_or_default());
    let speaking =
        ["tickets", "branch", "hall", "staff", "standing", "watch", "screens", "messages"].map(|file| format!("src/service/{file}.rs"));
    for event in &told {
        let name = format!("\"{event}\"");
        assert!(speaking.iter().any(|file| read(file).contains(&name)), "{event} is told by nobody");
    }
    for file in &speaking {
        let text = read(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for part in code.split("encode(\"").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(told.contains(name), "{file} tells {name}, which is not in docs/events.md");
        }
    }
}

#[tokio::test]
async fn the_page_to_try_it_is_served_with_what_it_needs() {
    let office = TestOffice::spawn().await;
    for (path, media_type) in
        [("/api", "text/html"), ("/api/", "text/html"), ("/api/try.js", "text/javascript"), ("/api/try.css", "text/css")]
    {
        let answer = http(office.address(), "GET", path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with(media_type)), "{path}: {answer:?}");
        assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("script-src 'self'")), "{path}");
    }
    assert_eq!(http(office.address(), "POST", "/api", &[]).await.status, 405);
    assert_eq!(http(office.address(), "GET", "/api/nothing.js", &[]).await.status, 404);
}
