//! Owns the question what each policy would have made of a business day, and how the answer looks. Computes nothing.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::payload;
use super::view;
use crate::office::simulation::{ClassOutcome, Day, Outcome};
use crate::office::{Millis, Name, Office, Policy, Rank, Settings};
use crate::wrong::Wrong;

#[derive(Debug, Default, Deserialize)]
struct AskSimulation {
    jornada: Option<NaiveDate>,
}

/// Which day is to be played: `{jornada?}`, today when nothing is said. A day to come has nobody, and is refused.
pub fn asked(office: &Office, raw: Option<&str>, now: Millis) -> Result<NaiveDate, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownDesk)?;
    let AskSimulation { jornada } = payload::read(raw)?;
    let today = office.day().unwrap_or_else(|| settings.calendar().date(now));
    match jornada {
        Some(day) if day > today => Err(Failure::BadRequest(Wrong::at("jornada", "aún no ha empezado", "it has not begun"))),
        day => Ok(day.unwrap_or(today)),
    }
}

/// `{jornada, llegadas, politicas: [{politica, clases: [{clase: {id, nombre}, personas, media, p95}]}]}`. `llegadas` are those who came; who is in no
/// class's `personas` wanted a service that no desk served that day.
pub fn outcomes(settings: &Settings, day: NaiveDate, played: &Day, outcomes: &[Outcome]) -> String {
    let policies = outcomes.iter().map(|Outcome { policy, classes }| PolicyView {
        politica: *policy,
        clases: classes.iter().map(|class| ClassView::new(settings, class)).collect(),
    });
    view::json(&SimulationView { jornada: day, llegadas: played.arrivals.len(), politicas: policies.collect() })
}

#[derive(Serialize, JsonSchema)]
pub struct SimulationView<'a> {
    jornada: NaiveDate,
    llegadas: usize,
    politicas: Vec<PolicyView<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct PolicyView<'a> {
    /// As the office file has it.
    politica: Policy,
    clases: Vec<ClassView<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct ClassView<'a> {
    clase: ClassName<'a>,
    personas: u64,
    /// Milliseconds.
    media: Option<i64>,
    p95: Option<i64>,
}

/// Without an id it is normal, or a class that the branch has no more.
#[derive(Serialize, JsonSchema)]
struct ClassName<'a> {
    id: Option<&'a str>,
    rango: Rank,
    nombre: Name,
}

impl<'a> ClassView<'a> {
    fn new(settings: &'a Settings, class: &ClassOutcome) -> Self {
        let ClassOutcome { rank, people, mean, p95 } = *class;
        let known = settings.classes.iter().find(|class| class.rank == rank);
        let nombre = known.map_or_else(|| unnamed(rank), |class| class.name.clone());
        Self { clase: ClassName { id: known.map(|class| class.slug.as_str()), rango: rank, nombre }, personas: people, media: mean, p95 }
    }
}

fn unnamed(rank: Rank) -> Name {
    let text = if rank == Rank::NORMAL { "Normal".to_owned() } else { rank.0.to_string() };
    Name { es: text.clone(), en: text }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::office::ServiceId;
    use crate::office::arbitrary::{MINUTE, MORNING, Sample, sample};
    use crate::office::simulation::Arrival;

    #[test]
    fn the_day_is_today_or_one_that_was() {
        let office = Sample::new(sample()).office;
        let day = |raw| asked(&office, raw, MORNING).map(|day| day.to_string());
        assert_eq!(day(None), Ok("2026-11-20".into()));
        assert_eq!(day(Some(r#"{"jornada":"2026-10-01"}"#)), Ok("2026-10-01".into()));
        for raw in [r#"{"jornada":"2026-11-21"}"#, r#"{"jornada":"2026-02-30"}"#, r#"{"jornada":3}"#, "[]"] {
            assert_eq!(asked(&office, Some(raw), MORNING).unwrap_err().code(), "bad_request", "{raw}");
        }
    }

    #[test]
    fn outcomes_look_as_documented() {
        let class = |rank, people| ClassOutcome { rank: Rank(rank), people, mean: (people > 0).then_some(MINUTE), p95: None };
        let arrival = Arrival { at: MORNING, service: ServiceId(1), rank: Rank(0), served: None };
        let played = Day { arrivals: vec![arrival; 3], shifts: Vec::new() };
        let fifo = Outcome { policy: Policy::Fifo, classes: vec![class(0, 2), class(1, 0), class(9, 1)] };
        let other = Outcome { policy: Policy::Accumulating { factor: 3 }, classes: Vec::new() };
        let answer = super::outcomes(&sample(), "2026-11-20".parse().unwrap(), &played, &[fifo, other]);
        let [normal, nine] = ["Normal", "9"].map(|name| json!({"es": name, "en": name}));
        let priority = &sample().classes[0];
        let priority = json!({"id": priority.slug, "rango": 1, "nombre": priority.name});
        let expected = json!({"jornada": "2026-11-20", "llegadas": 3, "politicas": [
            {"politica": {"kind": "fifo"}, "clases": [
                {"clase": {"id": null, "rango": 0, "nombre": normal}, "personas": 2, "media": 60_000, "p95": null},
                {"clase": priority, "personas": 0, "media": null, "p95": null},
                {"clase": {"id": null, "rango": 9, "nombre": nine}, "personas": 1, "media": 60_000, "p95": null},
            ]},
            {"politica": {"kind": "accumulating", "factor": 3}, "clases": []},
        ]});
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), expected);
    }
}
