//! Owns what opens doors, in memory as it is on disk: hashes of passwords, sign-ins, paired screens. Decides nothing; changes only by
//! [`Keys::apply`], which is told what is on disk already.

use std::collections::{BTreeMap, HashMap};

use crate::access::{Device, Login, PasswordHash, SecretHash};
use crate::office::{BranchId, DeviceId, LoginId, UserId};
use crate::store::{Change, Directory};

#[derive(Default)]
pub struct Keys {
    passwords: HashMap<UserId, PasswordHash>,
    logins: BTreeMap<LoginId, Login>,
    login_by: HashMap<SecretHash, LoginId>,
    devices: BTreeMap<DeviceId, Device>,
    device_by: HashMap<SecretHash, DeviceId>,
}

impl Keys {
    pub fn new(passwords: Vec<(UserId, PasswordHash)>, logins: Vec<Login>, devices: Vec<Device>) -> Self {
        let mut keys = Self { passwords: passwords.into_iter().collect(), ..Self::default() };
        logins.into_iter().for_each(|login| keys.put_login(login));
        devices.into_iter().for_each(|device| keys.put_device(device));
        keys
    }

    pub fn password(&self, user: UserId) -> Option<&PasswordHash> {
        self.passwords.get(&user)
    }

    /// A sign-in by its id, whether or not it is over.
    pub fn login(&self, id: LoginId) -> Option<&Login> {
        self.logins.get(&id)
    }

    pub fn login_with(&self, secret: &SecretHash) -> Option<&Login> {
        self.logins.get(self.login_by.get(secret)?)
    }

    /// Oldest first.
    pub fn logins(&self) -> impl Iterator<Item = &Login> {
        self.logins.values()
    }

