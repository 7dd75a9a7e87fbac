//! Owns how a refusal looks over REST: status, `application/problem+json` (RFC 9457) with the same stable codes as events have, and the
//! sentence in the client's language.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptLanguage, Header};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::service::{Failure, Lang};
use crate::wrong::Wrong;

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// The office's reasons.
    Failure(Failure),
    /// JSON of the wrong shape.
    BadField(Wrong),
    /// No JSON.
    Malformed(Wrong),
    /// The address's query, or a header.
    BadQuery(Wrong),
    NotJson,
    /// More bytes than this.
    TooLarge(usize),
    /// An `Idempotency-Key` that was used for something else.
    KeyReused,
    TooSlow,
    /// `If-Match` where tags are not compared.
    NotCompared,
    ForeignOrigin,
    NoSuchPath,
    /// The methods that are.
    MethodNotAllowed(String),
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'static str,
    /// Where settings contradict themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    lugar: Option<&'a str>,
    /// Of what is closed: when it opens next, if anybody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    abre: Option<Option<i64>>,
}

impl Problem {
    pub fn response(&self, request: &HttpRequest) -> HttpResponse {
        let status = self.status();
        let title = status.canonical_reason().unwrap_or_default();
        let (lugar, abre) = match self {
            Self::Failure(failure) => (failure.place(), failure.opens().map(|opens| opens.map(|opens| opens.0))),
            _ => (None, None),
        };
        let (detail, code) = (self.detail(language(request)), self.code());
        let body = Body { r#type: "about:blank", title, status: status.as_u16(), detail, code, lugar, abre };
        let mut response = HttpResponse::build(status);
        match self {
            Self::MethodNotAllowed(methods) => drop(response.insert_header((header::ALLOW, methods.as_str()))),
            Self::TooLarge(_) | Self::TooSlow => drop(response.force_close()),
            Self::Failure(Failure::NotSignedIn) => drop(response.insert_header((header::WWW_AUTHENTICATE, "Bearer"))),
            _ => {}
        }
        if let Self::Failure(failure) = self
            && let Some(seconds) = failure.retry_after()
        {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.content_type("application/problem+json").json(body)
    }

    /// Whether the same request will be refused again for the same reason.
    pub fn is_final(&self) -> bool {
        let status = self.status();
        status.is_client_error() && !matches!(status.as_u16(), 401 | 403 | 408 | 429)
    }

    /// Bytes that it takes to say why.
    pub fn size(&self) -> usize {
        self.detail(Lang::En).len()
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Failure(failure) => status_of(failure),
            Self::BadField(_) | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Malformed(_) | Self::BadQuery(_) | Self::NotCompared => StatusCode::BAD_REQUEST,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Failure(failure) => failure.code(),
            Self::BadField(_) | Self::Malformed(_) | Self::BadQuery(_) | Self::NotCompared => "bad_request",
            Self::NotJson => "not_json",
            Self::TooLarge(_) => "too_large",
            Self::TooSlow => "too_slow",
            Self::KeyReused => "key_reused",
            Self::ForeignOrigin => "foreign_origin",
            Self::NoSuchPath => "unknown_path",
            Self::MethodNotAllowed(_) => "method_not_allowed",
        }
    }

    fn detail(&self, lang: Lang) -> String {
        let (es, en) = match self {
            Self::Failure(failure) => return failure.message(lang),
            Self::BadField(wrong) | Self::Malformed(wrong) | Self::BadQuery(wrong) => {
                return Failure::BadRequest(wrong.clone()).message(lang);
            }
            Self::NotJson => ("El cuerpo tiene que ser application/json", "The body has to be application/json"),
            Self::TooLarge(most) => {
                let most = most >> 10;
                return match lang {
                    Lang::Es => format!("El cuerpo pasa de {most} KiB"),
                    Lang::En => format!("The body is larger than {most} KiB"),
                };
            }
            Self::KeyReused => ("Esa clave ya se usó para otra petición", "That key was used for another request"),
            Self::NotCompared => ("If-Match solo se compara al cambiar ajustes", "If-Match is compared for changes of settings alone"),
            Self::TooSlow => ("El cuerpo tardó demasiado", "The body took too long"),
            Self::ForeignOrigin => ("Páginas de otro origen no tienen permiso", "Pages of another origin are not allowed"),
            Self::NoSuchPath => ("Esa dirección no existe", "There is no such address"),
            Self::MethodNotAllowed(_) => ("Ese método no se puede usar aquí", "That method cannot be used here"),
        };
        match lang {
            Lang::Es => es,
            Lang::En => en,
        }
        .to_owned()
    }
}

fn status_of(failure: &Failure) -> StatusCode {
    match failure {
        Failure::NotSignedIn | Failure::BadLogin => StatusCode::UNAUTHORIZED,
        Failure::Forbidden | Failure::BadSetupCode => StatusCode::FORBIDDEN,
        Failure::TooManyAttempts(_) | Failure::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Failure::WeakPassword(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::UnknownSession | Failure::UnknownDevice | Failure::UnknownPairing => StatusCode::NOT_FOUND,
        Failure::AlreadySetUp | Failure::LoginTaken | Failure::LastAdmin | Failure::TooManyDevices => StatusCode::CONFLICT,
        Failure::BadRequest(_) | Failure::BadSettings(_) | Failure::ReservedRoom => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::UnknownBranch
        | Failure::UnknownUser
        | Failure::UnknownNote
        | Failure::UnknownRecipient
        | Failure::UnknownHook
        | Failure::UnknownEvent(_)
        | Failure::UnknownService
        | Failure::UnknownDesk
        | Failure::UnknownTicket
        | Failure::UnknownClass => StatusCode::NOT_FOUND,
        Failure::StorageUnavailable | Failure::Overloaded | Failure::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Conflict => StatusCode::PRECONDITION_FAILED,
        Failure::Refused(_) => match failure.code() {
            "bad_request" => StatusCode::UNPROCESSABLE_ENTITY,
            code if code.starts_with("unknown_") => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        },
        Failure::TooManyBranches
        | Failure::NotJoined
        | Failure::NotEntered
        | Failure::NotAtDesk
        | Failure::TooManyUsers
        | Failure::TooManyHooks
        | Failure::TooManyNotes => StatusCode::CONFLICT,
    }
}

/// The first language of `Accept-Language` that there is, else English: it is programs that ask.
pub fn language(request: &HttpRequest) -> Lang {
    let wanted = AcceptLanguage::parse(request).map(|accepted| accepted.ranked()).unwrap_or_default();
    let known = wanted.iter().find_map(|preference| match preference.to_string().get(..2)?.to_ascii_lowercase().as_str() {
        "es" => Some(Lang::Es),
        "en" => Some(Lang::En),
        _ => None,
    });
    known.unwrap_or(Lang::En)
}
