//! The real-time layer alone, with an application that echoes: for the protocols' own test suites and for whoever wants to see the layer
//! without tickets. `/engine.io/` is Engine.IO by itself, `/socket.io/` has the namespaces `/` and `/custom`.
//!
//! Settings by environment: `BIND`, `PING_INTERVAL`, `PING_TIMEOUT`, `CONNECT_TIMEOUT`, `UPGRADE_TIMEOUT` (ms), `MAX_PAYLOAD` (bytes),
//! `RECOVERY` (0 or 1), `CORS_ORIGIN`.

mod echo;

use std::env;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use siguiente::protocol::engine::{self, Transports};
use siguiente::protocol::socket;
use siguiente::realtime::{Cors, Limits, RecoveryMode};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    env_logger::init();
    let options = echo::Options {
        engine: engine::Config {
            ping_interval: millis("PING_INTERVAL", 300),
            ping_timeout: millis("PING_TIMEOUT", 200),
            upgrade_timeout: millis("UPGRADE_TIMEOUT", 10_000),
            max_payload: setting("MAX_PAYLOAD", 1_000_000),
            ..engine::Config::default()
        },
        transports: Transports::ALL,
        limits: Limits::default(),
        cors: env::var("CORS_ORIGIN").map_or(Cors::Any, |origin| if origin == "*" { Cors::Any } else { Cors::Origins(vec![origin]) }),
        connect_timeout: millis("CONNECT_TIMEOUT", 1_000),
        attachments: socket::Limits::default(),
        recovery: if setting("RECOVERY", 0) == 1 { RecoveryMode::Always(Duration::from_secs(120)) } else { RecoveryMode::Off },
        workers: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let (server, addresses) = echo::serve(echo::Echo, options, env::var("BIND").unwrap_or_else(|_| "127.0.0.1:3000".into()))?;
    for address in addresses {
        println!("listening on {address}");
    }
    let handle = server.handle();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            handle.stop(true).await;
        }
    });
    server.await
}

fn millis(name: &str, default: u64) -> Duration {
    Duration::from_millis(setting(name, default))
}

/// A setting of the environment, or its default; one that cannot be read ends the program.
fn setting<T: FromStr<Err: Display>>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|error| {
            eprintln!("{name}={text}: {error}");
            std::process::exit(64);
        }),
        Err(_) => default,
    }
}
