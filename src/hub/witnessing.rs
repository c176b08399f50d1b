//! What readers saw in trackers, at the desk: recorded once, in the order in which it came.

use super::delivery::OPENING;
use super::desk::Desk;
use super::sync::{Place, Said, Seen, Telling, Turned};
use super::words;
use crate::incident::{
    Actor, Alert, Body, Change, Correction, Entry, EntryId, IncidentId, ItemLink, Notice, Origin,
    Settlement, Severity, Status, Untrusted,
};
use crate::journal::{Appended, Record};
use crate::trackers::{Item, ItemStatus};
use crate::wire::FeedEvent;

impl Desk {
    /// Takes what a reader saw; answers with the entry that it became.
    pub(super) async fn witness(&mut self, seen: Seen) -> Telling {
        self.mind_the_clock().await?;
        match seen {
            Seen::Opened { tracker, item, by } => self.opened_there(&tracker, *item, &by).await,
            Seen::Joined(said) => self.joined(*said).await,
            Seen::Said(said) => self.hear(&said).await,
            Seen::Copied { entry, origin } => self.copied(entry, origin).await,
            Seen::Changed { of, place, text, at } => {
                let edited = |origin| Change::EditedUpstream { origin };
                let words = words::edited(&place, &text);
                self.correct(of, place, edited, (words, at)).await
            }
            Seen::Gone { of, place } => {
                let removed = |origin| Change::RemovedUpstream { origin };
                let (words, at) = (words::removed(&place), self.mint.now());
                self.correct(of, place, removed, (words, at)).await
            }
            Seen::Turned(turned) => self.turned(*turned).await,
            Seen::Placed { incident, at } => self.placed(incident, at).await,
            Seen::Read { tracker, place } => {
                let at = self.mint.now();
                self.journal.append(vec![Record::Read { tracker, place, at }]).await?;
                Ok(None)
            }
            Seen::Stands(tracker) => {
                let at = self.mint.now();
                self.stream.send(at, FeedEvent::TrackerMoved { tracker });
                Ok(None)
            }
        }
    }

    /// An alert that somebody opened in a tracker: its item is the incident's item there.
    async fn opened_there(&mut self, tracker: &str, item: Item, by: &Actor) -> Telling {
        let at = self.mint.now();
        let Item { id: item, title, text, created, .. } = item;
        let alert = Alert {
            title: title.clone(),
            severity: Severity::Sev3,
            service: Untrusted::default(),
            dedup_key: key_of(tracker, item.as_str()),
            firing: true,
            labels: std::collections::BTreeMap::new(),
        };
        let version = super::delivery::version(text.for_storage());
        let words = if text.is_empty() { title } else { text };
        let mut entry = self.mint.opening(by, Body::Alert(alert), words);
        entry.at = created;
        entry.origins = vec![Origin {
            tracker: tracker.to_owned(),
            item: item.to_string(),
            remote: OPENING.to_owned(),
            version,
        }];
        let (incident, owed_to) = (entry.incident, self.others(tracker));
        let linked =
            Record::Linked { incident, tracker: tracker.to_owned(), item: item.to_string(), at };
        let record = Record::owed(entry.clone(), &owed_to);
        self.journal.append(vec![record, linked]).await?;
        let id = entry.id;
        self.tell(entry);
        Ok(Some(id))
    }

    /// An item that others keep is one of an incident's items from now on.
    async fn joined(&mut self, said: Said) -> Telling {
        let Said { place, by, at, text, .. } = said;
        let Some(origin) = place.origins.first().cloned() else { return Ok(None) };
        let mut entry = self.mint.entry(place.incident, &by.actor, Body::Comment, text);
        (entry.at, entry.origins) = (at.min(entry.first_seen), place.origins);
        let record = Record::owed(entry.clone(), &self.others(&origin.tracker));
        let Origin { tracker, item, .. } = origin;
        let linked =
            Record::Linked { incident: place.incident, tracker, item, at: self.mint.now() };
        self.journal.append(vec![record, linked]).await?;
        let id = entry.id;
        self.tell(entry);
        Ok(Some(id))
    }

    /// One more place in which one of our own entries stands.
    async fn copied(&mut self, id: EntryId, origin: Origin) -> Telling {
        self.journal.append(vec![Record::Copied { entry: id, origin }]).await?;
        if let Some(entry) = self.journal.entry(id)? {
            // Told again, not folded again: it is the same entry.
            let at = self.mint.now();
            self.stream.send(at, FeedEvent::EntryArrived { entry: Box::new(entry) });
        }
        Ok(Some(id))
    }

