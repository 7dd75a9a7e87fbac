//! Owns how hooks are kept: what may be asked for, what is checked, how it looks as JSON. Decides nothing about who may.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot, watch};

use super::books::{Books, answered, ask};
use super::dispatcher::Try;
use super::payload::KINDS;
use super::shown::{Facts, Shown, ShownDelivery, json};
use super::signature::{ROTATION, draw_secret};
use super::target::{BadTarget, Target};
use crate::access::{AuditAction, Signed};
use crate::clock::Clock;
use crate::office::{BranchId, HookId, Millis};
use crate::store::{Hook, HookChange, Hooks, StoreError};
use crate::wrong::Wrong;

/// Hooks of one branch.
pub const MOST_HOOKS: usize = 20;
/// Deliveries of a page of the list, at the most.
const MOST_LISTED: usize = 500;
const MOST_DESCRIPTION: usize = 200;

/// A handle to the hooks of all branches.
#[derive(Clone)]
pub struct Registry {
    books: Arc<dyn Books>,
    clock: Clock,
    changed: watch::Sender<()>,
    tries: mpsc::Sender<Try>,
}

/// `{url, eventos?, activo?, descripcion?, datos?}`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookBody {
    #[schemars(length(max = 2048), regex(pattern = "^https?://"))]
    pub url: String,
    /// None is all.
    #[serde(default)]
    #[schemars(schema_with = "kinds")]
    pub eventos: Vec<String>,
    #[serde(default = "active")]
    pub activo: bool,
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub descripcion: Option<String>,
    #[serde(default)]
    pub datos: Facts,
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "enum": KINDS } })
}

fn active() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As JSON.
    Shown(String),
    /// Where it is below the API's root, and how it looks, as JSON.
    Created { path: String, json: String },
    /// There is nothing to show.
    Done,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is no such branch")]
    UnknownBranch,
    #[error("there is no such web hook")]
    UnknownHook,
    /// What is wrong with the body.
    #[error("the request is not understood")]
    BadRequest(Wrong),
    #[error("a branch has at most {MOST_HOOKS} web hooks")]
    TooMany,
    /// Too many trials at once.
    #[error("overloaded")]
    Overloaded,
    #[error("the store is not available")]
    Unavailable,
}

/// Carried out on the store's thread.
type Outcome<T> = Result<Result<T, Refused>, StoreError>;

impl Registry {
    pub(super) fn new(books: Arc<dyn Books>, clock: Clock, changed: watch::Sender<()>, tries: mpsc::Sender<Try>) -> Self {
        Self { books, clock, changed, tries }
    }

    /// `{ganchos: […]}`, in the order of their making.
    pub async fn list(&self, branch: BranchId) -> Result<Answer, Refused> {
        let mut hooks = self.ask(move |hooks| of_branch(hooks, branch)).await?;
        hooks.sort_by_key(|hook| (hook.created_at, hook.id));
        let hooks: Vec<_> = hooks.iter().map(|hook| Shown::new(hook, None)).collect();
        Ok(Answer::Shown(json(&serde_json::json!({ "ganchos": hooks }))))
    }

    /// The new hook, with its secret: it is not shown again.
    pub async fn create(&self, branch: BranchId, signed: &Signed, body: HookBody) -> Result<Answer, Refused> {
        let body = checked(body)?;
        let now = self.clock.now();
        let hook = Hook {
            id: HookId(draw_id()?),
            branch,
            url: body.url,
            description: body.descripcion,
            events: body.eventos,
            personal: body.datos == Facts::Todos,
            active: body.activo,
            secret: secret()?,
            old_secret: None,
            created_at: now,
            round: 1,
            off: None,
            failing_since: None,
            delivered_at: None,
        };
        let (made, line) = (hook.clone(), line(signed, now, AuditAction::WebhookCreated, &hook));
        self.ask(move |hooks| {
            match of_branch(hooks, branch)? {
                Err(refused) => return Ok(Err(refused)),
                Ok(others) if others.len() >= MOST_HOOKS => return Ok(Err(Refused::TooMany)),
                Ok(_) => {}
            }
            hooks.change_hooks(&[HookChange::Put(made), line]).map(Ok)
        })
        .await?;
        self.tell();
        let path = format!("branches/{}/webhooks/{}", branch.0, hook.id);
        Ok(Answer::Created { path, json: json(&Shown::new(&hook, Some(&hook.secret))) })
    }

    pub async fn get(&self, branch: BranchId, id: &str) -> Result<Answer, Refused> {
        let hook = self.find(branch, id).await?;
        Ok(Answer::Shown(json(&Shown::new(&hook, None))))
    }

