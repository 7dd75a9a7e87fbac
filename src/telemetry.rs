//! Owns what the log looks like: one line a fact, on standard error. May import everything. Never writes a visitor's name, a message's text or
//! a token, and no other module may: a ticket is named by its code, a desk and a branch by their number, a connection by its public socket id.
//!
//! A line is `2026-11-21T10:38:47.123Z INFO  realtime::hub: text`: UTC with milliseconds, level, where it comes from, what happened. Control
//! characters in the text are escaped, so that no client can forge a line. Colours are for terminals only.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat};
use log::{Level, LevelFilter};

use crate::clock::Clock;
use crate::office::Millis;

/// Starts logging. Once a process: a second call changes nothing and is refused.
pub fn init(filter: &Filter, clock: Clock) -> Result<(), log::SetLoggerError> {
    builder(filter, clock).try_init()
}

/// Which lines are written: a level, or levels by origin, as in `info` or `warn,siguiente=debug`. An origin covers what is below it
/// (`siguiente` covers `siguiente::http`); the longest that fits decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Vec<Directive>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Directive {
    origin: Option<String>,
    level: LevelFilter,
}

/// A log filter that says nothing, or not what is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    #[error("no level is given; use off, error, warn, info, debug or trace")]
    Empty,
    #[error("`{0}` is no level; use off, error, warn, info, debug or trace, or origin=level")]
    NoLevel(String),
    #[error("`{0}` is no origin; it is a path such as siguiente::http")]
    NoOrigin(String),
}

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        let directives = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(directive).collect::<Result<Vec<_>, _>>()?;
        if directives.is_empty() { Err(BadFilter::Empty) } else { Ok(Self(directives)) }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Directive { origin, level }) in self.0.iter().enumerate() {
            let level = level.as_str().to_ascii_lowercase();
            f.write_str(if i == 0 { "" } else { "," })?;
            match origin {
                Some(origin) => write!(f, "{origin}={level}")?,
                None => f.write_str(&level)?,
            }
        }
        Ok(())
    }
}

fn directive(part: &str) -> Result<Directive, BadFilter> {
    let (origin, level) = match part.split_once('=') {
        Some((origin, level)) => (Some(origin.trim()), level.trim()),
        None => (None, part),
    };
    if let Some(origin) = origin
        && (origin.is_empty() || !origin.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-')))
    {
        return Err(BadFilter::NoOrigin(origin.to_owned()));
    }
    let level = level.parse().map_err(|_| BadFilter::NoLevel(level.to_owned()))?;
    Ok(Directive { origin: origin.map(str::to_owned), level })
}

fn builder(filter: &Filter, clock: Clock) -> env_logger::Builder {
    let mut builder = env_logger::Builder::new();
    for Directive { origin, level } in &filter.0 {
        builder.filter(origin.as_deref(), *level);
    }
    builder.format(move |out, record| {
        let style = out.default_level_style(record.level());
        let line = Line { at: clock.now(), level: record.level(), origin: record.target(), text: record.args() };
        writeln!(out, "{} {style}{:<5}{style:#} {}: {}", line.time(), line.level, line.short_origin(), line.escaped())
    });
    builder.target(env_logger::Target::Stderr);
    builder
}

/// The parts of one line, before colours.
struct Line<'a> {
    at: Millis,
    level: Level,
    origin: &'a str,
    text: &'a fmt::Arguments<'a>,
}

impl Line<'_> {
    fn time(&self) -> String {
        match DateTime::from_timestamp_millis(self.at.0) {
            Some(at) => at.to_rfc3339_opts(SecondsFormat::Millis, true),
            None => format!("{}ms", self.at.0),
        }
    }

    fn short_origin(&self) -> &str {
        self.origin.strip_prefix("siguiente::").unwrap_or(self.origin)
    }

    fn escaped(&self) -> String {
        let mut text = String::new();
        for c in self.text.to_string().chars() {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { text.extend(c.escape_default()) } else { text.push(c) }
        }
        text
    }
}

/// Writes out what the log still holds. For the last line before the process ends.
pub fn flush() -> io::Result<()> {
    log::logger().flush();
    io::stderr().flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Result<Filter, BadFilter> {
        text.parse()
    }

    #[test]
    fn a_filter_is_a_level_or_levels_by_origin() {
        assert_eq!(filter("info").unwrap().to_string(), "info");
        assert_eq!(filter(" WARN , siguiente::http = debug,").unwrap().to_string(), "warn,siguiente::http=debug");
    }

    #[test]
    fn a_filter_that_would_be_misread_is_refused() {
        assert_eq!(filter(""), Err(BadFilter::Empty));
        assert_eq!(filter(" , "), Err(BadFilter::Empty));
        assert_eq!(filter("inof"), Err(BadFilter::NoLevel("inof".into())));
        assert_eq!(filter("siguiente=loud"), Err(BadFilter::NoLevel("loud".into())));
        assert_eq!(filter("=info"), Err(BadFilter::NoOrigin(String::new())));
        assert_eq!(filter("siguiente/hub=info"), Err(BadFilter::NoOrigin("siguiente/hub".into())));
    }

    #[test]
    fn the_longest_origin_decides() {
        let logger = builder(&filter("warn,siguiente=debug,siguiente::http=off").unwrap(), Clock::system()).build();
        let enabled = |target: &str, level| log::Log::enabled(&logger, &log::Metadata::builder().target(target).level(level).build());
        assert!(enabled("siguiente::realtime", Level::Debug));
        assert!(!enabled("siguiente::http::pages", Level::Error));
        assert!(enabled("actix_server", Level::Warn) && !enabled("actix_server", Level::Info));
    }

    #[test]
    fn a_line_has_utc_milliseconds_and_a_short_origin() {
        let line =
            Line { at: Millis(1_792_589_127_001), level: Level::Info, origin: "siguiente::realtime::hub", text: &format_args!("up") };
        assert_eq!((line.time().as_str(), line.short_origin()), ("2026-10-21T13:25:27.001Z", "realtime::hub"));
        assert_eq!(Line { origin: "actix_server::builder", ..line }.short_origin(), "actix_server::builder");
    }

    #[test]
    fn a_text_cannot_break_its_line() {
        let text = "sala \"ñ\"\r\n2026-11-21T00:00:00.000Z ERROR forged\u{1b}[2J\u{2028}";
        let line = Line { at: Millis(0), level: Level::Warn, origin: "x", text: &format_args!("{text}") };
        assert_eq!(line.escaped(), "sala \"ñ\"\\r\\n2026-11-21T00:00:00.000Z ERROR forged\\u{1b}[2J\\u{2028}");
    }

    #[test]
    fn a_time_outside_the_calendar_is_still_a_line() {
        let line = Line { at: Millis(i64::MAX), level: Level::Info, origin: "x", text: &format_args!("") };
        assert_eq!(line.time(), "9223372036854775807ms");
    }
}
