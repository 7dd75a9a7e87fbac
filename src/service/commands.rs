//! Owns which event means which command. Reads payloads and makes requests of them; never carries one out.

use super::failure::Failure;
use super::messages::{missing, missing_both};
use super::payload::{self, About, AtDesk, Take};
use super::record::Form;
use crate::office::{
    By, Canceller, Channel, Command, DeskId, Holder, Lang, Millis, Office, Request, SessionId, Settings, State, TicketId, Token, UserId,
};

/// A command as a client wished it.
#[derive(Debug)]
pub struct Wish {
    pub request: Request,
    pub form: Form,
    /// Language asked for in the payload.
    pub lang: Option<Lang>,
    /// As whom the client acts from now on, whatever becomes of the command.
    pub sits: Option<Sits>,
}

/// Who sits at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sits {
    pub session: SessionId,
    /// As the payload says: whether there is such a user is not known here.
    pub agent: Option<UserId>,
}

/// What is known of the client besides its payload.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub now: Millis,
    pub lang: Lang,
    /// The desk that it has entered.
    pub desk: Option<DeskId>,
    /// Whether it may do what staff do.
    pub staff: bool,
    pub holder: Holder,
    pub agent: Option<UserId>,
    /// Where its tickets are taken.
    pub channel: Channel,
}

/// What an event asks for; `None` when it is none of those that become commands.
pub fn wish(office: &Office, event: &str, raw: Option<&str>, asker: Asker) -> Option<Result<Wish, Failure>> {
    if event == "siguiente-ticket" {
        return Some(take(office, raw, asker));
    }
    if let Some(act) = at_desk(event) {
        return Some(AtWork::read(office, raw, asker).and_then(|work| work.wish(act)));
    }
    Some(match event {
        "registrar-llegada" => check_in(office, raw, asker),
        "cancelar-ticket" => cancel(office, raw, asker),
        "aplazar-ticket" => own(office, raw, asker, |ticket| Command::Defer { ticket }),
        "volver" => own(office, raw, asker, |ticket| Command::Return { ticket }),
        "reactivar" => {
            staff_about(office, raw, asker, |ticket, about| Ok(Command::Reactivate { ticket, place: about.posicion.map(Into::into) }))
        }
        "anotar" => staff_about(office, raw, asker, |ticket, about| {
            Ok(Command::Annotate { ticket, note: about.nota.take().ok_or_else(|| missing("nota"))? })
        }),
        "cerrar-jornada" => day(raw, asker, Command::CloseDay),
        "abrir-jornada" => day(raw, asker, Command::ReopenDay),
        _ => return None,
    })
}

/// `siguiente-ticket`
fn take(office: &Office, raw: Option<&str>, asker: Asker) -> Result<Wish, Failure> {
    let settings = office.settings().ok_or(Failure::UnknownService)?;
    let take: Take = payload::read(raw)?;
    let lang = take.idioma.as_deref().and_then(payload::lang);
    let name = take.nombre.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let command = Command::Issue {
        id: TicketId(timed_id(asker.now)),
        token: Token(draw()),
        service: payload::service(settings, take.servicio.as_ref())?.id,
        rank: payload::rank(settings, take.prioridad.as_ref())?,
        channel: asker.channel,
        lang: lang.unwrap_or(asker.lang),
        name,
        booked_for: take.cita.map(|label| payload::appointment(settings, &label, asker.now)).transpose()?,
    };
    let form = if matches!(raw, None | Some("null")) { Form::Short } else { Form::Own };
    Ok(Wish { request: Request { command, key: payload::key(take.clave)?, by: asker.by() }, form, lang, sits: None })
}

/// By the token its visitor has come, by the code somebody who helps.
fn check_in(office: &Office, raw: Option<&str>, asker: Asker) -> Result<Wish, Failure> {
    let about: About = payload::read(raw)?;
    let (ticket, form) = match (&about.token, &about.ticket) {
        (Some(token), _) => (payload::shown(office, token)?.id, Form::Own),
        (None, Some(text)) if asker.staff => (payload::ticket(office, text)?, Form::Staff),
        (None, Some(text)) => (payload::ticket(office, text)?, Form::Paper),
        (None, None) => return Err(missing_both("ticket", "token")),
    };
    about_wish(about, asker, Command::CheckIn { ticket }, form)
}

