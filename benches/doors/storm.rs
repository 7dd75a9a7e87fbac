//! Owns what is measured of numbers during a storm of sign-ins: kiosks that take numbers at an even pace, without and with others who sign in
//! so often that every hashing thread is always busy.

use std::cell::{Cell, RefCell};
use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use siguiente::clock;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, sleep, sleep_until};

use crate::support::figures::Figures;
use crate::support::house::{House, PASSWORD, is_ok, sign_in};
use crate::support::http::Http;
use crate::support::process::Usage;
use crate::support::report::{self, figure, median, table};

const KIOSKS: u32 = 8;
/// Who sign in, each one attempt at a time: more than there are hashing threads, fewer than may wait for them.
const STORMERS: usize = 32;
/// Attempts from one address: half of them are right and cost nothing, so the limit of an address, 20 at once, is not reached.
const ATTEMPTS: usize = 32;
/// Until the storm blows, and until what it left is done.
const SETTLED: Duration = Duration::from_millis(500);
const TAKE: &str = r#"["siguiente-ticket",{}]"#;
/// The name of the server's threads that hash.
const HASHING: &str = "passwords";

/// What sign-ins were answered.
#[derive(Debug, Default)]
struct Answers {
    right: Cell<u64>,
    wrong: Cell<u64>,
    /// Neither was hashed: tried too often, or too many waited.
    limited: Cell<u64>,
    overloaded: Cell<u64>,
}

/// One round.
struct Round {
    /// Milliseconds that each number took.
    waits: Vec<f64>,
    seconds: f64,
    right: f64,
    wrong: f64,
    unhashed: f64,
    hashing_cpu: f64,
    own_cpu: f64,
}

pub async fn measure(rounds: usize, span: Duration, rate: u32) -> Result<String> {
    let house = House::program().await?;
    let accounts: Rc<[String]> = house.agents(STORMERS).await?.into();
    let mut figures = Figures::new("numbers", &["p50 ms", "p99 ms", "longest ms", "numbers/s", "generator CPU %"]);
    let mut storms =
        Figures::new("the storm", &["sign-ins hashed/s", "201 right/s", "401 wrong/s", "429 or 503/s", "hashing threads, % of a core"]);
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let mut p99 = Vec::new();
        for (name, blows) in [("without", false), ("during the storm", true)] {
            let storm = blows.then(|| Storm::begin(house.server.address, accounts.clone()));
            sleep(SETTLED).await;
            let mut round = Round::of(&house, span, rate, storm.as_ref().map(|storm| storm.answers.clone())).await?;
            if let Some(storm) = storm {
                storm.end().await?;
                storms.add("in each second", round.storm());
            }
            let numbers = round.numbers();
            p99.push(numbers[1]);
            figures.add(name, numbers);
            sleep(SETTLED).await;
        }
        ratios.push(p99[1] / p99[0]);
    }
    let [least, most] = [f64::min, f64::max].map(|of| ratios.iter().copied().reduce(of).map_or_else(String::new, figure));
    let ratio = vec![vec!["p99 during ÷ p99 without".into(), median(&ratios).map_or_else(String::new, figure), least, most]];
    let ratio = table(&["each round", "median", "least", "most"], &ratio);
    Ok(format!("{KIOSKS} kiosks, {rate} numbers a second; {STORMERS} sign in.\n\n{}\n{ratio}\n{}", figures.table(), storms.table()))
}

