//! `cargo bench --bench year`: a year of a large branch in a database; then how long a start and a day's report take, how large the file is,
//! and whether the memory of a process stays flat over a week. See `docs/benchmarks.md`.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/dice.rs"]
#[allow(dead_code, reason = "each benchmark uses its part of it")]
mod dice;

mod branch;
mod reading;
mod week;

use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use siguiente::clock;
use siguiente::store::SqliteStore;

use support::process::Server;
use support::report::{figure, machine, median, table};

#[derive(Parser)]
#[command(name = "year", about = "Measures a year of a large branch: start, reports, size, memory")]
struct Line {
    /// Business days of the year
    #[arg(long, default_value_t = 250)]
    days: u32,
    /// Numbers a day
    #[arg(long, default_value_t = 1_500)]
    tickets: u32,
    /// Times that starts and reports are measured; the figure is the median
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Business days in one process, for its memory
    #[arg(long, default_value_t = 7)]
    week_days: u32,
    /// Keeps the database in this folder, and uses the one that is there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Start, Part::Reports, Part::Week])]
    parts: Vec<Part>,
    /// Be the process whose memory is measured, with a database in this folder
    #[arg(long, hide = true)]
    live: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From the start of the program to the first page.
    Start,
    /// Figures of a day, a month and the year; a day played under every policy.
    Reports,
    /// The tables against the log: a minute or more.
    Check,
    /// Memory over a week, or as many days as wanted.
    Week,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let result = match &line {
        Line { live: Some(dir), .. } => week::live(dir, line.week_days, line.tickets),
        Line { bench: false, .. } => {
            println!("nothing is measured here: run `cargo bench --bench year`");
            Ok(())
        }
        line => measure(line),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("year: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(line: &Line) -> Result<()> {
    println!("{}\n", machine());
    let throw_away = tempfile::tempdir()?;
    let dir = line.keep.as_deref().unwrap_or(throw_away.path());
    if line.parts.iter().any(|part| *part != Part::Week) {
        let year = branch::Year::of(dir, line.days, line.tickets)?;
        println!("{}", table(&["a year in the database", ""], &year.rows()));
    }
    for part in &line.parts {
        match part {
            Part::Start => println!("{}", starts(dir, line.runs)?),
            Part::Reports => println!("{}", reading::reports(dir, line.runs)?),
            Part::Check => println!("{}", reading::check(dir)?),
            Part::Week => println!("{}", week::measure(line.week_days, line.tickets)?),
        }
    }
    Ok(())
}

/// The program itself, as an operator starts it; and of that, what opening and loading take.
fn starts(dir: &Path, runs: usize) -> Result<String> {
    let (mut whole, mut open, mut load, mut behind) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..runs {
        let before = clock::instant();
        let mut program = Command::new(env!("CARGO_BIN_EXE_siguiente"));
        let server = Server::start(program.args(["serve", "--bind=127.0.0.1:0", "--log=error", "--data"]).arg(dir))?;
        whole.push((clock::instant() - before).as_secs_f64() * 1e3);
        drop(server);

        let before = clock::instant();
        let mut store = SqliteStore::open(dir).map_err(std::io::Error::other)?;
        open.push((clock::instant() - before).as_secs_f64() * 1e3);
        let before = clock::instant();
        behind = siguiente::store::Store::load(&mut store, branch::BRANCH).map_err(std::io::Error::other)?.entries.len();
        load.push((clock::instant() - before).as_secs_f64() * 1e3);
    }
    let row = |name: &str, values: &[f64]| {
        let largest = values.iter().copied().fold(0.0, f64::max);
        vec![name.to_owned(), median(values).map_or_else(String::new, figure), figure(largest)]
    };
    let rows = [
        row("the program, from its start to its first page", &whole),
        row("of that: the database opened", &open),
        row(&format!("of that: snapshot and {behind} entries behind it read"), &load),
    ];
    Ok(table(&["start, ms", "median", "longest"], &rows))
}
