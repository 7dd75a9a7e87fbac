//! Owns the ticket application inside the hub: who is connected, to which branch, and the way of everything that is heard to the branch that
//! it is for. Knows what is due when, so that no branch is looked at that has nothing to do.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::sync::oneshot;

use super::accounts::{AccountWish, Signed};
use super::agenda::{Agenda, SOON};
use super::api::{Answer, Ask, Call};
use super::book::Wish;
use super::bootstrap::Parts;
use super::branch::{Branch, Said};
use super::branches::Branches;
use super::client::{self, Client};
use super::directory::Done;
use super::doors::{Doors, Failed};
use super::failure::Failure;
use super::filing::{Asked, Files};
use super::ground::Ground;
use super::hall::{Hall, Heard};
use super::notice::Notice;
use super::payload::{self, Greeting};
use super::permits;
use super::record::{Reply, refusal};
use super::rooms;
use super::sessions::Sessions;
use super::staff::Staff;
use super::view;
use super::whose::Whose;
use crate::access::{AuditAction, Author, Who};
use crate::office::{BranchId, Command, Lang, Millis, Settings, UserId};
use crate::realtime::{
    Ack, Application, Audience, CloseReason, Denied, Encoded, Event, Handshake, Namespace, Recovered, Saved, SocketKey, Turn, encode_event,
};
use crate::store::{Change, StoreError};

/// How often the service looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// Milliseconds after which sign-ins that are over are forgotten and failed ones are told.
const KEEP_ACCOUNTS: i64 = 60_000;
/// Milliseconds until a branch that cannot be read is tried again.
const TRY_AGAIN: i64 = 30_000;

pub type Hub<'a> = Turn<'a, TicketService>;

/// What is done when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Due {
    /// A business day is over.
    Turn(BranchId),
    /// A log is to be asked what a failed commit left.
    Verify(BranchId),
    /// Users, notes or a ticker could not be read.
    Files(Files),
    /// Visitors who needed more time wait again.
    Returns(BranchId),
    /// Sessions are waited for no more.
    Leases(BranchId),
    /// What time itself changes is to be told.
    Look(BranchId),
    /// A branch could not be read.
    Load(BranchId),
}

pub struct TicketService {
    pub(super) branches: Branches,
    pub(super) staff: Staff,
    pub(super) doors: Doors,
    pub(super) ground: Ground,
    pub(super) clients: HashMap<SocketKey, Client>,
    pub(super) whose: Whose,
    /// What a new office begins with.
    pub(super) untouched: Settings,
    /// Branches that an office file describes.
    pub(super) given: BTreeSet<BranchId>,
    /// When accounts were looked through.
    kept_at: Option<Millis>,
    sessions: Sessions,
    agenda: Agenda<Due>,
    draining: Option<oneshot::Sender<()>>,
}

impl TicketService {
    pub(super) fn new(
        branches: Branches,
        staff: Staff,
        mut doors: Doors,
        (untouched, given): (Settings, BTreeSet<BranchId>),
        sessions: Sessions,
        ground: Ground,
    ) -> Self {
        if let Some(guard) = doors.guard() {
            for login in staff.book().keys().logins() {
                let user = staff.book().user(login.user).and_then(|user| user.login.as_deref());
                user.into_iter().for_each(|account| guard.throttle.know(account, login.address));
            }
        }
        let (clients, agenda) = (HashMap::new(), Agenda::default());
        let mut whose = Whose::default();
        branches.all().for_each(|(id, branch)| whose.learn(id, branch.office()));
        Self { branches, staff, doors, ground, clients, whose, untouched, given, kept_at: None, sessions, agenda, draining: None }
    }

    /// Does something with a branch that serves, and then plans what is to be done with it later.
    pub(super) fn with<R>(&mut self, id: BranchId, act: impl FnOnce(&mut Branch, &mut Staff) -> R) -> Option<R> {
        let branch = self.branches.get_mut(id)?;
        let result = act(branch, &mut self.staff);
        self.whose.learn(id, branch.office());
        self.agenda.set(Due::Turn(id), branch.turns_at());
        self.agenda.set(Due::Returns(id), branch.returns_at());
        self.agenda.set(Due::Leases(id), branch.lease_ends());
        self.agenda.set(Due::Look(id), branch.watch.due());
        self.agenda.set(Due::Verify(id), branch.is_doubtful().then_some(SOON));
        self.agenda.set(Due::Files(Files::Ticker(id)), branch.hall.is_unread().then_some(SOON));
        Some(result)
    }

