//! Telling the person something: banners that repeat themselves as a count, not as a pile.

use std::time::Duration;

use super::super::effect::Effect;
use super::super::model::{Banner, Model};
use crate::incident::{Notice, Trouble};

/// How long a banner stays that asks for nothing.
const GLANCE: Duration = Duration::from_secs(8);

/// Most banners kept; the oldest go first.
const MOST_BANNERS: usize = 8;

/// Tells something that stays until the person closes it.
pub(super) fn warn(model: &mut Model, notice: Notice) -> Vec<Effect> {
    put(model, notice, None)
}

/// Tells something that goes by itself.
pub(super) fn mention(model: &mut Model, notice: Notice) -> Vec<Effect> {
    put(model, notice, Some(GLANCE))
}

/// Says why a key did nothing.
pub(super) fn refuse(model: &mut Model, what: &str) -> Vec<Effect> {
    mention(model, Notice::new(Trouble::Usage, what))
}

/// Says what a text from outside lost on its way into a field.
pub(super) fn left_out(model: &mut Model, hidden: usize, dropped: usize) -> Vec<Effect> {
    let what = format!("left out: {hidden} hidden characters, {dropped} bytes too many");
    refuse(model, &what)
}

/// Says by which way a text reached the clipboard.
pub(super) fn copied(model: &mut Model, by: &'static str) -> Vec<Effect> {
    mention(model, Notice::new(Trouble::Usage, format!("copied by {by}")))
}

/// Closes the latest banner; `false` if there is none.
pub(super) fn close_one(model: &mut Model) -> bool {
    model.banners.pop().is_some()
}

fn put(model: &mut Model, notice: Notice, stays: Option<Duration>) -> Vec<Effect> {
    let since = model.wall;
    let until = stays.map(|stays| since.saturating_add(stays).unwrap_or(since));
    if let Some(known) = model.banners.iter_mut().find(|banner| banner.notice == notice) {
        known.repeated += 1;
        known.until = until;
        return Vec::new();
    }
    if model.banners.len() == MOST_BANNERS {
        model.banners.remove(0);
    }
    model.banners.push(Banner { notice, since, until, repeated: 0 });
    Vec::new()
}
