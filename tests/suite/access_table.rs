//! The table of `docs/security.md`, asked of a running server: every event and every route in the name of everybody there is. What is refused
//! is refused with the code that the table says, and changes nothing.

use serde_json::{Value, json};
use siguiente::access::Rate;
use siguiente::service::EVENTS;

use crate::access::{ask, client, code, paired, user};
use crate::harness::badge::{ACCOUNT, PASSWORD, sign_in};
use crate::harness::{Client, TestOffice, http, rest, rest_answer};

const DOCUMENT: &str = include_str!("../../docs/security.md");

/// The cells of the rows of the table that begins so.
fn table(first: &str) -> Vec<Vec<&'static str>> {
    let rows = DOCUMENT.lines().skip_while(|line| !line.starts_with(first)).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<_>> = rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(rows.len() > 2, "no table begins with {first:?}");
    rows
}

/// What stands between backquotes.
fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split('`').skip(1).step_by(2)
}

/// What the document says of an event or a route.
struct Said {
    action: &'static str,
    /// It is enough to be allowed in any branch.
    anywhere: bool,
}

/// The row of an event, as it is sent.
fn of_event(event: &str, by_token: bool) -> Said {
    let rows = table("| action | events | routes |");
    // What stands behind `with …:` is of that way alone.
    let says = |cell: &'static str| {
        let (plain, others) = cell.split_once("; with ").unwrap_or((cell, ""));
        let way = if others.starts_with("`token`") { by_token } else { !by_token };
        words(plain).any(|word| word == event) || way && words(others).any(|word| word == event)
    };
    let found: Vec<_> = rows[2..].iter().filter(|row| says(row[1])).map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(found.len(), 1, "{event} stands in one row: {found:?}");
    Said { action: found[0], anywhere: false }
}

/// The row of a route: the one that says most of its path.
fn of_route(method: &str, path: &str) -> Said {
    let rows = table("| action | events | routes |");
    let mut best: Option<(usize, Said)> = None;
    for row in &rows[2..] {
        let (here, anywhere) = row[2].split_once("in any branch:").unwrap_or((row[2], ""));
        for (cell, anywhere) in [(here, false), (anywhere, true)] {
            for pattern in words(cell).filter_map(|word| word.strip_prefix(method)?.strip_prefix(' ')) {
                let weight = match pattern.strip_suffix('*') {
                    Some(start) => path.strip_prefix(start).map(|_| start.len()),
                    None => (pattern == path).then_some(usize::MAX),
                };
                if let Some(weight) = weight.filter(|weight| best.as_ref().is_none_or(|(other, _)| weight > other)) {
                    best = Some((weight, Said { action: row[0].trim_matches('`'), anywhere }));
                }
            }
        }
    }
    best.unwrap_or_else(|| panic!("{method} {path} stands in no row")).1
}

/// The cell of a role in the row of an action.
fn cell(said: &Said, role: &str) -> &'static str {
    let rows = table("| action | nobody |");
    let column = rows[0].iter().position(|name| *name == role).expect("the role is a column");
    let row = rows.iter().find(|row| row[0].trim_matches('`') == said.action).expect("the action is a row");
    match row[column] {
        "403" if said.anywhere && role == "agent of another branch" => "yes",
        // The branches leave nothing open here.
        "open" => "401",
        cell => cell,
    }
}

struct Role {
    name: &'static str,
    token: Option<String>,
}

struct Scene {
    office: TestOffice,
    admin: String,
    roles: Vec<Role>,
    /// A user who is done things to.
    victim: String,
    /// A screen likewise.
    device: String,
    ticket: String,
}

