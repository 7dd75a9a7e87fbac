//! Owns how answers and bodies look, as JSON Schema made of the very types that are written and read. Describes; writes and reads nothing.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::configure::HoursBody;
use super::knock::{ChangePasswordBody, ClaimBody, DeviceBody, NewPasswordBody, PairBody, RenameBody, SetUpBody, SignInBody, UserBody};
use super::messages::{MessageBody, NoteBody, NoteView, TickerBody, TickerView};
use super::payload::{Label, Position, Priority};
use super::reasons::Why;
use super::reports::{CertificateView, FiguresView};
use super::simulation::SimulationView;
use super::trail::LineView;
use super::users::UserView;
use super::view::{CallView, DeskView, OwnTicket, Snapshot, StaffTicket, StatusView};
use crate::office::{Desk, Policy, Service, Settings};

/// Makes a schema; what it refers to is put into the generator.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// Bodies.
pub mod bodies {
    use super::*;

    pub fn user(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<UserBody>()
    }

    pub fn note(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<NoteBody>()
    }

    pub fn sign_in(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<SignInBody>()
    }

    pub fn change_password(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ChangePasswordBody>()
    }

    pub fn new_password(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<NewPasswordBody>()
    }

    pub fn set_up(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<SetUpBody>()
    }

    pub fn pair(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<PairBody>()
    }

    pub fn claim(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ClaimBody>()
    }

    pub fn device(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<DeviceBody>()
    }

    pub fn rename(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<RenameBody>()
    }

    pub fn message(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<MessageBody>()
    }

    pub fn ticker(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<TickerBody>()
    }

    pub fn hours(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<HoursBody>()
    }

    pub fn policy(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Policy>()
    }

    /// A branch in the form of the office file. Its number may be said where it has one.
    pub fn branch(generator: &mut SchemaGenerator) -> Schema {
        with_id::<Settings>(generator)
    }

    pub fn new_branch(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Settings>()
    }

    /// Without `id` it gets the next one.
    pub fn service(generator: &mut SchemaGenerator) -> Schema {
        with_id::<Service>(generator)
    }

    pub fn desk(generator: &mut SchemaGenerator) -> Schema {
        with_id::<Desk>(generator)
    }

    /// A type of the settings, where `id` may be said and need not.
    fn with_id<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        let id = generator.subschema_for::<u32>();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert("id".into(), id.to_value());
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|name| name != "id");
        }
        schema
    }
}

/// The fields that bodies of commands have, as the events have them.
pub mod fields {
    use super::*;

    pub fn label(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<Label>>()
    }

    pub fn priority(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<Priority>>()
    }

    pub fn position(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<Position>>()
    }

    pub fn text(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"] })
    }

    /// A business day.
    pub fn day(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"], "format": "date" })
    }

    pub fn key(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"], "minLength": 1, "maxLength": 128 })
    }

    /// A ticket's token, a user's id, a session.
    pub fn id(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"], "pattern": "^[0-9a-fA-F]{32}$" })
    }

    pub fn needed_text(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }

    pub fn flag(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["boolean", "null"] })
    }
}

/// Answers.
pub mod answers {
    use super::*;

    pub fn user(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<UserView<'_>>()
    }

    pub fn users(generator: &mut SchemaGenerator) -> Schema {
        let users = list::<UserView<'_>>(generator);
        object([("usuarios", users), ("siguiente", next())])
    }

    pub fn note(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<NoteView<'_>>()
    }

    /// Who somebody is. `token` only where it was asked for.
    pub fn session(_: &mut SchemaGenerator) -> Schema {
        let quien = json!({ "enum": ["usuario", "dispositivo", "nadie", "demostracion"] });
        let branch = object([
            ("id", json!({ "type": "integer" })),
            ("nombre", json!({ "type": "string" })),
            ("rol", json!({ "enum": ["admin", "supervisor", "agente", null] })),
            ("pantallas", json!({ "enum": ["vinculadas", "abiertas"] })),
        ]);
        open(object([("quien", quien), ("sucursales", json!({ "type": "array", "items": branch }))]))
    }

    pub fn sessions(_: &mut SchemaGenerator) -> Schema {
        let login = object([
            ("id", json!({ "type": "string" })),
            ("creada", json!({ "type": "integer" })),
            ("usada", json!({ "type": "integer" })),
            ("actual", json!({ "type": "boolean" })),
        ]);
        let login = open(login);
        object([("sesiones", json!({ "type": "array", "items": login }))])
    }

    pub fn setup(_: &mut SchemaGenerator) -> Schema {
        object([("pendiente", json!({ "type": "boolean" }))])
    }

    pub fn pairing(_: &mut SchemaGenerator) -> Schema {
        let digits = json!({ "type": "string", "pattern": "^[0-9]{6}$" });
        object([("codigo", digits), ("secreto", json!({ "type": "string" })), ("vence", json!({ "type": "integer" }))])
    }

