//! The palette: what can be asked for here, with its key, found by a few letters.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::{Row, named, ours, style};
use super::lens::{Hears, Lens, Surround};
use crate::cockpit::core::{Action, Chosen, Match, Offer, Palette, Weight};
use crate::cockpit::theme::Role;

/// Columns of a palette at most.
const WIDEST: u16 = 90;

/// Rows of a palette at most, with its frame.
const HIGHEST: u16 = 24;

/// Columns of the word that says what an offer is.
const KINDS: usize = 10;

/// Draws the palette in the upper part of an area.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>, palette: &Palette) {
    let width = WIDEST.min(area.width);
    let height = HIGHEST.min(area.height);
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 4;
    let count = format!("{} of {}", palette.found.len(), palette.offered.len());
    let title = Row::of(Role::Focus, "What next?");
    let surround = Surround::new(title, Hears::Keys).end(Row::of(Role::Muted, ours(count)));
    let inner = surround.draw_over(frame, Rect { x, y, width, height }, lens);
    let mut rows = inner.rows();
    if let Some(line) = rows.next() {
        lens.row(frame, Rect { width: 2.min(line.width), ..line }, Row::of(Role::Key, "❯"));
        let left = 2.min(line.width);
        let field = Rect { x: line.x + left, width: line.width - left, ..line };
        super::composer::field(frame, field, lens, &palette.field);
    }
    let list =
        Rect { y: inner.y + 1.min(inner.height), height: inner.height.saturating_sub(1), ..inner };
    if palette.found.is_empty() {
        return lens.row(
            frame,
            list,
            Row::of(Role::Muted, "nothing of that name can be done here"),
        );
    }
    let room = usize::from(list.height);
    let first = palette.marked.saturating_sub(room.saturating_sub(1));
    let shown = palette.found.iter().enumerate().skip(first);
    for ((at, found), area) in shown.zip(list.rows()) {
        let Some(offer) = palette.offered.get(found.offer) else { continue };
        lens.row(frame, area, row(offer, found, lens, (palette, usize::from(area.width))));
        if at == palette.marked {
            frame.buffer_mut().set_style(area, style(lens.theme, Role::Selection));
            let bar = Rect { x: area.x.saturating_sub(1), width: 1, ..area };
            lens.row(frame, bar, Row::of(Role::Focus, "▌"));
        }
    }
}

fn row(offer: &Offer, found: &Match, lens: &Lens<'_>, (palette, width): (&Palette, usize)) -> Row {
    match &offer.choice {
        Chosen::Action(action) => {
            let end = key(*action, lens, palette);
            // The name in keymaps follows what it does: it is found by, and not repeated.
            let length = action.describe().chars().count();
            let row = lettered(&offer.words, found, 0, length);
            row.with_end(end, width)
        }
        choice => {
            let (kind, role) = match choice {
                Chosen::Incident(_) => ("incident", Role::Title),
                Chosen::Agent(_) => ("agent", Role::Partner),
                Chosen::Search(_) => ("search", Role::Found),
                Chosen::Bookmark(_) => ("bookmark", Role::Pending),
                Chosen::Link(_) | Chosen::Action(_) => ("link", Role::Link),
            };
            let from = if let Chosen::Link(_) = choice { 0 } else { kind.chars().count() + 1 };
            let words = lettered(&offer.words, found, from, usize::MAX);
            Row::of(role, kind).to(KINDS).join(words).fit(width)
        }
    }
}

/// The key that asks for it, or that it is asked for on the card alone.
fn key(action: Action, lens: &Lens<'_>, palette: &Palette) -> Row {
    let row = match lens.key(action, palette.context) {
        Some(key) => Row::of(Role::Key, key),
        None => Row::of(Role::Muted, "no key"),
    };
    let begins = matches!(action, Action::Halt | Action::Resume);
    if action.weight() == Weight::Grave && !begins {
        return Row::of(Role::Muted, "only by ").join(row);
    }
    row
}

/// Part of the words, with the letters that were typed standing out.
fn lettered(words: &str, found: &Match, from: usize, length: usize) -> Row {
    let mut row = Row::new();
    let mut run = (false, String::new());
    let put = |row: Row, (is_found, text): (bool, String)| {
        let role = if is_found { Role::Found } else { Role::Text };
        if text.is_empty() { row } else { row.put(role, named(&text)) }
    };
    for (at, sign) in words.chars().enumerate().skip(from).take(length) {
        let is_found = u32::try_from(at).is_ok_and(|at| found.letters.binary_search(&at).is_ok());
        if is_found != run.0 {
            row = put(row, std::mem::replace(&mut run, (is_found, String::new())));
        }
        run.1.push(sign);
    }
    put(row, run)
}
