//! The palette: everything that can be asked for here, found by a few letters.

use crate::incident::{EntryId, IncidentId};

use super::super::action::{Action, Context};
use super::field::Field;

/// A palette that is open.
#[derive(Debug, Clone)]
pub struct Palette {
    /// What is typed.
    pub field: Field,
    /// Where the person was: what is offered is what is valid there.
    pub context: Context,
    /// What can be chosen, before anything is typed.
    pub offered: Vec<Offer>,
    /// What passes, the best first.
    pub found: Vec<Match>,
    /// Which of them is marked, counted from the first.
    pub marked: usize,
}

/// One thing that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is chosen.
    pub choice: Chosen,
    /// What it is called, made safe; the letters that are typed are looked for here.
    pub words: String,
}

/// What can be chosen in a palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// An action, as its key would ask for it; a grave one only leads to its gesture.
    Action(Action),
    /// An incident, to be shown.
    Incident(IncidentId),
    /// An agent, whose calls alone are shown.
    Agent(String),
    /// A search of the history that was kept.
    Search(String),
    /// An entry that the person marked.
    Bookmark(EntryId),
    /// A link in what is selected.
    Link(String),
}

/// An offer that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which offer.
    pub offer: usize,
    /// Which characters of its words were typed, counted from 0.
    pub letters: Vec<u32>,
}

impl Palette {
    /// The marked offer.
    pub fn choice(&self) -> Option<&Offer> {
        self.offered.get(self.found.get(self.marked)?.offer)
    }
}
