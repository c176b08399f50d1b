//! A drawn buffer as an SVG picture that looks the same everywhere: no fonts, no script, no network.

use std::path::Path;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::snapshot::{rows, symbol};

const CELL_WIDTH: f64 = 8.4;
const CELL_HEIGHT: f64 = 17.0;
const BASELINE: f64 = 13.0;
const MARGIN: f64 = 12.0;
const TITLE_BAR: f64 = 34.0;
const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";
const DOTS: [&str; 3] = ["#ff5f57", "#febc2e", "#28c840"];

/// The terminal that a picture pretends to be: what `Reset` and the 16 ANSI colours look like.
pub(crate) struct Canvas {
    foreground: &'static str,
    background: &'static str,
    ansi: [&'static str; 16],
}

/// A terminal with a dark background.
pub(crate) const DARK: Canvas = Canvas {
    foreground: "#d8dee9",
    background: "#14161b",
    ansi: [
        "#22262e", "#e0605f", "#8fbf6f", "#e6b450", "#6ca6e8", "#b98cd9", "#5fbfb5", "#c5cad3",
        "#6b7280", "#f38b8a", "#b0d991", "#f5cf7f", "#93c2f5", "#d3afeb", "#8cdad2", "#f2f4f8",
    ],
};

/// A terminal with a light background.
pub(crate) const LIGHT: Canvas = Canvas {
    foreground: "#2a2d34",
    background: "#fbfaf7",
    ansi: [
        "#2a2d34", "#b3261e", "#37702a", "#8a5a00", "#1f5fa8", "#7b3fa0", "#0f6f6a", "#6a6f78",
        "#5b6069", "#cf3a31", "#478a37", "#a56d00", "#2c74c7", "#9350bb", "#15857f", "#14161b",
    ],
};

/// Compares a picture with `screenshots/<name>.svg`; `SCREENSHOTS=update` writes it instead.
pub(crate) fn assert_screenshot(name: &str, buffer: &Buffer, canvas: &Canvas) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("screenshots/{name}.svg"));
    #[expect(clippy::disallowed_methods, reason = "a switch for the person who runs the tests")]
    let updating = std::env::var("SCREENSHOTS").is_ok_and(|value| value == "update");
    if let Err(drift) = compared(&path, &as_svg(name, buffer, canvas), updating) {
        panic!("{drift}");
    }
}

fn compared(path: &Path, picture: &str, updating: bool) -> Result<(), String> {
    if updating {
        return std::fs::write(path, picture)
            .map_err(|error| format!("{}: {error}", path.display()));
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    (kept == picture).then_some(()).ok_or_else(|| {
        format!(
            "{} is not what the view draws now\nhint: `SCREENSHOTS=update cargo test` draws it anew; \
             look at it before you commit it",
            path.display()
        )
    })
}

/// Draws the buffer as a window with a title bar.
pub(crate) fn as_svg(name: &str, buffer: &Buffer, canvas: &Canvas) -> String {
    let width = f64::from(buffer.area.width) * CELL_WIDTH + 2.0 * MARGIN;
    let height = f64::from(buffer.area.height) * CELL_HEIGHT + TITLE_BAR + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
         viewBox=\"0 0 {w} {h}\" font-family=\"{FONT}\" font-size=\"14\">\n\
         <title>Wheelhouse: {title}</title>\n\
         <rect width=\"{w}\" height=\"{h}\" rx=\"9\" fill=\"{bg}\"/>\n",
        w = number(width),
        h = number(height),
        title = escaped(&name.replace('-', " ")),
        bg = canvas.background,
    );
    for (index, dot) in (0_u8..).zip(DOTS) {
        let x = number(20.0 + 20.0 * f64::from(index));
        put(&mut svg, &format!("<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{dot}\"/>"));
    }
    backgrounds(&mut svg, buffer, canvas);
    for (y, row) in (0_u16..).zip(rows(buffer)) {
        glyphs(&mut svg, y, &row, canvas);
    }
    svg.push_str("</svg>\n");
    svg
}

/// One rectangle for each block of equal background, joined across columns and then rows, because a
/// seam between two rectangles shows as a hairline.
fn backgrounds(svg: &mut String, buffer: &Buffer, canvas: &Canvas) {
    let mut open: Vec<(Span, u16)> = Vec::new();
    let mut close = |(span, top): (Span, u16), bottom: u16| {
        put(
            svg,
            &rectangle(
                &span,
                (f64::from(top) * CELL_HEIGHT, f64::from(bottom - top) * CELL_HEIGHT),
            ),
        );
    };
    for (y, row) in (0_u16..).zip(rows(buffer)) {
        let spans = spans(&row, |cell| Ink::of(cell, canvas).background);
        let (still, ended) = open.into_iter().partition(|(span, _)| spans.contains(span));
        let ended: Vec<(Span, u16)> = ended;
        for block in ended {
            close(block, y);
        }
        open = still;
        for span in spans {
            if open.iter().all(|(known, _)| *known != span) {
                open.push((span, y));
            }
        }
    }
    for block in open {
        close(block, buffer.area.height);
    }
}

