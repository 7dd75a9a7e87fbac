//! Owns connection state recovery: what a client that was away for a moment gets back: its id, its rooms, the events that it missed. Keeps
//! sent events and the sessions of those who are gone for a time, in memory. Never sends anything itself.
//!
//! Each event that is kept ends in one argument more, its *offset*. An offset names this process, the event's position in it, and the
//! application's own mark at that time, that of the marked room that the session is in: after a restart the position says nothing, but an
//! application whose events are numbered in its store can tell by the mark what was missed.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::ids::{Pid, SocketId};
use super::marks::{Marks, Scope};
use super::members::SocketKey;
use crate::protocol::socket::{Encoded, Namespace};

/// Bytes of kept events. Beyond it the oldest go, and who missed them starts anew.
const MAX_BYTES: usize = 64 << 20;

/// Events, and their bytes, that one client may have missed. With more it begins anew: told all at once they would fill its queue.
const MAX_MISSED: usize = 16_384;
const MAX_MISSED_BYTES: usize = 2 << 20;

/// Who gets their state back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryMode {
    /// Nobody.
    Off,
    /// Clients that ask for it: `recovery: true` in the CONNECT payload. Others never see an offset.
    OnRequest(Duration),
    /// Everybody, within this time.
    Always(Duration),
}

/// Whether a socket that connects is a known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovered {
    No,
    /// It is in its rooms again, and what it missed is on its way.
    Yes,
    /// It is in its rooms again, but this process does not know what it missed since the application's mark.
    Since(u64),
}

/// A session that outlives its connection, and its process if the application keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub pid: Pid,
    pub id: SocketId,
    pub namespace: Namespace,
    pub rooms: Vec<Arc<str>>,
}

/// For whom an event was.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Socket(SocketId),
    Audience { rooms: Vec<Arc<str>>, except: Option<SocketId>, except_rooms: Vec<Arc<str>> },
}

pub(super) struct Recovery {
    mode: RecoveryMode,
    /// Names this process in offsets.
    boot: String,
    last: u64,
    marks: Marks,
    events: VecDeque<Kept>,
    bytes: usize,
    /// Position of the youngest event that is not kept any more.
    forgotten: u64,
    live: HashMap<Pid, SocketKey>,
    dormant: HashMap<Pid, Dormant>,
}

struct Kept {
    position: u64,
    at: Instant,
    namespace: Namespace,
    target: Target,
    /// Without its offset.
    packet: Encoded,
}

struct Dormant {
    saved: Saved,
    since: Instant,
    /// Position at which the session began; `None` when another process began it.
    from: Option<u64>,
}

/// What a client that comes back presents in its CONNECT payload.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claim {
    pub pid: Option<Pid>,
    pub offset: Option<String>,
    pub wanted: bool,
}

#[derive(Deserialize)]
struct RawClaim {
    #[serde(default)]
    pid: serde_json::Value,
    #[serde(default)]
    offset: serde_json::Value,
    #[serde(default)]
    recovery: serde_json::Value,
}

impl Claim {
    /// Of a CONNECT payload. What is no text is no claim.
    pub fn parse(auth: Option<&str>) -> Self {
        let Some(raw) = auth.and_then(|auth| serde_json::from_str::<RawClaim>(auth).ok()) else { return Self::default() };
        Self {
            pid: raw.pid.as_str().and_then(Pid::parse),
            offset: raw.offset.as_str().map(str::to_owned),
            wanted: raw.recovery.as_bool().unwrap_or(false),
        }
    }

    /// Of a client that does not get what it claims, and begins anew.
    pub fn anew() -> Self {
        Self { wanted: true, ..Self::default() }
    }
}

/// A session that is back.
#[derive(Debug)]
pub(super) struct Returned {
    pub saved: Saved,
    pub recovered: Recovered,
    pub missed: Vec<Encoded>,
    pub from: Option<u64>,
}

impl Recovery {
    pub fn new(mode: RecoveryMode) -> Self {
        Self {
            mode,
            boot: Pid::draw().as_str()[..8].to_owned(),
            last: 0,
            marks: Marks::default(),
            events: VecDeque::new(),
            bytes: 0,
            forgotten: 0,
            live: HashMap::new(),
            dormant: HashMap::new(),
        }
    }