    /// What was seen first stays; that it reads otherwise now is an entry of its own, and voids what was
    /// decided by it and did not run yet.
    async fn correct(
        &mut self,
        of: EntryId,
        place: Place,
        change: impl FnOnce(Origin) -> Change,
        (words, at): (Untrusted, jiff::Timestamp),
    ) -> Telling {
        let Some(origin) = place.origins.into_iter().next() else { return Ok(None) };
        let there = origin.tracker.clone();
        let body = Body::Correction(Correction { of, change: change(origin) });
        let mut entry = self.mint.entry(place.incident, &Actor::wheelhouse(), body, words);
        (entry.at, entry.refs) = (at.min(entry.first_seen), vec![of]);
        let id = entry.id;
        let record = Record::owed(entry.clone(), &self.others(&there));
        self.journal.append(vec![record]).await?;
        if let Some(decision) = self.tell(entry) {
            let why = "it was changed or removed in a tracker".into();
            self.answer_waiting(decision, Some(&Settlement::Superseded { by: None, why }));
        }
        Ok(Some(id))
    }

    /// What a tracker told of an item itself.
    async fn turned(&mut self, turned: Turned) -> Telling {
        let Turned { place, by, at, status, text } = turned;
        let Some(origin) = place.origins.first() else { return Ok(None) };
        if let Some(known) = self.standing_at(origin)? {
            return Ok(Some(known));
        }
        let over = self.incidents.get(&place.incident).is_some_and(|it| it.status.is_over());
        let expected = if over { ItemStatus::Closed } else { ItemStatus::Open };
        let words = words::turned(&by, origin, &text);
        let body = self.ended_alert(&place, status).unwrap_or(Body::Comment);
        let by = match status {
            Some(status) if status != expected => by,
            // An acknowledgement, a reaction, or what everybody knows contradicts nothing: it is told with who
            // it was, and nobody has to read it before deciding.
            _ => Actor::wheelhouse(),
        };
        let mut entry = self.mint.entry(place.incident, &by, body, words);
        (entry.at, entry.origins) = (at, place.origins.clone());
        self.keep(entry, Vec::new()).await
    }

    /// Closing the item that raised an incident ends its alert.
    fn ended_alert(&self, place: &Place, status: Option<ItemStatus>) -> Option<Body> {
        let incident = self.incidents.get(&place.incident)?;
        let origin = place.origins.first()?;
        let key = key_of(&origin.tracker, &origin.item);
        (self.alerts.get(&key) == Some(&place.incident)).then_some(())?;
        Some(Body::Alert(Alert {
            title: incident.title.clone(),
            severity: incident.severity,
            service: incident.service.clone(),
            dedup_key: key,
            firing: status? == ItemStatus::Open,
            labels: std::collections::BTreeMap::new(),
        }))
    }

    /// Links the items of an incident to each other, by an entry that stands in each of them.
    async fn placed(&mut self, incident: IncidentId, at: Vec<ItemLink>) -> Telling {
        let places: Vec<String> = at.iter().map(|link| key_of(&link.tracker, &link.item)).collect();
        let words = words::items(&at);
        let body = Body::Status(Status::Items { at });
        let entry = self.mint.entry(incident, &Actor::wheelhouse(), body, words);
        self.once(entry, format!("items {}", places.join(" ")), self.gates.trackers.clone()).await
    }

    /// Records an entry that is owed to some trackers.
    pub(super) async fn keep(&mut self, entry: Entry, owed_to: Vec<String>) -> Telling {
        let id = entry.id;
        self.journal.append(vec![Record::owed(entry.clone(), &owed_to)]).await?;
        self.tell(entry);
        Ok(Some(id))
    }

    /// Records an entry unless one with this key is there; answers with the one that is.
    pub(super) async fn once(
        &mut self,
        entry: Entry,
        key: String,
        owed_to: Vec<String>,
    ) -> Telling {
        let id = entry.id;
        let record = Record::Entry { entry: Box::new(entry.clone()), owed_to, key: Some(key) };
        if let Some(Appended::Known(known)) = self.journal.append(vec![record]).await?.first() {
            return Ok(Some(*known));
        }
        self.tell(entry);
        Ok(Some(id))
    }

    /// The trackers that entries are written to, but one.
    pub(super) fn others(&self, tracker: &str) -> Vec<String> {
        self.gates.trackers.iter().filter(|name| *name != tracker).cloned().collect()
    }

    /// The entry of which a copy stands at a place.
    pub(super) fn standing_at(&self, at: &Origin) -> Result<Option<EntryId>, Notice> {
        let copies = self.journal.copies_in(&at.tracker, &at.item)?;
        let here = copies.into_iter().find(|(_, origin)| origin.remote == at.remote);
        Ok(here.map(|(entry, _)| entry))
    }
}

/// The key of the alert that an item of a tracker is.
fn key_of(tracker: &str, item: &str) -> String {
    format!("{tracker} {item}")
}
