//! Owns what people do in a branch besides tickets: enter with a name, write to each other, put a line on the ticker; and the same from other
//! fronts. Who is here and what they say is live; of the ticker it tells what is on disk. Users and their notes are the staff's.

use tokio::sync::oneshot;

use super::accounts::Signed;
use super::api::{Answer, Ask, Task, note_id, user_id};
use super::book::Wish;
use super::commands::timed_id;
use super::directory::Done;
use super::failure::Failure;
use super::filing::{Asked, Filed, Files, Filing};
use super::ground::Ground;
use super::messages::{self, Enter, MessageBody, MessageView, Read, Say};
use super::payload;
use super::people::{People, Person};
use super::rooms::{self, Rooms};
use super::staff::Staff;
use super::tickets::{Hub, encode, requested_lang, respond};
use super::view;
use crate::access::Author;
use crate::office::{BranchId, Lang, NoteId, Ticker, UserId};
use crate::realtime::{Ack, Audience, Namespace, SocketId, SocketKey};
use crate::store::{self, Change};
use crate::wrong::Wrong;

/// What outsiders without a name are called.
const SERVER: &str = "Server";

/// An event of a client.
pub struct Heard<'a> {
    pub socket: SocketKey,
    pub name: &'a str,
    pub raw: Option<&'a str>,
    pub ack: Option<Ack>,
    pub lang: Lang,
    pub at_desk: bool,
    /// In whose name.
    pub signed: Signed,
    /// Who signed in, if somebody did.
    pub user: Option<UserId>,
}

/// For whom a message is.
enum Addressee {
    All,
    Room(String),
    Socket(SocketKey),
    User(UserId),
}

pub struct Hall {
    rooms: Rooms,
    ground: Ground,
    people: People,
    ticker: Filing,
    stopping: bool,
}

impl Hall {
    pub fn new(branch: BranchId, ticker: Option<Ticker>, ground: Ground) -> Self {
        let found = store::Directory { ticker, ..store::Directory::default() };
        let ticker = Filing::new(Files::Ticker(branch), found, ground.clone());
        Self { rooms: Rooms::of(branch), ground, people: People::default(), ticker, stopping: false }
    }

    /// Whether an event is the hall's.
    pub fn hears(event: &str) -> bool {
        matches!(event, "entrar-cliente" | "enviar-mensaje" | "correo-leido" | "poner-aviso")
    }

    /// What stands on the display's ticker.
    pub fn ticker(&self) -> Option<&Ticker> {
        self.ticker.book().ticker()
    }

    /// Whether somebody still waits for a change.
    pub fn is_busy(&self) -> bool {
        self.ticker.is_busy()
    }

    /// Whether it is to be pumped again in a while.
    pub fn is_unread(&self) -> bool {
        self.ticker.is_unread()
    }

    /// Takes no more changes.
    pub fn stop(&mut self) {
        self.stopping = true;
        self.ticker.stop();
    }

    /// A session that was away has its rooms again: they say who it was. `missed`: it does not know what was sent meanwhile.
    pub fn returned(&mut self, turn: &mut Hub<'_>, staff: &Staff, socket: SocketKey, missed: bool) {
        let rooms: Vec<String> = turn.rooms(socket).map(str::to_owned).collect();
        let name = rooms.iter().find_map(|room| rooms::person_of(room));
        let (Some(id), Some(name)) = (turn.id(socket), name) else { return };
        let user = rooms.iter().find_map(|room| rooms::user_of(room));
        let known = user.filter(|user| staff.book().user(*user).is_some());
        if let (Some(gone), None) = (user, known) {
            self.leave_user(turn, socket, gone);
        }
        let room = rooms.iter().find_map(|room| self.rooms.free_name(room));
        let person = Person { id, name: name.to_owned(), room: room.map(str::to_owned), user: known };
        self.to_others(turn, socket, "usuario-conectado", &person.json());
        self.people.enter(socket, person);
        if let Some(user) = known.filter(|_| missed) {
            staff.tell_notes(turn, socket, user);
        }
    }

