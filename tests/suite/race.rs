//! Fifty desks that call at once: nobody is called twice, nobody is forgotten, no desk has two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use siguiente::office::{Desk, DeskId, Event, Name};

use crate::harness::TestOffice;

const DESKS: u32 = 50;
const TICKETS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_desks_call_ten_thousand_tickets() {
    let desk = |id| Desk { id: DeskId(id), name: Name { es: format!("Escritorio {id}"), en: format!("Desk {id}") }, services: vec![] };
    let office = TestOffice::setup().with_settings(|settings| settings.desks = (1..=DESKS).map(desk).collect()).spawn().await;
    let mut kiosk = office.kiosk().await;
    let mut taken = BTreeSet::new();
    for _ in 0..10 {
        taken.extend(kiosk.take_many("A", TICKETS / 10).await.into_iter().map(|ticket| ticket.numero));
    }
    assert!(taken.iter().copied().eq(1..=TICKETS as u32), "numbers without gaps");

    let mut calling = Vec::new();
    for desk in 1..=DESKS {
        let mut client = office.client().await;
        calling.push(tokio::spawn(async move {
            let mut called = Vec::new();
            loop {
                match client.try_event("atender-ticket", json!({"escritorio": desk})).await {
                    Ok(ticket) => {
                        assert_eq!(ticket.escritorio, Some(desk));
                        called.push(ticket.numero);
                    }
                    Err(refusal) => {
                        assert_eq!(refusal.code, "empty_queue");
                        return called;
                    }
                }
            }
        }));
    }
    let mut called = BTreeSet::new();
    for desk in calling {
        for number in desk.await.expect("a desk's work") {
            assert!(called.insert(number), "A-{number} was called by two desks");
        }
    }
    assert_eq!(called, taken, "everybody was called");

    let (mut held, mut last) = (BTreeMap::new(), 0);
    for entry in office.log().await {
        match entry.event {
            Event::TicketCalled { ticket, desk, call, calls, .. } => {
                assert_eq!((call, calls), (last + 1, 1), "calls are numbered without gaps");
                assert_eq!(held.insert(desk, ticket), None, "desk {desk} has two tickets");
                last = call;
            }
            Event::TicketFinished { ticket, desk, .. } => assert_eq!(held.remove(&desk), Some(ticket)),
            _ => {}
        }
    }
    assert_eq!(last, TICKETS as u64);
}
