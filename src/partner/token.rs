//! The bearer token that a caller shows at our door, and that we show at others'.

use sha2::{Digest, Sha256};

use crate::settings::Unsaid;

/// A bearer token; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token as configured; surrounding white space is no part of it.
    ///
    /// Returns `None` when nothing remains, or when it could not stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        sound.then(|| Self(text.to_owned()))
    }

    /// Adds the token to a request.
    pub fn show(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(&self.0)
    }

    /// What hides the token in what is said back by whoever was shown it.
    pub fn unsaid(&self) -> Unsaid {
        Unsaid::of([self.0.clone()])
    }

    /// The text as it stands on the wire.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `offered` is this token, in a time that says nothing about where they differ.
    ///
    /// Digests are compared rather than texts, so that not even the length leaks.
    pub fn admits(&self, offered: &str) -> bool {
        let (ours, theirs) = (Sha256::digest(&self.0), Sha256::digest(offered));
        ours.iter().zip(theirs.iter()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_admits_itself_alone_and_is_never_printed() {
        let token = Token::new(" s3cret \n").unwrap();
        assert!(token.admits("s3cret"));
        assert!(!token.admits("s3cre") && !token.admits("s3cret ") && !token.admits(""));
        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[test]
    fn a_token_that_cannot_stand_in_a_header_is_none() {
        assert_eq!(Token::new("  "), None);
        assert_eq!(Token::new("two words"), None);
        assert_eq!(Token::new("line\nfeed"), None);
    }
}
