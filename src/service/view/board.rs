//! Owns how the whole board looks: the snapshot, and the calls on show.

use schemars::JsonSchema;
use serde::Serialize;

use super::desk::DeskView;
use super::outlook::{Outlook, Prospect};
use super::ticket::StaffTicket;
use super::{View, json, slug};
use crate::office::{Call, Entry, Event, Lang, Millis, Name, Office, Policy, Rank, Settings, State, Ticker, Ticket, Word};
use crate::service::messages::TickerView;

/// Calls on a display.
const CALLS_SHOWN: usize = 10;
/// Missed ones on a display.
const MISSED_SHOWN: usize = 10;

/// What a snapshot is made of.
pub struct Board<'a> {
    pub office: &'a Office,
    pub settings: &'a Settings,
    pub epoch: &'a str,
    pub now: Millis,
    pub ticker: Option<&'a Ticker>,
    pub outlook: &'a Outlook,
    pub view: View,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Board")]
pub(in crate::service) struct Snapshot<'a> {
    tipo: &'static str,
    epoch: &'a str,
    rev: u64,
    hora: Millis,
    jornada: Option<String>,
    cerrada: bool,
    sucursal: BranchView<'a>,
    grupos: Vec<GroupView<'a>>,
    servicios: Vec<ServiceView<'a>>,
    clases: Vec<ClassView<'a>>,
    escritorios: Vec<DeskView<'a>>,
    llamadas: Vec<CallView<'a>>,
    ausentes: Vec<MissedView<'a>>,
    esperando: usize,
    aviso: Option<TickerView<'a>>,
    #[serde(flatten)]
    lists: Option<Lists<'a>>,
}

/// The staff's lists.
#[derive(Serialize, JsonSchema)]
struct Lists<'a> {
    tickets: Vec<StaffTicket<'a>>,
    aplazados: Vec<StaffTicket<'a>>,
    retenidos: Vec<StaffTicket<'a>>,
    perdidos: Vec<StaffTicket<'a>>,
    reservados: Vec<StaffTicket<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BoardBranch")]
struct BranchView<'a> {
    id: u32,
    nombre: &'a str,
    zona: &'static str,
    idiomas: &'a [Lang],
    abierta: bool,
    abre: Option<Millis>,
    cierra: Option<Millis>,
    politica: &'static str,
    deshacer: i64,
    seguir: bool,
    aplazar: DeferralView,
    resultados: Vec<WordView<'a>>,
    pausas: Vec<WordView<'a>>,
}

/// How visitors may put off their turn.
#[derive(Serialize, JsonSchema)]
struct DeferralView {
    minutos: u16,
    veces: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BoardWord")]
struct WordView<'a> {
    id: &'a str,
    nombre: &'a Name,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BoardGroup")]
struct GroupView<'a> {
    id: &'a str,
    nombre: &'a Name,
    padre: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BoardService")]
struct ServiceView<'a> {
    id: &'a str,
    prefijo: &'a str,
    nombre: &'a Name,
    grupo: Option<&'a str>,
    esperando: usize,
    #[serde(flatten)]
    prospect: Prospect,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BoardClass")]
struct ClassView<'a> {
    id: &'a str,
    rango: Rank,
    nombre: &'a Name,
}

/// One call: the payload of `llamada`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Call")]
pub(in crate::service) struct CallView<'a> {
    rev: u64,
    llamada: u64,
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    escritorio: u32,
    veces: u32,
    idioma: Lang,
    hora: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    nombre: Option<&'a str>,
}

/// Who was called and did not come.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Missed")]
struct MissedView<'a> {
    codigo: &'a str,
    numero: u32,
    servicio: &'a str,
    hora: Option<Millis>,
}

/// One line of `estado-actual`.
#[derive(Serialize, JsonSchema)]
struct Attended<'a> {
    numero: u32,
    escritorio: u32,
    codigo: &'a str,
    servicio: &'a str,
    rev: u64,
}

/// The whole board as it is now.
pub fn snapshot(board: &Board<'_>) -> String {
    let Board { office, settings, view, .. } = *board;
    json(&Snapshot {
        tipo: "instantanea",
        epoch: board.epoch,
        rev: office.rev(),
        hora: board.now,
        jornada: office.day().map(|day| day.to_string()),
        cerrada: office.is_shut(),
        sucursal: branch(board),
        grupos: settings
            .groups
            .iter()
            .map(|group| GroupView { id: &group.slug, nombre: &group.name, padre: group.parent.as_deref() })
            .collect(),
        servicios: services(board),
        clases: settings.classes.iter().map(|class| ClassView { id: &class.slug, rango: class.rank, nombre: &class.name }).collect(),
        escritorios: settings.desks.iter().map(|desk| DeskView::new(office, settings, desk, view)).collect(),
        llamadas: calls(office, settings).collect(),
        ausentes: absent(office, settings),
        esperando: office.waiting_count(),
        aviso: board.ticker.map(TickerView::from),
        lists: (view == View::Staff).then(|| lists(office, settings, board.now)),
    })
}

