//! What must not be told: a secret, however a server that echoes it writes it.

use std::fmt;

use serde_json::Value;

/// From how many characters on the beginning of a secret counts as one: a server may cut what it echoes.
const LEAST: usize = 8;

/// How many bytes one byte takes where it is escaped once.
const LONGEST_ESCAPE: usize = 6;

/// How many backslashes may stand before one byte: each quotation of a quotation has twice as many and one.
const DEEPEST: usize = 32;

/// What stands where a secret stood.
const GAP: char = '…';

/// How short a secret may be and still be hidden: what is shorter guards nothing, and stands in every word.
const SHORTEST: usize = 3;

/// The secrets of one who sends requests, in every alphabet in which these show them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unsaid(Vec<String>);

impl Unsaid {
    /// Keeps these; ones of one or two characters are none.
    pub fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        Self(secrets.into_iter().filter(|secret| secret.chars().count() >= SHORTEST).collect())
    }

    /// Keeps these too.
    pub fn and(&self, others: Self) -> Self {
        Self(self.0.iter().cloned().chain(others.0).collect())
    }

    /// A text from outside without the secrets. It must be whole: of a secret that was cut before, what
    /// is left may be too little to be known; see [`Self::hide_cut`].
    pub fn hide(&self, text: &str) -> String {
        self.without(text, false)
    }

    /// A text that was cut at its end, without the secrets: what stands last may be how one begins.
    pub fn hide_cut(&self, text: &str) -> String {
        self.without(text, true)
    }

    /// What a server answered in JSON without the secrets, in names and in values.
    pub fn hide_in(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.hide(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.hide_in(item)).collect(),
            Value::Object(fields) => {
                let hidden =
                    |(name, value): (String, Value)| (self.hide(&name), self.hide_in(value));
                Value::Object(fields.into_iter().map(hidden).collect())
            }
            other => other,
        }
    }

    fn without(&self, text: &str, is_cut: bool) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let mut told = String::with_capacity(text.len());
        // To where it is known what stands there: a secret, or backslashes that begin none.
        let (mut hidden_to, mut vain_to) = (0, 0);
        for (at, c) in text.char_indices() {
            if at < hidden_to {
                continue;
            }
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let is_open = |secret: &&String| at >= vain_to || secret.starts_with('\\');
            let length = |secret: &String| begins(rest, secret.as_bytes(), is_cut);
            if let Some(length) = self.0.iter().filter(is_open).filter_map(length).max() {
                hidden_to = at + length;
                told.push(GAP);
                continue;
            }
            told.push(c);
            // Wherever in a run of them a reading begins, it goes on with the same byte.
            if c == '\\' && at >= vain_to {
                let run = backslashes(rest);
                vain_to = at + if run > DEEPEST { run - DEEPEST } else { run };
            }
        }
        told
    }
}

impl fmt::Debug for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsaid(…)")
    }
}

/// How many bytes a text begins with that write a secret, or enough of its beginning; of a text that was
/// cut, its last bytes are enough.
fn begins(text: &[u8], secret: &[u8], is_cut: bool) -> Option<usize> {
    let read = |reading: fn(&[u8], u8) -> Option<usize>| {
        let (mut at, mut matched) = (0, 0);
        for byte in secret {
            let Some(length) = text.get(at..).and_then(|rest| reading(rest, *byte)) else { break };
            at += length;
            matched += 1;
        }
        if is_cut && matched > 0 && is_broken_off(text, at) {
            return Some(text.len());
        }
        (matched == secret.len() || matched >= LEAST).then_some(at)
    };
    read(plain).max(read(escaped))
}

/// Whether a text that was cut ends here: with nothing, or with how something escaped begins, of which the
/// first byte may have been read as one that is not escaped.
fn is_broken_off(text: &[u8], at: usize) -> bool {
    let begins = |tail: &[u8]| {
        // Of many backslashes the last one begins it.
        let run = backslashes(tail.get(..DEEPEST).unwrap_or(tail));
        let last = tail.get(run.saturating_sub(1)..).unwrap_or_default();
        last.len() < LONGEST_ESCAPE && matches!(last, [b'\\' | b'%', ..])
    };
    at == text.len()
        || [at, at.saturating_sub(1)].iter().filter_map(|at| text.get(*at..)).any(begins)
}

/// How many backslashes a text begins with.
fn backslashes(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b'\\').count()
}

/// The length of a byte as it is; some servers change the case of what they echo.
fn plain(text: &[u8], byte: u8) -> Option<usize> {
    text.first().filter(|first| first.eq_ignore_ascii_case(&byte)).map(|_| 1)
}

