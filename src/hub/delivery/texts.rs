//! The texts of one entry: as they are written now, and as they were sent, which an upgrade may tell apart.

use super::text::version;
use crate::incident::{Digest, Part};
use crate::wire::Posted;

/// The texts that a tracker gets of an entry, and those that it was sent.
pub(super) struct Texts {
    parts: Vec<String>,
    /// As they are written now, and after them as they were sent, the latest last.
    known: Vec<Posted>,
    doubted: Option<Part>,
}

impl Texts {
    pub(super) fn new(parts: Vec<String>, posted: Vec<Posted>) -> Self {
        let doubted = posted.last().map(|posted| posted.part);
        let of = parts.len();
        let named = |(at, part): (usize, &String)| {
            Some(Posted { part: part_of(at, of)?, version: version(part) })
        };
        let mut known: Vec<Posted> = parts.iter().enumerate().filter_map(named).collect();
        known.extend(posted);
        Self { parts, known, doubted }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// A text as it is written now, counted from 0.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.parts.get(at).map(String::as_str)
    }

    /// What is to be recorded before a text is sent.
    pub(super) fn posted(&self, at: usize) -> Option<Posted> {
        self.known.get(at).copied()
    }

    /// Whether something says what one of them says, as it is written now or was sent.
    pub(super) fn has(&self, version: Digest) -> bool {
        self.known.iter().any(|known| known.version == version)
    }

    /// Whether something says what this one says, as it is written now or was sent.
    pub(super) fn is(&self, at: usize, version: Digest) -> bool {
        let part = part_of(at, self.len());
        self.known.iter().any(|known| Some(known.part) == part && known.version == version)
    }

    /// The first that does not stand there, counted from 0.
    pub(super) fn missing(&self, stands: impl Fn(usize) -> bool) -> Option<usize> {
        (0..self.len()).find(|at| !stands(*at))
    }

    /// Whether the one that was sent last comes before a missing one, which then was not sent yet.
    pub(super) fn is_sent_before(&self, missing: usize) -> bool {
        let missing = part_of(missing, self.len());
        self.doubted
            .zip(missing)
            .is_some_and(|(sent, missing)| sent.of() == missing.of() && sent.n() < missing.n())
    }
}

/// The name of a text, counted from 0.
fn part_of(at: usize, of: usize) -> Option<Part> {
    Part::new(u16::try_from(at + 1).ok()?, u16::try_from(of).ok()?)
}
