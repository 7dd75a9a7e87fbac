//! Owns what is measured of each server: connecting, memory, fan-out, acknowledgements, order, clients that do not read.

use std::cell::Cell;
use std::io::{Error, Result};
use std::rc::Rc;
use std::time::Duration;

use clap::ValueEnum;
use siguiente::clock;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::crowd::{Crowd, Role, enter};
use crate::support::client::Client;
use crate::support::process::Server;

/// Until what a server does after the last answer is done.
const SETTLE: Duration = Duration::from_secs(3);
/// Deliveries a second while the CPU is measured: well below what any of the servers can do.
const PACE: u64 = 20_000;
const EVENT: usize = 200;
const LARGEST: usize = 10_000;
const STALLED: usize = 50;
/// What a client that does not read lets the kernel take in for it.
const STALLED_BUFFER: u32 = 16 << 10;

/// A name and a value.
pub type Found = Vec<(String, f64)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    Connect,
    Fanout,
    Acks,
    Pipeline,
    Stalled,
}

/// How much of everything.
pub struct Sizes {
    /// Idle connections at which memory is read.
    idle: Vec<usize>,
    displays: Vec<usize>,
    deliveries: u64,
    clients: [usize; 3],
    acks_for: Duration,
    pipelined: u64,
    stalled_events: u64,
}

impl Sizes {
    /// As much as fits into the limit of open files: siguiente holds two a connection.
    pub fn new(quick: bool, descriptors: u64) -> Self {
        let scale = if quick { 10 } else { 1 };
        let most = (descriptors.saturating_sub(200) / 2) as usize;
        if most < LARGEST {
            eprintln!("{LARGEST} connections need more than {descriptors} open files (ulimit -n): {most} instead");
        }
        let fitting = |sizes: &[usize]| sizes.iter().map(|size| (size / scale).min(most)).collect();
        let scaled = scale as u64;
        Self {
            idle: fitting(&[5_000, LARGEST]),
            displays: fitting(&[1_000, 5_000, LARGEST]),
            deliveries: 100_000 / scaled,
            clients: [1, 64, 512],
            acks_for: Duration::from_secs(3) / scale as u32,
            pipelined: 50_000,
            stalled_events: 10_000 / scaled,
        }
    }
}

impl Part {
    pub const ALL: [Self; 5] = [Self::Connect, Self::Fanout, Self::Acks, Self::Pipeline, Self::Stalled];

    pub async fn measure(self, server: &Server, sizes: &Sizes) -> Result<Found> {
        let local = LocalSet::new();
        let measuring = async {
            match self {
                Self::Connect => connect(server, sizes).await,
                Self::Fanout => fanout(server, sizes).await,
                Self::Acks => acks(server, sizes).await,
                Self::Pipeline => pipeline(server, sizes.pipelined).await,
                Self::Stalled => stalled(server, sizes.stalled_events).await,
            }
        };
        let limit = Duration::from_secs(300);
        local.run_until(timeout(limit, measuring)).await.map_err(|_| Error::other(format!("not done in {limit:?}")))?
    }
}

async fn connect(server: &Server, sizes: &Sizes) -> Result<Found> {
    // The first connections make what is made once.
    let mut warm = Crowd::new(server.address, Role::Guest);
    warm.grow(10).await?;
    drop(warm);
    sleep(SETTLE).await;
    let before = server.usage();
    let mut crowd = Crowd::new(server.address, Role::Guest);
    let mut seconds = 0.0;
    let mut cpu = 0.0;
    let mut found = Found::new();
    for size in &sizes.idle {
        let usage = server.usage();
        let start = clock::instant();
        crowd.grow(*size).await?;
        seconds += start.elapsed().as_secs_f64();
        sleep(SETTLE).await;
        let after = server.usage();
        cpu += after.cpu_since(&usage);
        found.push((format!("KB a connection, {size} idle"), (after.resident - before.resident) / 1024.0 / *size as f64));
    }
    crowd.whole()?;
    found.insert(0, ("connections a second".into(), crowd.len() as f64 / seconds));
    found.insert(1, ("server CPU, ms a connection".into(), cpu * 1e3 / crowd.len() as f64));
    Ok(found)
}

async fn fanout(server: &Server, sizes: &Sizes) -> Result<Found> {
    let mut crowd = Crowd::new(server.address, Role::Display);
    let mut found = Found::new();
    for &size in &sizes.displays {
        crowd.grow(size).await?;
        // A new one each time: while nobody reads for it, it answers no heartbeat.
        let mut control = enter(server.address, Role::Speaker, None).await?;
        let displays = size as u64;
        crowd.hear(&mut control, 2, EVENT, None).await?;
        sleep(Duration::from_secs(1)).await;
        let before = server.usage();
        let paced = crowd.hear(&mut control, sizes.deliveries / displays, EVENT, Some(displays * 1000 / PACE)).await?;
        let after = server.usage();
        let at_once = crowd.hear(&mut control, sizes.deliveries / displays, EVENT, None).await?;
        crowd.whole()?;
        if paced.deliveries == 0 || at_once.deliveries == 0 {
            return Err(Error::other(format!("nothing of a broadcast came to {size} displays")));
        }
        let name = |what: &str| format!("{size} displays: {what}");
        found.push((name("server CPU s a million"), after.cpu_since(&before) * 1e6 / paced.deliveries as f64));
        found.push((name("deliveries a second, all at once"), at_once.deliveries as f64 / at_once.seconds));
        found.push((name("lost or out of order"), (paced.missing + paced.disordered + at_once.missing + at_once.disordered) as f64));
    }
    Ok(found)
}