    /// Whether this client's session is to be kept.
    pub fn applies_to(&self, claim: &Claim) -> bool {
        match self.mode {
            RecoveryMode::Off => false,
            RecoveryMode::OnRequest(_) => claim.wanted || claim.pid.is_some(),
            RecoveryMode::Always(_) => true,
        }
    }

    /// Events from now on carry this mark for sessions in the room. Returns whether the room is marked for the first time.
    pub fn set_mark(&mut self, room: &str, mark: u64) -> bool {
        self.marks.set(room, mark, self.last, self.forgotten)
    }

    /// The marked room of a session in these rooms. A session is in one of them at the most.
    pub fn scope(&self, rooms: &[Arc<str>]) -> Scope {
        self.marks.scope(rooms.iter().map(|room| &**room))
    }

    pub fn position(&self) -> u64 {
        self.last
    }

    /// Keeps an event and returns its position; `None` while nobody would ever ask for it.
    pub fn keep(&mut self, namespace: &Namespace, target: impl FnOnce() -> Target, packet: &Encoded, now: Instant) -> Option<u64> {
        if self.live.is_empty() && self.dormant.is_empty() {
            self.forgotten = self.last;
            return None;
        }
        self.last += 1;
        self.bytes += packet.size();
        self.events.push_back(Kept {
            position: self.last,
            at: now,
            namespace: namespace.clone(),
            target: target(),
            packet: packet.clone(),
        });
        let position = self.last;
        while self.bytes > MAX_BYTES {
            self.forget_oldest();
        }
        Some(position)
    }

    /// A kept event as sessions of this scope get it: with its offset.
    pub fn stamped(&self, packet: &Encoded, position: u64, scope: Scope) -> Encoded {
        packet.with_last_argument(&format!("\"{}-{position}-{}\"", self.boot, self.marks.at(scope, position)))
    }

    /// A socket with this private id is connected.
    pub fn began(&mut self, pid: Pid, key: SocketKey) {
        self.dormant.remove(&pid);
        self.live.insert(pid, key);
    }

    /// Its connection is gone. `from` is the position at which it began.
    pub fn slept(&mut self, saved: Saved, from: Option<u64>, now: Instant) {
        self.live.remove(&saved.pid);
        self.dormant.insert(saved.pid, Dormant { saved, since: now, from });
    }

    /// It will not come back.
    pub fn ended(&mut self, pid: Pid) {
        self.live.remove(&pid);
        self.dormant.remove(&pid);
    }

    /// A session that an earlier process kept.
    pub fn import(&mut self, saved: Saved, now: Instant) {
        if self.mode != RecoveryMode::Off {
            self.dormant.insert(saved.pid, Dormant { saved, since: now, from: None });
        }
    }

    /// Whether anybody who is away may come back.
    pub fn is_awaiting(&self) -> bool {
        !self.dormant.is_empty()
    }

    /// The session of a client that is away.
    pub fn dormant(&self, pid: Pid) -> Option<&Saved> {
        self.dormant.get(&pid).map(|dormant| &dormant.saved)
    }

    /// The socket that is still connected with this private id.
    pub fn live(&self, pid: Pid) -> Option<SocketKey> {
        self.live.get(&pid).copied()
    }

    /// Gives a session back, once. `None` when it is not known, or too old, or what it missed is not kept any more.
    ///
    /// Call [`expire`](Self::expire) first.
    pub fn returned(&mut self, claim: &Claim, namespace: &Namespace) -> Option<Returned> {
        let dormant = self.dormant.remove(&claim.pid?)?;
        if dormant.saved.namespace != *namespace {
            return None;
        }
        let offset = match &claim.offset {
            Some(text) => Some(Offset::parse(text)?),
            None => None,
        };
        let known_here = offset.as_ref().is_none_or(|offset| offset.boot == self.boot);
        let position = match (&offset, dormant.from) {
            (Some(offset), _) if known_here => Some(offset.position),
            (None, Some(from)) => Some(from),
            _ => None,
        };
        let Some(position) = position else {
            let mark = offset?.mark;
            return Some(Returned { saved: dormant.saved, recovered: Recovered::Since(mark), missed: Vec::new(), from: None });
        };
        if position < self.forgotten || position > self.last {
            return None;
        }
        let first = self.events.partition_point(|kept| kept.position <= position);
        let scope = self.scope(&dormant.saved.rooms);
        let missed: Vec<Encoded> = self
            .events
            .range(first..)
            .filter(|kept| kept.namespace == *namespace && kept.target.includes(&dormant.saved))
            .map(|kept| self.stamped(&kept.packet, kept.position, scope))
            .collect();
        if missed.len() > MAX_MISSED || missed.iter().map(Encoded::size).sum::<usize>() > MAX_MISSED_BYTES {
            return None;
        }
        Some(Returned { saved: dormant.saved, recovered: Recovered::Yes, missed, from: dormant.from })
    }

