//! Owns how a refusal of the office is told: one sentence in each language, with the names, numbers and times that help whoever reads it.
//! Decides nothing.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use chrono_tz::Tz;

use crate::office::{BadSettings, DeskId, Lang, Millis, Name, Office, Refused, ServiceId, State};

/// A refusal as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub code: &'static str,
    es: String,
    en: String,
    /// Of a refusal because it is closed: when it opens next, if anybody knows.
    pub opens: Option<Option<Millis>>,
}

impl Refusal {
    /// `now` says which day is today.
    pub fn new(refused: &Refused, office: &Office, now: Millis) -> Self {
        let (es, en) = Teller { office, now }.sentences(refused);
        let opens = if let Refused::Closed { opens, .. } = refused { Some(*opens) } else { None };
        Self { code: refused.code(), es, en, opens }
    }

    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Es => &self.es,
            Lang::En => &self.en,
        }
    }
}

/// Where and why settings contradict themselves: Spanish and English.
pub fn bad_settings(bad: &BadSettings) -> (String, String) {
    let BadSettings { place, problem: Name { es, en } } = bad;
    (format!("La configuración se contradice en {place}: {es}"), format!("The settings contradict themselves at {place}: {en}"))
}

struct Teller<'a> {
    office: &'a Office,
    now: Millis,
}

