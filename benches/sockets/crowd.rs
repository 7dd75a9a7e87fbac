//! Owns many clients at once: connects them, keeps them alive, counts what they hear and whether anything was lost or out of order.

use std::cell::{Cell, RefCell};
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use siguiente::clock;
use tokio::task::{JoinHandle, JoinSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::support::client::Client;

/// Handshakes under way at once.
const AT_ONCE: usize = 64;
/// One handshake takes no longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// By then a server that heard an event has answered it.
const HEARING: Duration = Duration::from_millis(500);
const ATTEMPTS: u64 = 20;
/// The start of every event that is broadcast; its index follows.
const HEAD: &[u8] = br#"42["difusion",{"i":"#;

/// What a client is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Is connected, no more.
    Guest,
    /// The server is known to hear it.
    Speaker,
    /// Hears the broadcasts.
    Display,
}

/// Clients that only listen. Their connections end with it.
pub struct Crowd {
    server: SocketAddr,
    role: Role,
    heard: Rc<Heard>,
    tasks: Vec<JoinHandle<()>>,
}

/// What all clients of a crowd heard.
#[derive(Default)]
pub struct Heard {
    deliveries: Cell<u64>,
    disordered: Cell<u64>,
    broken: Cell<u64>,
    last: Cell<Option<Instant>>,
    why: RefCell<Option<String>>,
}

/// What became of one broadcast.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    pub deliveries: u64,
    /// Deliveries that did not come.
    pub missing: u64,
    /// Deliveries after one with a greater index.
    pub disordered: u64,
    /// From the order to the last delivery.
    pub seconds: f64,
}

impl Crowd {
    pub fn new(server: SocketAddr, role: Role) -> Self {
        Self { server, role, heard: Rc::default(), tasks: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Connects more clients until there are `size`.
    pub async fn grow(&mut self, size: usize) -> Result<()> {
        let mut under_way = JoinSet::new();
        let mut wanted = size.saturating_sub(self.len());
        while wanted > 0 || !under_way.is_empty() {
            while wanted > 0 && under_way.len() < AT_ONCE {
                let (server, role) = (self.server, self.role);
                under_way.spawn_local(timeout(PATIENCE, enter(server, role, None)));
                wanted -= 1;
            }
            let client = match under_way.join_next().await {
                Some(Ok(Ok(entered))) => entered?,
                Some(_) => return Err(Error::other(format!("no answer to a handshake in {PATIENCE:?}"))),
                None => break,
            };
            self.tasks.push(spawn_local(listen(client, self.heard.clone())));
        }
        Ok(())
    }

    /// Has the server broadcast `events` of `bytes`, `every` so many milliseconds or all at once, and waits until all has come or nothing
    /// comes any more.
    pub async fn hear(&self, control: &mut Client, events: u64, bytes: usize, every: Option<u64>) -> Result<Outcome> {
        let (deliveries, disordered) = (self.heard.deliveries.get(), self.heard.disordered.get());
        let expected = events * self.len() as u64;
        let every_text = every.map(|millis| format!(r#","cada":{millis}"#)).unwrap_or_default();
        let start = clock::instant();
        self.heard.last.set(None);
        control.send(&format!(r#"42["difundir",{{"n":{events},"bytes":{bytes}{every_text}}}]"#)).await?;
        let quiet = Duration::from_secs(5) + Duration::from_millis(2 * every.unwrap_or_default());
        while self.heard.deliveries.get() - deliveries < expected {
            sleep(Duration::from_millis(5)).await;
            if self.heard.last.get().unwrap_or(start).elapsed() > quiet {
                break;
            }
        }
        let heard = self.heard.deliveries.get() - deliveries;
        let last = self.heard.last.get().unwrap_or(start);
        Ok(Outcome {
            deliveries: heard,
            missing: expected.saturating_sub(heard),
            disordered: self.heard.disordered.get() - disordered,
            seconds: last.saturating_duration_since(start).as_secs_f64(),
        })
    }

    /// Fails when a client's connection ended.
    pub fn whole(&self) -> Result<()> {
        match self.heard.broken.get() {
            0 => Ok(()),
            broken => {
                let why = self.heard.why.borrow().clone().unwrap_or_default();
                Err(Error::other(format!("{broken} of {} connections ended: {why}", self.len())))
            }
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A client that is ready to play its part.
pub async fn enter(server: SocketAddr, role: Role, receive_buffer: Option<u32>) -> Result<Client> {
    let mut client = Client::connect(server, receive_buffer).await?;
    let event = match role {
        Role::Guest => return Ok(client),
        Role::Speaker => r#"["eco",0]"#,
        Role::Display => r#"["unirse"]"#,
    };
    // A server may answer CONNECT before it hears events (socketioxide does): what it missed is said again.
    for id in 0..ATTEMPTS {
        if let Ok(answer) = timeout(HEARING, client.ask(id, event, |_| ())).await {
            return answer.map(|()| client);
        }
    }
    Err(Error::other(format!("no answer to {event}")))
}

async fn listen(mut client: Client, heard: Rc<Heard>) {
    let mut next = 0;
    loop {
        let hearing = client.hear(|text| {
            let Some(index) = index(text) else { return };
            heard.deliveries.set(heard.deliveries.get() + 1);
            match index {
                // Another broadcast has begun.
                0 => next = 1,
                index if index >= next => next = index + 1,
                _ => heard.disordered.set(heard.disordered.get() + 1),
            }
        });
        if let Err(error) = hearing.await {
            heard.broken.set(heard.broken.get() + 1);
            heard.why.replace(Some(error.to_string()));
            return;
        }
        heard.last.set(Some(clock::instant()));
    }
}

/// The index of a broadcast's event.
fn index(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(HEAD)?;
    Some(digits.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |index, digit| index * 10 + u64::from(digit - b'0')))
}
