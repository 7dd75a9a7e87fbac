//! Owns what staff may ask of the past, and how the answers look: figures of business days, the wait certificate of a ticket. Computes nothing.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::messages::missing_both;
use super::payload::{self, Label};
use super::view::{self, class, slug, state};
use crate::office::certificate::{self, Certificate, Named, Waited, What};
use crate::office::figures::{self, By, Figures, Group, Line, Scope, Spread, WeekdayHour};
use crate::office::{Channel, DeskId, Millis, Office, Settings, State, Ticket, TicketId, UserId};
use crate::wrong::Wrong;

/// Days of one report.
const MOST_DAYS: i64 = 366;

/// What `cifras` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub scope: Scope,
    pub by: By,
}

/// Which ticket `certificado` is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certified {
    /// Of today.
    Ticket(TicketId),
    /// Of a business day, by what stood on the paper.
    Code { code: String, day: NaiveDate },
}

#[derive(Debug, Default, Deserialize)]
struct AskFigures {
    desde: Option<NaiveDate>,
    hasta: Option<NaiveDate>,
    #[serde(default)]
    por: Division,
    escritorio: Option<Label>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Division {
    #[default]
    Nada,
    Servicio,
    Escritorio,
    Agente,
    Prioridad,
    Canal,
    Hora,
    DiaSemana,
    DiaHora,
    Jornada,
}

#[derive(Debug, Default, Deserialize)]
struct AskCertificate {
    ticket: Option<String>,
    codigo: Option<String>,
    jornada: Option<NaiveDate>,
}

/// `cifras`
pub fn asked(office: &Office, raw: Option<&str>, now: Millis) -> Result<Asked, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownDesk)?;
    let AskFigures { desde, hasta, por, escritorio } = payload::read(raw)?;
    let today = office.day().unwrap_or_else(|| settings.calendar().date(now));
    let (from, to) = (desde.unwrap_or(today), hasta.unwrap_or(today));
    match (to - from).num_days() {
        days if days < 0 => return Err(Failure::BadRequest(Wrong::at("hasta", "es anterior a desde", "it comes before desde"))),
        days if days >= MOST_DAYS => return Err(Failure::BadRequest(too_long())),
        _ => {}
    }
    let desk = escritorio.map(|label| payload::desk(settings, &label)).transpose()?;
    Ok(Asked { scope: Scope { desk, ..Scope::days(from, to) }, by: por.into() })
}

/// `certificado`
pub fn certified(office: &Office, raw: Option<&str>) -> Result<Certified, Failure> {
    let AskCertificate { ticket, codigo, jornada } = payload::read(raw)?;
    match (ticket, codigo, jornada) {
        (Some(ticket), _, _) => payload::ticket(office, &ticket).map(Certified::Ticket),
        (None, Some(code), Some(day)) => Ok(Certified::Code { code: code.trim().to_ascii_uppercase(), day }),
        (None, Some(code), None) => payload::ticket(office, &code).map(Certified::Ticket),
        (None, None, _) => Err(missing_both("ticket", "codigo")),
    }
}

fn too_long() -> Wrong {
    Wrong::at("desde", format!("como mucho {MOST_DAYS} días hasta hasta"), format!("at most {MOST_DAYS} days up to hasta"))
}

/// A page of the tickets of a business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub day: NaiveDate,
    /// Whether that is today.
    pub today: bool,
    pub state: Option<State>,
    /// Behind this one.
    pub after: Option<TicketId>,
    pub limit: usize,
}

