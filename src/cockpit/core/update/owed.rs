//! What trackers are still owed, as a list in which a debt is marked: tried again, or given up.

use super::super::effect::Effect;
use super::super::model::{Model, Outbox, Overlay, Purpose};
use super::{drafts, outbound, tell};
use crate::incident::{EntryId, Untrusted};
use crate::wire::Command;

/// Shows what trackers are still owed, or closes it again.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::Outbox(_))) {
        model.overlays.pop();
    } else {
        model.overlays.push(Overlay::Outbox(Outbox::default()));
    }
    Vec::new()
}

/// Marks another debt.
pub(super) fn mark(model: &mut Model, lines: i32) {
    let unpaid = model.deliveries.unpaid();
    let Some(Overlay::Outbox(outbox)) = model.overlays.last() else { return };
    let last = unpaid.len().saturating_sub(1);
    let to = i64::try_from(outbox.position(&unpaid)).unwrap_or(0) + i64::from(lines);
    let to = usize::try_from(to.max(0)).unwrap_or(0).min(last);
    let marked = unpaid.get(to).map(|one| (one.entry, one.tracker.to_owned()));
    if let Some(Overlay::Outbox(outbox)) = model.overlays.last_mut() {
        outbox.marked = marked;
    }
}

/// The marked debt: its entry, and the tracker that it is owed to.
fn marked(model: &Model) -> Option<(EntryId, String)> {
    let Some(Overlay::Outbox(outbox)) = model.overlays.last() else { return None };
    let unpaid = model.deliveries.unpaid();
    let one = unpaid.get(outbox.position(&unpaid))?;
    Some((one.entry, one.tracker.to_owned()))
}

/// Has the marked debt tried again; it leaves at once, since it only does what is owed anyway.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    let Some((entry, tracker)) = marked(model) else { return nothing(model) };
    let what = format!("try {} again", Untrusted::from(tracker.as_str()).line());
    let command = Command::Redeliver { entry, tracker };
    outbound::send_now(model, about(model, entry, what, command))
}

/// Asks why the marked debt shall be given up.
pub(super) fn ask_why(model: &mut Model) -> Vec<Effect> {
    if let Some(refused) = outbound::refuse_replay(model) {
        return refused;
    }
    let Some((entry, tracker)) = marked(model) else { return nothing(model) };
    drafts::open(model, Purpose::GiveUp { entry, tracker }, "")
}

/// Gives a debt up; that somebody did, and why, is an entry.
pub(super) fn give_up(
    model: &mut Model,
    entry: EntryId,
    tracker: String,
    reason: &str,
) -> Vec<Effect> {
    let what = format!("give up writing to {}", Untrusted::from(tracker.as_str()).line());
    let command = Command::GiveUp { entry, tracker, reason: Untrusted::from(reason) };
    let intent = about(model, entry, what, command);
    outbound::hold(model, intent)
}

fn about(model: &Model, entry: EntryId, what: String, command: Command) -> outbound::Intent {
    let here = model.incidents.iter().find(|(_, watched)| watched.timeline.get(entry).is_some());
    let incident = here.map(|(id, _)| *id);
    outbound::Intent { what, incident, proposal: None, command }
}

fn nothing(model: &mut Model) -> Vec<Effect> {
    tell::refuse(model, "nothing is owed: every entry stands in every tracker")
}
