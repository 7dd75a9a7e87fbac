//! Owns one branch: its office in memory, its people, what its screens are told. Puts commands through the ledger and tells what a commit made
//! true; speaks only of what is on disk. A branch's trouble is its own: it never touches another one.

use super::bootstrap::Opened;
use super::client::Client;
use super::commands::{self, Asker, Wish};
use super::failure::Failure;
use super::ground::Ground;
use super::hall::Hall;
use super::ledger::Ledger;
use super::notice::Notice;
use super::record::{History, Record, Reply};
use super::rooms::Rooms;
use super::standing::Standing;
use super::tickets::{Hub, refuse, respond, to_room};
use super::view::{self, View};
use super::writer::Committed;
use crate::office::{BranchId, Command, Entry, Lang, Millis, Office, Request, Settings};
use crate::realtime::{Ack, Audience, Credit, Encoded, Namespace, SocketKey};
use crate::store::{Batch, StoreError};

/// Entries read at once to find out what a failed commit left.
const CATCH_UP: usize = 4096;

/// An event of a client.
pub struct Said<'a> {
    pub socket: SocketKey,
    pub name: &'a str,
    pub raw: Option<&'a str>,
    pub ack: Option<Ack>,
    pub credit: Credit,
}

pub struct Branch {
    id: BranchId,
    pub rooms: Rooms,
    pub hall: Hall,
    pub(super) ledger: Ledger<Reply>,
    pub(super) history: History,
    pub(super) ground: Ground,
    standing: Standing,
    /// A commit failed and what it left is not known yet.
    doubtful: bool,
    /// Why the last commit failed.
    trouble: Option<String>,
    stopping: bool,
}

impl Branch {
    pub fn new(id: BranchId, Opened { ledger, record, ticker }: Opened, ground: Ground) -> Self {
        let mut history = History::default();
        history.extend(record.changes);
        Self {
            id,
            rooms: Rooms::of(id),
            hall: Hall::new(id, ticker, ground.clone()),
            standing: Standing::new(&ledger),
            ledger,
            history,
            ground,
            doubtful: false,
            trouble: None,
            stopping: false,
        }
    }

    /// As it is on disk.
    pub fn office(&self) -> &Office {
        self.ledger.office()
    }

    pub fn settings(&self) -> Option<&Settings> {
        self.office().settings()
    }

    /// The language of whoever asks for none.
    pub fn lang(&self) -> Lang {
        self.settings().and_then(|settings| settings.languages.first().copied()).unwrap_or(Lang::Es)
    }

    /// When the business day is over.
    pub fn turns_at(&self) -> Option<Millis> {
        self.office().next_turn(Millis(i64::MIN))
    }

    /// Whether it is to be [verified](Self::verify) in a while.
    pub fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Why nothing can be written now.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether somebody still waits for the disk.
    pub fn is_busy(&self) -> bool {
        self.ledger.is_busy() || self.hall.is_busy()
    }

    /// Takes no more commands.
    pub fn stop(&mut self) {
        self.stopping = true;
        self.hall.stop();
    }

    /// Numbers what this branch's sockets are told by where its log is.
    pub fn set_mark(&self, turn: &mut Hub<'_>) {
        turn.set_mark(&self.rooms.all, self.office().rev());
    }

    /// What everybody is told who comes.
    pub fn standing(&self) -> [Encoded; 3] {
        self.standing.packets()
    }

    /// Does what a client wishes.
    pub fn event(&mut self, turn: &mut Hub<'_>, client: &mut Client, said: Said<'_>) {
        let Said { socket, name, raw, ack, credit } = said;
        let asker = Asker { now: self.ground.now(), lang: client.lang, desk: client.desk };
        let office = self.ledger.office();
        let wish = match name {
            "siguiente-ticket" => Some(commands::take(office, raw, asker)),
            _ => commands::at_desk(office, name, raw, asker),
        };
        match wish {
            Some(Ok(Wish { request, form, lang })) => {
                self.submit(turn, request, Reply::Client { ack, lang: lang.unwrap_or(asker.lang), form, _credit: credit });
            }
            Some(Err(failure)) => respond(turn, ack, Err(failure), asker.lang, raw),
            None => {
                let answer = self.answer(turn, socket, client, name, raw);
                respond(turn, ack, answer, asker.lang, raw);
            }
        }
    }

