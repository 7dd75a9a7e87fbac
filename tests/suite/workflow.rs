//! A desk's whole day over the wire: who holds it, hold and transfer, undo, notes, who follows a ticket from afar, the day by hand, figures.

use std::time::Duration;

use serde_json::{Value, json};
use siguiente::office::{Settings, Word};

use crate::harness::{Client, TestOffice};

/// A minute for a lost session, outcomes and reasons to choose from.
async fn office() -> TestOffice {
    let word = |slug: &str| Word { slug: slug.into(), name: siguiente::office::Name { es: slug.into(), en: slug.into() } };
    let change = |settings: &mut Settings| {
        settings.outcomes = vec![word("resuelto")];
        settings.pauses = vec![word("comida")];
    };
    TestOffice::setup().with_settings(change).spawn().await
}

/// What an event that must be done answers.
async fn done(client: &mut Client, event: &str, payload: Value) -> Value {
    let answer = client.emit_with_ack(event, payload.clone()).await;
    assert_eq!(answer["ok"], true, "{event} {payload}: {answer}");
    answer
}

#[tokio::test]
async fn a_desk_is_one_sessions_until_it_is_left_lost_or_taken() {
    let office = office().await;
    office.kiosk().await.take_many("A", 3).await;
    let mut ana = office.desk(1).await;
    let opened = done(&mut ana, "abrir-puesto", json!({})).await;
    let session = opened["sesion"].as_str().unwrap().to_owned();
    assert_eq!((session.len(), &opened["puesto"]["estado"], &opened["puesto"]["propio"]), (32, &json!("abierto"), &json!(true)));

    let mut bea = office.desk(1).await;
    for event in ["atender-ticket", "abrir-puesto", "pausar-puesto", "cerrar-puesto"] {
        assert_eq!(bea.refused(event, json!({})).await, "desk_taken", "{event}");
    }
    // The same page after a reload shows what it kept.
    let mut again = office.client().await;
    let entered = done(&mut again, "entrar-puesto", json!({"escritorio": 1, "sesion": session})).await;
    assert_eq!(entered["puesto"]["propio"], true);
    assert_eq!(again.try_event("atender-ticket", json!({})).await.unwrap().codigo, "A-001");

    // Taken over on purpose: the one before is told so by the board, and can do nothing any more.
    let taken = done(&mut bea, "abrir-puesto", json!({"tomar": true})).await;
    assert_eq!((&taken["puesto"]["propio"], &taken["puesto"]["ticket"]["codigo"]), (&json!(true), &json!("A-001")));
    let change = again.expect("cola", |args| args[0]["cambios"][0]["tipo"] == "puesto" && args[0]["cambios"][0]["ocupado"] == true).await;
    assert_eq!(change[0]["cambios"][0]["escritorio"], 1);
    assert_eq!(again.refused("finalizar", json!({})).await, "desk_taken");
    assert_eq!(bea.refused("cerrar-puesto", json!({})).await, "desk_busy");
    bea.finish().await;
    assert_eq!(done(&mut bea, "cerrar-puesto", json!({})).await["puesto"]["estado"], "cerrado");
}

#[tokio::test]
async fn a_desk_whose_session_is_lost_is_closed_after_a_while_and_keeps_its_ticket() {
    let office = office().await;
    office.kiosk().await.take_many("A", 2).await;
    let mut display = office.display().await;
    let mut desk = office.desk(1).await;
    let session = done(&mut desk, "abrir-puesto", json!({})).await["sesion"].clone();
    desk.call_next().await;
    display.follow_to_change("llamado").await;
    drop(desk);

    // Back in time, by a new connection: nothing happened.
    let mut desk = office.client().await;
    done(&mut desk, "entrar-puesto", json!({"escritorio": 1, "sesion": session})).await;
    office.clock().advance(Duration::from_secs(120));
    assert_eq!(desk.try_event("rellamar", json!({})).await.unwrap().veces, Some(2));
    display.follow_to_change("rellamado").await;
    drop(desk);
    // The connection's end is noticed in its own time; then a minute passes.
    while office.connections().await > 1 {
        tokio::task::yield_now().await;
    }
    office.clock().advance(Duration::from_secs(61));
    let closed = display.follow_to_change("puesto").await;
    assert_eq!((&closed["escritorio"], &closed["estado"]), (&json!(1), &json!("cerrado")));
    assert_eq!(display.board.desks[&1].0, "A-001", "its ticket stays");
    display.agrees().await;

    // The same after a restart, when nobody comes at all.
    let mut desk = office.desk(1).await;
    assert_eq!(done(&mut desk, "abrir-puesto", json!({})).await["puesto"]["ticket"]["codigo"], "A-001");
    let office = office.restart().await;
    let mut display = office.display().await;
    assert_eq!(display.board.open[&1], "abierto");
    office.clock().advance(Duration::from_secs(61));
    display.follow_to_change("puesto").await;
    assert_eq!(display.board.open[&1], "cerrado");
}

