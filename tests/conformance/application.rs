//! What an application can do with sockets: let them in or not, rooms and audiences, events that a client is to acknowledge, sending away.

use std::time::Duration;

use serde_json::{Value, json};
use siguiente::realtime::{
    Application, Audience, CloseReason, Denied, Event, Handshake, Namespace, Question, Reply, SocketKey, Turn, encode_event,
};

use crate::on_each_transport;
use crate::peer::{Peer, Via};
use crate::server::Server;

/// Does what its members tell it.
struct Club;

impl Club {
    fn say(name: &str, payload: &Value) -> siguiente::realtime::Encoded {
        encode_event(&Namespace::default(), None, name, [payload.to_string()], &[])
    }
}

impl Application for Club {
    type Notice = ();

    fn admit(&mut self, _: &mut Turn<'_, Self>, handshake: &Handshake) -> Result<(), Denied> {
        match handshake.auth.as_deref() {
            Some(r#"{"token":"no"}"#) => Err(Denied { message: "not a member".into(), data: Some(r#"{"why":1}"#.into()) }),
            _ => Ok(()),
        }
    }

    fn connected(&mut self, _: &mut Turn<'_, Self>, _: Handshake) {}

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        let payload: Value = event.args.arguments().next().map_or(Value::Null, |raw| serde_json::from_str(raw).unwrap());
        let texts = |key: &str| -> Vec<String> {
            payload[key].as_array().into_iter().flatten().map(|text| text.as_str().unwrap().into()).collect()
        };
        let (rooms, without) = (texts("rooms"), texts("without"));
        let (rooms, without): (Vec<&str>, Vec<&str>) =
            (rooms.iter().map(String::as_str).collect(), without.iter().map(String::as_str).collect());
        let packet = Self::say("said", &payload["text"]);
        match event.name.as_str() {
            "join" => turn.join(socket, payload.as_str().unwrap()),
            "leave" => turn.leave(socket, payload.as_str().unwrap()),
            "to" => turn.broadcast(&event.namespace, Audience { rooms: &rooms, except: Some(socket), except_rooms: &without }, &packet),
            "in" => turn.broadcast(&event.namespace, Audience { rooms: &rooms, except: None, except_rooms: &without }, &packet),
            "volatile" => turn.broadcast_volatile(&event.namespace, Audience::ALL, &packet),
            "ask" => drop(turn.ask(socket, "question", &["1"], &[], Duration::from_millis(payload.as_u64().unwrap()))),
            "go" => turn.disconnect(socket),
            _ => {}
        }
        if let Some(ack) = event.ack {
            turn.acknowledge(ack, &[], &[]);
        }
    }

    fn answered(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, _: Question, reply: Option<Reply>) {
        let args = reply.map_or(Value::Null, |reply| serde_json::from_str(reply.args.as_str()).unwrap());
        turn.emit(socket, Self::say("answered", &args));
    }

    fn disconnected(&mut self, turn: &mut Turn<'_, Self>, _: SocketKey, reason: CloseReason) {
        turn.broadcast(&Namespace::default(), Audience::ALL, &Self::say("left", &json!(reason.text())));
    }

    fn notice(&mut self, _: &mut Turn<'_, Self>, (): ()) {}
}

fn club() -> Server {
    Server::of(Club, |_| {})
}

async fn member(via: Via, server: &Server) -> Peer {
    let mut peer = Peer::open(via, server.address, "/socket.io/").await;
    peer.send("0").await;
    assert!(peer.text().await.starts_with(r#"0{"sid":""#));
    peer
}

/// Does something and waits until it is done: what it caused is on its way before the acknowledgement.
async fn act(peer: &mut Peer, name: &str, payload: Value) -> Vec<String> {
    peer.send(&format!("299{}", json!([name, payload]))).await;
    let mut heard = Vec::new();
    loop {
        match peer.text().await {
            text if text == "399[]" => return heard,
            text => heard.push(text),
        }
    }
}

async fn rooms_and_audiences(via: Via) {
    let server = club();
    let (mut ana, mut eva, mut leo) = (member(via, &server).await, member(via, &server).await, member(via, &server).await);
    for (peer, rooms) in [(&mut ana, &["red", "blue"][..]), (&mut eva, &["red", "blue"]), (&mut leo, &["blue"])] {
        for room in rooms {
            act(peer, "join", json!(room)).await;
        }
    }
    let cases = [
        ("to", json!({"text": 1}), [false, true, true]),
        ("in", json!({"text": 2}), [true, true, true]),
        ("to", json!({"text": 3, "rooms": ["red", "blue"]}), [false, true, true]),
        ("in", json!({"text": 4, "rooms": ["red"]}), [true, true, false]),
        ("in", json!({"text": 5, "rooms": ["blue"], "without": ["red"]}), [false, false, true]),
        ("in", json!({"text": 6, "rooms": ["green"]}), [false, false, false]),
        ("volatile", json!({"text": 7}), [true, true, true]),
    ];
    for (name, payload, expected) in cases {
        let said = format!(r#"2["said",{}]"#, payload["text"]);
        let own = act(&mut ana, name, payload.clone()).await;
        // Theirs was on its way before this was asked.
        let heard = [own, act(&mut eva, "nothing", json!(null)).await, act(&mut leo, "nothing", json!(null)).await];
        let wanted = expected.map(|hears| if hears { vec![said.clone()] } else { vec![] });
        assert_eq!(heard, wanted, "{name} {payload}");
    }
    act(&mut eva, "leave", json!("red")).await;
    act(&mut ana, "in", json!({"text": 8, "rooms": ["red"]})).await;
    assert_eq!(act(&mut eva, "nothing", json!(null)).await, Vec::<String>::new());
}

async fn a_client_is_asked_and_answers_once(via: Via) {
    let server = club();
    let mut peer = member(via, &server).await;
    let asked = act(&mut peer, "ask", json!(20_000)).await;
    let id = asked[0].strip_prefix('2').and_then(|rest| rest.strip_suffix(r#"["question",1]"#)).expect("a question with an id").to_owned();
    peer.send(&format!(r#"3{id}["yes",{{"n":2}}]"#)).await;
    assert_eq!(peer.text().await, r#"2["answered",["yes",{"n":2}]]"#);
    peer.send(&format!(r#"3{id}["again"]"#)).await;
    peer.send(r#"312345["never asked"]"#).await;
    assert_eq!(act(&mut peer, "nothing", json!(null)).await, Vec::<String>::new(), "what nobody waits for means nothing");
}

async fn a_question_has_its_time(via: Via) {
    let server = club();
    let mut peer = member(via, &server).await;
    let asked = act(&mut peer, "ask", json!(30)).await;
    let answered = if asked.len() > 1 { asked[1].clone() } else { peer.text().await };
    assert_eq!(answered, r#"2["answered",null]"#);
    let id = asked[0].strip_prefix('2').and_then(|rest| rest.strip_suffix(r#"["question",1]"#)).unwrap();
    peer.send(&format!(r#"3{id}["too late"]"#)).await;
    assert_eq!(act(&mut peer, "nothing", json!(null)).await, Vec::<String>::new());
}

async fn who_is_sent_away_may_come_again(via: Via) {
    let server = club();
    let (mut stays, mut goes) = (member(via, &server).await, member(via, &server).await);
    goes.send(r#"2["go"]"#).await;
    assert_eq!(goes.text().await, "1");
    assert_eq!(stays.text().await, r#"2["left","server namespace disconnect"]"#);
    goes.send("0").await;
    assert!(goes.text().await.starts_with(r#"0{"sid":""#), "the connection lives");
    goes.send("1").await;
    assert_eq!(stays.text().await, r#"2["left","client namespace disconnect"]"#);
}

async fn who_is_not_let_in_is_told_why(via: Via) {
    let server = club();
    let mut peer = Peer::open(via, server.address, "/socket.io/").await;
    peer.send(r#"0{"token":"no"}"#).await;
    assert_eq!(peer.text().await, r#"4{"message":"not a member","data":{"why":1}}"#);
    peer.send(r#"0{"token":"yes"}"#).await;
    assert!(peer.text().await.starts_with(r#"0{"sid":""#));
}

on_each_transport!(
    rooms_and_audiences,
    a_client_is_asked_and_answers_once,
    a_question_has_its_time,
    who_is_sent_away_may_come_again,
    who_is_not_let_in_is_told_why,
);
