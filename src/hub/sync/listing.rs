//! The list of items: which are alerts, which changed, and what the list alone tells of them.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;

use super::author::Own;
use super::reader::{MOST_PAGES, Reader};
use super::shelf::{Met, told_by_list};
use super::sighting::{Place, Seen, Turned};
use super::source::Alerts;
use super::trouble::Trouble;
use super::watch::{Listed, Shown, Watched};
use crate::hub::delivery::OPENING;
use crate::incident::{Actor, IncidentId, ItemLink, decode};
use crate::trackers::{Cursor, Item, ItemId, ItemStatus};

/// How long before a tracker was first read an alert may have been opened there.
const BEFORE: Duration = Duration::from_hours(1);

impl Reader {
    /// Reads the list of items on from where it was read to.
    pub(super) async fn list(&mut self, own: &Own) -> Result<(), Trouble> {
        for _ in 0..MOST_PAGES {
            self.look_out_now().await;
            let now = self.clock.now();
            let mut listed = match self.listed.take() {
                Some(listed) => listed,
                None => self.listed_before(now)?,
            };
            let page = self.call(self.source.tracker.incidents(&listed.from)).await;
            self.listed = Some(listed.clone());
            let page = page?;
            for item in page.found {
                self.item(own, item, listed.began).await?;
            }
            let is_last = page.complete || page.next == listed.from;
            if listed.is_due(now, &page.next) {
                let place = page.next.as_str().to_owned();
                self.tell(Seen::Read { tracker: self.name().to_owned(), place }).await?;
                // The pages of a long list are recorded one by one.
                (listed.recorded, listed.is_first) = (page.next.clone(), false);
                listed.recorded_at = page.complete.then_some(now);
            }
            listed.from = page.next;
            self.listed = Some(listed);
            if is_last {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How far the list was read before this reader began.
    fn listed_before(&self, now: Timestamp) -> Result<Listed, Trouble> {
        let began = self.history.first_read(self.name())?;
        let recorded = Cursor::from(self.history.read_to(self.name())?.unwrap_or_default());
        let from = self.where_to_join_from().unwrap_or(recorded);
        let (recorded, is_first) = (from.clone(), began.is_none());
        let began = began.unwrap_or(now);
        Ok(Listed { from, recorded, recorded_at: None, began, is_first })
    }

    /// An item that is new or changed.
    async fn item(&mut self, own: &Own, item: Item, began: Timestamp) -> Result<(), Trouble> {
        let name = self.name().to_owned();
        let Some(incident) = self.history.incident_at(&name, item.id.as_str())? else {
            if self.is_alert(own, &item, began) {
                let by = self.accounts.actor(&name, &item.author);
                self.tell(Seen::Opened { tracker: name, item: Box::new(item), by }).await?;
            } else {
                self.may_join(item);
            }
            return Ok(());
        };
        self.watched_item((item, incident), Shown::ByList).await
    }

    /// An item of an incident, as the tracker shows it now.
    pub(super) async fn watched_item(
        &mut self,
        (item, incident): (Item, IncidentId),
        shown: Shown,
    ) -> Result<(), Trouble> {
        let at = item.updated.unwrap_or_else(|| self.clock.now());
        let (lag, hurried) = (self.look().lag, self.hurried);
        let watched = self.watch.of(&item.id, incident);
        watched.changed = true;
        watched.tells_changes = shown == Shown::ByList && item.updated.is_some();
        watched.was_shown(shown);
        watched.status = Some((item.status, at));
        if hurried {
            watched.hurry(lag);
        }
        self.placed(incident, &item).await?;
        let Some(mut watched) = self.watch.items.remove(&item.id) else { return Ok(()) };
        let compared = self.opening(&mut watched, &item, at).await;
        self.watch.items.insert(item.id, watched);
        compared
    }

    /// Whether an item that belongs to no incident opens one.
    ///
    /// What a hub opened, this one or another, is told by the envelope and not by the author: tokens are
    /// often a person's own. Where nobody chose which items are alerts, those that were there long before
    /// anybody read are none.
    fn is_alert(&self, own: &Own, item: &Item, began: Timestamp) -> bool {
        let is_untold = item.text.is_empty() && !self.source.tracker.capabilities().tells_openings;
        let is_of_a_hub = decode(&item.text).is_some() || (is_untold && own.is(&item.author));
        let since = began.checked_sub(BEFORE).unwrap_or(Timestamp::MIN);
        let is_meant = match self.source.alerts {
            Alerts::None => false,
            Alerts::Young => item.created >= since,
            Alerts::Chosen => true,
        };
        item.status == ItemStatus::Open && is_meant && !is_of_a_hub
    }

    /// Compares the text that opened an item with the one that was seen first.
    async fn opening(
        &mut self,
        watched: &mut Watched,
        item: &Item,
        at: Timestamp,
    ) -> Result<(), Trouble> {
        if item.text.is_empty() && !self.source.tracker.capabilities().tells_openings {
            return Ok(());
        }
        let origin = self.origin(&item.id, OPENING, item.text.for_storage());
        let shelf = self.shelf(watched, &item.id)?;
        if let Met::Changed(of) = shelf.meet(OPENING, origin.version) {
            let place = Place { incident: watched.incident, origins: vec![origin.clone()] };
            self.tell(Seen::Changed { of, place, text: item.text.clone(), at }).await?;
            let shelf = self.shelf(watched, &item.id)?;
            shelf.put(of, &origin);
            shelf.changed(OPENING);
        }
        Ok(())
    }

    /// Tells where an incident is kept, once every one of its items was seen by its reader.
    async fn placed(&mut self, incident: IncidentId, item: &Item) -> Result<(), Trouble> {
        let links = self.history.items(incident)?;
        let at: Option<Vec<ItemLink>> = {
            let mut known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert((self.name().to_owned(), item.id.to_string()), item.url.clone());
            let found = links.iter().map(|link| {
                let url = known.get(&(link.tracker.clone(), link.item.clone()))?.clone();
                Some(ItemLink { tracker: link.tracker.clone(), item: link.item.clone(), url })
            });
            found.collect()
        };
        let Some(at) = at.filter(|at| at.len() > 1) else { return Ok(()) };
        if self.placed.insert((incident, at.len())) {
            self.tell(Seen::Placed { incident, at }).await?;
        }
        Ok(())
    }

    /// The list says that the item stands elsewhere than before, and its entries say nothing of it.
    pub(super) async fn turned(
        &mut self,
        item: &ItemId,
        watched: &mut Watched,
    ) -> Result<(), Trouble> {
        let Some((status, at)) = watched.status else { return Ok(()) };
        let before = self.shelf(watched, item)?.told().unwrap_or(ItemStatus::Open);
        if before == status || watched.tells_status {
            return Ok(());
        }
        let remote = told_by_list(status, at);
        let origin = self.origin(item, &remote, status.word());
        let text = format!("It is {} there now", status.word()).into();
        let place = Place { incident: watched.incident, origins: vec![origin.clone()] };
        let by = Actor::wheelhouse();
        let turned = Turned { place, by, at, status: Some(status), text };
        if let Some(entry) = self.tell(Seen::Turned(Box::new(turned))).await? {
            self.shelf(watched, item)?.put(entry, &origin);
        }
        Ok(())
    }
}