    pub fn logins_of(&self, user: UserId) -> impl Iterator<Item = &Login> {
        self.logins.values().filter(move |login| login.user == user)
    }

    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id)
    }

    pub fn device_with(&self, secret: &SecretHash) -> Option<&Device> {
        self.devices.get(self.device_by.get(secret)?)
    }

    /// Oldest first; of one branch or of all.
    pub fn devices(&self, branch: Option<BranchId>) -> impl Iterator<Item = &Device> {
        self.devices.values().filter(move |device| branch.is_none_or(|branch| device.branch == branch))
    }

    /// Takes in what is on disk.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::DropUser(user) => {
                self.passwords.remove(user);
                self.drop_logins(|login| login.user == *user);
            }
            Change::SetPassword { user, hash: Some(hash) } => drop(self.passwords.insert(*user, hash.clone())),
            Change::SetPassword { user, hash: None } => drop(self.passwords.remove(user)),
            Change::PutLogin(login) => self.put_login(login.clone()),
            Change::TouchLogin { id, used_at } => {
                if let Some(login) = self.logins.get_mut(id) {
                    login.used_at = *used_at;
                }
            }
            Change::DropLogin(id) => self.drop_logins(|login| login.id == *id),
            Change::DropLoginsOf { user, except } => self.drop_logins(|login| login.user == *user && Some(login.id) != *except),
            Change::PutDevice(device) => self.put_device(device.clone()),
            Change::SeenDevice { id, at } => {
                if let Some(device) = self.devices.get_mut(id) {
                    device.seen_at = Some(*at);
                }
            }
            Change::DropDevice(id) => {
                if let Some(device) = self.devices.remove(id) {
                    self.device_by.remove(&device.secret);
                }
            }
            _ => {}
        }
    }

    /// The changes that make these keys what was found on disk.
    pub fn difference(&self, found: &Directory) -> Vec<Change> {
        let (passwords, logins, devices): (HashMap<_, _>, HashMap<_, _>, HashMap<_, _>) = (
            found.passwords.iter().map(|(user, hash)| (*user, hash)).collect(),
            found.logins.iter().map(|login| (login.id, login)).collect(),
            found.devices.iter().map(|device| (device.id, device)).collect(),
        );
        let mut changes = Vec::new();
        let unset = self.passwords.keys().filter(|user| !passwords.contains_key(user));
        changes.extend(unset.map(|user| Change::SetPassword { user: *user, hash: None }));
        let set = passwords.iter().filter(|(user, hash)| self.passwords.get(user) != Some(hash));
        changes.extend(set.map(|(user, hash)| Change::SetPassword { user: *user, hash: Some((*hash).clone()) }));
        changes.extend(self.logins.keys().filter(|id| !logins.contains_key(id)).map(|id| Change::DropLogin(*id)));
        changes.extend(
            logins.values().filter(|login| self.logins.get(&login.id) != Some(login)).map(|login| Change::PutLogin((*login).clone())),
        );
        changes.extend(self.devices.keys().filter(|id| !devices.contains_key(id)).map(|id| Change::DropDevice(*id)));
        let put = devices.values().filter(|device| self.devices.get(&device.id) != Some(device));
        changes.extend(put.map(|device| Change::PutDevice((*device).clone())));
        changes
    }

    fn put_login(&mut self, login: Login) {
        self.login_by.insert(login.secret, login.id);
        self.logins.insert(login.id, login);
    }

    fn put_device(&mut self, device: Device) {
        self.device_by.insert(device.secret, device.id);
        self.devices.insert(device.id, device);
    }

    fn drop_logins(&mut self, gone: impl Fn(&Login) -> bool) {
        let dropped: Vec<LoginId> = self.logins.values().filter(|login| gone(login)).map(|login| login.id).collect();
        for login in dropped.iter().filter_map(|id| self.logins.remove(id)) {
            self.login_by.remove(&login.secret);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use super::*;
    use crate::access::DeviceKind;
    use crate::office::Millis;

    const NOW: Millis = Millis(1_795_255_200_000);

    fn login(id: u128, user: u128) -> Login {
        Login::new(LoginId(id), UserId(user), SecretHash([id as u8; 32]), Ipv4Addr::LOCALHOST.into(), "test", NOW)
    }

    fn device(id: u128) -> Device {
        let (kind, branch, secret) = (DeviceKind::Display, BranchId(1), SecretHash([id as u8; 32]));
        Device { id: DeviceId(id), name: "Sala".into(), kind, branch, secret, created_at: NOW, seen_at: None }
    }

    #[test]
    fn what_is_dropped_opens_nothing_any_more() {
        let mut keys =
            Keys::new(vec![(UserId(1), PasswordHash::new("x".into()))], vec![login(1, 1), login(2, 1), login(3, 2)], vec![device(9)]);
        keys.apply(&Change::DropLoginsOf { user: UserId(1), except: Some(LoginId(2)) });
        assert!(keys.login_with(&SecretHash([1; 32])).is_none() && keys.login_with(&SecretHash([2; 32])).is_some());
        keys.apply(&Change::DropUser(UserId(1)));
        assert_eq!(keys.logins().map(|login| login.id).collect::<Vec<_>>(), [LoginId(3)]);
        assert!(keys.password(UserId(1)).is_none());
        keys.apply(&Change::DropDevice(DeviceId(9)));
        assert!(keys.device_with(&SecretHash([9; 32])).is_none());
    }

    #[test]
    fn a_difference_makes_the_keys_what_was_found() {
        let mut keys =
            Keys::new(vec![(UserId(1), PasswordHash::new("x".into()))], vec![login(1, 1), login(2, 1)], vec![device(8), device(9)]);
        let renamed = Device { name: "Entrada".into(), ..device(9) };
        let touched = Login { used_at: Millis(NOW.0 + 1), ..login(2, 1) };
        let passwords = vec![(UserId(2), PasswordHash::new("y".into()))];
        let found = Directory { passwords, logins: vec![touched, login(3, 2)], devices: vec![renamed], ..Directory::default() };
        keys.difference(&found).iter().for_each(|change| keys.apply(change));
        assert_eq!(keys.difference(&found), []);
        assert_eq!(keys.login(LoginId(2)).map(|login| login.used_at), Some(Millis(NOW.0 + 1)));
    }
}
