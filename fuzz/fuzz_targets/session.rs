//! Any script of requests, frames and time: the session keeps its promises.

#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use siguiente_fuzz::script;

fuzz_target!(|bytes: &[u8]| script::run(bytes, Instant::now()));
