//! Owns what a branch shows to those who only look: who enters a display or a desk, who asks for the board, who comes back and missed some of
//! it. Changes nothing but who is in which room.

use super::archive::Question;
use super::branch::Branch;
use super::client::Client;
use super::failure::Failure;
use super::payload::{self, AtDesk, CatchUp, Entering};
use super::reasons;
use super::reports;
use super::rooms;
use super::staff::Staff;
use super::tickets::{Hub, encode, requested_lang};
use super::view::{self, Board, View};
use crate::office::TicketId;
use crate::realtime::SocketKey;

/// Tickets that one socket follows. Who follows more leaves the first.
const FOLLOWED: usize = 20;

impl Branch {
    /// Events that only read: the answer's JSON.
    pub(super) fn answer(
        &mut self,
        turn: &mut Hub<'_>,
        staff: &Staff,
        socket: SocketKey,
        client: &mut Client,
        name: &str,
        raw: Option<&str>,
    ) -> Result<String, Failure> {
        match name {
            "entrar-pantalla" => {
                turn.join(socket, &self.rooms.display);
                client.see(View::Public);
                Ok(joined(&self.fresh_snapshot(View::Public)))
            }
            "entrar-puesto" => self.enter_desk(turn, staff, socket, client, raw),
            "seguir-ticket" => {
                match payload::by_token(self.office(), raw).map(|ticket| ticket.id) {
                    Ok(id) => self.follow(turn, socket, client, id),
                    Err(failure) => {
                        // A wrong token costs what a right one does: the same look at a ticket, which nobody sees.
                        std::hint::black_box(self.decoy());
                        Err(failure)
                    }
                }
            }
            "proximo" => {
                let at: AtDesk = payload::read(raw)?;
                let entered = client.desk.ok_or(Failure::NotAtDesk)?;
                let settings = self.settings().ok_or(Failure::UnknownDesk)?;
                let desk = at.escritorio.map_or(Ok(entered), |label| payload::desk(settings, &label))?;
                reasons::next(self.office(), desk, self.ground.now(), requested_lang(raw).unwrap_or(client.lang))
            }
            "cola" => {
                let wish: CatchUp = payload::read(raw)?;
                Ok(joined(&self.missed(&wish, client.view.ok_or(Failure::NotJoined)?)))
            }
            _ => Err(Failure::UnknownEvent(name.to_owned())),
        }
    }

    /// What staff ask of the past; `None` for another event.
    pub(super) fn question(&self, client: &Client, name: &str, raw: Option<&str>) -> Option<Result<Question, Failure>> {
        let (office, now) = (self.office(), self.ground.now());
        let question = || match name {
            "cifras" => reports::asked(office, raw, now).map(|asked| Question::Figures { asked, now }),
            _ => reports::certified(office, raw).map(Question::Certificate),
        };
        matches!(name, "cifras" | "certificado").then(|| client.desk.ok_or(Failure::NotAtDesk).and_then(|_| question()))
    }

