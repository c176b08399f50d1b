//! Where the panes stand: presets, sizes, zoom, and the rectangles that follow from them.

use ratatui::layout::{Position, Rect};
use serde::{Deserialize, Serialize};

/// The fewest columns and rows on which deciding is possible.
const LEAST: (u16, u16) = (60, 16);

/// The fewest rows of a pane that stands above another.
const LEAST_ROWS: u16 = 3;

/// The four panes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Pane {
    /// The list of incidents.
    Incidents,
    /// The live exchange of the selected incident.
    #[default]
    Exchange,
    /// The merged timeline of the selected incident.
    Timeline,
    /// The inbox of proposals.
    Decisions,
}

impl Pane {
    /// Every pane, in the order in which focus goes round.
    pub const ALL: [Self; 4] = [Self::Incidents, Self::Exchange, Self::Timeline, Self::Decisions];
}

/// A layout made for one kind of work.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The exchange is large.
    #[default]
    Watch,
    /// The decisions are large.
    Command,
    /// The timeline is large.
    Review,
}

/// Whether one pane has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zoom {
    /// All panes are shown.
    #[default]
    Off,
    /// The focused pane has the whole screen.
    On,
}

/// A line between panes that the mouse can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Splitter {
    /// Between the column of incidents and decisions and the rest.
    Side,
    /// Between the exchange and the timeline.
    Streams,
    /// Between the incidents and the decisions.
    Column,
}

/// How large the panes are, in percent; every value is 15 to 85.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSizes {
    /// The column of incidents and decisions, of the whole width.
    pub side: u16,
    /// The exchange, of what the exchange and the timeline share.
    pub exchange: u16,
    /// The incidents, of the height of their column.
    pub incidents: u16,
}

/// How the panes are laid out; kept for the next start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The preset in use.
    pub preset: Preset,
    /// The sizes that the person changed, by preset.
    pub sizes: std::collections::BTreeMap<Preset, SplitSizes>,
    /// Whether one pane has the whole screen.
    pub zoom: Zoom,
    /// Which pane it is, or was the last time.
    pub zoomed: Pane,
}

/// The size of the screen, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Screen {
    /// Whether the screen is too small for a person to read what they would decide.
    pub fn is_cramped(self) -> bool {
        self.columns < LEAST.0 || self.rows < LEAST.1
    }
}

/// The rectangles of one frame; the view draws into them, the mouse is looked up in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// Connection, counts, and the clock.
    pub header: Rect,
    /// What must be seen while it lasts, such as a halt; mostly without rows.
    pub bar: Rect,
    /// Everything between header and strip; overlays lie within.
    pub body: Rect,
    /// One line for what the person sent and for notices.
    pub strip: Rect,
    /// One line of hints.
    pub footer: Rect,
    /// The panes that are shown, with their borders.
    pub panes: Vec<(Pane, Rect)>,
}

impl Arrangement {
    /// The pane at a cell.
    pub fn pane_at(&self, column: u16, row: u16) -> Option<(Pane, Rect)> {
        let at = Position::new(column, row);
        self.panes.iter().copied().find(|(_, area)| area.contains(at))
    }

    /// The splitter at a cell; panes that stand in one pile have none.
    pub fn splitter_at(&self, column: u16, row: u16) -> Option<Splitter> {
        let [incidents, exchange, timeline, decisions] = self.apart()?;
        let near = |edge: u16, at: u16| at == edge || at + 1 == edge;
        if near(exchange.x, column) && self.body.contains(Position::new(column, row)) {
            return Some(Splitter::Side);
        }
        let beside = timeline.x > exchange.x;
        let on_streams = if beside {
            near(timeline.x, column) && self.body.contains(Position::new(column, row))
        } else {
            row == timeline.y && column >= timeline.x
        };
        if on_streams {
            return Some(Splitter::Streams);
        }
        (row == decisions.y && column < incidents.right()).then_some(Splitter::Column)
    }

    /// The four panes, if they stand beside each other.
    fn apart(&self) -> Option<[Rect; 4]> {
        let mut rects = [Rect::default(); 4];
        for (rect, pane) in rects.iter_mut().zip(Pane::ALL) {
            *rect = self.pane(pane)?;
        }
        let [incidents, exchange, ..] = rects;
        (exchange.x > incidents.x).then_some(rects)
    }

    /// The rectangle of a pane, if it is shown.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(shown, _)| *shown == pane).map(|(_, area)| *area)
    }
}

