//! `cargo bench --bench doors`: what comes in over REST beside the same over events, and whether taking a number waits while many sign in.
//! See `docs/benchmarks.md`.

#[path = "../support/mod.rs"]
mod support;

mod guest;
mod issue;
mod storm;

use std::io::Result;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use tokio::task::LocalSet;

use support::report;

#[derive(Parser)]
#[command(name = "doors", about = "Measures REST beside events, and numbers during a storm of sign-ins")]
struct Line {
    /// Rounds; every figure is the median of them
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Milliseconds of each measurement of `issue`; `status` takes half of it
    #[arg(long, default_value_t = 700)]
    span: u64,
    /// Rounds of `storm`, each without and with one
    #[arg(long, default_value_t = 5)]
    storms: usize,
    /// Milliseconds of each of these
    #[arg(long, default_value_t = 4_000)]
    storm_span: u64,
    /// Numbers a second that the kiosks of `storm` take, all together
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Issue, Part::Status, Part::Storm])]
    parts: Vec<Part>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Numbers taken over events and over REST.
    Issue,
    /// How the queue stands, over events and over REST.
    Status,
    /// Numbers while many sign in.
    Storm,
}

fn main() -> ExitCode {
    let line = Line::parse();
    if !line.bench {
        println!("nothing is measured here: run `cargo bench --bench doors`");
        return ExitCode::SUCCESS;
    }
    match measure(&line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doors: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(line: &Line) -> Result<()> {
    println!("{}\n", report::machine());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let span = Duration::from_millis(line.span);
    for part in &line.parts {
        let text = LocalSet::new().block_on(&runtime, async {
            match part {
                Part::Issue => issue::issue(line.runs, span).await,
                Part::Status => issue::status(line.runs, span / 2).await,
                Part::Storm => storm::measure(line.storms, Duration::from_millis(line.storm_span), line.rate).await,
            }
        })?;
        println!("{text}");
    }
    Ok(())
}
