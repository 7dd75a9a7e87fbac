//! Owns how a branch looks from outside, to everybody: whether it is open, how many wait, how long it takes, who was called last. For web
//! sites. Holds nothing of anybody.

use schemars::JsonSchema;
use serde::Serialize;

use super::board::{CallView, calls};
use super::json;
use super::outlook::{Outlook, WaitView};
use crate::office::{Millis, Name, Office, Settings};

/// Calls in it.
const CALLS: usize = 4;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub(in crate::service) struct StatusView<'a> {
    id: u32,
    nombre: &'a str,
    abierta: bool,
    abre: Option<Millis>,
    esperando: usize,
    servicios: Vec<ServiceStatus<'a>>,
    llamadas: Vec<PastCall<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct ServiceStatus<'a> {
    id: &'a str,
    nombre: &'a Name,
    esperando: usize,
    espera: Option<WaitView>,
    abierto: bool,
    abre: Option<Millis>,
}

#[derive(Serialize, JsonSchema)]
struct PastCall<'a> {
    codigo: &'a str,
    servicio: &'a str,
    escritorio: u32,
    hora: Millis,
}

/// As it is now; `outlook` says what is expected.
pub fn status(office: &Office, settings: &Settings, outlook: &Outlook) -> String {
    let (abierta, abre, _) = outlook.branch.of_branch();
    let services = settings.services.iter().map(|service| {
        let (espera, abierto, abre) = outlook.prospect(service.id).in_short();
        ServiceStatus { id: &service.slug, nombre: &service.name, esperando: office.waiting_for(service.id), espera, abierto, abre }
    });
    json(&StatusView {
        id: office.branch().0,
        nombre: &settings.name,
        abierta,
        abre,
        esperando: office.waiting_count(),
        servicios: services.collect(),
        llamadas: calls(office, settings).take(CALLS).map(PastCall::from).collect(),
    })
}

impl<'a> From<CallView<'a>> for PastCall<'a> {
    fn from(call: CallView<'a>) -> Self {
        let (codigo, servicio, escritorio, hora) = call.in_short();
        Self { codigo, servicio, escritorio, hora }
    }
}