impl Layout {
    /// The sizes in use.
    pub fn current(&self) -> SplitSizes {
        self.sizes.get(&self.preset).copied().unwrap_or(match self.preset {
            Preset::Watch => SplitSizes { side: 24, exchange: 53, incidents: 30 },
            Preset::Command => SplitSizes { side: 42, exchange: 50, incidents: 25 },
            Preset::Review => SplitSizes { side: 22, exchange: 30, incidents: 55 },
        })
    }

    /// Makes a pane larger or smaller by so many percent.
    pub fn grow(&mut self, pane: Pane, by: i16) {
        let mut sizes = self.current();
        let size = match pane {
            Pane::Exchange | Pane::Timeline => &mut sizes.exchange,
            Pane::Incidents | Pane::Decisions => &mut sizes.side,
        };
        let by = if pane == Pane::Timeline { -by } else { by };
        *size = size.saturating_add_signed(by).clamp(15, 85);
        self.sizes.insert(self.preset, sizes);
    }

    /// Moves a splitter to a cell of what is shown.
    pub fn drag(&mut self, splitter: Splitter, (column, row): (u16, u16), shown: &Arrangement) {
        let Some([incidents, exchange, timeline, _]) = shown.apart() else { return };
        let percent = |at: u16, from: u16, whole: u16| {
            let part = u32::from(at.saturating_sub(from)) * 100 / u32::from(whole.max(1));
            u16::try_from(part).unwrap_or(100).clamp(15, 85)
        };
        let mut sizes = self.current();
        match splitter {
            Splitter::Side => sizes.side = percent(column, shown.body.x, shown.body.width),
            Splitter::Column => sizes.incidents = percent(row, incidents.y, shown.body.height),
            Splitter::Streams if timeline.x > exchange.x => {
                sizes.exchange = percent(column, exchange.x, exchange.width + timeline.width);
            }
            Splitter::Streams => sizes.exchange = percent(row, exchange.y, shown.body.height),
        }
        self.sizes.insert(self.preset, sizes);
    }

    /// The rectangles for this screen: three columns from 140 columns on, two from 100, below that
    /// one above the other, and a single pane on a screen too small to decide on. `bar` is how many
    /// rows are kept for what must be seen.
    pub fn arrange(&self, screen: Screen, focus: Pane, bar: u16) -> Arrangement {
        let Screen { columns, rows } = screen;
        let line = |row: u16| Rect::new(0, row.min(rows), columns, u16::from(row < rows));
        let bars: u16 = if screen.is_cramped() { 2 } else { 3 };
        let bar = Rect::new(0, 1.min(rows), columns, bar.min(rows.saturating_sub(bars + 1)));
        let left = rows.saturating_sub(bars + bar.height);
        let body = Rect::new(0, bar.bottom(), columns, left);
        let strip = match bars {
            2 => Rect::new(0, rows.saturating_sub(1), columns, 0),
            _ => line(rows.saturating_sub(2)),
        };
        let panes = if screen.is_cramped() || self.zoom == Zoom::On {
            vec![(focus, body)]
        } else if columns >= 140 {
            self.three_columns(body)
        } else if columns >= 100 {
            self.two_columns(body)
        } else {
            self.stacked(body, focus)
        };
        let (header, footer) = (line(0), line(rows.saturating_sub(1)));
        Arrangement { header, bar, body, strip, footer, panes }
    }

    fn three_columns(&self, body: Rect) -> Vec<(Pane, Rect)> {
        let sizes = self.current();
        let (side, rest) = beside(body, sizes.side);
        let (exchange, timeline) = beside(rest, sizes.exchange);
        let (incidents, decisions) = above(side, sizes.incidents);
        placed(incidents, exchange, timeline, decisions)
    }

    fn two_columns(&self, body: Rect) -> Vec<(Pane, Rect)> {
        let sizes = self.current();
        let (side, rest) = beside(body, sizes.side.max(34));
        let (exchange, timeline) = above(rest, sizes.exchange);
        let (incidents, decisions) = above(side, sizes.incidents);
        placed(incidents, exchange, timeline, decisions)
    }

