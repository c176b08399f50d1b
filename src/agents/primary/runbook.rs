//! The runbook: what the primary agent knows about one kind of alert, as a TOML file.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::incident::{Effects, Expectation, Risk, Target};

/// What is known about one kind of alert.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// Its name.
    pub name: String,
    /// Labels that an alert must carry, each a regular expression over the whole value.
    #[serde(rename = "match")]
    pub applies_to: BTreeMap<String, Pattern>,
    /// Quantities that can be measured.
    #[serde(default)]
    pub measures: BTreeMap<String, Measure>,
    /// What the agent looks at itself, first.
    #[serde(default, rename = "check")]
    pub checks: Vec<Check>,
    /// What it asks its partners.
    #[serde(default, rename = "ask")]
    pub asks: Vec<Question>,
    /// Possible causes.
    #[serde(rename = "hypothesis")]
    pub hypotheses: Vec<Cause>,
    /// Parts of the investigation that another deployment can take when no cause is likely enough.
    #[serde(default, rename = "handoff")]
    pub handoffs: Vec<Part>,
    /// How likely a cause must be, from 0 to 1, before its remedy is proposed.
    #[serde(default = "half")]
    pub act_at: f64,
    /// Which quantity must be back to normal before the incident is over.
    pub recovered: Recovered,
}

fn half() -> f64 {
    0.5
}

/// Longest regular expression, in bytes.
const LONGEST_PATTERN: usize = 256;

/// How large a pattern may become when it is compiled, in bytes: what is larger takes too long on a long text.
const MOST_COMPILED: usize = 256 * 1024;

/// A regular expression that must match a whole value, checked when the runbook is read.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether it occurs anywhere in a text.
    pub fn occurs_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The first group of its first occurrence, or all of it if it has no group.
    pub fn first_in(&self, text: &str) -> Option<String> {
        let found = self.0.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|part| part.as_str().to_owned())
    }

    /// Whether it matches a whole text.
    pub fn covers(&self, text: &str) -> bool {
        self.0.find(text).is_some_and(|found| found.len() == text.len())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > LONGEST_PATTERN {
            let why = format!("a pattern has at most {LONGEST_PATTERN} bytes, not {}", text.len());
            return Err(serde::de::Error::custom(why));
        }
        let regex = regex::RegexBuilder::new(&text).size_limit(MOST_COMPILED).build();
        regex.map(Self).map_err(serde::de::Error::custom)
    }
}

/// A quantity read from a metrics page: how much `part` grew for each that `whole` grew.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What it is, in words, with its unit.
    pub text: String,
    /// The page, in the Prometheus text format.
    pub url: String,
    /// Selects the counters above the line.
    pub part: String,
    /// Selects the counters below the line.
    pub whole: String,
    /// Over how long it is measured, in seconds.
    pub window_s: u32,
}

/// Something that the agent looks at itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name, to which causes refer.
    pub name: String,
    /// How it is done.
    pub look: Look,
}

/// The native tools.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Requests a page and reads its status and text.
    Http(String),
    /// Runs a program, without a shell, and reads its output.
    Command(Vec<String>),
    /// Measures a quantity.
    Measure(String),
}

/// A question to a partner.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, to which causes refer.
    pub name: String,
    /// The partner asked.
    pub partner: String,
    /// The tool called.
    pub tool: String,
    /// The question in words.
    pub question: String,
    /// The arguments; texts may hold `{names}` of known values.
    #[serde(default)]
    pub arguments: BTreeMap<String, Value>,
    /// What to keep of the answer.
    #[serde(default)]
    pub keep: Vec<Keep>,
    /// What the points of the answer measure, in a few words.
    #[serde(default)]
    pub measures: Option<String>,
}

/// A value to keep of an answer, for texts that come later.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The name under which it is kept.
    pub name: String,
    /// Where it stands: a JSON pointer; empty means all of the text.
    #[serde(default)]
    pub at: String,
    /// Which part of what stands there: the first group of this expression; absent means all.
    pub find: Option<Pattern>,
}

/// A possible cause, what speaks for and against it, and its remedy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// A short name.
    pub name: String,
    /// What it claims, in one sentence.
    pub claim: String,
    /// How likely it is before anything is known, from 0 to 1.
    pub prior: f64,
    /// What speaks for and against it.
    #[serde(rename = "evidence")]
    pub tests: Vec<Test>,
    /// What would help.
    pub remedy: Option<Cure>,
}

/// How one answer bears on a cause.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The check, question, or handoff whose answer is read.
    pub of: String,
    /// Which part of the answer: a JSON pointer; empty means all of its text.
    #[serde(default)]
    pub at: String,
    /// What must occur there.
    pub matches: Option<Pattern>,
    /// What the number there must be.
    pub is: Option<Expectation>,
    /// What a yes shows, in words that follow "that".
    pub shows: String,
    /// The weight of a yes, in natural log-odds.
    pub yes: f64,
    /// The weight of a no, in natural log-odds.
    #[serde(default)]
    pub no: f64,
}

/// What would help against a cause, and how it is carried out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// What is done.
    pub verb: String,
    /// In one line.
    pub title: String,
    /// What it is done to.
    pub target: Target,
    /// Where the request goes; the field `dry_run=true` is added to its query for the rehearsal.
    pub url: String,
    /// The arguments; texts may hold `{names}` of known values.
    #[serde(default)]
    pub args: BTreeMap<String, Value>,
    /// How dangerous it is.
    pub risk: Risk,
    /// What it means for users.
    pub effects: Effects,
    /// How to undo it.
    pub rollback: Option<String>,
    /// How it is measured whether it helped.
    pub verify: Verify,
}

