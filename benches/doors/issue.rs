//! Owns what is measured of REST beside events: numbers that are taken, and how the queue stands.

use std::io::Result;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_local};

use crate::guest::{Asked, COLUMNS, Guest};
use crate::support::figures::Figures;
use crate::support::house::House;
use crate::support::http::Request;

const CLIENTS: [usize; 3] = [1, 16, 64];
const TAKE: &str = r#"["siguiente-ticket",{}]"#;
/// Who wait while it is asked how the queue stands.
const PEOPLE: u64 = 200;

/// How numbers are taken.
#[derive(Debug, Clone, Copy)]
enum Way {
    Events,
    Rest,
    /// As many sockets as over events hear what every number changes.
    RestHeard,
}

/// Numbers, each time in a new office.
pub async fn issue(runs: usize, span: Duration) -> Result<String> {
    let mut figures = Figures::new("numbers", &COLUMNS);
    for _ in 0..runs {
        for clients in CLIENTS {
            for (way, name) in [
                (Way::Events, "`siguiente-ticket`"),
                (Way::Rest, "`POST …/tickets`"),
                (Way::RestHeard, "`POST …/tickets`, as many sockets listen"),
            ] {
                let house = House::program().await?;
                let mut listening = Vec::new();
                if matches!(way, Way::RestHeard) {
                    for _ in 0..clients {
                        listening.push(listen(&house).await?);
                    }
                }
                let mut guests = Vec::new();
                for _ in 0..clients {
                    guests.push(match way {
                        Way::Events => Guest::over_events(house.client().await?, TAKE),
                        Way::Rest | Way::RestHeard => {
                            let request = Request::post("/branches/1/tickets", house.token(), "{}");
                            Guest::over_rest(house.http().await?, request, 201)
                        }
                    });
                }
                figures.add(format!("{clients} clients, {name}"), Asked::by(guests, &house, span).await?.figures());
                listening.iter().for_each(JoinHandle::abort);
            }
        }
    }
    Ok(figures.table())
}

/// How the queue stands, asked of one office by many.
pub async fn status(runs: usize, span: Duration) -> Result<String> {
    let mut figures = Figures::new("the queue", &COLUMNS);
    for _ in 0..runs {
        let house = House::program().await?;
        house.fill(PEOPLE).await?;
        for clients in CLIENTS {
            for (name, event, path, public) in [
                ("event `proximo`", Some(r#"["proximo",{"escritorio":1}]"#), "", false),
                ("`GET …/desks/1/next`", None, "/branches/1/desks/1/next", false),
                ("event `cola`", Some(r#"["cola",{}]"#), "", false),
                ("`GET …/queue`", None, "/branches/1/queue", false),
                ("`GET …/status`, nobody signed in", None, "/branches/1/status", true),
            ] {
                let mut guests = Vec::new();
                for _ in 0..clients {
                    guests.push(match event {
                        Some(event) => {
                            let mut client = house.client().await?;
                            client.ask(0, r#"["entrar-puesto",{"escritorio":1}]"#, |_| ()).await?;
                            Guest::over_events(client, event)
                        }
                        None => {
                            let token = house.token().filter(|_| !public);
                            Guest::over_rest(house.http().await?, Request::get(path, token), 200)
                        }
                    });
                }
                figures.add(format!("{clients} clients, {name}"), Asked::by(guests, &house, span).await?.figures());
            }
        }
    }
    Ok(figures.table())
}

/// A socket that hears what everybody hears.
async fn listen(house: &House) -> Result<JoinHandle<Result<()>>> {
    let mut client = house.client().await?;
    Ok(spawn_local(async move {
        loop {
            client.hear(|_| ()).await?;
        }
    }))
}
