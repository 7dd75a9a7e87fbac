//! Owns what other fronts of the process (REST) may ask the hub for besides tickets, and the answers, rendered. Ids are texts as they came;
//! what is no id names nothing.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use tokio::sync::oneshot;

use super::accounts::{AccountWish, Signed};
use super::book::{Book, Wish};
use super::directory::Done;
use super::errand::Errand;
use super::failure::Failure;
use super::knock::{Knock, UserBody};
use super::messages::{self, MessageBody, NoteBody, TickerBody, note_json, ticker_json};
use super::payload;
use super::trail::AuditAsk;
use super::users::user_json;
use crate::access::{Action, Credential};
use crate::office::{BranchId, Millis, NoteId, UserId};
use crate::store::Change;

/// Users of one page of the list.
const MOST_LISTED: usize = 500;

/// A question or a command, and who waits for the answer.
pub struct Call {
    /// Number or name of the branch that it is for; `None` is the first one. Users and notes are of all branches.
    pub branch: Option<String>,
    pub ask: Ask,
    /// What was shown by whoever asks.
    pub credential: Credential,
    pub reply: oneshot::Sender<Result<Answer, Failure>>,
}

#[derive(Debug)]
pub enum Ask {
    /// Users behind `after`, at most `limit` of them, at most [`MOST_LISTED`].
    Users {
        after: Option<String>,
        limit: usize,
    },
    User(String),
    CreateUser(UserBody),
    ReplaceUser(String, UserBody),
    DeleteUser(String),
    Notes(String),
    Note(String, String),
    SendNote(String, NoteBody),
    ReadNote(String, String),
    Ticker,
    SetTicker(TickerBody),
    ClearTicker,
    Message(MessageBody),
    /// The branches that can be chosen.
    Branches,
    /// Who somebody is.
    Door(Knock),
    /// A new branch, in the form of the office file, without a number.
    CreateBranch(String),
    /// The branch that is meant, for whoever may do this there.
    Place(Action),
    /// Nothing, but that somebody may do this there.
    Leave(Action, Scope),
    /// Something in one branch.
    Branch(Errand),
    /// Lines of the audit log of all branches, and of what is of none.
    Audit(AuditAsk),
    /// The ticket of this token, in whatever branch, as its visitor sees it.
    OwnTicket(String),
    /// What an event with this token does, in the branch that the token is of.
    OwnEvent {
        name: &'static str,
        token: String,
        payload: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As JSON.
    Shown(String),
    /// A table as CSV.
    Sheet(String),
    /// A page of one, and the id behind which the next begins, if there is one.
    Page { sheet: String, next: Option<String> },
    /// Where it is below the API's root, and how it looks, as JSON.
    Created { path: String, json: String },
    /// Something that has no place, as JSON.
    Made(String),
    /// It is not done yet, as JSON.
    Waiting(String),
    /// The branch that is meant, and in whose name something is done there. Told to nobody outside.
    Place(BranchId, Signed),
    /// Who somebody is now.
    Entered(Box<Entered>),
    /// There is nothing to show.
    Done,
}

/// How somebody came in or went out.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered {
    /// As JSON, where there is something to show.
    pub json: Option<String>,
    /// It was not so before.
    pub created: bool,
    /// What becomes of the cookie of a sign-in.
    pub token: Mark,
    /// And of that of a screen.
    pub device: Mark,
}

/// What becomes of a cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum Mark {
    Keep,
    Set(String),
    Clear,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered(***)")
    }
}

/// Where somebody must be allowed to do what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the branch that the call names.
    Branch,
    /// In whichever branch: it is enough to be allowed in one.
    Anywhere,
    /// In all branches.
    Server,
}

/// What there is to be done about an [`Ask`].
pub(super) enum Task {
    Answer(Result<Answer, Failure>),
    Change(Wish),
    Message(MessageBody),
}

impl Ask {
    /// What somebody must be allowed to do who asks this. The user who [owns](Self::owner) it may in any case.
    pub fn action(&self) -> Action {
        match self {
            Self::Door(knock) => knock.action(),
            Self::Branches => Action::SeePublic,
            Self::CreateBranch(_) | Self::Audit(_) => Action::Administer,
            Self::Place(action) | Self::Leave(action, _) => *action,
            Self::Branch(errand) => errand.action(),
            Self::OwnTicket(_) | Self::OwnEvent { .. } => Action::OwnTicket,
            Self::Ticker => Action::SeeDisplay,
            Self::Users { .. } | Self::User(_) | Self::SendNote(..) | Self::Message(_) => Action::Serve,
            Self::SetTicker(_) | Self::ClearTicker => Action::Oversee,
            Self::Notes(_) | Self::Note(..) | Self::ReadNote(..) => Action::Administer,
            Self::CreateUser(_) | Self::ReplaceUser(..) | Self::DeleteUser(_) => Action::Administer,
        }
    }

