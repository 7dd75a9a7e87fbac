//! A client that lost its connection and comes back: the same id, the same rooms, what it missed and nothing twice; also over a restart.

use serde_json::json;

use crate::harness::{Client, Heard, Lasting, Options, TestOffice};

#[tokio::test]
async fn it_has_its_id_its_rooms_and_what_it_missed() {
    let office = TestOffice::spawn().await;
    let mut display = Lasting::enter(office.address(), json!({"recovery": true})).await;
    assert!(!display.pid.is_empty() && display.pid != display.sid);
    display.expect("saludo").await;
    display.client.emit_with_ack("entrar-pantalla", json!({})).await;
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    display.expect("cola").await;
    let (sid, pid) = (display.sid.clone(), display.pid.clone());

    for round in 2..4 {
        let offset = display.offset.clone();
        drop(std::mem::replace(&mut display.client, Client::open(office.address(), Options::default()).await));
        kiosk.take("A").await;
        office.desk(1).await.call_next().await;
        let mut back = Lasting::enter(office.address(), json!({"pid": pid, "offset": offset})).await;
        assert_eq!((&back.sid, &back.pid), (&sid, &pid), "round {round}");
        // All of it and in the order in which it was sent; other standing events lie between.
        let first = back.expect("cola").await;
        assert_eq!(first[0]["cambios"][0]["tipo"], "emitido", "round {round}");
        let call = back.expect("llamada").await;
        assert_eq!(call[0]["llamada"], round - 1);
        kiosk.take("B").await;
        let live = loop {
            let cola = back.expect("cola").await;
            if cola[0]["cambios"].as_array().unwrap().iter().any(|change| change["servicio"] == "tramites") {
                break cola;
            }
        };
        assert_eq!(live[0]["tipo"], "cambios", "it is in its room again");
        display = back;
    }
}

#[tokio::test]
async fn it_has_them_over_a_restart_too() {
    let office = TestOffice::spawn().await;
    let mut display = Lasting::enter(office.address(), json!({"recovery": true})).await;
    display.expect("saludo").await;
    display.client.emit_with_ack("entrar-pantalla", json!({})).await;
    office.kiosk().await.take("A").await;
    display.expect("cola").await;
    let sid = display.sid.clone();

    let office = office.restart().await;
    office.kiosk().await.take("A").await;
    office.desk(2).await.call_next().await;
    let mut back = display.return_to(office.address()).await;
    assert_eq!(back.sid, sid);
    let call = back.expect("llamada").await;
    assert_eq!((&call[0]["codigo"], &call[0]["escritorio"]), (&json!("A-001"), &json!(2)));
    let missed = back.expect("cola").await;
    let kinds: Vec<_> = missed[0]["cambios"].as_array().unwrap().iter().map(|change| change["tipo"].clone()).collect();
    assert_eq!(kinds, ["emitido", "puesto", "llamado"], "what came after the restart, and only that");
    office.kiosk().await.take("B").await;
    back.expect("cola").await;
}

#[tokio::test]
async fn a_session_is_taken_from_a_connection_that_is_only_thought_alive() {
    let office = TestOffice::spawn().await;
    let mut first = Lasting::enter(office.address(), json!({"recovery": true})).await;
    first.expect("saludo").await;
    let claim = json!({"pid": first.pid, "offset": first.offset});
    let second = Lasting::enter(office.address(), claim).await;
    assert_eq!(second.sid, first.sid);
    first.client.expect_close().await;
    assert_eq!(office.connections().await, 1);
}

#[tokio::test]
async fn who_left_or_made_it_up_begins_anew_and_who_never_asked_sees_no_offset() {
    let office = TestOffice::spawn().await;
    let mut left = Lasting::enter(office.address(), json!({"recovery": true})).await;
    left.expect("saludo").await;
    left.client.send("41");
    // Entered again on the same connection, it has left before: what another connection asks comes after that.
    left.client.send("40");
    left.client.expect_packet("40").await;
    let (sid, claim) = (left.sid.clone(), json!({"pid": left.pid, "offset": left.offset}));
    let again = Lasting::enter(office.address(), claim).await;
    assert_ne!(again.sid, sid);

    for claim in [json!({"pid": "x".repeat(20), "offset": "a-1-1"}), json!({"pid": 7}), json!({"pid": [], "offset": {}})] {
        let mut made_up = Lasting::enter(office.address(), claim.clone()).await;
        made_up.client.expect("saludo", |_| true).await;
        assert!(!made_up.sid.is_empty(), "{claim}");
    }
    let mut plain = office.client().await;
    match plain.next().await.unwrap() {
        Heard::Event { name, args } => assert_eq!((name.as_str(), args.len()), ("saludo", 1)),
        other => panic!("{other:?}"),
    }
}
