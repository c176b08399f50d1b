//! How likely each cause is: prior odds, multiplied by what each answer says for or against it.
//!
//! The weights are natural log-odds, added up (naive Bayes: answers count as independent of each other;
//! see Good, "Probability and the Weighing of Evidence", 1950). A remedy that was measured not to help
//! rules its cause out.

use super::knowledge::Knowledge;
use super::runbook::{Cause, Runbook, Test};
use crate::incident::{EntryId, Standing};

/// What is believed about one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    /// The cause.
    pub name: String,
    /// How likely it is, from 0 to 1.
    pub likelihood: f64,
    /// Where it stands.
    pub standing: Standing,
    /// What spoke for or against it, in the runbook's order.
    pub because: Vec<String>,
    /// The entries that spoke, in the same order.
    pub rests_on: Vec<EntryId>,
}

impl Belief {
    /// The belief in a few words.
    pub(super) fn in_short(&self) -> String {
        format!("{} {} %", self.name, percent(self.likelihood))
    }

    /// What it rests on, to be put after a sentence: a list, one reason a line.
    pub(super) fn reasons(&self) -> String {
        if self.because.is_empty() {
            return " Nothing speaks for or against it yet.".to_owned();
        }
        format!("\n\n- {}", self.because.join("\n- "))
    }
}

/// How far the likelihood must move from the prior to count as evidence either way.
const TELLING: f64 = 0.05;

/// What is believed about each cause of a runbook, most likely first.
pub fn beliefs(book: &Runbook, known: &Knowledge, failed: &[String]) -> Vec<Belief> {
    let mut beliefs: Vec<Belief> =
        book.hypotheses.iter().map(|cause| belief(cause, known, failed)).collect();
    beliefs.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood));
    beliefs
}

fn belief(cause: &Cause, known: &Knowledge, failed: &[String]) -> Belief {
    if failed.contains(&cause.name) {
        return Belief {
            name: cause.name.clone(),
            likelihood: 0.0,
            standing: Standing::RuledOut,
            because: vec!["its remedy was measured not to help".to_owned()],
            rests_on: Vec::new(),
        };
    }
    let prior = cause.prior.clamp(0.001, 0.999);
    let mut odds = (prior / (1.0 - prior)).ln();
    let (mut because, mut rests_on) = (Vec::new(), Vec::new());
    for test in &cause.tests {
        let Some(holds) = holds(test, known) else { continue };
        let weight = if holds { test.yes } else { test.no };
        odds += weight;
        if weight != 0.0 {
            let side = if weight > 0.0 { "for" } else { "against" };
            because.push(format!("{side} it: {}", words(test, holds)));
            rests_on.extend(known.answer(&test.of).and_then(|learned| learned.entry));
        }
    }
    let likelihood = 1.0 / (1.0 + (-odds).exp());
    let standing = match likelihood - prior {
        _ if because.is_empty() => Standing::Open,
        moved if moved > TELLING => Standing::Strengthened,
        moved if moved < -TELLING => Standing::Weakened,
        _ => Standing::Open,
    };
    rests_on.dedup();
    Belief { name: cause.name.clone(), likelihood, standing, because, rests_on }
}

/// Whether a test holds; `None` while nobody has answered.
fn holds(test: &Test, known: &Knowledge) -> Option<bool> {
    known.answer(&test.of)?;
    let Some((text, number)) = known.part(&test.of, &test.at) else { return Some(false) };
    let matches = test.matches.as_ref().is_none_or(|pattern| pattern.occurs_in(&text));
    let is = test.is.is_none_or(|expected| number.is_some_and(|number| expected.holds(number)));
    Some(matches && is)
}

/// A likelihood from 0 to 1 in whole percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
pub(super) fn percent(likelihood: f64) -> u8 {
    (likelihood * 100.0).round().clamp(0.0, 100.0) as u8
}

fn words(test: &Test, holds: bool) -> String {
    let seen = if holds { "" } else { "no sign that " };
    format!("{seen}{} ({})", test.shows, test.of)
}

#[cfg(test)]
mod tests {
    use super::super::knowledge::Learned;
    use super::*;

    const BOOK: &str = r#"
        name = "test"
        match = {}
        [measures.errors]
        text = "share"
        url = "http://127.0.0.1/"
        part = "a"
        whole = "b"
        window_s = 1
        [recovered]
        measure = "errors"
        expect = { below = 0.1 }
        [[check]]
        name = "load"
        look = { measure = "errors" }
        [[hypothesis]]
        name = "surge"
        claim = "more requests"
        prior = 0.5
        evidence = [{ of = "load", at = "/value", is = { above = 2.0 }, shows = "load grew", yes = 2.0, no = -2.0 }]
        [[hypothesis]]
        name = "leak"
        claim = "leaked"
        prior = 0.2
        evidence = [{ of = "load", matches = "leak", shows = "one leaked", yes = 3.0 }]
    "#;

    fn after(value: f64, text: &str) -> Vec<Belief> {
        let book = Runbook::read("test", BOOK).unwrap();
        let mut known = Knowledge::default();
        let value = serde_json::json!({ "value": value });
        let learned = Learned { text: text.to_owned(), value, entry: None, call: None };
        known.learn("load", learned, &[]);
        beliefs(&book, &known, &[])
    }

    #[test]
    fn answers_move_the_odds_both_ways() {
        let found = after(1.0, "a leak");
        assert_eq!(found[0].name, "leak");
        assert_eq!(found[0].standing, Standing::Strengthened);
        assert_eq!(found[1].standing, Standing::Weakened);
        assert!((found[1].likelihood - 0.1192).abs() < 0.001);
    }

    #[test]
    fn without_an_answer_nothing_moves() {
        let book = Runbook::read("test", BOOK).unwrap();
        let found = beliefs(&book, &Knowledge::default(), &[]);
        assert!(found.iter().all(|belief| belief.standing == Standing::Open));
    }

    #[test]
    fn a_remedy_that_did_not_help_rules_its_cause_out() {
        let book = Runbook::read("test", BOOK).unwrap();
        let found = beliefs(&book, &Knowledge::default(), &["surge".to_owned()]);
        assert_eq!(found[1].standing, Standing::RuledOut);
    }
}
