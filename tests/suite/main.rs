//! The scenarios: whole offices, seen from outside. One file a theme; what they stand on is in `harness`.

mod architecture;
mod harness;

mod branches;
mod client_script;
mod clock;
mod command_line;
mod crash;
mod day;
mod deferral;
mod exactly_once;
mod follow;
mod hostile;
mod leases;
mod lifecycle;
mod office;
mod people;
mod pipelining;
mod race;
mod recovery;
mod refusals;
mod rest;
mod resync;
mod second_opinion;
mod slow;
mod storage;
mod web;
mod workflow;