impl Scene {
    async fn new() -> Self {
        let office = TestOffice::setup().with_branch(2, |settings| settings.name = "Puerto".into());
        let office = office.guarded_with(Rate { burst: 10_000, every: 1 }).spawn().await;
        let admin = sign_in(office.address(), ACCOUNT, PASSWORD).await;
        let (device, _) = paired(&office, &admin, "pantalla").await;
        let kiosk = paired(&office, &admin, "kiosco").await.1;
        let display = paired(&office, &admin, "pantalla").await.1;
        let mut roles = vec![Role { name: "nobody", token: None }, Role { name: "visitor with token", token: None }];
        roles.push(Role { name: "kiosk", token: Some(kiosk) });
        roles.push(Role { name: "display", token: Some(display) });
        for (name, account, role, branches) in [
            ("agent of another branch", "otra", "agente", json!({"2": "agente"})),
            ("agent", "ana", "agente", json!({"1": "agente"})),
            ("supervisor", "bea", "supervisor", json!({"1": "supervisor", "2": "agente"})),
            ("admin of the branch", "cai", "admin", json!({"1": "admin"})),
            ("admin", "dan", "admin", Value::Null),
        ] {
            let (_, token) = user(&office, &admin, account, role, branches).await;
            roles.push(Role { name, token: Some(token) });
        }
        let columns = table("| action | nobody |")[0][1..].to_vec();
        assert_eq!(roles.iter().map(|role| role.name).collect::<Vec<_>>(), columns, "everybody in the table");
        let (_, made) = ask(&office, &admin, "POST", "/users", json!({"nombre": "Eva", "rol": "agente"})).await;
        let (_, taken) = ask(&office, &admin, "POST", "/branches/1/tickets", json!({"servicio": "A"})).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (victim, ticket) = (text(&made["id"]), text(&taken["ticket"]["token"]));
        Self { office, admin, roles, victim, device, ticket }
    }

    /// All that there is to be changed.
    async fn state(&self) -> Vec<Value> {
        let mut state = Vec::new();
        for path in [
            "/branches",
            "/branches/1",
            "/branches/1/queue",
            "/branches/1/webhooks",
            "/branches/2/queue",
            "/users",
            "/devices",
            "/ticker",
            "/audit?limite=1",
            "/sessions",
        ] {
            let (status, mut body) = ask(&self.office, &self.admin, "GET", path, Value::Null).await;
            assert_eq!(status, 200, "{path}: {body}");
            // When a screen was seen says nothing of what it may.
            for device in body["dispositivos"].as_array_mut().into_iter().flatten() {
                device.as_object_mut().expect("a screen").retain(|name, _| !matches!(name.as_str(), "visto" | "conectado"));
            }
            forget_estimates(&mut body);
            state.push(body);
        }
        state.push(ask(&self.office, &self.admin, "GET", &format!("/users/{}/notes", self.victim), Value::Null).await.1);
        state
    }

    /// What is asked at a route. Bodies are such as do something when they are let through.
    async fn body(&self, method: &str, path: &str) -> Value {
        let settings = async |path: &str| ask(&self.office, &self.admin, "GET", path, Value::Null).await.1;
        match (method, path) {
            ("GET" | "DELETE", _) => Value::Null,
            ("POST", "/session") => json!({"acceso": "nadie", "clave": PASSWORD}),
            ("PUT", "/session/password") => json!({"actual": "no es esta", "nueva": "batería correcta"}),
            ("POST", "/setup") => json!({"codigo": "AAAA-AAAA", "admin": {"nombre": "x", "acceso": "x", "clave": PASSWORD}}),
            ("POST", "/pairing") => json!({"tipo": "kiosco"}),
            ("POST", "/pairing/claim") => json!({"secreto": "sgd_x"}),
            ("POST", "/devices") => json!({"codigo": "000000", "nombre": "x", "sucursal": 1}),
            ("PUT", "/devices/{device}") => json!({"nombre": "Otra"}),
            ("PUT", "/users/{user}/password") => json!({"nueva": "batería correcta"}),
            ("POST" | "PUT", "/users" | "/users/{user}") => json!({"nombre": "Nuevo", "rol": "agente"}),
            ("POST", "/users/{user}/notes") => json!({"from": "x", "mensaje": "hola"}),
            ("POST", "/messages") => json!({"mensaje": "hola"}),
            ("PUT", "/ticker") => json!({"mensaje": "hola"}),
            ("POST", "/branches") => {
                let mut branch = settings("/branches/1").await;
                branch["name"] = "Nueva".into();
                branch.as_object_mut().expect("settings").remove("id");
                branch
            }
            ("PUT", "/branches/{branch}") => {
                let mut branch = settings("/branches/1").await;
                branch["name"] = "Otro nombre".into();
                branch
            }
            ("PUT", "/branches/{branch}/hours") => json!({"last_tickets": 7}),
            ("PUT", "/branches/{branch}/policy") => json!({"kind": "fifo"}),
            ("POST", "/branches/{branch}/services") => {
                let mut service = settings("/branches/1/services/1").await;
                service["slug"] = "nuevo".into();
                service["prefix"] = "N".into();
                service.as_object_mut().expect("a service").remove("id");
                service
            }
            ("PUT", "/branches/{branch}/services/{service}") => {
                let mut service = settings("/branches/1/services/1").await;
                service["slug"] = "otro".into();
                service
            }
            ("POST", "/branches/{branch}/desks") => json!({"name": {"es": "Nuevo", "en": "New"}, "services": []}),
            ("PUT", "/branches/{branch}/desks/{desk}") => json!({"name": {"es": "Otro", "en": "Other"}, "services": []}),
            (_, path) if path.contains("/webhooks") => match path {
                "/branches/{branch}/webhooks" | "/branches/{branch}/webhooks/{hook}" => {
                    json!({"url": "https://hooks.example.org/", "eventos": [], "activo": false})
                }
                _ => Value::Null,
            },
            (_, "/branches/{branch}/tickets") => json!({"servicio": "A"}),
            (_, "/branches/{branch}/tickets/{ticket}/note") => json!({"nota": "x"}),
            (_, path) if path.ends_with("/call") || path.ends_with("/resume") => json!({"ticket": "A-001"}),
            (_, path) if path.ends_with("/transfer") => json!({"servicio": "B"}),
            (_, path) if path.starts_with("/tickets/own") => json!({"token": "0123456789abcdef0123456789abcdef"}),
            _ => json!({}),
        }
    }

