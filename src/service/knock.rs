//! Owns what other fronts may ask about who somebody is: signing in and out, passwords, paired screens, the first start. Bodies as they come,
//! and what it takes to be allowed to ask.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::api::Scope;
use super::messages::{RoleWord, given};
use crate::access::{Action, DeviceKind};
use crate::office::Lang;

#[derive(Debug)]
pub enum Knock {
    /// Who am I?
    Session,
    /// `agent` is what the browser or program calls itself.
    SignIn {
        body: SignInBody,
        agent: String,
    },
    SignOut,
    /// One's own sign-ins.
    Sessions,
    EndSession(String),
    ChangePassword(ChangePasswordBody),
    /// Somebody else's.
    SetPassword(String, NewPasswordBody),
    /// Whether there is an admin.
    Setup,
    SetUp {
        body: Box<SetUpBody>,
        agent: String,
    },
    Pair(PairBody),
    Claim(ClaimBody),
    Devices,
    Device(String),
    AddDevice(DeviceBody),
    RenameDevice(String, RenameBody),
    RevokeDevice(String),
}

/// `POST /session`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    pub acceso: String,
    pub clave: String,
    /// The token comes in the answer and not as a cookie.
    #[serde(default)]
    pub portador: bool,
}

/// `PUT /session/password`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordBody {
    pub actual: String,
    pub nueva: String,
}

/// `PUT /users/{id}/password`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasswordBody {
    pub nueva: String,
}

/// `POST` and `PUT` of a user. What is left out of a `PUT` stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    pub nombre: String,
    pub rol: RoleWord,
    /// The name to sign in with.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub acceso: Option<Option<String>>,
    /// `null`: everywhere with `rol`.
    #[serde(default, deserialize_with = "roles")]
    #[schemars(with = "Option<BTreeMap<String, RoleWord>>")]
    pub sucursales: Option<Option<BTreeMap<String, RoleWord>>>,
    pub activo: Option<bool>,
    pub clave: Option<String>,
}

/// `POST /setup`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpBody {
    pub codigo: String,
    pub sucursal: Option<SetUpBranch>,
    pub admin: SetUpAdmin,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpBranch {
    pub nombre: String,
    #[schemars(with = "String")]
    pub zona: chrono_tz::Tz,
    pub idiomas: Option<Vec<Lang>>,
    pub servicios: Vec<SetUpService>,
    pub escritorios: u32,
    pub pantallas: Option<ScreensWord>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpService {
    pub prefijo: String,
    pub nombre: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpAdmin {
    pub nombre: String,
    pub acceso: String,
    pub clave: String,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScreensWord {
    Vinculadas,
    Abiertas,
}

/// `POST /pairing`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairBody {
    pub tipo: KindWord,
    /// Number or name of a branch.
    pub sucursal: Option<BranchWord>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a string or a number")]
pub enum BranchWord {
    Number(u32),
    Text(String),
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KindWord {
    Kiosco,
    Pantalla,
}

/// `POST /pairing/claim`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimBody {
    pub secreto: String,
}

/// `POST /devices`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceBody {
    pub codigo: String,
    pub nombre: String,
    /// Where it is to be; must be where the screen said, if it said.
    pub sucursal: Option<BranchWord>,
}

/// `PUT /devices/{id}`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameBody {
    pub nombre: String,
}

impl Knock {
    pub fn action(&self) -> Action {
        match self {
            Self::Session | Self::SignIn { .. } | Self::Setup | Self::SetUp { .. } => Action::SeePublic,
            Self::Pair(_) | Self::Claim(_) => Action::SeePublic,
            Self::SignOut | Self::Sessions | Self::EndSession(_) | Self::ChangePassword(_) => Action::OwnAccount,
            Self::SetPassword(..) => Action::Administer,
            Self::Devices | Self::Device(_) | Self::AddDevice(_) | Self::RenameDevice(..) | Self::RevokeDevice(_) => Action::Configure,
        }
    }

    /// Of a screen: anywhere, and then in its own branch.
    pub fn scope(&self) -> Scope {
        match self {
            Self::SetPassword(..) => Scope::Server,
            _ => Scope::Anywhere,
        }
    }
}

impl From<KindWord> for DeviceKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Kiosco => Self::Kiosk,
            KindWord::Pantalla => Self::Display,
        }
    }
}

fn roles<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<BTreeMap<String, RoleWord>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

macro_rules! debug_without_secrets {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    )+};
}

debug_without_secrets!(SignInBody, ChangePasswordBody, NewPasswordBody, UserBody, SetUpBody, SetUpAdmin, ClaimBody);
