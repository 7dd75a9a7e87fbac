//! Owns the settings: flags, `SIGUIENTE_*` environment, defaults, and what is refused before a port opens. May import telemetry's filter
//! and the office's ids; hands out plain values, which `app` turns into what each layer wants. Never reads the process's arguments or environment by itself, never
//! touches a file or a socket.
//!
//! A flag beats the environment, the environment beats the default. An environment value that is empty counts as not set.

mod env;
mod values;
mod verbs;
mod wire;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use clap::builder::{RangedU64ValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::office::BranchId;
use crate::telemetry::Filter;

pub use values::{BadAddress, BadRate, BadUrl, HealthUrl, Rate};
pub use verbs::{BadBranch, BadDay, Certify, Division, Export, Form, Paper, Report, Sheet, Table};
pub use wire::{BadSetting, ClientScript, Origins, RecoverySetting, SocketPath, TransportList};

/// What to do, and with which settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cli {
    pub command: Command,
    pub config: Config,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Run the server.
    Serve,
    /// Run a sample office in a throw-away database (`data` does not count). With `visitors`, simulated people take numbers at that rate.
    Demo { visitors: Option<Rate> },
    /// Ask a running server whether it is alive.
    Healthcheck { url: HealthUrl },
    /// Write out what the database of `data` holds.
    Export(Export),
    /// Copy the database of `data` to a new file.
    Backup { to: PathBuf },
    /// Put a backup in the place of the database of `data`.
    Restore { from: PathBuf },
    /// Compare the tables of the database with its log, of one branch or of all; and derive them again where they differ.
    Check { branch: Option<BranchId>, repair: bool },
    /// Print the figures of business days.
    Report(Report),
    /// Print what happened to one ticket.
    Certificate(Certify),
}

/// The settings of a server, each in its range. Each has a flag and a `SIGUIENTE_*` name of the same words.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Config {
    /// Address and port to listen on. Nobody signs in yet: all but loopback lets the whole network in
    #[arg(long, global = true, value_name = "IP:PORT", default_value = "127.0.0.1:8080", value_parser = values::address)]
    pub bind: SocketAddr,

    /// Folder of the database, made if it is missing
    #[arg(long, global = true, value_name = "DIR", default_value = "./data")]
    pub data: PathBuf,

    /// JSON file with the office's services, desks and rules
    #[arg(long, global = true, value_name = "FILE")]
    pub office: Option<PathBuf>,

    /// Read the pages from this folder, not from the program (for work on them)
    #[arg(long, global = true, value_name = "DIR")]
    pub public: Option<PathBuf>,

    /// What to log: off, error, warn, info, debug or trace; by origin as in warn,siguiente=debug
    #[arg(long, global = true, value_name = "FILTER", default_value = "info")]
    pub log: Filter,

    /// Threads that serve HTTP, 1 to 1024 [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = count(1, 1024))]
    pub workers: Option<usize>,

    /// Most connections at once, 1 to 1000000
    #[arg(long, global = true, value_name = "N", default_value = "25000", value_parser = count(1, 1_000_000))]
    pub max_connections: usize,

    /// Milliseconds from one heartbeat of a connection to the next, 100 to 600000
    #[arg(long, global = true, value_name = "MS", default_value = "25000", value_parser = millis(100, 600_000))]
    pub ping_interval: Duration,

    /// Milliseconds in which a client must answer a heartbeat, 100 to 600000
    #[arg(long, global = true, value_name = "MS", default_value = "20000", value_parser = millis(100, 600_000))]
    pub ping_timeout: Duration,

    /// Milliseconds in which a new connection must enter, 100 to 600000
    #[arg(long, global = true, value_name = "MS", default_value = "45000", value_parser = millis(100, 600_000))]
    pub connect_timeout: Duration,

    /// Bytes of the largest message from a client, 1000 to 100000000
    #[arg(long, global = true, value_name = "BYTES", default_value = "1000000", value_parser = count(1_000, 100_000_000))]
    pub max_payload: usize,

    /// Path of the Socket.IO endpoint
    #[arg(long, global = true, value_name = "PATH", default_value = "/socket.io")]
    pub socket_path: SocketPath,

    /// Transports offered: polling, websocket or both
    #[arg(long, global = true, value_name = "LIST", default_value = "polling,websocket")]
    pub transports: TransportList,

    /// Web pages of other origins that may connect, as in https://a.example,https://b.example:8443; or * for all
    #[arg(long, global = true, value_name = "LIST", default_value = "")]
    pub cors_origins: Origins,

    /// Client script served as socket.io.js: own, off, or a file to serve in its place
    #[arg(long, global = true, value_name = "FILE", default_value = "own")]
    pub client_script: ClientScript,

    /// Whose session survives a lost connection: nobody's, that of clients that ask for it, everybody's
    #[arg(long, global = true, value_name = "WHO", default_value = "request")]
    pub recovery: RecoverySetting,

    /// Seconds in which a lost connection may come back, 1 to 3600
    #[arg(long, global = true, value_name = "S", default_value = "120", value_parser = seconds(1, 3_600))]
    pub recovery_window: Duration,

    /// Seconds to finish what is in flight when told to stop, 1 to 9
    #[arg(long, global = true, value_name = "S", default_value = "8", value_parser = seconds(1, 9))]
    pub shutdown_timeout: Duration,
}

