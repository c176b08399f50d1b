//! Text that may reach a screen, a log or a terminal.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

/// Text in which nothing acts on a terminal and nothing is hidden.
///
/// Comes from [`Untrusted::show`](super::Untrusted::show), from a constant of ours, or from joining
/// such texts. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(into = "String")]
pub struct Safe {
    text: String,
    hidden: usize,
    cut: usize,
    exact: bool,
}

impl Safe {
    /// A text of ours, known when the program was compiled.
    pub fn constant(text: &'static str) -> Self {
        Self { text: text.to_owned(), hidden: 0, cut: 0, exact: false }
    }

    /// The parts in a row with `separator` between them; counts add up.
    pub fn join(parts: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        let mut joined = Self::default();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                joined.text.push_str(separator);
            }
            joined.text.push_str(&part.text);
            joined.hidden += part.hidden;
            joined.cut += part.cut;
        }
        joined
    }

    pub(super) fn shown(text: String, hidden: usize, cut: usize, exact: bool) -> Self {
        Self { text, hidden, cut, exact: exact && cut == 0 }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many hidden characters were made visible: the number on the badge.
    pub const fn hidden(&self) -> usize {
        self.hidden
    }

    /// How many bytes of the original were left out at the end because of the cap.
    pub const fn cut(&self) -> usize {
        self.cut
    }

    /// Whether the original can be read back from this text without loss.
    pub(super) const fn is_exact(&self) -> bool {
        self.exact
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<Safe> for String {
    fn from(safe: Safe) -> Self {
        safe.text
    }
}
