//! The memory of the view: texts that were set once are not set again, and of a text that grows only
//! what follows its last finished block.
//!
//! What is drawn is the same with and without it; it only saves the work.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::ink::Row;
use super::markdown::{Begins, markdown};
use crate::cockpit::theme::Role;
use crate::incident::{EntryId, IncidentId, ProposalId, Untrusted};

/// Most texts that are remembered; then all are forgotten at once.
const MOST: usize = 512;

/// Tells texts apart that may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// The text of an entry.
    Entry(EntryId),
    /// What an agent said, by its turn in the exchange of an incident.
    Said(IncidentId, usize),
    /// What an agent says about its proposal.
    Rationale(ProposalId),
}

/// The texts that were set, kept from frame to frame.
#[derive(Debug, Default)]
pub struct Memo {
    kept: RefCell<HashMap<(Name, usize, Role), Kept>>,
    set: Cell<usize>,
}

/// One text as it was set.
#[derive(Debug)]
struct Kept {
    text: String,
    /// Where its last block begins; everything before it is finished.
    stable: usize,
    finished: Vec<Row>,
    last: Vec<Row>,
}

impl Memo {
    /// How many bytes of text were set so far.
    pub fn set_so_far(&self) -> usize {
        self.set.get()
    }

    /// The rows of a text.
    pub(super) fn markdown(
        &self,
        name: Name,
        text: &Untrusted,
        role: Role,
        width: usize,
    ) -> Vec<Row> {
        let text = text.for_storage();
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MOST {
            kept.clear();
        }
        let known = kept.entry((name, width, role)).or_insert_with(Kept::nothing);
        if known.text != text {
            if !text.starts_with(&known.text) {
                *known = Kept::nothing();
            }
            known.grow(text, &|block, begins| {
                self.set.set(self.set.get() + block.len());
                markdown(block, begins, role, width)
            });
        }
        known.finished.iter().chain(&known.last).cloned().collect()
    }
}

impl Kept {
    fn nothing() -> Self {
        Self { text: String::new(), stable: 0, finished: Vec::new(), last: Vec::new() }
    }

    fn grow(&mut self, text: &str, set: &dyn Fn(&str, Begins) -> Vec<Row>) {
        for edge in edges(text, self.stable) {
            let block = text.get(self.stable..edge).unwrap_or_default();
            let rows = set(block, self.begins());
            self.finished.extend(rows);
            self.stable = edge;
        }
        self.last = set(text.get(self.stable..).unwrap_or_default(), self.begins());
        text.clone_into(&mut self.text);
    }

    fn begins(&self) -> Begins {
        if self.finished.is_empty() { Begins::Text } else { Begins::Block }
    }
}

/// Where blocks of a text begin: after a blank line, outside fences, at the left edge, so that nothing
/// that follows can change what stands before.
fn edges(text: &str, from: usize) -> Vec<usize> {
    let (mut edges, mut at, mut blank, mut fenced) = (Vec::new(), from, false, false);
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        let bare = line.trim();
        let at_edge = line.starts_with(|sign: char| !sign.is_whitespace());
        let listed = bare.starts_with(['-', '*', '+', '>', '|'])
            || bare.starts_with(|sign: char| sign.is_ascii_digit());
        if blank && !fenced && at_edge && !listed {
            edges.push(at);
        }
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        }
        blank = bare.is_empty();
        at += line.len();
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: &str = "The pool is exhausted.\n\n- one\n\n- two\n\n```\nlet x = 1;\n\nx\n```\n\n\
                          # Then\n\nIt began at 14:02.";

    fn rows(memo: &Memo, text: &str) -> Vec<Row> {
        let name = Name::Entry(EntryId::from_parts(jiff::Timestamp::UNIX_EPOCH, 7));
        memo.markdown(name, &text.into(), Role::Text, 40)
    }

    #[test]
    fn a_text_that_grows_is_set_as_if_it_had_come_at_once() {
        let growing = Memo::default();
        for (end, _) in BLOCKS.char_indices() {
            let _rows = rows(&growing, BLOCKS.get(..end).unwrap());
        }
        assert_eq!(rows(&growing, BLOCKS), rows(&Memo::default(), BLOCKS));
    }

    #[test]
    fn what_is_finished_is_not_set_again() {
        let memo = Memo::default();
        let mut text = "A finished block of many words. ".repeat(200) + "\n\n";
        let _rows = rows(&memo, &text);
        let before = memo.set_so_far();
        for word in 0..100 {
            text.push_str("word ");
            let _rows = rows(&memo, &text);
            let _again = rows(&memo, &text);
            let most = text.len() + (word + 1) * (word + 2) * 5 / 2;
            assert!(memo.set_so_far() - before <= most, "{}", memo.set_so_far());
        }
    }
}
