//! What a person types into a tracker to answer a proposal: `/approve <id>` and its family.

use jiff::{SignedDuration, Timestamp};

use super::blocks::{is_quote, lines, unlisted};
use super::codec::is_enveloped;
use super::neutral::COMMANDS;
use crate::incident::text::head;
use crate::incident::{Answer, Digest, ProposalId, Redirect, Untrusted, inspectable};

/// A well-formed command; whether its author may decide is for the hub to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCommand {
    /// The proposal it answers.
    pub proposal: ProposalId,
    /// The digest that the person copied, if any; it must be that of the proposal.
    pub digest: Option<Digest>,
    /// The name of the target as the person typed it, `… on NAME`, where it is required.
    pub target: Option<String>,
    /// The answer.
    pub answer: Answer,
}

/// A line that was meant as a command and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read `{word}` in line {line}: {miss}")]
pub struct NearMiss {
    /// Which line, counted from 1.
    pub line: usize,
    /// The command that was meant.
    pub word: &'static str,
    /// What is wrong with it.
    pub miss: Miss,
}

/// Why a line is not a command, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[expect(missing_docs, reason = "each variant says it in its message")]
pub enum Miss {
    #[error("it stands in a quote")]
    Quoted,
    #[error(
        "something stands above it: type it in the first line of a new comment, and all else below"
    )]
    NotFirst,
    #[error("it stands inside or after code, a comment or a quoted block: put it in front")]
    AfterCode,
    #[error("the line does not begin with it")]
    Indented,
    #[error("the text was written by wheelhouse, which never decides by text")]
    Enveloped,
    #[error("the command is written in small letters, with one space after each word")]
    Spelling,
    #[error("the id of the proposal is missing")]
    IdMissing,
    #[error("the id is too short: the full 26 characters are needed")]
    IdPrefix,
    #[error("the id contains a character that no id has")]
    IdMalformed,
    #[error("the digest is not sha256: and 64 hexadecimal digits: the full one is needed")]
    DigestMalformed,
    #[error("nothing may follow the id and the digest but `on` and the name of the target")]
    TrailingText,
    #[error("a reason is required after the id")]
    ReasonMissing,
    #[error("the answer is missing after the id")]
    TextMissing,
    #[error("one receiver in plain ASCII is required after the id")]
    ReceiverMalformed,
    #[error("a time from 1m to 24h is required after the id")]
    TimeMalformed,
}

/// Longest text in which a command is looked for, in bytes: what GitHub takes as one comment.
const MOST_BYTES: usize = 64 * 1024;

/// Reads the command that a text begins with; the text was written at `at`.
///
/// A command is the first line that is not blank, in the open: not quoted, not indented, not in code. The
/// id is the full one. A text in an envelope of ours has no command. A command in a later line, within
/// the first 64 KiB, is a near miss; it changes nothing if the first line is one.
///
/// # Errors
/// Returns the first line that was meant as a command, if none is one.
pub fn typed_command(text: &Untrusted, at: Timestamp) -> Option<Result<TypedCommand, NearMiss>> {
    let text = text.for_storage();
    let enveloped = is_enveloped(text);
    let text = head(text, MOST_BYTES);
    let mut place = Place::default();
    let (mut aside, mut is_first) = (None, true);
    let mut offset = 0;
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        offset += raw.len();
        let line = raw.trim_end_matches(['\n', '\r']);
        let miss = place.read(line);
        let was_first = is_first;
        is_first &= line.trim().is_empty();
        let Some(word) = meant(line) else { continue };
        let near = |miss| NearMiss { line: index + 1, word, miss };
        let miss = miss.or((!was_first).then_some(Miss::NotFirst));
        if let Some(miss) = enveloped.then_some(Miss::Enveloped).or(miss) {
            aside.get_or_insert_with(|| near(miss));
            continue;
        }
        let below = text.get(offset..).unwrap_or_default();
        return Some(read(word, line, below, at).map_err(near));
    }
    aside.map(Err)
}

/// What the lines so far mean for a command in the next one.
#[derive(Default)]
struct Place {
    after_code: bool,
    quoted: bool,
    inline_code: bool,
}

impl Place {
    /// Reads a line and says what keeps a command in it from counting.
    ///
    /// Renderers disagree about where a block ends, so nothing counts after the first one.
    fn read(&mut self, line: &str) -> Option<Miss> {
        let bare = unlisted(line);
        if line.trim().is_empty() {
            (self.quoted, self.inline_code) = (false, false);
            return None;
        }
        let inline_code = self.inline_code;
        self.inline_code |= bare.contains('`');
        if is_quote(line) {
            self.quoted = true;
        } else {
            self.after_code |= opens_block(bare);
        }
        if self.quoted {
            Some(Miss::Quoted)
        } else if self.after_code || inline_code {
            Some(Miss::AfterCode)
        } else {
            (!line.starts_with('/')).then_some(Miss::Indented)
        }
    }
}

