//! Owns `siguiente certificate`: what the log says of one ticket, on paper or as JSON. Holds no secret and nothing that staff wrote.

use std::fmt::Write;

use super::AppError;
use super::archive::{Archive, Branch, clock, print, word};
use super::report::said;
use crate::clock::Clock;
use crate::config::{Certify, Config, Paper};
use crate::office::certificate::{self, Certificate, Named};
use crate::office::{Rank, Settings};
use crate::store::Reports;

/// Prints the certificate of the tickets with this code on this day: one, or more where the numbers began again.
pub fn certificate(config: &Config, asked: &Certify) -> Result<(), AppError> {
    let mut archive = Archive::open(config)?;
    let Branch { id, office, settings } = archive.one(asked.branch)?;
    let day = asked.day.or(office.day()).unwrap_or_else(|| settings.calendar().date(Clock::system().now()));
    let code = asked.code.trim().to_uppercase();
    let mut certificates = Vec::new();
    for visit in archive.reader.find(id, day, &code)? {
        let history = archive.reader.history(id, visit.ticket.id)?;
        certificates.extend(certificate::of(visit.ticket.id, &history, &settings));
    }
    if certificates.is_empty() {
        return Err(AppError::NoTicket { code, day });
    }
    print(&match asked.format {
        Paper::Json => serde_json::to_string_pretty(&certificates).map_err(std::io::Error::from)? + "\n",
        Paper::Text => certificates.iter().map(|certificate| text(certificate, &settings)).collect::<Vec<_>>().join("\n"),
    })
}

fn text(certificate: &Certificate, settings: &Settings) -> String {
    let Certificate { branch, time_zone, day, code, name, rank, booked_for, waits, steps, state, .. } = certificate;
    let mut text = format!("{branch}\nTicket {code} of {day} ({time_zone})\n\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<14} {value}");
    };
    if let Some(name) = name {
        line("name", name);
    }
    if *rank != Rank::NORMAL {
        let class = settings.classes.iter().find(|class| class.rank == *rank);
        line("priority", &class.map_or_else(|| rank.0.to_string(), |class| said(settings, &class.name)));
    }
    if let Some(booked) = booked_for {
        line("appointment", &booked.local);
    }
    line("issued", &certificate.issued.local);
    line("ended", certificate.ended.as_ref().map_or("not yet", |ended| &ended.local));
    line("state", &word(state).replace('_', " "));
    line("waited", &format!("{} in all", clock(certificate.waited)));
    line("served", &clock(certificate.served));
    line("calls", &certificate.calls.to_string());
    text.push('\n');
    for step in steps {
        let mut what = word(&step.what).replace('_', " ");
        if let Some(desk) = &step.desk {
            let _ = write!(what, ", {}", named(settings, desk));
        }
        if step.what == certificate::What::Transferred {
            let _ = write!(what, ", to {}", named(settings, &step.service));
        }
        let _ = writeln!(text, "{}  {what}", step.time.local);
    }
    text.push('\n');
    for wait in waits {
        let length = wait.length.map_or_else(|| "still waits".to_owned(), clock);
        let _ = writeln!(text, "waited for {}: {length}, from {}", named(settings, &wait.service), wait.from.local);
    }
    text
}

fn named<I: serde::Serialize>(settings: &Settings, thing: &Named<I>) -> String {
    thing.name.as_ref().map_or_else(|| word(&thing.id), |name| said(settings, name))
}
