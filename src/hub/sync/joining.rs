//! Joining: items that people keep by hand beside an incident, known by the address that they name.

use std::sync::PoisonError;

use super::author::{Own, author};
use super::reader::Reader;
use super::sighting::{Place, Said, Seen};
use super::trouble::Trouble;
use crate::hub::delivery::OPENING;
use crate::incident::{IncidentId, Untrusted, decode};
use crate::trackers::{Item, ItemStatus, Vouched};

/// How many items may wait for an incident that they name; the oldest wait no longer.
const MOST_WAITING: usize = 256;

impl Reader {
    /// Has an item wait for an incident that it may belong to. What a hub opened belongs where that hub says.
    pub(super) fn may_join(&mut self, item: Item) {
        if !self.source.joins || item.status != ItemStatus::Open || decode(&item.text).is_some() {
            return;
        }
        self.joining.retain(|waiting| waiting.id != item.id);
        self.joining.push_back(item);
        if self.joining.len() > MOST_WAITING {
            self.joining.pop_front();
        }
    }

    /// Joins what waits to the incidents whose items it names, once their addresses are known here.
    pub(super) async fn join(&mut self, own: &Own) -> Result<(), Trouble> {
        for _ in 0..self.joining.len() {
            let Some(item) = self.joining.pop_front() else { break };
            match self.named_by(&item)? {
                Some(incident) => self.joined(own, item, incident).await?,
                None => self.joining.push_back(item),
            }
        }
        Ok(())
    }

    /// The incident one of whose items an item names, if that has none in this tracker yet.
    fn named_by(&self, item: &Item) -> Result<Option<IncidentId>, Trouble> {
        let text = format!("{}\n{}", item.title.for_storage(), item.text.for_storage());
        let named: Vec<(String, String)> = {
            let known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            let elsewhere = known.iter().filter(|((tracker, _), _)| tracker != self.name());
            let is_named = |url: &Untrusted| names(&text, url.for_storage());
            let named = elsewhere.filter(|(_, url)| url.as_ref().is_some_and(is_named));
            named.map(|(place, _)| place.clone()).collect()
        };
        for (tracker, of) in named {
            if let Some(incident) = self.history.incident_at(&tracker, &of)?
                && self.history.item(incident, self.name())?.is_none()
            {
                return Ok(Some(incident));
            }
        }
        Ok(None)
    }

    /// Links an item, and tells what it was opened with; what comes later is read as of any other item.
    async fn joined(&mut self, own: &Own, item: Item, incident: IncidentId) -> Result<(), Trouble> {
        let origin = self.origin(&item.id, OPENING, item.text.for_storage());
        let place = Place { incident, origins: vec![origin.clone()] };
        self.tell(Seen::Joined { place: place.clone() }).await?;
        let why = "an item decides nothing by being opened".to_owned();
        let said = Said {
            place,
            by: author(&self.source, own, &self.accounts, &item.author),
            at: item.created,
            vouched: Vouched::Unsaid { why },
            text: format!("{}\n\n{}", item.title.for_storage(), item.text.for_storage()).into(),
        };
        self.tell(Seen::Said(Box::new(said))).await?;
        Ok(())
    }
}

/// Whether a text names an address, and not a longer one that begins like it.
fn names(text: &str, url: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "-_".contains(c);
    let is_whole = |at: usize| !text.get(at + url.len()..).unwrap_or_default().starts_with(goes_on);
    !url.is_empty() && text.match_indices(url).any(|(at, _)| is_whole(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_named_whole() {
        let url = "https://pager.example/incidents/Q1";
        assert!(names("see https://pager.example/incidents/Q1.", url));
        assert!(names("(https://pager.example/incidents/Q1?x=1)", url));
        assert!(!names("see https://pager.example/incidents/Q12", url));
        assert!(!names("see pager.example/incidents/Q1", url));
        assert!(!names("nothing", ""));
    }
}
