//! Owns the ticket application inside the hub: hears events, puts commands through the ledger, and tells everybody what a commit made true.
//! Speaks only of what is on disk.

use std::collections::HashMap;
use std::time::Duration;

use actix::Recipient;
use tokio::sync::oneshot;

use super::commands::{self, Asker, Wish};
use super::failure::Failure;
use super::hall::{Hall, HallNotice, Heard};
use super::ledger::Ledger;
use super::payload::{self, AtDesk, CatchUp, Greeting};
use super::record::{History, Record, Reply, refusal};
use super::sessions;
use super::view::{self, LastTicket, View};
use super::writer::{Committed, Writer};
use crate::clock::Clock;
use crate::office::{Command, DeskId, Entry, Lang, Request, Ticket};
use crate::realtime::{
    Ack, Application, Audience, CloseReason, Encoded, Event, Handshake, Namespace, Recovered, Saved, SocketKey, Tell, Turn, encode_event,
};
use crate::store::{Batch, Directory, SessionText, StoreError};

/// How often the service looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// Calls in `estado-actual`.
const ATTENDED: usize = 4;
/// Entries read at once to find out what a failed commit left.
const CATCH_UP: usize = 4096;

/// What the service is told by its own threads and by other fronts.
pub enum Notice {
    /// Look at the clock.
    Tick,
    /// How the batch went that was being written.
    Settled(Committed, Batch),
    /// What the log holds beyond what is known, after a failed commit.
    CaughtUp(Result<Vec<Entry>, StoreError>),
    /// A command from within the process.
    Command(Request, oneshot::Sender<Result<Option<Ticket>, Failure>>),
    /// For what people do besides tickets.
    Hall(HallNotice),
    /// Take no more commands; answer when the last one is settled.
    Drain(oneshot::Sender<()>),
}

struct Client {
    lang: Lang,
    desk: Option<DeskId>,
    view: Option<View>,
}

/// What everybody is told: encoded once, kept for those who come later.
struct Standing {
    last: Encoded,
    attended: (String, Encoded),
    waiting: (usize, Encoded),
}

pub struct TicketService {
    ledger: Ledger<Reply>,
    hall: Hall,
    writer: Writer,
    clock: Clock,
    clients: HashMap<SocketKey, Client>,
    history: History,
    standing: Standing,
    rooms: Rooms,
    /// Sessions of an earlier process, until the hub has taken them.
    away: Vec<Saved>,
    /// Set in `started`: how the store's thread reaches the hub.
    own: Option<Recipient<Tell<Notice>>>,
    /// A commit failed and what it left is not known yet.
    doubtful: bool,
    draining: Option<oneshot::Sender<()>>,
    stopping: bool,
}

struct Rooms {
    display: String,
    staff: String,
}

impl TicketService {
    /// `record` holds what the ledger told while it was opened.
    pub(super) fn new(
        ledger: Ledger<Reply>,
        record: Record,
        directory: Directory,
        away: Vec<SessionText>,
        writer: Writer,
        clock: Clock,
    ) -> Self {
        let branch = ledger.office().branch();
        let rooms = Rooms { display: format!("pantalla:{}", branch.0), staff: format!("personal:{}", branch.0) };
        let screens = [rooms.display.clone(), rooms.staff.clone()];
        let mut history = History::default();
        history.extend(record.changes);
        let away = away.iter().filter_map(sessions::read).collect();
        Self {
            standing: Standing::new(&ledger),
            ledger,
            hall: Hall::new(branch, directory, writer.clone(), clock.clone(), screens),
            writer,
            clock,
            clients: HashMap::new(),
            history,
            rooms,
            away,
            own: None,
            doubtful: false,
            draining: None,
            stopping: false,
        }
    }

    fn asker(&self, socket: SocketKey) -> Asker {
        let client = self.clients.get(&socket);
        Asker { now: self.clock.now(), lang: client.map_or(Lang::Es, |client| client.lang), desk: client.and_then(|client| client.desk) }
    }

