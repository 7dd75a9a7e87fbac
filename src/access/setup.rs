//! Owns the code of the first start: shown on the console, typed once, and tried a few times a minute at the most.

use core::fmt;

use super::buckets::{Buckets, Rate, Wait};
use crate::office::Millis;

/// Nothing that is taken for something else: no 0 and O, no 1 and I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 8;

/// Wrong ones that may be tried, by all together.
const TRIES: Rate = Rate { burst: 5, every: 12_000 };

/// Eight characters, 40 random bits. Shown by [`SetupCode::shown`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupCode([u8; LENGTH]);

impl SetupCode {
    /// Made of 40 of these random bits.
    pub fn from_random(bits: u64) -> Self {
        Self(core::array::from_fn(|place| ALPHABET[(bits >> (5 * place) & 31) as usize]))
    }

    /// For the console: `ABCD-2345`.
    pub fn shown(&self) -> String {
        let text: String = self.0.iter().map(|byte| char::from(*byte)).collect();
        format!("{}-{}", &text[..LENGTH / 2], &text[LENGTH / 2..])
    }

    /// Whether somebody typed it, in capitals or not, with or without the dash. Takes as long for a wrong one as for a right one.
    fn is(&self, typed: &str) -> bool {
        let typed: Vec<u8> = typed.bytes().filter(|b| !b" -\t".contains(b)).map(|b| b.to_ascii_uppercase()).take(LENGTH + 1).collect();
        let different = self.0.iter().enumerate().fold(0, |sum, (place, byte)| sum | (byte ^ typed.get(place).copied().unwrap_or(0)));
        different == 0 && typed.len() == LENGTH
    }
}

impl fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetupCode(***)")
    }
}

/// Lets in who knows the code.
#[derive(Debug)]
pub struct SetupGate {
    code: SetupCode,
    tries: Buckets<()>,
}

impl SetupGate {
    pub fn new(code: SetupCode) -> Self {
        Self { code, tries: Buckets::new(TRIES, 1) }
    }

    pub fn code(&self) -> &SetupCode {
        &self.code
    }

    /// Whether this is the code. A right one costs no try.
    ///
    /// # Errors
    ///
    /// How long to wait after too many wrong ones; then not even the right one is looked at.
    pub fn try_code(&mut self, typed: &str, now: Millis) -> Result<bool, Wait> {
        self.tries.take((), now)?;
        let right = self.code.is(typed);
        if right {
            self.tries.give_back(&());
        }
        Ok(right)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_wrong_ones_and_then_one_every_twelve_seconds() {
        let mut gate = SetupGate::new(SetupCode::from_random(0x12_3456_789a));
        let code = gate.code().shown();
        for typed in ["", "ABCD-EFGH", &code[..8], &format!("{code}2"), "ñ"] {
            assert_eq!(gate.try_code(typed, Millis(0)), Ok(false), "{typed:?}");
        }
        assert_eq!(gate.try_code(&code, Millis(0)), Err(Wait(12_000)), "not even the right one");
        assert_eq!(gate.try_code(&code, Millis(12_000)), Ok(true));
        assert_eq!(gate.try_code(&code, Millis(12_000)), Ok(true));
        assert!(!format!("{gate:?}").contains(&code[..4]));
    }

    proptest! {
        #[test]
        fn a_code_is_read_as_it_is_shown(bits in any::<u64>(), other in any::<u64>()) {
            let code = SetupCode::from_random(bits);
            let shown = code.shown();
            prop_assert_eq!(shown.len(), 9);
            prop_assert!(!shown.contains(['0', 'O', '1', 'I']));
            let typed = format!(" {} ", shown.to_lowercase().replace('-', ""));
            prop_assert!(code.is(&shown) && code.is(&typed));
            prop_assert_eq!(code.is(&SetupCode::from_random(other).shown()), (bits ^ other) << 24 == 0);
        }
    }
}
