//! `cargo bench --bench office`: durable numbers a second against what the disk gives, numbers a commit, the hub without a disk, and how
//! long a call takes from the desk to the display. See `docs/benchmarks.md`.

mod support;

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Error, Read, Result, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::rc::Rc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use rusqlite::Connection;
use siguiente::clock::{self, Clock};
use siguiente::service::Doors;
use siguiente::store::MemoryStore;
use siguiente::{app, config};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use support::figures::Figures;
use support::house::House;
use support::process::{Server, Usage};
use support::report;

const CLIENTS: [usize; 3] = [1, 64, 512];
const TAKE: &str = r#"["siguiente-ticket",{}]"#;
const CALL: &str = r#"["atender-ticket",{"escritorio":1}]"#;
/// A call that takes longer to arrive is a failure.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(name = "office", about = "Measures the office: numbers a second, calls to the display")]
struct Line {
    /// Rounds; every figure is the median of them
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Milliseconds that numbers are taken, each time
    #[arg(long, default_value_t = 2_000)]
    span: u64,
    /// Calls of which the time is taken, each time
    #[arg(long, default_value_t = 500)]
    calls: usize,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Durable, Part::Memory, Part::Latency])]
    parts: Vec<Part>,
    /// Be a server that keeps everything in memory
    #[arg(long, hide = true)]
    serve: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Numbers on disk, against the disk alone.
    Durable,
    /// Numbers in memory: the hub alone.
    Memory,
    /// Calls to the display.
    Latency,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let result = match line {
        Line { serve: true, .. } => serve_in_memory(),
        Line { bench: false, .. } => {
            println!("nothing is measured here: run `cargo bench --bench office`");
            Ok(())
        }
        line => measure(&line),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("office: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(line: &Line) -> Result<()> {
    let machine = report::machine();
    rlimit::increase_nofile_limit(u64::MAX)?;
    let span = Duration::from_millis(line.span);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut disk = Figures::new("the disk alone", &["a second"]);
    let mut durable = Figures::new(
        "durable numbers",
        &["numbers/s", "bare inserts/s", "ratio", "numbers a commit", "commits/s", "server CPU µs a number", "generator CPU %"],
    );
    let mut memory =
        Figures::new("in memory", &["commands/s", "server CPU µs a command", "busiest thread µs a command", "generator CPU %"]);
    let mut latency = Figures::new("`atender-ticket` to `llamada`, ms", &["p50", "p90", "p99", "last display, p50"]);
    for run in 1..=line.runs {
        eprintln!("run {run}");
        if line.parts.contains(&Part::Durable) {
            disk.add("fdatasync after an appended page of 4 KB", [bare_sync(folder()?.path(), span / 2)?]);
            for clients in CLIENTS {
                let bare = bare_inserts(folder()?.path(), span / 2)?;
                disk.add("SQLite, WAL, `synchronous=FULL`, one insert a transaction", [bare]);
                let taken = local(&runtime, async { take(&House::program().await?, clients, span, true).await })?;
                let [group, commits] = [taken.numbers / taken.commits, taken.commits / taken.seconds];
                durable
                    .add(format!("{clients} clients"), [taken.rate(), bare, taken.rate() / bare, group, commits, taken.cpu(), taken.own()]);
            }
        }
        if line.parts.contains(&Part::Memory) {
            for clients in CLIENTS {
                let taken = local(&runtime, take(&in_memory()?, clients, span, false))?;
                memory.add(format!("{clients} clients"), [taken.rate(), taken.cpu(), taken.busiest(), taken.own()]);
            }
        }
        if line.parts.contains(&Part::Latency) {
            for (displays, (store, on_disk)) in [1, 100].into_iter().flat_map(|n| [(n, ("SQLite", true)), (n, ("in memory", false))]) {
                let mut times = local(&runtime, async {
                    let house = if on_disk { House::program().await? } else { in_memory()? };
                    call(&house, displays, line.calls).await
                })?;
                let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|part| report::percentile(&mut times.each, part).unwrap_or(f64::NAN));
                let last = report::percentile(&mut times.last, 0.5).unwrap_or(f64::NAN);
                latency.add(format!("{displays} displays, {store}"), [p50, p90, p99, last]);
            }
        }
    }
    println!("\n{machine}\n\nMedians of {} runs.\n", line.runs);
    [disk, durable, memory, latency].iter().filter(|figures| !figures.rows.is_empty()).for_each(|figures| println!("{}", figures.table()));
    Ok(())
}

