//! `cargo bench --bench sockets`: the same work for siguiente's real-time layer, the crate socketioxide and npm socket.io, each a process of
//! its own on this machine, in turns. Prints medians and ratios. See `docs/benchmarks.md`.

#[path = "../support/mod.rs"]
mod support;

#[path = "../peers/siguiente.rs"]
mod siguiente_peer;

mod crowd;
mod parts;
mod peers;

use std::io::Result;
use std::process::ExitCode;

use clap::Parser;

use parts::{Part, Sizes};
use peers::Peer;
use support::report;

#[derive(Parser)]
#[command(name = "sockets", about = "Compares siguiente's real-time layer with other Socket.IO servers")]
struct Line {
    /// Rounds; every figure is the median of them
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Servers to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Peer::Siguiente, Peer::Socketioxide, Peer::Node])]
    only: Vec<Peer>,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Part::ALL)]
    parts: Vec<Part>,
    /// A tenth of the connections and of the time, to see that it works
    #[arg(long)]
    quick: bool,
    /// Be siguiente's server
    #[arg(long, hide = true)]
    serve: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// One figure of one run.
struct Figure {
    peer: Peer,
    name: String,
    value: f64,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let result = match line {
        Line { serve: true, .. } => siguiente_peer::serve(),
        Line { bench: false, .. } => {
            println!("nothing is measured here: run `cargo bench --bench sockets`");
            Ok(())
        }
        line => compare(&line),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sockets: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(line: &Line) -> Result<()> {
    let machine = report::machine();
    let sizes = Sizes::new(line.quick, peers::raise_file_limit()?);
    let mut missing = Vec::new();
    let mut present = Vec::new();
    for peer in &line.only {
        match peer.prepare() {
            Ok(()) => present.push(*peer),
            Err(error) => missing.push(format!("MISSING: {}: {error}", peer.name())),
        }
    }
    missing.iter().for_each(|peer| eprintln!("{peer}"));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = Vec::new();
    for part in &line.parts {
        for run in 1..=line.runs {
            for peer in &present {
                eprintln!("{part:?}, run {run}: {}", peer.name());
                let own = support::process::Usage::own();
                let start = siguiente::clock::instant();
                match runtime.block_on(async { part.measure(&peer.start()?, &sizes).await }) {
                    Ok(found) => {
                        for (name, value) in found {
                            eprintln!("    {name}: {}", report::figure(value));
                            figures.push(Figure { peer: *peer, name, value });
                        }
                    }
                    Err(error) => {
                        eprintln!("FAILED: {part:?} of {}: {error}", peer.name());
                        missing.push(format!("FAILED in run {run}: {part:?} of {}: {error}", peer.name()));
                    }
                }
                let own = support::process::Usage::own().cpu_since(&own) / start.elapsed().as_secs_f64();
                eprintln!("    (load generator: {:.0} % of a core)", own * 100.0);
            }
        }
    }
    println!("\n{machine}\n\nMedians of {} runs.\n\n{}", line.runs, table(&present, &figures));
    missing.iter().for_each(|text| println!("\n**{text}**"));
    Ok(())
}

fn table(peers: &[Peer], figures: &[Figure]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for figure in figures {
        if !names.contains(&figure.name.as_str()) {
            names.push(&figure.name);
        }
    }
    let of = |peer: Peer, name: &str| {
        let values: Vec<f64> = figures.iter().filter(|figure| figure.peer == peer && figure.name == name).map(|f| f.value).collect();
        report::median(&values)
    };
    let others: Vec<Peer> = peers.iter().copied().filter(|peer| *peer != Peer::Siguiente).collect();
    let ratios: Vec<String> = others.iter().map(|peer| format!("siguiente ÷ {}", peer.name())).collect();
    let head: Vec<&str> =
        std::iter::once("").chain(peers.iter().map(|peer| peer.name())).chain(ratios.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<String>> = names
        .iter()
        .map(|name| {
            let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), report::figure);
            let ratio = |peer: &Peer| Some(of(Peer::Siguiente, name)? / of(*peer, name).filter(|value| *value != 0.0)?);
            std::iter::once((*name).to_owned())
                .chain(peers.iter().map(|peer| cell(of(*peer, name))))
                .chain(others.iter().map(|peer| cell(ratio(peer))))
                .collect()
        })
        .collect();
    report::table(&head, &rows)
}
