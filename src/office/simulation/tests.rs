//! What must hold of a day that is played, whoever comes and however long serving takes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::arbitrary::{MINUTE, MORNING, Sample, desk, sample};
use super::super::command::{Canceller, Command};
use super::super::figures;
use super::super::ticket::Segment;
use super::*;

/// An arrival: minutes after the first, service, rank, seconds of serving.
type Came = (i64, u32, u8, Option<i64>);

fn at(minutes: i64) -> Millis {
    Millis(minutes * MINUTE)
}

fn day(came: &[Came], desks: &[(u32, &[(i64, i64)])]) -> Day {
    let arrivals = came.iter().map(|(minute, service, rank, served)| Arrival {
        at: at(*minute),
        service: ServiceId(*service),
        rank: Rank(*rank),
        served: served.map(|seconds| seconds * 1_000),
    });
    let shifts =
        desks.iter().map(|(desk, open)| Shift { desk: DeskId(*desk), open: open.iter().map(|(from, to)| (at(*from), at(*to))).collect() });
    Day { arrivals: arrivals.collect(), shifts: shifts.collect() }
}

/// Whom which desk called at which minute.
fn called(day: &Day, settings: &Settings, policy: Policy) -> Vec<(usize, u32, i64)> {
    Stage::of(day, settings).play(policy).iter().map(|call| (call.who, call.desk.0, call.at.0 / MINUTE)).collect()
}

const ALWAYS: &[(i64, i64)] = &[(0, 10_000)];

#[test]
fn each_policy_calls_in_its_order() {
    // Somebody is being served until 10; two normal ones, then one with priority, come meanwhile.
    let came = [(0, 1, 0, Some(600)), (1, 1, 0, Some(60)), (2, 1, 0, Some(60)), (6, 1, 1, Some(60)), (7, 1, 0, Some(60))];
    let (day, settings) = (day(&came, &[(1, ALWAYS)]), sample());
    let order = |policy| called(&day, &settings, policy).iter().map(|(who, ..)| *who).collect::<Vec<_>>();
    assert_eq!(order(Policy::Fifo), [0, 1, 2, 3, 4]);
    assert_eq!(order(Policy::Strict), [0, 3, 1, 2, 4]);
    assert_eq!(order(Policy::Accumulating { factor: 3 }), [0, 3, 1, 2, 4], "4 x 3 minutes against 9");
    assert_eq!(order(Policy::Accumulating { factor: 2 }), [0, 1, 3, 2, 4], "4 x 2 against 9, then 5 x 2 against 9");
    assert_eq!(order(Policy::GuardedRatio { normals: 2 }), [0, 1, 3, 2, 4], "two normal ones, then its turn");

    let outcomes = outcomes(&day, &settings);
    let class = |rank, people, mean, p95| ClassOutcome { rank: Rank(rank), people, mean: Some(mean * MINUTE / 4), p95: Some(p95 * MINUTE) };
    // The waits are 0, 9, 9 and 6 minutes, and 6 for priority; then 0, 10, 10 and 6, and 4.
    assert_eq!(outcomes[0].classes, [class(0, 4, 24, 9), class(1, 1, 24, 6)]);
    assert_eq!(outcomes[1].classes, [class(0, 4, 26, 10), class(1, 1, 16, 4)]);
    let policies: Vec<_> = outcomes.iter().map(|outcome| outcome.policy).collect();
    assert_eq!(policies, [Policy::Fifo, Policy::Strict, Policy::Accumulating { factor: 3 }, Policy::GuardedRatio { normals: 2 }]);
}

#[test]
fn the_branch_s_own_policy_has_its_own_number() {
    let own = |policy| super::policies(policy)[2..].to_vec();
    assert_eq!(own(Policy::Accumulating { factor: 7 }), [Policy::Accumulating { factor: 7 }, Policy::GuardedRatio { normals: 2 }]);
    assert_eq!(own(Policy::GuardedRatio { normals: 9 }), [Policy::Accumulating { factor: 3 }, Policy::GuardedRatio { normals: 9 }]);
}

#[test]
fn a_desk_calls_while_it_is_open_whom_it_serves_and_the_last_one_stays() {
    let mut settings = sample();
    settings.desks = vec![desk(1, &[]), desk(2, &[2])];
    let came = [(0, 1, 0, Some(60)), (1, 2, 0, Some(60)), (5, 1, 0, Some(60)), (31, 2, 0, Some(60)), (32, 1, 0, Some(60))];
    let day = day(&came, &[(1, &[(2, 4), (8, 20)]), (2, &[(3, 30)])]);
    let expected = [(0, 1, 2), (1, 1, 3), (2, 1, 8), (3, 2, 31), (4, 1, 32)];
    assert_eq!(called(&day, &settings, Policy::Fifo), expected, "at 3 both have nobody; desk 1 closes at 20, desk 2 at 30");
    // Nobody serves service 2 on a day without that desk, and desk 1 does not serve it.
    settings.desks[0] = desk(1, &[1]);
    let alone = Day { shifts: day.shifts[..1].to_vec(), ..day.clone() };
    assert_eq!(called(&alone, &settings, Policy::Fifo), [(0, 1, 2), (1, 1, 8), (2, 1, 32)]);
    assert_eq!(outcomes(&Day { shifts: Vec::new(), ..day }, &settings)[0].classes[0].people, 0);
}

