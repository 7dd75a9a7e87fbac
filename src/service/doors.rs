//! Owns the one answer to who somebody is: turns what a request shows into a [`Who`], and how often somebody may try. What that one may do is
//! `access`'s.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use super::accounts::Signed;
use super::book::Book;
use super::commands::draw;
use super::failure::Failure;
use super::passwords::{Cost, Passwords};
use super::secrets;
use crate::access::{Author, Buckets, Credential, Login, Network, PairingCode, Pairings, Rate, SetupCode, SetupGate, Throttle, Who};
use crate::office::{BranchId, DeviceId, LoginId, Millis, User};

/// Keys of each kind whose rate is remembered.
const MOST: usize = 20_000;
/// New codes for screens, of one address.
const PAIRING: (u32, u32) = (10, 10);
/// Accounts whose failed sign-ins are counted until they are told.
const MOST_FAILED: usize = 200;
/// Milliseconds that a device's being written is waited for.
const SETTLED: i64 = 10_000;

/// How the server is entered.
#[derive(Debug)]
pub enum Doors {
    /// Everybody may do everything: the demonstration, and tests.
    Open,
    Guarded(Box<Guard>),
}

/// What a guard is set to.
#[derive(Debug, Clone, Copy)]
pub struct Guarding {
    /// Of hashing a password.
    pub cost: Cost,
    /// Of taking numbers, for a device or an address.
    pub issue_rate: Rate,
}

/// What is known besides the book: nothing of it outlives the process.
#[derive(Debug)]
pub struct Guard {
    pub throttle: Throttle,
    pub setup: SetupGate,
    pub pairings: Pairings,
    pub passwords: Passwords,
    /// Somebody with the right code makes the office now.
    pub is_founding: bool,
    asked_to_pair: Buckets<Network>,
    confirming: Buckets<Network>,
    issuing: Buckets<Issuer>,
    /// Sign-ins and screens whose use is to be written down.
    used: HashSet<LoginId>,
    seen: HashSet<DeviceId>,
    failed: HashMap<String, (u32, IpAddr)>,
    /// Codes whose screens are being written, since when.
    paired: Vec<(PairingCode, DeviceId, Millis)>,
}

/// As whom somebody came in: what is looked at again with everything that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    Nobody(IpAddr),
    Login(LoginId),
    Device(DeviceId),
    Everybody,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Issuer {
    Device(DeviceId),
    Address(Network),
}

/// Failed sign-ins of an account, put together. The account's name is empty where there is no such account.
pub struct Failed {
    pub account: String,
    pub times: u32,
    pub address: IpAddr,
}

impl Doors {
    /// # Errors
    ///
    /// No thread for hashing passwords.
    pub fn guarded(Guarding { cost, issue_rate }: Guarding) -> std::io::Result<Self> {
        Ok(Self::Guarded(Box::new(Guard {
            throttle: Throttle::default(),
            setup: SetupGate::new(SetupCode::from_random(draw() as u64)),
            pairings: Pairings::default(),
            passwords: Passwords::start(cost)?,
            is_founding: false,
            asked_to_pair: Buckets::new(Rate::a_minute(PAIRING.0, PAIRING.1), MOST),
            confirming: Buckets::new(Rate::a_minute(PAIRING.0, PAIRING.1), MOST),
            issuing: Buckets::new(issue_rate, MOST),
            used: HashSet::new(),
            seen: HashSet::new(),
            failed: HashMap::new(),
            paired: Vec::new(),
        })))
    }

    pub fn guard(&mut self) -> Option<&mut Guard> {
        match self {
            Self::Open => None,
            Self::Guarded(guard) => Some(guard),
        }
    }

    /// As whom somebody comes in who shows this: a user before a screen before nobody.
    ///
    /// # Errors
    ///
    /// [`Failure::NotSignedIn`] for what was shown on purpose and is worth nothing.
    pub fn entrance(&mut self, book: &Book, credential: &Credential, now: Millis) -> Result<Entrance, Failure> {
        let Self::Guarded(guard) = self else { return Ok(Entrance::Everybody) };
        if let Some(token) = &credential.token {
            match book.keys().login_with(&secrets::hash(token)).filter(|login| signed_in(book, login, now).is_some()) {
                Some(login) => {
                    guard.note_login(login, now);
                    return Ok(Entrance::Login(login.id));
                }
                None if credential.on_purpose => return Err(Failure::NotSignedIn),
                None => {}
            }
        }
        if let Some(token) = &credential.device {
            match book.keys().device_with(&secrets::hash(token)) {
                Some(device) => {
                    if device.is_to_be_noted(now) {
                        guard.seen.insert(device.id);
                    }
                    return Ok(Entrance::Device(device.id));
                }
                None if credential.on_purpose => return Err(Failure::NotSignedIn),
                None => {}
            }
        }
        // Who is behind a proxy that does not say so may be anywhere: never near.
        let near = Some(credential.address).filter(|_| !credential.is_relayed);
        Ok(Entrance::Nobody(near.unwrap_or(Ipv4Addr::UNSPECIFIED.into())))
    }

