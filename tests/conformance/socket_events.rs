//! Socket.IO: events and acknowledgements.

use crate::on_each_transport;
use crate::peer::{Peer, Via};
use crate::server::Server;

async fn arguments_come_back_as_raw_as_they_went(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let object = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
    for args in [
        r#"1,"2",{"3":[true]}"#,
        r#"1,-0,1.0,1E2,1e400,0.10,123456789012345678901234567890"#,
        r#"{"z":1,"a":2,"z":3}"#,
        r#""\ud800","\u0041","\/","\u001e","ñ😀""#,
        r#"null,false,[],{},"""#,
        r#"{"__proto__":{"x":1},"constructor":1,"toString":2}"#,
        r#"{"_placeholder":true,"num":0}"#,
        "\"42[\\\"x\\\"]\"",
        &deep,
        &object,
    ] {
        peer.send(&format!(r#"2["message",{args}]"#)).await;
        assert_eq!(peer.text().await, format!(r#"2["message-back",{args}]"#));
        peer.send(&format!(r#"25["message-with-ack",{args}]"#)).await;
        assert_eq!(peer.text().await, format!("35[{args}]"));
    }
}

async fn an_event_may_have_no_arguments_and_many(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(r#"2["message"]"#).await;
    assert_eq!(peer.text().await, r#"2["message-back"]"#);
    peer.send(r#"20["message-with-ack"]"#).await;
    assert_eq!(peer.text().await, "30[]");
    let many = (0..1000).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
    peer.send(&format!(r#"2["message",{many}]"#)).await;
    assert_eq!(peer.text().await, format!(r#"2["message-back",{many}]"#));
}

async fn acknowledgement_ids_are_whatever_fits_64_bits(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    for id in ["0", "1", "456", "9007199254740993", "18446744073709551615"] {
        peer.send(&format!(r#"2{id}["message-with-ack",1,"2",{{"3":[false]}}]"#)).await;
        assert_eq!(peer.text().await, format!(r#"3{id}[1,"2",{{"3":[false]}}]"#));
    }
}

async fn names_may_be_written_with_escapes_or_be_numbers(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(r#"2["\u006dess\u0061ge",1]"#).await;
    assert_eq!(peer.text().await, r#"2["message-back",1]"#);
    for unheard in [
        "2[1,2]",
        "2[-1.5]",
        r#"2["error","x"]"#,
        r#"2["__proto__",{}]"#,
        r#"2["",1]"#,
        r#"2["nobody listens"]"#,
        r#"27["message-with-ack-not"]"#,
    ] {
        peer.send(unheard).await;
    }
    peer.assert_alive().await;
}

async fn white_space_is_legal_json(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("2 [ \"message\" ,\t1 , { \"a\" : 2 } ] ").await;
    assert_eq!(peer.text().await, r#"2["message-back",1,{ "a" : 2 }]"#);
}

async fn what_is_no_packet_closes(via: Via) {
    let server = Server::spawn();
    for packet in [
        "",
        "abc",
        "7",
        "2",
        "2{}",
        "2\"x\"",
        "2[]",
        "2[null]",
        "2[{}]",
        r#"2[["message"]]"#,
        r#"2["message""#,
        r#"2["message",]"#,
        r#"2["message"] x"#,
        r#"2abc["message-with-ack"]"#,
        r#"2-1["message-with-ack"]"#,
        r#"21.5["message-with-ack"]"#,
        r#"218446744073709551616["message-with-ack"]"#,
        r#"299999999999999999999999999999999999["message-with-ack"]"#,
        "3",
        "3[]",
        "31{}",
        "3-1[]",
        "318446744073709551616[]",
        "4",
        r#"4{"message":"x"}"#,
        "1{}",
        r#"2/custom,["message"]"#,
        r#"2/random,["message"]"#,
    ] {
        let mut peer = Peer::enter(via, server.address).await;
        peer.send(packet).await;
        peer.closed().await;
    }
}

async fn reserved_names_close(via: Via) {
    let server = Server::spawn();
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", r"\u0063onnect"] {
        let mut peer = Peer::enter(via, server.address).await;
        peer.send(&format!(r#"2["{name}",1]"#)).await;
        peer.closed().await;
    }
}

async fn an_acknowledgement_that_nobody_waits_for_means_nothing(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send("30[]").await;
    peer.send(r#"318446744073709551615["x"]"#).await;
    peer.assert_alive().await;
}

on_each_transport!(
    arguments_come_back_as_raw_as_they_went,
    an_event_may_have_no_arguments_and_many,
    acknowledgement_ids_are_whatever_fits_64_bits,
    names_may_be_written_with_escapes_or_be_numbers,
    white_space_is_legal_json,
    what_is_no_packet_closes,
    reserved_names_close,
    an_acknowledgement_that_nobody_waits_for_means_nothing,
);