impl Round {
    async fn of(house: &House, span: Duration, rate: u32, answers: Option<Rc<Answers>>) -> Result<Self> {
        let waits = Rc::new(RefCell::new(Vec::new()));
        let answers = answers.unwrap_or_default();
        let answered = || [&answers.right, &answers.wrong, &answers.limited, &answers.overloaded].map(|count| count.get() as f64);
        let mut kiosks = Vec::new();
        for _ in 0..KIOSKS {
            kiosks.push(house.client().await?);
        }
        let (before, own_before, answered_before) = (house.server.usage(), Usage::own(), answered());
        let start = Instant::from_std(clock::instant());
        let tasks: Vec<JoinHandle<Result<()>>> = (0..KIOSKS)
            .zip(kiosks)
            .map(|(number, mut kiosk)| {
                let waits = waits.clone();
                spawn_local(async move {
                    for due in (0..).map(|turn| start + Duration::from_secs(1) * (turn * KIOSKS + number) / rate) {
                        if due >= start + span {
                            break;
                        }
                        // Who comes late because the last number took so long has waited since it was due.
                        let late = due.into_std() < clock::instant();
                        sleep_until(due).await;
                        let asked = if late { due.into_std() } else { clock::instant() };
                        if !kiosk.ask(1, TAKE, is_ok).await? {
                            return Err(Error::other("a number was refused"));
                        }
                        waits.borrow_mut().push(asked.elapsed().as_secs_f64() * 1e3);
                    }
                    Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        let seconds = start.elapsed().as_secs_f64();
        let (after, own_after, answered_after) = (house.server.usage(), Usage::own(), answered());
        let [right, wrong, limited, overloaded] = [0, 1, 2, 3].map(|kind| answered_after[kind] - answered_before[kind]);
        Ok(Self {
            waits: waits.take(),
            seconds,
            right,
            wrong,
            unhashed: limited + overloaded,
            hashing_cpu: after.named_since(&before, HASHING),
            own_cpu: own_after.cpu_since(&own_before),
        })
    }

    fn numbers(&mut self) -> [f64; 5] {
        let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|part| report::percentile(&mut self.waits, part).unwrap_or(f64::NAN));
        [p50, p99, longest, self.waits.len() as f64 / self.seconds, self.own_cpu * 100.0 / self.seconds]
    }

    fn storm(&self) -> [f64; 5] {
        let a_second = [self.right + self.wrong, self.right, self.wrong, self.unhashed].map(|count| count / self.seconds);
        [a_second[0], a_second[1], a_second[2], a_second[3], self.hashing_cpu * 100.0 / self.seconds]
    }
}

/// Many who sign in as fast as they are answered.
struct Storm {
    answers: Rc<Answers>,
    over: Rc<Cell<bool>>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Storm {
    fn begin(server: SocketAddr, accounts: Rc<[String]>) -> Self {
        let (answers, over) = (Rc::<Answers>::default(), Rc::<Cell<bool>>::default());
        let tasks = (0..STORMERS).map(|number| {
            let (accounts, answers, over) = (accounts.clone(), answers.clone(), over.clone());
            spawn_local(async move {
                while !over.get() {
                    attempts(server, &accounts[number], &answers, &over).await?;
                }
                Ok(())
            })
        });
        Self { tasks: tasks.collect(), answers, over }
    }

    async fn end(self) -> Result<()> {
        self.over.set(true);
        for task in self.tasks {
            task.await??;
        }
        Ok(())
    }
}

/// What comes from one address: one's own password, then a wrong one, at one's own account or at one that nobody has.
async fn attempts(server: SocketAddr, account: &str, answers: &Answers, over: &Cell<bool>) -> Result<()> {
    thread_local! {
        /// Addresses of loopback that nobody else here comes from.
        static NEXT: Cell<u32> = Cell::new(u32::from(Ipv4Addr::new(127, 1, 0, 1)));
    }
    let address = NEXT.replace(NEXT.get() + 1);
    let mut http = Http::connect(server, address.into()).await?;
    for attempt in 0..ATTEMPTS {
        if over.get() {
            break;
        }
        let request = match attempt % 4 {
            0 | 2 => sign_in(account, PASSWORD),
            1 => sign_in(account, "una que no es"),
            _ => sign_in(&format!("nadie-{address}-{attempt}"), PASSWORD),
        };
        let count = match http.ask(&request).await? {
            201 => &answers.right,
            401 => &answers.wrong,
            429 => &answers.limited,
            503 => &answers.overloaded,
            status => return Err(Error::other(format!("a sign-in: status {status}"))),
        };
        count.set(count.get() + 1);
    }
    Ok(())
}
