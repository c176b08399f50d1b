//! What lies over the panes.

use crate::incident::{CallId, EntryId};

use super::super::action::Context;
use super::card::Card;
use super::compose::Composer;
use super::connection::Unpaid;
use super::palette::Palette;
use super::panel::Panel;
use super::redirecting::Redirecting;
use super::searching::{Filtering, Searching};

/// One thing that lies over the panes. Only the person puts one there; no arrival ever does.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// An opened proposal.
    Card(Box<Card>),
    /// A text being written.
    Composer(Box<Composer>),
    /// A redirect being chosen.
    Redirect(Box<Redirecting>),
    /// One entry or call in full.
    Opened(Opened),
    /// The incident from one side.
    Panel(Box<Panel>),
    /// A search of the history.
    Search(Box<Searching>),
    /// Everything that can be asked for here.
    Palette(Box<Palette>),
    /// A filter being typed.
    Filter(Box<Filtering>),
    /// What trackers are still owed.
    Outbox(Outbox),
    /// The keys that work where the person was.
    Help(Help),
}

/// One entry or call in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub shown: Shown,
    /// Whether the raw JSON is shown.
    pub raw: bool,
    /// How many rows it is scrolled down.
    pub scroll: u16,
}

/// What can be opened in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// An entry.
    Entry(EntryId),
    /// A call on the direct channel.
    Call(CallId),
    /// Something an agent said: its position among the turns of the current incident.
    Said(usize),
}

/// What trackers are still owed, as a list with one debt marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox {
    /// Which debt is marked, by its entry and its tracker; the oldest if it is none of those owed.
    pub marked: Option<(EntryId, String)>,
}

impl Outbox {
    /// The position of the marked debt among those owed.
    pub fn position(&self, unpaid: &[Unpaid<'_>]) -> usize {
        let is_marked = |one: &Unpaid<'_>| {
            self.marked.as_ref().is_some_and(|(entry, tracker)| {
                one.entry == *entry && one.tracker == tracker.as_str()
            })
        };
        unpaid.iter().position(is_marked).unwrap_or(0)
    }
}

/// The help screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Help {
    /// Where the person was.
    pub context: Context,
    /// How many rows it is scrolled down.
    pub scroll: u16,
}