    pub fn device(_: &mut SchemaGenerator) -> Schema {
        object([
            ("id", json!({ "type": "string" })),
            ("nombre", json!({ "type": "string" })),
            ("tipo", json!({ "enum": ["kiosco", "pantalla"] })),
            ("sucursal", json!({ "type": "integer" })),
            ("creado", json!({ "type": "integer" })),
            ("visto", json!({ "type": ["integer", "null"] })),
            ("conectado", json!({ "type": "boolean" })),
        ])
    }

    pub fn devices(generator: &mut SchemaGenerator) -> Schema {
        let device = device(generator);
        object([("dispositivos", json!({ "type": "array", "items": device })), ("siguiente", json!({ "type": "null" }))])
    }

    pub fn notes(generator: &mut SchemaGenerator) -> Schema {
        let notes = list::<NoteView<'_>>(generator);
        object([("correos", notes)])
    }

    pub fn message(_: &mut SchemaGenerator) -> Schema {
        object([("id", json!({ "type": "string" }))])
    }

    pub fn ticker(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<TickerView<'_>>()
    }

    pub fn branches(_: &mut SchemaGenerator) -> Schema {
        let branch = object([("id", json!({ "type": "integer" })), ("nombre", json!({ "type": "string" }))]);
        object([("sucursales", json!({ "type": "array", "items": branch }))])
    }

    pub fn services(generator: &mut SchemaGenerator) -> Schema {
        let services = list::<Service>(generator);
        object([("services", services)])
    }

    pub fn desks(generator: &mut SchemaGenerator) -> Schema {
        let desks = list::<Desk>(generator);
        object([("desks", desks)])
    }

    pub fn status(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<StatusView<'_>>()
    }

    pub fn board(generator: &mut SchemaGenerator) -> Schema {
        let board = generator.subschema_for::<Snapshot<'_>>().to_value();
        object([("cola", board)])
    }

    pub fn calls(generator: &mut SchemaGenerator) -> Schema {
        let calls = list::<CallView<'_>>(generator);
        object([("llamadas", calls)])
    }

    pub fn own_ticket(generator: &mut SchemaGenerator) -> Schema {
        let ticket = generator.subschema_for::<OwnTicket<'_>>().to_value();
        object([("ticket", ticket)])
    }

    pub fn staff_ticket(generator: &mut SchemaGenerator) -> Schema {
        let ticket = generator.subschema_for::<StaffTicket<'_>>().to_value();
        object([("ticket", ticket)])
    }

    /// To the staff all of it, to others what stands on the paper.
    pub fn any_ticket(generator: &mut SchemaGenerator) -> Schema {
        let (staff, own) = (generator.subschema_for::<StaffTicket<'_>>(), generator.subschema_for::<OwnTicket<'_>>());
        object([("ticket", json!({ "anyOf": [staff, own] }))])
    }

    pub fn tickets(generator: &mut SchemaGenerator) -> Schema {
        let tickets = list::<StaffTicket<'_>>(generator);
        object([("tickets", tickets), ("siguiente", next())])
    }

    pub fn restored(generator: &mut SchemaGenerator) -> Schema {
        let tickets = list::<StaffTicket<'_>>(generator);
        object([("tickets", tickets)])
    }

    pub fn desk(generator: &mut SchemaGenerator) -> Schema {
        let desk = generator.subschema_for::<DeskView<'_>>().to_value();
        object([("puesto", desk)])
    }

    pub fn opened_desk(generator: &mut SchemaGenerator) -> Schema {
        let desk = generator.subschema_for::<DeskView<'_>>().to_value();
        object([("sesion", json!({ "type": "string" })), ("puesto", desk)])
    }

    pub fn next_ticket(generator: &mut SchemaGenerator) -> Schema {
        let ticket = generator.subschema_for::<Option<StaffTicket<'_>>>().to_value();
        let why = generator.subschema_for::<Option<Why<'_>>>().to_value();
        object([("ticket", ticket), ("motivo", why)])
    }

    pub fn figures(generator: &mut SchemaGenerator) -> Schema {
        let lines = list::<FiguresView<'_>>(generator);
        object([("cifras", lines)])
    }

    pub fn simulation(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<SimulationView<'_>>()
    }

    pub fn audit(generator: &mut SchemaGenerator) -> Schema {
        let lines = list::<LineView<'_>>(generator);
        object([("entradas", lines), ("siguiente", next())])
    }

    /// An object that is described elsewhere.
    pub fn anything(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }

    pub fn certificate(generator: &mut SchemaGenerator) -> Schema {
        let certificate = generator.subschema_for::<CertificateView<'_>>().to_value();
        object([("certificado", certificate)])
    }

    fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
        json!({ "type": "array", "items": generator.subschema_for::<T>() })
    }

    /// Behind which the next page begins.
    fn next() -> Value {
        json!({ "type": ["string", "null"] })
    }
}

/// The object, which may have more fields than are named.
fn open(mut object: Schema) -> Schema {
    object.remove("additionalProperties");
    object
}

/// An object of exactly these fields.
pub fn object<const N: usize>(fields: [(&str, impl Into<Value>); N]) -> Schema {
    let mut properties = Map::new();
    for (name, schema) in fields {
        properties.insert(name.to_owned(), schema.into());
    }
    let required: Vec<_> = properties.keys().cloned().collect();
    json_schema!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}
