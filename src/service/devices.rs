//! Owns the paired screens: a screen asks for a code, somebody who may confirms it, the screen claims what it was given. Names and revokes
//! them.

use serde_json::{Value, json};

use super::accounts::{AccountWish, kind_word};
use super::api::{Answer, Entered, Mark};
use super::client::BranchLabel;
use super::commands::{draw, timed_id};
use super::doors::Entrance;
use super::entering::{Guest, Waiting};
use super::failure::Failure;
use super::knock::{BranchWord, ClaimBody, DeviceBody, Knock, PairBody, RenameBody};
use super::messages;
use super::secrets::{self, Secret};
use super::tickets::{Hub, TicketService};
use crate::access::{Action, Device, PairingCode, Who};
use crate::office::{BranchId, DeviceId};

impl TicketService {
    /// Gives a screen a code to show, and the secret by which it is known once somebody has typed the code.
    pub(super) fn pair(&mut self, guest: &Guest, body: &PairBody) -> Result<Answer, Failure> {
        let branch = body.sucursal.as_ref().map(|label| self.named(label)).transpose()?;
        let (now, address) = (self.ground.now(), guest.credential.address);
        let guard = self.doors.guard().ok_or(Failure::Forbidden)?;
        guard.may_ask_to_pair(address, now)?;
        let secret = Secret::of_device();
        let asked = guard.pairings.ask(body.tipo.into(), branch, secret.hash, address, now, draw() as u64);
        let (code, expires_at) = asked.map_err(|_| Failure::RateLimited(60))?;
        let json = json!({"codigo": code.to_string(), "secreto": secret.text, "vence": expires_at});
        Ok(Answer::Made(json.to_string()))
    }

    /// Lets a screen in whose code was typed.
    pub(super) fn claim(&mut self, guest: &Guest, body: &ClaimBody) -> Result<Answer, Failure> {
        let now = self.ground.now();
        let hash = secrets::hash(&body.secreto);
        if let Some(device) = self.staff.book().keys().device_with(&hash) {
            let who = Who::Device { id: device.id, kind: device.kind, branch: device.branch };
            // Whoever signed in at this screen stays who she is.
            let who = if matches!(guest.who, Who::User { .. }) { guest.who.clone() } else { who };
            let json = Some(self.session_json(&who).to_string());
            let device = Mark::Set(body.secreto.clone());
            return Ok(Answer::Entered(Box::new(Entered { json, created: true, token: Mark::Keep, device })));
        }
        let guard = self.doors.guard().ok_or(Failure::UnknownPairing)?;
        match guard.pairings.is_waiting(&hash, now) {
            true => Ok(Answer::Waiting(json!({"pendiente": true}).to_string())),
            false => Err(Failure::UnknownPairing),
        }
    }

    /// Confirms a code: the screen is a device from now on.
    pub(super) fn add_device(&mut self, turn: &mut Hub<'_>, guest: &Guest, body: &DeviceBody, reply: Waiting) {
        match self.confirmed(guest, body) {
            Ok(device) => {
                let answer = Answer::Created { path: format!("devices/{}", device.id), json: self.device_json(&device).to_string() };
                self.change_account(turn, guest, AccountWish::Pair(device), answer, reply);
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    fn confirmed(&mut self, guest: &Guest, body: &DeviceBody) -> Result<Device, Failure> {
        let name = messages::name("nombre", Some(&body.nombre))?;
        let wanted = body.sucursal.as_ref().map(|label| self.named(label)).transpose()?;
        let code: PairingCode = body.codigo.parse().map_err(|_| Failure::UnknownPairing)?;
        let now = self.ground.now();
        // Codes are short: whoever may not pair anywhere never comes here, and whoever may does not guess on.
        let guard = self.doors.guard().ok_or(Failure::UnknownPairing)?;
        guard.may_confirm(guest.credential.address, now)?;
        let pairing = guard.pairings.confirm(code, now).map_err(|_| Failure::UnknownPairing)?;
        let id = DeviceId(timed_id(now));
        let place = match (pairing.branch, wanted) {
            (Some(asked), Some(wanted)) if asked != wanted => Err(Failure::UnknownPairing),
            (asked, wanted) => asked.or(wanted).or_else(|| self.branches.find(None)).ok_or(Failure::UnknownBranch),
        };
        let allowed = place.and_then(|branch| self.allow(&guest.who, Action::Configure, branch).map(|()| branch));
        let Some(guard) = self.doors.guard() else { return Err(Failure::UnknownPairing) };
        match allowed {
            Ok(branch) => {
                guard.pairing(code, id, now);
                Ok(Device { id, name, kind: pairing.kind, branch, secret: pairing.secret, created_at: now, seen_at: None })
            }
            Err(failure) => {
                guard.pairings.settle(code, false);
                Err(failure)
            }
        }
    }

    /// Those of the branches where whoever asks may keep them.
    pub(super) fn show_devices(&self, guest: &Guest, knock: Knock) -> Result<Answer, Failure> {
        match knock {
            Knock::Device(id) => Ok(Answer::Shown(self.device_json(self.device_of(guest, &id)?).to_string())),
            _ => {
                let branch = guest.place.as_ref().map(|label| self.named(label)).transpose()?;
                let devices = self.staff.book().keys().devices(branch);
                let own = devices.filter(|device| self.allow(&guest.who, Action::Configure, device.branch).is_ok());
                let list: Vec<Value> = own.map(|device| self.device_json(device)).collect();
                Ok(Answer::Shown(json!({"dispositivos": list, "siguiente": null}).to_string()))
            }
        }
    }

    pub(super) fn rename_device(&mut self, turn: &mut Hub<'_>, guest: &Guest, id: &str, body: &RenameBody, reply: Waiting) {
        let named = messages::name("nombre", Some(&body.nombre)).and_then(|name| Ok((name, self.device_of(guest, id)?)));
        match named {
            Ok((name, device)) => {
                let (id, renamed) = (device.id, Device { name: name.clone(), ..device.clone() });
                let answer = Answer::Shown(self.device_json(&renamed).to_string());
                self.change_account(turn, guest, AccountWish::Rename { device: id, name }, answer, reply);
            }
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    pub(super) fn revoke_device(&mut self, turn: &mut Hub<'_>, guest: &Guest, id: &str, reply: Waiting) {
        match self.device_of(guest, id).map(|device| device.id) {
            Ok(device) => self.change_account(turn, guest, AccountWish::Revoke(device), Answer::Done, reply),
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    /// A device that whoever asks may change.
    fn device_of(&self, guest: &Guest, id: &str) -> Result<&Device, Failure> {
        let device = id.parse().ok().and_then(|id: DeviceId| self.staff.book().keys().device(id)).ok_or(Failure::UnknownDevice)?;
        self.allow(&guest.who, Action::Configure, device.branch)?;
        Ok(device)
    }

    /// `{id, nombre, tipo, sucursal, creado, visto, conectado}`
    fn device_json(&self, device: &Device) -> Value {
        let here = self.clients.values().any(|client| client.entrance == Entrance::Device(device.id));
        json!({
            "id": device.id, "nombre": device.name, "tipo": kind_word(device.kind), "sucursal": device.branch,
            "creado": device.created_at, "visto": device.seen_at, "conectado": here,
        })
    }

    fn named(&self, label: &BranchWord) -> Result<BranchId, Failure> {
        let label = match label {
            BranchWord::Number(number) => BranchLabel::Number(*number),
            BranchWord::Text(text) => BranchLabel::Text(text.clone()),
        };
        self.branches.find(Some(&label)).ok_or(Failure::UnknownBranch)
    }
}
