//! Owns the program's verbs: serve, demo, healthcheck. Runs the actor system and waits for the signal to stop.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use actix::System;
use tokio::signal::unix::{SignalKind, signal};

use super::{AppError, Running, accounts, offices, samples, start, visitors};
use crate::access;
use crate::clock::Clock;
use crate::config::{Config, HealthUrl, Rate};
use crate::office::BranchId;
use crate::service::{Cost, Doors, Guarding};
use crate::store::SqliteStore;

/// How long a health check waits.
const HEALTH_PATIENCE: Duration = Duration::from_secs(3);

/// Serves the office in the data folder until told to stop.
pub fn serve(config: &Config) -> Result<(), AppError> {
    let offices = config.office.as_deref().map(offices::from_file).transpose()?.unwrap_or_default();
    let clock = Clock::system();
    let store = accounts::first_admin(config, SqliteStore::open(&config.data)?, Cost::FULL, clock.clone())?;
    let issue_rate = access::Rate::a_minute(config.issue_rate.a_minute, config.issue_rate.at_once);
    let doors = Doors::guarded(Guarding { cost: Cost::FULL, issue_rate })?;
    System::new().block_on(async {
        let running = start(config, store, offices, samples::plain, clock, doors)?;
        announce(running.address());
        announce_sign_in(&running);
        warn_of_plain_http(running.address());
        until_stopped(running).await
    })
}

/// Serves a sample office in a throw-away database; with a rate, simulated visitors come and simulated agents serve at every desk but the
/// first.
pub fn demo(config: &Config, visitors: Option<Rate>) -> Result<(), AppError> {
    let offices = config.office.as_deref().map(offices::from_file).transpose()?;
    let offices = offices.unwrap_or_else(|| BTreeMap::from([(BranchId(1), samples::demo())]));
    let store = SqliteStore::throw_away()?;
    System::new().block_on(async {
        let running = start(config, store, offices.clone(), samples::demo, Clock::system(), Doors::Open)?;
        announce(running.address());
        println!("This is the demonstration: nobody signs in, and everything is open to everybody.");
        warn_of_open_doors(running.address());
        if let Some(rate) = visitors {
            let hub = running.hub().recipient();
            for (branch, office) in offices {
                let agents: Vec<_> = office.desks.iter().skip(1).map(|desk| desk.id).collect();
                for desk in &agents {
                    actix::spawn(visitors::serve(hub.clone(), branch, *desk, rate.interval(), agents.len() as u32));
                }
                actix::spawn(visitors::take_numbers(hub.clone(), branch, office, rate.interval()));
            }
            println!("Simulated visitors: {rate}. Desk 1 is yours; the others are simulated.");
        }
        until_stopped(running).await
    })
}

/// Asks a server whether it is alive.
pub fn healthcheck(url: &HealthUrl) -> Result<(), AppError> {
    let HealthUrl { host, port, path } = url;
    let sick = |problem: String| AppError::Unhealthy { url: url.to_string(), problem };
    let ask = || -> std::io::Result<String> {
        let address = (host.as_str(), *port).to_socket_addrs()?.next().ok_or_else(|| std::io::Error::other("no such host"))?;
        let mut stream = TcpStream::connect_timeout(&address, HEALTH_PATIENCE)?;
        stream.set_read_timeout(Some(HEALTH_PATIENCE))?;
        stream.set_write_timeout(Some(HEALTH_PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")?;
        // The status line is all that counts.
        let mut head = [0; 64];
        let mut length = 0;
        while length < head.len() && !head[..length].contains(&b'\n') {
            match stream.read(&mut head[length..])? {
                0 => break,
                read => length += read,
            }
        }
        Ok(String::from_utf8_lossy(&head[..length]).into_owned())
    };
    let answer = ask().map_err(|error| sick(error.to_string()))?;
    match answer.split_whitespace().nth(1) {
        Some("200") => Ok(()),
        Some(status) => Err(sick(format!("status {status}"))),
        None => Err(sick("no HTTP answer".into())),
    }
}

async fn until_stopped(running: Running) -> Result<(), AppError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => log::info!("SIGTERM: stopping"),
        _ = interrupt.recv() => log::info!("interrupted: stopping"),
    }
    let result = running.stop().await;
    log::info!("stopped");
    result
}

fn announce(address: SocketAddr) {
    let base = base(address);
    println!("siguiente {} is ready:", env!("CARGO_PKG_VERSION"));
    for (page, who) in
        [("", "all pages"), ("kiosk", "where visitors take a number"), ("desk", "for the agents"), ("display", "for everybody")]
    {
        println!("  {:<32} {who}", format!("{base}/{page}"));
    }
}

/// Where somebody signs in, or the first admin is made as long as there is none. The code is for the console, not for the log.
fn announce_sign_in(running: &Running) {
    let base = base(running.address());
    match running.setup_code() {
        Some(code) => println!("There is no admin yet. Set the office up at {base}/setup with the code {code}"),
        None => println!("The staff signs in at {base}/login; kiosks and displays show a code with which an admin pairs them."),
    }
}

fn warn_of_plain_http(address: SocketAddr) {
    if !address.ip().is_loopback() {
        println!(
            "Warning: it listens on {address} without encryption. Put a proxy with https before it (and name it: --hosts, --trusted-proxies), or use it on a network that you trust."
        );
        log::warn!("listening on {address} without encryption");
    }
}

fn warn_of_open_doors(address: SocketAddr) {
    if !address.ip().is_loopback() {
        println!(
            "Warning: it listens on {address}, not on loopback. Nobody has to sign in: whoever reaches this address can take and call numbers."
        );
        log::warn!("listening on {address}: whoever reaches it can take and call numbers");
    }
}

fn base(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
        ip if ip.is_ipv6() => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}
