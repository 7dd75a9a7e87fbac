//! Owns how users are made and changed from outside: from the body of a request to the change that it wishes, with the password hashed
//! elsewhere on the way; and the JSON of users.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::accounts::{AccountWish, Profile};
use super::book::{Book, Wish};
use super::commands::timed_id;
use super::entering::{Guest, Hashed, Hashing, Waiting};
use super::failure::Failure;
use super::filing::Asked;
use super::knock::UserBody;
use super::messages::{self, RoleWord};
use super::passwords::Task;
use super::tickets::{Hub, TicketService};
use super::view;
use crate::access::{self, PasswordHash};
use crate::office::{BranchId, Grants, Millis, Role, User, UserId};
use crate::wrong::Wrong;

/// A change of a user that lacks nothing but the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserDraft {
    Create(User),
    Replace { id: UserId, profile: Profile },
}

impl UserDraft {
    pub fn wish(self, password: Option<PasswordHash>) -> AccountWish {
        match self {
            Self::Create(user) => AccountWish::Create { user, password },
            Self::Replace { id, profile } => AccountWish::Replace { id, profile: Profile { password, ..profile } },
        }
    }
}

impl TicketService {
    /// Makes a user, or changes the one with this id.
    pub(super) fn put_user(&mut self, turn: &mut Hub<'_>, guest: &Guest, id: Option<&str>, body: UserBody, reply: Waiting) {
        let (draft, password) = match draft(self.staff.book(), id, body, self.ground.now()) {
            Ok(draft) => draft,
            Err(failure) => return drop(reply.send(Err(failure))),
        };
        let (signed, address) = (self.signed(guest), guest.credential.address);
        if password.is_some() && self.doors.guard().is_some() {
            let hashed = Hashed { hashing: Hashing::User(draft), signed, address, reply };
            return self.hash(Task { check: None, make: password }, hashed);
        }
        let wish = Wish::Account(draft.wish(None));
        self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, Asked::Front(reply)));
    }
}

/// What a body wishes, and the password in it.
fn draft(book: &Book, id: Option<&str>, body: UserBody, now: Millis) -> Result<(UserDraft, Option<String>), Failure> {
    let UserBody { nombre, rol, acceso, sucursales, activo, clave } = body;
    let name = messages::name("nombre", Some(&nombre))?;
    let before = match id {
        Some(id) => Some(id.parse().ok().and_then(|id: UserId| book.user(id)).ok_or(Failure::UnknownUser)?),
        None => None,
    };
    let account = |text: Option<String>| text.map(|text| messages::account("acceso", &text)).transpose();
    let account = acceso.map(account).transpose()?;
    let role = Role::from(rol);
    let grants = sucursales.map(|branches| granted(role, branches)).transpose()?;
    let login = account.clone().unwrap_or_else(|| before.and_then(|user| user.login.clone()));
    if let Some(password) = &clave {
        let login = login.as_deref().ok_or_else(|| Failure::BadRequest(Wrong::at("clave", "necesita un acceso", "it needs an acceso")))?;
        access::password(password, login)?;
    }
    let disabled = activo.map(|active| !active);
    let draft = match before {
        Some(user) => UserDraft::Replace { id: user.id, profile: Profile { name, role, grants, account, disabled, password: None } },
        None => {
            let (disabled, grants) = (disabled.unwrap_or(false), grants.unwrap_or(Grants::Everywhere(role)));
            UserDraft::Create(User { id: UserId(timed_id(now)), name, grants, login, disabled, created_at: now })
        }
    };
    Ok((draft, clave))
}

/// Which role where; without branches, the same in all.
fn granted(role: Role, branches: Option<BTreeMap<String, RoleWord>>) -> Result<Grants, Failure> {
    let Some(branches) = branches else { return Ok(Grants::Everywhere(role)) };
    let wrong = |text: String| {
        Failure::BadRequest(Wrong::wanted(format!("sucursales.{text}"), "el número de una sucursal", "the number of a branch"))
    };
    let number = |text: String| text.parse().ok().filter(|number| *number > 0).map(BranchId).ok_or_else(|| wrong(text));
    let roles = branches.into_iter().map(|(branch, role)| Ok((number(branch)?, role.into()))).collect::<Result<_, Failure>>()?;
    Ok(Grants::In(roles))
}