/// Neighbouring glyphs of one ink, without a blank among them.
struct Word {
    from: u16,
    to: u16,
    ink: Ink,
    text: String,
}

impl Word {
    /// One `<text>` with the place of its first glyph and its length, which together keep the grid in
    /// any font; some renderers know neither lists of places nor blanks that count.
    fn drawn(&self, base: &str) -> String {
        let place = number(MARGIN + f64::from(self.from) * CELL_WIDTH);
        let columns = self.to - self.from;
        let length = number(f64::from(columns) * CELL_WIDTH);
        let length = match columns {
            1 => String::new(),
            _ => format!(" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\""),
        };
        let (ink, text) = (self.ink.attributes(), escaped(&self.text));
        format!("<text x=\"{place}\" y=\"{base}\"{length}{ink}>{text}</text>")
    }
}

/// One `<text>` for each word of the row; lines as thin rectangles.
fn glyphs(svg: &mut String, y: u16, row: &[(u16, &Cell)], canvas: &Canvas) {
    let base = number(TITLE_BAR + f64::from(y) * CELL_HEIGHT + BASELINE);
    let mut words: Vec<Word> = Vec::new();
    for (x, cell) in row {
        let (ink, text) = (Ink::of(cell, canvas), symbol(cell));
        if text.trim().is_empty() || ink.modifiers.contains(Modifier::HIDDEN) {
            continue;
        }
        let to = x + u16::try_from(text.width().max(1)).expect("a glyph is narrow");
        match words.last_mut().filter(|word| word.to == *x && word.ink == ink) {
            Some(word) => {
                word.to = to;
                word.text.push_str(text);
            }
            None => words.push(Word { from: *x, to, ink, text: text.to_owned() }),
        }
    }
    for word in words {
        put(svg, &word.drawn(&base));
    }
    for (at, modifier) in [(CELL_HEIGHT - 2.0, Modifier::UNDERLINED), (8.5, Modifier::CROSSED_OUT)]
    {
        let line = |cell: &Cell| {
            cell.modifier.contains(modifier).then(|| Ink::of(cell, canvas).foreground)
        };
        for span in spans(row, line) {
            put(svg, &rectangle(&span, (f64::from(y) * CELL_HEIGHT + at, 1.0)));
        }
    }
}

/// Neighbouring columns of one colour.
#[derive(Clone, PartialEq)]
struct Span {
    from: u16,
    to: u16,
    color: String,
}

fn spans(row: &[(u16, &Cell)], color: impl Fn(&Cell) -> Option<String>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (x, cell) in row {
        let Some(color) = color(cell) else { continue };
        let width = u16::try_from(symbol(cell).width()).unwrap_or(1).max(1);
        match spans.last_mut() {
            Some(span) if span.to == *x && span.color == color => span.to = x + width,
            _ => spans.push(Span { from: *x, to: x + width, color }),
        }
    }
    spans
}

fn rectangle(span: &Span, (top, height): (f64, f64)) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        number(MARGIN + f64::from(span.from) * CELL_WIDTH),
        number(TITLE_BAR + top),
        number(f64::from(span.to - span.from) * CELL_WIDTH),
        number(height),
        span.color,
    )
}

/// How a glyph is painted, once `Reset`, reversal and palette are resolved.
#[derive(PartialEq)]
struct Ink {
    foreground: String,
    background: Option<String>,
    modifiers: Modifier,
}

impl Ink {
    fn of(cell: &Cell, canvas: &Canvas) -> Self {
        let mut foreground = canvas.hex(cell.fg).unwrap_or_else(|| canvas.foreground.to_owned());
        let mut background = canvas.hex(cell.bg);
        if cell.modifier.contains(Modifier::REVERSED) {
            let under = background.unwrap_or_else(|| canvas.background.to_owned());
            background = Some(std::mem::replace(&mut foreground, under));
        }
        Self { foreground, background, modifiers: cell.modifier }
    }

    fn attributes(&self) -> String {
        let mut attributes = format!(" fill=\"{}\"", self.foreground);
        for (modifier, attribute) in [
            (Modifier::BOLD, " font-weight=\"bold\""),
            (Modifier::ITALIC, " font-style=\"italic\""),
            (Modifier::DIM, " opacity=\"0.6\""),
        ] {
            attributes.push_str(if self.modifiers.contains(modifier) { attribute } else { "" });
        }
        attributes
    }
}

