//! Owns what people do in the office besides tickets: enter with a name, write to each other, read their notes, put a line on the ticker;
//! and the same from other fronts. Tells of users, notes and the ticker only what is on disk; who is here and what they say is live.

use actix::Recipient;
use tokio::sync::oneshot;

use super::api::{Answer, Ask, Call, Task, note_id, user_id};
use super::book::Wish;
use super::commands::timed_id;
use super::directory::{Directory, Done, Outcome, Step};
use super::failure::Failure;
use super::messages::{self, Enter, MessageBody, MessageView, Read, Say};
use super::payload;
use super::people::{People, Person};
use super::tickets::{Notice, TicketService, encode, refuse, requested_lang, respond};
use super::view;
use super::writer::Writer;
use crate::clock::Clock;
use crate::office::{BranchId, Lang, NoteId, Ticker, UserId};
use crate::realtime::{Ack, Audience, Namespace, SocketId, SocketKey, Tell, Turn};
use crate::store::{self, Change, StoreError};

/// What outsiders without a name are called.
const SERVER: &str = "Server";

type Hub<'a> = Turn<'a, TicketService>;

/// What the store's thread and other fronts tell the hall.
pub enum HallNotice {
    Call(Call),
    /// How the changes went that were being written.
    Written(Result<(), StoreError>),
    /// What is on disk after a failed write.
    Found(Result<store::Directory, StoreError>),
}

/// An event of a client.
pub struct Heard<'a> {
    pub socket: SocketKey,
    pub name: &'a str,
    pub raw: Option<&'a str>,
    pub ack: Option<Ack>,
    pub lang: Lang,
    pub at_desk: bool,
}

/// Who waits for a change.
enum Reply {
    Client { ack: Option<Ack>, lang: Lang },
    Front(oneshot::Sender<Result<Answer, Failure>>),
}

/// For whom a message is.
enum Addressee {
    All,
    Room(String),
    Socket(SocketKey),
    User(UserId),
}

pub struct Hall {
    branch: BranchId,
    writer: Writer,
    clock: Clock,
    people: People,
    directory: Directory<Reply>,
    /// Displays and staff.
    screens: [String; 2],
    own: Option<Recipient<Tell<Notice>>>,
    stopping: bool,
}

impl Hall {
    pub fn new(branch: BranchId, found: store::Directory, writer: Writer, clock: Clock, screens: [String; 2]) -> Self {
        let directory = Directory::new(found);
        Self { branch, writer, clock, people: People::default(), directory, screens, own: None, stopping: false }
    }

    /// Whether an event is the hall's.
    pub fn hears(event: &str) -> bool {
        matches!(event, "entrar-cliente" | "enviar-mensaje" | "correo-leido" | "poner-aviso")
    }

    /// What stands on the display's ticker.
    pub fn ticker(&self) -> Option<&Ticker> {
        self.directory.book().ticker()
    }

    /// Whether somebody still waits for a change.
    pub fn is_busy(&self) -> bool {
        self.directory.is_busy()
    }

    /// The hub runs; `own` reaches it from the store's thread.
    pub fn started(&mut self, own: Recipient<Tell<Notice>>) {
        self.own = Some(own);
    }

    /// Takes no more changes.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// A session that was away has its rooms again: they say who it was. `missed`: it does not know what was sent meanwhile.
    pub fn returned(&mut self, turn: &mut Hub<'_>, socket: SocketKey, missed: bool) {
        let rooms: Vec<String> = turn.rooms(socket).map(str::to_owned).collect();
        let named = |prefix| rooms.iter().find_map(|room| room.strip_prefix(prefix)).map(str::to_owned);
        let (Some(id), Some(name)) = (turn.id(socket), named("persona:")) else { return };
        let user = named("usuario:").and_then(|text| user_id(&text).ok());
        let known = user.filter(|user| self.directory.book().user(*user).is_some());
        if let (Some(gone), None) = (user, known) {
            turn.leave(socket, &user_room(gone));
        }
        let person = Person { id, name, room: named("sala:"), user: known };
        to_others(turn, socket, "usuario-conectado", &person.json());
        self.people.enter(socket, person);
        if missed {
            self.tell_notes(turn, socket);
        }
    }

