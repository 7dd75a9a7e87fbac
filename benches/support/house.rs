//! Owns the office that is measured, and who comes to it: the program as it is shipped, on a new database, with an admin who is signed in; or
//! a server that is open to everybody.

use std::io::{Error, Result};
use std::net::Ipv4Addr;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::Client;
use super::http::{Http, Request};
use super::process::Server;

const ADMIN: &str = "admin";
/// Of everybody here.
pub const PASSWORD: &str = "diez ventanillas";
const TAKE: &str = r#"["siguiente-ticket",{}]"#;

pub struct House {
    pub server: Server,
    /// The admin's.
    token: Option<String>,
    _data: Option<TempDir>,
}

impl House {
    /// One that everybody may enter.
    pub fn open(server: Server) -> Self {
        Self { server, token: None, _data: None }
    }

    /// The program on a database of its own.
    pub async fn program() -> Result<Self> {
        // On the file system that the project is built on: every durable figure is of the same disk.
        let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let password = data.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        let mut program = Command::new(env!("CARGO_BIN_EXE_siguiente"));
        program.args(["serve", "--bind", "127.0.0.1:0", "--log", "error", "--data"]).arg(data.path());
        let server = Server::start(program.arg("--admin-password-file").arg(password))?;
        let mut http = Http::connect(server.address, Ipv4Addr::LOCALHOST).await?;
        let answer = answer(&mut http, &sign_in(ADMIN, PASSWORD)).await?;
        let token = answer["token"].as_str().ok_or_else(|| Error::other("no token after a sign-in"))?.to_owned();
        Ok(Self { server, token: Some(token), _data: Some(data) })
    }

    /// A client who may do everything.
    pub async fn client(&self) -> Result<Client> {
        match &self.token {
            Some(token) => Client::connect_as(self.server.address, token).await,
            None => Client::connect(self.server.address, None).await,
        }
    }

    /// What whoever may do everything shows over REST.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub async fn http(&self) -> Result<Http> {
        Http::connect(self.server.address, Ipv4Addr::LOCALHOST).await
    }

    /// Lets so many people wait.
    pub async fn fill(&self, people: u64) -> Result<()> {
        let mut kiosk = self.client().await?;
        for id in 0..people {
            if !kiosk.ask(id, TAKE, is_ok).await? {
                return Err(Error::other("a number was refused"));
            }
        }
        Ok(())
    }

    /// Makes agents; the names by which they sign in.
    pub async fn agents(&self, count: usize) -> Result<Vec<String>> {
        let mut http = self.http().await?;
        let mut accounts = Vec::new();
        for number in 1..=count {
            let account = format!("agente-{number}");
            let body = json!({"nombre": account, "rol": "agente", "acceso": account, "clave": PASSWORD});
            answer(&mut http, &Request::post("/users", self.token(), &body.to_string())).await?;
            accounts.push(account);
        }
        Ok(accounts)
    }
}

pub fn sign_in(account: &str, password: &str) -> Request {
    let body = json!({"acceso": account, "clave": password, "portador": true});
    Request::post("/session", None, &body.to_string())
}

/// Whether an acknowledgement says that it was done.
pub fn is_ok(answer: &[u8]) -> bool {
    answer.starts_with(br#"[{"ok":true"#)
}

/// The answer to what makes something.
async fn answer(http: &mut Http, request: &Request) -> Result<Value> {
    let status = http.ask(request).await?;
    if status != 201 {
        return Err(Error::other(format!("status {status}: {}", String::from_utf8_lossy(http.body()))));
    }
    serde_json::from_slice(http.body()).map_err(Error::other)
}