    fn path(&self, path: &str) -> String {
        let none = "0".repeat(32);
        let places = [
            ("{branch}", "1"),
            ("{desk}", "1"),
            ("{service}", "1"),
            ("{ticket}", "A-001"),
            ("{user}", &self.victim),
            ("{device}", &self.device),
            ("{note}", &none),
            ("{session}", &none),
            ("{hook}", &none),
        ];
        places.iter().fold(path.to_owned(), |path, (place, value)| path.replace(place, value))
    }
}

/// How long people will wait is a matter of the time, and of whoever is at a desk just then.
fn forget_estimates(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("espera");
            fields.values_mut().for_each(forget_estimates);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_estimates),
        _ => {}
    }
}

/// Compares what was answered with what the table says.
#[track_caller]
fn check(cell: &str, answered: &str, of_visitor: bool, what: &str) {
    let refused = matches!(answered, "not_signed_in" | "forbidden");
    match cell {
        "401" => assert_eq!(answered, "not_signed_in", "{what}"),
        "403" => assert_eq!(answered, "forbidden", "{what}"),
        "token" => assert_eq!(answered, "unknown_ticket", "{what}"),
        "yes" => assert!(!(refused || of_visitor && answered == "unknown_ticket"), "{what}: {answered}"),
        other => panic!("{other} in the table"),
    }
}

fn is_refusal(cell: &str) -> bool {
    cell != "yes"
}

#[tokio::test]
async fn every_event_is_for_those_whom_the_table_names() {
    let scene = Scene::new().await;
    let mut clients: Vec<Client> = Vec::new();
    for role in &scene.roles {
        clients.push(client(&scene.office, role.token.as_deref(), 1).await);
    }
    let own = ["registrar-llegada", "cancelar-ticket"].map(|event| (event, true));
    for (event, by_token) in EVENTS.iter().map(|(event, action)| (*event, format!("{action:?}") == "OwnTicket")).chain(own) {
        let said = of_event(event, by_token);
        let payload = |of_visitor: bool| match event {
            _ if by_token && of_visitor => json!({"token": scene.ticket}),
            _ if by_token => json!({"token": "0123456789abcdef0123456789abcdef"}),
            "siguiente-ticket" => json!({"servicio": "A"}),
            "entrar-cliente" => json!({"nombre": "x"}),
            "enviar-mensaje" | "poner-aviso" => json!({"mensaje": "hola"}),
            "derivar" => json!({"escritorio": 1, "ticket": "A-001", "servicio": "B"}),
            "anotar" => json!({"ticket": "A-001", "nota": "x"}),
            "correo-leido" => json!({"id": "0".repeat(32)}),
            "atender-ticket" | "abrir-puesto" | "entrar-puesto" | "proximo" => json!({"escritorio": 1}),
            "cola" | "entrar-pantalla" | "cifras" | "cerrar-jornada" | "abrir-jornada" => json!({}),
            _ => json!({"escritorio": 1, "ticket": "A-001"}),
        };
        // First those who may not: what they ask for would be done for others.
        let before = scene.state().await;
        for refused in [true, false] {
            for (role, client) in scene.roles.iter().zip(&mut clients) {
                let cell = cell(&said, role.name);
                if is_refusal(cell) == refused {
                    let of_visitor = role.name == "visitor with token";
                    let answer = client.emit_with_ack(event, payload(of_visitor)).await;
                    check(cell, code(&answer), of_visitor, &format!("{event} (by token: {by_token}) of {}", role.name));
                }
            }
            if refused {
                assert_eq!(scene.state().await, before, "{event} was refused and changed something");
            }
        }
    }
}

