//! The memory of a hub: what became of the same action before, found in the journal as people and agents
//! would find it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::desk::Desk;
use crate::incident::{
    Ask, Decisions, Entry, IncidentId, Kind, Notice, Precedent, ProposalId, Query, Untrusted,
};
use crate::wire::Reply;

/// Most earlier decisions told.
const MOST: usize = 6;

/// Most incidents looked into for one answer.
const MOST_INCIDENTS: usize = 12;

/// Most entries of one incident read for one answer.
const MOST_ENTRIES: usize = 2_000;

impl Desk {
    /// What became of the same action, or of actions on the same resource, before.
    pub(super) fn last_time(&self, id: ProposalId) -> Result<Reply, Notice> {
        let decision = self.decision(id)?;
        let Ask::Action(remedy) = &decision.proposal.ask else {
            return Ok(Reply::Remembered { precedents: Vec::new() });
        };
        let mut incidents = BTreeSet::new();
        for words in [&remedy.target.resource, &remedy.verb] {
            incidents.extend(self.proposed(words)?);
        }
        let mut precedents = Vec::new();
        for incident in incidents.into_iter().rev().take(MOST_INCIDENTS) {
            let entries = self.entries_of(incident)?;
            let title = self.incidents.get(&incident).map(|known| known.title.clone());
            let title = title.unwrap_or_else(|| Untrusted::from(""));
            let decisions = Decisions::fold(&entries);
            precedents
                .extend(decisions.iter().filter_map(|it| Precedent::of(it, decision, &title)));
        }
        precedents.sort_by_key(|precedent| (precedent.alike, Reverse(precedent.at)));
        precedents.truncate(MOST);
        Ok(Reply::Remembered { precedents })
    }

    /// The incidents with a proposal in which these words occur.
    fn proposed(&self, words: &str) -> Result<Vec<IncidentId>, Notice> {
        let text = format!("\"{}\"", words.replace('"', " "));
        let query = Query { text, kinds: vec![Kind::Proposal], limit: 50, ..Query::default() };
        let hits = self.journal.search(&query)?;
        Ok(hits.into_iter().map(|hit| hit.entry.incident).collect())
    }

    fn entries_of(&self, incident: IncidentId) -> Result<Vec<Entry>, Notice> {
        Ok(self.journal.entries(Some(incident), None, MOST_ENTRIES)?.entries)
    }
}