    /// The socket is gone.
    pub fn left(&mut self, turn: &mut Hub<'_>, socket: SocketKey) {
        // When all go together nobody is left to be told.
        if let Some(person) = self.people.leave(socket).filter(|_| !self.stopping) {
            self.to_others(turn, socket, "usuario-desconectado", &person.json());
        }
    }

    /// These users are no more: whoever is here as one of them is nobody in particular.
    pub fn forget(&mut self, turn: &mut Hub<'_>, users: &[UserId]) {
        for user in users {
            for socket in self.people.forget_user(*user) {
                self.leave_user(turn, socket, *user);
            }
        }
    }

    /// Does what a client wishes. Returns a change of the staff's, and who asked for it.
    pub fn event(&mut self, turn: &mut Hub<'_>, staff: &Staff, heard: Heard<'_>) -> Option<(Wish, Signed, Asked)> {
        let Heard { socket, name, raw, ack, lang, at_desk, signed, user } = heard;
        let asked = |ack| Asked::Client { ack, lang: requested_lang(raw).unwrap_or(lang) };
        match name {
            "entrar-cliente" => {
                let answer = self.enter(turn, staff, socket, raw, user);
                let entered = answer.is_ok();
                respond(turn, ack, answer, lang, raw);
                let user = self.people.get(socket).and_then(|person| person.user);
                if let Some(user) = user.filter(|_| entered) {
                    staff.tell_notes(turn, socket, user);
                }
            }
            "enviar-mensaje" => {
                let answer = self.say(turn, socket, raw);
                respond(turn, ack, answer, lang, raw);
            }
            "correo-leido" => match self.read(socket, raw) {
                Ok(wish) => return Some((wish, signed, asked(ack))),
                Err(failure) => respond(turn, ack, Err(failure), lang, raw),
            },
            "poner-aviso" if at_desk => match messages::announcement(raw) {
                Ok(text) => {
                    let done = self.ticker.submit(turn, Wish::SetTicker(text), signed, asked(ack));
                    self.tell(turn, &done);
                }
                Err(failure) => respond(turn, ack, Err(failure), lang, raw),
            },
            "poner-aviso" => respond(turn, ack, Err(Failure::NotAtDesk), lang, raw),
            other => respond(turn, ack, Err(Failure::UnknownEvent(other.to_owned())), lang, raw),
        }
        None
    }

    /// Answers another front, now or when it is written.
    pub fn call(&mut self, turn: &mut Hub<'_>, staff: &Staff, ask: Ask, signed: Signed, reply: oneshot::Sender<Result<Answer, Failure>>) {
        let answer = match ask.task(self.ticker.book(), false, self.ground.now()) {
            Task::Change(wish) => {
                let done = self.ticker.submit(turn, wish, signed, Asked::Front(reply));
                return self.tell(turn, &done);
            }
            Task::Message(body) => self.say_from_outside(turn, staff, body, &signed.by),
            Task::Answer(answer) => answer,
        };
        // Whoever asked may have gone away meanwhile.
        drop(reply.send(answer));
    }

    pub fn pump(&mut self, turn: &mut Hub<'_>) {
        let done = self.ticker.pump(turn);
        self.tell(turn, &done);
    }

    pub fn filed(&mut self, turn: &mut Hub<'_>, filed: Filed) {
        let done = self.ticker.filed(turn, filed);
        self.tell(turn, &done);
    }

