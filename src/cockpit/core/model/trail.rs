//! Where the person was before a jump, and where back leads from there.

use super::layout::Pane;
use super::measured::LineId;
use crate::incident::IncidentId;

/// Most places remembered; the oldest is forgotten first.
const MOST: usize = 100;

/// A line in one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The incident.
    pub incident: IncidentId,
    /// The pane.
    pub pane: Pane,
    /// The line.
    pub line: LineId,
}

/// The places that were left, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    behind: Vec<Spot>,
    ahead: Vec<Spot>,
}

impl Trail {
    /// A place is left for a new one: there is no way ahead any more.
    pub fn leave(&mut self, here: Spot) {
        self.ahead.clear();
        if self.behind.last() != Some(&here) {
            self.behind.push(here);
        }
        if self.behind.len() > MOST {
            self.behind.remove(0);
        }
    }

    /// The place before this one; this one lies ahead then.
    pub fn back(&mut self, here: Option<Spot>) -> Option<Spot> {
        let to = self.behind.pop()?;
        self.ahead.extend(here);
        Some(to)
    }

    /// The place from which the way back led; this one lies behind then.
    pub fn forward(&mut self, here: Option<Spot>) -> Option<Spot> {
        let to = self.ahead.pop()?;
        self.behind.extend(here);
        Some(to)
    }

    /// The place before this one, which takes its place: twice leads here again.
    pub fn swap(&mut self, here: Option<Spot>) -> Option<Spot> {
        let to = self.behind.pop()?;
        self.behind.extend(here);
        Some(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(turn: usize) -> Spot {
        let incident = crate::cockpit::core::fixture::incident();
        Spot { incident, pane: Pane::Exchange, line: LineId::Turn(turn) }
    }

    #[test]
    fn the_way_back_leads_forward_again() {
        let mut trail = Trail::default();
        trail.leave(spot(1));
        trail.leave(spot(2));
        assert_eq!(trail.back(Some(spot(3))), Some(spot(2)));
        assert_eq!(trail.back(Some(spot(2))), Some(spot(1)));
        assert_eq!(trail.back(Some(spot(1))), None);
        assert_eq!(trail.forward(Some(spot(1))), Some(spot(2)));
        assert_eq!(trail.forward(Some(spot(2))), Some(spot(3)));
    }

    #[test]
    fn the_last_place_is_a_seesaw() {
        let mut trail = Trail::default();
        trail.leave(spot(1));
        assert_eq!(trail.swap(Some(spot(2))), Some(spot(1)));
        assert_eq!(trail.swap(Some(spot(1))), Some(spot(2)));
    }
}