impl Teller<'_> {
    fn sentences(&self, refused: &Refused) -> (String, String) {
        match refused {
            Refused::Closed { service, opens } => self.closed(*service, *opens),
            Refused::QuotaReached { service, .. } => {
                let Name { es, en } = self.service(*service);
                (format!("Hoy ya no quedan turnos de {es}"), format!("There are no more tickets today for {en}"))
            }
            Refused::NoNumbersLeft { service } => {
                let Name { es, en } = self.service(*service);
                (format!("Hoy ya no quedan números de {es}"), format!("There are no numbers left today for {en}"))
            }
            Refused::DeskTaken { desk } => {
                let Name { es, en } = self.desk(*desk);
                (format!("{es}: otra persona lo tiene abierto"), format!("{en}: somebody else has it open"))
            }
            Refused::DeskPaused { desk } => {
                let Name { es, en } = self.desk(*desk);
                (format!("{es} está en pausa: hay que abrirlo antes de llamar"), format!("{en} pauses: open it before calling"))
            }
            Refused::DeskClosed { desk } => {
                let Name { es, en } = self.desk(*desk);
                (format!("{es} está cerrado"), format!("{en} is closed"))
            }
            Refused::AgentBusy { desk } => {
                let Name { es, en } = self.desk(*desk);
                (format!("Ya atiende en otro puesto: {es}"), format!("You are at another desk already: {en}"))
            }
            Refused::TooLate { code } => (
                format!("Ya es tarde para {code}: pasó el tiempo permitido"),
                format!("It is too late for {code}: the time for it is over"),
            ),
            Refused::NothingToUndo { .. } => both("No hay nada que se pueda deshacer", "There is nothing that can be undone"),
            Refused::UnknownOutcome => both("Ese resultado no existe", "There is no such outcome"),
            Refused::UnknownReason => both("Ese motivo de pausa no existe", "There is no such reason for a pause"),
            Refused::BadNote => both(
                "La nota es demasiado larga (2.000 caracteres) o tiene caracteres no permitidos",
                "The note is too long (2,000 characters) or has characters that are not allowed",
            ),
            Refused::BadName => both(
                "El nombre es demasiado largo (200 caracteres) o tiene caracteres no permitidos",
                "The name is too long (200 characters) or has characters that are not allowed",
            ),
            Refused::BadTime => both("La cita tiene que ser hoy, más tarde", "The appointment must be later today"),
            Refused::SameQueue { code } => (
                format!("{code} ya espera ahí: elija otro servicio o escritorio"),
                format!("{code} waits there already: choose another service or desk"),
            ),
            Refused::UnknownService(_) => both("Ese servicio no existe", "There is no such service"),
            Refused::UnknownDesk(_) => both("Ese escritorio no existe", "There is no such desk"),
            Refused::UnknownTicket(_) => both("Ese turno no existe hoy", "There is no such ticket today"),
            Refused::UnknownClass(_) => both("Esa prioridad no existe", "There is no such priority"),
            Refused::EmptyQueue { .. } => both("No hay nadie esperando", "Nobody is waiting"),
            Refused::DeskBusy { code, .. } => {
                (format!("El escritorio ya tiene un turno: {code}"), format!("The desk has a ticket already: {code}"))
            }
            Refused::NoActiveTicket { .. } => both("El escritorio no tiene ningún turno", "The desk has no ticket"),
            Refused::WrongTicket { code, .. } => {
                (format!("El escritorio tiene otro turno: {code}"), format!("The desk holds another ticket: {code}"))
            }
            Refused::WrongState { code, state } => {
                let (es, en) = state_words(*state);
                (format!("No se puede: {code} {es}"), format!("That cannot be done: {code} {en}"))
            }
            Refused::WrongService { code, .. } => {
                (format!("El escritorio no atiende el servicio de {code}"), format!("The desk does not serve the service of {code}"))
            }
            Refused::TooOften { times: 0, .. } => both("Aquí no se puede pedir más tiempo", "More time cannot be asked for here"),
            Refused::TooOften { code, times } => (
                format!("{code} ya pidió más tiempo {}", count(i64::from(*times), "vez", "veces")),
                format!("{code} has asked for more time {} already", count(i64::from(*times), "time", "times")),
            ),
            Refused::TooSoon { code, wait } => {
                let seconds = wait.0.max(1).saturating_add(999) / 1000;
                (
                    format!("{code} acaba de ser llamado: espere {}", count(seconds, "segundo", "segundos")),
                    format!("{code} was called a moment ago: wait {}", count(seconds, "second", "seconds")),
                )
            }
            Refused::TooFewCalls { code, calls, needed } => {
                let missing = i64::from(needed.saturating_sub(*calls));
                (
                    format!("Hay que llamar a {code} {} más antes de marcarlo ausente", count(missing, "vez", "veces")),
                    format!("Call {code} {} more before it counts as absent", count(missing, "time", "times")),
                )
            }
            Refused::ServiceInUse { open, .. } => (
                format!("El servicio todavía tiene {}", count(*open as i64, "turno abierto", "turnos abiertos")),
                format!("The service still has {}", count(*open as i64, "open ticket", "open tickets")),
            ),
            Refused::DeskInUse { code, .. } => {
                (format!("El escritorio todavía tiene el turno {code}"), format!("The desk still has ticket {code}"))
            }
            Refused::NotConfigured => both("La sucursal todavía no está configurada", "The branch is not configured yet"),
            Refused::BadSettings(bad) => bad_settings(bad),
            Refused::UsedId(_) => both("Ese turno ya existe", "That ticket exists already"),
        }
    }

    fn closed(&self, service: Option<ServiceId>, opens: Option<Millis>) -> (String, String) {
        let (es, en) = match service {
            Some(service) => {
                let Name { es, en } = self.service(service);
                (format!("Ahora no se dan turnos de {es}"), format!("No tickets are given now for {en}"))
            }
            None => both("Ahora está cerrado", "It is closed now"),
        };
        match opens.and_then(|opens| self.moment(opens)) {
            Some((when_es, when_en)) => (format!("{es}. Abre {when_es}"), format!("{en}. It opens {when_en}")),
            None => (es, en),
        }
    }

    /// "el lunes a las 8:00": a moment to come on the branch's wall clock; the date too where the weekday alone could be meant otherwise.
    fn moment(&self, at: Millis) -> Option<(String, String)> {
        let zone = self.office.settings()?.time_zone;
        let (then, now) = (local(zone, at)?, local(zone, self.now)?);
        let days = (then.date() - now.date()).num_days();
        let time = format!("{}:{:02}", then.hour(), then.minute());
        let article = if then.hour() == 1 { "a la" } else { "a las" };
        let weekday = then.weekday().num_days_from_monday() as usize;
        let (day_es, day_en) = match days {
            0 => both("hoy", "today"),
            1 => both("mañana", "tomorrow"),
            2..=6 => (format!("el {}", DAYS_ES[weekday]), format!("on {}", DAYS_EN[weekday])),
            _ => {
                let (day, month) = (then.day(), then.month0() as usize);
                (
                    format!("el {} {day} de {}", DAYS_ES[weekday], MONTHS_ES[month]),
                    format!("on {} {day} {}", DAYS_EN[weekday], MONTHS_EN[month]),
                )
            }
        };
        Some((format!("{day_es} {article} {time}"), format!("{day_en} at {time}")))
    }

    fn service(&self, id: ServiceId) -> Name {
        let found = self.office.settings().and_then(|settings| settings.service(id));
        found.map_or_else(|| Name { es: "ese servicio".into(), en: "that service".into() }, |service| service.name.clone())
    }

    fn desk(&self, id: DeskId) -> Name {
        let found = self.office.settings().and_then(|settings| settings.desk(id));
        found.map_or_else(|| Name { es: format!("Escritorio {id}"), en: format!("Desk {id}") }, |desk| desk.name.clone())
    }
}

const DAYS_ES: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_ES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];
const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

fn state_words(state: State) -> (&'static str, &'static str) {
    match state {
        State::Booked => ("tiene cita y aún no ha llegado", "is booked and not here yet"),
        State::Waiting => ("está esperando", "is waiting"),
        State::Called => ("está llamado", "is called"),
        State::Serving => ("se está atendiendo", "is being served"),
        State::Deferred => ("está aplazado", "is put off"),
        State::Held => ("está retenido", "is on hold"),
        State::Finished => ("ya está finalizado", "is finished"),
        State::Missed => ("está ausente", "is absent"),
        State::Cancelled => ("está cancelado", "is cancelled"),
        State::Expired => ("ha vencido", "has expired"),
    }
}

fn both(es: &str, en: &str) -> (String, String) {
    (es.to_owned(), en.to_owned())
}

fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn local(zone: Tz, at: Millis) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp_millis(at.0)?.with_timezone(&zone).naive_local())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::arbitrary::{MINUTE, MORNING, Sample, sample};
    use crate::office::{Rank, TicketId};

    /// A Friday, 09:00 in Madrid.
    fn told(refused: &Refused) -> (String, String) {
        let refusal = Refusal::new(refused, &Sample::new(sample()).office, MORNING);
        (refusal.message(Lang::Es).to_owned(), refusal.message(Lang::En).to_owned())
    }

    fn opens(minutes: i64) -> (String, String) {
        told(&Refused::Closed { service: None, opens: Some(Millis(MORNING.0 + minutes * MINUTE)) })
    }

    #[test]
    fn who_comes_too_early_is_told_when_it_opens_on_the_wall_of_the_branch() {
        let day = 24 * 60;
        let expected = [
            (420, "hoy a las 16:00", "today at 16:00"),
            (day - 470, "mañana a la 1:10", "tomorrow at 1:10"),
            (3 * day - 60, "el lunes a las 8:00", "on Monday at 8:00"),
            (7 * day, "el viernes 27 de noviembre a las 9:00", "on Friday 27 November at 9:00"),
        ];
        for (minutes, es, en) in expected {
            assert_eq!(opens(minutes), (format!("Ahora está cerrado. Abre {es}"), format!("It is closed now. It opens {en}")));
        }
        let service = told(&Refused::Closed { service: Some(ServiceId(2)), opens: None });
        assert_eq!(service, both("Ahora no se dan turnos de informes", "No tickets are given now for informes"));
    }

    #[test]
    fn a_refusal_because_it_is_closed_says_when_it_opens_and_no_other_does() {
        let office = Sample::new(sample()).office;
        for opens in [None, Some(Millis(5))] {
            assert_eq!(Refusal::new(&Refused::Closed { service: None, opens }, &office, MORNING).opens, Some(opens));
        }
        assert_eq!(Refusal::new(&Refused::BadTime, &office, MORNING).opens, None);
    }

    #[test]
    fn numbers_are_told_as_one_says_them() {
        let soon = |wait| told(&Refused::TooSoon { code: "A-001".into(), wait: Millis(wait) }).0;
        assert_eq!(soon(1), "A-001 acaba de ser llamado: espere 1 segundo");
        assert_eq!(soon(1001), "A-001 acaba de ser llamado: espere 2 segundos");
        let few = told(&Refused::TooFewCalls { code: "A-001".into(), calls: 1, needed: 3 });
        assert_eq!(few.0, "Hay que llamar a A-001 2 veces más antes de marcarlo ausente");
        assert_eq!(few.1, "Call A-001 2 times more before it counts as absent");
    }

    #[test]
    fn every_refusal_is_one_sentence_in_each_language() {
        let (code, desk, service) = (String::from("A-001"), DeskId(1), ServiceId(1));
        let all = [
            Refused::NotConfigured,
            Refused::BadSettings(BadSettings {
                place: "hours".into(),
                problem: Name { es: "acaba antes de empezar".into(), en: "ends before it begins".into() },
            }),
            Refused::ServiceInUse { service, open: 1 },
            Refused::DeskInUse { desk, code: code.clone() },
            Refused::Closed { service: Some(service), opens: Some(MORNING) },
            Refused::QuotaReached { service, quota: 5 },
            Refused::NoNumbersLeft { service },
            Refused::BadTime,
            Refused::BadName,
            Refused::BadNote,
            Refused::UnknownOutcome,
            Refused::UnknownReason,
            Refused::UsedId(TicketId(1)),
            Refused::UnknownService(ServiceId(9)),
            Refused::UnknownDesk(DeskId(9)),
            Refused::UnknownTicket(TicketId(9)),
            Refused::UnknownClass(Rank(9)),
            Refused::EmptyQueue { desk },
            Refused::DeskBusy { desk, code: code.clone() },
            Refused::DeskTaken { desk },
            Refused::DeskPaused { desk },
            Refused::DeskClosed { desk: DeskId(9) },
            Refused::AgentBusy { desk },
            Refused::NoActiveTicket { desk },
            Refused::WrongTicket { desk, code: code.clone() },
            Refused::WrongState { code: code.clone(), state: State::Held },
            Refused::WrongService { desk, code: code.clone() },
            Refused::SameQueue { code: code.clone() },
            Refused::TooLate { code: code.clone() },
            Refused::NothingToUndo { desk },
            Refused::TooSoon { code: code.clone(), wait: Millis(900) },
            Refused::TooFewCalls { code, calls: 0, needed: 1 },
        ];
        let mut sentences = std::collections::BTreeSet::new();
        for refused in &all {
            let (es, en) = told(refused);
            assert!(!es.ends_with('.') && !en.ends_with('.') && es != en, "{es} / {en}");
            sentences.insert(es);
            sentences.insert(en);
        }
        assert_eq!(sentences.len(), 2 * all.len(), "{sentences:#?}");
    }
}