    /// Where.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Door(knock) => knock.scope(),
            Self::Leave(_, scope) => *scope,
            Self::Ticker | Self::SetTicker(_) | Self::ClearTicker | Self::Message(_) | Self::Place(_) | Self::Branch(_) => Scope::Branch,
            Self::OwnTicket(_) | Self::OwnEvent { .. } => Scope::Anywhere,
            Self::CreateBranch(_) | Self::Audit(_) => Scope::Server,
            Self::Branches | Self::Users { .. } | Self::User(_) | Self::SendNote(..) => Scope::Anywhere,
            Self::Notes(_) | Self::Note(..) | Self::ReadNote(..) => Scope::Server,
            Self::CreateUser(_) | Self::ReplaceUser(..) | Self::DeleteUser(_) => Scope::Server,
        }
    }

    /// Whose own it is.
    pub fn owner(&self) -> Option<UserId> {
        match self {
            Self::Notes(id) | Self::Note(id, _) | Self::ReadNote(id, _) => user_id(id).ok(),
            _ => None,
        }
    }

    /// `whole`: with what only admins are to know. Reads the answer out of the book, or says what is to be done first.
    pub(super) fn task(self, book: &Book, whole: bool, now: Millis) -> Task {
        self.try_task(book, whole, now).unwrap_or_else(|failure| Task::Answer(Err(failure)))
    }

    fn try_task(self, book: &Book, whole: bool, now: Millis) -> Result<Task, Failure> {
        let shown = |json: String| Task::Answer(Ok(Answer::Shown(json)));
        Ok(match self {
            Self::Users { after, limit } => shown(users(book, after.as_deref().map(page_mark).transpose()?, limit, whole)),
            Self::User(id) => shown(user_json(book.user(user_id(&id)?).ok_or(Failure::UnknownUser)?, whole)),
            Self::DeleteUser(id) => Task::Change(Wish::Account(AccountWish::Delete(user_id(&id)?))),
            Self::Notes(id) => {
                let user = book.user(user_id(&id)?).ok_or(Failure::UnknownUser)?;
                let notes: Vec<_> = book.notes(user.id).map(note_json).collect();
                shown(format!(r#"{{"correos":[{}]}}"#, notes.join(",")))
            }
            Self::Note(id, note) => {
                let user = book.user(user_id(&id)?).ok_or(Failure::UnknownUser)?;
                shown(note_json(book.note(user.id, note_id(&note)?).ok_or(Failure::UnknownNote)?))
            }
            Self::SendNote(id, NoteBody { from, asunto, mensaje }) => Task::Change(Wish::SendNote {
                user: user_id(&id)?,
                from: messages::name("from", Some(&from))?,
                subject: messages::subject(asunto.as_deref())?,
                text: messages::message(Some(mensaje))?,
            }),
            Self::ReadNote(id, note) => Task::Change(Wish::ReadNote { user: user_id(&id)?, note: note_id(&note)? }),
            Self::Ticker => shown(ticker_json(book.ticker(), now)),
            Self::SetTicker(TickerBody { mensaje }) => Task::Change(Wish::SetTicker(Some(messages::ticker(&mensaje)?))),
            Self::ClearTicker => Task::Change(Wish::SetTicker(None)),
            Self::Message(body) => Task::Message(body),
            Self::CreateUser(_) | Self::ReplaceUser(..) | Self::Door(_) => unreachable!("none of the book's"),
            Self::Audit(_)
            | Self::Branches
            | Self::CreateBranch(_)
            | Self::Place(_)
            | Self::Leave(..)
            | Self::Branch(_)
            | Self::OwnTicket(_)
            | Self::OwnEvent { .. } => {
                unreachable!("the book knows no branches")
            }
        })
    }
}

/// Names what a JSON text says: the same text has the same tag, which stands in quotes as HTTP wants it.
pub fn tag(json: &str) -> String {
    let mut hash = DefaultHasher::new();
    hash.write(json.as_bytes());
    format!("\"{:016x}\"", hash.finish())
}

impl Answer {
    /// What an event's acknowledgement tells, without its `ok`.
    pub(super) fn acknowledged(json: &str) -> Self {
        match json.strip_prefix(r#"{"ok":true"#) {
            Some("}") => Self::Done,
            Some(rest) => Self::Shown(format!("{{{}", rest.trim_start_matches(','))),
            None => Self::Shown(json.to_owned()),
        }
    }

    /// Of a change that is on disk.
    pub(super) fn to(done: &Done, now: Millis) -> Self {
        match &done.change {
            Change::PutUser(user) if done.new => Self::Created { path: format!("users/{}", user.id), json: user_json(user, true) },
            Change::PutUser(user) => Self::Shown(user_json(user, true)),
            Change::PutNote(note) => Self::Created { path: format!("users/{}/notes/{}", note.user, note.id), json: note_json(note) },
            Change::SetTicker(Some(ticker)) => Self::Shown(ticker_json(Some(ticker), now)),
            _ => Self::Done,
        }
    }
}

/// `{usuarios:[…], siguiente}`: the id behind which the next page begins, or `null`.
fn users(book: &Book, after: Option<UserId>, limit: usize, whole: bool) -> String {
    let limit = limit.clamp(1, MOST_LISTED);
    let mut page: Vec<_> = book.users(after).take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map_or_else(|| "null".to_owned(), |user| format!("\"{}\"", user.id));
    let list: Vec<_> = page.into_iter().map(|user| user_json(user, whole)).collect();
    format!(r#"{{"usuarios":[{}],"siguiente":{next}}}"#, list.join(","))
}

fn page_mark(text: &str) -> Result<UserId, Failure> {
    text.parse().map_err(|_| payload::no_id("despues"))
}

pub(super) fn user_id(text: &str) -> Result<UserId, Failure> {
    text.parse().map_err(|_| Failure::UnknownUser)
}

pub(super) fn note_id(text: &str) -> Result<NoteId, Failure> {
    text.parse().map_err(|_| Failure::UnknownNote)
}