/// The payload of `llamada`, when the entry is a call.
pub fn call(office: &Office, settings: &Settings, entry: &Entry) -> Option<String> {
    let (Event::TicketCalled { ticket, desk, call, calls, .. } | Event::TicketRecalled { ticket, desk, call, calls }) = entry.event else {
        return None;
    };
    Some(json(&CallView::new(office, settings, Call { call, rev: entry.rev, at: entry.at, ticket, desk, calls })?))
}

/// The payload of `estado-actual`.
pub fn attended(office: &Office, settings: &Settings, limit: usize) -> String {
    let line = |call: CallView<'_>| {
        let CallView { numero, escritorio, codigo, servicio, rev, .. } = call;
        json(&Attended { numero, escritorio, codigo, servicio, rev })
    };
    format!("[{}]", calls(office, settings).take(limit).map(line).collect::<Vec<_>>().join(","))
}

/// The calls on show, newest first.
pub fn recent_calls(office: &Office, settings: &Settings) -> String {
    json(&calls(office, settings).collect::<Vec<_>>())
}

pub(super) fn calls<'a>(office: &'a Office, settings: &'a Settings) -> impl Iterator<Item = CallView<'a>> {
    office.calls_on_show().iter().take(CALLS_SHOWN).filter_map(|call| CallView::new(office, settings, *call))
}

impl<'a> CallView<'a> {
    fn new(office: &'a Office, settings: &'a Settings, call: Call) -> Option<Self> {
        let ticket = office.ticket(call.ticket)?;
        Some(Self {
            rev: call.rev,
            llamada: call.call,
            codigo: &ticket.code,
            numero: ticket.number,
            servicio: slug(settings, ticket.service),
            escritorio: call.desk.0,
            veces: call.calls,
            idioma: ticket.lang,
            hora: call.at,
            nombre: shown_name(settings, ticket),
        })
    }
}

impl<'a> CallView<'a> {
    /// Code, service, desk and time.
    pub fn in_short(&self) -> (&'a str, &'a str, u32, Millis) {
        (self.codigo, self.servicio, self.escritorio, self.hora)
    }
}

/// A visitor's name, where displays show it.
pub(super) fn shown_name<'a>(settings: &Settings, ticket: &'a Ticket) -> Option<&'a str> {
    ticket.name.as_deref().filter(|_| settings.names_on_display)
}

fn branch<'a>(board: &Board<'a>) -> BranchView<'a> {
    let settings = board.settings;
    let (abierta, abre, cierra) = board.outlook.branch.of_branch();
    BranchView {
        id: board.office.branch().0,
        nombre: &settings.name,
        zona: settings.time_zone.name(),
        idiomas: &settings.languages,
        abierta,
        abre,
        cierra,
        politica: match settings.policy {
            Policy::Fifo => "fifo",
            Policy::Strict => "strict",
            Policy::Accumulating { .. } => "accumulating",
            Policy::GuardedRatio { .. } => "guarded_ratio",
        },
        deshacer: settings.undo_within,
        seguir: settings.follow_on_phone,
        aplazar: DeferralView { minutos: settings.deferrals.minutes, veces: settings.deferrals.times },
        resultados: words(&settings.outcomes),
        pausas: words(&settings.pauses),
    }
}

fn words(words: &[Word]) -> Vec<WordView<'_>> {
    words.iter().map(|word| WordView { id: &word.slug, nombre: &word.name }).collect()
}

fn services<'a>(board: &Board<'a>) -> Vec<ServiceView<'a>> {
    let service = |service: &'a crate::office::Service| ServiceView {
        id: &service.slug,
        prefijo: &service.prefix,
        nombre: &service.name,
        grupo: service.group.as_deref(),
        esperando: board.office.waiting_for(service.id),
        prospect: board.outlook.prospect(service.id),
    };
    board.settings.services.iter().map(service).collect()
}

fn lists<'a>(office: &'a Office, settings: &'a Settings, now: Millis) -> Lists<'a> {
    let staff = |ticket: &'a Ticket| StaffTicket::new(office, settings, ticket);
    let mut lost: Vec<_> = office.missed().filter(|ticket| office.reactivate_until(ticket).is_some_and(|until| now <= until)).collect();
    lost.sort_by_key(|ticket| std::cmp::Reverse(ticket.ended_at));
    Lists {
        tickets: office.waiting().map(staff).collect(),
        aplazados: office.tickets().filter(|ticket| ticket.state == State::Deferred).map(staff).collect(),
        retenidos: office.held().map(staff).collect(),
        perdidos: lost.into_iter().map(staff).collect(),
        reservados: office.booked().map(staff).collect(),
    }
}

/// Newest first, and of one instant as the codes say, so that whoever puts them in order by the changes has the same.
fn absent<'a>(office: &'a Office, settings: &'a Settings) -> Vec<MissedView<'a>> {
    let mut absent: Vec<_> = office.missed().filter(|ticket| ticket.state == State::Missed).collect();
    absent.sort_by_key(|ticket| std::cmp::Reverse((ticket.ended_at, &ticket.code)));
    let view = |ticket: &'a Ticket| MissedView {
        codigo: &ticket.code,
        numero: ticket.number,
        servicio: slug(settings, ticket.service),
        hora: ticket.ended_at,
    };
    absent.into_iter().take(MISSED_SHOWN).map(view).collect()
}
