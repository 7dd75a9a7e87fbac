//! Owns how the verbs without a server reach a database: opened to be read, beside a server or without one, and the branch that is meant.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::AppError;
use crate::config::Config;
use crate::office::{BranchId, Office, Settings};
use crate::store::{Reader, Reports};

/// A database to be read.
pub struct Archive {
    pub reader: Reader,
    branches: Vec<BranchId>,
}

/// A branch, as far as reading needs it.
pub struct Branch {
    pub id: BranchId,
    pub office: Office,
    pub settings: Settings,
}

impl Archive {
    pub fn open(config: &Config) -> Result<Self, AppError> {
        let mut reader = Reader::open(&config.data)?;
        let branches = reader.branches()?;
        Ok(Self { reader, branches })
    }

    /// The branch that is named, or all.
    pub fn ids(&self, named: Option<BranchId>) -> Result<Vec<BranchId>, AppError> {
        match named {
            None => Ok(self.branches.clone()),
            Some(id) if self.branches.contains(&id) => Ok(vec![id]),
            Some(id) => Err(AppError::UnknownBranch { branch: id.0, known: self.known() }),
        }
    }

    /// The branch that is named, or the only one.
    pub fn one(&mut self, named: Option<BranchId>) -> Result<Branch, AppError> {
        match self.ids(named)?[..] {
            [id] => self.branch(id),
            _ => Err(AppError::WhichBranch { known: self.known() }),
        }
    }

    pub fn branch(&mut self, id: BranchId) -> Result<Branch, AppError> {
        let office = self.reader.office(id)?.unwrap_or_else(|| Office::new(id));
        match office.settings().cloned() {
            Some(settings) => Ok(Branch { id, office, settings }),
            None => Err(AppError::NotConfigured { branch: id.0 }),
        }
    }

    fn known(&self) -> String {
        let numbers: Vec<_> = self.branches.iter().map(|branch| branch.0.to_string()).collect();
        if numbers.is_empty() { "none".into() } else { numbers.join(", ") }
    }
}

/// A value as one word: that of its JSON.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        // What is asked here has a form.
        Err(_) => String::new(),
    }
}

/// Hours, minutes and seconds: `4:09`, `1:04:09`.
pub fn clock(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Writes to standard output. A reader that has enough is no failure.
pub fn print(text: &str) -> Result<(), AppError> {
    quietly(io::stdout().lock().write_all(text.as_bytes()))
}

/// Forgives a pipe whose reader has gone.
pub fn quietly(result: io::Result<()>) -> Result<(), AppError> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(AppError::Output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_on_a_clock() {
        for (millis, text) in [(-5, "0:00"), (999, "0:00"), (249_000, "4:09"), (3_599_999, "59:59"), (3_849_000, "1:04:09")] {
            assert_eq!(clock(millis), text);
        }
    }
}
