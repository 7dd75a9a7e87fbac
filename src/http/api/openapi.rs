//! Owns the description of REST in OpenAPI 3.1, made of the table and of the types' own schemas. Says nothing that the table does not.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::table::{self, Body, Field, Kind, Param, Route, Serve, Told, Verb};
use crate::access::Action;

/// The whole description.
pub fn describe() -> Value {
    // What is read and what is written may differ in what must be there.
    let mut bodies = generator(SchemaSettings::draft2020_12().for_deserialize());
    let mut answers = generator(SchemaSettings::draft2020_12().for_serialize());
    let mut paths: Map<String, Value> = Map::new();
    for route in table::all() {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        operations[route.verb.name().to_ascii_lowercase()] = operation(route, &mut bodies, &mut answers);
    }
    let mut schemas = answers.take_definitions(true);
    schemas.extend(bodies.take_definitions(true));
    schemas.insert("Problem".into(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "siguiente",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Branches, tickets, desks and people of a ticket queue. Every command takes the same way as the event of the same meaning: screens move at once, and what is answered is on disk. JSON keys are Spanish, times are milliseconds since 1970-01-01 UTC.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "siguiente" },
            },
        },
    })
}

fn generator(mut settings: SchemaSettings) -> SchemaGenerator {
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.into_generator()
}

fn operation(route: &Route, bodies: &mut SchemaGenerator, answers: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [group(route)],
        "summary": route.summary,
        "description": format!("Who may: {}.", who(route.access)),
        "responses": responses(route, bodies, answers),
    });
    let parameters: Vec<_> = route.places().map(place).chain(route.query.iter().map(query)).chain(headers(route)).collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let (shape, required) = match route.body {
        Body::None => (None, false),
        Body::Json(shape, _) => (Some(shape(bodies).to_value()), true),
        Body::Fields(fields) => (Some(object(fields, bodies)), fields.iter().any(|field| field.needed)),
    };
    if let Some(shape) = shape {
        operation["requestBody"] = json!({ "required": required, "content": { "application/json": { "schema": shape } } });
    }
    operation["security"] = match route.access {
        Action::SeePublic | Action::OwnTicket => json!([]),
        _ => json!([{ "bearer": [] }, { "cookie": [] }]),
    };
    operation
}

/// The method and the path's words: `postBranchTickets`.
fn operation_id(route: &Route) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let parts = route.path.split(['/', '-', '.']).filter(|part| !part.is_empty());
    let words = parts.map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => format!("By{}", capital(name)),
        None => capital(part),
    });
    std::iter::once(route.verb.name().to_ascii_lowercase()).chain(words).collect()
}

fn tags() -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for route in table::all() {
        if !names.contains(&group(route)) {
            names.push(group(route));
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// Under which heading it stands.
fn group(route: &Route) -> &'static str {
    let parts: Vec<_> = route.path.split('/').skip(1).collect();
    match parts[..] {
        ["branches", _, "desks", _, _, ..] => "desk work",
        ["branches", _, "tickets", ..] | ["tickets", ..] => "tickets",
        ["branches", _, "queue" | "calls" | "day" | "figures" | "status", ..] => "the day",
        ["branches", _, "webhooks", ..] => "web hooks",
        ["branches", ..] => "branches",
        ["openapi.json"] => "interface",
        ["users", ..] | ["messages" | "ticker"] => "people",
        _ => "access",
    }
}

/// As documents call those who may.
pub fn who(access: Action) -> &'static str {
    match access {
        Action::SeePublic => "everybody",
        Action::OwnTicket => "whoever shows the ticket's token",
        Action::TakeNumber => "kiosks and agents of the branch",
        Action::SeeDisplay => "screens and agents of the branch",
        Action::Serve => "agents",
        Action::Oversee => "supervisors",
        Action::Configure => "admins of the branch",
        Action::Administer => "admins of all branches",
        Action::OwnAccount => "whoever is signed in",
    }
}

fn place(name: &str) -> Value {
    let about = match name {
        "branch" => "Number or exact name of the branch",
        "desk" => "Number of the desk",
        "hook" => "Id of the web hook",
        "service" => "Number or slug of the service",
        "ticket" => "Id of the ticket, or its code of today",
        "user" => "Id of the user",
        "note" => "Id of the note",
        _ => "Its id",
    };
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string", "minLength": 1 } })
}

fn query(param: &Param) -> Value {
    let schema = match param.kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Number(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
    };
    json!({ "name": param.name, "in": "query", "description": param.about, "schema": schema })
}

fn headers(route: &Route) -> Vec<Value> {
    let mut headers = Vec::new();
    if route.heeds_keys() {
        let about = "The same key again gives the same answer, and nothing is done twice";
        let schema = json!({ "type": "string", "pattern": "^[!-~]{1,128}$" });
        headers.push(json!({ "name": "Idempotency-Key", "in": "header", "description": about, "schema": schema }));
    }
    if route.tagged && route.verb != Verb::Get {
        let about = "`ETag` of what is to be changed: refused with `conflict` when it was changed since";
        headers.push(json!({ "name": "If-Match", "in": "header", "description": about, "schema": { "type": "string" } }));
    }
    headers
}

