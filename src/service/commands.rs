//! Owns which event means which command. Reads payloads and makes requests of them; never carries one out.

use super::failure::Failure;
use super::payload::{self, AtDesk, Take};
use super::record::Form;
use crate::office::{Channel, Command, DeskId, Lang, Millis, Office, Place, Request, TicketId, Token};

/// A command as a client wished it.
#[derive(Debug)]
pub struct Wish {
    pub request: Request,
    pub form: Form,
    /// Language asked for in the payload.
    pub lang: Option<Lang>,
}

/// What is known of the client besides its payload.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub now: Millis,
    pub lang: Lang,
    /// The desk that it has entered.
    pub desk: Option<DeskId>,
}

/// `siguiente-ticket`
pub fn take(office: &Office, raw: Option<&str>, asker: Asker) -> Result<Wish, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownService)?;
    let take: Take = payload::read(raw)?;
    let lang = take.idioma.as_deref().and_then(payload::lang);
    let name = take.nombre.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let command = Command::Issue {
        id: TicketId(timed_id(asker.now)),
        token: Token(draw()),
        service: payload::service(settings, take.servicio.as_ref())?.id,
        rank: payload::rank(settings, take.prioridad.as_ref())?,
        channel: Channel::Live,
        lang: lang.unwrap_or(asker.lang),
        name,
    };
    let form = if matches!(raw, None | Some("null")) { Form::Short } else { Form::Own };
    Ok(Wish { request: Request { command, key: payload::key(take.clave)? }, form, lang })
}

/// Every event that acts at a desk; `None` for another event.
pub fn at_desk(office: &Office, event: &str, raw: Option<&str>, asker: Asker) -> Option<Result<Wish, Failure>> {
    let act = match event {
        "atender-ticket" => call,
        "rellamar" => |desk, ticket, _| Command::Recall { desk, ticket },
        "iniciar" => |desk, ticket, _| Command::Start { desk, ticket },
        "finalizar" => |desk, ticket, _| Command::Finish { desk, ticket },
        "ausente" => |desk, ticket, _| Command::NoShow { desk, ticket },
        "devolver" => |desk, ticket, place| Command::Requeue { desk, ticket, place },
        _ => return None,
    };
    Some(read_at_desk(office, raw, asker, act))
}

fn call(desk: DeskId, ticket: Option<TicketId>, _: Place) -> Command {
    match ticket {
        Some(ticket) => Command::Call { desk, ticket },
        None => Command::CallNext { desk },
    }
}

fn read_at_desk(
    office: &Office,
    raw: Option<&str>,
    asker: Asker,
    act: fn(DeskId, Option<TicketId>, Place) -> Command,
) -> Result<Wish, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownDesk)?;
    let at: AtDesk = payload::read(raw)?;
    let desk = match &at.escritorio {
        Some(label) => payload::desk(settings, label)?,
        None => asker.desk.ok_or_else(|| Failure::BadRequest("escritorio is missing".into()))?,
    };
    let ticket = at.ticket.as_deref().map(|text| payload::ticket(office, text)).transpose()?;
    let place = at.posicion.map_or(Place::Last, Place::from);
    let request = Request { command: act(desk, ticket, place), key: payload::key(at.clave)? };
    Ok(Wish { request, form: Form::Staff, lang: at.idioma.as_deref().and_then(payload::lang) })
}

/// Time in front, 80 random bits behind: ids of one day lie together in the database's indexes, and none can be guessed.
pub fn timed_id(now: Millis) -> u128 {
    let time = (now.0 as u64 & 0xffff_ffff_ffff) as u128;
    time << 80 | draw() >> 48
}

/// 128 random bits.
pub fn draw() -> u128 {
    let mut bits = [0; 16];
    // Without randomness tokens could be guessed: better no ticket than that one.
    getrandom::fill(&mut bits).expect("the operating system gives random bytes");
    u128::from_ne_bytes(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_their_time_and_never_alike() {
        let (early, late) = (timed_id(Millis(1_792_589_127_000)), timed_id(Millis(1_792_589_127_001)));
        assert!(early < late);
        assert_ne!(timed_id(Millis(7)), timed_id(Millis(7)));
    }
}
