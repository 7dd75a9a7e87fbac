//! Owns the sign-ins of the tests' own clients: a server that is guarded is entered as its first admin, unless a test says otherwise.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::http::{rest, rest_answer};

/// The first admin of every guarded server.
pub const ACCOUNT: &str = "admin";
pub const PASSWORD: &str = "caballo correcto";

/// Tokens by the server that they are for.
static TOKENS: Mutex<Option<HashMap<SocketAddr, String>>> = Mutex::new(None);

/// A file with that password, as `--admin-password-file` reads it.
pub fn password_file() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("admin-password");
    // Each test writes the same; one that is being written is never seen.
    let new = path.with_extension(std::process::id().to_string());
    std::fs::write(&new, format!("{PASSWORD}\n")).and_then(|()| std::fs::rename(&new, &path)).expect("the tests' folder is writable");
    path
}

/// Signs in, and gives the token that a program shows.
pub async fn sign_in(address: SocketAddr, account: &str, password: &str) -> String {
    let body = json!({"acceso": account, "clave": password, "portador": true});
    let answer = rest_answer(address, "POST", "/session", &["Authorization: none"], body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).expect("the answer is JSON");
    answer["token"].as_str().expect("a token").to_owned()
}

/// The token of the agent who works at this desk and at no other. She is made where she is not there yet.
pub async fn agent_of(address: SocketAddr, desk: u32) -> String {
    let account = format!("puesto-{desk}");
    let body = json!({"nombre": account, "rol": "agente", "acceso": account, "clave": PASSWORD});
    let (status, made) = rest(address, "POST", "/users", body).await;
    assert!(status == 201 || made["code"] == "login_taken", "{status} {made}");
    sign_in(address, &account, PASSWORD).await
}

/// From now on all clients of this server come as its admin.
pub async fn wear(address: SocketAddr) {
    let token = sign_in(address, ACCOUNT, PASSWORD).await;
    TOKENS.lock().expect("no panic while it was held").get_or_insert_default().insert(address, token);
}

/// What clients of this server show when the test says nothing.
pub fn of(address: SocketAddr) -> Option<String> {
    TOKENS.lock().expect("no panic while it was held").as_ref()?.get(&address).cloned()
}
