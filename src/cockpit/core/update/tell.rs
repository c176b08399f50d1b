//! Telling the person something: banners that repeat themselves as a count, not as a pile.

use std::time::Duration;

use super::super::effect::Effect;
use super::super::model::{Banner, Model, Tone};
use crate::incident::{Notice, Trouble};

/// How long a banner stays that asks for nothing.
const GLANCE: Duration = Duration::from_secs(8);

/// Most banners kept; the oldest go first.
const MOST_BANNERS: usize = 8;

/// Tells something that stays until the person closes it.
pub(super) fn warn(model: &mut Model, notice: Notice) -> Vec<Effect> {
    put(model, notice, Tone::Trouble, None)
}

/// Tells something that goes by itself.
pub(super) fn mention(model: &mut Model, notice: Notice) -> Vec<Effect> {
    put(model, notice, Tone::Trouble, Some(GLANCE))
}

/// Tells that something was done; it goes by itself.
pub(super) fn done(model: &mut Model, notice: Notice) -> Vec<Effect> {
    put(model, notice, Tone::Done, Some(GLANCE))
}

/// Says in a word that something was done.
pub(super) fn confirm(model: &mut Model, what: &str) -> Vec<Effect> {
    done(model, Notice::new(Trouble::Usage, what))
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

/// Says where a text went that shall be on the clipboard; no terminal tells whether it took it.
pub(super) fn copied(model: &mut Model, to: &'static str) -> Vec<Effect> {
    confirm(model, &format!("sent to {to}"))
}

/// Closes the latest banner; `false` if there is none.
pub(super) fn close_one(model: &mut Model) -> bool {
    model.banners.pop().is_some()
}

fn put(model: &mut Model, notice: Notice, tone: Tone, stays: Option<Duration>) -> Vec<Effect> {
    let since = model.wall;
    let until = stays.map(|stays| since.saturating_add(stays).unwrap_or(since));
    let same = |banner: &&mut Banner| banner.notice == notice && banner.tone == tone;
    if let Some(known) = model.banners.iter_mut().find(same) {
        known.repeated += 1;
        known.until = until;
        return Vec::new();
    }
    if model.banners.len() == MOST_BANNERS {
        model.banners.remove(0);
    }
    model.banners.push(Banner { notice, tone, since, until, repeated: 0 });
    Vec::new()
}