    /// Events that only read: the answer's JSON.
    fn answer(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, name: &str, raw: Option<&str>) -> Result<String, Failure> {
        match name {
            "entrar-pantalla" => {
                turn.join(socket, &self.rooms.display);
                self.see(socket, View::Public);
                Ok(joined(&self.snapshot(View::Public)))
            }
            "entrar-puesto" => {
                let at: AtDesk = payload::read(raw)?;
                let label = at.escritorio.ok_or_else(|| Failure::BadRequest("escritorio is missing".into()))?;
                let desk = payload::desk(self.ledger.office().settings().ok_or(Failure::UnknownDesk)?, &label)?;
                if let Some(left) = self.clients.get_mut(&socket).and_then(|client| client.desk.replace(desk)) {
                    turn.leave(socket, &desk_room(left));
                }
                turn.join(socket, &desk_room(desk));
                turn.join(socket, &self.rooms.staff);
                self.see(socket, View::Staff);
                Ok(joined(&self.snapshot(View::Staff)))
            }
            "cola" => {
                let wish: CatchUp = payload::read(raw)?;
                let view = self.clients.get(&socket).and_then(|client| client.view).ok_or(Failure::NotJoined)?;
                Ok(joined(&self.missed(&wish, view)))
            }
            _ => Err(Failure::UnknownEvent(name.to_owned())),
        }
    }

    /// A socket that is both display and desk has staff eyes.
    fn see(&mut self, socket: SocketKey, view: View) {
        if let Some(client) = self.clients.get_mut(&socket)
            && client.view != Some(View::Staff)
        {
            client.view = Some(view);
        }
    }

    fn snapshot(&self, view: View) -> String {
        let office = self.ledger.office();
        let snapshot = |settings| view::snapshot(office, settings, self.ledger.epoch(), self.clock.now(), self.hall.ticker(), view);
        office.settings().map_or_else(|| "null".into(), snapshot)
    }

    /// The changes after what the screen knows, or the whole board.
    fn missed(&self, wish: &CatchUp, view: View) -> String {
        let rev = self.ledger.office().rev();
        let known = wish.epoch.as_deref().is_none_or(|epoch| epoch == self.ledger.epoch());
        let missed = wish.desde.filter(|_| known).and_then(|after| Some((after, self.history.after(after, rev)?)));
        match missed {
            Some((after, changes)) => {
                let changes: Vec<&str> = changes.map(|change| change.in_view(view)).collect();
                view::changes(self.ledger.epoch(), after, rev, self.clock.now(), &changes)
            }
            None => self.snapshot(view),
        }
    }

    /// What a socket is by its rooms: those of a recovered one say what it was.
    fn standing_of(&self, turn: &Turn<'_, Self>, socket: SocketKey) -> (Option<DeskId>, Option<View>) {
        let (mut desk, mut view) = (None, None);
        for room in turn.rooms(socket) {
            if let Some(number) = room.strip_prefix("puesto:") {
                desk = number.parse().ok().map(DeskId);
            } else if room == self.rooms.staff {
                view = Some(View::Staff);
            } else if room == self.rooms.display {
                view = view.or(Some(View::Public));
            }
        }
        (desk, view)
    }

    /// Tells a socket that was away over a restart what its rooms got since.
    fn tell_missed(&self, turn: &mut Turn<'_, Self>, socket: SocketKey, after: u64) {
        if turn.is_in(socket, &self.rooms.display) {
            let rev = self.ledger.office().rev();
            for call in self.history.after(after, rev).into_iter().flatten().filter_map(|change| change.call.as_deref()) {
                turn.emit(socket, encode("llamada", &[call]));
            }
        }
        if let Some(view) = self.clients.get(&socket).and_then(|client| client.view) {
            let missed = self.missed(&CatchUp { epoch: None, desde: Some(after) }, view);
            turn.emit(socket, encode("cola", &[&missed]));
        }
    }