/// A user over REST. What only admins are to know is left out for others.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView<'a> {
    id: String,
    nombre: &'a str,
    rol: RoleWord,
    #[serde(flatten)]
    account: Option<AccountView<'a>>,
    creado: Millis,
}

#[derive(Serialize, JsonSchema)]
struct AccountView<'a> {
    acceso: Option<&'a str>,
    #[schemars(with = "Option<BTreeMap<String, RoleWord>>")]
    sucursales: Option<BTreeMap<BranchId, RoleWord>>,
    activo: bool,
}

/// `whole`: with what only admins are to know.
pub fn user_json(user: &User, whole: bool) -> String {
    let branches = match &user.grants {
        Grants::Everywhere(_) => None,
        Grants::In(roles) => Some(roles.iter().map(|(branch, role)| (*branch, RoleWord::from(*role))).collect()),
    };
    let account = AccountView { acceso: user.login.as_deref(), sucursales: branches, activo: !user.disabled };
    let (id, nombre, rol) = (user.id.to_string(), user.name.as_str(), user.role().into());
    view::json(&UserView { id, nombre, rol, account: whole.then_some(account), creado: user.created_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::Lang;
    use crate::store::Directory;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn body(json: &str) -> UserBody {
        serde_json::from_str(json).unwrap()
    }

    fn book(users: Vec<User>) -> Book {
        Book::new(Directory { users, ..Directory::default() })
    }

    #[test]
    fn the_body_of_before_makes_a_user_who_does_not_sign_in() {
        let (draft, password) = draft(&book(vec![]), None, body(r#"{"nombre":" Ana ","rol":"supervisor"}"#), NOW).unwrap();
        let UserDraft::Create(user) = draft else { panic!("{draft:?}") };
        assert_eq!((user.name.as_str(), user.grants, user.login, password), ("Ana", Grants::Everywhere(Role::Supervisor), None, None));
    }

    #[test]
    fn what_is_left_out_of_a_change_stays() {
        let grants = Grants::In([(BranchId(2), Role::Supervisor)].into());
        let before = User { grants, login: Some("ana".into()), ..User::new(UserId(1), "Ana".into(), Role::Agent, NOW) };
        let book = book(vec![before.clone()]);
        let changed = |json: &str| match draft(&book, Some(&before.id.to_string()), body(json), NOW).unwrap().0 {
            UserDraft::Replace { profile, .. } => profile,
            other => panic!("{other:?}"),
        };
        let same = changed(r#"{"nombre":"Ana","rol":"supervisor"}"#);
        assert_eq!((same.role, same.grants, same.account, same.disabled), (Role::Supervisor, None, None, None));
        assert_eq!(changed(r#"{"nombre":"Ana","rol":"agente","sucursales":null}"#).grants, Some(Grants::Everywhere(Role::Agent)));
        let more = changed(r#"{"nombre":"Ana","rol":"agente","acceso":null,"sucursales":{"1":"admin"},"activo":false}"#);
        assert_eq!((more.account, more.disabled), (Some(None), Some(true)));
        assert_eq!(more.grants, Some(Grants::In([(BranchId(1), Role::Admin)].into())));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        let book = book(vec![]);
        for (json, reason) in [
            (r#"{"nombre":"Ana","rol":"agente","acceso":"a b"}"#, "acceso: it holds"),
            (r#"{"nombre":"Ana","rol":"agente","clave":"caballo correcto"}"#, "clave: it needs"),
            (r#"{"nombre":"Ana","rol":"agente","sucursales":{"x":"agente"}}"#, "sucursales.x: "),
        ] {
            match draft(&book, None, body(json), NOW) {
                Err(Failure::BadRequest(wrong)) => assert!(wrong.told(Lang::En).starts_with(reason), "{wrong:?}"),
                other => panic!("{json}: {other:?}"),
            }
        }
        let weak = draft(&book, None, body(r#"{"nombre":"Ana","rol":"agente","acceso":"ana","clave":"1234567890"}"#), NOW);
        assert_eq!(weak, Err(Failure::WeakPassword(access::BadPassword::TooCommon)));
    }

    #[test]
    fn only_an_admin_sees_the_account() {
        let user = User { login: Some("ana".into()), ..User::new(UserId(1), "Ana".into(), Role::Admin, NOW) };
        assert!(user_json(&user, true).contains(r#""acceso":"ana","sucursales":null,"activo":true"#));
        assert!(!user_json(&user, false).contains("acceso"));
    }
}