    /// Forgets what is older than the time to come back in. Returns the sessions that went.
    pub fn expire(&mut self, now: Instant) -> Vec<Pid> {
        let (RecoveryMode::OnRequest(window) | RecoveryMode::Always(window)) = self.mode else { return Vec::new() };
        let old = |at: Instant| now.saturating_duration_since(at) > window;
        while self.events.front().is_some_and(|kept| old(kept.at)) {
            self.forget_oldest();
        }
        self.dormant.extract_if(|_, dormant| old(dormant.since)).map(|(pid, _)| pid).collect()
    }

    fn forget_oldest(&mut self) {
        if let Some(kept) = self.events.pop_front() {
            self.bytes -= kept.packet.size();
            self.forgotten = kept.position;
        }
    }
}

impl Target {
    /// Whether the session would have got it.
    fn includes(&self, session: &Saved) -> bool {
        match self {
            Self::Socket(id) => *id == session.id,
            Self::Audience { rooms, except, except_rooms } => {
                let is_in = |room: &Arc<str>| session.rooms.contains(room);
                *except != Some(session.id) && (rooms.is_empty() || rooms.iter().any(is_in)) && !except_rooms.iter().any(is_in)
            }
        }
    }
}

/// `boot-position-mark`
struct Offset<'a> {
    boot: &'a str,
    position: u64,
    mark: u64,
}

