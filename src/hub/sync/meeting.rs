//! Meeting what stands in an item: ours, known, changed, or somebody else's.

use jiff::{SignedDuration, Timestamp};

use super::author::{Own, author};
use super::reader::Reader;
use super::shelf::Met;
use super::sighting::{Place, Said, Seen, Turned, Voice};
use super::trouble::Trouble;
use super::vouching::by_themselves;
use super::watch::{Pieces, Watched};
use crate::hub::delivery::{parts, version};
use crate::incident::{
    Actor, Body, Digest, Entry, EntryId, Origin, ProposalId, Trailer, TypedCommand, Untrusted,
    decode, from_pieces, typed_command,
};
use crate::trackers::{ItemId, ItemStatus, Native, NativeKind};

/// After how many whole readings parts whose others never came are taken as they are.
const READINGS: u8 = 2;

/// How far a tracker's clock and ours may be apart when it is looked at who closed an item.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);

impl Reader {
    /// Takes one thing that stands in an item.
    pub(super) async fn native(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        native: Native,
    ) -> Result<(), Trouble> {
        match native.kind {
            NativeKind::Text => self.text(own, (item, watched), native).await,
            NativeKind::Status(status) => {
                watched.tells_status = true;
                self.turned_by(own, (item, watched), (&native, status)).await
            }
            NativeKind::Moved | NativeKind::Reaction { .. } => {
                self.noted((item, watched), &native, None).await
            }
            // Its state is part of what it says, and somebody may answer it at any time.
            NativeKind::Suggestion => match self.met(own, (item, watched), &native).await? {
                Met::New => self.noted((item, watched), &native, None).await,
                Met::Same | Met::Changed(_) => Ok(()),
            },
            // What was removed is missing when the item is read as a whole; the rest is no entry.
            NativeKind::Removal | NativeKind::Other => Ok(()),
        }
    }

    async fn text(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        native: Native,
    ) -> Result<(), Trouble> {
        if self.met(own, (item, watched), &native).await? != Met::New {
            return Ok(());
        }
        let Some(entry) = self.ours(own, &native)? else {
            return self.foreign(own, (item, watched), native).await;
        };
        let origin = self.origin(item, &native.remote, native.text.for_storage());
        let same = |known: &Origin| {
            (&known.tracker, &known.item, &known.remote)
                == (&origin.tracker, &origin.item, &origin.remote)
        };
        if !entry.origins.iter().any(same) {
            let origin = origin.clone();
            self.tell(Seen::Copied { entry: entry.id, origin }).await?;
        }
        self.shelf(watched, item)?.put(entry.id, &origin);
        Ok(())
    }

    /// Compares something with what is known to stand there, and tells if it says something else.
    pub(super) async fn met(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        native: &Native,
    ) -> Result<Met, Trouble> {
        let origin = self.origin(item, &native.remote, native.text.for_storage());
        let mut met = self.shelf(watched, item)?.meet(&native.remote, origin.version);
        if met == Met::New && own.is(&native.author) {
            // It may have been delivered since, and somebody may have changed it before it was read.
            let copies = self.history.copies_in(self.name(), item.as_str())?;
            let shelf = self.shelf(watched, item)?;
            shelf.learn(copies);
            met = shelf.meet(&native.remote, origin.version);
        }
        let Met::Changed(of) = met else { return Ok(met) };
        if self.reads_as_before((item, watched), of, native)? {
            self.shelf(watched, item)?.put(of, &origin);
            return Ok(met);
        }
        let at = native.updated.unwrap_or(native.created);
        let place = Place { incident: watched.incident, origins: vec![origin.clone()] };
        self.tell(Seen::Changed { of, place, text: native.text.clone(), at }).await?;
        let shelf = self.shelf(watched, item)?;
        shelf.put(of, &origin);
        shelf.changed(&origin.remote);
        Ok(met)
    }

