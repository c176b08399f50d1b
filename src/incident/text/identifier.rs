//! Whether a name can be checked by eye.

use std::sync::LazyLock;

use regex::Regex;

use super::marks::{is_hidden, is_odd_space};

/// Uninspectable a name cannot be checked by eye, and so cannot be approved with the normal gesture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uninspectable {
    /// There is nothing to read.
    #[error("the name is empty")]
    Empty,
    /// A blank, which begins or ends nowhere the eye can see.
    #[error("the name contains a blank, U+{:04X}", u32::from(*.0))]
    Blank(char),
    /// A control, format or other character without a shape.
    #[error("the name contains a hidden character, U+{:04X}", u32::from(*.0))]
    Hidden(char),
    /// A letter of another script among Latin ones: the mark of a look-alike.
    #[error("the name mixes scripts at U+{:04X}", u32::from(*.0))]
    MixedScript(char),
    /// A visible character outside of ASCII.
    #[error("the name contains a character outside of ASCII, U+{:04X}", u32::from(*.0))]
    Foreign(char),
}

/// Accepts a name of ASCII graphic characters, in which no two different names look the same.
///
/// The worst character is reported: hidden, then blank, then mixed script, then foreign.
///
/// # Errors
/// Says [`Uninspectable`] the name cannot be checked by eye.
pub fn inspectable(name: &str) -> Result<(), Uninspectable> {
    if name.is_empty() {
        return Err(Uninspectable::Empty);
    }
    if name.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    let blank = |c: char| c.is_whitespace() || is_odd_space(c);
    if let Some(c) = name.chars().find(|&c| is_hidden(c) && !blank(c)) {
        return Err(Uninspectable::Hidden(c));
    }
    if let Some(c) = name.chars().find(|&c| blank(c)) {
        return Err(Uninspectable::Blank(c));
    }
    let latin = name.chars().any(|c| c.is_ascii_alphabetic());
    match name.chars().find(|&c| latin && c.is_alphabetic() && !is_latin(c)) {
        Some(c) => Err(Uninspectable::MixedScript(c)),
        None => {
            name.chars().find(|c| !c.is_ascii()).map_or(Ok(()), |c| Err(Uninspectable::Foreign(c)))
        }
    }
}

fn is_latin(c: char) -> bool {
    static LATIN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\A\p{Script=Latin}\z").ok());
    let mut utf8 = [0; 4];
    LATIN.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut utf8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_ascii_name_is_inspectable() {
        assert_eq!(inspectable("deploy/checkout-api_v2.json"), Ok(()));
    }

    #[test]
    fn a_look_alike_letter_is_called_a_mixed_script() {
        assert_eq!(inspectable("\u{440}ay-api"), Err(Uninspectable::MixedScript('\u{440}')));
    }

    #[test]
    fn a_hidden_character_is_named_before_anything_milder() {
        assert_eq!(inspectable("p\u{e9} y\u{200b}"), Err(Uninspectable::Hidden('\u{200b}')));
        assert_eq!(inspectable("a\u{1b}[m"), Err(Uninspectable::Hidden('\u{1b}')));
    }

    #[test]
    fn blanks_foreign_letters_and_nothing_are_refused() {
        assert_eq!(inspectable(""), Err(Uninspectable::Empty));
        assert_eq!(inspectable("a b"), Err(Uninspectable::Blank(' ')));
        assert_eq!(inspectable("a\tb"), Err(Uninspectable::Blank('\t')));
        assert_eq!(inspectable("a\u{a0}b"), Err(Uninspectable::Blank('\u{a0}')));
        assert_eq!(inspectable("caf\u{e9}"), Err(Uninspectable::Foreign('\u{e9}')));
        assert_eq!(inspectable("１２"), Err(Uninspectable::Foreign('１')));
    }

    #[test]
    fn the_reason_reads_as_a_sentence_fragment() {
        assert_eq!(
            Uninspectable::Hidden('\u{202e}').to_string(),
            "the name contains a hidden character, U+202E"
        );
    }
}