    fn submit(&mut self, turn: &mut Turn<'_, Self>, request: Request, reply: Reply) {
        let rejected = if self.stopping {
            Err((reply, Failure::ShuttingDown))
        } else {
            self.ledger.submit(request, reply).map_err(|reply| (reply, Failure::Overloaded))
        };
        match rejected {
            Ok(()) => self.pump(turn),
            Err((Reply::Client { ack, lang, .. }, failure)) => refuse(turn, ack, &failure, lang),
            Err((Reply::Inside(sender), failure)) => drop(sender.send(Err(failure))),
            Err((Reply::Nobody, _)) => {}
        }
    }

    /// Gets the next batch under way, if none is.
    fn pump(&mut self, turn: &mut Turn<'_, Self>) {
        let mut record = Record::default();
        if let Some(batch) = self.ledger.begin(self.clock.now(), &mut record) {
            match self.own.clone() {
                Some(own) => self.writer.commit(batch, move |committed, batch| own.do_send(Tell(Notice::Settled(committed, batch)))),
                None => unreachable!("commands come only after the hub has started"),
            }
        }
        self.tell(turn, record);
        self.answer_drained();
    }

    /// Tells who wants to stop when nothing waits for the disk any more.
    fn answer_drained(&mut self) {
        if !self.ledger.is_busy()
            && !self.hall.is_busy()
            && let Some(drained) = self.draining.take()
        {
            // Who asked may have given up waiting.
            let _ = drained.send(());
        }
    }

    fn settle(&mut self, turn: &mut Turn<'_, Self>, committed: Committed, batch: &Batch) {
        if matches!(committed, Committed::Failed(_)) {
            self.doubtful = true;
        }
        let mut record = Record::default();
        self.ledger.settle(committed, batch, &mut record);
        self.tell(turn, record);
        self.pump(turn);
    }

    /// Keeps recoverable sessions beyond this process.
    fn keep_sessions(&self, turn: &mut Turn<'_, Self>) {
        let changes: Vec<SessionText> = turn.take_changed().into_iter().map(|(pid, saved)| sessions::text(pid, saved)).collect();
        if !changes.is_empty() {
            let branch = self.ledger.office().branch();
            let done = |result: Result<(), StoreError>| {
                if let Err(error) = result {
                    log::warn!("sessions would not be found again after a restart: {error}");
                }
            };
            self.writer.work(move |store| store.keep_sessions(branch, &changes), done);
        }
    }

    /// After a failed commit: asks the log what it really holds.
    fn verify(&mut self) {
        let (after, branch) = (self.ledger.office().rev(), self.ledger.office().branch());
        if let Some(own) = self.own.clone() {
            self.doubtful = false;
            self.writer.entries(branch, after, CATCH_UP, move |entries| own.do_send(Tell(Notice::CaughtUp(entries))));
        }
    }

    fn catch_up(&mut self, turn: &mut Turn<'_, Self>, entries: Result<Vec<Entry>, StoreError>) {
        match entries {
            Ok(entries) if entries.is_empty() => {}
            Ok(entries) => {
                let mut record = Record::default();
                self.ledger.catch_up(&entries, &mut record);
                self.tell(turn, record);
            }
            // Asked again with the next tick.
            Err(_) => self.doubtful = true,
        }
    }

    /// Tells answers, changes, calls and what everybody hears.
    fn tell(&mut self, turn: &mut Turn<'_, Self>, record: Record) {
        for (code, answered) in record.refused {
            turn.counts().refused(code, answered);
        }
        for (ack, json) in record.answers {
            turn.acknowledge(ack, &[&json], &[]);
        }
        if record.replaced {
            self.history.clear();
            turn.set_mark(self.ledger.office().rev());
            for (room, view) in [(&self.rooms.display, View::Public), (&self.rooms.staff, View::Staff)] {
                let snapshot = self.snapshot(view);
                to_room(turn, room, "cola", &snapshot);
            }
        } else if let Some(first) = record.changes.first() {
            let after = first.rev - 1;
            let rev = record.changes.last().map_or(after, |change| change.rev);
            let now = self.clock.now();
            // The mark of a call is its own: whoever comes back after it misses it no more, and all else is told by `cola`.
            for (rev, call) in record.changes.iter().filter_map(|change| Some((change.rev, change.call.as_deref()?))) {
                turn.set_mark(rev);
                to_room(turn, &self.rooms.display, "llamada", call);
            }
            turn.set_mark(rev);
            for (room, view) in [(&self.rooms.display, View::Public), (&self.rooms.staff, View::Staff)] {
                if turn.is_heard(&Namespace::default(), room) {
                    let list: Vec<&str> = record.changes.iter().map(|change| change.in_view(view)).collect();
                    to_room(turn, room, "cola", &view::changes(self.ledger.epoch(), after, rev, now, &list));
                }
            }
        }
        let all = record.replaced || record.new_day || record.configured;
        if !record.changes.is_empty() || record.replaced {
            for packet in self.standing.update(&self.ledger, all || record.issued) {
                turn.broadcast(&Namespace::default(), Audience::ALL, &packet);
            }
        }
        self.history.extend(record.changes);
    }
}

