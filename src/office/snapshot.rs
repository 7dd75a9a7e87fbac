//! Owns how an office is read back from a snapshot, of this version or an older one: what is missing is filled in, and parts that contradict
//! each other are refused. Never changes an office afterwards.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::branch::{Call, Counter, Office};
use super::deferral::Away;
use super::ids::{BranchId, DeskId, Key, Millis, ServiceId, TicketId};
use super::pace::Pace;
use super::queue::Queue;
use super::settings::Settings;
use super::station::Station;
use super::ticket::{State, Ticket};

/// Older snapshots have a bare number, counted from 1 by 1.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum CounterForm {
    Bare(u32),
    Full { serial: u32, last: u32 },
}

impl From<CounterForm> for Counter {
    fn from(form: CounterForm) -> Self {
        match form {
            CounterForm::Bare(last) => Self { serial: last, last },
            CounterForm::Full { serial, last } => Self { serial, last },
        }
    }
}

/// An office as a snapshot keeps it, before the indexes are built again.
#[derive(Deserialize)]
pub(super) struct Stored {
    branch: BranchId,
    rev: u64,
    at: Millis,
    settings: Option<Box<Settings>>,
    day: Option<NaiveDate>,
    #[serde(default)]
    shut: bool,
    tickets: BTreeMap<u64, Ticket>,
    counters: BTreeMap<String, Counter>,
    /// An older snapshot has none: the tickets tell.
    issued: Option<BTreeMap<ServiceId, u32>>,
    calls: u64,
    desks: BTreeMap<DeskId, TicketId>,
    #[serde(default)]
    stations: BTreeMap<DeskId, Station>,
    #[serde(default)]
    paces: BTreeMap<ServiceId, Pace>,
    keys: BTreeMap<Key, TicketId>,
    shown: Vec<Call>,
    queue: Queue,
    #[serde(default)]
    away: Away,
    #[serde(default)]
    last_calls: BTreeMap<ServiceId, TicketId>,
}

/// A snapshot whose parts contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("snapshot contradicts itself: {0}")]
pub struct BadSnapshot(&'static str);

impl TryFrom<Stored> for Office {
    type Error = BadSnapshot;

    fn try_from(stored: Stored) -> Result<Self, BadSnapshot> {
        let Stored {
            branch,
            rev,
            at,
            settings,
            day,
            shut,
            mut tickets,
            counters,
            issued,
            calls,
            desks,
            stations,
            paces,
            keys,
            shown,
            queue,
            away,
            last_calls,
        } = stored;
        // Tickets of an older snapshot have no serial yet: it was their number.
        tickets.values_mut().filter(|ticket| ticket.serial == 0).for_each(|ticket| ticket.serial = ticket.number);
        let by_id: HashMap<_, _> = tickets.iter().map(|(arrival, ticket)| (ticket.id, *arrival)).collect();
        let by_token = tickets.iter().map(|(arrival, ticket)| (ticket.token, *arrival)).collect();
        let mut by_code = HashMap::<_, Vec<_>>::new();
        for (arrival, ticket) in &tickets {
            by_code.entry(ticket.code.clone()).or_default().push(*arrival);
        }
        let issued = issued.unwrap_or_else(|| {
            tickets.values().fold(BTreeMap::new(), |mut issued, ticket| {
                *issued.entry(ticket.service).or_default() += 1;
                issued
            })
        });
        let mut office = Self {
            branch,
            rev,
            at,
            settings,
            day,
            shut,
            tickets,
            counters,
            issued,
            calls,
            desks,
            stations,
            paces,
            keys,
            shown,
            queue,
            away,
            last_calls,
            by_id,
            by_token,
            by_code,
            turns_at: None,
        };
        office.set_turn();
        office.contradiction().map_or(Ok(office), |problem| Err(BadSnapshot(problem)))
    }
}

impl Office {
    fn away_is_sound(&self) -> bool {
        let deferred = self.tickets.iter().filter(|(_, ticket)| ticket.state == State::Deferred);
        let mut expected: Vec<_> = deferred.map(|(arrival, ticket)| (ticket.deferral.until, *arrival)).collect();
        expected.sort_unstable();
        expected.into_iter().map(|(_, arrival)| arrival).eq(self.away.arrivals())
    }

    fn contradiction(&self) -> Option<&'static str> {
        let waiting = self.tickets.iter().filter(|(_, ticket)| ticket.state == State::Waiting);
        let held = |(desk, id): (&DeskId, &TicketId)| {
            self.ticket(*id).is_some_and(|ticket| ticket.state.is_active() && ticket.desk == Some(*desk))
        };
        let active = self.tickets.values().filter(|ticket| ticket.state.is_active());
        let open: Vec<_> = self.tickets.values().filter(|ticket| !ticket.state.is_final()).map(|ticket| ticket.code.as_str()).collect();
        let agents: Vec<_> = self.stations.values().filter_map(|station| station.agent).collect();
        let reserved = |ticket: &Ticket| ticket.reserved.is_none_or(|desk| self.stations.contains_key(&desk));
        let undone = self.stations.values().filter_map(|station| station.undo.as_ref()).flat_map(|undo| &undo.before);
        let checks = [
            (self.by_id.len() == self.tickets.len(), "two tickets with one id"),
            (are_different(&open), "two open tickets with one code"),
            (waiting.clone().map(|(arrival, _)| *arrival).eq(self.queue.by_arrival()), "the queue is not those who wait"),
            (self.away_is_sound(), "those who are away are not those who are put off"),
            (self.desks.iter().all(held), "a desk holds a ticket that is not its own"),
            (active.count() == self.desks.len(), "a ticket at a desk that does not hold it"),
            (are_different(&agents), "an agent at two desks"),
            (waiting.map(|(_, ticket)| ticket).all(reserved), "a ticket waits for a desk that is closed"),
            (
                undone.into_iter().all(|was| self.by_id.contains_key(&was.ticket.id)),
                "a desk could undo what happened to a ticket of another day",
            ),
            (self.tickets.last_key_value().is_none_or(|(arrival, _)| *arrival <= self.rev), "a ticket from after the snapshot"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, problem)| problem)
    }
}

