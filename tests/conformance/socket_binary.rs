//! Socket.IO: events and acknowledgements with attachments.

use std::time::Duration;

use crate::on_each_transport;
use crate::peer::{Heard, Peer, Via};
use crate::server::Server;

fn placeholder(num: usize) -> String {
    format!(r#"{{"_placeholder":true,"num":{num}}}"#)
}

async fn attachments_come_back(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    let (zero, one) = (placeholder(0), placeholder(1));
    for (sent, back) in [
        (format!(r#"52-["message",{zero},{one}]"#), format!(r#"52-["message-back",{zero},{one}]"#)),
        (format!(r#"52-789["message-with-ack",{zero},{one}]"#), format!("62-789[{zero},{one}]")),
        (
            format!(r#"52-["message",{{"a":[{zero}],"b":{{"c":{one}}}}}]"#),
            format!(r#"52-["message-back",{{"a":[{zero}],"b":{{"c":{one}}}}}]"#),
        ),
    ] {
        peer.send(&sent).await;
        peer.send_binary(&[1, 2, 3]).await;
        peer.send_binary(&[4, 5, 6]).await;
        assert_eq!(peer.text().await, back);
        assert_eq!(peer.next().await, Heard::Binary(vec![1, 2, 3]));
        assert_eq!(peer.next().await, Heard::Binary(vec![4, 5, 6]));
    }
}

async fn attachments_are_found_by_their_number(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(&format!(r#"52-["message",{},{}]"#, placeholder(1), placeholder(0))).await;
    peer.send_binary(b"zero").await;
    peer.send_binary(b"one").await;
    assert_eq!(peer.text().await, format!(r#"52-["message-back",{},{}]"#, placeholder(0), placeholder(1)));
    assert_eq!(peer.next().await, Heard::Binary(b"one".to_vec()));
    assert_eq!(peer.next().await, Heard::Binary(b"zero".to_vec()));
}

/// Some clients match the text of a placeholder literally.
async fn a_placeholder_has_one_form_on_its_way_out(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(r#"51-["message",{ "num" : 0, "_placeholder" : true }]"#).await;
    peer.send_binary(b"x").await;
    assert_eq!(peer.text().await, format!(r#"51-["message-back",{}]"#, placeholder(0)));
    assert_eq!(peer.next().await, Heard::Binary(b"x".to_vec()));
}

async fn ten_attachments_are_the_most(via: Via) {
    let server = Server::spawn();
    let ten = (0..10).map(placeholder).collect::<Vec<_>>().join(",");
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(&format!(r#"510-["message",{ten}]"#)).await;
    for i in 0..10 {
        peer.send_binary(&[i]).await;
    }
    assert_eq!(peer.text().await, format!(r#"510-["message-back",{ten}]"#));
    for i in 0..10 {
        assert_eq!(peer.next().await, Heard::Binary(vec![i]));
    }
    for count in ["11", "10000", "18446744073709551616"] {
        let mut peer = Peer::enter(via, server.address).await;
        peer.send(&format!(r#"5{count}-["message"]"#)).await;
        peer.closed().await;
    }
}

async fn a_placeholder_that_names_nothing_closes(via: Via) {
    let server = Server::spawn();
    for num in ["1", "-1", "0.5", "\"0\"", "null", "1e400", "18446744073709551616", "\"splice\"", "{}"] {
        let mut peer = Peer::enter(via, server.address).await;
        peer.send(&format!(r#"51-["message",{{"_placeholder":true,"num":{num}}}]"#)).await;
        peer.closed().await;
    }
}

async fn a_count_that_is_none_closes(via: Via) {
    let server = Server::spawn();
    for packet in [
        r#"5["message"]"#,
        r#"5-["message"]"#,
        r#"51["message"]"#,
        r#"50-["message"]"#,
        r#"5a-["message"]"#,
        r#"5-1-["message"]"#,
        "6[]",
        "61-[]",
    ] {
        let mut peer = Peer::enter(via, server.address).await;
        peer.send(packet).await;
        peer.closed().await;
    }
}

async fn nothing_may_come_between_a_packet_and_its_attachments(via: Via) {
    let server = Server::spawn();
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(&format!(r#"51-["message",{}]"#, placeholder(0))).await;
    peer.send(r#"2["message"]"#).await;
    peer.closed().await;
    let mut peer = Peer::enter(via, server.address).await;
    peer.send_binary(b"nobody announced this").await;
    peer.closed().await;
}

async fn attachments_have_a_time(via: Via) {
    let server = Server::with(|options| options.attachments.time = Duration::from_millis(100));
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(&format!(r#"52-["message",{},{}]"#, placeholder(0), placeholder(1))).await;
    peer.send_binary(b"the other never comes").await;
    peer.closed().await;
}

async fn attachments_have_a_size(via: Via) {
    let server = Server::with(|options| options.attachments.bytes = 100);
    let mut peer = Peer::enter(via, server.address).await;
    peer.send(&format!(r#"52-["message",{},{}]"#, placeholder(0), placeholder(1))).await;
    peer.send_binary(&[0; 60]).await;
    peer.send_binary(&[0; 60]).await;
    peer.closed().await;
}

on_each_transport!(
    attachments_come_back,
    attachments_are_found_by_their_number,
    a_placeholder_has_one_form_on_its_way_out,
    ten_attachments_are_the_most,
    a_placeholder_that_names_nothing_closes,
    a_count_that_is_none_closes,
    nothing_may_come_between_a_packet_and_its_attachments,
    attachments_have_a_time,
    attachments_have_a_size,
);
