//! Going to an entry, wherever the person is.

use super::super::filter::Filter;
use super::super::model::{Anchor, Flow, Model, Pane};
use crate::incident::{EntryId, IncidentId};

/// Shows an entry in its timeline.
pub(super) fn entry(model: &mut Model, incident: IncidentId, id: EntryId) {
    let Some(watched) = model.incidents.get_mut(&incident) else { return };
    watched.at_entry.filter = Filter::default();
    watched.at_entry.narrowed.clear();
    watched.at_entry.anchor = Some(Anchor { id, above: 3 });
    watched.at_entry.flow = Flow::Detached { unseen: 0 };
    model.at_incident.anchor = Some(Anchor { id: incident, above: 0 });
    model.focus = Pane::Timeline;
    model.overlays.clear();
}
