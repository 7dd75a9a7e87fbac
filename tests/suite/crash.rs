//! `kill -9` at random moments under load. What was acknowledged is there, once; what was not can be asked for again by its key.
//!
//! The figures of a run: `cargo test --test suite crash -- --nocapture`, or with cargo-nextest `--no-capture`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use siguiente::office::Event;
use tokio::sync::watch;

use crate::harness::{Client, Program, Ticket, far_from_midnight, log, random, within};

const ROUNDS: usize = 6;
const KIOSKS: usize = 24;
const DESKS: u32 = 3;

/// What the clients know when the power goes.
#[derive(Default)]
struct Known {
    /// Acknowledged numbers by key.
    acknowledged: BTreeMap<String, Ticket>,
    /// Keys that were sent and never answered.
    unanswered: Vec<String>,
    /// Acknowledged calls: ticket and desk.
    calls: Vec<(String, u32)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let office = far_from_midnight(data.path());
    let flags = ["--office", &office, "--log=warn"];
    let mut known = Known::default();
    let mut retried = 0;
    for round in 0..ROUNDS {
        let server = Program::serve(data.path(), &flags).await;
        retried += retry(server.address, &mut known).await;
        let before = known.acknowledged.len() + known.calls.len();
        let target = 50 + random(1_500);
        work(server, target, round, &mut known).await;
        let done = known.acknowledged.len() + known.calls.len() - before;
        println!("round {round}: killed after {target} acknowledgements; {done} in all, {} unanswered", known.unanswered.len());
    }
    let server = Program::serve(data.path(), &flags).await;
    retried += retry(server.address, &mut known).await;
    server.kill_9().await;
    check(data.path(), &known);
    let (numbers, calls) = (known.acknowledged.len(), known.calls.len());
    println!(
        "{ROUNDS} kills: {numbers} numbers and {calls} calls acknowledged, {retried} unanswered keys asked again; none lost, doubled or skipped"
    );
}

/// Everybody works until so many acknowledgements have come, then the process is killed in the middle of it.
async fn work(server: Program, target: u64, round: usize, known: &mut Known) {
    let (counter, mut counted) = watch::channel(0);
    let counter = Arc::new(counter);
    let address = server.address;
    let count = |counter: &watch::Sender<u64>| counter.send_modify(|count| *count += 1);
    // Agents sign in before anybody works: a password takes longer than many numbers, and the power may go at any time after this.
    let mut agents = Vec::new();
    for desk in 1..=DESKS {
        agents.push((desk, Client::connect_for_desk(address, desk).await));
    }
    let kiosks: Vec<_> = (0..KIOSKS)
        .map(|kiosk| {
            let counter = counter.clone();
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                let mut done = Vec::new();
                for press in 0.. {
                    let key = format!("round {round} kiosk {kiosk} press {press}");
                    match client.try_event_while_it_lasts("siguiente-ticket", json!({"clave": key})).await {
                        Ok(ticket) => done.push((key, ticket.expect("a number"))),
                        Err(_) => return (done, key),
                    }
                    count(&counter);
                }
                unreachable!("it presses for ever")
            })
        })
        .collect();
    let desks: Vec<_> = agents
        .into_iter()
        .map(|(desk, mut client)| {
            let counter = counter.clone();
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    match client.try_event_while_it_lasts("atender-ticket", json!({"escritorio": desk})).await {
                        Ok(Ok(ticket)) => done.push((ticket.id, desk)),
                        Ok(Err(refusal)) => assert_eq!(refusal.code, "empty_queue"),
                        Err(_) => return done,
                    }
                    count(&counter);
                }
            })
        })
        .collect();
    // How many come in a while is the machine's affair; that there is always another one is the server's.
    let mut so_far = 0;
    while so_far < target {
        so_far = *within(format!("another acknowledgement after {so_far} of {target}"), counted.wait_for(|count| *count > so_far))
            .await
            .expect("everybody works");
    }
    server.kill_9().await;
    for kiosk in kiosks {
        let (done, unanswered) = within("a kiosk to notice", kiosk).await.unwrap();
        known.acknowledged.extend(done);
        known.unanswered.push(unanswered);
    }
    for desk in desks {
        known.calls.extend(within("a desk to notice", desk).await.unwrap());
    }
}

/// What was acknowledged is given again as it was; what was not is given now, for good. Returns how many of these there were.
async fn retry(address: SocketAddr, known: &mut Known) -> usize {
    let mut client = Client::connect(address).await;
    let asked: Vec<_> = known.acknowledged.keys().map(|key| (key.clone(), client.ask("siguiente-ticket", json!({"clave": key})))).collect();
    for (key, id) in asked {
        let again: Ticket = serde_json::from_value(client.answer(id).await.unwrap()["ticket"].take()).unwrap();
        let first = &known.acknowledged[&key];
        assert_eq!((&again.id, again.numero, &again.token), (&first.id, first.numero, &first.token), "{key}");
    }
    let unanswered = std::mem::take(&mut known.unanswered);
    for key in &unanswered {
        let ticket = client.try_event("siguiente-ticket", json!({"clave": key})).await.unwrap();
        known.acknowledged.insert(key.clone(), ticket);
    }
    unanswered.len()
}

/// Holds the log against what the clients were told.
fn check(data: &Path, known: &Known) {
    let (mut issued, mut called, mut held) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (i, entry) in log(data).into_iter().enumerate() {
        assert_eq!(entry.rev, i as u64 + 1, "the log has no gap");
        match entry.event {
            Event::TicketIssued { ticket, number, .. } => {
                assert_eq!(number as usize, issued.len() + 1, "no number is doubled or skipped");
                issued.insert(ticket.to_string(), (number, entry.key));
            }
            Event::TicketCalled { ticket, desk, call, .. } => {
                assert_eq!(call as usize, called.len() + 1, "no call is doubled or skipped");
                assert_eq!(called.insert(ticket.to_string(), desk.0), None, "a ticket is called to one desk");
                assert_eq!(held.insert(desk, ticket), None, "desk {desk} has two tickets");
            }
            Event::TicketFinished { ticket, desk, .. } => assert_eq!(held.remove(&desk), Some(ticket)),
            _ => {}
        }
    }
    let mut ids = BTreeSet::new();
    for (key, ticket) in &known.acknowledged {
        let (number, stored) = issued.get(&ticket.id).unwrap_or_else(|| panic!("{key}: {} is lost", ticket.codigo));
        assert_eq!((*number, stored.as_ref().map(|stored| stored.as_str())), (ticket.numero, Some(key.as_str())));
        assert!(ids.insert(&ticket.id), "{key}: {} was given for another key, too", ticket.codigo);
    }
    assert_eq!(ids.len(), issued.len(), "every number on disk belongs to a key that was asked for");
    for (ticket, desk) in &known.calls {
        assert_eq!(called.get(ticket), Some(desk), "an acknowledged call");
    }
}
