//! How outside text is made visible: the manner and the one function that applies it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::marks::{
    CLOSE, EMOJI_STACK, OPEN, STACK, is_emoji_joint, is_hidden, is_odd_space, is_pictograph,
    is_reserved, picture, unpicture,
};
use super::safe::Safe;

/// Whether line breaks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// One line: a break is drawn as `␊`.
    One,
    /// One line to skim: a break is a blank.
    Joined,
    /// Line breaks stay line breaks.
    Many,
}

/// How blanks other than the space are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    /// For reading: a tab is four spaces, CR LF is a line break, a no-break space is a space.
    Plain,
    /// For deciding: a tab is `␉`, CR is `␍`, an odd space is a mark such as `⟨U+00A0⟩`.
    Marked,
}

/// How much of a text is shown, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Whether line breaks are kept.
    pub lines: Lines,
    /// How blanks other than the space are drawn.
    pub blanks: Blanks,
    /// Bytes of the original that are looked at; the rest is counted, never read.
    pub cap: usize,
}

impl Manner {
    /// One line of a list: at most 1 KiB.
    pub const LINE: Self = Self { lines: Lines::One, blanks: Blanks::Plain, cap: 1024 };
    /// One line to skim, where a break means nothing: at most 1 KiB.
    pub const GIST: Self = Self { lines: Lines::Joined, ..Self::LINE };
    /// A text to read: at most 64 KiB.
    pub const BLOCK: Self = Self { lines: Lines::Many, blanks: Blanks::Plain, cap: 64 * 1024 };
    /// A text to decide upon: every blank is visible, the original can be read back.
    pub const EXACT: Self = Self { lines: Lines::Many, blanks: Blanks::Marked, cap: 64 * 1024 };

    /// The same manner with another cap, in bytes of the original.
    #[must_use]
    pub const fn capped(self, cap: usize) -> Self {
        Self { cap, ..self }
    }

    /// The same manner without a cap: for exports, never for a screen.
    #[must_use]
    pub const fn uncut(self) -> Self {
        self.capped(usize::MAX)
    }
}

/// Shows `raw`; the cost is bounded by the cap, whatever the length.
pub(super) fn show(raw: &str, manner: &Manner) -> Safe {
    let head = head(raw, manner.cap);
    let cut = raw.len() - head.len();
    let mut ink = Ink::new(head.len());
    let mut rest = head;
    while !rest.is_empty() {
        let (plain, other) = rest.split_at(plain_prefix(rest));
        ink.push_str(plain);
        let cluster = other.graphemes(true).next().unwrap_or_default();
        show_cluster(cluster, manner, &mut ink);
        rest = other.get(cluster.len()..).unwrap_or_default();
    }
    ink.settle();
    if cut > 0 {
        ink.push_str(&format!("{OPEN}+{cut} bytes{CLOSE}"));
    }
    Safe::shown(ink.text, ink.hidden, cut, manner.blanks == Blanks::Marked)
}

/// The original of a text shown under a manner with [`Blanks::Marked`] and not cut.
pub(super) fn unshow(shown: &Safe) -> Option<String> {
    if !shown.is_exact() {
        return None;
    }
    let mut original = String::with_capacity(shown.len());
    let mut rest = shown.as_str();
    while let Some(c) = rest.chars().next() {
        if c == OPEN {
            let (mark, after) = rest.split_once(CLOSE)?;
            read_mark(mark, &mut original)?;
            rest = after;
        } else {
            original.push(unpicture(c).unwrap_or(c));
            rest = rest.get(c.len_utf8()..)?;
        }
    }
    Some(original)
}

/// Reads `⟨U+0301` or `⟨U+0301×992` into `original`.
fn read_mark(mark: &str, original: &mut String) -> Option<()> {
    let code = mark.strip_prefix(OPEN)?.strip_prefix("U+")?;
    let (code, times) = match code.split_once('×') {
        Some((code, times)) => (code, times.parse().ok()?),
        None => (code, 1),
    };
    let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    original.extend(std::iter::repeat_n(c, times));
    Some(())
}

