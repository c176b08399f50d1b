//! Names and numbers that GitHub would make something of: told so that nobody is called.
//!
//! `@name` calls a person and `#12` leaves a trace in another issue, whoever wrote it and why. An empty
//! comment between sign and name keeps GitHub from it and is not shown; it is taken out when the text is read.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use crate::incident::decode;

/// What keeps a sign and a name apart.
const APART: &str = "<!-- -->";

/// How far back an address is looked for, in characters.
const LONGEST_ADDRESS: usize = 512;

/// What every text of ours has in its last line.
const OURS: &str = "[wheelhouse 1 ";

/// A text as it is sent: what a person writes calls whom it names, what anybody else writes calls nobody.
pub(super) fn quiet(text: &str) -> String {
    let by = decode(&text.into()).map(|found| found.trailer.actor.to_string());
    let loud = match by {
        Some(by) if by.starts_with("human:") => Vec::new(),
        _ => loud(text),
    };
    let is_loud = |at: usize| {
        let next = loud.partition_point(|range| range.end <= at);
        loud.get(next).is_some_and(|range| range.start <= at)
    };
    let is_meant = |before: &str, after: &str| {
        // What was apart before gets one more, so that taking one out gives back what was written.
        after.starts_with(APART) || is_loud(before.len() - 1) && calls(before, after)
    };
    rewritten(text, is_meant, |after| (APART, after))
}

/// A text of ours as it was before it was sent.
pub(super) fn spoken(text: &str) -> String {
    if !text.contains(OURS) {
        return text.to_owned();
    }
    let is_apart = |_: &str, after: &str| after.starts_with(APART);
    rewritten(text, is_apart, |after| ("", after.strip_prefix(APART).unwrap_or(after)))
}

/// Goes through a text and changes what follows some of its signs.
fn rewritten<'a>(
    text: &'a str,
    is_meant: impl Fn(&str, &str) -> bool,
    change: impl Fn(&'a str) -> (&'static str, &'a str),
) -> String {
    let (mut told, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(end) = sign(rest) {
        let (before, after) = rest.split_at(end);
        told.push_str(before);
        let head = text.get(..text.len() - after.len()).unwrap_or_default();
        rest = after;
        if is_meant(head, after) {
            let (more, left) = change(after);
            told.push_str(more);
            rest = left;
        }
    }
    told.push_str(rest);
    told
}

/// Where the next sign ends: `@`, `#`, or the dash of `GH-`.
fn sign(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_sign = |at: &usize| match bytes.get(*at) {
        Some(b'@' | b'#') => true,
        Some(b'-') => {
            let word = at.checked_sub(2).and_then(|from| bytes.get(from..*at));
            word.is_some_and(|word| word.eq_ignore_ascii_case(b"gh"))
        }
        _ => false,
    };
    (0..bytes.len()).find(is_sign).map(|at| at + 1)
}

/// Whether what stands around a sign makes GitHub do something.
fn calls(before: &str, after: &str) -> bool {
    let mut back = before.chars().rev();
    let (Some(sign), Some(next)) = (back.next(), after.chars().next()) else { return false };
    let previous = back.clone().next();
    let word: String = back.take(LONGEST_ADDRESS).take_while(|c| !c.is_whitespace()).collect();
    // In an address it is part of the address, in an entity part of a letter.
    if word.contains("//:") || word.starts_with('&') {
        return false;
    }
    match sign {
        '@' => {
            let in_word = previous.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            next.is_ascii_alphanumeric() && !in_word
        }
        _ => next.is_ascii_digit(),
    }
}

/// The parts of a text in which GitHub looks for names and numbers: not in code, and not in comments.
fn loud(text: &str) -> Vec<Range<usize>> {
    let (mut loud, mut silent, mut in_comment) = (Vec::new(), 0_usize, false);
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => silent += 1,
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                silent += 1;
            }
            Event::End(TagEnd::CodeBlock | TagEnd::Link) => silent = silent.saturating_sub(1),
            Event::Text(_) if silent == 0 => loud.push(range),
            Event::Html(html) => {
                in_comment |= html.trim_start().starts_with("<!--");
                // What stands behind the end of a comment belongs to the same block.
                let from = match html.rfind("-->") {
                    Some(end) if in_comment => range.start + end,
                    None if in_comment => range.end,
                    _ => range.start,
                };
                in_comment &= !html.contains("-->");
                loud.push(from..range.end);
            }
            Event::InlineHtml(html) if !html.starts_with("<!--") => loud.push(range),
            _ => {}
        }
    }
    loud
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AGENT: &str = "\n\n[wheelhouse 1 01KAGX5T0A7Q8ZJ5N3M4P00001 finding agent:primary@eu1]";

    #[test]
    fn what_an_agent_writes_calls_nobody() {
        for (written, sent) in [
            ("ask @ada and @org/team", "ask @<!-- -->ada and @<!-- -->org/team"),
            ("(@ada)", "(@<!-- -->ada)"),
            ("see #12, o/r#7 and gh-9", "see #<!-- -->12, o/r#<!-- -->7 and gh-<!-- -->9"),
            ("mail ada@host.example", "mail ada@host.example"),
            ("`@ada` and\n\n```\n@ada #12\n```", "`@ada` and\n\n```\n@ada #12\n```"),
            ("https://host.example/@ada#12", "https://host.example/@ada#12"),
            ("# a title\n\n@ home, #tag &#12;", "# a title\n\n@ home, #tag &#12;"),
            ("<b>@ada</b> <!-- @ada -->", "<b>@<!-- -->ada</b> <!-- @ada -->"),
            ("an open ` tick @ada", "an open ` tick @<!-- -->ada"),
        ] {
            let (written, sent) = (format!("{written}{AGENT}"), format!("{sent}{AGENT}"));
            assert_eq!(quiet(&written), sent);
            assert_eq!(spoken(&sent), written);
        }
    }

    #[test]
    fn what_a_person_writes_calls_whom_it_names() {
        let by_ada = AGENT.replace("agent:primary@eu1", "human:ada");
        let text = format!("@grace look at #12{by_ada}");
        assert_eq!(quiet(&text), text);
    }

    #[test]
    fn what_others_wrote_is_shown_as_it_stands_there() {
        let foreign = "@<!-- -->ada";
        assert_eq!(spoken(foreign), foreign);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_reads_as_it_was_written(
            text in "([@#a1 `]|gh-|GH-|<!-- -->|\n|```\n|<b>|://|é){0,24}"
        ) {
            let written = format!("{text}{AGENT}");
            prop_assert_eq!(spoken(&quiet(&written)), written);
        }
    }
}
