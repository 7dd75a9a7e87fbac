//! Owns who is here: the people who have entered with a name, by socket, by room and by user. Sends nothing and stores nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::view;
use crate::office::UserId;
use crate::realtime::{SocketId, SocketKey};

/// People that a newcomer is told at the most: the latest. The list grows with every newcomer, and every newcomer gets it.
const LISTED: usize = 1_000;

/// Somebody who has entered with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: SocketId,
    pub name: String,
    pub room: Option<String>,
    pub user: Option<UserId>,
}

/// `{id, nombre, sala}`
#[derive(Serialize)]
struct PersonView<'a> {
    id: &'a str,
    nombre: &'a str,
    sala: Option<&'a str>,
}

impl Person {
    /// As everybody sees the person.
    pub fn json(&self) -> String {
        view::json(&PersonView { id: self.id.as_str(), nombre: &self.name, sala: self.room.as_deref() })
    }

    /// Whether everybody would see the same.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.id == other.id && self.name == other.name && self.room == other.room
    }
}

struct Present {
    person: Person,
    /// Encoded once, when the person enters.
    json: Arc<str>,
    /// Numbers those who entered.
    order: u64,
}

/// Who is here, in the order in which they entered.
#[derive(Default)]
pub struct People {
    present: HashMap<SocketKey, Present>,
    all: BTreeMap<u64, SocketKey>,
    rooms: HashMap<String, BTreeMap<u64, SocketKey>>,
    users: HashMap<UserId, BTreeMap<u64, SocketKey>>,
    last: u64,
}

impl People {
    pub fn get(&self, socket: SocketKey) -> Option<&Person> {
        self.present.get(&socket).map(|present| &present.person)
    }

    /// The sockets that have entered as this user.
    pub fn of_user(&self, user: UserId) -> impl Iterator<Item = SocketKey> {
        self.users.get(&user).into_iter().flat_map(BTreeMap::values).copied()
    }

    /// Puts the person behind all others. Whoever was there under this socket has left.
    pub fn enter(&mut self, socket: SocketKey, person: Person) {
        self.leave(socket);
        self.last += 1;
        let order = self.last;
        self.all.insert(order, socket);
        if let Some(room) = &person.room {
            self.rooms.entry(room.clone()).or_default().insert(order, socket);
        }
        if let Some(user) = person.user {
            self.users.entry(user).or_default().insert(order, socket);
        }
        let json = person.json().into();
        self.present.insert(socket, Present { person, json, order });
    }

    pub fn leave(&mut self, socket: SocketKey) -> Option<Person> {
        let Present { person, order, .. } = self.present.remove(&socket)?;
        self.all.remove(&order);
        if let Some(room) = &person.room {
            remove(&mut self.rooms, room, order);
        }
        if let Some(user) = &person.user {
            remove(&mut self.users, user, order);
        }
        Some(person)
    }

    /// The user is no more: who entered as it stays, as nobody's user. Returns their sockets.
    pub fn forget_user(&mut self, user: UserId) -> Vec<SocketKey> {
        let sockets: Vec<_> = self.users.remove(&user).into_iter().flat_map(BTreeMap::into_values).collect();
        for socket in &sockets {
            if let Some(present) = self.present.get_mut(socket) {
                present.person.user = None;
            }
        }
        sockets
    }

    /// The people of a room, or all, as a JSON array of the latest, and how many there are.
    pub fn list(&self, room: Option<&str>) -> (String, usize) {
        let Some(members) = room.map_or(Some(&self.all), |room| self.rooms.get(room)) else { return ("[]".into(), 0) };
        let skipped = members.len().saturating_sub(LISTED);
        let shown = members.values().skip(skipped).filter_map(|socket| self.present.get(socket));
        let list: Vec<&str> = shown.map(|present| &*present.json).collect();
        (format!("[{}]", list.join(",")), members.len())
    }
}

fn remove<K: std::hash::Hash + Eq>(index: &mut HashMap<K, BTreeMap<u64, SocketKey>>, key: &K, order: u64) {
    if let Some(members) = index.get_mut(key) {
        members.remove(&order);
        if members.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn person(name: &str, room: Option<&str>, user: Option<u128>) -> Person {
        Person { id: SocketId::draw(), name: name.into(), room: room.map(Into::into), user: user.map(UserId) }
    }

    fn names(people: &People, room: Option<&str>) -> Vec<String> {
        let list: Vec<Value> = serde_json::from_str(&people.list(room).0).unwrap();
        list.iter().map(|person| person["nombre"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn people_are_listed_in_the_order_in_which_they_entered() {
        let mut people = People::default();
        people.enter(SocketKey(3), person("Ana", Some("patio"), None));
        people.enter(SocketKey(1), person("Bea", None, Some(7)));
        people.enter(SocketKey(2), person("\"Cé\"<b>", Some("patio"), Some(7)));
        assert_eq!(names(&people, None), ["Ana", "Bea", "\"Cé\"<b>"]);
        assert_eq!(names(&people, Some("patio")), ["Ana", "\"Cé\"<b>"]);
        assert_eq!(people.list(Some("sótano")), ("[]".into(), 0));
        assert_eq!(people.of_user(UserId(7)).collect::<Vec<_>>(), [SocketKey(1), SocketKey(2)]);

        people.enter(SocketKey(3), person("Ana María", None, None));
        assert_eq!(names(&people, None), ["Bea", "\"Cé\"<b>", "Ana María"]);
        assert_eq!(names(&people, Some("patio")), ["\"Cé\"<b>"]);
    }

    #[test]
    fn nothing_is_left_of_those_who_left() {
        let mut people = People::default();
        for key in 0..3 {
            people.enter(SocketKey(key), person("x", Some("r"), Some(9)));
        }
        assert_eq!(people.forget_user(UserId(9)), [SocketKey(0), SocketKey(1), SocketKey(2)]);
        assert_eq!(people.get(SocketKey(1)).and_then(|person| person.user), None);
        for key in 0..3 {
            assert_eq!(people.leave(SocketKey(key)).map(|person| person.name), Some("x".into()));
        }
        assert_eq!(people.leave(SocketKey(0)), None);
        assert!(people.present.is_empty() && people.all.is_empty() && people.rooms.is_empty() && people.users.is_empty());
    }

    #[test]
    fn a_newcomer_is_told_the_latest_and_their_number() {
        let mut people = People::default();
        for key in 0..LISTED as u64 + 5 {
            people.enter(SocketKey(key), person(&key.to_string(), None, None));
        }
        let listed = names(&people, None);
        assert_eq!((listed.len(), listed.first().map(String::as_str), people.list(None).1), (LISTED, Some("5"), LISTED + 5));
        assert_eq!(listed.last(), Some(&(LISTED + 4).to_string()));
    }
}
