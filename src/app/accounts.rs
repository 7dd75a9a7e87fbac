//! Owns the verbs on accounts in the data folder: users and paired screens, while no server runs. Passwords are typed or read from a file and
//! never given as an argument.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};

use super::AppError;
use super::archive::print;
use crate::clock::Clock;
use crate::config::{Config, DeviceVerb, RoleName, UserVerb};
use crate::office::{BranchId, Grants, Role, User};
use crate::service::{Accounts, Cost};
use crate::store::{SqliteStore, Store};

/// `siguiente user …`
pub fn user(config: &Config, verb: &UserVerb) -> Result<(), AppError> {
    let mut accounts = open(config)?;
    match verb {
        UserVerb::Add { account, name, role, branch, password_file } => {
            let password = password(password_file.as_deref())?;
            let role = match role {
                RoleName::Admin => Role::Admin,
                RoleName::Supervisor => Role::Supervisor,
                RoleName::Agent => Role::Agent,
            };
            let grants = match &branch[..] {
                [] => Grants::Everywhere(role),
                some => Grants::In(some.iter().map(|branch| (*branch, role)).collect()),
            };
            let user = accounts.add(name.as_deref().unwrap_or(account), grants, account, &password)?;
            print(&format!("{} signs in as {}\n", user.name, user.login.unwrap_or_default()))
        }
        UserVerb::List => {
            let mut text = String::new();
            for user in accounts.users() {
                let _ = writeln!(text, "{}", line(user));
            }
            print(&text)
        }
        UserVerb::Password { account, password_file } => {
            accounts.set_password(account, &password(password_file.as_deref())?)?;
            print(&format!("{account} has another password; all sign-ins are over\n"))
        }
        UserVerb::Disable { account } => {
            accounts.disable(account)?;
            print(&format!("{account} does not sign in any more\n"))
        }
    }
}

/// `siguiente device …`
pub fn device(config: &Config, verb: &DeviceVerb) -> Result<(), AppError> {
    let mut accounts = open(config)?;
    match verb {
        DeviceVerb::List { branch } => {
            let mut text = String::new();
            for device in accounts.devices(*branch) {
                let kind = format!("{:?}", device.kind).to_lowercase();
                let _ = writeln!(text, "{}  branch {}  {kind:<8}  {}", device.id, device.branch.0, device.name);
            }
            print(&text)
        }
        DeviceVerb::Revoke { device } => {
            let device = accounts.revoke(device)?;
            print(&format!("{} is not let in any more\n", device.name))
        }
    }
}

/// Makes the first admin that the settings ask for, and gives the store back.
pub fn first_admin<S: Store>(config: &Config, store: S, cost: Cost, clock: Clock) -> Result<S, AppError> {
    let Some(path) = &config.admin_password_file else { return Ok(store) };
    let mut accounts = Accounts::open(store, cost, clock)?;
    // A file that is gone once it has done its work is nobody's mistake.
    if !accounts.has_admin() {
        let password = from_file(path)?;
        accounts.first_admin(&config.admin_login, &password)?;
        log::info!("the first admin was made");
    }
    Ok(accounts.close())
}

fn open(config: &Config) -> Result<Accounts<SqliteStore>, AppError> {
    Ok(Accounts::open(SqliteStore::open(&config.data)?, Cost::FULL, Clock::system())?)
}

/// Name, role and how somebody signs in, in one line.
fn line(user: &User) -> String {
    let role = |role: Role| format!("{role:?}").to_lowercase();
    let grants = match &user.grants {
        Grants::Everywhere(everywhere) => role(*everywhere),
        Grants::In(roles) => {
            let roles: Vec<_> = roles.iter().map(|(BranchId(branch), there)| format!("{} in {branch}", role(*there))).collect();
            if roles.is_empty() { "nothing".into() } else { roles.join(", ") }
        }
    };
    let account = user.login.as_deref().unwrap_or("-");
    let disabled = if user.disabled { "  disabled" } else { "" };
    format!("{account:<24} {grants:<24} {}{disabled}", user.name)
}

/// A password from a file, or typed twice; a pipe is read as it comes.
fn password(file: Option<&Path>) -> Result<String, AppError> {
    match file {
        Some(path) => from_file(path),
        None if std::io::stdin().is_terminal() => {
            let first = typed("Password: ")?;
            if typed("Once more: ")? == first { Ok(first) } else { Err(AppError::Password("that was not the same twice".into())) }
        }
        None => line_of_input(),
    }
}

fn from_file(path: &Path) -> Result<String, AppError> {
    let text = fs::read_to_string(path).map_err(|error| AppError::Password(format!("{}: {error}", path.display())))?;
    // Editors and `echo` put a line's end behind it.
    Ok(text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).unwrap_or(&text).to_owned())
}

/// Reads a line that the terminal does not show.
fn typed(prompt: &str) -> Result<String, AppError> {
    print!("{prompt}");
    std::io::stdout().flush().map_err(AppError::Output)?;
    let echo =
        |how: &str| Process::new("stty").arg(how).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let hidden = echo("-echo");
    let line = line_of_input();
    if hidden {
        echo("echo");
    }
    println!();
    line
}

fn line_of_input() -> Result<String, AppError> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| AppError::Password(error.to_string()))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
