//! What the person keeps from one run to the next: searches, bookmarks, and what they wrote.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::incident::EntryId;

/// Most texts and searches that are remembered.
const MOST: usize = 50;

/// Most bookmarks.
const MOST_BOOKMARKS: usize = 500;

/// What the person keeps from one run to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Searches of the history, the latest last.
    pub searches: Vec<String>,
    /// Entries that the person marked.
    pub bookmarks: BTreeSet<EntryId>,
    /// What the person wrote and sent, the latest last.
    pub written: Vec<String>,
}

impl Remembered {
    /// Remembers a text that was sent.
    pub fn wrote(&mut self, text: &str) {
        put_last(&mut self.written, text);
    }

    /// Keeps a search, or forgets it if it was kept; says whether it is kept now.
    pub fn turn_search(&mut self, text: &str) -> bool {
        let was_kept = self.searches.iter().any(|kept| kept == text);
        if was_kept {
            self.searches.retain(|kept| kept != text);
        } else {
            put_last(&mut self.searches, text);
        }
        !was_kept
    }

    /// Marks an entry, or removes its mark; says whether it is marked now.
    pub fn turn_bookmark(&mut self, entry: EntryId) -> bool {
        if self.bookmarks.remove(&entry) {
            return false;
        }
        if self.bookmarks.len() == MOST_BOOKMARKS {
            self.bookmarks.pop_first();
        }
        self.bookmarks.insert(entry)
    }
}

/// Puts a text at the end, once, and lets the oldest go.
fn put_last(texts: &mut Vec<String>, text: &str) {
    texts.retain(|known| known != text);
    if texts.len() == MOST {
        texts.remove(0);
    }
    texts.push(text.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_remembered_once_and_the_oldest_goes_first() {
        let mut remembered = Remembered::default();
        (0..MOST + 2).for_each(|n| remembered.wrote(&n.to_string()));
        remembered.wrote("10");
        assert_eq!(remembered.written.len(), MOST);
        assert_eq!(remembered.written.first().map(String::as_str), Some("2"));
        assert_eq!(remembered.written.last().map(String::as_str), Some("10"));
    }

    #[test]
    fn a_search_kept_twice_is_forgotten() {
        let mut remembered = Remembered::default();
        assert!(remembered.turn_search("pool"));
        assert!(!remembered.turn_search("pool"));
        assert_eq!(remembered, Remembered::default());
    }
}
