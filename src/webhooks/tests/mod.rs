//! What is promised of web hooks, with receivers that answer, fail, hang, redirect and close, and over restarts.

mod receiver;
mod secure;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

use self::receiver::{Got, Receiver, Reply};
use super::books::{Books, Errand};
use super::courier::Patience;
use super::{Answer, Facts, Ground, HookBody, Refused, Registry, Running, start_with};
use crate::access::{AuditAction, AuditLine, Author, Signed};
use crate::clock::{Clock, instant};
use crate::office::arbitrary::{MINUTE, Sample, page, sample};
use crate::office::{BranchId, Command, DeskId, Millis, Settings};
use crate::store::{AuditFilter, Batch, SqliteStore, Store};

const BRANCH: BranchId = BranchId(1);
const DEADLINE: Duration = Duration::from_secs(30);
const OK: Reply = Reply::Status(204);

/// An office with a store, and whoever sends for it.
struct Bench {
    sample: Sample,
    /// Entries that are on disk.
    committed: usize,
    books: Arc<Shelf>,
    clock: Clock,
    commits: watch::Sender<()>,
    registry: Registry,
    running: Running,
    _dir: TempDir,
}

struct Shelf(Mutex<SqliteStore>);

impl Books for Shelf {
    fn run(&self, errand: Errand) {
        errand(&mut *self.0.lock().unwrap());
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(Settings { private_hooks: true, ..sample() })
    }

    fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        store.load(BRANCH).unwrap();
        let books = Arc::new(Shelf(Mutex::new(store)));
        let sample = Sample::new(settings);
        let clock = Clock::manual(sample.now);
        let commits = watch::channel(()).0;
        let (registry, running) = begin(&books, &clock, &commits);
        let mut bench = Self { sample, committed: 0, books, clock, commits, registry, running, _dir: dir };
        bench.commit();
        bench
    }

    /// What the office has decided is on disk.
    fn commit(&mut self) {
        let entries = self.sample.log[self.committed..].to_vec();
        self.committed = self.sample.log.len();
        self.books.0.lock().unwrap().commit(&Batch { branch: BRANCH, entries, snapshot: None, audit: Vec::new() }).unwrap();
        self.clock.set(self.clock.now().max(self.sample.now));
        self.commits.send_replace(());
    }

    /// A ticket is taken, called, served and done: four events.
    fn visit(&mut self) {
        self.sample.issue(1, 0);
        self.commit();
        self.sample.pass(MINUTE / 60);
        for command in [
            Command::CallNext { desk: DeskId(1) },
            Command::Start { desk: DeskId(1), ticket: None },
            Command::Finish { desk: DeskId(1), ticket: None, outcome: None, note: Some("en secreto".into()) },
        ] {
            self.sample.tell_by(page(7), command).unwrap();
            self.commit();
        }
    }

    fn pass(&mut self, time: Duration) {
        self.clock.advance(time);
        self.commits.send_replace(());
    }

    /// Lets time pass in small steps until that has come.
    fn until(&mut self, receiver: &Receiver, what: &str, is_so: impl Fn(&[Got]) -> bool) {
        let deadline = instant() + DEADLINE;
        while !receiver.wait(Duration::from_millis(50), &is_so) {
            assert!(instant() < deadline, "waited {DEADLINE:?} for {what}; there is {:#?}", receiver.got());
            self.pass(Duration::from_secs(2));
        }
    }

    fn add(&self, receiver: &Receiver) -> (String, String) {
        self.add_with(body(receiver.url()))
    }

    /// Id and secret.
    fn add_with(&self, body: HookBody) -> (String, String) {
        match wait(self.registry.create(BRANCH, &Signed::PROGRAM, body)).unwrap() {
            Answer::Created { path, json } => {
                let hook: Value = serde_json::from_str(&json).unwrap();
                let id = hook["id"].as_str().unwrap().to_owned();
                assert_eq!(path, format!("branches/1/webhooks/{id}"));
                (id, hook["secreto"].as_str().unwrap().to_owned())
            }
            other => panic!("{other:?}"),
        }
    }

    fn hook(&self, id: &str) -> Value {
        shown(wait(self.registry.get(BRANCH, id)))
    }

    /// The log of deliveries, the first one first.
    fn deliveries(&self, id: &str) -> Vec<Value> {
        let mut list = shown(wait(self.registry.deliveries(BRANCH, id, None, 500)))["entregas"].as_array().unwrap().clone();
        list.reverse();
        list
    }

    /// Whether hook and log come to look like that within the deadline.
    fn settles(&self, id: &str, what: &str, is_so: impl Fn(&Value, &[Value]) -> bool) {
        let deadline = instant() + DEADLINE;
        let (lock, never) = (Mutex::new(()), std::sync::Condvar::new());
        while !is_so(&self.hook(id), &self.deliveries(id)) {
            assert!(instant() < deadline, "waited {DEADLINE:?} for {what}: {} {:#?}", self.hook(id), self.deliveries(id));
            let _ = never.wait_timeout(lock.lock().unwrap(), Duration::from_millis(20)).unwrap();
        }
    }

    /// Lets time pass in small steps until the log of deliveries looks like that.
    fn passes(&mut self, id: &str, what: &str, is_so: impl Fn(&[Value]) -> bool) {
        let deadline = instant() + DEADLINE;
        let (lock, never) = (Mutex::new(()), std::sync::Condvar::new());
        while !is_so(&self.deliveries(id)) {
            assert!(instant() < deadline, "waited {DEADLINE:?} for {what}: {:#?}", self.deliveries(id));
            let _ = never.wait_timeout(lock.lock().unwrap(), Duration::from_millis(50)).unwrap();
            self.pass(Duration::from_secs(2));
        }
    }

    fn stop(self) -> Stopped {
        let Self { sample, committed, books, clock, commits, registry, running, _dir } = self;
        running.stop().unwrap();
        drop(registry);
        Stopped { sample, committed, books, clock, commits, _dir }
    }

    fn restart(self) -> Self {
        self.stop().start()
    }
}

