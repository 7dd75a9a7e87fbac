//! Owns `/metrics`: the server's counts in the OpenMetrics text format, for Prometheus and its like. Holds no names and no ids. Counts nothing itself.

use actix_web::{HttpResponse, web};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use crate::realtime::Counts;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    pub fn new(counts: &Counts) -> Self {
        let mut registry = Registry::with_prefix("siguiente");
        counts.register(&mut registry);
        Self { registry }
    }
}

pub async fn show(metrics: web::Data<Metrics>) -> HttpResponse {
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => HttpResponse::Ok().content_type(CONTENT_TYPE).insert_header(("Cache-Control", "no-store")).body(text),
        Err(error) => {
            log::error!("the counts cannot be written: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}
