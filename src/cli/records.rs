//! What was recorded, read to its end, and the decisions folded from it.

use crate::incident::{Decisions, Entry, EntryId, IncidentId, Notice, ProposalId};
use crate::journal::History;

/// How many entries are read at once.
const PAGE: usize = 1000;

/// Reads every entry of one incident, or of all, in order.
pub(super) fn entries(
    history: &History,
    of: Option<IncidentId>,
    mut take: impl FnMut(Entry),
) -> Result<(), Notice> {
    let mut after = None;
    loop {
        let page = history.entries(of, after, PAGE)?;
        page.entries.into_iter().for_each(&mut take);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// The decisions of one incident, or of all.
pub(super) fn decisions(history: &History, of: Option<IncidentId>) -> Result<Decisions, Notice> {
    let mut decisions = Decisions::default();
    entries(history, of, |entry| {
        decisions.apply(&entry);
    })?;
    Ok(decisions)
}

/// The incident that a proposal belongs to, if it is recorded.
pub(super) fn incident_of(history: &History, id: ProposalId) -> Result<Option<IncidentId>, Notice> {
    Ok(history.entry(EntryId::from(id))?.map(|entry| entry.incident))
}
