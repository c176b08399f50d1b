//! The one place where the loop calls the view.

use ratatui::Frame;

use super::settings::{CockpitSettings, Glyphs};
use crate::cockpit::core::{KeyRow, Model, Sight};
use crate::cockpit::view::{Lens, Memo, draw, plain};

/// How the model is looked at: through which theme, with which keys.
#[derive(Debug)]
pub(super) struct Look {
    keys: Vec<KeyRow>,
    memo: Memo,
}

impl Look {
    /// Has drawn nothing yet.
    pub(super) fn new(settings: &CockpitSettings) -> Self {
        Self { keys: settings.keymap.rows(), memo: Memo::default() }
    }

    /// Draws the model, and says what stands where.
    pub(super) fn draw(
        &self,
        frame: &mut Frame<'_>,
        model: &Model,
        settings: &CockpitSettings,
    ) -> Sight {
        let (theme, zone) = (settings.themes.worn(), &settings.zone);
        let lens = Lens { theme, keys: &self.keys, zone, memo: &self.memo };
        let sight = draw(frame, model, &lens);
        if settings.manners.glyphs == Glyphs::Ascii {
            plain(frame.buffer_mut());
        }
        sight
    }
}