    /// Another address, other kinds, on or off. One that is switched on is told what happens from then on.
    pub async fn replace(&self, branch: BranchId, signed: &Signed, id: &str, body: HookBody) -> Result<Answer, Refused> {
        let body = checked(body)?;
        let change = move |hook: Hook| {
            let begins = body.activo && !hook.active;
            Hook {
                url: body.url,
                description: body.descripcion,
                events: body.eventos,
                personal: body.datos == Facts::Todos,
                active: body.activo,
                round: if begins { hook.round.saturating_add(1) } else { hook.round },
                off: hook.off.filter(|_| !begins),
                failing_since: hook.failing_since.filter(|_| !begins),
                ..hook
            }
        };
        let hook = self.change(branch, id, (signed, AuditAction::WebhookChanged), change).await?;
        Ok(Answer::Shown(json(&Shown::new(&hook, None))))
    }

    /// The hook, its deliveries, and what was outstanding.
    pub async fn remove(&self, branch: BranchId, signed: &Signed, id: &str) -> Result<Answer, Refused> {
        let id = hook_id(id)?;
        let (signed, now) = (signed.clone(), self.clock.now());
        self.ask(move |hooks| match one(hooks, branch, id)? {
            Ok(hook) => {
                let line = line(&signed, now, AuditAction::WebhookDeleted, &hook);
                hooks.change_hooks(&[HookChange::Drop(id), line]).map(Ok)
            }
            Err(refused) => Ok(Err(refused)),
        })
        .await?;
        self.tell();
        Ok(Answer::Done)
    }

    /// The hook with a new secret. The one before signs as well for a day.
    pub async fn rotate(&self, branch: BranchId, signed: &Signed, id: &str) -> Result<Answer, Refused> {
        let (secret, until) = (secret()?, Millis(self.clock.now().0.saturating_add(ROTATION)));
        let change = move |hook: Hook| Hook { old_secret: Some((hook.secret, until)), secret, ..hook };
        let hook = self.change(branch, id, (signed, AuditAction::WebhookRotated), change).await?;
        Ok(Answer::Shown(json(&Shown::new(&hook, Some(&hook.secret)))))
    }

    /// Sends something now, whether the hook is on or off, and says what became of it.
    pub async fn test(&self, branch: BranchId, id: &str) -> Result<Answer, Refused> {
        let hook = self.find(branch, id).await?;
        let target = Target::parse(&hook.url).map_err(bad_url)?;
        let (reply, answer) = oneshot::channel();
        let wanted = Try { hook, target, mark: format!("{:032x}", draw_id()?), reply };
        self.tries.try_send(wanted).map_err(|_| Refused::Overloaded)?;
        let delivery = answer.await.map_err(|_| Refused::Unavailable)?;
        Ok(Answer::Shown(json(&ShownDelivery::new(&delivery))))
    }

    /// `{entregas: […], siguiente}`, the latest first: at most `limit` of those before the mark that `siguiente` gave.
    pub async fn deliveries(&self, branch: BranchId, id: &str, after: Option<&str>, limit: usize) -> Result<Answer, Refused> {
        let id = hook_id(id)?;
        let before = after
            .map(|mark| {
                mark.parse().map_err(|_| Refused::BadRequest(Wrong::wanted("despues", "lo que dijo siguiente", "what siguiente told")))
            })
            .transpose()?;
        let limit = limit.clamp(1, MOST_LISTED);
        let mut page = self
            .ask(move |hooks| match one(hooks, branch, id)? {
                Ok(_) => hooks.deliveries(id, before, limit + 1).map(Ok),
                Err(refused) => Ok(Err(refused)),
            })
            .await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|(number, _)| number.to_string());
        let page: Vec<_> = page.iter().map(|(_, delivery)| ShownDelivery::new(delivery)).collect();
        Ok(Answer::Shown(json(&serde_json::json!({ "entregas": page, "siguiente": next }))))
    }

    async fn find(&self, branch: BranchId, id: &str) -> Result<Hook, Refused> {
        let id = hook_id(id)?;
        self.ask(move |hooks| one(hooks, branch, id)).await
    }

    async fn change(
        &self,
        branch: BranchId,
        id: &str,
        (signed, action): (&Signed, AuditAction),
        change: impl FnOnce(Hook) -> Hook + Send + 'static,
    ) -> Result<Hook, Refused> {
        let id = hook_id(id)?;
        let (signed, now) = (signed.clone(), self.clock.now());
        let changed = self
            .ask(move |hooks| match one(hooks, branch, id)? {
                Ok(hook) => {
                    let hook = change(hook);
                    let line = line(&signed, now, action, &hook);
                    hooks.change_hooks(&[HookChange::Put(hook.clone()), line])?;
                    Ok(Ok(hook))
                }
                Err(refused) => Ok(Err(refused)),
            })
            .await?;
        self.tell();
        Ok(changed)
    }

    async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&mut dyn Hooks) -> Outcome<T> + Send + 'static) -> Result<T, Refused> {
        answered(ask(self.books.as_ref(), work).await).unwrap_or_else(|error| {
            log::error!("web hooks cannot be kept: {error}");
            Err(Refused::Unavailable)
        })
    }

    /// Whoever sends looks again.
    fn tell(&self) {
        self.changed.send_replace(());
    }
}

