//! Owns which commands the audit log is told of, and what: those that depart from the order of the queue, the day ended or begun again by
//! hand, the settings. Looks at the office before the command and at what it did; decides nothing, writes nothing.

use serde_json::{Map, Value, json};

use super::accounts::Signed;
use crate::access::{AuditAction, AuditLine};
use crate::office::{BranchId, By, Canceller, Command, DeskId, Entry, Event, Holder, Millis, Office, Place, Request, Settings, TicketId};

/// Changes of the settings that one line tells one by one.
const MOST_CHANGES: usize = 40;
/// Characters of a text of the settings that a line shows.
const MOST_SHOWN: usize = 80;

/// In whose name a command is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behalf {
    pub signed: Signed,
    /// The path of the part of the settings that is changed.
    pub part: Option<String>,
}

/// What is to be told of a command, if it does anything.
#[derive(Debug)]
pub struct Remark {
    signed: Signed,
    about: About,
    /// The one of the desk or of the command, before it.
    ticket: Option<TicketId>,
    detail: Map<String, Value>,
}

/// What the command must have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Any entry will do.
    Anything(AuditAction),
    /// Put a ticket back before all others.
    First,
    Desk(DeskId),
    Settings,
}

impl From<Signed> for Behalf {
    fn from(signed: Signed) -> Self {
        Self { signed, part: None }
    }
}

impl Remark {
    /// Of a command that is about to be decided; `None` for one that the audit log is not told of, whatever it does.
    pub fn of(office: &Office, request: &Request, behalf: &Behalf, now: Millis) -> Option<Self> {
        use AuditAction::*;
        use Command::*;
        let own = |desk: DeskId, ticket: Option<TicketId>| ticket.or_else(|| Some(office.desk_ticket(desk)?.id));
        let code = |ticket: TicketId| office.ticket(ticket).map(|ticket| ticket.code.clone());
        let (about, ticket, detail) = match &request.command {
            Call { desk, ticket } => {
                let (next, _) = office.next_for(*desk, now).filter(|(next, _)| next.id != *ticket)?;
                (About::Anything(TicketOutOfOrder), Some(*ticket), json!({"escritorio": desk, "siguiente": next.code}))
            }
            Cancel { ticket, by: Canceller::Staff } => (About::Anything(TicketCancelled), Some(*ticket), json!({})),
            Reactivate { ticket, place } => (About::Anything(TicketReactivated), Some(*ticket), json!({"posicion": place.map(place_word)})),
            Transfer { desk, ticket, service, to, place } => {
                let detail = json!({"escritorio": desk, "servicio": service, "a": to, "posicion": place.map(place_word)});
                (About::Anything(TicketTransferred), own(*desk, *ticket), detail)
            }
            Requeue { desk, ticket, .. } => (About::First, own(*desk, *ticket), json!({"escritorio": desk})),
            Release { desk, ticket, .. } => (About::First, Some(*ticket), json!({"escritorio": desk})),
            Undo { desk } => (About::Anything(TicketUndone), None, json!({"escritorio": desk})),
            OpenDesk { desk, .. } => {
                let before = office.station(*desk).filter(|_| is_of_another(office, *desk, request.by))?;
                let held = office.desk_ticket(*desk).and_then(|ticket| code(ticket.id));
                (About::Desk(*desk), None, json!({"usuario": before.agent.map(|agent| agent.to_string()), "ticket": held}))
            }
            CloseDay => (About::Anything(DayClosed), None, json!({})),
            ReopenDay => (About::Anything(DayReopened), None, json!({})),
            Configure(settings) => {
                let (changes, more) = office.settings().map(|before| changes(before, settings)).unwrap_or_default();
                (About::Settings, None, json!({"parte": behalf.part, "cambios": changes, "mas": (more > 0).then_some(more)}))
            }
            _ => return None,
        };
        let detail = if let Value::Object(detail) = detail { detail } else { Map::new() };
        Some(Self { signed: behalf.signed.clone(), about, ticket, detail })
    }

    /// The line, of what the command did, in the office as it is after it; `None` where it did nothing that is told.
    pub fn line(self, office: &Office, entries: &[Entry]) -> Option<AuditLine> {
        let Self { signed, about, ticket, mut detail } = self;
        let at = entries.last()?.at;
        let code = |ticket: TicketId| office.ticket(ticket).map(|ticket| ticket.code.clone());
        let events = || entries.iter().map(|entry| &entry.event);
        let first = |event: &Event| match event {
            Event::TicketRequeued { place, .. } | Event::TicketReleased { place, .. } => matches!(place, Place::First | Place::After(0)),
            _ => false,
        };
        let opened = |event: &Event| if let Event::DeskOpened { desk, .. } = event { Some(*desk) } else { None };
        let action = match about {
            About::Anything(action) => action,
            About::First => events().any(first).then_some(AuditAction::TicketFirst)?,
            About::Desk(desk) => events().any(|event| opened(event) == Some(desk)).then_some(AuditAction::DeskTakenOver)?,
            About::Settings => events().any(|event| matches!(event, Event::Configured { .. })).then_some(AuditAction::SettingsChanged)?,
        };
        let mut subject = ticket.and_then(code).unwrap_or_default();
        match about {
            About::Anything(AuditAction::TicketUndone) => {
                let codes: Vec<_> = events().filter_map(Event::ticket).filter_map(code).collect();
                subject = codes.first().cloned().unwrap_or_default();
                if codes.len() > 1 {
                    detail.insert("tickets".into(), codes.into());
                }
            }
            About::Desk(desk) => subject = desk.to_string(),
            About::Anything(_) | About::First | About::Settings => {}
        }
        detail.retain(|_, value| !value.is_null());
        Some(signed.tells(at, action, subject, Value::Object(detail).to_string()))
    }
}

