//! Owns the loop that sends: reads what is behind each hook's cursor, keeps deliveries under way, writes down what became of them, a few times a
//! second at the most. One task on one thread; only what waits for a receiver or the disk is beside it.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::backoff::Backoff;
use super::books::{Books, answered, ask};
use super::courier::{Courier, Lost};
use super::lane::{Attempt, Lane, Report, Sent, delivery, outstanding};
use super::letter::Letter;
use super::line::{Next, Went};
use super::payload::{self, Of, Payload};
use super::registry::switched_off;
use super::target::Target;
use crate::clock::{self, Clock};
use crate::office::{BranchId, Entry, Event, HookId, Millis, Settings, TicketId};
use crate::store::{Delivery, DeliveryState, Hook, HookChange, HookPlace, Hooks, Reports, StoreError};

/// Trials that are under way at once.
pub const MOST_TRIES: usize = 4;
/// Entries read at once.
const PIECE: usize = 256;
/// How often deliveries are written down: what ended within and was not written is sent again after a crash.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// After a failure of the disk.
const PAUSE: Duration = Duration::from_secs(5);
/// How long it sleeps at most, as nobody knows what clocks do.
const LOOK: Duration = Duration::from_secs(30);
/// Milliseconds that the machine's clock may be set back without its mattering.
const SET_BACK: i64 = 1_000;
/// How long what is under way may go on at the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the loop listens to.
pub struct Inbox {
    /// Something was committed.
    pub commits: watch::Receiver<()>,
    /// Hooks were changed.
    pub changes: watch::Receiver<()>,
    pub tries: mpsc::Receiver<Try>,
    pub stopped: oneshot::Receiver<()>,
}

/// A delivery that somebody asked for.
pub struct Try {
    pub hook: Hook,
    pub target: Target,
    /// Tells it from others.
    pub mark: String,
    pub reply: oneshot::Sender<Delivery>,
}

pub struct Dispatcher {
    reports: Box<dyn Reports>,
    books: Arc<dyn Books>,
    clock: Clock,
    courier: Courier,
    backoff: Backoff,
    /// What the clock had [passed](Clock::passed) at the start.
    began: i64,
    /// The latest that the clock has told.
    told: Millis,
    branches: BTreeMap<BranchId, Branch>,
    lanes: BTreeMap<HookId, Lane>,
    under_way: JoinSet<Ended>,
    tries: usize,
    trials: Vec<HookChange>,
    loading: Option<oneshot::Receiver<Result<Vec<Found>, StoreError>>>,
    writing: Option<Writing>,
    next_write: Instant,
    next_load: Option<Instant>,
}

/// What has to be known of a branch.
struct Branch {
    epoch: String,
    settings: Option<Settings>,
    /// Settings are those of here.
    rev: u64,
    /// Nothing was committed since.
    at_end: bool,
}

struct Writing {
    answer: oneshot::Receiver<Result<(), StoreError>>,
    reports: Vec<Report>,
    trials: Vec<HookChange>,
}

/// A hook as it is on disk.
struct Found {
    hook: Hook,
    place: HookPlace,
    epoch: String,
}

enum Ended {
    Attempt(Attempt),
    Trial { hook: HookId, sent: Sent, answer: Result<u16, Lost>, took: u32, reply: oneshot::Sender<Delivery> },
}

impl Dispatcher {
    pub fn new(reports: Box<dyn Reports>, books: Arc<dyn Books>, clock: Clock, courier: Courier, backoff: Backoff) -> Self {
        let (began, told, now) = (clock.passed(), clock.now(), clock::instant());
        Self {
            reports,
            books,
            clock,
            courier,
            backoff,
            began,
            told,
            branches: BTreeMap::new(),
            lanes: BTreeMap::new(),
            under_way: JoinSet::new(),
            tries: 0,
            trials: Vec::new(),
            loading: None,
            writing: None,
            next_write: now,
            next_load: None,
        }
    }

    /// Sends until it is told to stop.
    pub async fn run(mut self, mut inbox: Inbox) {
        self.load();
        loop {
            let wait = self.work();
            let mut written = self.writing.as_mut().map(|writing| &mut writing.answer);
            tokio::select! {
                // What was read of the disk comes before what was written to it later.
                biased;
                _ = &mut inbox.stopped => break,
                found = filled(&mut self.loading) => {
                    self.loading = None;
                    self.loaded(answered(found));
                }
                result = filled(&mut written) => self.written(answered(result)),
                Ok(()) = inbox.changes.changed() => self.load(),
                Ok(()) = inbox.commits.changed(), if !self.lanes.is_empty() => self.committed(),
                Some(wanted) = inbox.tries.recv(), if self.tries < MOST_TRIES => self.begin_try(wanted),
                Some(ended) = self.under_way.join_next(), if !self.under_way.is_empty() => match ended {
                    Ok(ended) => self.ended(ended),
                    Err(error) => log::error!("a delivery of a web hook ended by itself: {error}"),
                },
                () = sleep(wait) => {}
            }
        }
        self.end().await;
    }

