//! `cargo bench --bench policies`: a simulated month of one office under each policy, with the waits and the error of the estimates; and what
//! ordering and estimates cost with more and more people waiting. Needs no server, no disk and no network. See `docs/policies.md`.

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/report.rs"]
#[allow(dead_code, reason = "each benchmark uses its part of it")]
mod report;

mod curve;
mod day;
mod month;
mod office;
mod played;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use siguiente::office::Refused;

#[derive(Parser)]
#[command(name = "policies", about = "Compares the calling policies, and measures ordering and estimates")]
struct Line {
    /// Months of 21 days, each with other visitors
    #[arg(long, default_value_t = 1)]
    months: u64,
    /// Another seed is other visitors
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Percent of the visitors that have priority
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u8).range(..=100))]
    priority: u8,
    /// Times that each operation is measured; the figure is the smallest, which others on the machine disturb least
    #[arg(long, default_value_t = 25)]
    runs: usize,
    /// What to do
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Month, Part::Curve, Part::Played])]
    parts: Vec<Part>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Waits and estimates of a simulated month.
    Month,
    /// What ordering and estimates cost.
    Curve,
    /// What playing a day under every policy costs.
    Played,
}

fn main() -> ExitCode {
    let line = Line::parse();
    if !line.bench {
        println!("nothing is measured here: run `cargo bench --bench policies`");
        return ExitCode::SUCCESS;
    }
    match measure(&line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            eprintln!("policies: the office refused what it should not: {refused}");
            ExitCode::FAILURE
        }
    }
}

fn measure(line: &Line) -> Result<(), Refused> {
    let machine = report::machine();
    if line.parts.contains(&Part::Month) {
        println!("{}", month::compare(line.seed, line.months, line.priority)?);
    }
    if line.parts.contains(&Part::Curve) {
        println!("{machine}\n\n{}", curve::measure(line.runs)?);
    }
    if line.parts.contains(&Part::Played) {
        println!("{machine}\n\n{}", played::measure(line.runs));
    }
    Ok(())
}
