//! A desk is one session's at a time: who holds it keeps it over a reload, a lost connection and a restart, but not for ever, and nobody takes it by
//! accident.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Lasting, TestBranch, TestOffice, rest, within};

/// A little more than a lost session is waited for.
const GRACE: Duration = Duration::from_secs(61);

/// Somebody who has opened a desk.
struct Agent {
    client: Client,
    session: String,
}

impl Agent {
    async fn open(branch: TestBranch, desk: u32) -> Self {
        let mut client = branch.client().await;
        entered(&mut client, json!({"escritorio": desk})).await;
        let answer = opened(&mut client, json!({})).await;
        Self { session: answer["sesion"].as_str().expect("a session").to_owned(), client }
    }
}

/// What `entrar-puesto` says of the desk.
async fn entered(client: &mut Client, payload: Value) -> Value {
    let answer = client.emit_with_ack("entrar-puesto", payload).await;
    assert_eq!(answer["ok"], true, "{answer}");
    answer["puesto"].clone()
}

/// The answer of an `abrir-puesto` that succeeds.
async fn opened(client: &mut Client, payload: Value) -> Value {
    let answer = client.emit_with_ack("abrir-puesto", payload).await;
    assert_eq!(
        (&answer["ok"], &answer["puesto"]["estado"], &answer["puesto"]["propio"]),
        (&json!(true), &json!("abierto"), &json!(true)),
        "{answer}"
    );
    answer
}

/// The desk, as somebody sees it who only enters it.
async fn look(office: &TestOffice, desk: u32) -> Value {
    entered(&mut office.client().await, json!({"escritorio": desk})).await
}

/// Until the server knows that these connections are over.
async fn leave<const N: usize>(office: &TestOffice, clients: [Client; N]) {
    let left = office.connections().await - N;
    drop(clients);
    within("the end of the connections", async { while office.connections().await > left {} }).await;
}

/// Until somebody who is in the staff room hears that the desk is in this state.
async fn until(client: &mut Client, desk: u32, state: &str) -> Value {
    let is_it = |change: &&Value| change["tipo"] == "puesto" && change["escritorio"] == desk && change["estado"] == state;
    let args = client
        .expect("cola", |args| args[0]["cambios"].as_array().is_some_and(|changes| changes.iter().any(|change| is_it(&change))))
        .await;
    args[0]["cambios"].as_array().unwrap().iter().find(is_it).unwrap().clone()
}

#[tokio::test]
async fn a_second_session_is_refused_and_takes_over_only_on_purpose() {
    let office = TestOffice::spawn().await;
    let mut first = Agent::open(office.branch(1), 1).await;
    let ticket = office.kiosk().await.take("A").await;
    first.client.try_event("atender-ticket", json!({})).await.unwrap();

    let mut second = office.client().await;
    let desk = entered(&mut second, json!({"escritorio": 1})).await;
    assert_eq!((&desk["ocupado"], &desk["propio"], &desk["ticket"]["codigo"]), (&json!(true), &json!(false), &json!("A-001")));
    for event in ["abrir-puesto", "atender-ticket", "finalizar", "pausar-puesto", "cerrar-puesto"] {
        assert_eq!(second.refused(event, json!({})).await, "desk_taken", "{event}");
    }
    let refusal = second.try_event("abrir-puesto", json!({"sesion": "f".repeat(32)})).await.unwrap_err();
    assert_eq!(refusal.code, "desk_taken", "a session is not guessed");
    assert_eq!(second.refused("abrir-puesto", json!({"sesion": "x"})).await, "bad_request");

    let answer = opened(&mut second, json!({"tomar": true})).await;
    assert_eq!(answer["puesto"]["ticket"]["id"], json!(ticket.id), "with the ticket that is there");
    assert_eq!(first.client.refused("finalizar", json!({})).await, "desk_taken");
    assert_eq!(second.try_event("finalizar", json!({})).await.unwrap().codigo, "A-001");
    second.emit_with_ack("cerrar-puesto", json!({})).await;
    opened(&mut first.client, json!({})).await;
}

#[tokio::test]
async fn a_simple_client_works_where_no_session_is_and_nowhere_else() {
    let office = TestOffice::spawn().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 2).await;
    let mut simple = office.desk(2).await;
    simple.call_next().await;
    assert_eq!((&look(&office, 2).await["estado"], &look(&office, 2).await["ocupado"]), (&json!("abierto"), &json!(false)));
    let mut agent = Agent::open(office.branch(1), 2).await;
    assert_eq!(simple.refused("iniciar", json!({})).await, "desk_taken");
    assert_eq!(agent.client.try_event("iniciar", json!({})).await.unwrap().codigo, "A-001");
    assert_eq!(agent.client.refused("cerrar-puesto", json!({})).await, "desk_busy");
    agent.client.try_event("finalizar", json!({})).await.unwrap();
    let closed = agent.client.emit_with_ack("cerrar-puesto", json!({})).await;
    assert_eq!((&closed["puesto"]["estado"], &closed["puesto"]["propio"]), (&json!("cerrado"), &json!(false)));
    assert_eq!(simple.call_next().await.codigo, "A-002");
}

