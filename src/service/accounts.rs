//! Owns which changes of users, their sign-ins and the paired screens may be made, and the line of the audit log that goes with each. Decides
//! on what is on disk; changes nothing.

use serde_json::{Value, json};

use super::book::{Book, Subject};
use super::failure::Failure;
use super::messages::RoleWord;
pub use crate::access::Signed;
use crate::access::{AuditAction, AuditLine, Author, Device, DeviceKind, Login, PasswordHash};
use crate::office::{DeviceId, Grants, LoginId, Millis, Role, User, UserId};
use crate::store::Change;

/// Users of an office.
pub const MOST_USERS: usize = 10_000;
/// Paired screens of an office.
const MOST_DEVICES: usize = 10_000;
/// Sign-ins of one user: the oldest end when there are more.
const MOST_LOGINS: usize = 50;

/// What is told of a user that there is. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub role: Role,
    /// Where it is left out, the branches are those of before.
    pub grants: Option<Grants>,
    /// In its normal form; `Some(None)` takes it away.
    pub account: Option<Option<String>>,
    pub disabled: Option<bool>,
    pub password: Option<PasswordHash>,
}

/// A change of accounts as somebody wishes it. Texts are checked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountWish {
    Create {
        user: User,
        password: Option<PasswordHash>,
    },
    Replace {
        id: UserId,
        profile: Profile,
    },
    Delete(UserId),
    /// The first admin, of an office that has none, who is signed in at once.
    SetUp {
        user: User,
        password: PasswordHash,
        login: Login,
    },
    /// In the place of another one of the same browser, where it had one. `proof` is what the password was right against.
    SignIn {
        login: Login,
        instead: Option<LoginId>,
        proof: PasswordHash,
    },
    /// `by_other`: not by signing out with it.
    SignOut {
        login: LoginId,
        by_other: bool,
    },
    /// All sign-ins but one end. Whoever sets her own was asked for the one before: `proof` is what that was right against.
    SetPassword {
        user: UserId,
        password: PasswordHash,
        keep: Option<LoginId>,
        proof: Option<PasswordHash>,
    },
    Pair(Device),
    Rename {
        device: DeviceId,
        name: String,
    },
    Revoke(DeviceId),
    /// These were used. Sign-ins that are over are forgotten on the way.
    Used {
        logins: Vec<LoginId>,
        devices: Vec<DeviceId>,
    },
    /// A line for the audit log alone.
    Tell {
        action: AuditAction,
        subject: String,
        detail: String,
    },
}

impl Signed {
    /// The change that writes a line in this name.
    pub fn line(&self, now: Millis, action: AuditAction, subject: impl ToString, detail: Value) -> Change {
        Change::Audit(self.tells(now, action, subject.to_string(), detail.to_string()))
    }
}

impl AccountWish {
    /// What it is about. What may take away the last admin, or a name that is only given once, is decided one after the other.
    pub fn subjects(&self) -> [Option<Subject>; 2] {
        match self {
            Self::Create { user, .. } if user.login.is_none() => [None, None],
            Self::Create { .. } | Self::SetUp { .. } => [Some(Subject::Accounts), None],
            Self::Replace { id, .. } | Self::Delete(id) => [Some(Subject::User(*id)), Some(Subject::Accounts)],
            Self::SignIn { login, .. } => [Some(Subject::User(login.user)), None],
            Self::SetPassword { user, .. } => [Some(Subject::User(*user)), None],
            Self::SignOut { login, .. } => [Some(Subject::Login(*login)), None],
            Self::Pair(_) => [Some(Subject::Accounts), None],
            Self::Tell { .. } => [None, None],
            Self::Rename { device, .. } | Self::Revoke(device) => [Some(Subject::Device(*device)), None],
            Self::Used { .. } => [Some(Subject::Use), None],
        }
    }
}

