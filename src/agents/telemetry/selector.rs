//! Which time series are meant: a metric's name with conditions on its labels, as Prometheus writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::{Regex, RegexBuilder, RegexSetBuilder};

use super::TelemetryError;

/// The longest selector, in bytes.
const LENGTH_MAX: usize = 1024;

/// How large all patterns of a selector may be together, in bytes once they are compiled.
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
        let mut read = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            let mut rest = inside.trim_start();
            while !rest.starts_with('}') {
                let (condition, after) =
                    condition(rest).ok_or_else(|| wrong("has a condition that cannot be read"))?;
                read.push(condition);
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
        let conditions = compiled(read).ok_or_else(|| {
            wrong("has a pattern that cannot be read, or patterns that are too large together")
        })?;
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

/// A condition as it is written.
struct Written<'a> {
    label: &'a str,
    sign: &'a str,
    value: String,
}

/// Reads one condition and gives what comes after it.
fn condition(text: &str) -> Option<(Written<'_>, &str)> {
    let (label, rest) = text.split_at(text.find(['=', '!'])?);
    let label = label.trim();
    if !is_name(label) || label.contains(':') {
        return None;
    }
    let (sign, rest) = rest.split_at_checked(rest.find('"')?)?;
    let (value, after) = quoted(rest)?;
    let sign = sign.trim();
    let is_known = ["=", "!=", "=~", "!~"].contains(&sign);
    is_known.then_some((Written { label, sign, value }, after))
}

/// The conditions, with their patterns ready to compare.
///
/// Others choose the patterns, and many small ones take as long to compile as a large one: what is
/// compiled first is all of them together, which ends where they become too large.
fn compiled(read: Vec<Written<'_>>) -> Option<Vec<Condition>> {
    let is_pattern = |written: &&Written<'_>| written.sign.ends_with('~');
    let whole = |value: &str| format!("^(?s:{value})$");
    let patterns: Vec<String> =
        read.iter().filter(is_pattern).map(|written| whole(&written.value)).collect();
    RegexSetBuilder::new(patterns).size_limit(MOST_COMPILED).build().ok()?;
    let condition = |written: Written<'_>| {
        let Written { label, sign, value } = written;
        let pattern = || RegexBuilder::new(&whole(&value)).size_limit(MOST_COMPILED).build().ok();
        let compare = match sign {
            "=" => Compare::Equal,
            "!=" => Compare::Unequal,
            "=~" => Compare::Matching(pattern()?),
            _ => Compare::Unmatching(pattern()?),
        };
        Some(Condition { label: label.to_owned(), value, compare })
    };
    read.into_iter().map(condition).collect()
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

    /// 78: each of them is small enough, and a selector has room for dozens.
    #[test]
    fn many_patterns_together_are_none_either() {
        let of = |count: usize| {
            let conditions: Vec<String> =
                (0..count).map(|label| format!(r#"l{label}=~"\\w{{1,4}}""#)).collect();
            format!("up{{{}}}", conditions.join(","))
        };
        assert!(read(&of(1)).is_ok());
        let many = of(40);
        assert!(many.len() <= LENGTH_MAX, "it is not its length that is refused");
        let error = read(&many).unwrap_err().to_string();
        assert!(error.contains("too large together"), "{error}");
        let usual: Vec<String> = (0..12).map(|label| format!(r#"l{label}=~"5..|a.*""#)).collect();
        assert!(read(&format!("up{{{}}}", usual.join(","))).is_ok());
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
