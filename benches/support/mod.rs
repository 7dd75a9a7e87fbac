//! What both benchmarks stand on: a client that costs little, servers in processes of their own, and what is printed.
#![allow(dead_code, reason = "each benchmark uses its part of it")]

pub mod client;
pub mod process;
pub mod report;