    /// The socket is gone.
    pub fn left(&mut self, turn: &mut Hub<'_>, socket: SocketKey) {
        // When all go together nobody is left to be told.
        if let Some(person) = self.people.leave(socket).filter(|_| !self.stopping) {
            to_others(turn, socket, "usuario-desconectado", &person.json());
        }
    }

    pub fn event(&mut self, turn: &mut Hub<'_>, heard: Heard<'_>) {
        let Heard { socket, name, raw, ack, lang, at_desk } = heard;
        let wish = match name {
            "entrar-cliente" => {
                let answer = self.enter(turn, socket, raw);
                let entered = answer.is_ok();
                respond(turn, ack, answer, lang, raw);
                if entered {
                    self.tell_notes(turn, socket);
                }
                return;
            }
            "enviar-mensaje" => {
                let answer = self.say(turn, socket, raw);
                return respond(turn, ack, answer, lang, raw);
            }
            "correo-leido" => self.read(socket, raw),
            "poner-aviso" if at_desk => messages::announcement(raw).map(Wish::SetTicker),
            "poner-aviso" => Err(Failure::NotAtDesk),
            other => Err(Failure::UnknownEvent(other.to_owned())),
        };
        match wish {
            Ok(wish) => self.submit(turn, wish, Reply::Client { ack, lang: requested_lang(raw).unwrap_or(lang) }),
            Err(failure) => respond(turn, ack, Err(failure), lang, raw),
        }
    }

    pub fn notice(&mut self, turn: &mut Hub<'_>, notice: HallNotice) {
        match notice {
            HallNotice::Call(Call { ask, reply }) => self.call(turn, ask, reply),
            HallNotice::Written(result) => {
                let outcomes = self.directory.written(result);
                self.tell(turn, outcomes);
                self.pump(turn);
            }
            HallNotice::Found(result) => {
                // A disk that cannot be read is asked again with the next change, or the next tick.
                let readable = result.is_ok();
                let outcomes = self.directory.found(result);
                self.tell(turn, outcomes);
                if readable {
                    self.pump(turn);
                }
            }
        }
    }

    /// Gets the next changes under way, if none are.
    pub fn pump(&mut self, turn: &mut Hub<'_>) {
        let mut refused = Vec::new();
        let step = self.directory.begin(self.clock.now(), &mut refused);
        self.tell(turn, refused);
        let (Some(step), Some(own)) = (step, self.own.clone()) else { return };
        let branch = self.branch;
        let notify = move |notice| own.do_send(Tell(Notice::Hall(notice)));
        match step {
            Step::Write(changes) => {
                self.writer.work(move |store| store.record(branch, &changes), move |result| notify(HallNotice::Written(result)));
            }
            Step::Read => self.writer.work(move |store| store.directory(branch), move |result| notify(HallNotice::Found(result))),
        }
    }