/// Of a branch that is made now.
pub fn branch_made(signed: &Signed, now: Millis, branch: BranchId, name: &str) -> AuditLine {
    let signed = Signed { branch: Some(branch), ..signed.clone() };
    signed.tells(now, AuditAction::BranchCreated, branch.0.to_string(), json!({"nombre": name}).to_string())
}

/// Whether a desk that is open is somebody else's: of another session, or of the same one with another agent.
fn is_of_another(office: &Office, desk: DeskId, by: By) -> bool {
    let Some(station) = office.station(desk) else { return false };
    let session = if let Holder::Session(session) = by.holder { Some(session) } else { None };
    let other_agent = by.agent.is_some_and(|agent| station.agent.is_some_and(|before| before != agent));
    other_agent || station.session.is_some() && station.session != session
}

/// As a payload has it.
fn place_word(place: Place) -> Value {
    match place {
        Place::First => "inicio".into(),
        Place::Last => "final".into(),
        Place::ByArrival => "llegada".into(),
        Place::After(others) => json!({"despues": others}),
    }
}

/// Where two settings differ, as `services[1].prefix`, with what stood and stands there where that is a plain value; and how many more places.
fn changes(before: &Settings, after: &Settings) -> (Vec<Value>, usize) {
    let mut found = Vec::new();
    // Settings are plain data: they always have a JSON form.
    let form = |settings| serde_json::to_value(settings).unwrap_or_default();
    compare(String::new(), &form(before), &form(after), &mut found);
    let more = found.len().saturating_sub(MOST_CHANGES);
    found.truncate(MOST_CHANGES);
    (found, more)
}

fn compare(at: String, before: &Value, after: &Value, found: &mut Vec<Value>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(old), Value::Object(new)) => {
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            for name in names {
                let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                compare(place, old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for i in 0..old.len().max(new.len()) {
                compare(format!("{at}[{i}]"), old.get(i).unwrap_or(&Value::Null), new.get(i).unwrap_or(&Value::Null), found);
            }
        }
        (before, after) => {
            let mut change = Map::from_iter([("lugar".into(), at.into())]);
            let sides = [("antes", before), ("ahora", after)].into_iter().filter_map(|(name, side)| Some((name.to_owned(), plain(side)?)));
            change.extend(sides);
            found.push(Value::Object(change));
        }
    }
}

