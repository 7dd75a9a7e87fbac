//! The scenarios: whole offices, seen from outside. One file a theme; what they stand on is in `harness`.

mod architecture;
mod harness;

mod crash;
mod day;
mod exactly_once;
mod hostile;
mod lifecycle;
mod office;
mod pipelining;
mod race;
mod refusals;
mod resync;
mod slow;
mod storage;
mod web;
