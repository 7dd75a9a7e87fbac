//! What the wire looks like, written out.

use serde_json::{Value, json};

use super::*;
use crate::office::arbitrary::{MORNING, Sample, daily, page, sample, word};
use crate::office::{
    By, Canceller, Command, DeskId, Group, Millis, Name, Place, Service, SessionId, Ticker, Ticket, TicketId, UserId, Wait,
};

const DESK: DeskId = DeskId(1);

/// A branch that has something of everything.
fn full() -> Settings {
    let mut settings = sample();
    let name = Name { es: "Pagos".into(), en: "Payments".into() };
    settings.groups = vec![Group { slug: "pagos".into(), name, parent: None }];
    settings.services[0] = Service { group: Some("pagos".into()), quota: Some(9), ..settings.services[0].clone() };
    settings.outcomes = vec![word("resuelto")];
    settings.pauses = vec![word("comida")];
    settings.hours = daily(8, 20);
    settings.recall_after = 0;
    settings
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn ticket(sample: &Sample, id: TicketId) -> &Ticket {
    sample.office.ticket(id).unwrap()
}

fn seen(sample: &Sample, view: View) -> Value {
    let settings = sample.office.settings().unwrap();
    let outlook = Outlook::of(&sample.office, sample.now);
    let ticker = Ticker { text: "Hola".into(), at: Millis(5) };
    let board = Board { office: &sample.office, settings, epoch: "e1", now: sample.now, ticker: Some(&ticker), outlook: &outlook, view };
    value(&snapshot(&board))
}

/// The changes that a command leads to, as one sees them.
fn told(sample: &mut Sample, by: By, command: Command, view: View) -> Vec<Value> {
    let mut office = sample.office.clone();
    let done = sample.tell_by(by, command).unwrap();
    let changes = done.entries.iter().map(|entry| {
        let earlier = Earlier::of(&office, entry);
        office.apply(entry);
        value(&change(&office, office.settings().unwrap(), entry, earlier, view))
    });
    changes.collect()
}

/// The value without the keys that are not looked at.
fn without(mut value: Value, keys: &[&str]) -> Value {
    for key in keys {
        value.as_object_mut().unwrap().remove(*key);
    }
    value
}

#[test]
fn a_ticket_by_every_eye() {
    let mut sample = Sample::new(full());
    sample.issue(1, 0);
    let id = sample.issue(1, 1);
    let (office, settings) = (&sample.office, sample.office.settings().unwrap());
    let own = value(&own_ticket(office, settings, ticket(&sample, id), Wait::Within(600_000)));
    let expected = json!({
        "id": id.to_string(), "token": ticket(&sample, id).token.to_string(), "codigo": "A-002", "numero": 2, "servicio": "caja",
        "nombreServicio": {"es": "caja", "en": "caja"}, "estado": "esperando", "prioridad": "class-1", "emitido": MORNING, "cita": null,
        "idioma": "es", "delante": 1, "espera": {"desde": 10, "hasta": 15}, "ultimo": null, "escritorio": null, "nombreEscritorio": null,
        "hasta": null, "aplazos": 2,
    });
    assert_eq!(own, expected);
    let paper = value(&paper_ticket(office, settings, ticket(&sample, id), Wait::Beyond));
    let mut expected = without(expected, &["id", "token"]);
    expected["espera"] = json!({"mas": 60});
    assert_eq!(paper, expected);
    assert_eq!(value(&own_ticket(office, settings, ticket(&sample, id), Wait::Unknown))["espera"], Value::Null);

    let staff = value(&staff_ticket(office, settings, ticket(&sample, id)));
    let expected = json!({
        "id": id.to_string(), "codigo": "A-002", "numero": 2, "servicio": "caja", "estado": "esperando", "prioridad": "class-1",
        "emitido": MORNING, "cita": null, "idioma": "es", "nombre": null, "nota": null, "escritorio": null, "para": null, "agente": null,
        "veces": 0, "tramo": 1, "llamado": null, "iniciado": null, "terminado": null, "retenido": null, "resultado": null, "hasta": null,
        "aplazado": null,
    });
    assert_eq!(staff, expected);
}

#[test]
fn a_snapshot_by_every_eye() {
    let mut sample = Sample::new(full());
    let [called, held, missed] = [0, 0, 0].map(|rank| sample.issue(1, rank));
    let mut tell = |command| drop(sample.tell_by(page(7), command).unwrap());
    tell(Command::OpenDesk { desk: DESK, take_over: false });
    tell(Command::Call { desk: DESK, ticket: missed });
    tell(Command::NoShow { desk: DESK, ticket: None });
    tell(Command::Call { desk: DESK, ticket: held });
    tell(Command::Hold { desk: DESK, ticket: None });
    tell(Command::Call { desk: DESK, ticket: called });
    sample.issue(2, 0);
    let away = sample.issue(2, 0);
    sample.done(Command::Defer { ticket: away });
    let public = seen(&sample, View::Public);
    let day = 3_600_000;
    let hours = json!({"abierto": true, "abre": null, "cierra": MORNING.0 + 11 * day});
    assert_eq!(
        public["sucursal"],
        json!({
            "id": 1, "nombre": "Centro", "zona": "Europe/Madrid", "idiomas": ["es", "en"], "abierta": true, "abre": null,
            "cierra": MORNING.0 + 11 * day, "politica": "accumulating", "deshacer": 10_000,
            "seguir": true, "aplazar": {"minutos": 10, "veces": 2},
            "resultados": [{"id": "resuelto", "nombre": {"es": "resuelto", "en": "resuelto"}}],
            "pausas": [{"id": "comida", "nombre": {"es": "comida", "en": "comida"}}],
        })
    );
    assert_eq!(public["grupos"], json!([{"id": "pagos", "nombre": {"es": "Pagos", "en": "Payments"}, "padre": null}]));
    let service = without(public["servicios"][0].clone(), &["espera"]);
    let mut expected = json!({
        "id": "caja", "prefijo": "A", "nombre": {"es": "caja", "en": "caja"}, "grupo": "pagos", "esperando": 0, "quedan": 6,
    });
    expected.as_object_mut().unwrap().extend(hours.as_object().unwrap().clone());
    assert_eq!(service, expected);
    assert_eq!(
        public["escritorios"],
        json!([
            {
                "id": 1, "nombre": {"es": "Desk 1", "en": "Desk 1"}, "servicios": ["caja", "informes"], "estado": "abierto",
                "ticket": {"codigo": "A-001", "numero": 1, "servicio": "caja", "estado": "llamado"},
            },
            {"id": 2, "nombre": {"es": "Desk 2", "en": "Desk 2"}, "servicios": ["caja", "informes"], "estado": "cerrado", "ticket": null},
        ])
    );
    assert_eq!(public["ausentes"], json!([{"codigo": "A-003", "numero": 3, "servicio": "caja", "hora": MORNING}]));
    assert_eq!(
        without(public["llamadas"][0].clone(), &["rev"]),
        json!({
            "llamada": 3, "codigo": "A-001", "numero": 1, "servicio": "caja", "escritorio": 1, "veces": 1, "idioma": "es", "hora": MORNING,
        })
    );
    assert_eq!((&public["cerrada"], &public["esperando"], &public["jornada"]), (&json!(false), &json!(1), &json!("2026-11-20")));
    assert_eq!(public["aviso"], json!({"mensaje": "Hola", "fecha": 5}));

    let staff = seen(&sample, View::Staff);
    let codes = |list: &str| -> Vec<String> {
        staff[list].as_array().unwrap().iter().map(|ticket| ticket["codigo"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        [codes("tickets"), codes("aplazados"), codes("retenidos"), codes("perdidos"), codes("reservados")],
        [vec!["B-001".to_owned()], vec!["B-002".into()], vec!["A-002".into()], vec!["A-003".into()], vec![],]
    );
    assert_eq!(staff["aplazados"][0]["aplazado"], json!(MORNING.0 + 10 * 60_000));
    assert_eq!(staff["perdidos"][0]["hasta"], json!(MORNING.0 + 30 * 60_000));
    let desk = without(staff["escritorios"][0].clone(), &["ticket", "nombre", "servicios"]);
    assert_eq!(
        desk,
        json!({
            "id": 1, "estado": "abierto", "agente": UserId(7).to_string(), "motivo": null, "desde": MORNING, "ocupado": true,
            "deshacer": MORNING.0 + 10_000,
        })
    );
    assert_eq!(staff["escritorios"][0]["ticket"]["agente"], UserId(7).to_string());
}

#[test]
fn a_desk_says_whether_it_is_one_s_own() {
    let mut sample = Sample::new(full());
    sample.tell_by(page(7), Command::OpenDesk { desk: DESK, take_over: false }).unwrap();
    sample.tell_by(page(7), Command::PauseDesk { desk: DESK, reason: Some("comida".into()) }).unwrap();
    let own = |session: Option<u128>| {
        value(&desk(&sample.office, sample.office.settings().unwrap(), DESK, session.map(SessionId)))["propio"].clone()
    };
    assert_eq!([own(Some(7)), own(Some(8)), own(None)], [json!(true), json!(false), json!(false)]);
    let staff = value(&desk(&sample.office, sample.office.settings().unwrap(), DESK, None));
    assert_eq!((&staff["estado"], &staff["motivo"]), (&json!("pausado"), &json!("comida")));
}

#[test]
fn the_changes_of_a_visit() {
    let mut sample = Sample::new(full());
    let id = sample.issue(1, 0);
    let opened = told(&mut sample, page(7), Command::OpenDesk { desk: DESK, take_over: false }, View::Staff);
    assert_eq!(
        without(opened[0].clone(), &["rev", "hora"]),
        json!({
            "tipo": "puesto", "escritorio": 1, "estado": "abierto", "agente": UserId(7).to_string(), "motivo": null, "desde": MORNING,
            "ocupado": true, "deshacer": null,
        })
    );
    let called = told(&mut sample, page(7), Command::CallNext { desk: DESK }, View::Public);
    assert_eq!(
        without(called[0].clone(), &["rev", "hora"]),
        json!({
            "tipo": "llamado", "codigo": "A-001", "numero": 1, "servicio": "caja", "estado": "llamado", "escritorio": 1, "prioridad": null,
            "esperando": 0, "esperandoTotal": 0, "llamada": 1, "veces": 1, "idioma": "es",
        })
    );
    let to = Command::Transfer { desk: DESK, ticket: None, service: Some(crate::office::ServiceId(2)), to: None, place: None };
    let sent = told(&mut sample, page(7), to, View::Staff);
    assert_eq!(
        without(sent[0].clone(), &["rev", "hora", "ticket"]),
        json!({
            "tipo": "derivado", "codigo": "A-001", "numero": 1, "servicio": "informes", "estado": "esperando", "escritorio": null,
            "prioridad": null, "esperando": 1, "esperandoTotal": 1, "antes": "caja", "esperandoAntes": 0, "por": 1,
            "deshacer": MORNING.0 + 10_000,
        })
    );
    assert_eq!(sent[0]["ticket"]["tramo"], 2);
    let undone = told(&mut sample, page(7), Command::Undo { desk: DESK }, View::Public);
    let undone = &undone[0];
    assert_eq!((&undone["tipo"], &undone["servicio"], &undone["estado"]), (&json!("deshecho"), &json!("caja"), &json!("llamado")));
    assert_eq!((&undone["antes"], &undone["esperandoAntes"]), (&json!("informes"), &json!(0)));
    assert_eq!(undone["llamadas"][0]["codigo"], "A-001");
    let words: Vec<_> = [
        Command::Recall { desk: DESK, ticket: None },
        Command::Start { desk: DESK, ticket: None },
        Command::Hold { desk: DESK, ticket: None },
        Command::Resume { desk: DESK, ticket: id },
        Command::Hold { desk: DESK, ticket: None },
        Command::Release { desk: DESK, ticket: id, place: Some(Place::First) },
        Command::Annotate { ticket: id, note: Some("n".into()) },
        Command::Cancel { ticket: id, by: Canceller::Staff },
        Command::Reactivate { ticket: id, place: None },
        Command::CallNext { desk: DESK },
        Command::Requeue { desk: DESK, ticket: None, place: None },
        Command::CallNext { desk: DESK },
        Command::NoShow { desk: DESK, ticket: None },
        Command::CloseDesk { desk: DESK, lost: false },
        Command::CloseDay,
        Command::ReopenDay,
    ]
    .into_iter()
    .flat_map(|command| told(&mut sample, page(7), command, View::Public))
    .map(|change| change["tipo"].as_str().unwrap().to_owned())
    .collect();
    assert_eq!(
        words,
        [
            "rellamado",
            "iniciado",
            "retenido",
            "retomado",
            "retenido",
            "liberado",
            "anotado",
            "cancelado",
            "reactivado",
            "llamado",
            "devuelto",
            "llamado",
            "ausente",
            "puesto",
            "jornada",
            "jornada",
        ]
    );
}

#[test]
fn a_day_that_is_closed_by_hand_stays_the_day() {
    let mut sample = Sample::new(full());
    let day = |sample: &mut Sample, command| without(told(sample, By::default(), command, View::Public).pop().unwrap(), &["rev", "hora"]);
    assert_eq!(day(&mut sample, Command::CloseDay), json!({"tipo": "jornada", "jornada": "2026-11-20", "cerrada": true}));
    assert_eq!(seen(&sample, View::Public)["servicios"][1]["abierto"], false);
    assert_eq!(seen(&sample, View::Public)["cerrada"], true);
    assert_eq!(day(&mut sample, Command::ReopenDay), json!({"tipo": "jornada", "jornada": "2026-11-20", "cerrada": false}));
}

#[test]
fn what_is_expected_is_told_for_every_service() {
    let sample = Sample::new(full());
    let at = |hours: i64| {
        let now = Millis(MORNING.0 + hours * 3_600_000);
        value(&Outlook::of(&sample.office, now).json(sample.office.settings().unwrap()))
    };
    let closes = MORNING.0 + 11 * 3_600_000;
    assert_eq!(
        at(0),
        json!([
            {"servicio": "caja", "espera": null, "abierto": true, "abre": null, "cierra": closes, "quedan": 9},
            {"servicio": "informes", "espera": null, "abierto": true, "abre": null, "cierra": closes, "quedan": null},
        ])
    );
    assert_eq!(
        at(12)[1],
        json!({
            "servicio": "informes", "espera": null, "abierto": false, "abre": MORNING.0 + 23 * 3_600_000, "cierra": null, "quedan": null,
        })
    );
}

#[test]
fn names_are_on_displays_only_where_the_branch_says_so() {
    for shown in [false, true] {
        let mut sample = Sample::new(Settings { names_on_display: shown, ..full() });
        let mut issue = crate::office::arbitrary::issue(TicketId(5), 1, 0);
        if let Command::Issue { name, .. } = &mut issue {
            *name = Some("Ana".into());
        }
        sample.done(issue);
        let told = told(&mut sample, By::default(), Command::CallNext { desk: DESK }, View::Public);
        let change = told.iter().find(|change| change["tipo"] == "llamado").unwrap();
        let board = seen(&sample, View::Public);
        for call in [change, &board["llamadas"][0]] {
            assert_eq!(call.get("nombre"), shown.then(|| json!("Ana")).as_ref());
        }
        assert!(!board["escritorios"].to_string().contains("Ana"));
    }
}
