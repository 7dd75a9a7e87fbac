//! Owns the reasons why an event is refused: their stable codes, and the sentence in the client's language. Codes are listed in
//! `docs/events.md`.

use crate::office::{Lang, Refused};

#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    Refused(Refused),
    /// What is wrong with the payload, in English: for the integrator, not for the visitor.
    BadRequest(String),
    UnknownEvent(String),
    UnknownBranch,
    UnknownService,
    UnknownDesk,
    UnknownTicket,
    UnknownClass,
    UnknownUser,
    UnknownNote,
    UnknownRecipient,
    NotJoined,
    NotEntered,
    NotAtDesk,
    ReservedRoom,
    TooManyUsers,
    TooManyNotes,
    StorageUnavailable,
    Overloaded,
    ShuttingDown,
}

impl Failure {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::BadRequest(_) => "bad_request",
            Self::UnknownEvent(_) => "unknown_event",
            Self::UnknownBranch => "unknown_branch",
            Self::UnknownService => "unknown_service",
            Self::UnknownDesk => "unknown_desk",
            Self::UnknownTicket => "unknown_ticket",
            Self::UnknownClass => "unknown_class",
            Self::UnknownUser => "unknown_user",
            Self::UnknownNote => "unknown_note",
            Self::UnknownRecipient => "unknown_recipient",
            Self::NotJoined => "not_joined",
            Self::NotEntered => "not_entered",
            Self::NotAtDesk => "not_at_desk",
            Self::ReservedRoom => "reserved_room",
            Self::TooManyUsers => "too_many_users",
            Self::TooManyNotes => "too_many_notes",
            Self::StorageUnavailable => "storage_unavailable",
            Self::Overloaded => "overloaded",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// A sentence for whoever stands before the screen.
    pub fn message(&self, lang: Lang) -> String {
        let (es, en) = match (self, self.code()) {
            (Self::BadRequest(reason), _) => {
                return match lang {
                    Lang::Es => format!("La petición no se entiende: {reason}"),
                    Lang::En => format!("The request is not understood: {reason}"),
                };
            }
            (_, "unknown_event") => ("Ese evento no existe", "There is no such event"),
            (_, "unknown_branch") => ("Esa sucursal no existe", "There is no such branch"),
            (_, "unknown_service") => ("Ese servicio no existe", "There is no such service"),
            (_, "unknown_desk") => ("Ese escritorio no existe", "There is no such desk"),
            (_, "unknown_ticket") => ("Ese turno no existe hoy", "There is no such ticket today"),
            (_, "unknown_class") => ("Esa prioridad no existe", "There is no such priority"),
            (_, "empty_queue") => ("No hay nadie esperando", "Nobody is waiting"),
            (_, "desk_busy") => ("El escritorio ya tiene un turno", "The desk has a ticket already"),
            (_, "no_active_ticket") => ("El escritorio no tiene ningún turno", "The desk has no ticket"),
            (_, "wrong_ticket") => ("El escritorio tiene otro turno", "The desk holds another ticket"),
            (_, "wrong_state") => ("El estado del turno no lo permite", "The ticket's state does not allow it"),
            (_, "wrong_service") => ("El escritorio no atiende ese servicio", "The desk does not serve that service"),
            (_, "too_soon") => ("Acaba de ser llamado: espere unos segundos", "It was called a moment ago: wait a few seconds"),
            (_, "too_few_calls") => ("Hay que llamarlo otra vez antes de marcarlo ausente", "Call it again before it counts as absent"),
            (_, "not_joined") => ("Primero hay que entrar en una pantalla o un puesto", "Join a display or a desk first"),
            (_, "unknown_user") => ("Ese usuario no existe", "There is no such user"),
            (_, "unknown_note") => ("Ese correo no existe o ya se leyó", "There is no such note, or it has been read"),
            (_, "unknown_recipient") => ("Nadie con ese id está conectado", "Nobody with that id is here"),
            (_, "not_entered") => ("Primero hay que entrar con un nombre", "Enter with a name first"),
            (_, "not_at_desk") => ("Solo se puede hacer desde un puesto", "Only a desk can do that"),
            (_, "reserved_room") => ("Esa sala es del propio sistema", "That room is the system's own"),
            (_, "too_many_users") => ("No caben más usuarios", "There is no room for more users"),
            (_, "too_many_notes") => ("Hay demasiados correos sin leer", "Too many notes are unread"),
            (_, "storage_unavailable") => {
                ("No se pudo guardar: nada ha cambiado, inténtelo de nuevo", "It could not be saved: nothing has changed, try again")
            }
            (_, "overloaded") => ("Hay demasiadas peticiones: inténtelo de nuevo", "Too many requests: try again"),
            (_, "shutting_down") => ("El servidor se está deteniendo", "The server is stopping"),
            _ => ("La petición no es válida", "The request is not valid"),
        };
        match lang {
            Lang::Es => es,
            Lang::En => en,
        }
        .to_owned()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
