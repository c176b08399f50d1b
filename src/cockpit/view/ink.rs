//! Ink: runs of text in the roles of a theme, and the rows that panes are made of.

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::cockpit::theme::{Role, Theme};
use crate::incident::{Lines, Manner, Safe, Untrusted};

/// What stands where text was left out.
pub(super) const CUT: &str = "…";

/// Text that may be drawn: a constant, a [`Safe`], or something this room wrote itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words(Cow<'static, str>);

/// Text that this room wrote out of numbers, times, and other drawable text.
pub(super) fn ours(text: String) -> Words {
    Words(Cow::Owned(text))
}

/// A plain string of the nouns on one line; names come from outside too.
pub(super) fn named(text: &str) -> Safe {
    Untrusted::from(text).line()
}

/// A plain string as it must be read before deciding: one line, every blank visible.
pub(super) fn exact(text: &str) -> Safe {
    Untrusted::from(text).show(&Manner { lines: Lines::One, ..Manner::EXACT })
}

impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<Safe> for Words {
    fn from(text: Safe) -> Self {
        Self(Cow::Owned(text.into()))
    }
}

/// One run of text in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) role: Role,
    pub(super) text: Cow<'static, str>,
    /// Where it leads, if the terminal can open it.
    pub(super) link: Option<Arc<str>>,
}

impl Run {
    /// A run that leads nowhere.
    fn new(role: Role, text: Cow<'static, str>) -> Self {
        Self { role, text, link: None }
    }

    /// The same run with another text.
    pub(super) fn with(&self, text: String) -> Self {
        Self { role: self.role, text: Cow::Owned(text), link: self.link.clone() }
    }
}

/// One row of the screen, before a theme says how it looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) runs: Vec<Run>,
}

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

impl Row {
    /// An empty row.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A row that begins with `text`.
    pub(super) fn of(role: Role, text: impl Into<Words>) -> Self {
        Self::new().put(role, text)
    }

    /// Adds `text`, with every mark of a hidden character standing out.
    pub(super) fn put(mut self, role: Role, text: impl Into<Words>) -> Self {
        self.add(role, text.into().0);
        self
    }

    /// Adds the words of a link, with the address that they lead to.
    pub(super) fn put_link(mut self, words: impl Into<Words>, address: &Arc<str>) -> Self {
        let from = self.runs.len();
        self.add(Role::Link, words.into().0);
        for run in self.runs.iter_mut().skip(from) {
            run.link = Some(Arc::clone(address));
        }
        self
    }

    /// Adds all of another row.
    pub(super) fn join(mut self, other: Self) -> Self {
        self.runs.extend(other.runs);
        self
    }

    /// Adds `count` blanks.
    pub(super) fn gap(mut self, count: usize) -> Self {
        if count > 0 {
            self.runs.push(Run::new(Role::Text, Cow::Owned(" ".repeat(count))));
        }
        self
    }

    /// Adds blanks up to a column.
    pub(super) fn to(self, column: usize) -> Self {
        let missing = column.saturating_sub(self.width());
        self.gap(missing)
    }

    fn add(&mut self, role: Role, text: Cow<'static, str>) {
        if !text.contains(is_mark) {
            self.runs.push(Run::new(role, text));
            return;
        }
        let mut rest = text.as_ref();
        while let Some((plain, mark, after)) = next_mark(rest) {
            for (role, part) in [(role, plain), (Role::Hostile, mark)] {
                if !part.is_empty() {
                    self.runs.push(Run::new(role, Cow::Owned(part.to_owned())));
                }
            }
            rest = after;
        }
        if !rest.is_empty() {
            self.runs.push(Run::new(role, Cow::Owned(rest.to_owned())));
        }
    }

    /// The columns it takes.
    pub(super) fn width(&self) -> usize {
        self.runs.iter().map(|run| columns(&run.text)).sum()
    }

    /// The row within `width` columns; what does not fit ends in an ellipsis.
    pub(super) fn fit(self, width: usize) -> Self {
        if self.width() <= width {
            return self;
        }
        let mut left = width.saturating_sub(1);
        let mut fitted = Self::new();
        let mut role = Role::Text;
        for run in self.runs {
            role = run.role;
            let taken = head(&run.text, left).to_owned();
            left -= columns(&taken);
            let whole = taken.len() == run.text.len();
            if !taken.is_empty() {
                fitted.runs.push(run.with(taken));
            }
            if !whole {
                break;
            }
        }
        if width > 0 {
            fitted.runs.push(Run::new(role, Cow::Borrowed(CUT)));
        }
        fitted
    }

    /// The row with `end` at the right edge of `width` columns; the row itself gives way.
    pub(super) fn with_end(self, end: Self, width: usize) -> Self {
        if end.runs.is_empty() {
            return self.fit(width);
        }
        let end = end.fit(width);
        let room = width.saturating_sub(end.width() + 1);
        self.fit(room).to(width.saturating_sub(end.width())).join(end)
    }

    /// The row as a theme shows it.
    pub(super) fn line(self, theme: &Theme) -> Line<'static> {
        let spans = self.runs.into_iter().map(|run| Span::styled(run.text, style(theme, run.role)));
        Line::from(spans.collect::<Vec<_>>())
    }
}

/// How a role looks on the person's own ground.
pub(super) fn style(theme: &Theme, role: Role) -> Style {
    theme.style(role)
}

/// The longest beginning of `text` within `width` columns.
pub(super) fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += columns(cluster);
        if used > width {
            break;
        }
        end = at + cluster.len();
    }
    text.get(..end).unwrap_or_default()
}

/// Whether a character stands for one that nobody would have seen.
fn is_mark(c: char) -> bool {
    c == '⟨' || ('\u{2400}'..='\u{2421}').contains(&c)
}

/// Splits at the next mark: what stands before it, the mark, and what follows.
fn next_mark(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(is_mark)?;
    let (plain, rest) = text.split_at(at);
    let first = rest.chars().next()?;
    let length = match rest.find('⟩').filter(|_| first == '⟨') {
        Some(close) => close + '⟩'.len_utf8(),
        None => first.len_utf8(),
    };
    let (mark, after) = rest.split_at_checked(length)?;
    Some((plain, mark, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(row: &Row) -> String {
        row.runs.iter().map(|run| run.text.as_ref()).collect()
    }

    #[test]
    fn a_row_gives_way_to_its_end() {
        let row = Row::of(Role::Text, "a long beginning");
        let row = row.with_end(Row::of(Role::Muted, "end"), 12);
        assert_eq!(text(&row), "a long … end");
        assert_eq!(row.width(), 12);
    }

    #[test]
    fn wide_letters_are_counted_by_the_columns_they_take() {
        assert_eq!(head("日本語", 5), "日本");
        assert_eq!(text(&Row::of(Role::Text, "日本語").fit(5)), "日本…");
    }

    #[test]
    fn a_hidden_character_stands_out_of_its_text() {
        let row = Row::of(Role::Code, Untrusted::from("a\u{202e}b\rc").line());
        let hostile: Vec<_> = row.runs.iter().filter(|run| run.role == Role::Hostile).collect();
        assert_eq!(hostile.len(), 2);
        assert_eq!(text(&row), "a⟨U+202E⟩b␍c");
    }
}
