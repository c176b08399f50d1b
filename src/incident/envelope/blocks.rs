//! Where a line of Markdown stands: in the open, in a quote, in code, or out of sight.

/// What a reader of the rendered text takes a line for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Said by the author, in the open.
    Plain,
    /// Quoted from somebody else, or read as the continuation of a quote.
    Quoted,
    /// Inside a code fence, or the fence itself.
    Fenced,
    /// Inside an HTML comment, where nobody sees it.
    Hidden,
}

/// The blocks that are open after the lines read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    fence: Option<Fence>,
    comment: bool,
    quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    mark: char,
    length: usize,
}

impl Blocks {
    /// The blocks that are open at the end of a text.
    pub(super) fn after(text: &str) -> Self {
        let mut blocks = Self::default();
        for line in lines(text) {
            blocks.read(line);
        }
        blocks
    }

    /// Reads the next line and says where it stands.
    pub(super) fn read(&mut self, line: &str) -> Standing {
        if let Some(fence) = self.fence {
            if fence.is_closed_by(line) {
                self.fence = None;
            }
            return Standing::Fenced;
        }
        let hidden = self.comment;
        if line.is_empty() && !hidden {
            self.quoted = false;
            return Standing::Plain;
        }
        self.comment = ends_in_comment(line, hidden);
        if hidden {
            return Standing::Hidden;
        }
        if is_quote(line) {
            self.quoted = true;
            return Standing::Quoted;
        }
        if line.trim().is_empty() {
            self.quoted = false;
            return Standing::Plain;
        }
        self.fence = Fence::opened_by(line);
        match self.fence {
            Some(_) => {
                (self.quoted, self.comment) = (false, false);
                Standing::Fenced
            }
            None if self.quoted => Standing::Quoted,
            None => Standing::Plain,
        }
    }

    /// The line that closes what is still open, if anything is.
    pub(super) fn closer(&self) -> Option<String> {
        match self.fence {
            Some(fence) => Some(fence.mark.to_string().repeat(fence.length)),
            None => self.comment.then(|| "-->".to_owned()),
        }
    }
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let (mark, length, rest) = fence_run(line)?;
        // Backticks after backticks are inline code, not a fence.
        (mark == '~' || !rest.contains('`')).then_some(Self { mark, length })
    }

    fn is_closed_by(self, line: &str) -> bool {
        fence_run(line).is_some_and(|(mark, length, rest)| {
            mark == self.mark && length >= self.length && rest.trim().is_empty()
        })
    }
}

/// The run of fence characters at the start of a line, and what follows it.
fn fence_run(line: &str) -> Option<(char, usize, &str)> {
    let unindented = line.trim_start_matches(' ');
    let mark = unindented.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = unindented.trim_start_matches(mark);
    let length = unindented.len() - rest.len();
    (line.len() - unindented.len() <= 3 && length >= 3).then_some((mark, length, rest))
}

fn ends_in_comment(line: &str, mut inside: bool) -> bool {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(if inside { "-->" } else { "<!--" }) {
        inside = !inside;
        rest = after;
    }
    inside
}

/// Whether a line begins a quote, also one inside of list items.
pub(super) fn is_quote(line: &str) -> bool {
    unlisted(line).starts_with('>')
}

/// A line without indentation and list markers.
pub(super) fn unlisted(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let item = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = item.strip_prefix(['-', '*', '+', '.', ')']);
        match after.filter(|after| after.starts_with([' ', '\t'])) {
            Some(after) => rest = after.trim_start(),
            None => return rest,
        }
    }
}

/// The lines of a text, without their endings.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}
