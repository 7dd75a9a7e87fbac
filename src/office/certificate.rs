//! Owns the wait certificate of one ticket: what the log says of it, in order, in the branch's time. It holds no secret, and nothing of what
//! the staff wrote. Never reads the log itself and never reads a clock.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use chrono_tz::Tz;
use serde::Serialize;

use super::event::{Entry, Event};
use super::ids::{DeskId, Millis, Rank, ServiceId, TicketId};
use super::settings::{Name, Settings};
use super::ticket::{State, Ticket};

/// What one visit was like, as the log tells it. Lengths are in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Certificate {
    pub branch: String,
    pub time_zone: Tz,
    /// The business day on which it was issued.
    pub day: NaiveDate,
    pub ticket: TicketId,
    pub code: String,
    /// What the visitor gave.
    pub name: Option<String>,
    pub rank: Rank,
    pub issued: Moment,
    pub booked_for: Option<Moment>,
    /// In the order of the log; the first one is the issue.
    pub steps: Vec<Step>,
    /// Every time that it waited, in order: once for each queue, and once more each time it was put back.
    pub waits: Vec<Waited>,
    /// Calls, and those that were repeated.
    pub calls: u32,
    /// All waits that have ended.
    pub waited: i64,
    /// All times of service that have ended, without those that it was parked.
    pub served: i64,
    pub state: State,
    /// `None` while the visit lasts.
    pub ended: Option<Moment>,
}

/// A point in time, and what the branch's clocks showed: `2026-11-20T09:00:00+01:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    pub at: Millis,
    pub local: String,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Position in the branch's log.
    pub rev: u64,
    pub time: Moment,
    pub what: What,
    /// The one that acted.
    pub desk: Option<Named<DeskId>>,
    /// The service that the ticket was for from then on.
    pub service: Named<ServiceId>,
    /// The one desk that it waited for from then on.
    pub reserved: Option<Named<DeskId>>,
    /// Its state from then on.
    pub state: State,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Issued,
    /// Issued for later that day.
    Booked,
    CheckedIn,
    Called,
    CalledAgain,
    Started,
    /// The visitor needed more time, and was back.
    Deferred,
    Returned,
    Held,
    Resumed,
    PutBack,
    Released,
    Transferred,
    Finished,
    Missed,
    Left,
    Cancelled,
    Expired,
    Reactivated,
    /// The step before was taken back.
    Undone,
}

/// Something of the branch; without a name where the settings do not know it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named<I> {
    pub id: I,
    pub name: Option<Name>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waited {
    pub service: Named<ServiceId>,
    pub from: Moment,
    /// `None` while it waits.
    pub to: Option<Moment>,
    pub length: Option<i64>,
}

/// The certificate of a ticket, by its entries in the log: in order; those of others are passed over. Names are those of the settings given.
/// `None` when its issue is not among the entries.
pub fn of<'a>(ticket: TicketId, entries: impl IntoIterator<Item = &'a Entry>, settings: &Settings) -> Option<Certificate> {
    let mut own = entries.into_iter().filter(|entry| entry.event.ticket() == Some(ticket));
    let first = own.find(|entry| matches!(entry.event, Event::TicketIssued { .. }))?;
    let mut visit = Visit::new(Ticket::issued(&first.event, first.at)?, first, settings);
    own.for_each(|entry| visit.step(entry));
    Some(visit.certificate())
}

/// A visit as far as it has been read.
struct Visit<'a> {
    settings: &'a Settings,
    ticket: Ticket,
    /// When it came into its state, and where it waits into its queue.
    since: Millis,
    steps: Vec<Step>,
    waits: Vec<Waited>,
    waited: i64,
    served: i64,
}

impl<'a> Visit<'a> {
    fn new(ticket: Ticket, entry: &Entry, settings: &'a Settings) -> Self {
        let mut visit = Self { settings, since: entry.at, ticket, steps: Vec::new(), waits: Vec::new(), waited: 0, served: 0 };
        visit.record(entry);
        visit.enter();
        visit
    }

    fn step(&mut self, entry: &Entry) {
        let (state, queue) = (self.ticket.state, (self.ticket.segment, self.ticket.service));
        self.ticket.apply(&entry.event, entry.at);
        self.record(entry);
        let another = self.ticket.state != state || (self.ticket.segment, self.ticket.service) != queue;
        if another {
            self.leave(state, entry.at);
            self.since = entry.at;
            self.enter();
        }
    }