    fn enter(
        &mut self,
        turn: &mut Hub<'_>,
        staff: &Staff,
        socket: SocketKey,
        raw: Option<&str>,
        signed_in: Option<UserId>,
    ) -> Result<String, Failure> {
        let Enter { nombre, sala, usuario } = payload::read(raw)?;
        let name = messages::name("nombre", nombre.as_deref())?;
        let room = messages::room(sala.as_deref())?;
        let user = usuario.as_deref().map(user_id).transpose()?;
        // Whoever signed in is nobody else.
        if signed_in.is_some() && user.is_some() && user != signed_in {
            return Err(Failure::Forbidden);
        }
        let user = user.or(signed_in);
        if user.is_some_and(|user| staff.book().user(user).is_none()) {
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
        for room in before.iter().flat_map(|before| self.rooms_of(before)) {
            turn.leave(socket, &room);
        }
        for room in self.rooms_of(&person) {
            turn.join(socket, &room);
        }
        let unchanged = before.as_ref().is_some_and(|before| before.looks_like(&person));
        if !unchanged {
            if let Some(before) = before {
                self.to_others(turn, socket, "usuario-desconectado", &before.json());
            }
            self.to_others(turn, socket, "usuario-conectado", &person.json());
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

    fn say_from_outside(&self, turn: &mut Hub<'_>, staff: &Staff, body: MessageBody, by: &Author) -> Result<Answer, Failure> {
        let MessageBody { mensaje, sala, para, de } = body;
        let text = messages::message(Some(mensaje))?;
        let id = de.as_deref().and_then(|text| user_id(text).ok());
        // Whoever signed in writes as nobody else.
        if matches!((id, by), (Some(id), Author::User { id: own, .. }) if id != *own) {
            return Err(Failure::Forbidden);
        }
        let (from, name) = match (id, &de) {
            (Some(id), _) => (Some(id.to_string()), staff.book().user(id).ok_or(Failure::UnknownUser)?.name.clone()),
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
            return Err(Failure::BadRequest(Wrong::new("o sala o para, no las dos", "either sala or para, not both")));
        }
        if let Ok(user) = user_id(para) {
            let mut others = self.people.of_user(user).filter(|socket| Some(*socket) != sender);
            return others.next().map(|_| Addressee::User(user)).ok_or(Failure::UnknownRecipient);
        }
        let here = |socket: &SocketKey| Some(*socket) != sender && turn.is_in(*socket, &self.rooms.people);
        let socket = SocketId::parse(para).and_then(|id| turn.find(id)).filter(here);
        socket.map(Addressee::Socket).ok_or(Failure::UnknownRecipient)
    }

    /// Sends a message to all whom it is for but the sender; returns its id.
    fn send(&self, turn: &mut Hub<'_>, sender: Option<SocketKey>, from: (Option<&str>, &str), text: &str, to: &Addressee) -> NoteId {
        let now = self.ground.now();
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
            Addressee::All => self.rooms.people.clone(),
            Addressee::Room(name) => self.rooms.free(name),
            Addressee::User(user) => self.rooms.user(*user),
        };
        let audience = Audience { rooms: &[&room], except: sender, except_rooms: &[] };
        turn.broadcast(&Namespace::default(), audience, &packet);
        id
    }

    fn tell(&self, turn: &mut Hub<'_>, done: &[Done]) {
        for done in done {
            if let Change::SetTicker(ticker) = &done.change {
                let payload = messages::ticker_json(ticker.as_ref(), self.ground.now());
                let audience = Audience { rooms: &[&self.rooms.display, &self.rooms.staff], ..Audience::ALL };
                turn.broadcast(&Namespace::default(), audience, &encode("aviso", &[&payload]));
            }
        }
    }

    fn to_others(&self, turn: &mut Hub<'_>, socket: SocketKey, event: &str, payload: &str) {
        let audience = Audience { rooms: &[&self.rooms.people], except: Some(socket), except_rooms: &[] };
        turn.broadcast(&Namespace::default(), audience, &encode(event, &[payload]));
    }

    /// The rooms that a person is in. The name is one of them, so that whoever gets the rooms back has the name back, too.
    fn rooms_of(&self, person: &Person) -> Vec<String> {
        let room = person.room.as_deref().map(|name| self.rooms.free(name));
        let user = person.user.into_iter().flat_map(|user| [rooms::user(user), self.rooms.user(user)]);
        [rooms::person(&person.name)].into_iter().chain(room).chain(user).collect()
    }

    fn leave_user(&self, turn: &mut Hub<'_>, socket: SocketKey, user: UserId) {
        turn.leave(socket, &rooms::user(user));
        turn.leave(socket, &self.rooms.user(user));
    }
}
