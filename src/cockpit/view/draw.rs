//! Drawing the model: the one way from what is known to what is seen.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};

use super::ink::{Row, style};
use super::lens::Lens;
use super::{
    card, composer, footer, halt, header, help, marked, opened, outbox, palette, pane, panel,
    redirect, search,
};
use crate::cockpit::core::{Arrangement, Measured, Model, Overlay, Pane, Sight};
use crate::cockpit::theme::Role;

/// Fewest columns in which a card or an opened entry reads well.
const READABLE: u16 = 64;

/// Draws the model as seen through the lens, and says what stands where.
pub fn draw(frame: &mut Frame<'_>, model: &Model, lens: &Lens<'_>) -> Sight {
    let mut sight = Sight::default();
    let whole = frame.area();
    frame.buffer_mut().set_style(whole, style(lens.theme, Role::Surface));
    let arrangement = model.arrangement();
    header::draw(frame, arrangement.header, model, lens);
    halt::draw(frame, arrangement.bar, model, lens);
    for (pane, area) in &arrangement.panes {
        let (inside, seen) = pane::draw(frame, *pane, *area, model, lens);
        sight.areas.push(inside);
        sight.lines.extend(pane::lines(*pane, inside, &seen));
        sight.panes.insert(*pane, seen);
    }
    for overlay in &model.overlays {
        sight.measured = over(frame, &arrangement, model, lens, overlay);
        let area = match overlay {
            Overlay::Help(_) | Overlay::Search(_) | Overlay::Palette(_) | Overlay::Outbox(_) => {
                arrangement.body
            }
            Overlay::Filter(_) => continue,
            Overlay::Card(_)
            | Overlay::Opened(_)
            | Overlay::Panel(_)
            | Overlay::Composer(_)
            | Overlay::Redirect(_) => reading_area(&arrangement),
        };
        sight.areas = vec![area.inner(Margin::new(2, 1))];
    }
    footer::which_key(frame, arrangement.body, model, lens);
    footer::strip(frame, arrangement.strip, model, lens);
    if model.screen.is_cramped() && model.waiting() > 0 {
        let text = "◆ waits for you; 60×16 are needed to decide";
        lens.row(frame, arrangement.footer, Row::new().gap(1).put(Role::Pending, text));
    } else {
        footer::hints(frame, arrangement.footer, model, lens);
    }
    sight.marked = marked::draw(frame, model, lens);
    sight
}

fn over(
    frame: &mut Frame<'_>,
    arrangement: &Arrangement,
    model: &Model,
    lens: &Lens<'_>,
    overlay: &Overlay,
) -> Measured {
    let reading = reading_area(arrangement);
    match overlay {
        Overlay::Card(card) => return card::draw(frame, reading, model, lens, card),
        Overlay::Opened(opened) => return opened::draw(frame, reading, model, lens, *opened),
        Overlay::Panel(panel) => panel::draw(frame, reading, model, lens, panel),
        Overlay::Help(help) => return help::draw(frame, arrangement.body, lens, *help),
        Overlay::Outbox(outbox) => {
            outbox::draw(frame, arrangement.body, model, lens, outbox);
        }
        Overlay::Composer(composer) => composer::draw(frame, reading, model, lens, composer),
        Overlay::Redirect(redirecting) => redirect::draw(frame, reading, model, lens, redirecting),
        Overlay::Search(searching) => search::draw(frame, arrangement.body, model, lens, searching),
        Overlay::Palette(palette) => palette::draw(frame, arrangement.body, lens, palette),
        // It is typed in the strip, so that the list that it narrows can be seen.
        Overlay::Filter(_) => {}
    }
    Measured::default()
}

/// Where a card is read: over the exchange, so that the timeline beside it goes on being seen; over
/// both where one alone is too narrow; over everything where there is no room to spare.
fn reading_area(arrangement: &Arrangement) -> Rect {
    let (exchange, timeline) = (arrangement.pane(Pane::Exchange), arrangement.pane(Pane::Timeline));
    match (exchange, timeline) {
        (Some(exchange), _) if exchange.width >= READABLE && exchange.height >= 30 => exchange,
        (Some(exchange), Some(timeline)) if exchange.union(timeline).width >= READABLE => {
            let both = exchange.union(timeline);
            if both.width == arrangement.body.width { arrangement.body } else { both }
        }
        _ => arrangement.body,
    }
}