impl Application for TicketService {
    type Notice = Notice;

    fn started(&mut self, turn: &mut Turn<'_, Self>) {
        self.own = Some(turn.recipient());
        self.hall.started(turn.recipient());
        turn.set_mark(self.ledger.office().rev());
        for saved in std::mem::take(&mut self.away) {
            turn.import(saved);
        }
        self.notice(turn, Notice::Tick);
    }

    fn connected(&mut self, turn: &mut Turn<'_, Self>, handshake: Handshake) {
        let lang = self.language(&handshake);
        let (desk, view) = self.standing_of(turn, handshake.socket);
        self.clients.insert(handshake.socket, Client { lang, desk, view });
        match handshake.recovered {
            Recovered::No => turn.emit(handshake.socket, greeting(handshake.id.as_str(), lang)),
            // The hub has sent all that was missed.
            Recovered::Yes => return self.hall.returned(turn, handshake.socket, false),
            Recovered::Since(rev) => {
                self.hall.returned(turn, handshake.socket, true);
                self.tell_missed(turn, handshake.socket, rev);
            }
        }
        for packet in self.standing.packets() {
            turn.emit(handshake.socket, packet);
        }
    }

    fn event(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, event: Event) {
        let Event { name, args, ack, credit, .. } = event;
        let raw = args.arguments().next();
        let asker = self.asker(socket);
        if Hall::hears(&name) {
            let heard = Heard { socket, name: &name, raw, ack, lang: asker.lang, at_desk: asker.desk.is_some() };
            return self.hall.event(turn, heard);
        }
        let office = self.ledger.office();
        let wish = match name.as_str() {
            "siguiente-ticket" => Some(commands::take(office, raw, asker)),
            _ => commands::at_desk(office, &name, raw, asker),
        };
        match wish {
            Some(Ok(Wish { request, form, lang })) => {
                self.submit(turn, request, Reply::Client { ack, lang: lang.unwrap_or(asker.lang), form, _credit: credit });
            }
            Some(Err(failure)) => respond(turn, ack, Err(failure), asker.lang, raw),
            None => {
                let answer = self.answer(turn, socket, &name, raw);
                respond(turn, ack, answer, asker.lang, raw);
            }
        }
    }

    fn disconnected(&mut self, turn: &mut Turn<'_, Self>, socket: SocketKey, _: CloseReason) {
        self.hall.left(turn, socket);
        self.clients.remove(&socket);
    }

    fn notice(&mut self, turn: &mut Turn<'_, Self>, notice: Notice) {
        match notice {
            Notice::Tick => {
                turn.notify_after(TICK, Notice::Tick);
                self.keep_sessions(turn);
                if self.doubtful {
                    self.verify();
                }
                self.hall.pump(turn);
                self.answer_drained();
                let now = self.clock.now();
                if self.ledger.office().next_turn(now).is_some_and(|due| now >= due) || self.ledger.office().day().is_none() {
                    self.submit(turn, Request { command: Command::TurnDay, key: None }, Reply::Nobody);
                }
            }
            Notice::Settled(committed, batch) => self.settle(turn, committed, &batch),
            Notice::CaughtUp(entries) => self.catch_up(turn, entries),
            Notice::Command(request, reply) => self.submit(turn, request, Reply::Inside(reply)),
            Notice::Hall(notice) => {
                self.hall.notice(turn, notice);
                self.answer_drained();
            }
            Notice::Drain(drained) => {
                self.stopping = true;
                self.keep_sessions(turn);
                self.hall.stop();
                self.draining = Some(drained);
                self.pump(turn);
            }
        }
    }
}

