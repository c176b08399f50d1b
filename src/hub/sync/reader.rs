//! The reader of one tracker: what it asks, in which order, and what it makes of the answers.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::accounts::Accounts;
use super::author::{self, Own};
use super::shelf::{Met, Shelf};
use super::sighting::{Place, Seen, Turned, Witness};
use super::source::{Addresses, Source};
use super::standing::Standing;
use super::trouble::Trouble;
use super::watch::{Watch, Watched};
use crate::hub::delivery::{OPENING, version};
use crate::incident::{Actor, EntryId, IncidentId, ItemLink, Origin};
use crate::journal::History;
use crate::settings::Clock;
use crate::trackers::{Answer, Cursor, Item, ItemId, ItemStatus, Tracker, TrackerError};

/// How long a call may take; connectors give up long before.
const LONGEST_CALL: Duration = Duration::from_mins(1);

/// How many pages are read of one list in one round.
const MOST_PAGES: usize = 100;

/// How long the tracker's word about who we are is believed.
const PROBE_EVERY: Duration = Duration::from_mins(10);

/// How often an item must be missing before it counts as removed.
const ABSENCES: u8 = 2;

/// What reads one tracker.
pub(super) struct Reader {
    pub(super) source: Source,
    pub(super) history: History,
    pub(super) witness: Witness,
    pub(super) accounts: Arc<Accounts>,
    clock: Clock,
    addresses: Addresses,
    own: Option<(Own, Timestamp)>,
    /// Other connections of ours to where this tracker keeps its accounts.
    siblings: Vec<Arc<dyn Tracker>>,
    watch: Watch,
    standing: Standing,
    placed: BTreeSet<(IncidentId, usize)>,
}

impl Reader {
    pub(super) fn new(
        source: Source,
        (history, clock, witness): (History, Clock, Witness),
        (accounts, addresses): (Arc<Accounts>, Addresses),
        seed: u64,
    ) -> Self {
        let (watch, standing) = (Watch::new(), Standing::new(seed));
        let (own, placed, siblings) = (None, BTreeSet::new(), Vec::new());
        Self {
            source,
            history,
            witness,
            accounts,
            clock,
            addresses,
            own,
            siblings,
            watch,
            standing,
            placed,
        }
    }

    /// Knows other connections of ours: those to the same place know our accounts there.
    pub(super) fn beside(self, others: &[Source]) -> Self {
        let own = &self.source.tracker;
        let is_sibling = |other: &&Source| {
            other.tracker.name() != own.name() && other.tracker.realm() == own.realm()
        };
        let siblings = others.iter().filter(is_sibling).map(|it| Arc::clone(&it.tracker)).collect();
        Self { siblings, ..self }
    }

    /// Reads once, tells how the tracker stands, and says how long to wait.
    pub(super) async fn turn(&mut self) -> Duration {
        let round = self.round().await;
        if let Err(trouble) = &round {
            tracing::debug!(tracker = self.name(), %trouble, "a reading broke off");
        }
        let name = self.name().to_owned();
        if let Some(standing) = self.standing.after(&name, &round, self.clock.now()) {
            drop(self.witness.tell(Seen::Stands(standing)).await);
        }
        self.standing.rest(&round)
    }

    pub(super) async fn round(&mut self) -> Result<(), Trouble> {
        let own = self.own().await?;
        let now = self.clock.now();
        let name = self.name().to_owned();
        self.watch.refresh(&self.history, &name, now)?;
        self.list(&own).await?;
        let due: Vec<ItemId> = self
            .watch
            .items
            .iter()
            .filter(|(_, it)| it.is_due(now))
            .map(|(item, _)| item.clone())
            .collect();
        for item in due {
            let Some(mut watched) = self.watch.items.remove(&item) else { continue };
            let read = self.read(&own, &item, &mut watched).await;
            if !matches!(read, Ok(Kept::No)) {
                self.watch.items.insert(item, watched);
            }
            read?;
        }
        Ok(())
    }

    pub(super) fn name(&self) -> &str {
        self.source.tracker.name()
    }

    /// Who the tracker said we are.
    pub(super) fn account(&self) -> Option<Own> {
        self.own.as_ref().map(|(own, _)| own.clone())
    }

