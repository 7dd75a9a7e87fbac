//! Owns the people of a scenario: who stands at the kiosk, who works at a desk, what hangs on the wall. Their verbs are the office's words.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};

use super::board::Board;
use super::client::{Client, Gone, Options};
use super::ticket::Ticket;

/// `{ok:false, code, msg}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub msg: String,
}

/// What an acknowledgement says.
fn outcome(answer: &Value) -> Result<Ticket, Refusal> {
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    match answer["ok"].as_bool() {
        Some(true) => Ok(serde_json::from_value(answer["ticket"].clone()).unwrap_or_else(|error| panic!("{error}: no ticket in {answer}"))),
        Some(false) => Err(Refusal { code: text("code"), msg: text("msg") }),
        None => panic!("neither done nor refused: {answer}"),
    }
}

impl Client {
    /// One event and what became of it.
    pub async fn try_event(&mut self, event: &str, payload: Value) -> Result<Ticket, Refusal> {
        outcome(&self.emit_with_ack(event, payload).await)
    }

    /// Like [`try_event`](Self::try_event), on a connection that may end.
    pub async fn try_event_while_it_lasts(&mut self, event: &str, payload: Value) -> Result<Result<Ticket, Refusal>, Gone> {
        let id = self.ask(event, payload);
        self.answer(id).await.map(|answer| outcome(&answer))
    }

    /// The code of the refusal that is due.
    pub async fn refused(&mut self, event: &str, payload: Value) -> String {
        match self.try_event(event, payload.clone()).await {
            Err(refusal) => refusal.code,
            Ok(ticket) => panic!("{event} {payload} was to be refused and gave {ticket:?}"),
        }
    }

    async fn done(&mut self, event: &str, payload: Value) -> Ticket {
        self.try_event(event, payload.clone()).await.unwrap_or_else(|refusal| panic!("{event} {payload}: {refusal:?}"))
    }
}

pub struct Kiosk(Client);

impl Kiosk {
    pub async fn enter(address: SocketAddr) -> Self {
        Self::enter_with(address, Options::default()).await
    }

    pub async fn enter_with(address: SocketAddr, options: Options) -> Self {
        Self(Client::connect_with(address, options).await)
    }

    /// A number of a service, by id or prefix.
    pub async fn take(&mut self, service: &str) -> Ticket {
        self.done("siguiente-ticket", json!({"servicio": service})).await
    }

    pub async fn take_as(&mut self, payload: Value) -> Ticket {
        self.done("siguiente-ticket", payload).await
    }

    /// Takes so many numbers without waiting for each; returns them in order.
    pub async fn take_many(&mut self, service: &str, count: usize) -> Vec<Ticket> {
        let ids: Vec<_> = (0..count).map(|_| self.ask("siguiente-ticket", json!({"servicio": service}))).collect();
        let mut tickets = Vec::with_capacity(count);
        for id in ids {
            let answer = self.answer(id).await.unwrap_or_else(|gone| panic!("the kiosk's connection ended: {gone:?}"));
            tickets.push(outcome(&answer).unwrap_or_else(|refusal| panic!("no number: {refusal:?}")));
        }
        tickets
    }
}

pub struct Desk {
    client: Client,
    pub number: u32,
    /// What it was shown when it came.
    pub board: Board,
}

impl Desk {
    pub async fn enter(address: SocketAddr, number: u32) -> Self {
        Self::enter_with(address, number, Options::default()).await
    }

    pub async fn enter_with(address: SocketAddr, number: u32, options: Options) -> Self {
        let mut client = Client::connect_with(address, options).await;
        let answer = client.emit_with_ack("entrar-puesto", json!({"escritorio": number})).await;
        assert_eq!(answer["ok"], true, "{answer}");
        Self { client, number, board: Board::of(&answer["cola"]) }
    }

    pub async fn call_next(&mut self) -> Ticket {
        self.done("atender-ticket", json!({"escritorio": self.number})).await
    }

