//! Owns the order in which a hook's events are sent, pure: each ticket's one after the other, the tickets beside each other, and no more of them at
//! a time than there is room for.

use std::collections::{BTreeMap, VecDeque};

use crate::office::{Millis, TicketId};
use crate::store::Held;

/// Tickets with something outstanding. When there are so many, what is about others waits in the log.
pub const MOST_TICKETS: usize = 256;
/// Events that are outstanding.
const MOST_EVENTS: usize = 4_096;
/// Deliveries of one hook that are under way at once.
pub const MOST_UNDER_WAY: usize = 4;

/// What is outstanding of one hook.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Every entry up to here was looked at.
    read: u64,
    tickets: BTreeMap<TicketId, Outstanding>,
    events: usize,
    under_way: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Outstanding {
    /// Never empty.
    revs: VecDeque<u64>,
    /// Attempts of the first that failed, and when it is due.
    attempts: u32,
    due: Millis,
    under_way: bool,
}

/// What is to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub ticket: TicketId,
    pub rev: u64,
    /// Which attempt it is: 1, 2, 3 …
    pub attempt: u32,
}

/// How an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// Through, or it is not tried any more.
    Done,
    /// Not through: again at that time.
    Again(Millis),
    /// It could not even be tried: again at that time, and not counted.
    Untried(Millis),
}

impl Line {
    /// Nothing up to `read` is outstanding but what is [put back](Self::restore).
    pub fn new(read: u64) -> Self {
        Self { read, tickets: BTreeMap::new(), events: 0, under_way: 0 }
    }

    /// What was outstanding of a ticket when the line was written down: these entries, in order.
    pub fn restore(&mut self, held: Held, revs: impl IntoIterator<Item = u64>) {
        let revs: VecDeque<_> = revs.into_iter().collect();
        // A hook that is told of fewer kinds than it was.
        let Some(first) = revs.front() else { return };
        let attempts = if *first == held.rev { held.attempts } else { 0 };
        self.events += revs.len();
        self.tickets.insert(held.ticket, Outstanding { revs, attempts, due: held.due, under_way: false });
    }

    pub fn read(&self) -> u64 {
        self.read
    }

    /// Takes the next entry of the log; `ticket` says of which ticket it tells this hook, if it does. `false`: there is no room, and it is to be
    /// offered again later.
    pub fn take(&mut self, rev: u64, ticket: Option<TicketId>, now: Millis) -> bool {
        if let Some(ticket) = ticket {
            let known = self.tickets.contains_key(&ticket);
            if self.events >= MOST_EVENTS || (!known && self.tickets.len() >= MOST_TICKETS) {
                return false;
            }
            let fresh = || Outstanding { revs: VecDeque::new(), attempts: 0, due: now, under_way: false };
            self.tickets.entry(ticket).or_insert_with(fresh).revs.push_back(rev);
            self.events += 1;
        }
        self.read = rev;
        true
    }

    /// What is to be sent now, the oldest first; it is under way from then on.
    pub fn next(&mut self, now: Millis) -> Option<Next> {
        if self.under_way >= MOST_UNDER_WAY {
            return None;
        }
        let due = self.tickets.iter_mut().filter(|(_, of)| !of.under_way && of.due <= now);
        let (ticket, of) = due.min_by_key(|(_, of)| of.revs.front().copied())?;
        let rev = *of.revs.front()?;
        of.under_way = true;
        self.under_way += 1;
        Some(Next { ticket: *ticket, rev, attempt: of.attempts.saturating_add(1) })
    }

    /// How the attempt of a ticket's first went.
    pub fn went(&mut self, ticket: TicketId, went: Went, now: Millis) {
        let Some(of) = self.tickets.get_mut(&ticket).filter(|of| of.under_way) else { return };
        of.under_way = false;
        self.under_way -= 1;
        match went {
            Went::Done => {
                of.revs.pop_front();
                self.events -= 1;
                (of.attempts, of.due) = (0, now);
                if of.revs.is_empty() {
                    self.tickets.remove(&ticket);
                }
            }
            Went::Again(due) => (of.attempts, of.due) = (of.attempts.saturating_add(1), due),
            Went::Untried(due) => of.due = due,
        }
    }

    /// The receiver is there again: what waits for its time is due.
    pub fn wake(&mut self, now: Millis) {
        self.tickets.values_mut().for_each(|of| of.due = of.due.min(now));
    }

    /// When something is due; `None` when nothing will be before an attempt ends.
    pub fn due(&self) -> Option<Millis> {
        let room = self.under_way < MOST_UNDER_WAY;
        self.tickets.values().filter(|of| room && !of.under_way).map(|of| of.due).min()
    }