impl Canvas {
    /// The colour as `#rrggbb`; nothing for the terminal's own.
    fn hex(&self, color: Color) -> Option<String> {
        let index = match color {
            Color::Reset => return None,
            Color::Rgb(red, green, blue) => {
                return Some(format!("#{red:02x}{green:02x}{blue:02x}"));
            }
            Color::Indexed(index) => index,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        Some(match index {
            0..=15 => self.ansi[usize::from(index)].to_owned(),
            16..=231 => {
                let cube = index - 16;
                let (red, green, blue) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
                format!("#{red:02x}{green:02x}{blue:02x}")
            }
            232..=255 => format!("#{grey:02x}{grey:02x}{grey:02x}", grey = 8 + 10 * (index - 232)),
        })
    }
}

fn put(svg: &mut String, element: &str) {
    svg.push_str(element);
    svg.push('\n');
}

/// With one decimal at most.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn picture(draw: impl Fn(&mut Buffer)) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 3));
        draw(&mut buffer);
        as_svg("a-window", &buffer, &DARK)
    }

    fn lines<'a>(svg: &'a str, tag: &str) -> Vec<&'a str> {
        svg.lines().filter(|line| line.starts_with(tag)).collect()
    }

    #[test]
    fn every_word_is_a_text_in_its_place() {
        let svg = picture(|buffer| {
            buffer.set_string(0, 0, "a <b", Style::new());
            buffer.set_string(0, 1, "é", Style::new().fg(Color::Red).bold());
        });
        let red = format!(
            "<text x=\"12\" y=\"64\" fill=\"{}\" font-weight=\"bold\">é</text>",
            DARK.ansi[1]
        );
        let ink = format!(" fill=\"{}\"", DARK.foreground);
        let first = format!("<text x=\"12\" y=\"47\"{ink}>a</text>");
        let length = " textLength=\"16.8\" lengthAdjust=\"spacingAndGlyphs\"";
        let second = format!("<text x=\"28.8\" y=\"47\"{length}{ink}>&lt;b</text>");
        assert_eq!(lines(&svg, "<text"), [first, second, red]);
    }

    #[test]
    fn a_block_of_one_background_is_one_rectangle() {
        let svg = picture(|buffer| {
            buffer.set_style(Rect::new(1, 0, 3, 2), Style::new().bg(Color::Indexed(196)));
            buffer.set_style(Rect::new(0, 2, 6, 1), Style::new().bg(Color::Rgb(1, 2, 3)));
        });
        let blocks = lines(&svg, "<rect x");
        assert_eq!(
            blocks[0],
            "<rect x=\"20.4\" y=\"34\" width=\"25.2\" height=\"34\" fill=\"#ff0000\"/>"
        );
        assert_eq!(
            blocks[1],
            "<rect x=\"12\" y=\"68\" width=\"50.4\" height=\"17\" fill=\"#010203\"/>"
        );
        assert_eq!(blocks.len(), 2);
    }

    #[test]
    fn reversed_ink_takes_the_colours_of_the_canvas() {
        let svg = picture(|buffer| {
            buffer.set_string(0, 0, "x", Style::new().reversed().underlined());
        });
        assert!(svg.contains(&format!("fill=\"{}\">x</text>", DARK.background)), "{svg}");
        assert!(svg.contains(&format!("height=\"17\" fill=\"{}\"", DARK.foreground)), "{svg}");
        assert!(svg.contains(&format!("height=\"1\" fill=\"{}\"", DARK.background)), "{svg}");
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a cell with a link in it, as the screen makes them"
    )]
    fn a_wide_or_joined_glyph_and_a_link_keep_the_grid() {
        let svg = picture(|buffer| {
            buffer.set_string(0, 0, "日x", Style::new());
            buffer.set_string(0, 1, "e\u{301}y", Style::new());
            buffer[(0, 2)].set_symbol("\u{1b}]8;;https://example.org\u{1b}\\z\u{1b}]8;;\u{1b}\\");
        });
        assert!(svg.contains("textLength=\"25.2\"") && svg.contains(">日x</text>"), "{svg}");
        assert!(svg.contains(">e\u{301}y</text>"), "{svg}");
        assert!(svg.contains(">z</text>") && !svg.contains('\u{1b}'), "{svg}");
    }

    #[test]
    fn every_colour_has_a_place_on_both_canvases() {
        for canvas in [&DARK, &LIGHT] {
            assert!(canvas.hex(Color::Reset).is_none());
            assert_eq!(canvas.hex(Color::Indexed(9)), canvas.hex(Color::LightRed));
            assert_eq!(canvas.hex(Color::Indexed(231)).unwrap(), "#ffffff");
            assert_eq!(canvas.hex(Color::Indexed(255)).unwrap(), "#eeeeee");
        }
    }

    #[test]
    fn drift_is_a_failure_until_the_picture_is_drawn_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.svg");
        assert!(compared(&path, "new", false).unwrap_err().contains("SCREENSHOTS=update"));
        compared(&path, "new", true).unwrap();
        compared(&path, "new", false).unwrap();
        assert!(compared(&path, "newer", false).is_err());
    }
}
