//! What the hub tells: entries, the exchange, deliveries, gates, and the state of the link itself.

use jiff::{SignedDuration, Timestamp};

use super::super::effect::Effect;
use super::super::model::{
    Anchor, Connection, Flow, LOWEST, Model, Occasion, Pane, Parking, Place, Watched,
};
use super::{card, outbound};
use crate::incident::{
    Action, Arrival, Body, Entry, EntryId, ExchangeEvent, Helped, Incident, IncidentId, Notice,
    Stage, Status, apply_handoff,
};
use crate::wire::{FeedEvent, Frame};

/// Proposals older than this do not call the person: they come from before this cockpit.
const NEWS: SignedDuration = SignedDuration::from_secs(30);

/// Most events of the exchange kept for an incident whose alert has not come.
const MOST_ORPHANS: usize = 1024;

/// The feed begins, from its beginning.
pub(super) fn began(model: &mut Model) -> Vec<Effect> {
    model.feed.begins = true;
    Vec::new()
}

/// Everything that there was has come.
pub(super) fn caught_up(model: &mut Model) -> Vec<Effect> {
    model.connection = Connection::Live { lag: SignedDuration::ZERO };
    Vec::new()
}

/// The feed broke off; a later attempt that fails too keeps the moment at which it began.
pub(super) fn lost(model: &mut Model, why: Notice, retry_at: Option<Timestamp>) -> Vec<Effect> {
    let since = match model.connection {
        Connection::Lost { since, .. } => since,
        Connection::Connecting { .. } | Connection::Live { .. } => model.wall,
    };
    let is_news = matches!(model.connection, Connection::Live { .. });
    let calls = is_news && !model.attended;
    let what = format!("the hub is lost: {}", why.what);
    model.connection = Connection::Lost { since, why, retry_at };
    calls.then_some(Effect::Notify { occasion: Occasion::Lost, what }).into_iter().collect()
}

/// Frames are missing in the recording.
pub(super) fn unrecorded(model: &mut Model, total: u64) -> Vec<Effect> {
    model.unrecorded = total;
    Vec::new()
}

/// The hub told something.
pub(super) fn framed(model: &mut Model, frame: &Frame) -> Vec<Effect> {
    let Some(gap) = take_place(model, frame) else { return Vec::new() };
    let missed = match &frame.event {
        // It stands for the frames before it, of which some may have been folded before.
        FeedEvent::FramesMissed { count } if gap > 0 => (*count).min(gap + 1),
        FeedEvent::FramesMissed { count } => *count,
        _ => gap,
    };
    model.missed = model.missed.saturating_add(missed);
    if let Connection::Live { lag } = &mut model.connection {
        *lag = model.now.duration_since(frame.at).max(SignedDuration::ZERO);
    }
    match &frame.event {
        FeedEvent::EntryArrived { entry } => entry_arrived(model, entry),
        FeedEvent::ExchangeMoved { event } => exchange_moved(model, event),
        FeedEvent::DeliveryMoved { delivery } => {
            model.deliveries.apply(delivery, frame.at);
            let about = |watched: &&mut Watched| watched.timeline.get(delivery.entry).is_some();
            if let Some(watched) = model.incidents.values_mut().find(about) {
                watched.narrow_entry(delivery.entry, &model.deliveries);
            }
            Vec::new()
        }
        FeedEvent::TrackerMoved { tracker } => {
            model.deliveries.stand(tracker);
            Vec::new()
        }
        FeedEvent::GatesChanged { gates } => {
            model.gates.clone_from(gates);
            Vec::new()
        }
        FeedEvent::FramesMissed { .. } => Vec::new(),
    }
}

/// The place of a frame in its run: how many are missing before it, or none if it was folded before.
///
/// A feed that begins again tells everything once more, from where the hub still remembers. What was
/// folded is passed over as long as it is the same run; another run counts from 1 again.
fn take_place(model: &mut Model, frame: &Frame) -> Option<u64> {
    let position = &mut model.feed;
    // A hub that does not name its runs is known by the first frame that it tells.
    let named = (frame.run, frame.run.is_none().then_some((frame.seq, frame.at)));
    let may_be_another = position.begins || frame.run.is_some();
    if may_be_another && position.run != Some(named) {
        position.run = Some(named);
        // A run whose beginning is gone tells its first frame with a later number.
        position.last = frame.seq.saturating_sub(1);
    }
    position.begins = false;
    if frame.seq <= position.last {
        return None;
    }
    let gap = frame.seq - position.last - 1;
    position.last = frame.seq;
    model.folded += 1;
    Some(gap)
}

fn entry_arrived(model: &mut Model, entry: &Entry) -> Vec<Effect> {
    let id = entry.incident;
    if !model.incidents.contains_key(&id) {
        let Some(incident) = Incident::opened_by(entry) else {
            let orphans = model.orphans.entry(id).or_default();
            if !orphans.entries.iter().any(|known| known.id == entry.id) {
                orphans.entries.push(entry.clone());
            }
            return Vec::new();
        };
        return opened(model, entry, incident);
    }
    fold(model, entry)
}