/// The longest prefix of at most `cap` bytes that ends between two scalars.
pub(in crate::incident) fn head(raw: &str, cap: usize) -> &str {
    let mut end = cap.min(raw.len());
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    raw.get(..end).unwrap_or_default()
}

/// How many bytes at the start are ASCII that needs no second look.
///
/// The last one before a non-ASCII scalar is left out, because a mark may stand on it.
fn plain_prefix(text: &str) -> usize {
    let run = text.bytes().take_while(|b| matches!(b, b' '..=b'~')).count();
    match text.as_bytes().get(run) {
        Some(next) if !next.is_ascii() => run.saturating_sub(1),
        _ => run,
    }
}

fn show_cluster(cluster: &str, manner: &Manner, ink: &mut Ink) {
    if cluster == "\r\n" && manner.blanks == Blanks::Plain {
        return show_line_break(manner, ink);
    }
    let mut scalars = cluster.chars();
    if let (Some(c), None) = (scalars.next(), scalars.next()) {
        return show_lone(c, manner, ink);
    }
    // A cluster may be as long as the text, but only the first scalars are ever drawn.
    let scalars: Vec<char> = cluster.chars().collect();
    let stack = if scalars.iter().take(2).any(|&c| is_pictograph(c)) { EMOJI_STACK } else { STACK };
    for (index, &c) in scalars.iter().enumerate() {
        let drawn = index < stack;
        if index == 0 || c.is_ascii() {
            show_lone(c, manner, ink);
        } else if drawn && is_emoji_joint(&scalars, index) {
            ink.push(c);
        } else if is_hidden(c) || is_reserved(c) || !drawn {
            ink.mark(c, 1);
        } else {
            ink.push(c);
        }
    }
}

/// Shows a scalar that stands at the beginning of its cluster.
fn show_lone(c: char, manner: &Manner, ink: &mut Ink) {
    match (c, manner.blanks) {
        ('\n', _) => show_line_break(manner, ink),
        ('\t', Blanks::Plain) => ink.push_str("    "),
        ('\t', Blanks::Marked) => ink.push('␉'),
        (_, Blanks::Plain) if is_odd_space(c) => ink.push(c),
        (_, Blanks::Marked) if is_odd_space(c) => ink.mark(c, 1),
        _ if is_reserved(c) => ink.mark(c, 0),
        _ => match picture(c) {
            Some(picture) => ink.picture(picture),
            // Without a base a combining mark would be drawn onto whatever stands before it.
            None if is_hidden(c) || c.width() == Some(0) => ink.mark(c, 1),
            None => ink.push(c),
        },
    }
}

fn show_line_break(manner: &Manner, ink: &mut Ink) {
    ink.push(match manner.lines {
        Lines::One => '␊',
        Lines::Joined => ' ',
        Lines::Many => '\n',
    });
}

/// The text being shown, with the run of equal marks that is still growing.
struct Ink {
    text: String,
    hidden: usize,
    run: Option<(char, usize)>,
}

impl Ink {
    fn new(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), hidden: 0, run: None }
    }

    fn push(&mut self, c: char) {
        self.settle();
        self.text.push(c);
    }

    fn push_str(&mut self, text: &str) {
        if !text.is_empty() {
            self.settle();
            self.text.push_str(text);
        }
    }

    fn picture(&mut self, picture: char) {
        self.hidden += 1;
        self.push(picture);
    }

    /// Writes `c` as a mark; `hidden` says how many concealed characters that reveals.
    fn mark(&mut self, c: char, hidden: usize) {
        self.hidden += hidden;
        match &mut self.run {
            Some((last, times)) if *last == c => *times += 1,
            _ => {
                self.settle();
                self.run = Some((c, 1));
            }
        }
    }

    fn settle(&mut self) {
        if let Some((c, times)) = self.run.take() {
            let code = u32::from(c);
            let mark = match times {
                1 => format!("{OPEN}U+{code:04X}{CLOSE}"),
                _ => format!("{OPEN}U+{code:04X}×{times}{CLOSE}"),
            };
            self.text.push_str(&mark);
        }
    }
}
