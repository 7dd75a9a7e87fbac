//! Owns the store that keeps everything in memory. Not durable: what it holds ends with the process. For tests and for measuring what the
//! disk costs.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::inconsistent::series;
use super::{Batch, Change, CommitError, Directory, Loaded, SessionText, Store, StoreError, draw_hex};
use crate::office::{BranchId, Entry, Event, Key, Note, NoteId, Ticker, Ticket, TicketId, User, UserId};

/// A [`Store`] in memory that keeps the whole contract but durability: `Ok` from a commit says that the batch is in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    branches: HashMap<BranchId, Branch>,
    /// Of all branches: an id is given out once.
    issued: HashSet<TicketId>,
    people: People,
    sessions: BTreeMap<(BranchId, String), SessionText>,
}

/// What is kept beside the log.
#[derive(Debug, Clone, Default)]
struct People {
    users: BTreeMap<UserId, User>,
    notes: BTreeMap<NoteId, Note>,
    tickers: HashMap<BranchId, Ticker>,
}

#[derive(Debug)]
struct Branch {
    epoch: String,
    /// Entry `rev` is at `rev - 1`.
    log: Vec<Entry>,
    snapshot: Option<Snapshot>,
    day: Option<String>,
    tickets: HashMap<TicketId, Ticket>,
    codes: HashSet<(String, String)>,
    calls: HashSet<u64>,
    keys: HashMap<Key, TicketId>,
    counters: HashMap<(String, String), u32>,
}

