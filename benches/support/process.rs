//! Owns servers in processes of their own, and what the kernel says that a process has used.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Error, Result};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// By then a server says where it listens.
const START: Duration = Duration::from_secs(20);
/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts it and reads its output until a line ends in `:PORT` or has an address of this machine with a port.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        // From here on it is killed whatever goes wrong.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let output = server.child.stdout.take().ok_or_else(|| Error::other("no standard output"))?;
        let (said, listen) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens any more once the port is known; it is read on so that the server never waits.
                let _ = said.send(line);
            }
        });
        let port = loop {
            let line = listen.recv_timeout(START).map_err(|_| Error::other(format!("{command:?} does not say where it listens")))?;
            if let Some(port) = port(&line) {
                break port;
            }
        };
        server.address.set_port(port);
        Ok(server)
    }

    pub fn usage(&self) -> Usage {
        Usage::of(&self.child.id().to_string())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process has used. Nothing at all when it is gone.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Resident bytes now.
    pub resident: f64,
    /// Of each thread that lives.
    threads: BTreeMap<String, Thread>,
}

#[derive(Debug, Clone, Default)]
struct Thread {
    name: String,
    /// Seconds on a CPU, user and system.
    cpu: f64,
}

impl Usage {
    pub fn own() -> Self {
        Self::of("self")
    }

    /// Seconds of CPU between the two. What a thread did that has ended by now is not in it; the servers here keep theirs.
    pub fn cpu_since(&self, before: &Self) -> f64 {
        self.each_since(before).map(|(_, cpu)| cpu).sum()
    }

    /// Of these, the seconds of threads with this name.
    pub fn named_since(&self, before: &Self, name: &str) -> f64 {
        self.each_since(before).filter(|(thread, _)| thread.name == name).map(|(_, cpu)| cpu).sum()
    }

    /// Of these, the seconds of the one thread that took the most.
    pub fn busiest_since(&self, before: &Self) -> f64 {
        self.each_since(before).map(|(_, cpu)| cpu).fold(0.0, f64::max)
    }

    fn each_since(&self, before: &Self) -> impl Iterator<Item = (&Thread, f64)> {
        self.threads.iter().map(|(id, thread)| (thread, thread.cpu - before.threads.get(id).map_or(0.0, |thread| thread.cpu)))
    }

    fn of(process: &str) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
        let mut threads = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            // Nanoseconds on a CPU come first. `stat` would have hundredths of a second.
            let scheduled = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let cpu = scheduled.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9;
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default().trim().to_owned();
            threads.insert(task.file_name().to_string_lossy().into_owned(), Thread { name, cpu });
        }
        Self { resident: kilobytes.unwrap_or_default() * 1024.0, threads }
    }
}

fn port(line: &str) -> Option<u16> {
    let (_, after) = line.split_once("127.0.0.1:").or_else(|| line.split_once("localhost:"))?;
    after.split(|other: char| !other.is_ascii_digit()).next()?.parse().ok()
}
