//! Owns the reasons why an event is refused: their stable codes, and the sentence in the client's language. Codes are listed in
//! `docs/events.md`.

use super::refusal::{self, Refusal};
use crate::access::{self, BadPassword};
use crate::office::{BadSettings, Lang, Millis, Office, Refused};
use crate::wrong::Wrong;

#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The office said no.
    Refused(Box<Refusal>),
    /// What is wrong with the payload.
    BadRequest(Wrong),
    /// Settings that contradict themselves.
    BadSettings(Box<BadSettings>),
    UnknownEvent(String),
    /// Nothing was shown that says who it is.
    NotSignedIn,
    /// It is known who it is, and that is not enough.
    Forbidden,
    /// Wrong name or wrong password: nobody learns which.
    BadLogin,
    /// Seconds until it may be tried again.
    TooManyAttempts(u64),
    /// Seconds until it may be done again.
    RateLimited(u64),
    /// What is wrong with the password.
    WeakPassword(BadPassword),
    AlreadySetUp,
    BadSetupCode,
    LoginTaken,
    LastAdmin,
    UnknownSession,
    UnknownDevice,
    UnknownPairing,
    TooManyDevices,
    UnknownBranch,
    UnknownService,
    UnknownDesk,
    UnknownTicket,
    UnknownClass,
    UnknownUser,
    UnknownNote,
    UnknownRecipient,
    UnknownHook,
    NotJoined,
    NotEntered,
    NotAtDesk,
    ReservedRoom,
    TooManyBranches,
    TooManyUsers,
    TooManyNotes,
    TooManyHooks,
    StorageUnavailable,
    Overloaded,
    /// It was changed since it was read.
    Conflict,
    ShuttingDown,
}