    /// Does what can be done now. Says after which time there may be more to do.
    fn work(&mut self) -> Duration {
        let (now, instant) = (self.clock.now(), clock::instant());
        let mut wait = LOOK;
        if now.0.saturating_add(SET_BACK) < self.told.0 {
            // What waits for its time would wait for as long as the clock was set back.
            self.lanes.values_mut().for_each(|lane| lane.line.wake(now));
        }
        self.told = now;
        if self.next_load.is_some_and(|at| at <= instant) {
            self.load();
        }
        if self.read(now, instant) {
            wait = Duration::ZERO;
        }
        if self.writing.is_none() && self.next_write <= instant {
            self.write(false);
        }
        self.lanes.retain(|_, lane| !lane.is_over());
        let due = self
            .lanes
            .values()
            .filter_map(Lane::due)
            .min()
            .map(|due| Duration::from_millis(due.0.saturating_sub(now.0).try_into().unwrap_or(0)));
        let rests = self.lanes.values().filter_map(|lane| lane.rests_until);
        let pauses = [self.next_write].into_iter().chain(self.next_load).chain(rests).filter(|at| *at > instant);
        pauses.map(|at| at - instant).chain(due).fold(wait, Duration::min)
    }

    /// Takes what is new and sends what is due. `true`: there is more to take. A hook whose branch cannot be read rests for a while, alone.
    fn read(&mut self, now: Millis, instant: Instant) -> bool {
        let Self { reports, branches, lanes, courier, under_way, .. } = self;
        let mut more = false;
        for lane in lanes.values_mut().filter(|lane| lane.rests_until.is_none_or(|until| until <= instant)) {
            let Some(branch) = branches.get_mut(&lane.hook.branch) else { continue };
            lane.rests_until = None;
            match serve(lane, branch, reports.as_mut(), now, courier, under_way) {
                Ok(there_is) => more |= there_is,
                Err(error) => {
                    log::error!("web hook {}: the log cannot be read: {error}", lane.hook.id);
                    lane.rests_until = Some(instant + PAUSE);
                }
            }
        }
        more
    }

    fn committed(&mut self) {
        self.lanes.values_mut().for_each(|lane| lane.at_end = false);
        self.branches.values_mut().for_each(|branch| branch.at_end = false);
    }

    fn ended(&mut self, ended: Ended) {
        let now = self.clock.now();
        match ended {
            Ended::Attempt(attempt) => {
                // One that was switched off and on, or deleted, while it was under way is told no more of it.
                if let Some(lane) = self.lanes.get_mut(&attempt.hook).filter(|lane| lane.hook.round == attempt.round) {
                    lane.ended(attempt, now, self.clock.passed().saturating_sub(self.began), &mut self.backoff);
                }
            }
            Ended::Trial { hook, sent, answer, took, reply } => {
                self.tries -= 1;
                let state = if matches!(answer, Ok(200..=299)) { DeliveryState::Delivered } else { DeliveryState::Failed };
                let delivery = delivery(sent, answer, state, 1, took, None, now);
                self.trials.push(HookChange::Tried(hook, delivery.clone()));
                // Whoever asked may have gone away meanwhile.
                let _ = reply.send(delivery);
            }
        }
    }

    fn begin_try(&mut self, Try { hook, target, mark, reply }: Try) {
        let now = self.clock.now();
        let private = self.private(hook.branch).unwrap_or_else(|error| {
            log::error!("web hooks cannot read the settings: {error}");
            false
        });
        let Payload { id, kind, code, at, body } = payload::trial(hook.branch, &mark, now);
        let sent = Sent { id: id.clone(), kind, code: code.clone(), at };
        let letter = Letter::new(&hook, target, private, Payload { id, kind, code, at, body }, 1, now);
        let (courier, hook) = (self.courier.clone(), hook.id);
        self.tries += 1;
        self.under_way.spawn(async move {
            let (answer, took) = timed(courier.deliver(letter)).await;
            Ended::Trial { hook, sent, answer, took, reply }
        });
    }

