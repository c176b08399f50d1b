//! The reader of one tracker: what it asks, in which order, and what it makes of the answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::accounts::Accounts;
use super::author::{self, Own};
use super::lookout::Recheck;
use super::shelf::{Found, Look, Shelf};
use super::sighting::{Place, Seen, Witness};
use super::source::{Addresses, Source};
use super::standing::Standing;
use super::trouble::Trouble;
use super::waiting::Queue;
use super::watch::{Listed, Watch, Watched};
use crate::hub::delivery::{OPENING, version};
use crate::incident::{Digest, EntryId, IncidentId, Origin};
use crate::journal::History;
use crate::settings::Clock;
use crate::trackers::{Answer, Cursor, ItemId, Native, NativeKind, Page, Tracker, TrackerError};

/// How long a call may take; connectors give up long before.
const LONGEST_CALL: Duration = Duration::from_mins(1);

/// How many pages are read of one list in one round.
pub(super) const MOST_PAGES: usize = 100;

/// How long the tracker's word about who we are is believed.
const PROBE_EVERY: Duration = Duration::from_mins(10);

/// How often an item must be missing before it counts as removed.
const ABSENCES: u8 = 2;

/// What reads one tracker.
pub(super) struct Reader {
    pub(super) source: Source,
    pub(super) history: History,
    pub(super) witness: Witness,
    /// What the hub wants to be looked at once more.
    pub(super) looks: mpsc::Receiver<Recheck>,
    pub(super) accounts: Arc<Accounts>,
    pub(super) clock: Clock,
    pub(super) addresses: Addresses,
    /// Who we are, until when that is believed, and for which login.
    own: Option<(Own, Timestamp, u64)>,
    /// Other connections of ours to where this tracker keeps its accounts.
    siblings: Vec<Arc<dyn Tracker>>,
    pub(super) watch: Watch,
    standing: Standing,
    pub(super) placed: BTreeSet<(IncidentId, usize)>,
    /// How far the list of items was read; `None` before the journal was asked.
    pub(super) listed: Option<Listed>,
    /// Whether somebody hints that something was changed or removed.
    pub(super) hurried: bool,
    /// Items that may belong to an incident whose items are not known here yet.
    pub(super) joining: Queue,
    /// How many readings of items showed texts: where something can be read, nothing is hidden from us.
    shown: u64,
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
        let looks = witness.lookout.of(source.tracker.name());
        Self {
            source,
            history,
            witness,
            looks,
            accounts,
            clock,
            addresses,
            own,
            siblings,
            watch,
            standing,
            placed,
            listed: None,
            hurried: false,
            joining: Queue::default(),
            shown: 0,
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

    /// Has the next round read what changed from its beginning: something may have been removed.
    pub(super) fn hurry(&mut self) {
        self.hurried = true;
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

    /// Reads the list, then every item that is due. One that cannot be read keeps no other from being read:
    /// the first trouble of any is told when all were tried.
    pub(super) async fn round(&mut self) -> Result<(), Trouble> {
        let own = self.own().await?;
        let now = self.clock.now();
        let name = self.name().to_owned();
        self.watch.refresh(&self.history, &name, now)?;
        self.list(&own).await?;
        let mut first = self.seek().await.and(self.join(&own).await);
        self.hurried = false;
        let due = self.watch.items.iter().filter(|(_, it)| it.is_due(now));
        let mut due: Vec<(u32, ItemId)> =
            due.map(|(item, it)| (it.failures(), item.clone())).collect();
        // Those that could not be read go last: what they do to a round, they do to themselves alone.
        due.sort();
        for (_, item) in due {
            self.look_out_now().await;
            let Some(mut watched) = self.watch.items.remove(&item) else { continue };
            let read = self.read(&own, &item, &mut watched).await;
            let trouble = read.as_ref().err();
            let is_its_own = trouble.is_some_and(Trouble::is_of_item);
            let pauses = trouble.is_some_and(Trouble::pauses);
            watched.ended(trouble.is_some(), pauses.then_some(now));
            if !matches!(read, Ok(Kept::No)) {
                self.watch.items.insert(item, watched);
            }
            match read {
                Ok(_) => {}
                Err(trouble) if is_its_own => first = first.and(Err(trouble)),
                Err(trouble) => return Err(trouble),
            }
        }
        first
    }

    pub(super) fn name(&self) -> &str {
        self.source.tracker.name()
    }

    /// Who the tracker said we are.
    pub(super) fn account(&self) -> Option<Own> {
        self.own.as_ref().map(|(own, ..)| own.clone())
    }

    /// Asks who the tracker thinks we are, now and then: whoever that is never decides.
    pub(super) async fn own(&mut self) -> Result<Own, Trouble> {
        let now = self.clock.now();
        let logins = self.source.tracker.logins();
        if let Some((own, until, of)) = &self.own
            && now < *until
            && *of == logins
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
        // A name may say that already; where it does not, somebody may take it for the real one.
        if probe.is_sandbox && !self.name().contains("sandbox") {
            self.standing.remarks.push("it is a sandbox, nothing in it is real".to_owned());
        }
        self.own = Some((own.clone(), until, logins));
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

    /// Reads one item: what is new in it, or now and then all of it.
    pub(super) async fn read(
        &mut self,
        own: &Own,
        item: &ItemId,
        watched: &mut Watched,
    ) -> Result<Kept, Trouble> {
        let look = self.look();
        watched.unvouched = None;
        let whole = watched.is_whole_due(look.at);
        let begun = watched.begun.take().filter(|_| whole);
        let is_first_round = begun.is_none();
        let (mut from, mut found) = begun.unwrap_or_else(|| {
            let from = if whole { Cursor::default() } else { watched.from.clone() };
            (from, Found::of(OPENING))
        });
        let known = if whole { Some(self.shelf(watched, item)?.known(OPENING)) } else { None };
        let (mut complete, mut texts) = (false, 0_u64);
        for _ in 0..MOST_PAGES {
            let page = match self.page((item, &from), known.as_ref()).await {
                Ok(page) => page,
                Err(TrackerError::NotFound { .. }) => return self.absent(item, watched).await,
                Err(error) => {
                    // Whoever asks for patience is asked for the rest alone.
                    watched.begun = (whole && error.is_passing()).then_some((from, found));
                    return Err(Trouble::reading(item, error));
                }
            };
            for native in page.found {
                texts += u64::from(native.kind == NativeKind::Text);
                found.remotes.insert(native.remote.clone());
                self.native(own, (item, watched), native).await?;
            }
            found.unread.extend(page.unread);
            (from, complete) = (page.next, page.complete);
            if complete {
                break;
            }
        }
        self.shown += texts.min(1);
        let unvouched = watched.unvouched.take().map_or(Ok(()), Err);
        if !complete {
            // What was passed by stands before where the next round would go on.
            unvouched?;
            self.goes_on(item, watched, (whole, from, found));
            return Ok(Kept::Yes);
        }
        if whole && is_first_round {
            self.standing.long.remove(item);
        }
        let looked =
            if whole { self.look_for_missing((item, watched), &found, look).await } else { Ok(()) };
        watched.was_read(from, (whole && looked.is_ok()).then_some(look.at));
        if self.shelf(watched, item)?.has_doubts() {
            watched.hurry(look.lag);
        }
        if unvouched.is_err() {
            watched.read_again();
        }
        self.turned(item, watched).await?;
        looked.and(unvouched).map(|()| Kept::Yes)
    }

    /// Takes note that there is more than one round reads: the next one goes on there.
    fn goes_on(
        &mut self,
        item: &ItemId,
        watched: &mut Watched,
        (whole, from, found): (bool, Cursor, Found),
    ) {
        if whole {
            watched.begun = Some((from, found));
        } else {
            (watched.from, watched.changed) = (from, true);
        }
        self.standing.long.insert(item.clone());
    }

    /// One page of an item. A tracker that says that there is more and stays where it is has no end.
    async fn page(
        &self,
        (item, from): (&ItemId, &Cursor),
        known: Option<&BTreeSet<String>>,
    ) -> Result<Page<Native>, TrackerError> {
        let tracker = &self.source.tracker;
        let reading = match known {
            Some(known) => tracker.entries_again(item, from, known),
            None => tracker.entries(item, from),
        };
        let page = self.call(reading).await?;
        if !page.complete && page.next == *from {
            let why = "it says that there is more and does not say where".to_owned();
            return Err(TrackerError::Broken { why });
        }
        Ok(page)
    }

    /// What should stand there and does not.
    async fn look_for_missing(
        &mut self,
        (item, watched): (&ItemId, &mut Watched),
        found: &Found,
        look: Look,
    ) -> Result<(), Trouble> {
        let expected = self.shelf(watched, item)?.expected(OPENING);
        let is_empty = found.remotes.len() == 1 && expected > 1;
        let before = watched.empty_at;
        watched.empty_at = is_empty.then(|| before.unwrap_or(self.shown));
        let empty = || Trouble::Empty { item: item.clone(), expected };
        // Rights that were taken away look like this too: it counts only if others showed something since.
        if is_empty && before.is_none_or(|before| before == self.shown) {
            return Err(empty());
        }
        for (remote, of, version) in self.shelf(watched, item)?.missing(found, look) {
            self.gone((item, watched), (&remote, of, version)).await?;
        }
        if is_empty && self.shelf(watched, item)?.has_doubts() {
            return Err(empty());
        }
        self.flush_pieces(item, watched).await
    }

    /// Tells that a copy is gone.
    pub(super) async fn gone(
        &mut self,
        (item, watched): (&ItemId, &mut Watched),
        (remote, of, version): (&str, EntryId, Digest),
    ) -> Result<(), Trouble> {
        let mut origin = self.origin(item, remote, "");
        origin.version = version;
        let place = Place { incident: watched.incident, origins: vec![origin] };
        self.tell(Seen::Gone { of, place }).await?;
        self.shelf(watched, item)?.take(remote);
        Ok(())
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

    /// A look at what stands in the tracker now.
    pub(super) fn look(&self) -> Look {
        Look { at: self.clock.now(), lag: self.source.tracker.capabilities().settle }
    }

    pub(super) async fn tell(&self, seen: Seen) -> Result<Option<EntryId>, Trouble> {
        Ok(self.witness.tell(seen).await?)
    }

    pub(super) async fn call<T>(&self, answer: Answer<'_, T>) -> Result<T, TrackerError> {
        let answered = tokio::time::timeout(self.clock.wall(LONGEST_CALL), answer).await;
        answered.unwrap_or_else(|_| {
            let why = format!("no answer for {} s", LONGEST_CALL.as_secs());
            Err(TrackerError::Unreachable { why })
        })
    }
}

/// Whether an item is still worth reading.
pub(super) enum Kept {
    Yes,
    No,
}
