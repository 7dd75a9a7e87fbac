//! Owns how it is told why a ticket is next: one plain sentence in each language, and the numbers behind it. Decides nothing.

use schemars::JsonSchema;
use serde::Serialize;

use super::failure::Failure;
use super::view::{self, class, slug};
use crate::office::{Counted, DeskId, Lang, Millis, Name, Office, Rank, Reason, ServiceId, Settings};

/// `motivo`
#[derive(Serialize, JsonSchema)]
pub struct Why<'a> {
    texto: String,
    #[serde(flatten)]
    rule: Rule<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase", tag = "regla")]
enum Rule<'a> {
    Unico,
    Delante,
    Colocado,
    Reservado { espero: i64 },
    Llegada { espero: i64 },
    Orden { servicio: &'a str, antes: &'a str, espero: i64 },
    Clase { prioridad: Option<&'a str>, sobre: Option<&'a str> },
    Acumulado { prioridad: Option<&'a str>, espero: i64, cuenta: i64, contra: Against<'a> },
    Peso { servicio: &'a str, espero: i64, cuenta: i64, contra: Against<'a> },
    Proporcion { prioridad: Option<&'a str>, normales: u32, cada: u32 },
}

/// The one who came before.
#[derive(Serialize, JsonSchema)]
struct Against<'a> {
    servicio: &'a str,
    prioridad: Option<&'a str>,
    espero: i64,
    cuenta: i64,
}

/// The acknowledgement of `proximo`: who would be called next at a desk, and why.
pub fn next(office: &Office, desk: DeskId, now: Millis, lang: Lang) -> Result<String, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownDesk)?;
    Ok(match office.next_for(desk, now) {
        Some((ticket, reason)) => {
            let (ticket, why) = (view::staff_ticket(office, settings, ticket), why(settings, &reason, lang));
            format!(r#"{{"ok":true,"ticket":{ticket},"motivo":{why}}}"#)
        }
        None => r#"{"ok":true,"ticket":null,"motivo":null}"#.into(),
    })
}

/// `motivo`: the rule, its numbers and one sentence.
pub fn why(settings: &Settings, reason: &Reason, lang: Lang) -> String {
    view::json(&Why { texto: sentence(settings, reason, lang), rule: rule(settings, reason) })
}

fn rule<'a>(settings: &'a Settings, reason: &Reason) -> Rule<'a> {
    let against = |counted: Counted| Against {
        servicio: slug(settings, counted.service),
        prioridad: class(settings, counted.rank),
        espero: counted.waited,
        cuenta: counted.counts_as,
    };
    match *reason {
        Reason::OnlyOne => Rule::Unico,
        Reason::PutFirst => Rule::Delante,
        Reason::Placed => Rule::Colocado,
        Reason::Reserved { waited } => Rule::Reservado { espero: waited },
        Reason::Arrival { waited } => Rule::Llegada { espero: waited },
        Reason::Tier { service, before, waited } => {
            Rule::Orden { servicio: slug(settings, service), antes: slug(settings, before), espero: waited }
        }
        Reason::Class { rank, over } => Rule::Clase { prioridad: class(settings, rank), sobre: class(settings, over) },
        Reason::Accumulated { rank, waited, counts_as, against: counted } => {
            Rule::Acumulado { prioridad: class(settings, rank), espero: waited, cuenta: counts_as, contra: against(counted) }
        }
        Reason::Weight { service, waited, counts_as, against: counted } => {
            Rule::Peso { servicio: slug(settings, service), espero: waited, cuenta: counts_as, contra: against(counted) }
        }
        Reason::Ratio { rank, normals, after } => Rule::Proporcion { prioridad: class(settings, rank), normales: normals, cada: after },
    }
}

fn sentence(settings: &Settings, reason: &Reason, lang: Lang) -> String {
    let words = Words { settings, lang };
    match *reason {
        Reason::OnlyOne => words.say("Es el único turno que espera para este escritorio", "It is the only ticket that waits for this desk"),
        Reason::PutFirst => words.say("El personal lo puso delante de todos", "Staff put it before all others"),
        Reason::Placed => words.say("El personal lo puso en este lugar de la cola", "Staff put it in this place of the queue"),
        Reason::Reserved { waited } => {
            let waited = length(waited);
            words.say(
                format!("Espera solo a este escritorio, desde hace {waited}"),
                format!("It waits for this desk alone, and has for {waited}"),
            )
        }
        Reason::Arrival { waited } => {
            let waited = length(waited);
            words.say(format!("Es quien más tiempo lleva esperando: {waited}"), format!("It has waited longest: {waited}"))
        }
        Reason::Tier { service, before, waited } => {
            let (service, before, waited) = (words.service(service), words.service(before), length(waited));
            words.say(
                format!("Este escritorio atiende {service} antes que {before}: lleva esperando {waited}"),
                format!("This desk serves {service} before {before}: it has waited {waited}"),
            )
        }
        Reason::Class { rank, over } => {
            let (rank, over) = (words.class(rank), words.class(over));
            words.say(
                format!("Su clase ({rank}) va antes que la de quien lleva más tiempo esperando ({over})"),
                format!("Its class ({rank}) comes before that of the one who has waited longer ({over})"),
            )
        }
        Reason::Accumulated { rank, waited, counts_as, against } => {
            let (rank, waited) = (words.class(rank), length(waited));
            let (ours, theirs) = compared(counts_as, against.counts_as);
            words.say(
                format!("Por su clase ({rank}), {waited} de espera cuentan como {ours}: no menos que {theirs} de quien llegó antes"),
                format!("For its class ({rank}), {waited} of waiting count as {ours}: no less than {theirs} of the one who came before"),
            )
        }
        Reason::Weight { service, waited, counts_as, against } => {
            let (service, waited) = (words.service(service), length(waited));
            let (ours, theirs) = compared(counts_as, against.counts_as);
            words.say(
                format!("En este escritorio {service} pesa más: {waited} de espera cuentan como {ours}, no menos que {theirs} de quien llegó antes"),
                format!("At this desk {service} weighs more: {waited} of waiting count as {ours}, no less than {theirs} of the one who came before"),
            )
        }
        Reason::Ratio { rank, normals, .. } => {
            let rank = words.class(rank);
            words.say(
                format!("Tras {normals} turnos normales seguidos le toca a uno con prioridad ({rank})"),
                format!("After {normals} normal tickets in a row it is the turn of one with priority ({rank})"),
            )
        }
    }
}

