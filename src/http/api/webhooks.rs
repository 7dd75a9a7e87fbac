//! Owns what REST asks of the web hooks of a branch, and how their answers and refusals are told. Decides nothing: the hub has said already that
//! somebody may.

use super::problem::Problem;
use crate::service::{Answer, Failure};
use crate::webhooks::{self, HookBody, Refused, Registry};

/// What is asked. Ids are texts as they came.
#[derive(Debug)]
pub enum HookWish {
    List,
    Create(HookBody),
    Show(String),
    Replace(String, HookBody),
    Remove(String),
    Rotate(String),
    Test(String),
    Deliveries { id: String, after: Option<String>, limit: usize },
}

/// Does it in the branch that the hub gave, in the name that it gave.
pub async fn carry_out(hooks: &Registry, place: Answer, wish: HookWish) -> Result<Answer, Problem> {
    let Answer::Place(branch, signed) = place else { return Err(Problem::Failure(Failure::UnknownBranch)) };
    let answer = match wish {
        HookWish::List => hooks.list(branch).await,
        HookWish::Create(body) => hooks.create(branch, &signed, body).await,
        HookWish::Show(id) => hooks.get(branch, &id).await,
        HookWish::Replace(id, body) => hooks.replace(branch, &signed, &id, body).await,
        HookWish::Remove(id) => hooks.remove(branch, &signed, &id).await,
        HookWish::Rotate(id) => hooks.rotate(branch, &signed, &id).await,
        HookWish::Test(id) => hooks.test(branch, &id).await,
        HookWish::Deliveries { id, after, limit } => hooks.deliveries(branch, &id, after.as_deref(), limit).await,
    };
    match answer {
        Ok(webhooks::Answer::Shown(json)) => Ok(Answer::Shown(json)),
        Ok(webhooks::Answer::Created { path, json }) => Ok(Answer::Created { path, json }),
        Ok(webhooks::Answer::Done) => Ok(Answer::Done),
        Err(refused) => Err(Problem::Failure(match refused {
            Refused::UnknownBranch => Failure::UnknownBranch,
            Refused::UnknownHook => Failure::UnknownHook,
            Refused::BadRequest(wrong) => Failure::BadRequest(wrong),
            Refused::TooMany => Failure::TooManyHooks,
            Refused::Overloaded => Failure::Overloaded,
            Refused::Unavailable => Failure::StorageUnavailable,
        })),
    }
}
