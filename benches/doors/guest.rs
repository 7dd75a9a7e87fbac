//! Owns those who ask one thing after the other, each when the last is answered: over events or over REST.

use std::cell::RefCell;
use std::io::{Error, Result};
use std::rc::Rc;
use std::time::Duration;

use siguiente::clock;
use tokio::task::{JoinHandle, spawn_local};

use crate::support::client::Client;
use crate::support::house::{House, is_ok};
use crate::support::http::{Http, Request};
use crate::support::process::Usage;
use crate::support::report;

/// Columns of what [`Asked::figures`] gives.
pub const COLUMNS: [&str; 5] = ["requests/s", "p50 ms", "p99 ms", "server CPU µs each", "generator CPU %"];

pub enum Guest {
    Event { client: Client, event: &'static str, next: u64 },
    Rest { http: Http, request: Request, status: u16 },
}

/// What came of many questions.
pub struct Asked {
    /// Milliseconds that each took.
    waits: Vec<f64>,
    seconds: f64,
    cpu: f64,
    own_cpu: f64,
}

impl Guest {
    pub fn over_events(client: Client, event: &'static str) -> Self {
        Self::Event { client, event, next: 1 }
    }

    /// `status` is that of an answer which says that it was done.
    pub fn over_rest(http: Http, request: Request, status: u16) -> Self {
        Self::Rest { http, request, status }
    }

    /// Asks once, and has the answer.
    pub async fn ask(&mut self) -> Result<()> {
        match self {
            Self::Event { client, event, next } => {
                *next += 1;
                if client.ask(*next, event, is_ok).await? { Ok(()) } else { Err(Error::other(format!("{event} was refused"))) }
            }
            Self::Rest { http, request, status } => match http.ask(request).await? {
                found if found == *status => Ok(()),
                found => Err(Error::other(format!("status {found}: {}", String::from_utf8_lossy(http.body())))),
            },
        }
    }
}

impl Asked {
    /// Has all of them ask for so long.
    pub async fn by(guests: Vec<Guest>, house: &House, span: Duration) -> Result<Self> {
        let waits = Rc::new(RefCell::new(Vec::new()));
        let (before, own_before) = (house.server.usage(), Usage::own());
        let start = clock::instant();
        let tasks: Vec<JoinHandle<Result<()>>> = guests
            .into_iter()
            .map(|mut guest| {
                let waits = waits.clone();
                spawn_local(async move {
                    let mut now = clock::instant();
                    while now - start < span {
                        guest.ask().await?;
                        let answered = clock::instant();
                        waits.borrow_mut().push((answered - now).as_secs_f64() * 1e3);
                        now = answered;
                    }
                    Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        let seconds = start.elapsed().as_secs_f64();
        let (cpu, own_cpu) = (house.server.usage().cpu_since(&before), Usage::own().cpu_since(&own_before));
        Ok(Self { waits: waits.take(), seconds, cpu, own_cpu })
    }

    pub fn figures(mut self) -> [f64; 5] {
        let count = self.waits.len() as f64;
        let [p50, p99] = [0.5, 0.99].map(|part| report::percentile(&mut self.waits, part).unwrap_or(f64::NAN));
        [count / self.seconds, p50, p99, self.cpu * 1e6 / count, self.own_cpu * 100.0 / self.seconds]
    }
}
