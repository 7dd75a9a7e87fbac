//! Owns the columns of every export, and how a row is made of what the store hands over. What is nobody's business is left out here: tokens,
//! sessions and keys always; names and notes unless they are asked for.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::access::{AuditLine, Author};
use crate::app::archive::Branch;
use crate::config::Table;
use crate::office::{Entry, Event, Millis, Rank, ServiceId, Settings};
use crate::store::{Audited, Stay, Visit};

const TICKETS: &[&str] = &[
    "branch",
    "day",
    "ticket",
    "code",
    "number",
    "service",
    "class",
    "channel",
    "lang",
    "state",
    "desk",
    "agent",
    "reserved",
    "calls",
    "segments",
    "issued_at",
    "booked_for",
    "expected_ms",
    "queued_at",
    "first_called_at",
    "last_called_at",
    "started_at",
    "held_ms",
    "deferred_ms",
    "deferrals",
    "ended_at",
    "cancelled_by",
    "outcome",
    "reliable",
];

/// Only where they were asked for.
const PERSONAL: [&str; 2] = ["name", "note"];

const SEGMENTS: &[&str] = &[
    "branch",
    "day",
    "ticket",
    "segment",
    "service",
    "class",
    "channel",
    "desk",
    "agent",
    "calls",
    "queued_at",
    "first_called_at",
    "last_called_at",
    "started_at",
    "held_ms",
    "deferred_ms",
    "ended_at",
    "end",
    "reliable",
];

const CALLS: &[&str] = &["branch", "day", "call", "rev", "at", "ticket", "code", "desk", "calls", "again"];

const EVENTS: &[&str] = &["branch", "day", "rev", "at", "type", "ticket", "desk", "event"];

const AUDIT: &[&str] = &["branch", "id", "at", "by", "by_id", "by_name", "address", "action", "subject", "detail"];

/// What a client proves with: in no export.
const SECRETS: [&str; 2] = ["token", "session"];

/// The columns of a table, in their order.
pub fn columns(what: Table, names: bool) -> Vec<&'static str> {
    match what {
        Table::Tickets if names => [TICKETS, &PERSONAL].concat(),
        Table::Tickets => TICKETS.to_vec(),
        Table::Segments => SEGMENTS.to_vec(),
        Table::Calls => CALLS.to_vec(),
        Table::Events => EVENTS.to_vec(),
        Table::Audit => AUDIT.to_vec(),
    }
}

/// How a branch says things.
pub struct Words<'a> {
    branch: u32,
    settings: &'a Settings,
    names: bool,
}

impl<'a> Words<'a> {
    pub fn new(branch: &'a Branch, names: bool) -> Self {
        Self { branch: branch.id.0, settings: &branch.settings, names }
    }

    /// On the branch's clocks: `2026-11-20T09:00:00.000+01:00`.
    fn time(&self, at: Option<Millis>) -> Value {
        at.map_or(Value::Null, |at| time(at, self.settings.time_zone))
    }

    /// Its slug; the number of one that is gone.
    fn service(&self, id: ServiceId) -> Value {
        self.settings.service(id).map_or_else(|| id.0.into(), |service| service.slug.as_str().into())
    }

    fn class(&self, rank: Rank) -> Value {
        let class = self.settings.classes.iter().find(|class| class.rank == rank);
        match class {
            _ if rank == Rank::NORMAL => "normal".into(),
            Some(class) => class.slug.as_str().into(),
            None => rank.0.into(),
        }
    }
}

pub fn ticket(words: &Words<'_>, visit: &Visit) -> Vec<Value> {
    let Visit { day, ticket, .. } = visit;
    let mut row = vec![
        json!(words.branch),
        json!(day),
        json!(ticket.id),
        json!(ticket.code),
        json!(ticket.number),
        words.service(ticket.service),
        words.class(ticket.rank),
        json!(ticket.channel),
        json!(ticket.lang),
        json!(ticket.state),
        json!(ticket.desk),
        json!(ticket.agent),
        json!(ticket.reserved),
        json!(ticket.calls),
        json!(ticket.segment),
        words.time(Some(ticket.issued_at)),
        words.time(ticket.booked_for),
        json!(ticket.expected),
        words.time(Some(ticket.queued_at.unwrap_or(ticket.issued_at))),
        words.time(ticket.first_called_at),
        words.time(ticket.last_called_at),
        words.time(ticket.started_at),
        json!(ticket.held),
        json!(ticket.present().deferred),
        json!(ticket.deferral.times),
        words.time(ticket.ended_at),
        json!(ticket.cancelled_by),
        json!(ticket.outcome),
        json!(ticket.reliable),
    ];
    if words.names {
        row.extend([json!(ticket.name), json!(ticket.note)]);
    }
    row
}

