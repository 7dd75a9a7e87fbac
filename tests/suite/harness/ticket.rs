//! Owns a ticket as a client reads it from an acknowledgement, own or staff's.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Ticket {
    pub id: String,
    pub codigo: String,
    pub numero: u32,
    pub servicio: String,
    pub estado: String,
    pub prioridad: Option<String>,
    pub emitido: i64,
    pub idioma: String,
    pub escritorio: Option<u32>,
    /// The visitor's.
    pub token: Option<String>,
    pub delante: Option<usize>,
    /// The desk's.
    pub nombre: Option<String>,
    pub veces: Option<u32>,
    pub llamado: Option<i64>,
    pub iniciado: Option<i64>,
    pub terminado: Option<i64>,
}
