//! Owns which branch the tokens of today's tickets are of, for visitors who name none: one look into one table, however many branches there
//! are. Learns from each branch's office what was issued; whether a token is still good is the branch's to say.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::office::{BranchId, Office, Token};

#[derive(Default)]
pub struct Whose {
    /// As in [`Office::by_token`], how long a look takes says nothing of the tokens that there are.
    branches: HashMap<Token, BranchId>,
    known: HashMap<BranchId, Known>,
}

/// What was learnt of a branch.
#[derive(Default)]
struct Known {
    day: Option<NaiveDate>,
    /// Position of its log.
    rev: u64,
    tokens: Vec<Token>,
}

impl Whose {
    pub fn branch(&self, token: Token) -> Option<BranchId> {
        self.branches.get(&token).copied()
    }

    /// Takes in what a branch has issued since the last time. A day that is over, or a log that was read anew, is learnt from its beginning.
    pub fn learn(&mut self, branch: BranchId, office: &Office) {
        let known = self.known.entry(branch).or_default();
        let issued = office.tickets().len();
        let is_the_day = known.day == office.day() && known.rev <= office.rev();
        let since = office.issued_after(known.rev).filter(|_| is_the_day).count();
        if !is_the_day || known.tokens.len() + since != issued {
            for token in known.tokens.drain(..) {
                self.branches.remove(&token);
            }
            known.rev = 0;
        }
        for ticket in office.issued_after(known.rev) {
            self.branches.insert(ticket.token, branch);
            known.tokens.push(ticket.token);
        }
        (known.day, known.rev) = (office.day(), office.rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::arbitrary::{Sample, sample};
    use crate::office::{Command, TicketId};

    const DAY: i64 = 24 * 3_600_000;

    fn token(sample: &Sample, ticket: TicketId) -> Token {
        sample.office.ticket(ticket).unwrap().token
    }

    #[test]
    fn a_token_is_of_the_branch_that_issued_it_for_its_day() {
        let (mut whose, branch) = (Whose::default(), BranchId(7));
        let mut day = Sample::new(sample());
        whose.learn(branch, &day.office);
        let first = day.issue(1, 0);
        let first = token(&day, first);
        assert_eq!(whose.branch(first), None, "not told yet");
        whose.learn(branch, &day.office);
        let second = day.issue(2, 0);
        let second = token(&day, second);
        whose.learn(branch, &day.office);
        assert_eq!([first, second, Token(0)].map(|token| whose.branch(token)), [Some(branch), Some(branch), None]);
        day.pass(DAY);
        day.done(Command::TurnDay);
        let third = day.issue(1, 0);
        let third = token(&day, third);
        whose.learn(branch, &day.office);
        assert_eq!([first, second, third].map(|token| whose.branch(token)), [None, None, Some(branch)]);
        assert_eq!((whose.branches.len(), whose.known[&branch].tokens.len()), (1, 1), "what is over is forgotten");
    }

    #[test]
    fn a_log_that_was_read_anew_is_learnt_anew() {
        let (mut whose, branch) = (Whose::default(), BranchId(1));
        let mut day = Sample::new(sample());
        let mut other = Sample::new(sample());
        let (lost, kept) = (day.issue(1, 0), other.issue(1, 0));
        let lost = token(&day, lost);
        whose.learn(branch, &day.office);
        other.issue(1, 0);
        other.issue(1, 0);
        whose.learn(branch, &other.office);
        assert_eq!(whose.branch(token(&other, kept)), Some(branch));
        let empty = Sample::new(sample());
        whose.learn(branch, &empty.office);
        assert_eq!(whose.branch(lost), None);
        assert!(whose.branches.is_empty());
    }
}
