//! Which time series are meant: a metric's name with conditions on its labels, as Prometheus writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

use super::TelemetryError;

/// The longest selector, in bytes.
const LENGTH_MAX: usize = 1024;

/// The largest pattern, in bytes once it is compiled.
const MOST_COMPILED: usize = 256 * 1024;

/// Labels of a series, in the order of their names.
pub(super) type Labels = BTreeMap<String, String>;

/// A metric's name with conditions on its labels.
#[derive(Debug, Clone)]
pub(super) struct Selector {
    pub(super) name: String,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
struct Condition {
    label: String,
    value: String,
    compare: Compare,
}

#[derive(Debug, Clone)]
enum Compare {
    Equal,
    Unequal,
    Matching(Regex),
    Unmatching(Regex),
}

impl Selector {
    /// Reads `name{label="value",other!="x",third=~"a|b"}`; conditions may be left out.
    ///
    /// What is sent to a server is written anew from what was understood, so that nothing but a
    /// selector gets there.
    pub(super) fn read(argument: &'static str, text: &str) -> Result<Self, TelemetryError> {
        let wrong = |why: &str| {
            let example = r#"write it like http_requests_total{code=~"5..",route="/pay"}"#;
            TelemetryError::unclear(argument, format!("{text:?} {why}; {example}"))
        };
        if text.len() > LENGTH_MAX {
            return Err(wrong("is too long"));
        }
        let text = text.trim();
        let (name, rest) = text.split_at(text.find('{').unwrap_or(text.len()));
        let name = name.trim();
        if !is_name(name) {
            return Err(wrong("does not begin with the name of a metric"));
        }
        let mut conditions = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            let mut rest = inside.trim_start();
            while !rest.starts_with('}') {
                let (condition, after) =
                    condition(rest).ok_or_else(|| wrong("has a condition that cannot be read"))?;
                conditions.push(condition);
                let after = after.trim_start();
                rest = match after.strip_prefix(',') {
                    Some(after) => after.trim_start(),
                    None if after.starts_with('}') => after,
                    None => return Err(wrong("lacks a comma or the closing brace")),
                };
            }
            if rest.trim_end() != "}" {
                return Err(wrong("goes on after its closing brace"));
            }
        }
        Ok(Self { name: name.to_owned(), conditions })
    }

    /// The selector of exactly one series.
    pub(super) fn exactly(name: &str, labels: &Labels) -> Self {
        let equal = |(label, value): (&String, &String)| Condition {
            label: label.clone(),
            value: value.clone(),
            compare: Compare::Equal,
        };
        Self { name: name.to_owned(), conditions: labels.iter().map(equal).collect() }
    }

    /// Whether a series is meant; a label that it does not have counts as empty.
    pub(super) fn takes(&self, name: &str, labels: &Labels) -> bool {
        self.name == name
            && self.conditions.iter().all(|condition| {
                let value = labels.get(&condition.label).map(String::as_str).unwrap_or_default();
                match &condition.compare {
                    Compare::Equal => value == condition.value,
                    Compare::Unequal => value != condition.value,
                    Compare::Matching(pattern) => pattern.is_match(value),
                    Compare::Unmatching(pattern) => !pattern.is_match(value),
                }
            })
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        for (index, condition) in self.conditions.iter().enumerate() {
            f.write_char(if index == 0 { '{' } else { ',' })?;
            let sign = match condition.compare {
                Compare::Equal => "=",
                Compare::Unequal => "!=",
                Compare::Matching(_) => "=~",
                Compare::Unmatching(_) => "!~",
            };
            let value = condition.value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{}{sign}\"{}\"", condition.label, value.replace('\n', "\\n"))?;
        }
        if self.conditions.is_empty() { Ok(()) } else { f.write_char('}') }
    }
}

fn is_name(text: &str) -> bool {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || "_:".contains(c));
    first && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
}

/// Reads one condition and gives what comes after it.
fn condition(text: &str) -> Option<(Condition, &str)> {
    let (label, rest) = text.split_at(text.find(['=', '!'])?);
    let label = label.trim();
    if !is_name(label) || label.contains(':') {
        return None;
    }
    let (sign, rest) = rest.split_at_checked(rest.find('"')?)?;
    let (value, after) = quoted(rest)?;
    // Others choose it: one that takes long to compile is none.
    let built = |text: &str| RegexBuilder::new(text).size_limit(MOST_COMPILED).build().ok();
    let pattern = || built(&format!("^(?s:{value})$"));
    let compare = match sign.trim() {
        "=" => Compare::Equal,
        "!=" => Compare::Unequal,
        "=~" => Compare::Matching(pattern()?),
        "!~" => Compare::Unmatching(pattern()?),
        _ => return None,
    };
    Some((Condition { label: label.to_owned(), value, compare }, after))
}

/// Reads a text in double quotes with `\\`, `\"` and `\n`, and gives what comes after it.
pub(super) fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.strip_prefix('"')?.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(index + 2..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Selector, TelemetryError> {
        Selector::read("selector", text)
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Attack 78: patterns that are slow in other engines, and one that grows when it is compiled.
    #[test]
    fn a_pattern_that_would_take_long_is_none() {
        let slow = "a".repeat(5_000);
        let selector = read(r#"up{job=~"(a+)+b"}"#).unwrap();
        assert!(!selector.takes("up", &labels(&[("job", &slow)])));
        assert!(read(r#"up{job=~"((a{1,99}){1,99}){1,99}"}"#).is_err());
    }

    #[test]
    fn conditions_are_compared_as_prometheus_does() {
        let selector = read(r#" http_total{code=~"5..", route!="/health" ,zone="",x!~"a|b"} "#);
        let selector = selector.unwrap();
        assert!(selector.takes("http_total", &labels(&[("code", "503"), ("route", "/pay")])));
        assert!(!selector.takes("http_total", &labels(&[("code", "1503"), ("route", "/pay")])));
        assert!(!selector.takes("http_total", &labels(&[("code", "503"), ("route", "/health")])));
        assert!(!selector.takes("http_total", &labels(&[("code", "503"), ("x", "b")])));
        assert!(!selector.takes("other", &labels(&[("code", "503")])));
    }

    #[test]
    fn a_selector_is_written_as_it_was_understood() {
        for text in ["up", r#"a:b{c="d\"e\\f\n",g=~"h.*"}"#] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in [
            "",
            "rate(x[5m])",
            "x{",
            "x{a}",
            r#"x{a="b"} or vector(1)"#,
            r#"x{a=~"("}"#,
            r#"x{a="b" c="d"}"#,
            "x[5m]",
            "{a=\"b\"}",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("write it like"), "{text}: {error}");
        }
    }
}
