//! Owns the cases of what is kept beside the log: accounts, sign-ins, screens, and the audit log.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{CENTRE, HARBOUR, begun, keyed};
use crate::access::{AuditAction, AuditLine, Author, Device, DeviceKind, Login, PasswordHash, SecretHash};
use crate::office::{BranchId, DeviceId, Grants, LoginId, Millis, Role, User, UserId};
use crate::store::{AuditFilter, Audited, Batch, Change, CommitError, Store, StoreError};

const ANA: UserId = UserId(1);
const BEA: UserId = UserId(u128::MAX);

pub(in crate::store) fn user(id: UserId, account: Option<&str>) -> User {
    User { login: account.map(str::to_owned), ..User::new(id, format!("Inés {}", id.0), Role::Agent, Millis(5)) }
}

pub(in crate::store) fn login(id: u128, user: UserId) -> Login {
    let address: IpAddr = if id.is_multiple_of(2) { Ipv4Addr::new(192, 0, 2, id as u8).into() } else { Ipv6Addr::LOCALHOST.into() };
    Login::new(LoginId(id), user, SecretHash([id as u8; 32]), address, "Firefox «123»", Millis(1_000 + id as i64))
}

pub(in crate::store) fn device(id: u128) -> Device {
    Device {
        id: DeviceId(id),
        name: format!("Entrada {id}"),
        kind: if id.is_multiple_of(2) { DeviceKind::Kiosk } else { DeviceKind::Display },
        branch: BranchId(1 + (id % 2) as u32),
        secret: SecretHash([id as u8; 32]),
        created_at: Millis(7),
        seen_at: None,
    }
}

pub(in crate::store) fn line(at: i64, action: AuditAction) -> AuditLine {
    AuditLine {
        at: Millis(at),
        branch: None,
        by: Author::Program,
        address: None,
        action,
        subject: "A-007".into(),
        detail: r#"{"antes": "«x»"}"#.into(),
    }
}