/// A value that can be shown in a line; a long text cut.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.chars().count() > MOST_SHOWN => {
            Some(text.chars().take(MOST_SHOWN).chain(['…']).collect::<String>().into())
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Author;
    use crate::office::arbitrary::{MORNING, Sample, sample};
    use crate::office::{SessionId, UserId};

    const DESK: DeskId = DeskId(1);

    fn behalf() -> Behalf {
        let by = Author::User { id: UserId(7), name: "Ana".into() };
        Signed { by, address: Some([192, 168, 1, 7].into()), branch: Some(BranchId(1)) }.into()
    }

    /// What is told of a command: the action's code, the subject, the detail.
    fn told_by(sample: &mut Sample, by: By, command: Command) -> Option<(&'static str, String, Value)> {
        let request = Request { command, key: None, by };
        let remark = Remark::of(&sample.office, &request, &behalf(), MORNING);
        let done = sample.office.execute(request, MORNING).expect("the command is done");
        let line = remark?.line(&sample.office, &done.entries)?;
        let Behalf { signed: Signed { by, address, branch }, .. } = behalf();
        assert_eq!((line.at, &line.by, line.address, line.branch), (done.entries.last().unwrap().at, &by, address, branch));
        Some((line.action.code(), line.subject, serde_json::from_str(&line.detail).unwrap()))
    }

    fn told(sample: &mut Sample, command: Command) -> Option<(&'static str, String, Value)> {
        told_by(sample, By::default(), command)
    }

    #[test]
    fn what_departs_from_the_order_is_told() {
        let mut sample = Sample::new(sample());
        let [first, second, third] = [0, 0, 0].map(|rank| sample.issue(1, rank));
        let code = String::from;
        let expected = ("ticket_out_of_order", code("A-002"), json!({"escritorio": 1, "siguiente": "A-001"}));
        assert_eq!(told(&mut sample, Command::Call { desk: DESK, ticket: second }), Some(expected));
        let undone = ("ticket_undone", code("A-002"), json!({"escritorio": 1}));
        assert_eq!(told(&mut sample, Command::Undo { desk: DESK }), Some(undone));
        assert_eq!(told(&mut sample, Command::Call { desk: DESK, ticket: first }), None, "it was next");
        assert_eq!(told(&mut sample, Command::Requeue { desk: DESK, ticket: None, place: Some(Place::Last) }), None);
        assert_eq!(told(&mut sample, Command::CallNext { desk: DESK }), None);
        let put_back = Command::Requeue { desk: DESK, ticket: None, place: Some(Place::First) };
        assert_eq!(told(&mut sample, put_back), Some(("ticket_first", code("A-002"), json!({"escritorio": 1}))));
        assert_eq!(told(&mut sample, Command::CallNext { desk: DESK }), None);
        assert_eq!(told(&mut sample, Command::Hold { desk: DESK, ticket: None }), None);
        let release = Command::Release { desk: DESK, ticket: second, place: Some(Place::First) };
        assert_eq!(told(&mut sample, release), Some(("ticket_first", code("A-002"), json!({"escritorio": 1}))));
        assert_eq!(told(&mut sample, Command::CallNext { desk: DESK }), None);
        let behind_none = Command::Requeue { desk: DESK, ticket: None, place: Some(Place::After(0)) };
        assert_eq!(told(&mut sample, behind_none), Some(("ticket_first", code("A-002"), json!({"escritorio": 1}))), "by another name");
        assert_eq!(told(&mut sample, Command::CallNext { desk: DESK }), None);
        assert_eq!(told(&mut sample, Command::Requeue { desk: DESK, ticket: None, place: Some(Place::After(1)) }), None);
        sample.done(Command::OpenDesk { desk: DeskId(2), take_over: false });
        let transfer =
            Command::Transfer { desk: DESK, ticket: Some(third), service: None, to: Some(DeskId(2)), place: Some(Place::After(1)) };
        let detail = json!({"escritorio": 1, "a": 2, "posicion": {"despues": 1}});
        assert_eq!(told(&mut sample, transfer), Some(("ticket_transferred", code("A-003"), detail)));
        let cancel = |by| Command::Cancel { ticket: third, by };
        assert_eq!(told(&mut sample, cancel(Canceller::Staff)), Some(("ticket_cancelled", code("A-003"), json!({}))));
        let back = Command::Reactivate { ticket: third, place: Some(Place::First) };
        assert_eq!(told(&mut sample, back), Some(("ticket_reactivated", code("A-003"), json!({"posicion": "inicio"}))));
        assert_eq!(told(&mut sample, cancel(Canceller::Visitor)), None, "its visitor may");
    }

    #[test]
    fn a_day_is_closed_and_opened_once() {
        let mut sample = Sample::new(sample());
        assert_eq!(told(&mut sample, Command::ReopenDay), None, "it is open");
        assert_eq!(told(&mut sample, Command::CloseDay), Some(("day_closed", String::new(), json!({}))));
        assert_eq!(told(&mut sample, Command::CloseDay), None, "it is closed");
        assert_eq!(told(&mut sample, Command::ReopenDay), Some(("day_reopened", String::new(), json!({}))));
    }

    #[test]
    fn a_desk_is_taken_over_from_somebody_else() {
        let mut sample = Sample::new(sample());
        let page = |number: u128| By { holder: Holder::Session(SessionId(number)), agent: Some(UserId(number)) };
        let open = |take_over| Command::OpenDesk { desk: DESK, take_over };
        assert_eq!(told_by(&mut sample, page(1), open(true)), None, "it was closed");
        assert_eq!(told_by(&mut sample, page(1), open(true)), None, "it is her own");
        assert_eq!(told_by(&mut sample, page(1), Command::PauseDesk { desk: DESK, reason: None }), None);
        assert_eq!(told_by(&mut sample, page(1), open(false)), None, "gone on with");
        sample.issue(1, 0);
        sample.done(Command::CallNext { desk: DESK });
        let detail = json!({"usuario": UserId(1).to_string(), "ticket": "A-001"});
        assert_eq!(told_by(&mut sample, page(2), open(true)), Some(("desk_taken_over", "1".into(), detail)));
    }

    #[test]
    fn of_settings_the_places_are_told() {
        let mut sample = Sample::new(sample());
        let mut settings = sample.office.settings().unwrap().clone();
        settings.name = "x".repeat(100);
        settings.services[0].prefix = "Z".into();
        let removed = settings.desks.pop().unwrap();
        let (_, subject, detail) = told(&mut sample, Command::Configure(Box::new(settings.clone()))).unwrap();
        assert_eq!(subject, "");
        let changes = detail["cambios"].as_array().unwrap();
        let place = |at: &str| changes.iter().find(|change| change["lugar"] == at).unwrap_or_else(|| panic!("{at} in {detail}"));
        assert_eq!(place("name")["ahora"].as_str().unwrap().chars().count(), MOST_SHOWN + 1);
        assert_eq!(place("services[0].prefix"), &json!({"lugar": "services[0].prefix", "antes": "A", "ahora": "Z"}));
        assert_eq!(place(&format!("desks[{}]", settings.desks.len())).get("ahora"), None, "{removed:?} is gone");
        assert_eq!((changes.len(), detail.get("mas")), (3, None));
    }
}
