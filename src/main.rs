//! The program: parse, run, exit code.

use std::process::ExitCode;

use siguiente::app;
use siguiente::clock::Clock;
use siguiente::config::{Command, Config};
use siguiente::telemetry;

fn main() -> ExitCode {
    let cli = match Config::parse_from(std::env::args_os(), std::env::vars_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Where even the complaint cannot be written, the exit code must do.
            let _ = error.print();
            return ExitCode::from(error.exit_code());
        }
    };
    if let Err(error) = telemetry::init(&cli.config.log, Clock::system()) {
        eprintln!("siguiente: no log: {error}");
    }
    let result = match cli.command {
        Command::Serve => app::serve(&cli.config),
        Command::Demo { visitors } => app::demo(&cli.config, visitors),
        Command::Healthcheck { url } => app::healthcheck(&url),
        Command::Export(export) => app::export(&cli.config, &export),
        Command::Backup { to } => app::backup(&cli.config, &to),
        Command::Restore { from } => app::restore(&cli.config, &from),
        Command::Check { branch, repair: false } => app::check(&cli.config, branch),
        Command::Check { branch, repair: true } => app::repair(&cli.config, branch),
        Command::Report(report) => app::report(&cli.config, &report),
        Command::Certificate(certify) => app::certificate(&cli.config, &certify),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("siguiente: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
