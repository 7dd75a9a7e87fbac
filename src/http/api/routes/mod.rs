//! Owns the rows of the table of REST, one file a theme, and the fields and keys that several of them have.

mod branches;
mod desks;
mod doors;
mod general;
mod hooks;
mod people;
mod tickets;

use super::table::{Field, Kind, Param};
use crate::service::shapes::fields;

pub use branches::BRANCHES;
pub use desks::DESKS;
pub use doors::DOORS;
pub use general::GENERAL;
pub use hooks::HOOKS;
pub use people::PEOPLE;
pub use tickets::TICKETS;

/// Entries of a page when nothing else is asked for, and at the most.
const LISTED: usize = 100;
const MOST_LISTED: usize = 500;

const SUCURSAL: Param = Param { name: "sucursal", kind: Kind::Text, about: "Number or exact name of the branch; without it the first" };
const LIMITE: Param = Param { name: "limite", kind: Kind::Number(MOST_LISTED), about: "How many at the most" };
const DESPUES: Param = Param { name: "despues", kind: Kind::Text, about: "`siguiente` of the page before" };

const CLAVE: Field = optional("clave", fields::key);
const IDIOMA: Field = optional("idioma", fields::text);
const NOMBRE: Field = optional("nombre", fields::text);
const SESION: Field = optional("sesion", fields::id);
const TICKET: Field = optional("ticket", fields::text);
const POSICION: Field = optional("posicion", fields::position);
const SERVICIO: Field = optional("servicio", fields::label);
const TOKEN: Field = Field { name: "token", shape: fields::needed_text, needed: true };

const fn optional(name: &'static str, shape: crate::service::shapes::Shape) -> Field {
    Field { name, shape, needed: false }
}
