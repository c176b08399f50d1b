//! A drawn buffer as text for a reviewer: the letters, the ink they are drawn in, and a legend.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// Names the role that a style plays in the theme; without a name, the legend spells the style out.
pub(crate) type Roles<'a> = &'a dyn Fn(Style) -> Option<String>;

/// For buffers that were drawn without a theme.
pub(crate) fn no_roles(_: Style) -> Option<String> {
    None
}

/// Compares a buffer with `tests/snapshots/<name>.snap`, letters and ink.
macro_rules! assert_screen {
    ($name:expr, $buffer:expr) => {
        $crate::support::assert_screen!($name, $buffer, &$crate::support::no_roles)
    };
    ($name:expr, $buffer:expr, $roles:expr) => {
        insta::with_settings!({
            snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!($name, $crate::support::as_text($buffer, $roles));
        })
    };
}
pub(crate) use assert_screen;

/// Writes three parts: the letters row by row, the ink (a letter per cell, `.` where the style is the
/// terminal's own) and what each ink letter means. Trailing blanks of the letters are left out.
pub(crate) fn as_text(buffer: &Buffer, roles: Roles<'_>) -> String {
    let mut inks: Vec<Style> = Vec::new();
    let mut letters = String::new();
    let mut ink = String::new();
    for row in rows(buffer) {
        let line: String = row.iter().map(|(_, cell)| symbol(cell)).collect();
        letters.push_str(line.trim_end());
        letters.push('\n');
        for (_, cell) in row {
            let letter = ink_letter(&mut inks, cell);
            ink.extend(std::iter::repeat_n(letter, symbol(cell).width().max(1)));
        }
        ink.push('\n');
    }
    let mut text = format!("{}x{}\n{letters}--- ink\n{ink}", buffer.area.width, buffer.area.height);
    if !inks.is_empty() {
        text.push_str("--- legend\n");
    }
    for (index, style) in inks.iter().enumerate() {
        let meaning = roles(*style).unwrap_or_else(|| spelled(*style));
        writeln!(text, "{} = {meaning}", letter(index)).expect("a string takes everything");
    }
    text
}

/// The cells of each row that show something: the second half of a wide glyph is left out.
pub(crate) fn rows(buffer: &Buffer) -> Vec<Vec<(u16, &Cell)>> {
    let area = buffer.area;
    let row = |y: u16| {
        let mut free_from = area.left();
        let mut cells = Vec::new();
        for x in area.left()..area.right() {
            if x >= free_from {
                let cell = &buffer[(x, y)];
                let width = u16::try_from(symbol(cell).width()).unwrap_or(1);
                free_from = x + width.max(1);
                cells.push((x - area.left(), cell));
            }
        }
        cells
    };
    (area.top()..area.bottom()).map(row).collect()
}

/// What a cell shows, without the hyperlink that may be wrapped round it.
pub(crate) fn symbol(cell: &Cell) -> &str {
    let symbol = cell.symbol();
    let Some(linked) = symbol.strip_prefix("\u{1b}]8;") else { return symbol };
    let text = linked.split_once("\u{1b}\\").map_or(linked, |(_, text)| text);
    text.split_once("\u{1b}]8;").map_or(text, |(text, _)| text)
}

fn ink_letter(inks: &mut Vec<Style>, cell: &Cell) -> char {
    let style = cell.style();
    if is_plain(style) {
        return '.';
    }
    let known = inks.iter().position(|ink| *ink == style);
    letter(known.unwrap_or_else(|| {
        inks.push(style);
        inks.len() - 1
    }))
}

fn letter(index: usize) -> char {
    let mut letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain('α'..='ω');
    letters.nth(index).expect("a screen of more than 87 styles is drawn by mistake")
}

fn is_plain(style: Style) -> bool {
    color(style.fg).is_none() && color(style.bg).is_none() && style.add_modifier.is_empty()
}

fn color(color: Option<Color>) -> Option<Color> {
    color.filter(|color| *color != Color::Reset)
}

fn spelled(style: Style) -> String {
    let mut parts = Vec::new();
    parts.extend(color(style.fg).map(|color| format!("fg {color}")));
    parts.extend(color(style.bg).map(|color| format!("bg {color}")));
    let modifiers =
        Modifier::all().iter_names().filter(|(_, one)| style.add_modifier.contains(*one));
    parts.extend(modifiers.map(|(name, _)| name.to_lowercase()));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    fn drawn() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 3));
        buffer.set_string(0, 0, "err 5xx ⏱", Style::new().fg(Color::Red).bold());
        buffer.set_string(1, 1, "日本", Style::new().bg(Color::Rgb(20, 22, 27)));
        buffer.set_string(0, 2, "plain", Style::new());
        buffer
    }

    #[test]
    fn a_screen_becomes_letters_ink_and_legend() {
        let text = as_text(&drawn(), &no_roles);
        let expected = "12x3\nerr 5xx ⏱\n 日本\nplain\n--- ink\naaaaaaaaa...\n.bbbb.......\n............\n\
                        --- legend\na = fg Red, bold\nb = bg #14161B\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_legend_names_roles_where_the_theme_knows_them() {
        let roles = |style: Style| (style.fg == Some(Color::Red)).then(|| "refused".to_owned());
        let text = as_text(&drawn(), &roles);
        assert!(text.ends_with("a = refused\nb = bg #14161B\n"), "{text}");
    }

    #[test]
    fn a_change_of_colour_alone_changes_the_text() {
        let mut other = drawn();
        other[(0, 0)].set_fg(Color::Green);
        assert_ne!(as_text(&drawn(), &no_roles), as_text(&other, &no_roles));
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a cell with a link in it, as the screen makes them"
    )]
    fn a_hyperlink_shows_only_its_text() {
        let mut cell = Cell::default();
        cell.set_symbol("\u{1b}]8;id=1;https://example.org\u{1b}\\x\u{1b}]8;;\u{1b}\\");
        assert_eq!(symbol(&cell), "x");
    }

    #[test]
    fn a_screen_is_compared_with_its_file() {
        assert_screen!("support_screen", &drawn());
    }
}
