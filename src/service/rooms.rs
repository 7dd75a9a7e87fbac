//! Owns the names of rooms: who hears what. Rooms are a branch's own, so that desk 2 of one branch is not desk 2 of another.

use crate::office::{BranchId, DeskId, SessionId, TicketId, UserId};

/// The rooms of one branch.
#[derive(Debug, Clone)]
pub struct Rooms {
    branch: BranchId,
    /// Everybody.
    pub all: String,
    pub display: String,
    pub staff: String,
    /// Those who may serve here: they hear of each other.
    pub people: String,
}

/// Those who may serve where they are, in whatever branch.
pub const PEOPLE: &str = "gente";

impl Rooms {
    pub fn of(branch: BranchId) -> Self {
        let BranchId(number) = branch;
        let room = |kind: &str| format!("{kind}:{number}");
        Self { branch, all: room("sucursal"), display: room("pantalla"), staff: room("personal"), people: room(PEOPLE) }
    }

    pub fn desk(&self, desk: DeskId) -> String {
        format!("puesto:{}:{desk}", self.branch.0)
    }

    /// The desk whose room this is.
    pub fn desk_of(&self, room: &str) -> Option<DeskId> {
        self.own(room, "puesto:")?.parse().ok().map(DeskId)
    }

    /// A room that people make by entering it.
    pub fn free(&self, name: &str) -> String {
        format!("sala:{}:{name}", self.branch.0)
    }

    /// What people call this free room.
    pub fn free_name<'a>(&self, room: &'a str) -> Option<&'a str> {
        self.own(room, "sala:")
    }

    /// A user's sockets in this branch.
    pub fn user(&self, user: UserId) -> String {
        format!("usuario:{}:{user}", self.branch.0)
    }

    /// What stands behind the branch's number.
    fn own<'a>(&self, room: &'a str, kind: &str) -> Option<&'a str> {
        let (branch, rest) = room.strip_prefix(kind)?.split_once(':')?;
        (branch.parse() == Ok(self.branch.0)).then_some(rest)
    }
}

/// Whether it says as whom somebody came in.
pub fn is_of_entrance(room: &str) -> bool {
    room.starts_with("acceso:")
}

/// The branch whose everybody's room this is.
pub fn branch_of(room: &str) -> Option<BranchId> {
    room.strip_prefix("sucursal:")?.parse().ok().map(BranchId)
}

/// All of a user's sockets, in whatever branch.
pub fn user(user: UserId) -> String {
    format!("usuario:{user}")
}

/// The user of such a room.
pub fn user_of(room: &str) -> Option<UserId> {
    room.strip_prefix("usuario:")?.parse().ok()
}

/// Who follows this ticket.
pub fn ticket(ticket: TicketId) -> String {
    format!("ticket:{ticket}")
}

/// The ticket of such a room.
pub fn ticket_of(room: &str) -> Option<TicketId> {
    room.strip_prefix("ticket:")?.parse().ok()
}

/// Nobody is told anything here: whoever gets its rooms back acts as this session again.
pub fn session(session: SessionId) -> String {
    format!("sesion:{session}")
}

/// The session of such a room.
pub fn session_of(room: &str) -> Option<SessionId> {
    room.strip_prefix("sesion:")?.parse().ok()
}

/// Nobody is told anything here: whoever gets its rooms back has its name back, too.
pub fn person(name: &str) -> String {
    format!("persona:{name}")
}

/// The name of such a room.
pub fn person_of(room: &str) -> Option<&str> {
    room.strip_prefix("persona:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_its_own_branchs() {
        let (one, eleven) = (Rooms::of(BranchId(1)), Rooms::of(BranchId(11)));
        assert_eq!((one.desk_of(&one.desk(DeskId(2))), eleven.desk_of(&one.desk(DeskId(2)))), (Some(DeskId(2)), None));
        assert_eq!((one.free_name(&one.free("1:2:x")), eleven.free_name(&one.free("x"))), (Some("1:2:x"), None));
        assert_eq!((branch_of(&eleven.all), branch_of(&eleven.display), branch_of(&eleven.people)), (Some(BranchId(11)), None, None));
        assert_eq!((one.desk_of("puesto:2"), one.desk_of("puesto:1:x"), one.free_name("sala:patio")), (None, None, None));
    }

    #[test]
    fn a_users_rooms_are_told_apart() {
        let ana = UserId(7);
        assert_eq!((user_of(&user(ana)), user_of(&Rooms::of(BranchId(1)).user(ana))), (Some(ana), None));
        assert_eq!(person_of(&person("Ana: 1")), Some("Ana: 1"));
        assert_eq!((ticket_of(&ticket(TicketId(7))), session_of(&session(SessionId(7)))), (Some(TicketId(7)), Some(SessionId(7))));
        assert_eq!((ticket_of(&user(ana)), session_of(&ticket(TicketId(7)))), (None, None));
    }
}
