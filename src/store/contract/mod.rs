//! Owns what every store passes: cases on small logs, and what must hold for random days. A new store adds one line at the end.

mod beside;
mod cases;
mod days;
mod reading;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Batch, Faulty, MemoryStore, SqliteStore, Store};
use crate::office::{BranchId, Channel, DeskId, Entry, Event, Key, Lang, Millis, Rank, ServiceId, TicketId, Token};

pub(super) const CENTRE: BranchId = BranchId(1);
pub(super) const HARBOUR: BranchId = BranchId(2);

/// Writes a log as an office would: positions, times, numbers and calls follow each other.
#[derive(Debug, Clone)]
pub(super) struct Pen {
    pub(super) branch: BranchId,
    pub(super) rev: u64,
    at: i64,
    numbers: HashMap<&'static str, u32>,
    call: u64,
    calls: HashMap<u128, u32>,
}

impl Pen {
    pub(super) fn new(branch: BranchId) -> Self {
        Self { branch, rev: 0, at: 1_792_589_127_000, numbers: HashMap::new(), call: 0, calls: HashMap::new() }
    }

    pub(super) fn entry(&mut self, event: Event) -> Entry {
        self.rev += 1;
        self.at += 250;
        Entry { rev: self.rev, at: Millis(self.at), key: None, event }
    }

    pub(super) fn open(&mut self, day: u32) -> Entry {
        self.numbers.clear();
        self.entry(Event::DayOpened { date: date(day) })
    }

    pub(super) fn issue_in(&mut self, series: &'static str, ticket: u128) -> Entry {
        let number = self.numbers.entry(series).or_default();
        *number += 1;
        let number = *number;
        self.entry(Event::TicketIssued {
            ticket: TicketId(ticket),
            token: Token(!ticket),
            number,
            code: format!("{series}-{number:03}"),
            service: ServiceId(series.len() as u32),
            rank: Rank((ticket % 2) as u8),
            channel: Channel::Live,
            lang: if ticket.is_multiple_of(3) { Lang::En } else { Lang::Es },
            name: ticket.is_multiple_of(5).then(|| "Inés Ñandú".to_owned()),
            serial: None,
            booked_for: None,
            expected: None,
        })
    }

    pub(super) fn issue(&mut self, ticket: u128) -> Entry {
        self.issue_in("A", ticket)
    }

    pub(super) fn call(&mut self, ticket: u128, desk: u32) -> Entry {
        let (call, calls) = self.next_call(ticket);
        self.entry(Event::TicketCalled { ticket: TicketId(ticket), desk: DeskId(desk), call, calls, agent: None })
    }

    pub(super) fn recall(&mut self, ticket: u128, desk: u32) -> Entry {
        let (call, calls) = self.next_call(ticket);
        self.entry(Event::TicketRecalled { ticket: TicketId(ticket), desk: DeskId(desk), call, calls })
    }

    fn next_call(&mut self, ticket: u128) -> (u64, u32) {
        self.call += 1;
        let calls = self.calls.entry(ticket).or_default();
        *calls += 1;
        (self.call, *calls)
    }

    pub(super) fn batch(&self, entries: impl Into<Vec<Entry>>) -> Batch {
        Batch { branch: self.branch, entries: entries.into(), snapshot: None }
    }
}

/// A day of November 2026.
pub(super) fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub(super) fn key(text: &str) -> Key {
    Key::try_from(text.to_owned()).unwrap()
}

pub(super) fn keyed(entry: Entry, text: &str) -> Entry {
    Entry { key: Some(key(text)), ..entry }
}

/// A store with an opened day and `tickets` numbers issued in one batch.
pub(super) fn begun(store: &mut impl Store, tickets: u128) -> (Pen, Vec<Entry>) {
    let mut pen = Pen::new(CENTRE);
    store.load(CENTRE).unwrap();
    let mut entries = vec![pen.open(21)];
    entries.extend((1..=tickets).map(|ticket| pen.issue(ticket)));
    store.commit(&pen.batch(entries.clone())).unwrap();
    (pen, entries)
}

macro_rules! contract {
    ($store:ident, $make:expr) => {
        mod $store {
            use super::*;

            contract!(@cases $make, cases:
                an_empty_branch_gets_an_epoch_that_stays, what_was_committed_is_loaded, a_gap_or_a_repetition_is_moved,
                a_key_in_a_later_batch_is_used, a_key_twice_in_a_batch_is_used, a_key_of_another_branch_is_free,
                a_key_gives_the_ticket_as_it_is_now, a_snapshot_and_the_tail_behind_it, a_refused_batch_leaves_its_snapshot_out,
                ranges_of_entries, branches_are_apart, an_empty_batch_does_nothing, numbers_go_by_one_in_a_day_and_series,
                what_cannot_be_is_refused_whole, a_probe_succeeds_and_leaves_the_log_alone
            );
            contract!(@cases $make, reading:
                branches_are_named, a_ticket_s_history_is_what_the_log_says_of_it, a_code_may_come_again_on_a_day,
                tickets_of_days_come_in_order_until_somebody_breaks_off, a_transfer_that_was_undone_leaves_one_segment,
                desk_times_and_their_pauses, what_is_read_beside_follows_the_commits, nothing_is_there_of_an_unknown_branch
            );

            contract!(@cases $make, beside:
                ranges_of_entries_are_read_beside_the_writer, names_are_those_of_now, a_day_is_there_to_be_played
            );

            #[test]
            fn random_days_are_derived_as_the_office_has_them() {
                days::are_derived_as_the_office_has_them($make);
            }

            #[test]
            fn figures_are_the_office_s_own() {
                days::figures_are_the_office_s_own($make);
            }

            #[test]
            fn figures_of_a_busy_day() {
                days::figures_of_a_busy_day($make);
            }
        }
    };
    (@cases $make:expr, $module:ident: $($case:ident),+) => {
        $(
            #[test]
            fn $case() {
                super::$module::$case(&mut $make());
            }
        )+
    };
}

contract!(memory, MemoryStore::new);
contract!(faulty_without_faults, || Faulty::new(MemoryStore::new()).0);
contract!(sqlite, || SqliteStore::throw_away().unwrap());