#[derive(Debug)]
struct Snapshot {
    rev: usize,
    json: String,
}

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn branches(&mut self) -> Result<Vec<BranchId>, StoreError> {
        let mut branches: Vec<_> = self.branches.keys().copied().collect();
        branches.sort_unstable();
        Ok(branches)
    }

    fn load(&mut self, branch: BranchId) -> Result<Loaded, StoreError> {
        let branch = match self.branches.entry(branch) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => slot.insert(Branch::new(draw_hex()?)),
        };
        let after = branch.snapshot.as_ref().map_or(0, |snapshot| snapshot.rev);
        Ok(Loaded {
            epoch: branch.epoch.clone(),
            snapshot: branch.snapshot.as_ref().map(|snapshot| snapshot.json.clone()),
            entries: branch.log[after..].to_vec(),
        })
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        let branch = self.branches.get_mut(&batch.branch).ok_or_else(|| CommitError::unknown_branch(batch.branch))?;
        batch.end_after(branch.log.len() as u64)?;
        // Gathered beside the branch and taken over at the end: a refused batch leaves no trace.
        let mut changes = Changes { day: branch.day.clone(), ..Changes::default() };
        for (index, entry) in batch.entries.iter().enumerate() {
            changes.entry(branch, &self.issued, index, entry)?;
        }
        self.issued.extend(changes.issued.iter().copied());
        branch.take(changes, batch);
        Ok(())
    }

    fn entries(&mut self, branch: BranchId, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let Some(branch) = self.branches.get(&branch) else { return Ok(Vec::new()) };
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(branch.log.iter().skip(after).take(limit).cloned().collect())
    }

    fn keyed(&mut self, branch: BranchId, key: &Key) -> Result<Option<Ticket>, StoreError> {
        let Some(branch) = self.branches.get(&branch) else { return Ok(None) };
        Ok(branch.keys.get(key).and_then(|ticket| branch.tickets.get(ticket)).cloned())
    }

    fn directory(&mut self, branch: BranchId) -> Result<Directory, StoreError> {
        let People { users, notes, tickers } = &self.people;
        Ok(Directory {
            users: users.values().cloned().collect(),
            notes: notes.values().cloned().collect(),
            ticker: tickers.get(&branch).cloned(),
        })
    }

    fn ticker(&mut self, branch: BranchId) -> Result<Option<Ticker>, StoreError> {
        Ok(self.people.tickers.get(&branch).cloned())
    }

    fn record(&mut self, branch: BranchId, changes: &[Change]) -> Result<(), StoreError> {
        // Changed beside and taken over at the end: what is refused leaves no trace.
        let mut people = self.people.clone();
        for change in changes {
            people.apply(branch, change)?;
        }
        self.people = people;
        Ok(())
    }

    fn sessions(&mut self, branch: BranchId) -> Result<Vec<SessionText>, StoreError> {
        Ok(self.sessions.iter().filter(|((of, _), _)| *of == branch).map(|(_, session)| session.clone()).collect())
    }

    fn keep_sessions(&mut self, branch: BranchId, changes: &[SessionText]) -> Result<(), StoreError> {
        for session in changes {
            let key = (branch, session.pid.clone());
            match session.state {
                Some(_) => drop(self.sessions.insert(key, session.clone())),
                None => drop(self.sessions.remove(&key)),
            }
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl People {
    fn apply(&mut self, branch: BranchId, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PutUser(user) => {
                let created_at = self.users.get(&user.id).map_or(user.created_at, |known| known.created_at);
                self.users.insert(user.id, User { created_at, ..user.clone() });
            }
            Change::DropUser(id) => {
                self.users.remove(id);
                self.notes.retain(|_, note| note.user != *id);
            }
            Change::PutNote(note) if !self.users.contains_key(&note.user) => {
                let error = CommitError::inconsistent(format_args!("a note to user {}, who is not there", note.user));
                return Err(StoreError::Unavailable(error.to_string()));
            }
            Change::PutNote(note) => {
                self.notes.entry(note.id).or_insert_with(|| note.clone());
            }
            Change::DropNote { user, note } => {
                if self.notes.get(note).is_some_and(|known| known.user == *user) {
                    self.notes.remove(note);
                }
            }
            Change::SetTicker(Some(ticker)) => {
                self.tickers.insert(branch, ticker.clone());
            }
            Change::SetTicker(None) => {
                self.tickers.remove(&branch);
            }
        }
        Ok(())
    }
}

impl Branch {
    fn new(epoch: String) -> Self {
        Self {
            epoch,
            log: Vec::new(),
            snapshot: None,
            day: None,
            tickets: HashMap::new(),
            codes: HashSet::new(),
            calls: HashSet::new(),
            keys: HashMap::new(),
            counters: HashMap::new(),
        }
    }

    fn take(&mut self, changes: Changes, batch: &Batch) {
        self.day = changes.day;
        self.tickets.extend(changes.tickets);
        self.codes.extend(changes.codes);
        self.calls.extend(changes.calls);
        self.keys.extend(changes.keys);
        self.counters.extend(changes.counters);
        self.log.extend(batch.entries.iter().cloned());
        if let Some(json) = &batch.snapshot {
            self.snapshot = Some(Snapshot { rev: self.log.len(), json: json.clone() });
        }
    }
}

/// What a batch changes in its branch.
#[derive(Debug, Default)]
struct Changes {
    day: Option<String>,
    issued: HashSet<TicketId>,
    tickets: HashMap<TicketId, Ticket>,
    codes: HashSet<(String, String)>,
    calls: HashSet<u64>,
    keys: HashMap<Key, TicketId>,
    counters: HashMap<(String, String), u32>,
}

impl Changes {
    fn entry(&mut self, branch: &Branch, issued: &HashSet<TicketId>, index: usize, entry: &Entry) -> Result<(), CommitError> {
        if let Some(key) = &entry.key {
            let ticket = entry.event.ticket().ok_or_else(|| CommitError::key_without_ticket(entry.rev))?;
            if let Some(&ticket) = branch.keys.get(key).or_else(|| self.keys.get(key)) {
                return Err(CommitError::KeyUsed { entry: index, ticket });
            }
            self.keys.insert(key.clone(), ticket);
        }
        match &entry.event {
            Event::DayOpened { date } => self.day = Some(date.to_string()),
            Event::TicketIssued { ticket, number, code, .. } => {
                if issued.contains(ticket) {
                    return Err(CommitError::issued_twice(code));
                }
                self.issue(branch, entry, *number, code)?;
            }
            Event::TicketCalled { ticket, call, .. } | Event::TicketRecalled { ticket, call, .. } => {
                if branch.calls.contains(call) || !self.calls.insert(*call) {
                    return Err(CommitError::called_twice(*call));
                }
                self.change(branch, entry, *ticket)?;
            }
            other => {
                if let Some(ticket) = other.ticket() {
                    self.change(branch, entry, ticket)?;
                }
            }
        }
        Ok(())
    }

    fn issue(&mut self, branch: &Branch, entry: &Entry, number: u32, code: &str) -> Result<(), CommitError> {
        let day = self.day.clone().ok_or_else(|| CommitError::no_day(code))?;
        let counter = (day.clone(), series(code).to_owned());
        let last = self.counters.get(&counter).or_else(|| branch.counters.get(&counter)).copied().unwrap_or(0);
        if last.checked_add(1) != Some(number) {
            return Err(CommitError::out_of_step(&counter.1, &day, last, number));
        }
        self.counters.insert(counter, number);
        let paper = (day, code.to_owned());
        if branch.codes.contains(&paper) || !self.codes.insert(paper) {
            return Err(CommitError::issued_twice(code));
        }
        if let Some(ticket) = Ticket::issued(&entry.event, entry.at) {
            if !self.issued.insert(ticket.id) {
                return Err(CommitError::issued_twice(code));
            }
            self.tickets.insert(ticket.id, ticket);
        }
        Ok(())
    }

    fn change(&mut self, branch: &Branch, entry: &Entry, id: TicketId) -> Result<(), CommitError> {
        let ticket = match self.tickets.entry(id) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => slot.insert(branch.tickets.get(&id).cloned().ok_or_else(|| CommitError::unknown_ticket(entry.rev, id))?),
        };
        ticket.apply(&entry.event, entry.at);
        Ok(())
    }
}
