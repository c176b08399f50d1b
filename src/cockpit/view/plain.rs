//! The screen in ASCII alone, for terminals and fonts that have no more: every sign has a plain one of
//! the same width, and states keep telling themselves apart by it and by their word.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthChar;

/// Signs that draw lines, states and measures, each beside what stands for it.
const PLAIN: [(&str, char); 22] = [
    ("─╴—–", '-'),
    ("━⇄≡▅", '='),
    ("│┃┆┊▏▌▐‖", '|'),
    ("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋", '+'),
    ("✓", 'v'),
    ("✗×", 'x'),
    ("◆•", '*'),
    ("●■▪█▇", '#'),
    ("○◌◔◑◕", 'o'),
    ("▲△↑", '^'),
    ("▽↓", 'v'),
    ("▸►→⇢❯»↳", '>'),
    ("◂←⇠", '<'),
    ("↗", '/'),
    ("↘", '\\'),
    ("↷", '@'),
    ("…", '~'),
    ("↯", '!'),
    ("·⋯╌┄", '.'),
    ("“”", '"'),
    ("‘’", '\''),
    ("\u{a0}\u{202f}", ' '),
];

/// The heights of a column in a sparkline, the lowest first.
const HEIGHTS: [(char, char); 5] = [('▁', '_'), ('▂', '.'), ('▃', ':'), ('▄', '-'), ('▆', '+')];

/// Replaces every sign that is not ASCII by one that is.
pub fn plain(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        // What is ASCII in it may be the address of a link, and stays.
        let plain: String = cell.symbol().chars().filter_map(sign).collect();
        #[expect(clippy::disallowed_methods, reason = "a sign of ours for one that was drawn")]
        cell.set_symbol(&plain);
    }
}

/// What stands for a sign; nothing for what takes no column of its own.
fn sign(sign: char) -> Option<char> {
    if sign.is_ascii() {
        return Some(sign);
    }
    if sign.width() == Some(0) {
        return None;
    }
    let height = HEIGHTS.iter().find(|(known, _)| *known == sign).map(|(_, plain)| *plain);
    let known = || PLAIN.iter().find(|(signs, _)| signs.contains(sign)).map(|(_, plain)| *plain);
    Some(height.or_else(known).or_else(|| dots(sign)).unwrap_or('?'))
}

/// The dots of a curve, by whether they stand in the upper half of the cell, the lower one, or both.
fn dots(sign: char) -> Option<char> {
    const UPPER: u32 = 0x1b;
    const LOWER: u32 = 0xe4;
    let dots = u32::from(sign).checked_sub(0x2800).filter(|dots| *dots <= 0xff)?;
    Some(match (dots & UPPER > 0, dots & LOWER > 0) {
        (true, true) => ':',
        (true, false) => '\'',
        (false, true) => '.',
        (false, false) => ' ',
    })
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn plainly(text: &str) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 1));
        buffer.set_string(0, 0, text, Style::new());
        plain(&mut buffer);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn every_sign_keeps_its_column() {
        assert_eq!(plainly("✓ jira → ◆ e\u{301} ▁▄█").trim_end(), "v jira > * e _-#");
        assert_eq!(plainly("日本 é").trim_end(), "? ?  ?");
    }

    #[test]
    fn a_curve_of_dots_stays_a_curve() {
        assert_eq!(plainly("\u{2800}\u{2801}\u{2840}\u{28ff}").trim_end(), " '.:");
    }
}
