//! Owns the rules that settings must keep: every contradiction, with its place. Never changes settings and never asks the office.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::hours::{Minute, Span, Week};
use super::ids::{Rank, ServiceId};
use super::settings::{BadSettings, Class, Deferrals, Desk, Group, Name, Numbers, Policy, Service, Settings, Word};
use super::ticket::Place;

/// Longest name of a person, a service, a desk, a class or a branch, in characters.
pub(super) const NAME_MAX: usize = 200;
const SLUG_MAX: usize = 64;
/// Greatest number on a paper.
const NUMBER_MAX: u32 = 999_999;
/// Farthest back that a ticket can be put by count.
const AFTER_MAX: u32 = 999;
const SECOND: i64 = 1_000;
const DAY: i64 = 86_400_000;

pub(super) fn settings(settings: &Settings) -> Result<(), BadSettings> {
    text("name", &settings.name)?;
    require(settings.cut_over <= 1439, "cut_over", ("debe ser un minuto del día, de 0 a 1439", "must be a minute of the day, 0 to 1439"))?;
    require(!settings.languages.is_empty(), "languages", ("debe tener al menos un idioma", "must name at least one language"))?;
    unique("languages", "", &settings.languages, |lang| *lang)?;
    groups(&settings.groups)?;
    services(settings)?;
    desks(&settings.desks, &settings.services)?;
    classes(&settings.classes)?;
    policy(settings.policy)?;
    hours(settings)?;
    words("outcomes", &settings.outcomes)?;
    words("pauses", &settings.pauses)?;
    place("requeue", settings.requeue)?;
    place("reactivate", settings.reactivate)?;
    times(settings)?;
    deferrals(settings.deferrals)?;
    padding("padding", settings.padding)
}

/// Whether a text can stand on a screen as a name: not too long, no line breaks or other control characters. It may be empty.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().count() <= NAME_MAX && !text.chars().any(char::is_control)
}

fn groups(groups: &[Group]) -> Result<(), BadSettings> {
    for (i, group) in groups.iter().enumerate() {
        slug(&format!("groups[{i}].slug"), &group.slug)?;
        name(&format!("groups[{i}].name"), &group.name)?;
    }
    unique("groups", ".slug", groups, |group| group.slug.as_str())?;
    let parents: HashMap<&str, Option<&str>> = groups.iter().map(|group| (group.slug.as_str(), group.parent.as_deref())).collect();
    for (i, group) in groups.iter().enumerate() {
        let place = format!("groups[{i}].parent");
        require(
            group.parent.as_deref().is_none_or(|parent| parents.contains_key(parent)),
            &place,
            ("ese grupo no existe", "no such group"),
        )?;
        // Whoever is not at the top after as many steps as there are groups goes in a circle.
        let steps = std::iter::successors(Some(group.slug.as_str()), |slug| *parents.get(slug)?).take(groups.len() + 1).count();
        require(steps <= groups.len(), &place, ("lleva a un círculo de grupos", "leads into a circle of groups"))?;
    }
    Ok(())
}

fn services(settings: &Settings) -> Result<(), BadSettings> {
    let services = &settings.services;
    require(!services.is_empty(), "services", ("debe tener al menos un servicio", "must have at least one service"))?;
    for (i, service) in services.iter().enumerate() {
        let at = |field: &str| format!("services[{i}].{field}");
        slug(&at("slug"), &service.slug)?;
        prefix(&at("prefix"), &service.prefix)?;
        name(&at("name"), &service.name)?;
        let grouped = service.group.as_ref().is_none_or(|slug| settings.groups.iter().any(|group| group.slug == *slug));
        require(grouped, &at("group"), ("ese grupo no existe", "no such group"))?;
        if let Some(hours) = &service.hours {
            week(&at("hours"), hours, settings.cut_over)?;
        }
        require(service.quota != Some(0), &at("quota"), ("debe ser 1 o más", "must be at least 1"))?;
        numbers(&at("numbers"), service.numbers)?;
        if let Some(digits) = service.padding {
            padding(&at("padding"), digits)?;
        }
        require(
            (SECOND..=DAY).contains(&service.mean),
            &at("mean"),
            (
                "debe ser de 1000 a 86400000 milisegundos, de 1 segundo a 24 horas",
                "must be 1000 to 86400000 milliseconds, 1 second to 24 hours",
            ),
        )?;
    }
    unique("services", ".id", services, |service| service.id)?;
    unique("services", ".slug", services, |service| service.slug.as_str())?;
    unique("services", ".prefix", services, |service| service.prefix.as_str())
}

