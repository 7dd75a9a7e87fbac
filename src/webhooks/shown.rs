//! Owns how hooks and deliveries look as JSON, and as a schema of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::json as value;

use super::registry::HookBody;
use crate::office::{BranchId, HookId, Millis};
use crate::store::{Delivery, DeliveryState, Hook, Off};

/// What it is told of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Facts {
    /// What everybody may see.
    #[default]
    Publicos,
    /// Names, notes and outcomes as well.
    Todos,
}

/// What is sent and answered, as JSON Schema made of the types that are read and written.
pub mod shapes {
    use super::*;

    pub fn body(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<HookBody>()
    }

    pub fn hook(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Shown<'_>>()
    }

    pub fn hooks(generator: &mut SchemaGenerator) -> Schema {
        let hooks = value!({ "type": "array", "items": generator.subschema_for::<Shown<'_>>() });
        object(&[("ganchos", hooks)])
    }

    pub fn delivery(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ShownDelivery<'_>>()
    }

    pub fn deliveries(generator: &mut SchemaGenerator) -> Schema {
        let deliveries = value!({ "type": "array", "items": generator.subschema_for::<ShownDelivery<'_>>() });
        object(&[("entregas", deliveries), ("siguiente", value!({ "type": ["string", "null"] }))])
    }

    fn object(fields: &[(&str, serde_json::Value)]) -> Schema {
        let properties: serde_json::Map<_, _> = fields.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect();
        let required: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        schemars::json_schema!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }
}

pub fn json(value: &impl Serialize) -> String {
    // Plain structs with text keys: nothing in them can fail to be written.
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("it is always JSON: {error}"))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hook")]
pub struct Shown<'a> {
    #[schemars(with = "String")]
    id: HookId,
    #[schemars(with = "u32")]
    sucursal: BranchId,
    url: &'a str,
    eventos: &'a [String],
    activo: bool,
    descripcion: Option<&'a str>,
    datos: Facts,
    #[schemars(with = "i64")]
    creado: Millis,
    estado: &'static str,
    /// Since when nothing comes through.
    #[schemars(with = "Option<i64>")]
    fallando: Option<Millis>,
    #[schemars(with = "Option<i64>")]
    ultima: Option<Millis>,
    /// Why the server switched it off.
    motivo: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secreto: Option<&'a str>,
}

impl<'a> Shown<'a> {
    pub fn new(hook: &'a Hook, secret: Option<&'a str>) -> Self {
        Self {
            id: hook.id,
            sucursal: hook.branch,
            url: &hook.url,
            eventos: &hook.events,
            activo: hook.active,
            descripcion: hook.description.as_deref(),
            datos: if hook.personal { Facts::Todos } else { Facts::Publicos },
            creado: hook.created_at,
            estado: if hook.failing_since.is_some() { "fallando" } else { "bien" },
            fallando: hook.failing_since,
            ultima: hook.delivered_at,
            motivo: hook.off.map(|Off::Gone| "retirado"),
            secreto: secret,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct ShownDelivery<'a> {
    id: &'a str,
    evento: &'a str,
    codigo: Option<&'a str>,
    #[schemars(with = "i64")]
    fecha: Millis,
    intentos: u32,
    estado: &'static str,
    respuesta: Option<u16>,
    error: Option<&'a str>,
    duracion: u32,
    #[schemars(with = "Option<i64>")]
    proximo: Option<Millis>,
}

impl<'a> ShownDelivery<'a> {
    pub fn new(delivery: &'a Delivery) -> Self {
        let estado = match delivery.state {
            DeliveryState::Delivered => "entregada",
            DeliveryState::Pending => "pendiente",
            DeliveryState::Failed => "fallida",
        };
        Self {
            id: &delivery.event,
            evento: &delivery.kind,
            codigo: delivery.code.as_deref(),
            fecha: delivery.at,
            intentos: delivery.attempts,
            estado,
            respuesta: delivery.status,
            error: delivery.error.as_deref(),
            duracion: delivery.took,
            proximo: delivery.next,
        }
    }
}