/// The length of a byte as JSON, an address, or a form may write it.
fn escaped(text: &[u8], byte: u8) -> Option<usize> {
    let is = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok();
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) == Some(u32::from(byte))
    };
    for skipped in 0..DEEPEST {
        let length = match text.get(skipped..)? {
            [b'\\', b'u', a, b, c, d, ..] if is(&[*a, *b, *c, *d]) => 6,
            [b'%', a, b, ..] if is(&[*a, *b]) => 3,
            [b'\\', next, ..] if *next == byte => 2,
            // What is quoted in what is quoted is escaped more than once.
            [b'\\', b'\\', ..] => continue,
            [b'+', ..] if byte == b' ' => 1,
            rest => plain(rest, byte)?,
        };
        return Some(skipped + length);
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "s3cret \"can/ary%+\\";

    fn hidden(text: &str) -> String {
        Unsaid::of([SECRET.to_owned(), String::new()]).hide(text)
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        for written in [
            SECRET,
            "S3CRET \"CAN/ARY%+\\",
            r#"s3cret \"can\/ary%+\\"#,
            r"s3cret\u0020\u0022can/ary%+\u005C",
            "s3cret%20%22can%2fary%25%2B%5C",
            "s3cret+%22can%2Fary%25%2B%5c",
        ] {
            assert_eq!(hidden(&format!("a {written} b")), "a … b");
        }
    }

    #[test]
    fn its_beginning_is_hidden_and_nothing_else() {
        assert_eq!(hidden("it was s3cret \"can"), "it was …");
        assert_eq!(hidden("the s3cret of s3cre"), "the s3cret of s3cre");
        assert_eq!(hidden("ünï␛ s3cret \"cañ"), "ünï␛ …ñ");
        let short = Unsaid::of(["key".to_owned(), "t".to_owned()]);
        assert_eq!(short.hide("the key is ke"), "the … is ke");
        assert_eq!(format!("{short:?}"), "Unsaid(…)");
    }

    #[test]
    fn a_secret_in_a_quotation_of_a_quotation_is_hidden() {
        let mut text = SECRET.trim_end_matches('\\').to_owned();
        let unsaid = Unsaid::of([text.clone()]);
        for depth in 0..5 {
            assert_eq!(unsaid.hide(&format!("a {text} b")), "a … b", "{depth}: {text}");
            let quoted = serde_json::to_string(&text).unwrap();
            text = quoted[1..quoted.len() - 1].to_owned();
        }
    }

    #[test]
    fn of_a_text_that_was_cut_anywhere_nothing_of_the_secret_is_left() {
        let unsaid = Unsaid::of([SECRET.to_owned()]);
        let quoted = |text: &str| {
            let quoted = serde_json::to_string(text).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let thrice = quoted(&quoted(&quoted(SECRET)));
        let escaped = [r#"s3cret \"can\/ary%+\\"#, "s3cret%20%22can%2fary%25%2B%5C"];
        for written in [SECRET, &thrice].into_iter().chain(escaped) {
            let whole = format!("it is {written}");
            for length in 7..=whole.len() {
                assert_eq!(unsaid.hide_cut(&whole[..length]), "it is …", "{length} of {whole}");
            }
        }
        assert_eq!(unsaid.hide_cut("the s3cret of it"), "the s3cret of it");
    }

    #[test]
    fn backslashes_without_end_are_told_as_they_are() {
        let unsaid = Unsaid::of(["s3cret-token".to_owned()]);
        let run = "\\".repeat(1 << 20);
        let after = format!("s3{run} s3 ");
        for text in [&run, &after, &"s3cret-".repeat(1 << 16)] {
            assert!(unsaid.hide(text) == *text, "{text:.20}");
            assert!(unsaid.hide_cut(&format!("{text} ")) == format!("{text} "), "{text:.20}");
        }
        assert!(unsaid.hide_in(json!({ &run: [&run] })) == json!({ &run: [&run] }));
    }

    #[test]
    fn a_secret_behind_backslashes_is_hidden() {
        let unsaid = Unsaid::of(["s3cret-token".to_owned(), "\\other-token".to_owned()]);
        for number in [1, 2, 31, 32, 33, 64, 100] {
            let run = "\\".repeat(number);
            let hidden = unsaid.hide(&format!("{run}s3cret-token {run}other-token {run}n"));
            let parts: Vec<&str> = hidden.split('…').collect();
            let [first, second, third] = parts.as_slice() else { panic!("{hidden}") };
            assert!(first.bytes().all(|byte| byte == b'\\'), "{hidden}");
            assert!(second.trim_start().bytes().all(|byte| byte == b'\\'), "{hidden}");
            assert_eq!(*third, format!(" {run}n"));
        }
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands_in_an_answer() {
        let unsaid = Unsaid::of([SECRET.to_owned()]);
        let echo = json!({ "n": 1, "got": [format!("Bearer {SECRET}")], SECRET: { "x": null } });
        let hidden = json!({ "n": 1, "got": ["Bearer …"], "…": { "x": null } });
        assert_eq!(unsaid.hide_in(echo), hidden);
    }
}
