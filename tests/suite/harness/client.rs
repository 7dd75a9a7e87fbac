//! Owns a Socket.IO client that hides nothing: text frames in, text frames out, in their order. It answers heartbeats, numbers its
//! acknowledgements and keeps all that it hears until somebody asks for it; it can also send what no client should.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{PATIENCE, badge, within};

/// One thing that came from the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Event {
        name: String,
        args: Vec<Value>,
    },
    Ack {
        id: u64,
        args: Vec<Value>,
    },
    /// Every other packet, as it came.
    Packet(String),
}

/// The connection is over: the status of the close frame, if one came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone(pub Option<u16>);

/// How a client comes in.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Added to the address's query.
    pub query: &'static str,
    /// The CONNECT payload.
    pub auth: Option<Value>,
    /// Leaves the server's heartbeats unanswered.
    pub silent: bool,
}

pub struct Client {
    /// What the server's open packet said.
    pub open: Value,
    /// `socket.id`; empty before CONNECT.
    pub id: String,
    out: UnboundedSender<Message>,
    inbox: UnboundedReceiver<Result<Heard, Gone>>,
    /// Heard, and not asked for yet.
    backlog: VecDeque<Heard>,
    gone: Option<Gone>,
    last_ack: u64,
}

/// A bare WebSocket to the server's Engine.IO path.
pub async fn websocket(address: SocketAddr, query: &str) -> WebSocketStream<TcpStream> {
    let stream = within("a TCP connection", TcpStream::connect(address)).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP socket");
    let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket{query}");
    within("the WebSocket handshake", tokio_tungstenite::client_async(url, stream)).await.expect("the upgrade is accepted").0
}

impl Client {
    /// In the namespace `/`, like every client that means well.
    pub async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, Options::default()).await
    }

    pub async fn connect_with(address: SocketAddr, options: Options) -> Self {
        let mut client = Self::open(address, options.clone()).await;
        let mut auth = options.auth;
        let shows = auth.as_ref().is_some_and(|auth| auth.get("token").is_some());
        if let Some(token) = badge::of(address).filter(|_| !shows) {
            auth.get_or_insert_with(|| json!({}))["token"] = token.into();
        }
        client.send(format!("40{}", auth.map_or_else(String::new, |auth| auth.to_string())));
        let answer = client.expect_packet("40").await;
        let answer: Value = serde_json::from_str(&answer[2..]).expect("the answer to CONNECT has a JSON payload");
        client.id = answer["sid"].as_str().expect("the answer to CONNECT has a sid").to_owned();
        client
    }

    /// Who works at this desk, and at no other, of a server that is guarded.
    pub async fn connect_for_desk(address: SocketAddr, desk: u32) -> Self {
        let auth = json!({"token": badge::agent_of(address, desk).await});
        Self::connect_with(address, Options { auth: Some(auth), ..Options::default() }).await
    }

    /// An Engine.IO session that has not entered a namespace yet.
    pub async fn open(address: SocketAddr, options: Options) -> Self {
        let mut stream = websocket(address, options.query).await;
        let first = within("the open packet", stream.next()).await.expect("a packet").expect("a frame");
        let text = first.to_text().expect("a text frame").to_owned();
        let open = serde_json::from_str(text.strip_prefix('0').expect("the first packet opens")).expect("the open packet is JSON");
        let (out, outgoing) = unbounded_channel();
        let (heard, inbox) = unbounded_channel();
        tokio::spawn(carry(stream, outgoing, out.clone(), heard, options.silent));
        Self { open, id: String::new(), out, inbox, backlog: VecDeque::new(), gone: None, last_ack: 0 }
    }

    /// Sends one text frame, whatever it says. On a connection that is over it does nothing, as on a real network.
    pub fn send(&self, text: impl Into<String>) {
        self.send_frame(Message::text(text.into()));
    }

    pub fn send_frame(&self, frame: Message) {
        let _ = self.out.send(frame);
    }

    /// An event that wants no acknowledgement.
    pub fn emit(&self, event: &str, payload: Value) {
        self.send(format!("42{}", json!([event, payload])));
    }

    /// An event that wants one; [`answer`](Self::answer) waits for it.
    pub fn ask(&mut self, event: &str, payload: Value) -> u64 {
        self.last_ack += 1;
        self.send(format!("42{}{}", self.last_ack, json!([event, payload])));
        self.last_ack
    }

    /// The first argument of an acknowledgement.
    pub async fn answer(&mut self, id: u64) -> Result<Value, Gone> {
        let pick = |heard: &Heard| matches!(heard, Heard::Ack { id: other, .. } if *other == id);
        match self.wait(format!("the acknowledgement {id}"), pick).await? {
            Heard::Ack { args, .. } => Ok(args.into_iter().next().unwrap_or(Value::Null)),
            other => unreachable!("picked {other:?}"),
        }
    }

    /// The acknowledgement, if it was heard already.
    pub fn answered(&mut self, id: u64) -> Option<Value> {
        self.hear();
        let place = self.backlog.iter().position(|heard| matches!(heard, Heard::Ack { id: other, .. } if *other == id))?;
        match self.backlog.remove(place) {
            Some(Heard::Ack { args, .. }) => args.into_iter().next(),
            other => unreachable!("found {other:?}"),
        }
    }

    pub async fn emit_with_ack(&mut self, event: &str, payload: Value) -> Value {
        let id = self.ask(event, payload.clone());
        match self.answer(id).await {
            Ok(answer) => answer,
            Err(gone) => panic!("the connection ended ({gone:?}) before {event} {payload} was acknowledged"),
        }
    }

    /// The next event of this name that `wanted` accepts, heard already or yet to come. What else is heard stays to be asked for.
    pub async fn expect(&mut self, event: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let pick = |heard: &Heard| matches!(heard, Heard::Event { name, args } if name == event && wanted(args));
        match self.wait(format!("an event {event}"), pick).await {
            Ok(Heard::Event { args, .. }) => args,
            Ok(other) => unreachable!("picked {other:?}"),
            Err(gone) => panic!("the connection ended ({gone:?}) before an event {event} came; heard: {}", self.recently()),
        }
    }

    /// The next packet that is neither event nor acknowledgement and begins like this.
    pub async fn expect_packet(&mut self, prefix: &str) -> String {
        let pick = |heard: &Heard| matches!(heard, Heard::Packet(text) if text.starts_with(prefix));
        match self.wait(format!("a packet {prefix}…"), pick).await {
            Ok(Heard::Packet(text)) => text,
            Ok(other) => unreachable!("picked {other:?}"),
            Err(gone) => panic!("the connection ended ({gone:?}) before a packet {prefix}… came; heard: {}", self.recently()),
        }
    }

    /// Waits for the end of the connection; what is heard until then stays to be asked for. Returns the status of the close frame.
    pub async fn expect_close(&mut self) -> Option<u16> {
        self.expect_close_after("all this").await
    }

    pub async fn expect_close_after(&mut self, what: &str) -> Option<u16> {
        let Gone(status) = self.wait(format!("the end of the connection after {what}"), |_| false).await.expect_err("nothing is picked");
        status
    }

    /// Whatever comes next, in its order.
    pub async fn next(&mut self) -> Result<Heard, Gone> {
        match self.backlog.pop_front() {
            Some(heard) => Ok(heard),
            None => self.wait("anything", |_| true).await,
        }
    }

    /// All events of this name that were heard and not asked for, as they came. To know that one did *not* come, have something
    /// acknowledged first that was sent after it was due: a client hears in the order in which the server speaks.
    pub fn take_heard(&mut self, event: &str) -> Vec<Vec<Value>> {
        self.hear();
        let mut taken = Vec::new();
        self.backlog.retain(|heard| match heard {
            Heard::Event { name, args } if name == event => {
                taken.push(args.clone());
                false
            }
            _ => true,
        });
        taken
    }

    /// Moves what has arrived into the backlog.
    fn hear(&mut self) {
        while let Ok(heard) = self.inbox.try_recv() {
            match heard {
                Ok(heard) => self.backlog.push_back(heard),
                Err(gone) => self.gone = Some(gone),
            }
        }
    }

    async fn wait(&mut self, what: impl std::fmt::Display, pick: impl Fn(&Heard) -> bool) -> Result<Heard, Gone> {
        if let Some(place) = self.backlog.iter().position(&pick) {
            return Ok(self.backlog.remove(place).expect("its place was found"));
        }
        loop {
            if let Some(gone) = self.gone {
                return Err(gone);
            }
            match tokio::time::timeout(PATIENCE, self.inbox.recv()).await {
                Ok(Some(Ok(heard))) if pick(&heard) => return Ok(heard),
                Ok(Some(Ok(heard))) => self.backlog.push_back(heard),
                Ok(Some(Err(gone))) => self.gone = Some(gone),
                Ok(None) => self.gone = Some(Gone(None)),
                Err(_) => panic!("waited {} s for {what}; heard: {}", PATIENCE.as_secs(), self.recently()),
            }
        }
    }

    /// The last few things heard, for a panic's text.
    fn recently(&self) -> String {
        let latest: Vec<_> = self.backlog.iter().rev().take(8).map(|heard| format!("{heard:.300?}")).collect();
        if latest.is_empty() { "nothing".into() } else { format!("(newest first) {}", latest.join("\n")) }
    }
}

