//! Which analyses a handed-over question calls for, and which of them this deployment offers.

use std::collections::BTreeSet;

use super::finding::Offer;

/// What will be done, and what will not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Analyses to run.
    pub(super) run: BTreeSet<Offer>,
    /// Terms that the logs are searched for, taken from `field=value` in the constraints.
    pub(super) query: String,
    /// Why something that was called for is not done, in sentences.
    pub(super) not_done: Vec<String>,
}

/// Reads the question and the constraints.
///
/// The question calls for the kinds of telemetry whose words it uses, and for all of them when it
/// uses none. A constraint beginning with `only` narrows to the kinds it names; one with `no`,
/// `without`, `not` or `exclude` leaves those out.
pub(super) fn plan(question: &str, constraints: &[String], offers: &BTreeSet<Offer>) -> Plan {
    let mut called: BTreeSet<Offer> = named(question);
    if called.is_empty() {
        called = Offer::ALL.into();
    }
    let mut terms = Vec::new();
    for constraint in constraints {
        let words = words(constraint);
        let has = |word: &str| words.iter().any(|other| other == word);
        let kinds = named(constraint);
        if has("only") && !kinds.is_empty() {
            called = kinds;
        } else if ["no", "without", "not", "exclude"].into_iter().any(has) {
            called.retain(|offer| !kinds.contains(offer));
        }
        let pairs = constraint.split_whitespace().filter(|word| is_term(word));
        terms.extend(pairs.map(str::to_owned));
    }
    let missing = called.difference(offers).map(|offer| {
        format!("{} were called for, but this agent does not offer them", offer.name())
    });
    let not_done = missing.collect();
    Plan { run: called.intersection(offers).copied().collect(), query: terms.join(" "), not_done }
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|character: char| !character.is_alphanumeric());
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn named(text: &str) -> BTreeSet<Offer> {
    words(text).iter().filter_map(|word| kind(word)).collect()
}

fn kind(word: &str) -> Option<Offer> {
    Some(match word {
        "log" | "logs" | "message" | "messages" | "exception" | "exceptions" => Offer::Logs,
        "trace" | "traces" | "span" | "spans" | "path" | "propagation" => Offer::Traces,
        "metric" | "metrics" | "rate" | "ratio" | "quantile" | "percentile" | "p95" | "p99" => {
            Offer::Metrics
        }
        "change" | "changes" | "changed" | "deploy" | "deployed" | "deployment" | "rollout"
        | "release" | "revision" | "config" | "configuration" => Offer::Changes,
        _ => return None,
    })
}

/// Whether a word is a `field=value` that the log search understands.
fn is_term(word: &str) -> bool {
    word.split_once('=').is_some_and(|(field, value)| {
        let sound = |character: char| character.is_alphanumeric() || "_.-".contains(character);
        !field.is_empty() && field.chars().all(sound) && !value.is_empty() && !value.contains('"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(question: &str, constraints: &[&str]) -> Plan {
        let constraints: Vec<String> = constraints.iter().map(|one| (*one).to_owned()).collect();
        plan(question, &constraints, &Offer::ALL.into())
    }

    #[test]
    fn the_question_names_what_it_calls_for() {
        let run = planned("What changed before the error rate rose?", &[]).run;
        assert_eq!(run, [Offer::Metrics, Offer::Changes].into());
        assert_eq!(planned("Why is checkout failing?", &[]).run.len(), 4);
    }

    #[test]
    fn constraints_narrow_it() {
        assert_eq!(
            planned("Why?", &["only logs and traces"]).run,
            [Offer::Logs, Offer::Traces].into()
        );
        let plan = planned("Why?", &["do not read logs", "service=checkout route=/pay"]);
        assert!(!plan.run.contains(&Offer::Logs) && plan.run.len() == 3);
        assert_eq!(plan.query, "service=checkout route=/pay");
    }

    #[test]
    fn what_is_not_offered_is_said() {
        let plan = plan("which deploy?", &[], &[Offer::Logs].into());
        assert!(plan.run.is_empty());
        assert_eq!(plan.not_done, ["changes were called for, but this agent does not offer them"]);
    }
}