    /// Whether the branch's hooks may go to private networks.
    fn private(&mut self, id: BranchId) -> Result<bool, StoreError> {
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.catch_up(self.reports.as_mut(), id)?;
            return Ok(branch.private());
        }
        let office = self.reports.office(id)?;
        Ok(office.is_some_and(|office| office.settings().is_some_and(|settings| settings.private_hooks)))
    }

    /// Asks the store for all hooks.
    fn load(&mut self) {
        self.next_load = None;
        self.loading = Some(ask(self.books.as_ref(), found));
    }

    fn loaded(&mut self, found: Result<Vec<Found>, StoreError>) {
        let result = found.and_then(|found| {
            self.lanes.retain(|id, lane| found.iter().any(|found| found.hook.id == *id && found.hook.round == lane.hook.round));
            // One that cannot be read keeps no other from being told.
            found.into_iter().map(|found| self.take(found)).fold(Ok(()), Result::and)
        });
        if let Err(error) = result {
            log::error!("web hooks cannot be read: {error}");
            self.next_load = Some(clock::instant() + PAUSE);
        }
    }

    fn take(&mut self, Found { hook, place, epoch }: Found) -> Result<(), StoreError> {
        if let Some(lane) = self.lanes.get_mut(&hook.id) {
            lane.change(hook, self.clock.now());
            return Ok(());
        }
        if !hook.active {
            return Ok(());
        }
        if !self.branches.contains_key(&hook.branch) {
            let office = self.reports.office(hook.branch)?;
            let settings = office.as_ref().and_then(|office| office.settings().cloned());
            let rev = office.map_or(0, |office| office.rev());
            self.branches.insert(hook.branch, Branch { epoch, settings, rev, at_end: false });
        }
        let mut entries: BTreeMap<TicketId, Vec<u64>> = BTreeMap::new();
        for held in &place.held {
            let history = self.reports.history(hook.branch, held.ticket)?;
            entries.insert(held.ticket, outstanding(&hook, *held, place.rev, &history));
        }
        let id = hook.id;
        let lane = Lane::new(hook, place, |held| entries.get(&held.ticket).cloned().unwrap_or_default());
        self.lanes.insert(id, lane);
        Ok(())
    }

    /// Has written what is not yet. `end`: how far each hook is told as well, if nothing else came of it.
    fn write(&mut self, end: bool) {
        let reports: Vec<_> = self.lanes.values_mut().filter_map(|lane| lane.report(end)).collect();
        let trials = std::mem::take(&mut self.trials);
        if reports.is_empty() && trials.is_empty() {
            return;
        }
        let told = reports.iter().map(|report| HookChange::Told(report.told.clone()));
        let gone = reports.iter().filter(|report| report.told.off.is_some()).filter_map(|report| self.lanes.get(&report.told.hook));
        let now = self.clock.now();
        let lines = gone.map(|lane| switched_off(&lane.hook, now));
        let changes: Vec<_> = told.chain(trials.iter().cloned()).chain(lines).collect();
        let answer = ask(self.books.as_ref(), move |hooks| hooks.change_hooks(&changes));
        self.writing = Some(Writing { answer, reports, trials });
    }

    fn written(&mut self, result: Result<(), StoreError>) {
        let Some(Writing { reports, trials, .. }) = self.writing.take() else { return };
        let failed = result.inspect_err(|error| log::error!("deliveries of web hooks cannot be written: {error}")).is_err();
        for report in reports {
            let Some(lane) = self.lanes.get_mut(&report.told.hook).filter(|lane| lane.hook.round == report.told.round) else { continue };
            if failed { lane.unwritten(report) } else { lane.written(report) }
        }
        if failed {
            self.trials.splice(..0, trials);
        }
        self.next_write = clock::instant() + if failed { PAUSE } else { WRITE_EVERY };
    }

    /// Lets what is under way end, and writes down how far each hook was told.
    async fn end(mut self) {
        let until = clock::instant() + FAREWELL;
        let left = || until.saturating_duration_since(clock::instant());
        while let Ok(Some(ended)) = timeout(left(), self.under_way.join_next()).await {
            if let Ok(ended) = ended {
                self.ended(ended);
            }
        }
        for _ in 0..2 {
            if let Some(writing) = &mut self.writing {
                let Ok(result) = timeout(FAREWELL, &mut writing.answer).await else { return };
                self.written(answered(result));
            }
            self.write(true);
        }
        if let Some(writing) = self.writing.take() {
            // The disk may hang: it is sent again then.
            let _ = timeout(FAREWELL, writing.answer).await;
        }
    }
}

