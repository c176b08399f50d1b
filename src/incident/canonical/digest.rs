//! The digest that binds a verdict to what a person saw.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::incident::as_text::as_text;

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests the parts of one kind of thing.
    ///
    /// The domain is hashed first and each part with its length, so that neither a digest of
    /// another kind nor the same bytes divided differently give the same digest.
    pub fn of(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("wheelhouse/{domain}/v1\n"));
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

/// The text is not `sha256:` and 64 lower-case hexadecimal digits; a prefix never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read a digest: sha256: and 64 lower-case hexadecimal digits are expected")]
pub struct DigestError;

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hex = text.strip_prefix("sha256:").ok_or(DigestError)?;
        let mut bytes = [0; 32];
        if hex.len() != 2 * bytes.len() {
            return Err(DigestError);
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = pair
                .iter()
                .try_fold(0, |value, digit| Some(value << 4 | nibble(*digit)?))
                .ok_or(DigestError)?;
        }
        Ok(Self(bytes))
    }
}

/// The value of a lower-case hexadecimal digit.
const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

as_text!(Digest, "^sha256:[0-9a-f]{64}$");