fn numbers(place: &str, numbers: Numbers) -> Result<(), BadSettings> {
    let Numbers { first, last, step, wrap: _ } = numbers;
    require(first <= last, &format!("{place}.first"), ("no debe ser mayor que el último", "must not be greater than the last"))?;
    require(last <= NUMBER_MAX, &format!("{place}.last"), ("debe ser 999999 o menos", "must be at most 999999"))?;
    require(step >= 1, &format!("{place}.step"), ("debe ser 1 o más", "must be at least 1"))
}

fn desks(desks: &[Desk], services: &[Service]) -> Result<(), BadSettings> {
    require(!desks.is_empty(), "desks", ("debe tener al menos un puesto", "must have at least one desk"))?;
    let known: HashSet<ServiceId> = services.iter().map(|service| service.id).collect();
    for (i, desk) in desks.iter().enumerate() {
        name(&format!("desks[{i}].name"), &desk.name)?;
        for (j, served) in desk.services.iter().enumerate() {
            let place = format!("desks[{i}].services[{j}]");
            require(known.contains(&served.service), &place, ("ese servicio no existe", "no such service"))?;
            require((1..=100).contains(&served.weight), &format!("{place}.weight"), ("debe ser de 1 a 100", "must be 1 to 100"))?;
        }
        unique(&format!("desks[{i}].services"), "", &desk.services, |served| served.service)?;
    }
    unique("desks", ".id", desks, |desk| desk.id)
}

fn classes(classes: &[Class]) -> Result<(), BadSettings> {
    for (i, class) in classes.iter().enumerate() {
        require(
            class.rank > Rank::NORMAL,
            &format!("classes[{i}].rank"),
            ("debe ser mayor que 0, que es lo normal", "must be greater than 0, which is normal"),
        )?;
        slug(&format!("classes[{i}].slug"), &class.slug)?;
        name(&format!("classes[{i}].name"), &class.name)?;
    }
    unique("classes", ".rank", classes, |class| class.rank)?;
    unique("classes", ".slug", classes, |class| class.slug.as_str())
}

fn policy(policy: Policy) -> Result<(), BadSettings> {
    match policy {
        Policy::Fifo | Policy::Strict => Ok(()),
        Policy::Accumulating { factor } => {
            require((1..=100).contains(&factor), "policy.factor", ("debe ser de 1 a 100", "must be 1 to 100"))
        }
        Policy::GuardedRatio { normals } => {
            require((1..=100).contains(&normals), "policy.normals", ("debe ser de 1 a 100", "must be 1 to 100"))
        }
    }
}

fn deferrals(Deferrals { minutes, times }: Deferrals) -> Result<(), BadSettings> {
    require((1..=120).contains(&minutes), "deferrals.minutes", ("debe ser de 1 a 120 minutos", "must be 1 to 120 minutes"))?;
    require(times <= 10, "deferrals.times", ("debe ser 10 o menos", "must be at most 10"))
}

fn hours(settings: &Settings) -> Result<(), BadSettings> {
    week("hours", &settings.hours, settings.cut_over)?;
    for (i, holiday) in settings.holidays.iter().enumerate() {
        if let Some(called) = &holiday.name {
            name(&format!("holidays[{i}].name"), called)?;
        }
        spans(&format!("holidays[{i}].hours"), &holiday.hours, settings.cut_over)?;
    }
    unique("holidays", ".date", &settings.holidays, |holiday| holiday.date)?;
    require(settings.last_tickets <= 1440, "last_tickets", ("debe ser de 1440 minutos o menos", "must be at most 1440 minutes"))
}

