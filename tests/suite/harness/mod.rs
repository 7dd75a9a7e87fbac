//! Owns what every scenario stands on: an office that runs, clients that speak its wire, and waits that end. A scenario reads as what people
//! do at kiosk, desk and display; bytes, ports, threads and deadlines are in here.
//!
//! The office runs in the test's own process ([`TestOffice`]) or as the real program ([`Program`]). Each has its own port and its own
//! database. The Socket.IO client is the tests' own, so that a mistake in the server's codec cannot hide behind the same mistake here.

pub mod badge;
mod board;
mod client;
mod http;
mod lasting;
mod office;
mod program;
mod roles;
mod ticket;

use std::future::Future;
use std::time::Duration;

pub use client::{Client, Heard, Options, websocket};
pub use http::{Http, http, http_with_body, raw_http, rest, rest_answer};
pub use lasting::Lasting;
pub use office::{TestBranch, TestOffice, log};
pub use program::{Program, far_from_midnight, program, set_file_limit};
pub use roles::{Display, Kiosk};
pub use ticket::Ticket;

/// How long anything may take before a test fails. Far more than anything takes, so that a busy machine fails no test.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The result of `work`, or a panic that says what was waited for.
pub async fn within<T>(what: impl std::fmt::Display, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result,
        Err(_) => panic!("waited {} s for {what}", PATIENCE.as_secs()),
    }
}

/// A number below `most` that is different in every run. Whoever uses it prints it.
pub fn random(most: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    u64::from_ne_bytes(bytes) % most
}
