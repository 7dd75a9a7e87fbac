//! Owns the simulated people of `siguiente demo`: visitors who take numbers and agents who call them. They use the same way as everybody else,
//! a command through the hub; what they are refused they take as people do and go on.

use std::time::Duration;

use actix::Recipient;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::office::{BranchId, Channel, Command, DeskId, Lang, Rank, Settings, Ticket, TicketId, Token};
use crate::realtime::Tell;
use crate::service::Notice;

/// People before the door when it opens.
const CROWD: usize = 12;

/// Takes numbers for ever: some at once, then `interval` apart on average.
pub async fn take_numbers(hub: Recipient<Tell<Notice>>, branch: BranchId, settings: Settings, interval: Duration) {
    for _ in 0..CROWD {
        take_number(&hub, branch, &settings).await;
    }
    loop {
        sleep(about(interval)).await;
        take_number(&hub, branch, &settings).await;
    }
}

async fn take_number(hub: &Recipient<Tell<Notice>>, branch: BranchId, settings: &Settings) {
    let service = settings.services[below(settings.services.len())].id;
    let rank = if below(8) == 0 { settings.classes.first().map_or(Rank::NORMAL, |class| class.rank) } else { Rank::NORMAL };
    let lang = if below(5) == 0 { Lang::En } else { Lang::Es };
    let (id, token) = (TicketId(random()), Token(random()));
    ask(hub, branch, Command::Issue { id, token, service, rank, channel: Channel::Demo, lang, name: None, booked_for: None }).await;
}

/// Serves at one desk for ever: calls, waits for the person, serves, finishes. `interval` is how often visitors come to the whole office of
/// `desks` agents: they just keep up with them.
pub async fn serve(hub: Recipient<Tell<Notice>>, branch: BranchId, desk: DeskId, interval: Duration, desks: u32) {
    let turn = interval.saturating_mul(desks);
    loop {
        sleep(about(turn.mul_f64(0.2))).await;
        let Some(called) = ask(&hub, branch, Command::CallNext { desk }).await else { continue };
        let ticket = Some(called.id);
        sleep(about(turn.mul_f64(0.2))).await;
        if below(12) == 0 {
            ask(&hub, branch, Command::NoShow { desk, ticket }).await;
            continue;
        }
        ask(&hub, branch, Command::Start { desk, ticket }).await;
        sleep(about(turn.mul_f64(0.6))).await;
        ask(&hub, branch, Command::Finish { desk, ticket, outcome: None, note: None }).await;
    }
}

async fn ask(hub: &Recipient<Tell<Notice>>, branch: BranchId, command: Command) -> Option<Ticket> {
    let (answer, wait) = oneshot::channel();
    hub.do_send(Tell(Notice::Command(branch, command.into(), answer)));
    wait.await.ok()?.ok()?
}

/// Half to one and a half times the mean.
fn about(mean: Duration) -> Duration {
    mean.mul_f64(0.5 + below(1000) as f64 / 1000.0)
}

fn below(limit: usize) -> usize {
    (random() % limit.max(1) as u128) as usize
}

fn random() -> u128 {
    let mut bits = [0; 16];
    // A demonstration without randomness is no use.
    getrandom::fill(&mut bits).expect("the operating system gives random bytes");
    u128::from_ne_bytes(bits)
}
