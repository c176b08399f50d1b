//! The pen: what every row needs to know of the whole to be written.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::face::{Part, who};
use super::ink::{Row, Words, named};
use super::memo::{Memo, Name};
use super::{moment, place};
use crate::cockpit::theme::Role;
use crate::incident::{Actor, Safe, Untrusted};

/// The columns of a clock time with the blank after it.
pub(super) const CLOCK: usize = 9;

/// The present, the person's zone, and who is a partner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a> {
    /// The hub's present; ages, calls, and expiries live by it.
    pub(super) now: Timestamp,
    /// The zone in which times are written.
    pub(super) zone: &'a TimeZone,
    /// The agents that can be called.
    pub(super) partners: &'a [String],
    /// The trackers that entries are written to.
    pub(super) trackers: &'a [String],
    /// What was set in earlier frames.
    pub(super) memo: &'a Memo,
}

impl Pen<'_> {
    /// A clock time.
    pub(super) fn clock(&self, at: Timestamp) -> Words {
        moment::clock(at, self.zone)
    }

    /// A muted clock time in its column.
    pub(super) fn time(&self, at: Timestamp) -> Row {
        Row::of(Role::Muted, self.clock(at)).gap(1)
    }

    /// How long ago something was.
    pub(super) fn ago(&self, at: Timestamp) -> String {
        moment::whole(self.now.duration_since(at))
    }

    /// A tracker, without the ending that the names of all of them share.
    pub(super) fn tracker(&self, name: &str) -> Safe {
        named(place::short(name, self.trackers))
    }

    /// Who an actor is to the incident.
    pub(super) fn part(&self, actor: &Actor) -> Part {
        Part::of(actor, self.partners)
    }

    /// A text as markdown.
    pub(super) fn markdown(&self, name: Name, text: &Untrusted, width: usize) -> Vec<Row> {
        self.memo.markdown(name, text, Role::Text, width)
    }

    /// Shape and name of an actor.
    pub(super) fn actor(&self, actor: &Actor) -> Row {
        let part = self.part(actor);
        Row::of(part.role(), part.glyph()).gap(1).put(part.role(), who(actor))
    }
}