impl Failure {
    /// A refusal of the office, told with its names and in its time zone. `now` says which day is today.
    pub fn of(refused: &Refused, office: &Office, now: Millis) -> Self {
        match refused {
            Refused::BadSettings(bad) => Self::BadSettings(Box::new(bad.clone())),
            other => Self::Refused(Box::new(Refusal::new(other, office, now))),
        }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::BadRequest(_) | Self::BadSettings(_) => "bad_request",
            Self::UnknownEvent(_) => "unknown_event",
            Self::NotSignedIn => "not_signed_in",
            Self::Forbidden => "forbidden",
            Self::BadLogin => "bad_login",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::RateLimited(_) => "rate_limited",
            Self::WeakPassword(_) => "weak_password",
            Self::AlreadySetUp => "already_set_up",
            Self::BadSetupCode => "bad_setup_code",
            Self::LoginTaken => "login_taken",
            Self::LastAdmin => "last_admin",
            Self::UnknownSession => "unknown_session",
            Self::UnknownDevice => "unknown_device",
            Self::UnknownPairing => "unknown_pairing",
            Self::TooManyDevices => "too_many_devices",
            Self::UnknownBranch => "unknown_branch",
            Self::UnknownService => "unknown_service",
            Self::UnknownDesk => "unknown_desk",
            Self::UnknownTicket => "unknown_ticket",
            Self::UnknownClass => "unknown_class",
            Self::UnknownUser => "unknown_user",
            Self::UnknownNote => "unknown_note",
            Self::UnknownRecipient => "unknown_recipient",
            Self::UnknownHook => "unknown_hook",
            Self::NotJoined => "not_joined",
            Self::NotEntered => "not_entered",
            Self::NotAtDesk => "not_at_desk",
            Self::ReservedRoom => "reserved_room",
            Self::TooManyBranches => "too_many_branches",
            Self::TooManyUsers => "too_many_users",
            Self::TooManyNotes => "too_many_notes",
            Self::TooManyHooks => "too_many_hooks",
            Self::StorageUnavailable => "storage_unavailable",
            Self::Conflict => "conflict",
            Self::Overloaded => "overloaded",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// A sentence for whoever stands before the screen.
    pub fn message(&self, lang: Lang) -> String {
        let (es, en) = match self {
            Self::Refused(refusal) => return refusal.message(lang).to_owned(),
            Self::BadSettings(bad) => {
                let (es, en) = refusal::bad_settings(bad);
                return match lang {
                    Lang::Es => es,
                    Lang::En => en,
                };
            }
            Self::BadRequest(wrong) => {
                let told = wrong.told(lang);
                return match lang {
                    Lang::Es => format!("La petición no se entiende: {told}"),
                    Lang::En => format!("The request is not understood: {told}"),
                };
            }
            Self::UnknownEvent(_) => ("Ese evento no existe", "There is no such event"),
            Self::NotSignedIn => ("Hay que iniciar sesión", "Sign in first"),
            Self::Forbidden => ("No tiene permiso para eso", "You are not allowed to do that"),
            Self::BadLogin => ("El nombre o la clave no son correctos", "The name or the password is wrong"),
            Self::TooManyAttempts(seconds) => return again(lang, "Demasiados intentos", "Too many attempts", *seconds),
            Self::RateLimited(seconds) => return again(lang, "Demasiado seguido", "Too often", *seconds),
            Self::WeakPassword(why) => return weak(lang, *why),
            Self::AlreadySetUp => ("Ya hay un administrador", "There is an admin already"),
            Self::BadSetupCode => ("El código no es el de la consola", "The code is not the one on the console"),
            Self::LoginTaken => ("Ese nombre de acceso ya es de otro usuario", "Another user signs in by that name"),
            Self::LastAdmin => ("Es el último administrador", "That is the last admin"),
            Self::UnknownSession => ("Esa sesión no existe", "There is no such sign-in"),
            Self::UnknownDevice => ("Ese dispositivo no existe", "There is no such device"),
            Self::UnknownPairing => ("Ninguna pantalla espera con ese código", "No screen waits with that code"),
            Self::TooManyDevices => ("No caben más dispositivos", "There is no room for more devices"),
            Self::UnknownBranch => ("Esa sucursal no existe", "There is no such branch"),
            Self::UnknownService => ("Ese servicio no existe", "There is no such service"),
            Self::UnknownDesk => ("Ese escritorio no existe", "There is no such desk"),
            Self::UnknownTicket => ("Ese turno no existe hoy", "There is no such ticket today"),
            Self::UnknownClass => ("Esa prioridad no existe", "There is no such priority"),
            Self::UnknownUser => ("Ese usuario no existe", "There is no such user"),
            Self::UnknownNote => ("Ese correo no existe o ya se leyó", "There is no such note, or it has been read"),
            Self::UnknownRecipient => ("Nadie con ese id está conectado", "Nobody with that id is here"),
            Self::UnknownHook => ("Ese gancho no existe", "There is no such web hook"),
            Self::NotJoined => ("Primero hay que entrar en una pantalla o un puesto", "Join a display or a desk first"),
            Self::NotEntered => ("Primero hay que entrar con un nombre", "Enter with a name first"),
            Self::NotAtDesk => ("Solo se puede hacer desde un puesto", "Only a desk can do that"),
            Self::ReservedRoom => ("Esa sala es del propio sistema", "That room is the system's own"),
            Self::TooManyBranches => ("No caben más sucursales", "There is no room for more branches"),
            Self::TooManyUsers => ("No caben más usuarios", "There is no room for more users"),
            Self::TooManyNotes => ("Hay demasiados correos sin leer", "Too many notes are unread"),
            Self::TooManyHooks => ("La sucursal ya tiene demasiados ganchos", "The branch has too many web hooks"),
            Self::StorageUnavailable => {
                ("No se pudo guardar: nada ha cambiado, inténtelo de nuevo", "It could not be saved: nothing has changed, try again")
            }
            Self::Overloaded => ("Hay demasiadas peticiones: inténtelo de nuevo", "Too many requests: try again"),
            Self::Conflict => ("Se cambió mientras tanto: léalo de nuevo", "It was changed meanwhile: read it again"),
            Self::ShuttingDown => ("El servidor se está deteniendo", "The server is stopping"),
        };
        match lang {
            Lang::Es => es,
            Lang::En => en,
        }
        .to_owned()
    }

    /// Seconds after which it may be tried again, where that is known.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyAttempts(seconds) | Self::RateLimited(seconds) => Some(*seconds),
            Self::Overloaded | Self::StorageUnavailable => Some(1),
            _ => None,
        }
    }

    /// Where settings contradict themselves, as a path into them.
    pub fn place(&self) -> Option<&str> {
        if let Self::BadSettings(bad) = self { Some(&bad.place) } else { None }
    }

    /// When the office opens next, where it is closed that refuses: `None` for another reason, `Some(None)` when nobody knows.
    pub fn opens(&self) -> Option<Option<Millis>> {
        if let Self::Refused(refusal) = self { refusal.opens } else { None }
    }
}

fn again(lang: Lang, es: &str, en: &str, seconds: u64) -> String {
    match lang {
        Lang::Es => format!("{es}: pruebe de nuevo dentro de {seconds} s"),
        Lang::En => format!("{en}: try again in {seconds} s"),
    }
}

fn weak(lang: Lang, why: BadPassword) -> String {
    let (es, en) = match why {
        BadPassword::TooShort => ("La clave necesita al menos 10 caracteres", "The password needs at least 10 characters"),
        BadPassword::TooLong => ("La clave pasa de 200 caracteres", "The password has more than 200 characters"),
        BadPassword::IsAccount => ("La clave no puede ser el nombre de acceso", "The password must not be the name to sign in with"),
        BadPassword::TooCommon => ("Esa clave es de las primeras que se prueban", "That password is one of the first to be tried"),
    };
    match lang {
        Lang::Es => es,
        Lang::En => en,
    }
    .to_owned()
}

impl From<access::BadPassword> for Failure {
    fn from(why: access::BadPassword) -> Self {
        Self::WeakPassword(why)
    }
}

impl From<access::Refusal> for Failure {
    fn from(refusal: access::Refusal) -> Self {
        match refusal {
            access::Refusal::NotSignedIn => Self::NotSignedIn,
            access::Refusal::Forbidden => Self::Forbidden,
        }
    }
}
