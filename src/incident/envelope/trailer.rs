//! The trailer: the last line of every text that Wheelhouse writes.

use std::fmt;
use std::str::FromStr;

use crate::incident::as_text::as_text;
use crate::incident::{Actor, EntryId, Kind};

/// How every trailer, and nothing else of ours, begins.
pub(super) const MARK: &str = "[wheelhouse ";
/// The version of the trailer.
const VERSION: &str = "1";
/// Longest trailer that is looked at, in bytes; the longest real one has 192.
const MOST_BYTES: usize = 256;
/// Most parts of one text.
const MOST_PARTS: u16 = 999;

/// What the last line of a text claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Which entry the text is a copy of.
    pub id: EntryId,
    /// What kind of entry that is.
    pub kind: Kind,
    /// Who is said to have written it.
    pub actor: ClaimedActor,
    /// Which part of a long text this is.
    pub part: Option<Part>,
}

impl Trailer {
    /// Reads one line, without its line ending; anything but an exact trailer is `None`.
    pub(super) fn read(line: &str) -> Option<Self> {
        if line.len() > MOST_BYTES {
            return None;
        }
        let mut words = line.strip_prefix(MARK)?.strip_suffix(']')?.split(' ');
        if words.next()? != VERSION {
            return None;
        }
        let id = words.next()?.parse().ok()?;
        let kind = Kind::from_word(words.next()?)?;
        let actor = words.next()?.parse().ok()?;
        let part = words.next().map(str::parse).transpose().ok()?;
        words.next().is_none().then_some(Self { id, kind, actor, part })
    }
}

impl fmt::Display for Trailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, actor, part } = self;
        write!(f, "{MARK}{VERSION} {id} {} {actor}", kind.word())?;
        if let Some(part) = part {
            write!(f, " {part}")?;
        }
        f.write_str("]")
    }
}

/// Who a text says wrote it: a claim, from which no [`Actor`] can be made.
///
/// ```compile_fail,E0277
/// # use wheelhouse::incident::{Actor, ClaimedActor};
/// fn trust(claim: ClaimedActor) -> Actor {
///     claim.into()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimedActor(Actor);

impl From<&Actor> for ClaimedActor {
    fn from(actor: &Actor) -> Self {
        Self(actor.clone())
    }
}

impl fmt::Display for ClaimedActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ClaimedActor {
    type Err = crate::incident::ActorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

as_text!(ClaimedActor, "^(human|agent|system):[A-Za-z0-9._-]{1,64}(@[A-Za-z0-9._-]{1,64})?$");

/// Which part of a text this is, when the text is longer than a tracker takes: `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    n: u16,
    of: u16,
}

/// The text is not `n/of` with 1 ≤ n ≤ of ≤ 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read which part this is: 1/3 is expected, with at most 999 parts")]
pub struct PartError;

impl Part {
    /// Names part `n`, counted from 1, of `of` parts; at most 999.
    pub fn new(n: u16, of: u16) -> Option<Self> {
        (1 <= n && n <= of && of <= MOST_PARTS).then_some(Self { n, of })
    }

    /// Which part, counted from 1.
    pub const fn n(self) -> u16 {
        self.n
    }

    /// How many parts there are.
    pub const fn of(self) -> u16 {
        self.of
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.n, self.of)
    }
}

impl FromStr for Part {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let (n, of) = text.split_once('/').ok_or(PartError)?;
        let number = |digits: &str| digits.parse::<u16>().ok();
        let part = number(n).zip(number(of)).and_then(|(n, of)| Self::new(n, of));
        // One spelling only: no sign, no leading zero.
        part.filter(|part| part.to_string() == text).ok_or(PartError)
    }
}

as_text!(Part, "^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$");
