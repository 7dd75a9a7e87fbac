//! Owns the way of a change of the [`Book`]: wished, decided, written, and only then true. What arrives while something is being written is
//! written together next, unless it is about the same person. Never does I/O itself and never knows who asked.

use std::collections::{HashSet, VecDeque};

use super::accounts::Signed;
use super::book::{Book, Wish};
use super::failure::Failure;
use crate::office::Millis;
use crate::store::{Change, Directory as Found, StoreError};

/// Changes written together at the most.
const MAX_BATCH: usize = 256;
/// Wishes that may wait for the disk.
const MAX_WAITING: usize = 4_096;

/// What the store is to do next.
#[derive(Debug, PartialEq)]
pub enum Step {
    Write(Vec<Change>),
    /// A write failed and what it left is not known.
    Read,
}

/// What became of a wish, or was found to have become of one that seemed to fail.
#[derive(Debug, PartialEq)]
pub struct Outcome<R> {
    /// Who waits for it.
    pub reply: Option<R>,
    pub result: Result<Done, Failure>,
}

/// A change that is on disk.
#[derive(Debug, PartialEq)]
pub struct Done {
    pub change: Change,
    /// What was written with it.
    pub also: Vec<Change>,
    /// Whether the user, screen or note was not there before.
    pub new: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Writing,
    Reading,
}

pub struct Directory<R> {
    book: Book,
    waiting: VecDeque<(Wish, Signed, R)>,
    in_flight: Vec<(Vec<Change>, R)>,
    state: State,
    doubtful: bool,
}

impl<R> Directory<R> {
    pub fn new(found: Found) -> Self {
        Self { book: Book::new(found), waiting: VecDeque::new(), in_flight: Vec::new(), state: State::Idle, doubtful: false }
    }

    /// What is on disk.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Whether a wish still waits for its answer.
    pub fn is_busy(&self) -> bool {
        !self.in_flight.is_empty() || !self.waiting.is_empty()
    }

    /// Puts a wish into the queue; gives the reply back when too much is waiting.
    pub fn submit(&mut self, wish: Wish, signed: Signed, reply: R) -> Result<(), R> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(reply);
        }
        self.waiting.push_back((wish, signed, reply));
        Ok(())
    }

    /// Decides what waits and gives the next thing to do, unless something is being done. What is refused is told in `outcomes`.
    pub fn begin(&mut self, now: Millis, outcomes: &mut Vec<Outcome<R>>) -> Option<Step> {
        if self.state != State::Idle {
            return None;
        }
        if self.doubtful {
            self.state = State::Reading;
            return Some(Step::Read);
        }
        let mut subjects = HashSet::new();
        while self.in_flight.len() < MAX_BATCH
            && let Some((wish, ..)) = self.waiting.front()
            && !wish.subjects().into_iter().flatten().any(|subject| subjects.contains(&subject))
        {
            let Some((wish, signed, reply)) = self.waiting.pop_front() else { break };
            match self.book.decide(&wish, &signed, now) {
                Ok(changes) => {
                    subjects.extend(wish.subjects().into_iter().flatten());
                    self.in_flight.push((changes, reply));
                }
                Err(failure) => outcomes.push(Outcome { reply: Some(reply), result: Err(failure) }),
            }
        }
        if self.in_flight.is_empty() {
            return None;
        }
        self.state = State::Writing;
        Some(Step::Write(self.in_flight.iter().flat_map(|(changes, _)| changes).cloned().collect()))
    }

    /// Takes in how the write went.
    pub fn written(&mut self, result: Result<(), StoreError>) -> Vec<Outcome<R>> {
        self.state = State::Idle;
        let in_flight = std::mem::take(&mut self.in_flight);
        match result {
            Ok(()) => in_flight.into_iter().filter_map(|(changes, reply)| self.outcome(changes, Some(reply))).collect(),
            Err(problem) => {
                log::error!("no change of users, notes or ticker could be written: {problem}");
                self.doubtful = true;
                in_flight.into_iter().map(|(_, reply)| unavailable(reply)).collect()
            }
        }
    }

    /// Takes in what is on disk after a failed write.
    pub fn found(&mut self, result: Result<Found, StoreError>) -> Vec<Outcome<R>> {
        self.state = State::Idle;
        match result {
            Ok(found) => {
                self.doubtful = false;
                self.book.difference(&found).into_iter().filter_map(|change| self.outcome(vec![change], None)).collect()
            }
            Err(problem) => {
                log::error!("users, notes and ticker cannot be read: {problem}");
                self.waiting.drain(..).map(|(.., reply)| unavailable(reply)).collect()
            }
        }
    }

    /// Takes in what is on disk. A wish that came to nothing at all is nobody's.
    fn outcome(&mut self, changes: Vec<Change>, reply: Option<R>) -> Option<Outcome<R>> {
        let new = match changes.first()? {
            Change::PutUser(user) => self.book.user(user.id).is_none(),
            Change::PutDevice(device) => self.book.keys().device(device.id).is_none(),
            Change::PutNote(note) => self.book.note(note.user, note.id).is_none(),
            _ => false,
        };
        changes.iter().for_each(|change| self.book.apply(change));
        let mut changes = changes.into_iter();
        let change = changes.next()?;
        Some(Outcome { reply, result: Ok(Done { change, also: changes.collect(), new }) })
    }
}

