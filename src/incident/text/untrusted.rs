//! Text as it came from outside.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::identifier::{Uninspectable, inspectable};
use super::safe::Safe;
use super::show::{self, Manner};

/// Text written outside of this process: by a tracker, an agent, a log, a person in another tool.
///
/// It is kept byte for byte and is an instruction to nobody. It cannot be displayed:
///
/// ```compile_fail,E0277
/// println!("{}", wheelhouse::incident::Untrusted::from("\u{1b}[2J"));
/// ```
///
/// nor taken for a `str`, explicitly or not:
///
/// ```compile_fail,E0599
/// let text = wheelhouse::incident::Untrusted::from("\u{1b}[2J");
/// let text: &str = text.as_str();
/// ```
///
/// ```compile_fail,E0308
/// fn draw(text: &str) {}
/// draw(&wheelhouse::incident::Untrusted::from("\u{1b}[2J"));
/// ```
///
/// ```compile_fail,E0277
/// fn draw(text: impl AsRef<str>) {}
/// draw(wheelhouse::incident::Untrusted::from("\u{1b}[2J"));
/// ```
///
/// Shown, it can:
///
/// ```
/// let text = wheelhouse::incident::Untrusted::from("\u{1b}[2J");
/// assert_eq!(text.line().to_string(), "␛[2J");
/// ```
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Length of the original, in bytes.
    pub const fn len_bytes(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text at all.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with everything visible, bounded by the manner.
    pub fn show(&self, manner: &Manner) -> Safe {
        show::show(&self.0, manner)
    }

    /// The text on one line, for lists and headings.
    pub fn line(&self) -> Safe {
        self.show(&Manner::LINE)
    }

    /// How the text goes, on one line to skim; never what somebody decides upon.
    pub fn gist(&self) -> Safe {
        self.show(&Manner::GIST)
    }

    /// The text with its line breaks, for reading.
    pub fn block(&self) -> Safe {
        self.show(&Manner::BLOCK)
    }

    /// The original of a shown text, if nothing was cut and every blank was marked.
    pub fn unshow(shown: &Safe) -> Option<Self> {
        show::unshow(shown).map(Self)
    }

    /// Whether the text may name a resource in an approval; see [`inspectable`].
    pub fn inspectable(&self) -> Result<(), Uninspectable> {
        inspectable(&self.0)
    }

    /// The original, to be stored, hashed, parsed or sent back where it came from.
    ///
    /// Never to a screen, a log, an error message or a terminal: that is what
    /// [`show`](Self::show) is for.
    pub fn for_storage(&self) -> &str {
        &self.0
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Scalars that `Debug` writes at most.
const DEBUG_CAP: usize = 256;

impl fmt::Debug for Untrusted {
    /// Writes ASCII only, escaped, and at most the first 256 scalars.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Untrusted(\"")?;
        let mut scalars = self.0.chars();
        for c in scalars.by_ref().take(DEBUG_CAP) {
            write!(f, "{}", c.escape_default())?;
        }
        match scalars.as_str().len() {
            0 => f.write_str("\")"),
            more => write!(f, "\" +{more} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_is_plain_ascii_and_bounded() {
        let text = Untrusted::from(format!("\u{1b}]0;\u{202e}é{}", "x".repeat(1000)));
        let debug = format!("{text:?}");
        assert!(debug.starts_with(r#"Untrusted("\u{1b}]0;\u{202e}\u{e9}xx"#));
        assert!(debug.ends_with("\" +750 bytes)"), "{debug}");
        assert!(debug.bytes().all(|b| matches!(b, b' '..=b'~')));
    }

    #[test]
    fn json_is_the_bare_string() {
        let text = Untrusted::from("a\u{0}b");
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(json, r#""a\u0000b""#);
        assert_eq!(serde_json::from_str::<Untrusted>(&json).unwrap(), text);
    }
}
