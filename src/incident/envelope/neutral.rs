//! Keeping what others wrote from passing for what Wheelhouse writes.

use super::trailer::MARK;
use crate::incident::Untrusted;

/// How the hidden JSON begins, in any version.
pub(super) const HIDDEN_MARK: &str = "<!-- wheelhouse";
/// What people type at the start of a line.
pub(super) const COMMANDS: [&str; 5] = ["/approve", "/deny", "/redirect", "/respond", "/defer"];

/// Escapes every line of a text that begins like one of ours, with a backslash.
///
/// [`encode`](super::encode) does it to every text, and [`decode`](super::decode) takes it back.
/// Markdown shows the line as it was; elsewhere the backslash shows.
pub fn neutralise(text: &Untrusted) -> Untrusted {
    escape(text.for_storage()).into()
}

/// What [`neutralise`] does.
pub(super) fn escape(text: &str) -> String {
    rewrite(text, |line| {
        let (blank, marker) = split_blank(line);
        is_ours(marker.trim_start_matches('\\')).then(|| format!("{blank}\\{marker}"))
    })
}

/// Takes back what [`escape`] did.
pub(super) fn restore(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    rewrite(text, |line| {
        let (blank, marker) = split_blank(line);
        let escaped = marker.strip_prefix('\\')?;
        is_ours(escaped.trim_start_matches('\\')).then(|| format!("{blank}{escaped}"))
    })
}

fn rewrite(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        match change(line) {
            Some(changed) => out.push_str(&changed),
            None => out.push_str(line),
        }
    }
    out
}

fn split_blank(line: &str) -> (&str, &str) {
    line.split_at(line.len() - line.trim_start().len())
}

fn is_ours(text: &str) -> bool {
    let begins =
        |mark: &str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    begins(MARK) || begins(HIDDEN_MARK) || COMMANDS.into_iter().any(begins)
}