#[tokio::test]
async fn every_route_is_for_those_whom_the_table_names() {
    let scene = Scene::new().await;
    let description = http(scene.office.address(), "GET", "/api/v1/openapi.json", &[]).await;
    let description: Value = serde_json::from_str(&description.body).expect("the description is JSON");
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        let path = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
        for (verb, operation) in methods.as_object().expect("methods") {
            if matches!(verb.as_str(), "get" | "post" | "put" | "delete") {
                let takes_branch = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "sucursal"));
                routes.push((verb.to_uppercase(), path.clone(), if takes_branch { "?sucursal=1" } else { "" }));
            }
        }
    }
    assert!(routes.len() > 80, "{}", routes.len());
    // What takes away what others are asked about comes last, and one's own sign-in at the very end.
    routes.sort_by_key(|(method, path, _)| (method == "DELETE", path == "/session", path == "/users/{user}", path.clone()));
    for (method, path, query) in &routes {
        let said = of_route(method, path);
        let before = scene.state().await;
        let (asked, body) = (scene.path(path) + query, scene.body(method, path).await);
        for refused in [true, false] {
            for role in &scene.roles {
                let cell = cell(&said, role.name);
                if is_refusal(cell) != refused {
                    continue;
                }
                let of_visitor = role.name == "visitor with token";
                let own = of_visitor && said.action == "OwnTicket";
                let body = if own { json!({"token": scene.ticket}) } else { body.clone() };
                let header = role.token.as_ref().map_or("Authorization: none".to_owned(), |token| format!("Authorization: Bearer {token}"));
                let answer = rest_answer(scene.office.address(), method, &asked, &[&header], body).await;
                let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
                let answered = if answer.status >= 400 { code(&problem) } else { "" };
                let what = format!("{method} {path} of {} ({}): {} {}", role.name, said.action, answer.status, answer.body);
                check(cell, answered, own, &what);
                let status = match answered {
                    "not_signed_in" => 401,
                    "forbidden" => 403,
                    "unknown_ticket" => 404,
                    _ => continue,
                };
                assert_eq!(answer.status, status, "{what}");
            }
            if refused {
                assert_eq!(scene.state().await, before, "{method} {path} was refused and changed something");
            }
        }
    }
}

#[tokio::test]
async fn screens_that_are_open_are_open_to_their_own_network() {
    let office = TestOffice::setup().with_settings(|settings| settings.screens = siguiente::access::Screens::OpenOnLocalNetwork);
    let office = office.guarded().spawn().await;
    for (method, path, status) in [
        ("POST", "/branches/1/tickets", 201),
        ("GET", "/branches/1/calls", 200),
        ("GET", "/ticker?sucursal=1", 200),
        ("GET", "/branches/1/queue", 401),
        ("POST", "/branches/1/tickets/A-001/cancel", 401),
        ("PUT", "/branches/1/policy", 401),
    ] {
        let body = if method == "GET" { Value::Null } else { json!({"kind": "fifo"}) };
        let body = if path.ends_with("/tickets") || path.ends_with("/cancel") { json!({}) } else { body };
        assert_eq!(rest(office.address(), method, path, body).await.0, status, "{method} {path}");
    }
}
