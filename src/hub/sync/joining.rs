//! Joining: items that people keep by hand beside an incident, known by the address that they name.

use std::sync::PoisonError;

use jiff::SignedDuration;

use super::author::{Own, author};
use super::reader::Reader;
use super::sighting::{Place, Said, Seen};
use super::trouble::Trouble;
use super::waiting::Waiting;
use crate::hub::delivery::OPENING;
use crate::incident::{IncidentId, Untrusted, decode};
use crate::trackers::{Cursor, Item, ItemStatus, Vouched};

/// How far back a reader that begins looks for items that waited when the one before it ended.
const WAITED: SignedDuration = SignedDuration::from_hours(24);

impl Reader {
    /// Where reading the list begins, if items may wait that were listed before.
    pub(super) fn where_to_join_from(&self) -> Option<Cursor> {
        let since = self.clock.now().checked_sub(WAITED).ok().filter(|_| self.source.joins)?;
        let from = self.source.tracker.items_since(since);
        (from != Cursor::default()).then_some(from)
    }

    /// Has an item wait for an incident that it may belong to. Only the people and agents of the settings join
    /// one: whoever else may open an item there is a stranger. What a hub opened belongs where that hub says.
    pub(super) fn may_join(&mut self, item: Item) {
        self.joining.forget(&item.id);
        let is_known = self.accounts.known(self.name(), &item.author).is_some();
        let is_of_a_hub = decode(&item.text).is_some();
        if !self.source.joins || !is_known || item.status != ItemStatus::Open || is_of_a_hub {
            return;
        }
        self.joining.add(item);
    }

    /// Joins what waits to the incidents whose items it names, once their addresses are known here.
    pub(super) async fn join(&mut self, own: &Own) -> Result<(), Trouble> {
        let known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).len();
        for _ in 0..self.joining.len() {
            let Some(waiting) = self.joining.next() else { break };
            // Nothing is known that it was not compared with.
            if waiting.compared == known {
                self.joining.put_back(waiting);
                continue;
            }
            match self.try_joining(own, &waiting).await {
                Ok(true) => {}
                Ok(false) => self.joining.put_back(Waiting { compared: known, ..waiting }),
                Err(trouble) => {
                    self.joining.put_back(waiting);
                    return Err(trouble);
                }
            }
        }
        Ok(())
    }

    /// Links an item to the incident that it names, and tells what it was opened with; what comes later is
    /// read as of any other item.
    async fn try_joining(&self, own: &Own, waiting: &Waiting) -> Result<bool, Trouble> {
        let Some(incident) = self.named_by(waiting)? else { return Ok(false) };
        let item = &waiting.item;
        let origin = self.origin(&item.id, OPENING, item.text.for_storage());
        let said = Said {
            place: Place { incident, origins: vec![origin] },
            by: author(&self.source, own, &self.accounts, &item.author),
            at: item.created,
            vouched: Vouched::FirstHand,
            text: format!("{}\n\n{}", item.title.for_storage(), item.text.for_storage()).into(),
        };
        self.tell(Seen::Joined(Box::new(said))).await?;
        Ok(true)
    }

    /// The incident one of whose items is named, if it has none in this tracker yet.
    fn named_by(&self, waiting: &Waiting) -> Result<Option<IncidentId>, Trouble> {
        let elsewhere: Vec<((String, String), Untrusted)> = {
            let known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known.iter().filter(|((tracker, _), _)| tracker != self.name());
            known.filter_map(|(place, url)| Some((place.clone(), url.clone()?))).collect()
        };
        for ((tracker, of), url) in elsewhere {
            if waiting.names(url.for_storage())
                && let Some(incident) = self.history.incident_at(&tracker, &of)?
                && self.history.item(incident, self.name())?.is_none()
            {
                return Ok(Some(incident));
            }
        }
        Ok(None)
    }
}
