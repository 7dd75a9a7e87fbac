//! Owns what is printed: medians, percentiles, tables in Markdown, the machine.

use std::fmt::Write;
use std::fs;

use chrono::DateTime;
use siguiente::clock::Clock;

/// The middle one; of an even number of values the mean of the middle two. `None` of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        _ => Some(sorted[middle]),
    }
}

/// The value below which `part` (0 to 1) of the values lie.
pub fn percentile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(values[(part * last as f64).round() as usize])
}

/// Three significant figures.
pub fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let digits = text.split('.').next().unwrap_or_default().trim_start_matches('-').len();
    if decimals > 0 || digits < 5 {
        return text;
    }
    let mut grouped = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A table in Markdown: the first column to the left, all others to the right.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|---|{}\n", head.join(" | "), "--:|".repeat(head.len().saturating_sub(1)));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// What was measured on, and when.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("unknown", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let memory =
        memory.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or_default() / (1 << 20) as f64;
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or_default();
    let date = DateTime::from_timestamp_millis(Clock::system().now().0).map(|date| date.format("%Y-%m-%d %H:%M UTC").to_string());
    format!(
        "{}; {cores} cores ({model}), {memory:.0} GB, Linux {}; load before it began: {load}",
        date.unwrap_or_default(),
        read("/proc/sys/kernel/osrelease").trim(),
    )
}