    /// Every pane keeps its first lines; the focused one is larger, since rows are scarce.
    fn stacked(&self, body: Rect, focus: Pane) -> Vec<(Pane, Rect)> {
        let exchange = self.current().exchange / 20;
        let weight = |pane: Pane| {
            let weight = match pane {
                Pane::Incidents => 1,
                Pane::Decisions => 2,
                Pane::Exchange => 1 + exchange,
                Pane::Timeline => 5 - exchange.min(4),
            };
            if pane == focus { weight + 4 } else { weight }
        };
        let mut weights = Pane::ALL.into_iter().map(weight).sum::<u16>();
        let mut spare = body.height.saturating_sub(4 * LEAST_ROWS);
        let mut y = body.y;
        let mut panes = Vec::with_capacity(Pane::ALL.len());
        for pane in Pane::ALL {
            let more = spare * weight(pane) / weights.max(1);
            let height = (LEAST_ROWS + more).min(body.bottom().saturating_sub(y));
            panes.push((pane, Rect { y, height, ..body }));
            (y, spare, weights) = (y + height, spare - more, weights - weight(pane));
        }
        panes
    }
}

fn placed(incidents: Rect, exchange: Rect, timeline: Rect, decisions: Rect) -> Vec<(Pane, Rect)> {
    Pane::ALL.into_iter().zip([incidents, exchange, timeline, decisions]).collect()
}

/// Splits into left and right.
fn beside(area: Rect, percent: u16) -> (Rect, Rect) {
    let left = part(area.width, percent);
    let right = Rect { x: area.x + left, width: area.width - left, ..area };
    (Rect { width: left, ..area }, right)
}

/// Splits into upper and lower.
fn above(area: Rect, percent: u16) -> (Rect, Rect) {
    let upper = part(area.height, percent);
    let lower = Rect { y: area.y + upper, height: area.height - upper, ..area };
    (Rect { height: upper, ..area }, lower)
}

fn part(whole: u16, percent: u16) -> u16 {
    let part = u32::from(whole) * u32::from(percent.min(100)) / 100;
    u16::try_from(part).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(columns: u16, rows: u16) -> Arrangement {
        Layout::default().arrange(Screen { columns, rows }, Pane::Exchange, 0)
    }

    #[test]
    fn the_panes_fill_the_body_exactly() {
        for (columns, rows) in [(80, 24), (100, 30), (160, 45), (200, 60), (60, 16)] {
            let arranged = arranged(columns, rows);
            let cells = arranged.panes.iter().map(|(_, area)| area.area()).sum::<u32>();
            assert_eq!(cells, arranged.body.area(), "{columns}×{rows}");
            assert!(arranged.panes.iter().all(|(_, area)| area.height >= 3), "{arranged:?}");
        }
    }

    #[test]
    fn a_cramped_screen_shows_one_pane() {
        assert_eq!(arranged(59, 40).panes.len(), 1);
        assert_eq!(arranged(80, 15).panes.len(), 1);
        assert_eq!(arranged(60, 16).panes.len(), 4);
    }

    #[test]
    fn no_screen_is_too_small_to_arrange() {
        for columns in 0..8 {
            for rows in 0..8 {
                let arranged = arranged(columns, rows);
                assert!(arranged.body.bottom() <= rows && arranged.footer.bottom() <= rows);
            }
        }
    }

    #[test]
    fn a_splitter_goes_where_the_mouse_drags_it() {
        for (columns, rows) in [(160, 45), (120, 40)] {
            let mut layout = Layout::default();
            let screen = Screen { columns, rows };
            let shown = layout.arrange(screen, Pane::Exchange, 0);
            let exchange = shown.pane(Pane::Exchange).unwrap();
            assert_eq!(shown.splitter_at(exchange.x, 9), Some(Splitter::Side));
            layout.drag(Splitter::Side, (columns / 2, 9), &shown);
            let moved = layout.arrange(screen, Pane::Exchange, 0);
            assert_eq!(moved.pane(Pane::Exchange).unwrap().x, columns / 2);
            let decisions = moved.pane(Pane::Decisions).unwrap();
            assert_eq!(moved.splitter_at(3, decisions.y), Some(Splitter::Column));
            layout.drag(Splitter::Column, (3, 1), &moved);
            assert_eq!(layout.current().incidents, 15);
        }
        assert_eq!(arranged(80, 24).splitter_at(0, 5), None);
    }

    #[test]
    fn a_pane_never_grows_over_all_the_others() {
        let mut layout = Layout::default();
        (0..40).for_each(|_| layout.grow(Pane::Timeline, 5));
        assert_eq!(layout.current().exchange, 15);
    }
}
