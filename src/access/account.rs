//! Owns what may be the name of an account and what may be its password.

/// Characters of an account's name.
pub const MOST_ACCOUNT: usize = 64;
/// Characters of a password.
const LEAST_PASSWORD: usize = 10;
const MOST_PASSWORD: usize = 200;

/// The passwords of ten characters and more that are tried first everywhere, in lower case and without what is put before or behind them.
const WORST: &[&str] = &[
    "0123456789",
    "0987654321",
    "1029384756",
    "1122334455",
    "1212121212",
    "123123123",
    "1234512345",
    "123456789",
    "1234567890",
    "12345678910",
    "123456789a",
    "123456789q",
    "1234567891",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "9876543210",
    "987654321",
    "abc123456",
    "abcd123456",
    "abcde12345",
    "abcdefghij",
    "administrador",
    "administrator",
    "admin12345",
    "admin123456",
    "asdfghjkl",
    "asdfghjklñ",
    "asdfghjkl;",
    "bienvenido",
    "bienvenida",
    "changeme",
    "changeme123",
    "computadora",
    "contrasena",
    "contraseña",
    "contrasenia",
    "cambiame",
    "cambiame123",
    "iloveyou",
    "iloveyou123",
    "letmein",
    "letmein123",
    "micontraseña",
    "mypassword",
    "ordenador",
    "p@ssw0rd",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "password1234",
    "qazwsxedcrfv",
    "qwerty",
    "qwerty123",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiopas",
    "secreto",
    "secreto123",
    "siguiente",
    "superman",
    "supervisor",
    "teamo",
    "tequiero",
    "tequieromucho",
    "welcome",
    "welcome123",
    "zxcvbnm",
];

/// Why a text is no name of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAccount {
    #[error("is empty")]
    Empty,
    #[error("is longer than {MOST_ACCOUNT} characters")]
    TooLong,
    #[error("holds something else than letters, digits and . _ - @")]
    Character,
}

/// Why a text is no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    #[error("is shorter than {LEAST_PASSWORD} characters")]
    TooShort,
    #[error("is longer than {MOST_PASSWORD} characters")]
    TooLong,
    #[error("is the account's name")]
    IsAccount,
    #[error("is one of the passwords that are tried first")]
    TooCommon,
}

/// The normal form of an account's name, by which it is found: trimmed, in lower case; letters, digits and `. _ - @`.
///
/// # Errors
///
/// [`BadAccount`] for what cannot be one.
pub fn account(text: &str) -> Result<String, BadAccount> {
    let mut name = String::new();
    let mut length = 0;
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@')) {
            return Err(BadAccount::Character);
        }
        length += 1;
        if length > MOST_ACCOUNT {
            return Err(BadAccount::TooLong);
        }
        name.push(c);
    }
    if name.is_empty() { Err(BadAccount::Empty) } else { Ok(name) }
}

/// Whether a text may be the password of this account. Every character counts as it is.
///
/// # Errors
///
/// [`BadPassword`] for what may not.
pub fn password(text: &str, account: &str) -> Result<(), BadPassword> {
    match text.chars().take(MOST_PASSWORD + 1).count() {
        count if count < LEAST_PASSWORD => return Err(BadPassword::TooShort),
        count if count > MOST_PASSWORD => return Err(BadPassword::TooLong),
        _ => {}
    }
    let mut chars = text.chars();
    let first = chars.next();
    let is_one_character = chars.all(|c| Some(c) == first);
    let plain = text.trim().to_lowercase();
    if !account.is_empty() && plain == account.to_lowercase() {
        Err(BadPassword::IsAccount)
    } else if is_one_character || is_common(&plain) {
        Err(BadPassword::TooCommon)
    } else {
        Ok(())
    }
}

/// One of the worst, also with digits or signs behind it, or twice over.
fn is_common(plain: &str) -> bool {
    let bare = plain.trim_end_matches(|c: char| !c.is_alphabetic());
    let middle = plain.len() / 2;
    let twice = plain.is_char_boundary(middle) && plain[..middle] == plain[middle..];
    let half = if twice { &plain[..middle] } else { plain };
    [plain, bare, half].iter().any(|text| WORST.contains(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_account_is_found_however_it_is_written() {
        for (text, name) in [("Ana", "ana"), (" inés.ñandú@Oficina-1 ", "inés.ñandú@oficina-1"), ("A_1", "a_1"), ("ΑΣ", "ασ"), ("7", "7")]
        {
            assert_eq!(account(text).as_deref(), Ok(name));
        }
        assert_eq!(account(&"É".repeat(64)), Ok("é".repeat(64)));
    }

    #[test]
    fn what_is_no_account_is_refused() {
        assert_eq!(account(" "), Err(BadAccount::Empty));
        assert_eq!(account(&"a".repeat(65)), Err(BadAccount::TooLong));
        for text in ["ana bea", "ana'--", "a\0", "<ana>", "a/b", "e\u{301}", "a\u{200b}", "👍", "a\nb", "İ"] {
            assert_eq!(account(text), Err(BadAccount::Character), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_long_and_not_what_everybody_tries() {
        for text in ["caballo correcto", "ñandú-azul-7", "          x", "<script>alert(1)</script>", "0123456798", &"👍🙂".repeat(100)]
        {
            assert_eq!(password(text, "ana"), Ok(()), "{text:?}");
        }
        assert_eq!(password("ñandú7890", "ana"), Err(BadPassword::TooShort));
        assert_eq!(password(&"ab".repeat(101), "ana"), Err(BadPassword::TooLong));
        assert_eq!(password("Ana.Maria@Centro", "ana.maria@centro"), Err(BadPassword::IsAccount));
        for text in [
            "1234567890",
            "Contraseña",
            "PASSWORD123",
            "Contraseña2026!",
            "password!!",
            "aaaaaaaaaaa",
            "          ",
            "qwertyqwerty",
            "Siguiente1",
        ] {
            assert_eq!(password(text, ""), Err(BadPassword::TooCommon), "{text:?}");
        }
    }

    #[test]
    fn the_worst_are_written_as_they_are_compared() {
        for text in WORST {
            assert_eq!(*text, text.trim().to_lowercase());
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in "\\PC{0,70}|[a-zA-ZñÑ.@_-]{1,64}") {
            if let Ok(name) = account(&text) {
                prop_assert_eq!(account(&name), Ok(name.clone()));
                prop_assert_eq!(account(&format!(" {text}\t")), Ok(name.clone()));
                prop_assert!((1..=64).contains(&name.chars().count()));
            }
        }

        #[test]
        fn any_text_is_judged(text in any::<String>(), name in any::<String>()) {
            let _ = password(&text, &name);
            let _ = account(&text);
        }
    }
}
