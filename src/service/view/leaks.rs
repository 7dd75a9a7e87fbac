//! What nobody may see: looked for in every shape of random offices.

use proptest::prelude::*;

use super::*;
use crate::office::arbitrary::{MORNING, Sample, Step, settings, steps};
use crate::office::{By, Command, Entry, Holder, Office, Request, SessionId};

const NAME: &str = "NOMBRE SECRETO";
const NOTE: &str = "NOTA SECRETA";
/// In front of every session.
const SESSION: u128 = 0x5e55_1005_5e55_1005 << 64;

/// The step with texts that can be found again, and sessions that are nothing else.
fn marked(step: &Step, office: &Office, number: usize) -> Request {
    let mut request = step.request(office, number);
    match &mut request.command {
        Command::Issue { name, .. } => *name = Some(NAME.into()),
        Command::Finish { note, .. } | Command::Annotate { note, .. } => *note = Some(NOTE.into()),
        _ => {}
    }
    if let By { holder: Holder::Session(SessionId(session)), .. } = &mut request.by {
        *session |= SESSION;
    }
    request
}

/// Whether there are 32 hexadecimal digits together: an id, a token or a session.
fn has_id(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() == 32)
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(!text.contains(NAME) && !text.contains(NOTE), "a name or a note: {text}");
    prop_assert!(!has_id(text), "an id, a token or a session: {text}");
    Ok(())
}

fn holds_for_staff(office: &Office, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(!text.contains(&format!("{:016x}", SESSION >> 64)), "a session: {text}");
    for ticket in office.tickets() {
        prop_assert!(!text.contains(&ticket.token.to_string()), "a token: {text}");
    }
    Ok(())
}

fn board<'a>(sample: &'a Sample, settings: &'a Settings, outlook: &'a Outlook, view: View) -> Board<'a> {
    Board { office: &sample.office, settings, epoch: "e", now: sample.now, ticker: None, outlook, view }
}

fn check(sample: &Sample, entries: &[(Entry, Earlier)]) -> Result<(), TestCaseError> {
    let office = &sample.office;
    let Some(settings) = office.settings() else { return Ok(()) };
    let outlook = Outlook::of(office, sample.now);
    holds(&snapshot(&board(sample, settings, &outlook, View::Public)))?;
    holds(&attended(office, settings, 4))?;
    holds(&outlook.json(settings))?;
    holds_for_staff(office, &snapshot(&board(sample, settings, &outlook, View::Staff)))?;
    for desk in &settings.desks {
        holds_for_staff(office, &super::desk(office, settings, desk.id, Some(SessionId(SESSION | 1))))?;
    }
    for (entry, earlier) in entries {
        holds(&change(office, settings, entry, *earlier, View::Public))?;
        holds_for_staff(office, &change(office, settings, entry, *earlier, View::Staff))?;
        call(office, settings, entry).map_or(Ok(()), |call| holds(&call))?;
    }
    for ticket in office.tickets() {
        holds(&paper_ticket(office, settings, ticket, crate::office::Wait::Beyond))?;
        holds_for_staff(office, &staff_ticket(office, settings, ticket))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_sees_what_is_somebody_else_s(settings in settings(), steps in steps(60)) {
        let mut sample = Sample::new(settings);
        sample.now = MORNING;
        for (number, step) in steps.iter().enumerate() {
            sample.pass(step.tick);
            let before = sample.office.clone();
            let request = marked(step, &sample.office, number + 1);
            let Ok(done) = sample.request(request) else { continue };
            let mut office = before;
            let entries = done.entries.into_iter().map(|entry| {
                let earlier = Earlier::of(&office, &entry);
                office.apply(&entry);
                (entry, earlier)
            });
            let entries: Vec<_> = entries.collect();
            check(&sample, &entries)?;
        }
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert!(has_id(r#"{"id":"0000000000000000000000000000002a"}"#));
    assert!(!has_id(r#"{"id":"0000000000000000000000000000002"}"#));
    assert!(holds(NAME).is_err() && holds(NOTE).is_err());
}
