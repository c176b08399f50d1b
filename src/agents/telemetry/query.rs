//! What a caller looks for in logs: words, quoted phrases and `field=value` terms, all of which must hold.

use super::TelemetryError;
use super::record::Record;

/// Most terms of one query.
const TERMS_MAX: usize = 16;

/// Terms that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Field to compare; the message contains the text when there is none.
    field: Option<String>,
    text: String,
    wanted: Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Present,
    Absent,
}

impl Query {
    /// Reads a query; a leading `-` asks for records without the term.
    pub(super) fn read(text: &str) -> Result<Self, TelemetryError> {
        let mut terms = Vec::new();
        for word in words(text)? {
            let (wanted, word) = match word.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => (Wanted::Absent, rest),
                _ => (Wanted::Present, word.as_str()),
            };
            let (field, text) = match word.split_once('=') {
                Some((field, value)) if is_name(field) => (Some(field.to_owned()), value),
                _ => (None, word),
            };
            terms.push(Term { field, text: text.to_lowercase(), wanted });
        }
        if terms.len() > TERMS_MAX {
            let why = format!("has {} terms; use at most {TERMS_MAX}", terms.len());
            return Err(TelemetryError::unclear("query", why));
        }
        Ok(Self(terms))
    }

    /// Whether a record is looked for.
    pub(super) fn takes(&self, record: &Record) -> bool {
        self.0.iter().all(|term| term.holds(record))
    }
}

impl Term {
    fn holds(&self, record: &Record) -> bool {
        let found = match &self.field {
            Some(field) => {
                record.field(field).is_some_and(|value| value.to_lowercase() == self.text)
            }
            None => record.message.to_lowercase().contains(&self.text),
        };
        found == (self.wanted == Wanted::Present)
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |character: char| character.is_alphanumeric() || "_.-@".contains(character);
    !text.is_empty() && text.chars().all(allowed)
}

/// Splits at white space outside double quotes, which are dropped.
fn words(text: &str) -> Result<Vec<String>, TelemetryError> {
    let (mut words, mut word, mut inside) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        match character {
            '"' => inside = !inside,
            _ if character.is_whitespace() && !inside => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    if inside {
        return Err(TelemetryError::unclear("query", "a double quote is never closed"));
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(query: &str) -> bool {
        let record = r#"{"ts":1,"level":"error","msg":"Pool timed out","fields":{"route":"/pay"}}"#;
        Query::read(query).unwrap().takes(&Record::read(record).unwrap())
    }

    #[test]
    fn every_term_must_hold() {
        assert!(takes(""));
        assert!(takes("pool level=ERROR route=/pay"));
        assert!(takes("\"pool timed\" -refused -route=/cart"));
        assert!(!takes("pool refused"));
        assert!(!takes("route=/cart"));
        assert!(!takes("-pool"));
        assert!(!takes("nothing=1"));
    }

    #[test]
    fn a_query_that_cannot_be_read_says_why() {
        assert!(Query::read("\"open").is_err());
        assert!(Query::read(&"a ".repeat(17)).is_err());
    }
}
