//! Owns the server under test: the layer with the echo application on a port and a thread of its own, until it is dropped.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use siguiente::protocol::engine::{self, Transports};
use siguiente::protocol::socket;
use siguiente::realtime::{Application, Cors, Limits, RecoveryMode};

use crate::PATIENCE;
use crate::echo::{self, Echo, Options};

pub struct Server {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    /// With heartbeats that no case sees.
    pub fn spawn() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::of(Echo, change)
    }

    pub fn of(application: impl Application + Send, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            engine: engine::Config::default(),
            transports: Transports::ALL,
            limits: Limits::default(),
            cors: Cors::Any,
            connect_timeout: Duration::from_secs(45),
            attachments: socket::Limits::default(),
            recovery: RecoveryMode::Off,
            // Requests of one session meet on different threads.
            workers: 2,
        };
        change(&mut options);
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            System::new().block_on(async move {
                let (server, addresses) = echo::serve(application, options, ("127.0.0.1", 0)).expect("a free port");
                tell.send((addresses[0], server.handle())).expect("the test waits for the address");
                server.await.expect("the server runs to its end");
            });
        });
        let (address, handle) = told.recv_timeout(PATIENCE).expect("the server starts");
        Self { address, handle }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The order is given here; nobody needs to wait until it is carried out.
        drop(self.handle.stop(false));
    }
}
