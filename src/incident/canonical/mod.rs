//! What a verdict binds to: bytes with one spelling, and their digest.

mod digest;
mod json;

#[cfg(test)]
mod tests;

pub use digest::{Digest, DigestError};
pub use json::{Canonical, CanonicalError};