fn cancel(office: &Office, raw: Option<&str>, asker: Asker) -> Result<Wish, Failure> {
    let about: About = payload::read(raw)?;
    let (ticket, by, form) = match (&about.token, &about.ticket) {
        (Some(token), _) => (payload::shown(office, token)?.id, Canceller::Visitor, Form::Own),
        (None, Some(_)) if !asker.staff => return Err(Failure::NotAtDesk),
        (None, Some(text)) => (payload::ticket(office, text)?, Canceller::Staff, Form::Staff),
        (None, None) => return Err(missing("token")),
    };
    about_wish(about, asker, Command::Cancel { ticket, by }, form)
}

/// What only its visitor does to a ticket.
fn own(office: &Office, raw: Option<&str>, asker: Asker, act: fn(TicketId) -> Command) -> Result<Wish, Failure> {
    let about: About = payload::read(raw)?;
    let ticket = payload::shown(office, about.token.as_deref().ok_or_else(|| missing("token"))?)?.id;
    about_wish(about, asker, act(ticket), Form::Own)
}

/// What staff do to a ticket that they name, wherever it is.
fn staff_about(
    office: &Office,
    raw: Option<&str>,
    asker: Asker,
    act: fn(TicketId, &mut About) -> Result<Command, Failure>,
) -> Result<Wish, Failure> {
    asker.as_staff()?;
    let mut about: About = payload::read(raw)?;
    let ticket = payload::ticket(office, about.ticket.as_deref().ok_or_else(|| missing("ticket"))?)?;
    let command = act(ticket, &mut about)?;
    about_wish(about, asker, command, Form::Staff)
}

fn about_wish(about: About, asker: Asker, command: Command, form: Form) -> Result<Wish, Failure> {
    let lang = about.idioma.as_deref().and_then(payload::lang);
    Ok(Wish { request: Request { command, key: payload::key(about.clave)?, by: asker.by() }, form, lang, sits: None })
}

fn day(raw: Option<&str>, asker: Asker, command: Command) -> Result<Wish, Failure> {
    asker.as_staff()?;
    about_wish(payload::read(raw)?, asker, command, Form::Done)
}

/// How an event acts at a desk; `None` for another event.
fn at_desk(event: &str) -> Option<Act> {
    Some(match event {
        "abrir-puesto" => |work| work.open(),
        "pausar-puesto" => |work| Ok((Command::PauseDesk { desk: work.desk, reason: work.at.motivo.take() }, work.shows_desk())),
        "cerrar-puesto" => |work| Ok((Command::CloseDesk { desk: work.desk, lost: false }, work.shows_desk())),
        "atender-ticket" => |work| {
            let (desk, ticket) = (work.desk, work.ticket);
            staff(ticket.map_or(Command::CallNext { desk }, |ticket| Command::Call { desk, ticket }))
        },
        "rellamar" => |work| staff(Command::Recall { desk: work.desk, ticket: work.ticket }),
        "iniciar" => |work| staff(Command::Start { desk: work.desk, ticket: work.ticket }),
        "finalizar" => |work| {
            let (outcome, note) = (work.at.resultado.take(), work.at.nota.take());
            staff(Command::Finish { desk: work.desk, ticket: work.ticket, outcome, note })
        },
        "ausente" => |work| staff(Command::NoShow { desk: work.desk, ticket: work.ticket }),
        "devolver" => |work| work.put_back(),
        "retener" => |work| staff(Command::Hold { desk: work.desk, ticket: work.ticket }),
        "retomar" => |work| staff(Command::Resume { desk: work.desk, ticket: work.ticket.ok_or_else(|| missing("ticket"))? }),
        "derivar" => |work| work.transfer(),
        "deshacer" => |work| Ok((Command::Undo { desk: work.desk }, Form::Restored)),
        _ => return None,
    })
}