#[tokio::test]
async fn a_session_that_is_lost_longer_than_the_grace_closes_its_desk_and_a_reload_keeps_it() {
    let office = TestOffice::spawn().await;
    let (reloads, mut lost) = (Agent::open(office.branch(1), 1).await, Agent::open(office.branch(1), 2).await);
    let mut two = office.kiosk().await;
    two.take_many("A", 2).await;
    lost.client.try_event("atender-ticket", json!({})).await.unwrap();
    let mut stays = Agent::open(office.branch(1), 3).await;
    leave(&office, [lost.client, reloads.client]).await;

    office.clock().advance(GRACE / 2);
    let mut again = office.client().await;
    let desk = entered(&mut again, json!({"escritorio": 1, "sesion": reloads.session})).await;
    assert_eq!((&desk["estado"], &desk["propio"]), (&json!("abierto"), &json!(true)));
    office.clock().advance(GRACE / 2);
    let change = until(&mut stays.client, 2, "cerrado").await;
    assert_eq!((&change["ocupado"], &change["agente"]), (&json!(false), &Value::Null));
    assert_eq!((&look(&office, 1).await["estado"], &look(&office, 3).await["estado"]), (&json!("abierto"), &json!("abierto")));
    assert_eq!(again.try_event("atender-ticket", json!({})).await.unwrap().codigo, "A-002", "its own, as before");

    // Who comes later finds the ticket that was left, and the old session is one like any other.
    assert_eq!(look(&office, 2).await["ticket"]["codigo"], "A-001");
    let mut next = Agent::open(office.branch(1), 2).await;
    assert_eq!(next.client.try_event("finalizar", json!({})).await.unwrap().codigo, "A-001");
    let mut back = office.client().await;
    let desk = entered(&mut back, json!({"escritorio": 2, "sesion": lost.session})).await;
    assert_eq!(desk["propio"], false);
    assert_eq!(back.refused("atender-ticket", json!({})).await, "desk_taken");
}

#[tokio::test]
async fn of_two_windows_with_one_session_the_last_one_counts() {
    let office = TestOffice::spawn().await;
    let mut one = Agent::open(office.branch(1), 1).await;
    let mut other = office.client().await;
    entered(&mut other, json!({"escritorio": 1, "sesion": one.session})).await;
    let lost = Agent::open(office.branch(1), 2).await;
    let mut watching = office.desk(3).await;
    for window in [&mut one.client, &mut other] {
        assert_eq!(window.refused("finalizar", json!({})).await, "no_active_ticket");
    }
    leave(&office, [one.client, lost.client]).await;
    office.clock().advance(GRACE);
    until(&mut watching, 2, "cerrado").await;
    assert_eq!(look(&office, 1).await["estado"], "abierto");
}

#[tokio::test]
async fn over_a_restart_a_session_is_waited_for_from_the_start_on() {
    let office = TestOffice::spawn().await;
    let (comes, stays_away) = (Agent::open(office.branch(1), 1).await, Agent::open(office.branch(1), 2).await);
    let session = comes.session.clone();
    drop((comes, stays_away));
    let clock = office.clock().clone();
    // However long it was down.
    let office = office.restart_with(|_| assert!(clock.advance(Duration::from_secs(3600)))).await;
    let mut watching = office.desk(3).await;
    let mut back = office.client().await;
    assert_eq!(look(&office, 2).await["estado"], "abierto", "nobody could have come yet");
    let desk = entered(&mut back, json!({"escritorio": 1, "sesion": session})).await;
    assert_eq!((&desk["estado"], &desk["propio"]), (&json!("abierto"), &json!(true)));
    office.clock().advance(GRACE);
    until(&mut watching, 2, "cerrado").await;
    assert_eq!(look(&office, 1).await["estado"], "abierto");
}

