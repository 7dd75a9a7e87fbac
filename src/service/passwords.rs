//! Owns the making and checking of password hashes: slow on purpose, so on threads of their own, behind a bounded queue. Never on the hub, never
//! on a thread that serves HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use super::commands::draw;
use crate::access::PasswordHash;

/// Threads that hash. A hash keeps a core busy for tens of milliseconds: on a machine of two cores two threads leave none to the hub, the store
/// and HTTP, and numbers take several times as long while many sign in (`docs/benchmarks.md`, Doors). With one a core stays free.
const THREADS: usize = 1;
/// What may wait for them.
const MOST_WAITING: usize = 64;

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    /// What passwords of people are hashed with.
    pub const FULL: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// For tests, which are not attacked.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1 };
}

/// A password to be checked against what is kept. Where nothing is kept it takes as long, and is wrong.
pub struct Check {
    pub hash: Option<PasswordHash>,
    pub password: String,
}

/// What is to be done: both, one after the other, and the second only where the first is right.
pub struct Task {
    pub check: Option<Check>,
    /// A password that a hash is to be made of.
    pub make: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Checked {
    /// Nothing was wrong.
    pub right: bool,
    /// What was to be made.
    pub hash: Option<PasswordHash>,
}

/// So many wait that this one is not taken.
#[derive(Debug)]
pub struct Full;

type Job = Box<dyn FnOnce(&Hasher) + Send>;

/// A handle to the threads, which end with it.
#[derive(Debug)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
}

/// Hashes here and now: for threads that may be slow.
pub struct Hasher {
    argon: Argon2<'static>,
    /// Of a password that nobody knows.
    decoy: PasswordHash,
}

impl Passwords {
    /// Starts the threads.
    pub fn start(cost: Cost) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(MOST_WAITING);
        let queue = Arc::new(Mutex::new(queue));
        let hasher = Arc::new(Hasher::new(cost));
        for _ in 0..THREADS {
            let (queue, hasher) = (queue.clone(), hasher.clone());
            std::thread::Builder::new().name("passwords".into()).spawn(move || work(&queue, &hasher))?;
        }
        Ok(Self { jobs, waiting: Arc::default() })
    }

    /// Does a task, then tells what came of it, on one of the threads.
    ///
    /// # Errors
    ///
    /// [`Full`]; then `done` is dropped.
    pub fn submit(&self, task: Task, done: impl FnOnce(Checked) + Send + 'static) -> Result<(), Full> {
        let waiting = self.waiting.clone();
        let job = move |hasher: &Hasher| {
            waiting.fetch_sub(1, Ordering::Relaxed);
            done(hasher.carry_out(task));
        };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.jobs.try_send(Box::new(job)).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            Full
        })
    }

    /// Whether one more task is to be taken; of strangers, whom there may be any number of, half of the queue is.
    pub fn has_room(&self, stranger: bool) -> bool {
        let most = if stranger { MOST_WAITING / 2 } else { MOST_WAITING };
        self.waiting.load(Ordering::Relaxed) < most
    }
}

impl Hasher {
    pub fn new(cost: Cost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = make(&argon, &format!("{:032x}", draw()));
        Self { argon, decoy }
    }

    pub fn make(&self, password: &str) -> PasswordHash {
        make(&self.argon, password)
    }

    fn is_right(&self, Check { hash, password }: &Check) -> bool {
        let kept = hash.as_ref().unwrap_or(&self.decoy);
        let right = Phc::new(kept.as_str()).is_ok_and(|kept| self.argon.verify_password(password.as_bytes(), &kept).is_ok());
        right && hash.is_some()
    }

    fn carry_out(&self, Task { check, make }: Task) -> Checked {
        let right = check.is_none_or(|check| self.is_right(&check));
        Checked { right, hash: make.filter(|_| right).map(|password| self.make(&password)) }
    }
}

fn make(argon: &Argon2<'_>, password: &str) -> PasswordHash {
    // 16 random bytes are a salt of the length that there must be, and any password is hashed: neither fails.
    let salt = SaltString::encode_b64(&draw().to_be_bytes()).expect("16 bytes are a salt");
    let hash = argon.hash_password(password.as_bytes(), &salt).expect("the parameters were checked");
    PasswordHash::new(hash.to_string())
}

fn work(queue: &Mutex<Receiver<Job>>, hasher: &Hasher) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(hasher),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_password_is_right_or_wrong_and_nothing_kept_is_wrong() {
        let hasher = Hasher::new(Cost::LEAST);
        let hash = hasher.make("caballo correcto");
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert_ne!(hash, hasher.make("caballo correcto"), "salted");
        let check = |hash: Option<PasswordHash>, password: &str| hasher.is_right(&Check { hash, password: password.into() });
        assert!(check(Some(hash.clone()), "caballo correcto"));
        assert!(!check(Some(hash), "caballo incorrecto"));
        assert!(!check(None, "caballo correcto") && !check(Some(PasswordHash::new("x".into())), "x"));
    }

    #[test]
    fn a_hash_of_another_cost_is_still_checked() {
        let old = Hasher::new(Cost { memory_kib: 16, passes: 2 }).make("caballo correcto");
        assert!(Hasher::new(Cost::LEAST).is_right(&Check { hash: Some(old), password: "caballo correcto".into() }));
    }

    #[test]
    fn nothing_is_made_where_the_check_fails_and_what_is_too_much_is_refused() {
        let passwords = Passwords::start(Cost::LEAST).unwrap();
        let (told, tell) = channel();
        let wrong = Task { check: Some(Check { hash: None, password: "x".into() }), make: Some("y".into()) };
        passwords.submit(wrong, move |checked| told.send((checked.right, checked.hash)).unwrap()).unwrap();
        assert_eq!(tell.recv().unwrap(), (false, None));

        let (hold, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let blocked = |held: &Arc<Mutex<Receiver<()>>>| {
            let held = held.clone();
            passwords.submit(Task { check: None, make: None }, move |_| drop(held.lock().map(|held| held.recv())))
        };
        let mut taken = 0;
        while passwords.has_room(true) && blocked(&held).is_ok() {
            taken += 1;
        }
        assert!((MOST_WAITING / 2..=MOST_WAITING / 2 + THREADS).contains(&taken), "{taken} strangers");
        assert!(passwords.has_room(false), "for those who are known");
        taken += (0..MOST_WAITING + 10).filter(|_| blocked(&held).is_ok()).count();
        assert!((MOST_WAITING..=MOST_WAITING + THREADS).contains(&taken), "{taken}");
        drop(hold);
    }
}
