//! Owns signing in and out, one's own sign-ins and passwords: looks, has the password checked elsewhere, has the change written, and only
//! then answers. Everything about who somebody is over REST begins here.

use std::net::IpAddr;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::accounts::{AccountWish, Signed, kind_word};
use super::api::{Answer, Entered, Mark};
use super::book::Wish;
use super::commands::timed_id;
use super::doors::{Doors, Entrance, signed};
use super::failure::Failure;
use super::filing::Asked;
use super::founding::Founding;
use super::knock::{BranchWord, ChangePasswordBody, Knock, NewPasswordBody, SignInBody};
use super::messages::RoleWord;
use super::notice::Notice;
use super::passwords::{Check, Checked, Task};
use super::secrets::Secret;
use super::tickets::{Hub, TicketService};
use super::users::UserDraft;
use crate::access::{self, Action, Credential, Login, PasswordHash, Screens, Who};
use crate::office::{LoginId, User, UserId};

pub type Waiting = oneshot::Sender<Result<Answer, Failure>>;

/// Who knocks.
pub struct Guest {
    pub who: Who,
    pub entrance: Entrance,
    pub credential: Credential,
    /// The branch that the request is about.
    pub place: Option<BranchWord>,
}

/// What goes on when passwords were checked and hashed.
pub enum Hashing {
    SignIn {
        /// As it was typed, in its normal form if it has one.
        account: String,
        /// Whose it is, and what the password is checked against.
        user: Option<(UserId, PasswordHash)>,
        bearer: bool,
        agent: String,
        /// The sign-in that the browser had before.
        before: Option<LoginId>,
    },
    /// One's own.
    ChangePassword {
        user: UserId,
        keep: LoginId,
        /// What the old one is checked against.
        proof: PasswordHash,
    },
    /// Somebody else's.
    SetPassword {
        user: UserId,
    },
    User(UserDraft),
    SetUp(Box<Founding>),
}

/// Something that waits for a password.
pub struct Hashed {
    pub hashing: Hashing,
    pub signed: Signed,
    pub address: IpAddr,
    pub reply: Waiting,
}

impl TicketService {
    /// Answers who knocks, now or later.
    pub(super) fn knock(&mut self, turn: &mut Hub<'_>, guest: &Guest, knock: Knock, reply: Waiting) {
        let answer = match knock {
            Knock::Session => Ok(self.session_answer(guest)),
            Knock::SignIn { body, agent } => return self.sign_in(guest, body, agent, reply),
            Knock::SignOut => return self.sign_out(turn, guest, reply),
            Knock::Sessions => Ok(self.own_sessions(guest)),
            Knock::EndSession(id) => match self.own_login(guest, &id) {
                Ok(login) => {
                    let by_other = guest.entrance != Entrance::Login(login);
                    return self.change_account(turn, guest, AccountWish::SignOut { login, by_other }, Answer::Done, reply);
                }
                Err(failure) => Err(failure),
            },
            Knock::ChangePassword(body) => return self.change_password(guest, body, reply),
            Knock::SetPassword(id, body) => return self.set_password(guest, &id, body, reply),
            Knock::Setup => Ok(Answer::Shown(json!({"pendiente": self.is_pending()}).to_string())),
            Knock::SetUp { body, agent } => return self.set_up(guest, *body, agent, reply),
            Knock::Pair(body) => self.pair(guest, &body),
            Knock::Claim(body) => self.claim(guest, &body),
            Knock::Devices | Knock::Device(_) => self.show_devices(guest, knock),
            Knock::AddDevice(body) => return self.add_device(turn, guest, &body, reply),
            Knock::RenameDevice(id, body) => return self.rename_device(turn, guest, &id, &body, reply),
            Knock::RevokeDevice(id) => return self.revoke_device(turn, guest, &id, reply),
        };
        // Whoever asked may have gone away meanwhile.
        drop(reply.send(answer));
    }

    /// Has a change of accounts written, and then answers.
    pub(super) fn change_account(&mut self, turn: &mut Hub<'_>, guest: &Guest, wish: AccountWish, answer: Answer, reply: Waiting) {
        let signed = self.signed(guest);
        let asked = Asked::Ready(reply, Box::new(answer));
        self.with_staff(turn, |staff, turn| staff.submit(turn, Wish::Account(wish), signed, asked));
    }

