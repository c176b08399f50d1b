//! A text that is being edited, in the core's own plain form.

use tui_textarea::{CursorMove, DataCursor, Input as AreaInput, Key as AreaKey, TextArea};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::keys::{Key, KeyStroke};
use crate::incident::{Manner, Untrusted};

/// A text that is being edited, with its cursor, undo and redo.
///
/// It holds nothing that hides: whatever would not be seen, or would change how its neighbours are
/// read, is left out on its way in and counted.
#[derive(Debug, Clone)]
pub struct Field {
    area: TextArea<'static>,
    rows: Rows,
}

/// How many rows a field may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    One,
    Many,
}

impl Field {
    /// A field of one row.
    pub fn line(text: &str) -> Self {
        Self::new(text, Rows::One)
    }

    /// A field of any number of rows.
    pub fn page(text: &str) -> Self {
        Self::new(text, Rows::Many)
    }

    fn new(text: &str, rows: Rows) -> Self {
        let (text, _) = seen(text, rows);
        let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area, rows }
    }

    /// The text area, for drawing; the view clones it to dress it.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether there is nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Takes a stroke; returns whether the text changed. A field of one row ignores return.
    pub fn press(&mut self, stroke: KeyStroke) -> bool {
        let is_break = stroke.key() == Key::Enter;
        if is_break && self.rows == Rows::One {
            return false;
        }
        let hides = |sign: char| Untrusted::from(sign.to_string()).line().hidden() > 0;
        if stroke.printable().is_some_and(hides) {
            return false;
        }
        let held = stroke.held();
        let Some(key) = area_key(stroke.key()) else { return false };
        self.area.input(AreaInput { key, ctrl: held.ctrl, alt: held.alt, shift: held.shift })
    }

    /// What stands on the cursor's row before the cursor.
    pub fn before_cursor(&self) -> String {
        let DataCursor(row, column) = self.area.cursor();
        self.area
            .lines()
            .get(row)
            .map_or_else(String::new, |line| line.chars().take(column).collect())
    }

    /// Whether the cursor stands on the first row, and whether on the last.
    pub fn edges(&self) -> (bool, bool) {
        let DataCursor(row, _) = self.area.cursor();
        (row == 0, row + 1 >= self.area.lines().len())
    }

    /// Puts a text in the place of so many characters before the cursor.
    pub fn complete(&mut self, typed: usize, text: &str) {
        for _ in 0..typed {
            self.area.delete_char();
        }
        self.area.insert_str(seen(text, self.rows).0);
    }

    /// Puts in a pasted text; returns how many hidden characters were left out.
    pub fn paste(&mut self, text: &str) -> usize {
        let (text, left_out) = seen(text, self.rows);
        self.area.insert_str(text);
        left_out
    }

    /// Replaces the whole text and puts the cursor at its end; returns how many hidden characters
    /// were left out.
    pub fn replace(&mut self, text: &str) -> usize {
        *self = Self::new(text, self.rows);
        seen(text, self.rows).1
    }
}

/// The text as it can be seen, and how many hidden characters it had.
fn seen(text: &str, rows: Rows) -> (String, usize) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    let text = match rows {
        Rows::One => text.trim_end_matches('\n').replace('\n', " "),
        Rows::Many => text,
    };
    let hidden = |text: &str| Untrusted::from(text).show(&Manner::BLOCK.uncut()).hidden();
    if hidden(&text) == 0 {
        return (text, 0);
    }
    let mut left_out = 0;
    let is_seen = |cluster: &&str| {
        let hidden = hidden(cluster);
        left_out += hidden;
        hidden == 0
    };
    let kept = text.graphemes(true).filter(is_seen).collect();
    (kept, left_out)
}

fn area_key(key: Key) -> Option<AreaKey> {
    Some(match key {
        Key::Char(sign) => AreaKey::Char(sign),
        Key::Enter => AreaKey::Enter,
        Key::Backspace => AreaKey::Backspace,
        Key::Delete => AreaKey::Delete,
        Key::Left => AreaKey::Left,
        Key::Right => AreaKey::Right,
        Key::Up => AreaKey::Up,
        Key::Down => AreaKey::Down,
        Key::Home => AreaKey::Home,
        Key::End => AreaKey::End,
        Key::PageUp => AreaKey::PageUp,
        Key::PageDown => AreaKey::PageDown,
        Key::Tab => AreaKey::Tab,
        Key::Esc | Key::BackTab | Key::Insert | Key::Function(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_in_a_paste_is_left_out_and_counted() {
        let mut field = Field::page("");
        let left_out = field.paste("rm\u{202e} -rf\x1b[31m\r\n\tlogs\u{200b}_old\u{9b}2J");
        assert_eq!(field.text(), "rm -rf[31m\n    logs_old2J");
        assert_eq!(left_out, 4);
        assert!(!field.press(KeyStroke::plain(Key::Char('\u{202e}'))));
    }

    #[test]
    fn emoji_and_accents_are_text() {
        let mut field = Field::line("");
        assert_eq!(field.paste("naïve 👩‍🚒 日本語"), 0);
        assert_eq!(field.text(), "naïve 👩‍🚒 日本語");
    }

    #[test]
    fn a_field_of_one_row_stays_one() {
        let mut field = Field::line("");
        field.paste("one\ntwo\n");
        assert_eq!(field.text(), "one two");
    }
}
