//! Owns the first start: whoever reads the code on the console makes the office and the first admin.

use tokio::sync::oneshot;

use super::accounts::{AccountWish, Signed};
use super::api::Answer;
use super::book::Wish;
use super::branch::Branch;
use super::commands::timed_id;
use super::doors::Doors;
use super::entering::{Guest, Hashed, Hashing, Waiting};
use super::failure::Failure;
use super::filing::Asked;
use super::knock::{ScreensWord, SetUpAdmin, SetUpBody, SetUpBranch};
use super::messages;
use super::notice::Notice;
use super::passwords::Task;
use super::record::Reply;
use super::secrets::Secret;
use super::tickets::{Hub, TicketService};
use crate::access::{self, Login, PasswordHash, Screens};
use crate::office::{BranchId, Command, Desk, DeskId, Grants, LoginId, Name, Role, Service, ServiceId, Settings, User, UserId};
use crate::wrong::Wrong;

/// Desks of a new office.
const MOST_DESKS: u32 = 200;

/// The first admin of an office, to be made as soon as that is on disk.
pub struct Founded {
    admin: User,
    password: PasswordHash,
    login: Login,
    token: String,
    signed: Signed,
    reply: Waiting,
}

/// An office to be made as soon as the password is hashed.
pub struct Founding {
    branch: Option<(BranchId, Box<Settings>)>,
    admin: User,
    agent: String,
}

impl TicketService {
    /// The code that is asked for as long as there is no admin.
    pub fn setup_code(&mut self) -> Option<String> {
        let pending = self.is_pending();
        self.doors.guard().filter(|_| pending).map(|guard| guard.setup.code().shown())
    }

    /// Whether somebody is still to set the office up.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.doors, Doors::Guarded(_)) && self.staff.book().admins().next().is_none()
    }

    pub(super) fn set_up(&mut self, guest: &Guest, body: SetUpBody, agent: String, reply: Waiting) {
        match self.founding(body, agent) {
            Ok((founding, password)) => {
                let reply = self.begin_founding(reply);
                let (signed, address) = (self.signed(guest), guest.credential.address);
                let hashed = Hashed { hashing: Hashing::SetUp(Box::new(founding)), signed, address, reply };
                self.hash(Task { check: None, make: Some(password) }, hashed);
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    /// Nobody else begins until this one is answered, whatever the answer; gives the way to answer.
    fn begin_founding(&mut self, reply: Waiting) -> Waiting {
        let (sender, answered) = oneshot::channel();
        let tell = self.ground.messenger();
        if let Some(guard) = self.doors.guard() {
            guard.is_founding = true;
        }
        tokio::spawn(async move {
            let answer = answered.await;
            tell(Notice::FoundingOver);
            if let Ok(answer) = answer {
                drop(reply.send(answer));
            }
        });
        sender
    }

    fn founding(&mut self, body: SetUpBody, agent: String) -> Result<(Founding, String), Failure> {
        let SetUpBody { codigo, sucursal, admin: SetUpAdmin { nombre, acceso, clave } } = body;
        let now = self.ground.now();
        if !self.is_pending() {
            return Err(Failure::AlreadySetUp);
        }
        let guard = self.doors.guard().ok_or(Failure::AlreadySetUp)?;
        if !guard.setup.try_code(&codigo, now).map_err(|wait| Failure::TooManyAttempts(wait.seconds()))? {
            return Err(Failure::BadSetupCode);
        }
        // Of two with the code the second would write its office over the first one's.
        if guard.is_founding {
            return Err(Failure::AlreadySetUp);
        }
        let at = |place: &'static str| {
            move |failure| match failure {
                Failure::BadRequest(wrong) => Failure::BadRequest(wrong.within(place)),
                other => other,
            }
        };
        let name = messages::name("nombre", Some(&nombre)).map_err(at("admin"))?;
        let account = messages::account("acceso", &acceso).map_err(at("admin"))?;
        access::password(&clave, &account)?;
        let first = self.branches.find(None).filter(|id| self.branches.get(*id).is_some_and(|branch| self.is_to_be_founded(branch)));
        let branch = match (first, sucursal) {
            (Some(id), Some(form)) => Some((id, Box::new(settings(&self.untouched, form)?))),
            _ => None,
        };
        let id = UserId(timed_id(now));
        let grants = Grants::Everywhere(Role::Admin);
        let admin = User { id, name, grants, login: Some(account), disabled: false, created_at: now };
        Ok((Founding { branch, admin, agent }, clave))
    }

    /// The password is hashed: makes office and admin.
    pub(super) fn found(&mut self, turn: &mut Hub<'_>, founding: Founding, password: PasswordHash, signed: Signed, reply: Waiting) {
        // Somebody else may have come first while the password was hashed.
        if !self.is_pending() {
            return drop(reply.send(Err(Failure::AlreadySetUp)));
        }
        let Founding { branch, admin, agent } = founding;
        let (now, secret) = (self.ground.now(), Secret::of_login());
        let address = signed.address.unwrap_or_else(|| [127, 0, 0, 1].into());
        let login = Login::new(LoginId(timed_id(now)), admin.id, secret.hash, address, &agent, now);
        let founded = Founded { admin, password, login, token: secret.text, signed, reply };
        let Some((id, settings)) = branch else { return self.founded(turn, founded, Ok(())) };
        // First the office. As long as there is no admin everything can be done again, with another office too.
        let tell = self.ground.messenger();
        let go_on = Box::new(move |written| tell(Notice::Founded(Box::new(founded), written)));
        self.with(id, |branch, _| branch.submit(turn, Command::Configure(settings).into(), None, Reply::Then(go_on)));
    }

    /// The office is on disk, or could not be written: then there is no admin either.
    pub(super) fn founded(&mut self, turn: &mut Hub<'_>, founded: Founded, office: Result<(), Failure>) {
        let Founded { admin, password, login, token, signed, reply } = founded;
        if let Err(failure) = office {
            return drop(reply.send(Err(failure)));
        }
        let mut entered = self.entered(&admin, login.id, token, false);
        entered.created = true;
        let asked = Asked::Ready(reply, Box::new(Answer::Entered(Box::new(entered))));
        let wish = Wish::Account(AccountWish::SetUp { user: admin, password, login });
        self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, asked));
    }

    /// Whether a set-up may make this office: nobody has touched it, or nobody but a set-up that came to no admin. One that works
    /// already, or that an office file describes, is not made anew.
    fn is_to_be_founded(&self, branch: &Branch) -> bool {
        let Some(settings) = branch.settings() else { return false };
        let begun = || branch.office().is_unused() && is_founded(&self.untouched, settings) && !self.given.contains(&branch.id());
        *settings == self.untouched || begun()
    }
}

