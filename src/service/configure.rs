//! Owns the way from a changed part of the settings to the command that replaces them: read, change, write, one change of a branch after the
//! other, so that none undoes what another one did. Checks no settings itself: the office does.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::accounts::Signed;
use super::api::{Answer, tag};
use super::branch::Branch;
use super::errand::{Edit, Part};
use super::failure::Failure;
use super::record::Reply;
use super::remark::Behalf;
use super::tickets::Hub;
use super::view;
use crate::office::{BranchId, Command, Desk, DeskId, Holiday, Office, Policy, Service, ServiceId, Settings, Week};
use crate::wrong::{self, Wrong};

/// Changes that may wait for another one.
const MOST_WAITING: usize = 64;

type Waiting = oneshot::Sender<Result<Answer, Failure>>;

/// A change of the settings that somebody waits for.
pub struct Wanted {
    pub part: Part,
    pub change: Edit,
    pub if_match: Option<String>,
    /// In whose name.
    pub signed: Option<Signed>,
    /// Whether whoever asks may do everything.
    pub administers: bool,
    pub reply: Waiting,
}

/// The changes of a branch's settings, one after the other.
#[derive(Default)]
pub struct Configuring {
    waiting: VecDeque<Wanted>,
    /// One is on its way to the disk.
    busy: bool,
    /// The branch's name with that one.
    name: Option<String>,
}

impl Configuring {
    /// The one that was on its way is answered.
    pub fn answered(&mut self) {
        (self.busy, self.name) = (false, None);
    }

    /// Whether the branch has this name when all changes are on disk, or on the way there.
    pub fn names(&self, name: &str) -> bool {
        let gives = |wanted: &Wanted| match (&wanted.part, &wanted.change) {
            (Part::Whole, Edit::Replace(body)) => name_of(body).is_some_and(|given| given == name),
            _ => false,
        };
        self.name.as_deref() == Some(name) || self.waiting.iter().any(gives)
    }
}

/// What is answered when a change is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Part(Part),
    /// It is new, and lies there.
    New(Part),
    Nothing,
}

/// Opening hours over REST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursBody {
    /// An empty week is always open.
    #[serde(default)]
    hours: Week,
    #[serde(default)]
    holidays: Vec<Holiday>,
    /// Minutes before closing from which on no numbers are given.
    #[serde(default)]
    #[schemars(range(max = 1440))]
    last_tickets: u16,
}

impl Branch {
    /// Shows a part of the settings, or changes it when no other change is on its way.
    pub(super) fn configure(&mut self, turn: &mut Hub<'_>, wanted: Wanted) {
        if wanted.change == Edit::Show {
            return drop(wanted.reply.send(Shown::Part(wanted.part).answer(self.office())));
        }
        if self.configuring.waiting.len() >= MOST_WAITING {
            return drop(wanted.reply.send(Err(Failure::Overloaded)));
        }
        self.configuring.waiting.push_back(wanted);
        self.configure_next(turn);
    }

    /// Gets the next change under way, if none is.
    pub(super) fn configure_next(&mut self, turn: &mut Hub<'_>) {
        while !self.configuring.busy
            && let Some(Wanted { part, change, if_match, signed, administers, reply }) = self.configuring.waiting.pop_front()
        {
            match changed(self.office(), &part, change, if_match.as_deref()) {
                Err(failure) => drop(reply.send(Err(failure))),
                // Nothing to be written.
                Ok((settings, show)) if self.settings() == Some(&settings) => drop(reply.send(show.answer(self.office()))),
                // Who keeps one branch's hooks does not say what of the network they may reach.
                Ok((settings, _)) if !administers && self.settings().is_some_and(|now| now.private_hooks != settings.private_hooks) => {
                    drop(reply.send(Err(Failure::Forbidden)));
                }
                Ok((settings, show)) => {
                    (self.configuring.busy, self.configuring.name) = (true, Some(settings.name.clone()));
                    let behalf = signed.map(|signed| Behalf { signed, part: Some(part.path()) });
                    self.submit(turn, Command::Configure(Box::new(settings)).into(), behalf, Reply::Settings { reply, show });
                }
            }
        }
    }
}

/// The settings as they are to be.
fn changed(office: &Office, part: &Part, change: Edit, if_match: Option<&str>) -> Result<(Settings, Shown), Failure> {
    let mut settings = office.settings().ok_or(Failure::UnknownBranch)?.clone();
    let mut show = Shown::Part(part.clone());
    match (part, change) {
        (Part::Whole, Edit::Replace(body)) => settings = whole(&body, office.branch())?,
        (Part::Hours, Edit::Replace(body)) => {
            let HoursBody { hours, holidays, last_tickets } = read(&body)?;
            (settings.hours, settings.holidays, settings.last_tickets) = (hours, holidays, last_tickets);
        }
        (Part::Policy, Edit::Replace(body)) => settings.policy = read::<Policy>(&body)?,
        (Part::Services, Edit::Add(body)) => {
            let next = settings.services.iter().map(|service| service.id.0).max().unwrap_or(0).saturating_add(1);
            let service: Service = with_id(&body, next)?;
            show = Shown::New(Part::Service(service.id.0.to_string()));
            settings.services.push(service);
        }
        (Part::Service(label), Edit::Replace(body)) => {
            let place = service_at(&settings, label)?;
            settings.services[place] = with_own_id(&body, settings.services[place].id.0)?;
        }
        (Part::Service(label), Edit::Remove) => {
            let gone = settings.services.remove(service_at(&settings, label)?).id;
            // A desk that served it alone would serve all from now on: that must be said.
            for desk in &mut settings.desks {
                let served = desk.services.len();
                desk.services.retain(|served| served.service != gone);
                if served > 0 && desk.services.is_empty() {
                    let (es, en) =
                        (format!("el escritorio {} no atiende nada más", desk.id), format!("desk {} serves nothing else", desk.id));
                    return Err(Failure::BadRequest(Wrong::new(es, en)));
                }
            }
            show = Shown::Nothing;
        }
        (Part::Desks, Edit::Add(body)) => {
            let next = settings.desks.iter().map(|desk| desk.id.0).max().unwrap_or(0).saturating_add(1);
            let desk: Desk = with_id(&body, next)?;
            show = Shown::New(Part::Desk(desk.id.to_string()));
            settings.desks.push(desk);
        }
        (Part::Desk(label), Edit::Replace(body)) => {
            let place = desk_at(&settings, label)?;
            settings.desks[place] = with_own_id(&body, settings.desks[place].id.0)?;
        }
        (Part::Desk(label), Edit::Remove) => {
            settings.desks.remove(desk_at(&settings, label)?);
            show = Shown::Nothing;
        }
        (_, _) => return Err(Failure::BadRequest(Wrong::new("eso no se puede cambiar así", "that cannot be changed like this"))),
    }
    settings.check().map_err(|bad| Failure::BadSettings(Box::new(bad)))?;
    // Last of all: what could not be done in any case is told first.
    if let Some(wanted) = if_match.filter(|wanted| *wanted != "*") {
        let known = tag(&json(office, part)?);
        if !wanted.split(',').any(|tag| tag.trim() == known) {
            return Err(Failure::Conflict);
        }
    }
    Ok((settings, show))
}

