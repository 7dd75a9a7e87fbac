//! A real-time ticket queue: kiosk, desk and display over Socket.IO, from one binary with an embedded database.

pub mod office;
pub mod store;