/// How it is measured whether a remedy helped.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The quantity.
    pub measure: String,
    /// What it must be.
    pub expect: Expectation,
    /// How long after the remedy the measuring begins, in seconds.
    pub after_s: u32,
    /// How long it must hold, in seconds.
    pub hold_s: u32,
}

/// A part of the investigation that another deployment can take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name, to which causes refer.
    pub name: String,
    /// Who shall have it.
    pub to: String,
    /// What is asked.
    pub question: String,
    /// What the receiver must keep to.
    #[serde(default)]
    pub constraints: Vec<String>,
    /// What to keep of the result.
    #[serde(default)]
    pub keep: Vec<Keep>,
}

/// When the incident is over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// The quantity.
    pub measure: String,
    /// What it must be.
    pub expect: Expectation,
}

/// Why a runbook cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunbookError {
    /// It is not well formed.
    #[error("runbook {name}: {cause}")]
    Malformed {
        /// The file.
        name: String,
        /// Where and why; the parser draws the place.
        cause: Box<toml::de::Error>,
    },
    /// It speaks of something that it does not define.
    #[error("runbook {name}: `{by}` refers to `{to}`, which is not defined")]
    Dangling {
        /// The runbook.
        name: String,
        /// What refers.
        by: String,
        /// To what.
        to: String,
    },
}

const EMBEDDED: [(&str, &str); 1] =
    [("request-errors.toml", include_str!("runbooks/request-errors.toml"))];

impl Runbook {
    /// Reads a runbook and checks that everything it refers to is there.
    pub fn read(file: &str, text: &str) -> Result<Self, RunbookError> {
        let book: Self = toml::from_str(text).map_err(|cause| RunbookError::Malformed {
            name: file.to_owned(),
            cause: Box::new(cause),
        })?;
        book.check()?;
        Ok(book)
    }

    /// The runbooks that come with the product.
    pub fn embedded() -> Result<Vec<Self>, RunbookError> {
        EMBEDDED.iter().map(|(file, text)| Self::read(file, text)).collect()
    }

    /// Whether it is about an alert with these labels.
    pub fn applies(&self, label: impl Fn(&str) -> Option<String>) -> bool {
        self.applies_to
            .iter()
            .all(|(name, pattern)| label(name).is_some_and(|value| pattern.covers(&value)))
    }

    fn check(&self) -> Result<(), RunbookError> {
        let sources = self.checks.iter().map(|check| &check.name);
        let sources = sources.chain(self.asks.iter().map(|ask| &ask.name));
        let sources: Vec<&String> =
            sources.chain(self.handoffs.iter().map(|part| &part.name)).collect();
        let dangling = |by: &str, to: &str| RunbookError::Dangling {
            name: self.name.clone(),
            by: by.to_owned(),
            to: to.to_owned(),
        };
        let measured = |by: &str, measure: &str| {
            let known = self.measures.contains_key(measure);
            if known { Ok(()) } else { Err(dangling(by, measure)) }
        };
        measured("recovered", &self.recovered.measure)?;
        for check in &self.checks {
            if let Look::Measure(measure) = &check.look {
                measured(&check.name, measure)?;
            }
        }
        for cause in &self.hypotheses {
            if let Some(cure) = &cause.remedy {
                measured(&cause.name, &cure.verify.measure)?;
            }
            let missing = cause.tests.iter().find(|test| !sources.contains(&&test.of));
            if let Some(test) = missing {
                return Err(dangling(&cause.name, &test.of));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runbooks_that_come_along_are_sound() {
        let books = Runbook::embedded().unwrap();
        let label = |name: &str| (name == "alertname").then(|| "CheckoutErrorRateHigh".to_owned());
        assert!(books.iter().any(|book| book.applies(label)));
    }

    /// 78: the second takes long to match, the third to compile.
    #[test]
    fn a_pattern_that_would_take_long_is_refused() {
        let read = |pattern: &str| {
            let text = EMBEDDED[0].1.replace(".*ErrorRate.*", pattern);
            Runbook::read("pattern.toml", &text)
        };
        let harmless = read("(a+)+b").unwrap();
        assert!(!harmless.applies(|_| Some("a".repeat(100_000))));
        for slow in ["([a-z]{1,60}){1,60}", "((a{1,99}){1,99}){1,99}"] {
            assert!(matches!(read(slow), Err(RunbookError::Malformed { .. })), "{slow}");
        }
    }

    #[test]
    fn a_reference_to_nothing_is_named() {
        let text = EMBEDDED[0].1.replace("of = \"signatures\"", "of = \"nothing\"");
        let error = Runbook::read("x.toml", &text).unwrap_err();
        assert!(error.to_string().contains("refers to `nothing`"), "{error}");
    }

    /// 78: what is longer takes longer to compile, and no one reads it.
    #[test]
    fn a_pattern_is_short_or_none() {
        let book = |bytes: usize| {
            let [(name, text), ..] = EMBEDDED;
            Runbook::read(name, &text.replace("acquire|pool", &"a".repeat(bytes)))
        };
        assert!(book(256).is_ok());
        let error = book(257).unwrap_err().to_string();
        assert!(error.contains("at most 256 bytes, not 257"), "{error}");
    }
}