impl Branch {
    fn private(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.private_hooks)
    }

    /// Settings as they are at the log's end.
    fn catch_up(&mut self, reports: &mut dyn Reports, id: BranchId) -> Result<(), StoreError> {
        loop {
            let entries = reports.entries(id, self.rev, PIECE)?;
            let Some(last) = entries.last() else {
                self.at_end = true;
                return Ok(());
            };
            self.rev = last.rev;
            for entry in entries {
                if let Event::Configured { settings } = entry.event {
                    self.settings = Some(*settings);
                }
            }
        }
    }

    fn payload(&self, reports: &mut dyn Reports, hook: &Hook, next: Next) -> Result<Option<Payload>, StoreError> {
        let history: Vec<Entry> = reports.history(hook.branch, next.ticket)?;
        let of = Of { branch: hook.branch, epoch: &self.epoch, settings: self.settings.as_ref(), personal: hook.personal };
        Ok(payload::of(&of, &history, next.rev))
    }
}

/// Takes what is new for one hook and sends what is due. `true`: there is more to take.
fn serve(
    lane: &mut Lane,
    branch: &mut Branch,
    reports: &mut dyn Reports,
    now: Millis,
    courier: &Courier,
    under_way: &mut JoinSet<Ended>,
) -> Result<bool, StoreError> {
    if lane.target().is_none() {
        return Ok(false);
    }
    if !branch.at_end {
        branch.catch_up(reports, lane.hook.branch)?;
    }
    let more = !lane.at_end && !lane.is_full && fill(lane, reports, now)?;
    while let Some(target) = lane.target().cloned()
        && let Some(next) = lane.line.next(now)
    {
        let payload = match branch.payload(reports, &lane.hook, next) {
            Ok(Some(payload)) => payload,
            Ok(None) => {
                log::error!("web hook {}: entry {} is not in its ticket's history", lane.hook.id, next.rev);
                lane.line.went(next.ticket, Went::Done, now);
                continue;
            }
            Err(error) => {
                lane.line.went(next.ticket, Went::Untried(now), now);
                return Err(error);
            }
        };
        let (hook, round) = (lane.hook.id, lane.hook.round);
        let event = Sent { id: payload.id.clone(), kind: payload.kind, code: payload.code.clone(), at: payload.at };
        let letter = Letter::new(&lane.hook, target, branch.private(), payload, next.attempt, now);
        let courier = courier.clone();
        under_way.spawn(async move {
            let (answer, took) = timed(courier.deliver(letter)).await;
            Ended::Attempt(Attempt { hook, round, next, event, answer, took })
        });
    }
    Ok(more)
}

/// Takes entries behind the cursor while there is room. `true`: there may be more.
fn fill(lane: &mut Lane, reports: &mut dyn Reports, now: Millis) -> Result<bool, StoreError> {
    let entries = reports.entries(lane.hook.branch, lane.line.read(), PIECE)?;
    let more = entries.len() == PIECE;
    for entry in entries {
        let ticket = entry.event.ticket().filter(|_| payload::kind(&entry.event).is_some_and(|kind| lane.wants(kind)));
        if !lane.line.take(entry.rev, ticket, now) {
            lane.is_full = true;
            return Ok(false);
        }
    }
    lane.at_end = !more;
    Ok(more)
}

fn found(hooks: &mut dyn Hooks) -> Result<Vec<Found>, StoreError> {
    let all = hooks.hooks()?;
    let with_place = |hook: Hook| {
        let end = hooks.log_end(hook.branch)?;
        let place = hooks.hook_place(hook.id)?;
        Ok(end.map(|end| Found { hook, place, epoch: end.epoch }))
    };
    all.into_iter().map(with_place).filter_map(Result::transpose).collect()
}

/// The answer, and how many milliseconds it took.
async fn timed(delivery: impl Future<Output = Result<u16, Lost>>) -> (Result<u16, Lost>, u32) {
    let began = clock::instant();
    let answer = delivery.await;
    (answer, u32::try_from((clock::instant() - began).as_millis()).unwrap_or(u32::MAX))
}

/// What comes of something that is under way; never, when nothing is.
async fn filled<T, R>(slot: &mut Option<R>) -> Result<T, oneshot::error::RecvError>
where
    R: Future<Output = Result<T, oneshot::error::RecvError>> + Unpin,
{
    match slot {
        Some(answer) => answer.await,
        None => pending().await,
    }
}