/// The alert that opens an incident came; whatever waited for it follows.
fn opened(model: &mut Model, entry: &Entry, incident: Incident) -> Vec<Effect> {
    let id = incident.id;
    let mut watched = Watched::new(incident);
    // The incident at a glance counts the alert when it is folded below.
    watched.incident.entries = 0;
    model.incidents.insert(id, watched);
    if model.at_incident.anchor.is_none() {
        model.at_incident.anchor = Some(Anchor { id, above: 0 });
    }
    let mut effects = fold(model, entry);
    let orphans = model.orphans.remove(&id).unwrap_or_default();
    effects.extend(orphans.entries.iter().flat_map(|entry| fold(model, entry)));
    effects.extend(orphans.events.iter().flat_map(|event| exchange_moved(model, event)));
    effects
}

fn fold(model: &mut Model, entry: &Entry) -> Vec<Effect> {
    let Some(watched) = model.incidents.get_mut(&entry.incident) else { return Vec::new() };
    let landed = match watched.timeline.insert(entry.clone()) {
        Arrival::Last => Landed::Last,
        Arrival::Late(_) => Landed::Within,
        // Another place where it stands changes nothing that was folded.
        Arrival::Copy => {
            watched.narrow_entry(entry.id, &model.deliveries);
            return Vec::new();
        }
        Arrival::Known => return Vec::new(),
    };
    watched.glance(entry);
    if let Body::Status(Status::Dispatch { .. }) = entry.body
        && model.parking.as_ref().is_none_or(|last| last.at <= entry.at)
    {
        let (by, text) = (entry.actor.clone(), entry.text.clone());
        model.parking = Some(Parking { by, at: entry.at, text });
    }
    watched.links.take(entry);
    watched.narrow_entry(entry.id, &model.deliveries);
    if let Body::Correction(correction) = &entry.body {
        watched.narrow_entry(correction.of, &model.deliveries);
    }
    let newest = watched.timeline.entries().next_back().map(|newest| newest.id);
    arrived(&mut watched.at_entry, newest, landed);
    let decided = model.decisions.apply(entry);
    apply_handoff(&mut model.handoffs, entry);
    card::stirred(model, decided, entry);
    let mut effects = outbound::reconsider(model);
    effects.extend(call_person(model, entry));
    effects
}

fn exchange_moved(model: &mut Model, event: &ExchangeEvent) -> Vec<Effect> {
    let Some(watched) = model.incidents.get_mut(&event.incident) else {
        keep_orphan(model, event.incident, event);
        return Vec::new();
    };
    let before = watched.exchange.turns().len();
    watched.exchange.apply(event);
    watched.narrow_turns();
    if watched.exchange.turns().len() > before {
        arrived(&mut watched.at_turn, Some(before), Landed::Last);
    }
    Vec::new()
}

fn keep_orphan(model: &mut Model, id: IncidentId, event: &ExchangeEvent) {
    let events = &mut model.orphans.entry(id).or_default().events;
    if events.len() < MOST_ORPHANS {
        events.push(event.clone());
    } else {
        model.missed = model.missed.saturating_add(1);
    }
}

/// Where a new line landed in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Landed {
    Last,
    Within,
}

/// Moves a stream along if the person follows it, and counts the line for them if not.
fn arrived<K: Copy>(place: &mut Place<K>, newest: Option<K>, landed: Landed) {
    match &mut place.flow {
        Flow::Still => {}
        Flow::Following => {
            place.anchor = newest.map(|id| Anchor { id, above: LOWEST });
        }
        Flow::Detached { unseen } => *unseen += 1,
        Flow::Frozen { shown, missed, .. } => {
            *missed += 1;
            // A late line takes its place among those drawn, so that none of them falls out.
            *shown += usize::from(landed == Landed::Within);
        }
    }
}

/// Calls a person who looks elsewhere; never moves anything on the screen.
fn call_person(model: &Model, entry: &Entry) -> Option<Effect> {
    let is_news = model.now.duration_since(entry.at) < NEWS;
    if model.attended || !is_news || model.replaying.is_some() {
        return None;
    }
    let (occasion, what) = match &entry.body {
        Body::Proposal(proposal) => {
            let what =
                format!("{} waits for a person: {}", proposal.ask.word(), proposal.title.line());
            (Occasion::Decision, what)
        }
        Body::Alert(alert) if alert.firing && EntryId::from(entry.incident) == entry.id => {
            (Occasion::Severity, format!("{}: {}", alert.severity.word(), alert.title.line()))
        }
        Body::Action(Action { stage: Stage::Executed { ok: false, .. }, .. }) => {
            (Occasion::Failure, format!("an action failed: {}", entry.text.line()))
        }
        Body::Action(Action { stage: Stage::Lost { .. }, .. }) => {
            (Occasion::Failure, format!("an action was lost sight of: {}", entry.text.line()))
        }
        Body::Action(Action { stage: Stage::Verified { helped: Helped::No, .. }, .. }) => {
            (Occasion::Failure, format!("an action did not help: {}", entry.text.line()))
        }
        _ => return None,
    };
    Some(Effect::Notify { occasion, what })
}

/// The pane whose stream is that of the exchange or the timeline, and nothing else.
pub(super) fn streams(pane: Pane) -> bool {
    matches!(pane, Pane::Exchange | Pane::Timeline)
}
