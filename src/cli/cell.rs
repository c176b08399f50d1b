//! The smallest piece of output for people: safe text with an ink.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::incident::{Manner, Safe, Severity, Untrusted};

/// What a piece of text means; how that looks is decided where colours are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    /// Ordinary text.
    #[default]
    Plain,
    /// Text that stands out: headings, names.
    Strong,
    /// Text that can be skipped: times, ids.
    Muted,
    /// Waits for a person.
    Pending,
    /// It worked.
    Good,
    /// It failed or is grave.
    Bad,
}

impl Ink {
    /// The style of it where colours are shown.
    pub(super) fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Muted => Style::new().dimmed(),
            Self::Pending => AnsiColor::Yellow.on_default(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
        }
    }
}

/// A piece of output; its text can act on no terminal, wherever it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    text: Safe,
    ink: Ink,
}

impl Cell {
    /// Anything that can be displayed, on one line; text that was shown already comes as it is.
    pub fn of(text: impl Display) -> Self {
        Untrusted::from(text.to_string()).show(&Manner::LINE.uncut()).into()
    }

    /// A moment, in the time zone of the reader with its offset.
    pub fn time(at: Timestamp) -> Self {
        let local = at.to_zoned(TimeZone::system());
        Self::of(local.strftime("%Y-%m-%d %H:%M:%S%:z")).ink(Ink::Muted)
    }

    /// A severity as shape and word.
    pub fn severity(severity: Severity) -> Self {
        let (shape, ink) = match severity {
            Severity::Sev1 => ("▲", Ink::Bad),
            Severity::Sev2 => ("▲", Ink::Pending),
            Severity::Sev3 | Severity::Sev4 => ("△", Ink::Plain),
        };
        Self::of(format!("{shape} {}", severity.word())).ink(ink)
    }

    /// The same text in another ink.
    pub fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.text.width()
    }

    /// The text, cut to at most that many columns with a mark where it was cut.
    pub(super) fn cut(&self, columns: usize) -> String {
        if self.width() <= columns {
            return self.text.as_str().to_owned();
        }
        let mut kept = String::new();
        let mut taken = 0;
        for c in self.text.chars() {
            let wide = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            if taken + wide + 1 > columns {
                break;
            }
            taken += wide;
            kept.push(c);
        }
        kept.push('…');
        kept
    }

    /// The text as it is.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub(super) fn meaning(&self) -> Ink {
        self.ink
    }
}

impl From<Safe> for Cell {
    fn from(text: Safe) -> Self {
        Self { text, ink: Ink::Plain }
    }
}

impl From<&'static str> for Cell {
    fn from(text: &'static str) -> Self {
        Safe::constant(text).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_holds_what_acts_on_a_terminal() {
        let cell = Cell::of("a\u{1b}]0;x\u{7}\u{202e}b\nc");
        assert!(cell.text().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{cell:?}");
    }

    #[test]
    fn a_cut_never_takes_more_columns_than_it_is_given() {
        let cell = Cell::of("日本語のテキスト");
        assert_eq!(cell.cut(6), "日本…");
        assert_eq!(cell.cut(16), "日本語のテキスト");
    }
}