    pub async fn call(&mut self, ticket: &str) -> Ticket {
        self.done("atender-ticket", json!({"escritorio": self.number, "ticket": ticket})).await
    }

    pub async fn recall(&mut self) -> Ticket {
        self.done("rellamar", json!({})).await
    }

    pub async fn start(&mut self) -> Ticket {
        self.done("iniciar", json!({})).await
    }

    pub async fn finish(&mut self) -> Ticket {
        self.done("finalizar", json!({})).await
    }

    pub async fn no_show(&mut self) -> Ticket {
        self.done("ausente", json!({})).await
    }

    pub async fn put_back(&mut self, place: Value) -> Ticket {
        self.done("devolver", json!({"posicion": place})).await
    }

    async fn done(&mut self, event: &str, payload: Value) -> Ticket {
        self.client.done(event, payload).await
    }
}

/// A screen on the wall. Keeps its board up to date by what it is told, as the display page does.
pub struct Display {
    client: Client,
    pub board: Board,
}

impl Display {
    pub async fn enter(address: SocketAddr) -> Self {
        Self::enter_with(address, Options::default()).await
    }

    pub async fn enter_with(address: SocketAddr, options: Options) -> Self {
        let mut client = Client::connect_with(address, options).await;
        let answer = client.emit_with_ack("entrar-pantalla", Value::Null).await;
        assert_eq!(answer["ok"], true, "{answer}");
        Self { client, board: Board::of(&answer["cola"]) }
    }

    /// A screen that was away: knows a board already, enters, and asks for what it missed. Returns what it was answered, too.
    pub async fn come_back(address: SocketAddr, mut board: Board) -> (Self, Value) {
        let mut client = Client::connect(address).await;
        let entered = client.emit_with_ack("entrar-pantalla", Value::Null).await;
        assert_eq!(entered["ok"], true, "{entered}");
        let missed = client.emit_with_ack("cola", json!({"epoch": board.epoch, "desde": board.rev})).await;
        board.take_in(&missed["cola"]);
        (Self { client, board }, missed["cola"].clone())
    }

    /// The call of this ticket to this desk: the payload of `llamada`.
    pub async fn expect_call(&mut self, code: &str, desk: u32) -> Value {
        let mut args = self.client.expect("llamada", |args| args[0]["codigo"] == code && args[0]["escritorio"] == desk).await;
        args.remove(0)
    }

    /// Takes in numbered changes until the board stands at `rev` or beyond.
    pub async fn follow_to(&mut self, rev: u64) {
        while self.board.rev < rev {
            let args = self.client.expect("cola", |_| true).await;
            self.board.take_in(&args[0]);
        }
    }

    /// Takes in changes until one of this kind came; returns it.
    pub async fn follow_to_change(&mut self, kind: &str) -> Value {
        loop {
            let args = self.client.expect("cola", |_| true).await;
            self.board.take_in(&args[0]);
            let changes = args[0]["cambios"].as_array();
            if let Some(change) = changes.and_then(|changes| changes.iter().find(|change| change["tipo"] == kind)) {
                return change.clone();
            }
        }
    }

    /// The board that the changes made is the one that the office shows now.
    pub async fn agrees(&mut self) {
        let fresh = self.fresh().await;
        assert_eq!(self.board.shown(), fresh.shown(), "changes and snapshot differ");
    }

    /// What the office says now, whole.
    pub async fn fresh(&mut self) -> Board {
        let answer = self.client.emit_with_ack("cola", json!({})).await;
        Board::of(&answer["cola"])
    }
}

macro_rules! is_a_client {
    ($($role:ty, $place:tt);*) => {$(
        impl Deref for $role {
            type Target = Client;

            fn deref(&self) -> &Client {
                &self.$place
            }
        }

        impl DerefMut for $role {
            fn deref_mut(&mut self) -> &mut Client {
                &mut self.$place
            }
        }
    )*};
}

is_a_client!(Kiosk, 0; Desk, client; Display, client);