    /// Does something with the staff; users that are no more are nobody's guests any more, and whoever may not be here any more goes.
    pub(super) fn with_staff(&mut self, turn: &mut Hub<'_>, act: impl FnOnce(&mut Staff, &mut Hub<'_>) -> Vec<Done>) {
        let done = act(&mut self.staff, turn);
        self.agenda.set(Due::Files(Files::Staff), self.staff.is_unread().then_some(SOON));
        let changes = || done.iter().flat_map(|done| [&done.change].into_iter().chain(&done.also));
        let gone: Vec<UserId> =
            changes().filter_map(|change| if let Change::DropUser(user) = change { Some(*user) } else { None }).collect();
        if !gone.is_empty() {
            self.branches.all_mut().for_each(|branch| branch.hall.forget(turn, &gone));
        }
        if changes().any(permits::closes) {
            self.expel(turn);
        }
    }

    /// Has written down what was used and what failed since the last time.
    fn keep_accounts(&mut self, turn: &mut Hub<'_>, now: Millis) {
        let Some(guard) = self.doors.guard() else { return };
        guard.settle_pairings(self.staff.book(), now);
        let (logins, devices) = guard.take_used();
        let due = self.draining.is_some() || self.kept_at.is_none_or(|kept| now.0.saturating_sub(kept.0) >= KEEP_ACCOUNTS);
        let failed = if due { guard.take_failed() } else { Vec::new() };
        let over = due && self.staff.book().keys().logins().any(|login| !login.is_live(now));
        if over || !logins.is_empty() || !devices.is_empty() {
            let wish = Wish::Account(AccountWish::Used { logins, devices });
            self.with_staff(turn, |staff, turn| staff.submit(turn, wish, Signed::PROGRAM, Asked::Nobody));
        }
        if due {
            self.kept_at = Some(now);
        }
        for Failed { account, times, address } in failed {
            let detail = format!(r#"{{"veces":{times}}}"#);
            let wish = AccountWish::Tell { action: AuditAction::SignInFailed, subject: account, detail };
            let signed = Signed { by: Author::Nobody, address: Some(address), branch: None };
            self.with_staff(turn, |staff, turn| staff.submit(turn, Wish::Account(wish), signed, Asked::Nobody));
        }
    }

    fn tick(&mut self, turn: &mut Hub<'_>) {
        turn.notify_after(TICK, Notice::Tick);
        self.sessions.keep(turn, &self.ground);
        let now = self.ground.now();
        self.keep_accounts(turn, now);
        for due in self.agenda.due(now) {
            match due {
                Due::Turn(id) => drop(self.with(id, |branch, _| branch.turn_day(turn))),
                Due::Returns(id) => drop(self.with(id, |branch, _| branch.end_deferrals(turn))),
                Due::Leases(id) => drop(self.with(id, |branch, _| branch.end_leases(turn))),
                Due::Look(id) => drop(self.with(id, |branch, _| branch.look(turn))),
                Due::Verify(id) => drop(self.with(id, |branch, _| branch.verify())),
                Due::Files(Files::Ticker(id)) => drop(self.with(id, |branch, _| branch.hall.pump(turn))),
                Due::Files(Files::Staff) => self.with_staff(turn, |staff, turn| staff.pump(turn)),
                Due::Load(id) => self.load(id, now),
            }
        }
    }

    /// Tries again to read a branch.
    fn load(&mut self, id: BranchId, now: Millis) {
        let tell = self.ground.messenger();
        self.ground.writer.work(move |store| Parts::read(store, id), move |parts| tell(Notice::Loaded(id, parts.map(Box::new))));
        self.agenda.set(Due::Load(id), Some(Millis(now.0.saturating_add(TRY_AGAIN))));
    }

    fn loaded(&mut self, turn: &mut Hub<'_>, id: BranchId, parts: Result<Box<Parts>, StoreError>) {
        let opened =
            parts.map_err(|error| error.to_string()).and_then(|parts| parts.open(id, self.ground.now()).map_err(|error| error.to_string()));
        let branch = match opened {
            Ok(opened) => Branch::new(id, opened, self.ground.clone()),
            Err(reason) => return self.branches.still_shut(id, reason),
        };
        log::info!("branch {} can be read again", id.0);
        self.agenda.set(Due::Load(id), None);
        branch.set_mark(turn);
        for packet in branch.standing() {
            turn.broadcast(&Namespace::default(), Audience::room(&branch.rooms.all.as_str()), &packet);
        }
        let settings = self.branches.opened(id, branch);
        // Its sockets have waited for it: they are somebody from now on.
        let mut waiting: Vec<_> = self.clients.extract_if(|_, client| client.branch == id).collect();
        for (socket, client) in &mut waiting {
            self.with(id, |branch, staff| branch.returned(turn, staff, *socket, client, None));
        }
        self.clients.extend(waiting);
        self.with(id, |branch, _| {
            if let Some(settings) = settings.filter(|settings| branch.settings() != Some(settings)) {
                branch.submit(turn, Command::Configure(settings).into(), None, Reply::Nobody);
            }
        });
    }

    /// Answers another front, if whoever asks may ask it.
    fn call(&mut self, turn: &mut Hub<'_>, Call { branch, ask, credential, reply }: Call) {
        // Whoever asked may have gone away meanwhile.
        let (guest, place) = match self.permitted(&ask, branch, credential) {
            Ok(permitted) => permitted,
            Err(failure) => return drop(reply.send(Err(failure))),
        };
        let signed = Signed { branch: place, ..self.signed(&guest) };
        match (ask, place) {
            (Ask::Leave(..), _) => drop(reply.send(Ok(Answer::Done))),
            (Ask::Branches, _) => drop(reply.send(Ok(Answer::Shown(self.branches.json())))),
            (Ask::Door(knock), _) => self.knock(turn, &guest, knock, reply),
            (Ask::CreateUser(body), _) => self.put_user(turn, &guest, None, body, reply),
            (Ask::ReplaceUser(id, body), _) => self.put_user(turn, &guest, Some(&id), body, reply),
            (Ask::CreateBranch(body), _) => self.make_branch(&body, &signed, reply),
            (Ask::Audit(ask), _) => self.audit(turn, ask, reply),
            (Ask::Branch(errand), Some(id)) => self.send(turn, &guest, (id, signed), errand, reply),
            (Ask::Place(_), Some(id)) => drop(reply.send(Ok(Answer::Place(id, signed)))),
            (Ask::OwnTicket(token), _) => drop(reply.send(self.own_ticket(&token))),
            (Ask::OwnEvent { name, token, payload }, _) => self.own_event(turn, name, &token, payload, reply),
            (ask, Some(id)) => match self.branches.get(id) {
                Some(_) => drop(self.with(id, |branch, staff| branch.hall.call(turn, staff, ask, signed, reply))),
                None => drop(reply.send(Err(Failure::StorageUnavailable))),
            },
            (ask, None) => {
                let whole = self.administers(&guest.who);
                self.with_staff(turn, |staff, turn| staff.call(turn, ask, whole, signed, reply));
            }
        }
    }

    fn drain(&mut self, turn: &mut Hub<'_>, drained: oneshot::Sender<()>) {
        self.sessions.keep(turn, &self.ground);
        self.draining = Some(drained);
        // What is told once a minute would be lost.
        self.keep_accounts(turn, self.ground.now());
        self.staff.stop();
        self.branches.all_mut().for_each(Branch::stop);
    }

    /// Tells who wants to stop when nothing waits for the disk any more.
    fn answer_drained(&mut self) {
        if self.draining.is_some()
            && !self.staff.is_busy()
            && !self.branches.all().any(|(_, branch)| branch.is_busy())
            && let Some(drained) = self.draining.take()
        {
            // Who asked may have given up waiting.
            let _ = drained.send(());
        }
    }
}