    /// Asks who the tracker thinks we are, now and then: whoever that is never decides.
    async fn own(&mut self) -> Result<Own, Trouble> {
        let now = self.clock.now();
        if let Some((own, until)) = &self.own
            && now < *until
        {
            return Ok(own.clone());
        }
        let probe = self.call(self.source.tracker.probe()).await?;
        let own = Own::new(probe.account, self.siblings_accounts().await?);
        let until = now.checked_add(PROBE_EVERY).unwrap_or(Timestamp::MAX);
        self.standing.skew = probe.skew;
        self.standing.remarks = author::remarks(&self.source, &own, &self.accounts);
        let traps = probe.traps.iter().map(|trap| trap.what.clone());
        self.standing.remarks.extend(traps);
        self.own = Some((own.clone(), until));
        Ok(own)
    }

    /// The accounts of other tokens of ours. Nothing is read before they are known: what stands under
    /// them proves nobody's will, whoever reads it.
    async fn siblings_accounts(&self) -> Result<BTreeSet<String>, Trouble> {
        let mut accounts = BTreeSet::new();
        for sibling in &self.siblings {
            match self.call(sibling.probe()).await {
                Ok(probe) => drop(accounts.insert(probe.account.id)),
                // A token that nobody takes belongs to nobody.
                Err(TrackerError::Unauthorized { .. }) => {}
                Err(error) => {
                    let sibling = sibling.name().to_owned();
                    return Err(Trouble::Sibling { sibling, error });
                }
            }
        }
        Ok(accounts)
    }

    /// Reads the list of items on from where it was read to.
    async fn list(&mut self, own: &Own) -> Result<(), Trouble> {
        let known = self.history.read_to(self.name())?.unwrap_or_default();
        let mut from = Cursor::from(known);
        for _ in 0..MOST_PAGES {
            let tracker = Arc::clone(&self.source.tracker);
            let page = self.call(tracker.incidents(&from)).await?;
            for item in page.found {
                self.item(own, item).await?;
            }
            if page.next != from {
                let place = page.next.as_str().to_owned();
                self.tell(Seen::Read { tracker: self.name().to_owned(), place }).await?;
            }
            if page.complete || page.next == from {
                return Ok(());
            }
            from = page.next;
        }
        Ok(())
    }

