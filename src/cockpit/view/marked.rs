//! What is marked with the mouse: it stands out, and its text is taken from the cells as they are seen.

use ratatui::Frame;
use ratatui::buffer::Buffer;

use super::ink::style;
use super::lens::Lens;
use crate::cockpit::core::{Marking, Model, Pointing};
use crate::cockpit::theme::Role;

/// Draws the mark over the frame, and returns the marked text.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, lens: &Lens<'_>) -> Option<String> {
    let Some(Pointing::Text(marking)) = model.pointing else { return None };
    if marking.is_empty() {
        return None;
    }
    let buffer = frame.buffer_mut();
    let text = text(buffer, &marking);
    let ground = style(lens.theme, Role::Selection).reversed();
    for (row, first, end) in marking.rows() {
        for column in first..end {
            if let Some(cell) = buffer.cell_mut((column, row)) {
                cell.set_style(ground);
            }
        }
    }
    Some(text)
}

/// The text of the marked cells, without the blanks at the ends of rows.
fn text(buffer: &Buffer, marking: &Marking) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (row, first, end) in marking.rows() {
        let mut line = String::new();
        let mut column = first;
        while column < end {
            let Some(cell) = buffer.cell((column, row)) else { break };
            let symbol = plain(cell.symbol());
            // A wide letter takes the cell after it as well, which holds nothing of its own.
            let width = super::ink::columns(&symbol).max(1);
            line.push_str(&symbol);
            column = column.saturating_add(u16::try_from(width).unwrap_or(1));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// A symbol without the sequences of a link round it.
fn plain(symbol: &str) -> String {
    let mut plain = String::new();
    let mut rest = symbol;
    while let Some((before, sequence)) = rest.split_once("\x1b]") {
        plain.push_str(before);
        let ends = ["\x1b\\", "\x07"].map(|end| sequence.split_once(end).map(|(_, after)| after));
        rest = ends.into_iter().flatten().max_by_key(|after| after.len()).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use ratatui::layout::{Position, Rect};
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn what_is_marked_is_copied_without_frames_and_blanks() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 3));
        for (row, text) in ["│ 日本語 a │", "│ b        │", "│ c d      │"].iter().enumerate()
        {
            buffer.set_string(0, u16::try_from(row).unwrap(), text, Style::new());
        }
        let at = |x, y| Position { x, y };
        let marking = Marking { area: Rect::new(2, 0, 8, 3), from: at(2, 0), to: at(2, 2) };
        assert_eq!(text(&buffer, &marking), "日本語 a\nb\nc");
    }

    #[test]
    fn a_link_is_copied_as_its_letters() {
        assert_eq!(plain("\x1b]8;id=1;https://x.example\x1b\\g\x1b]8;;\x1b\\"), "g");
        assert_eq!(plain("g"), "g");
    }
}
