//! Waiting: items that may belong to an incident whose items are not known yet.

use std::collections::VecDeque;

use crate::trackers::{Item, ItemId};

/// How many items may wait; the oldest wait no longer.
const MOST_WAITING: usize = 256;

/// How much of an item is searched for addresses, in characters.
const MOST_SEARCHED: usize = 8 * 1024;

/// An item that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) item: Item,
    /// The words in which an address is looked for.
    pub(super) words: String,
    /// How many addresses it was compared with.
    pub(super) compared: usize,
}

/// The items that wait, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Waiting>);

impl Queue {
    /// Has an item wait, as it is now.
    pub(super) fn add(&mut self, item: Item) {
        let words = format!("{}\n{}", item.title.for_storage(), item.text.for_storage());
        let words = words.chars().take(MOST_SEARCHED).collect();
        self.put_back(Waiting { item, words, compared: 0 });
    }

    /// Has an item wait on.
    pub(super) fn put_back(&mut self, waiting: Waiting) {
        self.0.push_back(waiting);
        if self.0.len() > MOST_WAITING {
            self.0.pop_front();
        }
    }

    /// Has an item wait no longer.
    pub(super) fn forget(&mut self, item: &ItemId) {
        self.0.retain(|waiting| waiting.item.id != *item);
    }

    pub(super) fn next(&mut self) -> Option<Waiting> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Waiting {
    /// Whether it names an address, and not a longer one that begins like it.
    pub(super) fn names(&self, url: &str) -> bool {
        names(&self.words, url)
    }
}

fn names(text: &str, url: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "-_".contains(c);
    let is_whole = |at: usize| !text.get(at + url.len()..).unwrap_or_default().starts_with(goes_on);
    !url.is_empty() && text.match_indices(url).any(|(at, _)| is_whole(at))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn an_address_is_named_whole() {
        let url = "https://pager.example/incidents/Q1";
        assert!(names("see https://pager.example/incidents/Q1.", url));
        assert!(names("(https://pager.example/incidents/Q1?x=1)", url));
        assert!(!names("see https://pager.example/incidents/Q12", url));
        assert!(!names("see pager.example/incidents/Q1", url));
        assert!(!names("nothing", ""));
    }
}
