//! Tokens: 256 random bits that make whoever holds them one account.

use std::fmt;
use std::fmt::Write;

use rustls::crypto::ring::default_provider;
use sha2::{Digest, Sha256};

use crate::trackers::TrackerError;

/// A token in the clear, known to its holder alone; the tracker keeps only a hash of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws a new one from the system's source of randomness.
    pub(super) fn draw() -> Result<Self, TrackerError> {
        let mut bytes = [0; 32];
        default_provider().secure_random.fill(&mut bytes).map_err(|_| {
            let why = "the system has no randomness".to_owned();
            TrackerError::Unreachable { why }
        })?;
        let mut text = String::from("wh_");
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(|error| {
                let why = error.to_string();
                TrackerError::Broken { why }
            })?;
        }
        Ok(Self(text))
    }

    /// The token itself, to hand it to its holder.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a token. It holds 256 random bits, so a fast hash is enough, and looking its hash up
/// tells a guesser nothing.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