#[test]
fn who_was_not_measured_takes_as_long_as_others() {
    let settings = sample();
    let came = [(0, 1, 0, Some(120)), (0, 1, 0, None), (0, 1, 0, Some(240)), (0, 2, 0, None), (0, 1, 0, Some(0))];
    let calls = called(&day(&came, &[(1, ALWAYS)]), &settings, Policy::Fifo);
    assert_eq!(
        calls.iter().map(|(.., at)| *at).collect::<Vec<_>>(),
        [0, 2, 4, 8, 13],
        "2, the mean of 2, 4 and 0, 4, and what is configured: 5"
    );
}

#[test]
fn a_day_is_read_of_what_happened() {
    let mut sample = Sample::new(sample());
    let start = MORNING.0;
    let one = DeskId(1);
    sample.done(Command::OpenDesk { desk: one, take_over: false });
    let tickets: Vec<_> = (0..4).map(|n| sample.issue(1, n % 2)).collect();
    sample.pass(MINUTE);
    sample.done(Command::CallNext { desk: one });
    sample.pass(4 * MINUTE);
    sample.done(Command::Finish { desk: one, ticket: None, outcome: None, note: None });
    sample.done(Command::PauseDesk { desk: one, reason: None });
    sample.pass(10 * MINUTE);
    sample.done(Command::OpenDesk { desk: one, take_over: false });
    sample.done(Command::Cancel { ticket: tickets[3], by: Canceller::Visitor });
    let stays: Vec<Stay> = sample.office.tickets().map(|ticket| stay(ticket.present(), start)).collect();
    let pauses = vec![figures::PauseTime { from: Millis(start + 5 * MINUTE), to: Some(Millis(start + 15 * MINUTE)), reason: None }];
    let time = DeskTime { day: stays[0].day, desk: one, agent: None, opened_at: MORNING, closed_at: None, pauses };
    let day = Day::of(&stays, &[time], Millis(start + 20 * MINUTE));
    let open = |from: i64, to: i64| (Millis(start + from * MINUTE), Millis(start + to * MINUTE));
    assert_eq!(day.shifts, [Shift { desk: one, open: vec![open(0, 5), open(15, 20)] }]);
    let served: Vec<_> = day.arrivals.iter().map(|arrival| (arrival.rank.0, arrival.served)).collect();
    assert_eq!(served, [(0, None), (1, Some(4 * MINUTE)), (0, None)], "the one who left is not there");
}

fn stay(segment: Segment, start: i64) -> Stay {
    Stay { day: "2026-11-20".parse().unwrap(), issued_at: Millis(start), expected: None, booked: false, segment }
}

#[test]
fn no_day_at_all_is_an_answer() {
    let outcomes = outcomes(&Day::default(), &sample());
    let nobody = |rank| ClassOutcome { rank: Rank(rank), people: 0, mean: None, p95: None };
    assert!(outcomes.len() == 4 && outcomes.iter().all(|outcome| outcome.classes == [nobody(0), nobody(1)]), "{outcomes:?}");
}

fn came(served: impl Strategy<Value = i64>) -> impl Strategy<Value = Vec<Came>> {
    let one = (0_i64..200, 1_u32..3, prop::sample::select(vec![0_u8, 0, 0, 1, 2]), served.prop_map(Some));
    vec(one, 0..60)
}

fn office(desks: u32) -> Settings {
    Settings { desks: (1..=desks).map(|id| desk(id, &[])).collect(), ..sample() }
}

fn at_all(desks: u32) -> Vec<(u32, &'static [(i64, i64)])> {
    (1..=desks).map(|id| (id, ALWAYS)).collect()
}

