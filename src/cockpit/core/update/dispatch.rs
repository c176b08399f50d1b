//! The one door: a message in, effects out.

use super::super::effect::Effect;
use super::super::message::Message;
use super::super::model::Model;
use super::{card, compose, feed, keys, outbound, replay, select, tell, time};

/// Takes one message into the model and says what shall be done about it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Ticked { wall, now } => time::ticked(model, wall, now),
        Message::LinkUp => feed::began(model),
        Message::CaughtUp => feed::caught_up(model),
        Message::LinkLost { why, retry_at } => feed::lost(model, why, retry_at),
        Message::Framed(frame) => feed::framed(model, &frame),
        Message::Answered { ask, result } => {
            if card::remembered(model, ask, &result) {
                Vec::new()
            } else {
                outbound::answered(model, ask, result)
            }
        }
        Message::Pressed { at, reading } => keys::pressed(model, at, reading),
        Message::Drawn { at, sight } => {
            select::drawn(model, &sight);
            card::drawn(model, at, sight)
        }
        Message::EditorReturned(result) => compose::editor_returned(model, result),
        Message::Copied { to } => tell::copied(model, to),
        Message::DraftsRestored(drafts) => compose::restored(model, drafts),
        Message::Remembered(remembered) => {
            model.remembered = remembered;
            Vec::new()
        }
        Message::Warned(notice) => tell::warn(model, notice),
        Message::Mentioned(notice) => tell::done(model, notice),
        Message::RecorderLost { total } => feed::unrecorded(model, total),
        Message::RecordingOpened(marks) => replay::opened(model, marks),
        Message::Rewound => replay::rewound(model),
        Message::Replayed(replaying) => replay::moved(model, replaying),
    };
    effects.extend(time::afterwards(model));
    effects
}
