//! Putting a text into its envelope, and taking it out again.

use super::blocks::{Blocks, Standing, lines};
use super::hidden::{Details, Hidden};
use super::neutral::{HIDDEN_MARK, escape, restore};
use super::trailer::{MARK, Trailer};
use crate::incident::Untrusted;

/// A text taken out of its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text without trailer and hidden JSON.
    pub text: Untrusted,
    /// What its last line claims.
    pub trailer: Trailer,
    /// What its hidden JSON claims, where there is one that agrees with the trailer.
    pub details: Option<Details>,
    /// What is odd about it, to be shown to people.
    pub doubts: Vec<Doubt>,
}

/// Something odd about an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// There is another trailer in the text; only the last line counts.
    SecondTrailer,
    /// The hidden JSON cannot be read, or names another entry, kind, author or part.
    HiddenDisagrees,
    /// The text is not the one that was posted with this hidden JSON.
    TextChanged,
}

/// Puts a text into its envelope: the text, an empty line, the trailer.
///
/// Lines that begin like one of ours are escaped, and a code fence or HTML comment that the text
/// leaves open is closed, so that the trailer stands in the open.
pub fn encode(text: &Untrusted, trailer: &Trailer) -> Untrusted {
    seal(&closed(text.for_storage()), trailer).into()
}

/// Like [`encode`], with the hidden JSON as first line, for trackers that show Markdown.
pub fn encode_with(text: &Untrusted, trailer: &Trailer, details: &Details) -> Untrusted {
    let text = closed(text.for_storage());
    let sealed = seal(&text, trailer);
    match Hidden::new(trailer, details, &text).write() {
        Some(hidden) => format!("{hidden}\n{sealed}").into(),
        None => sealed.into(),
    }
}

/// Takes a text out of its envelope; `None` if its last line in the open is no trailer.
///
/// Whoever wrote the text wrote the trailer too: it says which entry this claims to be a copy of,
/// and nothing about who wrote it.
pub fn decode(text: &Untrusted) -> Option<Decoded> {
    let whole = text.for_storage().trim_end();
    let start = whole.rfind('\n').map_or(0, |at| at + 1);
    let (before, last) = whole.split_at_checked(start)?;
    let trailer = Trailer::read(last)?;
    // Reading all lines is left for the few texts that end like one of ours.
    let mut blocks = Blocks::after(before.strip_suffix('\n').unwrap_or(before));
    if blocks.read(last) != Standing::Plain {
        return None;
    }
    let (first, body) = split_hidden(before);
    let text = restore(unseal(body));
    let mut doubts = Vec::new();
    if before.contains(MARK) && lines(before).any(|line| line.trim_start().starts_with(MARK)) {
        doubts.push(Doubt::SecondTrailer);
    }
    let hidden = first.and_then(Hidden::read).filter(|hidden| hidden.agrees(&trailer));
    if first.is_some() && hidden.is_none() {
        doubts.push(Doubt::HiddenDisagrees);
    }
    if hidden.as_ref().is_some_and(|hidden| !hidden.covers(&text)) {
        doubts.push(Doubt::TextChanged);
    }
    Some(Decoded { text: text.into(), trailer, details: hidden.map(Hidden::details), doubts })
}

/// Whether a text ends in a trailer or begins with hidden JSON, in whatever state.
pub(super) fn is_enveloped(text: &str) -> bool {
    text.starts_with(HIDDEN_MARK)
        || text.trim_end().lines().next_back().is_some_and(|line| line.starts_with(MARK))
}

fn closed(text: &str) -> String {
    match Blocks::after(text).closer() {
        Some(closer) => format!("{text}\n{closer}"),
        None => text.to_owned(),
    }
}

fn seal(text: &str, trailer: &Trailer) -> String {
    if text.is_empty() {
        return trailer.to_string();
    }
    format!("{}\n\n{trailer}", escape(text))
}

/// Removes the two line endings that stand before a trailer, or what a tracker left of them.
fn unseal(text: &str) -> &str {
    ["\r\n\r\n", "\n\n", "\r\n", "\n"]
        .into_iter()
        .find_map(|gap| text.strip_suffix(gap))
        .unwrap_or(text)
}

/// The hidden first line, if there is one, and the rest.
fn split_hidden(text: &str) -> (Option<&str>, &str) {
    if !text.starts_with(HIDDEN_MARK) {
        return (None, text);
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    (Some(first.strip_suffix('\r').unwrap_or(first)), rest)
}
