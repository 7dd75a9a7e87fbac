//! Owns what it costs to play one day under every policy, as the REST interface is asked to.

use std::hint::black_box;

use siguiente::clock;
use siguiente::office::simulation::{self, Arrival, Day, Shift};
use siguiente::office::{DeskId, Millis, Policy, Rank, ServiceId};

use super::dice::Dice;
use super::office::{MINUTE, settings};
use super::report::{figure, table};

const ARRIVALS: usize = 1_500;
const DESKS: u32 = 14;
const MEAN: i64 = 5 * MINUTE;
/// Numbers are given in so many minutes: the desks are busy nine tenths of them.
const OPEN_FOR: f64 = 600.0;

/// The table, as Markdown: the smallest of so many measures.
pub fn measure(runs: usize) -> String {
    let settings = settings(Policy::Accumulating { factor: 3 }, &[MEAN; 3], DESKS);
    let day = day();
    let mut least = f64::INFINITY;
    for _ in 0..runs.max(1) {
        let before = clock::instant();
        black_box(simulation::outcomes(black_box(&day), &settings));
        least = least.min((clock::instant() - before).as_secs_f64() * 1e3);
    }
    let row = vec![ARRIVALS.to_string(), DESKS.to_string(), figure(least)];
    format!("a day played under four policies\n\n{}", table(&["arrivals", "desks", "ms"], &[row]))
}

fn day() -> Day {
    let mut dice = Dice::new(&[11]);
    let arrivals = (0..ARRIVALS).map(|_| Arrival {
        at: Millis((dice.part() * OPEN_FOR * MINUTE as f64) as i64),
        service: ServiceId(dice.pick(&[0.6, 0.35, 0.05]) as u32 + 1),
        rank: Rank(dice.chance(0.15).into()),
        served: dice.chance(0.95).then(|| dice.skewed(MEAN as f64, 0.6) as i64),
    });
    let arrivals = arrivals.collect();
    let open = |desk: u32| {
        let pause = i64::from(60 + 30 * desk) * MINUTE;
        vec![(Millis(0), Millis(pause)), (Millis(pause + 20 * MINUTE), Millis(OPEN_FOR as i64 * MINUTE))]
    };
    Day { arrivals, shifts: (1..=DESKS).map(|desk| Shift { desk: DeskId(desk), open: open(desk) }).collect() }
}
