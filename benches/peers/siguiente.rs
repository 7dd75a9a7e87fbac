//! The application of the benchmark on siguiente's real-time layer, with its defaults. Prints its port, ends when its standard input does.

use std::io::{Read, Result};
use std::time::Duration;

use actix::{Actor, Arbiter, System};
use actix_web::{App, HttpServer, web};
use serde::Deserialize;
use siguiente::protocol::engine::{self, Transports};
use siguiente::protocol::socket;
use siguiente::realtime::{
    Application, Audience, CloseReason, Cors, Counts, Event, Handshake, Hub, HubSettings, Limits, Namespace, Proxies, RecoveryMode, Server,
    Settings, SocketKey, SocketLayers, Turn, encode_event, keep_socket,
};

const ROOM: &str = "sala";
const MAX_CONNECTIONS: usize = 25_000;

struct Echo;

#[derive(Clone, Deserialize)]
struct Order {
    n: u64,
    bytes: usize,
    /// Milliseconds from one event to the next; without it all at once.
    cada: Option<u64>,
}

/// The next event of a broadcast.
struct Next {
    i: u64,
    order: Order,
    /// When the first one went out.
    start: std::time::Instant,
}

impl Application for Echo {
    type Notice = Next;

    fn connected(&mut self, _: &mut Turn<'_, Self>, _: Handshake) {}

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        let argument = event.args.arguments().next();
        match event.name.as_str() {
            "unirse" => {
                turn.join(socket, ROOM);
                if let Some(ack) = event.ack {
                    turn.acknowledge(ack, &[r#"{"ok":true}"#], &[]);
                }
            }
            "eco" => {
                if let (Some(ack), Some(value)) = (event.ack, argument) {
                    turn.acknowledge(ack, &[value], &[]);
                }
            }
            "difundir" => {
                if let Some(Ok(order)) = argument.map(serde_json::from_str) {
                    self.notice(turn, Next { i: 0, order, start: siguiente::clock::instant() });
                }
            }
            _ => {}
        }
    }

    fn disconnected(&mut self, _: &mut Turn<'_, Self>, _: SocketKey, _: CloseReason) {}

    fn notice(&mut self, turn: &mut Turn<'_, Self>, Next { mut i, order, start }: Next) {
        let text = "x".repeat(order.bytes);
        while i < order.n {
            // `i` stands first: the load generator reads it at a fixed place. All servers send the same bytes.
            let packet = encode_event(&Namespace::default(), None, "difusion", [format!(r#"{{"i":{i},"t":"{text}"}}"#)], &[]);
            turn.broadcast(&Namespace::default(), Audience::room(&ROOM), &packet);
            i += 1;
            if let Some(every) = order.cada {
                let due = start + Duration::from_millis(every * i);
                return turn.notify_after(due.saturating_duration_since(siguiente::clock::instant()), Next { i, order, start });
            }
        }
    }
}

pub fn serve() -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    System::new().block_on(async {
        let arbiter = Arbiter::new();
        let patience = Duration::from_secs(45);
        let hub = Hub::start_in_arbiter(&arbiter.handle(), move |_| {
            // As the program sets it: clients that do not ask for recovery cost none.
            let recovery = RecoveryMode::OnRequest(Duration::from_secs(120));
            Hub::new(Echo, HubSettings { stale_after: patience, max_connections: MAX_CONNECTIONS, recovery, counts: Counts::default() })
        });
        let layers = SocketLayers { hub, connect_timeout: patience, attachments: socket::Limits::default() };
        let settings = Settings {
            engine: engine::Config::default(),
            transports: Transports { polling: false, websocket: true },
            limits: Limits::default(),
            cors: Cors::SameOrigin,
            proxies: Proxies::default(),
        };
        let server = web::Data::new(Server::new(layers, settings));
        let handle = Server::<SocketLayers<Echo>>::handle;
        let listener = HttpServer::new(move || App::new().app_data(server.clone()).service(web::resource("/socket.io/").to(handle)))
            .on_connect(keep_socket)
            .h1_allow_half_closed(false)
            .max_connections(MAX_CONNECTIONS)
            .backlog(4096)
            .disable_signals()
            .bind(("127.0.0.1", 0))?;
        println!("listening on {}", listener.addrs()[0]);
        let running = listener.run();
        let handle = running.handle();
        std::thread::spawn(move || {
            // Whatever ends the input ends the server.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            drop(handle.stop(false));
            std::process::exit(0);
        });
        running.await
    })
}