pub fn segment(words: &Words<'_>, stay: &Stay) -> Vec<Value> {
    let Stay { day, segment, .. } = stay;
    vec![
        json!(words.branch),
        json!(day),
        json!(segment.ticket),
        json!(segment.segment),
        words.service(segment.service),
        words.class(segment.rank),
        json!(segment.channel),
        json!(segment.desk),
        json!(segment.agent),
        json!(segment.calls),
        words.time(Some(segment.queued_at)),
        words.time(segment.first_called_at),
        words.time(segment.last_called_at),
        words.time(segment.started_at),
        json!(segment.held),
        json!(segment.deferred),
        words.time(segment.ended_at),
        json!(segment.end),
        json!(segment.reliable),
    ]
}

/// `None` for an entry that calls nobody.
pub fn call(words: &Words<'_>, day: Option<NaiveDate>, entry: &Entry, code: Option<&str>) -> Option<Vec<Value>> {
    let (ticket, desk, call, calls, again) = match entry.event {
        Event::TicketCalled { ticket, desk, call, calls, .. } => (ticket, desk, call, calls, false),
        Event::TicketRecalled { ticket, desk, call, calls } => (ticket, desk, call, calls, true),
        _ => return None,
    };
    Some(vec![
        json!(words.branch),
        json!(day),
        json!(call),
        json!(entry.rev),
        words.time(Some(entry.at)),
        json!(ticket),
        json!(code),
        json!(desk),
        json!(calls),
        json!(again),
    ])
}

/// `None` for an entry that has no form, which is none.
pub fn event(words: &Words<'_>, day: Option<NaiveDate>, entry: &Entry) -> Option<Vec<Value>> {
    let Value::Object(mut event) = serde_json::to_value(&entry.event).ok()? else { return None };
    without_secrets(&mut event, words.names);
    let kind = event.get("type").cloned().unwrap_or_default();
    Some(vec![
        json!(words.branch),
        json!(day),
        json!(entry.rev),
        words.time(Some(entry.at)),
        kind,
        json!(entry.event.ticket()),
        json!(entry.event.desk()),
        Value::Object(event),
    ])
}

/// A line of the audit log. Who did it is what it is there for: the name stands in it in any case.
pub fn audited(Audited { id, line }: &Audited, zone: Tz) -> Vec<Value> {
    let AuditLine { at, branch, by, address, action, subject, detail } = line;
    let (kind, author, name) = match by {
        Author::Nobody => ("nobody", None, None),
        Author::User { id, name } => ("user", Some(id.to_string()), Some(name)),
        Author::Device { id, name } => ("device", Some(id.to_string()), Some(name)),
        Author::Program => ("program", None, None),
    };
    vec![
        json!(branch),
        json!(id),
        time(*at, zone),
        json!(kind),
        json!(author),
        json!(name),
        json!(address),
        json!(action),
        json!(subject),
        // The store takes nothing else.
        serde_json::from_str(detail).unwrap_or_default(),
    ]
}

/// `2026-11-20T09:00:00.000+01:00`, on the clocks of there.
fn time(at: Millis, zone: Tz) -> Value {
    let wall = DateTime::from_timestamp_millis(at.0).map(|at| at.with_timezone(&zone));
    wall.map_or(Value::Null, |wall| wall.to_rfc3339_opts(SecondsFormat::Millis, false).into())
}

/// An event's own fields, and those of the ticket as it was that an undo carries; not the settings, whose names are the office's.
fn without_secrets(fields: &mut Map<String, Value>, names: bool) {
    for secret in SECRETS {
        fields.remove(secret);
    }
    if !names {
        for personal in PERSONAL {
            fields.remove(personal);
        }
    }
    if let Some(Value::Object(before)) = fields.get_mut("before") {
        without_secrets(before, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_keeps_no_secret_and_names_only_when_asked() {
        let event = json!({
            "type": "ticket_restored", "token": "t", "session": "s", "note": "n",
            "before": {"token": "t", "name": "Ana", "note": "n", "code": "A-001"},
            "settings": {"name": "Centro", "services": [{"name": {"es": "Caja"}}]},
        });
        let left = |names| {
            let Value::Object(mut fields) = event.clone() else { unreachable!("an object") };
            without_secrets(&mut fields, names);
            Value::Object(fields)
        };
        let settings = &event["settings"];
        let plain = json!({"type": "ticket_restored", "before": {"code": "A-001"}, "settings": settings});
        assert_eq!(left(false), plain);
        let named =
            json!({"type": "ticket_restored", "note": "n", "before": {"name": "Ana", "note": "n", "code": "A-001"}, "settings": settings});
        assert_eq!(left(true), named);
    }

    #[test]
    fn a_column_is_there_once() {
        for what in [Table::Tickets, Table::Segments, Table::Calls, Table::Events, Table::Audit] {
            let columns = columns(what, true);
            let different: std::collections::BTreeSet<_> = columns.iter().collect();
            assert_eq!(different.len(), columns.len(), "{what:?}");
        }
    }
}