impl Application for TicketService {
    type Notice = Notice;

    fn started(&mut self, turn: &mut Turn<'_, Self>) {
        self.ground.started(turn.recipient());
        for (id, branch) in self.branches.all() {
            branch.set_mark(turn);
            self.agenda.set(Due::Turn(id), branch.turns_at());
            self.agenda.set(Due::Returns(id), branch.returns_at());
            self.agenda.set(Due::Leases(id), branch.lease_ends());
        }
        for id in self.branches.all_shut() {
            self.agenda.set(Due::Load(id), Some(Millis(self.ground.now().0.saturating_add(TRY_AGAIN))));
        }
        self.sessions.import(turn);
        self.tick(turn);
    }

    fn admit(&mut self, _: &mut Turn<'_, Self>, handshake: &Handshake) -> Result<(), Denied> {
        let known = self.meant(handshake).map(|_| ()).ok_or(Failure::UnknownBranch);
        known.and_then(|()| self.entrance(handshake).map(|_| ())).map_err(|failure| {
            let message = failure.message(client::lang(handshake).unwrap_or(Lang::Es));
            Denied { message, data: Some(format!(r#"{{"code":"{}"}}"#, failure.code())) }
        })
    }

    /// Who asks for another branch now, or shows something else, is somebody else.
    fn gives_back(&mut self, handshake: &Handshake, session: &Saved) -> bool {
        self.is_the_same(handshake, session)
    }

    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake) {
        let socket = handshake.socket;
        let Some(id) = self.meant(&handshake) else { return };
        let branch = self.branches.get(id);
        let lang = client::lang(&handshake).or_else(|| Some(branch?.lang())).unwrap_or(Lang::Es);
        // It was admitted in this very turn.
        let Ok(entrance) = self.entrance(&handshake) else { return turn.disconnect(socket) };
        let mut client = Client::in_rooms(id, lang, (entrance, handshake.opening.whence.address), turn.rooms(socket));
        let own = rooms::Rooms::of(id);
        turn.join(socket, &own.all);
        client.among = self.is_among(entrance, id);
        if client.among {
            turn.join(socket, &own.people);
            turn.join(socket, rooms::PEOPLE);
        }
        entrance.room().into_iter().for_each(|room| turn.join(socket, &room));
        if handshake.recovered == Recovered::No {
            turn.emit(socket, greeting(handshake.id.as_str(), lang));
        }
        self.with(id, |branch, staff| {
            match handshake.recovered {
                Recovered::No => {}
                // The hub has sent all that was missed.
                Recovered::Yes => return branch.returned(turn, staff, socket, &mut client, None),
                Recovered::Since(rev) => branch.returned(turn, staff, socket, &mut client, Some(rev)),
            }
            branch.standing().into_iter().for_each(|packet| turn.emit(socket, packet));
        });
        self.clients.insert(socket, client);
    }

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        let Event { name, args, ack, credit, .. } = event;
        let raw = args.arguments().next();
        let Some(mut client) = self.clients.remove(&socket) else { return };
        let (id, lang) = (client.branch, client.lang);
        let admitted = match self.branches.get(id) {
            Some(_) => self.admitted(&mut client, &name, raw),
            None => Err(Failure::StorageUnavailable),
        };
        match admitted {
            Err(failure) => respond(turn, ack, Err(failure), lang, raw),
            Ok((who, signed)) if Hall::hears(&name) => {
                let user = if let Who::User { id, .. } = who { Some(id) } else { None };
                let heard = Heard { socket, name: &name, raw, ack, lang, at_desk: client.desk.is_some(), signed, user };
                let errand = self.with(id, |branch, staff| branch.hall.event(turn, staff, heard)).flatten();
                if let Some((wish, signed, asked)) = errand {
                    self.with_staff(turn, |staff, turn| staff.submit(turn, wish, signed, asked));
                }
            }
            Ok((_, signed)) => {
                let said = Said { socket, name: &name, raw, ack, credit, signed };
                self.with(id, |branch, staff| branch.event(turn, staff, &mut client, said));
            }
        }
        self.clients.insert(socket, client);
    }

    fn disconnected(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, _: CloseReason) {
        if let Some(client) = self.clients.remove(&socket) {
            self.with(client.branch, |branch, _| branch.left(turn, socket, &client));
        }
    }

    fn notice(&mut self, turn: &mut Turn<'_, Self>, notice: Notice) {
        match notice {
            Notice::Tick => self.tick(turn),
            Notice::Settled(committed, batch) => drop(self.with(batch.branch, |branch, _| branch.settle(turn, committed, &batch))),
            Notice::CaughtUp(id, entries) => drop(self.with(id, |branch, _| branch.catch_up(turn, entries))),
            Notice::Loaded(id, parts) => self.loaded(turn, id, parts),
            Notice::Made(id, parts, reply) => drop(reply.send(self.made(turn, id, parts))),
            Notice::Recalled { ack, lang, credit: _credit, answer } => respond(turn, ack, answer, lang, None),
            Notice::Hashed(checked, hashed) => self.hashed(turn, checked, *hashed),
            Notice::Founded(founded, office) => self.founded(turn, *founded, office),
            Notice::Filed(Files::Ticker(id), filed) => drop(self.with(id, |branch, _| branch.hall.filed(turn, filed))),
            Notice::Filed(Files::Staff, filed) => self.with_staff(turn, |staff, turn| staff.filed(turn, filed)),
            Notice::FoundingOver => drop(self.doors.guard().map(|guard| guard.is_founding = false)),
            Notice::Command(id, request, reply) => {
                self.with(id, |branch, _| branch.submit(turn, request, None, Reply::Inside(reply)));
            }
            Notice::Call(call) => self.call(turn, call),
            // Whoever asked may have gone away meanwhile.
            Notice::Troubles(reply) => drop(reply.send(self.branches.troubles())),
            Notice::Drain(drained) => self.drain(turn, drained),
        }
        self.answer_drained();
    }
}

fn greeting(id: &str, lang: Lang) -> Encoded {
    let text = match lang {
        Lang::Es => format!("¡Bienvenido! Se le asignó el id: {id}"),
        Lang::En => format!("Welcome! Your id is: {id}"),
    };
    encode("saludo", &[&format!(r#"{{"emisor":"Server","mensaje":{},"id":"{id}"}}"#, view::json(&text))])
}

pub(super) fn encode(name: &str, args: &[&str]) -> Encoded {
    encode_event(&Namespace::default(), None, name, args, &[])
}

pub(super) fn to_room(turn: &mut Hub<'_>, room: &str, name: &str, payload: &str) {
    if turn.is_heard(&Namespace::default(), room) {
        turn.broadcast(&Namespace::default(), Audience::room(&room), &encode(name, &[payload]));
    }
}

/// To everybody in any of the rooms, once.
pub(super) fn to_rooms(turn: &mut Hub<'_>, rooms: &[&str], name: &str, payload: &str) {
    if rooms.iter().any(|room| turn.is_heard(&Namespace::default(), room)) {
        turn.broadcast(&Namespace::default(), Audience { rooms, ..Audience::ALL }, &encode(name, &[payload]));
    }
}

/// Answers what is no command. `lang` is the client's; `raw`, the payload, may ask for another.
pub(super) fn respond(turn: &mut Hub<'_>, ack: Option<Ack>, answer: Result<String, Failure>, lang: Lang, raw: Option<&str>) {
    match (ack, answer) {
        (Some(ack), Ok(json)) => turn.acknowledge(ack, &[&json], &[]),
        (None, Ok(_)) => {}
        // Only a refusal needs the language.
        (ack, Err(failure)) => refuse(turn, ack, &failure, requested_lang(raw).unwrap_or(lang)),
    }
}

/// Tells whoever asked to be told why nothing was done; counts it in any case.
pub(super) fn refuse(turn: &mut Hub<'_>, ack: Option<Ack>, failure: &Failure, lang: Lang) {
    turn.counts().refused(failure.code(), ack.is_some());
    match ack {
        Some(ack) => turn.acknowledge(ack, &[&refusal(failure, lang)], &[]),
        None => log::debug!("refused without a callback: {}", failure.code()),
    }
}

/// The language that a payload asks for, which may not even be an object.
pub(super) fn requested_lang(raw: Option<&str>) -> Option<Lang> {
    payload::read::<Greeting>(raw).ok().and_then(|greeting| payload::lang(greeting.idioma.as_deref()?))
}
