//! Links: only to the web, with their host in sight, and drawn so that the terminal can open them.

use std::num::NonZeroU16;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::buffer::CellDiffOption;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;

use super::ink::{Row, columns};

/// Longest address that is linked, in bytes.
const LONGEST: usize = 2000;

/// An address that may be linked, with the host that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) address: Arc<str>,
    pub(super) host: String,
}

/// The target of an address: `http` and `https` alone, in plain ASCII, to a host without a name and
/// password before it. Anything else is text.
pub(super) fn target(address: &str) -> Option<Target> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic());
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let fits = plain && address.len() <= LONGEST && !host.is_empty();
    let known = fits && host.bytes().all(named);
    known.then(|| Target { address: address.into(), host: host.to_owned() })
}

/// Makes the linked runs of a row that was drawn there something that the terminal can open.
///
/// Every cell opens and closes its own link: a frame draws only the cells that changed.
#[expect(clippy::disallowed_methods, reason = "the address was checked above, the glyph is drawn")]
pub(super) fn connect(frame: &mut Frame<'_>, area: Rect, row: &Row) {
    let mut x = area.x;
    for run in &row.runs {
        for glyph in run.text.graphemes(true) {
            let wide = u16::try_from(columns(glyph)).unwrap_or(1);
            let width = NonZeroU16::new(wide);
            let at = Position::new(x, area.y);
            if let (Some(link), Some(width)) = (&run.link, width)
                && area.contains(at)
                && let Some(cell) = frame.buffer_mut().cell_mut(at)
            {
                let id = name(link);
                let glyph = cell.symbol().to_owned();
                cell.set_symbol(&format!("\x1b]8;id={id};{link}\x1b\\{glyph}\x1b]8;;\x1b\\"));
                cell.set_diff_option(CellDiffOption::ForcedWidth(width));
            }
            x = x.saturating_add(wide);
        }
    }
}

/// A short name that the cells of one link share, so that all of it lights up at once.
fn name(link: &str) -> String {
    let sum =
        link.bytes().fold(5381_u32, |sum, byte| sum.wrapping_mul(33).wrapping_add(u32::from(byte)));
    format!("{sum:x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(target("https://grafana.example/d/1?x=2").unwrap().host, "grafana.example");
        assert_eq!(target("http://127.0.0.1:8080").unwrap().host, "127.0.0.1:8080");
        for no in ["file:///etc/passwd", "javascript:x", "https://", "ftp://a", "/x", ""] {
            assert_eq!(target(no), None, "{no}");
        }
    }

    #[test]
    fn an_address_that_pretends_is_text() {
        for no in [
            "https://bank.example@evil.example/",
            "https://evil.example/\u{1b}]8;;",
            "https://ex\u{430}mple.com/",
            "https://a b/",
        ] {
            assert_eq!(target(no), None, "{no:?}");
        }
    }
}