    pub fn submit(&mut self, turn: &mut Hub<'_>, request: Request, reply: Reply) {
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

    /// Ends the business day, if it is over, and begins the next.
    pub fn turn_day(&mut self, turn: &mut Hub<'_>) {
        self.submit(turn, Request { command: Command::TurnDay, key: None }, Reply::Nobody);
    }

    /// Gets the next batch under way, if none is.
    pub fn pump(&mut self, turn: &mut Hub<'_>) {
        let mut record = Record::default();
        if let Some(batch) = self.ledger.begin(self.ground.now(), &mut record) {
            let tell = self.ground.messenger();
            self.ground.writer.commit(batch, move |committed, batch| tell(Notice::Settled(committed, batch)));
        }
        self.tell(turn, record);
    }

    pub fn settle(&mut self, turn: &mut Hub<'_>, committed: Committed, batch: &Batch) {
        match &committed {
            Committed::Failed(problem) => {
                self.doubtful = true;
                self.trouble = Some(problem.clone());
            }
            Committed::Done | Committed::KeyUsed { .. } | Committed::Moved(_) => self.trouble = None,
        }
        let mut record = Record::default();
        self.ledger.settle(committed, batch, &mut record);
        self.tell(turn, record);
        self.pump(turn);
    }

    /// After a failed commit: asks the log what it really holds.
    pub fn verify(&mut self) {
        if std::mem::take(&mut self.doubtful) {
            let (tell, branch) = (self.ground.messenger(), self.id);
            let after = self.office().rev();
            self.ground.writer.entries(branch, after, CATCH_UP, move |entries| tell(Notice::CaughtUp(branch, entries)));
        }
    }

    pub fn catch_up(&mut self, turn: &mut Hub<'_>, entries: Result<Vec<Entry>, StoreError>) {
        match entries {
            Ok(entries) if entries.is_empty() => {}
            Ok(entries) => {
                let mut record = Record::default();
                self.ledger.catch_up(&entries, &mut record);
                self.tell(turn, record);
            }
            // Asked again in a while.
            Err(_) => self.doubtful = true,
        }
    }

    /// Tells answers, changes, calls and what everybody hears.
    fn tell(&mut self, turn: &mut Hub<'_>, record: Record) {
        for (code, answered) in record.refused {
            turn.counts().refused(code, answered);
        }
        for (ack, json) in record.answers {
            turn.acknowledge(ack, &[&json], &[]);
        }
        let views = [(&self.rooms.display, View::Public), (&self.rooms.staff, View::Staff)];
        if record.replaced {
            self.history.clear();
            self.set_mark(turn);
            for (room, view) in views {
                to_room(turn, room, "cola", &self.snapshot(view));
            }
        } else if let Some(first) = record.changes.first() {
            let after = first.rev - 1;
            let rev = record.changes.last().map_or(after, |change| change.rev);
            let now = self.ground.now();
            // The mark of a call is its own: whoever comes back after it misses it no more, and all else is told by `cola`.
            for (rev, call) in record.changes.iter().filter_map(|change| Some((change.rev, change.call.as_deref()?))) {
                turn.set_mark(&self.rooms.all, rev);
                to_room(turn, &self.rooms.display, "llamada", call);
            }
            turn.set_mark(&self.rooms.all, rev);
            for (room, view) in views {
                if turn.is_heard(&Namespace::default(), room) {
                    let list: Vec<&str> = record.changes.iter().map(|change| change.in_view(view)).collect();
                    to_room(turn, room, "cola", &view::changes(self.ledger.epoch(), after, rev, now, &list));
                }
            }
        }
        let all = record.replaced || record.new_day || record.configured;
        if !record.changes.is_empty() || record.replaced {
            for packet in self.standing.update(&self.ledger, all || record.issued) {
                turn.broadcast(&Namespace::default(), Audience::room(&self.rooms.all.as_str()), &packet);
            }
        }
        self.history.extend(record.changes);
    }
}
