//! Finding words by a few of their letters.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What passes, with the letters that were found.
pub(super) struct Ranked {
    /// Its place among what was looked through.
    pub at: usize,
    /// Which of its characters were found, counted from 0, in order.
    pub letters: Vec<u32>,
}

/// What passes, the best first; everything in its own order if nothing is looked for.
pub(super) fn ranked<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Vec<Ranked> {
    if typed.trim().is_empty() {
        return words.enumerate().map(|(at, _)| Ranked { at, letters: Vec::new() }).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
    let mut found = Vec::new();
    for (at, words) in words.enumerate() {
        let (mut characters, mut letters) = (Vec::new(), Vec::new());
        let text = Utf32Str::new(words, &mut characters);
        if let Some(score) = pattern.indices(text, &mut matcher, &mut letters) {
            letters.sort_unstable();
            letters.dedup();
            found.push((std::cmp::Reverse(score), Ranked { at, letters }));
        }
    }
    // What is as good stays in the order in which it was offered.
    found.sort_by_key(|(score, _)| *score);
    found.into_iter().map(|(_, ranked)| ranked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Vec<usize> {
        let words = ["Go to the timeline.", "Take the mouse.", "Halt: park every action."];
        ranked(typed, words.into_iter()).into_iter().map(|ranked| ranked.at).collect()
    }

    #[test]
    fn a_few_letters_find_and_the_best_comes_first() {
        assert_eq!(found(""), [0, 1, 2]);
        assert_eq!(found("tml"), [0]);
        assert_eq!(found("park halt"), [2]);
        assert_eq!(found("zzz"), [] as [usize; 0]);
    }

    #[test]
    fn the_letters_that_were_found_are_told() {
        let found = ranked("mse", ["Take the mouse."].into_iter());
        assert_eq!(found[0].letters, [9, 12, 13]);
    }
}
