//! Owns the users and their notes: they are of the whole server, whatever branch somebody works in. Tells of them only what is on disk.

use tokio::sync::oneshot;

use super::accounts::Signed;
use super::api::{Answer, Ask, Task};
use super::book::{Book, Wish};
use super::directory::Done;
use super::failure::Failure;
use super::filing::{Asked, Filed, Files, Filing};
use super::ground::Ground;
use super::messages;
use super::rooms;
use super::tickets::{Hub, encode, to_room};
use crate::office::UserId;
use crate::realtime::SocketKey;
use crate::store::{self, Change};

pub struct Staff {
    filing: Filing,
    ground: Ground,
}

impl Staff {
    pub fn new(found: store::Directory, ground: Ground) -> Self {
        Self { filing: Filing::new(Files::Staff, found, ground.clone()), ground }
    }

    pub fn book(&self) -> &Book {
        self.filing.book()
    }

    pub fn knows(&self, user: UserId) -> bool {
        self.book().user(user).is_some()
    }

    pub fn is_busy(&self) -> bool {
        self.filing.is_busy()
    }

    /// Whether it is to be pumped again in a while.
    pub fn is_unread(&self) -> bool {
        self.filing.is_unread()
    }

    pub fn stop(&mut self) {
        self.filing.stop();
    }

    /// Takes a wish. Returns what came true, as all below do.
    pub fn submit(&mut self, turn: &mut Hub<'_>, wish: Wish, signed: Signed, asked: Asked) -> Vec<Done> {
        let done = self.filing.submit(turn, wish, signed, asked);
        told(turn, done)
    }

    pub fn pump(&mut self, turn: &mut Hub<'_>) -> Vec<Done> {
        let done = self.filing.pump(turn);
        told(turn, done)
    }

    pub fn filed(&mut self, turn: &mut Hub<'_>, filed: Filed) -> Vec<Done> {
        let done = self.filing.filed(turn, filed);
        told(turn, done)
    }

    /// Answers another front, now or when it is written; `whole`: with what only admins are to know.
    pub fn call(
        &mut self,
        turn: &mut Hub<'_>,
        ask: Ask,
        whole: bool,
        signed: Signed,
        reply: oneshot::Sender<Result<Answer, Failure>>,
    ) -> Vec<Done> {
        let answer = match ask.task(self.book(), whole, self.ground.now()) {
            Task::Change(wish) => return self.submit(turn, wish, signed, Asked::Front(reply)),
            Task::Answer(answer) => answer,
            Task::Message(_) => unreachable!("messages are a branch's"),
        };
        // Whoever asked may have gone away meanwhile.
        drop(reply.send(answer));
        Vec::new()
    }

    /// Tells a newcomer what waits for the user.
    pub fn tell_notes(&self, turn: &mut Hub<'_>, socket: SocketKey, user: UserId) {
        for note in self.book().notes(user) {
            turn.emit(socket, encode("nuevo-correo", &[&messages::note_json(note)]));
        }
    }
}

fn told(turn: &mut Hub<'_>, done: Vec<Done>) -> Vec<Done> {
    for done in &done {
        match &done.change {
            Change::PutUser(user) if done.new => {
                to_room(turn, rooms::PEOPLE, "nuevo-usuario", &messages::new_user_json(user));
            }
            Change::PutNote(note) => to_room(turn, &rooms::user(note.user), "nuevo-correo", &messages::note_json(note)),
            Change::DropNote { user, note } => to_room(turn, &rooms::user(*user), "correo-leido", &format!(r#"{{"id":"{note}"}}"#)),
            _ => {}
        }
    }
    done
}
