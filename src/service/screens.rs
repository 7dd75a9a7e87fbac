//! Owns what a branch shows to those who only look: who enters a display or a desk, who asks for the board, who comes back and missed some of
//! it. Changes nothing but who is in which room.

use super::branch::Branch;
use super::client::Client;
use super::failure::Failure;
use super::payload::{self, AtDesk, CatchUp};
use super::tickets::{Hub, encode};
use super::view::{self, View};
use crate::realtime::SocketKey;

impl Branch {
    /// Events that only read: the answer's JSON.
    pub(super) fn answer(
        &mut self,
        turn: &mut Hub<'_>,
        socket: SocketKey,
        client: &mut Client,
        name: &str,
        raw: Option<&str>,
    ) -> Result<String, Failure> {
        match name {
            "entrar-pantalla" => {
                turn.join(socket, &self.rooms.display);
                client.see(View::Public);
                Ok(joined(&self.snapshot(View::Public)))
            }
            "entrar-puesto" => {
                let at: AtDesk = payload::read(raw)?;
                let label = at.escritorio.ok_or_else(|| Failure::BadRequest("escritorio is missing".into()))?;
                let desk = payload::desk(self.settings().ok_or(Failure::UnknownDesk)?, &label)?;
                if let Some(left) = client.desk.replace(desk) {
                    turn.leave(socket, &self.rooms.desk(left));
                }
                turn.join(socket, &self.rooms.desk(desk));
                turn.join(socket, &self.rooms.staff);
                client.see(View::Staff);
                Ok(joined(&self.snapshot(View::Staff)))
            }
            "cola" => {
                let wish: CatchUp = payload::read(raw)?;
                Ok(joined(&self.missed(&wish, client.view.ok_or(Failure::NotJoined)?)))
            }
            _ => Err(Failure::UnknownEvent(name.to_owned())),
        }
    }

    pub(super) fn snapshot(&self, view: View) -> String {
        let office = self.office();
        let snapshot = |settings| view::snapshot(office, settings, self.ledger.epoch(), self.ground.now(), self.hall.ticker(), view);
        office.settings().map_or_else(|| "null".into(), snapshot)
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