/// The fields of a command, and no others.
fn object(fields: &[Field], generator: &mut SchemaGenerator) -> Value {
    let properties: Map<_, _> = fields.iter().map(|field| (field.name.to_owned(), (field.shape)(generator).to_value())).collect();
    let needed: Vec<_> = fields.iter().filter(|field| field.needed).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": needed, "additionalProperties": false })
}

fn responses(route: &Route, bodies: &mut SchemaGenerator, answers: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let json_of = |shape: Value| json!({ "application/json": { "schema": shape } });
    // A part of the settings is answered as it is sent: what may be left out is described once.
    let mut shown =
        |shape: crate::service::shapes::Shape| if is_settings(route) { shape(bodies).to_value() } else { shape(answers).to_value() };
    let good = match route.answer {
        Told::Json(shape) => json!({ "description": "Done", "content": json_of(shown(shape)) }),
        Told::JsonOrCsv(shape) => {
            let mut content = json_of(shown(shape));
            content["text/csv"] = json!({ "schema": { "type": "string" } });
            let mut done = json!({ "description": "Done", "content": content });
            if route.query.iter().any(|param| param.name == "despues") {
                let about = "Of CSV: the next page, `rel=\"next\"`, where there is one";
                done["headers"] = json!({ "Link": { "description": about, "schema": { "type": "string" } } });
            }
            done
        }
        Told::Created(shape) => {
            let location = json!({ "Location": { "description": "Where it is", "schema": { "type": "string" } } });
            json!({ "description": "Created", "headers": location, "content": json_of(shown(shape)) })
        }
        Told::Made(shape) | Told::MadeOrWaiting(shape) | Told::MadeOrKnown(shape) => {
            json!({ "description": "Done", "content": json_of(shown(shape)) })
        }
        Told::Nothing => json!({ "description": "Done" }),
    };
    if let Told::MadeOrKnown(_) = route.answer {
        responses.insert("200".into(), good.clone());
    }
    responses.insert(route.status().to_string(), good);
    if let Told::MadeOrWaiting(_) = route.answer {
        let waiting = json!({ "type": "object", "properties": { "pendiente": { "const": true } }, "required": ["pendiente"] });
        responses.insert("202".into(), json!({ "description": "Not yet", "content": json_of(waiting) }));
    }
    for status in route.refusals() {
        let refusal = json!({
            "description": meaning(status),
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        responses.insert(status.to_string(), refusal);
    }
    responses.into()
}

fn is_settings(route: &Route) -> bool {
    matches!(route.serve, Serve::Settings(_)) || (route.path, route.verb) == ("/branches", Verb::Post)
}

/// What a status says.
fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read",
        401 => "Nobody is signed in",
        403 => "Not allowed",
        404 => "There is no such thing",
        408 => "The body came too slowly",
        409 => "The office refuses it",
        412 => "It was changed meanwhile",
        413 => "The body is too long",
        415 => "The body is not JSON",
        422 => "A value does not fit",
        429 => "Too many requests",
        503 => "Nothing changed: try again",
        _ => "Refused",
    }
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why nothing was done (RFC 9457). `code` is stable, `detail` a sentence in the language of `Accept-Language`.",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "type": "string" },
            "lugar": { "type": "string", "description": "Where settings contradict themselves" },
            "abre": { "type": ["integer", "null"], "description": "When it opens next, where it is closed" },
        },
        "required": ["type", "title", "status", "detail", "code"],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let description = describe();
        let mut found = BTreeSet::new();
        references(&description, &mut found);
        assert!(found.len() > 10, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(description.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn a_hook_is_told_every_kind_that_there_is() {
        let description = describe();
        let kinds = &description["components"]["schemas"]["HookBody"]["properties"]["eventos"]["items"]["enum"];
        assert_eq!(*kinds, json!(crate::webhooks::KINDS));
    }

    #[test]
    fn keys_are_promised_where_they_are_heeded() {
        let description = describe();
        for route in table::all() {
            let operation = &description["paths"][route.path][route.verb.name().to_ascii_lowercase()];
            let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            let promised = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
            assert_eq!(promised, route.heeds_keys(), "{} {}", route.verb.name(), route.path);
            // A token that is worth nothing is told so wherever it is looked at.
            let looked_at = !matches!(route.serve, Serve::Description | Serve::Status);
            assert_eq!(operation["responses"].get("401").is_some(), looked_at, "{} {}", route.verb.name(), route.path);
        }
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let mut names = BTreeSet::new();
        for route in table::all() {
            assert!(names.insert(operation_id(route)), "{} is there twice", operation_id(route));
        }
        assert!(names.contains("postBranchesByBranchTickets"), "{names:?}");
    }

    #[test]
    fn types_that_are_read_and_written_look_the_same_in_both() {
        let (mut bodies, mut answers) =
            (generator(SchemaSettings::draft2020_12().for_deserialize()), generator(SchemaSettings::draft2020_12().for_serialize()));
        table::all().for_each(|route| drop(operation(route, &mut bodies, &mut answers)));
        let (bodies, answers) = (bodies.take_definitions(true), answers.take_definitions(true));
        for (name, schema) in &bodies {
            assert!(answers.get(name).is_none_or(|other| other == schema), "{name} is one thing in bodies and another in answers");
        }
    }
}