impl Config {
    /// Reads a command line (the program's name first) and an environment. Pure: both are given, nothing else is looked at.
    ///
    /// # Errors
    ///
    /// [`UsageError`] for what is not understood or out of its range. `--help` and `--version` end the program as well and come the same way.
    pub fn parse_from<A, E>(args: A, environment: E) -> Result<Cli, UsageError>
    where
        A: IntoIterator<Item: Into<OsString>>,
        E: IntoIterator<Item = (OsString, OsString)>,
    {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        let command = env::described(Line::command());

        // Alone first: `--help` must work, and a wrong flag must be told as such, whatever the environment holds.
        let given = command.clone().try_get_matches_from(&args)?;
        if let Some(("demo", demo)) = given.subcommand()
            && demo.value_source("data") == Some(ValueSource::CommandLine)
        {
            let text = "`demo` uses a throw-away database; `--data` cannot go with it";
            return Err(command.clone().error(ErrorKind::ArgumentConflict, text).into());
        }

        let mut line = vec![args.first().cloned().unwrap_or_else(|| env!("CARGO_PKG_NAME").into())];
        line.extend(env::as_flags(&command, environment)?);
        line.extend(args.into_iter().skip(1));
        let Line { verb, config } = Line::from_arg_matches(&command.clone().try_get_matches_from(line)?)?;
        let command = match verb {
            None | Some(Verb::Serve) => Command::Serve,
            Some(Verb::Demo { visitors }) => Command::Demo { visitors },
            Some(Verb::Healthcheck { url }) => Command::Healthcheck { url: url.unwrap_or_else(|| HealthUrl::of_server_at(config.bind)) },
            Some(Verb::Export(export)) => {
                in_order(&command, export.from, export.to)?;
                Command::Export(export)
            }
            Some(Verb::Backup { to }) => Command::Backup { to },
            Some(Verb::Restore { from }) => Command::Restore { from },
            Some(Verb::Check { branch, repair }) => Command::Check { branch, repair },
            Some(Verb::Report(report)) => {
                in_order(&command, report.day, report.to)?;
                Command::Report(report)
            }
            Some(Verb::Certificate(certify)) => Command::Certificate(certify),
        };
        Ok(Cli { command, config })
    }
}

/// Why the program ends before it began.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The command line is wrong, or asks for `--help` or `--version`.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    #[error("unknown setting {name}{}", .nearest.as_ref().map(|known| format!(": did you mean {known}?")).unwrap_or_default())]
    UnknownVariable { name: String, nearest: Option<String> },
    #[error("invalid value '{value}' for {name}: {reason}")]
    BadVariable { name: String, value: String, reason: String },
}

impl UsageError {
    /// `EX_USAGE` of sysexits.h for every mistake; 0 where help or the version was asked for.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::CommandLine(error) if !error.use_stderr() => 0,
            _ => 64,
        }
    }

    /// Tells the user: help and version on standard output, mistakes on standard error.
    pub fn print(&self) -> std::io::Result<()> {
        match self {
            Self::CommandLine(error) => error.print(),
            other => Line::command().error(ErrorKind::InvalidValue, other).print(),
        }
    }
}

