//! A list as it is shown, without copying it: how long it is, and what stands where.

use super::super::model::{Flow, Line, LineId, Model, Pane, Watched};
use crate::incident::{EntryId, IncidentId, ProposalId};

/// A list as it is shown.
pub(super) trait Listing<K> {
    /// How many lines it has.
    fn len(&self) -> usize;
    /// What stands at a position.
    fn id_at(&self, position: usize) -> Option<K>;
    /// Where something stands.
    fn position(&self, id: K) -> Option<usize>;
    /// Where a line that the view names stands.
    fn named(&self, id: LineId) -> Option<usize>;
}

impl<K: Line> Listing<K> for Vec<K> {
    fn len(&self) -> usize {
        self.len()
    }

    fn id_at(&self, position: usize) -> Option<K> {
        self.get(position).copied()
    }

    fn position(&self, id: K) -> Option<usize> {
        self.iter().position(|known| *known == id)
    }

    fn named(&self, id: LineId) -> Option<usize> {
        self.iter().position(|known| known.line() == id)
    }
}

/// The entries of an incident, all of them up to a limit.
pub(super) struct AllEntries<'a> {
    pub watched: &'a Watched,
    pub shown: usize,
}

impl Listing<EntryId> for AllEntries<'_> {
    fn len(&self) -> usize {
        self.shown
    }

    fn id_at(&self, position: usize) -> Option<EntryId> {
        self.watched.timeline.window(position..position + 1).next().map(|entry| entry.id)
    }

    fn position(&self, id: EntryId) -> Option<usize> {
        self.watched.timeline.position(id).filter(|position| *position < self.shown)
    }

    fn named(&self, id: LineId) -> Option<usize> {
        let LineId::Entry(id) = id else { return None };
        self.position(id)
    }
}

/// The turns of an exchange, all of them up to a limit: a turn's position is its id.
pub(super) struct AllTurns {
    pub shown: usize,
}

impl Listing<usize> for AllTurns {
    fn len(&self) -> usize {
        self.shown
    }

    fn id_at(&self, position: usize) -> Option<usize> {
        (position < self.shown).then_some(position)
    }

    fn position(&self, id: usize) -> Option<usize> {
        (id < self.shown).then_some(id)
    }

    fn named(&self, id: LineId) -> Option<usize> {
        let LineId::Turn(id) = id else { return None };
        self.position(id)
    }
}

/// How many lines of `count` a flow lets be seen.
pub(super) fn seen(flow: Flow, count: usize) -> usize {
    match flow {
        Flow::Still | Flow::Following | Flow::Detached { .. } => count,
        Flow::Frozen { shown, .. } => shown.min(count),
    }
}

/// The incidents as listed.
pub(super) fn incidents(model: &Model) -> Vec<IncidentId> {
    model.listed_incidents().into_iter().map(|watched| watched.incident.id).collect()
}

/// The decisions as listed.
pub(super) fn decisions(model: &Model) -> Vec<ProposalId> {
    model.listed_decisions().into_iter().map(|decision| decision.id).collect()
}

/// How many lines a pane shows at most.
pub(super) fn page(model: &Model, pane: Pane) -> usize {
    let area = model.arrangement().pane(pane);
    area.map_or(1, |area| usize::from(area.height.saturating_sub(2)).max(1))
}
