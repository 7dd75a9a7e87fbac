//! Owns a session's one timer. Never decides what is due.

use std::time::Instant;

use actix::{Actor, AsyncContext, SpawnHandle};

use crate::clock;

/// One timer that is moved only to an earlier time: one that fires too early costs one look, one moved at every packet costs every packet.
#[derive(Debug, Default)]
pub struct Alarm {
    armed: Option<(Instant, SpawnHandle)>,
}

impl Alarm {
    /// Makes sure that `fire` is called at `due` or before. `fire` clears the alarm by [`fired`](Self::fired).
    pub fn set<A>(&mut self, due: Instant, context: &mut A::Context, fire: fn(&mut A, &mut A::Context))
    where
        A: Actor,
        A::Context: AsyncContext<A>,
    {
        if let Some((at, handle)) = self.armed {
            if at <= due {
                return;
            }
            context.cancel_future(handle);
        }
        let handle = context.run_later(due.saturating_duration_since(clock::instant()), fire);
        self.armed = Some((due, handle));
    }

    pub fn fired(&mut self) {
        self.armed = None;
    }
}
