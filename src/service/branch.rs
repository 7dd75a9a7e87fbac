//! Owns one branch: its office in memory, its people, what its screens are told. Puts commands through the ledger and tells what a commit made
//! true; speaks only of what is on disk. A branch's trouble is its own: it never touches another one.

use super::accounts::Signed;
use super::archive::Question;
use super::bootstrap::Opened;
use super::client::Client;
use super::commands::{self, Wish};
use super::configure::Configuring;
use super::failure::Failure;
use super::ground::Ground;
use super::hall::Hall;
use super::leases::Leases;
use super::ledger::Ledger;
use super::notice::Notice;
use super::record::{History, Record, Reply};
use super::remark::Behalf;
use super::rooms::{self, Rooms};
use super::staff::Staff;
use super::standing::Standing;
use super::tickets::{Hub, refuse, requested_lang, respond, to_room, to_rooms};
use super::view::{self, View};
use super::watch::Watch;
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
    /// In whose name.
    pub signed: Signed,
}

pub struct Branch {
    id: BranchId,
    pub rooms: Rooms,
    pub hall: Hall,
    pub(super) ledger: Ledger<Reply>,
    pub(super) history: History,
    pub(super) ground: Ground,
    pub(super) leases: Leases,
    pub(super) watch: Watch,
    pub(super) configuring: Configuring,
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
        let mut branch = Self {
            id,
            rooms: Rooms::of(id),
            hall: Hall::new(id, ticker, ground.clone()),
            leases: Leases::default(),
            watch: Watch::new(ledger.office(), ground.now()),
            configuring: Configuring::default(),
            standing: Standing::new(&ledger),
            ledger,
            history,
            ground,
            doubtful: false,
            trouble: None,
            stopping: false,
        };
        // Nobody is here yet: who holds a desk is waited for.
        branch.hold();
        branch
    }

    pub fn id(&self) -> BranchId {
        self.id
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

    /// When the first visitor who needed more time waits again.
    pub fn returns_at(&self) -> Option<Millis> {
        self.office().next_return()
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
    pub fn event(&mut self, turn: &mut Hub<'_>, staff: &Staff, client: &mut Client, said: Said<'_>) {
        let Said { socket, name, raw, ack, credit, signed } = said;
        let lang = client.lang;
        if let Some(question) = self.question(client, name, raw) {
            return match question {
                Ok(question) => self.recall(question, ack, requested_lang(raw).unwrap_or(lang), credit),
                Err(failure) => respond(turn, ack, Err(failure), lang, raw),
            };
        }
        let answer = match commands::wish(self.office(), name, raw, client.asker(self.ground.now())) {
            Some(Ok(Wish { request, .. })) if request.by.agent.is_some_and(|agent| !staff.knows(agent)) => Err(Failure::UnknownUser),
            Some(Ok(Wish { request, form, lang: wanted, sits })) => {
                if let Some(sits) = sits {
                    self.sit(turn, socket, client, sits.session);
                    client.agent = sits.agent;
                }
                let reply = Reply::Client { ack, lang: wanted.unwrap_or(lang), form, _credit: credit };
                return self.submit(turn, request, Some(signed.into()), reply);
            }
            Some(Err(failure)) => Err(failure),
            None => self.answer(turn, staff, socket, client, name, raw),
        };
        respond(turn, ack, answer, lang, raw);
    }

    /// Asks the past. The answer comes by itself.
    fn recall(&self, question: Question, ack: Option<Ack>, lang: Lang, credit: Credit) {
        let Some(settings) = self.settings() else { return };
        let tell = self.ground.messenger();
        let done = move |answer| tell(Notice::Recalled { ack, lang, credit, answer });
        self.ground.writer.archive.ask(self.id, settings, question, done);
    }

    /// A socket that was away is in its rooms again. `missed`: the log's position at which it left, where the hub does not know what it missed.
    pub fn returned(&mut self, turn: &mut Hub<'_>, staff: &Staff, socket: SocketKey, client: &mut Client, missed: Option<u64>) {
        self.hall.returned(turn, staff, socket, missed.is_some());
        self.sit_again(socket, client);
        if client.view.is_some() {
            self.watch.wake();
        }
        if let Some(after) = missed {
            self.tell_missed(turn, socket, client, after);
        }
        self.follow_again(turn, socket, client);
    }

    /// A socket is gone.
    pub fn left(&mut self, turn: &mut Hub<'_>, socket: SocketKey, client: &Client) {
        self.hall.left(turn, socket);
        self.rise(socket, client);
        client.follows.iter().for_each(|ticket| self.watch.unfollow(*ticket));
    }

    /// Tells what time itself has changed.
    pub fn look(&mut self, turn: &mut Hub<'_>) {
        self.watch.look(turn, self.ledger.office(), &self.rooms, self.ground.now());
    }

    /// `behalf`: in whose name, where somebody carries it out.
    pub fn submit(&mut self, turn: &mut Hub<'_>, request: Request, behalf: Option<Behalf>, reply: Reply) {
        let rejected = if self.stopping {
            Err((reply, Failure::ShuttingDown))
        } else {
            self.ledger.submit(request, behalf, reply).map_err(|reply| (reply, Failure::Overloaded))
        };
        match rejected {
            Ok(()) => self.pump(turn),
            Err((Reply::Client { ack, lang, .. }, failure)) => refuse(turn, ack, &failure, lang),
            Err((Reply::Inside(sender), failure)) => drop(sender.send(Err(failure))),
            Err((Reply::Front { reply, .. }, failure)) => drop(reply.send(Err(failure))),
            Err((Reply::Settings { reply, .. }, failure)) => {
                drop(reply.send(Err(failure)));
                self.configuring.answered();
            }
            Err((Reply::Then(go_on), failure)) => go_on(Err(failure)),
            Err((Reply::Nobody, _)) => {}
        }
    }

    /// Ends the business day, if it is over, and begins the next.
    pub fn turn_day(&mut self, turn: &mut Hub<'_>) {
        self.submit(turn, Command::TurnDay.into(), None, Reply::Nobody);
    }

    /// Whose time is over waits again.
    pub fn end_deferrals(&mut self, turn: &mut Hub<'_>) {
        self.submit(turn, Command::EndDeferrals.into(), None, Reply::Nobody);
    }

    /// Gets the next batch under way, if none is.
    pub fn pump(&mut self, turn: &mut Hub<'_>) {
        let mut record = Record::new(self.ground.now());
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
        let mut record = Record::new(self.ground.now());
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
                let mut record = Record::new(self.ground.now());
                self.ledger.catch_up(&entries, &mut record);
                self.tell(turn, record);
            }
            // Asked again in a while.
            Err(_) => self.doubtful = true,
        }
    }

    /// Tells answers, changes, calls and what everybody hears.
    fn tell(&mut self, turn: &mut Hub<'_>, mut record: Record) {
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
            for change in &record.changes {
                let (Some(call), Some(ticket)) = (change.call.as_deref(), change.ticket) else { continue };
                turn.set_mark(&self.rooms.all, change.rev);
                to_rooms(turn, &[&self.rooms.display, &rooms::ticket(ticket)], "llamada", call);
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
        if record.desks || record.replaced {
            self.hold();
        }
        if !record.changes.is_empty() || record.replaced {
            self.watch.changed(turn, self.ledger.office(), &mut record.changes, self.ground.now());
            for packet in self.standing.update(&self.ledger, all || record.issued) {
                turn.broadcast(&Namespace::default(), Audience::room(&self.rooms.all.as_str()), &packet);
            }
        }
        self.history.extend(record.changes);
        if record.reconfigured {
            self.configuring.answered();
            self.configure_next(turn);
        }
    }
}
