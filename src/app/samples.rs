//! Owns the offices that the program brings along: the one to begin with and the one to look at.

use chrono_tz::Tz;

use crate::office::{Class, Deferrals, Desk, DeskId, Lang, Name, Numbers, Place, Policy, Rank, Service, ServiceId, Settings, Week};

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
        hours: Week::default(),
        holidays: Vec::new(),
        last_tickets: 0,
        groups: Vec::new(),
        outcomes: Vec::new(),
        pauses: Vec::new(),
        requeue: Place::Last,
        reactivate: Place::Last,
        reactivate_within: 30 * 60_000,
        deferrals: Deferrals::default(),
        follow_on_phone: true,
        undo_within: 10_000,
        lease_grace: 60_000,
        answer_within: 900,
        names_on_display: false,
    }
}

fn service(id: u32, slug: &str, prefix: &str, es: &str, en: &str) -> Service {
    Service {
        id: ServiceId(id),
        slug: slug.into(),
        prefix: prefix.into(),
        name: name(es, en),
        group: None,
        hours: None,
        quota: None,
        numbers: Numbers::default(),
        padding: None,
        mean: 300_000,
    }
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
}
