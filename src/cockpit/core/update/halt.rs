//! HALT: parking is one act, letting go again another, and each says why.

use super::super::effect::Effect;
use super::super::model::{Model, Purpose};
use super::{drafts, outbound, tell};

/// Asks why every dispatch shall be parked.
pub(super) fn park(model: &mut Model) -> Vec<Effect> {
    if let Some(refused) = outbound::refuse_replay(model) {
        return refused;
    }
    if model.is_halted() {
        return tell::refuse(model, "everything is parked already; another key lets it run again");
    }
    drafts::open(model, Purpose::Halt { halted: true }, "")
}

/// Asks why it is safe to let everything run again.
pub(super) fn resume(model: &mut Model) -> Vec<Effect> {
    if let Some(refused) = outbound::refuse_replay(model) {
        return refused;
    }
    if !model.is_halted() {
        return tell::refuse(model, "nothing is parked");
    }
    drafts::open(model, Purpose::Halt { halted: false }, "")
}
