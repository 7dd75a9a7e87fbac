//! Owns who works in the office and what they write: users and their roles, the notes that wait for them, the line on the display's ticker,
//! and which texts may be a name or a message. Knows neither the queue nor the log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{BranchId, Millis, NoteId, UserId};

/// Characters of a name, of a person or of a room.
pub const NAME_LENGTH: usize = 100;
/// Characters of a message or a note.
pub const MESSAGE_LENGTH: usize = 2_000;
/// Characters of a note's subject.
pub const SUBJECT_LENGTH: usize = 200;
/// Characters of the line on the ticker.
pub const TICKER_LENGTH: usize = 300;

/// What a user may do in the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Supervisor,
    Agent,
}

impl Role {
    /// Whether it may do all that `needed` may.
    pub fn reaches(self, needed: Self) -> bool {
        self.rank() >= needed.rank()
    }

    fn rank(self) -> u8 {
        match self {
            Self::Agent => 0,
            Self::Supervisor => 1,
            Self::Admin => 2,
        }
    }
}

/// Which role a user has where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// The same in every branch, those to come as well.
    Everywhere(Role),
    /// In these branches alone.
    In(BTreeMap<BranchId, Role>),
}

impl Grants {
    /// The role in a branch, if there is one.
    pub fn role_in(&self, branch: BranchId) -> Option<Role> {
        match self {
            Self::Everywhere(role) => Some(*role),
            Self::In(roles) => roles.get(&branch).copied(),
        }
    }

    /// The role that holds in all branches.
    pub fn role_everywhere(&self) -> Option<Role> {
        match self {
            Self::Everywhere(role) => Some(*role),
            Self::In(_) => None,
        }
    }

    /// The highest role anywhere: what a user is called. An agent where there is none.
    pub fn highest(&self) -> Role {
        match self {
            Self::Everywhere(role) => *role,
            Self::In(roles) => roles.values().copied().max_by_key(|role| role.rank()).unwrap_or(Role::Agent),
        }
    }
}

/// Somebody who works in the office. What proves who signs in is kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// As [`line()`] leaves it.
    pub name: String,
    pub grants: Grants,
    /// The name to sign in with, in its normal form, which no other user has. Who has none does not sign in.
    pub login: Option<String>,
    /// Is known and may not sign in.
    pub disabled: bool,
    pub created_at: Millis,
}

impl User {
    /// Who has this role in every branch and does not sign in.
    pub fn new(id: UserId, name: String, role: Role, created_at: Millis) -> Self {
        Self { id, name, grants: Grants::Everywhere(role), login: None, disabled: false, created_at }
    }

    /// The highest role anywhere.
    pub fn role(&self) -> Role {
        self.grants.highest()
    }
}

/// Private, for one user, until it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub user: UserId,
    /// Who sent it, in the sender's own words.
    pub from: String,
    pub subject: Option<String>,
    pub text: String,
    pub sent_at: Millis,
}

/// What the staff tell everybody on the display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticker {
    pub text: String,
    pub at: Millis,
}

/// Why a text is no name or no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    #[error("is empty")]
    Empty,
    #[error("is longer than {0} characters")]
    TooLong(usize),
    #[error("holds a control character")]
    Control,
}

/// One line, trimmed: 1 to `most` characters, none of them a control character, and something of it to be seen. Whatever else it holds stays
/// as it is; text is text.
pub fn line(text: &str, most: usize) -> Result<String, BadText> {
    let text = text.trim();
    if text.chars().any(is_control) {
        return Err(BadText::Control);
    }
    checked(text, most)?;
    Ok(text.to_owned())
}

/// Any text of 1 to `most` characters with something to be seen in it, line breaks and all, exactly as it was written.
pub fn prose(text: String, most: usize) -> Result<String, BadText> {
    checked(&text, most)?;
    Ok(text)
}

fn checked(text: &str, most: usize) -> Result<(), BadText> {
    if text.chars().all(is_blank) {
        Err(BadText::Empty)
    } else if text.chars().count() > most {
        Err(BadText::TooLong(most))
    } else {
        Ok(())
    }
}

/// The separators of lines and paragraphs break a line as a control character does.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// White space, control characters, and the characters that only steer others: joiners, directions, selectors, fillers.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || is_control(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_trimmed_and_otherwise_left_alone() {
        for text in ["Ana", "Inés Ñandú", "<b>Ana</b>", "مريم", "👩‍👩‍👧 Ana", "\u{202e}anA", "a\u{200b}b", "__proto__", "null"]
        {
            assert_eq!(line(&format!(" \t{text}\n"), NAME_LENGTH).as_deref(), Ok(text));
        }
        assert_eq!(line(&"ñ".repeat(100), NAME_LENGTH), Ok("ñ".repeat(100)));
    }

    #[test]
    fn a_line_that_shows_nothing_or_breaks_is_refused() {
        for text in ["", " ", "\u{a0}\u{3000}", "\u{200b}", "\u{200d}\u{feff}", "\u{2800}\u{3164}"] {
            assert_eq!(line(text, NAME_LENGTH), Err(BadText::Empty), "{text:?}");
        }
        for text in ["a\nb", "a\0", "\u{1b}[31ma", "a\u{85}b", "a\u{2028}b"] {
            assert_eq!(line(text, NAME_LENGTH), Err(BadText::Control), "{text:?}");
        }
        assert_eq!(line(&"a".repeat(101), NAME_LENGTH), Err(BadText::TooLong(100)));
    }

    #[test]
    fn a_message_keeps_its_lines() {
        let text = " Buenos días:\n\tfalta papel \n";
        assert_eq!(prose(text.into(), MESSAGE_LENGTH).as_deref(), Ok(text));
        assert_eq!(prose(" \n\u{200b}\n".into(), MESSAGE_LENGTH), Err(BadText::Empty));
        assert_eq!(prose("👍".repeat(2_000), MESSAGE_LENGTH), Ok("👍".repeat(2_000)));
        assert_eq!(prose("👍".repeat(2_001), MESSAGE_LENGTH), Err(BadText::TooLong(2_000)));
    }

    #[test]
    fn a_role_holds_where_it_was_given() {
        let (centre, harbour) = (BranchId(1), BranchId(2));
        let everywhere = Grants::Everywhere(Role::Supervisor);
        assert_eq!((everywhere.role_in(centre), everywhere.role_everywhere()), (Some(Role::Supervisor), Some(Role::Supervisor)));
        let some = Grants::In([(centre, Role::Agent), (harbour, Role::Admin)].into());
        assert_eq!((some.role_in(centre), some.role_in(BranchId(3)), some.role_everywhere()), (Some(Role::Agent), None, None));
        assert_eq!((some.highest(), Grants::In(BTreeMap::new()).highest()), (Role::Admin, Role::Agent));
        assert!(Role::Admin.reaches(Role::Supervisor) && Role::Agent.reaches(Role::Agent) && !Role::Agent.reaches(Role::Supervisor));
    }

    proptest! {
        #[test]
        fn what_is_a_line_is_the_same_line_again(text in any::<String>(), most in 0_usize..20) {
            if let Ok(first) = line(&text, most) {
                prop_assert!(first.chars().count() <= most && !first.is_empty());
                prop_assert_eq!(line(&first, most), Ok(first.clone()));
                prop_assert_eq!(prose(first.clone(), most), Ok(first));
            }
        }
    }
}
