//! Owns the answers to requests with an `Idempotency-Key` where the log keeps none: the same request again is answered with what it was answered
//! the first time. Kept in memory for a day, as many as fit; forgotten with the process. Who may ask is looked at before it is asked.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::problem::Problem;
use crate::access::Credential;
use crate::clock;
use crate::service::{Answer, Failure};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(86_400);
/// Answers kept at the most, and their bytes.
const MOST: usize = 4_096;
const MOST_BYTES: usize = 16 << 20;

/// Whose key it is: of nobody else, and what is kept gives no token away.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name([u8; 32]);

type Told = Option<Result<Answer, Problem>>;

#[derive(Default)]
struct Kept {
    answers: HashMap<Name, Entry>,
    /// The oldest first.
    order: VecDeque<(Instant, Name, usize)>,
    bytes: usize,
}

struct Entry {
    /// What was asked.
    request: u64,
    /// The answer, as soon as it is there.
    told: watch::Receiver<Told>,
}

#[derive(Clone, Default)]
pub struct Remembered {
    kept: Arc<Mutex<Kept>>,
}

impl Name {
    pub fn new(credential: &Credential, key: &str) -> Self {
        let who = match (&credential.token, &credential.device) {
            (Some(secret), _) | (None, Some(secret)) => secret.clone(),
            (None, None) => credential.address.to_string(),
        };
        Self(Sha256::new().chain_update(who).chain_update([0]).chain_update(key).finalize().into())
    }
}

/// What is asked, in short: method, address and body.
pub fn in_short(parts: [&str; 3]) -> u64 {
    let mut hash = DefaultHasher::new();
    parts.hash(&mut hash);
    hash.finish()
}

impl Remembered {
    /// The answer that was given to the same request before, or is being found; else the one that `answer` gives. Goes on when nobody waits any more.
    pub async fn once(
        &self,
        name: Name,
        request: u64,
        answer: impl Future<Output = Result<Answer, Problem>> + 'static,
    ) -> Result<Answer, Problem> {
        let mut told = match self.enter(&name, request)? {
            Ok(known) => known,
            Err(told) => {
                let (remembered, waiting) = (self.clone(), told.subscribe());
                rt::spawn(async move {
                    let answer = answer.await;
                    remembered.told(name, &answer);
                    // Whoever asked may have gone away meanwhile.
                    told.send_replace(Some(answer));
                });
                waiting
            }
        };
        let answer = told.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
        answer.unwrap_or(Err(Problem::Failure(Failure::ShuttingDown)))
    }

    /// The answer under this name, or where it is to be told.
    fn enter(&self, name: &Name, request: u64) -> Result<Result<watch::Receiver<Told>, watch::Sender<Told>>, Problem> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(clock::instant());
        match kept.answers.get(name) {
            Some(entry) if entry.request == request => Ok(Ok(entry.told.clone())),
            Some(_) => Err(Problem::KeyReused),
            None => {
                let (told, waiting) = watch::channel(None);
                kept.answers.insert(name.clone(), Entry { request, told: waiting });
                Ok(Err(told))
            }
        }
    }

    /// What is no answer for good is not kept: the same request may be tried again.
    fn told(&self, name: Name, answer: &Result<Answer, Problem>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let size = match answer {
            Ok(Answer::Shown(text) | Answer::Sheet(text) | Answer::Page { sheet: text, .. } | Answer::Created { json: text, .. }) => {
                text.len()
            }
            Ok(Answer::Done) => 0,
            // What may hold a token, or is not done yet.
            Ok(Answer::Made(_) | Answer::Waiting(_) | Answer::Entered(_) | Answer::Place(..)) => return drop(kept.answers.remove(&name)),
            Err(problem) if problem.is_final() => problem.size(),
            Err(_) => return drop(kept.answers.remove(&name)),
        };
        kept.bytes += size;
        kept.order.push_back((clock::instant(), name, size));
    }
}

impl Kept {
    fn forget(&mut self, now: Instant) {
        while let Some((at, ..)) = self.order.front()
            && (now.saturating_duration_since(*at) > KEPT || self.order.len() >= MOST || self.bytes > MOST_BYTES)
            && let Some((_, name, size)) = self.order.pop_front()
        {
            self.answers.remove(&name);
            self.bytes -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn name(token: &str, key: &str) -> Name {
        Name::new(&Credential::new(Some(token), None, IpAddr::V4(Ipv4Addr::LOCALHOST)), key)
    }

    async fn ask(remembered: &Remembered, name: Name, request: u64, answer: Result<&'static str, Problem>) -> Result<Answer, Problem> {
        remembered.once(name, request, async move { answer.map(|text| Answer::Shown(text.into())) }).await
    }

    #[actix_web::test]
    async fn the_first_answer_is_the_answer() {
        let remembered = Remembered::default();
        let shown = |text: &str| Ok(Answer::Shown(text.into()));
        assert_eq!(ask(&remembered, name("a", "k"), 1, Ok("one")).await, shown("one"));
        assert_eq!(ask(&remembered, name("a", "k"), 1, Ok("two")).await, shown("one"));
        assert_eq!(ask(&remembered, name("a", "k"), 2, Ok("two")).await, Err(Problem::KeyReused));
        assert_eq!(ask(&remembered, name("b", "k"), 2, Ok("two")).await, shown("two"), "another one's key");
        assert_eq!(ask(&remembered, name("a", "x"), 2, Ok("three")).await, shown("three"));
    }

    #[actix_web::test]
    async fn what_may_be_tried_again_is_not_kept() {
        let remembered = Remembered::default();
        let busy = Problem::Failure(Failure::Overloaded);
        assert_eq!(ask(&remembered, name("a", "k"), 1, Err(busy.clone())).await, Err(busy));
        assert_eq!(ask(&remembered, name("a", "k"), 1, Ok("one")).await, Ok(Answer::Shown("one".into())));
        assert_eq!(ask(&remembered, name("a", "x"), 1, Err(Problem::NoSuchPath)).await, Err(Problem::NoSuchPath));
        assert_eq!(ask(&remembered, name("a", "x"), 1, Ok("one")).await, Err(Problem::NoSuchPath));
    }

    #[actix_web::test]
    async fn what_a_refusal_says_takes_room_too() {
        let remembered = Remembered::default();
        let refused = Problem::Failure(Failure::UnknownUser);
        ask(&remembered, name("a", "k"), 1, Err(refused.clone())).await.unwrap_err();
        assert!(refused.size() > 10);
        assert_eq!(remembered.kept.lock().unwrap().bytes, refused.size());
    }

    #[actix_web::test]
    async fn no_more_are_kept_than_fit() {
        let remembered = Remembered::default();
        for number in 0..MOST + 10 {
            ask(&remembered, name("a", &number.to_string()), 1, Ok("x")).await.unwrap();
        }
        let kept = remembered.kept.lock().unwrap();
        assert!(kept.answers.len() <= MOST && kept.order.len() <= MOST, "{}", kept.answers.len());
        assert_eq!(kept.bytes, kept.order.len());
    }
}
