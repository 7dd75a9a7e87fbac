//! Owns the servers that are compared: how each is made and started.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::support::process::Server;

/// Enough for two descriptors a connection at the largest size.
const DESCRIPTORS: u64 = 65_536;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    Siguiente,
    Socketioxide,
    Node,
}

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Siguiente => "siguiente",
            Self::Socketioxide => "socketioxide",
            Self::Node => "socket.io (Node)",
        }
    }

    /// Builds it, where it has to be built.
    pub fn prepare(self) -> Result<()> {
        match self {
            Self::Siguiente => Ok(()),
            Self::Socketioxide => run(Command::new(env!("CARGO"))
                .args(["build", "--release", "--locked", "--quiet", "--manifest-path"])
                .arg(folder("socketioxide").join("Cargo.toml"))
                .arg("--target-dir")
                .arg(built())),
            Self::Node if folder("node").join("node_modules/socket.io").is_dir() => Ok(()),
            Self::Node => run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(folder("node"))),
        }
    }

    pub fn start(self) -> Result<Server> {
        match self {
            Self::Siguiente => Server::start(Command::new(std::env::current_exe()?).arg("--serve")),
            Self::Socketioxide => Server::start(&mut Command::new(built().join("release/siguiente-bench-socketioxide"))),
            Self::Node => Server::start(Command::new("node").arg(folder("node").join("server.mjs"))),
        }
    }
}

/// Raises the limit of open files for this process and its children; returns what it is now.
pub fn raise_file_limit() -> Result<u64> {
    // Only root may go beyond the hard limit; all others get as far as that.
    if rlimit::setrlimit(rlimit::Resource::NOFILE, DESCRIPTORS, DESCRIPTORS).is_err() {
        rlimit::increase_nofile_limit(DESCRIPTORS)?;
    }
    Ok(rlimit::getrlimit(rlimit::Resource::NOFILE)?.0)
}

fn folder(peer: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(peer)
}

/// Beside what is built of siguiente.
fn built() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers").join("socketioxide")
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("{command:?}: {status}"))) }
}