/// Waits of those above normal.
fn priority(outcome: &Outcome) -> Vec<(u64, Option<i64>, Option<i64>)> {
    outcome.classes[1..].iter().map(|class| (class.people, class.mean, class.p95)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_lost_and_no_desk_rests_while_somebody_waits(came in came(0_i64..1200), desks in 1_u32..5) {
        let (day, settings) = (day(&came, &at_all(desks)), office(desks));
        let stage = Stage::of(&day, &settings);
        let mut busy = Vec::new();
        for policy in policies(settings.policy) {
            let calls = stage.play(policy);
            let mut who: Vec<_> = calls.iter().map(|call| call.who).collect();
            who.sort_unstable();
            prop_assert_eq!(who, (0..came.len()).collect::<Vec<_>>(), "each once");
            busy.push(calls.iter().map(|call| call.until.0 - call.at.0).sum::<i64>());
            for call in &calls {
                let came = stage.arrivals[call.who].0.at;
                prop_assert!(call.at >= came);
                // All desks had somebody from the arrival until the call, at every moment at which one came free.
                let moments = calls.iter().map(|other| other.until).filter(|until| (came..call.at).contains(until)).chain([came]);
                for moment in moments.filter(|moment| *moment < call.at) {
                    let at_work = calls.iter().filter(|other| (other.at..other.until).contains(&moment)).count();
                    prop_assert_eq!(at_work, desks as usize, "{:?} at {:?}", call, moment);
                }
            }
            for desk in 1..=desks {
                let own: Vec<_> = calls.iter().filter(|call| call.desk == DeskId(desk)).collect();
                prop_assert!(own.windows(2).all(|pair| pair[0].until <= pair[1].at), "one after the other");
            }
            let people: u64 = stage.outcome(policy, &settings).classes.iter().map(|class| class.people).sum();
            prop_assert_eq!(people, came.len() as u64);
        }
        prop_assert!(busy.iter().all(|time| *time == busy[0]), "{:?}", busy);
    }

    #[test]
    fn strict_is_never_worse_for_priority_than_fifo_at_one_desk(came in came(0_i64..1200)) {
        no_worse(&came, 1)?;
    }

    /// With lengths that differ, several desks may do worse in spite of a better order; with one length they may not.
    #[test]
    fn strict_is_never_worse_for_priority_than_fifo_at_several_desks(came in came(Just(300)), desks in 1_u32..5) {
        no_worse(&came, desks)?;
    }

    #[test]
    fn all_policies_have_the_same_waits_in_sum_where_all_take_as_long(came in came(Just(240)), desks in 1_u32..5) {
        let stage = Stage::of(&day(&came, &at_all(desks)), &office(desks));
        let moments = |policy| stage.play(policy).iter().map(|call| call.at).collect::<Vec<_>>();
        let [fifo, others @ ..] = policies(sample().policy).map(moments);
        prop_assert!(others.into_iter().all(|other| other == fifo));
    }

    /// With desks that come and go and serve some services only, everybody is called all the same, at a desk that serves them.
    #[test]
    fn nobody_is_lost_on_a_day_of_changing_desks(
        came in came(0_i64..1200),
        desks in vec((vec((0_i64..150, 1_i64..60), 1..3), prop::sample::select(vec![vec![], vec![1], vec![2], vec![1, 2]])), 1..4),
    ) {
        let settings = Settings { desks: (1..).zip(&desks).map(|(id, (_, services))| desk(id, services)).collect(), ..sample() };
        let spans: Vec<Vec<(i64, i64)>> = desks
            .iter()
            .map(|(open, _)| open.iter().scan(0, |from, (gap, length)| {
                let begins = *from + gap + 1;
                *from = begins + length;
                Some((begins, *from))
            }).collect())
            .collect();
        let shifts: Vec<(u32, &[(i64, i64)])> = (1..).zip(spans.iter().map(Vec::as_slice)).collect();
        let day = day(&came, &shifts);
        let stage = Stage::of(&day, &settings);
        let able = day.arrivals.iter().filter(|arrival| settings.desks.iter().any(|desk| desk.serves(arrival.service))).count();
        for policy in policies(settings.policy) {
            let calls = stage.play(policy);
            prop_assert_eq!(calls.len(), able);
            for Call { who, desk, .. } in calls {
                prop_assert!(settings.desk(desk).unwrap().serves(stage.arrivals[who].0.service));
            }
        }
    }
}

fn no_worse(came: &[Came], desks: u32) -> Result<(), TestCaseError> {
    // One class above normal: among several, the higher ones take from the lower.
    let came: Vec<Came> = came.iter().map(|(at, service, rank, served)| (*at, *service, (*rank).min(1), *served)).collect();
    let outcomes = outcomes(&day(&came, &at_all(desks)), &office(desks));
    for (fifo, strict) in priority(&outcomes[0]).into_iter().zip(priority(&outcomes[1])) {
        prop_assert_eq!(fifo.0, strict.0);
        prop_assert!(strict.1 <= fifo.1 && strict.2 <= fifo.2, "{:?} and {:?}", fifo, strict);
    }
    Ok(())
}