impl Book {
    /// The changes that a wish is, the one that it is about first, or why it cannot be.
    pub(super) fn decide_account(&self, wish: &AccountWish, signed: &Signed, now: Millis) -> Result<Vec<Change>, Failure> {
        use AuditAction as Audited;
        Ok(match wish {
            AccountWish::Create { user, password } => {
                if self.users(None).count() >= MOST_USERS {
                    return Err(Failure::TooManyUsers);
                }
                self.free(user.login.as_deref(), user.id)?;
                let line = signed.line(now, Audited::UserCreated, user.id, told(user));
                [Change::PutUser(user.clone())].into_iter().chain(set(user.id, password.as_ref())).chain([line]).collect()
            }
            AccountWish::Replace { id, profile } => self.replace(*id, profile, signed, now)?,
            AccountWish::Delete(id) => {
                let user = self.user(*id).ok_or(Failure::UnknownUser)?;
                self.not_the_last(user)?;
                vec![Change::DropUser(*id), signed.line(now, Audited::UserDeleted, id, told(user))]
            }
            AccountWish::SetUp { user, password, login } => {
                if self.admins().next().is_some() {
                    return Err(Failure::AlreadySetUp);
                }
                self.free(user.login.as_deref(), user.id)?;
                let (put, set) = (Change::PutUser(user.clone()), Change::SetPassword { user: user.id, hash: Some(password.clone()) });
                let signed = Signed { by: author(user), ..signed.clone() };
                vec![put, set, Change::PutLogin(login.clone()), signed.line(now, Audited::SetUp, user.id, told(user))]
            }
            AccountWish::SignIn { login, instead, proof } => {
                let user = self.proven(login.user, proof)?;
                let mut older: Vec<&Login> = self.keys().logins_of(user.id).collect();
                older.sort_by_key(|login| std::cmp::Reverse(login.used_at));
                let ended = older.iter().skip(MOST_LOGINS - 1).map(|login| login.id).chain(*instead).map(Change::DropLogin);
                let signed = Signed { by: author(user), ..signed.clone() };
                let line = signed.line(now, Audited::SignedIn, login.id, json!({}));
                // Her own in the same browser goes on in the new one; somebody else's ends.
                let other = instead.and_then(|id| self.keys().login(id)).filter(|other| other.user != user.id);
                let other = other.map(|other| signed.line(now, Audited::LoginEnded, other.id, json!({"usuario": other.user})));
                [Change::PutLogin(login.clone())].into_iter().chain(ended).chain([line]).chain(other).collect()
            }
            AccountWish::SignOut { login, by_other } => {
                let known = self.keys().login(*login).ok_or(Failure::UnknownSession)?;
                let action = if *by_other { Audited::LoginEnded } else { Audited::SignedOut };
                vec![Change::DropLogin(*login), signed.line(now, action, login, json!({"usuario": known.user}))]
            }
            AccountWish::SetPassword { user, password, keep, proof } => {
                self.user(*user).ok_or(Failure::UnknownUser)?;
                proof.as_ref().map(|proof| self.proven(*user, proof)).transpose()?;
                let set = Change::SetPassword { user: *user, hash: Some(password.clone()) };
                let end = Change::DropLoginsOf { user: *user, except: *keep };
                vec![set, end, signed.line(now, Audited::PasswordChanged, user, json!({}))]
            }
            AccountWish::Pair(device) => {
                // A code may be typed again when the disk takes long: what was on its way then may have come there.
                if self.keys().device_with(&device.secret).is_some() {
                    return Err(Failure::UnknownPairing);
                }
                if self.keys().devices(None).count() >= MOST_DEVICES {
                    return Err(Failure::TooManyDevices);
                }
                vec![Change::PutDevice(device.clone()), signed.of(device).line(now, Audited::DevicePaired, device.id, shown(device))]
            }
            AccountWish::Rename { device, name } => {
                let before = self.keys().device(*device).ok_or(Failure::UnknownDevice)?;
                let device = Device { name: name.clone(), ..before.clone() };
                let line = signed.of(before).line(now, Audited::DeviceRenamed, device.id, shown(&device));
                vec![Change::PutDevice(device), line]
            }
            AccountWish::Revoke(id) => {
                let device = self.keys().device(*id).ok_or(Failure::UnknownDevice)?;
                vec![Change::DropDevice(*id), signed.of(device).line(now, Audited::DeviceRevoked, id, shown(device))]
            }
            AccountWish::Used { logins, devices } => {
                let used = logins.iter().map(|id| Change::TouchLogin { id: *id, used_at: now });
                let seen = devices.iter().map(|id| Change::SeenDevice { id: *id, at: now });
                let over = self.keys().logins().filter(|login| !login.is_live(now) && !logins.contains(&login.id));
                used.chain(seen).chain(over.map(|login| Change::DropLogin(login.id))).collect()
            }
            AccountWish::Tell { action, subject, detail } => {
                let Signed { by, address, branch } = signed.clone();
                let (action, subject, detail) = (*action, subject.clone(), detail.clone());
                vec![Change::Audit(AuditLine { at: now, branch, by, address, action, subject, detail })]
            }
        })
    }

