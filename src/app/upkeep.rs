//! Owns the verbs that keep a database safe: backup, restore, check and repair.

use std::fmt::Write;
use std::path::Path;

use super::AppError;
use super::archive::{Archive, print};
use crate::clock::Clock;
use crate::config::Config;
use crate::office::BranchId;
use crate::store::{Backup, Checked, Reports, Restored, SqliteStore, Store};

/// Copies the database to a new file, while a server works on it or not.
pub fn backup(config: &Config, to: &Path) -> Result<(), AppError> {
    let Backup { bytes, branches } = SqliteStore::backup(&config.data, to)?;
    let mut text = format!("{}: {}\n", to.display(), size(bytes));
    for (branch, rev) in branches {
        let _ = writeln!(text, "branch {}: {rev} entries", branch.0);
    }
    print(&text)
}

/// Puts a backup in the database's place.
pub fn restore(config: &Config, from: &Path) -> Result<(), AppError> {
    let Restored { branches, kept } = SqliteStore::restore(&config.data, from, Clock::system().now())?;
    let mut text = format!("{} is in place in {}\n", from.display(), config.data.display());
    match kept {
        Some(kept) => drop(writeln!(text, "the database that was there is kept as {}", kept.display())),
        None => text.push_str("there was no database before\n"),
    }
    let mut store = SqliteStore::open(&config.data)?;
    for (branch, rev) in branches {
        let epoch = store.load(branch)?.epoch;
        let _ = writeln!(text, "branch {}: {rev} entries, new epoch {epoch}", branch.0);
    }
    print(&text)
}

/// Replays the log and compares the tables with it.
pub fn check(config: &Config, branch: Option<BranchId>) -> Result<(), AppError> {
    let mut archive = Archive::open(config)?;
    let mut found = 0;
    for id in archive.ids(branch)? {
        let checked = archive.reader.check(id)?;
        print(&told(id, &checked))?;
        found += checked.found;
    }
    if found == 0 { Ok(()) } else { Err(AppError::Different { found }) }
}

/// Replays the log, and derives the tables again of each branch where they are not what it says.
pub fn repair(config: &Config, branch: Option<BranchId>) -> Result<(), AppError> {
    let ids = Archive::open(config)?.ids(branch)?;
    let mut store = SqliteStore::open(&config.data)?;
    for id in ids {
        let checked = store.repair(id)?;
        let mut text = told(id, &checked);
        if !checked.is_sound() {
            let _ = writeln!(text, "branch {}: its tables were derived again from the log, and hold now", id.0);
        }
        print(&text)?;
    }
    Ok(())
}

/// What a check found.
fn told(branch: BranchId, checked: &Checked) -> String {
    let verdict = match checked.found {
        0 => "the tables are what the log says".to_owned(),
        1 => "1 difference".to_owned(),
        more => format!("{more} differences"),
    };
    let mut text = format!("branch {}: {} entries, {} tickets: {verdict}\n", branch.0, checked.entries, checked.tickets);
    for difference in &checked.differences {
        let _ = writeln!(text, "  {difference}");
    }
    let unnamed = checked.found - checked.differences.len() as u64;
    if unnamed > 0 {
        let _ = writeln!(text, "  and {unnamed} more");
    }
    text
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
