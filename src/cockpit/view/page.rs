//! A page of a panel: what it is written about, and the rows that lead somewhere.

use super::face::Part;
use super::ink::Row;
use super::pen::Pen;
use crate::cockpit::core::{Model, Watched};
use crate::cockpit::theme::Role;
use crate::incident::Entry;

/// One row of a panel, with the line that it leads to if it begins one.
pub(super) struct Stop {
    pub(super) leads: bool,
    pub(super) row: Row,
}

impl Stop {
    /// A row that leads nowhere.
    pub(super) fn none(row: Row) -> Self {
        Self { leads: false, row }
    }

    /// A row that can be marked and gone to.
    pub(super) fn to(row: Row) -> Self {
        Self { leads: true, row }
    }
}

/// What a panel is written about.
pub(super) struct Page<'a> {
    pub(super) model: &'a Model,
    pub(super) watched: &'a Watched,
    pub(super) pen: Pen<'a>,
    pub(super) width: usize,
}

impl Page<'_> {
    /// An entry in one row: when, by whom, what kind, and how it begins. Of agents the shape alone says
    /// who it was, since the text is what is looked for here.
    pub(super) fn entry(&self, entry: &Entry) -> Row {
        let pen = &self.pen;
        let part = pen.part(&entry.actor);
        let who = match part {
            Part::Human => pen.actor(&entry.actor),
            Part::Primary | Part::Partner | Part::System => Row::of(part.role(), part.glyph()),
        };
        pen.time(entry.at)
            .join(who)
            .gap(1)
            .put(Role::Muted, entry.body.kind().word())
            .gap(2)
            .put(Role::Text, entry.text.gist())
    }
}