impl TicketService {
    /// Of the CONNECT payload, of the query, or the branch's first.
    fn language(&self, handshake: &Handshake) -> Lang {
        let payload =
            handshake.auth.as_deref().and_then(|raw| payload::read::<Greeting>(Some(raw)).ok()).and_then(|greeting| greeting.idioma);
        let asked = payload.as_deref().or_else(|| handshake.query.split('&').find_map(|pair| pair.strip_prefix("idioma=")));
        let first = || self.ledger.office().settings().and_then(|settings| settings.languages.first().copied());
        asked.and_then(payload::lang).or_else(first).unwrap_or(Lang::Es)
    }
}

impl Standing {
    fn new(ledger: &Ledger<Reply>) -> Self {
        let mut standing = Self {
            last: encode("ultimo-ticket", &["0", "null"]),
            attended: ("[]".into(), encode("estado-actual", &["[]"])),
            waiting: (0, encode("tickets-pendientes", &["0"])),
        };
        standing.update(ledger, true);
        standing
    }

    /// Brings it up to date and returns what has changed.
    fn update(&mut self, ledger: &Ledger<Reply>, last: bool) -> Vec<Encoded> {
        let office = ledger.office();
        let Some(settings) = office.settings() else { return Vec::new() };
        let mut changed = Vec::new();
        if last {
            self.last = match office.last_issued() {
                Some(ticket) => encode("ultimo-ticket", &[&ticket.number.to_string(), &view::json(&LastTicket::new(settings, ticket))]),
                None => encode("ultimo-ticket", &["0", "null"]),
            };
            changed.push(self.last.clone());
        }
        let attended = view::attended(office, settings, ATTENDED);
        if attended != self.attended.0 {
            self.attended.1 = encode("estado-actual", &[&attended]);
            self.attended.0 = attended;
            changed.push(self.attended.1.clone());
        }
        let waiting = office.waiting_count();
        if waiting != self.waiting.0 {
            self.waiting = (waiting, encode("tickets-pendientes", &[&waiting.to_string()]));
            changed.push(self.waiting.1.clone());
        }
        changed
    }

    fn packets(&self) -> [Encoded; 3] {
        [self.last.clone(), self.attended.1.clone(), self.waiting.1.clone()]
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

fn to_room(turn: &mut Turn<'_, TicketService>, room: &str, name: &str, payload: &str) {
    if turn.is_heard(&Namespace::default(), room) {
        turn.broadcast(&Namespace::default(), Audience::room(&room), &encode(name, &[payload]));
    }
}

fn joined(board: &str) -> String {
    format!(r#"{{"ok":true,"cola":{board}}}"#)
}

fn desk_room(desk: DeskId) -> String {
    format!("puesto:{desk}")
}

/// Answers what is no command. `lang` is the client's; `raw`, the payload, may ask for another.
pub(super) fn respond(
    turn: &mut Turn<'_, TicketService>,
    ack: Option<Ack>,
    answer: Result<String, Failure>,
    lang: Lang,
    raw: Option<&str>,
) {
    match (ack, answer) {
        (Some(ack), Ok(json)) => turn.acknowledge(ack, &[&json], &[]),
        (None, Ok(_)) => {}
        // Only a refusal needs the language.
        (ack, Err(failure)) => refuse(turn, ack, &failure, requested_lang(raw).unwrap_or(lang)),
    }
}

/// Tells whoever asked to be told why nothing was done; counts it in any case.
pub(super) fn refuse(turn: &mut Turn<'_, TicketService>, ack: Option<Ack>, failure: &Failure, lang: Lang) {
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
