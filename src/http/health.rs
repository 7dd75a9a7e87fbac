//! Owns `/health` (the process and its hub answer) and `/ready` (the database writes, and which branches are in trouble all the same). Readiness is
//! asked for at most once a second: whoever asks more often gets the last answer, so that nobody can wear out the disk.

use std::time::{Duration, Instant};

use actix::Addr;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

use crate::clock;
use crate::realtime::{CountConnections, Hub, Tell};
use crate::service::{Notice, TicketService, Trouble, Writer};

/// How long the database or the hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
const FRESH: Duration = Duration::from_secs(1);

/// The branches that do not work while the database does, or why that does not.
type Readiness = Result<Vec<Trouble>, String>;

pub struct Health {
    hub: Addr<Hub<TicketService>>,
    writer: Writer,
    last: Mutex<Option<(Instant, Readiness)>>,
}

impl Health {
    pub fn new(hub: Addr<Hub<TicketService>>, writer: Writer) -> Self {
        Self { hub, writer, last: Mutex::new(None) }
    }

    /// Whether the hub takes its turns.
    async fn alive(&self) -> bool {
        timeout(PATIENCE, self.hub.send(CountConnections)).await.is_ok_and(|answer| answer.is_ok())
    }

    async fn ready(&self) -> Readiness {
        let mut last = self.last.lock().await;
        if let Some((at, result)) = &*last
            && clock::instant().saturating_duration_since(*at) < FRESH
        {
            return result.clone();
        }
        let result = match timeout(PATIENCE, self.writer.probe()).await {
            Ok(Ok(())) => self.troubles().await,
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("the database did not answer within {} s", PATIENCE.as_secs())),
        };
        *last = Some((clock::instant(), result.clone()));
        result
    }

    async fn troubles(&self) -> Readiness {
        let (reply, answer) = oneshot::channel();
        self.hub.do_send(Tell(Notice::Troubles(reply)));
        match timeout(PATIENCE, answer).await {
            Ok(Ok(troubles)) => Ok(troubles),
            _ => Err(format!("the hub did not answer within {} s", PATIENCE.as_secs())),
        }
    }
}

pub async fn alive(health: web::Data<Health>) -> HttpResponse {
    if !health.alive().await {
        return no_store(HttpResponse::ServiceUnavailable()).json(json!({"status": "stuck"}));
    }
    no_store(HttpResponse::Ok()).json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

pub async fn ready(health: web::Data<Health>) -> HttpResponse {
    match health.ready().await {
        Ok(troubles) if troubles.is_empty() => no_store(HttpResponse::Ok()).json(json!({"status": "ready"})),
        // The others serve: nobody is to take the server out of use for one.
        Ok(troubles) => {
            let list: Vec<Value> = troubles.iter().map(|Trouble { branch, reason }| json!({"id": branch, "reason": reason})).collect();
            no_store(HttpResponse::Ok()).json(json!({"status": "ready", "unavailable": list}))
        }
        Err(reason) => no_store(HttpResponse::ServiceUnavailable()).json(json!({"status": "unavailable", "reason": reason})),
    }
}

fn no_store(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header(("Cache-Control", "no-store"));
    response
}