    pub(super) fn signed(&self, guest: &Guest) -> Signed {
        signed(self.staff.book(), &guest.who, Some(guest.credential.address), None)
    }

    /// Has passwords checked or hashed elsewhere; goes on in [`TicketService::hashed`].
    pub(super) fn hash(&mut self, task: Task, hashed: Hashed) {
        let tell = self.ground.messenger();
        let Some(guard) = self.doors.guard().filter(|guard| guard.passwords.has_room(false)) else {
            return drop(hashed.reply.send(Err(Failure::Overloaded)));
        };
        // There is room: nobody but the hub puts anything there.
        let _ = guard.passwords.submit(task, move |checked| tell(Notice::Hashed(checked, Box::new(hashed))));
    }

    /// Passwords were checked and hashed.
    pub(super) fn hashed(&mut self, turn: &mut Hub<'_>, checked: Checked, hashed: Hashed) {
        let Hashed { hashing, signed, address, reply } = hashed;
        let now = self.ground.now();
        let wish = match (hashing, checked) {
            (Hashing::SignIn { account, user, bearer, agent, before }, Checked { right, .. }) => {
                let book = self.staff.book();
                let user = user.filter(|_| right).and_then(|(user, proof)| Some((book.proven(user, &proof).ok()?.clone(), proof)));
                let Some(guard) = self.doors.guard() else { return };
                let Some((user, proof)) = user else {
                    guard.failed(self.staff.book().with_account(&account).and_then(|user| user.login.as_deref()), address);
                    return drop(reply.send(Err(Failure::BadLogin)));
                };
                guard.throttle.succeeded(&account, address, now);
                let secret = Secret::of_login();
                let login = Login::new(LoginId(timed_id(now)), user.id, secret.hash, address, &agent, now);
                let answer = self.entered(&user, login.id, secret.text, bearer);
                let asked = Asked::Ready(reply, Box::new(Answer::Entered(Box::new(answer))));
                // A browser that signs in again is not two.
                let wish = Wish::Account(AccountWish::SignIn { login, instead: before.filter(|_| !bearer), proof });
                self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, asked));
                return;
            }
            (Hashing::ChangePassword { user, .. }, Checked { right: false, .. }) => {
                if let Some(guard) = self.doors.guard() {
                    guard.failed(self.staff.book().user(user).and_then(|user| user.login.as_deref()), address);
                }
                return drop(reply.send(Err(Failure::BadLogin)));
            }
            (_, Checked { right: false, .. }) => return drop(reply.send(Err(Failure::BadLogin))),
            (Hashing::ChangePassword { user, keep, proof }, Checked { hash: Some(password), .. }) => {
                if let Some((guard, account)) = self.doors.guard().zip(self.staff.book().user(user).and_then(|user| user.login.as_deref()))
                {
                    guard.throttle.succeeded(account, address, now);
                }
                AccountWish::SetPassword { user, password, keep: Some(keep), proof: Some(proof) }
            }
            (Hashing::SetPassword { user }, Checked { hash: Some(password), .. }) => {
                AccountWish::SetPassword { user, password, keep: None, proof: None }
            }
            (Hashing::User(draft), Checked { hash, .. }) => {
                let wish = Wish::Account(draft.wish(hash));
                return self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, Asked::Front(reply)));
            }
            (Hashing::SetUp(founding), Checked { hash: Some(password), .. }) => {
                return self.found(turn, *founding, password, signed, reply);
            }
            (_, Checked { hash: None, .. }) => return drop(reply.send(Err(Failure::Overloaded))),
        };
        let asked = Asked::Ready(reply, Box::new(Answer::Done));
        self.with_staff(turn, |staff, turn| staff.submit(turn, Wish::Account(wish), signed, asked));
    }

    fn sign_in(&mut self, guest: &Guest, body: SignInBody, agent: String, reply: Waiting) {
        let SignInBody { acceso, clave, portador } = body;
        let (now, address) = (self.ground.now(), guest.credential.address);
        // What is no name of an account is one that nobody has.
        let account = access::account(&acceso).unwrap_or(acceso);
        let Doors::Guarded(guard) = &mut self.doors else {
            return drop(reply.send(Ok(self.session_answer(guest))));
        };
        if let Err(wait) = guard.throttle.attempt(&account, address, now) {
            return drop(reply.send(Err(Failure::TooManyAttempts(wait.seconds()))));
        }
        // Strangers leave room for who signs in where she did before; who finds none has not tried.
        if !guard.passwords.has_room(!guard.throttle.is_at_home(&account, address)) {
            guard.throttle.give_back(&account, address);
            return drop(reply.send(Err(Failure::Overloaded)));
        }
        let book = self.staff.book();
        let user = book.with_account(&account).filter(|user| !user.disabled);
        let user = user.and_then(|user| Some((user.id, book.keys().password(user.id)?.clone())));
        let hash = user.as_ref().map(|(_, hash)| hash.clone());
        let before = if let Entrance::Login(login) = guest.entrance { Some(login) } else { None };
        let hashing = Hashing::SignIn { account, user, bearer: portador, agent, before };
        let task = Task { check: Some(Check { hash, password: clave }), make: None };
        let signed = self.signed(guest);
        self.hash(task, Hashed { hashing, signed, address, reply });
    }

    fn sign_out(&mut self, turn: &mut Hub<'_>, guest: &Guest, reply: Waiting) {
        let gone = Entered { json: None, created: false, token: Mark::Clear, device: Mark::Keep };
        let answer = Answer::Entered(Box::new(gone));
        match guest.entrance {
            Entrance::Login(login) => self.change_account(turn, guest, AccountWish::SignOut { login, by_other: false }, answer, reply),
            _ => drop(reply.send(Ok(answer))),
        }
    }

    fn change_password(&mut self, guest: &Guest, body: ChangePasswordBody, reply: Waiting) {
        let ChangePasswordBody { actual, nueva } = body;
        let (now, address) = (self.ground.now(), guest.credential.address);
        let Who::User { id, login, .. } = guest.who else { return drop(reply.send(Err(Failure::NotSignedIn))) };
        let book = self.staff.book();
        let account = book.user(id).and_then(|user| user.login.clone()).unwrap_or_default();
        // Who has none any more has nothing to change.
        let Some(hash) = book.keys().password(id).cloned() else { return drop(reply.send(Err(Failure::BadLogin))) };
        if let Err(why) = access::password(&nueva, &account) {
            return drop(reply.send(Err(why.into())));
        }
        // Whoever found an open page shall not guess on.
        let attempt = self.doors.guard().map_or(Ok(()), |guard| {
            guard.throttle.attempt(&account, address, now).map_err(|wait| Failure::TooManyAttempts(wait.seconds()))?;
            let has_room = guard.passwords.has_room(false);
            if !has_room {
                guard.throttle.give_back(&account, address);
            }
            if has_room { Ok(()) } else { Err(Failure::Overloaded) }
        });
        if let Err(failure) = attempt {
            return drop(reply.send(Err(failure)));
        }
        let task = Task { check: Some(Check { hash: Some(hash.clone()), password: actual }), make: Some(nueva) };
        let (hashing, signed) = (Hashing::ChangePassword { user: id, keep: login, proof: hash }, self.signed(guest));
        self.hash(task, Hashed { hashing, signed, address, reply });
    }

    fn set_password(&mut self, guest: &Guest, id: &str, NewPasswordBody { nueva }: NewPasswordBody, reply: Waiting) {
        let user = id.parse().ok().and_then(|id: UserId| self.staff.book().user(id));
        let checked = user.ok_or(Failure::UnknownUser).and_then(|user| {
            access::password(&nueva, user.login.as_deref().unwrap_or_default())?;
            Ok(user.id)
        });
        match checked {
            Ok(user) => {
                let (hashing, signed, address) = (Hashing::SetPassword { user }, self.signed(guest), guest.credential.address);
                self.hash(Task { check: None, make: Some(nueva) }, Hashed { hashing, signed, address, reply });
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    /// The answer to whoever has just signed in.
    pub(super) fn entered(&self, user: &User, login: LoginId, token: String, bearer: bool) -> Entered {
        let who = Who::User { id: user.id, grants: user.grants.clone(), login };
        let mut json = self.session_json(&who);
        json["usuario"] = user_value(user);
        if bearer {
            json["token"] = json!(token);
        }
        let token = if bearer { Mark::Keep } else { Mark::Set(token) };
        Entered { json: Some(json.to_string()), created: true, token, device: Mark::Keep }
    }

    /// Who it is; what is stale is cleared, a screen's cookie is given once more.
    pub(super) fn session_answer(&self, guest: &Guest) -> Answer {
        let Guest { who, entrance, credential, .. } = guest;
        let ambient = !credential.on_purpose;
        let is_login = matches!(entrance, Entrance::Login(_) | Entrance::Everybody);
        let token = if ambient && !is_login && credential.token.is_some() { Mark::Clear } else { Mark::Keep };
        let device = match (&credential.device, entrance) {
            (Some(device), Entrance::Device(_)) if ambient => Mark::Set(device.clone()),
            (Some(_), Entrance::Nobody(_)) if ambient => Mark::Clear,
            _ => Mark::Keep,
        };
        Answer::Entered(Box::new(Entered { json: Some(self.session_json(who).to_string()), created: false, token, device }))
    }

    /// `{quien, usuario?, dispositivo?, sucursales}`
    pub(super) fn session_json(&self, who: &Who) -> Value {
        let book = self.staff.book();
        let mut json = match who {
            Who::Everybody => json!({"quien": "demostracion"}),
            Who::Nobody { .. } => json!({"quien": "nadie"}),
            Who::User { id, .. } => json!({"quien": "usuario", "usuario": book.user(*id).map(user_value)}),
            Who::Device { id, .. } => {
                let device = book.keys().device(*id).map(
                    |device| json!({"id": device.id, "nombre": device.name, "tipo": kind_word(device.kind), "sucursal": device.branch}),
                );
                json!({"quien": "dispositivo", "dispositivo": device})
            }
        };
        let branches = self.branches.all().filter_map(|(id, branch)| {
            let settings = branch.settings()?;
            let role = if let Who::User { grants, .. } = who { grants.role_in(id).map(RoleWord::from) } else { None };
            let screens = match settings.screens {
                Screens::Paired => "vinculadas",
                Screens::OpenOnLocalNetwork => "abiertas",
            };
            Some(json!({"id": id, "nombre": settings.name, "rol": role, "pantallas": screens}))
        });
        json["sucursales"] = branches.collect();
        json
    }

    fn own_sessions(&self, guest: &Guest) -> Answer {
        let keys = self.staff.book().keys();
        let own = if let Who::User { id, .. } = guest.who { Some(id) } else { None };
        let now = self.ground.now();
        let list = own.into_iter().flat_map(|user| keys.logins_of(user)).filter(|login| login.is_live(now)).map(|login| {
            let current = guest.entrance == Entrance::Login(login.id);
            let (created, used) = (login.created_at, login.used_at);
            json!({"id": login.id, "creada": created, "usada": used, "direccion": login.address, "agente": login.agent, "actual": current})
        });
        Answer::Shown(json!({"sesiones": list.collect::<Vec<_>>()}).to_string())
    }

    /// A sign-in of whoever asks.
    fn own_login(&self, guest: &Guest, id: &str) -> Result<LoginId, Failure> {
        let id: LoginId = id.parse().map_err(|_| Failure::UnknownSession)?;
        let login = self.staff.book().keys().login(id).ok_or(Failure::UnknownSession)?;
        match guest.who {
            Who::User { id: own, .. } if own == login.user => Ok(id),
            _ => Err(Failure::UnknownSession),
        }
    }

    /// Whether whoever asks may do everything.
    pub(super) fn administers(&self, who: &Who) -> bool {
        access::allow(who, Action::Administer, None, Screens::Paired).is_ok()
    }
}

/// A user, to herself.
fn user_value(user: &User) -> Value {
    json!({"id": user.id, "nombre": user.name, "rol": RoleWord::from(user.role()), "acceso": user.login})
}