struct Words<'a> {
    settings: &'a Settings,
    lang: Lang,
}

impl Words<'_> {
    fn say(&self, es: impl Into<String>, en: impl Into<String>) -> String {
        match self.lang {
            Lang::Es => es.into(),
            Lang::En => en.into(),
        }
    }

    fn name<'a>(&self, name: &'a Name) -> &'a str {
        match self.lang {
            Lang::Es => &name.es,
            Lang::En => &name.en,
        }
    }

    fn service(&self, id: ServiceId) -> &str {
        self.settings.service(id).map_or("?", |service| self.name(&service.name))
    }

    fn class(&self, rank: Rank) -> &str {
        self.settings.classes.iter().find(|class| class.rank == rank).map_or("normal", |class| self.name(&class.name))
    }
}

/// A length of time, as one says it: `40 s`, `12 min`, `1 h 5 min`. The same in both languages.
fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    match (seconds / 3600, seconds / 60 % 60) {
        (0, minutes) if seconds < 120 && minutes < 2 => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Two lengths that are told beside each other: with their seconds where they would look alike without.
fn compared(ours: i64, theirs: i64) -> (String, String) {
    let (short, other) = (length(ours), length(theirs));
    if short != other || ours < 120_000 {
        return (short, other);
    }
    let exact = |millis: i64| format!("{} {} s", length(millis), millis.max(0) / 1000 % 60);
    (exact(ours), exact(theirs))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::office::arbitrary::sample;

    const MINUTE: i64 = 60_000;

    fn told(reason: Reason, lang: Lang) -> Value {
        serde_json::from_str(&why(&sample(), &reason, lang)).unwrap()
    }

    #[test]
    fn every_reason_is_a_sentence_in_both_languages_and_has_its_numbers() {
        let against = Counted { service: ServiceId(2), rank: Rank::NORMAL, waited: 25 * MINUTE, counts_as: 25 * MINUTE };
        let reasons = [
            (Reason::OnlyOne, "unico"),
            (Reason::PutFirst, "delante"),
            (Reason::Placed, "colocado"),
            (Reason::Reserved { waited: 61 * MINUTE }, "reservado"),
            (Reason::Arrival { waited: 45_000 }, "llegada"),
            (Reason::Tier { service: ServiceId(1), before: ServiceId(2), waited: 0 }, "orden"),
            (Reason::Class { rank: Rank(1), over: Rank(0) }, "clase"),
            (Reason::Accumulated { rank: Rank(1), waited: 10 * MINUTE, counts_as: 30 * MINUTE, against }, "acumulado"),
            (Reason::Weight { service: ServiceId(1), waited: 10 * MINUTE, counts_as: 30 * MINUTE, against }, "peso"),
            (Reason::Ratio { rank: Rank(1), normals: 3, after: 3 }, "proporcion"),
        ];
        let mut texts = std::collections::BTreeSet::new();
        for (reason, rule) in reasons {
            for lang in [Lang::Es, Lang::En] {
                let told = told(reason, lang);
                assert_eq!(told["regla"], rule);
                texts.insert(told["texto"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(texts.len(), 20, "{texts:#?}");
        assert!(texts.contains("Espera solo a este escritorio, desde hace 1 h 1 min"));
        assert!(texts.contains("It has waited longest: 45 s"));
        assert!(texts.contains("Por su clase (Class), 10 min de espera cuentan como 30 min: no menos que 25 min de quien llegó antes"));
    }

    #[test]
    fn the_numbers_stand_beside_the_sentence() {
        let against = Counted { service: ServiceId(2), rank: Rank::NORMAL, waited: 25 * MINUTE, counts_as: 25 * MINUTE };
        let mut told = told(Reason::Accumulated { rank: Rank(1), waited: 10 * MINUTE, counts_as: 30 * MINUTE, against }, Lang::Es);
        told.as_object_mut().unwrap().remove("texto");
        let expected = json!({
            "regla": "acumulado", "prioridad": "class-1", "espero": 600_000, "cuenta": 1_800_000,
            "contra": {"servicio": "informes", "prioridad": null, "espero": 1_500_000, "cuenta": 1_500_000},
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn lengths_that_look_alike_are_told_to_the_second() {
        assert_eq!(compared(30 * MINUTE + 5_000, 30 * MINUTE), ("30 min 5 s".into(), "30 min 0 s".into()));
        assert_eq!(compared(40 * MINUTE, 30 * MINUTE), ("40 min".into(), "30 min".into()));
        assert_eq!([0, 119_999, 120_000, 3_600_000, 7_260_000, -5].map(length), ["0 s", "119 s", "2 min", "1 h", "2 h 1 min", "0 s"]);
    }
}
