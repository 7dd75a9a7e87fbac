//! Owns the first start: whoever reads the code on the console makes the office and the first admin.

use tokio::sync::oneshot;

use super::accounts::AccountWish;
use super::api::Answer;
use super::book::Wish;
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

/// Desks of a new office.
const MOST_DESKS: u32 = 200;

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
                Failure::BadRequest(text) => Failure::BadRequest(format!("{place}.{text}")),
                other => other,
            }
        };
        let name = messages::name("nombre", Some(&nombre)).map_err(at("admin"))?;
        let account = access::account(&acceso).map_err(|error| Failure::BadRequest(format!("admin.acceso {error}")))?;
        access::password(&clave, &account)?;
        // An office that works already is not made anew.
        let first =
            self.branches.find(None).filter(|id| self.branches.get(*id).and_then(|branch| branch.settings()) == Some(&self.untouched));
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
    pub(super) fn found(
        &mut self,
        turn: &mut Hub<'_>,
        founding: Founding,
        password: PasswordHash,
        signed: super::accounts::Signed,
        reply: Waiting,
    ) {
        let Founding { branch, admin, agent } = founding;
        let (now, secret) = (self.ground.now(), Secret::of_login());
        let address = signed.address.unwrap_or_else(|| [127, 0, 0, 1].into());
        let login = Login::new(LoginId(timed_id(now)), admin.id, secret.hash, address, &agent, now);
        // First the office: it is written before the admin, by the same thread.
        if let Some((id, settings)) = branch {
            self.with(id, |branch, _| branch.submit(turn, Command::Configure(settings).into(), None, Reply::Nobody));
        }
        let mut entered = self.entered(&admin, login.id, secret.text, false);
        entered.created = true;
        let asked = Asked::Ready(reply, Box::new(Answer::Entered(Box::new(entered))));
        let wish = Wish::Account(AccountWish::SetUp { user: admin, password, login });
        self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, asked));
    }
}

/// The settings of a new office: what is asked for, and else what every office begins with.
fn settings(untouched: &Settings, form: SetUpBranch) -> Result<Settings, Failure> {
    let SetUpBranch { nombre, zona, idiomas, servicios, escritorios, pantallas } = form;
    let wrong = |text: String| Failure::BadRequest(format!("sucursal.{text}"));
    if !(1..=MOST_DESKS).contains(&escritorios) {
        return Err(wrong(format!("escritorios must be 1 to {MOST_DESKS}")));
    }
    let pattern = untouched.services.first().ok_or_else(|| wrong("servicios: there is none".into()))?;
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
    settings.check().map_err(|error| wrong(error.to_string()))?;
    Ok(settings)
}