    pub fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// All that is outstanding, to be written down.
    pub fn held(&self) -> BTreeMap<TicketId, Held> {
        let held = |(ticket, of): (&TicketId, &Outstanding)| {
            let rev = *of.revs.front()?;
            Some((*ticket, Held { ticket: *ticket, rev, attempts: of.attempts, due: of.due }))
        };
        self.tickets.iter().filter_map(held).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = Millis(1_000);

    fn ticket(id: u128) -> Option<TicketId> {
        Some(TicketId(id))
    }

    #[test]
    fn a_ticket_s_later_events_wait_for_its_first_and_others_do_not() {
        let mut line = Line::new(4);
        assert!(line.take(5, ticket(1), NOW) && line.take(6, ticket(2), NOW) && line.take(7, None, NOW) && line.take(8, ticket(1), NOW));
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(1), rev: 5, attempt: 1 }));
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(2), rev: 6, attempt: 1 }));
        assert_eq!((line.next(NOW), line.due()), (None, None));
        line.went(TicketId(1), Went::Again(Millis(6_000)), NOW);
        line.went(TicketId(2), Went::Done, NOW);
        assert_eq!((line.next(NOW), line.due(), line.read()), (None, Some(Millis(6_000)), 8));
        assert_eq!(line.held().into_values().collect::<Vec<_>>(), [Held { ticket: TicketId(1), rev: 5, attempts: 1, due: Millis(6_000) }]);
        line.wake(NOW);
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(1), rev: 5, attempt: 2 }));
        line.went(TicketId(1), Went::Done, NOW);
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(1), rev: 8, attempt: 1 }));
        line.went(TicketId(1), Went::Done, NOW);
        assert!(line.held().is_empty() && line.is_idle() && line == Line::new(8));
    }

    #[test]
    fn there_is_room_for_so_many_tickets_and_their_own_events_still_come() {
        let mut line = Line::new(0);
        for rev in 1..=MOST_TICKETS as u64 {
            assert!(line.take(rev, ticket(u128::from(rev)), NOW));
        }
        let rev = line.read() + 1;
        assert!(!line.take(rev, ticket(u128::MAX), NOW));
        assert!(line.take(rev, ticket(7), NOW) && line.take(rev + 1, None, NOW));
        assert_eq!((0..10).filter_map(|_| line.next(NOW)).count(), MOST_UNDER_WAY);
        line.went(TicketId(1), Went::Done, NOW);
        assert!(line.take(rev + 2, ticket(u128::MAX), NOW));
    }

    #[test]
    fn attempts_go_on_where_they_were_written_down() {
        let mut line = Line::new(9);
        let held = Held { ticket: TicketId(1), rev: 5, attempts: 3, due: NOW };
        line.restore(held, [5, 8]);
        line.restore(Held { ticket: TicketId(2), ..held }, [7]);
        line.restore(Held { ticket: TicketId(3), ..held }, []);
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(1), rev: 5, attempt: 4 }));
        assert_eq!(line.next(NOW), Some(Next { ticket: TicketId(2), rev: 7, attempt: 1 }));
        assert_eq!(line.next(NOW), None);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Commit(Option<u128>),
        Send,
        /// The n-th of what is under way, and how it goes.
        End(usize, bool),
        Pass(i64),
        Restart,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => prop::option::of(0..6_u128).prop_map(Step::Commit),
            3 => Just(Step::Send),
            3 => (0..4_usize, any::<bool>()).prop_map(|(which, through)| Step::End(which, through)),
            1 => (0..3_000_i64).prop_map(Step::Pass),
            1 => Just(Step::Restart),
        ]
    }

    proptest! {
        /// Whatever fails and whenever it is begun anew from what was written down: each ticket's events come through in order, none is left out,
        /// and only what was under way at a restart comes twice.
        #[test]
        fn nothing_is_lost_and_every_ticket_s_events_are_in_order(steps in prop::collection::vec(step(), 0..200)) {
            let (mut log, mut line, mut now) = (Vec::new(), Line::new(0), NOW);
            let mut under_way: Vec<Next> = Vec::new();
            let mut through: BTreeMap<TicketId, Vec<u64>> = BTreeMap::new();
            for step in steps.into_iter().chain((0..2_000).flat_map(|_| [Step::Send, Step::End(0, true), Step::Pass(5_000)])) {
                match step {
                    Step::Commit(about) => log.push(about.map(TicketId)),
                    Step::Send => {
                        for (at, about) in log.iter().enumerate().skip(line.read() as usize) {
                            prop_assert!(line.take(at as u64 + 1, *about, now));
                        }
                        under_way.extend(line.next(now));
                    }
                    Step::End(which, comes_through) if which < under_way.len() => {
                        let next = under_way.remove(which);
                        if comes_through {
                            through.entry(next.ticket).or_default().push(next.rev);
                        }
                        line.went(next.ticket, if comes_through { Went::Done } else { Went::Again(Millis(now.0 + 2_000)) }, now);
                    }
                    Step::End(..) => {}
                    Step::Pass(millis) => now.0 += millis,
                    Step::Restart => {
                        under_way.clear();
                        let (read, held) = (line.read(), line.held());
                        line = Line::new(read);
                        for held in held.into_values() {
                            let about = |rev: &u64| log[*rev as usize - 1] == Some(held.ticket);
                            line.restore(held, (held.rev..=read).filter(about));
                        }
                    }
                }
                prop_assert!(under_way.len() <= MOST_UNDER_WAY);
                let busy: BTreeSet<_> = under_way.iter().map(|next| next.ticket).collect();
                prop_assert_eq!(busy.len(), under_way.len(), "two of one ticket are under way");
            }
            let mut all: BTreeMap<TicketId, Vec<u64>> = BTreeMap::new();
            for (at, about) in log.iter().enumerate() {
                if let Some(ticket) = about {
                    all.entry(*ticket).or_default().push(at as u64 + 1);
                }
            }
            prop_assert_eq!(through, all);
        }
    }
}
