//! Performing what the core asks for; its outcome comes back as a message.

use std::io;

use super::hands::Hands;
use super::run::{Driver, Left};
use super::surface::Surface;
use super::{browser, editor};
use crate::cockpit::core::{Effect, Message};
use crate::cockpit::terminal::TerminalError;
use crate::incident::{Notice, Trouble};

/// The longest text that terminals take by OSC 52: 74 994 bytes once it is written in base 64.
const MOST_COPIED: usize = 56_244;

impl<S: Surface, H: Hands> Driver<'_, S, H> {
    /// Performs effects, and those that follow from their outcomes.
    pub(super) fn perform(&mut self, effects: Vec<Effect>) -> Result<(), TerminalError> {
        for effect in effects {
            if let Some(outcome) = self.perform_one(effect)? {
                self.take(outcome)?;
            }
        }
        Ok(())
    }

    fn perform_one(&mut self, effect: Effect) -> Result<Option<Message>, TerminalError> {
        match effect {
            Effect::Send { ask, command } => return Ok(self.send(ask, command)),
            Effect::WakeAt(at) => self.wake_at(at),
            Effect::Copy(text) => {
                return self.copy(&text).map(Some);
            }
            Effect::OpenEditor { text } => {
                return self.open_editor(&text);
            }
            Effect::SetTitle(title) => self.surface.set_title(&title)?,
            Effect::Notify { occasion, what } => {
                if self.settings.occasions.contains(&occasion) {
                    self.surface.notify(&what, self.settings.manners)?;
                }
            }
            Effect::SetProgress(progress) => {
                self.surface.set_progress(progress, self.settings.manners)?;
            }
            Effect::CaptureMouse(mice) => self.surface.set_mouse(mice)?,
            Effect::NextTheme => {
                return Ok(self.settings.themes.go_on().err().map(Message::Warned));
            }
            Effect::Redraw => self.surface.redraw()?,
            Effect::Suspend => {
                self.hands.let_go();
                self.surface.suspend()?;
                self.told_again()?;
            }
            Effect::Quit => self.left = Some(Left::ByPerson),
            Effect::SaveDraft { key, text } => {
                let kept = self.keeper.as_ref().map(|keeper| keeper.keep_draft(key, &text));
                return Ok(unkept("the draft", kept));
            }
            Effect::SaveLayout(layout) => {
                let kept = self.keeper.as_ref().map(|keeper| keeper.keep_layout(&layout));
                return Ok(unkept("the layout", kept));
            }
            Effect::Remember(remembered) => {
                let kept = self.keeper.as_ref().map(|keeper| keeper.keep_remembered(&remembered));
                return Ok(unkept("what you keep", kept));
            }
            Effect::OpenLink(link) => {
                return Ok(Some(browser::open(&link, self.settings.browser.as_deref())));
            }
            Effect::Play(wanted) => return Ok(self.play(wanted)),
        }
        Ok(None)
    }
}

impl<S: Surface, H: Hands> Driver<'_, S, H> {
    /// Puts a text on the clipboard; what terminals do not take is put into a file.
    fn copy(&mut self, text: &str) -> Result<Message, TerminalError> {
        if text.len() <= MOST_COPIED {
            let to = self.surface.copy(text, self.settings.manners)?;
            return Ok(Message::Copied { to });
        }
        let what = "it is too long for the clipboard of a terminal";
        let kept = self.keeper.as_ref().map(|keeper| keeper.keep_copy(text));
        Ok(match kept {
            Some(Ok(path)) => {
                let what = format!("written to {}: {what}", path.display());
                Message::Mentioned(Notice::new(Trouble::Usage, what))
            }
            _ => Message::Warned(Notice::new(Trouble::Failed, what)),
        })
    }

    /// Gives the terminal to the person's editor; what the hub tells meanwhile is taken, not drawn.
    fn open_editor(&mut self, text: &str) -> Result<Option<Message>, TerminalError> {
        self.hands.let_go();
        self.surface.leave()?;
        match editor::begin(self.settings.editor.as_deref(), text) {
            Ok(editing) => {
                self.editing = Some(editing);
                Ok(None)
            }
            Err(notice) => {
                self.surface.retake()?;
                Ok(Some(Message::EditorReturned(Err(notice))))
            }
        }
    }

    /// The editor has ended: the terminal is ours again.
    pub(super) fn close_editor(
        &mut self,
        result: Result<String, Notice>,
    ) -> Result<(), TerminalError> {
        self.editing = None;
        self.surface.retake()?;
        self.told_again()?;
        self.take(Message::EditorReturned(result))
    }
}

/// What to tell if something could not be kept.
fn unkept(what: &str, kept: Option<io::Result<()>>) -> Option<Message> {
    let error = kept?.err()?;
    let notice = Notice::new(Trouble::Failed, format!("{what} could not be kept on disk"));
    Some(Message::Warned(notice.detail(error.to_string())))
}