#[tokio::test]
async fn an_agent_sits_at_one_desk() {
    let office = office().await;
    let (_, user) = crate::harness::rest(office.address(), "POST", "/users", json!({"nombre": "Ana", "rol": "agente"})).await;
    let (mut one, mut two) = (office.desk(1).await, office.desk(2).await);
    let opened = done(&mut one, "abrir-puesto", json!({"usuario": user["id"]})).await;
    assert_eq!(opened["puesto"]["agente"], user["id"]);
    assert_eq!(two.refused("abrir-puesto", json!({"usuario": user["id"]})).await, "agent_busy");
    assert_eq!(two.refused("abrir-puesto", json!({"usuario": "00000000000000000000000000000001"})).await, "unknown_user");
    let moved = done(&mut two, "abrir-puesto", json!({"usuario": user["id"], "tomar": true})).await;
    assert_eq!((&moved["puesto"]["agente"], &moved["puesto"]["id"]), (&user["id"], &json!(2)));
    assert_eq!(office.desk(1).await.board.open[&1], "cerrado", "nobody sits at two desks");
}

#[tokio::test]
async fn a_ticket_is_held_sent_on_and_brought_back_and_every_screen_agrees() {
    let office = office().await;
    let mut display = office.display().await;
    let ticket = office.kiosk().await.take_as(json!({"servicio": "A", "nombre": "Zenobia"})).await;
    office.kiosk().await.take("B").await;
    let mut desk = office.desk(1).await;
    let id = json!({"ticket": ticket.id});
    done(&mut desk, "abrir-puesto", json!({})).await;
    desk.call("A-001").await;
    desk.start().await;
    assert_eq!(done(&mut desk, "retener", json!({})).await["ticket"]["estado"], "retenido");
    assert_eq!(desk.call_next().await.codigo, "B-001", "a held one is not called by next");
    desk.finish().await;
    assert_eq!(done(&mut desk, "retomar", id.clone()).await["ticket"]["estado"], "atendiendo");
    let noted = done(&mut desk, "anotar", json!({"ticket": ticket.id, "nota": "falta\nel <b>DNI</b>"})).await;
    assert_eq!(noted["ticket"]["nota"], "falta\nel <b>DNI</b>");
    let sent = done(&mut desk, "derivar", json!({"servicio": "B", "a": 1})).await;
    assert_eq!(
        (&sent["ticket"]["servicio"], &sent["ticket"]["para"], &sent["ticket"]["tramo"]),
        (&json!("tramites"), &json!(1), &json!(2))
    );
    assert_eq!(desk.refused("derivar", json!({"ticket": ticket.id, "servicio": "B", "a": 1})).await, "wrong_state", "it is there already");
    let next = done(&mut desk, "proximo", json!({"idioma": "en"})).await;
    assert_eq!((&next["ticket"]["codigo"], &next["motivo"]["regla"]), (&json!("A-001"), &json!("reservado")), "{next}");
    let mut other = office.desk(2).await;
    assert_eq!(done(&mut other, "proximo", json!({})).await["ticket"], Value::Null, "it waits for desk 1 alone");
    done(&mut desk, "cancelar-ticket", id.clone()).await;
    display.follow_to_change("cancelado").await;
    display.agrees().await;
    let back = done(&mut desk, "reactivar", id).await;
    assert_eq!(
        (&back["ticket"]["estado"], &back["ticket"]["para"], &back["ticket"]["tramo"]),
        (&json!("esperando"), &Value::Null, &json!(3))
    );
    desk.call_next().await;
    office.clock().advance(Duration::from_secs(10));
    assert_eq!(desk.no_show().await.estado, "ausente");
    display.follow_to_change("ausente").await;
    assert_eq!((display.board.absent.len(), display.board.absent[0].1.as_str()), (1, "A-001"));
    display.agrees().await;
    assert_eq!(desk.refused("finalizar", json!({"resultado": "resuelto"})).await, "no_active_ticket");
}

