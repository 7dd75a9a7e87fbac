//! Owns the branches of the server: those that serve, and those that could not be read. Finds the one that somebody names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::branch::Branch;
use super::client::BranchLabel;
use super::failure::Failure;
use super::notice::Trouble;
use super::view;
use crate::office::{BranchId, Settings};
use crate::wrong::Wrong;

/// Branches of a server.
const MOST_BRANCHES: usize = 1_000;

/// A branch that cannot be read. It is tried again and again.
pub struct Shut {
    pub reason: String,
    /// What it is to be set to when it can be read.
    pub settings: Option<Box<Settings>>,
}

#[derive(Default)]
pub struct Branches {
    open: BTreeMap<BranchId, Branch>,
    shut: BTreeMap<BranchId, Shut>,
    /// Being made, with their names.
    coming: BTreeMap<BranchId, String>,
}

/// A branch that can be chosen.
#[derive(Serialize)]
struct Choice<'a> {
    id: BranchId,
    nombre: &'a str,
}

impl Branches {
    pub fn new(open: BTreeMap<BranchId, Branch>, shut: BTreeMap<BranchId, Shut>) -> Self {
        Self { open, shut, coming: BTreeMap::new() }
    }

    /// One that serves.
    pub fn get(&self, id: BranchId) -> Option<&Branch> {
        self.open.get(&id)
    }

    pub fn get_mut(&mut self, id: BranchId) -> Option<&mut Branch> {
        self.open.get_mut(&id)
    }

    /// The branch that is meant, serving or not: by number, by its exact name, or the first one.
    pub fn find(&self, label: Option<&BranchLabel>) -> Option<BranchId> {
        let known = |id: BranchId| (self.open.contains_key(&id) || self.shut.contains_key(&id)).then_some(id);
        match label {
            None => self.open.keys().next().into_iter().chain(self.shut.keys().next()).min().copied(),
            Some(BranchLabel::Number(number)) => known(BranchId(*number)),
            Some(BranchLabel::Text(text)) => text.parse().ok().map(BranchId).and_then(known).or_else(|| self.named(text)),
            Some(BranchLabel::Nonsense) => None,
        }
    }

    /// A branch that could not be read serves now. Returns what it is to be set to.
    pub fn opened(&mut self, id: BranchId, branch: Branch) -> Option<Box<Settings>> {
        self.open.insert(id, branch);
        self.shut.remove(&id)?.settings
    }

    /// The number of a new branch of this name, behind all others.
    pub fn reserve(&mut self, name: &str) -> Result<BranchId, Failure> {
        if self.is_taken(name, None) {
            return Err(name_taken());
        }
        let known = self.open.keys().chain(self.shut.keys()).chain(self.coming.keys());
        let id = BranchId(known.map(|id| id.0).max().unwrap_or(0).saturating_add(1));
        if self.open.len() + self.shut.len() + self.coming.len() >= MOST_BRANCHES {
            return Err(Failure::TooManyBranches);
        }
        self.coming.insert(id, name.to_owned());
        Ok(id)
    }

    /// Whether a branch other than this one has the name, or is to have it.
    pub fn is_taken(&self, name: &str, but: Option<BranchId>) -> bool {
        let mut others = self.open.iter().filter(|(id, _)| Some(**id) != but);
        self.named(name).is_some_and(|id| Some(id) != but)
            || self.coming.values().any(|other| other == name)
            || others.any(|(_, branch)| branch.configuring.names(name))
    }

    /// A new branch is there now, or will not be.
    pub fn made(&mut self, id: BranchId) {
        self.coming.remove(&id);
    }

    /// Why it still cannot be read.
    pub fn still_shut(&mut self, id: BranchId, reason: String) {
        if let Some(shut) = self.shut.get_mut(&id)
            && shut.reason != reason
        {
            log::error!("branch {} cannot be read: {reason}", id.0);
            shut.reason = reason;
        }
    }

    /// All that serve: for what is rare.
    pub fn all(&self) -> impl Iterator<Item = (BranchId, &Branch)> {
        self.open.iter().map(|(id, branch)| (*id, branch))
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Branch> {
        self.open.values_mut()
    }

    /// Those that cannot be read.
    pub fn all_shut(&self) -> impl Iterator<Item = BranchId> {
        self.shut.keys().copied()
    }

    pub fn troubles(&self) -> Vec<Trouble> {
        let open = self.open.iter().filter_map(|(id, branch)| Some((id, branch.trouble()?)));
        let shut = self.shut.iter().map(|(id, shut)| (id, shut.reason.as_str()));
        open.chain(shut).map(|(branch, reason)| Trouble { branch: *branch, reason: reason.to_owned() }).collect()
    }

    /// `{sucursales:[{id,nombre}]}`
    pub fn json(&self) -> String {
        let list: Vec<_> = self.all().filter_map(|(id, branch)| Some(Choice { id, nombre: branch.settings()?.name.as_str() })).collect();
        format!(r#"{{"sucursales":{}}}"#, view::json(&list))
    }

    /// Names change with the settings, and are looked for when somebody connects by name.
    fn named(&self, name: &str) -> Option<BranchId> {
        self.all().find(|(_, branch)| branch.settings().is_some_and(|settings| settings.name == name)).map(|(id, _)| id)
    }
}

/// Each branch has a name of its own.
pub fn name_taken() -> Failure {
    Failure::BadRequest(Wrong::at("name", "lo tiene otra sucursal", "another branch has it"))
}