/// `{tickets:[…], siguiente}` of at most `limit` tickets; one more says that there is another page.
pub fn page(settings: &Settings, listed: &Listed, tickets: &[Ticket]) -> String {
    let shown = &tickets[..tickets.len().min(listed.limit)];
    let next = shown.last().filter(|_| tickets.len() > shown.len()).map(|ticket| ticket.id);
    let list: Vec<_> = shown.iter().map(|ticket| view::past_ticket(settings, ticket, listed.today)).collect();
    format!(r#"{{"ok":true,"tickets":[{}],"siguiente":{}}}"#, list.join(","), view::json(&next))
}

/// Figures as a table for spreadsheets: RFC 4180, columns in English as `siguiente report` has them.
pub fn sheet(settings: &Settings, lines: &[Line]) -> String {
    let name = |wanted: &Group| match group(settings, *wanted) {
        GroupView::Nobody => String::new(),
        GroupView::Text(text) => text.to_owned(),
        GroupView::Number(number) => number.to_string(),
        GroupView::User(user) => user.to_string(),
        GroupView::WeekdayHour(of_week) => of_week.to_string(),
        GroupView::Day(day) => day.to_string(),
    };
    figures::csv::report(lines, name)
}

/// The acknowledgement of `cifras`.
pub fn figures(settings: &Settings, lines: &[Line]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| FiguresView::new(settings, line)).collect();
    format!(r#"{{"ok":true,"cifras":{}}}"#, view::json(&lines))
}

/// The acknowledgement of `certificado`.
pub fn certificate(settings: &Settings, certificate: &Certificate) -> String {
    format!(r#"{{"ok":true,"certificado":{}}}"#, view::json(&CertificateView::new(settings, certificate)))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Figures")]
pub struct FiguresView<'a> {
    grupo: GroupView<'a>,
    emitidos: u64,
    tramos: u64,
    reservados: u64,
    dudosos: u64,
    abiertos: u64,
    llamados: u64,
    finalizados: u64,
    derivados: u64,
    ausentes: u64,
    idos: u64,
    cancelados: u64,
    vencidos: u64,
    espera: SpreadView,
    #[serde(rename = "esperaPrimera")]
    first_wait: SpreadView,
    camino: Option<i64>,
    atencion: Option<i64>,
    estancia: Option<i64>,
    nivel: Option<f64>,
    #[serde(rename = "nivelEn")]
    level_within: i64,
    #[serde(rename = "tasaAusentes")]
    no_show: Option<f64>,
    abandono: Option<f64>,
    estimacion: AccuracyView,
    #[serde(rename = "porHora")]
    throughput: Option<f64>,
    ocupacion: Option<f64>,
    #[serde(rename = "ocioConCola")]
    idle: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "FiguresGroup")]
enum GroupView<'a> {
    Nobody,
    Text(&'a str),
    Number(u32),
    User(UserId),
    WeekdayHour(#[schemars(with = "String")] WeekdayHour),
    Day(NaiveDate),
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Spread")]
struct SpreadView {
    media: Option<i64>,
    p50: Option<i64>,
    p90: Option<i64>,
    max: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Accuracy")]
struct AccuracyView {
    error: Option<i64>,
    dentro: Option<f64>,
}

impl<'a> FiguresView<'a> {
    fn new(settings: &'a Settings, line: &Line) -> Self {
        let figures: &Figures = &line.figures;
        Self {
            grupo: group(settings, line.group),
            emitidos: figures.tickets,
            tramos: figures.stays,
            reservados: figures.booked,
            dudosos: figures.unreliable,
            abiertos: figures.open,
            llamados: figures.called,
            finalizados: figures.finished,
            derivados: figures.transferred,
            ausentes: figures.missed,
            idos: figures.left,
            cancelados: figures.cancelled,
            vencidos: figures.expired,
            espera: figures.wait.into(),
            first_wait: figures.first_wait.into(),
            camino: figures.walk.mean,
            atencion: figures.service.mean,
            estancia: figures.stay.mean,
            nivel: figures.in_time.value(),
            level_within: i64::from(settings.answer_within) * 1000,
            no_show: figures.no_show.value(),
            abandono: figures.abandoned.value(),
            estimacion: AccuracyView { error: figures.estimates.mean_error, dentro: figures.estimates.inside.value() },
            throughput: figures.desks.and_then(|desks| desks.throughput()),
            ocupacion: figures.desks.and_then(|desks| desks.utilisation()),
            idle: figures.desks.map(|desks| desks.idle),
        }
    }
}

fn group(settings: &Settings, group: Group) -> GroupView<'_> {
    match group {
        Group::All => GroupView::Nobody,
        Group::Service(service) => GroupView::Text(slug(settings, service)),
        Group::Desk(desk) => desk.map_or(GroupView::Nobody, |desk| GroupView::Number(desk.0)),
        Group::Agent(agent) => agent.map_or(GroupView::Nobody, GroupView::User),
        Group::Priority(rank) => class(settings, rank).map_or(GroupView::Nobody, GroupView::Text),
        Group::Channel(channel) => GroupView::Text(match channel {
            Channel::Live => "directo",
            Channel::Rest => "rest",
            Channel::Demo => "demo",
        }),
        Group::Hour(number) | Group::Weekday(number) => GroupView::Number(number.into()),
        Group::WeekdayHour(of_week) => GroupView::WeekdayHour(of_week),
        Group::Day(date) => GroupView::Day(date),
    }
}

impl From<Spread> for SpreadView {
    fn from(Spread { mean, p50, p90, max, .. }: Spread) -> Self {
        Self { media: mean, p50, p90, max }
    }
}

impl From<Division> for By {
    fn from(division: Division) -> Self {
        match division {
            Division::Nada => Self::Nothing,
            Division::Servicio => Self::Service,
            Division::Escritorio => Self::Desk,
            Division::Agente => Self::Agent,
            Division::Prioridad => Self::Priority,
            Division::Canal => Self::Channel,
            Division::Hora => Self::Hour,
            Division::DiaSemana => Self::Weekday,
            Division::DiaHora => Self::WeekdayHour,
            Division::Jornada => Self::Day,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Certificate")]
pub struct CertificateView<'a> {
    sucursal: &'a str,
    zona: &'static str,
    jornada: NaiveDate,
    codigo: &'a str,
    nombre: Option<&'a str>,
    prioridad: Option<&'a str>,
    estado: &'static str,
    emitido: MomentView<'a>,
    cita: Option<MomentView<'a>>,
    terminado: Option<MomentView<'a>>,
    veces: u32,
    espera: i64,
    atencion: i64,
    esperas: Vec<WaitedView<'a>>,
    pasos: Vec<StepView<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Moment")]
struct MomentView<'a> {
    hora: Millis,
    local: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Waited")]
struct WaitedView<'a> {
    servicio: &'a str,
    desde: MomentView<'a>,
    hasta: Option<MomentView<'a>>,
    dura: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
struct StepView<'a> {
    rev: u64,
    #[serde(flatten)]
    time: MomentView<'a>,
    tipo: &'static str,
    servicio: &'a str,
    escritorio: Option<u32>,
    para: Option<u32>,
    estado: &'static str,
}

impl<'a> CertificateView<'a> {
    fn new(settings: &'a Settings, certificate: &'a Certificate) -> Self {
        Self {
            sucursal: &certificate.branch,
            zona: certificate.time_zone.name(),
            jornada: certificate.day,
            codigo: &certificate.code,
            nombre: certificate.name.as_deref(),
            prioridad: class(settings, certificate.rank),
            estado: state(certificate.state),
            emitido: MomentView::from(&certificate.issued),
            cita: certificate.booked_for.as_ref().map(MomentView::from),
            terminado: certificate.ended.as_ref().map(MomentView::from),
            veces: certificate.calls,
            espera: certificate.waited,
            atencion: certificate.served,
            esperas: certificate.waits.iter().map(|waited| WaitedView::new(settings, waited)).collect(),
            pasos: certificate.steps.iter().map(|step| StepView::new(settings, step)).collect(),
        }
    }
}

impl<'a> WaitedView<'a> {
    fn new(settings: &'a Settings, waited: &'a Waited) -> Self {
        Self {
            servicio: slug(settings, waited.service.id),
            desde: MomentView::from(&waited.from),
            hasta: waited.to.as_ref().map(MomentView::from),
            dura: waited.length,
        }
    }
}

impl<'a> StepView<'a> {
    fn new(settings: &'a Settings, step: &'a certificate::Step) -> Self {
        let number = |desk: &Named<DeskId>| desk.id.0;
        Self {
            rev: step.rev,
            time: MomentView::from(&step.time),
            tipo: word(step.what),
            servicio: slug(settings, step.service.id),
            escritorio: step.desk.as_ref().map(number),
            para: step.reserved.as_ref().map(number),
            estado: state(step.state),
        }
    }
}

impl<'a> From<&'a certificate::Moment> for MomentView<'a> {
    fn from(moment: &'a certificate::Moment) -> Self {
        Self { hora: moment.at, local: &moment.local }
    }
}

/// As the changes say it; a certificate knows a little more.
fn word(what: What) -> &'static str {
    match what {
        What::Issued => "emitido",
        What::Booked => "reservado",
        What::CheckedIn => "registrado",
        What::Called => "llamado",
        What::CalledAgain => "rellamado",
        What::Started => "iniciado",
        What::Deferred => "aplazado",
        What::Returned => "vuelto",
        What::Held => "retenido",
        What::Resumed => "retomado",
        What::PutBack => "devuelto",
        What::Released => "liberado",
        What::Transferred => "derivado",
        What::Finished => "finalizado",
        What::Missed => "ausente",
        What::Left => "ido",
        What::Cancelled => "cancelado",
        What::Expired => "vencido",
        What::Reactivated => "reactivado",
        What::Undone => "deshecho",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::office::arbitrary::{MORNING, Sample, sample};
    use crate::office::figures::{Accuracy, AtDesks, Share};
    use crate::office::{DeskId, Rank, ServiceId};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn figures_are_of_today_when_nothing_is_said() {
        let office = Sample::new(sample()).office;
        let today = date("2026-11-20");
        assert_eq!(asked(&office, None, MORNING).unwrap(), Asked { scope: Scope::days(today, today), by: By::Nothing });
        let raw = r#"{"desde":"2026-11-01","hasta":"2026-11-30","por":"dia-semana","escritorio":"Desk 2"}"#;
        let scope = Scope { desk: Some(DeskId(2)), ..Scope::days(date("2026-11-01"), date("2026-11-30")) };
        assert_eq!(asked(&office, Some(raw), MORNING).unwrap(), Asked { scope, by: By::Weekday });
        assert_eq!(asked(&office, Some(r#"{"por":"dia-hora"}"#), MORNING).unwrap().by, By::WeekdayHour);
        let bad = [
            r#"{"desde":"2026-11-21"}"#,
            r#"{"desde":"2025-11-19"}"#,
            r#"{"desde":"2026-02-30"}"#,
            r#"{"desde":7}"#,
            r#"{"por":"todo"}"#,
            "[]",
        ];
        for raw in bad {
            assert_eq!(asked(&office, Some(raw), MORNING).unwrap_err().code(), "bad_request", "{raw}");
        }
        assert_eq!(asked(&office, Some(r#"{"escritorio":9}"#), MORNING), Err(Failure::UnknownDesk));
    }

    #[test]
    fn a_certificate_is_of_today_or_of_a_day() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        for raw in [format!(r#"{{"ticket":"{ticket}"}}"#), r#"{"ticket":"a-001"}"#.into(), r#"{"codigo":"A-001"}"#.into()] {
            assert_eq!(certified(&sample.office, Some(&raw)), Ok(Certified::Ticket(ticket)), "{raw}");
        }
        let raw = r#"{"codigo":"a-017","jornada":"2026-01-02"}"#;
        assert_eq!(certified(&sample.office, Some(raw)), Ok(Certified::Code { code: "A-017".into(), day: date("2026-01-02") }));
        assert_eq!(certified(&sample.office, Some(r#"{"ticket":"A-002"}"#)), Err(Failure::UnknownTicket));
        assert_eq!(certified(&sample.office, None).unwrap_err().code(), "bad_request");
    }

    #[test]
    fn figures_look_as_documented() {
        let spread = Spread { count: 2, mean: Some(5), p50: Some(4), p90: Some(6), max: Some(6) };
        let desks = AtDesks { open: 3_600_000, paused: 0, busy: 1_800_000, idle: 7, finished: 12 };
        let figures = Figures {
            tickets: 1,
            stays: 2,
            booked: 3,
            unreliable: 4,
            open: 5,
            finished: 6,
            transferred: 7,
            missed: 8,
            left: 9,
            cancelled: 10,
            expired: 11,
            called: 12,
            wait: spread,
            in_time: Share { count: 1, of: 2 },
            estimates: Accuracy { count: 1, mean_error: Some(9), inside: Share { count: 1, of: 4 } },
            desks: Some(desks),
            ..Figures::default()
        };
        let answer: Value = serde_json::from_str(&super::figures(&sample(), &[Line { group: Group::All, figures }])).unwrap();
        let expected = json!({"ok": true, "cifras": [{
            "grupo": null, "emitidos": 1, "tramos": 2, "reservados": 3, "dudosos": 4, "abiertos": 5, "finalizados": 6, "derivados": 7,
            "ausentes": 8, "idos": 9, "cancelados": 10, "vencidos": 11, "llamados": 12,
            "espera": {"media": 5, "p50": 4, "p90": 6, "max": 6},
            "esperaPrimera": {"media": null, "p50": null, "p90": null, "max": null},
            "camino": null, "atencion": null, "estancia": null, "nivel": 0.5, "nivelEn": 900_000, "tasaAusentes": null, "abandono": null,
            "estimacion": {"error": 9, "dentro": 0.25}, "porHora": 12.0, "ocupacion": 0.5, "ocioConCola": 7,
        }]});
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_certificate_looks_as_documented() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 1);
        sample.pass(60_000);
        sample.done(crate::office::Command::Call { desk: DeskId(2), ticket });
        let settings = sample.office.settings().unwrap();
        let told = super::certificate(settings, &certificate::of(ticket, &sample.log, settings).unwrap());
        let mut answer: Value = serde_json::from_str(&told).unwrap();
        let step = answer["certificado"]["pasos"].as_array_mut().unwrap().pop().unwrap();
        let (issued, called) = (json!({"hora": MORNING, "local": "2026-11-20T09:00:00+01:00"}), MORNING.0 + 60_000);
        assert_eq!(
            step,
            json!({
                "rev": step["rev"], "hora": called, "local": "2026-11-20T09:01:00+01:00", "tipo": "llamado", "servicio": "caja", "escritorio": 2,
                "para": null, "estado": "llamado",
            })
        );
        answer["certificado"].as_object_mut().unwrap().remove("pasos");
        assert_eq!(
            answer,
            json!({"ok": true, "certificado": {
                "sucursal": "Centro", "zona": "Europe/Madrid", "jornada": "2026-11-20", "codigo": "A-001", "nombre": null, "prioridad": "class-1",
                "estado": "llamado", "emitido": issued, "cita": null, "terminado": null, "veces": 1, "espera": 60_000, "atencion": 0,
                "esperas": [{
                    "servicio": "caja", "desde": issued, "hasta": {"hora": called, "local": "2026-11-20T09:01:00+01:00"}, "dura": 60_000,
                }],
            }})
        );
    }

    #[test]
    fn a_group_is_named_as_the_wire_names_it() {
        let settings = sample();
        let named = |of| serde_json::to_value(group(&settings, of)).unwrap();
        assert_eq!(named(Group::Service(ServiceId(2))), "informes");
        assert_eq!((named(Group::Desk(Some(DeskId(2)))), named(Group::Desk(None))), (json!(2), Value::Null));
        assert_eq!((named(Group::Priority(Rank(1))), named(Group::Priority(Rank(0)))), (json!("class-1"), Value::Null));
        assert_eq!((named(Group::Channel(Channel::Live)), named(Group::Weekday(7))), (json!("directo"), json!(7)));
        assert_eq!(named(Group::WeekdayHour(WeekdayHour { weekday: 1, hour: 9 })), "1-09");
        assert_eq!(named(Group::Day(date("2026-11-20"))), "2026-11-20");
        assert_eq!(named(Group::Agent(Some(UserId(10)))), format!("{:032x}", 10));
    }
}
