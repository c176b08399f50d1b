//! A paste while it comes: bounded, and ended by nothing that it says itself but its end.

use crate::cockpit::core::{Input, PASTE_MAX};

/// What ends a paste. A terminal removes it from what is pasted; the core's rules of quiet and pace catch
/// what follows where one does not.
const END: &[u8] = b"\x1b[201~";

/// What a person types to end a paste whose end got lost: control and C, in both forms it is sent in.
const WAY_OUT: [&[u8]; 2] = [b"\x03", b"\x1b[99;5u"];

/// A paste that has begun.
#[derive(Debug, Default)]
pub(super) struct Paste {
    kept: Vec<u8>,
    dropped: usize,
    /// How much of [`END`] has come.
    matched: usize,
    paused: bool,
}

impl Paste {
    /// Takes a byte, and says whether the paste has ended with it.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        self.paused = false;
        if END.get(self.matched) == Some(&byte) {
            self.matched += 1;
            return self.matched == END.len();
        }
        let failed = std::mem::take(&mut self.matched);
        for byte in END.iter().take(failed) {
            self.keep(*byte);
        }
        // Only its first byte can begin the end again: it stands nowhere else in it.
        if END.first() == Some(&byte) {
            self.matched = 1;
        } else {
            self.keep(byte);
        }
        false
    }

    /// Takes note that nothing came for a while.
    pub(super) fn pause(&mut self) {
        self.paused = true;
    }

    /// Whether nothing came for a while.
    pub(super) fn has_paused(&self) -> bool {
        self.paused
    }

    /// Whether these bytes, alone after a pause, are a person who wants the keyboard back.
    pub(super) fn is_left_by(&self, bytes: &[u8]) -> bool {
        self.paused && WAY_OUT.contains(&bytes)
    }

    /// The paste as an input.
    pub(super) fn ended(self) -> Input {
        let mut text = String::from_utf8_lossy(&self.kept).into_owned();
        let mut end = text.len().min(PASTE_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let dropped = self.dropped + text.len() - end;
        text.truncate(end);
        Input::Paste { text, dropped }
    }

    /// How many bytes are kept in memory.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.kept.capacity()
    }

    fn keep(&mut self, byte: u8) {
        if self.kept.len() < PASTE_MAX {
            self.kept.push(byte);
        } else {
            self.dropped += 1;
        }
    }
}