fn week(place: &str, week: &Week, cut_over: u16) -> Result<(), BadSettings> {
    week.days().try_for_each(|(day, list)| spans(&format!("{place}.{day}"), list, cut_over))
}

/// In order, apart, and within the business day.
fn spans(place: &str, spans: &[Span], cut_over: u16) -> Result<(), BadSettings> {
    let (opening, turn) = (Minute(cut_over), Minute(cut_over.saturating_add(1440)));
    let mut free = opening;
    for (i, span) in spans.iter().enumerate() {
        let place = format!("{place}[{i}]");
        require(
            span.from < span.to,
            &place,
            (
                "debe acabar después de empezar; pasada la medianoche las horas siguen con 24:00",
                "must end after it begins; behind midnight the hours go on with 24:00",
            ),
        )?;
        require(
            opening <= span.from && span.to <= turn,
            &place,
            (
                format!("debe caer en la jornada, de {opening} a {turn}, según la hora de corte"),
                format!("must lie within the business day, {opening} to {turn}, as the cut-over says"),
            ),
        )?;
        require(
            free <= span.from,
            &place,
            ("debe empezar cuando ha acabado el tramo anterior", "must begin after the span before it has ended"),
        )?;
        free = span.to;
    }
    Ok(())
}

fn words(list: &str, words: &[Word]) -> Result<(), BadSettings> {
    for (i, word) in words.iter().enumerate() {
        slug(&format!("{list}[{i}].slug"), &word.slug)?;
        name(&format!("{list}[{i}].name"), &word.name)?;
    }
    unique(list, ".slug", words, |word| word.slug.as_str())
}

fn place(at: &str, place: Place) -> Result<(), BadSettings> {
    match place {
        Place::After(count) => {
            require(count <= AFTER_MAX, at, ("debe ser de 999 puestos de la cola o menos", "must be at most 999 places"))
        }
        Place::First | Place::Last | Place::ByArrival => Ok(()),
    }
}

fn times(settings: &Settings) -> Result<(), BadSettings> {
    let Settings { recall_after, reactivate_within, undo_within, lease_grace, .. } = *settings;
    require(recall_after >= 0, "recall_after", ("no debe ser negativo", "must not be negative"))?;
    require(reactivate_within >= 0, "reactivate_within", ("no debe ser negativo", "must not be negative"))?;
    require(
        (0..=600 * SECOND).contains(&undo_within),
        "undo_within",
        ("debe ser de 0 a 600000 milisegundos, 10 minutos como mucho", "must be 0 to 600000 milliseconds, at most 10 minutes"),
    )?;
    require(
        (SECOND..=DAY).contains(&lease_grace),
        "lease_grace",
        (
            "debe ser de 1000 a 86400000 milisegundos, de 1 segundo a 24 horas",
            "must be 1000 to 86400000 milliseconds, 1 second to 24 hours",
        ),
    )
}

fn padding(place: &str, digits: u8) -> Result<(), BadSettings> {
    require((1..=6).contains(&digits), place, ("debe ser de 1 a 6", "must be 1 to 6"))
}

fn slug(place: &str, slug: &str) -> Result<(), BadSettings> {
    let shaped = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    require(
        shaped && (1..=SLUG_MAX).contains(&slug.len()),
        place,
        ("debe tener de 1 a 64 de a-z, 0-9 y -", "must be 1 to 64 of a-z, 0-9 and -"),
    )
}

fn prefix(place: &str, prefix: &str) -> Result<(), BadSettings> {
    let shaped = prefix.bytes().all(|b| b.is_ascii_uppercase());
    require(shaped && (1..=3).contains(&prefix.len()), place, ("debe tener de 1 a 3 letras A-Z", "must be 1 to 3 letters A-Z"))
}

fn name(place: &str, name: &Name) -> Result<(), BadSettings> {
    text(&format!("{place}.es"), &name.es)?;
    text(&format!("{place}.en"), &name.en)
}

fn text(place: &str, text: &str) -> Result<(), BadSettings> {
    require(!text.trim().is_empty(), place, ("no debe estar vacío", "must not be empty"))?;
    require(
        is_name(text),
        place,
        ("debe tener 200 caracteres o menos y ninguno de control", "must have at most 200 characters and no control characters"),
    )
}

