//! Owns the ticket application inside the hub: who is connected, to which branch, and the way of everything that is heard to the branch that
//! it is for. Knows what is due when, so that no branch is looked at that has nothing to do.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::oneshot;

use super::agenda::{Agenda, SOON};
use super::api::{Answer, Ask, Call};
use super::bootstrap::Parts;
use super::branch::{Branch, Said};
use super::branches::Branches;
use super::client::{self, BranchLabel, Client};
use super::failure::Failure;
use super::filing::Files;
use super::ground::Ground;
use super::hall::{Hall, Heard};
use super::notice::Notice;
use super::payload::{self, Greeting};
use super::record::{Reply, refusal};
use super::rooms;
use super::sessions::Sessions;
use super::staff::Staff;
use super::view;
use crate::office::{BranchId, Command, Lang, Millis, UserId};
use crate::realtime::{
    Ack, Application, Audience, CloseReason, Denied, Encoded, Event, Handshake, Namespace, Recovered, Saved, SocketKey, Turn, encode_event,
};
use crate::store::StoreError;

/// How often the service looks at the clock.
const TICK: Duration = Duration::from_secs(1);
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
    branches: Branches,
    staff: Staff,
    ground: Ground,
    clients: HashMap<SocketKey, Client>,
    sessions: Sessions,
    agenda: Agenda<Due>,
    draining: Option<oneshot::Sender<()>>,
}

impl TicketService {
    pub(super) fn new(branches: Branches, staff: Staff, sessions: Sessions, ground: Ground) -> Self {
        Self { branches, staff, ground, clients: HashMap::new(), sessions, agenda: Agenda::default(), draining: None }
    }

    /// Does something with a branch that serves, and then plans what is to be done with it later.
    fn with<R>(&mut self, id: BranchId, act: impl FnOnce(&mut Branch, &mut Staff) -> R) -> Option<R> {
        let branch = self.branches.get_mut(id)?;
        let result = act(branch, &mut self.staff);
        self.agenda.set(Due::Turn(id), branch.turns_at());
        self.agenda.set(Due::Returns(id), branch.returns_at());
        self.agenda.set(Due::Leases(id), branch.lease_ends());
        self.agenda.set(Due::Look(id), branch.watch.due());
        self.agenda.set(Due::Verify(id), branch.is_doubtful().then_some(SOON));
        self.agenda.set(Due::Files(Files::Ticker(id)), branch.hall.is_unread().then_some(SOON));
        Some(result)
    }

    /// Does something with the staff; users that are no more are nobody's guests any more.
    fn with_staff(&mut self, turn: &mut Hub<'_>, act: impl FnOnce(&mut Staff, &mut Hub<'_>) -> Vec<UserId>) {
        let gone = act(&mut self.staff, turn);
        self.agenda.set(Due::Files(Files::Staff), self.staff.is_unread().then_some(SOON));
        if !gone.is_empty() {
            self.branches.all_mut().for_each(|branch| branch.hall.forget(turn, &gone));
        }
    }

    fn tick(&mut self, turn: &mut Hub<'_>) {
        turn.notify_after(TICK, Notice::Tick);
        self.sessions.keep(turn, &self.ground);
        let now = self.ground.now();
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
                branch.submit(turn, Command::Configure(settings).into(), Reply::Nobody);
            }
        });
    }

    fn call(&mut self, turn: &mut Hub<'_>, Call { branch, ask, reply }: Call) {
        // Whoever asked may have gone away meanwhile.
        match ask {
            Ask::Branches => drop(reply.send(Ok(Answer::Shown(self.branches.json())))),
            ask if ask.is_of_branch() => {
                let label = branch.map(BranchLabel::Text);
                let Some(id) = self.branches.find(label.as_ref()) else { return drop(reply.send(Err(Failure::UnknownBranch))) };
                match self.branches.get(id) {
                    Some(_) => drop(self.with(id, |branch, staff| branch.hall.call(turn, staff, ask, reply))),
                    None => drop(reply.send(Err(Failure::StorageUnavailable))),
                }
            }
            ask => self.with_staff(turn, |staff, turn| staff.call(turn, ask, reply)),
        }
    }

    fn drain(&mut self, turn: &mut Hub<'_>, drained: oneshot::Sender<()>) {
        self.sessions.keep(turn, &self.ground);
        self.staff.stop();
        self.branches.all_mut().for_each(Branch::stop);
        self.draining = Some(drained);
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
        match self.branches.find(client::branch(handshake).as_ref()) {
            Some(_) => Ok(()),
            None => {
                let failure = Failure::UnknownBranch;
                let message = failure.message(client::lang(handshake).unwrap_or(Lang::Es));
                Err(Denied { message, data: Some(format!(r#"{{"code":"{}"}}"#, failure.code())) })
            }
        }
    }

    /// Who asks for another branch now is somebody else.
    fn gives_back(&self, handshake: &Handshake, session: &Saved) -> bool {
        let was = session.rooms.iter().find_map(|room| rooms::branch_of(room));
        was.is_some() && was == self.branches.find(client::branch(handshake).as_ref())
    }

    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake) {
        let socket = handshake.socket;
        let Some(id) = self.branches.find(client::branch(&handshake).as_ref()) else { return };
        let branch = self.branches.get(id);
        let lang = client::lang(&handshake).or_else(|| Some(branch?.lang())).unwrap_or(Lang::Es);
        let mut client = Client::in_rooms(id, lang, turn.rooms(socket));
        turn.join(socket, &rooms::Rooms::of(id).all);
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
        if self.branches.get(id).is_none() {
            respond(turn, ack, Err(Failure::StorageUnavailable), lang, raw);
        } else if Hall::hears(&name) {
            let heard = Heard { socket, name: &name, raw, ack, lang, at_desk: client.desk.is_some() };
            let errand = self.with(id, |branch, staff| branch.hall.event(turn, staff, heard)).flatten();
            if let Some((wish, asked)) = errand {
                self.with_staff(turn, |staff, turn| staff.submit(turn, wish, asked));
            }
        } else {
            let said = Said { socket, name: &name, raw, ack, credit };
            self.with(id, |branch, staff| branch.event(turn, staff, &mut client, said));
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
            Notice::Recalled { ack, lang, credit: _credit, answer } => respond(turn, ack, answer, lang, None),
            Notice::Filed(Files::Ticker(id), filed) => drop(self.with(id, |branch, _| branch.hall.filed(turn, filed))),
            Notice::Filed(Files::Staff, filed) => self.with_staff(turn, |staff, turn| staff.filed(turn, filed)),
            Notice::Command(id, request, reply) => drop(self.with(id, |branch, _| branch.submit(turn, request, Reply::Inside(reply)))),
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
