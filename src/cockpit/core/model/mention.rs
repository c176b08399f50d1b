//! Naming somebody or something in a text: what the letters after an `@` may become.

use crate::incident::EntryId;

/// A mention being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentioning {
    /// How many characters were typed after the `@`.
    pub typed: usize,
    /// What they may become, the best first; never empty.
    pub choices: Vec<Mention>,
    /// Which of them is marked, counted from the first.
    pub marked: usize,
}

/// What can be named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// A person, an agent or a partner, by name.
    Actor(String),
    /// An entry of the incident.
    Entry(EntryId),
}

impl Mention {
    /// How it stands in the text after the `@`.
    pub fn written(&self) -> String {
        match self {
            Self::Actor(name) => name.clone(),
            Self::Entry(id) => id.to_string(),
        }
    }
}
