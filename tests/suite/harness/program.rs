//! Owns the real program as a child process: for what only a process can show, such as `kill -9`, signals, exit codes and its output.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use siguiente::app::demo_office;
use siguiente::clock::Clock;
use siguiente::office::Settings;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::{badge, within};

/// A server of its own process. Killed when dropped.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    pub stdout: Lines,
    pub stderr: Lines,
}

/// What a process has written so far, line by line.
#[derive(Clone)]
pub struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    /// How many there are; closed at the end of the output.
    count: watch::Receiver<usize>,
}

/// The program with these arguments and no environment but what the test sets.
pub fn program(args: &[&str]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_siguiente"));
    command.args(args);
    command
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Sets how large a file of this process may grow: bytes, or `unlimited`.
pub async fn set_file_limit(program: &Program, bytes: &str) {
    let id = program.child.id().expect("it is running").to_string();
    let limit = format!("--fsize={bytes}:");
    let status = within("prlimit", Command::new("prlimit").args(["--pid", &id, &limit]).status()).await;
    assert!(status.expect("there is a prlimit").success());
}

/// Writes an office file for a test by the machine's clock, whose day turns half a day from now. Returns the file's path.
pub fn far_from_midnight(dir: &Path) -> String {
    let minute = Clock::system().now().0 / 60_000;
    let settings = Settings { cut_over: ((minute + 720) % 1440) as u16, ..demo_office() };
    let path = dir.join("office.json");
    std::fs::write(&path, serde_json::to_string(&settings).expect("settings are JSON")).expect("a writable directory");
    path.to_str().expect("a path in UTF-8").to_owned()
}

impl Program {
    /// Serves this database on a free port.
    pub async fn serve(data: &Path, flags: &[&str]) -> Self {
        let data = data.to_str().expect("a path in UTF-8");
        let mut command = program(&[&["--bind=127.0.0.1:0", "--workers=2", "--data", data], flags].concat());
        command.env("SIGUIENTE_ADMIN_PASSWORD_FILE", badge::password_file());
        Self::guarded(command).await
    }

    /// Serves this database where no file may grow beyond so many bytes, until [`set_file_limit`] says otherwise.
    pub async fn serve_on_a_small_disk(data: &Path, bytes: u64) -> Self {
        // The signal that comes with the limit is ignored, so that a write fails as on a full disk.
        let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", bytes / 512);
        let data = data.to_str().expect("a path in UTF-8");
        let mut shell = command("/bin/sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_siguiente"), "--bind=127.0.0.1:0", "--workers=2", "--data", data]);
        shell.env("SIGUIENTE_ADMIN_PASSWORD_FILE", badge::password_file());
        Self::guarded(shell).await
    }

    /// Runs it, and has the tests' clients come as its admin.
    async fn guarded(command: Command) -> Self {
        let running = Self::listening(command).await;
        badge::wear(running.address).await;
        running
    }

    /// Runs it until it says where it listens.
    pub async fn run(args: &[&str]) -> Self {
        Self::listening(program(args)).await
    }

    async fn listening(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let stdout = Lines::of(child.stdout.take().expect("a pipe"));
        let stderr = Lines::of(child.stderr.take().expect("a pipe"));
        let is_address = |line: &str| line.contains("http://") && line.contains("/kiosk");
        let Some(line) = stdout.wait("the pages' addresses", is_address).await else {
            panic!("{command:?} ended before it listened: {}", stderr.all().join("\n"));
        };
        let port = line.split("/kiosk").next().and_then(|start| start.rsplit(':').next()).and_then(|port| port.parse().ok());
        let port: u16 = port.unwrap_or_else(|| panic!("no port in {line}"));
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)), stdout, stderr }
    }

    /// As a power cut does it: nothing in the process gets a chance.
    pub async fn kill_9(mut self) {
        self.child.start_kill().expect("it was running");
        within("the death of the process", self.child.wait()).await.expect("it can be waited for");
    }

    /// `TERM` or `INT`.
    pub async fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it is running").to_string();
        let status = within("kill", Command::new("kill").args([&format!("-{signal}"), &id]).status()).await;
        assert!(status.expect("there is a kill").success());
    }

    pub async fn wait(&mut self) -> ExitStatus {
        within("the end of the program", self.child.wait()).await.expect("it can be waited for")
    }

    /// Bytes of memory that are the process's own now.
    #[cfg(target_os = "linux")]
    pub fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id().expect("it is running"));
        let status = std::fs::read_to_string(path).expect("the process's status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its resident size");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number of KiB") * 1024
    }
}

impl Lines {
    fn of(output: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let kept = lines.clone();
        tokio::spawn(async move {
            let mut output = BufReader::new(output).lines();
            while let Ok(Some(line)) = output.next_line().await {
                let mut lines = kept.lock().expect("no panic while it was held");
                lines.push(line);
                counter.send_replace(lines.len());
            }
        });
        Self { lines, count }
    }

    pub fn all(&self) -> Vec<String> {
        self.lines.lock().expect("no panic while it was held").clone()
    }

    /// The first line that fits, written already or yet to come; `None` when the output ends without it.
    pub async fn wait(&self, what: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
        let mut count = self.count.clone();
        let mut looked = 0;
        let wait = async {
            loop {
                let lines = self.all();
                if let Some(line) = lines[looked..].iter().find(|line| fits(line)) {
                    return Some(line.clone());
                }
                looked = lines.len();
                if count.wait_for(|count| *count > looked).await.is_err() && self.all().len() == looked {
                    return None;
                }
            }
        };
        within(what, wait).await
    }
}