/// Moves frames both ways until the connection or the client ends.
async fn carry(
    stream: WebSocketStream<TcpStream>,
    mut outgoing: UnboundedReceiver<Message>,
    out: UnboundedSender<Message>,
    heard: UnboundedSender<Result<Heard, Gone>>,
    silent: bool,
) {
    let (mut sink, mut source) = stream.split();
    let writing = tokio::spawn(async move {
        while let Some(frame) = outgoing.recv().await {
            // A broken connection is told by the reading side.
            if sink.feed(frame).await.is_err() || (outgoing.is_empty() && sink.flush().await.is_err()) {
                return;
            }
        }
        let _ = sink.close().await;
    });
    let mut status = None;
    loop {
        let frame = tokio::select! {
            frame = source.next() => frame,
            () = heard.closed() => break,
        };
        match frame {
            Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                if !silent {
                    let _ = out.send(Message::text("3"));
                }
            }
            Some(Ok(Message::Text(text))) => drop(heard.send(Ok(read(&text)))),
            Some(Ok(Message::Close(frame))) => {
                status = frame.map(|frame| frame.code.into());
                break;
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    let _ = heard.send(Err(Gone(status)));
    // Dropping a client cuts its connection as a pulled plug does.
    writing.abort();
}

fn read(text: &str) -> Heard {
    let parsed = |at: usize| {
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        let args: Option<Vec<Value>> = serde_json::from_str(&text[at + digits..]).ok();
        args.map(|args| (text[at..at + digits].parse::<u64>().ok(), args))
    };
    let heard = match text.get(..2) {
        Some("42") => parsed(2).and_then(|(_, mut args)| {
            let name = args.first()?.as_str()?.to_owned();
            args.remove(0);
            Some(Heard::Event { name, args })
        }),
        Some("43") => parsed(2).and_then(|(id, args)| Some(Heard::Ack { id: id?, args })),
        _ => None,
    };
    heard.unwrap_or_else(|| Heard::Packet(text.to_owned()))
}