    /// Opens nothing: who shows its session acts as it from now on.
    fn enter_desk(
        &mut self,
        turn: &mut Hub<'_>,
        staff: &Staff,
        socket: SocketKey,
        client: &mut Client,
        raw: Option<&str>,
    ) -> Result<String, Failure> {
        let Entering { desk, session, agent } = payload::entering(self.office(), raw)?;
        if agent.is_some_and(|agent| !staff.knows(agent)) {
            return Err(Failure::UnknownUser);
        }
        if let Some(session) = session {
            self.sit(turn, socket, client, session);
            client.agent = agent.or_else(|| self.agent_of(session));
        } else if agent.is_some() {
            client.agent = agent;
        }
        if let Some(left) = client.desk.replace(desk).filter(|left| *left != desk) {
            turn.leave(socket, &self.rooms.desk(left));
        }
        turn.join(socket, &self.rooms.desk(desk));
        turn.join(socket, &self.rooms.staff);
        client.see(View::Staff);
        let board = self.fresh_snapshot(View::Staff);
        let office = self.office();
        let puesto = office.settings().map_or_else(|| "null".into(), |settings| view::desk(office, settings, desk, client.session));
        Ok(format!(r#"{{"ok":true,"cola":{board},"puesto":{puesto}}}"#))
    }

    /// The ticket as its visitor sees it, who is told from now on what becomes of it.
    fn follow(&mut self, turn: &mut Hub<'_>, socket: SocketKey, client: &mut Client, id: TicketId) -> Result<String, Failure> {
        if client.follows.contains(&id) {
            self.watch.unfollow(id);
        } else {
            if client.follows.len() >= FOLLOWED
                && let Some(first) = client.follows.pop_front()
            {
                self.watch.unfollow(first);
                turn.leave(socket, &rooms::ticket(first));
            }
            client.follows.push_back(id);
            turn.join(socket, &rooms::ticket(id));
        }
        let office = self.ledger.office();
        let (ticket, settings) = office.ticket(id).zip(office.settings()).ok_or(Failure::UnknownTicket)?;
        let now = self.ground.now();
        Ok(view::followed(self.id(), settings, &self.watch.follow(office, settings, ticket, now), now))
    }

    /// What [`follow`](Self::follow) answers, of any ticket.
    pub(super) fn decoy(&mut self) -> Option<String> {
        let office = self.ledger.office();
        let (ticket, settings) = office.last_issued().zip(office.settings())?;
        let now = self.ground.now();
        Some(view::followed(self.id(), settings, &self.watch.glance(office, settings, ticket, now), now))
    }

    /// A socket that was away follows what it followed, and is told how it stands.
    pub(super) fn follow_again(&mut self, turn: &mut Hub<'_>, socket: SocketKey, client: &mut Client) {
        let office = self.ledger.office();
        client.follows.retain(|id| match office.ticket(*id).zip(office.settings()) {
            Some((ticket, settings)) => {
                let told = self.watch.follow(office, settings, ticket, self.ground.now());
                turn.emit(socket, encode("mi-ticket", &[&told]));
                true
            }
            None => {
                turn.leave(socket, &rooms::ticket(*id));
                false
            }
        });
    }

    /// For a newcomer, who is told of waits and hours from now on.
    fn fresh_snapshot(&mut self, view: View) -> String {
        self.watch.outlook(self.ledger.office(), self.ground.now());
        self.snapshot(view)
    }

    /// Waits and hours in it are those that were told last.
    pub(super) fn snapshot(&self, view: View) -> String {
        let office = self.office();
        let Some(settings) = office.settings() else { return "null".into() };
        view::snapshot(&Board {
            office,
            settings,
            epoch: self.ledger.epoch(),
            now: self.ground.now(),
            ticker: self.hall.ticker(),
            outlook: self.watch.last_outlook(),
            view,
        })
    }

    /// The changes after what the screen knows, or the whole board.
    fn missed(&self, wish: &CatchUp, view: View) -> String {
        let rev = self.office().rev();
        let known = wish.epoch.as_deref().is_none_or(|epoch| epoch == self.ledger.epoch());
        let missed = wish.desde.filter(|_| known).and_then(|after| Some((after, self.history.after(after, rev)?)));
        match missed {
            Some((after, changes)) => {
                let changes: Vec<&str> = changes.map(|change| change.in_view(view)).collect();
                view::changes(self.ledger.epoch(), after, rev, self.ground.now(), &changes)
            }
            None => self.snapshot(view),
        }
    }

    /// Tells a socket that was away over a restart what its rooms got since.
    pub fn tell_missed(&self, turn: &mut Hub<'_>, socket: SocketKey, client: &Client, after: u64) {
        if turn.is_in(socket, &self.rooms.display) {
            let rev = self.office().rev();
            for call in self.history.after(after, rev).into_iter().flatten().filter_map(|change| change.call.as_deref()) {
                turn.emit(socket, encode("llamada", &[call]));
            }
        }
        if let Some(view) = client.view {
            let missed = self.missed(&CatchUp { epoch: None, desde: Some(after) }, view);
            turn.emit(socket, encode("cola", &[&missed]));
        }
    }
}

fn joined(board: &str) -> String {
    format!(r#"{{"ok":true,"cola":{board}}}"#)
}