    /// Begins to wait, if that is its state.
    fn enter(&mut self) {
        if self.ticket.state == State::Waiting {
            let service = self.service(self.ticket.service);
            self.waits.push(Waited { service, from: self.moment(self.since), to: None, length: None });
        }
    }

    fn leave(&mut self, state: State, at: Millis) {
        let length = at.0.saturating_sub(self.since.0);
        let moment = self.moment(at);
        match (state, self.waits.last_mut()) {
            (State::Waiting, Some(wait)) => {
                (wait.to, wait.length) = (Some(moment), Some(length));
                self.waited += length;
            }
            (State::Serving, _) => self.served += length,
            _ => {}
        }
    }

    fn record(&mut self, entry: &Entry) {
        let Some(what) = what(&entry.event) else { return };
        let desk = entry.event.desk().map(|desk| self.desk(desk));
        let reserved = self.ticket.reserved.map(|desk| self.desk(desk));
        let service = self.service(self.ticket.service);
        self.steps.push(Step { rev: entry.rev, time: self.moment(entry.at), what, desk, service, reserved, state: self.ticket.state });
    }

    fn certificate(self) -> Certificate {
        let Ticket { id, ref code, ref name, rank, issued_at, booked_for, calls, state, ended_at, .. } = self.ticket;
        Certificate {
            branch: self.settings.name.clone(),
            time_zone: self.settings.time_zone,
            day: self.settings.calendar().date(issued_at),
            ticket: id,
            code: code.clone(),
            name: name.clone(),
            rank,
            issued: self.moment(issued_at),
            booked_for: booked_for.map(|at| self.moment(at)),
            calls,
            state,
            ended: ended_at.map(|at| self.moment(at)),
            steps: self.steps,
            waits: self.waits,
            waited: self.waited,
            served: self.served,
        }
    }

    fn moment(&self, at: Millis) -> Moment {
        Moment::new(at, self.settings.time_zone)
    }

    fn desk(&self, id: DeskId) -> Named<DeskId> {
        Named { id, name: self.settings.desk(id).map(|desk| desk.name.clone()) }
    }

    fn service(&self, id: ServiceId) -> Named<ServiceId> {
        Named { id, name: self.settings.service(id).map(|service| service.name.clone()) }
    }
}

impl Moment {
    pub fn new(at: Millis, zone: Tz) -> Self {
        let wall = DateTime::from_timestamp_millis(at.in_calendar().0).unwrap_or_default().with_timezone(&zone);
        Self { at, local: wall.to_rfc3339_opts(SecondsFormat::Secs, false) }
    }
}