    /// Whether the time of a proposal is over.
    fn is_over(&self, proposal: ProposalId) -> Result<bool, Trouble> {
        let entry = self.history.entry(proposal.into())?;
        let expires = entry.and_then(|entry| match entry.body {
            Body::Proposal(proposal) => Some(proposal.expires),
            _ => None,
        });
        Ok(expires.is_some_and(|expires| self.clock.now() >= expires))
    }

    /// Whether a text says what it said at first, although its version is another one: an older build named
    /// versions otherwise, and that nobody changed anything must not look like a change.
    fn reads_as_before(
        &self,
        (item, watched): (&ItemId, &mut Watched),
        of: EntryId,
        native: &Native,
    ) -> Result<bool, Trouble> {
        if !self.shelf(watched, item)?.is_as_first_seen(&native.remote) {
            return Ok(false);
        }
        let Some(entry) = self.history.entry(of)? else { return Ok(false) };
        let said = version(native.text.for_storage());
        Ok(self.is_sent(&entry, said)? || version(entry.text.for_storage()) == said)
    }

    /// The entry of ours that this is a copy of: by its id, by the account, and by what it says.
    fn ours(&self, own: &Own, native: &Native) -> Result<Option<Entry>, Trouble> {
        if !own.is(&native.author) {
            return Ok(None);
        }
        let Some(decoded) = decode(&native.text) else { return Ok(None) };
        let Some(entry) = self.history.entry(decoded.trailer.id)? else { return Ok(None) };
        let said = version(native.text.for_storage());
        Ok(self.is_sent(&entry, said)?.then_some(entry))
    }

    /// Whether an entry is written like this, or was when it was sent.
    fn is_sent(&self, entry: &Entry, said: Digest) -> Result<bool, Trouble> {
        let written = parts(entry, self.source.tracker.capabilities()).unwrap_or_default();
        let is_written = written.iter().any(|part| version(part) == said);
        let posted = self.history.posted(entry.id, self.name())?;
        Ok(is_written || posted.iter().any(|posted| posted.version == said))
    }

    /// A text of somebody else, or a part of one.
    async fn foreign(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        native: Native,
    ) -> Result<(), Trouble> {
        let trailer = decode(&native.text).map(|decoded| decoded.trailer);
        let Some((id, part)) = trailer.and_then(|trailer| Some((trailer.id, trailer.part?))) else {
            return self.say(own, (item, watched), vec![native]).await;
        };
        let key = (native.author.id.clone(), id);
        let pieces = watched.pieces.entry(key.clone()).or_default();
        pieces.found.insert(part.n(), native);
        let complete = (1..=part.of()).all(|n| pieces.found.contains_key(&n));
        if !complete {
            return Ok(());
        }
        let Pieces { found, .. } = watched.pieces.remove(&key).unwrap_or_default();
        self.say(own, (item, watched), found.into_values().collect()).await
    }

    /// Takes parts whose others do not come as they are: they are shown, not lost.
    pub(super) async fn flush_pieces(
        &mut self,
        item: &ItemId,
        watched: &mut Watched,
    ) -> Result<(), Trouble> {
        let mut late = Vec::new();
        watched.pieces.retain(|_, pieces| {
            pieces.readings = pieces.readings.saturating_add(1);
            let waits = pieces.readings < READINGS;
            if !waits {
                late.extend(std::mem::take(&mut pieces.found).into_values());
            }
            waits
        });
        let Some(own) = self.account() else { return Ok(()) };
        for native in late {
            self.say(&own, (item, watched), vec![native]).await?;
        }
        Ok(())
    }

    async fn say(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        natives: Vec<Native>,
    ) -> Result<(), Trouble> {
        let Some(first) = natives.first() else { return Ok(()) };
        let origin = |native: &Native| self.origin(item, &native.remote, native.text.for_storage());
        let origins: Vec<_> = natives.iter().map(origin).collect();
        let mut said = Said {
            place: Place { incident: watched.incident, origins: origins.clone() },
            by: author(&self.source, own, &self.accounts, &first.author),
            at: first.created,
            vouched: by_themselves(&natives),
            text: whole(&natives),
        };
        // What is over decides nothing, however it came about: nobody waits for that to be told.
        if let Some(typed) = verdict(&said)
            && !self.is_over(typed.proposal)?
        {
            if typed.answer.lets_run() {
                self.look_again(own, (item, watched), &[typed.proposal.into()]).await?;
            }
            match self.vouch((item, watched), &natives).await {
                Some(vouched) => said.vouched = vouched,
                None => return Ok(()),
            }
        }
        if let Some(entry) = self.tell(Seen::Said(Box::new(said))).await? {
            let shelf = self.shelf(watched, item)?;
            origins.iter().for_each(|origin| shelf.put(entry, origin));
        }
        Ok(())
    }