/// Whether settings are what a set-up makes of an untouched office: different in nothing else.
fn is_founded(untouched: &Settings, settings: &Settings) -> bool {
    let Settings { name, time_zone, languages, services, desks, screens, .. } = untouched.clone();
    Settings { name, time_zone, languages, services, desks, screens, ..settings.clone() } == *untouched
}

/// The settings of a new office: what is asked for, and else what every office begins with.
fn settings(untouched: &Settings, form: SetUpBranch) -> Result<Settings, Failure> {
    let SetUpBranch { nombre, zona, idiomas, servicios, escritorios, pantallas } = form;
    if !(1..=MOST_DESKS).contains(&escritorios) {
        let (es, en) = (format!("un número de 1 a {MOST_DESKS}"), format!("a number from 1 to {MOST_DESKS}"));
        return Err(Failure::BadRequest(Wrong::wanted("sucursal.escritorios", &es, &en)));
    }
    let pattern = untouched.services.first().ok_or_else(|| Failure::BadRequest(Wrong::missing("sucursal.servicios")))?;
    let services = (1..).zip(servicios).map(|(number, service)| {
        let name = service.nombre.trim().to_owned();
        let slug = format!("servicio-{number}");
        let prefix = service.prefijo.trim().to_uppercase();
        Service { id: ServiceId(number), slug, prefix, name: Name { es: name.clone(), en: name }, ..pattern.clone() }
    });
    let desks = (1..=escritorios).map(|number| Desk {
        id: DeskId(number),
        name: Name { es: format!("Escritorio {number}"), en: format!("Desk {number}") },
        services: Vec::new(),
    });
    let settings = Settings {
        name: nombre.trim().to_owned(),
        time_zone: zona,
        languages: idiomas.unwrap_or_else(|| untouched.languages.clone()),
        services: services.collect(),
        desks: desks.collect(),
        screens: match pantallas {
            Some(ScreensWord::Abiertas) => Screens::OpenOnLocalNetwork,
            Some(ScreensWord::Vinculadas) | None => Screens::Paired,
        },
        ..untouched.clone()
    };
    settings.check().map_err(|bad| Failure::BadRequest(Wrong::from(bad).within("sucursal")))?;
    Ok(settings)
}
