//! Owns the `SIGUIENTE_*` environment: which names there are, and what their values mean. Each is the flag of the same words; so there is
//! one definition, one check and one text for both.
//!
//! Names that are not known are refused: a misspelt setting that is silently ignored is found on the day it was needed. (Kubernetes sets
//! names of its own for a service called `siguiente`; `enableServiceLinks: false` stops that.)

use std::error::Error;
use std::ffi::OsString;

use clap::{Arg, Command};

use super::UsageError;

const PREFIX: &str = "SIGUIENTE_";

/// Adds each setting's variable to its help.
pub(super) fn described(command: Command) -> Command {
    command.mut_args(|arg| match variable(&arg) {
        Some(name) => {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.help(format!("{help} [env: {name}]"))
        }
        None => arg,
    })
}

/// The names of all settings.
pub(super) fn names(command: &Command) -> impl Iterator<Item = String> {
    command.get_arguments().filter_map(variable)
}

/// The environment as flags, each checked alone, so that a mistake is told by the variable's name.
pub(super) fn as_flags<E>(command: &Command, environment: E) -> Result<Vec<OsString>, UsageError>
where
    E: IntoIterator<Item = (OsString, OsString)>,
{
    let mut flags = Vec::new();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            if name.to_string_lossy().starts_with(PREFIX) {
                return Err(unknown(command, &name.to_string_lossy()));
            }
            continue;
        };
        let Some(flag) = command.get_arguments().find(|arg| variable(arg).as_deref() == Some(name)).and_then(Arg::get_long) else {
            return Err(unknown(command, name));
        };
        if value.is_empty() {
            continue;
        }
        let mut given = OsString::from(format!("--{flag}="));
        given.push(&value);
        command.clone().try_get_matches_from([OsString::new(), given.clone()]).map_err(|error| UsageError::BadVariable {
            name: name.to_owned(),
            value: value.to_string_lossy().into_owned(),
            reason: error.source().map_or_else(|| error.kind().to_string(), ToString::to_string),
        })?;
        flags.push(given);
    }
    Ok(flags)
}

fn variable(arg: &Arg) -> Option<String> {
    let long = arg.get_long().filter(|_| arg.is_global_set())?;
    Some(format!("{PREFIX}{}", long.to_ascii_uppercase().replace('-', "_")))
}

fn unknown(command: &Command, name: &str) -> UsageError {
    let near = names(command).map(|known| (distance(name, &known), known)).min();
    let nearest = near.filter(|(steps, _)| *steps <= 3).map(|(_, known)| known);
    UsageError::UnknownVariable { name: name.to_owned(), nearest }
}

/// Levenshtein distance: how many characters to insert, leave out or change.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        for (from, to, steps) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("BNID", "BIND", 2), ("kitten", "sitting", 3), ("ñu", "nu", 1)]
        {
            assert_eq!(distance(from, to), steps, "{from} {to}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_text_is_refused_and_a_path_that_is_not_text_is_kept() {
        use std::os::unix::ffi::OsStringExt;

        let command = described(<super::super::Line as clap::CommandFactory>::command());
        let odd = OsString::from_vec(b"SIGUIENTE_\xff".to_vec());
        assert!(matches!(as_flags(&command, [(odd, "1".into())]), Err(UsageError::UnknownVariable { .. })));
        let foreign = OsString::from_vec(b"\xff".to_vec());
        assert!(as_flags(&command, [(foreign.clone(), "1".into())]).unwrap().is_empty());
        assert!(as_flags(&command, [("SIGUIENTE_DATA".into(), foreign.clone())]).is_ok());
        assert!(matches!(as_flags(&command, [("SIGUIENTE_LOG".into(), foreign)]), Err(UsageError::BadVariable { .. })));
    }
}
