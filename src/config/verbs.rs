//! Owns what the verbs that work on a database without a server are told: which branch, which days, which table, in which form. May import
//! the office's ids. Touches no file.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use crate::office::BranchId;
use crate::office::figures::By;

/// `export`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Export {
    /// What a row is
    #[arg(long, value_enum, value_name = "TABLE", default_value = "tickets")]
    pub what: Table,

    /// How rows are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "csv")]
    pub format: Sheet,

    /// Number of the branch [default: all]
    #[arg(long, value_name = "N", value_parser = branch)]
    pub branch: Option<BranchId>,

    /// First business day, as in 2026-11-20 [default: the first one that there is]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub from: Option<NaiveDate>,

    /// Last business day [default: the last one that there is]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub to: Option<NaiveDate>,

    /// With the names that visitors gave, and the staff's notes
    #[arg(long)]
    pub names: bool,

    /// Where to write; `-` is standard output. A file that is there is replaced
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
}

/// `report`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Report {
    /// Business day, as in 2026-11-20 [default: the present one]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub day: Option<NaiveDate>,

    /// Last business day of several
    #[arg(long, value_name = "DAY", value_parser = day, requires = "day")]
    pub to: Option<NaiveDate>,

    /// Number of the branch [default: the only one]
    #[arg(long, value_name = "N", value_parser = branch)]
    pub branch: Option<BranchId>,

    /// One line for each of these [default: everything in one]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub by: Option<Division>,

    /// How it is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: Form,
}

/// `certificate`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Certify {
    /// What stands on the paper, as in A-017
    #[arg(long, value_name = "CODE")]
    pub code: String,

    /// Business day on which it was issued, as in 2026-11-20 [default: the present one]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub day: Option<NaiveDate>,

    /// Number of the branch [default: the only one]
    #[arg(long, value_name = "N", value_parser = branch)]
    pub branch: Option<BranchId>,

    /// How it is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: Paper,
}

/// `user`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UserVerb {
    /// Make a user who signs in
    Add {
        /// The name to sign in with
        #[arg(value_name = "LOGIN")]
        account: String,

        /// What people call her [default: the name to sign in with]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,

        #[arg(long, value_enum, value_name = "ROLE", default_value = "agent")]
        role: RoleName,

        /// Number of a branch where the role holds; may be given again [default: all branches]
        #[arg(long, value_name = "N", value_parser = branch)]
        branch: Vec<BranchId>,

        /// File with the password [default: it is asked for]
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Show all users
    List,
    /// Give a user another password; all sign-ins end
    Password {
        #[arg(value_name = "LOGIN")]
        account: String,

        /// File with the password [default: it is asked for]
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Let a user sign in no more
    Disable {
        #[arg(value_name = "LOGIN")]
        account: String,
    },
}

/// `device`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum DeviceVerb {
    /// Show the paired screens
    List {
        /// Number of the branch [default: all]
        #[arg(long, value_name = "N", value_parser = branch)]
        branch: Option<BranchId>,
    },
    /// Let a screen in no more
    Revoke {
        /// Its id, or its name where only one has it
        #[arg(value_name = "DEVICE")]
        device: String,
    },
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    Admin,
    Supervisor,
    Agent,
}

/// What a row of an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// A visit, as it is now
    Tickets,
    /// A stay in one queue: what reports count
    Segments,
    /// A call or a call again
    Calls,
    /// An entry of the log
    Events,
    /// A line of the audit log, the newest first
    Audit,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sheet {
    /// Comma-separated values with a header, for spreadsheets
    Csv,
    /// A JSON array, an object a line
    Json,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A table for people
    Text,
    /// Comma-separated values with a header, times in milliseconds
    Csv,
    /// One JSON object, times in milliseconds
    Json,
}

/// How a certificate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Paper {
    /// For people
    Text,
    /// A JSON array: nearly always of one
    Json,
}

/// How a report is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Division {
    Service,
    Desk,
    Agent,
    Priority,
    Channel,
    /// Hour of the day
    Hour,
    Weekday,
    /// Hour of the week
    WeekdayHour,
    /// Business day
    Day,
}

impl From<Division> for By {
    fn from(division: Division) -> Self {
        match division {
            Division::Service => Self::Service,
            Division::Desk => Self::Desk,
            Division::Agent => Self::Agent,
            Division::Priority => Self::Priority,
            Division::Channel => Self::Channel,
            Division::Hour => Self::Hour,
            Division::Weekday => Self::Weekday,
            Division::WeekdayHour => Self::WeekdayHour,
            Division::Day => Self::Day,
        }
    }
}

/// Text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDay {
    #[error("not a day such as 2026-11-20")]
    Form,
    #[error("it comes before the first one")]
    Order,
}

/// Text that is no number of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number from 1")]
pub struct BadBranch;

/// Years of four digits only: they are what the database sorts by.
fn day(text: &str) -> Result<NaiveDate, BadDay> {
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| plain).ok_or(BadDay::Form)
}

pub(super) fn branch(text: &str) -> Result<BranchId, BadBranch> {
    text.parse().ok().filter(|number| *number > 0).map(BranchId).ok_or(BadBranch)
}

/// Days in their order; those that are not said are in any order.
pub(super) fn in_order(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(), BadDay> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(BadDay::Order),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_branches() {
        assert_eq!(day("2028-02-29"), Ok(NaiveDate::from_ymd_opt(2028, 2, 29).unwrap()));
        for text in ["", "2026-02-29", "2026-1-2", "20-11-2026", "2026-11-20 ", "+2026-1-20", "today", "12026-11-20"] {
            assert_eq!(day(text), Err(BadDay::Form), "{text}");
        }
        assert_eq!(branch("7"), Ok(BranchId(7)));
        for text in ["", "0", "-1", "4294967296", "centre"] {
            assert_eq!(branch(text), Err(BadBranch), "{text}");
        }
    }

    #[test]
    fn days_come_in_their_order() {
        let (one, two) = (day("2026-11-20").ok(), day("2026-11-21").ok());
        for (from, to) in [(one, two), (one, one), (None, one), (two, None), (None, None)] {
            assert_eq!(in_order(from, to), Ok(()));
        }
        assert_eq!(in_order(two, one), Err(BadDay::Order));
    }
}