#[tokio::test]
async fn what_a_desk_did_last_is_undone_for_a_while() {
    let office = office().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 2).await;
    let mut desk = office.desk(1).await;
    desk.call_next().await;
    desk.start().await;
    // Calling the next one finished the first: both come back, and the calls on show, too.
    desk.call_next().await;
    let undone = done(&mut desk, "deshacer", json!({})).await;
    let codes: Vec<_> =
        undone["tickets"].as_array().unwrap().iter().map(|t| (t["codigo"].as_str().unwrap(), t["estado"].as_str().unwrap())).collect();
    assert_eq!(codes, [("A-002", "esperando"), ("A-001", "atendiendo")]);
    display.follow_to_change("deshecho").await;
    display.agrees().await;
    assert_eq!(desk.refused("deshacer", json!({})).await, "nothing_to_undo", "an undo is not undone");
    desk.finish().await;
    office.clock().advance(Duration::from_secs(11));
    assert_eq!(desk.refused("deshacer", json!({})).await, "too_late");
    display.follow_to_change("finalizado").await;
    display.agrees().await;
}

#[tokio::test]
async fn a_visitor_follows_the_ticket_from_afar_and_nobody_elses() {
    let office = office().await;
    let ticket = office.kiosk().await.take("A").await;
    let other = office.kiosk().await.take("A").await;
    let mut phone = office.client().await;
    let followed = done(&mut phone, "seguir-ticket", json!({"token": ticket.token})).await;
    assert_eq!((&followed["ticket"]["codigo"], &followed["ticket"]["espera"]), (&json!("A-001"), &Value::Null), "no desk is open");
    for token in [json!(other.id), json!("x"), Value::Null, json!(7)] {
        assert_ne!(phone.emit_with_ack("seguir-ticket", json!({"token": token})).await["ok"], true, "{token}");
    }
    let mut desk = office.desk(1).await;
    done(&mut desk, "abrir-puesto", json!({})).await;
    desk.call("A-002").await;
    desk.finish().await;
    desk.call_next().await;
    let told = phone.expect("mi-ticket", |args| args[0]["estado"] == "llamado").await;
    assert_eq!((&told[0]["codigo"], &told[0]["escritorio"]), (&json!("A-001"), &json!(1)));
    assert_eq!(phone.expect("llamada", |_| true).await[0]["codigo"], "A-001", "the call of another ticket is not told here");
    done(&mut desk, "devolver", json!({})).await;
    phone.expect("mi-ticket", |args| args[0]["estado"] == "esperando").await;
    assert_eq!(done(&mut phone, "cancelar-ticket", json!({"token": ticket.token})).await["ticket"]["estado"], "cancelado");
    phone.expect("mi-ticket", |args| args[0]["estado"] == "cancelado").await;
    assert_eq!(phone.refused("cancelar-ticket", json!({"ticket": other.id})).await, "not_at_desk");
}

#[tokio::test]
async fn an_appointment_waits_when_its_visitor_has_come() {
    let office = office().await;
    let mut kiosk = office.kiosk().await;
    let booked = kiosk.take_as(json!({"servicio": "A", "cita": "11:30"})).await;
    assert_eq!(booked.estado, "reservado");
    let mut desk = office.desk(1).await;
    assert_eq!(desk.refused("atender-ticket", json!({})).await, "empty_queue");
    assert_eq!(kiosk.refused("siguiente-ticket", json!({"cita": "09:00"})).await, "bad_request", "that is past");
    let come = done(&mut kiosk, "registrar-llegada", json!({"ticket": booked.codigo})).await;
    assert_eq!((&come["ticket"]["estado"], come["ticket"].get("token"), come["ticket"].get("id")), (&json!("esperando"), None, None));
    assert_eq!(desk.call_next().await.id, booked.id);
}