    /// Who that is now. Whose sign-in or screen is no more is `None`.
    pub fn who(&mut self, book: &Book, entrance: Entrance, now: Millis) -> Option<Who> {
        match entrance {
            Entrance::Everybody => Some(Who::Everybody),
            Entrance::Nobody(address) => Some(Who::Nobody { address }),
            Entrance::Device(id) => {
                let device = book.keys().device(id)?;
                Some(Who::Device { id, kind: device.kind, branch: device.branch })
            }
            Entrance::Login(id) => {
                let login = book.keys().login(id)?;
                let user = signed_in(book, login, now)?;
                if let Self::Guarded(guard) = self {
                    guard.note_login(login, now);
                }
                Some(Who::User { id: user.id, grants: user.grants.clone(), login: id })
            }
        }
    }

    /// Lets somebody take a number.
    ///
    /// # Errors
    ///
    /// [`Failure::RateLimited`]; staff are not limited.
    pub fn issue(&mut self, who: &Who, now: Millis) -> Result<(), Failure> {
        let Self::Guarded(guard) = self else { return Ok(()) };
        let issuer = match who {
            Who::Device { id, .. } => Issuer::Device(*id),
            Who::Nobody { address } => Issuer::Address((*address).into()),
            Who::User { .. } | Who::Everybody => return Ok(()),
        };
        guard.issuing.take(issuer, now).map_err(|wait| Failure::RateLimited(wait.seconds()))
    }
}

impl Guard {
    /// Lets a screen ask for a code.
    ///
    /// # Errors
    ///
    /// [`Failure::RateLimited`].
    pub fn may_ask_to_pair(&mut self, address: IpAddr, now: Millis) -> Result<(), Failure> {
        self.asked_to_pair.take(address.into(), now).map_err(|wait| Failure::RateLimited(wait.seconds()))
    }

    /// Lets somebody type a code.
    ///
    /// # Errors
    ///
    /// [`Failure::RateLimited`].
    pub fn may_confirm(&mut self, address: IpAddr, now: Millis) -> Result<(), Failure> {
        self.confirming.take(address.into(), now).map_err(|wait| Failure::RateLimited(wait.seconds()))
    }

    /// This screen is being written.
    pub fn pairing(&mut self, code: PairingCode, device: DeviceId, now: Millis) {
        self.paired.push((code, device, now));
    }

    /// Looks which screens are written; the codes of those that could not be may be typed again.
    pub fn settle_pairings(&mut self, book: &Book, now: Millis) {
        let pairings = &mut self.pairings;
        self.paired.retain(|(code, device, since)| {
            let written = book.keys().device(*device).is_some();
            let over = written || now.0.saturating_sub(since.0) > SETTLED;
            if over {
                pairings.settle(*code, written);
            }
            !over
        });
    }

    /// What was used since the last call and is to be written down.
    pub fn take_used(&mut self) -> (Vec<LoginId>, Vec<DeviceId>) {
        (self.used.drain().collect(), self.seen.drain().collect())
    }

    /// A sign-in failed. What is no account's name may be a password that was typed in the wrong place: it is not kept.
    pub fn failed(&mut self, account: Option<&str>, address: IpAddr) {
        let account = account.unwrap_or_default();
        if self.failed.len() < MOST_FAILED || self.failed.contains_key(account) {
            let failed = self.failed.entry(account.to_owned()).or_insert((0, address));
            *failed = (failed.0.saturating_add(1), address);
        }
    }

    /// The failed sign-ins since the last call.
    pub fn take_failed(&mut self) -> Vec<Failed> {
        self.failed.drain().map(|(account, (times, address))| Failed { account, times, address }).collect()
    }

    fn note_login(&mut self, login: &Login, now: Millis) {
        if login.is_to_be_noted(now) {
            self.used.insert(login.id);
        }
    }
}

impl Entrance {
    /// The room of those who came in as the same, where it matters: whoever gets it back with a session must still be the same.
    pub fn room(self) -> Option<String> {
        match self {
            Self::Login(id) => Some(format!("acceso:{id}")),
            Self::Device(id) => Some(format!("acceso:{id}")),
            Self::Nobody(_) | Self::Everybody => None,
        }
    }
}

/// The user of a sign-in that holds.
fn signed_in<'a>(book: &'a Book, login: &Login, now: Millis) -> Option<&'a User> {
    book.user(login.user).filter(|user| login.is_live(now) && !user.disabled && user.login.is_some())
}

/// In whose name somebody acts.
pub fn signed(book: &Book, who: &Who, address: Option<IpAddr>, branch: Option<BranchId>) -> Signed {
    let name = match who {
        Who::User { id, .. } => book.user(*id).map(|user| user.name.as_str()),
        Who::Device { id, .. } => book.keys().device(*id).map(|device| device.name.as_str()),
        Who::Nobody { .. } | Who::Everybody => None,
    };
    Signed { by: Author::of(who, name.unwrap_or_default()), address, branch }
}