impl Shown {
    /// Of the office as it is now.
    pub fn answer(self, office: &Office) -> Result<Answer, Failure> {
        match self {
            Self::Nothing => Ok(Answer::Done),
            Self::Part(part) => Ok(Answer::Shown(json(office, &part)?)),
            Self::New(part) => {
                let below = match &part {
                    Part::Service(id) => format!("/services/{id}"),
                    Part::Desk(id) => format!("/desks/{id}"),
                    _ => String::new(),
                };
                Ok(Answer::Created { path: format!("branches/{}{below}", office.branch().0), json: json(office, &part)? })
            }
        }
    }
}

/// The settings of a new branch, without the number that it may not choose.
pub fn new_branch(body: &str) -> Result<Settings, Failure> {
    let settings: Settings = read(body)?;
    settings.check().map_err(|bad| Failure::BadSettings(Box::new(bad)))?;
    Ok(settings)
}

/// The name that a body gives a branch.
pub fn name_of(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    serde_json::from_str::<Named>(body).ok().map(|named| named.name)
}

fn json(office: &Office, part: &Part) -> Result<String, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownBranch)?;
    Ok(match part {
        Part::Whole => branch_json(office.branch(), settings),
        Part::Hours => {
            let Settings { hours, holidays, last_tickets, .. } = settings.clone();
            view::json(&HoursBody { hours, holidays, last_tickets })
        }
        Part::Policy => view::json(&settings.policy),
        Part::Services => format!(r#"{{"services":{}}}"#, view::json(&settings.services)),
        Part::Service(label) => view::json(&settings.services[service_at(settings, label)?]),
        Part::Desks => format!(r#"{{"desks":{}}}"#, view::json(&settings.desks)),
        Part::Desk(label) => view::json(&settings.desks[desk_at(settings, label)?]),
    })
}

/// A branch in the form of the office file: its number, and the settings.
pub fn branch_json(id: BranchId, settings: &Settings) -> String {
    let json = view::json(settings);
    format!(r#"{{"id":{},{}"#, id.0, json.strip_prefix('{').unwrap_or(&json))
}

fn whole(body: &str, id: BranchId) -> Result<Settings, Failure> {
    let mut body: Map<String, Value> = read(body)?;
    own_id(&mut body, id.0)?;
    from(body)
}

/// A thing with the number that its body gives it, else with the next one.
fn with_id<T: DeserializeOwned>(body: &str, next: u32) -> Result<T, Failure> {
    let mut body: Map<String, Value> = read(body)?;
    body.entry("id").or_insert_with(|| next.into());
    from(body)
}

/// A thing in place of the one with this number, which it keeps.
fn with_own_id<T: DeserializeOwned>(body: &str, id: u32) -> Result<T, Failure> {
    let mut body: Map<String, Value> = read(body)?;
    own_id(&mut body, id)?;
    body.insert("id".into(), id.into());
    from(body)
}

/// Takes the number out of a body, which may only be the one that it has.
fn own_id(body: &mut Map<String, Value>, id: u32) -> Result<(), Failure> {
    match body.remove("id") {
        Some(other) if other != id => {
            Err(Failure::BadRequest(Wrong::at("id", format!("es {id} y no se puede cambiar"), format!("it is {id} and cannot be changed"))))
        }
        _ => Ok(()),
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, Failure> {
    wrong::object(body).map_err(|unread| Failure::BadRequest(unread.into()))
}

fn from<T: DeserializeOwned>(body: Map<String, Value>) -> Result<T, Failure> {
    wrong::value(&Value::Object(body)).map_err(Failure::BadRequest)
}

fn service_at(settings: &Settings, label: &str) -> Result<usize, Failure> {
    let id = label.parse().ok().map(ServiceId);
    let found = settings.services.iter().position(|service| Some(service.id) == id);
    found.or_else(|| settings.services.iter().position(|service| service.slug == label)).ok_or(Failure::UnknownService)
}

fn desk_at(settings: &Settings, label: &str) -> Result<usize, Failure> {
    let id = label.parse().ok().map(DeskId);
    settings.desks.iter().position(|desk| Some(desk.id) == id).ok_or(Failure::UnknownDesk)
}