/// A command line, as typed.
#[derive(Debug, Parser)]
#[command(name = "siguiente", version, about, args_override_self = true)]
struct Line {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server (also without any command)
    Serve,
    /// Run a sample office in a throw-away database
    Demo {
        /// Simulated visitors who take numbers, as in 20/min; /s, /min or /h
        #[arg(long, value_name = "RATE")]
        visitors: Option<Rate>,
    },
    /// Ask a running server whether it is alive: exit code 0 if so
    Healthcheck {
        /// Where to ask [default: /health of the server at --bind]
        #[arg(long, value_name = "URL")]
        url: Option<HealthUrl>,
    },
    /// Write tickets, segments, calls or events as CSV or JSON (also while the server runs)
    Export(Export),
    /// Copy the database to a new file, whole and of one moment (also while the server runs)
    Backup {
        /// The copy; there must be no such file
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Put a backup in the database's place, which is kept aside (not while the server runs)
    Restore {
        /// The backup; it is not changed
        #[arg(value_name = "FILE")]
        from: PathBuf,
    },
    /// Replay the log and compare the tables with it: exit code 0 if they hold, 1 if not (also while the server runs)
    Check {
        /// Number of the branch [default: all]
        #[arg(long, value_name = "N", value_parser = verbs::branch)]
        branch: Option<BranchId>,
        /// Derive the tables again from the log where they differ: exit code 0 if they hold then (not while the server runs)
        #[arg(long)]
        repair: bool,
    },
    /// Print the figures of a business day, or of several (also while the server runs)
    Report(Report),
    /// Print what happened to one ticket, and how long it waited (also while the server runs)
    Certificate(Certify),
}

/// Refuses days in the wrong order as a wrong argument is.
fn in_order(command: &clap::Command, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(), UsageError> {
    let wrong = |error: BadDay| command.clone().error(ErrorKind::ValueValidation, format!("invalid value for '--to <DAY>': {error}"));
    Ok(verbs::in_order(from, to).map_err(wrong)?)
}

fn count(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

fn millis(least: u64, most: u64) -> impl TypedValueParser<Value = Duration> {
    RangedU64ValueParser::<u64>::new().range(least..=most).map(Duration::from_millis)
}

fn seconds(least: u64, most: u64) -> impl TypedValueParser<Value = Duration> {
    RangedU64ValueParser::<u64>::new().range(least..=most).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str], environment: &[(&str, &str)]) -> Result<Cli, UsageError> {
        let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Config::parse_from(std::iter::once("siguiente").chain(args.iter().copied()), environment)
    }

    fn config(args: &[&str], environment: &[(&str, &str)]) -> Config {
        parse(args, environment).unwrap().config
    }

    /// What the user is told, with exit code 64.
    #[track_caller]
    fn refusal(args: &[&str], environment: &[(&str, &str)]) -> String {
        let error = parse(args, environment).unwrap_err();
        assert_eq!(error.exit_code(), 64, "{error}");
        error.to_string()
    }

    #[test]
    fn the_definition_is_consistent() {
        env::described(Line::command()).debug_assert();
    }

    #[test]
    fn defaults() {
        let Cli { command, config } = parse(&[], &[]).unwrap();
        assert_eq!(command, Command::Serve);
        let expected = Config {
            bind: "127.0.0.1:8080".parse().unwrap(),
            data: "./data".into(),
            office: None,
            public: None,
            log: "info".parse().unwrap(),
            workers: None,
            max_connections: 25_000,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            max_payload: 1_000_000,
            socket_path: "/socket.io".parse().unwrap(),
            transports: TransportList { polling: true, websocket: true },
            cors_origins: Origins::default(),
            client_script: ClientScript::Own,
            recovery: RecoverySetting::Request,
            recovery_window: Duration::from_secs(120),
            shutdown_timeout: Duration::from_secs(8),
        };
        assert_eq!(config, expected);
        assert_eq!(Config::parse_from(Vec::<OsString>::new(), []).unwrap().config, expected);
    }

    #[test]
    fn a_flag_beats_the_environment_and_that_beats_the_default() {
        let environment = [("SIGUIENTE_PING_INTERVAL", "300"), ("SIGUIENTE_PING_TIMEOUT", "200"), ("SIGUIENTE_DATA", ""), ("HOME", "/")];
        for args in [&["--ping-interval", "400"][..], &["serve", "--ping-interval=400"], &["--ping-interval", "400", "serve"]] {
            let config = config(args, &environment);
            assert_eq!(config.ping_interval, Duration::from_millis(400), "{args:?}");
            assert_eq!(config.ping_timeout, Duration::from_millis(200), "{args:?}");
            assert_eq!(config.data, PathBuf::from("./data"), "{args:?}");
        }
    }

    #[test]
    fn every_setting_has_a_flag_and_a_variable() {
        for (flag, variable, value) in [
            ("--bind", "SIGUIENTE_BIND", "[::1]:0"),
            ("--data", "SIGUIENTE_DATA", "--odd name"),
            ("--office", "SIGUIENTE_OFFICE", "office.json"),
            ("--public", "SIGUIENTE_PUBLIC", "public"),
            ("--log", "SIGUIENTE_LOG", "warn,siguiente=trace"),
            ("--workers", "SIGUIENTE_WORKERS", "3"),
            ("--max-connections", "SIGUIENTE_MAX_CONNECTIONS", "7"),
            ("--ping-interval", "SIGUIENTE_PING_INTERVAL", "300"),
            ("--ping-timeout", "SIGUIENTE_PING_TIMEOUT", "200"),
            ("--connect-timeout", "SIGUIENTE_CONNECT_TIMEOUT", "1000"),
            ("--max-payload", "SIGUIENTE_MAX_PAYLOAD", "2000"),
            ("--socket-path", "SIGUIENTE_SOCKET_PATH", "/turnos/socket.io"),
            ("--transports", "SIGUIENTE_TRANSPORTS", "websocket"),
            ("--cors-origins", "SIGUIENTE_CORS_ORIGINS", "https://a.example,http://localhost:4200"),
            ("--client-script", "SIGUIENTE_CLIENT_SCRIPT", "off"),
            ("--recovery", "SIGUIENTE_RECOVERY", "on"),
            ("--recovery-window", "SIGUIENTE_RECOVERY_WINDOW", "60"),
            ("--shutdown-timeout", "SIGUIENTE_SHUTDOWN_TIMEOUT", "1"),
        ] {
            let by_flag = config(&[&format!("{flag}={value}")], &[]);
            assert_eq!(by_flag, config(&[], &[(variable, value)]), "{flag}");
            assert_ne!(by_flag, config(&[], &[]), "{flag} changes nothing");
        }
        assert_eq!(env::names(&Line::command()).count(), 18, "a setting is missing from the list above");
    }

    #[test]
    fn a_wrong_value_names_the_setting_and_what_is_wrong() {
        let text = refusal(&[], &[("SIGUIENTE_PING_TIMEOUT", "0")]);
        assert_eq!(text, "invalid value '0' for SIGUIENTE_PING_TIMEOUT: 0 is not in 100..=600000");
        let text = refusal(&[], &[("SIGUIENTE_BIND", "localhost")]);
        assert!(text.contains("SIGUIENTE_BIND: not an address and port"), "{text}");
        let text = refusal(&["--shutdown-timeout", "10"], &[]);
        assert!(text.contains("--shutdown-timeout <S>': 10 is not in 1..=9"), "{text}");
        let text = refusal(&["demo", "--log=inof"], &[]);
        assert!(text.contains("--log <FILTER>': `inof` is no level"), "{text}");
        for (flag, value) in [("--workers", "0"), ("--max-payload", "1e6"), ("--max-connections", "-1"), ("--ping-interval", "600001")] {
            assert!(refusal(&[&format!("{flag}={value}")], &[]).contains(flag), "{flag}");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        assert_eq!(refusal(&[], &[("SIGUIENTE_BNID", "1")]), "unknown setting SIGUIENTE_BNID: did you mean SIGUIENTE_BIND?");
        assert_eq!(refusal(&[], &[("SIGUIENTE_TELEPHONE", "")]), "unknown setting SIGUIENTE_TELEPHONE");
        assert!(refusal(&["--bnid", "1"], &[]).contains("'--bind'"));
        assert!(refusal(&["sevre"], &[]).contains("serve"));
    }

    #[test]
    fn help_and_version_end_well_whatever_the_environment_holds() {
        for args in [&["--help"][..], &["-h"], &["--version"], &["demo", "--help"], &["help"]] {
            assert_eq!(parse(args, &[("SIGUIENTE_BIND", "nonsense")]).unwrap_err().exit_code(), 0, "{args:?}");
        }
        let help = parse(&["--help"], &[]).unwrap_err().to_string();
        assert!(help.contains("[env: SIGUIENTE_PING_INTERVAL]") && help.contains("[default: 127.0.0.1:8080]"), "{help}");
    }

    #[test]
    fn demo_takes_visitors_and_no_database() {
        assert_eq!(parse(&["demo"], &[]).unwrap().command, Command::Demo { visitors: None });
        let busy = parse(&["demo", "--visitors", "20/min", "--bind", "127.0.0.1:0"], &[("SIGUIENTE_DATA", "/data")]).unwrap();
        assert_eq!(busy.command, Command::Demo { visitors: Some("20/min".parse().unwrap()) });
        assert_eq!(busy.config.bind.port(), 0);
        assert!(refusal(&["demo", "--data", "/data"], &[]).contains("throw-away"));
        assert!(refusal(&["demo", "--visitors", "many"], &[]).contains("--visitors"));
        assert!(refusal(&["--visitors", "20/min"], &[]).contains("--visitors"));
    }

    #[test]
    fn verbs_of_the_database() {
        let command = |args: &[&str]| parse(args, &[]).unwrap().command;
        assert_eq!(command(&["backup", "copy.db"]), Command::Backup { to: "copy.db".into() });
        assert_eq!(command(&["restore", "--data=/d", "copy.db"]), Command::Restore { from: "copy.db".into() });
        assert_eq!(command(&["check"]), Command::Check { branch: None, repair: false });
        assert_eq!(command(&["check", "--branch", "2", "--repair"]), Command::Check { branch: Some(BranchId(2)), repair: true });
        let tickets =
            Export { what: Table::Tickets, format: Sheet::Csv, branch: None, from: None, to: None, names: false, file: "-".into() };
        assert_eq!(command(&["export"]), Command::Export(tickets.clone()));
        let day = "2026-11-20".parse().ok();
        let args = ["export", "--what=events", "--format=json", "--branch=2", "--from=2026-11-20", "--to=2026-11-20", "--names", "out"];
        let events = Export {
            what: Table::Events,
            format: Sheet::Json,
            branch: Some(BranchId(2)),
            from: day,
            to: day,
            names: true,
            file: "out".into(),
        };
        assert_eq!(command(&args), Command::Export(events));
        let report = Report { day: None, to: None, branch: None, by: None, format: Form::Text };
        assert_eq!(command(&["report"]), Command::Report(report.clone()));
        let by_desk = Report { day, to: day, by: Some(Division::Desk), format: Form::Csv, ..report };
        assert_eq!(command(&["report", "--day=2026-11-20", "--to=2026-11-20", "--by=desk", "--format=csv"]), Command::Report(by_desk));
        let paper = Certify { code: "A-017".into(), day, branch: None, format: Paper::Text };
        assert_eq!(command(&["certificate", "--code", "A-017", "--day", "2026-11-20"]), Command::Certificate(paper));
    }

    #[test]
    fn wrong_words_to_those_verbs_are_told() {
        for (args, text) in [
            (&["backup"][..], "FILE"),
            (&["restore", "a", "b"], "'b'"),
            (&["check", "--branch=0"], "not a number from 1"),
            (&["export", "--what=users"], "--what"),
            (&["export", "--format=xml"], "--format"),
            (&["export", "--from=2026-02-30"], "not a day such as"),
            (&["export", "--from=2026-11-21", "--to=2026-11-20"], "'--to <DAY>': it comes before the first one"),
            (&["report", "--to=2026-11-20"], "--day"),
            (&["report", "--day=2026-11-21", "--to=2026-11-20"], "it comes before"),
            (&["report", "--by=colour"], "--by"),
            (&["certificate"], "--code"),
        ] {
            let said = refusal(args, &[]);
            assert!(said.contains(text), "{args:?}: {said}");
        }
    }

    #[test]
    fn healthcheck_asks_the_server_of_the_same_settings() {
        let url = |args: &[&str], environment: &[(&str, &str)]| match parse(args, environment).unwrap().command {
            Command::Healthcheck { url } => url.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(url(&["healthcheck"], &[]), "http://127.0.0.1:8080/health");
        assert_eq!(url(&["healthcheck"], &[("SIGUIENTE_BIND", "0.0.0.0:81")]), "http://127.0.0.1:81/health");
        assert_eq!(url(&["healthcheck", "--url", "http://office:8080/ready"], &[]), "http://office:8080/ready");
    }
}