fn refused(store: &mut impl Store, changes: &[Change]) -> String {
    match store.record(CENTRE, changes) {
        Err(StoreError::Unavailable(text)) => text.strip_prefix("internal inconsistency, nothing written: ").unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn lines(store: &impl Store, filter: &AuditFilter) -> Vec<AuditLine> {
    store.reports().unwrap().audit(filter, None, usize::MAX).unwrap().into_iter().map(|audited| audited.line).collect()
}

pub(super) fn accounts_are_kept_as_they_are(store: &mut impl Store) {
    let roles = Grants::In([(CENTRE, Role::Supervisor), (HARBOUR, Role::Agent)].into());
    let ana = User { grants: roles, disabled: true, ..user(ANA, Some("ana")) };
    let bea = User { grants: Grants::Everywhere(Role::Admin), ..user(BEA, None) };
    store.record(CENTRE, &[Change::PutUser(bea.clone()), Change::PutUser(ana.clone())]).unwrap();
    assert_eq!(store.directory(HARBOUR).unwrap().users, [ana.clone(), bea.clone()]);
    assert_eq!(store.directory(CENTRE).unwrap().passwords, []);

    let hash = |text: &str| PasswordHash::new(format!("$argon2id${text}"));
    let password = |user, hash| Change::SetPassword { user, hash };
    store.record(CENTRE, &[password(BEA, Some(hash("1"))), password(ANA, Some(hash("2"))), password(BEA, Some(hash("3")))]).unwrap();
    assert_eq!(store.directory(CENTRE).unwrap().passwords, [(ANA, hash("2")), (BEA, hash("3"))]);
    // Another name and nowhere to work, and the password is what it was.
    let renamed = User { name: "Ana".into(), grants: Grants::In([].into()), login: None, disabled: false, ..ana };
    store.record(CENTRE, &[Change::PutUser(renamed.clone()), password(BEA, None)]).unwrap();
    let directory = store.directory(CENTRE).unwrap();
    assert_eq!((directory.users, directory.passwords), (vec![renamed, bea], vec![(ANA, hash("2"))]));

    let unknown = UserId(77);
    let text = format!("a password of user {unknown}, who is not there");
    assert_eq!(refused(store, &[Change::DropUser(ANA), password(unknown, None)]), text);
    store.record(CENTRE, &[Change::DropUser(ANA)]).unwrap();
    assert_eq!(store.directory(CENTRE).unwrap().passwords, []);
}

pub(super) fn no_two_sign_in_by_one_name(store: &mut impl Store) {
    store.record(CENTRE, &[Change::PutUser(user(ANA, Some("ana"))), Change::PutUser(user(UserId(2), None))]).unwrap();
    let before = store.directory(CENTRE).unwrap();
    let text = format!("user {BEA} would sign in by the name of another user");
    assert_eq!(refused(store, &[Change::PutUser(user(UserId(3), None)), Change::PutUser(user(BEA, Some("ana")))]), text);
    assert_eq!(store.directory(CENTRE).unwrap(), before);
    // Her own again, none several times, and one that became free in the same record.
    let changes = [
        Change::PutUser(user(ANA, Some("ana"))),
        Change::PutUser(user(UserId(3), None)),
        Change::PutUser(user(ANA, Some("ana.maria"))),
        Change::PutUser(user(BEA, Some("ana"))),
    ];
    store.record(CENTRE, &changes).unwrap();
    let names: Vec<_> = store.directory(CENTRE).unwrap().users.into_iter().map(|user| user.login).collect();
    assert_eq!(names, [Some("ana.maria".into()), None, None, Some("ana".into())]);
}

pub(super) fn sign_ins_end_one_by_one_or_with_their_user(store: &mut impl Store) {
    let users = [user(ANA, None), user(BEA, None)].map(Change::PutUser);
    store.record(CENTRE, &users).unwrap();
    let all: Vec<_> = (1..=6).map(|id| login(id, if id <= 4 { ANA } else { BEA })).collect();
    store.record(CENTRE, &all.iter().rev().cloned().map(Change::PutLogin).collect::<Vec<_>>()).unwrap();
    assert_eq!(store.directory(HARBOUR).unwrap().logins, all, "of the whole server");

    let again = Login { agent: "other".into(), ..login(1, ANA) };
    let touch = |id, at| Change::TouchLogin { id: LoginId(id), used_at: Millis(at) };
    store.record(CENTRE, &[Change::PutLogin(again), touch(2, 9_000), touch(99, 9_000), Change::DropLogin(LoginId(1))]).unwrap();
    let second = Login { used_at: Millis(9_000), ..login(2, ANA) };
    assert_eq!(store.directory(CENTRE).unwrap().logins, [&[second][..], &all[2..]].concat());

    store.record(CENTRE, &[Change::DropLoginsOf { user: ANA, except: Some(LoginId(3)) }]).unwrap();
    assert_eq!(store.directory(CENTRE).unwrap().logins, [&all[2..3], &all[4..]].concat());
    // One of somebody else is no exception.
    store.record(CENTRE, &[Change::DropLoginsOf { user: ANA, except: Some(LoginId(5)) }]).unwrap();
    assert_eq!(store.directory(CENTRE).unwrap().logins, all[4..]);
    store.record(CENTRE, &[Change::DropUser(BEA), Change::DropLogin(LoginId(5))]).unwrap();
    assert_eq!(store.directory(CENTRE).unwrap().logins, []);
    assert_eq!(refused(store, &[Change::PutLogin(login(9, BEA))]), format!("a sign-in of user {BEA}, who is not there"));
}

pub(super) fn screens_are_named_seen_and_revoked(store: &mut impl Store) {
    let put = |device: &Device| Change::PutDevice(device.clone());
    store.record(CENTRE, &[put(&device(2)), put(&device(1))]).unwrap();
    assert_eq!(store.directory(HARBOUR).unwrap().devices, [device(1), device(2)]);
    let seen = |id, at| Change::SeenDevice { id: DeviceId(id), at: Millis(at) };
    let renamed = Device { name: "Puerta".into(), secret: SecretHash([9; 32]), branch: BranchId(9), created_at: Millis(0), ..device(1) };
    store.record(CENTRE, &[seen(1, 50), seen(99, 50), put(&renamed), Change::DropDevice(DeviceId(2))]).unwrap();
    let now = Device { name: "Puerta".into(), seen_at: Some(Millis(50)), ..device(1) };
    assert_eq!(store.directory(CENTRE).unwrap().devices, [now], "only the name is another one");
}

pub(super) fn what_is_told_of_a_change_is_written_with_it(store: &mut impl Store) {
    let put = Change::PutUser(user(ANA, None));
    store.record(CENTRE, &[put.clone(), Change::Audit(line(1, AuditAction::UserCreated))]).unwrap();
    assert_eq!(lines(store, &AuditFilter::default()), [line(1, AuditAction::UserCreated)]);
    let note = Change::SetPassword { user: BEA, hash: None };
    refused(store, &[Change::Audit(line(2, AuditAction::PasswordChanged)), note]);
    for detail in ["", "[]", "{", "{}x", "null"] {
        let bad = AuditLine { detail: detail.into(), ..line(3, AuditAction::SignedIn) };
        assert!(refused(store, &[Change::DropUser(ANA), Change::Audit(bad)]).ends_with("whose detail is no JSON object"), "{detail:?}");
    }
    assert_eq!(lines(store, &AuditFilter::default()).len(), 1, "nothing of what was refused");
    assert_eq!(store.directory(CENTRE).unwrap().users.len(), 1);
}

pub(super) fn what_is_told_of_entries_is_written_with_them(store: &mut impl Store) {
    let (mut pen, _) = begun(store, 2);
    let told = vec![line(1, AuditAction::TicketOutOfOrder), line(1, AuditAction::DeskTakenOver)];
    let first = keyed(pen.issue(10), "k");
    store.commit(&Batch { audit: told.clone(), ..pen.batch([first]) }).unwrap();
    let newest_first: Vec<_> = told.iter().rev().cloned().collect();
    assert_eq!(lines(store, &AuditFilter::default()), newest_first);

    let used = Batch { audit: told.clone(), ..pen.batch([keyed(pen.clone().issue(11), "k")]) };
    assert!(matches!(store.commit(&used), Err(CommitError::KeyUsed { .. })));
    let moved = Batch { audit: told.clone(), ..pen.batch([pen.clone().issue(11), pen.clone().issue(12)]) };
    assert!(matches!(store.commit(&moved), Err(CommitError::Moved { .. })));
    super::cases::inconsistent(store, &Batch { audit: told.clone(), ..pen.batch([]) }, "come with the entry");
    let bad = vec![AuditLine { detail: "7".into(), ..line(1, AuditAction::SignedIn) }];
    super::cases::inconsistent(store, &Batch { audit: bad, ..pen.batch([pen.clone().issue(11)]) }, "no JSON object");
    assert_eq!(lines(store, &AuditFilter::default()), newest_first, "nothing of what was refused");
}

pub(super) fn the_audit_log_is_read_in_pages(store: &mut impl Store) {
    let by = |number: i64| match number % 4 {
        0 => Author::Nobody,
        1 => Author::User { id: ANA, name: "Ana".into() },
        // An id that a user has, too.
        2 => Author::Device { id: DeviceId(ANA.0), name: "Entrada".into() },
        _ => Author::User { id: BEA, name: "Bea".into() },
    };
    let all: Vec<_> = (0..20)
        .map(|number| AuditLine {
            branch: [None, Some(CENTRE), Some(HARBOUR)][(number % 3) as usize],
            by: by(number),
            address: (number % 2 == 0).then(|| IpAddr::from(Ipv6Addr::LOCALHOST)),
            // Clocks go back.
            ..line(100 - number, AuditAction::ALL[number as usize])
        })
        .collect();
    store.record(CENTRE, &all.iter().cloned().map(Change::Audit).collect::<Vec<_>>()).unwrap();
    let mut reports = store.reports().unwrap();
    let mut ids = |filter: AuditFilter, after, limit| {
        let page = reports.audit(&filter, after, limit).unwrap();
        page.iter().for_each(|Audited { id, line }| assert_eq!(*line, all[*id as usize - 1]));
        page.iter().map(|audited| audited.id).collect::<Vec<_>>()
    };
    let any = AuditFilter::default;
    assert_eq!(ids(any(), None, 3), [20, 19, 18]);
    assert_eq!(ids(any(), Some(18), 3), [17, 16, 15]);
    assert_eq!(ids(any(), Some(2), 3), [1]);
    assert_eq!(ids(any(), Some(u64::MAX), 1), [20]);
    assert_eq!(ids(any(), Some(1), 3), [0_u64; 0]);
    assert_eq!(ids(any(), None, 0), [0_u64; 0]);
    assert_eq!(ids(AuditFilter { branch: Some(CENTRE), ..any() }, Some(14), 3), [11, 8, 5]);
    assert_eq!(ids(AuditFilter { user: Some(ANA), ..any() }, None, 9), [18, 14, 10, 6, 2], "a device with her id is not she");
    assert_eq!(ids(AuditFilter { user: Some(UserId(5)), ..any() }, None, 9), [0_u64; 0]);
    let times = AuditFilter { from: Some(Millis(90)), before: Some(Millis(93)), ..any() };
    assert_eq!(ids(times.clone(), None, 9), [11, 10, 9], "in the order of writing");
    assert_eq!(ids(AuditFilter { branch: Some(CENTRE), ..times }, None, 9), [11]);
    let actions = |actions: &[AuditAction]| AuditFilter { actions: Some(actions.to_vec()), ..any() };
    assert_eq!(ids(actions(&[AuditAction::ALL[4], AuditAction::ALL[2], AuditAction::ALL[27]]), None, 9), [5, 3]);
    assert_eq!(ids(actions(&[]), None, 9), [0_u64; 0]);
}