/// What a desk asks for, read.
struct AtWork<'a> {
    office: &'a Office,
    settings: &'a Settings,
    asker: Asker,
    at: AtDesk,
    desk: DeskId,
    ticket: Option<TicketId>,
    sits: Option<Sits>,
}

type Act = fn(&mut AtWork<'_>) -> Result<(Command, Form), Failure>;

fn staff(command: Command) -> Result<(Command, Form), Failure> {
    Ok((command, Form::Staff))
}

impl<'a> AtWork<'a> {
    fn read(office: &'a Office, raw: Option<&str>, asker: Asker) -> Result<Self, Failure> {
        let settings = office.settings().ok_or(Failure::UnknownDesk)?;
        let at: AtDesk = payload::read(raw)?;
        let desk = match &at.escritorio {
            Some(label) => payload::desk(settings, label)?,
            None => asker.desk.ok_or_else(|| missing("escritorio"))?,
        };
        let ticket = at.ticket.as_deref().map(|text| payload::ticket(office, text)).transpose()?;
        Ok(Self { office, settings, asker, at, desk, ticket, sits: None })
    }

    fn wish(mut self, act: Act) -> Result<Wish, Failure> {
        let (command, form) = act(&mut self)?;
        let by = self.sits.map_or(self.asker.by(), |Sits { session, agent }| By { holder: Holder::Session(session), agent });
        let lang = self.at.idioma.as_deref().and_then(payload::lang);
        Ok(Wish { request: Request { command, key: payload::key(self.at.clave)?, by }, form, lang, sits: self.sits })
    }

    /// With the session that the payload shows, or that the client has, or a new one.
    fn open(&mut self) -> Result<(Command, Form), Failure> {
        let known = if let Holder::Session(session) = self.asker.holder { Some(session) } else { None };
        let session = payload::session(self.at.sesion.as_deref())?.or(known).unwrap_or_else(|| SessionId(draw()));
        let agent = payload::user(self.at.usuario.as_deref())?.or(self.asker.agent);
        self.sits = Some(Sits { session, agent });
        let take_over = self.at.tomar.unwrap_or(false);
        Ok((Command::OpenDesk { desk: self.desk, take_over }, Form::Desk { desk: self.desk, own: Some(session), opened: true }))
    }

    /// A held one is released, its own goes back.
    fn put_back(&mut self) -> Result<(Command, Form), Failure> {
        let (desk, place) = (self.desk, self.at.posicion.map(Into::into));
        let held = self.ticket.filter(|ticket| self.office.ticket(*ticket).is_some_and(|ticket| ticket.state == State::Held));
        staff(match held {
            Some(ticket) => Command::Release { desk, ticket, place },
            None => Command::Requeue { desk, ticket: self.ticket, place },
        })
    }

    fn transfer(&mut self) -> Result<(Command, Form), Failure> {
        let service = self.at.servicio.as_ref().map(|label| payload::service(self.settings, Some(label))).transpose()?;
        let to = self.at.a.as_ref().map(|label| payload::desk(self.settings, label)).transpose()?;
        if service.is_none() && to.is_none() {
            return Err(missing_both("servicio", "a"));
        }
        let place = self.at.posicion.map(Into::into);
        staff(Command::Transfer { desk: self.desk, ticket: self.ticket, service: service.map(|service| service.id), to, place })
    }

    fn shows_desk(&self) -> Form {
        let own = if let Holder::Session(session) = self.asker.holder { Some(session) } else { None };
        Form::Desk { desk: self.desk, own, opened: false }
    }
}

impl Asker {
    fn as_staff(self) -> Result<(), Failure> {
        if self.staff { Ok(()) } else { Err(Failure::NotAtDesk) }
    }

    fn by(&self) -> By {
        By { holder: self.holder, agent: self.agent }
    }
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
    use crate::office::arbitrary::{MORNING, Sample, sample};
    use crate::office::{Place, Rank, ServiceId};

    const DESK: DeskId = DeskId(1);

    fn asker() -> Asker {
        let (holder, channel) = (Holder::Nobody, Channel::Live);
        Asker { now: MORNING, lang: Lang::Es, desk: Some(DESK), staff: true, holder, agent: None, channel }
    }

    #[track_caller]
    fn wished(sample: &Sample, event: &str, raw: &str, asker: Asker) -> Wish {
        wish(&sample.office, event, Some(raw), asker).expect("the event is a command").expect("the payload is understood")
    }

    #[track_caller]
    fn refused(sample: &Sample, event: &str, raw: &str, asker: Asker) -> Failure {
        wish(&sample.office, event, Some(raw), asker).expect("the event is a command").expect_err("the payload is refused")
    }

    #[test]
    fn ids_are_in_the_order_of_their_time_and_never_alike() {
        let (early, late) = (timed_id(Millis(1_792_589_127_000)), timed_id(Millis(1_792_589_127_001)));
        assert!(early < late);
        assert_ne!(timed_id(Millis(7)), timed_id(Millis(7)));
    }

    #[test]
    fn every_event_of_a_desk_is_its_command() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        let desk = DESK;
        let named =
            format!(r#"{{"ticket":"{ticket}","posicion":"inicio","resultado":"ok","nota":"n","motivo":"m","servicio":"B","a":"2"}}"#);
        let place = Some(Place::First);
        let cases = [
            ("pausar-puesto", Command::PauseDesk { desk, reason: Some("m".into()) }),
            ("cerrar-puesto", Command::CloseDesk { desk, lost: false }),
            ("atender-ticket", Command::Call { desk, ticket }),
            ("rellamar", Command::Recall { desk, ticket: Some(ticket) }),
            ("iniciar", Command::Start { desk, ticket: Some(ticket) }),
            ("finalizar", Command::Finish { desk, ticket: Some(ticket), outcome: Some("ok".into()), note: Some("n".into()) }),
            ("ausente", Command::NoShow { desk, ticket: Some(ticket) }),
            ("devolver", Command::Requeue { desk, ticket: Some(ticket), place }),
            ("retener", Command::Hold { desk, ticket: Some(ticket) }),
            ("retomar", Command::Resume { desk, ticket }),
            ("derivar", Command::Transfer { desk, ticket: Some(ticket), service: Some(ServiceId(2)), to: Some(DeskId(2)), place }),
            ("deshacer", Command::Undo { desk }),
            ("reactivar", Command::Reactivate { ticket, place }),
            ("anotar", Command::Annotate { ticket, note: Some("n".into()) }),
            ("cancelar-ticket", Command::Cancel { ticket, by: Canceller::Staff }),
            ("registrar-llegada", Command::CheckIn { ticket }),
            ("cerrar-jornada", Command::CloseDay),
            ("abrir-jornada", Command::ReopenDay),
        ];
        for (event, command) in cases {
            assert_eq!(wished(&sample, event, &named, asker()).request, Request { command, key: None, by: asker().by() }, "{event}");
        }
        assert_eq!(wished(&sample, "atender-ticket", "{}", asker()).request.command, Command::CallNext { desk });
        assert_eq!(
            wished(&sample, "anotar", r#"{"ticket":"A-001","nota":null}"#, asker()).request.command,
            Command::Annotate { ticket, note: None }
        );
        assert!(wish(&sample.office, "proximo", None, asker()).is_none());
    }

    #[test]
    fn a_held_ticket_that_is_put_back_is_released() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        sample.done(Command::Call { desk: DESK, ticket });
        sample.done(Command::Hold { desk: DESK, ticket: None });
        let wish = wished(&sample, "devolver", r#"{"ticket":"a-001"}"#, asker());
        assert_eq!(wish.request.command, Command::Release { desk: DESK, ticket, place: None });
    }

    #[test]
    fn who_opens_a_desk_sits_there_as_a_session() {
        let sample = Sample::new(sample());
        let drawn = wished(&sample, "abrir-puesto", "{}", asker());
        let Some(Sits { session, agent: None }) = drawn.sits else { panic!("{:?}", drawn.sits) };
        assert_eq!(drawn.request.by, By { holder: Holder::Session(session), agent: None });
        assert_eq!(drawn.form, Form::Desk { desk: DESK, own: Some(session), opened: true });
        assert_ne!(wished(&sample, "abrir-puesto", "{}", asker()).sits, drawn.sits);

        let (user, shown) = (UserId(9), SessionId(77));
        let raw = format!(r#"{{"sesion":"{shown}","usuario":"{user}","tomar":true,"escritorio":2}}"#);
        let taken = wished(&sample, "abrir-puesto", &raw, asker());
        assert_eq!(taken.sits, Some(Sits { session: shown, agent: Some(user) }));
        assert_eq!(taken.request.command, Command::OpenDesk { desk: DeskId(2), take_over: true });
        let again = wished(&sample, "abrir-puesto", "{}", Asker { holder: Holder::Session(shown), agent: Some(user), ..asker() });
        assert_eq!(again.sits, taken.sits);

        assert_eq!(refused(&sample, "abrir-puesto", r#"{"sesion":"x"}"#, asker()).code(), "bad_request");
        assert_eq!(refused(&sample, "abrir-puesto", r#"{"usuario":"x"}"#, asker()), Failure::UnknownUser);
    }

    #[test]
    fn a_visitor_does_with_the_token_what_staff_do_by_name() {
        let mut sample = Sample::new(sample());
        let ticket = sample.issue(1, 0);
        let token = sample.office.ticket(ticket).unwrap().token;
        let outside = Asker { desk: None, staff: false, ..asker() };
        let shown = format!(r#"{{"token":"{token}"}}"#);
        let wish = wished(&sample, "cancelar-ticket", &shown, outside);
        assert_eq!((wish.request.command, wish.form), (Command::Cancel { ticket, by: Canceller::Visitor }, Form::Own));
        assert_eq!(wished(&sample, "registrar-llegada", &shown, outside).form, Form::Own);
        for (event, command) in [("aplazar-ticket", Command::Defer { ticket }), ("volver", Command::Return { ticket })] {
            let wish = wished(&sample, event, &shown, outside);
            assert_eq!((wish.request.command, wish.form), (command, Form::Own));
            assert_eq!(refused(&sample, event, r#"{"ticket":"A-001"}"#, asker()).code(), "bad_request", "staff have no token");
            assert_eq!(refused(&sample, event, r#"{"token":"0"}"#, outside), Failure::UnknownTicket);
        }
        assert_eq!(wished(&sample, "registrar-llegada", r#"{"ticket":"A-001"}"#, outside).form, Form::Paper);
        for event in ["cancelar-ticket", "reactivar", "anotar", "cerrar-jornada", "abrir-jornada"] {
            assert_eq!(refused(&sample, event, r#"{"ticket":"A-001","nota":"n"}"#, outside), Failure::NotAtDesk, "{event}");
        }
        for token in ["", "x", &Token(1).to_string()] {
            assert_eq!(refused(&sample, "cancelar-ticket", &format!(r#"{{"token":"{token}"}}"#), outside), Failure::UnknownTicket);
        }
        for event in ["cancelar-ticket", "registrar-llegada", "reactivar", "retomar", "derivar", "anotar"] {
            assert_eq!(refused(&sample, event, "{}", asker()).code(), "bad_request", "{event}");
        }
        assert_eq!(refused(&sample, "anotar", r#"{"ticket":"A-001"}"#, asker()), missing("nota"));
    }

    #[test]
    fn a_number_is_taken_for_now_or_for_later() {
        let sample = Sample::new(sample());
        let taken = |raw| match wished(&sample, "siguiente-ticket", raw, asker()).request.command {
            Command::Issue { service, rank, booked_for, name, lang, .. } => (service, rank, booked_for, name, lang),
            other => panic!("{other:?}"),
        };
        assert_eq!(taken("null"), (ServiceId(1), Rank::NORMAL, None, None, Lang::Es));
        let later = Some(Millis(MORNING.0 + 3_600_000));
        let raw = r#"{"servicio":"b","prioridad":true,"cita":"10:00","nombre":" Ana ","idioma":"en-GB"}"#;
        assert_eq!(taken(raw), (ServiceId(2), Rank(1), later, Some("Ana".into()), Lang::En));
    }
}