#[tokio::test]
async fn the_day_is_closed_by_hand_and_opened_again() {
    let office = office().await;
    let mut display = office.display().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take_many("A", 2).await;
    let mut desk = office.desk(1).await;
    assert_eq!(kiosk.refused("cerrar-jornada", json!({})).await, "not_at_desk");
    done(&mut desk, "cerrar-jornada", json!({})).await;
    display.follow_to_change("jornada").await;
    assert!(display.board.shut);
    display.agrees().await;
    let refused = kiosk.emit_with_ack("siguiente-ticket", json!({})).await;
    assert_eq!((&refused["code"], refused.get("abre").is_some()), (&json!("closed"), true), "{refused}");
    done(&mut desk, "abrir-jornada", json!({})).await;
    display.follow_to_change("jornada").await;
    assert_eq!(done(&mut desk, "reactivar", json!({"ticket": "A-001"})).await["ticket"]["estado"], "esperando");
    assert_eq!(kiosk.take("A").await.codigo, "A-003");
    display.follow_to_change("emitido").await;
    display.agrees().await;
}

#[tokio::test]
async fn figures_and_certificates_tell_the_day() {
    let office = office().await;
    let mut kiosk = office.kiosk().await;
    kiosk.take("A").await;
    assert_eq!(kiosk.refused("cifras", json!({})).await, "not_at_desk");
    let mut desk = office.desk(1).await;
    done(&mut desk, "abrir-puesto", json!({})).await;
    office.clock().advance(Duration::from_secs(240));
    desk.call_next().await;
    desk.start().await;
    office.clock().advance(Duration::from_secs(360));
    done(&mut desk, "finalizar", json!({"resultado": "resuelto", "nota": "bien"})).await;
    let figures = done(&mut desk, "cifras", json!({"por": "servicio"})).await;
    let line = &figures["cifras"][0];
    assert_eq!((&line["grupo"], &line["finalizados"]), (&json!("caja"), &json!(1)), "{figures}");
    assert_eq!((&line["espera"]["media"], &line["atencion"]), (&json!(240_000), &json!(360_000)));
    let all = done(&mut desk, "cifras", json!({})).await;
    assert_eq!(all["cifras"][0]["porHora"], json!(6.0), "one in ten minutes");
    assert_eq!(desk.emit_with_ack("cifras", json!({"por": "color"})).await["code"], "bad_request");

    let certificate = done(&mut desk, "certificado", json!({"codigo": "A-001", "jornada": "2026-11-21"})).await["certificado"].clone();
    assert_eq!(
        (&certificate["espera"], &certificate["atencion"], &certificate["estado"]),
        (&json!(240_000), &json!(360_000), &json!("finalizado"))
    );
    let steps: Vec<_> = certificate["pasos"].as_array().unwrap().iter().map(|step| step["tipo"].as_str().unwrap()).collect();
    assert_eq!(steps, ["emitido", "llamado", "iniciado", "finalizado"]);
    assert!(!certificate.to_string().contains("bien"), "what the staff wrote is the staff's");
    assert_eq!(desk.emit_with_ack("certificado", json!({"codigo": "A-009", "jornada": "2026-11-21"})).await["code"], "unknown_ticket");
}

#[tokio::test]
async fn no_room_is_told_a_session_and_no_display_a_note() {
    let office = office().await;
    let mut display = office.display().await;
    let mut staff = office.desk(2).await;
    let mut desk = office.desk(1).await;
    office.kiosk().await.take_as(json!({"nombre": "Zenobia"})).await;
    let session = done(&mut desk, "abrir-puesto", json!({})).await["sesion"].as_str().unwrap().to_owned();
    desk.call_next().await;
    done(&mut desk, "finalizar", json!({"nota": "SECRETO"})).await;
    done(&mut desk, "cerrar-puesto", json!({})).await;
    display.follow_to_change("finalizado").await;
    let mut seen = display.emit_with_ack("cola", json!({"desde": 0})).await.to_string();
    seen += &display.emit_with_ack("entrar-pantalla", json!({})).await.to_string();
    for secret in [session.as_str(), "Zenobia", "SECRETO"] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
    let known = staff.emit_with_ack("cola", json!({"desde": 0})).await.to_string();
    assert!(known.contains("SECRETO") && !known.contains(&session));
}
