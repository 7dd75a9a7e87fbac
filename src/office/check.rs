//! Owns the rules that settings must keep: every contradiction, with its place. Never changes settings and never asks the office.

use std::collections::HashSet;
use std::hash::Hash;

use super::ids::{Rank, ServiceId};
use super::settings::{BadSettings, Class, Desk, Name, Policy, Service, Settings};

/// Longest name of a person, a service, a desk, a class or a branch, in characters.
pub(super) const NAME_MAX: usize = 200;
const SLUG_MAX: usize = 64;

pub(super) fn settings(settings: &Settings) -> Result<(), BadSettings> {
    text("name", &settings.name)?;
    require(settings.cut_over <= 1439, "cut_over", "must be a minute of the day, 0 to 1439")?;
    require(!settings.languages.is_empty(), "languages", "must name at least one language")?;
    unique("languages", "", &settings.languages, |lang| *lang)?;
    services(&settings.services)?;
    desks(&settings.desks, &settings.services)?;
    classes(&settings.classes)?;
    if let Policy::Accumulating { factor } = settings.policy {
        require((1..=100).contains(&factor), "policy.factor", "must be 1 to 100")?;
    }
    require(settings.recall_after >= 0, "recall_after", "must not be negative")?;
    require((1..=6).contains(&settings.padding), "padding", "must be 1 to 6")
}

/// Whether a text can stand on a screen as a name: not too long, no line breaks or other control characters. It may be empty.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().count() <= NAME_MAX && !text.chars().any(char::is_control)
}

fn services(services: &[Service]) -> Result<(), BadSettings> {
    require(!services.is_empty(), "services", "must have at least one service")?;
    for (i, service) in services.iter().enumerate() {
        slug(&format!("services[{i}].slug"), &service.slug)?;
        prefix(&format!("services[{i}].prefix"), &service.prefix)?;
        name(&format!("services[{i}].name"), &service.name)?;
    }
    unique("services", ".id", services, |service| service.id)?;
    unique("services", ".slug", services, |service| service.slug.as_str())?;
    unique("services", ".prefix", services, |service| service.prefix.as_str())
}

fn desks(desks: &[Desk], services: &[Service]) -> Result<(), BadSettings> {
    require(!desks.is_empty(), "desks", "must have at least one desk")?;
    let known: HashSet<ServiceId> = services.iter().map(|service| service.id).collect();
    for (i, desk) in desks.iter().enumerate() {
        name(&format!("desks[{i}].name"), &desk.name)?;
        for (j, service) in desk.services.iter().enumerate() {
            require(known.contains(service), &format!("desks[{i}].services[{j}]"), "no such service")?;
        }
        unique(&format!("desks[{i}].services"), "", &desk.services, |service| *service)?;
    }
    unique("desks", ".id", desks, |desk| desk.id)
}

fn classes(classes: &[Class]) -> Result<(), BadSettings> {
    for (i, class) in classes.iter().enumerate() {
        require(class.rank > Rank::NORMAL, &format!("classes[{i}].rank"), "must be greater than 0, which is normal")?;
        slug(&format!("classes[{i}].slug"), &class.slug)?;
        name(&format!("classes[{i}].name"), &class.name)?;
    }
    unique("classes", ".rank", classes, |class| class.rank)?;
    unique("classes", ".slug", classes, |class| class.slug.as_str())
}

fn slug(place: &str, slug: &str) -> Result<(), BadSettings> {
    let shaped = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    require(shaped && (1..=SLUG_MAX).contains(&slug.len()), place, "must be 1 to 64 of a-z, 0-9 and -")
}

fn prefix(place: &str, prefix: &str) -> Result<(), BadSettings> {
    let shaped = prefix.bytes().all(|b| b.is_ascii_uppercase());
    require(shaped && (1..=3).contains(&prefix.len()), place, "must be 1 to 3 letters A-Z")
}

fn name(place: &str, name: &Name) -> Result<(), BadSettings> {
    text(&format!("{place}.es"), &name.es)?;
    text(&format!("{place}.en"), &name.en)
}

fn text(place: &str, text: &str) -> Result<(), BadSettings> {
    require(!text.trim().is_empty(), place, "must not be empty")?;
    require(is_name(text), place, "must have at most 200 characters and no control characters")
}

/// No two items have the same trait; the place is that of the second one.
fn unique<'a, T, K: Eq + Hash>(list: &str, field: &str, items: &'a [T], key: impl Fn(&'a T) -> K) -> Result<(), BadSettings> {
    let mut seen = HashSet::new();
    match items.iter().position(|item| !seen.insert(key(item))) {
        Some(i) => require(false, &format!("{list}[{i}]{field}"), "is there twice"),
        None => Ok(()),
    }
}

fn require(holds: bool, place: &str, problem: &str) -> Result<(), BadSettings> {
    if holds { Ok(()) } else { Err(BadSettings { place: place.to_owned(), problem: problem.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary;
    use super::super::ids::DeskId;
    use super::super::settings::Lang;
    use super::*;

    #[test]
    fn sample_settings_are_fine() {
        assert_eq!(settings(&arbitrary::sample()), Ok(()));
    }

    #[test]
    fn every_contradiction_is_named_with_its_place() {
        type Break = fn(&mut Settings);
        let cases: [(&str, Break); 29] = [
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
            ("desks[1].services[0]", |s| s.desks[1].services = vec![ServiceId(99)]),
            ("desks[1].services[1]", |s| s.desks[1].services = vec![ServiceId(1), ServiceId(1)]),
            ("desks[0].name.es", |s| s.desks[0].name.es = "\u{7}".into()),
            ("classes[0].rank", |s| s.classes[0].rank = Rank::NORMAL),
            ("classes[1].rank", |s| s.classes.push(s.classes[0].clone())),
            ("classes[1].slug", |s| s.classes.push(Class { rank: Rank(9), ..s.classes[0].clone() })),
            ("policy.factor", |s| s.policy = Policy::Accumulating { factor: 0 }),
            ("policy.factor", |s| s.policy = Policy::Accumulating { factor: 101 }),
            ("recall_after", |s| s.recall_after = -1),
            ("padding", |s| s.padding = 7),
        ];
        for (place, break_it) in cases {
            let mut broken = arbitrary::sample();
            break_it(&mut broken);
            assert_eq!(settings(&broken).expect_err(place).place, place);
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
        assert_eq!(settings(&s), Ok(()));
    }
}
