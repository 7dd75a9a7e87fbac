//! Owns the application's marks: numbers by which it can tell, after a restart, what a session of an earlier process has missed. A mark is a
//! room's, and the sessions in the room carry it in their offsets: an application of several parts numbers each of them by itself.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Names the marked room that a session is in; the default is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope(usize);

/// The marks of every marked room, as far back as events are kept.
#[derive(Default)]
pub struct Marks {
    rooms: HashMap<Arc<str>, Scope>,
    /// By scope, the one without a room left out: each mark and the position behind which it holds, in order.
    tracks: Vec<VecDeque<(u64, u64)>>,
}

impl Marks {
    /// The first marked room of these.
    pub fn scope<'a>(&self, rooms: impl IntoIterator<Item = &'a str>) -> Scope {
        rooms.into_iter().find_map(|room| self.rooms.get(room)).copied().unwrap_or_default()
    }

    /// Events behind `position` carry this mark. Marks of events up to `forgotten` are asked for no more. Returns whether the room is marked
    /// for the first time.
    pub fn set(&mut self, room: &str, mark: u64, position: u64, forgotten: u64) -> bool {
        let Some(Scope(scope)) = self.rooms.get(room) else {
            self.tracks.push(VecDeque::from([(position, mark)]));
            self.rooms.insert(room.into(), Scope(self.tracks.len()));
            return true;
        };
        let track = &mut self.tracks[scope - 1];
        while track.len() > 1 && track[1].0 <= forgotten {
            track.pop_front();
        }
        match track.back_mut() {
            Some(last) if last.0 == position => last.1 = mark,
            _ => track.push_back((position, mark)),
        }
        false
    }

    /// The mark of the event at this position for sessions of this scope; 0 without a scope.
    pub fn at(&self, Scope(scope): Scope, position: u64) -> u64 {
        let Some(track) = scope.checked_sub(1).and_then(|place| self.tracks.get(place)) else { return 0 };
        let later = track.partition_point(|(behind, _)| *behind < position);
        track.get(later.saturating_sub(1)).map_or(0, |(_, mark)| *mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_room_has_its_own_mark_at_every_position() {
        let mut marks = Marks::default();
        assert!(marks.set("a", 7, 0, 0) && marks.set("b", 40, 0, 0));
        let (a, b) = (marks.scope(["x", "a"]), marks.scope(["b", "a"]));
        assert_eq!((marks.at(a, 1), marks.at(b, 1), marks.at(Scope::default(), 1)), (7, 40, 0));
        assert!(!marks.set("a", 8, 3, 0));
        marks.set("a", 9, 3, 0);
        assert_eq!([1, 3, 4, 9].map(|position| marks.at(a, position)), [7, 7, 9, 9]);
        assert_eq!(marks.at(b, 9), 40);
        assert_eq!(marks.scope(["x"]), Scope::default());
    }

    #[test]
    fn marks_of_what_is_forgotten_are_forgotten() {
        let mut marks = Marks::default();
        for position in 0..1000 {
            marks.set("a", position, position, position.saturating_sub(10));
        }
        assert!(marks.tracks[0].len() <= 12, "{}", marks.tracks[0].len());
        assert_eq!(marks.at(marks.scope(["a"]), 995), 994);
    }
}
