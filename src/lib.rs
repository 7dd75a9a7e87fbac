//! A real-time ticket queue: kiosk, desk and display over Socket.IO, from one binary with an embedded database.

pub mod access;
pub mod app;
pub mod clock;
pub mod config;
pub mod http;
pub mod office;
pub mod protocol;
pub mod realtime;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod webhooks;
pub mod wrong;
