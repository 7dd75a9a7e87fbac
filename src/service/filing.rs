//! Owns the way of users, notes and tickers to the disk and back: takes wishes, has them written, answers who asked, and gives back what came
//! true, to be told. One filing for the users and notes of the whole server, one for each branch's ticker: neither waits for another.

use tokio::sync::oneshot;

use super::accounts::Signed;
use super::api::Answer;
use super::book::{Book, Wish};
use super::directory::{Directory, Done, Outcome, Step};
use super::failure::Failure;
use super::ground::Ground;
use super::notice::Notice;
use super::tickets::{Hub, refuse};
use crate::office::{BranchId, Lang};
use crate::realtime::Ack;
use crate::store::{self, StoreError};

/// Which filing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Files {
    /// Users and notes of the whole server.
    Staff,
    Ticker(BranchId),
}

/// How something went on the store's thread.
pub enum Filed {
    Written(Result<(), StoreError>),
    /// What is on disk after a failed write.
    Found(Result<store::Directory, StoreError>),
}

/// Who waits for a change.
pub enum Asked {
    Client {
        ack: Option<Ack>,
        lang: Lang,
    },
    Front(oneshot::Sender<Result<Answer, Failure>>),
    /// The same, with the answer to be given when it is on disk.
    Ready(oneshot::Sender<Result<Answer, Failure>>, Box<Answer>),
    Nobody,
}

pub struct Filing {
    files: Files,
    ground: Ground,
    directory: Directory<Asked>,
    /// What is on disk could not be read: to be asked again.
    unread: bool,
    stopping: bool,
}

impl Filing {
    pub fn new(files: Files, found: store::Directory, ground: Ground) -> Self {
        Self { files, ground, directory: Directory::new(found), unread: false, stopping: false }
    }

    /// What is on disk.
    pub fn book(&self) -> &Book {
        self.directory.book()
    }

    /// Whether somebody still waits for a change.
    pub fn is_busy(&self) -> bool {
        self.directory.is_busy()
    }

    /// Whether it is to be pumped again in a while.
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// Takes no more changes.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// Takes a wish. Returns changes that came true, as all below do; this one's comes later.
    pub fn submit(&mut self, turn: &mut Hub<'_>, wish: Wish, signed: Signed, asked: Asked) -> Vec<Done> {
        let rejected = if self.stopping {
            Err((asked, Failure::ShuttingDown))
        } else {
            self.directory.submit(wish, signed, asked).map_err(|asked| (asked, Failure::Overloaded))
        };
        match rejected {
            Ok(()) => self.pump(turn),
            Err((asked, failure)) => {
                self.answer(turn, asked, Err(failure));
                Vec::new()
            }
        }
    }

    /// Gets the next changes under way, if none are.
    pub fn pump(&mut self, turn: &mut Hub<'_>) -> Vec<Done> {
        self.unread = false;
        let mut refused = Vec::new();
        let step = self.directory.begin(self.ground.now(), &mut refused);
        let done = self.answered(turn, refused);
        let (files, tell) = (self.files, self.ground.messenger());
        let writer = &self.ground.writer;
        match step {
            None => {}
            Some(Step::Write(changes)) => {
                let told = move |result| tell(Notice::Filed(files, Filed::Written(result)));
                writer.work(move |store| store.record(files.branch(), &changes), told);
            }
            Some(Step::Read) => {
                let told = move |result| tell(Notice::Filed(files, Filed::Found(result)));
                writer.work(move |store| files.read(store), told);
            }
        }
        done
    }

    /// Takes in what the store's thread did.
    pub fn filed(&mut self, turn: &mut Hub<'_>, filed: Filed) -> Vec<Done> {
        let (outcomes, readable) = match filed {
            Filed::Written(result) => (self.directory.written(result), true),
            Filed::Found(result) => {
                let readable = result.is_ok();
                (self.directory.found(result), readable)
            }
        };
        let mut done = self.answered(turn, outcomes);
        // A disk that cannot be read is asked again with the next change, or after a while.
        match readable {
            true => done.extend(self.pump(turn)),
            false => self.unread = true,
        }
        done
    }

    fn answered(&self, turn: &mut Hub<'_>, outcomes: Vec<Outcome<Asked>>) -> Vec<Done> {
        let mut changes = Vec::new();
        for Outcome { reply, result } in outcomes {
            if let Some(asked) = reply {
                self.answer(turn, asked, result.as_ref().map_err(Clone::clone));
            }
            changes.extend(result);
        }
        changes
    }

    fn answer(&self, turn: &mut Hub<'_>, asked: Asked, result: Result<&Done, Failure>) {
        match (asked, result) {
            // Whoever asked may have gone away meanwhile.
            (Asked::Front(sender), result) => drop(sender.send(result.map(|done| Answer::to(done, self.ground.now())))),
            (Asked::Ready(sender, answer), result) => drop(sender.send(result.map(|_| *answer))),
            (Asked::Nobody, _) => {}
            (Asked::Client { ack: Some(ack), .. }, Ok(_)) => turn.acknowledge(ack, &[r#"{"ok":true}"#], &[]),
            (Asked::Client { ack: None, .. }, Ok(_)) => {}
            (Asked::Client { ack, lang }, Err(failure)) => refuse(turn, ack, &failure, lang),
        }
    }
}

impl Files {
    /// In whose name the store writes it. Users and notes are every branch's: the number says nothing then.
    pub(super) fn branch(self) -> BranchId {
        match self {
            Self::Staff => BranchId(0),
            Self::Ticker(branch) => branch,
        }
    }

    /// What is on disk of it.
    pub fn read(self, store: &mut (impl store::Store + ?Sized)) -> Result<store::Directory, StoreError> {
        match self {
            Self::Staff => Ok(store::Directory { ticker: None, ..store.directory(self.branch())? }),
            Self::Ticker(branch) => Ok(store::Directory { ticker: store.ticker(branch)?, ..store::Directory::default() }),
        }
    }
}
