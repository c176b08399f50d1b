//! Reading a filter, and whether a line passes it.

use std::borrow::Cow;

use super::field::{Field, Scope};

/// Which lines of a list are shown, as the person wrote it; the empty one shows all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
    mistakes: Vec<String>,
}

/// One thing that must hold, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    /// The field; none if the text may stand anywhere.
    field: Option<Field>,
    /// What is looked for, in small letters.
    wanted: String,
}

/// What a line says, for filters.
#[derive(Debug, Default)]
pub struct Traits<'a> {
    /// Everything that can be read in it.
    pub texts: Vec<Cow<'a, str>>,
    /// What it is, field by field.
    pub fields: Vec<(Field, Cow<'a, str>)>,
}

impl<'a> Traits<'a> {
    /// Adds a text.
    pub fn text(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.texts.push(text.into());
        self
    }

    /// Adds a field.
    pub fn field(mut self, field: Field, value: impl Into<Cow<'a, str>>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Says that the line is something, if it is.
    pub fn is(self, what: &'static str, so: bool) -> Self {
        if so { self.field(Field::Is, what) } else { self }
    }
}

impl Filter {
    /// Reads a filter for a list.
    pub fn read(text: &str, scope: Scope) -> Self {
        let mut filter = Self { text: text.to_owned(), ..Self::default() };
        for word in words(text) {
            filter.take(&word, scope);
        }
        filter
    }

    /// As the person wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether every line is shown.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What cannot be meant, in words; such terms are looked for as texts.
    pub fn mistakes(&self) -> &[String] {
        &self.mistakes
    }

    /// Whether a line is shown.
    pub fn passes(&self, line: &Traits<'_>) -> bool {
        self.terms.iter().all(|term| term.holds(line) != term.negated)
    }

    fn take(&mut self, word: &Word, scope: Scope) {
        let (negated, field, wanted) = match word.field() {
            None => (word.negated, None, word.text.as_str()),
            Some((name, value)) => match Field::of(name, scope) {
                None => {
                    self.mistakes.extend(unknown_field(name, scope));
                    (word.negated, None, word.text.as_str())
                }
                Some(field) => match unknown_value(field, value, scope) {
                    // What cannot be meant hides nothing.
                    Some(mistake) => return self.mistakes.push(mistake),
                    None => (word.negated, Some(field), value),
                },
            },
        };
        // A field whose value is still to be typed hides nothing.
        if !wanted.is_empty() {
            self.terms.push(Term { negated, field, wanted: wanted.to_lowercase() });
        }
    }
}

impl Term {
    fn holds(&self, line: &Traits<'_>) -> bool {
        let occurs = |text: &str| text.to_lowercase().contains(&self.wanted);
        match self.field {
            None => {
                line.texts.iter().any(|text| occurs(text))
                    || line.fields.iter().any(|(field, text)| *field != Field::Is && occurs(text))
            }
            Some(asked) => line.fields.iter().any(|(field, text)| *field == asked && occurs(text)),
        }
    }
}

fn unknown_field(name: &str, scope: Scope) -> Option<String> {
    let known = Field::known(scope).iter().map(|field| field.word());
    match Field::nearest(name, known) {
        Some(near) => Some(format!("no {name}: here, did you mean {near}:")),
        None if Field::exists(name) => Some(format!("no {name}: in this list")),
        // It may well be a text such as `http://…`: nothing is wrong with that.
        None => None,
    }
}

fn unknown_value(field: Field, value: &str, scope: Scope) -> Option<String> {
    let known = field.values(scope)?;
    let wanted = value.to_lowercase();
    if known.iter().any(|known| known.contains(&wanted)) {
        return None;
    }
    let word = field.word();
    Some(match Field::nearest(&wanted, known.iter().copied()) {
        Some(near) => format!("no {word}:{value}, did you mean {word}:{near}"),
        None => format!("no {word}:{value}; there is {}", known.join(" ")),
    })
}

/// One word of a filter: quotes are gone, and whether a colon was outside of them is kept.
struct Word {
    negated: bool,
    text: String,
    /// Where the first colon outside quotes stands.
    colon: Option<usize>,
}

impl Word {
    fn field(&self) -> Option<(&str, &str)> {
        let at = self.colon?;
        let (name, value) = (self.text.get(..at)?, self.text.get(at + 1..)?);
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        plain.then_some((name, value))
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { negated: false, text: String::new(), colon: None };
    let (mut quoted, mut begun) = (false, false);
    for sign in text.chars() {
        match sign {
            '"' => (quoted, begun) = (!quoted, true),
            '-' if !begun && !quoted => (word.negated, begun) = (true, true),
            _ if sign.is_whitespace() && !quoted => {
                let next = Word { negated: false, text: String::new(), colon: None };
                words.push(std::mem::replace(&mut word, next));
                begun = false;
            }
            _ => {
                if sign == ':' && !quoted && word.colon.is_none() {
                    word.colon = Some(word.text.len());
                }
                word.text.push(sign);
                begun = true;
            }
        }
    }
    words.push(word);
    words.retain(|word| !word.text.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str) -> bool {
        let line = Traits::default()
            .text("Which errors are new? At http://checkout:8080")
            .field(Field::Tool, "search_logs")
            .field(Field::From, "agent:primary@demo")
            .field(Field::Status, "failed")
            .is("error", true);
        Filter::read(filter, Scope::Exchange).passes(&line)
    }

    fn mistakes(filter: &str) -> Vec<String> {
        Filter::read(filter, Scope::Exchange).mistakes().to_vec()
    }

    #[test]
    fn every_term_must_hold() {
        assert!(passes(""));
        assert!(passes("tool:search is:error ERRORS"));
        assert!(passes("from:primary"));
        assert!(!passes("tool:search status:answered"));
        assert!(!passes("tool:spans"));
    }

    #[test]
    fn a_minus_turns_a_term_round() {
        assert!(passes("-status:answered"));
        assert!(!passes("-is:error"));
        assert!(!passes("-errors"));
    }

    #[test]
    fn quotes_keep_blanks_and_colons() {
        assert!(passes("\"errors are new\""));
        assert!(!passes("\"new are errors\""));
        assert!(passes("http://checkout"), "a text with a colon is still a text");
        assert!(mistakes("http://checkout \"tol:x\"").is_empty());
    }

    #[test]
    fn what_is_being_typed_hides_nothing() {
        assert!(passes("tool:"));
        assert!(passes("-"));
        assert!(mistakes("tool: is:err status:a").is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        assert_eq!(mistakes("tol:x"), ["no tol: here, did you mean tool:"]);
        assert_eq!(mistakes("tracker:x"), ["no tracker: in this list"]);
        assert_eq!(mistakes("is:eror"), ["no is:eror, did you mean is:error"]);
        let all = "no status:zzz; there is open answered failed lost";
        assert_eq!(mistakes("status:zzz"), [all]);
    }
}
