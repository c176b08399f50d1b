//! What must not be told: a secret, however a server that echoes it writes it.

use std::fmt;

/// From how many characters on the beginning of a secret counts as one: a server may cut what it echoes.
const LEAST: usize = 8;

/// What stands where a secret stood.
const GAP: char = '…';

/// The secrets of one connector, in every alphabet in which its requests show them.
#[derive(Clone, Default)]
pub(super) struct Unsaid(Vec<String>);

impl Unsaid {
    /// Keeps these; empty ones say nothing.
    pub(super) fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        Self(secrets.into_iter().filter(|secret| !secret.is_empty()).collect())
    }

    /// Keeps these too.
    pub(super) fn and(&self, others: Self) -> Self {
        Self(self.0.iter().cloned().chain(others.0).collect())
    }

    /// A text from outside without the secrets. It must be whole: of a secret that was cut before, what
    /// is left may be too little to be known.
    pub(super) fn hide(&self, text: &str) -> String {
        let (mut told, mut hidden_to) = (String::with_capacity(text.len()), 0);
        for (at, c) in text.char_indices() {
            if at < hidden_to {
                continue;
            }
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            match self.0.iter().filter_map(|secret| begins(rest, secret.as_bytes())).max() {
                Some(length) => {
                    hidden_to = at + length;
                    told.push(GAP);
                }
                None => told.push(c),
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

/// How many bytes a text begins with that write a secret, or enough of its beginning.
fn begins(text: &[u8], secret: &[u8]) -> Option<usize> {
    let read = |reading: fn(&[u8], u8) -> Option<usize>| {
        let (mut at, mut matched) = (0, 0);
        for byte in secret {
            let Some(length) = text.get(at..).and_then(|rest| reading(rest, *byte)) else { break };
            at += length;
            matched += 1;
        }
        (matched == secret.len() || matched >= LEAST).then_some(at)
    };
    read(plain).max(read(escaped))
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
    match text {
        [b'\\', b'u', a, b, c, d, ..] if is(&[*a, *b, *c, *d]) => Some(6),
        [b'%', a, b, ..] if is(&[*a, *b]) => Some(3),
        [b'\\', next, ..] if *next == byte => Some(2),
        [b'+', ..] if byte == b' ' => Some(1),
        _ => plain(text, byte),
    }
}

#[cfg(test)]
mod tests {
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
        let short = Unsaid::of(["key".to_owned()]);
        assert_eq!(short.hide("the key is ke"), "the … is ke");
        assert_eq!(format!("{short:?}"), "Unsaid(…)");
    }
}