#[tokio::test]
async fn a_connection_that_is_recovered_acts_as_its_session_again() {
    let office = TestOffice::spawn().await;
    let mut agent = Lasting::enter(office.address(), json!({"recovery": true})).await;
    entered(&mut agent.client, json!({"escritorio": 1})).await;
    opened(&mut agent.client, json!({})).await;
    agent.expect("cola").await;
    let mut back = agent.return_to(office.address()).await;
    office.kiosk().await.take("A").await;
    assert_eq!(back.client.try_event("atender-ticket", json!({})).await.unwrap().codigo, "A-001");

    back.expect("cola").await;
    let office = office.restart().await;
    let mut back = back.return_to(office.address()).await;
    assert_eq!(back.client.try_event("finalizar", json!({})).await.unwrap().codigo, "A-001");
    office.clock().advance(GRACE);
    assert_eq!(look(&office, 1).await["estado"], "abierto");
}

#[tokio::test]
async fn a_desk_that_cannot_be_closed_is_closed_later() {
    let office = TestOffice::spawn().await;
    let lost = Agent::open(office.branch(1), 1).await;
    let mut watching = office.desk(2).await;
    leave(&office, [lost.client]).await;
    office.faults.fail_all_commits();
    let before = office.faults.commits_seen();
    office.clock().advance(GRACE);
    within("the desk's closing to be tried", async { while office.faults.commits_seen() == before && office.connections().await > 0 {} })
        .await;
    assert_eq!(look(&office, 1).await["estado"], "abierto");
    office.faults.heal();
    office.clock().advance(Duration::from_secs(10));
    until(&mut watching, 1, "cerrado").await;
}

#[tokio::test]
async fn an_agent_sits_at_one_desk_and_moves_on_purpose() {
    let office = TestOffice::spawn().await;
    let (_, user) = rest(office.address(), "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    let ana = user["id"].clone();
    let mut first = office.client().await;
    entered(&mut first, json!({"escritorio": 1, "usuario": ana})).await;
    assert_eq!(opened(&mut first, json!({})).await["puesto"]["agente"], ana);
    let mut second = office.client().await;
    entered(&mut second, json!({"escritorio": 2})).await;
    assert_eq!(second.refused("abrir-puesto", json!({"usuario": ana})).await, "agent_busy");
    for (event, payload) in
        [("abrir-puesto", json!({"usuario": "0".repeat(32)})), ("entrar-puesto", json!({"escritorio": 2, "usuario": "nadie"}))]
    {
        assert_eq!(second.refused(event, payload).await, "unknown_user", "{event}");
    }
    opened(&mut second, json!({"usuario": ana, "tomar": true})).await;
    until(&mut first, 1, "cerrado").await;
    assert_eq!(look(&office, 2).await["agente"], ana);
}

#[tokio::test]
async fn at_the_days_end_every_desk_closes_and_its_session_opens_it_by_working() {
    let office = TestOffice::spawn().await;
    let mut agent = Agent::open(office.branch(1), 1).await;
    office.clock().advance(Duration::from_secs(24 * 3600));
    until(&mut agent.client, 1, "cerrado").await;
    office.kiosk().await.take("A").await;
    agent.client.try_event("atender-ticket", json!({})).await.unwrap();
    let desk = look(&office, 1).await;
    assert_eq!((&desk["estado"], &desk["ocupado"]), (&json!("abierto"), &json!(true)));
}

#[tokio::test]
async fn a_pause_keeps_the_desk_and_calls_nobody() {
    let office = TestOffice::spawn().await;
    let mut agent = Agent::open(office.branch(1), 1).await;
    office.kiosk().await.take("A").await;
    let paused = agent.client.emit_with_ack("pausar-puesto", json!({"motivo": "comida"})).await;
    assert_eq!((&paused["puesto"]["estado"], &paused["puesto"]["motivo"]), (&json!("pausado"), &json!("comida")));
    assert_eq!(agent.client.refused("atender-ticket", json!({})).await, "desk_paused");
    let again = opened(&mut agent.client, json!({})).await;
    assert_eq!(again["sesion"], agent.session, "the same session goes on");
    assert_eq!(agent.client.try_event("atender-ticket", json!({})).await.unwrap().codigo, "A-001");
}

#[tokio::test]
async fn a_session_is_a_branchs() {
    let office = TestOffice::setup().with_branch(2, |settings| settings.name = "Puerto".into()).spawn().await;
    let here = Agent::open(office.branch(1), 1).await;
    let mut there = office.branch(2).client().await;
    let desk = entered(&mut there, json!({"escritorio": 1, "sesion": here.session})).await;
    assert_eq!((&desk["estado"], &desk["propio"]), (&json!("cerrado"), &json!(false)));
    let mut watching = office.branch(1).desk(2).await;
    leave(&office, [here.client]).await;
    office.clock().advance(GRACE);
    until(&mut watching, 1, "cerrado").await;
}