    /// An item that is new or changed.
    async fn item(&mut self, own: &Own, item: Item) -> Result<(), Trouble> {
        let name = self.name().to_owned();
        let Some(incident) = self.history.incident_at(&name, item.id.as_str())? else {
            if self.source.opens && !own.is(&item.author) && item.status == ItemStatus::Open {
                let by = self.accounts.actor(&name, &item.author);
                self.tell(Seen::Opened { tracker: name, item: Box::new(item), by }).await?;
            }
            return Ok(());
        };
        let watched = self.watch.of(&item.id, incident);
        watched.changed = true;
        watched.tells_changes = item.updated.is_some();
        watched.status = Some(item.status);
        self.placed(incident, &item).await?;
        let Some(mut watched) = self.watch.items.remove(&item.id) else { return Ok(()) };
        let at = item.updated.unwrap_or_else(|| self.clock.now());
        let compared = self.opening(&mut watched, &item, at).await;
        self.watch.items.insert(item.id, watched);
        compared
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

    /// Reads one item: what is new in it, or now and then all of it.
    async fn read(
        &mut self,
        own: &Own,
        item: &ItemId,
        watched: &mut Watched,
    ) -> Result<Kept, Trouble> {
        let now = self.clock.now();
        let whole = watched.is_whole_due(now);
        let mut from = if whole { Cursor::default() } else { watched.from.clone() };
        let mut found = BTreeSet::from([OPENING.to_owned()]);
        let mut complete = false;
        for _ in 0..MOST_PAGES {
            let tracker = Arc::clone(&self.source.tracker);
            let page = match self.call(tracker.entries(item, &from)).await {
                Ok(page) => page,
                Err(TrackerError::NotFound { .. }) => return self.absent(item, watched).await,
                Err(error) => return Err(error.into()),
            };
            for native in page.found {
                found.insert(native.remote.clone());
                self.native(own, (item, watched), native).await?;
            }
            complete = page.complete;
            let stays = page.next == from;
            from = page.next;
            if complete || stays {
                break;
            }
        }
        if whole && complete {
            self.look_for_missing(item, watched, &found).await?;
        }
        watched.was_read(from, (whole && complete).then_some(now));
        self.turned(item, watched).await?;
        Ok(Kept::Yes)
    }

    /// What should stand there and does not.
    async fn look_for_missing(
        &mut self,
        item: &ItemId,
        watched: &mut Watched,
        found: &BTreeSet<String>,
    ) -> Result<(), Trouble> {
        let expected = self.shelf(watched, item)?.expected(OPENING);
        if found.len() == 1 && expected > 1 {
            // Rights that were taken away look like this too; nothing is believed to be removed.
            return Err(Trouble::Empty { item: item.clone(), expected });
        }
        for (remote, of, version) in self.shelf(watched, item)?.missing(found) {
            let mut origin = self.origin(item, &remote, "");
            origin.version = version;
            let place = Place { incident: watched.incident, origins: vec![origin] };
            self.tell(Seen::Gone { of, place }).await?;
            self.shelf(watched, item)?.take(&remote);
        }
        self.flush_pieces(item, watched).await
    }

    /// The whole item is not there, or may not be seen any more.
    async fn absent(&mut self, item: &ItemId, watched: &mut Watched) -> Result<Kept, Trouble> {
        watched.absences = watched.absences.saturating_add(1);
        if watched.absences < ABSENCES {
            return Ok(Kept::Yes);
        }
        if self.shelf(watched, item)?.take(OPENING) {
            let origin = self.origin(item, OPENING, "");
            let place = Place { incident: watched.incident, origins: vec![origin] };
            self.tell(Seen::Gone { of: watched.incident.into(), place }).await?;
        }
        self.watch.gone.insert(item.clone());
        Ok(Kept::No)
    }

    /// The list says that the item stands elsewhere than before, and its entries say nothing of it.
    async fn turned(&mut self, item: &ItemId, watched: &mut Watched) -> Result<(), Trouble> {
        let Some(status) = watched.status else { return Ok(()) };
        let before = watched.told.replace(status).unwrap_or(ItemStatus::Open);
        if before == status || watched.tells_status {
            return Ok(());
        }
        let (at, by) = (self.clock.now(), Actor::wheelhouse());
        let remote = format!("{} {}", status.word(), at.as_second());
        let mut origin = self.origin(item, &remote, status.word());
        origin.remote = remote;
        let text = format!("It is {} there now", status.word()).into();
        let place = Place { incident: watched.incident, origins: vec![origin] };
        let turned = Turned { place, by, at, status: Some(status), text };
        self.tell(Seen::Turned(Box::new(turned))).await?;
        Ok(())
    }

    pub(super) fn shelf<'a>(
        &self,
        watched: &'a mut Watched,
        item: &ItemId,
    ) -> Result<&'a mut Shelf, Trouble> {
        let shelf = match watched.shelf.take() {
            Some(shelf) => shelf,
            None => Shelf::load(&self.history, watched.incident, (self.name(), item.as_str()))?,
        };
        Ok(watched.shelf.insert(shelf))
    }

    pub(super) fn origin(&self, item: &ItemId, remote: &str, text: &str) -> Origin {
        Origin {
            tracker: self.name().to_owned(),
            item: item.to_string(),
            remote: remote.to_owned(),
            version: version(text),
        }
    }

    pub(super) async fn tell(&self, seen: Seen) -> Result<Option<EntryId>, Trouble> {
        Ok(self.witness.tell(seen).await?)
    }

    async fn call<T>(&self, answer: Answer<'_, T>) -> Result<T, TrackerError> {
        let answered = tokio::time::timeout(self.clock.wall(LONGEST_CALL), answer).await;
        answered.unwrap_or_else(|_| {
            let why = format!("no answer for {} s", LONGEST_CALL.as_secs());
            Err(TrackerError::Unreachable { why })
        })
    }
}

/// Whether an item is still worth reading.
enum Kept {
    Yes,
    No,
}
