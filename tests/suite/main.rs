//! The scenarios: whole offices, seen from outside. One file a theme; what they stand on is in `harness`.

mod access;
mod access_table;
mod architecture;
mod audit;
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
mod rest_documents;
mod rest_hostile;
mod rest_settings;
mod rest_work;
mod resync;
mod second_opinion;
mod slow;
mod storage;
mod web;
mod webhooks;
mod workflow;
