//! Sightings: what a reader found in a tracker, on its way to the hub.

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::lookout::Lookout;
use crate::incident::{
    Actor, EntryId, IncidentId, ItemLink, Notice, Origin, Principal, Trouble, Untrusted,
};
use crate::trackers::{Item, ItemStatus, Vouched};
use crate::wire::TrackerStanding;

/// Where something stands in a tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) struct Place {
    /// The incident that the item belongs to.
    pub(in crate::hub) incident: IncidentId,
    /// The places; more than one if it came in parts, the first part first.
    pub(in crate::hub) origins: Vec<Origin>,
}

/// As whom the tracker says that something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) struct Author {
    /// Who it is, for people.
    pub(in crate::hub) actor: Actor,
    /// The tracker's own id of the account.
    pub(in crate::hub) account: String,
    /// What the account's word is worth.
    pub(in crate::hub) voice: Voice,
}

/// What the word of an account is worth in a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) enum Voice {
    /// A person whom the settings name, in a tracker that carries verdicts.
    Approver(Principal),
    /// A person whom the settings name, and why what is typed there does not count all the same.
    Muted(Actor, &'static str),
    /// An agent, or an account that a token of ours belongs to.
    Machine,
    /// Anybody else.
    Stranger,
}

/// A text that somebody else wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) struct Said {
    pub(in crate::hub) place: Place,
    pub(in crate::hub) by: Author,
    /// When it was written, by the tracker's clock.
    pub(in crate::hub) at: Timestamp,
    /// How it came about: by its own word, and by the tracker's where it is to decide something.
    pub(in crate::hub) vouched: Vouched,
    pub(in crate::hub) text: Untrusted,
}

/// What the tracker itself told about an item: opened, closed, moved, reacted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) struct Turned {
    pub(in crate::hub) place: Place,
    pub(in crate::hub) by: Actor,
    pub(in crate::hub) at: Timestamp,
    /// Where the item stands because of it, if it does.
    pub(in crate::hub) status: Option<ItemStatus>,
    pub(in crate::hub) text: Untrusted,
}

/// What a reader found.
#[derive(Debug, Clone)]
pub(in crate::hub) enum Seen {
    /// Somebody else opened an item in a tracker whose items are alerts.
    Opened { tracker: String, item: Box<Item>, by: Actor },
    /// An item that others keep belongs to an incident, whose items it names; what it was opened with.
    Joined(Box<Said>),
    /// Somebody else wrote something.
    Said(Box<Said>),
    /// One of our own entries stands in one more place.
    Copied { entry: EntryId, origin: Origin },
    /// A copy says something else than before.
    Changed { of: EntryId, place: Place, text: Untrusted, at: Timestamp },
    /// A copy is gone.
    Gone { of: EntryId, place: Place },
    /// The tracker told something about an item.
    Turned(Box<Turned>),
    /// An incident is kept in more trackers than was known.
    Placed { incident: IncidentId, at: Vec<ItemLink> },
    /// The list of items was read up to a place.
    Read { tracker: String, place: String },
    /// A tracker can be read differently than before.
    Stands(TrackerStanding),
}

/// A sighting with where the hub's answer goes: the entry that it became, if any.
#[derive(Debug)]
pub(in crate::hub) struct Sighting {
    pub(in crate::hub) seen: Seen,
    pub(in crate::hub) reply: oneshot::Sender<Telling>,
}

/// What the hub answers to a sighting, after it is recorded.
pub(in crate::hub) type Telling = Result<Option<EntryId>, Notice>;

/// The way from the readers to the hub; no command and no agent comes through here.
#[derive(Debug, Clone)]
pub struct Witness {
    to: mpsc::Sender<Sighting>,
    /// Where the hub asks for what it hears here.
    pub(super) lookout: Lookout,
}

impl Witness {
    pub(in crate::hub) fn new(to: mpsc::Sender<Sighting>, lookout: Lookout) -> Self {
        Self { to, lookout }
    }

    /// Tells the hub and waits until it is recorded.
    pub(super) async fn tell(&self, seen: Seen) -> Telling {
        let (reply, answer) = oneshot::channel();
        let gone = || Notice::new(Trouble::Unreachable, "the hub has ended");
        self.to.send(Sighting { seen, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}