/// The same program on the store that writes nothing.
fn in_memory() -> Result<House> {
    Ok(House::open(Server::start(Command::new(std::env::current_exe()?).arg("--serve"))?))
}

fn serve_in_memory() -> Result<()> {
    let config = config::Config::parse_from(["siguiente", "--bind", "127.0.0.1:0"], []).map_err(Error::other)?.config;
    actix::System::new().block_on(async {
        let running = app::start(&config, MemoryStore::new(), Default::default(), app::plain_office, Clock::system(), Doors::Open)
            .map_err(|error| Error::other(error.to_string()))?;
        println!("listening on {}", running.address());
        // Ends with its input.
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
        running.stop().await.map_err(|error| Error::other(error.to_string()))?;
        ended.map_err(Error::other)?.map(|_| ())
    })
}

/// A folder on the file system that the project is built on: every durable figure is of the same disk.
fn folder() -> Result<TempDir> {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
}

fn bare_sync(folder: &Path, span: Duration) -> Result<f64> {
    let mut file = File::create(folder.join("pages"))?;
    let (start, mut count) = (clock::instant(), 0.0);
    while start.elapsed() < span {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1.0;
    }
    Ok(count / start.elapsed().as_secs_f64())
}

fn bare_inserts(folder: &Path, span: Duration) -> Result<f64> {
    let insert = || -> rusqlite::Result<f64> {
        let database = Connection::open(folder.join("bare.db"))?;
        database.pragma_update(None, "journal_mode", "wal")?;
        database.pragma_update(None, "synchronous", "full")?;
        database.execute_batch("CREATE TABLE ticket (number INTEGER PRIMARY KEY, code TEXT NOT NULL, issued INTEGER NOT NULL) STRICT")?;
        let mut statement = database.prepare("INSERT INTO ticket (code, issued) VALUES (?1, ?2)")?;
        let (start, mut count) = (clock::instant(), 0);
        while start.elapsed() < span {
            statement.execute((format!("A-{count:03}"), count))?;
            count += 1;
        }
        Ok(f64::from(count) / start.elapsed().as_secs_f64())
    };
    insert().map_err(Error::other)
}

fn local<T>(runtime: &tokio::runtime::Runtime, work: impl Future<Output = Result<T>>) -> Result<T> {
    LocalSet::new().block_on(runtime, work)
}

struct Taken {
    numbers: f64,
    commits: f64,
    seconds: f64,
    cpu: f64,
    busiest: f64,
    own_cpu: f64,
}

impl Taken {
    fn rate(&self) -> f64 {
        self.numbers / self.seconds
    }

    /// Microseconds of the server a number.
    fn cpu(&self) -> f64 {
        self.cpu * 1e6 / self.numbers
    }

    /// Of these, the thread that took the most: it bounds what there can be.
    fn busiest(&self) -> f64 {
        self.busiest * 1e6 / self.numbers
    }

    /// Percent of a core that the load generator took.
    fn own(&self) -> f64 {
        self.own_cpu * 100.0 / self.seconds
    }
}

