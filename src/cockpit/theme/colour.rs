//! Colours on terminals of every kind: fewer of them where there are fewer, and contrast by calculation.

use anstyle::{Ansi256Color, AnsiColor, RgbColor};
use anstyle_lossy::palette::Palette;
use ratatui::style::Color;
use supports_color::ColorLevel;

/// The colours that stand for a terminal's own sixteen when one must be matched.
const STANDARD: Palette = anstyle_lossy::palette::VGA;

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal without colours.
    None,
    /// The sixteen that the terminal names itself.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    Full,
}

impl From<Option<ColorLevel>> for Depth {
    fn from(level: Option<ColorLevel>) -> Self {
        match level {
            None => Self::None,
            Some(level) if level.has_16m => Self::Full,
            Some(level) if level.has_256 => Self::Indexed,
            Some(_) => Self::Sixteen,
        }
    }
}

impl Depth {
    /// The nearest colour that the terminal shows; none if it shows no colours.
    pub fn nearest(self, colour: Color) -> Option<Color> {
        match (self, colour) {
            (Self::None, _) => None,
            (Self::Indexed, Color::Rgb(..)) => {
                exact(colour).map(|rgb| Color::Indexed(anstyle_lossy::rgb_to_xterm(rgb).index()))
            }
            (Self::Sixteen, Color::Rgb(..)) => {
                exact(colour).map(|rgb| named(anstyle_lossy::rgb_to_ansi(rgb, STANDARD)))
            }
            (Self::Sixteen, Color::Indexed(index)) => {
                Some(named(anstyle_lossy::xterm_to_ansi(Ansi256Color(index), STANDARD)))
            }
            (Self::Sixteen | Self::Indexed | Self::Full, colour) => Some(colour),
        }
    }
}

/// The ratio of two colours' luminance, 1 to 21; none where the terminal decides what they look like.
///
/// Source: WCAG 2.2, "contrast ratio" and "relative luminance".
pub fn contrast(one: Color, other: Color) -> Option<f64> {
    let (one, other) = (luminance(exact(one)?), luminance(exact(other)?));
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

fn luminance(RgbColor(red, green, blue): RgbColor) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn exact(colour: Color) -> Option<RgbColor> {
    match colour {
        Color::Rgb(red, green, blue) => Some(RgbColor(red, green, blue)),
        Color::Indexed(index) if index >= 16 => {
            Some(anstyle_lossy::xterm_to_rgb(Ansi256Color(index), STANDARD))
        }
        _ => None,
    }
}

fn named(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White => Color::Gray,
        AnsiColor::BrightBlack => Color::DarkGray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMBER: Color = Color::Rgb(0xf0, 0xc8, 0x5a);

    #[test]
    fn a_colour_becomes_the_nearest_that_the_terminal_shows() {
        assert_eq!(Depth::Full.nearest(AMBER), Some(AMBER));
        assert_eq!(Depth::Indexed.nearest(AMBER), Some(Color::Indexed(221)));
        assert_eq!(Depth::Sixteen.nearest(Color::Rgb(255, 90, 80)), Some(Color::LightRed));
        assert_eq!(Depth::Sixteen.nearest(Color::Indexed(203)), Some(Color::LightRed));
        assert_eq!(Depth::None.nearest(AMBER), None);
    }

    #[test]
    fn the_terminals_own_colours_are_left_alone() {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::Full] {
            assert_eq!(depth.nearest(Color::Reset), Some(Color::Reset));
            assert_eq!(depth.nearest(Color::Yellow), Some(Color::Yellow));
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let (black, white) = (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
        assert!((contrast(black, white).unwrap() - 21.0).abs() < 0.001);
        assert!((contrast(Color::Rgb(0x77, 0x77, 0x77), white).unwrap() - 4.48).abs() < 0.01);
        assert_eq!(contrast(Color::Reset, white), None);
    }
}