/// Whether a line begins something that may hide or quote what follows, in any tracker's markup.
fn opens_block(bare: &str) -> bool {
    const OPENERS: [&str; 14] = [
        "<!--",
        "<pre",
        "<code",
        "<blockquote",
        "<script",
        "<style",
        "<textarea",
        "<template",
        "<details",
        "{quote",
        "{code",
        "{noformat",
        "[code",
        "[quote",
    ];
    if bare.starts_with("```") || bare.starts_with("~~~") {
        return true;
    }
    bare.match_indices(['<', '{', '[']).any(|(at, _)| {
        let rest = bare.get(at..).unwrap_or_default();
        OPENERS.iter().any(|opener| {
            rest.get(..opener.len()).is_some_and(|start| start.eq_ignore_ascii_case(opener))
        })
    })
}

/// The command that a line was meant to be, however badly it is written.
fn meant(line: &str) -> Option<&'static str> {
    let bare = unlisted(line).trim_start_matches(['>', ' ', '\t', '`']);
    COMMANDS.into_iter().find(|word| {
        bare.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !bare.get(word.len()..).unwrap_or_default().starts_with(char::is_alphanumeric)
    })
}

/// Reads a line that stands in the open and begins with a command.
fn read(word: &str, line: &str, below: &str, at: Timestamp) -> Result<TypedCommand, Miss> {
    let rest = line.strip_prefix(word).ok_or(Miss::Spelling)?.trim_end_matches([' ', '\t']);
    if rest.is_empty() {
        return Err(Miss::IdMissing);
    }
    let rest = rest.strip_prefix(' ').ok_or(Miss::Spelling)?;
    let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let proposal = read_id(id)?;
    let (digest, rest) = read_digest(rest)?;
    let target = if word == "/approve" { read_target(rest)? } else { None };
    let answer = match word {
        "/approve" if rest.is_empty() || target.is_some() => Answer::Approve,
        "/approve" => return Err(Miss::TrailingText),
        "/deny" => Answer::Deny { reason: words(rest, below).ok_or(Miss::ReasonMissing)? },
        "/respond" => Answer::Respond { text: words(rest, below).ok_or(Miss::TextMissing)? },
        "/redirect" => Answer::Redirect { redirect: read_receiver(rest)? },
        _ => Answer::Defer { until: read_time(rest, at)? },
    };
    Ok(TypedCommand { proposal, digest, target, answer })
}

fn read_id(id: &str) -> Result<ProposalId, Miss> {
    let letters = id.bytes().all(|b| b.is_ascii_alphanumeric());
    id.parse().map_err(|_| match id.len() {
        0 => Miss::Spelling,
        1..26 if letters => Miss::IdPrefix,
        _ => Miss::IdMalformed,
    })
}

fn read_digest(rest: &str) -> Result<(Option<Digest>, &str), Miss> {
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    if !first.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sha256:")) {
        return Ok((None, rest));
    }
    let digest = first.parse().map_err(|_| Miss::DigestMalformed)?;
    Ok((Some(digest), after))
}

/// The name of the target, typed as on the card before something dangerous is approved.
fn read_target(rest: &str) -> Result<Option<String>, Miss> {
    let Some(name) = rest.strip_prefix("on ") else { return Ok(None) };
    inspectable(name).map_err(|_| Miss::TrailingText)?;
    Ok(Some(name.to_owned()))
}

/// What follows on the line and below it, up to the next command.
fn words(rest: &str, below: &str) -> Option<Untrusted> {
    let more = lines(below).take_while(|line| meant(line).is_none());
    let all = std::iter::once(rest).chain(more).collect::<Vec<_>>().join("\n");
    let all = all.trim();
    (!all.is_empty()).then(|| all.into())
}

fn read_receiver(rest: &str) -> Result<Redirect, Miss> {
    const MOST_BYTES: usize = 129;
    if rest.len() > MOST_BYTES || inspectable(rest).is_err() {
        return Err(Miss::ReceiverMalformed);
    }
    Ok(Redirect::Partner { to: rest.to_owned() })
}

fn read_time(rest: &str, at: Timestamp) -> Result<Timestamp, Miss> {
    let allowed = SignedDuration::from_mins(1)..=SignedDuration::from_hours(24);
    let span: SignedDuration = rest.parse().map_err(|_| Miss::TimeMalformed)?;
    if !allowed.contains(&span) {
        return Err(Miss::TimeMalformed);
    }
    at.checked_add(span).map_err(|_| Miss::TimeMalformed)
}
