//! The layer under test, taken by path, and the script that plays inputs to a session.
//!
//! Run a target with `cargo fuzz run socket_decoder -s none -- -max_total_time=60` (`-s none` needs no nightly compiler).

#[path = "../../src/protocol/mod.rs"]
pub mod protocol;

#[path = "../../src/protocol/engine/session/script.rs"]
pub mod script;
