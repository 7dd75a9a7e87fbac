//! Owns secrets and signatures: HMAC-SHA256 over the time and the body. `docs/webhooks.md` says how a receiver verifies one.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::office::Millis;
use crate::store::Hook;

/// Milliseconds for which the secret before signs as well.
pub const ROTATION: i64 = 24 * 3_600_000;

/// A new secret: `sgw_` and 256 random bits.
pub fn draw_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("sgw_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// `t=…,v1=…`, and one `v1` more while the secret rotates. `t` is in seconds.
pub fn header(hook: &Hook, now: Millis, body: &[u8]) -> String {
    let seconds = now.0.div_euclid(1_000);
    let mut header = format!("t={seconds},v1={}", sign(&hook.secret, seconds, body));
    if let Some((old, _)) = hook.old_secret.as_ref().filter(|(_, until)| now < *until) {
        header.push_str(",v1=");
        header.push_str(&sign(old, seconds, body));
    }
    header
}

/// Of `{seconds}.{body}`, in hexadecimal.
fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac: Hmac<Sha256> = match Hmac::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("a key of an HMAC may have any length"),
    };
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // To write into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::{BranchId, HookId};

    fn hook(old: Option<(&str, i64)>) -> Hook {
        Hook {
            id: HookId(1),
            branch: BranchId(1),
            url: String::new(),
            description: None,
            events: Vec::new(),
            personal: false,
            active: true,
            secret: "sgw_new".into(),
            old_secret: old.map(|(secret, until)| (secret.into(), Millis(until))),
            created_at: Millis(0),
            round: 1,
            off: None,
            failing_since: None,
            delivered_at: None,
        }
    }

    /// Computed by OpenSSL: `printf '1795255200.{"a":1}' | openssl dgst -sha256 -hmac sgw_new`
    const NEW: &str = "8ae038b144d8ff157be5a154f8ff3b7154fc1eb0d2baf6dc42693b8010541618";
    const OLD: &str = "1b9ab6207fde11c3a7210061ef3a41622860657acd54b3694278f3ab89883b66";

    #[test]
    fn both_secrets_sign_while_they_rotate() {
        let now = Millis(1_795_255_200_999);
        assert_eq!(header(&hook(None), now, br#"{"a":1}"#), format!("t=1795255200,v1={NEW}"));
        let rotating = hook(Some(("sgw_old", now.0 + 1)));
        assert_eq!(header(&rotating, now, br#"{"a":1}"#), format!("t=1795255200,v1={NEW},v1={OLD}"));
        assert_eq!(header(&rotating, Millis(now.0 + 1), br#"{"a":1}"#).matches("v1=").count(), 1);
    }

    /// The first piece of code in this language of `docs/webhooks.md`.
    fn example(language: &str) -> &'static str {
        let document = include_str!("../../docs/webhooks.md");
        let (_, rest) = document.split_once(&format!("```{language}\n")).expect("an example");
        rest.split_once("\n```").expect("its end").0
    }

    #[test]
    fn the_examples_of_the_document_know_a_genuine_delivery() {
        let python = "import sys\nsecret, header, body, now = sys.argv[1:]\nsys.exit(0 if is_genuine(secret, header, body.encode(), float(now)) else 9)\n";
        let node = "const [secret, header, body, now] = process.argv.slice(2);\nprocess.exit(isGenuine(secret, header, Buffer.from(body), Number(now)) ? 0 : 9);\n";
        let dir = tempfile::tempdir().unwrap();
        let header = header(&hook(Some(("sgw_old", i64::MAX))), Millis(1_795_255_200_000), "«ñ»".as_bytes());
        let rows = [
            ("sgw_new", "«ñ»", "1795255210.5", 0),
            ("sgw_old", "«ñ»", "1795254910", 0),
            ("sgw_other", "«ñ»", "1795255210", 9),
            ("sgw_new", "«n»", "1795255210", 9),
            ("sgw_new", "«ñ»", "1795255501", 9),
            ("sgw_new", "«ñ»", "1795254800", 9),
        ];
        for (language, program, file, call) in [("python", "python3", "verify.py", python), ("js", "node", "verify.mjs", node)] {
            let script = dir.path().join(file);
            std::fs::write(&script, format!("{}\n{call}", example(language))).unwrap();
            for (secret, body, now, expected) in rows {
                let status = std::process::Command::new(program).arg(&script).args([secret, &header, body, now]).status();
                assert_eq!(status.expect(program).code(), Some(expected), "{program}: {secret} {body} {now}");
            }
        }
    }

    #[test]
    fn secrets_are_long_and_none_is_drawn_twice() {
        let (one, other) = (draw_secret().unwrap(), draw_secret().unwrap());
        assert!(one.starts_with("sgw_") && one.len() == 4 + 43 && one != other, "{one} {other}");
    }
}
