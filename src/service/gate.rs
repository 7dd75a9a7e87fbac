//! Owns what somebody must be allowed to do for each event: the table of `docs/security.md`, for sockets.

use serde::Deserialize;

use super::failure::Failure;
use super::payload;
use crate::access::Action;
use crate::office::UserId;

/// What of a payload changes what must be allowed.
#[derive(Default, Deserialize)]
struct Shown {
    #[serde(default)]
    token: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    ticket: Option<serde::de::IgnoredAny>,
}

/// Every event of a client, and what it takes. With a ticket's token `registrar-llegada` and `cancelar-ticket` are that visitor's own.
pub const EVENTS: &[(&str, Action)] = &[
    ("siguiente-ticket", Action::TakeNumber),
    ("registrar-llegada", Action::TakeNumber),
    ("seguir-ticket", Action::OwnTicket),
    ("aplazar-ticket", Action::OwnTicket),
    ("volver", Action::OwnTicket),
    ("entrar-pantalla", Action::SeeDisplay),
    ("cola", Action::SeeDisplay),
    ("cancelar-ticket", Action::Serve),
    ("entrar-puesto", Action::Serve),
    ("abrir-puesto", Action::Serve),
    ("pausar-puesto", Action::Serve),
    ("cerrar-puesto", Action::Serve),
    ("atender-ticket", Action::Serve),
    ("rellamar", Action::Serve),
    ("iniciar", Action::Serve),
    ("finalizar", Action::Serve),
    ("ausente", Action::Serve),
    ("devolver", Action::Serve),
    ("retener", Action::Serve),
    ("retomar", Action::Serve),
    ("derivar", Action::Serve),
    ("deshacer", Action::Serve),
    ("proximo", Action::Serve),
    ("reactivar", Action::Serve),
    ("anotar", Action::Serve),
    ("certificado", Action::Serve),
    ("cifras", Action::Serve),
    ("entrar-cliente", Action::Serve),
    ("enviar-mensaje", Action::Serve),
    ("correo-leido", Action::Serve),
    ("cerrar-jornada", Action::Oversee),
    ("abrir-jornada", Action::Oversee),
    ("poner-aviso", Action::Oversee),
];

/// What it takes. An event that there is not takes nothing: it is refused as such.
pub fn action(event: &str, raw: Option<&str>) -> Action {
    if matches!(event, "registrar-llegada" | "cancelar-ticket") && by_token(raw) {
        return Action::OwnTicket;
    }
    EVENTS.iter().find(|(name, _)| *name == event).map_or(Action::SeePublic, |(_, action)| *action)
}

/// Whoever signed in sits at a desk as nobody else.
pub fn sits_as(event: &str, raw: Option<&str>, user: UserId) -> Result<(), Failure> {
    #[derive(Default, Deserialize)]
    struct Sitting {
        usuario: Option<String>,
    }
    if !matches!(event, "entrar-puesto" | "abrir-puesto") {
        return Ok(());
    }
    // What is no payload is refused where it is read.
    let named = payload::read::<Sitting>(raw).ok().and_then(|sitting| sitting.usuario);
    match named {
        Some(named) if named.parse() != Ok(user) => Err(Failure::Forbidden),
        _ => Ok(()),
    }
}

/// A token comes before a ticket's number, as where the payload is read.
fn by_token(raw: Option<&str>) -> bool {
    payload::read::<Shown>(raw).is_ok_and(|shown| shown.token.is_some() || shown.ticket.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_own_leave() {
        for (event, raw, expected) in [
            ("cancelar-ticket", r#"{"token":"x"}"#, Action::OwnTicket),
            ("cancelar-ticket", r#"{"token":"x","ticket":"A-001"}"#, Action::OwnTicket),
            ("cancelar-ticket", r#"{"token":null,"ticket":"A-001"}"#, Action::Serve),
            ("cancelar-ticket", "[]", Action::Serve),
            ("registrar-llegada", r#"{"ticket":"A-001"}"#, Action::TakeNumber),
            ("registrar-llegada", r#"{"token":"x"}"#, Action::OwnTicket),
            ("siguiente-ticket", "null", Action::TakeNumber),
            ("no-such-event", "null", Action::SeePublic),
        ] {
            assert_eq!(action(event, Some(raw)), expected, "{event} {raw}");
        }
    }

    #[test]
    fn who_signed_in_sits_as_nobody_else() {
        let user = UserId(7);
        let own = format!(r#"{{"usuario":"{user}"}}"#);
        for raw in [own.as_str(), "{}", r#"{"usuario":null}"#] {
            assert_eq!(sits_as("abrir-puesto", Some(raw), user), Ok(()), "{raw}");
        }
        let other = format!(r#"{{"usuario":"{}"}}"#, UserId(8));
        assert_eq!(sits_as("abrir-puesto", Some(&other), user), Err(Failure::Forbidden));
        assert_eq!(sits_as("entrar-puesto", Some(r#"{"usuario":"x"}"#), user), Err(Failure::Forbidden));
        assert_eq!(sits_as("cola", Some(&other), user), Ok(()));
    }
}
