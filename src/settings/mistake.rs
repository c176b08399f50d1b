//! A mistake in a file that a person wrote: where it stands, what it is, what may have been meant.

use std::fmt;

use crate::incident::{Notice, Trouble};

/// One mistake, shown as `night.toml:12: unknown role "titel"; did you mean "title"?`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file as the person knows it.
    pub file: String,
    /// The line, from 1; 0 if the mistake is about the whole file.
    pub line: usize,
    /// What is wrong, as a lowercase fragment.
    pub what: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {}", self.what)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// Every mistake found, so that a person can mend all of them at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// The mistakes, in the order of their files and lines.
    pub fn list(&self) -> &[Mistake] {
        &self.0
    }

    /// Notes one more.
    pub fn push(&mut self, mistake: Mistake) {
        let place = self.0.partition_point(|noted| *noted <= mistake);
        self.0.insert(place, mistake);
    }

    /// Gives `value` if no mistake was noted.
    pub fn unless_any<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl From<Mistakes> for Notice {
    fn from(mistakes: Mistakes) -> Self {
        let count = mistakes.0.len();
        let what = format!("{count} mistake{} to mend", if count == 1 { "" } else { "s" });
        Self::new(Trouble::Usage, what).detail(format!("\n{mistakes}"))
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

/// Asks "did you mean" with the known name closest to `name`, unless none is close.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| format!("did you mean {candidate:?}?"))
}

/// The line of a byte offset, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_says_where_what_and_what_may_have_been_meant() {
        let mistake = Mistake {
            file: "night.toml".into(),
            line: 12,
            what: "unknown role \"titel\"".into(),
            hint: did_you_mean("titel", ["text", "title", "timeline"]),
        };
        assert_eq!(
            mistake.to_string(),
            "night.toml:12: unknown role \"titel\"; did you mean \"title\"?"
        );
    }

    #[test]
    fn a_name_like_no_other_gets_no_suggestion() {
        assert_eq!(did_you_mean("xyzzy", ["approve", "deny"]), None);
    }

    #[test]
    fn mistakes_stand_in_the_order_of_their_lines() {
        let at = |line| Mistake { file: "a".into(), line, what: "bad".into(), hint: None };
        let mut mistakes = Mistakes::default();
        [3, 1, 2].map(at).into_iter().for_each(|mistake| mistakes.push(mistake));
        let lines: Vec<_> = mistakes.list().iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [1, 2, 3]);
        assert!(mistakes.unless_any(()).is_err());
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!(line_of("a\nb\nc", 0), 1);
        assert_eq!(line_of("a\nb\nc", 2), 2);
        assert_eq!(line_of("a\nb\nc", 99), 3);
    }
}
