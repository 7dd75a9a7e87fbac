//! Owns the tests of the opening hours.

use chrono::DateTime;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::arbitrary;
use super::*;

const MINUTE: i64 = 60_000;
const CAJA: Option<ServiceId> = Some(ServiceId(1));

fn at(text: &str) -> Millis {
    Millis(text.parse::<DateTime<chrono::FixedOffset>>().unwrap().timestamp_millis())
}

fn span(from: &str, to: &str) -> Span {
    Span { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn every_day(spans: &[Span]) -> Week {
    let [mon, tue, wed, thu, fri, sat, sun] = std::array::from_fn(|_| spans.to_vec());
    Week { mon, tue, wed, thu, fri, sat, sun }
}

/// Madrid, cut-over at 04:00: weekdays 08:00 to 14:00, Thursdays 16:00 to 20:00 too.
fn office() -> Settings {
    let morning = vec![span("08:00", "14:00")];
    let thu = vec![span("08:00", "14:00"), span("16:00", "20:00")];
    let hours = Week { mon: morning.clone(), tue: morning.clone(), wed: morning.clone(), thu, fri: morning, ..Week::default() };
    Settings { hours, ..arbitrary::sample() }
}

fn holiday(date: &str, hours: &[Span]) -> Holiday {
    Holiday { date: date.parse().unwrap(), name: None, hours: hours.to_vec() }
}

#[track_caller]
fn open_until(settings: &Settings, service: Option<ServiceId>, now: &str, closes: &str) {
    let Opening::Open { closes: found, .. } = settings.opening(service, at(now)) else { panic!("closed at {now}") };
    assert_eq!(found, Some(at(closes)), "at {now}");
}

#[track_caller]
fn closed_until(settings: &Settings, service: Option<ServiceId>, now: &str, opens: &str) {
    assert_eq!(settings.opening(service, at(now)), Opening::Closed { opens: Some(at(opens)) }, "at {now}");
    assert_eq!(settings.next_opening(service, at(now)), Some(at(opens)));
}

#[test]
fn minutes_are_written_with_four_digits() {
    for text in ["00:00", "08:30", "24:00", "47:59"] {
        let minute: Minute = serde_json::from_value(text.into()).unwrap();
        assert_eq!(serde_json::to_value(minute).unwrap(), text);
    }
    assert_eq!("08:30".parse(), Ok(Minute(510)));
    for text in ["", "8:30", "08:60", "48:00", "08.30", "0830", "+8:30", "08:30:00", "٠٨:٣٠", " 08:30", "-1:00"] {
        assert_eq!(text.parse::<Minute>(), Err(BadMinute(text.into())), "{text:?}");
    }
    let error = serde_json::from_value::<Span>(serde_json::json!(["08:00", "25:99"])).unwrap_err().to_string();
    assert_eq!(error, "\"25:99\" is no time of the day: it is written \"08:30\", from \"00:00\" to \"47:59\"");
}

#[test]
fn hours_are_read_as_they_are_written() {
    let json = serde_json::json!({ "mon": [["08:00", "14:00"], ["16:00", "26:30"]] });
    let week: Week = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(week, Week { mon: vec![span("08:00", "14:00"), span("16:00", "26:30")], ..Week::default() });
    assert_eq!(serde_json::to_value(&week).unwrap()["mon"], json["mon"]);
    assert!(serde_json::from_value::<Week>(serde_json::json!({ "monday": [] })).is_err());
    let day: Holiday = serde_json::from_value(serde_json::json!({ "date": "2026-12-25" })).unwrap();
    assert_eq!(day, holiday("2026-12-25", &[]));
}

#[test]
fn no_hours_are_always_open() {
    let settings = arbitrary::sample();
    for now in [i64::MIN, 0, 1_795_161_600_000, i64::MAX] {
        assert_eq!(settings.opening(CAJA, Millis(now)), Opening::Open { closes: None, last_ticket: None });
    }
    let all_day = Settings { hours: every_day(&[span("04:00", "28:00")]), last_tickets: 30, ..arbitrary::sample() };
    assert_eq!(all_day.opening(None, at("2026-11-20T09:00:00Z")), Opening::Open { closes: None, last_ticket: None });
}

#[test]
fn an_ordinary_week() {
    let office = office();
    // Thursday, 19 November 2026.
    closed_until(&office, None, "2026-11-19T07:59:59.999+01:00", "2026-11-19T08:00:00+01:00");
    open_until(&office, None, "2026-11-19T08:00:00+01:00", "2026-11-19T14:00:00+01:00");
    open_until(&office, None, "2026-11-19T13:59:59.999+01:00", "2026-11-19T14:00:00+01:00");
    closed_until(&office, None, "2026-11-19T14:00:00+01:00", "2026-11-19T16:00:00+01:00");
    closed_until(&office, None, "2026-11-20T14:00:00+01:00", "2026-11-23T08:00:00+01:00");
    assert_eq!(office.next_opening(None, at("2026-11-19T09:00:00+01:00")), Some(at("2026-11-19T16:00:00+01:00")), "while it is open");
}

#[test]
fn numbers_end_before_the_doors_close() {
    let office = Settings { last_tickets: 20, ..office() };
    let (now, last) = (at("2026-11-20T13:39:59.999+01:00"), at("2026-11-20T13:40:00+01:00"));
    let opening = office.opening(None, now);
    assert_eq!(opening, Opening::Open { closes: Some(at("2026-11-20T14:00:00+01:00")), last_ticket: Some(last) });
    assert!(opening.takes_tickets(now) && !office.opening(None, last).takes_tickets(last) && office.opening(None, last).is_open());
    let closed = at("2026-11-20T14:00:00+01:00");
    assert!(!office.opening(None, closed).takes_tickets(closed));
}

#[test]
fn a_holiday_counts_for_all_and_may_have_hours() {
    let mut office = office();
    office.holidays = vec![holiday("2026-11-20", &[]), holiday("2026-11-22", &[span("10:00", "12:00")])];
    closed_until(&office, None, "2026-11-20T09:00:00+01:00", "2026-11-22T10:00:00+01:00");
    open_until(&office, None, "2026-11-22T10:00:00+01:00", "2026-11-22T12:00:00+01:00");
    office.services[0].hours = Some(every_day(&[span("09:00", "11:00")]));
    closed_until(&office, CAJA, "2026-11-20T09:30:00+01:00", "2026-11-22T10:00:00+01:00");
    open_until(&office, CAJA, "2026-11-22T10:00:00+01:00", "2026-11-22T11:00:00+01:00");
    let always = Settings { holidays: vec![holiday("2026-11-20", &[])], ..arbitrary::sample() };
    open_until(&always, None, "2026-11-19T09:00:00+01:00", "2026-11-20T04:00:00+01:00");
    closed_until(&always, None, "2026-11-20T04:00:00+01:00", "2026-11-21T04:00:00+01:00");
}

#[test]
fn a_service_is_open_when_it_and_the_branch_are() {
    let mut office = office();
    let early = vec![span("07:00", "10:00"), span("13:00", "17:00")];
    office.services[0].hours = Some(Week { thu: early, sun: vec![span("09:00", "10:00")], ..Week::default() });
    closed_until(&office, CAJA, "2026-11-19T07:30:00+01:00", "2026-11-19T08:00:00+01:00");
    open_until(&office, CAJA, "2026-11-19T08:00:00+01:00", "2026-11-19T10:00:00+01:00");
    open_until(&office, CAJA, "2026-11-19T13:00:00+01:00", "2026-11-19T14:00:00+01:00");
    open_until(&office, CAJA, "2026-11-19T16:00:00+01:00", "2026-11-19T17:00:00+01:00");
    closed_until(&office, CAJA, "2026-11-20T09:00:00+01:00", "2026-11-26T08:00:00+01:00");
    for other in [None, Some(ServiceId(2)), Some(ServiceId(99))] {
        open_until(&office, other, "2026-11-20T09:00:00+01:00", "2026-11-20T14:00:00+01:00");
    }
    office.services[0].hours = Some(Week::default());
    open_until(&office, CAJA, "2026-11-20T09:00:00+01:00", "2026-11-20T14:00:00+01:00");
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_began() {
    let bar = Settings { hours: Week { fri: vec![span("22:00", "27:30")], ..Week::default() }, ..arbitrary::sample() };
    open_until(&bar, None, "2026-11-21T03:29:00+01:00", "2026-11-21T03:30:00+01:00");
    closed_until(&bar, None, "2026-11-21T03:30:00+01:00", "2026-11-27T22:00:00+01:00");
    let night = Settings { cut_over: 720, hours: every_day(&[span("12:00", "14:00"), span("20:00", "36:00")]), ..arbitrary::sample() };
    open_until(&night, None, "2026-11-21T03:30:00+01:00", "2026-11-21T14:00:00+01:00");
    closed_until(&night, None, "2026-11-21T14:00:00+01:00", "2026-11-21T20:00:00+01:00");
}

#[test]
fn hours_in_the_hour_that_the_clocks_skip_or_repeat() {
    // Madrid skips 02:00 to 03:00 on 29 March and lives it twice on 25 October.
    let office = |spans: &[Span]| Settings { cut_over: 0, hours: every_day(spans), ..arbitrary::sample() };
    let gone = office(&[span("02:10", "02:50")]);
    closed_until(&gone, None, "2026-03-29T00:00:00+01:00", "2026-03-30T02:10:00+02:00");
    open_until(&office(&[span("01:30", "02:30")]), None, "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00");
    open_until(&office(&[span("02:30", "03:30")]), None, "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00");
    let twice = office(&[span("02:10", "02:50")]);
    open_until(&twice, None, "2026-10-25T02:10:00+02:00", "2026-10-25T02:50:00+02:00");
    closed_until(&twice, None, "2026-10-25T02:20:00+01:00", "2026-10-26T02:10:00+01:00");
    open_until(&office(&[span("01:00", "03:00")]), None, "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00");
    let day = office(&[span("08:00", "14:00")]);
    closed_until(&day, None, "2026-03-28T14:00:00+01:00", "2026-03-29T08:00:00+02:00");
    closed_until(&day, None, "2026-10-24T14:00:00+02:00", "2026-10-25T08:00:00+01:00");
}

#[test]
fn an_opening_beyond_60_days_is_none() {
    let mut office = office();
    let first: NaiveDate = "2026-11-20".parse().unwrap();
    let closed = |days| first.iter_days().take(days).map(|date| Holiday { date, name: None, hours: vec![] }).collect();
    office.holidays = closed(60);
    closed_until(&office, None, "2026-11-20T09:00:00+01:00", "2027-01-19T08:00:00+01:00");
    office.holidays = closed(61);
    let now = at("2026-11-20T09:00:00+01:00");
    assert_eq!(office.opening(None, now), Opening::Closed { opens: None });
    assert_eq!(office.next_opening(None, now), None);
}

fn weeks() -> impl Strategy<Value = Vec<Vec<Span>>> {
    let day = vec(0_u16..=1440, 0..6).prop_map(|mut minutes| {
        minutes.sort_unstable();
        minutes.dedup();
        minutes.chunks_exact(2).map(|pair| Span { from: Minute(pair[0]), to: Minute(pair[1]) }).collect::<Vec<_>>()
    });
    vec(day, 8)
}

fn settings() -> impl Strategy<Value = Settings> {
    let zone = prop_oneof![
        select(chrono_tz::TZ_VARIANTS.to_vec()),
        select(vec![Tz::Europe__Madrid, Tz::America__Santiago, Tz::Australia__Lord_Howe, Tz::Pacific__Apia]),
    ];
    let own = proptest::option::of(weeks());
    (zone, 0_u16..1440, weeks(), own, vec(0_u64..12, 0..4), 0_u16..200).prop_map(|(zone, cut_over, week, own, holidays, last)| {
        let shift = |spans: &[Span]| {
            spans.iter().map(|span| Span { from: Minute(span.from.0 + cut_over), to: Minute(span.to.0 + cut_over) }).collect::<Vec<_>>()
        };
        let week_of = |days: &[Vec<Span>]| {
            let [mon, tue, wed, thu, fri, sat, sun] = std::array::from_fn(|i| shift(&days[i]));
            Week { mon, tue, wed, thu, fri, sat, sun }
        };
        let mut settings = Settings { time_zone: zone, cut_over, last_tickets: last, hours: week_of(&week), ..arbitrary::sample() };
        settings.services[0].hours = own.as_deref().map(week_of);
        let first: NaiveDate = "2026-01-01".parse().unwrap();
        let dates: std::collections::BTreeSet<_> = holidays.into_iter().map(|n| first + chrono::Days::new(n * n * 3)).collect();
        settings.holidays = dates.into_iter().map(|date| Holiday { date, name: None, hours: shift(&week[7]) }).collect();
        settings
    })
}

/// Open or not, found in another way: by what the clock on the wall shows. Holds where the wall shows no time twice and skips none.
fn shows_open(settings: &Settings, week: Option<&Week>, now: Millis) -> bool {
    let date = settings.calendar().date(now);
    let wall = DateTime::from_timestamp_millis(now.0).unwrap().with_timezone(&settings.time_zone).naive_local();
    let minute = (wall - date.and_time(chrono::NaiveTime::MIN)).num_minutes();
    let within = |spans: &[Span]| spans.iter().any(|span| i64::from(span.from.0) <= minute && minute < i64::from(span.to.0));
    let in_week = |week: &Week| week.is_always() || within(week.on(date.weekday()));
    let holiday = settings.holidays.iter().find(|holiday| holiday.date == date);
    holiday.map_or_else(|| in_week(&settings.hours), |holiday| within(&holiday.hours)) && week.is_none_or(in_week)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn open_is_what_the_wall_shows(settings in settings(), minutes in 29_454_000_i64..30_000_000, own: bool) {
        prop_assert_eq!(settings.check(), Ok(()));
        let now = Millis(minutes * MINUTE);
        let service = own.then_some(ServiceId(1));
        let opening = settings.opening(service, now);
        let spans = settings.open_spans(service, settings.calendar().date(now));
        prop_assert_eq!(opening.is_open(), spans.iter().any(|(from, to)| *from <= now && now < *to));
        let offset = |at: Millis| {
            let at = DateTime::from_timestamp_millis(at.0).unwrap().with_timezone(&settings.time_zone);
            chrono::Offset::fix(at.offset()).local_minus_utc()
        };
        let steady = [-26, 26].map(|hours| offset(Millis(now.0 + hours * 60 * MINUTE)) == offset(now)) == [true, true];
        let week = settings.services[0].hours.as_ref().filter(|_| own);
        prop_assert!(!steady || opening.is_open() == shows_open(&settings, week, now));
    }

    #[test]
    fn what_is_told_of_the_future_comes_true(settings in settings(), minutes in 29_454_000_i64..30_000_000, share in 0.0_f64..1.0) {
        let now = Millis(minutes * MINUTE);
        let is_open = |at: i64| settings.opening(CAJA, Millis(at)).is_open();
        let between = |end: Millis| now.0 + ((end.0 - now.0 - 1) as f64 * share) as i64;
        match settings.opening(CAJA, now) {
            Opening::Open { closes, last_ticket } => {
                prop_assert_eq!(closes.is_some(), last_ticket.is_some());
                let end = closes.unwrap_or(Millis(now.0 + 59 * 24 * 60 * MINUTE));
                prop_assert!(end > now && is_open(between(end)) && is_open(end.0 - 1));
                prop_assert!(closes.is_none() || !is_open(end.0));
                prop_assert!(settings.next_opening(CAJA, now).is_none_or(|next| closes.is_some_and(|closes| next > closes)));
            }
            Opening::Closed { opens } => {
                let end = opens.unwrap_or(Millis(now.0 + 59 * 24 * 60 * MINUTE));
                prop_assert!(end > now && !is_open(between(end)) && !is_open(end.0 - 1));
                prop_assert!(opens.is_none() || is_open(end.0));
                prop_assert_eq!(settings.next_opening(CAJA, now), opens);
            }
        }
    }

    #[test]
    fn never_panics(settings in settings(), at: i64, from: u16, to: u16) {
        let mut settings = settings;
        settings.hours.mon.insert(0, Span { from: Minute(from), to: Minute(to) });
        for at in [at, at / 1000, at / 100_000] {
            settings.opening(CAJA, Millis(at));
            settings.next_opening(None, Millis(at));
        }
    }

    #[test]
    fn a_minute_is_read_as_it_is_written(minute in 0_u16..2880, text in "\\PC{0,8}") {
        prop_assert_eq!(Minute(minute).to_string().parse(), Ok(Minute(minute)));
        prop_assert!(text.parse::<Minute>().is_ok_and(|minute| minute.to_string() == text) || text.parse::<Minute>().is_err());
    }
}