    fn replace(&self, id: UserId, profile: &Profile, signed: &Signed, now: Millis) -> Result<Vec<Change>, Failure> {
        let before = self.user(id).ok_or(Failure::UnknownUser)?;
        let user = User {
            name: profile.name.clone(),
            grants: profile.grants.clone().unwrap_or_else(|| in_role(&before.grants, profile.role)),
            login: profile.account.clone().unwrap_or_else(|| before.login.clone()),
            disabled: profile.disabled.unwrap_or(before.disabled),
            ..before.clone()
        };
        self.free(user.login.as_deref(), id)?;
        if !is_admin(&user) {
            self.not_the_last(before)?;
        }
        let ends = user.disabled || user.login.is_none() || profile.password.is_some();
        let end = ends.then_some(Change::DropLoginsOf { user: id, except: None });
        let mut detail = told(&user);
        detail["clave"] = json!(profile.password.is_some());
        let line = signed.line(now, AuditAction::UserChanged, id, detail);
        Ok([Change::PutUser(user)].into_iter().chain(set(id, profile.password.as_ref())).chain(end).chain([line]).collect())
    }

    /// Who may sign in with a password that was right against this. It takes a while to find that out: meanwhile there may be another
    /// password, and the account may have been disabled.
    ///
    /// # Errors
    ///
    /// [`Failure::BadLogin`], as for a wrong one.
    pub(super) fn proven(&self, user: UserId, proof: &PasswordHash) -> Result<&User, Failure> {
        let kept = self.keys().password(user) == Some(proof);
        self.user(user).filter(|user| kept && !user.disabled && user.login.is_some()).ok_or(Failure::BadLogin)
    }

    /// Whether nobody else signs in by this name.
    fn free(&self, account: Option<&str>, user: UserId) -> Result<(), Failure> {
        let owner = account.and_then(|account| self.with_account(account));
        if owner.is_some_and(|owner| owner.id != user) { Err(Failure::LoginTaken) } else { Ok(()) }
    }

    /// Those who may do everything and can sign in.
    pub fn admins(&self) -> impl Iterator<Item = &User> {
        self.users(None).filter(|user| is_admin(user) && self.keys().password(user.id).is_some())
    }

    fn not_the_last(&self, user: &User) -> Result<(), Failure> {
        let mut admins = self.admins();
        if admins.next().is_some_and(|admin| admin.id == user.id) && admins.next().is_none() { Err(Failure::LastAdmin) } else { Ok(()) }
    }
}

impl Signed {
    fn of(&self, device: &Device) -> Self {
        Self { branch: Some(device.branch), ..self.clone() }
    }
}

/// The same branches. The highest role there stands for what was given where it differs; another one is meant for all of them.
fn in_role(grants: &Grants, role: Role) -> Grants {
    match grants {
        grants if grants.highest() == role => grants.clone(),
        Grants::Everywhere(_) => Grants::Everywhere(role),
        Grants::In(roles) => Grants::In(roles.keys().map(|branch| (*branch, role)).collect()),
    }
}

fn is_admin(user: &User) -> bool {
    user.grants == Grants::Everywhere(Role::Admin) && !user.disabled && user.login.is_some()
}

fn author(user: &User) -> Author {
    Author::User { id: user.id, name: user.name.clone() }
}

fn set(user: UserId, password: Option<&PasswordHash>) -> Option<Change> {
    password.map(|hash| Change::SetPassword { user, hash: Some(hash.clone()) })
}

/// A user as the audit log tells of one.
fn told(user: &User) -> Value {
    let branches = match &user.grants {
        Grants::Everywhere(_) => Value::Null,
        Grants::In(roles) => roles.iter().map(|(branch, role)| (branch.0.to_string(), json!(RoleWord::from(*role)))).collect(),
    };
    json!({"nombre": user.name, "rol": RoleWord::from(user.role()), "acceso": user.login, "sucursales": branches, "activo": !user.disabled})
}

fn shown(device: &Device) -> Value {
    json!({"nombre": device.name, "tipo": kind_word(device.kind)})
}

/// What the wire calls a kind of screen.
pub fn kind_word(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Kiosk => "kiosco",
        DeviceKind::Display => "pantalla",
    }
}
