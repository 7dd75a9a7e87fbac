//! What the benchmarks stand on: clients that cost little, servers in processes of their own, and what is printed.
#![allow(dead_code, reason = "each benchmark uses its part of it")]

pub mod client;
pub mod figures;
pub mod house;
pub mod http;
pub mod process;
pub mod report;