struct Stopped {
    sample: Sample,
    committed: usize,
    books: Arc<Shelf>,
    clock: Clock,
    commits: watch::Sender<()>,
    _dir: TempDir,
}

impl Stopped {
    fn start(self) -> Bench {
        let Self { sample, committed, books, clock, commits, _dir } = self;
        let (registry, running) = begin(&books, &clock, &commits);
        Bench { sample, committed, books, clock, commits, registry, running, _dir }
    }
}

fn begin(books: &Arc<Shelf>, clock: &Clock, commits: &watch::Sender<()>) -> (Registry, Running) {
    let reports = books.0.lock().unwrap().reports().unwrap();
    let ground = Ground { reports, books: books.clone(), clock: clock.clone(), jitter: Box::new(|_| 0), commits: commits.subscribe() };
    let patience = Patience { connect: Duration::from_secs(2), whole: Duration::from_millis(400), body: Duration::from_millis(100) };
    start_with(ground, patience).unwrap()
}

fn body(url: String) -> HookBody {
    HookBody { url, eventos: Vec::new(), activo: true, descripcion: None, datos: Facts::Publicos }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, work).await.expect("an answer in time") })
}

fn shown(answer: Result<Answer, Refused>) -> Value {
    match answer.unwrap() {
        Answer::Shown(json) => serde_json::from_str(&json).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// What came through of each ticket, in the order in which it came.
fn through(got: &[Got]) -> BTreeMap<String, Vec<u64>> {
    let mut tickets: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for got in got.iter().filter(|got| got.came_through()) {
        tickets.entry(got.code().to_owned()).or_default().push(got.rev());
    }
    tickets
}

/// What there is to tell of each ticket, in the log's order.
fn told(sample: &Sample, after: u64) -> BTreeMap<String, Vec<u64>> {
    let mut tickets: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for entry in sample.log.iter().filter(|entry| entry.rev > after) {
        if let Some(ticket) = entry.event.ticket().and_then(|id| sample.office.ticket(id)) {
            tickets.entry(ticket.code.clone()).or_default().push(entry.rev);
        }
    }
    tickets
}

#[test]
fn every_event_comes_once_signed_and_in_the_order_of_its_ticket() {
    let receiver = Receiver::start(|_| OK);
    let mut bench = Bench::new();
    let (id, secret) = bench.add(&receiver);
    let before = bench.sample.log.len() as u64;
    bench.visit();
    bench.visit();
    bench.until(&receiver, "eight events", |got| got.len() >= 8);
    let log = told(&bench.sample, before);
    assert_eq!(through(&receiver.got()), log);
    bench.settles(&id, "eight deliveries", |hook, log| log.len() == 8 && hook["estado"] == "bien" && hook["ultima"].is_i64());

    for got in receiver.got() {
        let headers = &got.headers;
        assert_eq!((got.path.as_str(), headers["content-type"].as_str()), ("/turnos?de=siguiente", "application/json"));
        assert_eq!((headers["siguiente-id"].as_str(), headers["siguiente-hook"].as_str()), (got.id(), id.as_str()));
        assert_eq!(
            (&headers["siguiente-attempt"], headers["siguiente-event"].as_str()),
            (&"1".to_owned(), got.body["tipo"].as_str().unwrap())
        );
        assert_eq!(headers["host"], receiver.address.to_string());
        assert!(signed(&got, &secret, bench.clock.now().0), "{headers:?}");
        assert!(!got.text.contains("en secreto"), "{}", got.text);
    }
    for delivery in bench.deliveries(&id) {
        assert_eq!((&delivery["estado"], &delivery["respuesta"], &delivery["intentos"]), (&"entregada".into(), &204.into(), &1.into()));
    }
    let (got, bench) = (receiver.got().len(), bench.restart());
    bench.settles(&id, "the same log", |_, log| log.len() == 8);
    assert_eq!(receiver.got().len(), got, "what was told is not told again after a restart");
}

/// Whether it was signed with this secret, not later than `now`.
fn signed(got: &Got, secret: &str, now: i64) -> bool {
    use hmac::{Hmac, KeyInit, Mac};
    let header = &got.headers["siguiente-signature"];
    let (time, signatures) = header.strip_prefix("t=").unwrap().split_once(',').unwrap();
    assert!(time.parse::<i64>().unwrap() * 1_000 <= now);
    let mut mac: Hmac<sha2::Sha256> = Hmac::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", got.text).as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    signatures.split(',').any(|signature| signature == format!("v1={hex}"))
}

#[test]
fn a_receiver_that_fails_in_every_way_gets_everything_in_order_at_last() {
    let ways = [
        Reply::Status(500),
        Reply::Redirect,
        Reply::Close,
        Reply::HalfHead,
        Reply::Hang,
        Reply::Status(404),
        Reply::HalfBody,
        Reply::Status(301),
        OK,
        Reply::Status(199),
        OK,
    ];
    let mut turn = 0;
    let receiver = Receiver::start(move |_| {
        turn += 1;
        ways[turn % ways.len()]
    });
    let mut bench = Bench::new();
    let (id, _) = bench.add(&receiver);
    let before = bench.sample.log.len() as u64;
    for _ in 0..4 {
        bench.visit();
    }
    let log = told(&bench.sample, before);
    bench.until(&receiver, "all events", |got| through(got) == log);
    assert!(receiver.got().iter().all(|got| got.path != "/elsewhere"), "a redirect was followed");
    bench.settles(&id, "all delivered", |hook, log| {
        hook["estado"] == "bien" && log.len() == 16 && log.iter().all(|delivery| delivery["estado"] == "entregada")
    });
}

#[test]
fn what_is_outstanding_goes_on_after_a_restart() {
    let receiver = Receiver::start(|_| Reply::Status(503));
    let mut bench = Bench::new();
    let (id, _) = bench.add(&receiver);
    let before = bench.sample.log.len() as u64;
    bench.visit();
    bench.visit();
    bench.until(&receiver, "three attempts of both", |got| got.len() >= 6);
    bench.settles(&id, "pending ones", |hook, log| hook["estado"] == "fallando" && log.len() == 2 && log[0]["estado"] == "pendiente");
    let mut stopped = bench.stop();
    receiver.answers(|_| OK);
    // Meanwhile another program might have written.
    stopped.sample.issue(1, 0);
    let mut bench = stopped.start();
    bench.commit();
    let log = told(&bench.sample, before);
    bench.until(&receiver, "all events after the restart", |got| through(got) == log);
    let got = receiver.got();
    for (at, delivery) in got.iter().enumerate() {
        let before = got[..at].iter().filter(|earlier| earlier.id() == delivery.id()).count();
        assert_eq!(delivery.headers["siguiente-attempt"], (before + 1).to_string(), "attempts go on where they were");
    }
    bench.settles(&id, "all delivered", |hook, log| {
        hook["estado"] == "bien" && log.iter().all(|delivery| delivery["estado"] == "entregada")
    });
}

#[test]
fn one_whose_receiver_is_gone_is_switched_off_and_begins_anew_when_it_is_switched_on() {
    let receiver = Receiver::start(|_| Reply::Status(410));
    let mut bench = Bench::new();
    let (id, _) = bench.add(&receiver);
    bench.visit();
    bench.settles(&id, "it is off", |hook, _| hook["activo"] == false && hook["motivo"] == "retirado");
    let lines = bench.books.0.lock().unwrap().reports().unwrap().audit(&AuditFilter::default(), None, 1).unwrap();
    let AuditLine { by, branch, action, subject, detail, .. } = &lines[0].line;
    assert_eq!((by, branch, action, subject), (&Author::Program, &Some(BRANCH), &AuditAction::WebhookChanged, &id));
    assert!(detail.contains(r#""activo":false"#), "{detail}");
    bench.visit();
    receiver.answers(|_| OK);
    let before = bench.sample.log.len() as u64;
    let on = shown(wait(bench.registry.replace(BRANCH, &Signed::PROGRAM, &id, body(receiver.url()))));
    assert_eq!((&on["activo"], &on["motivo"]), (&true.into(), &Value::Null));
    bench.visit();
    let log = told(&bench.sample, before);
    bench.until(&receiver, "what happened since", |got| through(got) == log);
    assert_eq!(receiver.got().iter().filter(|got| got.reply != OK).count(), 1, "nothing was sent after 410");
}

#[test]
fn one_that_hangs_keeps_no_other_waiting() {
    let (slow, quick) = (Receiver::start(|_| Reply::Hang), Receiver::start(|_| OK));
    let mut bench = Bench::new();
    bench.add(&slow);
    bench.add(&quick);
    let before = bench.sample.log.len() as u64;
    for _ in 0..8 {
        bench.visit();
    }
    let log = told(&bench.sample, before);
    assert!(quick.wait(DEADLINE, |got| through(got) == log), "the quick one has {:?}", through(&quick.got()));
    assert!(!slow.got().is_empty());
    bench.stop();
}

#[test]
fn after_three_days_an_event_is_given_up_and_the_next_of_its_ticket_is_tried() {
    let receiver = Receiver::start(|got| if got.body["tipo"] == "emitido" { Reply::Status(500) } else { OK });
    let mut bench = Bench::new();
    let (id, _) = bench.add(&receiver);
    bench.visit();
    bench.until(&receiver, "an attempt", |got| !got.is_empty());
    bench.settles(&id, "it is pending", |_, log| log.len() == 1 && log[0]["estado"] == "pendiente");
    assert!(through(&receiver.got()).is_empty(), "later events wait for the first");
    bench.pass(Duration::from_secs(73 * 3_600));
    bench.until(&receiver, "the other three", |got| through(got).values().map(Vec::len).sum::<usize>() == 3);
    bench.settles(&id, "it is given up", |_, log| log.len() == 4 && log[0]["estado"] == "fallida" && log[0]["respuesta"] == 500);
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_waiting() {
    let receiver = Receiver::start(|_| Reply::Status(500));
    let mut bench = Bench::new();
    bench.add(&receiver);
    bench.visit();
    bench.until(&receiver, "an attempt", |got| !got.is_empty());
    receiver.answers(|_| OK);
    bench.clock.set(Millis(bench.clock.now().0 - 10 * 3_600_000));
    bench.until(&receiver, "all four", |got| through(got).values().map(Vec::len).sum::<usize>() == 4);
}

#[test]
fn private_networks_need_the_setting_at_the_time_of_sending() {
    let receiver = Receiver::start(|_| OK);
    let mut bench = Bench::with(sample());
    let (id, _) = bench.add(&receiver);
    let (named, _) = bench.add_with(body(format!("http://localhost:{}/", receiver.address.port())));
    bench.visit();
    for id in [&id, &named] {
        bench.settles(id, "it is refused", |_, log| {
            log.first().is_some_and(|first| first["error"].as_str().is_some_and(|error| error.contains("may not go")))
        });
    }
    assert!(receiver.got().is_empty());
    let settings = Settings { private_hooks: true, ..bench.sample.office.settings().unwrap().clone() };
    bench.sample.tell(Command::Configure(Box::new(settings))).unwrap();
    bench.commit();
    bench.until(&receiver, "both hooks' events", |got| got.len() >= 8);
}

#[test]
fn a_hook_is_told_the_kinds_that_it_wants_and_names_if_it_is_to_be() {
    let receiver = Receiver::start(|_| OK);
    let mut bench = Bench::new();
    let wanted = HookBody { eventos: vec!["finalizado".into(), "llamado".into()], datos: Facts::Todos, ..body(receiver.url()) };
    bench.add_with(wanted);
    bench.visit();
    bench.until(&receiver, "two events", |got| got.len() >= 2);
    let got = receiver.got();
    assert_eq!(got.iter().map(|got| got.body["tipo"].as_str().unwrap()).collect::<Vec<_>>(), ["llamado", "finalizado"]);
    assert_eq!(got[1].body["ticket"]["nota"], "en secreto");
}

#[test]
fn a_trial_says_what_became_of_it_and_a_secret_that_rotates_still_signs() {
    let receiver = Receiver::start(|_| OK);
    let bench = Bench::new();
    let (id, old) = bench.add(&receiver);
    let new = shown(wait(bench.registry.rotate(BRANCH, &Signed::PROGRAM, &id)))["secreto"].as_str().unwrap().to_owned();
    let delivery = shown(wait(bench.registry.test(BRANCH, &id)));
    assert_eq!((&delivery["estado"], &delivery["evento"], &delivery["respuesta"]), (&"entregada".into(), &"prueba".into(), &204.into()));
    let got = receiver.got().pop().unwrap();
    assert!(signed(&got, &new, bench.clock.now().0) && signed(&got, &old, bench.clock.now().0));
    receiver.answers(|_| Reply::Hang);
    let delivery = shown(wait(bench.registry.test(BRANCH, &id)));
    assert_eq!((&delivery["estado"], &delivery["error"]), (&"fallida".into(), &"no answer in time".into()));
    bench.settles(&id, "both are in the log", |_, log| log.len() == 2);
    bench.clock.advance(Duration::from_secs(24 * 3_600));
    receiver.answers(|_| OK);
    shown(wait(bench.registry.test(BRANCH, &id)));
    assert!(!signed(&receiver.got().pop().unwrap(), &old, bench.clock.now().0), "a day later the old one is forgotten");
}

#[test]
fn hooks_are_kept_and_what_is_wrong_is_refused() {
    let bench = Bench::new();
    let (id, secret) = bench.add_with(HookBody { descripcion: Some("  Pantalla  ".into()), ..body("https://example.org/a".into()) });
    let hook = bench.hook(&id);
    assert_eq!((&hook["descripcion"], &hook["estado"], &hook["ultima"]), (&"Pantalla".into(), &"bien".into(), &Value::Null));
    assert!(!hook.to_string().contains(&secret), "a secret is shown once");
    let refusals = [
        body("http://169.254.169.254/".into()),
        body("no address".into()),
        HookBody { eventos: vec!["turno".into()], ..body("https://example.org/".into()) },
        HookBody { descripcion: Some("a\nb".into()), ..body("https://example.org/".into()) },
    ];
    for wrong in refusals {
        assert!(matches!(wait(bench.registry.create(BRANCH, &Signed::PROGRAM, wrong.clone())), Err(Refused::BadRequest(_))), "{wrong:?}");
    }
    assert_eq!(wait(bench.registry.list(BranchId(9))), Err(Refused::UnknownBranch));
    assert_eq!(wait(bench.registry.get(BRANCH, "x")), Err(Refused::UnknownHook));
    assert_eq!(wait(bench.registry.remove(BRANCH, &Signed::PROGRAM, &"0".repeat(32))), Err(Refused::UnknownHook));
    for _ in 1..super::MOST_HOOKS {
        bench.add_with(body("https://example.org/b".into()));
    }
    assert_eq!(wait(bench.registry.create(BRANCH, &Signed::PROGRAM, body("https://example.org/c".into()))), Err(Refused::TooMany));
    assert_eq!(wait(bench.registry.remove(BRANCH, &Signed::PROGRAM, &id)), Ok(Answer::Done));
    let list = shown(wait(bench.registry.list(BRANCH)));
    assert_eq!(list["ganchos"].as_array().unwrap().len(), super::MOST_HOOKS - 1);
    bench.stop();
}
