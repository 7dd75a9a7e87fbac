//! Owns one set of sockets that is walked often and changed seldom: a namespace, a room. Walking is a walk over one array.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::link::Link;
use super::marks::Scope;

/// Names a socket (a connection in a namespace) within this process. Never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketKey(pub u64);

pub struct Member {
    pub key: SocketKey,
    pub link: Arc<Link>,
    /// Its session can be recovered: its events carry offsets, with the marks of this scope.
    pub recoverable: Option<Rc<Cell<Scope>>>,
}

#[derive(Default)]
pub struct Members {
    list: Vec<Member>,
    place: HashMap<SocketKey, u32>,
}

impl Members {
    /// Returns false when it was there already.
    pub fn insert(&mut self, member: Member) -> bool {
        let place = self.list.len() as u32;
        let new = *self.place.entry(member.key).or_insert(place) == place;
        if new {
            self.list.push(member);
        }
        new
    }

    pub fn remove(&mut self, key: SocketKey) -> bool {
        let Some(place) = self.place.remove(&key) else { return false };
        self.list.swap_remove(place as usize);
        if let Some(moved) = self.list.get(place as usize) {
            self.place.insert(moved.key, place);
        }
        true
    }

    pub fn contains(&self, key: SocketKey) -> bool {
        self.place.contains_key(&key)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
