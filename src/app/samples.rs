//! Owns the offices that the program brings along: the one to begin with and the one to look at. Reads the office of a file.

use std::path::Path;

use chrono_tz::Tz;

use super::AppError;
use crate::office::{Class, Desk, DeskId, Lang, Name, Policy, Rank, Service, ServiceId, Settings};

/// What a new database begins with: one service, three desks.
pub fn plain() -> Settings {
    Settings { services: vec![service(1, "atencion", "A", "Atención general", "General enquiries")], ..demo() }
}

/// The sample office of `siguiente demo`.
pub fn demo() -> Settings {
    Settings {
        name: "Oficina Centro".into(),
        time_zone: Tz::UTC,
        cut_over: 0,
        languages: vec![Lang::Es, Lang::En],
        services: vec![
            service(1, "caja", "A", "Caja", "Cashier"),
            service(2, "tramites", "B", "Trámites y certificados", "Permits and certificates"),
            service(3, "informacion", "C", "Información", "Information"),
        ],
        desks: (1..=3)
            .map(|number| Desk {
                id: DeskId(number),
                name: name(&format!("Escritorio {number}"), &format!("Desk {number}")),
                services: vec![],
            })
            .collect(),
        classes: vec![Class { rank: Rank(1), slug: "prioridad".into(), name: name("Atención prioritaria", "Priority") }],
        policy: Policy::Accumulating { factor: 3 },
        auto_finish: true,
        confirm_arrival: true,
        min_calls: 1,
        recall_after: 3_000,
        padding: 3,
    }
}

/// The settings in a JSON file, checked.
pub fn from_file(path: &Path) -> Result<Settings, AppError> {
    let wrong = |problem: String| AppError::OfficeFile { path: path.display().to_string(), problem };
    let json = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let settings: Settings = serde_json::from_str(&json).map_err(|error| wrong(error.to_string()))?;
    settings.check().map_err(|error| wrong(error.to_string()))?;
    Ok(settings)
}

fn service(id: u32, slug: &str, prefix: &str, es: &str, en: &str) -> Service {
    Service { id: ServiceId(id), slug: slug.into(), prefix: prefix.into(), name: name(es, en) }
}

fn name(es: &str, en: &str) -> Name {
    Name { es: es.into(), en: en.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offices_that_come_along_do_not_contradict_themselves() {
        assert_eq!(plain().check(), Ok(()));
        assert_eq!(demo().check(), Ok(()));
    }

    #[test]
    fn a_file_gives_the_office_that_was_written_and_a_wrong_one_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("office.json");
        std::fs::write(&path, serde_json::to_string(&demo()).unwrap()).unwrap();
        assert_eq!(from_file(&path).unwrap(), demo());

        let mut twice = demo();
        twice.services[1].prefix = "A".into();
        std::fs::write(&path, serde_json::to_string(&twice).unwrap()).unwrap();
        let error = from_file(&path).unwrap_err();
        assert!(error.to_string().contains("services[1].prefix"), "{error}");
        assert_eq!(error.exit_code(), 64);
    }
}
