//! Owns what every part of the service stands on: the way to the disk, the clock, and the way back to the hub for other threads.

use std::sync::{Arc, OnceLock};

use actix::Recipient;

use super::notice::Notice;
use super::writer::Writer;
use crate::clock::Clock;
use crate::office::Millis;
use crate::realtime::Tell;

#[derive(Clone)]
pub struct Ground {
    pub writer: Writer,
    clock: Clock,
    hub: Arc<OnceLock<Recipient<Tell<Notice>>>>,
}

impl Ground {
    pub fn new(writer: Writer, clock: Clock) -> Self {
        Self { writer, clock, hub: Arc::default() }
    }

    /// The hub runs. Before that nobody has anything to tell it.
    pub fn started(&self, hub: Recipient<Tell<Notice>>) {
        // The hub starts once.
        let _ = self.hub.set(hub);
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Tells the service something, from any thread.
    pub fn messenger(&self) -> impl Fn(Notice) + Send + use<> {
        let hub = self.hub.clone();
        move |notice| match hub.get() {
            Some(hub) => hub.do_send(Tell(notice)),
            None => unreachable!("work comes only after the hub has started"),
        }
    }
}
