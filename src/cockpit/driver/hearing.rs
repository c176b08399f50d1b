//! Taking what the person does.

use std::io;

use futures_util::FutureExt as _;
use ratatui::layout::Size;

use super::hands::Hands;
use super::pace::Wanted;
use super::run::{Driver, Left, MOST_AT_ONCE};
use super::surface::Surface;
use crate::cockpit::core::{Action, Input, Message, Reading, Timed};
use crate::cockpit::terminal::TerminalError;

impl<S: Surface, H: Hands> Driver<'_, S, H> {
    /// Takes what the person did, and all that they did meanwhile: were a frame drawn for each key of a
    /// burst, the last would be seen late.
    pub(super) fn heard(
        &mut self,
        mut heard: Option<io::Result<Timed>>,
    ) -> Result<(), TerminalError> {
        for taken in 1.. {
            let Some(Ok(timed)) = heard else {
                // Without hands nobody can decide or quit.
                self.left = Some(Left::WithoutHands);
                break;
            };
            self.hand(timed)?;
            if taken == MOST_AT_ONCE || self.left.is_some() || self.editing.is_some() {
                break;
            }
            let Some(next) = self.hands.next().now_or_never() else { break };
            heard = next;
        }
        Ok(())
    }

    /// The person did something.
    pub(super) fn hand(&mut self, timed: Timed) -> Result<(), TerminalError> {
        let at = timed.at;
        if let Input::Resize { columns, rows } = timed.input {
            self.surface.resized(Size { width: columns, height: rows })?;
        }
        self.tick()?;
        let contexts = self.model.contexts();
        let reading = self.reader.read(&self.settings.keymap, &contexts, timed);
        if matches!(reading, Reading::Asked { action: Action::Quit | Action::Suspend, .. }) {
            self.reader.forget();
        }
        self.take(Message::Pressed { at, reading })?;
        self.pace.want(Wanted::Now);
        Ok(())
    }
}
