//! Owns how a report looks to people: one figure a line where there is one group, else a table with a line a group.

use std::fmt::Write;

use super::Figures;
use crate::app::archive::clock;
use crate::office::figures::{self, Group, Line, Share, Spread};

/// The report, with what it is about above it.
pub fn report(figures: &Figures<'_>, name: impl Fn(&Group) -> String) -> String {
    let Figures { branch, name: office, time_zone, from, to, .. } = figures;
    let days = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let mut text = format!("{office} (branch {branch}), {days}, {time_zone}\n\n");
    match figures.lines {
        [] => text.push_str("nobody came and no desk was open\n"),
        [Line { group: Group::All, figures: all }] => list(&mut text, all, figures.answer_within),
        lines => table(&mut text, lines, figures.answer_within, name),
    }
    text
}

/// Everything, one figure a line.
fn list(text: &mut String, figures: &figures::Figures, within: u32) {
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<26} {value}");
    };
    line("tickets", figures.tickets.to_string());
    line("stays in a queue", figures.stays.to_string());
    let stays = [
        ("  finished", figures.finished),
        ("  transferred", figures.transferred),
        ("  missed", figures.missed),
        ("  cancelled by visitors", figures.left),
        ("  cancelled by staff", figures.cancelled),
        ("  expired", figures.expired),
        ("  going on", figures.open),
        ("  appointments not come", figures.booked),
        ("  not reliable", figures.unreliable),
    ];
    stays.into_iter().filter(|(_, count)| *count > 0).for_each(|(name, count)| line(name, count.to_string()));
    line("called", figures.called.to_string());
    line("waiting time", spread(figures.wait));
    line("  until the first call", spread(figures.first_wait));
    line("walk time", spread(figures.walk));
    line("service time", spread(figures.service));
    line("whole visit", spread(figures.stay));
    line(&format!("called within {}", clock(i64::from(within) * 1_000)), share(figures.in_time));
    line("did not come when called", share(figures.no_show));
    line("gave up", share(figures.abandoned));
    line("announced waits in range", share(figures.estimates.inside));
    line("  mean error", length(figures.estimates.mean_error));
    if let Some(desks) = figures.desks {
        line("desks open", format!("{}, of it paused {}", clock(desks.open), clock(desks.paused)));
        line("  finished an hour", desks.throughput().map_or_else(none, |rate| format!("{rate:.1}")));
        line("  with somebody", percent(desks.utilisation()));
        line("  idle while people waited", clock(desks.idle));
    }
}

fn table(text: &mut String, lines: &[Line], within: u32, name: impl Fn(&Group) -> String) {
    let desks = lines.iter().any(|line| line.figures.desks.is_some());
    let mut head: Vec<String> =
        ["", "tickets", "stays", "called", "finished", "missed", "wait", "P50", "P90", "longest", "service"].map(Into::into).to_vec();
    head.push(format!("in {}", clock(i64::from(within) * 1_000)));
    head.push("gave up".into());
    if desks {
        head.extend(["open", "an hour", "busy"].map(Into::into));
    }
    let row = |Line { group, figures }: &Line| {
        let counts = [figures.tickets, figures.stays, figures.called, figures.finished, figures.missed].map(|count| count.to_string());
        let wait = figures.wait;
        let times = [wait.mean, wait.p50, wait.p90, wait.max, figures.service.mean].map(length);
        let shares = [figures.in_time, figures.abandoned].map(|share| percent(share.value()));
        let mut row: Vec<String> = [name(group)].into_iter().chain(counts).chain(times).chain(shares).collect();
        if desks {
            let rate = figures.desks.and_then(|desks| desks.throughput());
            row.push(length(figures.desks.map(|desks| desks.open)));
            row.push(rate.map_or_else(none, |rate| format!("{rate:.1}")));
            row.push(percent(figures.desks.and_then(|desks| desks.utilisation())));
        }
        row
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(lines.iter().map(row)).collect();
    let columns = rows[0].len();
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()).collect();
    for row in &rows {
        let _ = write!(text, "{:<width$}", row[0], width = widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            let _ = write!(text, "  {cell:>width$}");
        }
        text.push('\n');
    }
}

fn spread(spread: Spread) -> String {
    match spread {
        Spread { mean: Some(mean), p50: Some(p50), p90: Some(p90), max: Some(max), .. } => {
            format!("{} on average, P50 {}, P90 {}, longest {}", clock(mean), clock(p50), clock(p90), clock(max))
        }
        _ => none(),
    }
}

fn share(share: Share) -> String {
    match share.value() {
        Some(_) => format!("{} ({} of {})", percent(share.value()), share.count, share.of),
        None => none(),
    }
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(none, |part| format!("{:.0} %", part * 100.0))
}

fn length(millis: Option<i64>) -> String {
    millis.map_or_else(none, clock)
}

/// Where there is nothing to say.
fn none() -> String {
    "–".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::figures::{AtDesks, By};

    fn shown(by: By, lines: &[Line]) -> String {
        let day = "2026-11-20".parse().unwrap();
        let (name, time_zone, agents) = ("Centro", "Europe/Madrid", Default::default());
        let figures = Figures { branch: 1, name, time_zone, from: day, to: day, by, answer_within: 900, agents, lines };
        report(&figures, |group| format!("{group:?}"))
    }

    fn figures() -> figures::Figures {
        let wait = Spread { count: 2, mean: Some(65_000), p50: Some(60_000), p90: Some(70_000), max: Some(3_700_000) };
        let desks = AtDesks { open: 7_200_000, paused: 600_000, busy: 3_300_000, idle: 5_000, finished: 3 };
        let in_time = Share { count: 1, of: 2 };
        figures::Figures { tickets: 3, stays: 4, called: 2, finished: 2, wait, in_time, desks: Some(desks), ..Default::default() }
    }

    #[test]
    fn everything_is_a_list() {
        let text = shown(By::Nothing, &[Line { group: Group::All, figures: figures() }]);
        assert!(text.starts_with("Centro (branch 1), 2026-11-20, Europe/Madrid\n\ntickets                    3\n"), "{text}");
        for line in [
            "waiting time               1:05 on average, P50 1:00, P90 1:10, longest 1:01:40",
            "called within 15:00        50 % (1 of 2)",
            "service time               –",
            "desks open                 2:00:00, of it paused 10:00",
            "  with somebody            50 %",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("expired"), "nobody did: {text}");
    }

    #[test]
    fn groups_are_a_table() {
        let quiet = figures::Figures { desks: Some(AtDesks::default()), ..Default::default() };
        let lines = [Line { group: Group::Weekday(1), figures: figures() }, Line { group: Group::Weekday(2), figures: quiet }];
        let text = shown(By::Weekday, &lines);
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(rows.len(), 3, "{text}");
        let width = rows[0].chars().count();
        assert!(rows.iter().all(|row| row.chars().count() == width), "{text}");
        assert!(rows[1].starts_with("Weekday(1)        3      4       2         2       0  1:05  1:00  1:10  1:01:40"), "{text}");
        assert!(rows[2].ends_with("–     –"), "{text}");
        assert!(shown(By::Day, &[]).ends_with("nobody came and no desk was open\n"));
    }
}