fn are_different<T: Eq + std::hash::Hash>(items: &[T]) -> bool {
    items.iter().collect::<HashSet<_>>().len() == items.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::arbitrary::{Sample, page, sample};
    use super::super::command::Command;
    use super::*;

    #[test]
    fn a_snapshot_that_contradicts_itself_is_refused() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.done(Command::Call { desk: DeskId(1), ticket });
        let whole = serde_json::to_value(&sample.office).unwrap();
        assert_eq!(serde_json::from_value::<Office>(whole.clone()).unwrap(), sample.office);
        let mut broken = whole;
        broken["desks"] = serde_json::json!({});
        let error = serde_json::from_value::<Office>(broken).unwrap_err().to_string();
        assert_eq!(error, "snapshot contradicts itself: a ticket at a desk that does not hold it");
    }

    type Break = fn(&mut Value);

    #[test]
    fn every_contradiction_is_named() {
        let mut sample = Sample::new(sample());
        let [_, second] = [0, 0].map(|rank| sample.issue(1, rank));
        sample.tell_by(page(1), Command::CallNext { desk: DeskId(1) }).unwrap();
        sample.tell_by(page(2), Command::OpenDesk { desk: DeskId(2), take_over: false }).unwrap();
        let to = Some(DeskId(2));
        sample.done(Command::Transfer { desk: DeskId(1), ticket: Some(second), service: None, to, place: None });
        let whole = serde_json::to_value(&sample.office).unwrap();
        let cases: [(&str, Break); 6] = [
            ("two tickets with one id", |office| office["tickets"]["4"]["id"] = office["tickets"]["3"]["id"].clone()),
            ("two open tickets with one code", |office| office["tickets"]["4"]["code"] = json!("A-001")),
            ("the queue is not those who wait", |office| office["tickets"]["4"]["state"] = json!("held")),
            ("an agent at two desks", |office| office["stations"]["2"]["agent"] = office["stations"]["1"]["agent"].clone()),
            ("a ticket waits for a desk that is closed", |office| drop(office["stations"].as_object_mut().unwrap().remove("2"))),
            ("a ticket from after the snapshot", |office| office["rev"] = json!(3)),
        ];
        for (problem, break_it) in cases {
            let mut broken = whole.clone();
            break_it(&mut broken);
            let error = serde_json::from_value::<Office>(broken).unwrap_err().to_string();
            assert_eq!(error, format!("snapshot contradicts itself: {problem}"));
        }
        assert_eq!(serde_json::from_value::<Office>(whole).unwrap(), sample.office);
    }

    #[test]
    fn a_snapshot_of_the_version_before_is_read() {
        let mut sample = Sample::new(sample());
        for service in [1, 1, 2] {
            sample.issue(service, 0);
        }
        let mut old = serde_json::to_value(&sample.office).unwrap();
        let object = old.as_object_mut().unwrap();
        for new in ["shut", "issued", "stations", "paces", "away", "last_calls"] {
            object.remove(new).unwrap();
        }
        object["counters"] = json!({"A": 2, "B": 1});
        for ticket in object["tickets"].as_object_mut().unwrap().values_mut() {
            let ticket = ticket.as_object_mut().unwrap();
            for new in [
                "serial",
                "note",
                "outcome",
                "agent",
                "reserved",
                "booked_for",
                "expected",
                "segment",
                "queued_at",
                "calls_before",
                "held_at",
            ] {
                ticket.remove(new).unwrap();
            }
            for new in ["held", "deferral", "cancelled_by", "reliable"] {
                ticket.remove(new).unwrap();
            }
        }
        assert_eq!(serde_json::from_value::<Office>(old).unwrap(), sample.office);
    }
}
