//! Owns the row about the interface itself.

use crate::access::Action;
use crate::http::api::table::{Route, Serve, Told, Verb};
use crate::service::shapes::answers;

pub const GENERAL: &[Route] = &[Route::new(
    Verb::Get,
    "/openapi.json",
    Action::SeePublic,
    "This interface, as OpenAPI 3.1",
    Told::Json(answers::anything),
    Serve::Description,
)];
