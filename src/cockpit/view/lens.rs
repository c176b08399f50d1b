//! The lens: what the model is seen through, and the frames that panes and panels stand in.

use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::widgets::{Block, BorderType, Borders, Clear};

use super::ink::{Row, style};
use super::link;
use super::memo::Memo;
use super::pen::Pen;
use crate::cockpit::core::{Action, Context, KeyRow, Model};
use crate::cockpit::theme::{Role, Theme};
use crate::incident::Safe;

/// What the model is seen through.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    /// How roles look.
    pub theme: &'a Theme,
    /// The live keymap, for every hint on the screen.
    pub keys: &'a [KeyRow],
    /// The zone in which times are written.
    pub zone: &'a TimeZone,
    /// What was set in earlier frames.
    pub memo: &'a Memo,
}

impl<'a> Lens<'a> {
    /// What is needed to write rows about this model.
    pub(super) fn pen(&self, model: &'a Model) -> Pen<'a> {
        Pen {
            now: model.now,
            zone: self.zone,
            partners: &model.gates.partners,
            trackers: &model.gates.trackers,
            memo: self.memo,
        }
    }

    /// The first key that asks for an action where the person is, as people write it.
    pub(super) fn key(&self, action: Action, context: Context) -> Option<Safe> {
        let here = |row: &&KeyRow| row.action == action && row.context == context;
        let anywhere = |row: &&KeyRow| row.action == action && row.context == Context::Anywhere;
        let found = self
            .keys
            .iter()
            .find(here)
            .or_else(|| self.keys.iter().find(anywhere).filter(|_| !context.takes_text()));
        found?.keys.first().map(|key| super::ink::named(key))
    }

    /// Draws rows from the top of an area.
    pub(super) fn rows(&self, frame: &mut Frame<'_>, area: Rect, rows: Vec<Row>) {
        for (row, area) in rows.into_iter().zip(area.rows()) {
            let row = row.fit(area.width.into());
            let linked = row.runs.iter().any(|run| run.link.is_some()).then(|| row.clone());
            frame.render_widget(row.line(self.theme), area);
            if let Some(row) = linked {
                link::connect(frame, area, &row);
            }
        }
    }

    /// Marks what was drawn in `area` as selected; what has a ground of its own keeps it, and is read.
    pub(super) fn select(&self, frame: &mut Frame<'_>, area: Rect) {
        let selected = style(self.theme, Role::Selection);
        let ground = self.theme.style(Role::Surface).bg.unwrap_or_default();
        let buffer = frame.buffer_mut();
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position).filter(|cell| cell.bg == ground) {
                cell.set_style(selected);
            }
        }
    }

    /// Draws one row.
    pub(super) fn row(&self, frame: &mut Frame<'_>, area: Rect, row: Row) {
        self.rows(frame, area, vec![row]);
    }
}

/// Whether a frame hears the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hears {
    Keys,
    Nothing,
}

/// The frame of a pane or a panel: its title on the left, what it counts on the right.
pub(super) struct Surround {
    pub(super) title: Row,
    pub(super) end: Row,
    pub(super) hears: Hears,
}

impl Surround {
    /// A frame with a title.
    pub(super) fn new(title: Row, hears: Hears) -> Self {
        Self { title, end: Row::new(), hears }
    }

    /// Adds what stands on the right of the title.
    pub(super) fn end(self, end: Row) -> Self {
        Self { end, ..self }
    }

    /// Draws the frame and returns what is left inside, with a blank column on each side.
    ///
    /// Where columns are scarce the frame is a single rule above.
    pub(super) fn draw(self, frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>) -> Rect {
        let boxed = frame.area().width >= 100;
        // Told apart by weight, not by colour alone.
        let (role, kind) = match self.hears {
            Hears::Keys => (Role::Focus, BorderType::Thick),
            Hears::Nothing if boxed => (Role::Border, BorderType::Rounded),
            Hears::Nothing => (Role::Border, BorderType::Plain),
        };
        let room = usize::from(area.width).saturating_sub(4);
        let end = pad(self.end);
        let title = pad(self.title).fit(room.saturating_sub(end.width() + 1));
        let borders = if boxed { Borders::ALL } else { Borders::TOP };
        let block = Block::new()
            .borders(borders)
            .border_type(kind)
            .border_style(style(lens.theme, role))
            .title_top(title.line(lens.theme))
            .title_top(end.line(lens.theme).right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        inner.inner(Margin::new(1, 0))
    }

    /// Draws the frame over whatever stood there.
    pub(super) fn draw_over(self, frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>) -> Rect {
        frame.render_widget(Clear, area);
        frame.buffer_mut().set_style(area, style(lens.theme, Role::Surface));
        self.draw(frame, area, lens)
    }
}

fn pad(row: Row) -> Row {
    if row.runs.is_empty() { row } else { Row::new().gap(1).join(row).gap(1) }
}