/// Clients that take a number each, wait for the answer, take the next. With `display` one hears what each commit changed, which counts the
/// commits.
async fn take(house: &House, clients: usize, span: Duration, display: bool) -> Result<Taken> {
    let commits = Rc::new(Cell::new(0u64));
    let watching = if display { Some(watch(house, commits.clone()).await?) } else { None };
    let mut ready = Vec::new();
    for _ in 0..clients {
        ready.push(house.client().await?);
    }
    let numbers = Rc::new(Cell::new(0u64));
    let (before, own_before, commits_before) = (house.server.usage(), Usage::own(), commits.get());
    let start = clock::instant();
    let tasks: Vec<JoinHandle<Result<()>>> = ready
        .into_iter()
        .map(|mut client| {
            let numbers = numbers.clone();
            spawn_local(async move {
                let mut id = 0;
                while start.elapsed() < span {
                    if !client.ask(id, TAKE, |answer| answer.starts_with(br#"[{"ok":true"#)).await? {
                        return Err(Error::other("a number was refused"));
                    }
                    numbers.set(numbers.get() + 1);
                    id += 1;
                }
                Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = start.elapsed().as_secs_f64();
    let (after, own_after) = (house.server.usage(), Usage::own());
    // The display may be a few packets behind the answers.
    sleep(Duration::from_millis(200)).await;
    if let Some(task) = watching {
        if task.is_finished() {
            return Err(Error::other("the display lost its connection"));
        }
        task.abort();
    }
    Ok(Taken {
        numbers: numbers.get() as f64,
        commits: (commits.get() - commits_before) as f64,
        seconds,
        cpu: after.cpu_since(&before),
        busiest: after.busiest_since(&before),
        own_cpu: own_after.cpu_since(&own_before),
    })
}

/// A display that counts the commits: it gets the changes of each in one `cola`.
async fn watch(house: &House, commits: Rc<Cell<u64>>) -> Result<JoinHandle<Result<()>>> {
    let mut display = house.client().await?;
    display.ask(0, r#"["entrar-pantalla"]"#, |_| ()).await?;
    Ok(spawn_local(async move {
        loop {
            display
                .hear(|text| {
                    if text.starts_with(br#"42["cola","#) {
                        commits.set(commits.get() + 1);
                    }
                })
                .await?;
        }
    }))
}

/// Milliseconds from the call to its receipt.
struct Times {
    each: Vec<f64>,
    /// Of each call, at the display that was last.
    last: Vec<f64>,
}

/// One desk calls, one call after the other, and every display notes when it heard of it.
async fn call(house: &House, displays: usize, calls: usize) -> Result<Times> {
    let mut kiosk = house.client().await?;
    for id in 0..calls as u64 {
        if !kiosk.ask(id, TAKE, |answer| answer.starts_with(br#"[{"ok":true"#)).await? {
            return Err(Error::other("a number was refused"));
        }
    }
    let heard = Rc::new(RefCell::new(Vec::new()));
    let news = Rc::new(Notify::new());
    let mut listening = Vec::new();
    for _ in 0..displays {
        let mut display = house.client().await?;
        display.ask(0, r#"["entrar-pantalla"]"#, |_| ()).await?;
        let (heard, news) = (heard.clone(), news.clone());
        listening.push(spawn_local(async move {
            loop {
                let hearing = display.hear(|text| {
                    if text.starts_with(br#"42["llamada","#) {
                        heard.borrow_mut().push(clock::instant());
                        news.notify_one();
                    }
                });
                if hearing.await.is_err() {
                    return;
                }
            }
        }));
    }
    let mut desk = house.client().await?;
    desk.ask(0, r#"["entrar-puesto",{"escritorio":1}]"#, |_| ()).await?;
    let mut times = Times { each: Vec::new(), last: Vec::new() };
    for id in 1..=calls as u64 {
        heard.borrow_mut().clear();
        let start = clock::instant();
        if !desk.ask(id, CALL, |answer| answer.starts_with(br#"[{"ok":true"#)).await? {
            return Err(Error::other("a call was refused"));
        }
        let all = async {
            while heard.borrow().len() < displays {
                news.notified().await;
            }
        };
        timeout(PATIENCE, all).await.map_err(|_| Error::other(format!("a display heard nothing of a call for {PATIENCE:?}")))?;
        let waits = heard.borrow().iter().map(|at| at.saturating_duration_since(start).as_secs_f64() * 1e3).collect::<Vec<_>>();
        times.last.extend(waits.iter().copied().reduce(f64::max));
        times.each.extend(waits);
    }
    listening.iter().for_each(JoinHandle::abort);
    Ok(times)
}