async fn acks(server: &Server, sizes: &Sizes) -> Result<Found> {
    let mut found = Found::new();
    for clients in sizes.clients {
        let mut ready = Vec::new();
        for _ in 0..clients {
            ready.push(enter(server.address, Role::Speaker, None).await?);
        }
        let count = Rc::new(Cell::new(0u64));
        let before = server.usage();
        let start = clock::instant();
        let tasks: Vec<_> = ready
            .into_iter()
            .map(|mut client| {
                let count = count.clone();
                let until = start + sizes.acks_for;
                spawn_local(async move {
                    let mut id = 0;
                    while clock::instant() < until {
                        client.ask(id, r#"["eco",{"servicio":"caja"}]"#, |_| ()).await?;
                        id += 1;
                        count.set(count.get() + 1);
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        let seconds = start.elapsed().as_secs_f64();
        let cpu = server.usage().cpu_since(&before);
        found.push((format!("{clients} clients: acknowledgements a second"), count.get() as f64 / seconds));
        found.push((format!("{clients} clients: server CPU s a million"), cpu * 1e6 / count.get() as f64));
    }
    Ok(found)
}

async fn pipeline(server: &Server, events: u64) -> Result<Found> {
    let Client { mut reader, mut writer } = enter(server.address, Role::Speaker, None).await?;
    let start = clock::instant();
    let writing = spawn_local(async move {
        for id in 0..events {
            writer.put(&format!(r#"42{id}["eco",{{"n":{id}}}]"#));
            if id % 100 == 99 {
                writer.flush().await?;
            }
        }
        writer.flush().await?;
        Ok::<_, Error>(writer)
    });
    let (mut answered, mut disordered) = (0, 0);
    let mut next = 0;
    let mut last = start;
    while answered < events {
        let hearing = reader.read(|text| {
            let text = std::str::from_utf8(text).unwrap_or_default();
            let Some((id, rest)) = text.strip_prefix("43").and_then(|text| text.split_once('[')) else { return };
            let Ok(id) = id.parse::<u64>() else { return };
            answered += 1;
            if id < next || rest != format!(r#"{{"n":{id}}}]"#) {
                disordered += 1;
            }
            next = id + 1;
        });
        match timeout(Duration::from_secs(5), hearing).await {
            Ok(heard) => heard?,
            Err(_) => break,
        }
        last = clock::instant();
    }
    writing.await??;
    let seconds = last.saturating_duration_since(start).as_secs_f64();
    Ok(vec![
        (format!("{events} pipelined: answers a second"), answered as f64 / seconds),
        (format!("{events} pipelined: never answered"), (events - answered) as f64),
        (format!("{events} pipelined: out of order or wrong"), disordered as f64),
    ])
}

async fn stalled(server: &Server, events: u64) -> Result<Found> {
    let mut crowd = Crowd::new(server.address, Role::Display);
    crowd.grow(STALLED).await?;
    let mut control = enter(server.address, Role::Speaker, None).await?;
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(enter(server.address, Role::Display, Some(STALLED_BUFFER)).await?);
    }
    sleep(Duration::from_secs(1)).await;
    let before = server.usage();
    let peak = Rc::new(Cell::new(before.resident));
    let outcome = {
        let watch = async {
            loop {
                peak.set(peak.get().max(server.usage().resident));
                sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            outcome = crowd.hear(&mut control, events, 2_000, Some(2)) => outcome?,
            () = watch => return Err(Error::other("unreachable: the watch never ends")),
        }
    };
    let after = server.usage();
    crowd.whole()?;
    // What had been on its way to them comes first, then the ending, if there was one.
    let cut = Rc::new(Cell::new(0u32));
    let draining: Vec<_> = stalled
        .into_iter()
        .map(|mut client| {
            let cut = cut.clone();
            spawn_local(async move {
                if let Ok(Err(_)) = timeout(Duration::from_secs(2), async { client.until(|_| false).await }).await {
                    cut.set(cut.get() + 1);
                }
            })
        })
        .collect();
    for task in draining {
        task.await?;
    }
    let name = |what: &str| format!("{STALLED} stalled: {what}");
    Ok(vec![
        (name("lost by healthy ones"), outcome.missing as f64),
        (name("out of order for healthy ones"), outcome.disordered as f64),
        (name("memory growth at the end, MB"), (after.resident - before.resident) / f64::from(1 << 20)),
        (name("memory growth at most, MB"), (peak.get() - before.resident) / f64::from(1 << 20)),
        (name("cut off"), f64::from(cut.get())),
        (name("server CPU s"), after.cpu_since(&before)),
    ])
}