impl<'a> Offset<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (rest, mark) = text.rsplit_once('-')?;
        let (boot, position) = rest.rsplit_once('-')?;
        Some(Self { boot, position: position.parse().ok()?, mark: mark.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::protocol::socket::encode_event;

    const WINDOW: Duration = Duration::from_secs(120);

    struct Bench {
        recovery: Recovery,
        now: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { recovery: Recovery::new(RecoveryMode::Always(WINDOW)), now: clock::instant() }
        }

        /// A session in these rooms that has just gone.
        fn gone(&mut self, rooms: &[&str]) -> Saved {
            let saved = Saved {
                pid: Pid::draw(),
                id: SocketId::draw(),
                namespace: Namespace::default(),
                rooms: rooms.iter().map(|room| (*room).into()).collect(),
            };
            let from = self.recovery.position();
            self.recovery.slept(saved.clone(), Some(from), self.now);
            saved
        }

        fn send(&mut self, rooms: &[&str], name: &str) -> String {
            let target = Target::Audience { rooms: rooms.iter().map(|room| (*room).into()).collect(), except: None, except_rooms: vec![] };
            self.send_to(target, name)
        }

        fn send_to(&mut self, target: Target, name: &str) -> String {
            let packet = encode_event(&Namespace::default(), None, name, ["1"], &[]);
            let position = self.recovery.keep(&Namespace::default(), || target, &packet, self.now).expect("somebody may come back");
            let scope = self.recovery.scope(&["a".into()]);
            let kept = self.recovery.stamped(&packet, position, scope);
            let offset = kept.text.rsplit('"').nth(1).expect("an offset").to_owned();
            assert_eq!(&*kept.text, format!("42[\"{name}\",1,\"{offset}\"]"));
            offset
        }

        fn back(&mut self, saved: &Saved, offset: Option<&str>) -> Option<(Recovered, Vec<String>)> {
            let claim = Claim { pid: Some(saved.pid), offset: offset.map(str::to_owned), wanted: false };
            self.recovery.expire(self.now);
            let returned = self.recovery.returned(&claim, &Namespace::default())?;
            assert_eq!(returned.saved, *saved);
            let name = |packet: &Encoded| packet.text.split('"').nth(1).unwrap_or_default().to_owned();
            Some((returned.recovered, returned.missed.iter().map(name).collect()))
        }
    }

    #[test]
    fn a_client_gets_what_its_rooms_got_after_its_offset_and_nothing_else() {
        let mut bench = Bench::new();
        let saved = bench.gone(&["a", "b"]);
        let offset = bench.send(&[], "seen");
        bench.send(&[], "all");
        bench.send(&["b", "a"], "once");
        bench.send(&["c"], "others");
        bench.send_to(Target::Socket(saved.id), "own");
        bench.send_to(Target::Audience { rooms: vec![], except: Some(saved.id), except_rooms: vec![] }, "not-me");
        bench.send_to(Target::Audience { rooms: vec![], except: None, except_rooms: vec!["a".into()] }, "not-us");
        assert_eq!(bench.back(&saved, Some(&offset)), Some((Recovered::Yes, vec!["all".into(), "once".into(), "own".into()])));
        assert_eq!(bench.back(&saved, Some(&offset)), None, "a session is given back once");
    }

    #[test]
    fn without_an_offset_everything_since_the_beginning_was_missed() {
        let mut bench = Bench::new();
        let other = bench.gone(&[]);
        bench.send(&[], "before");
        let saved = bench.gone(&[]);
        bench.send(&[], "after");
        assert_eq!(bench.back(&saved, None), Some((Recovered::Yes, vec!["after".into()])));
        assert_eq!(bench.back(&other, None), Some((Recovered::Yes, vec!["before".into(), "after".into()])));
    }

    #[test]
    fn too_late_is_a_new_beginning() {
        let mut bench = Bench::new();
        let saved = bench.gone(&[]);
        let offset = bench.send(&[], "x");
        bench.now += WINDOW + Duration::from_secs(1);
        assert_eq!(bench.back(&saved, Some(&offset)), None);
    }

    #[test]
    fn what_is_forgotten_is_not_passed_over() {
        let mut bench = Bench::new();
        let saved = bench.gone(&[]);
        let offset = bench.send(&[], "x");
        bench.send(&[], "lost");
        bench.now += WINDOW / 2;
        let late = bench.gone(&[]);
        bench.now += WINDOW / 2 + Duration::from_secs(1);
        bench.recovery.expire(bench.now);
        bench.recovery.import(saved.clone(), bench.now);
        assert_eq!(bench.back(&saved, Some(&offset)), None, "an event after the offset is not kept any more");
        assert_eq!(bench.back(&late, None), Some((Recovered::Yes, vec![])));
    }

    #[test]
    fn after_a_restart_the_application_is_asked_by_its_mark() {
        let mut before = Bench::new();
        let saved = before.gone(&["a"]);
        before.recovery.set_mark(41);
        let offset = before.send(&[], "x");
        let mut after = Bench::new();
        after.recovery.import(saved.clone(), after.now);
        assert_eq!(after.back(&saved, Some(&offset)), Some((Recovered::Since(41), vec![])));
        after.recovery.import(saved.clone(), after.now);
        assert_eq!(after.back(&saved, None), None, "without an offset nobody knows what was missed");
    }

    #[test]
    fn a_made_up_claim_is_none() {
        for auth in ["null", "[]", "7", r#"{"pid":7}"#, r#"{"pid":"short","offset":{}}"#, r#"{"pid":null}"#] {
            assert_eq!(Claim::parse(Some(auth)), Claim::default(), "{auth}");
        }
        let mut bench = Bench::new();
        for offset in ["", "x", "--", "a-b-c", "a-1-", "-1-1", "99999999999999999999-1"] {
            let saved = bench.gone(&[]);
            bench.send(&[], "x");
            let back = bench.back(&saved, Some(offset));
            assert!(matches!(back, None | Some((Recovered::Since(_), _))), "{offset}: {back:?}");
        }
        let saved = bench.gone(&[]);
        let future = format!("{}-{}-0", bench.recovery.boot, u64::MAX);
        assert_eq!(bench.back(&saved, Some(&future)), None);
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let mut bench = Bench::new();
        let packet = encode_event(&Namespace::default(), None, "x", ["1"], &[]);
        let target = || Target::Audience { rooms: vec![], except: None, except_rooms: vec![] };
        assert_eq!(bench.recovery.keep(&Namespace::default(), target, &packet, bench.now), None);
    }
}