    fn enter(&mut self, turn: &mut Hub<'_>, socket: SocketKey, raw: Option<&str>) -> Result<String, Failure> {
        let Enter { nombre, sala, usuario } = payload::read(raw)?;
        let name = messages::name("nombre", nombre.as_deref())?;
        let room = messages::room(sala.as_deref())?;
        let user = usuario.as_deref().map(user_id).transpose()?;
        if user.is_some_and(|user| self.directory.book().user(user).is_none()) {
            return Err(Failure::UnknownUser);
        }
        let id = turn.id(socket).ok_or(Failure::NotEntered)?;
        let person = Person { id, name, room, user };
        let room = person.room.clone();
        self.present(turn, socket, person);
        let (list, total) = self.people.list(room.as_deref());
        Ok(format!(r#"{{"ok":true,"personas":{list},"total":{total}}}"#))
    }

    /// Makes the person the one at this socket: rooms, and what the others hear of it.
    fn present(&mut self, turn: &mut Hub<'_>, socket: SocketKey, person: Person) {
        let before = self.people.get(socket).cloned();
        if before.as_ref() == Some(&person) {
            return;
        }
        for room in before.iter().flat_map(rooms_of) {
            turn.leave(socket, &room);
        }
        for room in rooms_of(&person) {
            turn.join(socket, &room);
        }
        let unchanged = before.as_ref().is_some_and(|before| before.looks_like(&person));
        if !unchanged {
            if let Some(before) = before {
                to_others(turn, socket, "usuario-desconectado", &before.json());
            }
            to_others(turn, socket, "usuario-conectado", &person.json());
        }
        self.people.enter(socket, person);
    }

    fn say(&mut self, turn: &mut Hub<'_>, socket: SocketKey, raw: Option<&str>) -> Result<String, Failure> {
        let Say { mensaje, sala, para } = payload::read(raw)?;
        let person = self.people.get(socket).ok_or(Failure::NotEntered)?;
        let text = messages::message(mensaje)?;
        let addressee = self.addressee(turn, Some(socket), sala.as_deref(), para.as_deref())?;
        let id = self.send(turn, Some(socket), (Some(person.id.as_str()), &person.name), &text, &addressee);
        Ok(format!(r#"{{"ok":true,"id":"{id}"}}"#))
    }

    fn read(&self, socket: SocketKey, raw: Option<&str>) -> Result<Wish, Failure> {
        let Read { id } = payload::read(raw)?;
        let user = self.people.get(socket).and_then(|person| person.user).ok_or(Failure::NotEntered)?;
        Ok(Wish::ReadNote { user, note: note_id(&id.ok_or_else(|| messages::missing("id"))?)? })
    }

    fn call(&mut self, turn: &mut Hub<'_>, ask: Ask, reply: oneshot::Sender<Result<Answer, Failure>>) {
        let answer = match ask.task(self.directory.book(), self.clock.now()) {
            Task::Change(wish) => return self.submit(turn, wish, Reply::Front(reply)),
            Task::Message(body) => self.say_from_outside(turn, body),
            Task::Answer(answer) => answer,
        };
        // Whoever asked may have gone away meanwhile.
        drop(reply.send(answer));
    }

    fn say_from_outside(&self, turn: &mut Hub<'_>, body: MessageBody) -> Result<Answer, Failure> {
        let MessageBody { mensaje, sala, para, de } = body;
        let text = messages::message(Some(mensaje))?;
        let id = de.as_deref().and_then(|text| user_id(text).ok());
        let (from, name) = match (id, &de) {
            (Some(id), _) => (Some(id.to_string()), self.directory.book().user(id).ok_or(Failure::UnknownUser)?.name.clone()),
            (None, Some(name)) => (None, messages::name("de", Some(name))?),
            (None, None) => (None, SERVER.to_owned()),
        };
        let addressee = self.addressee(turn, None, sala.as_deref(), para.as_deref())?;
        let id = self.send(turn, None, (from.as_deref(), &name), &text, &addressee);
        Ok(Answer::Shown(format!(r#"{{"id":"{id}"}}"#)))
    }

    /// Whom a message is for: somebody other than the sender who is here.
    fn addressee(&self, turn: &Hub<'_>, sender: Option<SocketKey>, sala: Option<&str>, para: Option<&str>) -> Result<Addressee, Failure> {
        let Some(para) = para else { return Ok(messages::room(sala)?.map_or(Addressee::All, Addressee::Room)) };
        if sala.is_some() {
            return Err(Failure::BadRequest("either sala or para".into()));
        }
        if let Ok(user) = user_id(para) {
            let mut others = self.people.of_user(user).filter(|socket| Some(*socket) != sender);
            return others.next().map(|_| Addressee::User(user)).ok_or(Failure::UnknownRecipient);
        }
        let socket = SocketId::parse(para).and_then(|id| turn.find(id)).filter(|socket| Some(*socket) != sender);
        socket.map(Addressee::Socket).ok_or(Failure::UnknownRecipient)
    }

    /// Sends a message to all whom it is for but the sender; returns its id.
    fn send(&self, turn: &mut Hub<'_>, sender: Option<SocketKey>, from: (Option<&str>, &str), text: &str, to: &Addressee) -> NoteId {
        let now = self.clock.now();
        let id = NoteId(timed_id(now));
        let sala = if let Addressee::Room(name) = to { Some(name.as_str()) } else { None };
        let privado = matches!(to, Addressee::Socket(_) | Addressee::User(_));
        let message = MessageView { id: &id.to_string(), de: from.0, nombre: from.1, mensaje: text, fecha: now, sala, privado };
        let packet = encode("enviar-mensaje", &[&view::json(&message)]);
        let room = match to {
            Addressee::Socket(socket) => {
                turn.emit(*socket, packet);
                return id;
            }
            Addressee::All => None,
            Addressee::Room(name) => Some(free_room(name)),
            Addressee::User(user) => Some(user_room(*user)),
        };
        let rooms: Vec<&str> = room.iter().map(String::as_str).collect();
        turn.broadcast(&Namespace::default(), Audience { rooms: &rooms, except: sender, except_rooms: &[] }, &packet);
        id
    }

    fn submit(&mut self, turn: &mut Hub<'_>, wish: Wish, reply: Reply) {
        let rejected = if self.stopping {
            Err((reply, Failure::ShuttingDown))
        } else {
            self.directory.submit(wish, reply).map_err(|reply| (reply, Failure::Overloaded))
        };
        match rejected {
            Ok(()) => self.pump(turn),
            Err((reply, failure)) => self.answer(turn, reply, Err(failure)),
        }
    }

    /// Tells answers, and what came true, to whom it concerns.
    fn tell(&mut self, turn: &mut Hub<'_>, outcomes: Vec<Outcome<Reply>>) {
        for Outcome { reply, result } in outcomes {
            if let Some(reply) = reply {
                self.answer(turn, reply, result.as_ref().map_err(Clone::clone));
            }
            if let Ok(done) = result {
                self.tell_change(turn, &done);
            }
        }
    }

    fn tell_change(&mut self, turn: &mut Hub<'_>, done: &Done) {
        match &done.change {
            Change::PutUser(user) if done.new => {
                turn.broadcast(&Namespace::default(), Audience::ALL, &encode("nuevo-usuario", &[&messages::new_user_json(user)]));
            }
            Change::PutUser(_) => {}
            Change::DropUser(user) => {
                for socket in self.people.forget_user(*user) {
                    turn.leave(socket, &user_room(*user));
                }
            }
            Change::PutNote(note) => to_room(turn, &user_room(note.user), "nuevo-correo", &messages::note_json(note)),
            Change::DropNote { user, note } => to_room(turn, &user_room(*user), "correo-leido", &format!(r#"{{"id":"{note}"}}"#)),
            Change::SetTicker(ticker) => {
                let payload = messages::ticker_json(ticker.as_ref(), self.clock.now());
                let [display, staff] = &self.screens;
                let audience = Audience { rooms: &[display, staff], ..Audience::ALL };
                turn.broadcast(&Namespace::default(), audience, &encode("aviso", &[&payload]));
            }
        }
    }

    fn answer(&self, turn: &mut Hub<'_>, reply: Reply, result: Result<&Done, Failure>) {
        match (reply, result) {
            // Whoever asked may have gone away meanwhile.
            (Reply::Front(sender), result) => drop(sender.send(result.map(|done| Answer::to(done, self.clock.now())))),
            (Reply::Client { ack: Some(ack), .. }, Ok(_)) => turn.acknowledge(ack, &[r#"{"ok":true}"#], &[]),
            (Reply::Client { ack: None, .. }, Ok(_)) => {}
            (Reply::Client { ack, lang }, Err(failure)) => refuse(turn, ack, &failure, lang),
        }
    }

    fn tell_notes(&self, turn: &mut Hub<'_>, socket: SocketKey) {
        let Some(user) = self.people.get(socket).and_then(|person| person.user) else { return };
        for note in self.directory.book().notes(user) {
            turn.emit(socket, encode("nuevo-correo", &[&messages::note_json(note)]));
        }
    }
}

fn free_room(name: &str) -> String {
    format!("sala:{name}")
}

fn user_room(user: UserId) -> String {
    format!("usuario:{user}")
}

/// The rooms that a person is in. The name is one of them, so that whoever gets the rooms back has the name back, too.
fn rooms_of(person: &Person) -> impl Iterator<Item = String> {
    let name = format!("persona:{}", person.name);
    [Some(name), person.room.as_deref().map(free_room), person.user.map(user_room)].into_iter().flatten()
}

fn to_others(turn: &mut Hub<'_>, socket: SocketKey, event: &str, payload: &str) {
    turn.broadcast(&Namespace::default(), Audience::all_but(socket), &encode(event, &[payload]));
}

fn to_room(turn: &mut Hub<'_>, room: &str, event: &str, payload: &str) {
    if turn.is_heard(&Namespace::default(), room) {
        turn.broadcast(&Namespace::default(), Audience::room(&room), &encode(event, &[payload]));
    }
}
