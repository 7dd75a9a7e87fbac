//! Owns `/health` (the process answers) and `/ready` (the database writes). Readiness is asked for at most once a second: whoever asks more
//! often gets the last answer, so that nobody can wear out the disk.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::clock;
use crate::service::Writer;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
const FRESH: Duration = Duration::from_secs(1);

pub struct Health {
    writer: Writer,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Health {
    pub fn new(writer: Writer) -> Self {
        Self { writer, last: Mutex::new(None) }
    }

    async fn ready(&self) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((at, result)) = &*last
            && clock::instant().saturating_duration_since(*at) < FRESH
        {
            return result.clone();
        }
        let result = match timeout(PATIENCE, self.writer.probe()).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err(format!("the database did not answer within {} s", PATIENCE.as_secs())),
        };
        *last = Some((clock::instant(), result.clone()));
        result
    }
}

pub async fn alive() -> HttpResponse {
    no_store(HttpResponse::Ok()).json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

pub async fn ready(health: web::Data<Health>) -> HttpResponse {
    match health.ready().await {
        Ok(()) => no_store(HttpResponse::Ok()).json(json!({"status": "ready"})),
        Err(reason) => no_store(HttpResponse::ServiceUnavailable()).json(json!({"status": "unavailable", "reason": reason})),
    }
}

fn no_store(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header(("Cache-Control", "no-store"));
    response
}