    /// Somebody opened or closed the item; what our own delivery did there is told already.
    async fn turned_by(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        (native, status): (&Native, ItemStatus),
    ) -> Result<(), Trouble> {
        let origin = self.origin(item, &native.remote, native.text.for_storage());
        let is_new = self.shelf(watched, item)?.meet(&native.remote, origin.version) == Met::New;
        if is_new && own.is(&native.author) && self.is_delivered(watched, (native, status))? {
            return Ok(());
        }
        self.noted((item, watched), native, Some(status)).await
    }

    /// Whether an item was closed by the delivery, because an entry says that the incident is over. Each such
    /// entry closes it once at most, after it was made and before it counts as written; whatever else is
    /// done under our account, a person did by hand.
    fn is_delivered(
        &self,
        watched: &mut Watched,
        (native, status): (&Native, ItemStatus),
    ) -> Result<bool, Trouble> {
        if status != ItemStatus::Closed || watched.endings.contains_key(&native.remote) {
            return Ok(status == ItemStatus::Closed);
        }
        for ending in self.history.endings(watched.incident)? {
            if watched.endings.values().any(|known| *known == ending.id) {
                continue;
            }
            let stages = self.history.stages(ending.id, self.name())?;
            let (Some(first), Some(last)) = (stages.first(), stages.last()) else { continue };
            let from = first.at.checked_sub(CLOCKS_APART).unwrap_or(Timestamp::MIN);
            let until = last.at.checked_add(CLOCKS_APART).unwrap_or(Timestamp::MAX);
            let is_over = last.delivery.stage.is_over();
            if native.created >= from && (!is_over || native.created <= until) {
                watched.endings.insert(native.remote.clone(), ending.id);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the tracker itself told, once.
    async fn noted(
        &mut self,
        (item, watched): (&ItemId, &mut Watched),
        native: &Native,
        status: Option<ItemStatus>,
    ) -> Result<(), Trouble> {
        let origin = self.origin(item, &native.remote, native.text.for_storage());
        if self.shelf(watched, item)?.meet(&native.remote, origin.version) != Met::New {
            return Ok(());
        }
        let place = Place { incident: watched.incident, origins: vec![origin.clone()] };
        let by: Actor = self.accounts.actor(self.name(), &native.author);
        let (at, text) = (native.created, native.text.clone());
        let turned = Turned { place, by, at, status, text };
        if let Some(entry) = self.tell(Seen::Turned(Box::new(turned))).await? {
            self.shelf(watched, item)?.put(entry, &origin);
        }
        Ok(())
    }
}

/// The verdict that a text would be, if whoever wrote it may decide.
fn verdict(said: &Said) -> Option<TypedCommand> {
    let Voice::Approver(_) = said.by.voice else { return None };
    typed_command(&said.text, said.at)?.ok()
}

/// The whole text: one as it stands there, or the parts of one put together above the last line.
fn whole(natives: &[Native]) -> Untrusted {
    let decoded: Vec<_> = natives.iter().filter_map(|native| decode(&native.text)).collect();
    match (natives, decoded.last()) {
        ([one], _) => one.text.clone(),
        (_, Some(last)) => {
            let text = from_pieces(decoded.iter().map(|part| part.text.for_storage()));
            let trailer = Trailer { part: None, ..last.trailer.clone() };
            format!("{text}\n\n{trailer}").into()
        }
        (_, None) => Untrusted::default(),
    }
}