/// No two items have the same trait; the place is that of the second one.
fn unique<'a, T, K: Eq + Hash>(list: &str, field: &str, items: &'a [T], key: impl Fn(&'a T) -> K) -> Result<(), BadSettings> {
    let mut seen = HashSet::new();
    match items.iter().position(|item| !seen.insert(key(item))) {
        Some(i) => require(false, &format!("{list}[{i}]{field}"), ("está dos veces", "is there twice")),
        None => Ok(()),
    }
}

/// The problem in Spanish and English.
fn require(holds: bool, place: &str, (es, en): (impl Into<String>, impl Into<String>)) -> Result<(), BadSettings> {
    if holds { Ok(()) } else { Err(BadSettings { place: place.to_owned(), problem: Name { es: es.into(), en: en.into() } }) }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary;
    use super::super::hours::Holiday;
    use super::super::ids::DeskId;
    use super::super::settings::{Lang, Served};
    use super::*;

    #[test]
    fn sample_settings_are_fine() {
        assert_eq!(settings(&arbitrary::sample()), Ok(()));
    }

    #[test]
    fn every_contradiction_is_named_with_its_place() {
        type Break = fn(&mut Settings);
        let cases: &[(&str, Break)] = &[
            ("name", |s| s.name = " ".into()),
            ("name", |s| s.name = "line\nbreak".into()),
            ("cut_over", |s| s.cut_over = 1440),
            ("languages", |s| s.languages.clear()),
            ("languages[2]", |s| s.languages = vec![Lang::Es, Lang::En, Lang::Es]),
            ("services", |s| s.services.clear()),
            ("services[1].id", |s| s.services[1].id = s.services[0].id),
            ("services[1].slug", |s| s.services[1].slug = s.services[0].slug.clone()),
            ("services[1].prefix", |s| s.services[1].prefix = s.services[0].prefix.clone()),
            ("services[0].slug", |s| s.services[0].slug = "Caja".into()),
            ("services[0].slug", |s| s.services[0].slug = String::new()),
            ("services[0].slug", |s| s.services[0].slug = "x".repeat(65)),
            ("services[0].prefix", |s| s.services[0].prefix = "ABCD".into()),
            ("services[0].prefix", |s| s.services[0].prefix = "a".into()),
            ("services[0].prefix", |s| s.services[0].prefix = String::new()),
            ("services[1].name.en", |s| s.services[1].name.en = String::new()),
            ("services[1].name.es", |s| s.services[1].name.es = "ñ".repeat(201)),
            ("desks", |s| s.desks.clear()),
            ("desks[1].id", |s| s.desks[1].id = s.desks[0].id),
            ("desks[1].services[0]", |s| s.desks[1].services = vec![ServiceId(99).into()]),
            ("desks[1].services[1]", |s| s.desks[1].services = vec![ServiceId(1).into(), ServiceId(1).into()]),
            ("desks[0].name.es", |s| s.desks[0].name.es = "\u{7}".into()),
            ("classes[0].rank", |s| s.classes[0].rank = Rank::NORMAL),
            ("classes[1].rank", |s| s.classes.push(s.classes[0].clone())),
            ("classes[1].slug", |s| s.classes.push(Class { rank: Rank(9), ..s.classes[0].clone() })),
            ("policy.factor", |s| s.policy = Policy::Accumulating { factor: 0 }),
            ("policy.factor", |s| s.policy = Policy::Accumulating { factor: 101 }),
            ("recall_after", |s| s.recall_after = -1),
            ("recall_after", |s| s.recall_after = i64::MIN),
            ("padding", |s| s.padding = 7),
            ("padding", |s| s.padding = 0),
            ("hours.mon[0]", |s| s.hours.mon = vec![span("14:00", "08:00")]),
            ("hours.tue[0]", |s| s.hours.tue = vec![span("08:00", "08:00")]),
            ("hours.wed[1]", |s| s.hours.wed = vec![span("08:00", "14:00"), span("13:59", "20:00")]),
            ("hours.thu[1]", |s| s.hours.thu = vec![span("16:00", "20:00"), span("08:00", "14:00")]),
            ("hours.fri[0]", |s| s.hours.fri = vec![span("03:59", "08:00")]),
            ("hours.sat[0]", |s| s.hours.sat = vec![span("20:00", "28:01")]),
            ("hours.sun[0]", |s| s.hours.sun = vec![span("22:00", "02:00")]),
            ("services[1].hours.sun[0]", |s| s.services[1].hours = Some(Week { sun: vec![span("09:00", "08:00")], ..Week::default() })),
            ("holidays[1].date", |s| s.holidays = vec![holiday("2026-12-25", &[]), holiday("2026-12-25", &[])]),
            ("holidays[0].hours[0]", |s| s.holidays = vec![holiday("2026-12-25", &[span("12:00", "11:00")])]),
            ("holidays[0].name.en", |s| {
                let called = Some(Name { es: "Navidad".into(), en: "Christ\nmas".into() });
                s.holidays = vec![Holiday { name: called, ..holiday("2026-12-25", &[]) }];
            }),
            ("last_tickets", |s| s.last_tickets = 1441),
            ("services[0].numbers.first", |s| s.services[0].numbers = Numbers { first: 100, last: 99, ..Numbers::default() }),
            ("services[0].numbers.last", |s| s.services[0].numbers.last = 1_000_000),
            ("services[1].numbers.step", |s| s.services[1].numbers.step = 0),
            ("services[0].quota", |s| s.services[0].quota = Some(0)),
            ("services[0].padding", |s| s.services[0].padding = Some(7)),
            ("services[0].mean", |s| s.services[0].mean = 999),
            ("services[1].mean", |s| s.services[1].mean = 86_400_001),
            ("services[0].group", |s| s.services[0].group = Some("nowhere".into())),
            ("groups[0].slug", |s| s.groups = vec![group("Up", None)]),
            ("groups[1].slug", |s| s.groups = vec![group("a", None), group("a", None)]),
            ("groups[0].name.es", |s| s.groups = vec![Group { name: Name { es: String::new(), en: "A".into() }, ..group("a", None) }]),
            ("groups[0].parent", |s| s.groups = vec![group("a", Some("b"))]),
            ("groups[0].parent", |s| s.groups = vec![group("a", Some("a"))]),
            ("groups[1].parent", |s| s.groups = vec![group("a", None), group("b", Some("c")), group("c", Some("b"))]),
            ("desks[0].services[0].weight", |s| s.desks[0].services = vec![served(1, 0, 0)]),
            ("desks[0].services[1].weight", |s| s.desks[0].services = vec![served(1, 0, 100), served(2, 255, 101)]),
            ("desks[1].services[1]", |s| s.desks[1].services = vec![served(1, 0, 1), served(1, 1, 2)]),
            ("policy.normals", |s| s.policy = Policy::GuardedRatio { normals: 0 }),
            ("policy.normals", |s| s.policy = Policy::GuardedRatio { normals: 101 }),
            ("outcomes[0].slug", |s| s.outcomes = vec![word("Listo")]),
            ("outcomes[1].slug", |s| s.outcomes = vec![word("done"), word("done")]),
            ("pauses[1].slug", |s| s.pauses = vec![word("lunch"), word("lunch")]),
            ("pauses[0].name.es", |s| s.pauses = vec![Word { name: Name { es: "\u{0}".into(), en: "Lunch".into() }, ..word("lunch") }]),
            ("requeue", |s| s.requeue = Place::After(1_000)),
            ("reactivate", |s| s.reactivate = Place::After(u32::MAX)),
            ("reactivate_within", |s| s.reactivate_within = -1),
            ("undo_within", |s| s.undo_within = -1),
            ("undo_within", |s| s.undo_within = 600_001),
            ("lease_grace", |s| s.lease_grace = 999),
            ("lease_grace", |s| s.lease_grace = 86_400_001),
        ];
        for (place, break_it) in cases {
            let mut broken = arbitrary::sample();
            break_it(&mut broken);
            let BadSettings { place: named, problem: Name { es, en } } = settings(&broken).expect_err(place);
            assert_eq!(named, *place);
            assert!(es != en && !es.is_empty() && !en.is_empty(), "{place}: {es}, {en}");
        }
    }

    #[test]
    fn limits_themselves_are_allowed() {
        let mut s = arbitrary::sample();
        s.cut_over = 1439;
        s.padding = 6;
        s.recall_after = 0;
        s.policy = Policy::Accumulating { factor: 100 };
        s.services[0].name.es = "ñ".repeat(200);
        s.desks[0].id = DeskId(0);
        s.classes.clear();
        s.hours.mon = vec![span("23:59", "24:00"), span("24:00", "47:59")];
        s.holidays = vec![holiday("2026-12-24", &[]), holiday("2026-12-25", &[])];
        s.last_tickets = 1440;
        s.services[0].numbers = Numbers { first: 0, last: 999_999, step: u32::MAX, wrap: true };
        s.services[1].numbers = Numbers { first: 7, last: 7, step: 1, wrap: false };
        (s.services[0].mean, s.services[1].mean) = (SECOND, DAY);
        (s.services[0].quota, s.services[0].padding) = (Some(1), Some(1));
        s.services[0].group = Some("c".into());
        s.groups = vec![group("c", Some("b")), group("b", Some("a")), group("a", None)];
        s.desks[0].services = vec![served(1, 255, 100), served(2, 0, 1)];
        (s.requeue, s.reactivate) = (Place::After(999), Place::After(0));
        (s.reactivate_within, s.undo_within, s.lease_grace) = (0, 600_000, 1_000);
        assert_eq!(settings(&s), Ok(()));
    }

    #[test]
    fn the_example_in_the_documentation_is_fine_and_shows_every_key() {
        let text = include_str!("../../docs/office.md");
        let json = text.split_once("```json").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0;
        let read: Settings = serde_json::from_str(json).unwrap();
        assert_eq!(settings(&read), Ok(()));
        let shown: serde_json::Value = serde_json::from_str(json).unwrap();
        let all = serde_json::to_value(&read).unwrap();
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<HashSet<_>>();
        assert_eq!(keys(&shown), keys(&all));
        assert_eq!(keys(&shown["services"][1]), keys(&all["services"][1]));
        assert_eq!(keys(&shown["groups"][1]), keys(&all["groups"][1]));
    }

    #[test]
    fn the_night_before_the_turn_belongs_to_the_day() {
        let mut s = arbitrary::sample();
        s.hours.fri = vec![span("04:00", "12:00"), span("12:00", "20:00"), span("22:00", "28:00")];
        assert_eq!(settings(&s), Ok(()), "spans may touch, and 28:00 is the turn at 04:00");
        s.cut_over = 239;
        let error = settings(&s).expect_err("the turn is a minute earlier now").to_string();
        assert_eq!(error, "hours.fri[2]: must lie within the business day, 03:59 to 27:59, as the cut-over says");
    }

    #[test]
    fn what_steers_text_is_text() {
        let mut s = arbitrary::sample();
        for text in ["\u{202e}ajaC", "<b>Caja</b>", "صندوق", "👩‍👩‍👧", "a\u{200b}b"] {
            s.name = text.into();
            s.services[0].name = Name { es: text.into(), en: text.into() };
            assert_eq!(settings(&s), Ok(()), "{text:?}");
        }
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn holiday(date: &str, hours: &[Span]) -> Holiday {
        Holiday { date: date.parse().unwrap(), name: None, hours: hours.to_vec() }
    }

    fn group(slug: &str, parent: Option<&str>) -> Group {
        Group { slug: slug.into(), name: words_for(slug), parent: parent.map(str::to_owned) }
    }

    fn word(slug: &str) -> Word {
        Word { slug: slug.into(), name: words_for(slug) }
    }

    fn words_for(slug: &str) -> Name {
        Name { es: slug.into(), en: slug.into() }
    }

    fn served(service: u32, tier: u8, weight: u32) -> Served {
        Served { service: ServiceId(service), tier, weight }
    }
}