fn unavailable<R>(reply: R) -> Outcome<R> {
    Outcome { reply: Some(reply), result: Err(Failure::StorageUnavailable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::{Role, User, UserId};
    use crate::service::accounts::AccountWish;
    use crate::service::commands::timed_id;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn create(name: &str) -> Wish {
        let user = User::new(UserId(timed_id(NOW)), name.into(), Role::Agent, NOW);
        Wish::Account(AccountWish::Create { user, password: None })
    }

    fn submit(directory: &mut Directory<u32>, wish: Wish, reply: u32) -> Result<(), u32> {
        submit(&mut directory, wish, Signed::PROGRAM, reply)
    }

    fn ticker(text: &str) -> Wish {
        Wish::SetTicker(Some(text.into()))
    }

    fn begin(directory: &mut Directory<u32>) -> (usize, Vec<(u32, Failure)>) {
        let mut outcomes = Vec::new();
        let changes = match directory.begin(NOW, &mut outcomes) {
            Some(Step::Write(changes)) => changes.len(),
            None => 0,
            other => panic!("{other:?}"),
        };
        (changes, outcomes.into_iter().map(|outcome| (outcome.reply.unwrap(), outcome.result.unwrap_err())).collect())
    }

    fn failed() -> StoreError {
        StoreError::Unavailable("no space left".into())
    }

    #[test]
    fn nothing_is_true_before_it_is_written() {
        let mut directory = Directory::new(Found::default());
        submit(&mut directory, create("Ana"), 1).unwrap();
        assert_eq!(begin(&mut directory), (1, vec![]));
        assert!(directory.is_busy() && directory.book().users(None).count() == 0);
        let outcomes = directory.written(Ok(()));
        assert!(matches!(&outcomes[..], [Outcome { reply: Some(1), result: Ok(Done { new: true, .. }) }]), "{outcomes:?}");
        assert!(!directory.is_busy() && directory.book().users(None).count() == 1);
    }

    #[test]
    fn what_waits_is_written_together_unless_it_is_about_the_same() {
        let mut directory = Directory::new(Found::default());
        submit(&mut directory, create("Ana"), 0).unwrap();
        assert_eq!(begin(&mut directory).0, 1);
        for (wish, reply) in
            [(create("Bea"), 1), (create("Eva"), 2), (ticker("a"), 3), (Wish::Account(AccountWish::Delete(UserId(9))), 4), (ticker("b"), 5)]
        {
            submit(&mut directory, wish, reply).unwrap();
        }
        assert_eq!(begin(&mut directory), (0, vec![]), "one thing at a time");
        directory.written(Ok(()));
        assert_eq!(begin(&mut directory), (3, vec![(4, Failure::UnknownUser)]));
        directory.written(Ok(()));
        assert_eq!(begin(&mut directory).0, 1);
        directory.written(Ok(()));
        assert_eq!(directory.book().ticker().map(|ticker| ticker.text.as_str()), Some("b"));
        assert_eq!(begin(&mut directory), (0, vec![]));
    }

    #[test]
    fn a_write_that_only_seemed_to_fail_is_found() {
        let mut directory = Directory::new(Found::default());
        submit(&mut directory, ticker("a"), 1).unwrap();
        let Some(Step::Write(changes)) = directory.begin(NOW, &mut Vec::new()) else { panic!("nothing to write") };
        assert_eq!(directory.written(Err(failed())), [unavailable(1)]);
        assert_eq!(directory.book().ticker(), None);

        assert_eq!(directory.begin(NOW, &mut Vec::new()), Some(Step::Read));
        submit(&mut directory, ticker("b"), 2).unwrap();
        assert_eq!(directory.found(Err(failed())), [unavailable(2)], "nobody waits for a disk that does not answer");
        assert_eq!(directory.begin(NOW, &mut Vec::new()), Some(Step::Read));
        let [Change::SetTicker(written), Change::Audit(_)] = &changes[..] else { panic!("{changes:?}") };
        let outcomes = directory.found(Ok(Found { ticker: written.clone(), ..Found::default() }));
        assert!(matches!(&outcomes[..], [Outcome { reply: None, result: Ok(Done { change: Change::SetTicker(_), .. }) }]), "{outcomes:?}");
        assert_eq!(directory.book().ticker(), written.as_ref());
        assert_eq!(directory.begin(NOW, &mut Vec::new()), None);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut directory = Directory::new(Found::default());
        for reply in 0..MAX_WAITING as u32 {
            submit(&mut directory, ticker("x"), reply).unwrap();
        }
        assert_eq!(submit(&mut directory, ticker("x"), 0), Err(0));
    }
}