/// What an event says to a visitor; `None` for what is no business of theirs.
fn what(event: &Event) -> Option<What> {
    use super::command::Canceller::{Staff, Visitor};
    Some(match event {
        Event::TicketIssued { booked_for: None, .. } => What::Issued,
        Event::TicketIssued { booked_for: Some(_), .. } => What::Booked,
        Event::TicketCheckedIn { .. } => What::CheckedIn,
        Event::TicketCalled { .. } => What::Called,
        Event::TicketRecalled { .. } => What::CalledAgain,
        Event::ServiceStarted { .. } => What::Started,
        Event::TicketDeferred { .. } => What::Deferred,
        Event::TicketReturned { .. } => What::Returned,
        Event::TicketHeld { .. } => What::Held,
        Event::TicketResumed { .. } => What::Resumed,
        Event::TicketRequeued { .. } => What::PutBack,
        Event::TicketReleased { .. } => What::Released,
        Event::TicketTransferred { .. } => What::Transferred,
        Event::TicketFinished { .. } => What::Finished,
        Event::TicketMissed { .. } => What::Missed,
        Event::TicketCancelled { by: Visitor, .. } => What::Left,
        Event::TicketCancelled { by: Staff, .. } => What::Cancelled,
        Event::TicketExpired { .. } => What::Expired,
        Event::TicketReactivated { .. } => What::Reactivated,
        Event::TicketRestored { .. } => What::Undone,
        Event::TicketNoted { .. }
        | Event::Configured { .. }
        | Event::DayOpened { .. }
        | Event::DayClosed { .. }
        | Event::DayReopened { .. }
        | Event::DeskOpened { .. }
        | Event::DeskPaused { .. }
        | Event::DeskClosed { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{self, MINUTE, MORNING};
    use super::super::command::Canceller;
    use super::super::ids::Token;
    use super::super::settings::Lang;
    use super::super::ticket::{Channel, Place};
    use super::*;

    const TICKET: TicketId = TicketId(5);
    const DESK: DeskId = DeskId(1);

    fn issued(booked_for: Option<Millis>) -> Event {
        Event::TicketIssued {
            ticket: TICKET,
            token: Token(0xabc),
            number: 7,
            code: "A-007".into(),
            service: ServiceId(1),
            rank: Rank(1),
            channel: Channel::Live,
            lang: Lang::Es,
            name: Some("Ana".into()),
            serial: None,
            booked_for,
            expected: None,
        }
    }

    /// Events at minutes after 09:00, from rev 10 on.
    fn log(events: Vec<(i64, Event)>) -> Vec<Entry> {
        let entry = |(rev, (minute, event))| Entry { rev, at: Millis(MORNING.0 + minute * MINUTE), key: None, event };
        (10..).zip(events).map(entry).collect()
    }

    fn called(minute: i64, desk: DeskId, calls: u32) -> (i64, Event) {
        (minute, Event::TicketCalled { ticket: TICKET, desk, call: 40, calls, agent: None })
    }

    fn of(log: &[Entry]) -> Certificate {
        super::of(TICKET, log, &arbitrary::sample()).expect("it was issued")
    }

    /// Minutes of each wait.
    fn waits(certificate: &Certificate) -> Vec<(u32, Option<i64>)> {
        certificate.waits.iter().map(|wait| (wait.service.id.0, wait.length.map(|length| length / MINUTE))).collect()
    }

    fn whats(certificate: &Certificate) -> Vec<What> {
        certificate.steps.iter().map(|step| step.what).collect()
    }

    #[test]
    fn a_visit_with_everything() {
        let (ticket, desk) = (TICKET, DESK);
        let noted = Event::TicketNoted { ticket, note: Some("difficult".into()) };
        let other = Event::TicketExpired { ticket: TicketId(6) };
        let on = Event::TicketTransferred { ticket, desk, service: ServiceId(2), to: Some(DeskId(2)), place: Place::ByArrival };
        let finished = Event::TicketFinished { ticket, desk: DeskId(2), reliable: true, auto: false, outcome: None, note: None };
        let certificate = of(&log(vec![
            (0, issued(None)),
            called(4, desk, 1),
            (5, Event::TicketRecalled { ticket, desk, call: 41, calls: 2 }),
            (6, noted),
            (6, other),
            (7, Event::ServiceStarted { ticket, desk, auto: false }),
            (9, Event::TicketHeld { ticket, desk }),
            (12, Event::TicketResumed { ticket, desk, agent: None }),
            (15, on),
            called(35, DeskId(2), 3),
            (36, Event::ServiceStarted { ticket, desk: DeskId(2), auto: false }),
            (40, finished),
        ]));
        use What::*;
        assert_eq!(whats(&certificate), [Issued, Called, CalledAgain, Started, Held, Resumed, Transferred, Called, Started, Finished]);
        assert_eq!(waits(&certificate), [(1, Some(4)), (2, Some(20))]);
        assert_eq!((certificate.waited, certificate.served, certificate.calls), (24 * MINUTE, (2 + 3 + 4) * MINUTE, 3));
        assert_eq!((certificate.code.as_str(), certificate.name.as_deref(), certificate.state), ("A-007", Some("Ana"), State::Finished));
        assert_eq!(certificate.day.to_string(), "2026-11-20");
        assert_eq!(certificate.issued.local, "2026-11-20T09:00:00+01:00");
        assert_eq!(certificate.ended.as_ref().map(|moment| moment.local.as_str()), Some("2026-11-20T09:40:00+01:00"));
        let sent = &certificate.steps[6];
        let desks = (sent.desk.as_ref().map(|desk| desk.id), sent.reserved.as_ref().map(|desk| desk.id));
        assert_eq!((sent.rev, desks, sent.service.id, sent.state), (18, (Some(DESK), Some(DeskId(2))), ServiceId(2), State::Waiting));
        assert_eq!(sent.service.name.as_ref().map(|name| name.en.as_str()), Some("informes"));
    }

    #[test]
    fn put_back_undone_missed_and_brought_back() {
        let (ticket, desk) = (TICKET, DESK);
        let begin = log(vec![(0, issued(None)), called(10, desk, 1), (11, Event::TicketMissed { ticket, desk })]);
        let mut before = Ticket::issued(&begin[0].event, begin[0].at).unwrap();
        before.apply(&begin[1].event, begin[1].at);
        let certificate = of(&log(vec![
            (0, issued(None)),
            called(10, desk, 1),
            (11, Event::TicketMissed { ticket, desk }),
            (11, Event::TicketRestored { ticket, desk, before: Box::new(before) }),
            (12, Event::TicketRequeued { ticket, desk, place: Place::Last }),
            called(20, desk, 2),
            (22, Event::TicketMissed { ticket, desk }),
            (30, Event::TicketReactivated { ticket, place: Place::Last }),
            (33, Event::TicketCancelled { ticket, by: Canceller::Visitor }),
        ]));
        use What::*;
        assert_eq!(whats(&certificate), [Issued, Called, Missed, Undone, PutBack, Called, Missed, Reactivated, Left]);
        assert_eq!(waits(&certificate), [(1, Some(10)), (1, Some(8)), (1, Some(3))]);
        assert_eq!((certificate.steps[3].state, certificate.state), (State::Called, State::Cancelled));
    }

    #[test]
    fn an_appointment_waits_from_its_arrival_on() {
        let noon = Millis(MORNING.0 + 180 * MINUTE);
        let mut entries = log(vec![(0, issued(Some(noon))), (170, Event::TicketCheckedIn { ticket: TICKET })]);
        let certificate = of(&entries);
        assert_eq!(whats(&certificate), [What::Booked, What::CheckedIn]);
        assert_eq!(certificate.booked_for.as_ref().map(|moment| moment.local.as_str()), Some("2026-11-20T12:00:00+01:00"));
        assert_eq!((waits(&certificate), certificate.waited, certificate.ended.clone()), (vec![(1, None)], 0, None));
        assert_eq!(certificate.waits[0].from.local, "2026-11-20T11:50:00+01:00");
        entries.remove(0);
        assert_eq!(super::of(TICKET, &entries, &arbitrary::sample()), None);
    }

    #[test]
    fn a_sent_on_ticket_that_waits_begins_another_wait() {
        let (ticket, desk) = (TICKET, DESK);
        let to = |service| Event::TicketTransferred { ticket, desk, service: ServiceId(service), to: None, place: Place::Last };
        let certificate = of(&log(vec![(0, issued(None)), (5, to(2)), (6, to(99)), (8, Event::TicketExpired { ticket })]));
        assert_eq!(waits(&certificate), [(1, Some(5)), (2, Some(1)), (99, Some(2))]);
        assert_eq!(certificate.steps[2].service, Named { id: ServiceId(99), name: None }, "a service that is gone");
    }

    #[test]
    fn what_the_visitor_put_off_is_no_wait() {
        let ticket = TICKET;
        let away = Event::TicketDeferred { ticket, until: Millis(0) };
        let gone = Event::TicketCancelled { ticket, by: Canceller::Visitor };
        let certificate = of(&log(vec![(0, issued(None)), (5, away), (15, Event::TicketReturned { ticket, to: None }), (18, gone)]));
        assert_eq!(waits(&certificate), [(1, Some(5)), (1, Some(3))]);
        assert_eq!(whats(&certificate), [What::Issued, What::Deferred, What::Returned, What::Left]);
        assert_eq!(certificate.waited, 8 * MINUTE);
    }

    #[test]
    fn no_secret_and_no_note_is_in_it() {
        let (ticket, desk) = (TICKET, DESK);
        let (outcome, note) = (Some("refused".into()), Some("difficult".into()));
        let certificate = of(&log(vec![
            (0, issued(None)),
            called(1, desk, 1),
            (2, Event::TicketFinished { ticket, desk, reliable: true, auto: false, outcome, note }),
        ]));
        let text = serde_json::to_string(&certificate).unwrap();
        for secret in ["token", "abc\"", "difficult", "refused", "agent"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let json = serde_json::to_value(&certificate).unwrap();
        assert_eq!((&json["time_zone"], &json["steps"][1]["what"]), (&"Europe/Madrid".into(), &"called".into()));
    }
}