/// What the audit log is told when the program switched a hook off: its receiver is gone.
pub(super) fn switched_off(hook: &Hook, now: Millis) -> HookChange {
    let program = Signed { branch: Some(hook.branch), ..Signed::PROGRAM };
    line(&program, now, AuditAction::WebhookChanged, &Hook { active: false, ..hook.clone() })
}

/// What the audit log is told: everything but the secrets.
fn line(signed: &Signed, now: Millis, action: AuditAction, hook: &Hook) -> HookChange {
    let Hook { id, url, events, personal, active, .. } = hook;
    let detail = serde_json::json!({"url": without_secrets(url), "eventos": events, "todos": personal, "activo": active});
    HookChange::Audit(signed.tells(now, action, id.to_string(), detail.to_string()))
}

/// Scheme, host and port: names, passwords and keys stand in what is before and behind.
fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    format!("{scheme}://{}", place.rsplit('@').next().unwrap_or_default())
}

fn of_branch(hooks: &mut dyn Hooks, branch: BranchId) -> Outcome<Vec<Hook>> {
    if hooks.log_end(branch)?.is_none() {
        return Ok(Err(Refused::UnknownBranch));
    }
    Ok(Ok(hooks.hooks()?.into_iter().filter(|hook| hook.branch == branch).collect()))
}

fn one(hooks: &mut dyn Hooks, branch: BranchId, id: HookId) -> Outcome<Hook> {
    let all = of_branch(hooks, branch)?;
    Ok(all.and_then(|all| all.into_iter().find(|hook| hook.id == id).ok_or(Refused::UnknownHook)))
}

fn checked(body: HookBody) -> Result<HookBody, Refused> {
    Target::parse(&body.url).map_err(bad_url)?;
    if let Some(place) = body.eventos.iter().position(|kind| !KINDS.contains(&kind.as_str())) {
        let known = KINDS.join(", ");
        let (es, en) = (format!("se espera una de estas palabras: {known}"), format!("one of these words is expected: {known}"));
        return Err(Refused::BadRequest(Wrong::at(format!("eventos[{place}]"), es, en)));
    }
    let mut eventos = body.eventos;
    eventos.sort_unstable();
    eventos.dedup();
    let descripcion = body.descripcion.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if descripcion.as_ref().is_some_and(|text| text.chars().count() > MOST_DESCRIPTION || text.chars().any(char::is_control)) {
        return Err(Refused::BadRequest(Wrong::at(
            "descripcion",
            format!("como mucho {MOST_DESCRIPTION} caracteres en una línea"),
            format!("at most {MOST_DESCRIPTION} characters on one line"),
        )));
    }
    Ok(HookBody { eventos, descripcion, ..body })
}

fn bad_url(bad: BadTarget) -> Refused {
    let es = match bad {
        BadTarget::NotHttp => "no es una dirección de http o https",
        BadTarget::TooLong => "pasa de 2048 caracteres",
        BadTarget::Credentials => "lleva un nombre o una clave; quién envía lo prueba la firma",
        BadTarget::NoReceiver => "no lleva a ningún equipo que pueda recibir",
    };
    Refused::BadRequest(Wrong::at("url", es, bad.to_string()))
}

fn hook_id(text: &str) -> Result<HookId, Refused> {
    text.parse().map_err(|_| Refused::UnknownHook)
}

fn secret() -> Result<String, Refused> {
    draw_secret().map_err(no_chance)
}

fn draw_id() -> Result<u128, Refused> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(no_chance)?;
    Ok(u128::from_be_bytes(bytes))
}

fn no_chance(error: getrandom::Error) -> Refused {
    log::error!("no random numbers: {error}");
    Refused::Unavailable
}
